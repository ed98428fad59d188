"""What the user decides about commands and tests: entry points, modules to import, lines to run."""

from packaging.utils import canonicalize_name

from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.modules.decision import Module, installed_modules
from conda_bridge.infer.modules.names import is_own
from conda_bridge.infer.overrides.lists import ListPlace, edited_list
from conda_bridge.infer.overrides.telling import unused
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.overrides import Item
from conda_bridge.model.project import EntryPoint

__all__ = ["runs_without_extras", "wanted_commands", "wanted_entry_points", "wanted_modules"]


def runs_without_extras(ctx: InferContext, point: EntryPoint) -> bool:
    """Tell whether a command needs no extra beside those that the user chose."""
    chosen = {item.text for item in ctx.overrides.extras or ()}
    return chosen.issuperset(map(canonicalize_name, point.extras))


def wanted_entry_points(ctx: InferContext, *, is_noarch: bool) -> Inferred[tuple[EntryPoint, ...]]:
    """Return the commands that the package installs.

    For platform packages pip creates what the source declares, so that nothing else can be wanted.
    """
    overrides, declared = ctx.overrides.entry_points, ctx.project.entry_points
    if not is_noarch:
        items = (*(overrides.whole or ()), *overrides.add, *overrides.remove)
        message = "pip creates the entry points of a package per platform"
        return Inferred(value=declared, diagnostics=tuple(unused(message, item.origin) for item in items))
    by_text = {f"{point.name} = {point.target}": point for point in declared}
    place = ListPlace(
        output=conda_name_of(ctx),
        section="build",
        prefix="entry_points",
        rule="entry-points",
        key=_command_name,
    )
    inferred = tuple(Item(text=text, origin=point.origin) for text, point in by_text.items())
    edited = edited_list(inferred, overrides, place)
    return edited.map(lambda items: tuple(by_text.get(item.text) or _entry_point(item) for item in items))


def wanted_modules(ctx: InferContext, *, is_noarch: bool) -> Inferred[tuple[Module, ...]]:
    """Return the modules to import.

    One that is there for commands which need an extra, beside the project's own, needs that extra as well.
    """
    modules = {module.name: module for module in installed_modules(ctx, is_noarch=is_noarch)}
    place = ListPlace(output=conda_name_of(ctx), section="tests", prefix="imports", rule="tests")
    of_extras = {name for name in modules if _serves_extras(ctx, name)}
    if of_extras == set(modules):
        of_extras = set()
    inferred = tuple(
        Item(text=module.name, origin=module.origin)
        for module in modules.values()
        if module.name not in of_extras
    )
    edited = edited_list(inferred, ctx.overrides.imports, place)
    return edited.map(lambda items: tuple(modules.get(item.text) or _module(item) for item in items))


def wanted_commands(ctx: InferContext, inferred: tuple[Item, ...]) -> Inferred[tuple[Item, ...]]:
    """Return the lines that the tests run."""
    place = ListPlace(output=conda_name_of(ctx), section="tests", prefix="script", rule="tests")
    return edited_list(inferred, ctx.overrides.commands, place)


def _serves_extras(ctx: InferContext, module: str) -> bool:
    """Tell whether commands start in a module, and all of those need extras that the tests' environment lacks."""
    started = tuple(
        point for point in ctx.project.entry_points if f"{point.module}.".startswith(f"{module}.")
    )
    return (
        bool(started)
        and not is_own(ctx, module)
        and not any(runs_without_extras(ctx, point) for point in started)
    )


def _module(item: Item) -> Module:
    return Module(name=item.text, origin=item.origin, is_declared=True)


def _entry_point(item: Item) -> EntryPoint:
    name, _, target = (part.strip() for part in item.text.partition("="))
    module, _, attribute = target.partition(":")
    return EntryPoint(name=name, module=module, attribute=attribute, origin=item.origin)


def _command_name(text: str) -> str:
    return text.partition("=")[0].strip()

"""What the user decides about commands and tests: entry points, modules to import, lines to run."""

from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.modules.decision import Module, installed_modules
from conda_bridge.infer.overrides.lists import ListPlace, edited_list
from conda_bridge.infer.overrides.telling import unused
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.overrides import Item
from conda_bridge.model.project import EntryPoint

__all__ = ["wanted_commands", "wanted_entry_points", "wanted_modules"]


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
    """Return the modules to import."""
    modules = {module.name: module for module in installed_modules(ctx, is_noarch=is_noarch)}
    place = ListPlace(output=conda_name_of(ctx), section="tests", prefix="imports", rule="tests")
    inferred = tuple(Item(text=module.name, origin=module.origin) for module in modules.values())
    edited = edited_list(inferred, ctx.overrides.imports, place)
    return edited.map(lambda items: tuple(modules.get(item.text) or _module(item) for item in items))


def wanted_commands(ctx: InferContext, inferred: tuple[Item, ...]) -> Inferred[tuple[Item, ...]]:
    """Return the lines that the tests run."""
    place = ListPlace(output=conda_name_of(ctx), section="tests", prefix="script", rule="tests")
    return edited_list(inferred, ctx.overrides.commands, place)


def _module(item: Item) -> Module:
    return Module(name=item.text, origin=item.origin, is_declared=True)


def _entry_point(item: Item) -> EntryPoint:
    name, _, target = (part.strip() for part in item.text.partition("="))
    module, _, attribute = target.partition(":")
    return EntryPoint(name=name, module=module, attribute=attribute, origin=item.origin)


def _command_name(text: str) -> str:
    return text.partition("=")[0].strip()

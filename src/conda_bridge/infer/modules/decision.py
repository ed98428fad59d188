"""Which modules the package installs, found in settings and the file list: never tests, never scripts of the repository."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from conda_bridge.infer.modules.compiled import (
    CompiledModule,
    PlacedPackage,
    compiled_modules,
    placed_packages,
)
from conda_bridge.infer.modules.files import (
    ROOTS,
    deep_packages,
    descend,
    has_code,
    is_folder,
    is_module,
    is_package,
    origin_of,
    root_of,
    top_names,
)
from conda_bridge.infer.modules.layout import Layout, declared_layouts
from conda_bridge.infer.modules.names import (
    can_be_imported,
    is_aside,
    is_named_in,
    is_own,
    is_private,
    looks_aside,
    resembles,
)
from conda_bridge.infer.modules.optional import goes_on_without_modules
from conda_bridge.infer.modules.records import is_built_by_cmake, is_recorded, recorded_modules
from conda_bridge.model.conversion import InferContext

__all__ = ["Module", "installed_modules"]

_MANY = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One importable module."""

    name: str
    origin: str
    """The file or setting that shows it."""
    is_declared: bool
    """True where the project's own settings name it; False where the layout suggests it."""


@dataclass(frozen=True, kw_only=True)
class _Source:
    """What the candidates are looked for in."""

    ctx: InferContext
    is_noarch: bool

    @cached_property
    def compiled(self) -> tuple[CompiledModule, ...]:
        """The extension modules that every build has."""
        return tuple(module for module in compiled_modules(self.ctx) if module.is_everywhere)

    @cached_property
    def placed(self) -> tuple[PlacedPackage, ...]:
        """What CMake and Meson install; details only where there is nothing else."""
        placed = placed_packages(self.ctx)
        return tuple(one for one in placed if not is_private(one.name)) or placed


def installed_modules(ctx: InferContext, *, is_noarch: bool) -> tuple[Module, ...]:
    """Return the top modules to import; parts of a namespace instead of the namespace itself.

    A package imports its extension modules itself, so that they aren't named beside it; but where upstream's build
    goes on without them, only their own import shows that they are there.
    """
    source = _Source(ctx=ctx, is_noarch=is_noarch)
    tops = _top_modules(source)
    if is_noarch or not goes_on_without_modules(ctx):
        return tops
    inside = tuple(
        _of_compiled(module)
        for module in source.compiled
        if any(module.name.startswith(f"{top.name}.") for top in tops)
    )
    return (*tops, *inside)


def _of_compiled(module: CompiledModule) -> Module:
    return Module(name=module.name, origin=module.origin, is_declared=True)


def _top_modules(source: _Source) -> tuple[Module, ...]:
    ctx = source.ctx
    declared = tuple(known for known in ctx.project.import_names if can_be_imported(known.value))
    if declared:
        return tuple(Module(name=known.value, origin=known.origin, is_declared=True) for known in declared)
    for candidates in (
        _from_settings(source),
        _from_top_level(source),
        _from_listing(ctx),
        _from_build_files(source, is_alike=True),
        _from_own_layout(ctx),
        _from_build_files(source, is_alike=False),
        _from_layout(source),
        _from_deep_layout(source),
        _from_extensions(source),
    ):
        kept = _kept(ctx, candidates)
        if kept:
            return kept
    return ()


def _kept(ctx: InferContext, candidates: Iterable[Module]) -> tuple[Module, ...]:
    """Leave out what only the repository needs; beside a module called like the project, also what may be so."""
    unique: dict[str, Module] = {}
    for candidate in candidates:
        unique.setdefault(candidate.name, candidate)
    found = tuple(m for m in unique.values() if can_be_imported(m.name))
    kept = tuple(m for m in found if is_own(ctx, m.name) or not is_aside(m.name))
    if any(is_own(ctx, m.name) or (resembles(ctx, m.name) and not looks_aside(m.name)) for m in kept):
        kept = tuple(m for m in kept if is_own(ctx, m.name) or not looks_aside(m.name))
    kept = kept or tuple(m for m in found if _serves(ctx, m.name))
    names = {m.name for m in kept}
    return tuple(m for m in kept if not any(m.name.startswith(f"{name}.") for name in names))


# ---------------------------------------------------------------- what settings and records say


def _from_settings(source: _Source) -> Iterator[Module]:
    ctx = source.ctx
    layouts = declared_layouts(ctx)
    for layout in layouts:
        for name in _names_of(ctx, layout):
            found = tuple(descend(ctx.facts, layout.root, name))
            for module in found or ((name,) if layout.is_compiled else ()):
                yield Module(name=module, origin=layout.origin, is_declared=True)
    if layouts and all(layout.is_modules_only for layout in layouts):
        # Single files beside packages that are searched for.
        yield from tuple(_from_top_level(source)) or _from_own_layout(ctx)


def _names_of(ctx: InferContext, layout: Layout) -> tuple[str, ...]:
    if layout.names:
        return layout.names
    below = tuple(top_names(ctx.facts, layout.root))
    return tuple(name for name in below if not is_private(name)) or below


def _from_top_level(source: _Source) -> Iterator[Module]:
    for name, path in recorded_modules(source.ctx, source.compiled):
        yield Module(name=name, origin=path, is_declared=True)


def _from_listing(ctx: InferContext) -> Iterator[Module]:
    """A listed package whose files lie in a folder of another name (`package_dir`) is importable all the same."""
    listed = tuple(known for known in ctx.project.top_levels if not is_private(known.value))
    if any(
        is_module(ctx.facts, root, n.value) or is_folder(ctx.facts, root, n.value)
        for n in listed
        for root in ROOTS
    ):
        return
    for known in listed:
        yield Module(name=known.value, origin=known.origin, is_declared=True)


def _from_build_files(source: _Source, *, is_alike: bool) -> Iterator[Module]:
    """CMake and Meson install packages whose Python files lie anywhere: what they install says what it is called."""
    ctx = source.ctx
    if is_alike and not any(resembles(ctx, one.name) for one in source.placed):
        return
    for one in source.placed:
        top = one.name.partition(".")[0]
        root = root_of(ctx.facts, "", top)
        found = descend(ctx.facts, root, top) if is_package(ctx.facts, root, top) else (one.name,)
        for name in found:
            yield Module(name=name, origin=one.origin, is_declared=True)


def _from_extensions(source: _Source) -> Iterator[Module]:
    """A project may be nothing but extension modules."""
    ctx = source.ctx
    are_targets = is_built_by_cmake(ctx.facts)
    found = tuple(m for m in source.compiled if is_named_in(ctx, m.name) or not are_targets)
    public = tuple(module for module in found if not is_private(module.name))
    for module in (public or found)[:_MANY]:
        yield _of_compiled(module)


# ---------------------------------------------------------------- what the layout suggests


def _from_own_layout(ctx: InferContext) -> Iterator[Module]:
    """A module that is called like the project wins, wherever it lies."""
    for root in ROOTS:
        own = tuple(name for name in top_names(ctx.facts, root) if is_own(ctx, name))
        if own:
            yield from _modules_below(ctx, root, own)
            return


def _from_layout(source: _Source) -> Iterator[Module]:
    """Else the first root with modules; beside native code, or a build of its own, what is likely to be installed."""
    ctx = source.ctx
    if is_recorded(ctx.facts):
        return
    is_strict = not source.is_noarch or bool(ctx.project.build_system.backend_path)
    for root in ROOTS:
        names = tuple(top_names(ctx.facts, root))
        likely = tuple(name for name in names if _is_likely(ctx, root, name))
        if likely and is_strict:
            # Below `src` a folder without code of its own is a namespace; at the top it may be anything.
            is_whole = has_code if root else is_package
            packages = tuple(
                name for name in likely if is_whole(ctx.facts, root, name) and not looks_aside(name)
            )
            likely = tuple(name for name in likely if resembles(ctx, name)) or packages
            likely = likely if len(likely) == 1 or resembles(ctx, "".join(likely[:1])) else ()
        if likely:
            yield from _modules_below(ctx, root, likely)
            return


def _is_likely(ctx: InferContext, root: str, name: str) -> bool:
    if is_aside(name) or (not root and name in ROOTS):
        return False
    folders = ctx.project.build_system.backend_path
    # A backend of the source's own is no part of what it builds, unless it builds itself.
    backend = ctx.project.build_system.backend.partition(":")[0].partition(".")[0]
    is_backend = bool(folders) and (name == backend or f"{root}/{name}".lstrip("/") in folders)
    return not is_backend or resembles(ctx, name)


def _from_deep_layout(source: _Source) -> Iterator[Module]:
    """Beside native code the package may lie anywhere: `bindings/python/demo`."""
    ctx = source.ctx
    packages = () if source.is_noarch or is_recorded(ctx.facts) else deep_packages(ctx.facts)
    found = [(root, name) for root, name in packages if resembles(ctx, name)]
    if len({name for _, name in found}) == 1:
        root, name = found[0]
        yield Module(name=name, origin=origin_of(ctx.facts, root, name), is_declared=False)


def _modules_below(ctx: InferContext, root: str, names: tuple[str, ...]) -> Iterator[Module]:
    for name in names:
        for module in descend(ctx.facts, root, name):
            yield Module(name=module, origin=origin_of(ctx.facts, root, module), is_declared=False)


def _serves(ctx: InferContext, module: str) -> bool:
    """A module with a suspicious name counts where a command of the project lives in it."""
    homes: Iterable[str] = (point.module for point in ctx.project.entry_points)
    return any(home == module or home.startswith(f"{module}.") for home in homes)

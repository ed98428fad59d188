"""What a backend's own settings say of where packages lie and what they are called."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from conda_bridge.infer.backend import backend_row
from conda_bridge.infer.pyproject import dig, parsed, strings, tool_table
from conda_bridge.model.conversion import InferContext

__all__ = ["Layout", "declared_layouts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Packages below one root."""

    root: str
    """Relative to the source's top folder; empty for the top itself."""
    names: tuple[str, ...] = ()
    """Dotted modules; empty means every package below the root."""
    origin: str
    is_compiled: bool = False
    """True where the module may have no Python file of its own."""
    is_modules_only: bool = False
    """True where single files are listed, and packages are searched for."""


def declared_layouts(ctx: InferContext) -> tuple[Layout, ...]:
    """Return what the settings of the project's backend declare; empty where they are silent."""
    row = backend_row(ctx.project, ctx.toolchains)
    reader = _READERS.get(row.key) if row is not None else _wrapped(ctx)
    return tuple(reader(ctx)) if reader else ()


def _wrapped(ctx: InferContext) -> Callable[[InferContext], Iterator[Layout]] | None:
    """A backend of the source's own hands on to one that it requires, and whose table is there."""
    if not ctx.project.build_system.backend_path:
        return None
    tables = tool_table(ctx.facts)
    required = {declared.pypi_name for declared in ctx.project.build_system.requires}
    return next(
        (reader for key, reader in _READERS.items() if key in required and _TABLES.get(key) in tables), None
    )


def _setuptools(ctx: InferContext) -> Iterator[Layout]:
    table = tool_table(ctx.facts, "setuptools")
    origin = "pyproject.toml#/tool/setuptools"
    root = _package_dir(dig(table, "package-dir"))
    packages = dig(table, "packages")
    modules = strings(dig(table, "py-modules"))
    if isinstance(packages, list):
        yield Layout(root=root, names=_tops(strings(packages)), origin=f"{origin}/packages")
    if modules:
        tops = _tops(tuple(dict.fromkeys(name.removesuffix(".__init__") for name in modules)))
        is_only = not isinstance(packages, list)
        yield Layout(root=root, names=tops, origin=f"{origin}/py-modules", is_modules_only=is_only)


def _package_dir(value: object) -> str:
    root = value.get("", "") if isinstance(value, dict) else ""
    return _clean(root) if isinstance(root, str) else ""


def _hatchling(ctx: InferContext) -> Iterator[Layout]:
    build = tool_table(ctx.facts, "hatch", "build")
    for where, table in (("build/targets/wheel", dig(build, "targets", "wheel")), ("build", build)):
        origin = f"pyproject.toml#/tool/hatch/{where}"
        paths = strings(dig(table, "packages")) or strings(dig(table, "only-include"))
        sources = _hatch_sources(dig(table, "sources"))
        for path in map(_clean, paths):
            if path in sources:
                # The folder itself is cut off, so that everything in it is installed at the top.
                yield Layout(root=path, origin=origin)
                continue
            root, _, name = path.rpartition("/")
            prefix = next((s for s in sources if path.startswith(f"{s}/")), None)
            if prefix is not None:
                root, name = prefix, path[len(prefix) + 1 :]
            if name.removesuffix(".py"):
                yield Layout(root=root, names=(name.removesuffix(".py").replace("/", "."),), origin=origin)
        if paths:
            return


def _hatch_sources(value: object) -> tuple[str, ...]:
    if isinstance(value, dict):
        return tuple(_clean(key) for key, target in value.items() if not target)
    return tuple(map(_clean, strings(value)))


def _flit(ctx: InferContext) -> Iterator[Layout]:
    for keys in (("flit", "module"), ("flit", "metadata")):
        table = tool_table(ctx.facts, *keys)
        name = dig(table, "name") or dig(table, "module")
        if isinstance(name, str):
            yield from _named(ctx, name, f"pyproject.toml#/tool/{'/'.join(keys)}")
            return
    yield from _named(ctx, _module_name(ctx), ctx.project.pypi_name.origin)


def _poetry(ctx: InferContext) -> Iterator[Layout]:
    packages = dig(tool_table(ctx.facts, "poetry"), "packages")
    for index, entry in enumerate(packages if isinstance(packages, list) else ()):
        include, base, target = (dig(entry, key) for key in ("include", "from", "to"))
        if not isinstance(include, str) or isinstance(target, str):
            continue
        name = _clean(include).split("*")[0].strip("/").removesuffix(".py").replace("/", ".")
        if name:
            origin = f"pyproject.toml#/tool/poetry/packages/{index}"
            yield Layout(root=_clean(base) if isinstance(base, str) else "", names=(name,), origin=origin)
    if not packages:
        yield from _named(ctx, _module_name(ctx), ctx.project.pypi_name.origin)


def _uv(ctx: InferContext) -> Iterator[Layout]:
    table: dict[str, Any] = tool_table(ctx.facts, "uv", "build-backend")
    origin = "pyproject.toml#/tool/uv/build-backend"
    root = dig(table, "module-root")
    names = strings(dig(table, "module-name")) or (_module_name(ctx),)
    yield Layout(root=_clean(root) if isinstance(root, str) else "src", names=names, origin=origin)


def _pdm(ctx: InferContext) -> Iterator[Layout]:
    table = tool_table(ctx.facts, "pdm", "build")
    setting = dig(table, "package-dir")
    root = _clean(setting) if isinstance(setting, str) else ""
    for path in map(_clean, strings(dig(table, "includes"))):
        base, _, name = path.rpartition("/")
        if name and "*" not in path and path not in {root, "src"}:
            stem = name.removesuffix(".py")
            yield Layout(root=base, names=(stem,), origin="pyproject.toml#/tool/pdm/build/includes")
    if root:
        yield Layout(root=root, origin="pyproject.toml#/tool/pdm/build/package-dir")


def _maturin(ctx: InferContext) -> Iterator[Layout]:
    """The module's name is maturin's setting, else the library's or the crate's name in Cargo.toml.

    Source: maturin user guide, project layout.
    """
    table = tool_table(ctx.facts, "maturin")
    is_program = table.get("bindings") == "bin"
    root = dig(table, "python-source")
    name = dig(table, "module-name")
    origin = "pyproject.toml#/tool/maturin"
    if not isinstance(name, str):
        manifest = dig(table, "manifest-path")
        origin = _clean(manifest) if isinstance(manifest, str) else "Cargo.toml"
        name = _crate_name(ctx.facts.text(origin) or "")
    base = _clean(root) if isinstance(root, str) else ""
    packages = strings(dig(table, "python-packages"))
    if packages:
        yield Layout(root=base, names=packages, origin="pyproject.toml#/tool/maturin/python-packages")
    if name and not is_program:
        yield Layout(root=base, names=(name.partition(".")[0],), origin=origin, is_compiled=True)


def _crate_name(manifest: str) -> str:
    try:
        cargo = parsed(manifest)
    except (ValueError, RecursionError):
        return ""
    name = dig(cargo, "lib", "name") or dig(cargo, "package", "name")
    return name.replace("-", "_") if isinstance(name, str) else ""


def _scikit_build(ctx: InferContext) -> Iterator[Layout]:
    packages = dig(tool_table(ctx.facts, "scikit-build"), "wheel", "packages")
    origin = "pyproject.toml#/tool/scikit-build/wheel/packages"
    listed = {path.rpartition("/")[2]: path for path in map(_clean, strings(packages))}
    if isinstance(packages, dict):
        # From where a package is installed to where it lies.
        listed = {_clean(name): _clean(path) for name, path in packages.items() if isinstance(path, str)}
    for target, path in listed.items():
        name = target.replace("/", ".")
        root = path.removesuffix(target).rstrip("/")
        is_moved = path != target and not path.endswith(f"/{target}")
        if "." not in target:
            yield Layout(root="" if is_moved else root, names=(name,), origin=origin, is_compiled=is_moved)


def _py_build_cmake(ctx: InferContext) -> Iterator[Layout]:
    """Source: py-build-cmake, config options, module."""
    table = dig(tool_table(ctx.facts, "py-build-cmake"), "module")
    name, folder = dig(table, "name"), dig(table, "directory")
    if isinstance(name, str):
        root = _clean(folder) if isinstance(folder, str) else ""
        origin = "pyproject.toml#/tool/py-build-cmake/module/name"
        yield Layout(root=root, names=(name,), origin=origin)


def _named(ctx: InferContext, name: str, origin: str) -> Iterator[Layout]:
    """A module by name lies below `src` or at the top, as a package or a single file."""
    stem = name.replace(".", "/")
    for root in ("src", ""):
        base = f"{root}/{stem}" if root else stem
        if any(path == f"{base}.py" or path.startswith(f"{base}/") for path in ctx.facts.paths):
            yield Layout(root=root, names=(name,), origin=origin)
            return


def _module_name(ctx: InferContext) -> str:
    return ctx.project.display_name.replace("-", "_")


def _tops(names: tuple[str, ...]) -> tuple[str, ...]:
    """Keep the packages whose parents aren't listed themselves."""
    listed = frozenset(names)
    return tuple(
        name for name in names if not any(name.startswith(f"{other}.") for other in listed if other != name)
    )


def _clean(path: str) -> str:
    cleaned = path.removeprefix("./").strip("/")
    return "" if cleaned == "." else cleaned


_READERS: dict[str, Callable[[InferContext], Iterator[Layout]]] = {
    "setuptools": _setuptools,
    "hatchling": _hatchling,
    "flit-core": _flit,
    "flit": _flit,
    "flit-scm": _flit,
    "poetry-core": _poetry,
    "poetry": _poetry,
    "poetry-dynamic-versioning": _poetry,
    "uv-build": _uv,
    "pdm-backend": _pdm,
    "pdm-pep517": _pdm,
    "maturin": _maturin,
    "scikit-build-core": _scikit_build,
    "py-build-cmake": _py_build_cmake,
}
_TABLES = {
    "setuptools": "setuptools",
    "hatchling": "hatch",
    "flit-core": "flit",
    "poetry-core": "poetry",
    "pdm-backend": "pdm",
    "maturin": "maturin",
    "scikit-build-core": "scikit-build",
    "py-build-cmake": "py-build-cmake",
}
"""The table below `tool` of each backend that another may wrap."""

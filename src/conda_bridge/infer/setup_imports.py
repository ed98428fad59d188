"""What the code of a build uses of Python projects that nothing declares -> build requirements.

The imports of a setup.py count where the source declares no build requirements; one that the code can do without only
where it does the better build: Cython beside its own sources. A backend in the source itself says in a hook what it
requires, or imports it. Headers of numpy count wherever they are used, and Cython where it has yet to write the C of a
module that is built.
"""

import ast
from collections.abc import Iterator

from packaging.requirements import Requirement

from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.infer.scan.aside import is_vendored_or_test, own_folders
from conda_bridge.model.project import Declared, Project
from conda_bridge.model.source import SourceFacts
from conda_bridge.model.toolchain import ToolchainTable

__all__ = ["header_requirements", "imported_requirements", "is_import_optional"]

_SETUP = "setup.py"
_COMPILES_TREE = "cython"
_WRITTEN = (".c", ".cpp", ".cc", ".cxx")
_FAILURES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def imported_requirements(
    facts: SourceFacts, project: Project, toolchains: ToolchainTable
) -> tuple[Declared, ...]:
    """Return the projects that a backend in the tree requires, and those that setup.py imports.

    Where a `[build-system]` table says what is required, the imports of setup.py say nothing.
    """
    known = dict(toolchains.imports)
    required = {declared.pypi_name for declared in project.build_system.requires}
    found = _of_own_backend(facts, project, toolchains)
    text = None if project.build_system.is_declared else facts.text(_SETUP)
    tree = parse(text) if text is not None else None
    if tree is None:
        return tuple(found.values())
    for module, line, is_optional in _imports(tree, is_optional=False):
        name = known.get(module)
        if name is None or name in required or name == project.pypi_name.value or _is_local(facts, module):
            continue
        if not is_optional or (name == _COMPILES_TREE and _has_cython_sources(facts, project)):
            found.setdefault(name, Declared(requirement=Requirement(name), origin=f"{_SETUP}:{line}"))
    return tuple(found.values())


def is_import_optional(facts: SourceFacts, module: str) -> bool:
    """Tell whether setup.py goes on where it can't import a module; False where it doesn't try to."""
    text = facts.text(_SETUP)
    tree = parse(text) if text is not None and module in text else None
    if tree is None:
        return False
    found = [is_optional for name, _, is_optional in _imports(tree, is_optional=False) if name == module]
    return bool(found) and all(found)


def _of_own_backend(facts: SourceFacts, project: Project, toolchains: ToolchainTable) -> dict[str, Declared]:
    """Return what a backend in the tree asks for: by its hook, else by what it imports to compile."""
    folders = tuple(f"{folder.strip('./')}/".lstrip("/") for folder in project.build_system.backend_path)
    signals = [signal for signal in facts.signals if folders and signal.path.startswith(folders)]
    taken = {declared.pypi_name for declared in project.build_system.requires} | {project.pypi_name.value}
    modules = dict(toolchains.imports)
    found: dict[str, Declared] = {}
    for signal in signals:
        if signal.kind == "build-requirement":
            declared = Declared(requirement=Requirement(signal.token), origin=f"{signal.path}:{signal.line}")
            name = declared.pypi_name
            if name not in taken and (toolchains.plugin_of(name) or toolchains.tool_of(name)):
                found.setdefault(signal.token, declared)
    taken |= {declared.pypi_name for declared in found.values()}
    for signal in signals:
        imported = modules.get(signal.token) if signal.kind == "backend-import" else None
        row = toolchains.plugin_of(imported) if imported is not None else None
        if (
            row is not None
            and row.compilers
            and row.pypi_name not in taken
            and _has_cython_sources(facts, project)
        ):
            origin = f"{signal.path}:{signal.line}"
            found.setdefault(row.pypi_name, Declared(requirement=Requirement(row.pypi_name), origin=origin))
    return found


def header_requirements(
    facts: SourceFacts, project: Project, toolchains: ToolchainTable
) -> tuple[Declared, ...]:
    """Return what sources and build files use and nothing requires: numpy for its headers, Cython for its modules."""
    return (*_of_headers(facts, project, toolchains), *_of_cython(facts, project, toolchains))


def _of_cython(facts: SourceFacts, project: Project, toolchains: ToolchainTable) -> Iterator[Declared]:
    """Yield Cython where a module is to be built from its source, and what Cython writes isn't shipped."""
    own = own_folders(facts.paths, project.pypi_name.value.replace("-", "_"))
    row = toolchains.backend_of(project.build_system.backend)
    waiting = {
        path
        for path in facts.paths
        if path.endswith(".pyx")
        and not is_vendored_or_test(path, own=own)
        and not any(facts.has(f"{path.removesuffix('.pyx')}{suffix}") for suffix in _WRITTEN)
    }
    if not waiting or (row is not None and "rust" in row.compilers):
        return
    listed = [
        signal
        for signal in facts.signals
        if signal.kind == "extension-source" and not is_vendored_or_test(signal.path, own=own)
    ]
    places = [f"{s.path}:{s.line}" for s in listed if s.token in waiting]
    is_vague = not listed or any(mark in signal.token for signal in listed for mark in "?*[")
    # Where setup.py can do without Cython, it builds what else there is.
    is_optional = is_import_optional(facts, "Cython") and any(
        facts.has(s.token) and s.token not in waiting for s in listed
    )
    if (places or is_vague) and not is_optional:
        origin = places[0] if places else min(waiting)
        yield Declared(requirement=Requirement(_COMPILES_TREE), origin=origin)


def _of_headers(facts: SourceFacts, project: Project, toolchains: ToolchainTable) -> tuple[Declared, ...]:
    required = {declared.pypi_name for declared in project.build_system.requires}
    required |= {toolchains.abi_of(name) or name for name in required}
    own = own_folders(facts.paths, project.pypi_name.value.replace("-", "_"))
    for signal in facts.signals:
        if signal.kind != "numpy-headers" or is_vendored_or_test(signal.path, own=own):
            continue
        if signal.token in required or signal.token == project.pypi_name.value:
            continue
        place = f"{signal.path}:{signal.line}" if signal.line else signal.path
        return (Declared(requirement=Requirement(signal.token), origin=place),)
    return ()


def _imports(node: ast.AST, *, is_optional: bool) -> Iterator[tuple[str, int, bool]]:
    """Yield (top-level module, line, whether the code goes on without it), in the order of the text."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names, lineno=line):
                yield from ((one.name.partition(".")[0], line, is_optional) for one in names)
            case ast.ImportFrom(module=str(module), level=0, lineno=line):
                yield module.partition(".")[0], line, is_optional
            case ast.Try(handlers=handlers) if any(map(_catches_failure, handlers)):
                yield from _imports(child, is_optional=True)
            case ast.stmt() | ast.ExceptHandler():
                yield from _imports(child, is_optional=is_optional)
            case _:
                pass


def _catches_failure(handler: ast.ExceptHandler) -> bool:
    """Tell whether a failed import is caught and the code goes on; one that is told and raised again isn't."""
    if any(isinstance(node, ast.Raise) for node in ast.walk(handler)):
        return False
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(one is None or (isinstance(one, ast.Name) and one.id in _FAILURES) for one in caught)


def _is_local(facts: SourceFacts, module: str) -> bool:
    return facts.has(f"{module}.py") or facts.has(f"{module}/__init__.py")


def _has_cython_sources(facts: SourceFacts, project: Project) -> bool:
    own = own_folders(facts.paths, project.pypi_name.value.replace("-", "_"))
    return any(path.endswith(".pyx") and not is_vendored_or_test(path, own=own) for path in facts.paths)

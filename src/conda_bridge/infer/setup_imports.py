"""What the code of a build uses of Python projects that nothing declares -> build requirements.

The imports of a setup.py count where the source declares no build requirements; one that the code can do without only
where it does the better build: Cython beside its own sources. Headers of numpy count wherever they are used.
"""

import ast
from collections.abc import Iterator

from packaging.requirements import Requirement

from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.infer.scan.aside import is_vendored_or_test, own_folders
from conda_bridge.model.project import Declared, Project
from conda_bridge.model.source import SourceFacts
from conda_bridge.model.toolchain import ToolchainTable

__all__ = ["header_requirements", "imported_requirements"]

_SETUP = "setup.py"
_COMPILES_TREE = "cython"
_FAILURES = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def imported_requirements(
    facts: SourceFacts, project: Project, toolchains: ToolchainTable
) -> tuple[Declared, ...]:
    """Return the projects that setup.py imports; empty where a `[build-system]` table says what is required."""
    text = None if project.build_system.is_declared else facts.text(_SETUP)
    tree = parse(text) if text is not None else None
    if tree is None:
        return ()
    known = dict(toolchains.imports)
    required = {declared.pypi_name for declared in project.build_system.requires}
    found: dict[str, Declared] = {}
    for module, line, is_optional in _imports(tree, is_optional=False):
        name = known.get(module)
        if name is None or name in required or name == project.pypi_name.value or _is_local(facts, module):
            continue
        if not is_optional or (name == _COMPILES_TREE and _has_cython_sources(facts, project)):
            found.setdefault(name, Declared(requirement=Requirement(name), origin=f"{_SETUP}:{line}"))
    return tuple(found.values())


def header_requirements(
    facts: SourceFacts, project: Project, toolchains: ToolchainTable
) -> tuple[Declared, ...]:
    """Return numpy where the project's own sources or build files use its headers and nothing requires it."""
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

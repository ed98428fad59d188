"""Build backends that lie in the source itself -> what they require beside what pyproject.toml declares.

A module is such a backend by the hooks that it defines. Source: PEP 517, in-tree build backends and
get_requires_for_build_wheel.
"""

import ast
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement

from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.infer.scan.python_survey import Survey, survey
from conda_bridge.model.source import Signal

__all__ = ["scan_build_backend"]

_HOOK = "get_requires_for_build_wheel"
_MAX_TEXT = 200


def scan_build_backend(path: str, text: str) -> tuple[Signal, ...]:
    """Return what a module's hook asks for, and the modules that its code imports, but for what is off unless asked for."""
    tree = parse(text)
    if tree is None:
        return ()
    known = survey(tree)
    imports = (("backend-import", name.partition(".")[0], line) for name, line in known.imports)
    unique = {(kind, token): line for kind, token, line in reversed([*_requirements(known), *imports])}
    return tuple(
        Signal(kind=kind, token=token, path=path, line=line)
        for (kind, token), line in sorted(unique.items(), key=lambda item: item[1])
    )


def _requirements(known: Survey) -> Iterator[tuple[str, str, int]]:
    """Yield the requirements in lists of the hook's body."""
    for node, place in known.sites:
        if place.scope != _HOOK or place.where.switch:
            continue
        for element in node.elts if isinstance(node, ast.List | ast.Tuple) else ():
            if isinstance(element, ast.Constant) and isinstance(element.value, str):
                try:
                    requirement = Requirement(element.value[:_MAX_TEXT])
                except InvalidRequirement:
                    continue
                yield "build-requirement", str(requirement), element.lineno

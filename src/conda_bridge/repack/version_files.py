"""Two modules that hold a version -> whether they say the same version and differ only in what a tool adds to it.

setuptools-scm, hatch-vcs and their like write such modules anew in each build. What they write besides the version, such
as the commit, is known only where there is a repository, and how they write it changes with their own versions.
"""

import ast
import re

__all__ = ["same_version_file"]

_VERSIONS = frozenset({"version", "__version__", "version_tuple", "__version_tuple__"})
_OF_REPOSITORIES = re.compile(r"(.*_)?(commit|commit_id|revision|branch|dirty|git_hash|date)(_.*)?", re.ASCII)
_MAX_CHARACTERS = 20_000
_NO_VALUE = object()


def same_version_file(left: str, right: str) -> bool:
    """Tell whether both hold one version and nothing that could be code of the project."""
    if max(len(left), len(right)) > _MAX_CHARACTERS:
        return False
    ours, theirs = _constants(left), _constants(right)
    if ours is None or theirs is None or not _VERSIONS & ours.keys() & theirs.keys():
        return False
    odd = {
        name
        for name in ours.keys() | theirs.keys()
        if ours.get(name, _NO_VALUE) != theirs.get(name, _NO_VALUE)
    }
    values = {*map(repr, ours.values()), *map(repr, theirs.values())}
    shared = {repr(ours[name]) for name in _VERSIONS & ours.keys()} & values
    return all(_is_harmless(name, ours, theirs, shared) for name in odd)


def _is_harmless(name: str, ours: dict[str, object], theirs: dict[str, object], shared: set[str]) -> bool:
    if _OF_REPOSITORIES.fullmatch(name.strip("_")) or name == "__all__":
        return True
    # Another spelling of a version that both have.
    has_both = name in ours and name in theirs
    return name in _VERSIONS and not has_both and repr(ours.get(name, theirs.get(name))) in shared


def _constants(text: str) -> dict[str, object] | None:
    """Return the names that a module binds to literals; None where it does anything else."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found: dict[str, object] = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if not isinstance(target, ast.Name) or not _add(found, target.id, value):
                        return None
            case ast.AnnAssign(target=ast.Name(id=name), value=value):
                if value is not None and not _add(found, name, value):
                    return None
            case ast.Expr(value=ast.Constant(value=str())) | ast.ImportFrom(module="__future__" | "typing"):
                continue
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body, orelse=other) if _is_typing(
                body, other
            ):
                continue
            case _:
                return None
    found.pop("TYPE_CHECKING", None)
    return found


def _is_typing(body: list[ast.stmt], other: list[ast.stmt]) -> bool:
    """Tell whether the two ways of `if TYPE_CHECKING` do nothing but name types."""
    imports = (ast.ImportFrom, ast.Import, ast.Assign)
    return all(isinstance(one, imports) for one in body) and all(
        isinstance(one, ast.Assign) and isinstance(one.value, ast.Name) for one in other
    )


def _add(found: dict[str, object], name: str, value: ast.expr) -> bool:
    if name.isupper() and not isinstance(value, ast.Constant):
        # `VERSION_TUPLE = Tuple[Union[int, str], ...]`, a type.
        return isinstance(value, ast.Subscript | ast.Name)
    try:
        found[name] = ast.literal_eval(value)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return False
    return True

"""A module that a tool wrote in a build -> whether it says nothing but the version, and where it was taken from.

setuptools-scm, hatch-vcs, hatchling, pdm and versioneer write such modules anew in each build. What they write besides
the version, such as the commit, is known only where there is a repository, and how they write it changes with their own
versions. Everything that could run is the same on both sides, or isn't there.

Source: setuptools-scm, `version_file`; hatch-vcs, build hook `vcs`; hatchling, build hook `version`; pdm-backend, `write_to`.
"""

import ast
import json
import re
from dataclasses import dataclass, field

from packaging.version import Version

from conda_bridge.repack.comparing.generated_texts import is_read_as_it_stands
from conda_bridge.translate.untrusted import version_of

__all__ = ["is_version_file", "same_version_file"]

_VERSIONS = frozenset({"version", "__version__", "VERSION"})
_TUPLES = frozenset({"version_tuple", "__version_tuple__"})
_COMMITS = frozenset({"commit_id", "__commit_id__"})
_NAMES = _VERSIONS | _TUPLES | _COMMITS
_JSON = "version_json"
_JSON_KEYS = frozenset({"date", "dirty", "error", "full-revisionid", "version"})
_COMMIT = re.compile(r"[a-z]?[0-9a-f]{7,64}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:?\d\d|Z)?", re.ASCII)
_TYPES = frozenset({"str", "int", "object", "tuple"})
"""Of builtins: an annotation that names another one, or calls one, is code."""
_TYPE_NAMES = frozenset({"VERSION_TUPLE", "COMMIT_ID"})
_MAX_CHARACTERS = 20_000


@dataclass(kw_only=True)
class _Module:
    """What is in a module, told apart by whether it may differ."""

    version: Version
    names: set[str] = field(default_factory=set)
    """That are bound to the version."""
    spellings: set[str] = field(default_factory=set)
    """How the version is written: what reads it may compare texts."""
    tuples: set[str] = field(default_factory=set)
    """The same of its parts."""
    rest: list[str] = field(default_factory=list)
    """What may not differ, in its order."""
    statements: list[str] = field(default_factory=list)
    """All of them but texts, in their order, each of a value by the names that it binds."""
    types: set[str] = field(default_factory=set)
    """Names that are bound to `object`, for annotations."""
    is_never_typing: bool = False
    """Whether `TYPE_CHECKING` was just set to False, with nothing behind it that could set it again."""

    def add(self, statement: ast.stmt) -> None:
        if self._is_form(statement):
            if not isinstance(statement, ast.Expr):
                self.statements.append(ast.dump(statement))
            return
        is_value = self._is_value(statement)
        self.statements.append(_names_of(statement) if is_value else ast.dump(statement))
        if _is_binding_of(statement, "TYPE_CHECKING", ast.Constant(value=False)):
            self.is_never_typing = True
        elif not is_value:
            self.is_never_typing = False
            self.rest.append(ast.dump(statement))

    def _is_form(self, statement: ast.stmt) -> bool:
        """Tell whether a statement does nothing when it is run."""
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                return True
            case ast.ImportFrom(module="__future__", names=[ast.alias(name="annotations", asname=None)]):
                return True
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=None) if name in _NAMES:
                return self._is_type(kind)
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body, orelse=other) if self.is_never_typing:
                return _are_types_named(body) and self._are_objects(other)
            case _:
                return False

    def _is_type(self, kind: ast.expr) -> bool:
        names = {node.id for node in ast.walk(kind) if isinstance(node, ast.Name)}
        allowed = (ast.Name, ast.Load, ast.Subscript, ast.Tuple, ast.BinOp, ast.BitOr, ast.Constant)
        return names <= _TYPES | self.types and all(isinstance(node, allowed) for node in ast.walk(kind))

    def _are_objects(self, statements: list[ast.stmt]) -> bool:
        for statement in statements:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id="object")) if (
                    name in _TYPE_NAMES
                ):
                    self.types.add(name)
                case _:
                    return False
        return True

    def _is_value(self, statement: ast.stmt) -> bool:
        """Tell whether a statement binds nothing but names of tools, to literals that are right."""
        match statement:
            case ast.Assign(targets=targets, value=value):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
                is_plain = len(names) == len(targets)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=ast.expr() as value):
                names, is_plain = [name], self._is_type(kind)
            case _:
                return False
        try:
            literal: object = ast.literal_eval(value) if is_plain else None
        except (ValueError, TypeError, RecursionError, MemoryError):
            return False
        is_right = is_plain and all(self._is_right(name, literal) for name in names)
        if is_right:
            self.names |= {name for name in names if name in _VERSIONS or name == _JSON}
        return is_right

    def _is_right(self, name: str, value: object) -> bool:
        if name in _VERSIONS:
            is_right = isinstance(value, str) and version_of(value) == self.version
            self.spellings |= {str(value)} if is_right else set()
            return is_right
        if name in _TUPLES:
            parts = value if isinstance(value, tuple) else ()
            is_plain = all(isinstance(part, int | str) for part in parts)
            is_right = is_plain and version_of(".".join(map(str, parts))) == self.version
            self.tuples |= {repr(parts)} if is_right else set()
            return is_right
        if name in _COMMITS:
            return _is_commit(value)
        if name == "__all__":
            return isinstance(value, list | tuple) and _NAMES.issuperset(map(str, value))
        return name == _JSON and isinstance(value, str) and self._is_right_json(value)

    def _is_right_json(self, text: str) -> bool:
        """Tell whether a text is what versioneer writes of a repository. Source: versioneer, `write_to_version_file`."""
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            return False
        if not isinstance(told, dict) or told.keys() - _JSON_KEYS or told.get("error") is not None:
            return False
        date = told.get("date")
        return (
            self._is_right("version", told.get("version"))
            and _is_commit(told.get("full-revisionid"))
            and told.get("dirty") in (None, True, False)
            and (date is None or (isinstance(date, str) and bool(_DATE.fullmatch(date))))
        )


def same_version_file(left: str, right: str, version: Version) -> bool:
    """Tell whether both hold this version, spelled alike, and differ in nothing that could be code of the project.

    Where there is other code, it may depend on all that stands before it.
    """
    ours, theirs = _module(left, version), _module(right, version)
    if ours is None or theirs is None or not _said(ours) & _said(theirs):
        return False
    if ours.spellings != theirs.spellings or (ours.tuples and theirs.tuples and ours.tuples != theirs.tuples):
        return False
    return not (ours.rest or theirs.rest) or ours.statements == theirs.statements


def is_version_file(text: str, version: Version) -> bool:
    """Tell whether a module holds this version and nothing else."""
    module = _module(text, version)
    return module is not None and bool(module.names) and not module.rest


def _said(module: _Module) -> set[str]:
    return {"version" if name in _VERSIONS else name for name in module.names}


def _module(text: str, version: Version) -> _Module | None:
    if len(text) > _MAX_CHARACTERS or not is_read_as_it_stands(text):
        return None
    try:
        tree = ast.parse(text)
        # What only the compiler refuses: an import of `__future__` that isn't the first statement.
        compile(tree, "module", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    module = _Module(version=version)
    for statement in tree.body:
        module.add(statement)
    return module


def _names_of(statement: ast.stmt) -> str:
    """Return the names that an assignment of a value binds, in their order."""
    match statement:
        case ast.Assign(targets=targets):
            return " = ".join(target.id for target in targets if isinstance(target, ast.Name))
        case _:
            return ast.dump(statement.target) if isinstance(statement, ast.AnnAssign) else ""


def _is_binding_of(statement: ast.stmt, name: str, value: ast.Constant) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Constant(value=bound)):
            return target == name and bound is value.value
        case _:
            return False


def _are_types_named(statements: list[ast.stmt]) -> bool:
    """Tell whether a block that never runs names types alone, as tools write it."""
    for statement in statements:
        match statement:
            case ast.ImportFrom(module="typing", level=0):
                continue
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _TYPE_NAMES:
                if any(isinstance(node, ast.Call) for node in ast.walk(value)):
                    return False
            case _:
                return False
    return True


def _is_commit(value: object) -> bool:
    return value is None or (isinstance(value, str) and bool(_COMMIT.fullmatch(value)))

"""The python that starts a wheel's program -> the variables that it sets to places in the wheel.

A program that is found by its launcher alone may be told there where its data lies. The launcher is read, never run:
what it sets to a path that is made of `__file__` and names is known, all else it says about the environment is about
the python that runs it. What it does on other systems isn't read, nor are functions that nobody calls.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from posixpath import dirname, join, normpath
from typing import TypeAlias

from conda_bridge.archives.wheel_archive import WheelMember
from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.model.condition import Target
from conda_bridge.model.project import EntryPoint

__all__ = ["LauncherSetting", "launcher_settings"]

_SAME = frozenset({"Path", "PurePath", "abspath", "fspath", "glob", "normpath", "realpath", "sorted", "str"})
_SAME_OF_OWN = frozenset({"absolute", "as_posix", "resolve"})
_QUOTABLE = re.compile(r"[A-Za-z0-9_.,+@/ -]+", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_RESERVED = re.compile(
    r"PATH|HOME|IFS|ENV|BASH_ENV|CDPATH|PWD|SHELL|TMPDIR|GCONV_PATH|LOCPATH|GLIBC_TUNABLES"
    r"|(?:LD_|DYLD_|PYTHON|CONDA_).*",
    re.ASCII,
)
"""What programs are run by, whatever they are: shells, the loader, python and conda act upon them."""
_STATEMENTS = ("body", "orelse", "finalbody", "handlers")
_ROOT = "/\0"
"""Stands for the folder that the wheel is unpacked into, so that no other path is taken for one of the wheel's."""
_POSIX = {"os.name": "posix", "os.sep": "/", "os.path.sep": "/"}
_SYSTEMS = {
    "linux": {"sys.platform": "linux", "platform.system": "Linux"},
    "osx": {"sys.platform": "darwin", "platform.system": "Darwin"},
}
_LONGEST = 4_096
"""Characters of a text; no path is longer."""
_OPERATORS: Mapping[type[ast.cmpop], Callable[[str, "str | tuple[str, ...]"], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LauncherSetting:
    """A variable of the program's environment."""

    variable: str
    path: str
    """In the prefix."""
    is_default: bool = False
    """True: what the user has set stays."""


def launcher_settings(
    modules: Sequence[WheelMember],
    files: Iterable[tuple[WheelMember, str]],
    *,
    commands: Iterable[EntryPoint],
    target: Target,
) -> tuple[LauncherSetting, ...]:
    """Return what the modules set to places of `files`, which are (member, path in the prefix), when commands run."""
    places = [(member.path, path) for member, path in files]
    read = [(module, parse(module.read().decode("utf-8", errors="replace"))) for module in modules]
    # A module for another python than ours: nothing is known of it.
    trees = [(module, tree) for module, tree in read if tree is not None]
    called = {name for point in commands for name in point.attribute.split(".")}
    called.update(name for _, tree in trees for name in _mentioned(tree))
    found: dict[str, LauncherSetting] = {}
    for module, tree in trees:
        for said in _said(module, tree, called, target):
            path = _placed(said.path, places)
            if path is not None and _QUOTABLE.fullmatch(path) and _is_free(said.variable):
                found[said.variable] = LauncherSetting(
                    variable=said.variable, path=path, is_default=said.is_default
                )
    return tuple(found[name] for name in sorted(found))


def _is_free(variable: str) -> bool:
    return bool(_VARIABLE.fullmatch(variable)) and not _RESERVED.fullmatch(variable)


def _placed(pattern: str, places: Iterable[tuple[str, str]]) -> str | None:
    """Return where in the prefix the first file or folder is that a pattern of the wheel's paths means."""
    if not pattern.startswith(f"{_ROOT}/"):
        return None
    pattern = pattern.removeprefix(f"{_ROOT}/")
    depth = pattern.count("/") + 1
    for member, path in places:
        start, rest = member.split("/")[:depth], member.split("/")[depth:]
        if fnmatchcase("/".join(start), pattern):
            tail = "/".join(("", *rest)) if rest else ""
            return path.removesuffix(tail) if path.endswith(tail) else None
    return None


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class _Named:
    """Something of the standard library, or a copy of it."""

    name: str


class _Word(str):
    """What a system is called. Of no other text is it known whether it is the same whenever it is compared."""

    __slots__ = ()


_Value: TypeAlias = str | bool | _Named | None
"""A path of the wheel, perhaps with wildcards, or other text; whether a condition holds; None is what isn't known."""
_ENVIRONMENT = _Named("os.environ")


@dataclass(slots=True)
class _Reader:
    """Follows one module from its first line to its last."""

    names: dict[str, _Value]
    words: Mapping[str, str]
    """What of the standard library has another value on each system."""
    called: frozenset[str]
    said: list[LauncherSetting] = field(default_factory=list)

    def read(self, statements: Iterable[ast.stmt | ast.excepthandler]) -> bool:
        """Follow the statements; return whether nothing that comes after them is reached."""
        for statement in statements:
            if isinstance(statement, ast.Return | ast.Raise):
                return True
            self._statement(statement)
            ends = [self.read(section) for section in self._sections(statement)]
            if isinstance(statement, ast.If) and len(ends) == 1 and ends[0]:
                return True
        return False

    def _sections(
        self, statement: ast.stmt | ast.excepthandler
    ) -> Sequence[Iterable[ast.stmt | ast.excepthandler]]:
        """Return what is reached of the statements inside another."""
        match statement:
            case ast.FunctionDef(name=name, decorator_list=[]) if not name.startswith("__"):
                return (statement.body,) if name in self.called else ()
            case ast.If():
                holds = self._truth(statement.test)
                if holds is not None:
                    return (statement.body if holds else statement.orelse,)
            case _:
                pass
        return [getattr(statement, section, ()) for section in _STATEMENTS]

    def _statement(self, statement: ast.stmt | ast.excepthandler) -> None:
        match statement:
            case (
                ast.Assign(targets=[target], value=node)
                | ast.AnnAssign(target=target, value=ast.expr() as node)
            ):
                self._assign(target, node)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=own, attr="setdefault"), args=[key, node])):
                self._set(own, key, node, is_default=True)
            case ast.Import(names=names):
                for one in names:
                    # `import a.b` binds `a`, `import a.b as c` the module itself.
                    name = one.name if one.asname else one.name.partition(".")[0]
                    self.names[one.asname or name] = _Named(name)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                self.names.update(
                    {one.asname or one.name: self._named(f"{module}.{one.name}") for one in names}
                )
            case _:
                pass

    def _assign(self, target: ast.expr, node: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self.names[name] = self._value(node)
            case ast.Subscript(value=own, slice=key):
                self._set(own, key, node)
            case _:
                pass

    def _set(self, own: ast.expr, key: ast.expr, node: ast.expr, *, is_default: bool = False) -> None:
        variable, value = self._value(key), self._value(node)
        is_ours = self._value(own) == _ENVIRONMENT
        if is_ours and isinstance(variable, str) and isinstance(value, str):
            self.said.append(LauncherSetting(variable=variable, path=normpath(value), is_default=is_default))

    def _value(self, node: ast.expr) -> _Value:
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.Name(id=name):
                return self.names.get(name)
            case ast.Attribute(value=own, attr=name):
                return self._attribute(own, name)
            case ast.BinOp(left=left, op=ast.Add() | ast.Div() as sign, right=right):
                return _joined(self._texts((left, right)), is_path=isinstance(sign, ast.Div))
            case ast.Subscript(value=own, slice=ast.Constant(value=int())):
                return self._value(own)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                return self._truth(node)
            case ast.Call():
                return self._call(node)
            case _:
                return None

    def _named(self, name: str) -> _Value:
        return _Word(self.words[name]) if name in self.words else _Named(name)

    def _attribute(self, own: ast.expr, name: str) -> _Value:
        value = self._value(own)
        if isinstance(value, _Named):
            return self._named(f"{value.name}.{name}")
        return dirname(value) if isinstance(value, str) and name == "parent" else None

    def _call(self, node: ast.Call) -> _Value:
        own = node.func.value if isinstance(node.func, ast.Attribute) else None
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        match name:
            case "copy" | "dict":
                source = own or next(iter(node.args), None)
                value = self._value(source) if source else None
                return value if isinstance(value, _Named) else None
            case "join" if not isinstance(own, ast.Constant):
                return _joined(self._texts(node.args))
            case "startswith":
                return self._truth(node)
            case "system":
                # It has no value but that of the call.
                word = self._value(node.func)
                return word if isinstance(word, _Word) else None
            case "joinpath" if own is not None:
                return _joined(self._texts((own, *node.args)))
            case "dirname":
                parts = self._texts(node.args[:1])
                return dirname(parts[0]) if parts else None
            case _:
                pass
        if name in _SAME and node.args:
            return self._value(node.args[0])
        return self._value(own) if name in _SAME_OF_OWN and own is not None else None

    def _texts(self, nodes: Iterable[ast.expr]) -> list[str] | None:
        values = [self._value(node) for node in nodes]
        texts = [value for value in values if isinstance(value, str)]
        return texts if values and len(texts) == len(values) else None

    # ------------------------------------------------------------ conditions

    def _truth(self, node: ast.expr) -> bool | None:
        """Return whether a condition holds on the system; None for what isn't about systems."""
        match node:
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _OPERATORS:
                return self._compared(left, _OPERATORS[type(sign)], right)
            case ast.Call(func=ast.Attribute(value=own, attr="startswith"), args=[start]):
                return self._compared(own, str.startswith, start)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                holds = self._truth(inner)
                return None if holds is None else not holds
            case ast.BoolOp(op=sign, values=inners):
                decisive = isinstance(sign, ast.Or)
                held = [self._truth(inner) for inner in inners]
                return decisive if decisive in held else None if None in held else not decisive
            case _:
                value = self._value(node) if isinstance(node, ast.Name) else None
                return value if isinstance(value, bool) else None

    def _compared(
        self, left: ast.expr, compare: Callable[[str, "str | tuple[str, ...]"], bool], right: ast.expr
    ) -> bool | None:
        value = self._value(left)
        if isinstance(right, ast.Tuple | ast.List | ast.Set):
            texts = self._texts(right.elts)
            other: _Value | tuple[str, ...] = None if texts is None else tuple(texts)
        else:
            other = self._value(right)
        if not isinstance(value, str) or not isinstance(other, str | tuple):
            return None
        is_known = isinstance(value, _Word) or isinstance(other, _Word)
        return compare(value, other) if is_known else None


def _joined(parts: list[str] | None, *, is_path: bool = True) -> str | None:
    if not parts:
        return None
    joined = join(*parts) if is_path else "".join(parts)
    return joined if len(joined) <= _LONGEST else None


def _mentioned(tree: ast.Module) -> Iterator[str]:
    """Return the names of what is used."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def _said(
    module: WheelMember, tree: ast.Module, called: Iterable[str], target: Target
) -> Iterator[LauncherSetting]:
    words = {**_POSIX, **_SYSTEMS.get(target.os, {})}
    reader = _Reader(names={"__file__": f"{_ROOT}/{module.path}"}, words=words, called=frozenset(called))
    try:
        reader.read(tree.body)
    except RecursionError:
        # A launcher is a few lines.
        return
    yield from reader.said

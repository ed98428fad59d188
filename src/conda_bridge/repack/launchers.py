"""The python that starts a wheel's program -> the variables that it sets to places in the wheel.

A program that is found by its launcher alone may be told there where its data lies. The launcher is read, never run:
what it sets to a path that is made of `__file__` and names is known, all else it says about the environment is about
the python that runs it.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from posixpath import dirname, join, normpath
from typing import TypeAlias

from conda_bridge.archives.wheel_archive import WheelMember
from conda_bridge.infer.project.evaluator.parsing import parse

__all__ = ["LauncherSetting", "launcher_settings"]

_SAME = frozenset({"Path", "PurePath", "abspath", "fspath", "glob", "normpath", "realpath", "sorted", "str"})
_SAME_OF_OWN = frozenset({"absolute", "as_posix", "resolve"})
_QUOTABLE = re.compile(r"[A-Za-z0-9_.,+@/ -]+", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_STATEMENTS = ("body", "orelse", "finalbody", "handlers")


@dataclass(frozen=True, slots=True, kw_only=True)
class LauncherSetting:
    """A variable of the program's environment."""

    variable: str
    path: str
    """In the prefix."""
    is_default: bool = False
    """True: what the user has set stays."""


def launcher_settings(
    modules: Iterable[WheelMember], files: Iterable[tuple[WheelMember, str]]
) -> tuple[LauncherSetting, ...]:
    """Return what the modules set to places of `files`, which are (member, path in the prefix)."""
    places = [(member.path, path) for member, path in files]
    found: dict[str, LauncherSetting] = {}
    for module in modules:
        for said in _said(module):
            path = _placed(said.path, places)
            if path is not None and _QUOTABLE.fullmatch(path) and _VARIABLE.fullmatch(said.variable):
                found[said.variable] = LauncherSetting(
                    variable=said.variable, path=path, is_default=said.is_default
                )
    return tuple(found[name] for name in sorted(found))


def _placed(pattern: str, places: Iterable[tuple[str, str]]) -> str | None:
    """Return where in the prefix the first file or folder is that a pattern of the wheel's paths means."""
    depth = pattern.count("/") + 1
    for member, path in places:
        start, rest = member.split("/")[:depth], member.split("/")[depth:]
        if fnmatchcase("/".join(start), pattern):
            tail = "/".join(("", *rest)) if rest else ""
            return path.removesuffix(tail) if path.endswith(tail) else None
    return None


# ---------------------------------------------------------------- reading


class _Environment:
    """The environment, or a copy of it."""


_Value: TypeAlias = str | _Environment | None
"""A path of the wheel, perhaps with wildcards, or other text; None is what isn't known."""


@dataclass(slots=True)
class _Reader:
    """Follows one module from its first line to its last."""

    names: dict[str, _Value]
    said: list[LauncherSetting] = field(default_factory=list)

    def read(self, statements: Iterable[ast.stmt | ast.excepthandler]) -> None:
        for statement in statements:
            self._statement(statement)
            for section in _STATEMENTS:
                self.read(getattr(statement, section, ()))

    def _statement(self, statement: ast.stmt | ast.excepthandler) -> None:
        match statement:
            case (
                ast.Assign(targets=[target], value=node)
                | ast.AnnAssign(target=target, value=ast.expr() as node)
            ):
                self._assign(target, node)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=own, attr="setdefault"), args=[key, node])):
                self._set(own, key, node, is_default=True)
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
        is_ours = isinstance(self._value(own), _Environment)
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
            case ast.Call():
                return self._call(node)
            case _:
                return None

    def _attribute(self, own: ast.expr, name: str) -> _Value:
        if name == "environ":
            return _Environment()
        if name == "sep":
            return "/"
        value = self._value(own) if name == "parent" else None
        return dirname(value) if isinstance(value, str) else None

    def _call(self, node: ast.Call) -> _Value:
        own = node.func.value if isinstance(node.func, ast.Attribute) else None
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        match name:
            case "copy" | "dict":
                source = own or next(iter(node.args), None)
                value = self._value(source) if source else None
                return value if isinstance(value, _Environment) else None
            case "join" if not isinstance(own, ast.Constant):
                return _joined(self._texts(node.args))
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


def _joined(parts: list[str] | None, *, is_path: bool = True) -> str | None:
    if not parts:
        return None
    return join(*parts) if is_path else "".join(parts)


def _said(module: WheelMember) -> Iterator[LauncherSetting]:
    tree = parse(module.read().decode("utf-8", errors="replace"))
    if tree is None:
        # For another python than ours: nothing is known of it.
        return
    reader = _Reader(names={"__file__": module.path, "environ": _Environment()})
    try:
        reader.read(tree.body)
    except RecursionError:
        # A launcher is a few lines.
        return
    yield from reader.said

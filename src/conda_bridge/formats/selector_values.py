"""The expression of a `# [selector]` -> whether it holds on one platform, in an environment.

Selectors of pinning files ask for more than the conditions of recipes do: for variables of the environment, with
methods and `in`. Expressions are parsed as Python's and evaluated by this module alone; what isn't listed here is
refused. A name that nothing defines is false, as conda-build has it.

Source: conda-build's documentation, "Preprocessing selectors"; `get_selectors` and `eval_selector` of its metadata.py.
"""

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from conda_bridge.formats.condition_language import ARCHS, UnmodelledPart
from conda_bridge.model.condition import OPERATING_SYSTEMS

__all__ = ["SelectorWorld", "selector_world"]

_Scalar: TypeAlias = bool | int | str | None
_Value: TypeAlias = _Scalar | tuple[_Scalar, ...]

_OTHER_SYSTEMS = frozenset({"emscripten", "freebsd", "wasi", "zos"})
_ARCHS = {"64": "x86_64", "32": "x86"}
_MAX_CHARACTERS = 2_000
_COMPARISONS: dict[type[ast.cmpop], Callable[[str, str], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_METHODS: dict[str, Callable[[str, str], bool]] = {"startswith": str.startswith, "endswith": str.endswith}
_CHANGES: dict[str, Callable[[str], str]] = {"lower": str.lower, "upper": str.upper, "strip": str.strip}
_ENVIRONMENTS = frozenset({"os.environ.get", "environ.get", "os.getenv"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectorWorld:
    """What the names in selectors stand for."""

    names: Mapping[str, bool | str]
    environment: Mapping[str, str]
    unknown: set[str] = field(default_factory=set, compare=False)
    """The names that were asked for and aren't known, so far."""

    def holds(self, selector: str) -> bool:
        """Return whether a selector holds.

        Raises:
            UnmodelledPart: it is no expression, or has a part that isn't evaluated.
        """
        if len(selector) > _MAX_CHARACTERS:
            raise UnmodelledPart
        try:
            with warnings.catch_warnings():
                # What Python thinks of a stranger's spelling is nobody's business.
                warnings.simplefilter("ignore")
                tree = ast.parse(selector.strip(), mode="eval")
            return bool(self._value(tree.body))
        except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
            # TypeError: a text compared with a number. The parser reports deep nesting as one of the last two.
            raise UnmodelledPart from error

    def _value(self, node: ast.expr) -> _Value:
        match node:
            case ast.Constant():
                return _constant(node)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return tuple(map(self._scalar, items))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self._value(operand)
            case ast.BoolOp(op=ast.And(), values=values):
                return all(self._value(value) for value in values)
            case ast.BoolOp(values=values):
                return self._first_true(values)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._compared(left, ops, others)
            case _:
                return self._looked_up(node)

    def _first_true(self, nodes: list[ast.expr]) -> _Value:
        """Return the value that `or` gives: `(x or "").startswith(...)` needs more than whether it is true."""
        for node in nodes[:-1]:
            if value := self._value(node):
                return value
        return self._value(nodes[-1])

    def _name(self, name: str) -> _Scalar:
        if name not in self.names:
            self.unknown.add(name)
        return self.names.get(name, False)

    def _scalar(self, node: ast.expr) -> _Scalar:
        value = self._value(node)
        if isinstance(value, tuple):
            raise UnmodelledPart
        return value

    def _text(self, node: ast.expr) -> str:
        value = self._value(node)
        if not isinstance(value, str):
            raise UnmodelledPart
        return value

    def _compared(self, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> bool:
        return all(
            self._pair(first, op, second)
            for first, op, second in zip((left, *others), ops, others, strict=False)
        )

    def _pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> bool:
        match op:
            case ast.Eq() | ast.Is():
                return self._value(left) == self._value(right)
            case ast.NotEq() | ast.IsNot():
                return self._value(left) != self._value(right)
            case ast.In():
                return self._is_in(left, right)
            case ast.NotIn():
                return not self._is_in(left, right)
            case _:
                return _COMPARISONS[type(op)](self._text(left), self._text(right))

    def _is_in(self, left: ast.expr, right: ast.expr) -> bool:
        item, container = self._scalar(left), self._value(right)
        if isinstance(container, tuple):
            return item in container
        if isinstance(container, str) and isinstance(item, str):
            return item in container
        raise UnmodelledPart

    def _looked_up(self, node: ast.expr) -> _Value:
        """Return a variable of the environment, or what a method makes of a text."""
        match node:
            case ast.Subscript(value=ast.Attribute() | ast.Name() as target, slice=key) if ast.unparse(
                target
            ) in {"os.environ", "environ"}:
                return self.environment.get(self._text(key), False)
            case ast.Call(func=ast.Attribute() as function, args=[key, *default], keywords=[]) if (
                ast.unparse(function) in _ENVIRONMENTS and len(default) < 2
            ):
                name = self._text(key)
                if name in self.environment:
                    return self.environment[name]
                return self._value(default[0]) if default else None
            case ast.Call(func=ast.Attribute(value=target, attr=method), args=[argument], keywords=[]) if (
                method in _METHODS
            ):
                return _METHODS[method](self._text(target), self._text(argument))
            case ast.Call(func=ast.Attribute(value=target, attr=method), args=[], keywords=[]) if (
                method in _CHANGES
            ):
                return _CHANGES[method](self._text(target))
            case _:
                raise UnmodelledPart


def _constant(node: ast.Constant) -> _Scalar:
    value: object = node.value
    if value is None or isinstance(value, (int, str)):
        return value
    raise UnmodelledPart


def selector_world(
    subdir: str, *, build_platform: str = "", environment: Mapping[str, str] | None = None
) -> SelectorWorld:
    """Return the world of a platform; where nothing is said it is built on itself, and the environment is empty."""
    system, _, suffix = subdir.partition("-")
    arch = _ARCHS.get(suffix, suffix)
    names: dict[str, bool | str] = dict.fromkeys(ARCHS | OPERATING_SYSTEMS | _OTHER_SYSTEMS, False)
    names |= {
        system: True,
        arch: True,
        # conda-build's `x86` holds on 64-bit platforms as well.
        "x86": suffix in _ARCHS,
        "unix": system in {"linux", "osx", "emscripten"},
        "arm": subdir.startswith("linux-arm"),
        "build_platform": build_platform or subdir,
        "target_platform": subdir,
        "nomkl": False,
    }
    names |= {f"{one}{bits}": subdir == f"{one}-{bits}" for one in ("linux", "win") for bits in ("32", "64")}
    return SelectorWorld(names=names, environment=environment or {})

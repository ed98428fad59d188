"""Expressions of Python build code -> their values in a build that nobody gives options to.

No argument stands on the command line, no variable in the environment. What the value hangs on is its *switch*: the
option, the variable, or the name of a constant in the code.
"""

import ast
import operator
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from conda_bridge.infer.scan.python_conditions import dotted_name

__all__ = ["Default", "default_of", "default_of_name"]

_ASKS = frozenset({"os.environ.get", "environ.get", "os.getenv", "getenv"})
_ENVIRONMENTS = frozenset({"os.environ", "environ"})
_ARGUMENTS = frozenset({"sys.argv", "argv"})
_AS_IT_IS = frozenset({"bool", "int", "str", "strtobool", "distutils.util.strtobool", "util.strtobool", "str2bool", "str_to_bool"})  # fmt: skip
_TEXT_METHODS: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "casefold": str.casefold,
}
_GIVEN = re.compile(
    r"CONDA\w*|\w*(?:PREFIX|FLAGS|ARGS|_HOME|_ROOT|_PATH|_DIR|_COUNT|_TARGET)|PATH|HOME|CC|CXX|FC|LIB|INCLUDE|TE?MP|PYTHON\w*"
)
"""Variables that a build in conda has, or that say where a library is."""
_FALSE_WORDS = frozenset({"", "0", "no", "off", "false", "none", "n", "f"})
_COMPARISONS: dict[type[ast.cmpop], Callable[[object, object], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip
_MAX_DEPTH = 8
_MAX_PARTS = 12


class Default(NamedTuple):
    """A value, and what it hangs on."""

    value: object
    switch: str = ""

    @property
    def is_on(self) -> bool:
        """Tell whether a condition holds with the value."""
        return bool(self.value)


UNSET: Default | None = None
"""Of an expression whose value hangs on something else."""

Lookup = Callable[[str], Default | None]


def default_of(node: ast.expr, lookup: Lookup, depth: int = 0) -> Default | None:
    """Return an expression's value; `lookup` knows the values of names. None where it isn't known."""
    if depth > _MAX_DEPTH:
        return UNSET
    match node:
        case ast.Constant(value=value):
            return Default(value)
        case ast.Name(id=name):
            return lookup(name)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = default_of(operand, lookup, depth + 1)
            return Default(not inner.value, inner.switch) if inner else UNSET
        case ast.BoolOp(op=op, values=values) if len(values) <= _MAX_PARTS:
            return _of_several(op, [default_of(value, lookup, depth + 1) for value in values])
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _of_comparison(left, op, right, lambda one: default_of(one, lookup, depth + 1))
        case ast.Call():
            return _of_call(node, lambda one: default_of(one, lookup, depth + 1))
        case _:
            return UNSET


def default_of_name(name: str, values: Sequence[tuple[ast.expr, str]], lookup: Lookup) -> Default | None:
    """Return the value of a name that stands for one of several, each with what turns it on where it is off.

    All that aren't off must be known, and be as true as one another.
    """
    given = [default_of(node, lookup) for node, switch in values if not switch]
    known = [default for default in given if default is not None]
    if not known or len(known) < len(given) or len({bool(default.value) for default in known}) > 1:
        return UNSET
    switches = (*(switch for _, switch in values), *(default.switch for default in known))
    return Default(known[0].value, next(filter(None, switches), name))


def _of_several(op: ast.boolop, parts: list[Default | None]) -> Default | None:
    """One part decides `and` where it is false and `or` where it is true; else all must be known."""
    is_all = isinstance(op, ast.And)
    deciding = next((part for part in parts if part and part.is_on is not is_all), None)
    if deciding is not None:
        return deciding
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return UNSET
    return Default(is_all, next((part.switch for part in known if part.switch), ""))


def _of_comparison(
    left: ast.expr, op: ast.cmpop, right: ast.expr, evaluate: Callable[[ast.expr], Default | None]
) -> Default | None:
    if isinstance(op, ast.In | ast.NotIn):
        return _of_membership(left, right, evaluate, is_in=isinstance(op, ast.In))
    one, other = evaluate(left), evaluate(right)
    compare = _COMPARISONS.get(type(op))
    if one is None or other is None or compare is None:
        return UNSET
    return Default(compare(one.value, other.value), one.switch or other.switch)


def _of_membership(
    left: ast.expr, right: ast.expr, evaluate: Callable[[ast.expr], Default | None], *, is_in: bool
) -> Default | None:
    """`"--x" in sys.argv`, `"X" in os.environ`, `os.environ.get("X") in ("1", "yes")`; other words of argv are commands."""
    match left:
        case ast.Constant(value=str(word)) if isinstance(right, ast.Name | ast.Attribute):
            where = dotted_name(right)
            is_variable = where in _ENVIRONMENTS and not _GIVEN.fullmatch(word)
            is_option = where in _ARGUMENTS and word.startswith("-")
            return Default(not is_in, word) if is_variable or is_option else UNSET
    one = evaluate(left)
    if one is None or not isinstance(right, ast.Tuple | ast.List | ast.Set):
        return UNSET
    words = [element.value for element in right.elts if isinstance(element, ast.Constant)]
    return Default((one.value in words) is is_in, one.switch) if len(words) == len(right.elts) else UNSET


def _of_call(call: ast.Call, evaluate: Callable[[ast.expr], Default | None]) -> Default | None:
    name = dotted_name(call.func)
    match call:
        case ast.Call(args=[ast.Constant(value=str(variable)), *rest]) if name in _ASKS and len(rest) < 2:
            if _GIVEN.fullmatch(variable):
                return UNSET
            given = evaluate(rest[0]) if rest else Default(None)
            return Default(given.value, variable) if given else UNSET
        case ast.Call(args=[argument], keywords=[]) if name in _AS_IT_IS:
            inner = evaluate(argument)
            return _as_truth(name, inner) if inner else UNSET
        case ast.Call(func=ast.Attribute(value=owner, attr=method), args=[]) if method in _TEXT_METHODS:
            inner = evaluate(owner)
            if inner is None or not isinstance(inner.value, str):
                return UNSET
            return Default(_TEXT_METHODS[method](inner.value), inner.switch)
        case _:
            return UNSET


def _as_truth(function: str, inner: Default) -> Default:
    """`bool("0")` is true in Python, `int("0")` and `strtobool("no")` are not."""
    if isinstance(inner.value, str) and function not in {"bool", "str"}:
        return Default(inner.value.lower() not in _FALSE_WORDS, inner.switch)
    return inner if function == "str" else Default(bool(inner.value), inner.switch)

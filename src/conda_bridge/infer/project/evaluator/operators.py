"""Operators on known values, with a bound on what they may grow to."""

import ast
import operator
import re
from collections.abc import Callable

from packaging.version import Version

from conda_bridge.infer.project.evaluator.files import MAX_PATH
from conda_bridge.infer.project.evaluator.values import (
    BudgetSpentError,
    Environment,
    PathValue,
    Record,
    Reference,
    Unknown,
    Value,
    VersionInfo,
    first_unknown,
    weight_of,
)

__all__ = [
    "MAX_SIZE",
    "SET_BY_BUILDS",
    "binary",
    "compare",
    "compare_python",
    "percent_format",
    "text_of",
    "truth",
]

MAX_SIZE = 1_000_000
"""The longest text or list that a program may compute."""
_MAX_INTEGER = 2**128
_PERCENT = re.compile(
    r"%(?:\((?P<key>\w+)\))?(?P<flags>[-+ 0#]?)(?P<width>\d{0,2})(?P<precision>\.\d{1,2})?(?P<kind>[srdiuxXfg%])"
)

_PLAIN = (str, bytes, int, float, bool, type(None))
_BINARY: dict[type[ast.operator], Callable[..., Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.Pow: operator.pow,
    ast.Mod: operator.mod,
}
_LONGER: dict[type[ast.cmpop], bool] = {
    ast.Lt: False, ast.LtE: False, ast.Gt: True, ast.GtE: True, ast.Eq: False, ast.NotEq: True,
}  # fmt: skip
"""How a tuple compares with its own beginning."""
_KNOWN_MEMBERS: dict[tuple[str, str], bool] = {
    ("sys.modules", "setuptools"): True,
    ("sys.builtin_module_names", "__pypy__"): False,
}
SET_BY_BUILDS = re.compile(
    r"(?:PATH|HOME|USER|SHELL|LANG|LC_|TMP|TEMP|PWD|OS$|APPDATA|PROGRAM|WINDIR|SYSTEM|PYTHON|PIP_|CONDA|PREFIX|"
    r"BUILD|HOST|TARGET|ARCH|SRC_DIR|SP_DIR|RECIPE|PKG_|CPU_|CC|CXX|CPP|FC|F77|F90|LD|AR$|AS$|NM$|CFLAGS|FFLAGS|"
    r"MAKE|CMAKE|MESON|CARGO|RUST|GO|CUDA|CI|GITHUB|TRAVIS|APPVEYOR|AZURE|DISTUTILS|SETUPTOOLS|SOURCE_DATE|VS|"
    r"INCLUDE|LIB|MACOSX|NUM|OMP|VIRTUAL_ENV|TERM|NPY_|ROOT)",
    re.IGNORECASE,
)
"""Variables that engines, compilers or CI services may set."""
_COMPARE: dict[type[ast.cmpop], Callable[..., object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def truth(value: Value) -> bool | None:
    """Return the truth of a value; None where it isn't known."""
    if isinstance(value, Unknown):
        return None
    if isinstance(value, (*_PLAIN, list, tuple, dict, set, frozenset)):
        return bool(value)
    return True


def text_of(value: Value) -> str | None:
    """Return `str(value)`; None where it isn't known."""
    match value:
        case str():
            return value
        case bool() | None | float():
            return str(value)
        case int() if abs(value) < _MAX_INTEGER:
            return str(value)
        case PathValue(path):
            return path
        case Record(text):
            return text
        case Version():
            return str(value)
        case _:
            return None


def binary(kind: type[ast.operator], left: Value, right: Value) -> Value | None:
    """Return the result of a binary operator on known values; None where it has no known meaning.

    Raises:
        BudgetSpentError: the result would be too large.
        TypeError, ValueError, ZeroDivisionError: as the operator does.
    """
    if kind is ast.Mod and isinstance(left, str):
        return percent_format(left, right)
    if kind is ast.Div and isinstance(left, PathValue):
        return _joined_path(left, right)
    _check_growth(kind, left, right)
    if not all(isinstance(side, (*_PLAIN, list, tuple, dict, set)) for side in (left, right)):
        return None
    if kind is ast.Mod and isinstance(left, bytes):
        return None
    result: Value = _BINARY[kind](left, right)
    return result


def compare(kind: type[ast.cmpop], left: Value, right: Value) -> bool | None:
    """Return the result of a comparison; None where it isn't known.

    Raises:
        BudgetSpentError: the values are too large to be compared.
        TypeError: as the operator does.
    """
    if kind in {ast.In, ast.NotIn}:
        return _contains(right, left, is_negated=kind is ast.NotIn)
    if kind in {ast.Is, ast.IsNot}:
        return _is_same(left, right, is_negated=kind is ast.IsNot)
    if first_unknown(left) or first_unknown(right):
        return None
    if not all(isinstance(side, (*_PLAIN, list, tuple, dict, set, Version)) for side in (left, right)):
        return None
    weight_of(left)
    weight_of(right)
    return bool(_COMPARE[kind](left, right))


def _is_same(left: Value, right: Value, *, is_negated: bool) -> bool | None:
    """Tell whether two values are one: known for None, True and False only."""
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return None
    if not any(side is None or isinstance(side, bool) for side in (left, right)):
        return None
    return (left is right) != is_negated


def percent_format(template: str, values: Value) -> str | None:
    """Return `template % values` for text and number conversions; None for anything else.

    Raises:
        TypeError, ValueError, KeyError: as the operator does.
    """
    matches = list(_PERCENT.finditer(template))
    rest = _PERCENT.sub("", template)
    if "%" in rest or len(matches) > 1000:
        return None
    members = values if isinstance(values, tuple) else (values,)
    plain = list(values.values()) if isinstance(values, dict) else list(members)
    texts = [text_of(value) for value in plain]
    if (
        any(text is None for text in texts)
        or sum(len(t or "") for t in texts) * (len(matches) + 1) > MAX_SIZE
    ):
        return None
    if isinstance(values, dict):
        return template % {key: _plain(value) for key, value in values.items()}
    return template % tuple(_plain(value) for value in members)


def _plain(value: Value) -> Value:
    return value if isinstance(value, _PLAIN) else text_of(value)


def _joined_path(left: PathValue, right: Value) -> PathValue | None:
    text = text_of(right)
    if text is None or len(left.path) + len(text) > MAX_PATH:
        return None
    return PathValue(text if text.startswith("/") else f"{left.path.rstrip('/')}/{text}")


def _check_growth(kind: type[ast.operator], left: Value, right: Value) -> None:
    sizes = [len(side) for side in (left, right) if isinstance(side, (str, bytes, list, tuple))]
    numbers = [abs(side) for side in (left, right) if isinstance(side, int)]
    if kind is ast.Mult and sizes:
        grown = sizes[0] * max(numbers, default=1)
    elif kind in {ast.Pow, ast.LShift}:
        grown = 0 if max(numbers, default=0) <= 64 and len(numbers) == 2 else MAX_SIZE + 1
    else:
        grown = sum(sizes)
    if grown > MAX_SIZE or any(number > _MAX_INTEGER for number in numbers):
        raise BudgetSpentError(f"a value grows beyond {MAX_SIZE} characters or items")


def _contains(container: Value, member: Value, *, is_negated: bool) -> bool | None:
    if isinstance(member, Unknown) or isinstance(container, Unknown):
        return None
    if isinstance(container, (str, bytes)):
        found = member in container  # type: ignore[operator] # a TypeError is the program's own
    elif isinstance(container, Environment):
        return _is_set(container, member, is_negated=is_negated)
    elif isinstance(container, Reference):
        known = _KNOWN_MEMBERS.get((container.name, member)) if isinstance(member, str) else None
        return None if known is None else known != is_negated
    elif isinstance(container, (list, tuple, set, frozenset, dict)):
        if isinstance(member, (list, tuple, dict, set)):
            weight_of(container)
        found = member in container
        if not found and first_unknown(container):
            return None
    else:
        return None
    return bool(found) != is_negated


def _is_set(environment: Environment, name: Value, *, is_negated: bool) -> bool | None:
    """Tell whether a variable is set; None for those that builds may set. See `attributes.variable_of`."""
    if not isinstance(name, str) or (name not in environment.names and SET_BY_BUILDS.match(name)):
        return None
    return (name in environment.names) != is_negated


def compare_python(kind: type[ast.cmpop], left: Value, right: Value, minor: int) -> bool | None:
    """Return the result of a comparison with `sys.version_info` of python 3.`minor`; None where it isn't known.

    Raises:
        TypeError: as the operator does.
    """
    if isinstance(right, VersionInfo):
        mirrored = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
        return (
            None
            if isinstance(left, VersionInfo)
            else compare_python(mirrored.get(kind, kind), right, left, minor)
        )
    assert isinstance(left, VersionInfo)
    release = (3, minor)
    if kind not in _COMPARE or not isinstance(right, tuple):
        return None
    # Texts such as "final" stand behind the patch level, which is never known.
    wanted = tuple(part for part in right if isinstance(part, int))
    if left.is_short:
        return bool(_COMPARE[kind](release, wanted)) if len(wanted) == len(right) else None
    if wanted[:2] != release[: len(wanted)] or len(wanted) < 2:
        return bool(_COMPARE[kind]((*release, 0), wanted))
    # 3.9.7 is later than (3, 9); only its patch level decides about (3, 9, 4).
    return _LONGER.get(kind) if len(right) == 2 else None

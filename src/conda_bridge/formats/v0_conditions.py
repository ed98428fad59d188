"""Condition <-> the text of a `# [selector]` of a v0 recipe.

Both directions stand side by side and are inverses. A selector is a Python expression over conda-build's
namespace: `linux`, `unix`, `aarch64`, `py` (major and minor python as one number: 311), `build_platform` and
each variant key, whose numbers are numbers and whose booleans are booleans there. What that namespace can't
tell apart is settled before, by `restrict_condition`.

Source: conda-build, `get_selectors`, `eval_selector` and `sel_pat` in metadata.py.
"""

import re

from conda_bridge.errors import RecipeError
from conda_bridge.formats.condition_language import ConditionLanguage, Tokens, UnmodelledPart, is_quoted
from conda_bridge.formats.v0_limits import converted, minor_after, restrict_condition
from conda_bridge.model.condition import (
    Condition,
    PyVersion,
    Span,
    all_of,
    any_of,
    arch_is,
    negate,
    os_in,
    python_in,
)

__all__ = ["parse_selector", "selector_text"]

_SUBDIRS = {
    name: all_of(os_in({name[:-2]}), arch_is("x86_64" if name.endswith("64") else "x86"))
    for name in ("linux32", "linux64", "win32", "win64")
}

_RESERVED = (
    frozenset(["arm", "emscripten", "wasi", "freebsd", "zos"])
    | frozenset(
        ["py", "py2k", "py3k", "py26", "py27", "py33", "py34", "py35", "py36", "np", "pl", "lua", "luajit"]
    )
    | frozenset(["os", "environ", "nomkl", "and", "or", "not", "in", "is", "if", "else", "lambda"])
    | frozenset(["True", "False", "None", "int", "float", "len", "str", "list", "dict", "tuple"])
)
"""Names that conda-build or Python gives a meaning; a variant key of that name can't be asked for."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' )
      | (?P<name> [A-Za-z_][A-Za-z0-9_]* )
      | (?P<number> -?[0-9]+ )
      | (?P<sign> == | != | >= | <= | [()<>] )
    )""",
    re.VERBOSE | re.ASCII,
)
_ESCAPE = re.compile(r"""\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(["'\\]))""")
_SIGNS = frozenset(["==", "!=", ">=", "<=", "<", ">"])


def selector_text(condition: Condition) -> str:
    """Return the expression for `condition`, which `restrict_condition` leaves as it is.

    >>> selector_text(all_of(os_in({"linux"}), python_in(Span(None, PyVersion((3, 11))))))
    'linux and py<311'

    Raises:
        RecipeError: `unrenderable-recipe` for an architecture or a variant key that conda-build has no name for,
            and for what `restrict_condition` would change.
    """
    if restrict_condition(condition) != condition:
        raise RecipeError("unrenderable-recipe", "the condition is finer than a v0 selector can be")
    return _LANGUAGE.text(condition)


def parse_selector(text: str) -> Condition:
    """Return the condition that the selector `text` expresses, the inverse of `selector_text`.

    >>> parse_selector("win or py>=38 and py<310") == any_of(
    ...     os_in({"win"}), python_in(Span(PyVersion((3, 8)), PyVersion((3, 10))))
    ... )
    True

    Raises:
        RecipeError: `unmodelled-recipe` for an expression that the model can't hold.
    """
    return _LANGUAGE.parse(text)


def _group(text: str) -> str:
    # conda-build finds the variant keys that a recipe uses by what follows them: not by a parenthesis.
    is_key_last = re.search(r"(?<!\S)\(*[A-Za-z_]\w*$", text) is not None
    return f"({text} )" if is_key_last else f"({text})"


# ---------------------------------------------------------------- pythons


def _pythons_text(spans: tuple[Span, ...]) -> str:
    gap = _only_minor(Span(spans[0].upper, spans[-1].lower))
    if len(spans) == 2 and gap and spans[0].lower is None and spans[1].upper is None:
        return f"py!={gap}"
    return " or ".join(map(_span_text, spans))


def _span_text(span: Span) -> str:
    if minor := _only_minor(span):
        return f"py=={minor}"
    clauses = (span.lower and f"py>={_digits(span.lower)}", span.upper and f"py<{_digits(span.upper)}")
    return " and ".join(clause for clause in clauses if clause)


def _only_minor(span: Span) -> str:
    """Return the digits of the one minor version in the span; empty where there are more."""
    if span.lower is None or span.upper is None or minor_after(span.lower) != span.upper:
        return ""
    return _digits(span.lower)


def _digits(version: PyVersion) -> str:
    major, minor = (*version.release, 0)[:2]
    return f"{major}{minor}"


def _read_pythons(tokens: Tokens, position: int) -> tuple[Condition, int] | None:
    match tokens[position : position + 3]:
        case ("py", sign, digits) if sign in _SIGNS:
            return _pythons(sign, digits), position + 3
        case _:
            return None


def _pythons(sign: str, digits: str) -> Condition:
    if not re.fullmatch(r"[23][0-9]{1,3}", digits):
        raise UnmodelledPart
    version = PyVersion((int(digits[0]), int(digits[1:])))
    match sign:
        case "<":
            return python_in(Span(None, version))
        case ">=":
            return python_in(Span(version, None))
        case "<=":
            return python_in(Span(None, minor_after(version)))
        case ">":
            return python_in(Span(minor_after(version), None))
        case "==":
            return python_in(Span(version, minor_after(version)))
        case _:
            return negate(python_in(Span(version, minor_after(version))))


# ---------------------------------------------------------------- values of variants

_MAX_DIGITS = 1_000
"""Python refuses to read thousands of them."""
_UNSAFE = re.compile(r'["\\#\[\]{}]|[^ -~]')
"""What ends the string, the selector or the line, and what Jinja could take for its own."""


def _value_text(value: str) -> str:
    if value == "false":
        return "False"
    try:
        return str(int(value))
    except ValueError:
        return f'"{_UNSAFE.sub(_escape, value)}"'


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _value(token: str) -> str:
    if token in {"True", "False"}:
        return token.lower()
    if is_quoted(token):
        value = _ESCAPE.sub(_unescape, token[1:-1])
        if converted(value) == value and value not in {"true", "false"} and not _is_number(value):
            return value
    elif _is_number(token) and len(token) <= _MAX_DIGITS:
        return str(int(token))
    # conda-build has made the variant's numbers and booleans something else than text.
    raise UnmodelledPart


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2) or match.group(3)
    return match.group(4) if code is None else chr(int(code, 16))


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+", text, re.ASCII) is not None


_LANGUAGE = ConditionLanguage(
    engine="conda-build",
    noun="selector",
    always="True",
    never="False",
    # conda-build's `x86` holds on 64-bit platforms as well.
    names=_SUBDIRS | {"x86": any_of(arch_is("x86"), arch_is("x86_64"))},
    reserved=_RESERVED,
    idioms={
        "x86 and not x86_64": arch_is("x86"),
        "(not x86 or x86_64)": arch_is("x86", negated=True),
    },
    token=_TOKEN,
    write_pythons=_pythons_text,
    read_pythons=_read_pythons,
    write_value=_value_text,
    read_value=_value,
    write_group=_group,
)

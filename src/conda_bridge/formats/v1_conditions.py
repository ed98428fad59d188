"""Condition <-> the text of an `if:` or `skip:` of a v1 recipe.

Both directions stand side by side and are inverses. Precedence is Jinja's, `not` over `and` over `or`;
parentheses appear only where it needs them. `match(python, ...)` takes conda's version syntax, so several
spans of python are one call with `|`.
"""

import re

from conda_bridge.formats.condition_language import ConditionLanguage, Tokens, UnmodelledPart, is_quoted
from conda_bridge.model.condition import ALWAYS, NEVER, Condition, PyVersion, Span, python_in

__all__ = ["condition_text", "parse_condition"]

_RESERVED = frozenset(
    ["linux32", "linux64", "win32", "win64", "emscripten", "freebsd", "wasi", "wasm", "zos", "z"]
) | frozenset(
    ["and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None", "match"]
)
"""Names that a condition can't use for a variant key: rattler-build or Jinja gives them a meaning."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text> "(?:[^"\\]|\\["\\])*" | '(?:[^'\\]|\\['\\])*' )
      | (?P<name> [A-Za-z_][A-Za-z0-9_]* )
      | (?P<sign> == | != | [(),] )
    )""",
    re.VERBOSE | re.ASCII,
)
_SPAN = re.compile(r"(?:>=([0-9.]+))?(?(1)(?:,<([0-9.]+))?|<([0-9.]+))")


def condition_text(condition: Condition) -> str:
    """Return the expression for `condition`.

    >>> from conda_bridge.model.condition import all_of, arch_is, os_in
    >>> condition_text(all_of(os_in({"linux"}), arch_is("aarch64")))
    'linux and aarch64'

    Raises:
        RecipeError: `unrenderable-recipe` for an architecture or a variant key that rattler-build has no name for.

    Source: CEP 14, section on conditionals; rattler-build's documentation of selectors.
    """
    return _LANGUAGE.text(condition)


def parse_condition(text: str) -> Condition:
    """Return the condition that `text` expresses, the inverse of `condition_text`.

    >>> from conda_bridge.model.condition import all_of, negate, os_in
    >>> parse_condition('not (win and match(python, ">=3.13"))') == negate(
    ...     all_of(os_in({"win"}), python_in(Span(PyVersion((3, 13)))))
    ... )
    True

    Raises:
        RecipeError: `unmodelled-recipe` for an expression that the model can't hold.
    """
    return _LANGUAGE.parse(text)


def _pythons_text(spans: tuple[Span, ...]) -> str:
    return f'match(python, "{"|".join(map(_span_text, spans))}")'


def _span_text(span: Span) -> str:
    clauses = (span.lower and f">={span.lower}", span.upper and f"<{span.upper}")
    return ",".join(clause for clause in clauses if clause)


def _read_pythons(tokens: Tokens, position: int) -> tuple[Condition, int] | None:
    match tokens[position : position + 6]:
        case ("match", "(", "python", ",", spec, ")") if is_quoted(spec):
            return python_in(*map(_span, spec[1:-1].split("|"))), position + 6
        case _:
            # Else `match` is a name that no variant key can have.
            return None


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text.replace(" ", ""))
    if match is None:
        raise UnmodelledPart
    lower, upper, only_upper = match.groups()
    ends = (lower, upper or only_upper)
    try:
        return Span(*(None if end is None else PyVersion.from_text(end) for end in ends))
    except ValueError:
        raise UnmodelledPart from None


def _value_text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    # A boolean variant is never equal to a string.
    return value if value == "false" else f'"{escaped}"'


def _value(token: str) -> str:
    if is_quoted(token):
        return re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL)
    if token not in {"true", "false"}:
        raise UnmodelledPart
    return token


_LANGUAGE = ConditionLanguage(
    engine="rattler-build",
    noun="condition",
    always="true",
    never="false",
    names={"True": ALWAYS, "False": NEVER},
    reserved=_RESERVED,
    idioms={},
    token=_TOKEN,
    write_pythons=_pythons_text,
    read_pythons=_read_pythons,
    write_value=_value_text,
    read_value=_value,
    write_group="({})".format,
)

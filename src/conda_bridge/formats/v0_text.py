"""Text <-> text of a v0 recipe: what comes from outside acts neither as Jinja nor as a selector.

Vocabulary: a *value* is the text of the model; *written* text is what stands in the recipe before YAML quoting;
an *expression* is `{{ ... }}`; a *line* is one value as it stands in the file, with its selector.

conda-build looks for selectors in the raw lines, then renders them with Jinja, then looks for selectors again,
and reads the result as YAML. So a brace that would open Jinja is written as the expression `{{ '{' }}`, which
gives just that brace, and needs no quoting of its own; a `#` or a bracket that would make a selector is
escaped in double quotes, where neither pass sees it.

Source: conda-build, `FilteredLoader` in jinja_context.py, `sel_pat` and `parse` in metadata.py.
"""

import re

from conda_bridge.errors import RecipeError
from conda_bridge.formats.jinja_text import TextFormat, split_expressions
from conda_bridge.formats.scalars import quoted, scalar
from conda_bridge.formats.v0_conditions import selector_text
from conda_bridge.formats.v1_text import SCRIPT_VARIABLES
from conda_bridge.model.condition import ALWAYS, Condition

__all__ = ["VERSION", "decode", "decode_command", "encode", "encode_command", "line", "selector_of"]

VERSION = "{{ version }}"
"""The expression for the recipe's own version."""

_BRACE = "{{ '{' }}"
_ACTIVE = re.compile(r"\{(?=[{%#])")
_OPENING = "{{"
_NAMES = "|".join(sorted(SCRIPT_VARIABLES))
_MODEL_VARIABLE = re.compile(r"\$\{\{ (" + _NAMES + r") \}\}")
_VARIABLE = re.compile(r"\{\{ (" + _NAMES + r") \}\}")


def encode(value: str, *, is_before_expression: bool = False) -> str:
    """Return text that conda-build renders to `value`.

    >>> encode("a {{ b }}")
    "a {{ '{' }}{ b }}"
    """
    if "{" not in value:
        return value
    written = _ACTIVE.sub(_BRACE, value)
    # A brace and an expression behind it would open another one.
    is_open = is_before_expression and written.endswith("{")
    return written[:-1] + _BRACE if is_open else written


def encode_command(command: str) -> str:
    """Return a script line in which only the expressions of `SCRIPT_VARIABLES` act.

    >>> encode_command("${{ PYTHON }} -c {{ x }}")
    "{{ PYTHON }} -c {{ '{' }}{ x }}"
    """
    *texts, last = _MODEL_VARIABLE.split(command)
    pairs = zip(texts[::2], texts[1::2], strict=True)
    parts = [f"{encode(text, is_before_expression=True)}{{{{ {name} }}}}" for text, name in pairs]
    return "".join((*parts, encode(last)))


def decode(written: str, *, version: str | None = None) -> str:
    """Return the value of `written`, the inverse of `encode`; `{{ version }}` becomes `version` where given.

    Raises:
        RecipeError: `unmodelled-recipe` where another expression acts.
    """
    return _FORMAT.decoded(written, version=version)


def decode_command(written: str) -> str:
    """Return the script line in the model's spelling, the inverse of `encode_command`.

    Raises:
        RecipeError: `unmodelled-recipe` where an expression acts that isn't of `SCRIPT_VARIABLES`.
    """
    parts = _VARIABLE.split(written)
    command = "".join(f"${{{{ {part} }}}}" if index % 2 else decode(part) for index, part in enumerate(parts))
    if encode_command(command) != written:
        raise RecipeError("unmodelled-recipe", f"literal text in {written[:80]!r} would act as an expression")
    return command


def line(written: str, condition: Condition = ALWAYS) -> str:
    """Return written text as one finished YAML scalar, with the selector for `condition`.

    Raises:
        RecipeError: `unrenderable-recipe` for a condition that no selector says.
    """
    pieces = split_expressions(written, _OPENING)
    rendered = "".join(
        (_literal_of(piece) or "x") if index % 2 else piece for index, piece in enumerate(pieces)
    )
    selector = selector_of(condition)
    # conda-build cuts a line with a selector at its first `#`, and looks for used variants before a bracket.
    is_plain = scalar(rendered) == rendered and not (selector and re.search(r"[#\[\]]", written))
    if is_plain:
        return written + selector
    text = quoted(written)
    if selector:
        for char in "#[]":
            text = text.replace(char, f"\\x{ord(char):02x}")
    return text + selector


def selector_of(condition: Condition) -> str:
    """Return what stands behind a line that holds under `condition` only.

    Source: conda-smithy, R0-001: two spaces before, one inside.
    """
    return "" if condition == ALWAYS else f"  # [{selector_text(condition)}]"


def _literal_of(expression: str) -> str | None:
    return "{" if expression == _BRACE else None


_FORMAT = TextFormat(opening=_OPENING, active=_ACTIVE, version=VERSION, literal_of=_literal_of)

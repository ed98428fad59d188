"""Text <-> text of a v1 recipe: what comes from outside never acts as Jinja.

Vocabulary: a *value* is the text of the model; *written* text is what stands in the recipe, before YAML
quoting; an *expression* is `${{ ... }}`; a *literal* is an expression that is just a string.

rattler-build renders every text that holds `${{`, once; build and test scripts it renders always. There
`{%`, `{#` and, beside an expression, `{{` act too (measured with 0.73), so each of them is written as a literal.
"""

import re

from conda_bridge.errors import RecipeError
from conda_bridge.formats.jinja_text import TextFormat

__all__ = [
    "SCRIPT_VARIABLES",
    "VERSION",
    "decode",
    "decode_command",
    "decode_path",
    "encode",
    "encode_command",
    "encode_path",
]

VERSION = "${{ version }}"
"""The expression for the recipe's own version."""

SCRIPT_VARIABLES: frozenset[str] = frozenset(
    {
        "BUILD_PREFIX",
        "CPU_COUNT",
        "LIBRARY_BIN",
        "LIBRARY_INC",
        "LIBRARY_LIB",
        "LIBRARY_PREFIX",
        "PKG_NAME",
        "PKG_VERSION",
        "PREFIX",
        "PYTHON",
        "RECIPE_DIR",
        "SP_DIR",
        "SRC_DIR",
        "python_min",
        "target_platform",
        "version",
    }
)
"""What `ScriptLine.command` may name as `${{ NAME }}`; any other expression there is text."""

_ACTIVE = re.compile(r"\$?\{\{|\{[%#]")
_LITERAL = re.compile(r"\$\{\{ '(\$?\{\{|\{[%#])' \}\}")
_OPENING = "${{"
_GLOB = re.compile(r"[*?{}\[\]\\]")
_GLOB_LITERAL = re.compile(r"\[([*?{}\[\]\\])\]")
_VARIABLE = re.compile(r"(\$\{\{ (?:" + "|".join(sorted(SCRIPT_VARIABLES)) + r") \}\})")


def encode(value: str) -> str:
    """Return text that rattler-build renders to `value`.

    >>> encode("a ${{ b }}")
    "a ${{ '${{' }} b }}"
    """
    return _ACTIVE.sub(lambda match: f"${{{{ '{match.group()}' }}}}", value) if "{" in value else value


def encode_command(command: str) -> str:
    """Return a script line in which only the expressions of `SCRIPT_VARIABLES` act.

    >>> encode_command("${{ PYTHON }} -c ${{ x }}")
    "${{ PYTHON }} -c ${{ '${{' }} x }}"
    """
    parts = _VARIABLE.split(command)
    return "".join(part if index % 2 else encode(part) for index, part in enumerate(parts))


def encode_path(path: str) -> str:
    """Return a pattern that matches just `path`, where the recipe takes patterns of files.

    >>> encode_path("LICENSE[1].txt")
    'LICENSE[[]1[]].txt'

    Source: rattler-build's documentation of `license_file`; the syntax is that of Rust's globset.
    """
    return encode(_GLOB.sub(r"[\g<0>]", path))


def decode(written: str, *, version: str | None = None) -> str:
    """Return the value of `written`, the inverse of `encode`; `${{ version }}` becomes `version` where given.

    Raises:
        RecipeError: `unmodelled-recipe` where another expression acts.
    """
    if _OPENING not in written:
        return written  # rattler-build doesn't render it
    return _FORMAT.decoded(written, version=version)


def decode_command(written: str) -> str:
    """Return the script line, the inverse of `encode_command`.

    Raises:
        RecipeError: `unmodelled-recipe` where an expression acts that isn't of `SCRIPT_VARIABLES`.
    """
    parts = _VARIABLE.split(written)
    command = "".join(part if index % 2 else decode(part) for index, part in enumerate(parts))
    if encode_command(command) != written:
        raise RecipeError("unmodelled-recipe", f"literal text in {written[:80]!r} would act as an expression")
    return command


def decode_path(written: str) -> str:
    """Return the one path that the pattern matches, the inverse of `encode_path`.

    Raises:
        RecipeError: `unmodelled-recipe` where it may match several.
    """
    path = _GLOB_LITERAL.sub(r"\1", decode(written))
    if encode_path(path) != written:
        raise RecipeError("unmodelled-recipe", f"{written[:80]!r} is a pattern, not the path of a file")
    return path


def _literal_of(expression: str) -> str | None:
    literal = _LITERAL.fullmatch(expression)
    return None if literal is None else literal.group(1)


_FORMAT = TextFormat(opening=_OPENING, active=_ACTIVE, version=VERSION, literal_of=_literal_of)

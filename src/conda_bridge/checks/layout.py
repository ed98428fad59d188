"""Lint of the file as a whole: which sections it has, in which order, and how it ends.

Source: conda-smithy, R-000, R-001, R-009, R-011, R-012.
"""

from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.walking import mappings
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.yaml_tree import ScalarNode
from conda_bridge.model.diagnostic import Diagnostic

__all__ = [
    "RULES",
    "file_ends_with_one_newline",
    "requirements_are_ordered",
    "sections_are_known",
    "sections_are_ordered",
]

_V0_ORDER = ("package", "source", "build", "requirements", "test", "app", "outputs", "about", "extra")
_V1_HEAD = ("schema_version", "context")
_V1_TAIL = ("about", "extra")
_V1_ONE = (*_V1_HEAD, "package", "source", "build", "requirements", "tests", *_V1_TAIL)
_V1_SEVERAL = (*_V1_HEAD, "recipe", "source", "build", "outputs", *_V1_TAIL)
_REQUIREMENTS_ORDER = ("build", "host", "run")


def sections_are_known(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-000: every top-level key belongs to the format."""
    known = set(_V0_ORDER) if document.format == "v0" else {*_V1_ONE, *_V1_SEVERAL}
    for key, _value in document.root.entries:
        if key.text not in known:
            yield lint(
                document,
                "lint-unknown-section",
                f"a recipe has no section {key.text[:80]!r}",
                line=key.line,
            )


def sections_are_ordered(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-001: top-level keys stand in the format's order."""
    keys = tuple(key for key, _value in document.root.entries)
    order = _order_of(document, keys)
    late = _first_late(keys, order)
    if late is not None:
        wanted = ", ".join(name for name in order if any(key.text == name for key in keys))
        yield lint(
            document,
            "lint-section-order",
            f"{late.text!r} stands too far down",
            line=late.line,
            hint=f"use the order {wanted}",
        )


def _order_of(document: RecipeDocument, keys: tuple[ScalarNode, ...]) -> tuple[str, ...]:
    if document.format == "v0":
        return _V0_ORDER
    return _V1_SEVERAL if any(key.text == "outputs" for key in keys) else _V1_ONE


def _first_late(keys: tuple[ScalarNode, ...], order: tuple[str, ...]) -> ScalarNode | None:
    """Return the first key that belongs before one of those above it."""
    highest = 0
    for key in keys:
        if key.text not in order:
            continue
        position = order.index(key.text)
        if position < highest:
            return key
        highest = position
    return None


def requirements_are_ordered(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-009: build comes before host, and host before run."""
    for requirements in mappings(document, "requirements"):
        late = _first_late(tuple(key for key, _value in requirements.entries), _REQUIREMENTS_ORDER)
        if late is not None:
            yield lint(
                document,
                "lint-requirements-order",
                f"the requirements of {late.text!r} stand too far down",
                line=late.line,
            )


def file_ends_with_one_newline(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-011, R-012: the last line ends, and no empty line follows it."""
    text = document.text.replace("\r\n", "\n").replace("\r", "\n")
    content = text.rstrip("\n")
    last_line = content.count("\n") + 1
    extra = len(text) - len(content) - 1
    if extra > 0:
        what = "an empty line ends" if extra == 1 else f"{extra} empty lines end"
        yield lint(document, "lint-trailing-lines", f"{what} the file", line=last_line + 1)
    elif extra < 0:
        yield lint(document, "lint-no-final-newline", "the last line doesn't end", line=last_line)


RULES: tuple[Check, ...] = (
    sections_are_known,
    sections_are_ordered,
    requirements_are_ordered,
    file_ends_with_one_newline,
)

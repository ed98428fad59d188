"""Lint of how lines are written: expressions, definitions of variables, selectors.

Vocabulary: a line has a *selector* if it ends in brackets, or has brackets in a comment behind something. That
is how conda-build reads lines, whatever they mean in YAML.
Source: conda-smithy, R-025, R0-001, R0-002, R0-003, R0-005, R1-001; conda-build, "Preprocessing selectors".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.model.diagnostic import Diagnostic

__all__ = [
    "RULES",
    "Selector",
    "definitions_are_spaced",
    "expressions_are_spaced",
    "no_comment_is_a_selector",
    "selector_of",
    "selectors_compare_python",
    "selectors_have_their_form",
]

# A line may be as long as the file: nothing here goes over the rest of it for each sign in it.
_OPENINGS = {"v0": "{{", "v1": "${{"}
_BRACKETS = re.compile(r"\[([^\[\]]+)\]")
_SIGN = re.compile("#")
_LOGIC = frozenset({"not", "and", "or"})
_PYTHON = re.compile(r"\bpy([0-9]{2,3})\b")
_NAMED_PYTHONS = frozenset({"27", "34", "35", "36"})
_SET = re.compile(r"\s*\{%\s*set\s+(?P<name>[^\s=]+)\s*=\s*(?P<value>\S+?)\s*%\}")
_SPACED_SET = re.compile(r"\s*\{%\sset\s\S+\s=\s\S+\s%\}")


def expressions_are_spaced(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-025: expressions have one space inside their braces."""
    dollar = "$" if document.format == "v1" else ""
    for number, line in _lines(document):
        for inner in _expressions(line, _OPENINGS[document.format]):
            if inner != f" {inner.strip()} ":
                yield lint(
                    document,
                    "lint-jinja-spacing",
                    f"'{dollar}{{{{{inner[:80]}}}}}' has not one space inside its braces",
                    line=number,
                    hint=f"write {dollar}{{{{ {inner.strip()[:80]} }}}}",
                )
                break


def _expressions(line: str, opening: str) -> Iterator[str]:
    """Yield what stands between the braces of a line's expressions."""
    start = line.find(opening)
    while start >= 0 and (end := line.find("}}", start + len(opening))) >= 0:
        yield line[start + len(opening) : end]
        start = line.find(opening, end + 2)


def definitions_are_spaced(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R0-005: a variable is set with single spaces; values with spaces of their own are left alone."""
    for number, line in _lines(document):
        found = _SET.match(line)
        if found and not _SPACED_SET.match(line):
            yield lint(
                document,
                "lint-jinja-set-form",
                f"{found['name'][:80]!r} is not set with single spaces",
                line=number,
                hint=f"write {{% set {found['name'][:80]} = {found['value'][:80]} %}}",
            )


def selectors_have_their_form(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R0-001: a selector of meta.yaml is two spaces, a comment sign, a space and brackets."""
    if document.format == "v1":
        return
    for selector in _selectors(document):
        if not _is_well_formed(selector.text):
            what = f"'[{selector.inner[:80]}]'"
            yield lint(
                document,
                "lint-selector-form",
                f"{what} is not written as selectors are"
                if selector.is_comment
                else f"{what} is a selector here",
                line=selector.line,
            )


def _is_well_formed(line: str) -> bool:
    """Return whether some comment sign has two spaces before it, and a space and brackets behind."""
    last = line.rfind("]")
    return any(
        line[sign + 2 : sign + 3] == "[" and last > sign + 3 and line[sign - 2 : sign + 2].split() == ["#"]
        for sign in (match.start() for match in _SIGN.finditer(line, 3))
    )


def selectors_compare_python(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R0-002, R0-003: selectors compare `py` instead of naming a python; a few pythons may be named still."""
    if document.format == "v1":
        return
    for selector in _selectors(document):
        for python in _PYTHON.findall(selector.brackets) if selector.is_comment else ():
            slug = (
                "lint-deprecated-python-selector" if python in _NAMED_PYTHONS else "lint-old-python-selector"
            )
            yield lint(
                document,
                slug,
                f"the selector names py{python}",
                line=selector.line,
                hint=f"write [py=={python}], or compare with <, >=",
            )


def no_comment_is_a_selector(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R1-001: no comment of recipe.yaml looks like a selector."""
    if document.format == "v0":
        return
    for selector in _selectors(document):
        if selector.is_comment:
            yield lint(
                document,
                "lint-comment-selector",
                f"'[{selector.inner[:80]}]' in a comment selects nothing",
                line=selector.line,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """What conda-build takes for a selector in a line."""

    inner: str
    """What stands in the last brackets."""
    brackets: str
    """All from the first bracket to the last."""
    is_comment: bool
    line: int = 0
    text: str = ""
    """The whole line."""


def selector_of(line: str) -> Selector | None:
    """Return the selector of one line; None where it has none, or is a comment altogether."""
    text = line.rstrip()
    if text.lstrip().startswith("#"):
        return None
    sign = text.find("#", 1)
    groups = [] if sign < 0 else list(_BRACKETS.finditer(text, sign + 1))
    found = groups[-1] if groups else _at_end(text)
    if found is None or set(found[1].split()) <= _LOGIC:
        return None
    brackets = text[groups[0].start() if groups else found.start() : found.end()]
    return Selector(inner=found[1], brackets=brackets, is_comment=bool(groups), text=text)


def _at_end(text: str) -> re.Match[str] | None:
    start = text.rfind("[")
    return _BRACKETS.fullmatch(text, start) if start > 0 else None


def _selectors(document: RecipeDocument) -> Iterator[Selector]:
    for number, line in _lines(document):
        selector = selector_of(line)
        if selector is not None:
            yield replace(selector, line=number)


def _lines(document: RecipeDocument) -> Iterator[tuple[int, str]]:
    """Yield the lines as editors count them: other control characters end none."""
    text = document.text.replace("\r\n", "\n").replace("\r", "\n")
    yield from enumerate(text.split("\n"), start=1)


RULES: tuple[Check, ...] = (
    expressions_are_spaced,
    definitions_are_spaced,
    selectors_have_their_form,
    selectors_compare_python,
    no_comment_is_a_selector,
)

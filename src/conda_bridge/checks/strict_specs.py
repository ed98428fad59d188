"""Lint of the requirements that rattler-build refuses: it reads match specs more strictly than conda does.

Source: rattler-build 0.73, as measured; CB-006 is our own.
"""

import re
from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.shapes import shaped
from conda_bridge.checks.walking import entries_of
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.tree_paths import is_null
from conda_bridge.formats.yaml_tree import ScalarNode
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["RULES", "pins_have_todays_names", "specs_are_read"]

_SPECS = frozenset({"specs", "mapping_or_specs"})
_MAX_SPEC = 500
_NAME = r"[A-Za-z0-9_.-]+"
_VERSION = r"v?(?:[0-9]+!)?[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*[_-]?(?:\+[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*)?"
_CLAUSE = rf"(?:(?:==|!=|<=|>=|~=|=|<|>)\s*{_VERSION}|!=\s*{_VERSION}\.?\*)"
_GLOB = r"[A-Za-z0-9_.!*+-]*\*[A-Za-z0-9_]*"
_ANY_CLAUSE = rf"(?:{_CLAUSE}|{_GLOB})"
_SPEC = re.compile(
    rf"{_NAME}(?:(?:\s*{_CLAUSE}|\s+{_GLOB})(?:\s*[,|]\s*{_ANY_CLAUSE})*(?:\s+[A-Za-z0-9_*]+)?)?", re.ASCII
)
_BARE = re.compile(rf"({_NAME})\s+([0-9][A-Za-z0-9_.]*)", re.ASCII)
_EXTRA = re.compile(rf"{_NAME}\[[^\]=]*\]", re.ASCII)
_UNJUDGED = re.compile(r"[:\[(]")
"""Channels, brackets and parentheses have grammars of their own."""
_OLD_BOUND = re.compile(r"\bpin_(?:subpackage|compatible)\([^()]{0,300}?\b(max|min)_pin\s*=")
_TODAYS = {"max": "upper_bound", "min": "lower_bound"}


def specs_are_read(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """CB-006: requirements of recipe.yaml are specs as rattler-build reads them; expressions aren't judged."""
    for scalar in _specs(document):
        text = document.value_of(scalar.text).strip()
        is_judged = text and len(text) <= _MAX_SPEC and "${{" not in text and text.isascii()
        if is_judged and not _is_read(text):
            bare = _BARE.match(text)
            yield lint(
                document,
                "lint-refused-spec",
                f"{text[:80]!r} is no spec that rattler-build reads",
                line=scalar.line,
                hint=f"write `{bare[1]} =={bare[2]}` or `{bare[1]} {bare[2]}.*`"
                if bare
                else "write a name, versions behind operators with ',' or '|' between, and a build string",
            )


def _is_read(text: str) -> bool:
    if _UNJUDGED.search(text):
        return _EXTRA.fullmatch(text) is None
    return _SPEC.fullmatch(text) is not None


def pins_have_todays_names(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """CB-006: pins of recipe.yaml have no `max_pin` or `min_pin`, which are meta.yaml's."""
    for scalar in _specs(document):
        old = _OLD_BOUND.search(scalar.text)
        if old:
            yield lint(
                document,
                "lint-refused-spec",
                f"{old[1]}_pin is a word of meta.yaml",
                line=scalar.line,
                hint=f"write {_TODAYS[old[1]]}",
            )


def _specs(document: RecipeDocument) -> Iterator[ScalarNode]:
    """Yield the requirements of recipe.yaml, wherever they stand."""
    if document.format == "v0":
        return
    for value in shaped(document):
        for entry in entries_of(value.node) if value.shape in _SPECS else ():
            if isinstance(entry, ScalarNode) and not is_null(entry):
                yield entry


RULES: tuple[Check, ...] = (specs_are_read, pins_have_todays_names)

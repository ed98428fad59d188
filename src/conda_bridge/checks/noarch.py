"""What makes a noarch package depend on where it is built, which it must not: selectors, conditions and skips.

Source: conda-smithy, R0-004, R1-002.
"""

import re
from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.sections import noarch_of
from conda_bridge.checks.text import selector_of
from conda_bridge.checks.walking import node_at
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["RULES", "noarch_has_no_conditions", "noarch_has_no_selectors", "variant_keys"]

_SYSTEMS = frozenset({"win", "linux", "osx", "unix"})
_LOGIC = frozenset({"not", "and", "or"})
_KEY = re.compile(r"""^["']?([A-Za-z_][\w.-]*)["']?[ \t]*:""", re.ASCII | re.MULTILINE)


def noarch_has_no_selectors(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R0-004: a noarch recipe of v0 has no selectors on what it requires in host and run, and on its skip.

    With several `noarch_platforms` selectors may ask for the system alone; what the variant file beside the recipe
    names may always be asked for. The rule goes by the text, because a selector belongs to a line.
    """
    kind = _kind(document, ctx) if document.format == "v0" else ""
    if not kind:
        return
    allowed = set(_SYSTEMS if len(ctx.forge.noarch_platforms) > 1 else ()) | _own_keys(ctx)
    indent: str | None = None
    for number, line in enumerate(document.text.split("\n"), 1):
        stripped = line.strip()
        own_indent = line[: len(line) - len(line.lstrip())] if stripped else ""
        if stripped in {"host:", "run:"}:
            indent = own_indent
        elif stripped.startswith("skip:") and _nouns(line):
            yield _selected(document, f"a noarch: {kind} recipe has a skip with a selector", number)
            return
        elif indent == own_indent:
            indent = None
        elif indent is not None and _nouns(line) - allowed:
            message = f"a noarch: {kind} recipe has a selector on {stripped.partition('#')[0].strip()!r}"
            yield _selected(document, message, number)


def _selected(document: RecipeDocument, message: str, line: int) -> Diagnostic:
    return lint(document, "lint-noarch-selector", message, line=line)


def _kind(document: RecipeDocument, ctx: CheckContext) -> str:
    if "lint_noarch_selectors" in ctx.forge.skip:
        return ""
    return noarch_of(document, document.root)


def _nouns(line: str) -> set[str]:
    """Return the words that a line's selector asks for; none where it has no selector."""
    selector = selector_of(line)
    return set() if selector is None else set(selector.inner.split()) - _LOGIC


def _own_keys(ctx: CheckContext) -> set[str]:
    text = dict(ctx.files).get("conda_build_config.yaml", "")
    return set(variant_keys(text))


def variant_keys(text: str) -> tuple[str, ...]:
    """Return the keys of a variant file."""
    return tuple(_KEY.findall(text))


def noarch_has_no_conditions(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R1-002: a noarch recipe of v1 has no conditions on what it requires, and no skip.

    With several `noarch_platforms` conditions in host and run may ask for the system alone.
    """
    kind = _kind(document, ctx) if document.format == "v1" else ""
    if not kind:
        return
    for condition in _conditions(document, allows_systems=len(ctx.forge.noarch_platforms) > 1):
        message = f"a noarch: {kind} recipe requires something on the condition {condition.text!r}"
        yield lint(document, "lint-noarch-condition", message, line=condition.line)
    if document.nodes("build", "skip"):
        message = f"a noarch: {kind} recipe has a skip"
        yield lint(document, "lint-noarch-condition", message, line=document.key_line("build", "skip"))


def _conditions(document: RecipeDocument, *, allows_systems: bool) -> Iterator[ScalarNode]:
    requirements = node_at(document, document.root, "requirements")
    for section, items in requirements.entries if isinstance(requirements, MappingNode) else ():
        for item in items.items if isinstance(items, SequenceNode) else ():
            condition = _condition_of(item)
            if condition is None:
                continue
            is_plain = set(condition.text.split()) - _LOGIC <= _SYSTEMS
            if not allows_systems or (section.text in {"host", "run"} and not is_plain):
                yield condition


def _condition_of(item: Node) -> ScalarNode | None:
    entries = item.entries if isinstance(item, MappingNode) else ()
    return next((value for key, value in entries if key.text == "if" and isinstance(value, ScalarNode)), None)


RULES: tuple[Check, ...] = (noarch_has_no_selectors, noarch_has_no_conditions)

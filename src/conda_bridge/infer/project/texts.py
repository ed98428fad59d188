"""Free text of the metadata -> text that is safe to show: one line, no control characters, a sane length."""

import re
import unicodedata

from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import Known

__all__ = ["clean_line", "clean_text", "has_controls", "read_summary"]

MAX_SUMMARY = 300
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_WHITESPACE = re.compile(r"\s+")
_KEPT_CONTROLS = frozenset("\n\t")


def has_controls(text: str) -> bool:
    """Tell whether a text has control, formatting or unassigned surrogate characters, line ends included."""
    return not text.isprintable() and any(_is_control(character) for character in text)


def clean_text(text: str) -> str:
    """Return the text without ANSI sequences and control characters; line ends become LF, tabs stay."""
    plain = _ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if plain.isascii() and plain.isprintable():
        return plain
    return "".join(c for c in plain if c in _KEPT_CONTROLS or not _is_control(c))


def clean_line(text: str) -> str:
    """Return the text as one line, whitespace (line separators of any kind too) collapsed."""
    return clean_text(_WHITESPACE.sub(" ", _ANSI.sub("", text))).strip()


def read_summary(known: Known[str]) -> tuple[Known[str] | None, tuple[Diagnostic, ...]]:
    """Return the summary as one line of readable length; None where nothing is left of it."""
    diagnostics: list[Diagnostic] = []
    text = known.value[: 10 * MAX_SUMMARY]
    line = clean_line(text)
    if has_controls(_WHITESPACE.sub(" ", text)):
        diagnostics.append(finding("control-characters", "in the summary", origin=known.origin))
    if len(line) > MAX_SUMMARY or len(known.value) > 10 * MAX_SUMMARY:
        message = f"the summary has {len(known.value)} characters"
        diagnostics.append(finding("long-text", message, origin=known.origin))
        line = _cut(line)
    value = Known(value=line, origin=known.origin, is_declared=known.is_declared) if line else None
    return value, tuple(diagnostics)


def _cut(line: str) -> str:
    """Return the beginning of a line, up to a sentence's or a word's end, at most MAX_SUMMARY characters."""
    head = line[:MAX_SUMMARY]
    sentence = head.rfind(". ")
    if sentence >= MAX_SUMMARY // 3:
        return head[: sentence + 1]
    word = head.rpartition(" ")[0] if len(line) > MAX_SUMMARY else head
    return f"{word or head[:-1]}…"


def _is_control(character: str) -> bool:
    # Cc control, Cf formatting (bidirectional marks among them), Cs lone surrogates, Zl/Zp line separators.
    return not character.isprintable() and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}

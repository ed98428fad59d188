"""What people see: results on stdout, everything else on stderr, plain text unless a terminal reads it.

Whatever comes from outside passes `printable`, so that no metadata can move the cursor or recolour a terminal.
Styling is click's; rich is heavy and only draws progress (`conda_bridge.cli.progress`).
"""

import shutil
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from conda_bridge.errors import BridgeError
    from conda_bridge.model.diagnostic import Diagnostic, Severity

__all__ = [
    "SEVERITY_TONES",
    "SEVERITY_WORDS",
    "ColorChoice",
    "Console",
    "Tone",
    "fit",
    "printable",
    "table_lines",
    "width_of",
]

ColorChoice = Literal["auto", "always", "never"]
Tone = Literal["plain", "strong", "dim", "good", "warning", "error"]

_STYLES: dict[Tone, dict[str, bool | str]] = {
    "plain": {},
    "strong": {"bold": True},
    "dim": {"dim": True},
    "good": {"fg": "green"},
    "warning": {"fg": "yellow"},
    "error": {"fg": "red", "bold": True},
}
SEVERITY_TONES: "dict[Severity, Tone]" = {"error": "error", "warning": "warning", "info": "dim"}
SEVERITY_WORDS: "dict[Severity, str]" = {"error": "error", "warning": "warning", "info": "note"}
_WIDE = frozenset("WF")
_NARROWEST = 40
_MANY = 3
"""So many findings of one code are shown one by one."""


def printable(text: str) -> str:
    r"""Return `text` on one line, with control, bidirectional and other invisible characters escaped.

    >>> printable("a\x1b[31m\nb")
    'a\\x1b[31m b'
    """
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else " " if c in "\n\t\r" else c.encode("unicode_escape").decode() for c in text
    )


def width_of(text: str) -> int:
    """Return how many columns a terminal needs; wide characters need two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in _WIDE else 1 for c in text
    )


def fit(text: str, width: int) -> str:
    """Return `text` cut to `width` columns, the cut shown by three dots."""
    if width_of(text) <= width:
        return text
    while text and width_of(text) > max(width - 3, 0):
        text = text[:-1]
    return text.rstrip() + "..."[: max(width, 0)]


def table_lines(rows: Sequence[Sequence[str]], *, width: int | None, gap: int = 2) -> list[str]:
    """Return aligned lines; where they don't fit into `width` columns, the widest cells are cut.

    None for `width` means that nothing is cut.
    """
    if not rows:
        return []
    widths = [max(width_of(row[n]) for row in rows) for n in range(len(rows[0]))]
    room = None if width is None else width - gap * (len(widths) - 1)
    while room is not None and sum(widths) > room and max(widths) > 8:
        widths[widths.index(max(widths))] -= 1
    return [_line(row, widths, " " * gap) for row in rows]


def _line(row: Sequence[str], widths: list[int], gap: str) -> str:
    cells = [fit(cell, width) for cell, width in zip(row, widths, strict=True)]
    padded = [cell + " " * (width - width_of(cell)) for cell, width in zip(cells, widths, strict=True)]
    return gap.join(padded).rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Writes for people. `is_quiet` leaves only results and errors, `is_verbose` adds hints, rules and steps."""

    color: ColorChoice = "auto"
    is_quiet: bool = False
    is_verbose: bool = False

    @property
    def width(self) -> int | None:
        """Columns of the terminal that reads the results; None where none does: then nothing is cut."""
        if not sys.stdout.isatty():
            return None
        return max(shutil.get_terminal_size().columns, _NARROWEST)

    def result(self, text: str = "", tone: Tone = "plain") -> None:
        """Write a line of what was asked for to stdout, even when quiet."""
        self._write(sys.stdout, self.styled(text, tone))

    def note(self, text: str = "", tone: Tone = "plain") -> None:
        """Write a line to stderr."""
        if not self.is_quiet:
            self._write(sys.stderr, self.styled(text, tone))

    def findings(self, diagnostics: "Iterable[Diagnostic]") -> None:
        """Write findings to stderr, the worst first.

        Unless verbose, mere information and the many of one kind are only counted.
        """
        from conda_bridge.model.diagnostic import SEVERITIES  # noqa: PLC0415 - --help has no findings

        ordered = sorted(diagnostics, key=lambda d: SEVERITIES.index(d.severity))
        told: Counter[str] = Counter()
        for diagnostic in ordered:
            is_shown = diagnostic.severity != "info" and told[diagnostic.code] < _MANY
            if self.is_verbose or is_shown:
                told[diagnostic.code] += 1
                self.finding(diagnostic)
        if hidden := len(ordered) - told.total():
            indent = 15 if told else 0
            self.note(
                f"  {'':<{indent}}{hidden} more {'finding' if hidden == 1 else 'findings'} with -v", "dim"
            )

    def finding(self, diagnostic: "Diagnostic", *, indent: str = "  ") -> None:
        """Write a finding to stderr: how bad it is, its code, what was found, where."""
        tone = SEVERITY_TONES[diagnostic.severity]
        label = f"{indent}{SEVERITY_WORDS[diagnostic.severity]:<8} {diagnostic.code:<5} "
        origin = printable(diagnostic.origin)
        text = self._wrapped(f"{printable(diagnostic.message)}{'  ' if origin else ''}{origin}", len(label))
        if origin and text.endswith(origin):
            text = text.removesuffix(origin) + self.styled(origin, "dim")
        self.note(self.styled(label, tone) + text)
        if self.is_verbose and diagnostic.hint:
            hint = f"do: {printable(diagnostic.hint)}"
            self.note(" " * len(label) + self._wrapped(hint, len(label)), "dim")

    def failure(
        self, error: "BridgeError", *, source: str = "", log: "tuple[str, Sequence[str]]" = ("", ())
    ) -> None:
        """Write a failure to stderr, even when quiet: what, why, the end of its `log` (path, lines), what to do."""
        from conda_bridge.model.codes import code_of  # noqa: PLC0415 - reading the table costs milliseconds

        code = code_of(error.slug)
        what = error.message if error.slug == "usage" else code.title
        head = self.styled(f"error[{code.number}]:", "error")
        self._write(
            sys.stderr, " ".join((head, *([f"{printable(source)}:"] if source else []), printable(what)))
        )
        if error.slug != "usage":
            self._paragraph("why: ", str(error))
        path, lines = log
        if path:
            self._paragraph("log: ", path)
        for line in lines:
            self.note(f"         {printable(line)}", "dim")
        if hint := (code.hint if error.hint is None else error.hint):
            self._paragraph("do:  ", hint)

    def styled(self, text: str, tone: Tone) -> str:
        """Return `text` in the colours of `tone`; they are taken out again where no terminal reads."""
        return click.style(text, **_STYLES[tone]) if text and _STYLES[tone] else text  # type: ignore[arg-type]

    def _paragraph(self, label: str, text: str) -> None:
        indent = " " * (len(label) + 2)
        # Only the last words of other programs have several lines.
        lines = (self._wrapped(printable(line), len(indent)) for line in text.split("\n"))
        self._write(sys.stderr, f"  {label}" + f"\n{indent}".join(lines))

    def _wrapped(self, text: str, indent: int) -> str:
        """Return text broken for the terminal that reads stderr, if one does; further lines are indented."""
        if not sys.stderr.isatty():
            return text
        import textwrap  # noqa: PLC0415 - only terminals need it

        width = max(shutil.get_terminal_size().columns, _NARROWEST) - 1
        # Paths and URLs are never broken: people copy them.
        lines = textwrap.wrap(text, width - indent, break_long_words=False, break_on_hyphens=False) or [""]
        return f"\n{'':<{indent}}".join(lines)

    def _write(self, stream: IO[str], text: str) -> None:
        # click takes the colours out itself where the stream is no terminal.
        wanted = {"auto": None, "always": True, "never": False}[self.color]
        click.echo(text, file=stream, color=wanted)


def prepare_streams() -> None:
    """Make stdout and stderr take any text: what their encoding lacks is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

"""What a workflow tells while it runs, as bars on a terminal and as lines when verbose.

Downloads have bars; subjects of commands that take long have a line each, with its current step and how long it has
been going on. rich is imported when the first of these is to be drawn on a terminal, and at no other time: it takes
longer to import than a local source takes to convert.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from conda_bridge.cli.console import Console, printable
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.events import (
    BytesReceived,
    DownloadFinished,
    DownloadStarted,
    Event,
    LogLine,
    Noticed,
    StepStarted,
    WorkFinished,
)

if TYPE_CHECKING:
    from rich.live import Live
    from rich.progress import Progress, TaskID

__all__ = ["TerminalReporter", "progress"]


@contextmanager
def progress(console: Console, *, shows_steps: bool = False) -> "Iterator[TerminalReporter]":
    """Yield a reporter; whatever it shows is gone from the terminal afterwards.

    With `shows_steps` it draws a line for each subject that is being worked on.
    """
    reporter = TerminalReporter(console, shows_steps=shows_steps)
    try:
        yield reporter
    finally:
        reporter.close()


@dataclass(slots=True, kw_only=True)
class _Drawing:
    """What is on the terminal."""

    live: "Live"
    new_live: "Callable[[], Live]"
    bars: "Progress"
    lines: "Progress"
    bar_of: "dict[str, TaskID]" = field(default_factory=dict)
    line_of: "dict[str, TaskID]" = field(default_factory=dict)


class TerminalReporter:
    """A Reporter that draws on a terminal. Thread-safe."""

    def __init__(self, console: Console, *, shows_steps: bool = False) -> None:
        self._console = console
        self._draws = sys.stderr.isatty() and not console.is_quiet
        # Lines that scroll by and lines that stay don't go together.
        self._shows_steps = shows_steps and not console.is_verbose
        self._tells_times = shows_steps
        self._lock = Lock()
        self._drawing: _Drawing | None = None
        self._began: dict[str, float] = {}
        self._noticed: list[Diagnostic] = []

    def report(self, event: Event) -> None:
        """Take note of one event."""
        match event:
            case Noticed(diagnostic=diagnostic):
                self._noticed.append(diagnostic)
            case StepStarted(subject=subject, step=step):
                self._tell_step(subject, step)
                if self._draws and self._shows_steps:
                    self._draw(event)
            case DownloadStarted() | BytesReceived() | DownloadFinished():
                if self._draws:
                    self._draw(event)
            case LogLine(subject=subject, text=text):
                if self._console.is_verbose:
                    self._console.note(f"{printable(subject)}| {printable(text)}", "dim")
            case WorkFinished():
                if self._draws and self._shows_steps:
                    self._draw(event)

    def noticed_beside(self, known: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return what was noticed on the way and isn't among the `known` findings, each once."""
        told = set(known)
        return tuple(d for d in dict.fromkeys(self._noticed) if d not in told)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take everything off the terminal while results are written."""
        with self._lock:
            drawing = self._drawing
        if drawing is None:
            yield
            return
        drawing.live.stop()
        try:
            yield
        finally:
            with self._lock:
                # One that is started again takes away as many lines as it had, which are results now.
                drawing.live = drawing.new_live()
                if self._drawing is drawing:
                    drawing.live.start(refresh=True)

    def close(self) -> None:
        """Take everything off the terminal for good."""
        with self._lock:
            if self._drawing is not None:
                self._drawing.live.stop()
            self._drawing = None
            self._draws = False

    def _tell_step(self, subject: str, step: str) -> None:
        if not self._console.is_verbose:
            return
        began = self._began.setdefault(subject, time.monotonic())
        elapsed = f"{time.monotonic() - began:6.1f} s  " if self._tells_times else ""
        self._console.note(f"{elapsed}{printable(subject)}: {printable(step)}", "dim")

    def _draw(
        self, event: StepStarted | WorkFinished | DownloadStarted | BytesReceived | DownloadFinished
    ) -> None:
        with self._lock:
            if not self._draws:
                return
            if self._drawing is None:
                self._drawing = _new_drawing()
                self._drawing.live.start()
            if isinstance(event, StepStarted | WorkFinished):
                _draw_line(self._drawing, event)
            else:
                _draw_bar(self._drawing, event)


def _draw_line(drawing: _Drawing, event: StepStarted | WorkFinished) -> None:
    match event:
        case StepStarted(subject=subject, step=step):
            if subject not in drawing.line_of:
                drawing.line_of[subject] = drawing.lines.add_task(printable(subject), total=None, step="")
            drawing.lines.update(drawing.line_of[subject], step=printable(step))
        case WorkFinished(subject=subject):
            if subject in drawing.line_of:
                drawing.lines.remove_task(drawing.line_of.pop(subject))


def _draw_bar(drawing: _Drawing, event: DownloadStarted | BytesReceived | DownloadFinished) -> None:
    match event:
        case DownloadStarted(url=url, size_bytes=size_bytes):
            name = printable(url.rpartition("/")[2] or url)
            drawing.bar_of[url] = drawing.bars.add_task(name, total=size_bytes)
        case BytesReceived(url=url, count=count):
            if url in drawing.bar_of:
                drawing.bars.advance(drawing.bar_of[url], count)
        case DownloadFinished(url=url):
            if url in drawing.bar_of:
                drawing.bars.remove_task(drawing.bar_of.pop(url))


def _new_drawing() -> _Drawing:
    from rich.console import Console as RichConsole  # noqa: PLC0415
    from rich.console import Group  # noqa: PLC0415
    from rich.live import Live  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TransferSpeedColumn,
    )

    console = RichConsole(stderr=True)
    # Names come from an index: no column may read them as rich's markup.
    name = TextColumn("{task.description}", markup=False)
    step = TextColumn("{task.fields[step]}", markup=False, style="dim")
    bars = Progress(name, BarColumn(), DownloadColumn(), TransferSpeedColumn(), console=console)
    lines = Progress(TimeElapsedColumn(), name, step, console=console)
    group = Group(lines, bars)

    def new_live() -> Live:
        return Live(group, console=console, transient=True, refresh_per_second=8)

    return _Drawing(live=new_live(), new_live=new_live, bars=bars, lines=lines)

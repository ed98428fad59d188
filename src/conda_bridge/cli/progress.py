"""What a workflow tells while it runs, as bars on a terminal and as lines when verbose.

rich is imported when the first download begins on a terminal, and at no other time: it takes longer to import
than a local source takes to convert.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
    from rich.progress import Progress, TaskID

__all__ = ["TerminalReporter", "progress"]


@contextmanager
def progress(console: Console) -> "Iterator[TerminalReporter]":
    """Yield a reporter; whatever it shows is gone from the terminal afterwards."""
    reporter = TerminalReporter(console)
    try:
        yield reporter
    finally:
        reporter.close()


class TerminalReporter:
    """A Reporter that draws bars on a terminal. Thread-safe."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._draws = sys.stderr.isatty() and not console.is_quiet
        self._lock = Lock()
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._noticed: list[Diagnostic] = []

    def report(self, event: Event) -> None:
        """Take note of one event."""
        match event:
            case Noticed(diagnostic=diagnostic):
                self._noticed.append(diagnostic)
            case StepStarted(subject=subject, step=step):
                if self._console.is_verbose:
                    self._console.note(f"{printable(subject)}: {printable(step)}", "dim")
            case DownloadStarted() | BytesReceived() | DownloadFinished():
                if self._draws:
                    self._draw(event)
            case LogLine() | WorkFinished():
                pass

    def noticed_beside(self, known: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return what was noticed on the way and isn't among the `known` findings, each once."""
        told = set(known)
        return tuple(d for d in dict.fromkeys(self._noticed) if d not in told)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bars off the terminal while results are written."""
        with self._lock:
            bars = self._bars
        if bars is None:
            yield
            return
        bars.stop()
        try:
            yield
        finally:
            bars.start()

    def close(self) -> None:
        """Take the bars off the terminal for good."""
        with self._lock:
            if self._bars is not None:
                self._bars.stop()
            self._bars = None
            self._draws = False

    def _draw(self, event: DownloadStarted | BytesReceived | DownloadFinished) -> None:
        with self._lock:
            if not self._draws:
                return
            if self._bars is None:
                self._bars = _new_bars()
                self._bars.start()
            match event:
                case DownloadStarted(url=url, size_bytes=size_bytes):
                    name = printable(url.rpartition("/")[2] or url)
                    self._tasks[url] = self._bars.add_task(name, total=size_bytes)
                case BytesReceived(url=url, count=count):
                    if url in self._tasks:
                        self._bars.advance(self._tasks[url], count)
                case DownloadFinished(url=url):
                    if url in self._tasks:
                        self._bars.remove_task(self._tasks.pop(url))


def _new_bars() -> "Progress":
    from rich.console import Console as RichConsole  # noqa: PLC0415
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn  # noqa: PLC0415

    # Names come from an index: no column may read them as rich's markup.
    name = TextColumn("{task.description}", markup=False)
    return Progress(
        name,
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=RichConsole(stderr=True),
        transient=True,
    )

import io
import sys

import pytest

from conda_bridge.cli.console import Console
from conda_bridge.cli.progress import progress
from conda_bridge.model.codes import finding
from conda_bridge.model.events import (
    BytesReceived,
    DownloadFinished,
    DownloadStarted,
    Event,
    Noticed,
    StepStarted,
)
from support.terminals import Terminal, screen_of

URL = "https://files.example/demo-1.0.tar.gz"
EVENTS: tuple[Event, ...] = (
    DownloadStarted(url=URL, size_bytes=1000),
    BytesReceived(url=URL, count=500),
    BytesReceived(url="https://files.example/unheard-of", count=1),
    DownloadFinished(url=URL),
    DownloadFinished(url="https://files.example/unheard-of"),
)


def test_bars_are_drawn_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress(Console()) as reporter:
            for event in EVENTS[:2]:
                reporter.report(event)
            with reporter.paused():
                pass
            for event in EVENTS[2:]:
                reporter.report(event)

    assert "demo-1.0.tar.gz" in terminal.getvalue()
    assert file.getvalue() == ""


def test_hostile_file_name_is_escaped_and_is_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    with progress(Console()) as reporter:
        reporter.report(DownloadStarted(url="https://files.example/[red]\x1b]0;x\x07", size_bytes=None))

    assert "[red]" in terminal.getvalue()
    assert "\x1b]0" not in terminal.getvalue()


def test_late_events_after_the_end_draw_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    with progress(Console()) as reporter:
        pass
    reporter.report(EVENTS[0])

    assert terminal.getvalue() == ""


def test_steps_are_told_when_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    for is_verbose in (False, True):
        with progress(Console(is_verbose=is_verbose)) as reporter:
            reporter.report(StepStarted(subject="demo\x1b", step="reading"))

    assert capsys.readouterr().err == "demo\\x1b: reading\n"


def test_what_was_noticed_and_is_in_no_result_is_kept_once() -> None:
    known, new = finding("two-formats", "known"), finding("two-formats", "new")

    with progress(Console()) as reporter:
        for diagnostic in (known, new, new):
            reporter.report(Noticed(subject="demo", diagnostic=diagnostic))

    assert reporter.noticed_beside([known]) == (new,)


def test_results_above_several_running_lines_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    with progress(Console(), shows_steps=True) as reporter:
        for subject in ("one", "two", "three"):
            reporter.report(StepStarted(subject=subject, step="building"))
        for number in range(2):
            with reporter.paused():
                terminal.write("".join(f"result {number} line {line}\n" for line in range(3)))

    shown = [line for line in screen_of(terminal.getvalue()) if line.strip()]
    assert shown == [f"result {number} line {line}" for number in range(2) for line in range(3)]

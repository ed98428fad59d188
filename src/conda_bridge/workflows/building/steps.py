"""The steps of one build: told to the reporter as they begin, and timed."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from conda_bridge.model.events import StepStarted
from conda_bridge.protocols import Reporter
from conda_bridge.workflows.building.values import StepTime

__all__ = ["Steps"]

_PATIENCE_S = 1.0


class Steps:
    """The steps of one subject, one after the other."""

    def __init__(self, subject: str, reporter: Reporter, *, earlier: Sequence[StepTime] = ()) -> None:
        """Begin with the steps that were done `earlier`."""
        self._subject = subject
        self._reporter = reporter
        self._done: list[StepTime] = [*earlier]

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Do a step; it is timed when it fails, too."""
        self._reporter.report(StepStarted(subject=self._subject, step=name))
        began = time.monotonic()
        try:
            yield
        finally:
            self._done.append(StepTime(step=name, duration_s=time.monotonic() - began))

    @contextmanager
    def waiting(self, name: str, *, patience_s: float = _PATIENCE_S) -> Iterator[None]:
        """Do what mostly takes no time; it is told as a step where it does, and not timed."""
        event = StepStarted(subject=self._subject, step=name)
        timer = threading.Timer(patience_s, self._reporter.report, [event])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def done(self) -> tuple[StepTime, ...]:
        """Return the steps so far; several of one name are one, where the first was."""
        totals: dict[str, float] = {}
        for one in self._done:
            totals[one.step] = totals.get(one.step, 0.0) + one.duration_s
        return tuple(StepTime(step=name, duration_s=round(total, 3)) for name, total in totals.items())

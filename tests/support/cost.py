"""CPU time of code under test, measured so that other work on the machine doesn't decide the result."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["SECONDS", "growth", "least_cpu_s"]

SECONDS = 2.0
"""Of CPU time for one text made to be dear; idle, none takes half of it."""


_FLOOR_S = 0.018
"""CPU time of `_floor_s` on the machine that `SECONDS` are of."""


def _floor_s() -> float:
    """Return the CPU time of a fixed piece of work: dicts and strings, as in most of what is measured."""
    started = time.process_time()
    kept = {}
    for number in range(200_000):
        kept[number % 1000] = str(number)
    return time.process_time() - started


@contextmanager
def _untraced() -> Iterator[None]:
    """Leave what is measured to itself: under coverage it takes up to seven times as long, the floor does not."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


def least_cpu_s(run: Callable[[], object], *, enough_s: float, runs: int = 4) -> float:
    """Return the least CPU time of a few runs; the first that is within `enough_s` ends the measuring.

    A busy or slow machine takes several times as long for everything, so each run is measured in the fixed work
    that is done before and after it; what is quadratic is slow in all runs.
    """
    least = float("inf")
    before_s = _floor_s()
    for _ in range(runs):
        with _untraced():
            started = time.process_time()
            run()
            taken_s = time.process_time() - started
        after_s = _floor_s()
        least = min(least, taken_s * _FLOOR_S / max(before_s, after_s, _FLOOR_S))
        before_s = after_s
        if least < enough_s:
            break
    return least


def growth(run: Callable[[int], object], *, size: int, enough: float) -> float:
    """Return how many times as much four times the size costs: 4 where the cost is linear, 16 where it is quadratic."""
    least = float("inf")
    for _ in range(4):
        small_s = least_cpu_s(lambda: run(size), enough_s=0, runs=3)
        large_s = least_cpu_s(lambda: run(4 * size), enough_s=0, runs=2)
        least = min(least, large_s / max(small_s, 1e-6))
        if least < enough:
            break
    return least

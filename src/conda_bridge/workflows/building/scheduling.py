"""Tasks that need one another are run, several at once, and their results come as soon as they are there.

Whoever interrupts the main thread interrupts all: `stop` ends what other threads wait for.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

__all__ = ["run_in_order"]

T = TypeVar("T")

_TIDYING_UP_S = 10.0
"""So long threads may take to remove what they left half-written."""


def run_in_order(
    needs: Mapping[str, Sequence[str]],
    run_one: Callable[[str], T],
    *,
    jobs: int,
    stop: Callable[[], None],
) -> Iterator[T]:
    """Run a task for each key of `needs`, each after those that it needs; yield each result as soon as it is there.

    A need comes before what needs it. `run_one` has to return its failures: what it raises is a bug of ours or an
    interruption, and ends everything once the tasks that are running have ended. After an interruption the results
    that are there come before it.
    """
    if jobs == 1 or len(needs) == 1:
        # In this thread an interruption reaches the work itself, which then cleans up.
        for name in needs:
            yield run_one(name)
        return
    pool = ThreadPoolExecutor(max_workers=jobs)
    futures: dict[str, Future[T]] = {}
    told: set[str] = set()
    try:
        _submit(needs, futures, pool, run_one)
        while len(told) < len(needs):
            wait([one for name, one in futures.items() if name not in told], return_when=FIRST_COMPLETED)
            _submit(needs, futures, pool, run_one)
            for name in _finished(futures, told):
                result = futures[name].result()
                told.add(name)
                yield result
    except KeyboardInterrupt:
        _end(futures, stop)
        for name in _finished(futures, told):
            if futures[name].exception() is None:
                yield futures[name].result()
        raise
    except BaseException:
        _end(futures, stop)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _finished(futures: Mapping[str, Future[T]], told: Collection[str]) -> list[str]:
    """Return the names of the tasks that have ended and aren't told of."""
    return [
        name
        for name, future in futures.items()
        if name not in told and future.done() and not future.cancelled()
    ]


def _end(futures: Mapping[str, Future[T]], stop: Callable[[], None]) -> None:
    for future in futures.values():
        future.cancel()
    stop()
    wait(futures.values(), timeout=_TIDYING_UP_S)


def _submit(
    needs: Mapping[str, Sequence[str]],
    futures: dict[str, Future[T]],
    pool: ThreadPoolExecutor,
    run_one: Callable[[str], T],
) -> None:
    for name, before in needs.items():
        if name not in futures and all(one in futures and futures[one].done() for one in before):
            futures[name] = pool.submit(run_one, name)

"""Tasks that need one another are run, several at once, and their results come in a fixed order.

Whoever interrupts the main thread interrupts all: `stop` ends what other threads wait for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    """Run a task for each key of `needs`, each after those that it needs; yield the results in the keys' order.

    A need comes before what needs it. `run_one` has to return its failures: what it raises is a bug of ours or an
    interruption, and ends everything once the tasks that are running have ended.
    """
    if jobs == 1 or len(needs) == 1:
        # In this thread an interruption reaches the work itself, which then cleans up.
        for name in needs:
            yield run_one(name)
        return
    pool = ThreadPoolExecutor(max_workers=jobs)
    futures: dict[str, Future[T]] = {}
    try:
        for name in needs:
            while name not in futures or not futures[name].done():
                _submit(needs, futures, pool, run_one)
                running = [future for future in futures.values() if not future.done()]
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    _raise_interruption(future)
            _submit(needs, futures, pool, run_one)
            yield futures[name].result()
    except BaseException:
        for future in futures.values():
            future.cancel()
        stop()
        wait(futures.values(), timeout=_TIDYING_UP_S)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _raise_interruption(future: Future[T]) -> None:
    error = future.exception()
    if error is not None and not isinstance(error, Exception):
        raise error


def _submit(
    needs: Mapping[str, Sequence[str]],
    futures: dict[str, Future[T]],
    pool: ThreadPoolExecutor,
    run_one: Callable[[str], T],
) -> None:
    for name, before in needs.items():
        if name not in futures and all(one in futures and futures[one].done() for one in before):
            futures[name] = pool.submit(run_one, name)

"""What a build is at is told, and so is that it waits for another."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.model.events import Event, StepStarted
from conda_bridge.workflows.build import builds
from conda_bridge.workflows.building.steps import Steps
from support.building import Workshop
from support.engines import HeardReporter
from support.index_server import IndexServer


class _Awaited:
    """A reporter that says when a build waits."""

    def __init__(self) -> None:
        self.is_waiting = threading.Event()

    def report(self, event: Event) -> None:
        if isinstance(event, StepStarted) and event.step == "waiting for another build of demo":
            self.is_waiting.set()


def test_build_that_waits_for_another_of_the_same_name_says_so(
    tmp_path: Path, index_server: IndexServer
) -> None:
    shop = Workshop(folder=tmp_path, index=index_server)
    shop.offer("demo")
    options = shop.options()
    heard = _Awaited()

    with ThreadPoolExecutor(1) as pool:
        with LocalChannel(options.channel_dir).work("demo"):
            waiting = pool.submit(
                lambda: [*builds(["demo"], options=options, services=shop.services(options), reporter=heard)]
            )
            is_told = heard.is_waiting.wait(10)
        (result,) = waiting.result(20)

    assert is_told
    assert result.error is None


def test_what_takes_no_time_is_no_step() -> None:
    heard = HeardReporter()
    steps = Steps("demo", heard)

    with steps.waiting("waiting"):
        pass

    assert heard.events == []
    assert steps.done() == ()

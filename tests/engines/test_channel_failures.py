"""What is said of a channel that an engine can't ask."""

from pathlib import Path

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.processes.workers import WorkerPlace, WorkerRequest, run_worker

pytestmark = pytest.mark.engine


def test_channel_and_what_was_asked_for_are_named_without_secrets(tmp_path: Path) -> None:
    url = "http://me:secret@127.0.0.1:9/acme"
    arguments = {"channels": [url], "specs": ["zlib >=1"], "subdir": "linux-64"}
    request = WorkerRequest(operation="solve", arguments=arguments)
    place = WorkerPlace(has_network=True, cache_dir=str(tmp_path / "cache"))

    with pytest.raises(SourceError) as caught:
        run_worker(request, place=place, timeout_s=60)

    assert caught.value.message.startswith("it can't be asked for zlib >=1: ")
    assert caught.value.where == "http://127.0.0.1:9/acme"

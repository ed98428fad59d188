"""An environment of the user's, and the packages that the next one is made of."""

from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree

import pytest

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName
from conda_bridge.processes.isolation import Isolator, find_isolator
from conda_bridge.processes.workers import WorkerPlace, WorkerRequest, run_worker

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(find_spec("rattler") is None, reason="py-rattler is missing"),
]


@pytest.mark.parametrize("isolator", [find_isolator(), Isolator(kind="session")], ids=["best", "session"])
def test_what_is_written_into_an_environment_is_not_in_the_next(isolator: Isolator, tmp_path: Path) -> None:
    channel, prefix = tmp_path / "channel", tmp_path / "prefix"
    (channel / "noarch").mkdir(parents=True)
    record = PackageRecord(conda_name=CondaName("given"), version="1", build="0", noarch="generic")
    files = [PackedFile(path="share/given", content=b"words")]
    write_conda(str(channel / "noarch/given-1-0.conda"), record, files)
    run_worker(
        WorkerRequest(operation="index", arguments={"folder": str(channel)}),
        place=WorkerPlace(writable=(str(channel),)),
        timeout_s=60,
    )
    seen = []

    for _ in range(2):
        arguments = {"channels": [channel.as_uri()], "specs": ["given"], "subdir": "linux-64"}
        run_worker(
            WorkerRequest(operation="install", arguments={**arguments, "prefix": str(prefix)}),
            place=WorkerPlace(
                isolator=isolator,
                readable=(str(channel),),
                writable=(str(prefix),),
                cache_dir=str(tmp_path / "cache"),
            ),
            timeout_s=60,
        )
        seen.append((prefix / "share/given").read_text())
        (prefix / "share/given").write_text("evil")
        rmtree(prefix)

    assert seen == ["words", "words"]

"""What a build may use up, and who notices that a disk fills."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conda_bridge.errors import EngineError
from conda_bridge.processes.limits import SpaceWatch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a system with resource limits")

_LIMITED = """\
import resource
from conda_bridge.processes.limits import limit_ourselves
resource.setrlimit(resource.RLIMIT_NPROC, (100, 200))
limit_ourselves()
print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NPROC))
"""


def test_limits_are_lowered_and_never_raised() -> None:
    ended = subprocess.run([sys.executable, "-c", _LIMITED], capture_output=True, text=True, check=True)

    assert ended.stdout.strip() == "(0, 0) (100, 200)"


def test_full_disk_is_a_failure_that_names_the_folder(tmp_path: Path) -> None:
    watch = SpaceWatch(folders=(str(tmp_path),), least_free_bytes=shutil.disk_usage(tmp_path).total + 1)

    with pytest.raises(EngineError, match=str(tmp_path)) as caught:
        watch.look()

    assert caught.value.slug == "disk-full"


def test_folder_that_is_gone_and_one_with_space_are_none(tmp_path: Path) -> None:
    SpaceWatch(folders=(str(tmp_path / "gone"), str(tmp_path)), least_free_bytes=1).look()

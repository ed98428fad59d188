"""What a build may use up."""

import subprocess
import sys

import pytest

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

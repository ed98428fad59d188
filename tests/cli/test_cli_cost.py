"""What a command costs, in CPU of the whole process, compared with a Python that does nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.cli_runs import MakeSdist

resource = pytest.importorskip("resource", reason="CPU of child processes is a notion of Unix")

pytestmark = pytest.mark.slow

ROUNDS = 7


def cpu_s(*arguments: str, cache: Path) -> float:
    """The least CPU of several runs, byte code at hand, in seconds."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    costs: list[float] = []
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(costs)


def test_help_costs_at_most_eight_empty_pythons(tmp_path: Path) -> None:
    cache = tmp_path / "cache"

    assert cpu_s("-m", "conda_bridge", "--help", cache=cache) <= 8 * cpu_s("-c", "pass", cache=cache)


def test_local_sdist_costs_no_more_than_it_should(work: Path, tmp_path: Path, make_sdist: MakeSdist) -> None:
    make_sdist()
    cache = tmp_path / "cache"
    command = ("-m", "conda_bridge", "recipe", "./demo-1.0.tar.gz", "--offline", "-o", str(work / "out"))

    # 18 to 28 were measured, the more the busier the machine; importing requests alone would add 9.
    assert cpu_s(*command, cache=cache) <= 32 * cpu_s("-c", "pass", cache=cache)

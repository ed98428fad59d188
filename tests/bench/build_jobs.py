"""How much faster two jobs build six small packages than one.

    python tests/bench/build_jobs.py [--packages 6] [--runs 3] [--compiled]

Needs py-rattler-build and no network: the projects are made here and served, with the wheels that this interpreter
brings along, by an index on this machine. They don't need each other, and the host's packages are there before. Both
ways run in turn, each into an empty channel. It says something only on two cores that have nothing else to do: the
machine's load at the start of each run is told, and how much faster two processes that do nothing but count are done
beside each other than one after the other, which is the most that can be had there. Ends with 1 where the median of the
ratios is below the goal, 1.6.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from support.index_server import IndexServer, running_index_server
from support.small_index import EXTENSION, add_bundled_wheels, add_project, build_environment

GOAL = 1.6
_TIMEOUT_S = 900
_COUNT = "x = 0\nfor i in range(20_000_000): x += i"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--packages", type=int, default=6)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--compiled", action="store_true", help="projects with an extension module")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="build-jobs-") as scratch, running_index_server() as index:
        folder = Path(scratch)
        assert "setuptools" in add_bundled_wheels(index), "this interpreter's ensurepip has no setuptools"
        names = [f"small{number}" for number in range(arguments.packages)]
        for name in ("first", *names):
            add_project(index, folder, name, code=EXTENSION if arguments.compiled else "")
        _build(index, folder, ["first"], jobs=1)
        ratios = [_ratio(index, folder, names) for _ in range(arguments.runs)]
    median = statistics.median(ratios)
    print(f"median of {arguments.runs}: {median:.2f} times faster; goal {GOAL}")
    return int(median < GOAL)


def _ratio(index: IndexServer, folder: Path, names: list[str]) -> float:
    loads = []
    times = []
    for jobs in (1, 2):
        loads.append(os.getloadavg()[0])
        times.append(_build(index, folder, names, jobs=jobs))
    one_s, two_s = times
    print(
        f"  {len(names)} packages: one job {one_s:.1f} s (load {loads[0]:.1f}), two jobs {two_s:.1f} s "
        f"(load {loads[1]:.1f}) = {one_s / two_s:.2f} times faster; counting: {_counting():.2f}",
        flush=True,
    )
    return one_s / two_s


def _counting() -> float:
    def counted(processes: int) -> float:
        started = time.perf_counter()
        children = [subprocess.Popen([sys.executable, "-c", _COUNT]) for _ in range(processes)]
        assert not any(child.wait() for child in children)
        return time.perf_counter() - started

    return (counted(1) + counted(1)) / counted(2)


def _build(index: IndexServer, folder: Path, names: list[str], *, jobs: int) -> float:
    environment = build_environment(folder, index.index_url)
    command = [
        sys.executable,
        "-m",
        "conda_bridge",
        "build",
        *names,
        "--distributor",
        "host",
        "-j",
        str(jobs),
    ]
    with tempfile.TemporaryDirectory(dir=folder) as channel:
        started = time.perf_counter()
        done = subprocess.run(
            [*command, "-o", channel, "-q"],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT_S,
        )
        duration_s = time.perf_counter() - started
        assert done.returncode == 0, done.stdout + done.stderr
        assert len([*Path(channel).glob("*/*.conda")]) == len(names)
    return duration_s


if __name__ == "__main__":
    sys.exit(main())

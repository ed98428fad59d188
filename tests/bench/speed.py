"""Ratios of cost, each measured against a peer or a floor in the same run.

    python tests/bench/speed.py SDIST [--grayskull PROGRAM] [--runs 10]

1. CPU seconds (user + system, whole process) of `conda-bridge recipe SDIST --offline` against grayskull's on the
   same sdist: median of RUNS, in turn. Left out without `--grayskull`.
2. CPU seconds of `conda-bridge --help` against `python -c pass`.
3. In process: a recipe from SDIST against decompressing and listing that archive; median of 30.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sdist", type=Path)
    parser.add_argument("--grayskull", help="path of a grayskull program")
    parser.add_argument("--runs", type=int, default=10)
    arguments = parser.parse_args()
    sdist = arguments.sdist.resolve()
    with tempfile.TemporaryDirectory() as folder:
        ours = [sys.executable, "-m", "conda_bridge", "recipe", str(sdist), "--offline", "-o", folder]
        if arguments.grayskull:
            peer = [arguments.grayskull, "pypi", str(sdist), "-o", folder, "--no-use-v1-format"]
            _compare("recipe SDIST : grayskull", ours, peer, runs=arguments.runs, goal=0.4)
        program = [sys.executable, "-m", "conda_bridge", "--help"]
        _compare(
            "--help : python -c pass", program, [sys.executable, "-c", "pass"], runs=arguments.runs, goal=8
        )
    _in_process(sdist)


def _compare(title: str, left: Sequence[str], right: Sequence[str], *, runs: int, goal: float) -> None:
    pairs = [(_cpu_seconds(left), _cpu_seconds(right)) for _ in range(runs + 1)][1:]
    ratio = statistics.median(a / b for a, b in pairs)
    a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{title:34} {a:7.3f} s : {b:7.3f} s = {ratio:5.2f}  (goal {goal})")


def _cpu_seconds(command: Sequence[str]) -> float:
    environment = {**os.environ, "NO_COLOR": "1"}
    # Installed programs have their byte code; an editable one must be allowed to write it once.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _in_process(sdist: Path) -> None:
    from conda_bridge import NetworkOptions, RecipeOptions, convert
    from conda_bridge.workflows.recipe import render_recipe

    options = RecipeOptions(network=NetworkOptions(offline=True))

    def recipe() -> None:
        render_recipe(convert(str(sdist), options=options), options=options)

    def floor() -> None:
        with tarfile.open(sdist) as archive:
            archive.getmembers()

    pairs = [(_seconds(recipe), _seconds(floor)) for _ in range(31)][1:]
    ratio = statistics.median(a / b for a, b in pairs)
    a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
    title = "in process : decompress and list"
    print(f"{title:34} {a:7.4f} s : {b:7.4f} s = {ratio:5.2f}  (goal 5)")


def _seconds(function: Callable[[], None]) -> float:
    started = time.process_time()
    function()
    return time.process_time() - started


if __name__ == "__main__":
    main()

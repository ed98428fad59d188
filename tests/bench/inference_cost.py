"""Cost of inference over sdists, against decompressing them, in one run.

    python tests/bench/inference_cost.py SDIST... [--runs 5]

Every figure is the least of RUNS, each in a process of its own:

- inference: CPU seconds (user + system) of reading the source, converting and rendering it, cold, against those of
  decompressing the file in blocks of 1 MiB and nothing else; scanners and rules that load late are loaded before;
- command: the whole of `conda-bridge recipe SDIST --offline` against a Python that decompresses the file, the start of
  both included, and the command's peak memory. Loading the program is a quarter of a second whatever the source.

Goals: inference at most 4 times the floor, peak memory below 300 MB. Other work on the machine slows a program of many
small objects down more than it does decompressing: measure on a quiet one.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

_FLOOR = """
import sys, time, zlib
started = time.process_time()
inflater = zlib.decompressobj(wbits=31)
with open(sys.argv[1], "rb") as file:
    while block := file.read(1 << 16):
        while block:
            inflater.decompress(block, 1 << 20)
            block = inflater.unconsumed_tail
print(time.process_time() - started)
"""
_INSIDE = """
import importlib, pkgutil, sys, time
import conda_bridge.infer
from conda_bridge import NetworkOptions, RecipeOptions, convert
from conda_bridge.workflows.recipe import render_recipe
for module in pkgutil.walk_packages(conda_bridge.infer.__path__, "conda_bridge.infer."):
    importlib.import_module(module.name)
options = RecipeOptions(network=NetworkOptions(offline=True))
started = time.process_time()
render_recipe(convert(sys.argv[1], options=options), options=options)
print(time.process_time() - started)
"""
_MAX_RATIO = 4.0
_MAX_BYTES = 300_000_000


class _Cost(NamedTuple):
    cpu_s: float
    peak_bytes: int
    own_s: float
    """What the program measured itself; 0 where it didn't."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sdist", type=Path, nargs="+")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    verdicts = [_measured(path.resolve(), runs=arguments.runs) for path in arguments.sdist]
    sys.exit(0 if all(verdicts) else 1)


def _measured(sdist: Path, *, runs: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        recipe = [sys.executable, "-m", "conda_bridge", "recipe", str(sdist), "--offline", "-o", folder]
        commands = {
            "floor": [sys.executable, "-c", _FLOOR, str(sdist)],
            "recipe": recipe,
            "inside": [sys.executable, "-c", _INSIDE, str(sdist)],
        }
        # In turn, so that a busy machine disturbs all alike; the first round writes byte code.
        rounds = [{name: _cost(command) for name, command in commands.items()} for _ in range(runs + 1)][1:]
    floor_s, recipe_s = (min(r[name].cpu_s for r in rounds) for name in ("floor", "recipe"))
    floor_own_s, inside_s = (min(r[name].own_s for r in rounds) for name in ("floor", "inside"))
    peak_bytes = max(r["recipe"].peak_bytes for r in rounds)
    print(f"{sdist.name}")
    for title, ours_s, least_s in (("inference", inside_s, floor_own_s), ("command", recipe_s, floor_s)):
        goal = f"  (goal {_MAX_RATIO:.0f})" if title == "inference" else ""
        print(f"  {title:10}: floor {ours_s:8.3f} s : {least_s:7.3f} s = {ours_s / least_s:5.2f}{goal}")
    print(f"  peak memory {peak_bytes / 1e6:12.1f} MB  (goal {_MAX_BYTES / 1e6:.0f})")
    return inside_s / floor_own_s <= _MAX_RATIO and peak_bytes < _MAX_BYTES


def _cost(command: list[str]) -> _Cost:
    environment = {**os.environ, "NO_COLOR": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        output = process.stdout.read()
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:4])} ended with {process.returncode}: {errors[-2000:]}")
    try:
        own_s = float(output)
    except ValueError:
        own_s = 0.0
    return _Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, own_s)


if __name__ == "__main__":
    main()

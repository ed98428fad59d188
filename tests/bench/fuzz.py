"""Feed every reader of strangers' text with mutated inputs, and look for what must never happen.

    python tests/bench/fuzz.py [--inputs 10000] [--reader NAME]... [--seed 1] [--keep DIR]

Never: an exception that is not one of ours, more than 2 s of CPU or 256 MB for one input, a file changed outside the
output folder, a program started, a connection, foreign code executed or imported. An input that does so is saved to
DIR, and the exit status is 1. The same seed gives the same inputs.

Each thousand inputs run in a child of their own, whose address space is bounded.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

_BATCH = 1000
_ADDRESS_SPACE = 3 << 30


@dataclass(kw_only=True)
class _Sum:
    """What came of all inputs of one reader."""

    count: int = 0
    wall_s: float = 0.0
    worst_s: float = 0.0
    worst_bytes: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    violations: list[tuple[int, str]] = field(default_factory=list)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--reader", action="append", help="one of the readers; may be repeated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-violations"))
    parser.add_argument("--child", nargs=2, type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        _child(arguments.reader[0], arguments.seed, *arguments.child)
        return 0
    from support.fuzz_readers import READERS

    sums = {}
    if unknown := set(arguments.reader or ()) - set(READERS):
        parser.error(f"no reader is called {', '.join(sorted(unknown))}; there are {', '.join(READERS)}")
    print(f"{'reader':16} {'inputs':>7} {'in/s':>7} {'worst s':>8} {'worst MB':>9}  outcomes")
    for name in arguments.reader or READERS:
        sums[name] = _run(name, arguments)
        _show(name, sums[name])
    _keep(sums, arguments)
    return 1 if any(one.violations for one in sums.values()) else 0


def _run(name: str, arguments: argparse.Namespace) -> _Sum:
    total = _Sum()
    started = time.monotonic()
    for start in range(0, arguments.inputs, _BATCH):
        end = min(start + _BATCH, arguments.inputs)
        while start < end:
            start = _add(total, name, arguments.seed, start, end)  # noqa: PLW2901 - on, behind what killed the child
    total.wall_s = time.monotonic() - started
    return total


def _add(total: _Sum, name: str, seed: int, start: int, end: int) -> int:
    """Run a child from `start` on and return where to go on."""
    command = [
        sys.executable, __file__, "--reader", name, "--seed", str(seed), "--child", str(start), str(end),
    ]  # fmt: skip
    child = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = list(_rows(child.stdout))
    for row in rows:
        total.count += 1
        total.outcomes[row["outcome"]] += 1
        total.worst_s = max(total.worst_s, row["seconds"])
        # The first inputs import what the reader needs.
        total.worst_bytes = max(total.worst_bytes, row["growth"] if row["number"] > start + 20 else 0)
        if row["violation"]:
            total.violations.append((row["number"], row["violation"]))
    reached = start + len(rows)
    if reached < end:
        total.violations.append((reached, f"the child died: {child.returncode} {child.stderr[-300:]}"))
        reached += 1
    return reached


def _rows(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        if line.startswith("{") and line.endswith("}"):
            yield json.loads(line)


def _show(name: str, one: _Sum) -> None:
    outcomes = ", ".join(f"{outcome} {count}" for outcome, count in one.outcomes.most_common(9))
    speed = one.count / max(one.wall_s, 1e-9)
    print(
        f"{name:16} {one.count:7} {speed:7.0f} {one.worst_s:8.2f} {one.worst_bytes / 1e6:9.1f}  {outcomes}",
        flush=True,
    )
    for number, what in one.violations[:20]:
        print(f"    {number}: {what}", flush=True)
    if len(one.violations) > 20:
        print(f"    and {len(one.violations) - 20} more")


def _keep(sums: dict[str, _Sum], arguments: argparse.Namespace) -> None:
    from support.fuzz_readers import READERS
    from support.fuzzing import input_of

    for name, one in sums.items():
        seeds = READERS[name].seeds()
        for number, _ in one.violations:
            arguments.keep.mkdir(parents=True, exist_ok=True)
            path = arguments.keep / f"{name}-{arguments.seed}-{number}"
            path.write_bytes(input_of(READERS[name], seeds, seed=arguments.seed, number=number))


def _child(name: str, seed: int, start: int, end: int) -> None:
    from support.fuzz_readers import READERS
    from support.fuzzing import input_of, judge
    from support.watch import foreign_modules

    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    reader = READERS[name]
    seeds = reader.seeds()
    before = frozenset(sys.modules)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for seed_input in seeds:  # imports what the reader needs, so that it isn't counted as an input's cost
            judge(reader, seed_input, Path(folder), seconds=60)
        for number in range(start, end):
            data = input_of(reader, seeds, seed=seed, number=number)
            verdict = judge(reader, data, Path(folder))
            foreign = foreign_modules(before) if number == end - 1 else []
            row = {
                "number": number,
                "outcome": verdict.outcome,
                "seconds": verdict.seconds,
                "growth": verdict.growth_bytes,
                "violation": "; ".join(filter(None, (verdict.violation, *foreign))),
            }
            print(json.dumps(row), flush=True)
        os.chdir("/")


if __name__ == "__main__":
    sys.exit(main())

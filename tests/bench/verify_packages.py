"""Prove the round trip of real projects on this machine's own toolchain, and say of each what differs.

    python tests/bench/verify_packages.py [--list dev_core.txt | --popular] [--goal N] [--keep DIR] [NAME...]

Needs py-rattler-build, a sandbox, a package index, and for lists the environment variable CONDA_BRIDGE_BENCH; of a list
the rows of noarch projects are taken. Each project goes through the command line, `verify NAME --distributor host`. A
line a project says its verdict, how long it took, how many files are equal to those of the project's own build and of
the published wheel, and which rules explain the others; what is different is listed below it. A project that is no
longer on the index is left out and counted. Ends with 1 where fewer than the goal are equal or explained, or anything is
neither proved nor told why.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

_TIMEOUT_S = 1800
POPULAR = (
    "requests", "idna", "packaging", "urllib3", "click", "jinja2", "rich", "attrs", "pytest", "pygments",
)  # fmt: skip
"""Of several backends: setuptools, flit-core and hatchling, with and without version files of a tool."""


def main() -> int:
    """Run the benchmark and print its table."""
    arguments = _arguments()
    wanted = arguments.names or (POPULAR if arguments.popular else _listed(arguments.list))
    outcomes: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for name in wanted:
        started = time.monotonic()
        outcome, lines = _verify(name, arguments.keep, rules)
        outcomes[outcome] += 1
        print(f"{name:34} {outcome:10} {time.monotonic() - started:6.1f} s  {lines[0]}", flush=True)
        for line in lines[1:]:
            print(f"    {line}", flush=True)
    proved = outcomes["equal"] + outcomes["explained"]
    print(f"\n{proved} of {len(wanted) - outcomes['gone']} equal or explained: {dict(outcomes)}")
    print("explained by:", ", ".join(f"{rule} {count}" for rule, count in rules.most_common()) or "nothing")
    return int(proved < arguments.goal or outcomes["crashed"] > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*")
    parser.add_argument("--list", default="dev_core.txt")
    parser.add_argument("--popular", action="store_true")
    parser.add_argument("--goal", type=int, default=0)
    parser.add_argument("--keep", default="")
    return parser.parse_args()


def _listed(file_name: str) -> list[str]:
    lines = Path(os.environ["CONDA_BRIDGE_BENCH"], file_name).read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line.strip()]
    return [row[1] for row in rows if row[2] == "noarch"]


def _verify(name: str, keep: str, rules: Counter[str]) -> tuple[str, list[str]]:
    command = [str(Path(sys.executable).with_name("conda-bridge")), "verify", name]
    command += ["--distributor", "host", "--json", *(["--keep", keep] if keep else [])]
    child = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
    try:
        answer: dict[str, Any] = json.loads(child.stdout)
    except ValueError:
        return "crashed", [(child.stderr.strip().splitlines() or [f"status {child.returncode}"])[-1]]
    if answer["errors"]:
        error = answer["errors"][-1]
        is_gone = error["slug"] in {"project-not-found", "version-not-found"}
        return "gone" if is_gone else "failed", [f"{error['code']} {' '.join(error['message'].split())}"]
    (row,) = answer["results"]
    lines = [", ".join(_counted(one, rules) for one in row["comparisons"])]
    for one in row["comparisons"]:
        rows = [*one["files"], *({**field, "path": field["field"]} for field in one["fields"])]
        lines += [
            f"{one['right']}: {found['path']}: {found['note']}"
            for found in rows
            if found["verdict"] == "different"
        ]
    is_told_right = child.returncode == (1 if row["verdict"] == "different" else 0)
    return row["verdict"] if is_told_right else "crashed", lines


def _counted(comparison: dict[str, Any], rules: Counter[str]) -> str:
    odd = Counter(row["rule"] for row in comparison["files"] if row["verdict"] == "explained")
    rules.update(odd)
    equal = sum(row["verdict"] == "equal" for row in comparison["files"])
    metadata = " METADATA identical" if comparison["is_metadata_identical"] else ""
    told = f" ({', '.join(f'{rule} {count}' for rule, count in odd.items())})" if odd else ""
    return f"{comparison['right']} {equal}/{len(comparison['files'])}{metadata}{told}"


if __name__ == "__main__":
    sys.exit(main())

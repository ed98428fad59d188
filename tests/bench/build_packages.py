"""Build real projects against this machine's own toolchain and say of each what became of it.

    python tests/bench/build_packages.py [--list dev_core.txt] [--kind noarch|compiled|all] [--goal N] [-o CHANNEL] [NAME...]

Needs py-rattler-build, a package index, and for the lists the environment variable CONDA_BRIDGE_BENCH. Each project is
built by the command line, as a user would: `build NAME --distributor host --with-missing`, with the recipe as `recipe`
writes it. A line a project says how long it took, or why it failed, by the code and the first line of the reason; a
project that is no longer on the index is left out and counted. Ends with 1 where fewer than the goal are built and pass
their own tests.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

_TIMEOUT_S = 3000
_WIDTH = 110


def main() -> int:
    """Run the benchmark and print its table."""
    arguments = _arguments()
    wanted = [*arguments.names, *([] if arguments.names else _listed(arguments.list, arguments.kind))]
    channel = arguments.output or Path(tempfile.mkdtemp(prefix="build-packages-")) / "channel"
    outcomes: Counter[str] = Counter()
    for name in wanted:
        started = time.monotonic()
        outcome, detail = _build(name, channel)
        outcomes[outcome] += 1
        print(f"{name:40} {outcome:8} {time.monotonic() - started:6.1f} s  {detail[:_WIDTH]}", flush=True)
    tried = len(wanted) - outcomes["gone"]
    print(f"\n{outcomes['built']} of {tried} built and tested; {outcomes['gone']} no longer on the index")
    return int(outcomes["built"] < arguments.goal)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*")
    parser.add_argument("--list", default="dev_core.txt")
    parser.add_argument("--kind", choices=["noarch", "compiled", "all"], default="noarch")
    parser.add_argument("--goal", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path)
    return parser.parse_args()


def _listed(file_name: str, kind: str) -> list[str]:
    lines = Path(os.environ["CONDA_BRIDGE_BENCH"], file_name).read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line.strip()]
    return [row[1] for row in rows if kind == "all" or (row[2] == "noarch") == (kind == "noarch")]


def _build(name: str, channel: Path) -> tuple[str, str]:
    command = [str(Path(sys.executable).with_name("conda-bridge")), "build", name, "--distributor", "host"]
    command += ["--with-missing", "--maintainer", "someone", "-o", str(channel), "--json"]
    child = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
    try:
        answer: dict[str, Any] = json.loads(child.stdout)
    except ValueError:
        lines = child.stderr.strip().splitlines()
        return "crashed", lines[-1] if lines else f"status {child.returncode}"
    if child.returncode == 0:
        built = [row["conda_name"] for row in answer["results"] if row["is_built"] and not row["is_asked"]]
        return "built", f"with {', '.join(built)}" if built else ""
    error = answer["errors"][-1]
    outcome = "gone" if error["slug"] in {"project-not-found", "version-not-found"} else "failed"
    reason = " ".join(error["message"].split())
    return outcome, f"{error['code']} {reason}"


if __name__ == "__main__":
    sys.exit(main())

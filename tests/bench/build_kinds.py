"""Build one real project of each kind against this machine's own toolchain, install it and import its native module.

    python tests/bench/build_kinds.py [-o CHANNEL] [KIND...]

Needs py-rattler-build, compilers and a package index; the sources are PyPI's sdists, the recipes those that `recipe`
writes. Each is built, tested and installed into a fresh prefix by one command, `build NAME --distributor host
--with-missing --install PREFIX`; then the prefix's python imports the module that was compiled. The project that needs
crates must fail with E227, which says that they couldn't be fetched, where their registry can't be reached. A line a
kind says what became of it, how long it took, and of what was built its package and how many of its tests passed. Ends
with 1 where a kind misses.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TIMEOUT_S = 3000
_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class _Kind:
    name: str
    source: str
    code: str
    """What is run in the prefix."""
    error: str = ""
    """The code of the error that is meant to be."""


KINDS = (
    _Kind(name="pure", source="tomli-w==1.2.0", code="import tomli_w; tomli_w.dumps({'a': 1})"),
    _Kind(name="c", source="markupsafe==3.0.4", code="import markupsafe._speedups"),
    _Kind(name="cython", source="cymem==2.0.13", code="import cymem.cymem; cymem.cymem.Pool()"),
    _Kind(
        name="scikit-build-core",
        source="iminuit==2.33.0",
        code="from iminuit import Minuit; assert Minuit(lambda x: (x - 1) ** 2, x=0).migrad().valid",
    ),
    _Kind(
        name="meson-python",
        source="pywavelets==1.9.0",
        code="import pywt; pywt.dwt([1.0, 2.0, 3.0, 4.0], 'db1')",
    ),
    _Kind(name="abi3", source="psutil==7.2.2", code="import psutil; psutil.Process().name()"),
    _Kind(name="crates", source="rpds-py==0.30.0", code="import rpds", error="E227"),
)


def main() -> int:
    """Build each kind and print what became of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(kind.name for kind in KINDS))
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    if unknown := {*arguments.kinds} - {kind.name for kind in KINDS}:
        parser.error(f"no kind is called {', '.join(sorted(unknown))}")
    asked = [kind for kind in KINDS if not arguments.kinds or kind.name in arguments.kinds]
    missed = 0
    with tempfile.TemporaryDirectory(prefix="build-kinds-") as scratch:
        channel = arguments.output or Path(scratch, "channel")
        for kind in asked:
            started = time.monotonic()
            is_good, told = _built(kind, channel, Path(scratch, kind.name))
            missed += not is_good
            shown = "ok " if is_good else "BAD"
            took_s = time.monotonic() - started
            print(f"{shown} {kind.name:18} {kind.source:20} {took_s:6.1f} s  {told}", flush=True)
    print(f"{len(asked) - missed} of {len(asked)} kinds are as they should be")
    return int(missed > 0)


def _built(kind: _Kind, channel: Path, prefix: Path) -> tuple[bool, str]:
    command = [str(Path(sys.executable).with_name("conda-bridge")), "build", kind.source]
    command += ["--distributor", "host", "--with-missing", "--maintainer", "someone"]
    command += ["-o", str(channel), "--install", str(prefix), "--json"]
    child = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
    try:
        answer: dict[str, Any] = json.loads(child.stdout)
    except ValueError:
        return False, child.stderr[-_SHOWN:]
    if child.returncode:
        error = answer["errors"][-1]
        return error["code"] == kind.error, f"{error['code']} {_one_line(error['message'])}"
    (row,) = (row for row in answer["results"] if row["is_asked"])
    results = [result for tests in row["tests"] for result in tests["results"]]
    passed = sum(result["is_passed"] for result in results)
    names = ", ".join(package["subdir"] + "/" + Path(package["path"]).name for package in row["packages"])
    complaint = _imported(kind, prefix)
    is_good = not kind.error and bool(row["packages"]) and 0 < passed == len(results) and not complaint
    told = "" if kind.error or complaint else "installed, imported"
    return is_good, f"{names}; {passed} of {len(results)} tests passed; {told or complaint}"


def _imported(kind: _Kind, prefix: Path) -> str:
    """Return what the prefix's python complains of; "" of nothing."""
    ran = subprocess.run(
        [str(prefix / "bin/python"), "-c", kind.code],
        cwd="/",
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    return _one_line(ran.stderr) or f"ended with {ran.returncode}" if ran.returncode else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())[-_SHOWN:]


if __name__ == "__main__":
    sys.exit(main())

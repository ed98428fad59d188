"""Build one real project of each kind against this machine's own toolchain, install it and import its native module.

    python tests/bench/build_kinds.py [-o CHANNEL] [KIND...]

Needs py-rattler-build, compilers and a package index; the sources are PyPI's sdists, the recipes those that `recipe`
writes. Each is built, tested and installed into a fresh prefix by one command, `build NAME --distributor host
--with-missing --install PREFIX`; then the prefix's python imports the module that was compiled. The project that needs
crates must fail, and say that they couldn't be fetched, where their registry can't be reached. Ends with 1 where any of
that isn't so.
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
_NO_CRATES = "crates-unreachable"


@dataclass(frozen=True, kw_only=True)
class _Kind:
    name: str
    source: str
    code: str
    """What is run in the prefix."""
    slug: str = ""
    """Of the error that is meant to be."""


KINDS = (
    _Kind(name="pure", source="tomli-w==1.2.0", code="import tomli_w; tomli_w.dumps({'a': 1})"),
    _Kind(name="c", source="markupsafe==3.0.4", code="import markupsafe._speedups"),
    _Kind(name="cython", source="cymem==2.0.13", code="import cymem.cymem; cymem.cymem.Pool()"),
    _Kind(name="scikit-build-core", source="iminuit==2.33.0", code="import iminuit._core"),
    _Kind(
        name="meson-python",
        source="contourpy==1.3.3",
        code="from contourpy import contour_generator as g; assert g(z=[[0, 1], [1, 2]]).lines(0.5)",
    ),
    _Kind(name="abi3", source="psutil==7.2.2", code="import psutil; psutil.Process().name()"),
    _Kind(name="crates", source="rpds-py==0.30.0", code="import rpds", slug=_NO_CRATES),
)


def main() -> int:
    """Build each kind and print what became of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", choices=[[], *(kind.name for kind in KINDS)])
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory(prefix="build-kinds-") as scratch:
        channel = arguments.output or Path(scratch, "channel")
        for kind in KINDS:
            if arguments.kinds and kind.name not in arguments.kinds:
                continue
            started = time.monotonic()
            is_good, told = _built(kind, channel, Path(scratch, kind.name))
            bad += not is_good
            shown = "ok " if is_good else "BAD"
            print(
                f"{shown} {kind.name:18} {kind.source:22} {time.monotonic() - started:6.1f} s  {told}",
                flush=True,
            )
    return int(bad > 0)


def _built(kind: _Kind, channel: Path, prefix: Path) -> tuple[bool, str]:
    command = [str(Path(sys.executable).with_name("conda-bridge")), "build", kind.source]
    command += ["--distributor", "host", "--with-missing", "--maintainer", "someone"]
    command += ["-o", str(channel), "--install", str(prefix), "--json"]
    child = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
    try:
        answer: dict[str, Any] = json.loads(child.stdout)
    except ValueError:
        return False, child.stderr[-300:]
    if child.returncode:
        error = answer["errors"][-1]
        return error["slug"] == kind.slug != "", f"{error['code']} {' '.join(error['message'].split())[:200]}"
    (row,) = (row for row in answer["results"] if row["is_asked"])
    tested = sum(len(tests["results"]) for tests in row["tests"])
    ran = subprocess.run(
        [str(prefix / "bin/python"), "-c", kind.code],
        cwd="/",
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    names = ", ".join(package["subdir"] + "/" + Path(package["path"]).name for package in row["packages"])
    return ran.returncode == 0, f"{names}, {tested} tests passed {ran.stderr[-200:]}".rstrip()


if __name__ == "__main__":
    sys.exit(main())

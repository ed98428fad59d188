"""Whether the wheels made of real conda packages are taken by everything that reads wheels.

    python tests/bench/wheel_acceptance.py [PACKAGE...] [--tools DIR] [--keep DIR]

Without packages: the rows `convert` of the data that CONDA_BRIDGE_TEST_DATA names. Each wheel, of which a row of the table
tells, must pass

    own          our own reading, in full: names, tags, RECORD with every hash, leftovers, native code
    installer    pypa/installer with --validate-record all
    pip          pip install --no-deps --no-index into a folder, read by importlib.metadata then
    strict       packaging's strict parse of METADATA; a kept or converted one has no fault that the package's own hasn't
    twine        twine check; --strict for metadata that is our own
    contents     check-wheel-contents without W002, W004 and W009, which is how projects lay out their files
    native       pydistcheck, compiled objects only

The tools come from the package index into an environment of their own, in DIR where one is named. Ends with 1 where a
wheel fails, or a package is refused.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.metadata import InvalidMetadata, Metadata

from conda_bridge.archives.package_payload import read_payload
from conda_bridge.archives.wheel_archive import open_wheel
from conda_bridge.errors import BridgeError, RepackError
from conda_bridge.model.options import RecipeOptions
from conda_bridge.model.repackaging import WheelMade, WheelSetting
from conda_bridge.repack.to_wheel.conda_to_wheel import conda_to_wheel
from conda_bridge.repack.wheels.wheel_check import check_wheel
from conda_bridge.workflows.services import name_source

_TOOLS = ("installer", "twine", "check-wheel-contents", "pydistcheck", "pip")
_TIMEOUT_S = 300
_READ_BACK = """\
import importlib.metadata as metadata, json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
found = list(metadata.distributions(path=[sys.argv[1]]))
assert len(found) == 1, found
one = found[0]
# What goes elsewhere than into site-packages pip puts into the folder itself, and leaves RECORD as it was.
places = {str(file): folder / str(file).removeprefix("../../") for file in one.files or ()}
missing = [name for name, place in places.items() if not place.exists()]
print(json.dumps({
    "name": one.metadata["Name"], "version": one.version, "requires": one.requires, "files": len(one.files or ()),
    "scripts": sorted(point.name for point in one.entry_points if point.group == "console_scripts"), "missing": missing,
}))
"""


@dataclass(frozen=True, kw_only=True)
class _Wheel:
    """A wheel under test."""

    made: WheelMade
    package: Path
    tools: Path
    scratch: Path


def main() -> int:
    """Convert, check and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("packages", nargs="*", type=Path)
    parser.add_argument("--tools", type=Path, help="where the tools are, or will be installed")
    parser.add_argument("--keep", type=Path, help="where the wheels stay")
    arguments = parser.parse_args()
    packages = arguments.packages or _convert_rows()
    with tempfile.TemporaryDirectory(prefix="wheel-acceptance-") as scratch:
        tools = _tools(arguments.tools or Path(scratch) / "tools")
        out = arguments.keep or Path(scratch) / "wheels"
        out.mkdir(parents=True, exist_ok=True)
        print(f"{'wheel':52} {'metadata':11} {' '.join(f'{name:9}' for name in _CHECKS)}")
        bad = sum(not _is_accepted(package, out, tools, Path(scratch)) for package in packages)
    print(f"{len(packages) - bad} of {len(packages)} packages became wheels that everything takes")
    return int(bad > 0)


def _convert_rows() -> list[Path]:
    folder = Path(os.environ["CONDA_BRIDGE_TEST_DATA"]) / "conda-packages"
    with (folder / "manifest.tsv").open(encoding="utf-8") as file:
        return [
            folder / row["file"] for row in csv.DictReader(file, delimiter="\t") if row["kind"] == "convert"
        ]


def _tools(folder: Path) -> Path:
    if not (folder / "bin" / "twine").exists():
        venv.create(folder, with_pip=True)
        subprocess.run(
            [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *_TOOLS],
            check=True, capture_output=True, timeout=_TIMEOUT_S * 2,
        )  # fmt: skip
    return folder / "bin"


def _is_accepted(package: Path, out: Path, tools: Path, scratch: Path) -> bool:
    started = time.process_time()
    try:
        made = _converted(package, out)
    except BridgeError as error:
        print(f"{package.name:52} REFUSED {error.slug}: {error}")
        return False
    seconds = time.process_time() - started
    place = scratch / package.name
    wheel = _Wheel(made=made, package=package, tools=tools, scratch=place)
    place.mkdir()
    problems = {name: check(wheel) for name, check in _CHECKS.items()}
    marks = " ".join(f"{'BAD' if found else 'ok':9}" for found in problems.values())
    print(f"{Path(made.path).name:52} {made.metadata_origin:11} {marks} {seconds:.3f} s", flush=True)
    for name, found in problems.items():
        for line in found.splitlines():
            print(f"    {name}: {line}")
    return not any(problems.values())


def _converted(package: Path, out: Path) -> WheelMade:
    names = name_source(RecipeOptions())
    try:
        return conda_to_wheel(str(package), str(out), setting=WheelSetting(), names=names)
    except RepackError as error:
        if error.slug != "platform-gated":
            raise
    # What the comparison with the published wheel allows; its wheel is no worse for it.
    return conda_to_wheel(str(package), str(out), setting=WheelSetting(allows_gated=True), names=names)


# ---------------------------------------------------------------- the checks; each returns what is wrong


def _own(wheel: _Wheel) -> str:
    found = check_wheel(wheel.made.path, origin=wheel.made.metadata_origin, is_full=True)
    return "\n".join(f"{one.code} {one.origin}: {one.message}" for one in found if one.severity == "error")


def _installer(wheel: _Wheel) -> str:
    target = wheel.scratch / "installer"
    return _ran(
        wheel, "python", "-m", "installer", "--validate-record", "all", "--no-compile-bytecode",
        "--destdir", str(target), wheel.made.path,
    )  # fmt: skip


def _pip(wheel: _Wheel) -> str:
    target = wheel.scratch / "pip"
    # The python that runs this may be older than the one that the project needs; pip is asked about all else.
    problem = _ran(
        wheel, "python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile",
        "--ignore-requires-python", "--disable-pip-version-check", "--target", str(target), wheel.made.path,
    )  # fmt: skip
    if problem:
        return problem
    command = [str(wheel.tools / "python"), "-c", _READ_BACK, str(target)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode:
        return done.stderr[-500:]
    read = json.loads(done.stdout)
    if read["missing"] or read["version"] != wheel.made.version or not read["files"]:
        return f"importlib.metadata reads {read}"
    return ""


def _strict(wheel: _Wheel) -> str:
    with open_wheel(wheel.made.path) as archive:
        path = next(path for path in archive.by_path if path.endswith(".dist-info/METADATA"))
        found = set(_strict_problems(archive.by_path[path].read()))
    if wheel.made.metadata_origin != "synthesised":
        for content in read_payload(str(wheel.package), _is_metadata).values():
            found -= set(_strict_problems(content))
    return "\n".join(sorted(found))


def _is_metadata(path: str) -> bool:
    return path.endswith(("/METADATA", "/PKG-INFO", ".egg-info"))


def _strict_problems(content: bytes) -> Iterator[str]:
    try:
        Metadata.from_email(content, validate=True)
    except* InvalidMetadata as group:
        problems = [str(error) for error in group.exceptions]
    else:
        problems = []
    yield from problems


def _twine(wheel: _Wheel) -> str:
    strict = ["--strict"] if wheel.made.metadata_origin == "synthesised" else []
    return _ran(wheel, "twine", "check", *strict, wheel.made.path)


def _contents(wheel: _Wheel) -> str:
    return _ran(wheel, "check-wheel-contents", "--no-config", "--ignore", "W002,W004,W009", wheel.made.path)


def _native(wheel: _Wheel) -> str:
    return _ran(wheel, "pydistcheck", "--select", "compiled-objects-have-debug-symbols", wheel.made.path)


def _ran(wheel: _Wheel, program: str, *arguments: str) -> str:
    """Return the end of what a program says that fails."""
    command = [str(wheel.tools / program), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False, cwd=wheel.scratch
    )
    return "" if done.returncode == 0 else (done.stdout + done.stderr).strip()[-500:] or "it fails"


_CHECKS: dict[str, Callable[[_Wheel], str]] = {
    "own": _own,
    "installer": _installer,
    "pip": _pip,
    "strict": _strict,
    "twine": _twine,
    "contents": _contents,
    "native": _native,
}


if __name__ == "__main__":
    sys.exit(main())

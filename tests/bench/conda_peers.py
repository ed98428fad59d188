"""Wheels to conda packages beside conda-pypi and whl2conda: computing time, sizes, and the dependencies that are kept.

    python tests/bench/conda_peers.py WHEEL... [--peers PYTHON] [--level 19] [--runs 1] [--only-dependencies]

`--peers` names a Python that has both peers and conda. Each tool has a process of its own that lives for all wheels,
its imports not counted; they get each wheel in turn, so that all of them meet the same machine. The floor of a
wheel is what nobody can leave out: its members inflated, their sha256, a tar of them, and that compressed with
zstd at the same level, told its size. Goals at level 19: at most 1.15 times the floor, and not slower than a peer.

The second table has a row for each requirement whose marker asks for a platform or a python, and in it what the
packages of each tool depend on: `all` of them, `n of m`, or nothing.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from conda_bridge.archives.conda_reader import read_record

_LOOP = """
import json, resource, sys, time, tempfile
from pathlib import Path
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
out = sys.stdout
sys.stdout = sys.stderr
{setup}
for line in sys.stdin:
    wheel, folder = json.loads(line)
    started = cpu()
    try:
        made, error = convert(Path(wheel), Path(folder)), ""
    except Exception as problem:
        made, error = 0, f"{{type(problem).__name__}}: {{problem}}"[:120]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([cpu() - started, made, error, peak]), file=out, flush=True)
"""
_OURS = """
from conda_bridge.model.names import NameTable
from conda_bridge.model.options import RecipeOptions
from conda_bridge.repack.to_conda.wheel_to_packages import PackageSetting, package_needs, wheel_to_packages
from conda_bridge.workflows.services import name_source
from conda_bridge.workflows.wheel_sources import wheel_text
names = name_source(RecipeOptions())
def convert(wheel, folder):
    needs = package_needs(wheel_text(str(wheel)))
    table = NameTable(hits=names.to_conda(needs.names))
    made = wheel_to_packages(str(wheel), str(folder), setting=PackageSetting(level={level}), names=table)
    return made[0].record.size_bytes
"""
_FLOOR = """
import hashlib, io, tarfile, zipfile
from conda_bridge.archives.zstandard import zstd
def convert(wheel, folder):
    made = io.BytesIO()
    with zipfile.ZipFile(wheel) as archive, tarfile.open(fileobj=made, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for member in archive.infolist():
            if not member.is_dir():
                content = archive.read(member)
                hashlib.sha256(content).hexdigest()
                header = tarfile.TarInfo(member.filename)
                header.size = len(content)
                tar.addfile(header, io.BytesIO(content))
    # All at once: zstd knows the size.
    return len(zstd.compress(made.getbuffer(), {level}))
"""
_CONDA_PYPI = """
from conda_pypi.build import build_conda
def convert(wheel, folder):
    with tempfile.TemporaryDirectory() as scratch:
        return build_conda(wheel, Path(scratch, "build"), folder, sys.executable).stat().st_size
"""
_WHL2CONDA = """
import logging
logging.disable(logging.CRITICAL)
from whl2conda.api.converter import CondaPackageFormat, Wheel2CondaConverter
def convert(wheel, folder):
    converter = Wheel2CondaConverter(wheel, folder)
    converter.out_format = CondaPackageFormat.V2
    converter.interactive = False
    return converter.convert().stat().st_size
"""
_PEERS = {"conda-pypi": _CONDA_PYPI, "whl2conda": _WHL2CONDA}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wheels", type=Path, nargs="+")
    parser.add_argument("--peers", metavar="PYTHON")
    parser.add_argument("--level", type=int, default=19)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--only-dependencies", action="store_true")
    arguments = parser.parse_args()
    level = 1 if arguments.only_dependencies else arguments.level
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        tools = {
            "ours": _Tool(stack, sys.executable, _OURS.format(level=level)),
            "floor": _Tool(stack, sys.executable, _FLOOR.format(level=level)),
        }
        if arguments.peers:
            tools |= {name: _Tool(stack, arguments.peers, setup) for name, setup in _PEERS.items()}
        if not arguments.only_dependencies:
            _time(arguments.wheels, tools, scratch, runs=arguments.runs)
        del tools["floor"]
        _depend(arguments.wheels, tools, scratch)


class _Tool:
    """A process that converts wheels."""

    def __init__(self, stack: ExitStack, python: str, setup: str) -> None:
        self._process = stack.enter_context(
            subprocess.Popen(
                [python, "-W", "ignore", "-c", _LOOP.format(setup=setup)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )

    def convert(self, wheel: Path, folder: Path) -> tuple[float, int, str, int]:
        """Return computing time, the size of the (first) package, why there is none, and the peak of memory in KB."""
        folder.mkdir(parents=True, exist_ok=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(wheel.resolve()), str(folder)]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"a tool ended at {wheel.name}; does its Python have all that it imports?")
        seconds, size, error, peak = json.loads(line)
        return seconds, size, error, peak


def _time(wheels: Sequence[Path], tools: dict[str, _Tool], scratch: Path, *, runs: int) -> None:
    print(f"{'CPU seconds, package bytes':34}", *(f"{name:>21}" for name in tools))
    total = dict.fromkeys(tools, (0.0, 0, 0))
    for wheel in wheels:
        cells = []
        for name, tool in tools.items():
            # The peers write over no package.
            found = [tool.convert(wheel, scratch / f"timed-{name}-{run}") for run in range(runs)]
            seconds, size, error, peak = min(found)
            cells.append(f"{seconds:9.2f} {size:11,}" if not error else f"{error:>21.21}")
            total[name] = (total[name][0] + seconds, total[name][1] + size, max(peak, total[name][2]))
        print(f"{wheel.name[:34]:34}", *cells, flush=True)
    print(f"{'all':34}", *(f"{seconds:9.2f} {size:11,}" for seconds, size, _ in total.values()))
    print(f"{'peak of memory, MB':34}", *(f"{peak / 1024:21.0f}" for *_, peak in total.values()))
    ours = total["ours"][0]
    for name, (seconds, *_) in total.items():
        if name != "ours":
            print(f"ours : {name:12} {ours / seconds:5.2f}")


# ---------------------------------------------------------------- dependencies


def _depend(wheels: Sequence[Path], tools: dict[str, _Tool], scratch: Path) -> None:
    print(f"\n{'requirements with markers':78}", *(f"{name:>11}" for name in tools))
    kept = dict.fromkeys(tools, 0)
    count = 0
    for wheel in wheels:
        rows = list(_marked(wheel))
        if not rows:
            continue
        made = {name: _depends(tool.convert, wheel, scratch / f"kept-{name}") for name, tool in tools.items()}
        for requirement in rows:
            count += 1
            cells = []
            for name, packages in made.items():
                having = sum(_is_needed(requirement, depends) for depends in packages)
                kept[name] += having > 0
                cells.append(f"{having} of {len(packages)}" if having else "-")
            shown = f"{wheel.name.split('-')[0]}: {requirement}"
            print(f"{shown[:78]:78}", *(f"{cell:>11}" for cell in cells), flush=True)
    print(f"{f'kept of {count}':78}", *(f"{number:11}" for number in kept.values()))


def _depends(convert: Callable[[Path, Path], Any], wheel: Path, top: Path) -> list[tuple[str, ...]]:
    folder = top / wheel.stem
    convert(wheel, folder)
    return [read_record(str(path)).depends for path in sorted(folder.glob("*.conda"))]


def _marked(wheel: Path) -> Iterator[Requirement]:
    """Yield what is required somewhere; extras aside."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(name).decode())
    for line in headers.get_all("Requires-Dist", []):
        requirement = Requirement(line)
        if requirement.marker and "extra" not in str(requirement.marker):
            yield requirement


def _is_needed(requirement: Requirement, depends: Sequence[str]) -> bool:
    """Tell by names that agree but for dashes and prefixes: each tool has its own mapping."""
    wanted = requirement.name.lower().replace("_", "-")
    names = {spec.split()[0].lower().replace("_", "-") for spec in depends}
    return any(name in {wanted, f"python-{wanted}", f"{wanted}-base"} for name in names)


if __name__ == "__main__":
    main()

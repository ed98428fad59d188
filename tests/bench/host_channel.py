"""What the host channel costs, against fetching and unpacking the same wheels and copying the interpreter once.

    python tests/bench/host_channel.py [--python PROGRAM] [--cold] [--runs 3]

Five recipes' environments (flit-core; hatchling with plugins; setuptools with Cython; scikit-build-core with pybind11,
cmake and ninja; meson-python with numpy) are provided into an empty channel. In the same run the wheels that were
converted are read from the cache of files and unpacked with the standard library, and the interpreter's files are
copied. Wheels and pages come from the user's cache, or with `--cold` from the network for both sides. Goals: at
most 4 times the floor, a channel under 120 MB, no conversion by a second `provide`.
"""

import argparse
import resource
import shutil
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from conda_bridge.distributors.host.distributor import HostDistributor, HostSetting
from conda_bridge.model.build import NeededEnvironment
from conda_bridge.model.events import Event, StepStarted
from conda_bridge.model.names import PypiName
from conda_bridge.model.options import IndexOptions, NetworkOptions, RecipeOptions
from conda_bridge.model.source import FileLink, IndexProject
from conda_bridge.sources.fetcher import IndexFetcher
from conda_bridge.workflows.services import name_source

_ENVIRONMENTS = {
    "host of a flit-core recipe": "python 3.*|flit-core >=3.11,<4|pip",
    "host of a hatchling recipe": "python 3.*|hatchling|hatch-vcs|hatch-fancy-pypi-readme|pip",
    "host of a Cython recipe": "python 3.*|setuptools >=77|cython >=3,<4|pip",
    "build of a scikit-build-core recipe": "gxx_linux-64|cmake|ninja|make",
    "host of a scikit-build-core recipe": "python 3.*|scikit-build-core >=0.10|pybind11|pip",
    "build of a meson-python recipe": "gcc_linux-64|sysroot_linux-64|ninja",
    "host of a meson-python recipe": "python 3.*|meson-python >=0.16|numpy >=2,<3|pip",
}
_SKIPPED = shutil.ignore_patterns("site-packages", "dist-packages", "test", "__pycache__", "*.a")


@dataclass(kw_only=True)
class _Watched:
    """A fetcher that notes which wheels were wanted."""

    fetcher: IndexFetcher
    wheels: list[FileLink] = field(default_factory=list)
    requests: int = 0

    def get_project(self, name: PypiName) -> IndexProject:
        self.requests += 1
        return self.fetcher.get_project(name)

    def get_metadata(self, link: FileLink) -> str | None:
        self.requests += 1
        return self.fetcher.get_metadata(link)

    def get_file(self, link: FileLink) -> str:
        self.requests += 1
        self.wheels.append(link)
        return self.fetcher.get_file(link)

    def get_url(self, url: str) -> str:
        return self.fetcher.get_url(url)


@dataclass(frozen=True, kw_only=True)
class _Time:
    """What something took; on a busy machine the computing time of all processes says more."""

    wall_s: float
    cpu_s: float

    def __str__(self) -> str:
        return f"{self.wall_s:.2f} s (cpu {self.cpu_s:.2f})"


@dataclass(kw_only=True)
class _Steps:
    """Prints when each step began."""

    started: float = 0.0

    def report(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            print(f"    {time.perf_counter() - self.started:6.2f} s  {event.step}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default="", help="the interpreter that is made into a package")
    parser.add_argument("--cold", action="store_true", help="fetch everything anew, on both sides")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    ratios = [_measured(arguments.python, is_cold=arguments.cold) for _ in range(arguments.runs)]
    print(f"median of {len(ratios)}: {statistics.median(ratios):.2f} times the floor (goal 4)")


def _measured(python: str, *, is_cold: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        caches = [str(Path(folder, side)) if is_cold else "" for side in ("ours", "floor")]
        watched = _Watched(fetcher=_fetcher(caches[0]))
        steps = _Steps(started=time.perf_counter())
        setting = HostSetting(cache_dir=str(Path(folder, "cache")), python=python)
        distributor = HostDistributor(
            setting, fetcher=watched, names=name_source(RecipeOptions()), reporter=steps
        )
        ours = _measured_time(lambda: _provide(distributor))
        before = len(watched.wheels), watched.requests
        again = _measured_time(lambda: _provide(distributor))
        after = len(watched.wheels), watched.requests
        floor = _measured_time(
            lambda: _unpack(watched.wheels, _fetcher(caches[1]), Path(folder, "floor-files"))
        )
        prefix = Path(distributor.facts.interpreter.prefix)
        copied = _measured_time(lambda: _copy(prefix, Path(folder, "python")))
        size = sum(path.stat().st_size for path in Path(distributor.channel_dir).glob("*/*"))
    ratio = ours.wall_s / (floor.wall_s + copied.wall_s)
    cpu_ratio = ours.cpu_s / (floor.cpu_s + copied.cpu_s)
    print(f"  provide {ours} : {before[0]} wheels {floor} + interpreter {copied}")
    print(f"  = {ratio:.2f} of the floor (cpu {cpu_ratio:.2f}); channel {size / 1e6:.0f} MB")
    print(f"  again {again}, {after[1] - before[1]} requests")
    return ratio


def _fetcher(cache_dir: str) -> IndexFetcher:
    return IndexFetcher(IndexOptions(), NetworkOptions(cache_dir=cache_dir))


def _provide(distributor: HostDistributor) -> None:
    environments = [
        NeededEnvironment(label=label, kind="host", specs=tuple(specs.split("|")))
        for label, specs in _ENVIRONMENTS.items()
    ]
    missing = distributor.provide(environments).missing
    assert not missing, missing


def _unpack(wheels: list[FileLink], fetcher: IndexFetcher, folder: Path) -> None:
    for link in wheels:
        with closing(zipfile.ZipFile(fetcher.get_file(link))) as wheel:
            wheel.extractall(folder / link.filename)


def _copy(prefix: Path, folder: Path) -> None:
    for part in ("bin", "include", "lib"):
        shutil.copytree(prefix / part, folder / part, symlinks=True, ignore=_SKIPPED)


def _measured_time(work: Callable[[], None]) -> _Time:
    started, cpu = time.perf_counter(), _cpu_s()
    work()
    return _Time(wall_s=time.perf_counter() - started, cpu_s=_cpu_s() - cpu)


def _cpu_s() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()

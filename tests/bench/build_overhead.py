"""What `conda-bridge build RECIPE` costs beside rattler-build itself, called directly on the same recipe.

    python tests/bench/build_overhead.py [--pairs 5] [--keep FOLDER] [NAME...]

Needs py-rattler-build, a compiler and a package index, or what was fetched before. Of each project (default: tomli-w,
which is pure, and markupsafe, which is compiled) the recipe is written once, and its source is a local file. Then both
sides run in turn, each as a process of its own and into an empty folder: `conda-bridge build RECIPE --distributor host`,
and a program that imports `rattler_build` and renders, builds and tests, in that one process, against the same channel
with the same cache of packages. The direct side isn't isolated, keeps no records and publishes nothing. Wall times count
only where the machine is idle, so its load is told, and for root, on systems with cgroups of the first version, the
computing times. Ends with 1 where the median of the ratios is above the goal, 1.15.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

GOAL = 1.15
_TIMEOUT_S = 900
_CPU_GROUPS = Path("/sys/fs/cgroup/cpuacct")
# What a user of the library would write.
_DIRECT = """\
import json, os, sys
from rattler_build import Package, PlatformConfig, RenderConfig, Stage0Recipe, ToolConfiguration, VariantConfig

class Silent:
    def on_log(self, event): pass
    on_build_step = on_download_start = on_download_progress = on_download_complete = on_log

recipe, channels, values, subdir, output = json.loads(sys.argv[1])
values = {key: [{"true": True, "false": False}.get(text, text) for text in texts] for key, texts in values.items()}
config = RenderConfig(platform=PlatformConfig(target_platform=subdir))
for variant in Stage0Recipe.from_file(recipe).render(VariantConfig(values), config):
    built = variant.run_build(
        tool_config=ToolConfiguration(test_strategy="skip"), output_dir=output, channels=channels,
        progress_callback=Silent(), no_build_id=True, package_format="conda",
    )
    for path in built.packages:
        results = Package.from_file(path).run_tests(
            channel=["file://" + output, *channels], channel_priority="strict", progress_callback=Silent())
        assert results and all(result.success for result in results), path
os._exit(0)
"""


@dataclass(frozen=True, kw_only=True)
class _Time:
    wall_s: float
    cpu_s: float


@dataclass(frozen=True, kw_only=True)
class _Project:
    """A recipe and how both sides build it."""

    name: str
    recipe: Path
    channels: tuple[str, ...]
    values: dict[str, Sequence[str]]
    subdir: str
    packages: Path
    """The engine's cache."""

    def ours(self, folder: Path) -> _Time:
        command = [_program(), "build", str(self.recipe), "--distributor", "host", "-o", str(folder), "-q"]
        return _run(command, dict(os.environ))

    def direct(self, folder: Path) -> _Time:
        told = [str(self.recipe), self.channels, self.values, self.subdir, str(folder)]
        environment = {**os.environ, "RATTLER_CACHE_DIR": str(self.packages)}
        return _run([sys.executable, "-c", _DIRECT, json.dumps(told)], environment)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=["tomli-w==1.2.0", "markupsafe==3.0.4"])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="where the recipes and packages stay")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="build-overhead-") as scratch:
        folder = arguments.keep or Path(scratch)
        ratios = [_measured(_prepared(name, folder), folder, arguments.pairs) for name in arguments.names]
    return int(max(ratios) > GOAL)


def _measured(project: _Project, folder: Path, pairs: int) -> float:
    # The first of each fills the caches.
    project.ours(folder / "warm-ours")
    project.direct(folder / "warm-direct")
    print(f"{project.name}   (load {os.getloadavg()[0]:.1f})")
    found = []
    for number in range(pairs):
        ours = project.ours(folder / f"{project.name}-ours-{number}")
        direct = project.direct(folder / f"{project.name}-direct-{number}")
        found.append((ours, direct))
        print(
            f"  ours {ours.wall_s:5.2f} s (cpu {ours.cpu_s:5.2f}) : direct {direct.wall_s:5.2f} s "
            f"(cpu {direct.cpu_s:5.2f}) = {ours.wall_s / direct.wall_s:.2f} "
            f"(cpu {ours.cpu_s / direct.cpu_s:.2f})   load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    ratio = statistics.median(ours.wall_s / direct.wall_s for ours, direct in found)
    cpu = statistics.median(ours.cpu_s / direct.cpu_s for ours, direct in found)
    print(f"  median of {pairs} pairs: {ratio:.2f} (cpu {cpu:.2f}); goal {GOAL}")
    return ratio


def _prepared(name: str, folder: Path) -> _Project:
    """Write the recipe, have the host channel made, and return what the direct side must be told."""
    from conda_bridge.model.options import BuildOptions, RecipeOptions
    from conda_bridge.protocols import SilentReporter
    from conda_bridge.workflows.building.context import machine_subdir
    from conda_bridge.workflows.building.services import build_services_of, cache_folder

    recipe = _recipe(name, folder / "recipes")
    options = BuildOptions(recipe=RecipeOptions(distributor="host"), channel_dir=str(folder / "none"))
    distributor = build_services_of(options, SilentReporter()).distributor
    return _Project(
        name=recipe.parent.name,
        recipe=recipe,
        channels=tuple(distributor.channels()),
        values=dict(distributor.variants().values),
        subdir=machine_subdir(),
        packages=cache_folder(options) / "packages",
    )


def _recipe(name: str, folder: Path) -> Path:
    from conda_bridge.model.names import PypiName
    from conda_bridge.model.options import IndexOptions, NetworkOptions
    from conda_bridge.sources.fetcher import IndexFetcher

    command = [_program(), "recipe", name, "-o", str(folder), "--maintainer", "someone", "-q", "--json"]
    done = subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT_S)
    conda_name = str(json.loads(done.stdout)["results"][0]["conda_name"])
    recipe = folder / conda_name / "recipe.yaml"
    text = recipe.read_text(encoding="utf-8")
    project = IndexFetcher(IndexOptions(), NetworkOptions())
    digest = re.search(r"sha256: (\w{64})", text)
    assert digest
    files = project.get_project(PypiName(conda_name)).files
    link = next(link for link in files if link.sha256 == digest[1])
    # Of files of this machine a recipe may take by their URLs only those of its own folder.
    archive = Path(shutil.copy(project.get_file(link), recipe.parent))
    text = re.sub(r"(?m)^(\s*(?:- )?url: ).*", rf"\g<1>{archive.as_uri()}", text, count=1)
    recipe.write_text(text, encoding="utf-8")
    return recipe


def _program() -> str:
    return str(Path(sys.executable).with_name("conda-bridge"))


def _run(command: Sequence[str], environment: dict[str, str]) -> _Time:
    group = _CPU_GROUPS / f"build-overhead-{os.getpid()}"
    with suppress(OSError):
        group.mkdir()
    # Who ends a namespace's first process isn't told what time the others took, so they are counted in a group.
    join = ["/bin/sh", "-c", 'echo $$ > "$0/cgroup.procs"; exec "$@"', str(group)] if group.exists() else []
    started = time.perf_counter()
    done = subprocess.run(
        [*join, *command], env=environment, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S
    )
    wall_s = time.perf_counter() - started
    assert done.returncode == 0, done.stdout + done.stderr
    cpu_s = float("nan")
    if group.exists():
        cpu_s = int((group / "cpuacct.usage").read_text()) / 1e9
        group.rmdir()
    return _Time(wall_s=wall_s, cpu_s=cpu_s)


if __name__ == "__main__":
    sys.exit(main())

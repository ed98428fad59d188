"""Wheel -> conda packages -> wheel: are payload and METADATA the same bytes?

    python tests/bench/round_trip.py [WHEEL | REQUIREMENT]... [--level 3]

Without arguments the newest pure wheels of some projects are taken, large ones among them; requirements come from the
index through the user's cache. Every package of a wheel is turned back. The payload is all but the dist-info
folder, `.data` included; of the dist-info folder METADATA, entry_points.txt and all that isn't about an installation
or about the wheel itself has to be the same. The exit status is 1 if anything else differs than what conda can't carry:
where headers are installed, and the first line of scripts.
"""

import argparse
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conda_bridge.errors import BridgeError
from conda_bridge.model.options import RecipeOptions
from conda_bridge.model.repackaging import WheelSetting
from conda_bridge.protocols import SilentReporter
from conda_bridge.repack.to_wheel.conda_to_wheel import conda_to_wheel
from conda_bridge.workflows.conda import CondaOptions, CondaResult, conda
from conda_bridge.workflows.services import Services, services_of
from conda_bridge.workflows.wheel_sources import find_wheel

_PROJECTS = (
    "babel", "bokeh", "boto3", "botocore", "certifi", "click", "django", "faker", "flask", "idna", "ipython",
    "jinja2", "jupyterlab", "networkx", "pip", "plotly", "pygments", "pytest", "requests", "rich", "setuptools",
    "sphinx", "tqdm",
)  # fmt: skip
_OWN = frozenset({"RECORD", "WHEEL", "INSTALLER", "REQUESTED", "direct_url.json", "RECORD.jws", "RECORD.p7s"})


def main() -> None:
    """Convert there and back, and print a row a package."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wheels", nargs="*", default=_PROJECTS)
    parser.add_argument("--level", type=int, default=3)
    arguments = parser.parse_args()
    services = services_of(RecipeOptions(), SilentReporter())
    different = packages = 0
    for source in arguments.wheels:
        with tempfile.TemporaryDirectory() as folder:
            options = CondaOptions(output_dir=folder, level=arguments.level)
            result = next(conda([source], options=options, services=services))
            for row in _rows(result, services):
                packages += 1
                different += bool(row.problem)
                print(f"{row.package:60} {row.files:6} files  {row.problem or 'identical'}", flush=True)
    print(f"{packages} packages of {len(arguments.wheels)} wheels: {different} differ")
    sys.exit(bool(different))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    package: str
    files: int = 0
    problem: str = ""


def _rows(result: CondaResult, services: Services) -> Iterator[_Row]:
    if result.error:
        yield _Row(package=result.source, problem=str(result.error))
        return
    before = _members(find_wheel(result.source, services.fetcher).path)
    for package in result.packages:
        name = Path(package.path).name
        with tempfile.TemporaryDirectory() as folder:
            try:
                made = conda_to_wheel(
                    package.path, folder, setting=WheelSetting(allows_gated=True), names=services.names
                )
            except BridgeError as error:
                yield _Row(package=name, problem=str(error))
                continue
            after = _members(made.path)
        paths = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
        yield _Row(package=name, files=len(after), problem=", ".join(paths[:5]))


def _members(wheel: str) -> dict[str, bytes]:
    """Return what of a wheel has to be the same; older ones don't normalise the name of the dist-info folder."""
    with zipfile.ZipFile(wheel) as archive:
        files = {one.filename: archive.read(one) for one in archive.infolist() if not one.is_dir()}
    found: dict[str, bytes] = {}
    for path, content in files.items():
        top, _, rest = path.partition("/")
        if not top.endswith(".dist-info"):
            found[path] = content
        elif rest not in _OWN:
            found[f".dist-info/{rest}"] = content
    return found


if __name__ == "__main__":
    main()

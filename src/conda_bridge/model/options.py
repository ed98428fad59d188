"""What the user can choose, merged once by `config` and passed on as values."""

from dataclasses import dataclass, field
from typing import Literal

from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.overrides import PackageOverrides
from conda_bridge.model.repackaging import WheelSetting

__all__ = [
    "FORMATS",
    "NETWORK_DEFAULTS",
    "BuildOptions",
    "IndexOptions",
    "NameOverride",
    "NetworkOptions",
    "RecipeFormat",
    "RecipeOptions",
    "WheelOptions",
]

RecipeFormat = Literal["v1", "v0"]
"""v1 is `recipe.yaml` (rattler-build), v0 is `meta.yaml` (conda-build)."""

FORMATS: dict[str, tuple[RecipeFormat, ...]] = {"v1": ("v1",), "v0": ("v0",), "both": ("v1", "v0")}
"""What users can ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexOptions:
    """Package indexes in the order in which they are asked: the first that has the project wins."""

    urls: tuple[str, ...] = ("https://pypi.org/simple",)
    """Simple-index URLs. They may carry credentials, which never leave the fetcher."""
    origin: str = field(default="", compare=False)
    """Where the project's own file says it in place of what else is configured; empty for other places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOptions:
    """How the network and the cache are used."""

    offline: bool = False
    """True: only the cache and the disk are read."""
    cache_dir: str = ""
    """Empty means the user's cache folder."""
    timeout_s: float = 60.0
    """For connecting and between two bytes."""
    retries: int = 4
    max_file_bytes: int = 2_000_000_000
    """A larger download is refused before and while it runs."""
    max_metadata_wheel_bytes: int = 50_000_000
    """The largest wheel that is downloaded whole for its metadata, where range requests don't work."""
    certificates: str = ""
    """A CA bundle; empty means the default."""


NETWORK_DEFAULTS = NetworkOptions()
WHEEL_DEFAULTS = WheelSetting()


@dataclass(frozen=True, slots=True, kw_only=True)
class NameOverride:
    """A line of `[names.pypi-to-conda]`; None drops the dependency."""

    pypi_name: PypiName
    conda_name: CondaName | None
    origin: str = field(default="", compare=False)
    """Where the project's own file says it; empty for other places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeOptions:
    """What `recipe` and `explain` need beside their sources."""

    output_dir: str = "."
    """Recipes are written to `<output_dir>/<conda name>/`."""
    report_dir: str = ""
    """Where reports go; empty means `output_dir`."""
    formats: tuple[RecipeFormat, ...] = ("v1",)
    """What is written; the first goes to `output_dir`, with both v0 goes to `<output_dir>/v0/`."""
    distributor: str = "conda-forge"
    """A name in the table, `host`, one of `distributors`, or a channel's URL or folder."""
    distributor_origin: str = field(default="", compare=False)
    """Where the project's own file says its channels; empty for other places."""
    distributors: tuple[DistributorPolicy, ...] = ()
    """The user's own."""
    maintainers: tuple[str, ...] = ()
    names: tuple[NameOverride, ...] = ()
    watched_names: tuple[PypiName, ...] = ()
    """Projects that the user knows: a dependency that could be mistaken for one of them is a finding."""
    overrides: tuple[PackageOverrides, ...] = ()
    """What the user decides about single packages; those of others are passed over."""
    template_dir: str = ""
    """Templates here win over the shipped ones."""
    members: tuple[str, ...] = ()
    """Of a source with several projects, the names or folders of those that are converted; empty means all."""
    fitting_python: str = ""
    """A minor version such as `3.11`: of a project the newest release that it can use is meant, unless one is named;
    empty means the newest. Builds set it."""
    jobs: int = 4
    """Sources converted at once."""
    run_backend: bool = False
    """True: the source's build backend is run, in a sandbox, for what no file tells."""
    fetch_license: bool = False
    """True: the licence file that a source lacks is fetched from its repository."""
    inspect_wheels: bool = False
    """True: what the version's published wheels link against is evidence, too; some of their bytes are fetched."""
    external_mappings: tuple[str, ...] = ()
    """Paths of the user's own PEP 804 documents; their rows win over those that ship."""
    ask_channels: bool = True
    """True: the distributor's channels are asked whether they have the package already."""
    index: IndexOptions = IndexOptions()
    network: NetworkOptions = NETWORK_DEFAULTS


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What `build` needs beside its sources."""

    recipe: RecipeOptions = RecipeOptions()
    """How sources become recipes; its distributor is the one that is built against."""
    channel_dir: str = "channel"
    """The output channel: `noarch/`, `<subdir>/`, and `builds/` with logs, manifests and recipes."""
    engine: str = ""
    """Empty means the first that is here and takes the recipe's format."""
    conda_build: str = ""
    """The path of `conda-build`; empty means the one on the PATH."""
    variants_file: str = ""
    """A real pinning file in place of the distributor's own facts."""
    chosen_variants: tuple[tuple[str, str], ...] = ()
    """(key, value): only variants with these values are built."""
    host_python: str = ""
    """The interpreter that the `host` distributor is made from; empty means the running one."""
    max_wheel_bytes: int = 200_000_000
    """The largest wheel that the `host` distributor converts."""
    is_with_missing: bool = False
    """True: what the distributor lacks is converted and built first."""
    has_tests: bool = True
    """False: the packages' own tests aren't run."""
    jobs: int = 1
    """Recipes built at once."""
    timeout_s: float = 7200.0
    """Of one build, and of one test run."""
    install_prefix: str = ""
    """A new folder into which what was built is installed with all that it needs; empty means nowhere."""
    source_date_epoch: int | None = None
    """Of the environment; None means the time of the source's newest file, or a fixed one where it has none."""
    keeps_work: bool = False
    """True: the work folder stays, also after success."""
    is_noarch_only: bool = False
    """True: before anything is built, a source is refused whose packages are for one platform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelOptions:
    """What `wheel` needs beside its packages."""

    recipe: RecipeOptions = RecipeOptions()
    """Whose names, distributor and network are used."""
    setting: WheelSetting = WHEEL_DEFAULTS
    output_dir: str = "."
    """Where wheels are written; empty means only into the index."""
    index_dir: str = ""
    """A static package index that the wheels are added to; empty means none."""
    channels: tuple[str, ...] = ()
    """Names, URLs or folders in which packages are looked up by name; none means those of the distributor."""

"""Configuration files, environment and command line become one `RecipeOptions`, or one `BuildOptions`.

Vocabulary: a *layer* is what one place says, None where it says nothing. Later layers win:

    defaults < pip's configuration < the user's file < the project's file < environment < command line

The user's file is `conda-bridge.toml` in the user's configuration folder. The project's file is
`conda-bridge.toml` or the table `[tool.conda-bridge]` of `pyproject.toml`, both in the working directory;
a file named with `--config` takes its place. Lists replace those of earlier layers; name mappings add up,
name by name, and so do overrides, package by package. The maintainers of a `[package.NAME]` win over all but
those of the command line.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from conda_bridge.config.entries import Entry
from conda_bridge.config.values import (
    distributor_of,
    distributors_of,
    epoch_of,
    flag_of,
    folder_of,
    formats_of,
    index_urls_of,
    is_from_project,
    jobs_of,
    mappings_of,
    merged_distributors,
    merged_names,
    names_of,
    pypi_names_of,
)
from conda_bridge.errors import ConfigError, UsageError
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.names import PypiName, is_github_name
from conda_bridge.model.options import (
    BuildOptions,
    IndexOptions,
    NameOverride,
    NetworkOptions,
    RecipeFormat,
    RecipeOptions,
)
from conda_bridge.model.overrides import PackageOverrides, combined
from conda_bridge.sources.pip_config import read_pip_settings

__all__ = [
    "FILE_NAME",
    "KEYS",
    "VARIABLES",
    "Layer",
    "load_build_options",
    "load_options",
    "merge",
    "read_environment",
    "read_file",
]

T = TypeVar("T")

FILE_NAME = "conda-bridge.toml"

KEYS: dict[str, str] = {
    "index-urls": "simple indexes, asked in this order",
    "offline": "true: never touch the network",
    "output": "the folder for recipes, relative to the file",
    "channel": "the folder of the channel that `build` fills, relative to the file",
    "build-jobs": "how many recipes `build` builds at once",
    "format": "v1, v0 or both",
    "distributor": "whose conventions recipes follow, and whose packages builds use",
    "distributors": "tables `[distributors.NAME]`: channels of your own, and what differs from their conventions",
    "ask-channels": "false: don't ask the distributor's channels whether they have a package already",
    "inspect-wheels": "true: look into published wheels for the libraries that they link",
    "maintainers": "GitHub names for `recipe-maintainers`",
    "watched-names": "PyPI names that you know; what could be mistaken for one of them is reported",
    "package": "tables `[package.NAME]`: overrides of one package's recipe",
    "external": "the table `[external]`: `mappings`, the paths of PEP 804 documents relative to the file",
    "names": 'the table `[names.pypi-to-conda]`: PyPI name = conda name, `""` drops the dependency',
}
"""The keys of a configuration file and what they mean."""

VARIABLES: dict[str, str] = {
    "CONDA_BRIDGE_INDEX_URLS": "index-urls",
    "CONDA_BRIDGE_OFFLINE": "offline",
    "CONDA_BRIDGE_OUTPUT": "output",
    "CONDA_BRIDGE_CHANNEL": "channel",
    "CONDA_BRIDGE_BUILD_JOBS": "build-jobs",
    "CONDA_BRIDGE_DISTRIBUTOR": "distributor",
    "CONDA_BRIDGE_ASK_CHANNELS": "ask-channels",
    "CONDA_BRIDGE_INSPECT_WHEELS": "inspect-wheels",
    "CONDA_BRIDGE_MAINTAINERS": "maintainers",
}
"""Environment variables and the keys that they stand for; lists are separated by spaces."""

_USER_FILE = f"user:{FILE_NAME}"
"""How origins tell the user's file from the project's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What one place says about the options; None means nothing."""

    index_urls: tuple[str, ...] | None = None
    certificates: str | None = None
    offline: bool | None = None
    output_dir: str | None = None
    report_dir: str | None = None
    formats: tuple[RecipeFormat, ...] | None = None
    distributor: str | None = None
    distributors: tuple[DistributorPolicy, ...] = ()
    maintainers: tuple[str, ...] | None = None
    names: tuple[NameOverride, ...] = ()
    overrides: tuple[PackageOverrides, ...] = ()
    watched_names: tuple[PypiName, ...] | None = None
    template_dir: str | None = None
    members: tuple[str, ...] | None = None
    """Of the command line only: they are those of one source."""
    jobs: int | None = None
    external_mappings: tuple[str, ...] | None = None
    run_backend: bool | None = None
    """Of the command line only: no file that lies about may have foreign code run."""
    ask_channels: bool | None = None
    inspect_wheels: bool | None = None
    fetch_license: bool | None = None
    """Of the command line only: that a repository's text is a release's licence is decided case by case."""
    channel_dir: str | None = None
    build_jobs: int | None = None
    """Of `build`; how many sources are converted at once is said on the command line only."""


def load_options(
    command_line: Layer,
    *,
    config_file: str | None,
    environment: Mapping[str, str],
    working_dir: Path,
    user_dir: Path,
) -> RecipeOptions:
    """Read every place that may configure conda-bridge and return the merged options.

    Pip's files are found through `environment` too.

    Raises:
        ConfigError: `invalid-config`, `unknown-key`.
        UsageError: `usage` for a maintainer whom GitHub can't have.
    """
    return _loaded(
        command_line,
        config_file=config_file,
        environment=environment,
        working_dir=working_dir,
        user_dir=user_dir,
    )[0]


def load_build_options(
    command_line: Layer,
    *,
    config_file: str | None,
    environment: Mapping[str, str],
    working_dir: Path,
    user_dir: Path,
) -> BuildOptions:
    """Read every place that may configure conda-bridge and return what they say of builds.

    Raises:
        ConfigError: `invalid-config`, `unknown-key`.
        UsageError: `usage` for a maintainer whom GitHub can't have.
    """
    recipe, said = _loaded(
        command_line,
        config_file=config_file,
        environment=environment,
        working_dir=working_dir,
        user_dir=user_dir,
    )
    options = BuildOptions(recipe=recipe, source_date_epoch=epoch_of(environment))
    if said.channel_dir is not None:
        options = replace(options, channel_dir=said.channel_dir)
    return options if said.build_jobs is None else replace(options, jobs=said.build_jobs)


def _loaded(
    command_line: Layer,
    *,
    config_file: str | None,
    environment: Mapping[str, str],
    working_dir: Path,
    user_dir: Path,
) -> tuple[RecipeOptions, Layer]:
    said = read_environment(environment)
    chosen = _combined((said, command_line))
    project = read_file(Path(config_file)) if config_file else _project_layer(working_dir, chosen)
    user_file = user_dir / FILE_NAME
    user = read_file(user_file, label=_USER_FILE) if user_file.is_file() else Layer()
    # Which names of a file for all projects a run needs says nothing about the file.
    user = replace(user, names=tuple(replace(name, origin="") for name in user.names))
    if not config_file:
        # What came with somebody's repository can't put other channels under a name of the user's.
        own = merged_distributors(project.distributors, user.distributors)
        project = replace(project, distributors=own)
    weaker, stronger = (_pip_layer(environment), user), (said, command_line)
    layers = (*weaker, project, *stronger)
    options = merge(layers)
    if not config_file:
        options = _with_origins(options, merge((*weaker, *stronger)), working_dir)
    if command_line.maintainers is not None:
        overrides = tuple(replace(one, maintainers=None) for one in options.overrides)
        options = replace(options, overrides=overrides)
    return options, _combined(layers)


def merge(layers: Iterable[Layer]) -> RecipeOptions:
    """Return the options that the layers, the weakest first, amount to.

    Raises:
        UsageError: `usage` for a maintainer whom GitHub can't have.
    """
    merged = _combined(layers)
    top_level = (
        "output_dir", "report_dir", "formats", "distributor", "maintainers", "watched_names", "template_dir", "jobs",
        "run_backend", "fetch_license", "inspect_wheels", "ask_channels", "external_mappings",
        "members",
    )  # fmt: skip
    chosen = {key: getattr(merged, key) for key in top_level if getattr(merged, key) is not None}
    index = IndexOptions() if merged.index_urls is None else IndexOptions(urls=merged.index_urls)
    for name in chosen.get("maintainers", ()):
        if not is_github_name(name):
            hint = "maintainers are names of GitHub users, or ORGANISATION/TEAM"
            raise UsageError("usage", f"the maintainer {name!r} is no GitHub name", hint=hint)
    network = NetworkOptions(offline=bool(merged.offline), certificates=merged.certificates or "")
    return RecipeOptions(
        **chosen,
        distributors=merged.distributors,
        names=merged.names,
        overrides=merged.overrides,
        index=index,
        network=network,
    )


def _combined(layers: Iterable[Layer]) -> Layer:
    merged = Layer()
    for layer in layers:
        said = {f.name: getattr(layer, f.name) for f in fields(Layer) if getattr(layer, f.name) is not None}
        names = merged_names(merged.names, layer.names)
        overrides = combined((*merged.overrides, *layer.overrides))
        own = merged_distributors(merged.distributors, layer.distributors)
        said |= {"names": names, "overrides": overrides, "distributors": own}
        merged = replace(merged, **said)
    return merged


def read_file(path: Path, *, label: str = "") -> Layer:
    """Return what a configuration file says; of a `pyproject.toml` its table `[tool.conda-bridge]`.

    `label` is how origins name the file; empty means its name.

    Raises:
        ConfigError: `invalid-config` where it can't be read or parsed or a value has the wrong type,
            `unknown-key` with the nearest known key.
    """
    top = Entry(value=_load(path), file=str(path), base=f"{label or path.name}#")
    if path.name == "pyproject.toml":
        tools = top.table().get("tool")
        own = tools.table().get("conda-bridge") if tools else None
        top = replace(top, value=own.value if own else {}, base=f"{top.base}/tool/conda-bridge")
    return _layer(top, path.parent)


def read_environment(environment: Mapping[str, str]) -> Layer:
    """Return what the variables `CONDA_BRIDGE_*` say.

    Raises:
        ConfigError: `invalid-config`.
    """
    said: dict[str, Any] = {}
    for variable, key in VARIABLES.items():
        if (value := environment.get(variable)) is None:
            continue
        if key in {"index-urls", "maintainers"}:
            said[key] = value.replace(",", " ").split()
        elif key in {"offline", "ask-channels", "inspect-wheels"}:
            said[key] = flag_of(value, variable)
        elif key == "build-jobs":
            said[key] = int(value) if value.isascii() and value.isdigit() else value
        else:
            said[key] = value
    return _layer(Entry(value=said, file="environment", base="environment#"), Path())


def _pip_layer(environment: Mapping[str, str]) -> Layer:
    pip = read_pip_settings(environment)
    return Layer(index_urls=pip.index_urls, certificates=pip.certificates or None)


def _project_layer(working_dir: Path, chosen: Layer) -> Layer:
    """Return what the project's own file says, which may have come with somebody else's repository.

    Its `output` and `channel` count only where the user has chosen none.
    """
    layer = _said_by_project(working_dir)
    folders = (
        ("output", chosen.output_dir, layer.output_dir),
        ("channel", chosen.channel_dir, layer.channel_dir),
    )
    for key, wanted, folder in folders:
        outside = folder is not None and not Path(folder).resolve().is_relative_to(working_dir.resolve())
        if outside and not wanted:
            raise ConfigError(
                "invalid-config",
                f"{key}: a project's own file can't have anything written outside the project's folder",
                where=folder,
                hint="say so with -o, with --config, or in your own configuration file",
            )
    return layer


def _said_by_project(working_dir: Path) -> Layer:
    own, shared = working_dir / FILE_NAME, working_dir / "pyproject.toml"
    # A pyproject.toml that says nothing to us may be broken without disturbing us.
    speaks = shared.is_file() and b"conda-bridge" in shared.read_bytes()
    shared_layer = read_file(shared) if speaks else Layer()
    if not own.is_file():
        return shared_layer
    if shared_layer != Layer():
        raise ConfigError(
            "invalid-config",
            f"both {FILE_NAME} and [tool.conda-bridge] of pyproject.toml configure this project",
            where=str(own),
            hint="keep the settings in one of the two",
        )
    return read_file(own)


def _with_origins(options: RecipeOptions, own: RecipeOptions, working_dir: Path) -> RecipeOptions:
    """Note where the project's file decides whom we ask; `own` is what the user says without it."""
    is_here = (working_dir / FILE_NAME).is_file()
    base = f"{FILE_NAME}#" if is_here else "pyproject.toml#/tool/conda-bridge"
    if options.index != own.index:
        options = replace(options, index=replace(options.index, origin=f"{base}/index-urls"))
    if is_from_project(options, own):
        options = replace(options, distributor_origin=f"{base}/distributor")
    return options


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError("invalid-config", f"can't be read: {reason}", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        # No text, no TOML, a number of thousands of digits, or brackets without end.
        raise ConfigError("invalid-config", f"is not valid TOML: {error}", where=str(path)) from error


def _layer(top: Entry, base: Path) -> Layer:
    said = top.fields(KEYS)
    layer = Layer(
        index_urls=_read(said, "index-urls", index_urls_of),
        offline=_read(said, "offline", Entry.flag),
        ask_channels=_read(said, "ask-channels", Entry.flag),
        inspect_wheels=_read(said, "inspect-wheels", Entry.flag),
        output_dir=_read(said, "output", partial(folder_of, base)),
        channel_dir=_read(said, "channel", partial(folder_of, base)),
        build_jobs=_read(said, "build-jobs", jobs_of),
        formats=_read(said, "format", formats_of),
        distributor=_read(said, "distributor", partial(distributor_of, base)),
        distributors=_read(said, "distributors", partial(distributors_of, base)) or (),
        maintainers=_read(said, "maintainers", Entry.texts),
        watched_names=_read(said, "watched-names", pypi_names_of),
        external_mappings=_read(said, "external", partial(mappings_of, base)),
        names=_read(said, "names", names_of) or (),
        overrides=_read(said, "package", _overrides) or (),
    )
    top.refuse()
    return layer


def _read(said: Mapping[str, Entry], key: str, read: Callable[[Entry], T]) -> T | None:
    return said[key].attempt(read) if key in said else None


def _overrides(entry: Entry) -> tuple[PackageOverrides, ...]:
    # Checking what may stand in a recipe imports much that other configurations don't need.
    from conda_bridge.config.overrides import read_packages  # noqa: PLC0415

    return read_packages(entry)

"""A configuration file, or the environment -> the layer that it says; see `conda_bridge.config`."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from conda_bridge.config.entries import Entry
from conda_bridge.config.layers import Layer
from conda_bridge.config.values import (
    distributor_of,
    distributors_of,
    flag_of,
    folder_of,
    formats_of,
    index_urls_of,
    jobs_of,
    mappings_of,
    names_of,
    pypi_names_of,
)
from conda_bridge.config.wheels import NO_WHEELS, wheel_of
from conda_bridge.errors import ConfigError
from conda_bridge.model.overrides import PackageOverrides

__all__ = ["FILE_NAME", "KEYS", "VARIABLES", "read_environment", "read_file"]

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
    "wheel": "the table `[wheel]`: `output` and `index`, folders relative to the file; `deps`, metadata or conda; "
    "`deflate`, zlib or libdeflate",
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
    top = Entry(value={}, file="the environment", base="environment#")
    said = {
        # Complaints name the variable, which says it all.
        key: replace(top, value=_value(key, environment[variable], variable), file=variable)
        for variable, key in VARIABLES.items()
        if variable in environment
    }
    return _layer_of(said, top, Path())


def _value(key: str, text: str, variable: str) -> object:
    """Return what a variable says as a file would say it."""
    if key in {"index-urls", "maintainers"}:
        return text.replace(",", " ").split()
    if key in {"offline", "ask-channels", "inspect-wheels"}:
        return flag_of(text, variable)
    if key == "build-jobs":
        return int(text) if text.isascii() and text.isdigit() else text
    return text


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
    return _layer_of(top.fields(KEYS), top, base)


def _layer_of(said: Mapping[str, Entry], top: Entry, base: Path) -> Layer:
    """Return the layer of entries whose complaints `top` gathers."""
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
        wheel=_read(said, "wheel", partial(wheel_of, base)) or NO_WHEELS,
    )
    top.refuse()
    return layer


def _read(said: Mapping[str, Entry], key: str, read: Callable[[Entry], T]) -> T | None:
    return said[key].attempt(read) if key in said else None


def _overrides(entry: Entry) -> tuple[PackageOverrides, ...]:
    # Checking what may stand in a recipe imports much that other configurations don't need.
    from conda_bridge.config.overrides import read_packages  # noqa: PLC0415

    return read_packages(entry)

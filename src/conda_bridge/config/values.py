"""Entries of a configuration file -> the values of options."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from conda_bridge.config.entries import Entry
from conda_bridge.errors import BridgeError, ConfigError
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.names import PypiName, conda_name, pypi_name
from conda_bridge.model.options import FORMATS, NameOverride, RecipeFormat, RecipeOptions
from conda_bridge.translate.distributors import is_channel

__all__ = [
    "distributor_of",
    "distributors_of",
    "epoch_of",
    "flag_of",
    "folder_of",
    "formats_of",
    "index_urls_of",
    "is_from_project",
    "jobs_of",
    "mappings_of",
    "merged_distributors",
    "merged_names",
    "names_of",
    "pypi_names_of",
]

_MOST_JOBS = 64
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


def folder_of(base: Path, entry: Entry) -> str:
    """Return a folder, relative to the file's own."""
    if "://" in entry.text():
        raise entry.wrong("the path of a folder, and no URL")
    try:
        return str(base / Path(entry.text()).expanduser())
    except RuntimeError:
        raise entry.wrong("a folder that can be found") from None


def distributor_of(base: Path, entry: Entry) -> str:
    """Return the name of a distributor, or its channel; a folder is relative to the file's."""
    name = entry.text()
    return folder_of(base, entry) if is_channel(name) and "://" not in name else name


def distributors_of(base: Path, entry: Entry) -> tuple[DistributorPolicy, ...]:
    """Return the user's own distributors; their folders are relative to the file's."""
    # Few files have one, and it takes the table of those that ship.
    from conda_bridge.config.distributors import read_distributors  # noqa: PLC0415

    return read_distributors(base, entry)


def merged_distributors(
    weaker: tuple[DistributorPolicy, ...], stronger: tuple[DistributorPolicy, ...]
) -> tuple[DistributorPolicy, ...]:
    """Return the distributors of two places, each name once."""
    by_name = {policy.name: policy for policy in (*weaker, *stronger)}
    return tuple(by_name[name] for name in sorted(by_name))


def is_from_project(options: RecipeOptions, own: RecipeOptions) -> bool:
    """Tell whether the distributor has channels that the project's file names; `own` is what is said without it."""
    name = options.distributor
    if is_channel(name):
        return name != own.distributor
    return any(policy.name == name for policy in options.distributors if policy not in own.distributors)


def mappings_of(base: Path, entry: Entry) -> tuple[str, ...] | None:
    """Return the paths of mapping documents; None where there are none."""
    mappings = entry.fields(("mappings",)).get("mappings")
    if mappings is None:
        return None
    return tuple(folder_of(base, mappings.below(str(n), text)) for n, text in enumerate(mappings.texts()))


def formats_of(entry: Entry) -> tuple[RecipeFormat, ...]:
    """Return the recipe formats."""
    if (text := entry.text()) not in FORMATS:
        raise entry.wrong("v1, v0 or both")
    return FORMATS[text]


def index_urls_of(entry: Entry) -> tuple[str, ...]:
    """Return simple indexes."""
    if not (urls := entry.texts()):
        raise entry.wrong("at least one URL")
    return urls


def pypi_names_of(entry: Entry) -> tuple[PypiName, ...]:
    """Return PyPI names."""
    try:
        return tuple(map(pypi_name, entry.texts()))
    except BridgeError as error:
        raise entry.refused(error) from error


def merged_names(
    weaker: tuple[NameOverride, ...], stronger: tuple[NameOverride, ...]
) -> tuple[NameOverride, ...]:
    """Return what two places say of names, name by name."""
    by_name = {override.pypi_name: override for override in (*weaker, *stronger)}
    return tuple(by_name[name] for name in sorted(by_name))


def names_of(entry: Entry) -> tuple[NameOverride, ...]:
    """Return the table `[names]`."""
    mapping = entry.fields(("pypi-to-conda",)).get("pypi-to-conda")
    if mapping is None:
        return ()
    rows = (entry.attempt(partial(_name, key)) for key, entry in mapping.table().items())
    return merged_names((), tuple(row for row in rows if row is not None))


def _name(key: str, entry: Entry) -> NameOverride:
    if not isinstance(entry.value, str):
        raise entry.wrong('a conda name, or "" to drop it')
    try:
        chosen = conda_name(entry.value) if entry.value else None
        return NameOverride(pypi_name=pypi_name(key), conda_name=chosen, origin=entry.origin)
    except BridgeError as error:
        raise entry.refused(error) from error


def jobs_of(entry: Entry) -> int:
    """Return how much is done at once."""
    value = entry.value
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST_JOBS:
        raise entry.wrong(f"a number from 1 to {_MOST_JOBS}")
    return value


def epoch_of(environment: Mapping[str, str]) -> int | None:
    """Return the time that archives are given. Source: reproducible-builds.org, SOURCE_DATE_EPOCH."""
    value = environment.get("SOURCE_DATE_EPOCH", "").strip()
    if not value:
        return None
    if not (value.isascii() and value.isdigit()):
        raise ConfigError("invalid-config", f"{value!r} is no number of seconds", where="SOURCE_DATE_EPOCH")
    return int(value)


def flag_of(value: str, variable: str) -> bool:
    """Return what an environment variable says that is on or off."""
    lowered = value.strip().lower()
    if lowered not in _TRUE | _FALSE:
        raise ConfigError("invalid-config", f"{value!r} is neither true nor false", where=variable)
    return lowered in _TRUE

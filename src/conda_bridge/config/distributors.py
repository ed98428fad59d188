"""Tables `[distributors.NAME]` of a configuration file -> distributors of the user's own.

What a table doesn't say is as in the row whose conventions it follows, which is conda-forge's unless it names another.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from conda_bridge.archives.typed_paths import expanded
from conda_bridge.config.entries import Entry
from conda_bridge.config.texts import python_of
from conda_bridge.errors import ConfigError
from conda_bridge.model.distributor import DistributorPolicy, VariantFact
from conda_bridge.model.names import CondaName
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.translate.distributors import distributor_names, distributor_policy, is_channel
from conda_bridge.translate.url_secrets import channel_label
from conda_bridge.translate.variants import default_variants, with_pythons

__all__ = ["read_distributors"]

_KEYS = (
    "channels", "conventions", "platforms", "python-min", "pythons", "pinned", "pinning-package", "variants", "zip-keys",
)  # fmt: skip
_DEFAULT_CONVENTIONS = "conda-forge"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)
_CHANNEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_URL = re.compile(r"(?:https?|file)://[^\s]+", re.ASCII)
_SUBDIR = re.compile(r"[a-z]{2,12}-[a-z0-9_]{2,16}", re.ASCII)
_PLACES = ("unix", "linux", "osx", "win")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_DEPENDENCY = re.compile(r"[a-z0-9_][a-z0-9_.-]{0,127}", re.ASCII)


def read_distributors(base: Path, entry: Entry) -> tuple[DistributorPolicy, ...]:
    """Return the distributors, in the order of their names; folders are relative to `base`.

    Raises:
        ConfigError: `invalid-config`; what is wrong in single keys is noted for `refuse`.
    """
    rows = (one.attempt(partial(_distributor, name, base)) for name, one in sorted(entry.table().items()))
    return tuple(row for row in rows if row is not None)


def _distributor(name: str, base: Path, entry: Entry) -> DistributorPolicy:
    if not _NAME.fullmatch(name) or name in distributor_names():
        raise _wrong(entry, f"{name[:80]!r} can't be the name of a distributor of one's own")
    said = entry.fields(_KEYS)
    if "channels" not in said or not isinstance(said["channels"].value, list):
        # What stands there may hold a password.
        raise _wrong(entry, "needs `channels`, a list of names, URLs and folders")
    followed = said["conventions"].text() if "conventions" in said else _DEFAULT_CONVENTIONS
    if followed not in distributor_names():
        raise said["conventions"].wrong(f"one of: {', '.join(distributor_names())}")
    policy = replace(
        distributor_policy(followed),
        name=name,
        channels=tuple(_channel(base, one) for one in said["channels"].items()),
        conventions=followed,
        pinning_package=_name(said["pinning-package"]) if "pinning-package" in said else "",
    )
    if not policy.channels:
        raise said["channels"].wrong("at least one channel")
    return _checked(_with_variants(_with_lists(_with_own_pythons(policy, said), said), said), entry)


def _with_own_pythons(policy: DistributorPolicy, said: dict[str, Entry]) -> DistributorPolicy:
    if not said.keys() & {"pythons", "python-min"}:
        return policy
    pythons = policy.pythons
    if "pythons" in said:
        pythons = tuple(sorted({python_of(one) for one in said["pythons"].items()}))
        if not pythons:
            raise said["pythons"].wrong("at least one python")
    lowest = python_of(said["python-min"]) if "python-min" in said else _lowest(policy, pythons)
    if lowest not in pythons:
        listed = ", ".join(map(str, pythons))
        raise said["python-min"].wrong(f"one of the pythons: {listed}")
    return with_pythons(policy, pythons, lowest)


def _lowest(policy: DistributorPolicy, pythons: tuple[PyVersion, ...]) -> PyVersion:
    return next((one for one in pythons if one >= policy.python_min), pythons[0])


def _with_lists(policy: DistributorPolicy, said: dict[str, Entry]) -> DistributorPolicy:
    if "platforms" in said:
        policy = replace(policy, platforms=tuple(map(_subdir, said["platforms"].items())))
        if not policy.platforms:
            raise said["platforms"].wrong("at least one platform")
    if "pinned" in said:
        pinned = frozenset(CondaName(_name(one)) for one in said["pinned"].items())
        policy = replace(policy, pinned=pinned)
    return policy


def _with_variants(policy: DistributorPolicy, said: dict[str, Entry]) -> DistributorPolicy:
    facts = tuple(_facts(said["variants"])) if "variants" in said else ()
    groups = policy.zip_keys
    if "zip-keys" in said:
        groups = tuple(tuple(map(_key, group.items())) for group in said["zip-keys"].items())
    return replace(policy, variants=(*policy.variants, *facts), zip_keys=groups)


def _checked(policy: DistributorPolicy, entry: Entry) -> DistributorPolicy:
    for subdir in policy.platforms:
        try:
            default_variants(policy, subdir)
        except ValueError as error:
            raise _wrong(entry, f"variants on {subdir}: {error}") from error
    return policy


def _facts(entry: Entry) -> Iterator[VariantFact]:
    """Yield what holds everywhere, then what holds on some platforms."""
    narrower = {key: one for key, one in entry.table().items() if isinstance(one.value, dict)}
    for key, one in entry.table().items():
        if key not in narrower:
            yield VariantFact(key=_key(one, key), where="", values=_values(one))
    for where in sorted(narrower, key=lambda name: (name in _PLACES, name == "unix"), reverse=True):
        if where not in _PLACES and not _SUBDIR.fullmatch(where):
            raise narrower[where].wrong(f"one of {', '.join(_PLACES)}, or a platform such as linux-64")
        for key, one in narrower[where].table().items():
            yield VariantFact(key=_key(one, key), where=where, values=_values(one))


def _values(entry: Entry) -> tuple[str, ...]:
    # A number would lose what it says: 3.10 is 3.1.
    values = (entry.text(),) if isinstance(entry.value, str) else entry.texts()
    if not values:
        raise entry.wrong("a text, or a list of them")
    return values


def _channel(base: Path, entry: Entry) -> str:
    text = entry.text()
    if "://" in text:
        if not _URL.fullmatch(text):
            raise _wrong(entry, f"{channel_label(text)[:120]!r} is no URL of a channel")
        return text
    if is_channel(text):
        return str(base / expanded(text))
    if not _CHANNEL_NAME.fullmatch(text):
        raise entry.wrong("the name of a channel, its URL, or a folder such as ./channel")
    return text


def _subdir(entry: Entry) -> str:
    return _shaped(entry, _SUBDIR, "a platform such as linux-64")


def _name(entry: Entry) -> str:
    return _shaped(entry, _DEPENDENCY, "the name of a package")


def _key(entry: Entry, text: str | None = None) -> str:
    key = entry.text() if text is None else text
    if not _KEY.fullmatch(key):
        raise _wrong(entry, f"{key[:80]!r} can't be a key of variants")
    return key


def _shaped(entry: Entry, shape: re.Pattern[str], expected: str) -> str:
    if not shape.fullmatch(entry.text()):
        raise entry.wrong(expected)
    return entry.text()


def _wrong(entry: Entry, message: str) -> ConfigError:
    return ConfigError("invalid-config", message, where=entry.where)

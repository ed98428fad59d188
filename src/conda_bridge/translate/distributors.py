"""`data/distributors.toml` -> typed policies of distributors.

Vocabulary: a *row* says what a distributor decides; what it doesn't say is as in the row whose *conventions* it follows.
A *channel* without a row, given by its URL or folder, follows those of conda-forge.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from conda_bridge.errors import UsageError
from conda_bridge.model.distributor import DistributorPolicy, VariantFact
from conda_bridge.model.names import CondaName
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.model.tables import read_table
from conda_bridge.translate.url_secrets import channel_label

__all__ = ["HOST", "distributor_names", "distributor_policy", "is_channel"]

HOST = "host"
"""The row of this machine."""

_CONVENTIONS = "conda-forge"
_SYSTEMS = ("unix", "linux", "osx", "win")


def distributor_names(own: Sequence[DistributorPolicy] = ()) -> tuple[str, ...]:
    """Return the names of the distributors that the table knows, and of the user's `own`."""
    return tuple(sorted({*read_table("distributors"), *(policy.name for policy in own)}))


def distributor_policy(name: str, own: Sequence[DistributorPolicy] = ()) -> DistributorPolicy:
    """Return the policy of a distributor: one of the user's `own`, a row of the table, or that of a channel.

    Raises:
        UsageError: `unknown-distributor`.
    """
    for policy in own:
        if policy.name == name:
            return policy
    if name in read_table("distributors"):
        return _row(name)
    if is_channel(name):
        return replace(
            _row(_CONVENTIONS), name=channel_label(name), channels=(name,), conventions=_CONVENTIONS
        )
    known = ", ".join(distributor_names(own))
    raise UsageError(
        "unknown-distributor",
        f"there is no distributor {name!r}",
        hint=f"choose one of: {known}; or name a channel by its URL, or by a folder such as ./{name}",
    )


def is_channel(name: str) -> bool:
    """Return whether a distributor's name is a channel itself: a URL, or a folder, which has a slash in it.

    >>> is_channel("./channel"), is_channel("conda-forge")
    (True, False)
    """
    return "/" in name or "\\" in name or name in {".", ".."}


@cache
def _row(name: str) -> DistributorPolicy:
    row: dict[str, Any] = read_table("distributors")[name]
    followed = row.get("conventions", "")
    base: dict[str, Any] = read_table("distributors")[followed] if followed else {}
    said = {**base, **row}
    return DistributorPolicy(
        name=name,
        channels=tuple(said["channels"]),
        python_min=PyVersion.from_text(said["python_min"]),
        pythons=tuple(PyVersion.from_text(text) for text in said["pythons"]),
        python_ceiling=PyVersion.from_text(said["python_ceiling"]),
        platforms=tuple(said["platforms"]),
        pinned=frozenset(map(CondaName, said.get("pinned", ()))),
        platform_only=tuple(
            (system, pattern)
            for system, patterns in said.get("platform_only", {}).items()
            for pattern in patterns
        ),
        python_only=tuple(
            (pattern, PyVersion.from_text(lowest)) for pattern, lowest in said.get("python_only", {}).items()
        ),
        conventions=followed,
        name_map=said["name_map"],
        variants=tuple(fact for table in (base, row) for fact in _facts(table.get("variants", {}))),
        zip_keys=tuple(map(tuple, said["zip_keys"])),
        pinning_package=said["pinning_package"],
    )


def _facts(table: Mapping[str, Any]) -> Iterator[VariantFact]:
    """Yield a row's facts, the widest first."""
    places = {"": table, **{key: value for key, value in table.items() if isinstance(value, dict)}}
    for where in sorted(places, key=_breadth):
        for key, values in places[where].items():
            if not isinstance(values, dict):
                yield VariantFact(key=key, where=where, values=tuple(values))


def _breadth(where: str) -> int:
    return 0 if not where else 1 if where == "unix" else 2 if where in _SYSTEMS else 3

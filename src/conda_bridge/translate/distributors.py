"""`data/distributors.toml` -> typed policies of distributors."""

from functools import cache
from typing import Any

from conda_bridge.errors import UsageError
from conda_bridge.model.condition import PyVersion
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.names import CondaName
from conda_bridge.model.tables import read_table

__all__ = ["distributor_names", "distributor_policy"]


def distributor_names() -> tuple[str, ...]:
    """Return the names of the distributors that the table knows."""
    return tuple(sorted(read_table("distributors")))


@cache
def distributor_policy(name: str) -> DistributorPolicy:
    """Return the policy of a distributor.

    Raises:
        UsageError: `unknown-distributor`.
    """
    rows = read_table("distributors")
    if name not in rows:
        known = ", ".join(distributor_names())
        raise UsageError(
            "unknown-distributor", f"there is no distributor {name!r}", hint=f"choose one of: {known}"
        )
    row: dict[str, Any] = rows[name]
    return DistributorPolicy(
        name=name,
        channels=tuple(row["channels"]),
        python_min=PyVersion.from_text(row["python_min"]),
        pythons=tuple(PyVersion.from_text(text) for text in row["pythons"]),
        python_ceiling=PyVersion.from_text(row["python_ceiling"]),
        platforms=tuple(row["platforms"]),
        pinned=frozenset(map(CondaName, row.get("pinned", ()))),
        platform_only=tuple(
            (system, pattern)
            for system, patterns in row.get("platform_only", {}).items()
            for pattern in patterns
        ),
        python_only=tuple(
            (pattern, PyVersion.from_text(lowest)) for pattern, lowest in row.get("python_only", {}).items()
        ),
    )

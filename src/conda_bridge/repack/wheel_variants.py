"""Wheels of several builds of one release: they must be one wheel, since no file name of a wheel tells builds apart.

Noarch packages of one version may differ, for `__unix` and `__win`, for older and newer pythons. Metadata are allowed to: the
wheel that is kept has its own.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from conda_bridge.archives.wheel_archive import open_wheel
from conda_bridge.errors import RepackError
from conda_bridge.model.counts import counted
from conda_bridge.model.repackaging import WheelMade
from conda_bridge.repack.record import read_record_rows

__all__ = ["refuse_other_payload"]

_MOST_TOLD = 3


def refuse_other_payload(wheels: Sequence[WheelMade]) -> None:
    """Refuse wheels of one release that would install different files.

    Raises:
        RepackError: `variant-conflict`, which names some of those files.
        SourceError: `broken-archive`, `unreadable-source`.
    """
    if len(wheels) == 1:
        return
    payloads = [_payload(wheel.path) for wheel in wheels]
    for one, other in pairwise(payloads):
        differing = sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))
        if differing:
            more = f" and {len(differing) - _MOST_TOLD} more" if len(differing) > _MOST_TOLD else ""
            message = (
                f"builds of {wheels[0].pypi_name} {wheels[0].version} install different files: "
                f"{counted(len(differing), 'file')} differ, {', '.join(differing[:_MOST_TOLD])}{more}"
            )
            raise RepackError("variant-conflict", message)


def _payload(path: str) -> Mapping[str, object]:
    """Return the digests of all files outside of the wheel's own metadata."""
    with open_wheel(path) as archive:
        (record,) = (
            one for one in archive.by_path if one.endswith(".dist-info/RECORD") and one.count("/") == 1
        )
        folder = record.removesuffix("RECORD")
        rows = read_record_rows(archive.by_path[record].read().decode())
    return {path: row for path, row in rows.items() if not path.startswith(folder)}

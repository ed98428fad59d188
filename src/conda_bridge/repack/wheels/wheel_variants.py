"""Wheels of several builds of one release: they must be one wheel, since no file name of a wheel tells builds apart.

Noarch packages of one version may differ, for `__unix` and `__win`, for older and newer pythons. Whoever asks for the
release gets the one wheel that is kept, so that all which the others install and say has to be the same: files with
their modes, commands, requirements. How and when a wheel was written is nobody's concern.

Source: PEP 427, file name convention; binary distribution format, RECORD; CEP 30, virtual packages.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from conda_bridge.archives.wheel_archive import open_wheel
from conda_bridge.errors import RepackError
from conda_bridge.model.counts import counted
from conda_bridge.model.repackaging import WheelMade
from conda_bridge.repack.wheels.metadata_text import MetadataText
from conda_bridge.repack.wheels.record import read_record_rows

__all__ = ["refuse_other_content"]

_MOST_TOLD = 3


def refuse_other_content(wheels: Sequence[WheelMade]) -> None:
    """Refuse wheels of one release that would install different files, or say different things of themselves.

    Raises:
        RepackError: `variant-conflict`, which names some of those files, or the fields of METADATA.
        SourceError: `broken-archive`, `unreadable-source`.
    """
    if len(wheels) == 1:
        return
    contents = [_content(wheel.path) for wheel in wheels]
    for (one, other), (left, right) in zip(pairwise(contents), pairwise(wheels), strict=True):
        differing = sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))
        if differing:
            subject = f"builds of {wheels[0].pypi_name} {wheels[0].version}"
            raise RepackError("variant-conflict", f"{subject} {_told(differing, left, right)}")


def _told(differing: Sequence[str], left: WheelMade, right: WheelMade) -> str:
    """Say what differs: files that are installed matter more than what is said of them."""
    document = next((path for path in differing if path.endswith(".dist-info/METADATA")), "")
    if differing == [document]:
        fields = _differing_fields(_read(left.path, document), _read(right.path, document))
        return f"install the same, and differ in METADATA: {_some(fields) or 'how it is written'}"
    paths = [path for path in differing if path != document]
    return f"install different files: {counted(len(paths), 'file')} differ, {_some(paths)}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
    return f"{', '.join(names[:_MOST_TOLD])}{more}"


def _content(path: str) -> Mapping[str, object]:
    """Return what RECORD has of each file, and whether it is a program."""
    with open_wheel(path) as archive:
        (record,) = (
            one for one in archive.by_path if one.endswith(".dist-info/RECORD") and one.count("/") == 1
        )
        rows = read_record_rows(archive.by_path[record].read().decode())
        return {one: (row, archive.by_path[one].is_executable) for one, row in rows.items() if one != record}


def _read(path: str, member: str) -> MetadataText:
    with open_wheel(path) as archive:
        found = archive.by_path.get(member)
        return MetadataText.from_bytes(found.read() if found else b"", where=member)


def _differing_fields(one: MetadataText, other: MetadataText) -> list[str]:
    spelt = {field.name: field.raw.partition(":")[0] for text in (one, other) for field in text.fields}
    found = [said for name, said in spelt.items() if name and one.values(name) != other.values(name)]
    return [*found, *(["the description"] if one.rest != other.rest else [])]

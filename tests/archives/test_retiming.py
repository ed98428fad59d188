"""The times of a tar archive are changed, and nothing else."""

import io
import tarfile

import pytest

from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.retiming import retimed
from conda_bridge.archives.streams import DecompressedStream
from conda_bridge.errors import SourceError
from support.archives import link, regular, tar_bytes

TIME = 1_600_000_000


def changed(data: bytes) -> bytes:
    stream = DecompressedStream(iter([data]), archive_bytes=len(data), limits=LIMITS)
    return b"".join(retimed(stream, TIME))


@pytest.mark.parametrize("tar_format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_every_member_has_the_time_and_all_else_it_had(tar_format: int) -> None:
    members = [regular("a", b"x" * 3000, mode=0o755), link("b", "a"), regular("c" * 180, b"y")]
    for number, (info, _) in enumerate(members):
        info.mtime = 1_700_000_000.25 + number if tar_format == tarfile.PAX_FORMAT else 1_700_000_000 + number

    with tarfile.open(fileobj=io.BytesIO(changed(tar_bytes(members, tar_format=tar_format)))) as archive:
        found = [(one, archive.extractfile(one) if one.isreg() else None) for one in archive]
        told = [
            (one.name, one.mode, one.linkname, int(one.mtime), file.read() if file else b"")
            for one, file in found
        ]

    assert told == [(info.name, info.mode, info.linkname, TIME, data) for info, data in members]


def test_archives_that_differ_in_times_alone_become_equal() -> None:
    one, other = regular("a"), regular("a")
    one[0].mtime, other[0].mtime = 1_700_000_000.5, 1_800_000_000.5

    assert changed(tar_bytes([one])) == changed(tar_bytes([other]))


@pytest.mark.parametrize("data", [tar_bytes([regular("a", b"x" * 3000)])[:2000], b"no tar" * 200, b"short"])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        changed(data)

    assert caught.value.slug == "broken-archive"

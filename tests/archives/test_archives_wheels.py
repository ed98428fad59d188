"""A wheel's METADATA is read alone, from a file that may be far away."""

import io

import pytest

from conda_bridge.archives.wheels import MAX_METADATA_BYTES, read_wheel_metadata
from conda_bridge.errors import SourceError
from support.archives import wheel_bytes, zip_bytes


def test_metadata_is_returned_and_its_place_announced() -> None:
    data = wheel_bytes("demo", "1.0", metadata="Name: demo\nSummary: caf\xe9\n", padding=5000)
    announced: list[tuple[int, int]] = []
    text = read_wheel_metadata(
        io.BytesIO(data), size_bytes=len(data), will_read=lambda start, end: announced.append((start, end))
    )
    assert text == "Name: demo\nSummary: caf\xe9\n"
    [(start, end)] = announced
    assert text.encode() in data[start:end]
    assert data[start:end].count(b"PK\x03\x04") == 1


@pytest.mark.parametrize(
    "data",
    [
        b"no zip file at all",
        wheel_bytes("demo", "1.0")[:-9],
        wheel_bytes("demo", "1.0") + b"x",
        zip_bytes([("demo/__init__.py", b"")]),
        zip_bytes([("a-1.dist-info/METADATA", b""), ("b-1.dist-info/METADATA", b"")]),
        zip_bytes([("sub/a-1.dist-info/METADATA", b"")]),
        zip_bytes([("a-1.dist-info/METADATA", b"caf\xe9")]),
        zip_bytes([("a-1.dist-info/METADATA", bytes(MAX_METADATA_BYTES + 1))]),
    ],
    ids=["no zip", "cut", "longer", "none", "two", "deeper", "not UTF-8", "huge"],
)
def test_wheel_without_one_readable_metadata_file_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        read_wheel_metadata(io.BytesIO(data), size_bytes=len(data))
    assert caught.value.slug in {"broken-archive", "archive-too-large"}


def test_encrypted_metadata_is_refused() -> None:
    data = bytearray(zip_bytes([("a-1.dist-info/METADATA", b"x")]))
    data[data.find(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(SourceError) as caught:
        read_wheel_metadata(io.BytesIO(bytes(data)), size_bytes=len(data))
    assert caught.value.slug == "unsafe-archive"


def test_damaged_metadata_is_refused() -> None:
    data = bytearray(wheel_bytes("demo", "1.0"))
    data[data.find(b"Metadata-Version")] ^= 1
    with pytest.raises(SourceError) as caught:
        read_wheel_metadata(io.BytesIO(bytes(data)), size_bytes=len(data))
    assert caught.value.slug == "broken-archive"


def test_metadata_that_takes_too_many_bytes_is_not_fetched() -> None:
    data = wheel_bytes("demo", "1.0", metadata="Name: demo\n")
    packed = data.index(b"PK\x01\x02") + 20
    larger = data[:packed] + (MAX_METADATA_BYTES + 1).to_bytes(4, "little") + data[packed + 4 :]
    announced: list[tuple[int, int]] = []

    with pytest.raises(SourceError):
        read_wheel_metadata(
            io.BytesIO(larger),
            size_bytes=len(larger),
            will_read=lambda start, end: announced.append((start, end)),
        )

    assert announced == []

"""RECORD of a wheel: read and held against the files.

Source: recording installed projects, the RECORD file; binary distribution format, "Signed wheel files".
"""

import csv
import hashlib
import io
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import NamedTuple

from conda_bridge.archives.paths import shown
from conda_bridge.archives.wheel_archive import WheelMember
from conda_bridge.errors import RepackError

__all__ = ["UNRECORDED", "Digest", "read_record_rows", "verify_complete"]

UNRECORDED = ("RECORD", "RECORD.jws", "RECORD.p7s")
"""Files of the dist-info folder that no RECORD can hold the digests of."""

_ALGORITHMS = frozenset({"sha256", "sha384", "sha512"})
"""What the specification allows: sha256 or better."""
_BASE64 = re.compile(r"[A-Za-z0-9_-]+=*", re.ASCII)
_MAX_SHOWN = 3


class Digest(NamedTuple):
    """What RECORD says of one file. A tuple, because there are thousands."""

    algorithm: str
    hexadecimal: str
    size_bytes: int | None
    """None where no size is recorded."""

    def verify(self, path: str, content: bytes) -> None:
        """Compare a content.

        Raises:
            RepackError: `record-mismatch`.
        """
        if hashlib.new(self.algorithm, content).hexdigest() != self.hexadecimal:
            raise self._mismatch(path)

    def as_sha256(self, member: WheelMember) -> str:
        """Return the sha256 of a member, compared piece by piece with a digest of another kind.

        Raises:
            RepackError: `record-mismatch`.
        """
        told, sha256 = hashlib.new(self.algorithm), hashlib.sha256()
        for piece in member.pieces():
            told.update(piece)
            sha256.update(piece)
        if told.hexdigest() != self.hexadecimal:
            raise self._mismatch(member.path)
        return sha256.hexdigest()

    def _mismatch(self, path: str) -> RepackError:
        return RepackError("record-mismatch", f"its {self.algorithm} is another one", where=path)


def read_record_rows(text: str) -> dict[str, Digest | None]:
    """Return the rows of RECORD: path -> digest, None where the row has none.

    Raises:
        RepackError: `record-mismatch` for rows that can't be read, digests that prove nothing, and rows that
            contradict each other.
    """
    rows: dict[str, Digest | None] = {}
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            if not row:
                continue
            path, digest = row[0], _digest(row)
            if path in rows and rows[path] != digest:
                raise RepackError("record-mismatch", f"RECORD has two digests of {shown(path)}")
            rows[path] = digest
    except csv.Error as error:
        raise RepackError("record-mismatch", f"RECORD is no table: {error}") from error
    return rows


def _digest(row: list[str]) -> Digest | None:
    if len(row) != 3:
        raise RepackError("record-mismatch", f"a row of RECORD has {len(row)} columns: {row!r:.100}")
    path, said, size = row
    if not said:
        return None
    algorithm, _, encoded = said.partition("=")
    if algorithm not in _ALGORITHMS or not _BASE64.fullmatch(encoded):
        raise RepackError("record-mismatch", f"RECORD has no usable digest of {shown(path)}: {said[:40]!r}")
    try:
        raw = urlsafe_b64decode(encoded.rstrip("=") + "=" * (-len(encoded.rstrip("=")) % 4))
    except ValueError as error:
        raise RepackError(
            "record-mismatch", f"RECORD has no digest of {shown(path)}: {said[:40]!r}"
        ) from error
    if size and not (size.isascii() and size.isdigit() and len(size) <= 18):
        raise RepackError("record-mismatch", f"RECORD has no size of {shown(path)}: {size[:40]!r}")
    return Digest(algorithm, raw.hex(), int(size) if size else None)


def verify_complete(rows: Mapping[str, Digest | None], sizes: Mapping[str, int], *, dist_info: str) -> None:
    """Hold the rows against the files of a wheel: each has a row with a digest and its size, and no row is idle.

    Raises:
        RepackError: `record-mismatch`.
    """
    free = {f"{dist_info}/{name}" for name in UNRECORDED}
    unlisted = [path for path in sizes if path not in free and rows.get(path) is None]
    if unlisted:
        raise RepackError("record-mismatch", f"RECORD has no digest of {_some(unlisted)}")
    missing = [path for path in rows if path not in sizes and path not in free]
    if missing:
        raise RepackError("record-mismatch", f"RECORD lists {_some(missing)}, not in the wheel")
    for path, digest in rows.items():
        if digest is not None and digest.size_bytes not in {None, sizes.get(path)}:
            size_bytes = sizes.get(path, 0)
            message = f"it has {size_bytes:,} bytes and not {digest.size_bytes:,}"
            raise RepackError("record-mismatch", message, where=path)


def _some(paths: list[str]) -> str:
    more = f" and {len(paths) - _MAX_SHOWN} more" if len(paths) > _MAX_SHOWN else ""
    return ", ".join(map(shown, sorted(paths)[:_MAX_SHOWN])) + more

"""A data file that one wheel has as it is and the other one compressed.

Publishers compress large tables before they upload a wheel; what reads them finds either. That both are one file is told
by decompressing it, no further than the other one is long.

Source: RFC 1952 (gzip).
"""

import io
from hashlib import sha256

from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.streams import decompressed
from conda_bridge.errors import SourceError
from conda_bridge.repack.comparing.compared_wheels import ComparedFile
from conda_bridge.repack.comparing.differences import Difference
from conda_bridge.repack.comparing.running_files import START_BYTES, may_run

__all__ = ["GZIP", "compressed_twin"]

GZIP = ".gz"
_OF_CHECKERS = ("/py.typed", ".pyi")
"""Source: PEP 561."""
_MAGIC = b"\x1f\x8b"


def compressed_twin(difference: Difference) -> str:
    """Return the place of the one file that only the other side has, and which is this one compressed, or decompressed.

    Nothing where it may run, and where ours isn't as the project's own backend has it: the conversion compresses nothing.
    """
    plain = difference.place.removesuffix(GZIP)
    packed = f"{plain}{GZIP}"
    twin = plain if difference.place == packed else packed
    side, other = (
        (difference.left, difference.right) if difference.ours else (difference.right, difference.left)
    )
    if twin in side.files or twin not in other.files or difference.place in other.files:
        return ""
    has_plain, has_packed = (side, other) if twin == packed else (other, side)
    ours, theirs = has_plain.files[plain], has_packed.files[packed]
    is_as_built = difference.is_ours_as_built and difference.at(twin).is_ours_as_built
    if not is_as_built or ours.is_executable or theirs.is_executable:
        return ""
    # Installers and type checkers read theirs as they are, whatever the project itself can read.
    if plain.startswith(f"{difference.left.info}/") or plain.endswith(_OF_CHECKERS):
        return ""
    if may_run(plain, has_plain.start(plain, START_BYTES)) or theirs.size_bytes > LIMITS.max_text_bytes:
        return ""
    return twin if _is_compressed_of(has_packed.read(packed), ours) else ""


def _is_compressed_of(packed: bytes, plain: ComparedFile) -> bool:
    if not packed.startswith(_MAGIC):
        return False
    digest, size_bytes = sha256(), 0
    try:
        for piece in decompressed(io.BytesIO(packed)):
            size_bytes += len(piece)
            if size_bytes > plain.size_bytes:
                return False
            digest.update(piece)
    except SourceError:
        return False
    return digest.hexdigest() == plain.sha256

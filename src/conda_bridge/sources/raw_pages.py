"""An index's answer before it is judged: what a server sent, and what its JSON or HTML form says of the files."""

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Page", "RawFile", "RawPage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a server answered."""

    url: str
    """The final one, without credentials."""
    content_type: str
    body: bytes


class RawFile(NamedTuple):
    """One file as either form tells it. A tuple, because there may be thousands: it is made several times as fast."""

    filename: str
    url: str
    """Perhaps relative."""
    sha256: str = ""
    metadata: str | bool = False
    """The sha256 of the core metadata beside the file, or whether there is any."""
    yanked: str | None = None
    requires_python: str = ""
    size_bytes: int | None = None
    upload_time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPage:
    """One project as either form tells it."""

    files: tuple[RawFile, ...]
    status: str = "active"
    status_reason: str = ""

"""What the readers of tar and zip say of one member, before anything is believed."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, Protocol

__all__ = ["ArchiveReader", "Member", "MemberKind"]

MemberKind = Literal["file", "directory", "symlink", "hardlink"]


class Member(NamedTuple):
    """One member as the archive tells it. A tuple, because there are thousands: it is made twice as fast."""

    name: str
    """As written, not yet checked."""
    kind: MemberKind
    size_bytes: int = 0
    link: str = ""
    """A link's target, as written."""
    is_setuid: bool = False
    """True where the setuid or the setgid bit of a file is set."""
    is_executable: bool = False
    """True where anybody may execute the file."""


class ArchiveReader(Protocol):
    """Tells the members of an archive in their order, and the content of the member told last."""

    def members(self) -> Iterator[Member]:
        """Yield every member once.

        Raises:
            SourceError: `unsafe-archive`, `broken-archive`, `archive-too-large`.
        """
        ...

    def read(self, max_bytes: int | None = None) -> bytes:
        """Return the content of the file that `members` yielded last, or its beginning; at most once a member.

        Raises:
            SourceError: `broken-archive`.
        """
        ...

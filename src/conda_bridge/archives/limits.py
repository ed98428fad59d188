"""How large an archive or a tree may be, unpacked, before it counts as an attack."""

from dataclasses import dataclass

from conda_bridge.errors import SourceError

__all__ = ["LIMITS", "Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what an archive unpacks to. Source: the bombs that were seen, and the largest real sdists."""

    max_bytes: int = 2_000_000_000
    """Of all members together."""
    max_members: int = 100_000
    max_ratio: int = 200
    """Unpacked size over the archive's size."""
    ratio_floor_bytes: int = 20_000_000
    """Below it the ratio means nothing: a small sdist may hold a file of zeros as test data."""
    max_text_bytes: int = 16_000_000
    """Of one member that is read into memory, whatever the caller asks for."""
    max_read_bytes: int = 100_000_000
    """Of all members that are read: their texts stay in memory together."""

    def check_bytes(self, unpacked_bytes: int, archive_bytes: int) -> None:
        """Refuse an archive that unpacks to too much.

        Raises:
            SourceError: `archive-too-large`.
        """
        if unpacked_bytes > self.max_bytes:
            raise SourceError("archive-too-large", f"it unpacks to more than {self.max_bytes:,} bytes")
        if unpacked_bytes > self.ratio_floor_bytes and unpacked_bytes > self.max_ratio * archive_bytes:
            raise SourceError(
                "archive-too-large", f"it unpacks to more than {self.max_ratio} times its size: a zip bomb"
            )

    def check_read(self, read_bytes: int) -> None:
        """Refuse an archive whose files of interest are too much for the memory.

        Raises:
            SourceError: `archive-too-large`.
        """
        if read_bytes > self.max_read_bytes:
            raise SourceError(
                "archive-too-large",
                f"the files of it that are read have more than {self.max_read_bytes:,} bytes together",
            )

    def check_count(self, members: int) -> None:
        """Refuse an archive of too many members.

        Raises:
            SourceError: `archive-too-large`.
        """
        if members > self.max_members:
            raise SourceError("archive-too-large", f"it has more than {self.max_members:,} members")


LIMITS = Limits()

"""A conda package -> what it installs, member by member, as it streams by.

Source: CEP 34, CEP 35 (conda package formats).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from conda_bridge.archives.begun_tar import BegunTar
from conda_bridge.archives.inventory import Inventory
from conda_bridge.archives.limits import LIMITS, Limits
from conda_bridge.archives.members import MemberKind
from conda_bridge.archives.package_info import package_tar
from conda_bridge.archives.tar import TarReader
from conda_bridge.errors import SourceError

__all__ = ["PayloadMember", "payload_members", "read_payload"]

_PIECE_BYTES = 1 << 20
_INFO = "info/"


class PayloadMember(NamedTuple):
    """A file, link or folder of a package, to be read before the next one is asked for.

    A tuple, because there are thousands.
    """

    path: str
    """In the prefix, checked."""
    kind: MemberKind
    mode: int
    """The permission bits, setuid and its like included."""
    size_bytes: int
    """Of a file; 0 of everything else."""
    link: str
    """A link's target: a symbolic one's as written, a hard one's the path of the file."""
    read: Callable[[int], bytes]
    """Returns the next bytes of a file, as many as are asked for, fewer only at its end."""

    def pieces(self) -> Iterator[bytes]:
        """Yield a file's content in pieces of at most 1 MiB; once."""
        return iter(lambda: self.read(_PIECE_BYTES), b"")


def payload_members(
    path: str,
    *,
    limits: Limits = LIMITS,
    on_info: Callable[[PayloadMember], None] | None = None,
    begun: BegunTar | None = None,
) -> Iterator[PayloadMember]:
    """Yield what a `.conda` or `.tar.bz2` file installs, in the archive's order.

    `on_info` is told every file of `info/` that is met on the way: all of them in a `.tar.bz2`; in a `.conda` some builders
    put the licences there.
    `begun` is the same `.tar.bz2`, where its beginning was read already.

    No member has the path of another, and no link leads outside, which is known only after the last one.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    try:
        if begun is not None:
            yield from _members(TarReader(begun.all(limits)), limits, on_info)
            return
        with Path(path).open("rb") as file:
            yield from _members(
                TarReader(package_tar(file, Path(path), "pkg", limits=limits)), limits, on_info
            )
    except OSError as error:
        raise SourceError("unreadable-source", f"can't be read: {error.strerror}", where=path) from error
    except SourceError as error:
        raise SourceError(error.slug, error.message, where=path, hint=error.hint) from error


def _members(
    reader: TarReader, limits: Limits, on_info: Callable[[PayloadMember], None] | None
) -> Iterator[PayloadMember]:
    inventory = Inventory(limits)
    for member in reader.members():
        path = inventory.add(member)
        if not path:
            continue
        found = PayloadMember(
            path=path,
            kind=member.kind,
            mode=reader.mode,
            size_bytes=member.size_bytes,
            link=member.link,
            read=reader.read,
        )
        # In the older format `info/` is among the rest.
        if not f"{path}/".startswith(_INFO):
            yield found
        elif on_info is not None and member.kind == "file":
            on_info(found)
    inventory.finish()


def read_payload(path: str, is_wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """Return the plain files whose path `is_wanted`, by path, in memory.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    found: dict[str, bytes] = {}
    read_bytes = 0
    for member in payload_members(path):
        if member.kind == "file" and is_wanted(member.path):
            read_bytes += member.size_bytes
            LIMITS.check_read(read_bytes)
            found[member.path] = b"".join(member.pieces())
    return found

"""Members, one after the other -> the list of regular files, once every rule of the whole was kept.

The rules that need more than one member live here: duplicates, names that differ only by case or Unicode form,
one top folder, links that stay inside.
"""

from collections.abc import Iterator, Sized

from conda_bridge.archives.limits import Limits
from conda_bridge.archives.links import refuse_escaping_links
from conda_bridge.archives.members import Member
from conda_bridge.archives.paths import checked_path, folded_path, shown
from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["Inventory"]


class Inventory:
    """What was seen of one archive so far. Paths are those of the archive, top folder included."""

    def __init__(self, limits: Limits) -> None:
        self.sizes: dict[str, int] = {}
        """Regular files, and hard links to them, by path."""
        self.tops: dict[str, None] = {}
        """First components, in the order of appearance."""
        self._limits = limits
        self._count = 0
        self._folders: set[str] = set()
        self._links: dict[str, str] = {}
        self._by_folded: dict[str, str] = {}
        self._clashes: list[tuple[str, str]] = []
        self._setuid: list[str] = []

    def add(self, member: Member) -> str:
        """Take note of a member and return its checked path.

        Raises:
            SourceError: `unsafe-archive`, `archive-too-large`.
        """
        self._count += 1
        self._limits.check_count(self._count)
        path = checked_path(member.name)
        if member.kind == "directory":
            self._add_folder(path)
            return path
        if not path:
            raise SourceError("unsafe-archive", f"the {member.kind} {shown(member.name)} has no name")
        if path in self.sizes or path in self._links:
            raise SourceError("unsafe-archive", f"the member {shown(path)} is there twice")
        self._add_folder(path.rpartition("/")[0])
        self._note(path)
        match member.kind:
            case "symlink":
                self._links[path] = member.link
            case "hardlink":
                self.sizes[path] = self._linked_size(path, member.link)
            case "file":
                self.sizes[path] = member.size_bytes
        if member.is_setuid:
            self._setuid.append(path)
        return path

    def top_folder(self) -> str:
        """Return the one folder that holds everything; empty where there is none."""
        top = next(iter(self.tops), "")
        return top if len(self.tops) == 1 and top in self._folders else ""

    def finish(self) -> tuple[Diagnostic, ...]:
        """Judge the archive as a whole and return the findings.

        Raises:
            SourceError: `unsafe-archive`.
        """
        refuse_escaping_links(self._links, self.top_folder())
        for path in self._links:
            if path in self._folders:
                raise SourceError("unsafe-archive", f"a member lies below the symbolic link {shown(path)}")
        for path in self.sizes:
            if path in self._folders:
                raise SourceError("unsafe-archive", f"the file {shown(path)} is a folder too")
        return tuple(self._findings())

    def _findings(self) -> Iterator[Diagnostic]:
        if self._setuid:
            message = f"{_and_more(shown(self._setuid[0]), self._setuid)}: setuid or setgid bit, ignored"
            yield finding("setuid-member", message)
        if self._clashes:
            one, other = self._clashes[0]
            what = "case" if one.lower() == other.lower() else "case or Unicode form"
            message = (
                f"{_and_more(f'{shown(one)} and {shown(other)}', self._clashes)}: differ only by {what}, "
                "so that Windows and macOS take them for one"
            )
            yield finding("case-clash", message)
        if len(self.tops) > 1:
            tops = list(self.tops)
            message = f"there is no one top folder, but {_and_more(shown(tops[0]), tops)}"
            yield finding("several-top-folders", message)

    def _add_folder(self, path: str) -> None:
        while path and path not in self._folders:
            self._folders.add(path)
            self._limits.check_count(len(self._folders))
            self._note(path)
            path = path.rpartition("/")[0]

    def _note(self, path: str) -> None:
        if "/" not in path:
            self.tops.setdefault(path)
        other = self._by_folded.setdefault(folded_path(path), path)
        if other != path:
            self._clashes.append((other, path))

    def _linked_size(self, path: str, target: str) -> int:
        size_bytes = self.sizes.get(checked_path(target))
        if size_bytes is None:
            raise SourceError(
                "unsafe-archive",
                f"the hard link {shown(path)} leads to {shown(target)}, which is no earlier file",
            )
        return size_bytes


def _and_more(first: str, everything: Sized) -> str:
    more = len(everything) - 1
    return f"{first} and {more} more" if more else first

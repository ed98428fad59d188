"""A wheel -> its files by the places that they are installed to, each with its digest, for a comparison.

RECORD and its signatures aren't among them: they follow from the other files, and were held against them.

Source: binary distribution format, "Installing a wheel", "The .data directory".
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from conda_bridge.archives.wheel_archive import WheelMember, open_wheel
from conda_bridge.errors import BridgeError, RepackError
from conda_bridge.infer.project.core_metadata import Headers, read_headers
from conda_bridge.infer.project.setuptools_values import ini_sections
from conda_bridge.repack.wheels.record import UNRECORDED
from conda_bridge.repack.wheels.wheel_places import library_place
from conda_bridge.repack.wheels.wheel_reading import Wheel, read_wheel

__all__ = ["ComparedFile", "ComparedWheel", "opened_wheel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedFile:
    """One file."""

    path: str
    """In the wheel."""
    sha256: str
    size_bytes: int
    is_executable: bool


class ComparedWheel:
    """A wheel that is open, every file held against RECORD."""

    def __init__(self, wheel: Wheel, label: str) -> None:
        self.label = label
        """What it is, in words."""
        self.version = wheel.version
        self._wheel = wheel
        stem = f"{wheel.pypi_name.replace('-', '_')}-{wheel.version}"
        self.info = f"{stem}.dist-info"
        """What the dist-info folder is called in a comparison, whatever its spelling."""
        self._data = f"{stem}.data"
        free = {f"{wheel.dist_info}/{name}" for name in UNRECORDED}
        files = (member for member in wheel.archive.files if member.path not in free)
        self.files: Mapping[str, ComparedFile] = self._placed(files)
        """By where they are installed."""

    def _placed(self, members: Iterable[WheelMember]) -> dict[str, ComparedFile]:
        found: dict[str, ComparedFile] = {}
        for member in members:
            place = self._place(member.path)
            if place in found:
                # As `.data/purelib/demo-1.0.dist-info` beside `Demo-1.0.dist-info`, which are one here.
                raise RepackError("clashing-files", f"{found[place].path} has its place", where=member.path)
            found[place] = _digested(self._wheel, member)
        return found

    def _place(self, path: str) -> str:
        place = library_place(path)
        if not place:
            return f"{self._data}/{path.partition('/')[2]}"
        top, _, rest = place.partition("/")
        return f"{self.info}/{rest}" if top == self._wheel.dist_info and rest else place

    @property
    def scripts(self) -> str:
        """The folder of scripts in a comparison, with a slash."""
        return f"{self._data}/scripts/"

    def read(self, place: str) -> bytes:
        """Return the content of a file.

        Raises:
            SourceError: `archive-too-large` above 16 MB.
        """
        return self._wheel.read(self.files[place].path)

    def start(self, place: str, count: int) -> bytes:
        """Return the first bytes of a file."""
        return self._wheel.archive.by_path[self.files[place].path].start(count)

    def text(self, name: str) -> str:
        """Return a text of the dist-info folder; empty where there is none."""
        return self._wheel.text(name)

    @property
    def headers(self) -> Headers:
        """Of WHEEL."""
        return read_headers(self.text("WHEEL"), file="WHEEL")

    @property
    def writer(self) -> str:
        """What made it, such as `bdist_wheel (0.43.0)`."""
        told = self.headers.one("generator")
        return told.value if told else ""

    @property
    def licenses(self) -> frozenset[str]:
        """The licence files that METADATA names."""
        told = read_headers(self.text("METADATA"), file="METADATA").all("license-file")
        return frozenset(one.value for one in told)

    @property
    def entry_points(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Targets of entry_points.txt by group and name, without blanks; a line that is none has no target.

        What is defined twice has both in their order: which of them counts depends on who reads it.
        """
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for group, lines in ini_sections(self.text("entry_points.txt")):
            for line in filter(None, map(str.strip, lines)):
                name, _, target = line.partition("=")
                if not line.startswith(("#", ";")):
                    key = group, name.strip()
                    found[key] = (*found.get(key, ()), "".join(target.split()))
        return found

    @property
    def commands(self) -> frozenset[str]:
        """The names of the scripts that installers make."""
        groups = {"console_scripts", "gui_scripts"}
        return frozenset(name for group, name in self.entry_points if group in groups)

    def has(self, place: str, file: ComparedFile | None) -> bool:
        """Tell whether a place has that very content here, or nothing where `file` is None."""
        own = self.files.get(place)
        if own is None or file is None:
            return own is file
        return own.sha256 == file.sha256


@contextmanager
def opened_wheel(path: str, label: str) -> Iterator[ComparedWheel]:
    """Open a wheel.

    Raises:
        RepackError: `invalid-wheel`, `record-mismatch`, `clashing-files`.
        MetadataError: `invalid-name`, `invalid-field`.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    filename = PurePosixPath(path).name
    with open_wheel(path) as archive:
        try:
            opened = ComparedWheel(read_wheel(archive, filename), label)
        except BridgeError as error:
            where = f"{filename}: {error.where}" if error.where else filename
            raise type(error)(error.slug, error.message, where=where, hint=error.hint) from error
        yield opened


def _digested(wheel: Wheel, member: WheelMember) -> ComparedFile:
    digest = hashlib.sha256()
    told = wheel.digests[member.path]
    assert told is not None, "verify_complete() saw to it"
    proof = digest if told.algorithm == "sha256" else hashlib.new(told.algorithm)
    for piece in member.pieces():
        digest.update(piece)
        if proof is not digest:
            proof.update(piece)
    if proof.hexdigest() != told.hexadecimal:
        raise RepackError("record-mismatch", f"its {told.algorithm} is another one", where=member.path)
    return ComparedFile(
        path=member.path,
        sha256=digest.hexdigest(),
        size_bytes=member.size_bytes,
        is_executable=member.is_executable,
    )

"""A wheel, read again from disk -> everything that is wrong with it, all at once.

What leaves this tool is held against the same rules as a stranger's wheel. The cheap reading, which each conversion ends
with, looks at the table of contents and at the dist-info folder; the full one decompresses every file, too, holds it
against its checksum and its digest in RECORD, and looks for native code.

Source: binary distribution format; recording installed projects; core metadata specifications; entry points specification.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from packaging.tags import Tag, parse_tag
from packaging.utils import BuildTag, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from conda_bridge.archives.paths import shown
from conda_bridge.archives.wheel_archive import WheelArchive, WheelMember, open_wheel
from conda_bridge.errors import BridgeError, RepackError
from conda_bridge.infer.project.core_metadata import Headers, read_headers
from conda_bridge.infer.project.entry_points import read_entry_points
from conda_bridge.infer.project.setuptools_values import entry_point_lines, ini_sections
from conda_bridge.model.codes import diagnostic_of, finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName, pypi_name
from conda_bridge.model.repackaging import MetadataOrigin
from conda_bridge.repack.wheels.installation_files import is_of_installers
from conda_bridge.repack.wheels.license_files import absent_licenses, is_below_licenses, wrong_license_path
from conda_bridge.repack.wheels.metadata_check import metadata_problems, strict_problems
from conda_bridge.repack.wheels.native_code import START_BYTES, native_kind
from conda_bridge.repack.wheels.package_commands import made_twice, one_on_windows, unreadable_reason
from conda_bridge.repack.wheels.record import Digest, read_record_rows, verify_complete
from conda_bridge.repack.wheels.wheel_places import clashing_places
from conda_bridge.translate.untrusted import version_of

__all__ = ["check_wheel"]

_NEEDED = ("METADATA", "WHEEL", "RECORD")
_SCHEMES = frozenset({"purelib", "platlib", "headers", "scripts", "data"})
_PY3 = frozenset({Tag("py3", "none", "any")})
_PY2_PY3 = _PY3 | {Tag("py2", "none", "any")}
_MOST_TOLD = 5


def check_wheel(
    path: str, *, origin: MetadataOrigin = "kept", is_full: bool = False
) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a wheel, and what is odd about it.

    METADATA that was synthesised here is read strictly; of any other, whose fields are the project's, the strict reading's
    complaints are warnings, and only told with `is_full`. A file that can't be read as an archive has one finding.

    Raises:
        SourceError: `unreadable-source`.
    """
    found: list[Diagnostic] = []
    try:
        with open_wheel(path) as archive:
            check = _Check(archive=archive, filename=Path(path).name, origin=origin, is_full=is_full)
            # As they come: what keeps the archive from being read further doesn't hide what was found before.
            for diagnostic in check.problems():
                found.append(diagnostic)  # noqa: PERF402
    except BridgeError as error:
        if error.slug == "unreadable-source":
            raise
        found.append(diagnostic_of(error))
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class _Check:
    """One wheel and the depth to which it is read."""

    archive: WheelArchive
    filename: str
    origin: MetadataOrigin
    is_full: bool

    def problems(self) -> Iterator[Diagnostic]:
        """Yield all that is wrong."""
        yield from self.archive.diagnostics
        yield from self._file_name_problems()
        yield from self._leftovers()
        yield from self._place_problems()
        if len(self._folders) != 1:
            found = ", ".join(map(shown, self._folders[:_MOST_TOLD])) or "none"
            yield _invalid(f"it has not one dist-info folder: {found}")
            if self.is_full:
                yield from self._content_problems({})
            return
        for name in _NEEDED:
            if not self._has(name):
                yield _invalid(f"it has no {self._path(name)}")
        yield from self._name_problems()
        yield from self._wheel_file_problems()
        yield from self._metadata_problems()
        yield from self._data_problems()
        yield from self._entry_point_problems()
        yield from self._record_problems()

    # ------------------------------------------------------------ what is where

    @cached_property
    def _told(self) -> tuple[PypiName, Version, BuildTag, frozenset[Tag]] | None:
        """Of the file name; None where it isn't a wheel's, which has no blanks although some may be read as one's."""
        if not self.filename.isprintable() or " " in self.filename:
            return None
        try:
            name, version, build, tags = parse_wheel_filename(self.filename)
        except ValueError:
            return None
        return pypi_name(name), version, build, tags

    @cached_property
    def _folders(self) -> list[str]:
        tops = {member.path.partition("/")[0] for member in self.archive.files if "/" in member.path}
        return sorted(top for top in tops if top.endswith(".dist-info"))

    def _path(self, name: str) -> str:
        return f"{self._folders[0]}/{name}"

    def _has(self, name: str) -> bool:
        return self._path(name) in self.archive.by_path

    def _text(self, name: str) -> str:
        try:
            return self.archive.by_path[self._path(name)].read().decode()
        except UnicodeDecodeError as error:
            raise RepackError("invalid-wheel", "it is not UTF-8", where=self._path(name)) from error

    def _headers(self, name: str) -> Headers:
        return read_headers(self._text(name), file=self._path(name))

    @cached_property
    def _metadata(self) -> Headers:
        return self._headers("METADATA")

    # ------------------------------------------------------------ names, versions, tags

    def _file_name_problems(self) -> Iterator[Diagnostic]:
        if self._told is None:
            yield _invalid(f"its file name {shown(self.filename)} isn't a wheel's")
        elif self._told[3] not in (_PY3, _PY2_PY3):
            said = ", ".join(sorted(map(str, self._told[3]))[:_MOST_TOLD])
            yield finding("not-py3-none-any", f"its file name says {said}", origin=self.filename)

    def _name_problems(self) -> Iterator[Diagnostic]:
        name, _, version = self._folders[0].removesuffix(".dist-info").rpartition("-")
        yield from self._differing(self._folders[0], name, version.replace("_", "-"))
        if self._has("METADATA"):
            headers = self._metadata
            values = [headers.one(key) for key in ("name", "version")]
            name, version = (known.value if known else "" for known in values)
            yield from self._differing(self._path("METADATA"), name, version)

    def _differing(self, origin: str, name: str, version: str) -> Iterator[Diagnostic]:
        if self._told is None:
            return
        normal: str = canonicalize_name(name)
        if normal != self._told[0]:
            message = f"it is named {shown(name)}, and the file name says {self._told[0]}"
            yield finding("wheel-names-differ", message, origin=origin)
        if version_of(version) != self._told[1]:
            message = f"its version is {shown(version)}, and the file name says {self._told[1]}"
            yield finding("wheel-names-differ", message, origin=origin)

    def _wheel_file_problems(self) -> Iterator[Diagnostic]:
        if not self._has("WHEEL"):
            return
        origin = self._path("WHEEL")
        headers = self._headers("WHEEL")
        version = headers.one("wheel-version")
        if version is None or version.value.partition(".")[0] != "1":
            yield _invalid(f"its Wheel-Version is {shown(version.value if version else '')} and not 1.0")
        purelib = headers.one("root-is-purelib")
        if purelib is None or purelib.value.lower() != "true":
            said = purelib.value if purelib else ""
            yield finding("impure-wheel", f"its Root-Is-Purelib is {shown(said)}", origin=origin)
        if self._told is None:
            return
        _, _, build, tags = self._told
        said_tags = {tag for known in headers.all("tag") for tag in _tags(known.value)}
        if said_tags != tags:
            said = ", ".join(sorted(map(str, said_tags))[:_MOST_TOLD])
            yield finding(
                "wheel-names-differ", f"its tags {said!r} aren't those of the file name", origin=origin
            )
        said_build = headers.one("build")
        if said_build is not None and said_build.value != "".join(map(str, build)):
            message = f"its build {shown(said_build.value)} isn't that of the file name"
            yield finding("wheel-names-differ", message, origin=origin)

    # ------------------------------------------------------------ texts

    def _metadata_problems(self) -> Iterator[Diagnostic]:
        if not self._has("METADATA"):
            return
        problems = tuple(metadata_problems(self._metadata))
        yield from problems
        yield from self._license_problems()
        is_ours = self.origin == "synthesised"
        if any(one.severity == "error" for one in problems) or not (is_ours or self.is_full):
            return
        slug = "bad-metadata" if is_ours else "lenient-metadata"
        for message in strict_problems(self._text("METADATA")):
            yield finding(slug, message, origin=self._path("METADATA"))

    def _license_problems(self) -> Iterator[Diagnostic]:
        version = self._metadata.one("metadata-version")
        if version is None or not is_below_licenses(version.value):
            return
        named = [known.value for known in self._metadata.all("license-file")]
        origin = self._path("METADATA")
        if wrong := wrong_license_path(named):
            message = f"its License-File {shown(wrong)} is no path below licenses/"
            yield finding("bad-metadata", message, origin=origin)
        start = self._path("")
        files = {path.removeprefix(start) for path in self.archive.by_path if path.startswith(start)}
        absent = absent_licenses(named, files) if self.is_full else []
        if absent:
            told = ", ".join(map(shown, absent[:_MOST_TOLD]))
            yield finding("license-absent", f"it hasn't got {told}", origin=origin)

    def _entry_point_problems(self) -> Iterator[Diagnostic]:
        if not self._has("entry_points.txt"):
            return
        origin = self._path("entry_points.txt")
        text = self._text("entry_points.txt")
        if reason := unreadable_reason(text):
            yield finding("bad-entry-points", f"not all installers can read it: {reason}", origin=origin)
        sections = tuple(ini_sections(text))
        for name, lines in sections:
            for line in lines:
                text = line.strip()
                if text and text[0] not in "#;" and (not name or "=" not in text):
                    yield finding("bad-entry-points", f"{text!r:.80} is no entry point", origin=origin)
        project = self._told[0] if self._told else PypiName("")
        try:
            points, noticed = read_entry_points(entry_point_lines(sections, origin=origin), project=project)
        except BridgeError as error:
            yield diagnostic_of(error)
            return
        if self.is_full:
            yield from noticed
        if twice := made_twice(points):
            message = (
                f"the command {twice} is one for consoles and one without, which not all installers take"
            )
            yield finding("bad-entry-points", message, origin=origin)
        if self.is_full:
            yield from one_on_windows([point.name for point in points], where=origin)

    # ------------------------------------------------------------ files

    def _leftovers(self) -> Iterator[Diagnostic]:
        for member in self.archive.files:
            path = member.path
            folder, _, name = path.rpartition("/")
            if path.endswith((".pyc", ".pyo")):
                yield finding("left-over", "it is compiled for one python", origin=path)
            elif "__pycache__" in folder.lower().split("/"):
                yield finding("left-over", "it lies where pythons write what they compile", origin=path)
            elif is_of_installers(name) and folder.endswith(".dist-info") and "/" not in folder:
                yield finding("left-over", "installers write it, about the machine they run on", origin=path)

    def _place_problems(self) -> Iterator[Diagnostic]:
        for one, other in clashing_places(member.path for member in self.archive.files):
            message = f"{shown(one)} and {shown(other)} are installed to one place"
            yield finding("clashing-files", message, origin=other)

    def _data_problems(self) -> Iterator[Diagnostic]:
        own = f"{self._folders[0].removesuffix('.dist-info')}.data"
        for member in self.archive.files:
            top, _, rest = member.path.partition("/")
            scheme, _, file = rest.partition("/")
            if not rest or not top.endswith(".data"):
                continue
            if canonicalize_name(top) != canonicalize_name(own) or scheme not in _SCHEMES or not file:
                yield _invalid(f"{shown(member.path)} belongs to no scheme of {shown(own)}")

    def _record_problems(self) -> Iterator[Diagnostic]:
        if not self._has("RECORD"):
            return
        rows: dict[str, Digest | None] = {}
        try:
            rows = read_record_rows(self._text("RECORD"))
            sizes = {member.path: member.size_bytes for member in self.archive.files}
            verify_complete(rows, sizes, dist_info=self._folders[0])
        except RepackError as error:
            yield diagnostic_of(error)
        if self.is_full:
            yield from self._content_problems(rows)

    def _content_problems(self, rows: dict[str, Digest | None]) -> Iterator[Diagnostic]:
        for member in self.archive.files:
            start, actual = _read(member, rows.get(member.path))
            kind = native_kind(start, member.size_bytes)
            if kind == "PE program":
                yield finding("windows-program", "it is a program for Windows", origin=member.path)
            elif kind:
                yield finding("impure-wheel", f"it is native code: {kind}", origin=member.path)
            digest = rows.get(member.path)
            if digest is not None and actual != digest.hexadecimal:
                message = f"its {digest.algorithm} is another one than RECORD says"
                yield finding("record-mismatch", message, origin=member.path)


def _read(member: WheelMember, digest: Digest | None) -> tuple[bytes, str]:
    """Return the beginning of a file and its digest, having read all of it."""
    hashed = hashlib.new(digest.algorithm if digest else "sha256")
    start = b""
    for piece in member.pieces():
        hashed.update(piece)
        start = start or piece[:START_BYTES]
    return start, hashed.hexdigest()


def _tags(text: str) -> frozenset[Tag]:
    try:
        return parse_tag(text)
    except ValueError:
        return frozenset()


def _invalid(message: str) -> Diagnostic:
    return finding("invalid-wheel", message)

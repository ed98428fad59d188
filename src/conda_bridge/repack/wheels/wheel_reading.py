"""An open wheel -> its name, version, tags and metadata, every file held against RECORD before it is believed.

Source: binary distribution format; core metadata.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from packaging.tags import Tag, parse_tag
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.archives.paths import shown
from conda_bridge.archives.wheel_archive import WheelArchive, WheelMember
from conda_bridge.errors import RepackError
from conda_bridge.infer.project.core_metadata import Headers, read_headers, read_wheel_metadata
from conda_bridge.infer.project.statements import Statement
from conda_bridge.model.names import PypiName, pypi_name
from conda_bridge.repack.wheels.record import Digest, read_record_rows, verify_complete
from conda_bridge.repack.wheels.wheel_places import check_places
from conda_bridge.translate.untrusted import version_of

__all__ = ["Wheel", "read_wheel"]

_METADATA_MAJORS = frozenset({"1", "2"})
_TAG_PART = r"\w{1,100}(?:\.\w{1,100}){0,9}"
_TAG = re.compile(f"{_TAG_PART}-{_TAG_PART}-{_TAG_PART}", re.ASCII)
_MAX_TAGS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A wheel whose metadata was read."""

    filename: str
    pypi_name: PypiName
    version: Version
    tags: frozenset[Tag]
    """Of the file name."""
    own_tags: frozenset[Tag] = frozenset()
    """Of its WHEEL; empty where it names none, and the file name alone says them, as it does to installers."""
    dist_info: str
    """The folder's name."""
    data_folder: str
    """The folder whose subfolders go elsewhere than into site-packages."""
    metadata: Statement
    is_purelib: bool
    archive: WheelArchive
    digests: dict[str, Digest | None]

    @property
    def is_any(self) -> bool:
        """Whether it claims to suit any platform."""
        return all(tag.platform == "any" for tag in self.tags)

    def read(self, path: str) -> bytes:
        """Return a file's content, which is what RECORD says.

        Raises:
            RepackError: `record-mismatch`.
            SourceError: `broken-archive`, `archive-too-large`.
        """
        content = self.archive.by_path[path].read()
        digest = self.digests.get(path)
        if digest is not None:
            digest.verify(path, content)
        return content

    def text(self, name: str) -> str:
        """Return a text of the dist-info folder; empty where there is none.

        Raises:
            RepackError: `record-mismatch`, `invalid-wheel` where it is not UTF-8.
        """
        path = f"{self.dist_info}/{name}"
        return _decoded(self.read(path), path) if path in self.archive.by_path else ""

    def packed(self, member: WheelMember, path: str, *, mode: int = 0o644) -> PackedFile:
        """Return a file as it goes into a package, its content verified when it is packed.

        Raises:
            RepackError: `record-mismatch`.
        """
        digest = self.digests[member.path]
        assert digest is not None, "verify_complete() saw to it"
        sha256 = digest.hexadecimal if digest.algorithm == "sha256" else digest.as_sha256(member)
        return PackedFile(path=path, content=member, mode=mode, sha256=sha256)


def read_wheel(archive: WheelArchive, filename: str) -> Wheel:
    """Return what a wheel says of itself.

    Raises:
        RepackError: `invalid-wheel`, `record-mismatch`, `clashing-files`.
        MetadataError: `invalid-name`, `invalid-field`.
        SourceError: `broken-archive`, `archive-too-large`.
    """
    name, version, tags = _told_by_name(filename)
    tops = {member.path.partition("/")[0] for member in archive.files if "/" in member.path}
    folder = _own_folder(tops, ".dist-info", name, version)
    sizes = {member.path: member.size_bytes for member in archive.files}
    for needed in ("METADATA", "WHEEL", "RECORD"):
        if f"{folder}/{needed}" not in sizes:
            raise RepackError("invalid-wheel", f"it has no {folder}/{needed}")
    path = f"{folder}/RECORD"
    digests = read_record_rows(_decoded(archive.by_path[path].read(), path))
    verify_complete(digests, sizes, dist_info=folder)
    check_places(sizes)
    wheel = Wheel(
        filename=filename,
        pypi_name=name,
        version=version,
        tags=tags,
        dist_info=folder,
        data_folder=_data_folder(tops, folder, name, version),
        metadata=Statement(file=f"{folder}/METADATA"),
        is_purelib=True,
        archive=archive,
        digests=digests,
    )
    return _with_metadata(wheel)


def _told_by_name(filename: str) -> tuple[PypiName, Version, frozenset[Tag]]:
    try:
        name, version, _, tags = parse_wheel_filename(filename)
    except ValueError as error:  # InvalidWheelFilename, and numbers that Python won't read
        raise RepackError("invalid-wheel", f"its file name isn't a wheel's: {error}"[:300]) from error
    return pypi_name(name), version, tags


def _own_folder(tops: Iterable[str], suffix: str, name: PypiName, version: Version) -> str:
    folders = sorted(top for top in tops if top.endswith(suffix))
    if len(folders) != 1:
        found = ", ".join(map(shown, folders[:5])) or "none"
        raise RepackError("invalid-wheel", f"it has not one {suffix[1:]} folder: {found}")
    said_name, _, said_version = folders[0].removesuffix(suffix).rpartition("-")
    if not _is_name(said_name, name) or not _is_version(said_version, version):
        raise RepackError("invalid-wheel", f"its {shown(folders[0])} isn't that of {name} {version}")
    return folders[0]


def _data_folder(tops: Iterable[str], dist_info: str, name: PypiName, version: Version) -> str:
    """Return the data folder, which old builders spell in another way than the dist-info folder."""
    if any(top.endswith(".data") for top in tops):
        return _own_folder(tops, ".data", name, version)
    return f"{dist_info.removesuffix('.dist-info')}.data"


def _is_name(text: str, name: PypiName) -> bool:
    normal: str = canonicalize_name(text)
    return normal == name


def _is_version(text: str, version: Version) -> bool:
    return version_of(text.replace("_", "-")) == version


def _with_metadata(wheel: Wheel) -> Wheel:
    text = wheel.text("METADATA")
    _check_metadata(read_headers(text, file=f"{wheel.dist_info}/METADATA"))
    statement = read_wheel_metadata(text, wheel=wheel.dist_info)
    said = statement.name.value if statement.name else ""
    if not _is_name(said, wheel.pypi_name):
        raise RepackError("invalid-wheel", f"its METADATA is that of {shown(said)}")
    said = statement.version.value if statement.version else ""
    if not _is_version(said, wheel.version):
        raise RepackError("invalid-wheel", f"its METADATA is that of version {shown(said)}")
    headers = read_headers(wheel.text("WHEEL"), file=f"{wheel.dist_info}/WHEEL")
    _check_single(headers, ("wheel-version",))
    format_version = headers.one("wheel-version")
    if format_version is None or format_version.value.partition(".")[0] != "1":
        said = format_version.value if format_version else ""
        raise RepackError("invalid-wheel", f"its Wheel-Version is {shown(said)} and not 1.0")
    # Some wheels of a platform say both.
    is_purelib = {known.value.lower() for known in headers.all("root-is-purelib")} == {"true"}
    return replace(wheel, metadata=statement, is_purelib=is_purelib, own_tags=_tags(headers))


def _check_metadata(headers: Headers) -> None:
    """Refuse METADATA of a format that nobody knows, and METADATA that says two things of what there is one of.

    Source: core metadata: tools fail where the major version is greater than what they support.
    """
    _check_single(headers, ("metadata-version", "name", "version", "requires-python"))
    known = headers.one("metadata-version")
    if known is None:
        raise RepackError("invalid-wheel", "it has no Metadata-Version", where=headers.file)
    major = known.value.partition(".")[0]
    if major not in _METADATA_MAJORS:
        message = f"its Metadata-Version is {shown(known.value)}, and none after 2 is known"
        raise RepackError("invalid-wheel", message, where=headers.file)


def _check_single(headers: Headers, names: Iterable[str]) -> None:
    for name in names:
        said = sorted({known.value.lower() for known in headers.all(name)})
        if len(said) > 1:
            message = f"its {name.title()} is said twice: {shown(said[0])} and {shown(said[1])}"
            raise RepackError("invalid-wheel", message, where=headers.file)


def _tags(headers: Headers) -> frozenset[Tag]:
    found: set[Tag] = set()
    said = headers.all("tag")
    if len(said) > _MAX_TAGS:
        raise RepackError("invalid-wheel", f"it has more than {_MAX_TAGS} tags", where=headers.file)
    for known in said:
        if not _TAG.fullmatch(known.value):
            raise RepackError("invalid-wheel", f"its tag {shown(known.value)} is none", where=headers.file)
        found |= parse_tag(known.value)
    return frozenset(found)


def _decoded(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RepackError("invalid-wheel", "it is not UTF-8", where=path) from error

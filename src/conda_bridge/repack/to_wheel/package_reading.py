"""A conda package -> what it says of itself, before anything that it installs is read.

What real builders leave empty, leave out or write with other line ends is taken as it is meant; what contradicts
itself, or has another type than the specification gives it, is damage.

Source: CEP 34 (contents of conda packages), CEP 35 (the `.conda` format), CEP 12 (run exports), CEP 44 (extras).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

from conda_bridge.archives.begun_tar import BegunTar
from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.package_documents import record_of, says_python_by_case
from conda_bridge.archives.package_info import PACKAGE_SUFFIXES, package_stem, package_tar
from conda_bridge.archives.package_payload import PayloadMember, payload_members
from conda_bridge.archives.paths import checked_path, shown
from conda_bridge.archives.streams import DecompressedStream
from conda_bridge.archives.tar import TarReader
from conda_bridge.archives.zip import open_zip, read_zip_member
from conda_bridge.errors import BridgeError, RepackError, SourceError
from conda_bridge.model.artifact import PackageRecord, RunExports
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.distributor import NO_NEEDS, ChannelNeeds
from conda_bridge.repack.to_wheel.package_facts import PackageFacts, PathRow
from conda_bridge.repack.to_wheel.path_rows import old_path_rows, path_rows, with_prefixes

__all__ = ["PackageReading"]

_INDEX, _LINK, _PATHS = "info/index.json", "info/link.json", "info/paths.json"
_ABOUT, _RUN_EXPORTS = "info/about.json", "info/run_exports.json"
_HAS_PREFIX, _FILES = "info/has_prefix", "info/files"
_DOCUMENTS = frozenset({_INDEX, _LINK, _PATHS, _ABOUT, _RUN_EXPORTS, _HAS_PREFIX, _FILES})
_LICENSE = re.compile(r"info/(?:licenses/(?P<path>.+)|(?P<old>LICENSE[^/]*))")
"""Before the folder for several there was one licence file."""
_LINK_SCRIPT = re.compile(
    r"info/(?:.*/)?\.?[^/]*(?:pre-link|post-link|pre-unlink)\.(?:sh|bat)|info/link-scripts/.+"
)
_RECIPE = "info/recipe/"
_FORMAT = "metadata.json"
_FORMAT_KEY, _FORMAT_VERSION = "conda_pkg_format_version", 2
_COMPONENT = re.compile(r"(?:pkg|info)-.*\.tar\.zst", re.DOTALL)
_PARTS = ("info", "pkg")
_MAX_FORMAT_BYTES = 100_000
_INFO_LIMITS = replace(LIMITS, max_bytes=64_000_000)


class PackageReading:
    """The documents of a package, some of which an older one has behind the files that it installs; to be closed."""

    def __init__(self, path: str, needs: ChannelNeeds = NO_NEEDS) -> None:
        """Read a package whose record says what a channel says in its place."""
        self._path = path
        self._needs = needs
        self._documents: dict[str, bytes] = {}
        self._licenses: dict[str, bytes] = {}
        self._link_scripts: set[str] = set()
        self._read_bytes = 0
        self._sha256 = ""
        self._facts: PackageFacts | None = None
        self._begun: BegunTar | None = None

    def start(self) -> None:
        """Read `info/`; of a `.tar.bz2` no more than it takes to judge the package.

        Raises:
            RepackError: `corrupt`, `unknown-component`.
            SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
        """
        path = Path(self._path)
        if not path.name.endswith(PACKAGE_SUFFIXES):
            hint = "a conda package is a .conda or a .tar.bz2 file"
            raise RepackError("corrupt", "its name isn't that of a conda package", hint=hint)
        try:
            with path.open("rb") as file:
                self._sha256 = file_digest(file, "sha256").hexdigest()
                file.seek(0)
                if path.name.endswith(".conda"):
                    _check_components(file, package_stem(path.name))
                    file.seek(0)
                    self._read_tar(package_tar(file, path, "info", limits=_INFO_LIMITS))
                else:
                    self._begun = BegunTar(path)
                    self._read_tar(self._begun.beginning(LIMITS))
        except OSError as error:
            message = f"can't be read: {error.strerror}"
            raise SourceError("unreadable-source", message, where=self._path) from error

    def payload(self) -> Iterator[PayloadMember]:
        """Yield what the package installs, taking in the documents that are met on the way; see `payload_members`."""
        return payload_members(self._path, on_info=self._take_member, begun=self._begun)

    def close(self) -> None:
        """Close the package."""
        if self._begun is not None:
            self._begun.close()

    def facts(self) -> PackageFacts:
        """Return what is known by now.

        Raises:
            RepackError: `corrupt`.
        """
        if self._facts is None:
            self._facts = self._read_facts()
        # Many `.conda` files have licences among what they install: for them nothing is parsed again.
        licenses = tuple(sorted(self._licenses.items()))
        return replace(self._facts, licenses=licenses, link_scripts=tuple(sorted(self._link_scripts)))

    def _read_facts(self) -> PackageFacts:
        documents = self._documents
        record = self.record()
        index = _json_object(documents[_INDEX], _INDEX)
        return PackageFacts(
            path=self._path,
            sha256=self._sha256,
            record=record,
            about=_about(documents.get(_ABOUT, b"")),
            is_python_by_case=says_python_by_case(documents.get(_ABOUT, b"")),
            entry_points=_entry_points(documents.get(_LINK, b"")),
            paths=self._rows(),
            licenses=(),
            run_exports=_run_exports(documents.get(_RUN_EXPORTS, b"")),
            extra_depends=_extra_depends(index.get("extra_depends")),
            features=tuple(sorted({*_words(index.get("features")), *_words(index.get("track_features"))})),
            link_scripts=(),
            built_for=" ".join(str(index[key]) for key in ("platform", "arch") if index.get(key)),
            is_listed=_PATHS in documents or _FILES in documents,
        )

    # ------------------------------------------------------------ reading

    def _read_tar(self, stream: DecompressedStream) -> None:
        is_conda = self._path.endswith(".conda")
        reader = TarReader(stream)
        seen: set[str] = set()
        for member in reader.members():
            path = checked_path(member.name)
            if not path.startswith("info/"):
                if not is_conda and path not in {"", "info"} and self._has_enough():
                    return
                continue
            if member.kind in {"symlink", "hardlink"}:
                raise SourceError("unsafe-archive", f"{shown(path)} is a link, which is no file of info/")
            if member.kind == "file":
                if path in seen:
                    raise RepackError("corrupt", f"it has {shown(path)} twice")
                seen.add(path)
                self._take(path, member.size_bytes, reader.read)

    def _has_enough(self) -> bool:
        """Whether all that a package is judged by was there: builders put it in front of what is installed."""
        documents = self._documents
        return (_INDEX in documents and _PATHS in documents) and (
            _LINK in documents or self.record().noarch != "python"
        )

    def _take_member(self, member: PayloadMember) -> None:
        self._take(member.path, member.size_bytes, member.read)

    def _take(self, path: str, size_bytes: int, read: Callable[[int], bytes]) -> None:
        if path in self._documents or path.startswith(_RECIPE):
            return
        if _LINK_SCRIPT.fullmatch(path):
            self._link_scripts.add(path)
        licence = _LICENSE.fullmatch(path)
        if path not in _DOCUMENTS and licence is None:
            return
        if size_bytes > LIMITS.max_text_bytes:
            raise SourceError("archive-too-large", f"its {shown(path)} is too large to be read")
        name = (licence["path"] or licence["old"]) if licence else ""
        if name in self._licenses:
            return
        self._read_bytes += size_bytes
        LIMITS.check_read(self._read_bytes)
        if licence:
            self._licenses[name] = read(size_bytes)
        else:
            self._facts = None
            self._documents[path] = read(size_bytes)

    def record(self) -> PackageRecord:
        """Return the record as its channel has it, which is what a package is judged by first.

        Raises:
            RepackError: `corrupt`.
        """
        return self._needs.applied_to(self._own_record())

    def patches(self) -> Iterator[Diagnostic]:
        """Yield what the channel says otherwise than the package's own record.

        Raises:
            RepackError: `corrupt`.
        """
        own, counting = self._own_record(), self.record()
        for verb, said, before in (
            ("depends on", counting.depends, own.depends),
            ("doesn't go with others than", counting.constrains, own.constrains),
        ):
            if said != before:
                new, old = _only_in(said, before), _only_in(before, said)
                yield finding(
                    "needs-patched", f"by the channel it {verb} {new} in place of {old}", origin=_INDEX
                )

    def _own_record(self) -> PackageRecord:
        if _INDEX not in self._documents:
            raise RepackError("corrupt", f"it has no {_INDEX}")
        try:
            record = record_of(self._documents[_INDEX])
        except BridgeError as error:
            raise RepackError("corrupt", error.message, where=_INDEX) from error
        return replace(record, sha256=self._sha256)

    def _rows(self) -> Mapping[str, PathRow]:
        documents = self._documents
        if _PATHS in documents:
            return with_prefixes(path_rows(documents[_PATHS]), documents.get(_HAS_PREFIX, b""))
        return old_path_rows(documents.get(_FILES, b""), documents.get(_HAS_PREFIX, b""))


# ---------------------------------------------------------------- the parts of a .conda file


def _check_components(file: BinaryIO, stem: str) -> None:
    """Refuse a `.conda` file with parts that no version of the format has, or those of a package of another name.

    Installers know a package by its file's name, and its parts have that name. Source: CEP 35.

    Raises:
        RepackError: `corrupt`, `unknown-component`.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`.
    """
    size_bytes = file.seek(0, 2)
    file.seek(0)
    archive = open_zip(file, archive_bytes=size_bytes)
    infos = {info.filename: info for info in archive.infolist()}
    for name in infos:
        if name != _FORMAT and not _COMPONENT.fullmatch(name):
            raise RepackError("unknown-component", f"it has the member {shown(name)}")
    parts = sorted(name for name in infos if name != _FORMAT)
    if len(parts) > len(_PARTS) or len({name.partition("-")[2] for name in parts}) > 1:
        message = f"it has parts of several packages: {', '.join(map(shown, parts[:5]))}"
        raise RepackError("unknown-component", message)
    if _FORMAT not in infos:
        raise RepackError("corrupt", f"it has no {_FORMAT}")
    document = _json_object(read_zip_member(archive, infos[_FORMAT], max_bytes=_MAX_FORMAT_BYTES), _FORMAT)
    # The first builders of this format left the file empty, and there has been no other version since.
    version = document.get(_FORMAT_KEY, _FORMAT_VERSION)
    if version != _FORMAT_VERSION:
        message = f"it is of version {version!r:.40} of the format, of which {_FORMAT_VERSION} is known"
        raise RepackError("unknown-component", message, where=_FORMAT)
    own = next((name.partition("-")[2].removesuffix(".tar.zst") for name in parts), stem)
    if own != stem:
        message = f"its parts are those of {shown(own)}, and its file is called {shown(stem)}"
        hint = f"if it was renamed, call it {shown(f'{own}.conda')} again; otherwise fetch it again"
        raise RepackError("corrupt", message, hint=hint)


# ---------------------------------------------------------------- documents


def _json_object(data: bytes, where: str) -> Mapping[str, object]:
    """Return a document; an empty file says nothing."""
    if not data.strip():
        return {}
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RepackError("corrupt", f"it is no JSON: {error}", where=where) from error
    if not isinstance(document, dict):
        raise RepackError("corrupt", "it is no JSON object", where=where)
    return document


def _about(data: bytes) -> dict[str, str | tuple[str, ...]]:
    found: dict[str, str | tuple[str, ...]] = {}
    for key, value in _json_object(data, _ABOUT).items():
        if isinstance(value, str) and value.strip():
            found[key] = value
        elif isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            found[key] = tuple(filter(None, value))
    return found


def _entry_points(data: bytes) -> tuple[str, ...]:
    noarch = _json_object(data, _LINK).get("noarch")
    if noarch is None:
        return ()
    if not isinstance(noarch, dict):
        raise RepackError("corrupt", f"its 'noarch' is no object: {noarch!r:.80}", where=_LINK)
    return _texts(noarch.get("entry_points"), "entry_points", _LINK)


def _run_exports(data: bytes) -> RunExports:
    document = _json_object(data, _RUN_EXPORTS)
    kinds = ("weak", "strong", "noarch", "weak_constrains", "strong_constrains")
    return RunExports(**{kind: _texts(document.get(kind), kind, _RUN_EXPORTS) for kind in kinds})


def _extra_depends(value: object) -> dict[str, tuple[str, ...]]:
    if not value:
        return {}
    if not isinstance(value, dict):
        raise RepackError("corrupt", f"its 'extra_depends' is no object: {value!r:.80}", where=_INDEX)
    return {str(extra): _texts(specs, "extra_depends", _INDEX) for extra, specs in value.items()}


def _only_in(some: tuple[str, ...], others: tuple[str, ...]) -> str:
    return (
        shown(", ".join(spec for spec in some if spec not in others))
        if set(some) - set(others)
        else "nothing"
    )


def _texts(value: object, key: str, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise RepackError("corrupt", f"its {key!r} is no list of texts: {value!r:.80}", where=where)
    return tuple(value)


def _words(value: object) -> tuple[str, ...]:
    """Return features: builders write them as a list, or as one text with spaces."""
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(item for item in value if isinstance(item, str) and item) if isinstance(value, list) else ()

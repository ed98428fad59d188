"""Malformed conda packages, made up from a seed: what strangers may hand to a converter.

Each is of a *kind*, which tells the codes that may be its answer: `made` where a wheel may come of it all the same. The
kinds themselves stand in `support.hostile_package_archives`, `_documents` and `_texts`.
"""

import bz2
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from conda_bridge.archives.zstandard import zstd
from support.archives import TarMember, regular, tar_bytes

__all__ = ["BOTH", "Container", "HostilePackage", "Kind", "PackageParts", "kind_maker", "packages_of"]

Container = Literal["conda", "tar.bz2"]
BOTH: tuple[Container, ...] = ("conda", "tar.bz2")
METADATA = (
    "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: A demo\nRequires-Dist: idna (>=2)\n\nText.\n"
)
WHEEL = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
SITE = "site-packages"
INFO = f"{SITE}/demo-1.0.dist-info"


@dataclass
class PackageParts:
    """A package before it is packed, sound unless a kind changes it."""

    container: Container = "conda"
    stem: str = "demo-1.0-py_0"
    index: Any = field(
        default_factory=lambda: {
            "name": "demo", "version": "1.0", "build": "py_0", "build_number": 0, "noarch": "python",
            "subdir": "noarch", "arch": None, "platform": None, "depends": ["python >=3.8", "idna >=2"],
            "license": "MIT", "timestamp": 1_700_000_000_000,
        }
    )  # fmt: skip
    about: Any = field(default_factory=lambda: {"summary": "A demo", "license": "MIT"})
    link: Any = field(
        default_factory=lambda: {
            "noarch": {"type": "python", "entry_points": []},
            "package_metadata_version": 1,
        }
    )
    payload: list[TarMember] = field(
        default_factory=lambda: [
            regular(f"{SITE}/demo/__init__.py", b"x = 1\n"),
            regular(f"{INFO}/METADATA", METADATA.encode()),
            regular(f"{INFO}/WHEEL", WHEEL.encode()),
            regular(f"{INFO}/INSTALLER", b"conda\n"),
        ]
    )
    paths: Any = None
    """`info/paths.json`; made of the payload where it is None."""
    info: dict[str, bytes] = field(default_factory=dict)
    """Further files of `info/`, or other contents of those that are there."""
    without: set[str] = field(default_factory=set)
    """Files of `info/` that are left out."""
    format: bytes = b'{"conda_pkg_format_version": 2}'
    """`metadata.json` of a `.conda` file."""
    members: list[tuple[str, bytes]] = field(default_factory=list)
    """Further members of a `.conda` file."""
    tar_format: int = tarfile.GNU_FORMAT
    raw_tar: Callable[[bytes], bytes] = bytes
    """Changes the bytes of the payload's tar."""
    raw: Callable[[bytes], bytes] = bytes
    """Changes the bytes of the package."""

    @property
    def filename(self) -> str:
        """As the package is called on disk."""
        return f"{self.stem}.{self.container}"

    def put(self, name: str, content: bytes = b"x\n", *, mode: int = 0o644) -> None:
        """Add a file, or replace it."""
        self.drop(name)
        self.payload.append(regular(name, content, mode=mode))

    def drop(self, start: str) -> None:
        """Leave out the files that begin so."""
        self.payload = [one for one in self.payload if not one[0].name.startswith(start)]

    def metadata(self, text: str | bytes) -> None:
        """Set METADATA."""
        self.put(f"{INFO}/METADATA", text if isinstance(text, bytes) else text.encode())

    def list_files(self) -> None:
        """Let paths.json list what is there so far, and not what comes."""
        self.paths = _paths(self.payload)

    def row(self, path: str) -> dict[str, Any]:
        """Return the row of a file in paths.json, to be changed."""
        if self.paths is None:
            self.paths = _paths(self.payload)
        found: dict[str, Any] = next(row for row in self.paths["paths"] if row["_path"] == path)
        return found

    def data(self) -> bytes:
        """Return the package."""
        info = [regular(f"info/{name}", content) for name, content in self._documents().items()]
        if self.container == "tar.bz2":
            return self.raw(
                bz2.compress(self.raw_tar(tar_bytes([*info, *self.payload], tar_format=self.tar_format)))
            )
        payload = self.raw_tar(tar_bytes(self.payload, tar_format=self.tar_format))
        members = [
            ("metadata.json", self.format),
            (f"pkg-{self.stem}.tar.zst", zstd.compress(payload, level=1)),
            (f"info-{self.stem}.tar.zst", zstd.compress(tar_bytes(info), level=1)),
            *self.members,
        ]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name, content in members:
                archive.writestr(zipfile.ZipInfo(name), content)
        return self.raw(buffer.getvalue())

    def _documents(self) -> dict[str, bytes]:
        paths = _paths(self.payload) if self.paths is None else self.paths
        documents = {
            "index.json": self.index,
            "about.json": self.about,
            "link.json": self.link,
            "paths.json": paths,
        }
        files = {name: _json(document) for name, document in documents.items()} | self.info
        return {name: content for name, content in files.items() if name not in self.without}


Change = Callable[[PackageParts, Random], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One way in which packages are malformed."""

    name: str
    codes: frozenset[str]
    """What may come of it: slugs, `made`."""
    change: Change
    containers: tuple[Container, ...] = BOTH
    is_large: bool = False
    """Whether one of it is enough where time counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostilePackage:
    """One package."""

    kind: Kind
    number: int
    filename: str
    data: bytes


def kind_maker(kinds: list[Kind]) -> Callable[..., Callable[[Change], Change]]:
    """Return a decorator that adds a kind to a list, named as its function is."""

    def kind(
        *codes: str, containers: tuple[Container, ...] = BOTH, is_large: bool = False
    ) -> Callable[[Change], Change]:
        def add(change: Change) -> Change:
            kinds.append(
                Kind(
                    name=change.__name__,
                    codes=frozenset(codes),
                    change=change,
                    containers=containers,
                    is_large=is_large,
                )
            )
            return change

        return add

    return kind


def packages_of(kind: Kind, *, seed: int, count: int) -> Iterator[HostilePackage]:
    """Yield packages of a kind; the same for the same seed."""
    for number in range(count):
        random = Random(f"{seed}/{kind.name}/{number}")
        parts = PackageParts(container=kind.containers[number % len(kind.containers)])
        kind.change(parts, random)
        yield HostilePackage(kind=kind, number=number, filename=parts.filename, data=parts.data())


def _paths(payload: list[TarMember]) -> dict[str, Any]:
    rows = [_row(info, content) for info, content in payload if info.isreg() or info.issym() or info.islnk()]
    return {"paths": rows, "paths_version": 1}


def _row(info: tarfile.TarInfo, content: bytes) -> dict[str, Any]:
    return {
        "_path": info.name,
        "path_type": "softlink" if info.issym() else "hardlink",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_in_bytes": len(content),
    }


def _json(document: object) -> bytes:
    return document if isinstance(document, bytes) else json.dumps(document).encode("utf-8", "surrogatepass")

"""A conda package -> files of its `info/` folder, without unpacking the rest.

A `.conda` file is a zip of two compressed tars, of which only the one with `info/` is opened; a `.tar.bz2` is read
until the last file that is asked for, and these come first in all but the oldest packages.

Source: CEP 34, CEP 35 (conda package formats).
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Literal

from conda_bridge.archives.limits import LIMITS, Limits
from conda_bridge.archives.paths import checked_path, shown
from conda_bridge.archives.streams import DecompressedStream, unbzip2, unzstd
from conda_bridge.archives.tar import TarReader
from conda_bridge.archives.zip import open_zip, zip_member_pieces
from conda_bridge.errors import RepackError, SourceError

__all__ = ["PACKAGE_SUFFIXES", "package_stem", "package_tar", "payload_hash", "read_info"]

_PATHS = "info/paths.json"

PACKAGE_SUFFIXES = (".conda", ".tar.bz2")
_INFO_LIMITS = replace(LIMITS, max_bytes=64_000_000)
"""For the `info/` of a `.conda`; the recipe with its patches is in it."""


def package_stem(filename: str) -> str:
    """Return the name of a package's file without its suffix; empty where it has none of a package.

    >>> package_stem("idna-3.9-pyhd8ed1ab_0.conda")
    'idna-3.9-pyhd8ed1ab_0'
    """
    return next((filename.removesuffix(end) for end in PACKAGE_SUFFIXES if filename.endswith(end)), "")


def read_info(path: str, names: Collection[str] | None) -> dict[str, bytes]:
    """Return the contents of those files, such as `info/index.json`, that the package has; None asks for all of `info/`.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    try:
        with Path(path).open("rb") as file:
            return _picked(file, Path(path), names)
    except OSError as error:
        raise SourceError("unreadable-source", f"can't be read: {error.strerror}", where=path) from error
    except SourceError as error:
        raise SourceError(error.slug, error.message, where=path, hint=error.hint) from error


def payload_hash(path: str) -> str:
    """Return one sha256 over the paths and digests of all that a package installs: equal of equal rebuilds.

    Nothing in `info/` counts, and so no time, no recipe and no name of the build's machine.

    Raises:
        RepackError: `invalid-package` where it has no list of its files.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    try:
        document = json.loads(read_info(path, (_PATHS,))[_PATHS])
        lines = sorted(f"{entry.get('sha256', '')}  {entry['_path']}\n" for entry in document["paths"])
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise RepackError("invalid-package", f"it has no {_PATHS} that can be read", where=path) from error
    return sha256("".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def _picked(file: BinaryIO, path: Path, names: Collection[str] | None) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    limits = _INFO_LIMITS if path.name.endswith(".conda") else LIMITS
    for name, data in _texts(package_tar(file, path, "info", limits=limits), names):
        if names is None and name in found:
            raise SourceError("unsafe-archive", f"the member {shown(name)} is there twice")
        found[name] = data
        if names is not None and len(found) == len(names):
            break
    return found


def _texts(stream: DecompressedStream, names: Collection[str] | None) -> Iterator[tuple[str, bytes]]:
    reader = TarReader(stream)
    for member in reader.members():
        name = checked_path(member.name)
        is_asked = name in names if names is not None else name.startswith("info/")
        if names is None and is_asked and member.kind in {"symlink", "hardlink"}:
            raise SourceError("unsafe-archive", f"{shown(name)} is a link, which is no file of info/")
        if member.kind == "file" and is_asked:
            if member.size_bytes > LIMITS.max_text_bytes:
                raise SourceError("archive-too-large", f"its {shown(name)} is too large to be read")
            yield name, reader.read()


def package_tar(
    file: BinaryIO, path: Path, part: Literal["info", "pkg"], *, limits: Limits = LIMITS
) -> DecompressedStream:
    """Open the tar of a package's `info/`, or that of what it installs; in a `.tar.bz2` both are one.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`.
    """
    size_bytes = path.stat().st_size
    if not path.name.endswith(".conda"):
        return DecompressedStream(unbzip2(file), archive_bytes=size_bytes, limits=limits)
    archive = open_zip(file, archive_bytes=size_bytes)
    member = f"{part}-{package_stem(path.name)}.tar.zst"
    infos = [info for info in archive.infolist() if info.filename == member]
    if len(infos) != 1:
        raise SourceError("broken-archive", f"it has {len(infos)} members {shown(member)}, not one")
    pieces = unzstd(zip_member_pieces(archive, infos[0]))
    return DecompressedStream(pieces, archive_bytes=infos[0].compress_size, limits=limits)

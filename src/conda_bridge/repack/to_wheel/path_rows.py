"""The list of what a package installs, in the form of today and in that of before 2016 -> rows by path.

Source: CEP 34, `info/paths.json`, `info/files`, `info/has_prefix`.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping

from conda_bridge.archives.paths import checked_path, shown
from conda_bridge.errors import RepackError, SourceError
from conda_bridge.repack.to_wheel.package_facts import PathRow
from conda_bridge.repack.wheels.entry_points import PLACEHOLDER

__all__ = ["old_path_rows", "path_rows", "with_prefixes"]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_TYPES = frozenset({"hardlink", "softlink", "directory"})
_PATHS = "info/paths.json"
_FILE = PathRow(sha256="", size_bytes=-1, path_type="hardlink", has_placeholder=False)


def path_rows(data: bytes) -> dict[str, PathRow]:
    """Return the rows of `paths.json` by path.

    Raises:
        RepackError: `corrupt`.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _corrupt(f"it is no JSON: {error}") from error
    entries = document.get("paths") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise _corrupt("it has no list of paths")
    rows: dict[str, PathRow] = {}
    for entry in entries:
        path, row = _row(entry)
        if path in rows:
            raise _corrupt(f"it lists {shown(path)} twice")
        rows[path] = row
    return rows


def old_path_rows(files: bytes, has_prefix: bytes) -> dict[str, PathRow]:
    """Return the rows that `files` and `has_prefix` make.

    Raises:
        RepackError: `corrupt`.
    """
    rows = {_checked(line, "info/files"): _FILE for line in _lines(files, "info/files")}
    for placeholder, path in _placeholders(has_prefix):
        rows[path] = PathRow(
            sha256="", size_bytes=-1, path_type="hardlink", has_placeholder=True, placeholder=placeholder
        )
    return rows


def with_prefixes(rows: Mapping[str, PathRow], has_prefix: bytes) -> dict[str, PathRow]:
    """Return the rows of `paths.json` with what `has_prefix` says beside them: installers of any age believe one of both.

    Raises:
        RepackError: `corrupt`.
    """
    found = dict(rows)
    for placeholder, path in _placeholders(has_prefix):
        row = found.get(path)
        if row is not None and not row.has_placeholder:
            found[path] = row._replace(has_placeholder=True, placeholder=placeholder)
    return found


def _row(entry: object) -> tuple[str, PathRow]:
    if not isinstance(entry, dict) or not isinstance(entry.get("_path"), str):
        raise _corrupt(f"a row names no path: {entry!r:.80}")
    path = _checked(entry["_path"], _PATHS)
    kind = entry.get("path_type") or "hardlink"
    if not isinstance(kind, str) or kind not in _TYPES:
        raise _corrupt(f"{shown(path)} is of the unknown type {kind!r:.40}")
    placeholder = entry.get("prefix_placeholder") or ""
    if not isinstance(placeholder, str):
        raise _corrupt(f"the prefix in {shown(path)} is no text")
    return path, PathRow(
        sha256=_digest(entry, path) if kind == "hardlink" else "",
        size_bytes=_size(entry, path) if kind == "hardlink" else -1,
        path_type=kind,
        has_placeholder=bool(placeholder),
        placeholder=placeholder,
    )


def _digest(entry: Mapping[str, object], path: str) -> str:
    value = entry.get("sha256")
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not _SHA256.fullmatch(value.lower()):
        raise _corrupt(f"the sha256 of {shown(path)} is none: {value!r:.80}")
    return value.lower()


def _size(entry: Mapping[str, object], path: str) -> int:
    value = entry.get("size_in_bytes")
    if value is None:
        return -1
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _corrupt(f"the size of {shown(path)} is none: {value!r:.80}")
    return value


def _placeholders(has_prefix: bytes) -> Iterator[tuple[str, str]]:
    """Yield (placeholder, path): a line is a path, or placeholder, mode and path, each in quotes if it must be."""
    for line in _lines(has_prefix, "info/has_prefix"):
        try:
            parts = [part.strip("\"'") for part in shlex.split(line, posix=False)]
        except ValueError:
            parts = [line]
        if len(parts) == 3 and parts[1] in {"text", "binary"}:
            yield parts[0], _checked(parts[2], "info/has_prefix")
        else:
            yield PLACEHOLDER, _checked(line.strip("\"'"), "info/has_prefix")


def _lines(data: bytes, where: str) -> Iterator[str]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RepackError("corrupt", "it isn't UTF-8", where=where) from error
    return (line.strip() for line in text.split("\n") if line.strip())


def _checked(path: str, where: str) -> str:
    try:
        return checked_path(path)
    except SourceError as error:
        raise RepackError("corrupt", error.message, where=where) from error


def _corrupt(message: str) -> RepackError:
    return RepackError("corrupt", message, where=_PATHS)

"""Two packages of one version -> which of their installed files differ, and by what, where that is known."""

import csv
import json
import marshal
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import CodeType

from conda_bridge.archives.package_payload import read_payload

__all__ = ["UNEXPLAINED", "differences"]

UNEXPLAINED = "unexplained"
_BUILD_ID = b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0"
"""The head of the note .note.gnu.build-id with a SHA-1: of all that was linked, paths included."""
_BUILD_ID_BYTES = 20
_PATCHELF_FILLS_WITH = 0x58


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    one: bytes
    other: bytes


def differences(one: str, other: str) -> dict[str, str]:
    """Return the paths of files that aren't equal, each with the reason; files of one package alone are unexplained."""
    first, second = (read_payload(path, lambda _: True) for path in (one, other))
    found = {
        path: _Pair(one=first.get(path, b""), other=second.get(path, b""))
        for path in sorted(first.keys() | second.keys())
        if first.get(path) != second.get(path)
    }
    lone = first.keys() ^ second.keys()
    return {path: UNEXPLAINED if path in lone else _reason(path, pair) for path, pair in found.items()}


def _reason(path: str, pair: _Pair) -> str:
    name = PurePosixPath(path).name
    if name == "INSTALLER" and pair.one.strip() == pair.other.strip():
        return "the end of its line"
    if name == "direct_url.json" and _without_url(pair.one) == _without_url(pair.other):
        return "the build's folder"
    if name == "RECORD" and _rows_that_stay(pair.one) == _rows_that_stay(pair.other):
        return "hashes of files that differ"
    if name.endswith(".pyc") and pair.one[:16] == pair.other[:16]:
        first, second = (_nameless(marshal.loads(data[16:])) for data in (pair.one, pair.other))
        return "the build's folder" if first == second else UNEXPLAINED
    return _reason_of_binaries(pair)


def _without_url(document: bytes) -> object:
    return {**json.loads(document), "url": ""}


def _rows_that_stay(record: bytes) -> list[list[str]]:
    """Return the rows; of those of files that have a reason of their own to differ only the path."""
    rows = csv.reader(record.decode().splitlines())
    return [row[:1] if row[0].endswith((".so", "direct_url.json")) else row for row in rows]


def _nameless(code: CodeType) -> CodeType:
    consts = tuple(_nameless(each) if isinstance(each, CodeType) else each for each in code.co_consts)
    return code.replace(co_filename="", co_consts=consts)


def _reason_of_binaries(pair: _Pair) -> str:
    if not pair.one.startswith(b"\x7fELF") or len(pair.one) != len(pair.other):
        return UNEXPLAINED
    start = pair.one.find(_BUILD_ID) + len(_BUILD_ID)
    identity = range(start, start + _BUILD_ID_BYTES)
    left = {
        (a, b)
        for place, (a, b) in enumerate(zip(pair.one, pair.other, strict=True))
        if a != b and place not in identity
    }
    # What is left behind a shortened RPATH is filled by each tool in its own way.
    is_filling = left <= {(_PATCHELF_FILLS_WITH, 0), (0, _PATCHELF_FILLS_WITH)}
    return "its build ID, and what fills the space of its RPATH" if is_filling else UNEXPLAINED

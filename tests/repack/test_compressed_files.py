"""Data that was published compressed is the same data; what isn't just that, or may run, is different."""

import gzip
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.model.repackaging import FileVerdict
from conda_bridge.repack.comparing.comparison import KnownDifferences, LabelledWheel, compare_wheels
from support.wheels import WheelParts, write_wheel

INIT = {"demo/__init__.py": b"x = 1\n"}
DATA = b'{"a": 1}\n' * 1000
PACKED = gzip.compress(DATA, mtime=0)
BOMB = gzip.compress(bytes(50_000_000), mtime=0)


def rows(
    folder: Path,
    ours: Mapping[str, bytes],
    theirs: Mapping[str, bytes],
    built: Mapping[str, bytes] | None = None,
    executable: frozenset[str] = frozenset(),
) -> dict[str, FileVerdict]:
    """Compare with a published wheel; the project's own backend makes ours, where nothing else is said."""
    paths = []
    for number, files in enumerate((ours, theirs, ours if built is None else built)):
        (folder / str(number)).mkdir()
        parts = WheelParts(files={**INIT, **files})
        own = replace(parts, executable=executable & set(files))
        paths.append(str(write_wheel(folder / str(number), own)))
    left, right = (LabelledWheel(path=path, label=path) for path in paths[:2])
    found = compare_wheels(left, right, known=KnownDifferences(built=paths[2]))
    return {row.path: row for row in found.files if row.verdict != "equal"}


def test_data_that_was_published_compressed_is_explained(tmp_path: Path) -> None:
    found = rows(tmp_path, {"demo/a.json": DATA}, {"demo/a.json.gz": PACKED})

    assert {(row.verdict, row.rule) for row in found.values()} == {("explained", "compressed")}
    assert found["demo/a.json"].note == "the same, compressed, as demo/a.json.gz"
    assert found["demo/a.json.gz"].note == "decompressed, it is demo/a.json"


def test_data_that_was_published_decompressed_is_explained(tmp_path: Path) -> None:
    found = rows(tmp_path, {"demo/a.json.gz": PACKED}, {"demo/a.json": DATA})

    assert [row.rule for row in found.values()] == ["compressed"] * 2


def test_compressed_in_two_members_is_the_same(tmp_path: Path) -> None:
    packed = gzip.compress(DATA[:700]) + gzip.compress(DATA[700:])

    found = rows(tmp_path, {"demo/a.json": DATA}, {"demo/a.json.gz": packed})

    assert [row.rule for row in found.values()] == ["compressed"] * 2


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(DATA + b"\n"),
        gzip.compress(DATA[:-1]),
        gzip.compress(DATA.replace(b"1", b"2")),
        PACKED[:-9],
        PACKED + b"more",
        DATA,
        b"",
        BOMB,
    ],
    ids=["longer", "shorter", "other", "truncated", "followed", "not-compressed", "empty", "bomb"],
)
def test_other_content_is_different(tmp_path: Path, packed: bytes) -> None:
    found = rows(tmp_path, {"demo/a.json": DATA}, {"demo/a.json.gz": packed})

    assert found["demo/a.json.gz"].verdict == "different"
    assert found["demo/a.json"].rule != "compressed"


@pytest.mark.parametrize("path", ["demo/py.typed", "demo/a.pyi", "INFO/licenses/LICENSE", "INFO/a.json"])
def test_what_other_tools_read_is_no_project_s_to_compress(tmp_path: Path, path: str) -> None:
    found = rows(tmp_path, {path: DATA}, {f"{path}.gz": PACKED})

    assert "compressed" not in {row.rule for row in found.values()}
    assert "different" in {row.verdict for row in found.values()}


def test_suffix_is_spelled_as_those_who_read_it_spell_it(tmp_path: Path) -> None:
    found = rows(tmp_path, {"demo/a.json": DATA}, {"demo/a.json.GZ": PACKED})

    assert found["demo/a.json.GZ"].verdict == "different"


@pytest.mark.parametrize("path", ["demo/a.py", "demo/a", "demo/a.json.gz", "DATA/scripts/a.json"])
def test_what_may_run_is_different(tmp_path: Path, path: str) -> None:
    found = rows(tmp_path, {path: DATA}, {f"{path}.gz": PACKED})

    assert "compressed" not in {row.rule for row in found.values()}
    assert "different" in {row.verdict for row in found.values()}


def test_script_called_data_is_different(tmp_path: Path) -> None:
    script = b"#!/bin/sh\nexit\n"

    found = rows(tmp_path, {"demo/a.txt": script}, {"demo/a.txt.gz": gzip.compress(script)})

    assert found["demo/a.txt.gz"].verdict == "different"


@pytest.mark.parametrize("path", ["demo/a.json", "demo/a.json.gz"])
def test_program_is_different(tmp_path: Path, path: str) -> None:
    found = rows(tmp_path, {"demo/a.json": DATA}, {"demo/a.json.gz": PACKED}, executable=frozenset({path}))

    assert "compressed" not in {row.rule for row in found.values()}


def test_what_the_conversion_compressed_is_different(tmp_path: Path) -> None:
    plain = {"demo/a.json": DATA}

    found = rows(tmp_path, {"demo/a.json.gz": PACKED}, plain, built=plain)

    assert [row.verdict for row in found.values()] == ["different"] * 2


def test_file_that_both_have_has_no_twin(tmp_path: Path) -> None:
    both = {"demo/a.json": DATA, "demo/a.json.gz": PACKED}

    found = rows(tmp_path, {"demo/a.json": DATA}, both)

    assert list(found) == ["demo/a.json.gz"]
    assert found["demo/a.json.gz"].rule != "compressed"

"""Real conda packages do what the table beside them says: they become wheels, or are refused with a code."""

import csv
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from conda_bridge.errors import BridgeError, SourceError
from conda_bridge.model.codes import code_of
from conda_bridge.model.names import pypi_name
from conda_bridge.model.options import IndexOptions, NetworkOptions
from conda_bridge.model.repackaging import WheelMade, WheelSetting
from conda_bridge.repack.to_wheel.conda_to_wheel import conda_to_wheel
from conda_bridge.sources.fetcher import IndexFetcher
from support.names_known import EqualNames

_GATED = "platform-gated"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One package of the table."""

    file: Path
    kind: str
    expected: str
    upstream: str
    upstream_sha256: str


@pytest.fixture(scope="module")
def rows(test_data_dir: Path) -> list[Row]:
    """All packages, their digests checked."""
    folder = test_data_dir / "conda-packages"
    found: list[Row] = []
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            path = folder / row["file"]
            assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"], path
            found.append(
                Row(
                    file=path,
                    kind=row["kind"],
                    expected=row["expected"],
                    upstream=row["upstream_wheel"],
                    upstream_sha256=row["upstream_wheel_sha256"],
                )
            )
    assert found
    return found


def convert(row: Row, folder: Path) -> WheelMade | BridgeError:
    """Convert a package, through its gate where only that one keeps it from it."""
    try:
        return conda_to_wheel(str(row.file), str(folder), setting=WheelSetting(), names=EqualNames())
    except BridgeError as error:
        if error.slug != _GATED or _GATED not in row.expected:
            return error
    setting = WheelSetting(allows_gated=True)
    return conda_to_wheel(str(row.file), str(folder), setting=setting, names=EqualNames())


def test_sound_packages_become_wheels(rows: list[Row], tmp_path: Path) -> None:
    found = {row.file.name: convert(row, tmp_path) for row in rows if row.kind == "convert"}

    assert {name: made for name, made in found.items() if not isinstance(made, WheelMade)} == {}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        Path(made.path).name for made in found.values() if isinstance(made, WheelMade)
    )


def test_gated_package_is_refused_unless_asked_for(rows: list[Row], tmp_path: Path) -> None:
    (row,) = (row for row in rows if _GATED in row.expected)

    with pytest.raises(BridgeError) as caught:
        conda_to_wheel(str(row.file), str(tmp_path), setting=WheelSetting(), names=EqualNames())

    assert caught.value.slug == _GATED


@pytest.mark.parametrize("kind", ["refuse", "broken"])
def test_other_packages_are_refused_with_their_code(rows: list[Row], tmp_path: Path, kind: str) -> None:
    found = {row.file.name: (row.expected, convert(row, tmp_path)) for row in rows if row.kind == kind}

    for name, (expected, outcome) in found.items():
        assert isinstance(outcome, BridgeError), name
        # Damage of the index is told before what the index says of the platform.
        allowed = {expected.partition(" ")[0], *(["corrupt"] if kind == "broken" else [])}
        assert outcome.slug in allowed, (name, str(outcome))
        assert code_of(outcome.slug).number.startswith("E8")
    assert list(tmp_path.iterdir()) == []


def test_same_package_gives_the_same_bytes(rows: list[Row], tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    some = [row for row in rows if row.kind == "convert" and row.file.stat().st_size < 60_000]

    for row in some:
        one, other = convert(row, tmp_path), convert(row, tmp_path / "again")
        assert isinstance(one, WheelMade)
        assert isinstance(other, WheelMade)
        assert one.sha256 == other.sha256 == hashlib.sha256(Path(one.path).read_bytes()).hexdigest()


def payload(path: str) -> dict[str, bytes]:
    """Return what a wheel installs into site-packages, but for its metadata."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        tops = (".dist-info", ".data")
        return {name: archive.read(name) for name in names if not name.partition("/")[0].endswith(tops)}


@pytest.mark.network
def test_payload_is_that_of_the_published_wheel(rows: list[Row], tmp_path: Path) -> None:
    fetcher = IndexFetcher(IndexOptions(), NetworkOptions())
    differing: dict[str, list[str]] = {}
    for row in rows:
        if row.upstream == "-":
            continue
        made = convert(row, tmp_path)
        assert isinstance(made, WheelMade), str(made)
        ours, theirs = payload(made.path), payload(published(fetcher, row))
        names = sorted(path for path in ours.keys() | theirs.keys() if ours.get(path) != theirs.get(path))
        # The table says where the packager changed something.
        if "EXCEPTION" not in row.expected:
            assert names == [], row.file.name
        differing[row.file.name] = names

    assert sum(not names for names in differing.values()) >= 14


def published(fetcher: IndexFetcher, row: Row) -> str:
    """Return the published wheel, its digest checked."""
    try:
        project = fetcher.get_project(pypi_name(row.upstream.partition("-")[0]))
    except SourceError as error:
        pytest.skip(f"the public index isn't reached: {error}")
    (link,) = (link for link in project.files if link.filename == row.upstream)
    path = fetcher.get_file(link)
    assert hashlib.sha256(Path(path).read_bytes()).hexdigest() == row.upstream_sha256
    return path

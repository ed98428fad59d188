"""What we say of packages is what rattler's own indexer says of them, and rattler understands it in every form."""

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from conda_bridge.distributors.local_channel import LocalChannel
from support.local_channels import make_package, odd_package, repodata_of, shards_of, unwhole
from support.rattler_channels import index_with_rattler, solve_with_rattler

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(find_spec("rattler") is None, reason="py-rattler is missing"),
]

FORMS = {
    "json": {"repodata.json"},
    "zst": {"repodata.json.zst"},
    "shards": {"repodata_shards.msgpack.zst", "shards"},
}


def without(entries: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return entries without when they came, and without what is empty and rattler leaves out."""
    own = {"indexed_timestamp"}
    return {
        name: {
            key: value for key, value in entry.items() if key not in own and (key == "depends" or value != [])
        }
        for name, entry in entries.items()
    }


def test_rattler_indexes_our_packages_alike(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    paths = [
        make_package(tmp_path, "click", depends=("python >=3.10", "colorama")),
        make_package(tmp_path, "zlib", subdir="linux-64", depends=("__glibc >=2.17,<3.0.a0",)),
    ]
    LocalChannel(str(ours)).publish(paths)
    shutil.copytree(ours, theirs, ignore=shutil.ignore_patterns("*repodata*", "shards", ".work"))

    index_with_rattler(theirs)

    for subdir in ("noarch", "linux-64"):
        assert without(repodata_of(ours, subdir)) == without(repodata_of(theirs, subdir))
        assert without(shards_of(ours, subdir)) == without(shards_of(theirs, subdir))


def test_rattler_indexes_real_packages_alike(tmp_path: Path, test_data_dir: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    LocalChannel(str(ours)).publish(
        sorted(str(path) for path in (test_data_dir / "conda-packages/convert").iterdir())
    )
    shutil.copytree(ours, theirs, ignore=shutil.ignore_patterns("*repodata*", "shards", ".work"))

    index_with_rattler(theirs)

    own, other = without(repodata_of(ours)), without(repodata_of(theirs))
    assert len(own) == 20
    # rattler spells `=2.7` as `2.7.*`.
    for entries in (own, other):
        for entry in entries.values():
            entry["depends"] = [spec.replace(" =2.7", " 2.7.*") for spec in entry["depends"]]
    assert own == other


@pytest.mark.parametrize("form", FORMS)
def test_rattler_solves_with_each_form(tmp_path: Path, form: str) -> None:
    records = LocalChannel(str(tmp_path / "channel")).publish(
        [
            make_package(tmp_path, "app", depends=("library >=1",)),
            make_package(tmp_path, "library", subdir="linux-64"),
        ]
    )
    for path in list((tmp_path / "channel").glob("*/*")):
        if path.suffix != ".conda" and path.name not in FORMS[form]:
            path.rename(tmp_path / f"{path.parent.name}-{path.name}")

    found = solve_with_rattler(tmp_path / "channel", "app")

    assert found == {f"{record.subdir}/{record.stem}.conda": record.sha256 for record in records}


def test_channel_that_rattler_indexed_is_read_and_added_to(tmp_path: Path) -> None:
    top = tmp_path / "channel"
    records = LocalChannel(str(top)).publish(
        [make_package(tmp_path, "click"), make_package(tmp_path, "idna")]
    )
    index_with_rattler(top)

    assert LocalChannel(str(top)).records() == records
    LocalChannel(str(top)).publish([make_package(tmp_path, "rich")])
    assert len(repodata_of(top)) == 3
    assert list(unwhole(top)) == []


def test_rattler_reads_a_channel_with_odd_packages(tmp_path: Path) -> None:
    good = make_package(tmp_path, "click")
    fields = {
        "license": "\ud800",
        "timestamp": 1 << 70,
        "track_features": {"a": 1},
        "noarch": "x",
        "arch": [],
    }
    odd = odd_package(tmp_path, fields=fields)
    LocalChannel(str(tmp_path / "channel")).publish([good, odd])

    assert len(solve_with_rattler(tmp_path / "channel", "click", "odd")) == 2

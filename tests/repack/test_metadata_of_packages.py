"""Real conda packages: METADATA is that of the project, and what conda says differently is told."""

import csv
from functools import cache
from pathlib import Path

import pytest
from packaging.metadata import InvalidMetadata, Metadata

from conda_bridge.adapters.conda_pypi import CondaPypiMapping
from conda_bridge.archives.package_payload import payload_members
from conda_bridge.model.repackaging import DependencySource, WheelSetting
from conda_bridge.repack.to_wheel.package_facts import PackageFacts
from conda_bridge.repack.to_wheel.package_metadata import WheelMetadata, package_metadata
from conda_bridge.translate.names import NameMap
from support.package_facts import read_package

_SITE = "site-packages/"


@cache
def _names() -> NameMap:
    return NameMap(mapped=CondaPypiMapping.installed())


@cache
def metadata_files(package: Path) -> dict[str, bytes]:
    """Return what a package has of metadata folders at the top of site-packages."""
    return {
        member.path.removeprefix(_SITE): member.read(member.size_bytes)
        for member in payload_members(str(package))
        if member.path.startswith(_SITE) and member.path.split("/")[1].endswith((".dist-info", ".egg-info"))
    }


@cache
def facts_of(package: Path) -> PackageFacts:
    return read_package(str(package))


def made_of(package: Path, *, dependencies: DependencySource = "metadata") -> WheelMetadata:
    facts = facts_of(package)
    chosen = WheelSetting(dependencies=dependencies)
    return package_metadata(facts, metadata_files(package), setting=chosen, names=_names())


def content(made: WheelMetadata) -> bytes:
    return dict(made.files)[f"{made.dist_info}/METADATA"]


def packages(test_data_dir: Path) -> dict[Path, str]:
    """Return the packages that become wheels, and what is expected of each."""
    folder = test_data_dir / "conda-packages"
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {folder / row["file"]: row["expected"] for row in rows if row["kind"] == "convert"}


def package(test_data_dir: Path, start: str) -> Path:
    return next(path for path in packages(test_data_dir) if path.name.startswith(f"{start}-"))


def test_metadata_that_upstream_wrote_is_byte_for_byte_that_of_the_package(test_data_dir: Path) -> None:
    identical = {
        path for path, expected in packages(test_data_dir).items() if "METADATA identical" in expected
    }
    changed = []
    for path in identical:
        own = next(
            data for name, data in metadata_files(path).items() if name.endswith(("/METADATA", "/PKG-INFO"))
        )
        changed += [path.name] * (content(made_of(path)) != own)

    assert len(identical) >= 9
    assert changed == []


def test_requires_python_is_the_one_line_that_is_added(test_data_dir: Path) -> None:
    path = package(test_data_dir, "boltons")
    (own,) = (data for name, data in metadata_files(path).items() if name.endswith("/METADATA"))
    made = content(made_of(path))

    added = b"Requires-Python: >=2.7,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,!=3.4.*,!=3.5.*,!=3.6.*\n"
    assert made.replace(added, b"") == own
    assert added in made


@pytest.mark.parametrize(
    "start",
    [
        "certifi",
        "jsonpointer",
        "pip",
        "setuptools",
        pytest.param("orange-spectroscopy", marks=pytest.mark.slow),
    ],
)
def test_metadata_of_eggs_is_taken_by_strict_readers(test_data_dir: Path, start: str) -> None:
    made = made_of(package(test_data_dir, start))

    assert made.origin == "egg-info"
    assert problems(content(made)) == []


def problems(metadata: bytes) -> list[str]:
    """Return what a strict reader says, but for License-File: setuptools wrote it long before its version had it."""
    try:
        Metadata.from_email(metadata, validate=True)
    except* InvalidMetadata as group:
        found = [str(error) for error in group.exceptions]
    else:
        return []
    return [text for text in found if "license-file" not in text]


@pytest.mark.parametrize("start", ["moto", "certifi", "jsonpointer", "tqdm", "urllib3", "pyxenium"])
def test_metadata_made_of_the_record_alone_is_taken_by_strict_readers(
    test_data_dir: Path, start: str
) -> None:
    facts = facts_of(package(test_data_dir, start))
    made = package_metadata(facts, {}, setting=WheelSetting(), names=_names())

    assert problems(content(made)) == []
    assert made.origin == "synthesised"


@pytest.mark.parametrize(
    ("start", "rows"),
    [
        (
            "moto",
            {
                ("bounds", "aws-xray-sdk"), ("bounds", "boto3"), ("bounds", "docker"), ("bounds", "jsondiff"),
                ("bounds", "python-dateutil"), ("bounds", "six"), ("marker", "backports-tempfile"),
                ("only-conda", "cookies"), ("only-conda", "dicttoxml"), ("only-conda", "flask"),
                ("only-metadata", "cryptography"),
            },
        ),
        ("tqdm", {("marker", "colorama")}),
        ("urllib3", {("only-conda", "brotli"), ("only-conda", "pysocks"), ("python", "python")}),
        ("pip", {("only-conda", "setuptools"), ("only-conda", "wheel")}),
        ("pyxenium", {("bounds", "aiohttp"), ("python", "python")}),
        ("requests", set()),
    ],
)  # fmt: skip
def test_drift_of_a_package_is_told_row_by_row(
    test_data_dir: Path, start: str, rows: set[tuple[str, str]]
) -> None:
    made = made_of(package(test_data_dir, start))

    assert {(row.kind, row.pypi_name) for row in made.drift} == rows
    assert [row.slug for row in made.diagnostics].count("dependency-drift") == len(rows)


@pytest.mark.parametrize("start", ["idna", "moto", "pip", "pysocks", "pyxenium", "requests", "urllib3"])
def test_condas_dependencies_can_be_taken(test_data_dir: Path, start: str) -> None:
    path = package(test_data_dir, start)
    text = content(made_of(path, dependencies="conda"))
    needed = {
        one.name for one in Metadata.from_email(text, validate=False).requires_dist or () if not one.marker
    }
    depends = [spec.split()[0] for spec in facts_of(path).record.depends]

    assert len(needed) == len([name for name in depends if name != "python" and not name.startswith("__")])
    assert "python" not in needed


def test_what_the_package_doesnt_go_with_is_told(test_data_dir: Path) -> None:
    made = made_of(package(test_data_dir, "requests"))

    assert [row.slug for row in made.diagnostics] == ["constrains-dropped"]

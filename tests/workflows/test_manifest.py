import json
import os
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.errors import BridgeError
from conda_bridge.model.build import (
    EnvironmentPackage,
    EnvironmentRecord,
    Isolation,
    RenderedOutput,
    RenderedSource,
    TestResult,
)
from conda_bridge.model.names import CondaName
from conda_bridge.workflows.codec import loads
from conda_bridge.workflows.manifest import (
    BuildInputs,
    BuildManifest,
    FileRow,
    OutputRow,
    StepRow,
    TestRow,
    output_row,
    payload_hash,
    recipe_sha256,
    source_rows,
    write_manifest_file,
)
from conda_bridge.workflows.staging import Staged, StagedSource
from support.local_channels import make_package
from support.schema_check import complaints

INPUTS = BuildInputs(
    source="click==8.1.7",
    recipe="click",
    version="8.1.7",
    format="v1",
    is_converted=True,
    recipe_sha256="ab",
    sources=(
        FileRow(url="https://example.org/click.tar.gz", filename="click.tar.gz", sha256="cd", size_bytes=3),
    ),
    distributor="host",
    channels=("file:///channel",),
    subdir="linux-64",
    engine="rattler-build 0.73",
    isolation=Isolation(kind="unshare", has_network=False, are_files_hidden=False, can_leave_orphans=True),
    source_date_epoch=1_580_601_600,
)
MANIFEST = BuildManifest(
    inputs=INPUTS,
    environments=(
        EnvironmentRecord(
            kind="host",
            package=CondaName("click"),
            packages=(EnvironmentPackage.from_url("c/noarch/pip-1-0.conda", "23"),),
        ),
    ),
    outputs=(OutputRow(file="noarch/click-8.1.7-0.conda", sha256="ef", size_bytes=9, payload_sha256="01"),),
    are_tested=True,
    tests=(TestRow(file="click-8.1.7-0.conda", results=(TestResult(index=0, is_passed=True),)),),
    steps=(StepRow(step="building", duration_s=1.5),),
)


def staged(*sources: StagedSource) -> Staged:
    return Staged(recipe_path="recipe.yaml", staged_text="", text="package:\n", sources=sources)


def test_manifest_comes_back_from_its_file(tmp_path: Path) -> None:
    path = write_manifest_file(MANIFEST, str(tmp_path))

    assert path == str(tmp_path / "manifest.json")
    assert loads(Path(path).read_text(), BuildManifest, where=path) == MANIFEST


def test_manifest_fits_its_schema(tmp_path: Path) -> None:
    document: Any = json.loads(Path(write_manifest_file(MANIFEST, str(tmp_path))).read_text())
    schema = json.loads((files("conda_bridge") / "data/schemas/build-manifest-1.json").read_text())

    assert document["schema"] == "conda-bridge.build-manifest/1"
    assert complaints(document, schema) == []


def test_nothing_else_is_left_beside_it(tmp_path: Path) -> None:
    write_manifest_file(MANIFEST, str(tmp_path))
    write_manifest_file(MANIFEST, str(tmp_path))

    assert os.listdir(tmp_path) == ["manifest.json"]  # noqa: PTH208 - names are what counts


def test_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BridgeError) as caught:
        write_manifest_file(MANIFEST, str(tmp_path / "absent"))

    assert caught.value.slug == "channel-unwritable"


def test_recipe_counts_as_it_was_given() -> None:
    assert recipe_sha256(staged()) == sha256(b"package:\n").hexdigest()


def test_sources_say_where_they_came_from_without_secrets(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(b"abc")
    url = "https://me:secret@example.org/a.tar.gz"
    source = RenderedSource(kind="url", urls=(url, "https://mirror.example.org/a.tar.gz"), sha256="11" * 32)

    (row,) = source_rows(staged(StagedSource(source=source, path=str(tmp_path / "a.tar.gz"))))

    assert row == FileRow(
        url="https://example.org/a.tar.gz", filename="a.tar.gz", sha256="11" * 32, size_bytes=3
    )


def test_digest_that_the_recipe_lacks_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(b"abc")
    source = RenderedSource(kind="url", urls=("https://example.org/a.tar.gz",), md5="22")

    (row,) = source_rows(staged(StagedSource(source=source, path=str(tmp_path / "a.tar.gz"))))

    assert row.sha256 == sha256(b"abc").hexdigest()


def test_repository_has_a_commit_in_place_of_a_digest(tmp_path: Path) -> None:
    source = RenderedSource(kind="git", urls=("https://example.org/a.git",))

    (row,) = source_rows(staged(StagedSource(source=source, path=str(tmp_path), commit="0f")))

    assert (row.sha256, row.size_bytes, row.commit) == ("", 0, "0f")


def test_output_says_its_payload_and_its_variant(tmp_path: Path) -> None:
    path = make_package(tmp_path, "click", depends=("python",))
    (record,) = LocalChannel(str(tmp_path / "channel")).publish([path])
    rendered = [
        RenderedOutput(
            conda_name=CondaName("click"), version="1.0", build=build, variant=(("python", python),)
        )
        for build, python in (("0", "3.11"), ("1", "3.12"))
    ]

    row = output_row(path, record, tuple(rendered))

    assert row == OutputRow(
        file="noarch/click-1.0-0.conda",
        sha256=record.sha256,
        size_bytes=record.size_bytes,
        payload_sha256=payload_hash(path),
        variant=(("python", "3.11"),),
        depends=("python",),
    )

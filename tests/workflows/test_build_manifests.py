from pathlib import Path

import pytest

from conda_bridge.model.source import FileLink
from conda_bridge.workflows.build import builds
from conda_bridge.workflows.codec import loads
from conda_bridge.workflows.manifest import BuildManifest, FileRow, payload_hash, source_rows
from conda_bridge.workflows.staging import Staged
from support.building import Workshop
from support.index_server import IndexServer


@pytest.fixture
def shop(tmp_path: Path, index_server: IndexServer) -> Workshop:
    return Workshop(folder=tmp_path, index=index_server)


def manifest_of(shop: Workshop, source: str, **chosen: object) -> BuildManifest:
    options = shop.options(**chosen)
    (result,) = builds([source], options=options, services=shop.services(options))
    return loads(Path(result.manifest).read_text(), BuildManifest, where=result.manifest)


def test_manifest_says_what_went_in_and_what_came_of_it(shop: Workshop) -> None:
    shop.offer("demo")

    manifest = manifest_of(shop, "demo==1.0")

    inputs = manifest.inputs
    assert (inputs.source, inputs.recipe, inputs.version, inputs.is_converted) == (
        "demo==1.0",
        "demo",
        "1.0",
        True,
    )
    assert inputs.engine == "fake 1"
    assert inputs.channels[0] == (shop.folder / "channel").as_uri()
    (source,) = inputs.sources
    assert (source.filename, len(source.sha256)) == ("demo-1.0.tar.gz", 64)
    (output,) = manifest.outputs
    package = shop.folder / "channel" / output.file
    assert (output.size_bytes, output.payload_sha256) == (package.stat().st_size, payload_hash(str(package)))
    assert [(test.file, test.results[0].is_passed) for test in manifest.tests] == [(package.name, True)]
    assert [step.step for step in manifest.steps][-1] == "publishing"


def test_recipe_that_was_given_is_told_by_its_digest(shop: Workshop) -> None:
    shop.offer("demo")
    converted = manifest_of(shop, "demo")
    given = shop.folder / "channel/builds/demo-1.0-py_0/recipe"
    recipe = given.rename(shop.folder / "demo")

    manifest = manifest_of(shop, str(recipe))

    assert (converted.inputs.is_converted, manifest.inputs.is_converted) == (True, False)
    assert manifest.inputs.recipe_sha256 == converted.inputs.recipe_sha256


def test_findings_of_the_conversion_are_in_it_once(shop: Workshop) -> None:
    shop.offer("demo", builds_with=("hatchling<9",))

    findings = manifest_of(shop, "demo").diagnostics

    assert [finding.slug for finding in findings] == ["release-bound"]


def test_manifest_says_that_nothing_was_tested(shop: Workshop) -> None:
    shop.offer("demo")

    manifest = manifest_of(shop, "demo", has_tests=False)

    assert (manifest.are_tested, manifest.tests) == (False, ())


def test_packages_that_tests_ran_with_are_told_where_they_are(shop: Workshop) -> None:
    shop.offer("demo")

    manifest = manifest_of(shop, "demo")

    (environment,) = (one for one in manifest.environments if one.kind == "test")
    assert [one.url for one in environment.packages] == [
        "c/noarch/pip-1-0.conda",
        (shop.folder / "channel/noarch/demo-1.0-py_0.conda").as_uri(),
    ]


def test_crates_of_the_registry_are_among_the_sources(tmp_path: Path) -> None:
    path = tmp_path / "cached"
    path.write_bytes(b"abc")
    link = FileLink(filename="itoa-1.0.17.crate", url="https://c.io/itoa-1.0.17.crate", sha256="1" * 64)
    staged = Staged(recipe_path="/r/recipe.yaml", staged_text="", text="", crates=((link, str(path)),))

    assert source_rows(staged) == (
        FileRow(url=link.url, filename="itoa-1.0.17.crate", sha256="1" * 64, size_bytes=3),
    )

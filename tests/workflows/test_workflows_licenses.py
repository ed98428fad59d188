import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.model.distributor import ChannelPackage
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.options import RecipeOptions
from conda_bridge.model.source import FileLink, IndexProject
from conda_bridge.workflows.recipe import RecipeResult, recipes
from conda_bridge.workflows.services import Services, name_source
from support.archives import write_tar_gz

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "demo"
version = "1.0"
description = "A demonstration"
license = "MIT"
urls = { Repository = "https://github.com/someone/demo" }
"""
NOT_THERE = SourceError("not-served", "the server answers 404")
RAW = "https://raw.githubusercontent.com/someone/demo"


class Web:
    """A `Fetcher` whose web is a table and whose index is empty."""

    def __init__(self, folder: Path, texts: Mapping[str, str], failure: SourceError) -> None:
        self.folder = folder
        self.texts = texts
        self.failure = failure
        self.asked: list[str] = []

    def get_project(self, name: PypiName) -> IndexProject:
        raise SourceError("project-not-found", f"{name} isn't there")

    def get_metadata(self, link: FileLink) -> str | None:
        raise AssertionError(link)

    def get_file(self, link: FileLink) -> str:
        raise AssertionError(link)

    def get_url(self, url: str) -> str:
        self.asked.append(url)
        if url not in self.texts:
            raise self.failure
        path = self.folder / "answer"
        path.write_text(self.texts[url], encoding="utf-8")
        return str(path)


class Channel:
    """A `ChannelSource` with one package."""

    def find(self, name: CondaName) -> ChannelPackage | None:
        return ChannelPackage(channel="conda-forge", subdir="noarch", conda_name=name, version="0.9")


def written(
    tmp_path: Path,
    texts: Mapping[str, str],
    *,
    has_own: bool = False,
    pyproject: str = PYPROJECT,
    failure: SourceError = NOT_THERE,
    **chosen: object,
) -> tuple[RecipeResult, Web]:
    files = {"demo-1.0/pyproject.toml": pyproject, "demo-1.0/demo/__init__.py": ""}
    files |= {"demo-1.0/PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"}
    files |= {"demo-1.0/LICENSE": "MIT License\n"} if has_own else {}
    archive = write_tar_gz(tmp_path / "demo-1.0.tar.gz", files)
    web = Web(tmp_path, texts, failure)
    services = Services(fetcher=web, names=name_source(RecipeOptions()), channels=Channel())
    options = RecipeOptions(output_dir=str(tmp_path / "out"), **chosen)  # type: ignore[arg-type]
    (result,) = recipes([str(archive)], options=options, services=services)
    assert result.error is None
    return result, web


def slugs(result: RecipeResult) -> set[str]:
    return {diagnostic.slug for diagnostic in result.diagnostics}


def reason_of(result: RecipeResult, slug: str) -> str:
    (found,) = (diagnostic for diagnostic in result.diagnostics if diagnostic.slug == slug)
    return found.message


def test_missing_licence_is_never_fetched_unasked(tmp_path: Path) -> None:
    result, web = written(tmp_path, {f"{RAW}/v1.0/LICENSE": "MIT License\n"})

    assert web.asked == []
    assert "license-file-missing" in slugs(result)
    assert "lint-no-license-file" in slugs(result)


def test_licence_of_the_release_goes_beside_each_recipe_and_into_it(tmp_path: Path) -> None:
    result, _ = written(
        tmp_path, {f"{RAW}/v1.0/LICENSE": "MIT License\n"}, fetch_license=True, formats=("v1", "v0")
    )

    for folder in (tmp_path / "out" / "demo", tmp_path / "out" / "v0" / "demo"):
        assert (folder / "LICENSE").read_text() == "MIT License\n"
    assert "license_file: LICENSE" in (tmp_path / "out" / "demo" / "recipe.yaml").read_text()
    assert {"license-file-missing", "lint-no-license-file"}.isdisjoint(slugs(result))
    assert "license-fetched" in slugs(result)
    report = json.loads((tmp_path / "out" / "demo.bridge.json").read_text())
    assert {file["path"] for file in report["files"]} >= {"demo/LICENSE", "v0/demo/LICENSE"}


def test_licence_of_the_default_branch_is_a_warning(tmp_path: Path) -> None:
    result, _ = written(tmp_path, {f"{RAW}/HEAD/LICENSE": "MIT License\n"}, fetch_license=True)

    assert "license-of-default-branch" in slugs(result)


def test_repository_without_a_licence_is_a_finding(tmp_path: Path) -> None:
    result, _ = written(tmp_path, {}, fetch_license=True)

    assert {"license-not-fetched", "license-file-missing"} <= slugs(result)
    assert reason_of(result, "license-not-fetched") == (
        "https://github.com/someone/demo has none under the usual names"
    )


@pytest.mark.parametrize(
    ("urls", "reason"),
    [
        ("urls = {}", "the project names no repository"),
        (
            'urls = { Repository = "https://code.example.org/a/b" }',
            "https://code.example.org/a/b is on no forge that is known",
        ),
    ],
)
def test_unknown_repository_is_not_said_to_have_none(tmp_path: Path, urls: str, reason: str) -> None:
    pyproject = PYPROJECT.partition("urls")[0] + urls
    result, web = written(tmp_path, {}, fetch_license=True, pyproject=pyproject)

    assert web.asked == []
    assert reason_of(result, "license-not-fetched") == reason


@pytest.mark.parametrize(
    "failure",
    [
        SourceError("index-unreachable", "the connection fails", where=RAW),
        SourceError("offline", "it is not in the cache", where=RAW),
    ],
    ids=lambda failure: failure.slug,
)
def test_forge_that_cannot_be_asked_is_a_finding_and_the_recipe_is_written(
    tmp_path: Path, failure: SourceError
) -> None:
    result, _ = written(tmp_path, {}, fetch_license=True, failure=failure)

    assert result.is_written
    assert "license-not-fetched" not in slugs(result)
    assert reason_of(result, "license-not-asked") == f"{RAW}: {failure.message}"


def test_source_with_a_licence_keeps_it(tmp_path: Path) -> None:
    result, web = written(tmp_path, {}, fetch_license=True, has_own=True)

    assert web.asked == []
    assert not (tmp_path / "out" / "demo" / "LICENSE").exists()
    assert "license-file-missing" not in slugs(result)


def test_changed_licence_beside_a_recipe_is_not_overwritten(tmp_path: Path) -> None:
    texts = {f"{RAW}/v1.0/LICENSE": "MIT License\n"}
    written(tmp_path, texts, fetch_license=True)
    (tmp_path / "out" / "demo" / "LICENSE").write_text("by hand\n")

    with pytest.raises(AssertionError):
        written(tmp_path, texts, fetch_license=True)
    assert (tmp_path / "out" / "demo" / "LICENSE").read_text() == "by hand\n"


@pytest.mark.parametrize("asks", [True, False])
def test_package_that_the_channel_has_is_told_unless_it_is_not_to_be_asked(
    tmp_path: Path,
    asks: bool,  # noqa: FBT001
) -> None:
    result, _ = written(tmp_path, {}, has_own=True, ask_channels=asks)

    assert ("already-packaged" in slugs(result)) == asks

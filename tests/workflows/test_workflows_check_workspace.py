"""The outputs of a recipe for several projects are compared with their own releases."""

from pathlib import Path

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.model.names import PypiName
from conda_bridge.model.options import RecipeFormat, RecipeOptions
from conda_bridge.model.source import FileLink, IndexProject
from conda_bridge.workflows.check import CheckResult, check
from conda_bridge.workflows.convert import convert
from conda_bridge.workflows.recipe import write_recipe
from conda_bridge.workflows.services import Services
from support.archives import write_tar_gz
from support.auditing import Names

PROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"
[project]
name = "{name}"
version = "{version}"
description = "It is {name}"
license = "MIT"
requires-python = ">=3.10"
dependencies = {requires}
"""
PROJECTS = {
    "acme-core": PROJECT.format(name="acme-core", version="1.4", requires=["rich>=13"]),
    "acme-cli": PROJECT.format(name="acme-cli", version="0.2", requires=["acme-core>=1", "click>=8"]),
}


class Index:
    """A Fetcher with an sdist of each project."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_project(self, name: PypiName) -> IndexProject:
        files = sorted(self._folder.glob(f"{name.replace('-', '_')}-*.tar.gz"))
        if not files:
            raise SourceError("project-not-found", name)
        links = (FileLink(filename=file.name, url=f"https://files.example/{file.name}") for file in files)
        return IndexProject(pypi_name=name, index_url="https://index.example/simple", files=tuple(links))

    def get_metadata(self, link: FileLink) -> str | None:
        raise AssertionError(link)

    def get_file(self, link: FileLink) -> str:
        return str(self._folder / link.filename)

    def get_url(self, url: str) -> str:
        raise AssertionError(url)


@pytest.fixture
def services(tmp_path: Path) -> Services:
    for name, pyproject in PROJECTS.items():
        module, version = name.replace("-", "_"), {"acme-core": "1.4", "acme-cli": "0.2"}[name]
        texts = {
            "pyproject.toml": pyproject,
            "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            "LICENSE": "MIT License",
            f"src/{module}/__init__.py": "",
        }
        top = f"{module}-{version}"
        write_tar_gz(tmp_path / f"{top}.tar.gz", {f"{top}/{path}": text for path, text in texts.items()})
    return Services(fetcher=Index(tmp_path), names=Names())


@pytest.fixture
def recipe(tmp_path: Path, services: Services, request: pytest.FixtureRequest) -> Path:
    """The recipe of a tree with both projects, as conda-bridge writes it."""
    recipe_format: RecipeFormat = request.param
    for name, pyproject in PROJECTS.items():
        package = tmp_path / "acme" / name / "src" / name.replace("-", "_")
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (tmp_path / "acme" / name / "pyproject.toml").write_text(pyproject)
    (tmp_path / "acme" / "LICENSE").write_text("MIT License")
    options = RecipeOptions(output_dir=str(tmp_path / "out"), maintainers=("me",), formats=(recipe_format,))
    conversion = convert(str(tmp_path / "acme"), options=options, services=services)
    return Path(write_recipe(conversion, options=options).files[0][0])


def told(result: CheckResult) -> list[tuple[str, str]]:
    return [(entry.kind, entry.conda_name) for entry in result.entries]


BOTH = pytest.mark.parametrize("recipe", ["v1", "v0"], indirect=True)


@BOTH
def test_each_output_is_compared_with_its_own_release(recipe: Path, services: Services) -> None:
    result = check(str(recipe), services=services)

    assert [one for one in result.diagnostics if one.severity != "info"] == []
    assert told(result) == []
    assert result.upstream == "acme_core-1.4.tar.gz, acme_cli-0.2.tar.gz"


@BOTH
def test_what_one_output_lacks_another_does_not_lend_it(recipe: Path, services: Services) -> None:
    text = recipe.read_text()
    recipe.write_text(text.replace("        - click >=8\n", "", 1).replace("rich >=13", "rich", 1))
    result = check(str(recipe), services=services)

    assert told(result) == [("looser", "rich"), ("missing", "click")]
    (looser,) = (one for one in result.diagnostics if one.slug == "looser-bound")
    assert text.splitlines()[looser.line - 1].strip() == "- rich >=13"


@pytest.mark.parametrize("recipe", ["v1"], indirect=True)
def test_an_output_without_a_release_costs_its_own_audit_only(
    recipe: Path, services: Services, tmp_path: Path
) -> None:
    (tmp_path / "acme_cli-0.2.tar.gz").unlink()
    result = check(str(recipe), services=services)

    assert result.upstream == "acme_core-1.4.tar.gz"
    assert [one.slug for one in result.diagnostics if one.severity != "info"] == ["audit-failed"]

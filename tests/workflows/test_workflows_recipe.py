from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.errors import MetadataError, RecipeError, UsageError
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import PyVersion, Span, python_in
from conda_bridge.model.events import Event, StepStarted
from conda_bridge.model.names import CondaName, NameHit, PypiName
from conda_bridge.model.options import NetworkOptions, RecipeFormat, RecipeOptions
from conda_bridge.workflows.codec import loads
from conda_bridge.workflows.convert import convert, read_source
from conda_bridge.workflows.documents import Report
from conda_bridge.workflows.explain import explain
from conda_bridge.workflows.recipe import recipes, render_recipe, write_recipe
from conda_bridge.workflows.services import Services
from support.archives import write_tar_gz
from support.fetchers import Unreachable

PKG_INFO = """\
Metadata-Version: 2.4
Name: {name}
Version: 1.0
Summary: A demonstration
License-Expression: MIT
License-File: LICENSE
Requires-Dist: dep-of-{name}
"""


class Prefixing:
    """A NameSource that puts `py-` before every name but those of demos."""

    def to_conda(self, names: Iterable[PypiName]) -> tuple[NameHit, ...]:
        return tuple(self._hit(name) for name in names)

    def to_pypi(self, name: CondaName) -> tuple[PypiName, ...]:
        return (PypiName(name.removeprefix("py-")),)

    @staticmethod
    def _hit(name: PypiName) -> NameHit:
        chosen = CondaName(name if name.startswith("demo") else f"py-{name}")
        return NameHit(
            pypi_name=name, chosen=chosen, candidates=(chosen,), source="channel", confidence="high"
        )


class Listening:
    """A Reporter that remembers."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def report(self, event: Event) -> None:
        self.events.append(event)


SERVICES = Services(fetcher=Unreachable(), names=Prefixing())


@pytest.fixture
def options(tmp_path: Path) -> RecipeOptions:
    """Options that write below the test's folder."""
    return RecipeOptions(
        output_dir=str(tmp_path / "out"), maintainers=("me",), network=NetworkOptions(offline=True)
    )


def sdist(folder: Path, name: str = "demo", **files: str) -> str:
    top = f"{name}-1.0"
    texts = {"PKG-INFO": PKG_INFO.format(name=name), "LICENSE": "MIT License\n", f"{name}.py": "", **files}
    pyproject = '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
    texts.setdefault(
        "pyproject.toml", f'{pyproject}[project]\nname = "{name}"\nversion = "1.0"\ndescription = "x"\n'
    )
    return str(
        write_tar_gz(folder / f"{top}.tar.gz", {f"{top}/{path}": text for path, text in texts.items()})
    )


def test_source_becomes_a_conversion_with_the_names_of_the_services(
    tmp_path: Path, options: RecipeOptions
) -> None:
    reporter = Listening()

    conversion = convert(sdist(tmp_path), options=options, reporter=reporter, services=SERVICES)

    run = [str(requirement.spec) for requirement in conversion.recipe.outputs[0].requirements.run]
    assert "py-dep-of-demo" in run
    assert conversion.recipe.maintainers == ("me",)
    assert any(isinstance(event, StepStarted) for event in reporter.events)


def test_what_the_services_lack_is_a_finding_of_every_conversion(
    tmp_path: Path, options: RecipeOptions
) -> None:
    lacking = Services(
        fetcher=Unreachable(), names=Prefixing(), diagnostics=(finding("name-mapping-missing", "not found"),)
    )

    conversion = convert(sdist(tmp_path), options=options, services=lacking)

    assert "name-mapping-missing" in [found.slug for found in conversion.diagnostics]


def test_unknown_distributor_is_refused_before_anything_is_read() -> None:
    with pytest.raises(UsageError) as caught:
        convert("./nowhere", options=RecipeOptions(distributor="nobody"), services=SERVICES)

    assert caught.value.slug == "unknown-distributor"


def test_facts_tell_what_is_in_a_source(tmp_path: Path, options: RecipeOptions) -> None:
    facts = read_source(sdist(tmp_path), options=options, services=SERVICES)

    assert facts.label == "demo-1.0.tar.gz"
    assert facts.text("LICENSE") == "MIT License\n"


def test_recipe_and_report_are_written_together(tmp_path: Path, options: RecipeOptions) -> None:
    conversion = convert(sdist(tmp_path), options=options, services=SERVICES)

    result = write_recipe(conversion, options=options)

    ((path, text),) = result.files
    assert result.is_written
    assert Path(path).read_text(encoding="utf-8") == text
    report = loads(Path(result.report).read_text(encoding="utf-8"), Report, where="x")
    assert [file.path for file in report.files] == ["demo/recipe.yaml"]
    assert {hit.pypi_name for hit in report.names} >= {PypiName("demo"), PypiName("dep-of-demo")}


def test_rendering_writes_nothing(tmp_path: Path, options: RecipeOptions) -> None:
    conversion = convert(sdist(tmp_path), options=options, services=SERVICES)

    result = render_recipe(conversion, options=options)

    assert not result.is_written
    assert not (tmp_path / "out").exists()


def test_results_come_in_the_order_of_the_sources_whatever_fails(
    tmp_path: Path, options: RecipeOptions
) -> None:
    sources = [sdist(tmp_path, name) for name in ("demo-b", "demo-a")]
    sources.insert(1, str(tmp_path / "missing-1.0.tar.gz"))

    results = list(recipes(sources, options=options, services=SERVICES))

    assert [result.source for result in results] == sources
    assert [result.is_written for result in results] == [True, False, True]
    assert isinstance(results[1].error, UsageError)


class Broken(Prefixing):
    """A NameSource with a bug that one project meets."""

    def to_conda(self, names: Iterable[PypiName]) -> tuple[NameHit, ...]:
        asked = tuple(names)
        if "demo-b" in asked:
            raise ZeroDivisionError
        return super().to_conda(asked)


def test_bug_that_one_source_meets_comes_after_the_recipes_of_the_others(
    tmp_path: Path, options: RecipeOptions
) -> None:
    sources = [sdist(tmp_path, name) for name in ("demo-b", "demo-a")]
    services = Services(fetcher=Unreachable(), names=Broken())
    results = recipes(sources, options=options, services=services)

    assert next(results).is_written
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_template_folder_that_is_missing_is_refused_before_anything_is_read() -> None:
    with pytest.raises(RecipeError):
        list(recipes(["./nowhere"], options=RecipeOptions(template_dir="nowhere"), services=SERVICES))


def test_unreadable_recipe_in_the_way_is_refused(tmp_path: Path, options: RecipeOptions) -> None:
    (tmp_path / "out/demo").mkdir(parents=True)
    (tmp_path / "out/demo/recipe.yaml").write_bytes(b"\xff\xfe")
    conversion = convert(sdist(tmp_path), options=options, services=SERVICES)

    with pytest.raises(UsageError) as caught:
        write_recipe(conversion, options=options)

    assert caught.value.slug == "foreign-recipe"


# ---------------------------------------------------------------- formats


def test_v0_alone_takes_the_place_of_v1(tmp_path: Path, options: RecipeOptions) -> None:
    result = write_recipe(
        convert(sdist(tmp_path), options=options, services=SERVICES),
        options=replace(options, formats=("v0",)),
    )

    assert [path for path, _ in result.files] == [str(tmp_path / "out/demo/meta.yaml")]
    assert (tmp_path / "out/demo/meta.yaml").read_text(encoding="utf-8").startswith("{% set version = ")
    assert not (tmp_path / "out/demo/recipe.yaml").exists()


def test_both_formats_go_to_folders_of_their_own_with_one_report(
    tmp_path: Path, options: RecipeOptions
) -> None:
    both = replace(options, formats=("v1", "v0"))
    conversion = convert(sdist(tmp_path), options=options, services=SERVICES)

    write_recipe(conversion, options=both)
    again = write_recipe(conversion, options=both)

    out = tmp_path / "out"
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()) == [
        "demo.bridge.json",
        "demo/recipe.yaml",
        "v0/demo/meta.yaml",
    ]
    report = loads((out / "demo.bridge.json").read_text(encoding="utf-8"), Report, where="demo")
    assert [file.path for file in report.files] == ["demo/recipe.yaml", "v0/demo/meta.yaml"]
    assert explain(str(out / "v0/demo")) == explain(str(out / "demo"))
    assert "two-formats" not in [found.slug for found in again.diagnostics]


@pytest.mark.parametrize(
    ("formats", "present"), [(("v0",), "recipe.yaml"), (("v1",), "meta.yaml"), (("v1", "v0"), "meta.yaml")]
)
def test_other_format_in_the_folder_is_a_finding(
    tmp_path: Path, options: RecipeOptions, formats: tuple[RecipeFormat, ...], present: str
) -> None:
    (tmp_path / "out/demo").mkdir(parents=True)
    (tmp_path / "out/demo" / present).write_text("old", encoding="utf-8")

    result = render_recipe(
        convert(sdist(tmp_path), options=options, services=SERVICES),
        options=replace(options, formats=formats),
    )

    (found,) = [found for found in result.diagnostics if found.slug == "two-formats"]
    assert found.origin == str(tmp_path / "out/demo" / present)


def test_all_files_are_written_or_none(tmp_path: Path, options: RecipeOptions) -> None:
    (tmp_path / "out/v0/demo").mkdir(parents=True)
    (tmp_path / "out/v0/demo/meta.yaml").write_text("precious", encoding="utf-8")
    conversion = convert(sdist(tmp_path), options=options, services=SERVICES)

    with pytest.raises(UsageError) as caught:
        write_recipe(conversion, options=replace(options, formats=("v1", "v0")))

    assert caught.value.slug == "foreign-recipe"
    assert not (tmp_path / "out/demo").exists()


def test_what_v0_loses_is_told_and_stands_in_the_report(tmp_path: Path, options: RecipeOptions) -> None:
    conversion = convert(sdist(tmp_path), options=options, services=SERVICES)
    (output,) = conversion.recipe.outputs
    skip = python_in(Span(PyVersion.from_text("3.11.4")))
    recipe = replace(conversion.recipe, outputs=(replace(output, skip=(skip,)),))
    given = replace(conversion, recipe=recipe)

    v1 = write_recipe(given, options=options)
    v0 = write_recipe(given, options=replace(options, formats=("v1", "v0")))

    assert "selector-patch-release" not in [found.slug for found in v1.diagnostics]
    assert "selector-patch-release" in [found.slug for found in v0.diagnostics]
    assert "selector-patch-release" in [
        found.slug for found in explain(str(tmp_path / "out/demo")).diagnostics
    ]


@pytest.mark.parametrize(
    ("requirement", "remedy"),
    [
        ("setuptools-scm>=8", "setuptools-scm takes it from the repository: python -m build --sdist"),
        ("wheel", None),
    ],
)
def test_version_that_only_the_repository_has_is_not_asked_of_the_backend(
    tmp_path: Path, requirement: str, remedy: str | None
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        f'[build-system]\nrequires = ["setuptools", "{requirement}"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "demo"\ndynamic = ["version"]\n',
        encoding="utf-8",
    )

    with pytest.raises(MetadataError) as caught:
        convert(str(tmp_path), services=SERVICES)

    assert caught.value.slug == "unknown-version"
    assert caught.value.hint is None if remedy is None else str(caught.value.hint).startswith(remedy)

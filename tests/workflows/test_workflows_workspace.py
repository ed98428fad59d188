"""A directory with several projects becomes one recipe with an output for each."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.errors import MetadataError, SourceError, UsageError
from conda_bridge.formats.v1_specs import spec_text
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.names import CondaName, NameHit, PypiName
from conda_bridge.model.options import RecipeOptions
from conda_bridge.model.overrides import Item, PackageOverrides
from conda_bridge.model.project import Known
from conda_bridge.model.recipe import Output, PathSource, Section, leaves
from conda_bridge.model.source import DirectoryRef, GitOrigin, GitRef, SourceFacts
from conda_bridge.workflows.convert import convert, read_source
from conda_bridge.workflows.facts import save_facts
from conda_bridge.workflows.recipe import render_recipe
from conda_bridge.workflows.services import Services
from support.fetchers import Unreachable


class Forge(Unreachable):
    """A Fetcher that has a licence text at every address that ends like one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get_url(self, url: str) -> str:
        if not url.endswith("/LICENSE"):
            raise SourceError("not-served", "the server answers 404")
        self._path.write_text("MIT License\n")
        return str(self._path)


class Same:
    """A NameSource that guesses every name to be the same, but knows one project as another package."""

    def to_conda(self, names: Iterable[PypiName]) -> tuple[NameHit, ...]:
        return tuple(
            NameHit(
                pypi_name=name,
                chosen=CondaName("split-core" if name == "split" else name),
                own_name=CondaName(name),
                source="identity",
                confidence="low",
            )
            for name in names
        )

    def to_pypi(self, name: CondaName) -> tuple[PypiName, ...]:
        return (PypiName(name),)


SERVICES = Services(fetcher=Unreachable(), names=Same())


def project(name: str, version: str, *requires: str, extra: str = "", backend: str = "hatchling") -> str:
    module = {"hatchling": "hatchling.build", "maturin": "maturin", "setuptools": "setuptools.build_meta"}
    return (
        f'[build-system]\nrequires = ["{backend}"]\nbuild-backend = "{module[backend]}"\n'
        f'[project]\nname = "{name}"\nversion = "{version}"\ndescription = "It is {name}"\nlicense = "MIT"\n'
        f"requires-python = '>=3.10'\ndependencies = {list(requires)}\n{extra}"
    )


def tree(folder: Path, texts: Mapping[str, str]) -> str:
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return str(folder)


def member(
    name: str, version: str, *requires: str, extra: str = "", backend: str = "hatchling"
) -> dict[str, str]:
    module = name.replace("-", "_")
    return {
        f"libs/{name}/pyproject.toml": project(name, version, *requires, extra=extra, backend=backend),
        f"libs/{name}/src/{module}/__init__.py": "",
    }


def converted(folder: Path, *parts: Mapping[str, str], options: RecipeOptions | None = None) -> Conversion:
    texts = {path: text for part in ({"LICENSE": "MIT License\n"}, *parts) for path, text in part.items()}
    return convert(tree(folder / "acme", texts), options=options or RecipeOptions(), services=SERVICES)


def output_of(conversion: Conversion, name: str) -> Output:
    return next(output for output in conversion.recipe.outputs if output.conda_name == name)


def texts_of(output: Output, section: Section) -> list[str]:
    return [spec_text(one.spec) for one in output.requirements.section(section)]


CORE, CLI = member("acme-core", "1.0"), member("acme-cli", "1.0", "acme-core")
COMPILED = {
    **member("acme-core", "1.0", backend="setuptools"),
    "libs/acme-core/setup.py": "from setuptools import Extension, setup\n"
    "setup(ext_modules=[Extension('acme_core._c', sources=['src/acme_core/_c.c'])])\n",
    "libs/acme-core/src/acme_core/_c.c": "int x;\n",
}


def test_each_project_becomes_an_output_behind_those_that_it_needs(tmp_path: Path) -> None:
    recipe = converted(tmp_path, CORE, CLI).recipe

    assert [output.conda_name for output in recipe.outputs] == ["acme-core", "acme-cli"]
    assert [output.script.lines[0].command for output in recipe.outputs] == [
        f"${{{{ PYTHON }}}} -m pip install ./libs/{name} -vv --no-deps --no-build-isolation"
        for name in ("acme-core", "acme-cli")
    ]
    assert (recipe.name, recipe.version) == ("acme", "1.0")
    assert recipe.sources == (PathSource(path=str(tmp_path / "acme")),)


def test_the_top_project_names_the_recipe_and_is_built_at_the_top(tmp_path: Path) -> None:
    top = {"pyproject.toml": project("grid", "2.0", "acme-core==1.0"), "grid/__init__.py": ""}
    recipe = converted(tmp_path, top, CORE).recipe

    assert (recipe.name, recipe.version) == ("grid", "2.0")
    assert [(one.conda_name, one.version) for one in recipe.outputs] == [("acme-core", "1.0"), ("grid", "")]
    assert "pip install . " in recipe.outputs[1].script.lines[0].command


def test_without_a_main_project_the_version_is_what_most_have(tmp_path: Path) -> None:
    recipe = converted(tmp_path, CORE, CLI, member("acme-ui", "3.0")).recipe

    assert (recipe.version, output_of(converted(tmp_path, CORE), "acme-core").version) == ("1.0", "")
    assert [one.version for one in recipe.outputs if one.conda_name == "acme-ui"] == ["3.0"]


def test_names_that_have_nothing_in_common_are_called_like_the_folder(tmp_path: Path) -> None:
    assert converted(tmp_path, CORE, member("other", "1.0")).recipe.name == "acme"


@pytest.mark.parametrize(
    ("requirement", "text"),
    [
        ("acme-core", "${{ pin_subpackage('acme-core', exact=True) }}"),
        ("acme-core==1.0", "${{ pin_subpackage('acme-core', exact=True) }}"),
        ("acme-core>=0.9,<2", "acme-core >=0.9,<2"),
    ],
)
def test_what_leaves_no_choice_between_siblings_is_pinned(
    tmp_path: Path, requirement: str, text: str
) -> None:
    conversion = converted(tmp_path, CORE, member("acme-cli", "1.0", requirement))

    assert text in texts_of(output_of(conversion, "acme-cli"), "run")
    assert not any(one.slug in {"guessed-name", "sibling-unmet"} for one in conversion.diagnostics)


def test_a_noarch_output_is_not_pinned_to_a_build_for_one_platform(tmp_path: Path) -> None:
    cli = output_of(converted(tmp_path, COMPILED, CLI), "acme-cli")

    assert cli.noarch == "python"
    assert "acme-core" in texts_of(cli, "run")


def test_an_output_for_all_pythons_is_not_pinned_to_a_build_for_one(tmp_path: Path) -> None:
    stable = PackageOverrides(name=PypiName("acme-cli"), abi3=Known(value=True, origin="x"))
    both = {path.replace("core", "cli"): text.replace("core", "cli") for path, text in COMPILED.items()}
    both["libs/acme-cli/pyproject.toml"] = project("acme-cli", "1.0", "acme-core", backend="setuptools")
    plain = output_of(converted(tmp_path / "a", COMPILED, both), "acme-cli")
    once = output_of(
        converted(tmp_path / "b", COMPILED, both, options=RecipeOptions(overrides=(stable,))), "acme-cli"
    )

    assert (plain.is_version_independent, once.is_version_independent) == (False, True)
    assert "acme-core" in texts_of(once, "run")
    assert "acme-core" not in texts_of(plain, "run")


def test_a_sibling_that_the_build_requires_is_pinned_in_host(tmp_path: Path) -> None:
    needing = {
        "libs/acme-cli/pyproject.toml": project("acme-cli", "1.0").replace(
            '"hatchling"]', '"hatchling", "acme-core>=0.1"]'
        )
    }
    conversion = converted(tmp_path, CORE, needing)

    assert "${{ pin_subpackage('acme-core', exact=True) }}" in texts_of(
        output_of(conversion, "acme-cli"), "host"
    )


def test_an_output_stands_behind_those_that_its_build_requires(tmp_path: Path) -> None:
    needing = {
        "libs/acme-a/pyproject.toml": project("acme-a", "1.0").replace(
            '"hatchling"]', '"hatchling", "acme-core>=0.1"]'
        )
    }
    conversion = converted(tmp_path, CORE, needing)

    assert [output.conda_name for output in conversion.recipe.outputs] == ["acme-core", "acme-a"]


def test_a_sibling_of_another_version_than_required_is_a_finding(tmp_path: Path) -> None:
    conversion = converted(tmp_path, CORE, member("acme-cli", "1.0", "acme-core>=2"))

    (found,) = (one for one in conversion.diagnostics if one.slug == "sibling-unmet")
    assert found.message == "acme-cli requires acme-core >=2, and 1.0 is built here"
    assert found.origin == "libs/acme-cli/pyproject.toml#/project/dependencies/0"


def test_siblings_in_a_circle_are_a_finding(tmp_path: Path) -> None:
    conversion = converted(tmp_path, member("acme-core", "1.0", "acme-cli"), CLI)

    assert "sibling-circle" in {one.slug for one in conversion.diagnostics}
    assert len(conversion.recipe.outputs) == 2


def test_extras_of_a_sibling_are_expanded_without_an_index(tmp_path: Path) -> None:
    fast = '[project.optional-dependencies]\nfast = ["orjson>=3"]\nall = ["acme-core[fast]"]\n'
    core, cli = member("acme-core", "1.0", extra=fast), member("acme-cli", "1.0", "acme-core[all]")

    assert "orjson >=3" in texts_of(output_of(converted(tmp_path, core, cli), "acme-cli"), "run")


def test_a_sibling_is_required_by_the_name_of_its_output(tmp_path: Path) -> None:
    cli = output_of(
        converted(tmp_path, member("split", "1.0"), member("acme-cli", "1.0", "split>=1")), "acme-cli"
    )

    assert "split >=1" in texts_of(cli, "run")


def test_a_path_of_a_sibling_is_no_finding(tmp_path: Path) -> None:
    poetry = (
        '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
        '[tool.poetry]\nname = "acme-cli"\nversion = "1.0"\ndescription = "x"\nlicense = "MIT"\n'
        '[tool.poetry.dependencies]\npython = ">=3.10"\nacme-core = {path = "../acme-core"}\nelse = {path = "../else"}\n'
    )
    conversion = converted(
        tmp_path, CORE, {"libs/acme-cli/pyproject.toml": poetry, "libs/acme-cli/acme_cli.py": ""}
    )

    paths = [one.message for one in conversion.diagnostics if one.slug == "unsupported-requirement"]
    assert len(paths) == 1
    assert "'else'" in paths[0]


def test_a_member_borrows_the_licence_of_the_tree(tmp_path: Path) -> None:
    own = {"libs/acme-cli/LICENSE.txt": "MIT License\n"}
    recipe = converted(tmp_path, CORE, CLI, own).recipe

    assert [one.about.license_files for one in recipe.outputs] == [
        ("LICENSE",),
        ("libs/acme-cli/LICENSE.txt",),
    ]


def test_a_script_of_several_lines_runs_in_the_projects_folder(tmp_path: Path) -> None:
    rust = {
        **member("acme-core", "1.0", backend="maturin"),
        "libs/acme-core/Cargo.toml": '[package]\nname = "acme-core"\nversion = "1.0.0"\n',
    }
    output = output_of(converted(tmp_path, rust, CLI), "acme-core")
    commands = [line.command for line in output.script.lines]

    assert (commands[0], commands[-1]) == ("cd libs/acme-core", "cd ../..")
    assert any("cargo-bundle-licenses" in command for command in commands)
    assert "libs/acme-core/THIRDPARTY.yml" in output.about.license_files


def test_a_crate_has_the_version_of_the_workspace_around_it(tmp_path: Path) -> None:
    dynamic = project("acme-core", "1", backend="maturin").replace('version = "1"', 'dynamic = ["version"]')
    texts = {
        "Cargo.toml": "[workspace.package]\nversion = '1.7.0'\n",
        "libs/acme-core/pyproject.toml": dynamic,
        "libs/acme-core/Cargo.toml": "[package]\nname = 'acme-core'\nversion.workspace = true\n",
    }
    conversion = converted(tmp_path, texts, CLI)

    assert conversion.recipe.version == "1.7.0"
    (why,) = (one for one in conversion.evidence if one.address == "acme/package/version")
    assert why.origins == ("Cargo.toml#/workspace/package/version",)


def test_a_version_deep_in_a_namespace_is_read(tmp_path: Path) -> None:
    path = "src/acme/exporter/otlp/proto/version/__init__.py"
    dynamic = project("acme-core", "1").replace('version = "1"', 'dynamic = ["version"]')
    texts = {
        "libs/acme-core/pyproject.toml": f'{dynamic}[tool.hatch.version]\npath = "{path}"\n',
        f"libs/acme-core/{path}": '__version__ = "1.8"\n',
    }
    assert converted(tmp_path, texts).recipe.version == "1.8"


def test_a_script_of_the_users_own_stays_as_it_is(tmp_path: Path) -> None:
    overrides = PackageOverrides(name=PypiName("acme-core"), script=(Item(text="make all", origin="x"),))
    conversion = converted(tmp_path, CORE, CLI, options=RecipeOptions(overrides=(overrides,)))

    assert [line.command for line in output_of(conversion, "acme-core").script.lines] == ["make all"]


def test_the_lowest_python_is_that_of_the_most_demanding_output(tmp_path: Path) -> None:
    new = member("acme-cli", "1.0")
    new["libs/acme-cli/pyproject.toml"] = new["libs/acme-cli/pyproject.toml"].replace(">=3.10", ">=3.12")
    conversion = converted(tmp_path, CORE, new)

    assert conversion.recipe.python_min == "3.12"
    (found,) = (one for one in conversion.diagnostics if one.slug == "python-min-shared")
    assert found.message == "acme-core would run on less than python 3.12, which acme-cli needs"


def test_every_leaf_has_evidence_and_every_origin_is_in_the_tree(tmp_path: Path) -> None:
    conversion = converted(tmp_path, COMPILED, member("acme-cli", "2.0", "acme-core>=1"))
    explained = {one.address for one in conversion.evidence}
    known = conversion.facts
    places = {origin.partition("#")[0] for one in conversion.evidence for origin in one.origins}
    paths = {place.rpartition(":")[0] if place.rpartition(":")[2].isdecimal() else place for place in places}

    assert [leaf for leaf in leaves(conversion.recipe) if leaf not in explained] == []
    assert {path for path in paths if not known.has(path)} == {known.label, str(tmp_path / "acme")}


def test_findings_say_which_outputs_they_are_about(tmp_path: Path) -> None:
    conversion = converted(
        tmp_path,
        member("acme-core", "1.0", "odd"),
        member("acme-cli", "1.0", "odd"),
        member("acme-ui", "1.0"),
    )
    (found,) = (one for one in conversion.diagnostics if "odd" in one.message)

    assert found.message.startswith("acme-cli, acme-core: odd ")
    assert found.origin == "libs/acme-cli/pyproject.toml#/project/dependencies/0"


def test_places_in_notes_and_messages_are_those_in_the_tree(tmp_path: Path) -> None:
    stray = {"libs/acme-cli/src/acme_cli/_x.c": "int x;"}
    conversion = converted(tmp_path, COMPILED, CLI, stray)
    notes = " ".join(one.note for one in conversion.evidence)
    (unbuilt,) = (one for one in conversion.diagnostics if one.slug == "native-sources-unbuilt")

    assert "libs/acme-core/src/acme_core/_c.c is compiled" in notes
    assert "such as libs/acme-cli/src/acme_cli/_x.c" in unbuilt.message


def test_facts_of_a_workspace_can_be_replayed(tmp_path: Path) -> None:
    conversion = converted(tmp_path, COMPILED, CLI)
    save_facts(read_source(str(tmp_path / "acme"), services=SERVICES), str(tmp_path / "x.facts.json"))
    again = convert(str(tmp_path / "x.facts.json"), services=SERVICES)

    assert (again.recipe, again.evidence) == (conversion.recipe, conversion.evidence)


def test_chosen_members_are_the_only_outputs(tmp_path: Path) -> None:
    one = converted(tmp_path, CORE, CLI, options=RecipeOptions(members=("libs/acme-cli",)))
    two = converted(tmp_path, CORE, CLI, options=RecipeOptions(members=("Acme.Core", "acme-cli")))

    assert [output.conda_name for output in one.recipe.outputs] == ["acme-cli"]
    assert "${{ pin_subpackage" not in str(texts_of(one.recipe.outputs[0], "run"))
    assert len(two.recipe.outputs) == 2


@pytest.mark.parametrize("wanted", ["nothing", "../acme", ""])
def test_unknown_members_are_refused_with_those_that_there_are(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(UsageError, match="it has acme-cli, acme-core") as caught:
        converted(tmp_path, CORE, CLI, options=RecipeOptions(members=(wanted,)))
    assert caught.value.slug == "unknown-member"


def test_members_of_what_is_no_tree_are_refused(tmp_path: Path) -> None:
    facts = read_source(tree(tmp_path / "one", {"pyproject.toml": project("one", "1.0")}), services=SERVICES)
    assert isinstance(facts.ref, DirectoryRef)
    options = RecipeOptions(members=("one",))

    assert convert(str(tmp_path / "one"), options=options, services=SERVICES).recipe.name == "one"
    with pytest.raises(UsageError, match="it has one"):
        convert(str(tmp_path / "one"), options=RecipeOptions(members=("two",)), services=SERVICES)


def test_a_tree_of_projects_that_do_not_count_is_no_project(tmp_path: Path) -> None:
    private = member("acme-core", "1.0", extra='classifiers = ["Private :: Do Not Upload"]')
    with pytest.raises(
        MetadataError, match="libs/acme-core: its classifiers say that it is private"
    ) as caught:
        converted(tmp_path, private)
    assert caught.value.slug == "not-a-project"


def test_a_licence_that_is_fetched_serves_all_outputs(tmp_path: Path) -> None:
    urls = '[project.urls]\nRepository = "https://github.com/acme/acme"\n'
    core, cli = member("acme-core", "1.0", extra=urls), member("acme-cli", "1.0", extra=urls)
    source = tree(tmp_path / "acme", {**core, **cli})
    services = Services(fetcher=Forge(tmp_path / "LICENSE"), names=Same())
    conversion = convert(source, options=RecipeOptions(fetch_license=True), services=services)

    assert {one.about.license_files for one in conversion.recipe.outputs} == {("LICENSE",)}
    assert conversion.facts.beside == ("LICENSE",)
    assert [Path(path).name for path, _ in render_recipe(conversion).files] == ["recipe.yaml", "LICENSE"]
    assert set(leaves(conversion.recipe)) <= {one.address for one in conversion.evidence}


def test_two_projects_of_one_name_are_refused(tmp_path: Path) -> None:
    twin = {"other/pyproject.toml": project("Acme_Core", "1.0")}
    with pytest.raises(UsageError, match="libs/acme-core and other would both be acme-core"):
        converted(tmp_path, CORE, twin)


def test_a_failure_names_the_folder_and_the_way_out(tmp_path: Path) -> None:
    dynamic = {
        "libs/acme-cli/pyproject.toml": project("acme-cli", "1.0").replace(
            'version = "1.0"', 'dynamic = ["version"]'
        )
    }
    with pytest.raises(MetadataError) as caught:
        converted(tmp_path, CORE, dynamic)

    assert (caught.value.slug, caught.value.where) == ("unknown-version", "acme/libs/acme-cli")
    assert "--member" in (caught.value.hint or "")


def test_a_lone_project_below_the_top_gives_a_recipe_of_one_output(tmp_path: Path) -> None:
    conversion = converted(tmp_path, CORE)
    (v1,) = render_recipe(conversion).files

    assert "\npackage:\n  name: acme-core\n" in v1[1]
    assert "pip install ./libs/acme-core " in v1[1]


def test_an_unpacked_sdist_is_one_project(tmp_path: Path) -> None:
    top = {
        "pyproject.toml": project("acme", "1.0", "acme-core"),
        "acme/__init__.py": "",
        "PKG-INFO": "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
    }
    assert [one.conda_name for one in converted(tmp_path, top, CORE).recipe.outputs] == ["acme"]


def test_projects_that_are_left_out_leave_a_recipe_as_it_was(tmp_path: Path) -> None:
    top = {"pyproject.toml": project("acme", "1.0"), "acme/__init__.py": ""}
    stray = {
        "plugins/x/pyproject.toml": project("x", "1.0", "acme"),
        "plugins/x/setup.py": COMPILED["libs/acme-core/setup.py"],
    }
    alone, both = converted(tmp_path / "a", top), converted(tmp_path / "b", top, stray)

    assert alone.recipe.outputs == both.recipe.outputs
    (found,) = (one for one in both.diagnostics if one.slug == "project-left-out")
    assert found.message.startswith("left out: x (plugins/x): ")
    assert both.facts.text("plugins/x/pyproject.toml") is None


def test_a_subdirectory_of_a_repository_is_built_there(tmp_path: Path) -> None:
    facts = read_source(
        tree(tmp_path / "one", {"pyproject.toml": project("one", "1.0"), "LICENSE": "MIT License\n"}),
        services=SERVICES,
    )
    conversion = replayed(tmp_path, facts, "python/one")
    (output,) = conversion.recipe.outputs

    assert "pip install ./python/one " in output.script.lines[0].command
    assert output.about.license_files == ("python/one/LICENSE",)
    assert set(leaves(conversion.recipe)) <= {one.address for one in conversion.evidence}


@pytest.mark.parametrize("folder", ["a b", "a;x", "$(x)", "-a", "%PATH%", "..", "a//b"])
def test_a_folder_that_a_shell_would_read_is_in_no_script(tmp_path: Path, folder: str) -> None:
    facts = read_source(tree(tmp_path / "one", {"pyproject.toml": project("one", "1.0")}), services=SERVICES)
    with pytest.raises(UsageError) as caught:
        replayed(tmp_path, facts, folder)
    assert caught.value.slug == "odd-folder"


def test_a_workspace_in_a_subdirectory_is_built_there(tmp_path: Path) -> None:
    facts = read_source(
        tree(tmp_path / "acme", {**CORE, **CLI, "LICENSE": "MIT License\n"}), services=SERVICES
    )
    output = output_of(replayed(tmp_path, facts, "python"), "acme-core")

    assert "pip install ./python/libs/acme-core " in output.script.lines[0].command
    assert output.about.license_files == ("python/LICENSE",)


def replayed(folder: Path, facts: SourceFacts, subdirectory: str) -> Conversion:
    url = "https://git.example.org/acme"
    cloned = replace(
        facts,
        ref=GitRef(text=f"git+{url}", url=url, subdirectory=subdirectory),
        origin=GitOrigin(url=url, commit="0" * 40),
    )
    save_facts(cloned, str(folder / "cloned.facts.json"))
    return convert(str(folder / "cloned.facts.json"), services=SERVICES)

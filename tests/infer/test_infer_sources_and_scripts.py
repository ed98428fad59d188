"""Where the source comes from, how it is built, and what backends are called."""

from dataclasses import replace

import pytest

from conda_bridge.infer.pyproject import strings, tool_table
from conda_bridge.infer.recipe import infer_recipe
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.names import CondaName, NameHit, NameTable, PypiName
from conda_bridge.model.recipe import GitSource, PathSource, Source, UrlSource
from conda_bridge.model.source import GitOrigin, SourceOrigin, UrlOrigin
from support.converting import PYPROJECT, context_of, convert_texts, slugs_of, specs_of
from support.trees import facts_of_texts

MODULE: dict[str, str | None] = {"demo/__init__.py": ""}
PKG_INFO = "Metadata-Version: 2.4\nName: demo\nVersion: 1.2.3\n"
HASH = "0" * 64


def backend(requirement: str, module: str) -> str:
    return PYPROJECT.replace("hatchling>=1.27", requirement).replace("hatchling.build", module)


def source_from(origin: SourceOrigin) -> Source:
    facts = facts_of_texts({"pyproject.toml": PYPROJECT, **MODULE}, label="demo-1.2.3.tar.gz")
    (source,) = infer_recipe(context_of(replace(facts, origin=origin))).recipe.sources
    return source


@pytest.mark.parametrize(
    "url",
    [
        "https://files.pythonhosted.org/packages/aa/bb/" + "c" * 60 + "/demo-1.2.3.tar.gz",
        "https://mirror.example/pypi/packages/aa/bb/" + "c" * 60 + "/demo-1.2.3.tar.gz",
    ],
    ids=["PyPI", "a mirror of it"],
)
def test_file_of_pypi_gets_its_stable_url(url: str) -> None:
    source = source_from(UrlOrigin(url=url, sha256=HASH, filename="demo-1.2.3.tar.gz"))
    assert source == UrlSource(url="https://pypi.org/packages/source/d/demo/demo-1.2.3.tar.gz", sha256=HASH)


def test_url_that_is_none_stays_as_it_is() -> None:
    source = source_from(UrlOrigin(url="https://[x/demo", sha256=HASH, filename="demo-1.2.3.tar.gz"))

    assert source == UrlSource(url="https://[x/demo", sha256=HASH)


def test_file_of_another_index_keeps_its_url() -> None:
    url = "https://index.example/demo/demo-1.2.3.tar.gz"
    source = source_from(UrlOrigin(url=url, sha256=HASH, filename="demo-1.2.3.tar.gz"))
    assert source == UrlSource(url=url, sha256=HASH)


def test_repository_and_directory_stay_what_they_are() -> None:
    git = GitOrigin(url="https://git.example/demo", commit="a" * 40)
    assert source_from(git) == GitSource(url="https://git.example/demo", commit="a" * 40)
    directory = convert_texts({"pyproject.toml": PYPROJECT, **MODULE}).recipe.sources
    assert directory == (PathSource(path="/projects/demo-1.2.3"),)


def test_version_plugin_gets_its_variable_where_there_is_no_pkg_info() -> None:
    text = backend("setuptools-scm>=8", "setuptools.build_meta")
    text = text.replace('version = "1.2.3"', 'dynamic = ["version"]')
    facts = facts_of_texts({"pyproject.toml": text, **MODULE}, label="demo-1.2.3.tar.gz")
    script = infer_recipe(context_of(facts)).recipe.outputs[0].script
    assert script.env == (("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_DEMO", "1.2.3"),)


def test_version_plugin_reads_pkg_info_in_an_sdist() -> None:
    text = backend("setuptools-scm>=8", "setuptools.build_meta")
    text = text.replace('version = "1.2.3"', 'dynamic = ["version"]')
    conversion = convert_texts({"pyproject.toml": text, "PKG-INFO": PKG_INFO, **MODULE})
    assert conversion.recipe.outputs[0].script.env == ()


def test_declared_version_needs_no_variable() -> None:
    conversion = convert_texts(
        {"pyproject.toml": backend("setuptools-scm", "setuptools.build_meta"), **MODULE}
    )
    assert conversion.recipe.outputs[0].script.env == ()


def test_plugin_that_only_reads_a_repository_is_a_finding() -> None:
    text = backend("versioningit", "setuptools.build_meta")
    assert "version-from-repository" in slugs_of(convert_texts({"pyproject.toml": text, **MODULE}))


def test_unknown_backend_is_a_finding_and_its_requirements_are_taken() -> None:
    conversion = convert_texts({"pyproject.toml": backend("homegrown>=1", "homegrown.api"), **MODULE})
    assert "homegrown >=1" in specs_of(conversion, "host")
    assert "unknown-backend" in slugs_of(conversion)


def test_oldest_numpy_is_numpy_where_something_is_compiled_and_nothing_elsewhere() -> None:
    native = backend('scikit-build-core", "oldest-supported-numpy', "scikit_build_core.build")
    assert "numpy" in specs_of(convert_texts({"pyproject.toml": native, **MODULE}), "host")
    pure = backend('hatchling", "oldest-supported-numpy', "hatchling.build")
    conversion = convert_texts({"pyproject.toml": pure, **MODULE})
    assert "numpy" not in specs_of(conversion, "host")
    assert "abi-requirement" in slugs_of(conversion)


@pytest.mark.parametrize(("chosen", "reason"), [(None, "part of the standard library"), ("other", "")])
def test_dependency_that_conda_does_not_need_is_left_out_with_a_finding(
    chosen: str | None, reason: str
) -> None:
    texts: dict[str, str | None] = {"pyproject.toml": f"{PYPROJECT}dependencies = ['shim']\n", **MODULE}
    context = context_of(facts_of_texts(texts))
    hit = NameHit(
        pypi_name=PypiName("shim"),
        chosen=CondaName(chosen) if chosen else None,
        source="curated",
        confidence="certain",
        reason=reason,
    )
    others = tuple(other for other in context.names if other.pypi_name != "shim")
    conversion = infer_recipe(replace(context, names=NameTable(hits=(*others, hit))))
    assert specs_of(conversion, "run") == (["<python>", "other"] if chosen else ["<python>"])
    assert ("name-dropped" in slugs_of(conversion)) is (chosen is None)


def test_own_recipe_is_called_like_the_project_where_others_depend_on_a_part_of_it() -> None:
    context = context_of(facts_of_texts({"pyproject.toml": PYPROJECT, **MODULE}))
    hit = NameHit(
        pypi_name=PypiName("demo"),
        chosen=CondaName("demo-core"),
        own_name=CondaName("demo"),
        source="curated",
        confidence="certain",
    )
    others = tuple(other for other in context.names if other.pypi_name != "demo")
    conversion = infer_recipe(replace(context, names=NameTable(hits=(*others, hit))))
    assert conversion.recipe.name == "demo"


def test_name_that_was_not_resolved_is_itself_with_low_confidence() -> None:
    hit = NameTable().get(PypiName("unheard-of"))
    assert (hit.chosen, hit.confidence) == ("unheard-of", "low")


def test_tool_tables_are_read_leniently() -> None:
    facts = facts_of_texts({"pyproject.toml": "[tool]\nhatch = 'no table'\n"})
    assert tool_table(facts, "hatch") == {}
    assert tool_table(facts_of_texts({"pyproject.toml": "= broken"}), "hatch") == {}
    assert strings("one") == ("one",)
    assert strings(["one", 2]) == ("one",)
    assert strings(3) == ()


def test_inferred_values_keep_their_reasons() -> None:
    doubled = Inferred(value=2).map(lambda number: number * 2)
    assert doubled == Inferred(value=4)
    assert doubled.adding() == doubled


@pytest.mark.parametrize(
    ("settings", "manifests", "commands"),
    [
        ("", ["Cargo.toml", "crates/x/Cargo.toml"], ["{} THIRDPARTY.yml"]),
        ("", ["rust/Cargo.toml", "rust/a/Cargo.toml"], ["cd rust", "{} ../THIRDPARTY.yml", "cd .."]),
        (
            "[tool.maturin]\nmanifest-path = 'bindings/python/Cargo.toml'\n",
            ["core/Cargo.toml", "bindings/python/Cargo.toml"],
            ["cd bindings/python", "{} ../../THIRDPARTY.yml", "cd ../.."],
        ),
    ],
    ids=["top", "nested", "as maturin is told"],
)
def test_licences_of_crates_are_gathered_where_the_manifest_lies(
    settings: str, manifests: list[str], commands: list[str]
) -> None:
    pyproject = PYPROJECT.replace("hatchling>=1.27", "maturin").replace("hatchling.build", "maturin")
    texts: dict[str, str | None] = {"pyproject.toml": pyproject + settings, "demo/__init__.py": ""}
    conversion = convert_texts({**texts, **dict.fromkeys(manifests, "[package]\nname = 'demo'\n")})
    lines = [line.command for line in conversion.recipe.outputs[0].script.lines]
    gather = "cargo-bundle-licenses --format yaml --output"
    assert lines[:-1] == [command.format(gather) for command in commands]


@pytest.mark.parametrize("folder", ["a b; rm", "$(id)", "-x", "a\n", "a/../b", "\u00e9"])
def test_crate_in_a_folder_that_no_script_can_name_is_told(folder: str) -> None:
    pyproject = PYPROJECT.replace("hatchling>=1.27", "maturin").replace("hatchling.build", "maturin")
    texts: dict[str, str | None] = {
        "pyproject.toml": pyproject,
        f"{folder}/Cargo.toml": "[package]\nname = 'demo'\n",
    }

    conversion = convert_texts(texts)

    (output,) = conversion.recipe.outputs
    assert not any("cargo-bundle-licenses" in line.command for line in output.script.lines)
    assert not any("THIRDPARTY" in path for path in output.about.license_files)
    (told,) = (d for d in conversion.diagnostics if d.slug == "licenses-not-gathered")
    assert told.message.isascii()


def test_crates_in_folders_that_a_script_can_name_are_gathered_beside_others() -> None:
    pyproject = PYPROJECT.replace("hatchling>=1.27", "setuptools-rust").replace(
        "hatchling.build", "setuptools.build_meta"
    )
    modules = "".join(
        f"[[tool.setuptools-rust.ext-modules]]\ntarget = 'demo._{n}'\npath = '{folder}/Cargo.toml'\n"
        for n, folder in enumerate(("a b", "c"))
    )
    manifest = "[package]\nname = 'demo'\n"
    texts = {"pyproject.toml": pyproject + modules, "a b/Cargo.toml": manifest, "c/Cargo.toml": manifest}

    conversion = convert_texts(dict(texts))

    (output,) = conversion.recipe.outputs
    assert [line.command for line in output.script.lines[:-1]] == [
        "cd c", "cargo-bundle-licenses --format yaml --output ../THIRDPARTY.yml", "cd ..",
    ]  # fmt: skip
    assert "licenses-not-gathered" in {d.slug for d in conversion.diagnostics}


def test_go_module_in_a_folder_that_no_script_can_name_is_told() -> None:
    pyproject = PYPROJECT.replace('"hatchling>=1.27"', '"setuptools", "setuptools-golang"').replace(
        "hatchling.build", "setuptools.build_meta"
    )
    setup = 'setup(ext_modules=[Extension("demo", ["x/demo.go"])], build_golang={"root": "example/x"})\n'

    conversion = convert_texts(
        {"pyproject.toml": pyproject, "setup.py": setup, "x; id/go.mod": "module example/x\n"}
    )

    (output,) = conversion.recipe.outputs
    assert not any("go-licenses save" in line.command for line in output.script.lines)
    assert "library_licenses/" not in output.about.license_files
    assert "licenses-not-gathered" in {d.slug for d in conversion.diagnostics}

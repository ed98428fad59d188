import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project import infer_project
from conda_bridge.infer.project.identity import file_identity
from conda_bridge.model.names import PypiName
from conda_bridge.model.source import RequirementRef, SourceRef
from support.trees import facts_of_texts, index_facts

SETUP = "from setuptools import setup\nsetup()\n"


def pkg_info(name: str, version: str) -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


def requirement(name: str) -> SourceRef:
    return RequirementRef(text=name, pypi_name=PypiName(name), specifier=SpecifierSet())


@pytest.mark.parametrize(
    ("label", "name", "version"),
    [
        ("click-8.1.7.tar.gz", "click", "8.1.7"),
        ("ruamel.yaml-0.17.zip", "ruamel-yaml", "0.17"),
        ("my_pkg-1.0rc1.tgz", "my-pkg", "1.0rc1"),
        ("a-b-1.0.tar.bz2", "a-b", "1.0"),
        ("a-1.0-1.tar.gz", "a-1-0", "1"),
    ],
)
def test_a_file_name_tells_name_and_version(label: str, name: str, version: str) -> None:
    identity = file_identity(facts_of_texts({}, label=label), None)

    assert identity is not None
    assert (identity.name, identity.version) == (name, Version(version))


def test_a_known_name_decides_where_to_split() -> None:
    identity = file_identity(facts_of_texts({}, label="a-1.0-1.tar.gz"), PypiName("a"))

    assert identity is not None
    assert identity.version == Version("1.0.post1")


@pytest.mark.parametrize("label", ["click", "click-8.1.7", "main.tar.gz", "click-main.zip", "-1.0.tar.gz"])
def test_other_labels_tell_nothing(label: str) -> None:
    assert file_identity(facts_of_texts({}, label=label), None) is None


@pytest.mark.parametrize(
    ("name", "version"), [("other", "1.0"), ("demo", "1.1"), ("demo2", "1.0"), ("other", "not a version")]
)
def test_row_15_metadata_of_another_project_or_version_is_refused(name: str, version: str) -> None:
    facts = facts_of_texts({"PKG-INFO": pkg_info(name, version), "setup.py": SETUP}, label="demo-1.0.tar.gz")

    with pytest.raises(MetadataError) as caught:
        infer_project(facts)

    assert caught.value.slug == "metadata-mismatch"
    assert (caught.value.where or "").startswith("PKG-INFO#/")


def test_row_15_what_was_asked_for_must_be_what_came() -> None:
    facts = facts_of_texts({"PKG-INFO": pkg_info("other", "1.0"), "setup.py": SETUP}, ref=requirement("demo"))

    with pytest.raises(MetadataError) as caught:
        infer_project(facts)

    assert caught.value.slug == "metadata-mismatch"


def test_row_15_the_index_must_mean_the_same_version() -> None:
    facts = facts_of_texts({"PKG-INFO": pkg_info("demo", "1.0"), "setup.py": SETUP}, index=index_facts("2.0"))

    with pytest.raises(MetadataError) as caught:
        infer_project(facts)

    assert caught.value.slug == "metadata-mismatch"


@pytest.mark.parametrize("label", ["Demo_Pkg-1.0.0.tar.gz", "demo-pkg-1.0.tar.gz", "demo.pkg-1.tar.gz"])
def test_spellings_of_the_same_name_and_version_match(label: str) -> None:
    facts = facts_of_texts({"PKG-INFO": pkg_info("demo-PKG", "1.0"), "setup.py": SETUP}, label=label)

    project = infer_project(facts)

    assert (project.pypi_name.value, project.display_name) == ("demo-pkg", "demo-PKG")
    assert project.version.origin == "PKG-INFO#/Version"


def test_name_and_version_may_come_from_the_requirement_and_the_index() -> None:
    facts = facts_of_texts({"setup.py": "exit()\n"}, ref=requirement("demo"), index=index_facts("1.5"))

    project = infer_project(facts)

    assert (project.pypi_name.value, project.pypi_name.is_declared) == ("demo", False)
    assert (project.version.value, project.version.is_declared) == (Version("1.5"), False)
    assert project.version.origin == "https://index.example/simple"


def test_name_and_version_may_come_from_the_file_name() -> None:
    project = infer_project(facts_of_texts({"setup.py": "exit()\n"}, label="my_demo-1.5.tar.gz"))

    assert (project.pypi_name.value, project.display_name) == ("my-demo", "my-demo")
    assert (project.version.value, project.version.origin) == (Version("1.5"), "my_demo-1.5.tar.gz")


def test_a_file_name_of_another_project_tells_no_version() -> None:
    facts = facts_of_texts(
        {"setup.py": "import setuptools as s\ns.setup(name='demo')\n"}, label="repo-1.5.tar.gz"
    )

    with pytest.raises(MetadataError) as caught:
        infer_project(facts)

    assert caught.value.slug == "unknown-version"


def test_a_version_from_git_alone_is_unknown_and_says_why() -> None:
    facts = facts_of_texts(
        {
            "pyproject.toml": '[project]\nname = "demo"\ndynamic = ["version"]\n'
            '[build-system]\nrequires = ["setuptools", "setuptools-scm"]\nbuild-backend = "setuptools.build_meta"\n'
        }
    )

    with pytest.raises(MetadataError) as caught:
        infer_project(facts)

    assert caught.value.slug == "unknown-version"
    assert "pyproject.toml calls it dynamic" in caught.value.message


def test_a_project_without_any_name_is_refused() -> None:
    with pytest.raises(MetadataError) as caught:
        infer_project(facts_of_texts({"setup.py": "exit()\n"}))

    assert caught.value.slug == "unknown-name"


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        (
            "from setuptools import setup\nsetup(name='demo'\n",
            "setup.py:2 isn't Python 3: '(' was never closed",
        ),
        ("from setuptools import setup\n\nprint 'demo'\n", "setup.py:3 isn't Python 3: "),
    ],
)
def test_a_setup_py_that_nobody_can_run_is_why_the_name_is_unknown(setup: str, said: str) -> None:
    with pytest.raises(MetadataError) as caught:
        infer_project(facts_of_texts({"setup.py": setup}))

    assert caught.value.message.startswith(said)
    assert caught.value.hint is not None
    assert "--run-backend" not in caught.value.hint


def test_a_setup_py_that_nobody_can_run_is_why_the_version_is_unknown() -> None:
    files = {"setup.py": "setup(\n", "pyproject.toml": '[project]\nname = "demo"\ndynamic = ["version"]\n'}

    with pytest.raises(MetadataError, match=r"setup\.py:1 isn't Python 3") as caught:
        infer_project(facts_of_texts(files))

    assert caught.value.slug == "unknown-version"


@pytest.mark.parametrize("name", ["../../bin/sh", "a b", "a;b", "$(x)", "-a", "a/b", "é"])
def test_rows_29_and_33_an_impossible_project_name_is_refused(name: str) -> None:
    with pytest.raises(MetadataError) as caught:
        infer_project(facts_of_texts({"pyproject.toml": f"[project]\nname = {name!r}\nversion = '1'\n"}))

    assert caught.value.slug == "invalid-name"


@pytest.mark.parametrize("version", ["latest", "1.0-foo", "", "1.0 beta x", "1" * 5000])
def test_row_34_a_version_that_is_none_is_refused(version: str) -> None:
    facts = facts_of_texts({"pyproject.toml": f"[project]\nname = 'demo'\nversion = {version!r}\n"})

    with pytest.raises(MetadataError) as caught:
        infer_project(facts)

    assert caught.value.slug in {"invalid-version", "unknown-version"}


@pytest.mark.parametrize("texts", [{}, {"setup.cfg": "[metadata]\nname = demo\n"}, {"README": ""}])
def test_row_51_a_source_without_build_files_is_no_project(texts: dict[str, str]) -> None:
    with pytest.raises(MetadataError) as caught:
        infer_project(facts_of_texts(texts))

    assert caught.value.slug == "not-a-project"

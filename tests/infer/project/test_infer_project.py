import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project import infer_project
from conda_bridge.infer.project.merge import Chain
from conda_bridge.infer.project.statements import Statement
from conda_bridge.model.codes import finding
from conda_bridge.model.project import DynamicField, Known, Project
from support.trees import facts_of_texts, index_facts


def infer(**texts: str | None) -> Project:
    return infer_project(facts_of_texts({path.replace("__", "."): text for path, text in texts.items()}))


def requirements(project: Project) -> list[str]:
    return [str(declared.requirement) for declared in project.dependencies]


def slugs(project: Project) -> list[str]:
    return [diagnostic.slug for diagnostic in project.diagnostics]


def dynamic(project: Project) -> dict[str, str]:
    return {field.field: field.reason for field in project.dynamic}


PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "demo"
version = "1.0"
description = "From pyproject"
requires-python = ">=3.9"
dependencies = ["from-pyproject"]
classifiers = ["License :: OSI Approved :: MIT License", "Topic :: X"]
keywords = ["a"]
license = { text = "MIT" }
license-files = ["LICENSE"]
import-names = ["demo", "_demo; private"]
import-namespaces = ["ns"]
[project.urls]
Homepage = "https://demo.example"
Bad = "javascript:x"
[project.optional-dependencies]
Dev = ["pytest"]
[project.scripts]
demo = "demo:main"
"""
PKG_INFO = """Metadata-Version: {metadata_version}
Name: demo
Version: 1.0
Summary: From PKG-INFO
Requires-Dist: from-pkg-info
Requires-Dist: extra-of-pkg-info; extra == 'more'
Provides-Extra: more
Requires-Python: >=3.10
{dynamic}
"""


def test_a_modern_project_is_read_from_its_table() -> None:
    project = infer(pyproject__toml=PYPROJECT)

    assert project.version.value == Version("1.0")
    assert project.requires_python is not None
    assert project.requires_python.value == SpecifierSet(">=3.9")
    assert requirements(project) == ["from-pyproject"]
    assert [(e.name, [str(d.requirement) for d in e.requirements]) for e in project.extras] == [
        ("dev", ["pytest"])
    ]
    assert [(e.name, e.target) for e in project.entry_points] == [("demo", "demo:main")]
    assert project.summary is not None
    assert project.summary.origin == "pyproject.toml#/project/description"
    assert [known.value for known in project.license.classifiers] == [
        "License :: OSI Approved :: MIT License"
    ]
    assert project.license.text is not None
    assert [known.value for known in project.license.files] == ["LICENSE"]
    assert [(label, known.value) for label, known in project.urls] == [("Homepage", "https://demo.example")]
    assert [known.value for known in project.import_names] == ["demo"]
    assert [known.value for known in project.import_namespaces] == ["ns"]
    assert project.keywords == ("a",)
    assert project.dynamic == ()
    assert slugs(project) == ["unsafe-url"]


def test_pkg_info_that_binds_every_build_wins_over_pyproject() -> None:
    project = infer(
        pyproject__toml=PYPROJECT, **{"PKG-INFO": PKG_INFO.format(metadata_version="2.2", dynamic="")}
    )

    assert requirements(project) == ["from-pkg-info"]
    assert project.dependencies[0].origin == "PKG-INFO#/Requires-Dist/0"
    assert [extra.name for extra in project.extras] == ["more"]
    assert project.requires_python is not None
    assert project.requires_python.value == SpecifierSet(">=3.10")
    # No core metadata tells scripts.
    assert [e.origin for e in project.entry_points] == ["pyproject.toml#/project/scripts/demo"]


@pytest.mark.parametrize(
    ("version", "fields"),
    [("2.1", ""), ("2.4", "Dynamic: Requires-Dist\nDynamic: Summary\nDynamic: Requires-Python")],
)
def test_pkg_info_that_only_records_a_build_gives_way(version: str, fields: str) -> None:
    text = PKG_INFO.format(metadata_version=version, dynamic=fields)

    project = infer(pyproject__toml=PYPROJECT, **{"PKG-INFO": text})

    assert requirements(project) == ["from-pyproject"]
    assert project.summary is not None
    assert project.summary.value == "From pyproject"
    assert "derived-requirements" not in slugs(project)


def test_the_metadata_of_the_wheel_wins_over_everything() -> None:
    facts = facts_of_texts(
        {"pyproject.toml": PYPROJECT, "PKG-INFO": PKG_INFO.format(metadata_version="2.2", dynamic="")},
        index=index_facts(
            "1.0",
            wheel="demo-1.0-py3-none-any.whl",
            wheel_metadata="Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: from-wheel\n",
        ),
    )

    project = infer_project(facts)

    assert requirements(project) == ["from-wheel"]
    assert project.dependencies[0].origin == "demo-1.0-py3-none-any.whl/METADATA#/Requires-Dist/0"
    assert project.extras == ()
    assert project.requires_python is None
    assert [known.value for known in project.license.files] == ["LICENSE"]


@pytest.mark.parametrize("version", ["Version: 2.0\n", "", "Version: what\n"])
def test_the_metadata_of_another_wheel_is_ignored_with_a_finding(version: str) -> None:
    facts = facts_of_texts(
        {"pyproject.toml": PYPROJECT},
        index=index_facts("1.0", wheel_metadata=f"Metadata-Version: 2.1\nName: demo\n{version}"),
    )

    project = infer_project(facts)

    assert requirements(project) == ["from-pyproject"]
    assert "wheel-metadata-ignored" in slugs(project)


SETUP_PY = """
from setuptools import setup
setup(name="demo", version="1.0", install_requires=compute(), extras_require={"x": ["y"]},
      scripts=["bin/demo", "/usr/bin/evil"], setup_requires=["cffi"])
"""


def test_computed_requirements_are_unknown_and_say_where() -> None:
    project = infer(setup__py=SETUP_PY)

    assert project.dependencies == ()
    assert dynamic(project) == {"Requires-Dist": "computed in setup.py:3: the name 'compute'"}
    assert slugs(project).count("dynamic-field") == 1
    assert [extra.name for extra in project.extras] == ["x"]
    assert [str(d.requirement) for d in project.build_system.requires] == ["setuptools", "cffi"]
    assert [known.value for known in project.script_files] == ["bin/demo"]
    assert "script-files" in slugs(project)


def test_computed_requirements_fall_back_on_the_records_of_a_build_with_a_finding() -> None:
    project = infer(
        setup__py=SETUP_PY,
        **{
            "demo.egg-info/PKG-INFO": "Metadata-Version: 1.0\nName: demo\nVersion: 1.0\n",
            "demo.egg-info/requires.txt": "recorded\n[x]\nnot-this\n",
        },
    )

    assert requirements(project) == ["recorded"]
    assert [str(d.requirement) for d in project.extras[0].requirements] == ["y"]
    assert dynamic(project) == {}
    assert "derived-requirements" in slugs(project)


def test_recorded_extras_join_declared_dependencies() -> None:
    project = infer(
        setup__py="from setuptools import setup\nsetup(name='demo', install_requires=['a'], extras_require=f())\n",
        **{"PKG-INFO": PKG_INFO.format(metadata_version="2.1", dynamic="")},
    )

    assert requirements(project) == ["a"]
    assert [(e.name, [str(d.requirement) for d in e.requirements]) for e in project.extras] == [
        ("more", ["extra-of-pkg-info"])
    ]
    assert "derived-requirements" in slugs(project)


def test_declared_extras_join_recorded_dependencies() -> None:
    project = infer(
        setup__py="from setuptools import setup\nsetup(name='demo', install_requires=f(), extras_require={'x': 'y'})\n",
        **{"PKG-INFO": PKG_INFO.format(metadata_version="2.1", dynamic="")},
    )

    assert requirements(project) == ["from-pkg-info"]
    assert [(e.name, [str(d.requirement) for d in e.requirements]) for e in project.extras] == [("x", ["y"])]


def test_a_setup_py_that_cannot_be_read_leaves_the_records() -> None:
    project = infer(
        setup__py="print 'python 2'\n", **{"PKG-INFO": PKG_INFO.format(metadata_version="2.1", dynamic="")}
    )

    assert requirements(project) == ["from-pkg-info"]
    assert project.summary is not None
    assert not project.summary.is_declared
    assert {"unread-file", "derived-requirements"} <= set(slugs(project))
    assert "Requires-Dist" not in dynamic(project)
    assert "Entry-Points" in dynamic(project)


@pytest.mark.parametrize(("stated", "severity"), [("a summary", "info"), (None, "warning")])
def test_unread_file_is_mere_information_where_others_say_the_same(stated: str | None, severity: str) -> None:
    stronger = Statement(file="METADATA", summary=Known(value=stated, origin="METADATA") if stated else None)
    unread = Statement(
        file="setup.py",
        unknown=(DynamicField(field="Summary", reason="setup.py: it can't be followed"),),
        diagnostics=(finding("unread-file", "setup.py: it can't be followed", origin="setup.py"),),
    )
    chain = Chain([stronger, unread])

    chain.text("summary", lambda statement: statement.summary)

    assert chain.diagnostics[0].severity == severity


def test_setup_py_hides_what_setup_cfg_says_of_a_field_that_it_computes() -> None:
    cfg = "[options]\ninstall_requires = from-cfg\npython_requires = >=3.6\n"

    hidden = infer(
        setup__py="from setuptools import setup\nsetup(name='demo', version='1', install_requires=f())\n",
        setup__cfg=cfg,
    )
    given = infer(
        setup__py="from setuptools import setup\nsetup(name='demo', version='1', install_requires=['a'])\n",
        setup__cfg=cfg,
    )
    silent = infer(
        setup__py="from setuptools import setup\nsetup(name='demo', version='1')\n", setup__cfg=cfg
    )

    assert (requirements(hidden), list(dynamic(hidden))) == ([], ["Requires-Dist"])
    assert requirements(given) == ["a"]
    assert requirements(silent) == ["from-cfg"]
    assert hidden.requires_python is not None


def test_setuptools_without_requirements_requires_nothing() -> None:
    project = infer(setup__py="from setuptools import setup\nsetup(name='demo', version='1')\n")

    assert (project.dependencies, project.extras, project.dynamic) == ((), (), ())


def test_setup_py_is_not_read_where_another_backend_builds() -> None:
    project = infer(
        pyproject__toml=PYPROJECT,
        setup__py="setup(install_requires=['never'])",
        setup__cfg="[metadata]\nname = never\n",
    )

    assert requirements(project) == ["from-pyproject"]
    assert slugs(project) == ["unsafe-url"]


def test_an_in_tree_backend_without_any_metadata_leaves_requirements_unknown() -> None:
    project = infer(
        pyproject__toml='[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n',
        **{"PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 1\n"},
    )

    assert dynamic(project)["Requires-Dist"] == "no file of the source tells"


def test_pbr_is_recognised_by_what_setup_py_requires() -> None:
    project = infer(
        setup__py="import setuptools\nsetuptools.setup(setup_requires=['pbr>=2'], pbr=True)\n",
        setup__cfg="[metadata]\nname = demo\n",
        **{"requirements.txt": "a\n", "PKG-INFO": "Metadata-Version: 1.1\nName: demo\nVersion: 1\n"},
    )

    assert requirements(project) == ["a"]


def test_a_poetry_project_without_build_system_is_read_as_poetry() -> None:
    project = infer(
        pyproject__toml='[tool.poetry]\nname = "demo"\nversion = "1"\n[tool.poetry.dependencies]\na = "^1"\n'
    )

    assert requirements(project) == ["a<2,>=1"]


def test_poetry_fills_in_what_the_project_table_leaves_out() -> None:
    project = infer(
        pyproject__toml="""
            [build-system]
            requires = ["poetry-core"]
            build-backend = "poetry.core.masonry.api"
            [project]
            name = "demo"
            version = "1"
            dynamic = ["dependencies"]
            [tool.poetry]
            description = "From poetry"
            [tool.poetry.dependencies]
            a = "^1"
        """
    )

    assert requirements(project) == ["a<2,>=1"]
    assert project.summary is not None


def test_a_requires_python_that_cannot_be_parsed_is_reported() -> None:
    project = infer(
        pyproject__toml='[project]\nname = "demo"\nversion = "1"\nrequires-python = "3.8 or so"\n'
    )

    assert project.requires_python is None
    assert slugs(project) == ["invalid-requires-python"]


@pytest.mark.parametrize(("text", "expected"), [(">=3.6.*", ">=3.6"), (">= 3.6, <4", ">=3.6,<4")])
def test_a_starred_bound_on_python_is_understood(text: str, expected: str) -> None:
    project = infer(pyproject__toml=f'[project]\nname = "demo"\nversion = "1"\nrequires-python = "{text}"\n')

    assert project.requires_python is not None
    assert project.requires_python.value == SpecifierSet(expected)


def test_licence_files_outside_the_source_are_left_out_with_a_finding() -> None:
    project = infer(
        setup__py="from setuptools import setup\nsetup(name='demo', version='1')\n",
        setup__cfg="[metadata]\nlicense_files = ../LICENSE, COPYING\n",
    )

    assert [known.value for known in project.license.files] == ["COPYING"]
    assert slugs(project) == ["ignored-field"]


def test_texts_without_content_are_absent() -> None:
    project = infer(
        pyproject__toml='[project]\nname = "demo"\nversion = "1"\nlicense = "\\u0000"\ndescription = "\\u0000"\nclassifiers = ["", "A\\u0000B"]\n'
    )

    assert project.license.expression is None
    assert project.summary is None
    assert project.classifiers == ("AB",)


def test_dynamic_licence_files_are_nobodys_loss() -> None:
    project = infer(
        pyproject__toml='[project]\nname = "demo"\nversion = "1"\ndynamic = ["license-files", "readme", "keywords"]\n'
    )

    assert list(dynamic(project)) == ["Keywords", "License-File"]
    assert [d.message for d in project.diagnostics] == [
        "Keywords can't be known: pyproject.toml calls it dynamic"
    ]


def test_a_file_that_is_invalid_but_does_not_count_does_no_harm() -> None:
    broken = PYPROJECT.replace('["from-pyproject"]', '["not a requirement"]')

    project = infer(
        pyproject__toml=broken, **{"PKG-INFO": PKG_INFO.format(metadata_version="2.2", dynamic="")}
    )

    assert requirements(project) == ["from-pkg-info"]
    with pytest.raises(MetadataError, match="not a requirement"):
        infer(pyproject__toml=broken)


def test_a_flit_project_of_old_is_read_from_its_own_table() -> None:
    project = infer(
        pyproject__toml="""
            [build-system]
            requires = ["flit"]
            build-backend = "flit.buildapi"
            [tool.flit.metadata]
            module = "demo"
            requires = ["a"]
        """,
        **{"demo.py": '"""A demo."""\n__version__ = "1.5"\n'},
    )

    assert project.version.value == Version("1.5")
    assert requirements(project) == ["a"]


def test_recorded_versions_that_are_none_are_refused_later() -> None:
    with pytest.raises(MetadataError) as caught:
        infer(setup__py="exit()", **{"PKG-INFO": "Metadata-Version: 1.0\nName: demo\nVersion: not one\n"})

    assert caught.value.slug == "invalid-version"

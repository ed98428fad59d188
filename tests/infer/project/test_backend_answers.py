"""What a build backend answered counts where no file tells, and is compared where one does."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project import infer_project
from conda_bridge.model.codes import finding
from conda_bridge.model.project import Project
from conda_bridge.model.source import BackendFacts
from conda_bridge.workflows.facts import load_facts, save_facts
from support.converting import context_of, convert_facts
from support.trees import facts_of_texts

HEAD = "Metadata-Version: 2.1\nName: demo\nVersion: 1.2.3\n"
COMPUTED = "import os\nfrom setuptools import setup\nsetup(name='demo', version='1.2.3', {})\n"
DYNAMIC: dict[str, str | None] = {
    "setup.py": COMPUTED.format(
        "install_requires=os.environ['R'], extras_require=os.environ['E'], entry_points=os.environ['P']"
    ),
    "demo.py": "",
}
STATIC: dict[str, str | None] = {
    "setup.py": COMPUTED.format("install_requires=['attrs>=21', 'pywin32; sys_platform == \"win32\"']"),
    "demo.py": "",
}


def _project(texts: Mapping[str, str | None], metadata: str, **answer: object) -> Project:
    backend = replace(BackendFacts(metadata=metadata), **answer)  # type: ignore[arg-type] # the test's own fields
    return infer_project(replace(facts_of_texts(texts, label="demo-1.2.3"), backend=backend))


def _requirements(project: Project) -> list[tuple[str, str]]:
    return [(str(declared.requirement), declared.origin) for declared in project.dependencies]


def _messages(project: Project, slug: str) -> list[str]:
    return [d.message for d in project.diagnostics if d.slug == slug]


def test_requirements_that_no_file_tells_are_the_backends() -> None:
    project = _project(DYNAMIC, f"{HEAD}Requires-Dist: attrs>=21\nRequires-Dist: six\n")
    assert _requirements(project) == [
        ("attrs>=21", "backend#/Requires-Dist/0"),
        ("six", "backend#/Requires-Dist/1"),
    ]
    assert not _messages(project, "dynamic-field")
    assert _messages(project, "computed-requirements")


def test_requirements_are_no_declaration() -> None:
    facts = replace(
        facts_of_texts(DYNAMIC, label="demo-1.2.3"),
        backend=BackendFacts(metadata=f"{HEAD}Requires-Dist: attrs\n"),
    )
    found = [e for e in convert_facts(facts).evidence if e.address == "demo/requirements.run/attrs"]
    assert [(e.certainty, e.origins) for e in found] == [("derived", ("backend#/Requires-Dist/0",))]


def test_backend_without_requirements_settles_that_there_are_none() -> None:
    project = _project(DYNAMIC, HEAD)
    assert project.dependencies == ()
    assert "Requires-Dist" not in {field.field for field in project.dynamic}


def test_backend_is_believed_before_the_record_of_an_earlier_build() -> None:
    record: dict[str, str | None] = {
        "demo.egg-info/PKG-INFO": HEAD,
        "demo.egg-info/requires.txt": "old\n",
        "demo.egg-info/SOURCES.txt": "",
    }
    project = _project({**DYNAMIC, **record}, f"{HEAD}Requires-Dist: new\n")
    assert [declared.pypi_name for declared in project.dependencies] == ["new"]


def test_files_count_where_they_tell() -> None:
    project = _project(STATIC, f"{HEAD}Requires-Dist: attrs>=22\n")
    assert str(project.dependencies[0].requirement) == "attrs>=21"
    assert _messages(project, "backend-differs") == [
        "it requires attrs>=22 too",
        "it does not require attrs>=21",
    ]


def test_requirement_of_another_platform_is_no_difference() -> None:
    project = _project(STATIC, f"{HEAD}Requires-Dist: attrs>=21\n")
    assert _messages(project, "backend-differs") == []


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        (HEAD.replace("demo", "other"), "calls the project 'other'"),
        (HEAD.replace("1.2.3", "0.0.0"), "says version '0.0.0'"),
        (HEAD.replace("1.2.3", "unknown"), "says version 'unknown'"),
        (f"{HEAD}Requires-Python: >=3.99\n", "Requires-Python '>=3.99'"),
        (f"{HEAD}Requires-Dist: not!valid\n", "can't be read"),
    ],
)
def test_contradictions_are_findings(metadata: str, words: str) -> None:
    (message,) = _messages(_project(STATIC, f"{metadata}Requires-Dist: attrs>=21\n"), "backend-differs")
    assert words in message


def test_invalid_requirement_that_counts_is_refused() -> None:
    with pytest.raises(MetadataError) as caught:
        _project(DYNAMIC, f"{HEAD}Requires-Dist: not!valid\n")
    assert caught.value.slug == "invalid-requirement"


def test_version_that_no_file_tells_is_the_backends() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'own'\nbackend-path = ['.']\n"
        "[project]\nname = 'demo'\ndynamic = ['version']\n",
    }
    facts = replace(facts_of_texts(texts, label="demo"), backend=BackendFacts(metadata=HEAD))
    version = infer_project(facts).version
    assert (str(version.value), version.origin, version.is_declared) == ("1.2.3", "backend#/Version", False)


def test_commands_and_modules_are_the_backends() -> None:
    project = _project(
        DYNAMIC,
        HEAD,
        entry_points="[console_scripts]\ndemo = demo:main\ndemo-3.11 = demo:main\n[other]\nx = y\n",
        top_level="demo\n_demo\n",
    )
    assert [(point.name, point.origin) for point in project.entry_points] == [
        ("demo", "backend#/entry_points.txt")
    ]
    assert [known.value for known in project.top_levels] == ["demo", "_demo"]


def test_what_the_backend_requires_goes_to_host() -> None:
    facts = replace(
        facts_of_texts(STATIC, label="demo-1.2.3"),
        backend=BackendFacts(
            metadata=f"{HEAD}Requires-Dist: attrs>=21\n", requires=("cffi>=1.5", "setuptools")
        ),
    )
    project = context_of(facts).project
    assert [(str(d.requirement), d.origin) for d in project.build_system.requires] == [
        ("setuptools", "setup.py"),
        ("cffi>=1.5", "backend#/get_requires_for_build_wheel/0"),
    ]


def test_findings_of_the_run_are_told_once() -> None:
    noticed = finding("backend-built-wheel", "built")
    project = _project(STATIC, f"{HEAD}Requires-Dist: attrs>=21\n", diagnostics=(noticed,))
    assert project.diagnostics.count(noticed) == 1


def test_facts_with_answers_survive_their_file(tmp_path: Path) -> None:
    backend = BackendFacts(metadata=HEAD, requires=("a", "b"), hook="build_wheel")
    facts = replace(facts_of_texts(STATIC, label="demo-1.2.3"), backend=backend)
    path = str(tmp_path / "demo.facts.json")
    save_facts(facts, path)
    assert load_facts(path) == facts

"""Which projects of a source tree become outputs."""

from collections.abc import Mapping

import pytest

from conda_bridge.infer.workspace import chosen_members, find_workspace, left_out_findings, project_folders
from conda_bridge.model.source import DirectoryRef, FileEntry, LocalOrigin, SourceFacts


def project(name: str, *requires: str, backend: bool = True, extra: str = "") -> str:
    system = (
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n' if backend else ""
    )
    return f'{system}[project]\nname = "{name}"\nversion = "1"\ndependencies = {list(requires)}\n{extra}'


def facts(texts: Mapping[str, str]) -> SourceFacts:
    return SourceFacts(
        ref=DirectoryRef(text=".", path="/src"),
        origin=LocalOrigin(path="/src"),
        label="src",
        files=tuple(FileEntry(path=path, size_bytes=len(text)) for path, text in sorted(texts.items())),
        texts=tuple(sorted(texts.items())),
    )


def numbered(count: int) -> dict[str, str]:
    return {f"libs/p{number:03}/pyproject.toml": project(f"p{number:03}") for number in range(count)}


def test_more_than_a_hundred_projects_are_cut_and_told() -> None:
    found = find_workspace(facts(numbered(103)))

    assert len(found.members) == 100
    (told,) = left_out_findings(found)
    assert "--member" in told.message
    assert "p100" in told.message
    chosen = chosen_members(found, found.others[:1])
    assert [one.folder for one in chosen.members] == ["libs/p100"]


def test_hundreds_of_folders_are_not_looked_at_and_told() -> None:
    found = find_workspace(facts({"pyproject.toml": project("top"), **numbered(501)}))

    assert [one.folder for one in found.members] == [""]
    (told,) = left_out_findings(found)
    assert "501 folders" in told.message


def members(texts: Mapping[str, str]) -> list[str]:
    return [one.folder for one in find_workspace(facts(texts)).members]


A, B = "libs/a/pyproject.toml", "libs/b/pyproject.toml"


@pytest.mark.parametrize(
    "folder",
    [
        "tests/data/a",
        "docs/theme",
        "examples/a",
        "libs/a/monorepo-example/b",
        "src/pkg/templates/new",
        "cookiecutter-x/{{cookiecutter.slug}}",
        "third_party/z",
        ".github/scripts/release",
    ],
)
def test_projects_aside_are_none(folder: str) -> None:
    assert project_folders(["pyproject.toml", f"{folder}/pyproject.toml"]) == ()


def test_a_project_inside_of_a_package_is_data() -> None:
    assert project_folders(["pkg/__init__.py", "pkg/new/pyproject.toml", "lib/setup.py"]) == ("lib",)


def test_a_tree_without_a_top_project_is_all_its_projects() -> None:
    assert members({A: project("a"), B: project("b")}) == ["libs/a", "libs/b"]


def test_a_projects_own_inner_projects_need_a_reason() -> None:
    texts = {A: project("a"), "libs/a/inner/pyproject.toml": project("c")}

    assert members(texts) == ["libs/a"]
    assert members({**texts, A: project("a", "c>=1")}) == ["libs/a", "libs/a/inner"]


def test_a_top_project_is_alone_unless_it_requires_others() -> None:
    assert members({"pyproject.toml": project("top"), A: project("a"), B: project("b", "top")}) == [""]
    assert members({"pyproject.toml": project("top", "a"), A: project("a", "b"), B: project("b")}) == [
        "",
        "libs/a",
        "libs/b",
    ]


@pytest.mark.parametrize(
    "table",
    [
        '[tool.uv.workspace]\nmembers = ["libs/*"]\nexclude = ["libs/b"]',
        '[tool.uv.workspace]\nmembers = ["./libs/a/"]',
        '[tool.uv.sources]\na = {path = "libs/a", editable = true}',
        '[tool.rye.workspace]\nmembers = ["libs/a"]',
        '[tool.hatch.envs.default]\nworkspace.members = [{path = "libs/a"}]',
        '[tool.poetry.group.dev.dependencies]\na = {path = "libs/a"}',
        '[tool.pdm.dev-dependencies]\ndev = ["-e file:///${PROJECT_ROOT}/libs/a"]',
        '[tool.pixi.pypi-dependencies]\na = {path = "./libs/a"}',
    ],
    ids=lambda text: text.partition("]")[0][6:],
)
def test_declared_members_count(table: str) -> None:
    texts = {"pyproject.toml": table, A: project("a"), B: project("b")}

    assert members(texts) == ["libs/a"]
    assert members({**texts, "pyproject.toml": project("top", extra=table)}) == ["", "libs/a"]


def test_a_declaration_below_the_top_counts_for_its_folder() -> None:
    texts = {
        "python/pyproject.toml": '[tool.uv.workspace]\nmembers = ["libs/a"]',
        f"python/{A}": project("a"),
        f"python/{B}": project("b"),
        "tool/pyproject.toml": project("t"),
    }
    found = find_workspace(facts(texts))

    assert [one.folder for one in found.members] == ["python/libs/a", "tool"]
    assert found.origin == "python/pyproject.toml#/tool/uv/workspace/members"


def test_a_held_top_without_a_build_system_only_holds_the_others() -> None:
    held = project("top", "a", backend=False, extra='[tool.uv.workspace]\nmembers = ["libs/*"]')

    assert members({"pyproject.toml": held, A: project("a")}) == ["libs/a"]
    assert members({"pyproject.toml": held, "setup.py": "", A: project("a")}) == ["", "libs/a"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (project("a", extra='classifiers = ["Private :: Do Not Upload"]'), "private"),
        (project("a").replace('"1"', '"0.1+here"'), "local"),
        ('[tool.poetry]\nname = "a"\npackage-mode = false', "no package"),
        (project("a", backend=False, extra="[tool.uv]\npackage = false"), "build-system"),
    ],
)
def test_what_no_index_takes_is_left_out_with_its_reason(text: str, reason: str) -> None:
    found = find_workspace(facts({A: text, B: project("b", "a")}))

    assert [one.folder for one in found.members] == ["libs/b"]
    (told,) = left_out_findings(found)
    assert told.slug == "project-left-out"
    assert told.message.startswith("left out: a (libs/a): ")
    assert reason in told.message


def test_a_folder_that_a_shell_would_read_is_refused() -> None:
    (refused,) = find_workspace(facts({"a $(b)/pyproject.toml": project("a")})).others
    assert "script" in refused.refusal


def test_files_that_only_configure_tools_are_no_projects() -> None:
    found = find_workspace(facts({"libs/pyproject.toml": "[tool.ruff]\n", A: project("a")}))
    assert [one.folder for one in (*found.members, *found.others)] == ["libs/a"]


def test_broken_files_are_left_out_but_for_that_of_the_top() -> None:
    found = find_workspace(facts({A: "[", B: project("b")}))

    assert [one.folder for one in found.members] == ["libs/b"]
    assert [one.message for one in left_out_findings(found)] == [
        "left out: libs/a: its pyproject.toml can't be read"
    ]
    assert members({"pyproject.toml": "[", B: project("b")}) == [""]


def test_a_lone_top_project_is_converted_whatever_it_says_of_itself() -> None:
    private = project("a", extra='classifiers = ["Private :: Do Not Upload"]')
    found = find_workspace(facts({"pyproject.toml": private}))

    assert found.is_single
    assert list(left_out_findings(found)) == []


def test_setup_py_alone_is_a_project_without_a_known_name() -> None:
    found = find_workspace(facts({"libs/a/setup.py": "setup()", B: project("b")}))
    assert [(one.folder, one.pypi_name) for one in found.members] == [("libs/a", None), ("libs/b", "b")]


def test_excluded_and_undeclared_projects_are_told_apart() -> None:
    top = '[tool.uv.workspace]\nmembers = ["libs/*"]\nexclude = ["libs/b"]'
    found = find_workspace(
        facts({"pyproject.toml": top, A: project("a"), B: project("b"), "x/pyproject.toml": project("x")})
    )
    messages = [one.message for one in left_out_findings(found)]

    assert messages == [
        "left out: b (libs/b): the workspace excludes it",
        "left out: x: no file declares it, and no project that is taken requires it",
    ]


def test_the_user_chooses_other_members() -> None:
    found = find_workspace(facts({"pyproject.toml": project("top"), A: project("a")}))
    chosen = chosen_members(found, found.others)

    assert ([one.folder for one in chosen.members], chosen.is_single) == (["libs/a"], False)
    assert [one.message for one in left_out_findings(chosen)] == [
        "left out: top (the top folder): --member names others"
    ]

"""`names external`, `explain --external` and the user's mapping documents, as the command line shows them."""

import json
import tomllib
from pathlib import Path

import pytest

from support.cli_runs import RunCli
from support.schema_check import complaints

PYPROJECT = """\
[build-system]
requires = ["setuptools", "cmake"]
build-backend = "setuptools.build_meta"
[project]
name = "demo"
version = "1"
"""
SETUP = """\
from setuptools import Extension, setup
setup(ext_modules=[Extension("demo._x", ["src/x.c"], libraries=["z"])])
"""


@pytest.fixture
def acme(work: Path) -> Path:
    """A mapping document of the user's."""
    path = work / "acme.mapping.json"
    rows = [
        {"id": "dep:generic/zlib", "specs": {"host": "acme-zlib"}},
        {"id": "dep:generic/acme-blob", "specs": []},
    ]
    path.write_text(json.dumps({"mappings": rows}))
    return path


def project(work: Path, table: str = "", *, is_native: bool = False) -> None:
    (work / "pyproject.toml").write_text(PYPROJECT + table)
    (work / "demo").mkdir()
    (work / "demo/__init__.py").write_text("")
    if is_native:
        (work / "src").mkdir()
        (work / "setup.py").write_text(SETUP)
        (work / "src/x.c").write_text("#include <zlib.h>\n")


# ---------------------------------------------------------------- names external


def test_depurl_comes_with_its_packages_and_their_source(cli: RunCli) -> None:
    done = cli("names", "external", "dep:generic/zlib@>=1.2")

    assert done.status == 0
    lines = [line.split(maxsplit=1) for line in done.out.splitlines()]
    assert lines[0][0] == "dep:generic/zlib@>=1.2"
    assert ["host", "zlib >=1.2"] in lines
    assert ["source", "conda-bridge's table"] in lines
    assert any(line[0] == "or" and line[1].startswith("host zlib-ng") for line in lines)


def test_older_spelling_is_told_as_such(cli: RunCli) -> None:
    done = cli("names", "external", "virtual:compiler/cpp")

    assert done.out.startswith("dep:virtual/compiler/cxx ")
    assert "the compiler 'cpp' is 'cxx'" in done.out
    assert "compiler(cxx), stdlib(c)" in done.out


def test_alias_says_what_it_stands_for_and_versions_of_virtual_things_are_left_out(cli: RunCli) -> None:
    done = cli("names", "external", "dep:generic/openblas@>=0.3")

    assert "stands for  dep:virtual/interface/blas" in done.out
    assert "host        libblas, libcblas\n" in done.out
    assert "its version is left out" in done.out


def test_unknown_id_is_answered_with_the_nearest(cli: RunCli) -> None:
    done = cli("names", "external", "dep:generic/zlibb")

    assert done.status == 0
    assert "no mapping knows it" in done.out
    assert "nearest     dep:generic/zlib" in done.out


def test_python_project_is_answered_by_the_name_tables(work: Path, cli: RunCli) -> None:
    (work / "conda-bridge.toml").write_text('[names.pypi-to-conda]\nsome-thing = "my-thing"\n')

    done = cli("names", "external", "dep:pypi/Some.Thing@2")

    assert "run         my-thing ==2" in done.out
    assert "source      override" in done.out


def test_what_is_no_depurl_is_refused_with_what_may_be_meant(cli: RunCli) -> None:
    done = cli("names", "external", "zlib")

    assert (done.status, done.out) == (4, "")
    assert "is dep:generic/zlib meant?" in done.err


def test_names_external_answers_in_json(cli: RunCli, acme: Path) -> None:
    done = cli(
        "names",
        "external",
        "dep:generic/zlib",
        "dep:generic/nope1234",
        "--external-mapping",
        str(acme),
        "--json",
    )

    answer = json.loads(done.out)
    schema = json.loads(
        (Path(__file__).parents[2] / "src/conda_bridge/data/schemas/names-external-1.json").read_text()
    )
    assert not list(complaints(answer, schema))
    known, unknown = answer["results"]
    assert [choice["host"] for choice in known["choices"]][:2] == [["acme-zlib"], ["zlib"]]
    assert known["choices"][0]["source"] == str(acme)
    assert unknown["choices"] == []


# ---------------------------------------------------------------- mapping documents


def test_configured_document_is_found_beside_the_file_and_decides(
    work: Path, cli: RunCli, acme: Path
) -> None:
    project(work, '[external]\nhost-requires = ["dep:generic/zlib", "dep:generic/acme-blob"]\n')
    (work / "conda-bridge.toml").write_text(f'[external]\nmappings = ["{acme.name}"]\n')

    done = cli("recipe", ".", "--offline", "--dry-run")

    assert "- acme-zlib\n" in done.out
    assert "W354" in done.err


def test_document_of_the_command_line_takes_the_place_of_configured_ones(
    work: Path, cli: RunCli, acme: Path
) -> None:
    (work / "conda-bridge.toml").write_text('[external]\nmappings = ["nowhere.json"]\n')

    done = cli("names", "external", "dep:generic/zlib", "--external-mapping", str(acme))

    assert (done.status, "acme-zlib" in done.out) == (0, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "no valid JSON"), ("{}", "neither `mappings` nor"), (None, "there is no such mapping document")],
)
def test_document_that_is_none_is_refused_with_its_path(
    work: Path, cli: RunCli, text: str | None, message: str
) -> None:
    if text is not None:
        (work / "x.json").write_text(text)

    done = cli("names", "external", "dep:generic/zlib", "--external-mapping", "x.json")

    assert done.status == 2
    assert message in done.err
    assert "x.json" in done.err


@pytest.mark.parametrize("value", ['"x.json"', "[1]", "{}"])
def test_setting_that_is_no_list_of_paths_is_refused(work: Path, cli: RunCli, value: str) -> None:
    (work / "conda-bridge.toml").write_text(f"[external]\nmappings = {value}\n")

    done = cli("names", "external", "dep:generic/zlib")

    assert done.status == 2
    assert "external.mappings" in done.err


def test_device_is_no_document(cli: RunCli) -> None:
    done = cli("names", "external", "dep:generic/zlib", "--external-mapping", "/dev/zero")

    assert done.status == 2


# ---------------------------------------------------------------- explain --external


def test_table_that_a_project_should_declare_is_toml_ready_to_paste(work: Path, cli: RunCli) -> None:
    project(work, is_native=True)

    done = cli("explain", ".", "--external", "--offline")

    assert done.status == 0
    table = tomllib.loads(done.out)["external"]
    assert table["build-requires"] == ["dep:virtual/compiler/c"]
    assert table["host-requires"] == ["dep:generic/zlib"]
    assert "setup.py" in done.out


def test_what_is_declared_stays_in_todays_spelling(work: Path, cli: RunCli) -> None:
    project(
        work,
        '[external]\nbuild-requires = ["virtual:compiler/c"]\n'
        "build-host-requires = [\"pkg:generic/gmp@>=6; sys_platform == 'win32'\"]\n"
        '[external.optional-dependencies]\nplots = ["dep:generic/graphviz"]\n',
    )

    done = cli("explain", ".", "--external", "--offline")

    assert tomllib.loads(done.out)["external"] == {
        "build-requires": ["dep:virtual/compiler/c"],
        "host-requires": ['dep:generic/gmp@>=6; sys_platform == "win32"'],
        "optional-dependencies": {"plots": ["dep:generic/graphviz"]},
    }


def test_what_one_kind_of_evidence_says_is_a_comment(work: Path, cli: RunCli) -> None:
    project(work, is_native=True)
    (work / "README.md").write_text("Before building:\n\n    sudo apt-get install libgmp-dev\n")

    done = cli("explain", ".", "--external", "--offline")

    assert tomllib.loads(done.out)["external"]["host-requires"] == ["dep:generic/zlib"]
    (line,) = [line for line in done.out.splitlines() if "gmp" in line]
    assert line.strip().startswith('# perhaps: "dep:generic/gmp",  # ')


def test_pure_project_needs_no_table(work: Path, cli: RunCli) -> None:
    project(work)

    done = cli("explain", ".", "--external", "--offline")

    assert tomllib.loads(done.out) == {}
    assert "needs nothing beside Python projects" in done.out


def test_external_table_answers_in_json(work: Path, cli: RunCli) -> None:
    project(work, is_native=True)

    answer = json.loads(cli("explain", ".", "--external", "--offline", "--json").out)

    assert answer["schema"] == "conda-bridge.external-table/1"
    (table,) = answer["results"]
    assert tomllib.loads(table["text"])["external"]["host-requires"] == ["dep:generic/zlib"]
    (compiler, *_) = table["entries"]
    assert (compiler["key"], compiler["depurl"]) == ("build-requires", "dep:virtual/compiler/c")


def test_external_table_takes_no_address(work: Path, cli: RunCli) -> None:
    project(work)

    done = cli("explain", ".", "run", "--external", "--offline")

    assert done.status == 2
    assert "takes no ADDRESS" in done.err


@pytest.mark.parametrize("subject", ["out/demo", "out/demo/recipe.yaml", "out/demo.bridge.json"])
def test_external_table_of_a_recipe_is_refused(work: Path, cli: RunCli, subject: str) -> None:
    project(work)
    assert cli("recipe", ".", "--offline", "-o", "out").status == 0

    done = cli("explain", subject, "--external", "--offline")

    assert done.status == 2
    assert "a project's, not a recipe's" in done.err

import json
import os
from pathlib import Path
from typing import Any

import pytest

from support.cli_runs import MakeSdist, Outcome, RunCli


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_sdist_becomes_a_recipe_and_a_report_beside_its_folder(
    work: Path, cli: RunCli, make_sdist: MakeSdist
) -> None:
    make_sdist()

    done = cli("recipe", "./demo-1.0.tar.gz", "-o", "out", "--offline", "--maintainer", "me")

    assert done.status == 0
    assert files_in(work / "out") == ["demo.bridge.json", "demo/recipe.yaml"]
    assert "- me" in (work / "out/demo/recipe.yaml").read_text()
    assert done.out.startswith("demo 1.0   sdist ")
    assert "  noarch   python" in done.out
    assert "  host     hatchling" in done.out
    assert "wrote out/demo/recipe.yaml   reasons: conda-bridge explain out/demo" in done.out


def test_same_command_again_gives_the_same_bytes(work: Path, cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist()
    cli("recipe", "./demo-1.0.tar.gz", "--offline")
    first = {name: (work / name).read_bytes() for name in files_in(work)}

    again = cli("recipe", "./demo-1.0.tar.gz", "--offline")

    assert again.status == 0
    assert {name: (work / name).read_bytes() for name in files_in(work)} == first


def test_own_output_of_another_source_version_is_replaced(
    work: Path, cli: RunCli, make_sdist: MakeSdist
) -> None:
    make_sdist()
    cli("recipe", "./demo-1.0.tar.gz", "--offline")
    make_sdist(summary="Something new")

    assert cli("recipe", "./demo-1.0.tar.gz", "--offline").status == 0
    assert "Something new" in (work / "demo/recipe.yaml").read_text()


def test_recipe_changed_by_hand_is_never_overwritten(work: Path, cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist()
    cli("recipe", "./demo-1.0.tar.gz", "--offline")
    (work / "demo/recipe.yaml").write_text("precious")

    refused = cli("recipe", "./demo-1.0.tar.gz", "--offline")

    assert refused.status == 2
    assert "error[E107]: ./demo-1.0.tar.gz: the recipe there was not written by conda-bridge" in refused.err
    assert (work / "demo/recipe.yaml").read_text() == "precious"


def test_recipe_of_somebody_else_is_never_overwritten(work: Path, cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist()
    (work / "demo").mkdir()
    (work / "demo/recipe.yaml").write_text("foreign")
    (work / "demo.bridge.json").write_text("not a report")

    assert cli("recipe", "./demo-1.0.tar.gz", "--offline").status == 2
    assert (work / "demo/recipe.yaml").read_text() == "foreign"


def test_meta_yaml_beside_the_new_recipe_is_a_finding(work: Path, cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist()
    (work / "demo").mkdir()
    (work / "demo/meta.yaml").write_text("old")

    done = cli("recipe", "./demo-1.0.tar.gz", "--offline")

    assert done.status == 0
    assert "warning  W112" in done.err
    assert "W112" in (work / "demo.bridge.json").read_text()


def test_dry_run_shows_the_recipe_and_writes_nothing(work: Path, cli: RunCli, make_sdist: MakeSdist) -> None:
    sdist = make_sdist()

    done = cli("recipe", "./demo-1.0.tar.gz", "--offline", "--dry-run")

    assert done.status == 0
    assert "would write demo/recipe.yaml:" in done.out
    assert "name: demo" in done.out
    assert files_in(work) == [sdist.name]


def test_both_formats_are_written_to_folders_of_their_own(
    work: Path, cli: RunCli, make_sdist: MakeSdist
) -> None:
    sdist = make_sdist()

    done = cli("recipe", "./demo-1.0.tar.gz", "-o", "out", "--offline", "--format", "both")

    assert done.status == 0
    assert files_in(work) == [
        sdist.name,
        "out/demo.bridge.json",
        "out/demo/recipe.yaml",
        "out/v0/demo/meta.yaml",
    ]
    assert (
        "wrote out/demo/recipe.yaml\n"
        "wrote out/v0/demo/meta.yaml   reasons: conda-bridge explain out/demo" in done.out
    )


def test_dry_run_of_v0_shows_the_meta_yaml(work: Path, cli: RunCli, make_sdist: MakeSdist) -> None:
    sdist = make_sdist()

    done = cli("recipe", "./demo-1.0.tar.gz", "--offline", "--dry-run", "--format", "v0")

    assert "would write demo/meta.yaml:" in done.out
    assert "would write demo/recipe.yaml:" not in done.out
    assert '{% set version = "1.0" %}' in done.out
    assert files_in(work) == [sdist.name]


def test_report_goes_where_it_is_asked_to_and_explain_finds_it(
    work: Path, cli: RunCli, make_sdist: MakeSdist
) -> None:
    make_sdist()

    done = cli("recipe", "./demo-1.0.tar.gz", "--offline", "-o", "out", "--report", "reports")

    assert files_in(work / "reports") == ["demo.bridge.json"]
    assert "conda-bridge explain reports/demo.bridge.json" in done.out
    explained = cli("explain", "reports/demo.bridge.json")
    assert explained.status == 0
    assert "W114" not in explained.err


def test_json_is_one_document_with_schema_and_version(work: Path, cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist()

    done = cli("recipe", "./demo-1.0.tar.gz", "--offline", "--json")

    document = json.loads(done.out)
    assert document["schema"] == "conda-bridge.recipe/1"
    assert document["conda_bridge"]
    assert document["errors"] == []
    (row,) = document["results"]
    assert (row["conda_name"], row["version"], row["is_written"]) == ("demo", "1.0", True)
    assert [file["path"] for file in row["files"]] == ["demo/recipe.yaml"]
    assert (work / row["report"]).is_file()


def test_json_of_a_dry_run_holds_the_text(cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist()

    document = json.loads(cli("recipe", "./demo-1.0.tar.gz", "--offline", "--json", "--dry-run").out)

    assert "name: demo" in document["results"][0]["files"][0]["text"]
    assert document["results"][0]["is_written"] is False


def test_one_failing_source_stops_no_other_and_gives_the_exit_status(
    work: Path, cli: RunCli, make_sdist: MakeSdist
) -> None:
    make_sdist("first")
    (work / "broken-1.0.tar.gz").write_bytes(b"no archive")
    make_sdist("last")

    done = cli(
        "recipe", "./first-1.0.tar.gz", "./broken-1.0.tar.gz", "./last-1.0.tar.gz", "--offline", "--jobs", "3"
    )

    assert done.status == 3
    assert (work / "first/recipe.yaml").is_file()
    assert (work / "last/recipe.yaml").is_file()
    assert done.out.index("first 1.0") < done.out.index("last 1.0")
    assert "broken-1.0.tar.gz" in done.err
    assert "2 of 3 sources done, 1 failed" in done.err


def test_failures_of_different_classes_give_ten(work: Path, cli: RunCli) -> None:
    (work / "broken-1.0.tar.gz").write_bytes(b"no archive")

    done = cli("recipe", "./broken-1.0.tar.gz", "./missing", "--offline", "--json")

    assert done.status == 10
    errors = json.loads(done.out)["errors"]
    assert [error["source"] for error in errors] == ["./broken-1.0.tar.gz", "./missing"]
    assert [error["exit_status"] for error in errors] == [3, 2]


def test_two_sources_of_one_recipe_folder_are_refused(work: Path, cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist(folder="a")
    make_sdist(folder="b", summary="Other")

    done = cli("recipe", "a/demo-1.0.tar.gz", "b/demo-1.0.tar.gz", "--offline")

    assert done.status == 2
    assert "E108" in done.err
    assert "A demonstration" in (work / "demo/recipe.yaml").read_text()


def test_source_named_twice_is_converted_once(cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist()

    done = cli("recipe", "./demo-1.0.tar.gz", "./demo-1.0.tar.gz", "--offline")

    assert (done.status, done.out.count("wrote")) == (0, 1)


def test_strict_exits_with_one_when_there_are_warnings(
    work: Path, cli: RunCli, make_sdist: MakeSdist
) -> None:
    make_sdist()
    (work / "demo").mkdir()
    (work / "demo/meta.yaml").write_text("old")

    assert cli("recipe", "./demo-1.0.tar.gz", "--offline", "--strict").status == 1
    assert (work / "demo/recipe.yaml").is_file()


def test_saved_facts_give_the_same_recipe(work: Path, cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist()
    direct = cli("recipe", "./demo-1.0.tar.gz", "--offline", "-o", "one", "--save-facts", "demo.facts.json")
    replayed = cli("recipe", "demo.facts.json", "--offline", "-o", "two")

    assert (direct.status, replayed.status) == (0, 0)
    for name in ("demo/recipe.yaml", "demo.bridge.json"):
        assert (work / "one" / name).read_bytes() == (work / "two" / name).read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--save-facts", "x.json"),
        ("--save-facts", "x.facts.json", "--dry-run"),
        ("other", "--save-facts", "x.facts.json"),
    ],
)
def test_facts_are_saved_under_their_suffix_and_of_one_source(
    cli: RunCli, make_sdist: MakeSdist, arguments: tuple[str, ...]
) -> None:
    make_sdist()

    assert cli("recipe", "./demo-1.0.tar.gz", "--offline", *arguments).status == 2


def test_damaged_facts_are_refused(work: Path, cli: RunCli) -> None:
    (work / "x.facts.json").write_text("{}")

    refused = cli("recipe", "x.facts.json", "--offline")

    assert refused.status == 2
    assert "error[E110]" in refused.err


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("recipe", "./nowhere"), 2, "error[E102]"),
        (("recipe", "./demo-1.0.tar.gz", "-o", "blocked"), 2, "error[E105]"),
        (("recipe", "./demo-1.0.tar.gz", "--distributor", "nobody"), 2, "error[E103]"),
        (("recipe", "./demo-1.0.tar.gz", "--template-dir", "nowhere"), 6, "error[E500]"),
        (("recipe", "./demo-1.0.tar.gz", "--config", "nowhere.toml"), 2, "error[E104]"),
        (("recipe", "unheard-of-project", "--offline"), 3, "error[E2"),
        (("recipe",), 2, "missing argument 'SOURCE...'"),
        (("recipe", "x", "--jobs", "0"), 2, "invalid value for '-j' / '--jobs'"),
        (("recipe", "x", "--frmat", "v1"), 2, "did you mean '--format'"),
        (("recipe", "x", "--format", "v2"), 2, "'v2' is not one of 'v1', 'v0', 'both'"),
    ],
)
def test_user_errors_say_what_and_what_to_do_and_never_show_a_traceback(
    work: Path, cli: RunCli, make_sdist: MakeSdist, arguments: tuple[str, ...], status: int, told: str
) -> None:
    make_sdist()
    (work / "blocked").write_text("a file")

    done: Outcome = cli(*arguments, "--offline") if "--offline" not in arguments else cli(*arguments)

    assert done.status == status
    assert told.lower() in done.err.lower()
    assert "Traceback" not in done.err
    assert files_in(work) == ["blocked", "demo-1.0.tar.gz"]


@pytest.mark.parametrize(
    "arguments", [("recipe", "./nowhere"), ("recipe", "--frmat"), ("recpie",), ("--wat",)]
)
def test_json_of_a_failure_is_a_document_too(cli: RunCli, arguments: tuple[str, ...]) -> None:
    done = cli(*arguments, "--json")

    document: dict[str, Any] = json.loads(done.out)
    assert document["results"] == []
    assert document["errors"][0]["exit_status"] == done.status == 2
    assert document["errors"][0]["message"]
    assert done.err.startswith("error[E1")


def test_quiet_says_nothing_but_errors(work: Path, cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist()

    done = cli("recipe", "./demo-1.0.tar.gz", "--offline", "-q")

    assert (done.status, done.out, done.err) == (0, "", "")
    assert (work / "demo/recipe.yaml").is_file()


def test_quiet_dry_run_prints_the_text_of_the_recipe_and_nothing_else(
    work: Path, cli: RunCli, make_sdist: MakeSdist
) -> None:
    sdist = make_sdist()

    dry = cli("recipe", "./demo-1.0.tar.gz", "--offline", "--dry-run", "-q")

    assert (dry.status, dry.err) == (0, "")
    assert files_in(work) == [sdist.name]
    cli("recipe", "./demo-1.0.tar.gz", "--offline")
    assert dry.out == (work / "demo/recipe.yaml").read_text()


def test_verbose_tells_steps_and_conventions(cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist()

    done = cli("recipe", "./demo-1.0.tar.gz", "--offline", "-v")

    assert "./demo-1.0.tar.gz: reading the archive" in done.err
    assert "pip" in done.out


def test_hostile_metadata_can_not_steer_the_terminal(cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist(summary="\x1b]0;owned\x07 \u202eevil")

    for arguments in (("recipe", "./demo-1.0.tar.gz"), ("explain", "./demo-1.0.tar.gz")):
        done = cli(*arguments, "--offline", "--color", "always", "-v")
        assert done.status == 0
        assert "\x1b]" not in done.out + done.err
        assert "\x07" not in done.out + done.err
        assert "\u202e" not in done.out + done.err


def test_configuration_of_the_project_is_used(work: Path, cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist()
    (work / "conda-bridge.toml").write_text(
        'output = "configured"\noffline = true\n[names.pypi-to-conda]\nrequests = "requests-fork"\n'
    )

    assert cli("recipe", "./demo-1.0.tar.gz").status == 0
    assert "requests-fork" in (work / "configured/demo/recipe.yaml").read_text()


def test_project_directory_is_a_source(work: Path, cli: RunCli) -> None:
    project = work / "project"
    (project / "demo").mkdir(parents=True)
    (project / "demo/__init__.py").write_text("")
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
        '[project]\nname = "demo"\nversion = "2"\ndescription = "x"\n'
    )

    done = cli("recipe", "./project", "-o", "out", "--offline")

    assert done.status == 0
    assert "demo 2   directory" in done.out


def test_indexes_of_the_projects_file_are_told_once(work: Path, cli: RunCli, make_sdist: MakeSdist) -> None:
    make_sdist()
    (work / "conda-bridge.toml").write_text('index-urls = ["https://me:hunter2@a.example/simple"]')

    told = cli("recipe", "./demo-1.0.tar.gz", "--offline")
    ignored = cli("recipe", "./demo-1.0.tar.gz", "--offline", "--config", os.devnull)
    checked = cli("check", "demo", "--offline")

    assert told.err.count("W127") == checked.err.count("W127") == 1
    assert "https://a.example/simple" in told.err
    assert "hunter2" not in told.err + checked.err
    assert "W127" not in ignored.err

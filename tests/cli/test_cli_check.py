import json
import re
from pathlib import Path

import pytest

from support.auditing import v1_recipe
from support.cli_runs import MakeSdist, RunCli
from support.index_server import IndexServer

HOSTILE = "a\x1b[31mb\u202ec\r\n::error::d%0A"


def recipe(*run: str) -> str:
    return v1_recipe(*run).replace("1.2.3", "1.0")


@pytest.fixture
def put(work: Path) -> None:
    """One recipe, `demo/recipe.yaml`, with an error and a warning of lint."""
    write(work, recipe().replace("  sha256: " + "0" * 64 + "\n", ""))


def write(work: Path, text: str, folder: str = "demo", name: str = "recipe.yaml") -> None:
    (work / folder).mkdir(parents=True, exist_ok=True)
    (work / folder / name).write_text(text, encoding="utf-8")


@pytest.mark.usefixtures("put")
def test_findings_stand_at_their_lines_with_what_to_do(cli: RunCli) -> None:
    done = cli("check", "demo", "--no-audit")

    first, hint = done.out.splitlines()[:2]
    assert done.status == 1
    assert re.match(r"demo/recipe\.yaml:\d+: error\[R-019\] ", first)
    assert hint.startswith("  do: ")
    assert re.fullmatch(r"1 recipe checked: 1 error, \w+ warnings?, no notes\n", done.err)


def test_warnings_fail_only_when_asked(work: Path, cli: RunCli) -> None:
    write(work, recipe("astropy"))

    assert cli("check", "demo", "--no-audit").status == 0
    assert cli("check", "demo", "--no-audit", "--strict").status == 1


@pytest.mark.usefixtures("put")
def test_quiet_leaves_the_findings(cli: RunCli) -> None:
    done = cli("check", "demo", "--no-audit", "-q")

    assert done.err == ""
    assert all(line.startswith("demo/recipe.yaml") for line in done.out.splitlines())


@pytest.mark.usefixtures("put")
def test_hint_is_told_once(work: Path, cli: RunCli) -> None:
    text = (work / "demo/recipe.yaml").read_text()
    write(
        work,
        text.replace("  url:", "  - url:").replace("build:", "  - url: https://a.example/b.zip\nbuild:", 1),
    )

    done = cli("check", "demo", "--no-audit")

    hints = [line for line in done.out.splitlines() if line.startswith("  do: ")]
    assert done.out.count("error[R-019]") == 2
    assert len(hints) == len(set(hints))


def test_files_may_be_named_as_hooks_do(work: Path, cli: RunCli) -> None:
    write(work, recipe(), "one/recipe")
    write(work, recipe(), "two")

    done = cli("check", "one/recipe/recipe.yaml", "two/recipe.yaml", "two/recipe.yaml", "--no-audit")

    assert "2 recipes checked" in done.err


def test_missing_recipe_is_a_failure_beside_the_others(work: Path, cli: RunCli) -> None:
    write(work, recipe())

    done = cli("check", "nowhere", "demo", "--no-audit")

    assert done.status == 2
    assert "error[E113]: nowhere: there is no recipe\n" in done.err
    assert "1 recipe checked, 1 not read" in done.err


@pytest.fixture
def offered(work: Path, make_sdist: MakeSdist, index_server: IndexServer) -> list[str]:
    """The sdist of demo 1.0 on an index; return the options that name it."""
    path = make_sdist()
    index_server.add_file("demo", path.name, path.read_bytes())
    path.unlink()
    assert work.is_dir()
    return ["--index-url", index_server.index_url]


def test_recipe_is_compared_with_its_release(work: Path, cli: RunCli, offered: list[str]) -> None:
    write(work, recipe("requests", "colorama"))

    done = cli("check", "demo", *offered, "--format", "github")

    assert done.status == 1
    assert (
        "file=demo/recipe.yaml,line=25,title=W521::run has 'requests', upstream needs 'requests >=2'"
        in done.out
    )
    assert "title=E528::demo-1.0.tar.gz has the sha256" in done.out


def test_notes_are_counted_and_shown_on_demand(work: Path, cli: RunCli, offered: list[str]) -> None:
    write(work, recipe("requests >=2,<3", "colorama"))

    done = cli("check", "demo", *offered)
    verbose = cli("check", "demo", *offered, "-v")

    assert "I541" not in done.out
    assert "1 note (-v shows them)" in done.err or "notes (-v shows them)" in done.err
    assert "note[I541]" in verbose.out


def test_offline_says_that_there_was_no_audit(work: Path, cli: RunCli) -> None:
    write(work, recipe())

    done = cli("check", "demo", "--offline")

    assert done.status == 0
    assert "note[I549]" in done.out


def test_audit_that_cannot_be_made_fails_when_strict(work: Path, cli: RunCli, offered: list[str]) -> None:
    write(work, recipe("requests >=2").replace('"1.0"', '"9.9"'))

    done = cli("check", "demo", *offered)

    assert (done.status, cli("check", "demo", *offered, "--strict").status) == (0, 1)
    assert "warning[W533]" in done.out


def test_answer_has_findings_and_typed_entries(work: Path, cli: RunCli, offered: list[str]) -> None:
    write(work, recipe("requests", "colorama"))

    document = json.loads(cli("check", "demo", "gone", *offered, "--json").out)

    (row,) = document["results"]
    assert document["schema"] == "conda-bridge.check/1"
    assert [error["code"] for error in document["errors"]] == ["E113"]
    assert (row["path"], row["files"], row["upstream"]) == ("demo", ["demo/recipe.yaml"], "demo-1.0.tar.gz")
    looser = next(entry for entry in row["audit"] if entry["kind"] == "looser" and entry["section"] == "run")
    assert (looser["recipe"], looser["upstream"]) == ("requests", "requests >=2")
    assert {"W521", "E528"} <= {found["code"] for found in row["diagnostics"]}


def test_json_and_format_exclude_each_other(cli: RunCli) -> None:
    assert cli("check", "demo", "--json", "--format", "sarif").status == 2


# ---------------------------------------------------------------- what a recipe says is never trusted


@pytest.fixture
def hostile(work: Path) -> Path:
    """A recipe whose texts end up in messages."""
    name = json.dumps(HOSTILE)
    write(work, recipe().replace("name: demo", f"name: {name}").replace("license: MIT", f"license: {name}"))
    return work


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("form", ["text", "github", "sarif"])
def test_control_characters_of_a_recipe_reach_no_terminal(cli: RunCli, form: str) -> None:
    done = cli("check", "demo", "--no-audit", "--format", form)

    shown = done.out.replace("\n", "")
    assert "R-014" in shown
    assert shown.isprintable()
    assert done.err.replace("\n", "").isprintable()


@pytest.mark.usefixtures("hostile")
def test_recipe_cannot_give_commands_to_github(cli: RunCli) -> None:
    out = cli("check", "demo", "--no-audit", "--format", "github").out

    assert all(
        re.match(r"::(error|warning|notice) file=demo/recipe\.yaml(,line=\d+)?,title=", line)
        for line in out.splitlines()
    )
    assert "d%250A" in out


def test_separators_in_a_path_are_escaped_for_github(work: Path, cli: RunCli) -> None:
    write(work, "package: [", "a,b:c%d")

    (line,) = cli("check", "a,b:c%d", "--no-audit", "--format", "github").out.splitlines()

    assert line.startswith("::error file=a%2Cb%3Ac%25d/recipe.yaml,line=")


# ---------------------------------------------------------------- SARIF


@pytest.mark.usefixtures("put")
def test_sarif_names_rules_places_and_levels(work: Path, cli: RunCli) -> None:
    write(work, "package: [", "with blank")

    done = cli("check", "demo", "with blank", "gone", "--no-audit", "--format", "sarif")

    log = json.loads(done.out)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert log["version"] == "2.1.0"
    assert run["tool"]["driver"]["name"] == "conda-bridge"
    assert len({rule["id"] for rule in rules}) == len(rules)
    for found in run["results"]:
        rule = rules[found["ruleIndex"]]
        assert rule["id"] == found["ruleId"]
        assert found["level"] == rule["defaultConfiguration"]["level"]
        assert found["message"]["text"]
        (location,) = found["locations"]
        assert location["physicalLocation"].get("region", {"startLine": 1})["startLine"] >= 1
    uris = {f["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for f in run["results"]}
    assert uris == {"demo/recipe.yaml", "with%20blank/recipe.yaml"}
    assert run["invocations"][0]["executionSuccessful"] is False
    assert "does not exist" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_sarif_of_nothing_found_is_a_log_too(work: Path, cli: RunCli) -> None:
    write(work, "x: 1", "gone", "other.yaml")

    log = json.loads(cli("check", str(work / "gone"), "--no-audit", "--format", "sarif").out)

    assert log["runs"][0]["results"] == []


def test_absolute_paths_are_file_uris_in_sarif(work: Path, cli: RunCli) -> None:
    write(work, "package: [")

    log = json.loads(cli("check", str(work / "demo"), "--no-audit", "--format", "sarif").out)

    (found,) = log["runs"][0]["results"]
    uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == (work / "demo/recipe.yaml").as_uri()


def test_help_shows_examples(cli: RunCli) -> None:
    done = cli("check", "--help")

    assert "conda-bridge check recipes/click" in done.out
    assert "--format [text|github|sarif]" in done.out


def test_where_a_project_has_its_recipes_written_is_of_no_account(cli: RunCli, work: Path) -> None:
    (work / "conda-bridge.toml").write_text('output = "../elsewhere"')

    assert "E113" in cli("check", "nowhere", "--offline").err

import json

from support.cli_runs import RunCli


def test_doctor_shows_what_works_and_what_to_do_about_the_rest(cli: RunCli) -> None:
    run = cli("doctor", "--offline")

    assert run.status == 0
    assert "python" in run.out
    assert "not asked" in run.out


def test_quiet_doctor_shows_only_what_needs_attention(cli: RunCli) -> None:
    run = cli("doctor", "--offline", "-q")

    assert "works" not in run.out


def test_doctor_answers_programs(cli: RunCli) -> None:
    results = json.loads(cli("doctor", "--offline", "--json").out)["results"]

    assert {"python", "cache", "index", "engine", "compiler"} <= {row["subject"] for row in results}
    assert all(row["remedy"] for row in results if row["status"] in {"missing", "broken"})


def test_broken_part_that_recipes_need_is_the_exit_status(cli: RunCli) -> None:
    run = cli("doctor", "--index-url", "https://127.0.0.1:9/simple", "--json")

    assert run.status == 1


def test_doctor_looks_at_what_this_machine_gives(cli: RunCli) -> None:
    results = json.loads(cli("doctor", "--offline", "--json").out)["results"]

    (host,) = [row for row in results if row["name"] == "host"]
    assert host["status"] in {"works", "limited", "missing"}
    assert "packages" in host["detail"] or host["remedy"]

import json
from pathlib import Path

import pytest

from support.archives import wheel_bytes
from support.cli_runs import MakeSdist, RunCli
from support.index_server import Answer, IndexServer


@pytest.fixture
def offer(index_server: IndexServer, make_sdist: MakeSdist, work: Path) -> MakeSdist:
    """Put the sdist of a project on the index; nothing stays in the working directory."""

    def put(name: str = "demo", **project: str) -> Path:
        path = make_sdist(name, **project)
        index_server.add_file(name, path.name, path.read_bytes())
        path.unlink()
        return work

    return put


def test_requirement_becomes_a_recipe_whose_source_anybody_can_fetch(
    work: Path, cli: RunCli, offer: MakeSdist, index_server: IndexServer
) -> None:
    offer()

    done = cli("recipe", "demo", "--index-url", index_server.index_url, "-o", "out")

    assert done.status == 0
    assert done.out.startswith("demo 1.0   sdist ")
    assert "sha256 verified" in done.out
    assert f"url: {index_server.url}/files/" in (work / "out/demo/recipe.yaml").read_text()


def test_second_run_needs_no_network(
    work: Path, cli: RunCli, offer: MakeSdist, index_server: IndexServer
) -> None:
    offer()
    cli("recipe", "demo", "--index-url", index_server.index_url, "-o", "one")
    asked = len(index_server.requests)

    again = cli("recipe", "demo", "--index-url", index_server.index_url, "-o", "two", "--offline")

    assert again.status == 0
    assert len(index_server.requests) == asked
    assert (work / "one/demo/recipe.yaml").read_bytes() == (work / "two/demo/recipe.yaml").read_bytes()


def test_several_projects_are_converted_at_once_in_the_given_order(
    work: Path, cli: RunCli, offer: MakeSdist, index_server: IndexServer
) -> None:
    names = ("delta", "alpha", "charlie", "bravo")
    for name in names:
        offer(name)

    done = cli("recipe", *names, "missing", "--index-url", index_server.index_url, "--jobs", "4", "--json")

    document = json.loads(done.out)
    assert done.status == 3
    assert [row["conda_name"] for row in document["results"]] == list(names)
    assert [error["code"] for error in document["errors"]] == ["E201"]
    assert all((work / name / "recipe.yaml").is_file() for name in names)


def test_wrong_bytes_are_refused_and_nothing_is_written(
    work: Path, cli: RunCli, offer: MakeSdist, index_server: IndexServer
) -> None:
    offer()
    index_server.on("/files/demo-1.0.tar.gz", Answer(body=b"other bytes"))

    done = cli("recipe", "demo", "--index-url", index_server.index_url)

    assert done.status == 3
    assert done.err.startswith("error[E203]: demo: the bytes are not those that were promised")
    assert [path for path in work.iterdir() if path.is_file()] == []


def test_extra_of_a_dependency_is_expanded_from_the_index(
    work: Path, cli: RunCli, make_sdist: MakeSdist, index_server: IndexServer
) -> None:
    make_sdist(requires="tool[fast]>=2")
    metadata = (
        "Metadata-Version: 2.1\nName: tool\nVersion: 2.5\nProvides-Extra: fast\n"
        'Requires-Dist: plain\nRequires-Dist: quick>=3; extra == "fast"\n'
    )
    wheel = wheel_bytes("tool", "2.5", metadata=metadata)
    index_server.add_file("tool", "tool-2.5-py3-none-any.whl", wheel, metadata=metadata)

    done = cli("recipe", "./demo-1.0.tar.gz", "--index-url", index_server.index_url)

    recipe = (work / "demo/recipe.yaml").read_text()
    assert done.status == 0
    assert "- quick >=3" in recipe
    assert "plain" not in recipe
    assert "through tool[fast]" in cli("explain", "demo", "quick").out


def test_local_sdist_that_the_index_has_too_gets_the_url_of_the_index(
    work: Path, cli: RunCli, make_sdist: MakeSdist, index_server: IndexServer
) -> None:
    path = make_sdist()
    index_server.add_file("demo", path.name, path.read_bytes())

    cli("recipe", "./demo-1.0.tar.gz", "--index-url", index_server.index_url)

    assert f"url: {index_server.url}/files/" in (work / "demo/recipe.yaml").read_text()


def test_explain_of_a_source_writes_nothing(
    work: Path, cli: RunCli, offer: MakeSdist, index_server: IndexServer
) -> None:
    offer()

    done = cli("explain", "demo", "run", "--index-url", index_server.index_url)

    assert done.status == 0
    assert "requests" in done.out
    assert list(work.iterdir()) == []


def test_facts_are_saved_even_where_the_metadata_is_refused(
    work: Path, cli: RunCli, make_sdist: MakeSdist
) -> None:
    make_sdist(requires="this is no requirement")

    done = cli("recipe", "./demo-1.0.tar.gz", "--offline", "--save-facts", "demo.facts.json")
    replayed = cli("recipe", "demo.facts.json", "--offline")

    assert done.status == replayed.status == 4
    assert (work / "demo.facts.json").is_file()

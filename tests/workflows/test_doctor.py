import json
import sys
from pathlib import Path

import pytest

from conda_bridge.model.options import IndexOptions, NetworkOptions, RecipeOptions
from conda_bridge.processes.programs import find_program
from conda_bridge.workflows.doctor import Examination, examine
from support.index_server import Answer, running_index_server


def options(tmp_path: Path, *urls: str, offline: bool = False) -> RecipeOptions:
    network = NetworkOptions(offline=offline, cache_dir=str(tmp_path / "cache"), retries=0)
    return RecipeOptions(index=IndexOptions(urls=urls), network=network)


def examined(
    tmp_path: Path, *urls: str, offline: bool = False, path: str = "", conda_build: str = ""
) -> dict[tuple[str, str], Examination]:
    found = examine(
        options=options(tmp_path, *urls, offline=offline),
        environment={"PATH": path},
        conda_build=conda_build,
    )
    return {(one.subject, one.name): one for one in found}


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_machine_with_nothing_on_its_path_is_told_what_to_install(tmp_path: Path) -> None:
    found = examined(tmp_path, offline=True)

    for one in (found["source", "git"], found["engine", "conda-build"], found["compiler", "C"]):
        assert one.status == "missing"
        assert one.remedy
        assert not one.is_needed
    assert found["python", "python"].detail.startswith(".".join(map(str, sys.version_info[:3])))


def test_index_that_answers_works_and_one_that_fails_is_broken(tmp_path: Path) -> None:
    with running_index_server() as server:
        server.page("pip")
        server.on("/broken/pip/", Answer(status=500))
        broken = f"{server.url}/broken"
        found = examined(tmp_path, server.index_url, broken)

    assert found["index", server.index_url].status == "works"
    assert (found["index", broken].status, found["index", broken].is_needed) == ("broken", True)
    assert found["index", broken].remedy


def test_one_file_is_one_file(tmp_path: Path) -> None:
    with running_index_server() as server:
        server.add_file("pip", "pip-1.tar.gz", b"x")
        found = examined(tmp_path, server.index_url)

    assert found["index", server.index_url].detail == "it answers; pip has 1 file"


def test_offline_nothing_is_asked(tmp_path: Path) -> None:
    with running_index_server() as server:
        found = examined(tmp_path, server.index_url, offline=True)

        assert server.asked() == []
    assert found["index", server.index_url].status == "not asked"
    assert found["distributor", "conda-forge"].status == "not asked"


def test_password_of_an_index_is_not_shown(tmp_path: Path) -> None:
    found = examined(tmp_path, "https://me:secret@example.org/simple", offline=True)

    assert ("index", "https://example.org/simple") in found


def test_program_says_its_version(tmp_path: Path) -> None:
    program(tmp_path / "bin", "tool", "echo tool, version 1.20.3 of today")

    found = find_program(("nothing", "tool"), environment={"PATH": str(tmp_path / "bin")})

    assert found is not None
    assert (found.name, found.version, found.problem) == ("tool", "1.20.3", "")


def test_program_that_fails_says_why(tmp_path: Path) -> None:
    program(tmp_path / "bin", "tool", "echo no licence found >&2; exit 3")

    found = find_program(("tool",), environment={"PATH": str(tmp_path / "bin")})

    assert found is not None
    assert found.problem == "ends with status 3: no licence found"


def test_program_of_another_machine_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "tool").write_bytes(b"\x00\x01\x02")
    (tmp_path / "tool").chmod(0o755)

    found = find_program(("tool",), environment={"PATH": str(tmp_path)})

    assert found is not None
    assert found.problem


def test_program_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert find_program(("tool",), environment={"PATH": str(tmp_path)}) is None


def test_conda_build_that_is_named_is_asked_as_its_engine_asks(tmp_path: Path) -> None:
    folder = tmp_path / "conda"
    program(folder, "conda-build", "exit 1")
    said = json.dumps({"version": "26.9.1", "prefixes": [], "bases": [], "path": []})
    program(folder, "python", f"echo '{said}'")

    found = examined(tmp_path, offline=True, conda_build=str(folder / "conda-build"))

    one = found["engine", "conda-build"]
    assert (one.status, one.detail) == ("works", f"26.9.1 {folder}/conda-build")


def test_conda_build_that_only_starts_is_broken(tmp_path: Path) -> None:
    program(tmp_path / "bin", "conda-build", "echo conda-build 26.9.1")

    one = examined(tmp_path, offline=True, path=str(tmp_path / "bin"))["engine", "conda-build"]

    assert one.status == "broken"
    assert "interpreter" in one.detail
    assert one.remedy


def test_faster_compressor_that_is_missing_is_told_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "deflate", None)

    found = examined(tmp_path, offline=True)["deflate", "libdeflate"]

    assert (found.status, found.is_needed) == ("missing", False)
    assert "pip install 'conda-bridge[fast]'" in found.remedy

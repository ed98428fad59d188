"""A facts file may be a stranger's: what is refused of it, and that nothing is written before."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conda_bridge.errors import BridgeError, UsageError
from conda_bridge.model.options import NetworkOptions, RecipeOptions
from conda_bridge.sources.repository_licenses import LICENSE_NAMES
from conda_bridge.workflows.convert import convert, read_source
from conda_bridge.workflows.facts import load_facts, save_facts
from conda_bridge.workflows.recipe import recipes

OPTIONS = RecipeOptions(network=NetworkOptions(offline=True))
PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "demo"
version = "1.0"
license = "MIT"
"""
SHA256 = "a" * 64
URL = "https://host.example/demo-1.0.tar.gz"

Facts = dict[str, Any]


@pytest.fixture
def facts_file(tmp_path: Path) -> Path:
    """Facts of a directory with a licence."""
    source = tmp_path / "demo"
    source.mkdir()
    (source / "pyproject.toml").write_text(PYPROJECT)
    (source / "LICENSE").write_text("MIT License\n")
    (source / "backend.py").write_text("")
    path = tmp_path / "demo.facts.json"
    options = RecipeOptions(network=NetworkOptions(offline=True, cache_dir=str(tmp_path / "cache")))
    save_facts(read_source(str(source), options=options), str(path))
    return path


def changed(path: Path, change: Callable[[Facts], object]) -> str:
    facts = json.loads(path.read_text())
    change(facts)
    path.write_text(json.dumps(facts))
    return str(path)


def add_file(path: str) -> Callable[[Facts], object]:
    return lambda facts: facts["files"].append({"path": path, "size_bytes": 3})


def add_beside(name: str) -> Callable[[Facts], object]:
    def change(facts: Facts) -> None:
        facts["beside"].append(name)
        facts["files"].append({"path": name, "size_bytes": 3})
        facts["texts"].append([name, "text"])

    return change


def from_url(**given: str) -> Callable[[Facts], object]:
    origin = {"type": "UrlOrigin", "url": URL, "sha256": SHA256, "filename": "demo-1.0.tar.gz"}
    return lambda facts: facts.update(origin=origin | given)


def from_git(**given: str) -> Callable[[Facts], object]:
    origin = {"type": "GitOrigin", "url": "https://host.example/demo", "commit": "b" * 40}
    return lambda facts: facts.update(origin=origin | given)


@pytest.mark.parametrize(
    "change",
    [
        *map(add_file, ["../x", "a/../../x", "/etc/passwd", "..\\x", "C:x", "./x", "a//b", "", "a\nb"]),
        lambda facts: facts["texts"].append(["../x", "text"]),
        lambda facts: facts["signals"].append({"kind": "k", "token": "t", "path": "../x"}),
        *map(
            add_beside, ["build.sh", "recipe.yaml", "../LICENSE", "a/LICENSE", "a\\..\\LICENSE", "/LICENSE"]
        ),
        lambda facts: facts["beside"].append("COPYING"),
        from_url(url="file:///etc/passwd"),
        from_url(sha256=""),
        from_url(sha256="../" * 20 + "abcd"),
        from_url(filename="../../x"),
        from_url(filename=".."),
        from_url(filename="a\\b"),
        from_url(filename=""),
        from_git(url="ext::sh -c id"),
        from_git(url="file:///home"),
        from_git(commit="main"),
    ],
)
def test_unsafe_facts_are_refused_before_anything_is_written(
    facts_file: Path, tmp_path: Path, change: Callable[[Facts], object]
) -> None:
    path = changed(facts_file, change)

    (result,) = recipes(
        [path], options=RecipeOptions(output_dir=str(tmp_path / "out"), network=OPTIONS.network)
    )

    assert result.error is not None
    assert (result.error.slug, result.error.where) == ("invalid-document", path)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("change", [*map(add_beside, LICENSE_NAMES[1:]), from_url(), from_git()])
def test_what_is_saved_is_loaded(facts_file: Path, change: Callable[[Facts], object]) -> None:
    assert load_facts(changed(facts_file, change)).has("pyproject.toml")


def test_backend_of_a_source_that_a_facts_file_finds_here_is_not_run(
    facts_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "demo" / "LICENSE").write_text("secret\n")
    options = RecipeOptions(run_backend=True, network=OPTIONS.network)

    with pytest.raises(UsageError) as caught:
        convert(str(facts_file), options=options)

    assert caught.value.slug == "usage"
    assert "a facts file names it" in caught.value.message


def test_backend_of_an_archive_that_a_facts_file_names_is_asked_for_by_hash(facts_file: Path) -> None:
    options = RecipeOptions(run_backend=True, network=OPTIONS.network)

    # Whether there is a sandbox or not: it is not the facts file that is refused.
    with pytest.raises(BridgeError) as caught:
        convert(changed(facts_file, from_url()), options=options)

    assert caught.value.slug in {"offline", "no-sandbox"}

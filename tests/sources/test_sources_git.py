"""Repositories are fetched by a git that can run and fetch nothing else, and leave nothing behind."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.model.options import NetworkOptions
from conda_bridge.model.source import GitRef
from conda_bridge.sources.git import checkout

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

NETWORK = NetworkOptions()
# The marker file would be there if git ran anything of the repository or of the user's configuration.
HOSTILE_CONFIG = "[core]\n\tfsmonitor = touch MARKER #\n[init]\n\ttemplateDir = TEMPLATES\n"


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made, to see that they go."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two commits on `main`, a tag on the first, and a branch with a hostile tree."""
    root = tmp_path / "repository"
    root.mkdir()
    (root / "sub").mkdir()
    (root / "setup.py").write_text("first\n")
    (root / "sub/pyproject.toml").write_text("")
    (root / ".gitattributes").write_text("*.py filter=evil\n")
    _git(root, "init", "-q", "-b", "main")
    _commit(root)
    _git(root, "tag", "v1")
    (root / "setup.py").write_text("second\n")
    _commit(root)
    _git(root, "config", "uploadpack.allowAnySHA1InWant", "true")
    return root


def _git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    result = subprocess.run(
        ["git", *settings, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return result.stdout.strip()


def _commit(root: Path) -> None:
    _git(root, "add", ".")
    _git(root, "commit", "-q", "-m", "x")


def _ref(repository: Path, revision: str = "", subdirectory: str = "") -> GitRef:
    url = repository.as_uri()
    return GitRef(text=f"git+{url}", url=url, revision=revision, subdirectory=subdirectory)


@pytest.mark.parametrize(
    ("revision", "name", "text"),
    [
        ("", "HEAD", "second\n"),
        ("main", "main", "second\n"),
        ("v1", "v1", "first\n"),
        ("commit", "v1", "first\n"),
    ],
)
def test_revision_is_checked_out_and_its_commit_told(
    repository: Path, scratch: Path, revision: str, name: str, text: str
) -> None:
    commit = _git(repository, "rev-parse", name)
    revision = commit if revision == "commit" else revision
    with checkout(_ref(repository, revision), NETWORK, protocol="file") as tree:
        assert tree.commit == commit
        assert Path(tree.folder, "setup.py").read_text() == text
        assert list(scratch.iterdir())
    assert list(scratch.iterdir()) == []


def test_part_of_a_commits_hash_is_enough(repository: Path, scratch: Path) -> None:
    commit = _git(repository, "rev-parse", "v1")
    with checkout(_ref(repository, commit[:10]), NETWORK, protocol="file") as tree:
        assert tree.commit == commit
    assert list(scratch.iterdir()) == []


def test_subdirectory_is_the_projects_folder(repository: Path) -> None:
    with checkout(_ref(repository, subdirectory="sub"), NETWORK, protocol="file") as tree:
        assert [path.name for path in Path(tree.folder).iterdir()] == ["pyproject.toml"]


@pytest.mark.parametrize("subdirectory", ["missing", "setup.py", "link"])
def test_subdirectory_that_isnt_there_or_leads_out_is_refused(
    repository: Path, scratch: Path, subdirectory: str
) -> None:
    (repository / "link").symlink_to("/")
    _commit(repository)
    with (
        pytest.raises(SourceError) as caught,
        checkout(_ref(repository, "", subdirectory), NETWORK, protocol="file"),
    ):
        pass
    assert caught.value.slug == "git-failed"
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("revision", ["missing", "deadbeef"])
def test_missing_revision_is_refused_and_nothing_kept(repository: Path, scratch: Path, revision: str) -> None:
    with pytest.raises(SourceError) as caught, checkout(_ref(repository, revision), NETWORK, protocol="file"):
        pass
    assert caught.value.slug == "git-failed"
    assert revision in caught.value.message
    assert list(scratch.iterdir()) == []


def test_27_only_https_is_spoken(repository: Path) -> None:
    with pytest.raises(SourceError) as caught, checkout(_ref(repository), NETWORK):
        pass
    assert caught.value.slug == "git-failed"
    assert "not allowed" in caught.value.message


def test_failure_in_the_body_leaves_nothing_behind(repository: Path, scratch: Path) -> None:
    with pytest.raises(ZeroDivisionError), checkout(_ref(repository), NETWORK, protocol="file"):
        raise ZeroDivisionError
    assert list(scratch.iterdir()) == []


def test_44_neither_the_repository_nor_the_users_configuration_runs_anything(
    tmp_path: Path, repository: Path
) -> None:
    marker = tmp_path / "marker"
    templates = tmp_path / "templates/hooks"
    templates.mkdir(parents=True)
    hook = templates / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    config = HOSTILE_CONFIG.replace("MARKER", str(marker)).replace("TEMPLATES", str(templates.parent))
    config += f'[filter "evil"]\n\tsmudge = touch {marker}\n'
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(config)
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": f"touch {marker}",
        "GIT_SSH_COMMAND": f"touch {marker}",
        "GIT_TEMPLATE_DIR": str(templates.parent),
    }
    with checkout(_ref(repository), NETWORK, environ=environ, protocol="file") as tree:
        assert Path(tree.folder, "setup.py").is_file()
    assert not marker.exists()


def test_submodules_are_not_fetched(tmp_path: Path, repository: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    _git(outer, "init", "-q", "-b", "main")
    _git(outer, "submodule", "--quiet", "add", repository.as_uri(), "inner")
    _commit(outer)
    with checkout(_ref(outer), NETWORK, protocol="file") as tree:
        assert list(Path(tree.folder, "inner").iterdir()) == []


def test_offline_no_repository_is_fetched(repository: Path) -> None:
    with (
        pytest.raises(SourceError) as caught,
        checkout(_ref(repository), NetworkOptions(offline=True), protocol="file"),
    ):
        pass
    assert caught.value.slug == "offline"


@pytest.mark.parametrize(
    ("said", "is_network"),
    [
        ("fatal: unable to access 'https://x.example/y/': Could not resolve host: x.example", True),
        ("fatal: unable to access 'https://x.example/y/': Failed to connect to x.example port 443", True),
        ("remote: Repository not found.", False),
    ],
)
def test_network_is_told_apart_from_what_the_server_refuses(
    tmp_path: Path, repository: Path, said: str, *, is_network: bool
) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\ncase "$*" in *" fetch "*) echo "{said}" >&2; exit 128;; esac\n')
    program.chmod(0o755)

    with (
        pytest.raises(SourceError) as caught,
        checkout(_ref(repository), NETWORK, environ={"PATH": f"{program.parent}:/usr/bin:/bin"}),
    ):
        pass

    assert ("check the network" in (caught.value.hint or "")) == is_network


def test_missing_git_is_named(tmp_path: Path, repository: Path) -> None:
    with (
        pytest.raises(SourceError) as caught,
        checkout(_ref(repository), NETWORK, environ={"PATH": str(tmp_path)}),
    ):
        pass
    assert (caught.value.slug, caught.value.hint) == ("git-failed", "install git")

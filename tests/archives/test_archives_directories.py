"""A project directory is read like its archive would be, and nothing out of it."""

import os
from pathlib import Path

import pytest

from conda_bridge.archives.contents import Contents
from conda_bridge.archives.directories import hash_files, walk_directory
from conda_bridge.archives.limits import Limits
from conda_bridge.errors import SourceError

needs_links = pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights on Windows")


def _tree(root: Path, *paths: str) -> Path:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{path}\n", encoding="utf-8")
    return root


def _walk(root: Path, limits: Limits | None = None) -> Contents[bytes]:
    return walk_directory(
        str(root),
        wanted=lambda _path, _size: True,
        digest=lambda _path, data: data,
        limits=limits or Limits(),
    )


def _paths(root: Path) -> list[str]:
    return [entry.path for entry in _walk(root).files]


def test_files_are_listed_and_read(tmp_path: Path) -> None:
    contents = _walk(_tree(tmp_path, "setup.py", "src/demo/__init__.py", ".github/x.yml"))
    assert [(entry.path, entry.size_bytes) for entry in contents.files] == [
        (".github/x.yml", 14),
        ("setup.py", 9),
        ("src/demo/__init__.py", 21),
    ]
    assert dict(contents.digests)["setup.py"] == b"setup.py\n"
    assert contents.top_folder == ""


@pytest.mark.parametrize(
    "left_out",
    [
        ".git/config", ".hg/store", "src/__pycache__/a.pyc", ".tox/x", ".venv/x", "web/node_modules/a/x.js",
        "env/pyvenv.cfg", "env/lib/x.py", "conda/conda-meta", "target/CACHEDIR.TAG", "target/debug/x",
        "build/lib/demo.py", "dist/demo-1.0.tar.gz", ".mypy_cache/x",
    ],
)  # fmt: skip
def test_what_tools_leave_behind_is_left_out(tmp_path: Path, left_out: str) -> None:
    _tree(tmp_path, "setup.py", "env/pyvenv.cfg", "target/CACHEDIR.TAG", left_out)
    assert _paths(tmp_path) == ["setup.py"]


def test_packages_called_build_and_dist_are_kept(tmp_path: Path) -> None:
    paths = ["build/__init__.py", "src/build/x.py", "src/dist/x.py"]
    assert _paths(_tree(tmp_path, *paths)) == paths


@needs_links
def test_links_to_files_inside_are_read_and_others_reported(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    root = _tree(tmp_path / "project", "setup.py", "docs/LICENSE", ".git/config")
    (root / "LICENSE").symlink_to("docs/LICENSE")
    (root / "again").symlink_to("LICENSE")
    for name, target in {
        "a": "../secret",
        "b": ".git/config",
        "c": "/etc",
        "d": "docs",
        "e": "missing",
    }.items():
        (root / name).symlink_to(target)
    contents = _walk(root)
    assert [entry.path for entry in contents.files] == ["LICENSE", "again", "docs/LICENSE", "setup.py"]
    assert dict(contents.digests)["LICENSE"] == b"docs/LICENSE\n"
    assert [d.slug for d in contents.diagnostics] == ["outside-link"]
    assert "'a' and 4 more" in contents.diagnostics[0].message


@needs_links
def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    _tree(tmp_path / "real", "setup.py")
    (tmp_path / "alias").symlink_to("real")
    assert _paths(tmp_path / "alias") == ["setup.py"]


@needs_links
@pytest.mark.parametrize("name", [b"caf\xe9", b"a\nb", b"a\\..\\b"])
def test_names_that_no_archive_may_have_are_refused(tmp_path: Path, name: bytes) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"")
    except OSError:
        pytest.skip("the file system refuses the name itself")
    with pytest.raises(SourceError) as caught:
        _walk(tmp_path)
    assert caught.value.slug == "unsafe-archive"


def test_very_deep_trees_are_walked(tmp_path: Path) -> None:
    depth = 1100
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=folder)
        inner = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(os.open("x", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)
    try:
        assert _paths(tmp_path) == [f"{'d/' * depth}x"]
    finally:
        # pytest's own removal of old folders recurses, and would fail in all later runs.
        Path(tmp_path, "d/" * depth, "x").unlink()
        for level in range(depth, 0, -1):
            Path(tmp_path, "d/" * level).rmdir()


@pytest.mark.parametrize("limits", [Limits(max_members=2), Limits(max_bytes=10), Limits(max_read_bytes=10)])
def test_trees_beyond_the_limits_are_refused(tmp_path: Path, limits: Limits) -> None:
    with pytest.raises(SourceError) as caught:
        _walk(_tree(tmp_path, "a", "b", "c", "long-name"), limits)
    assert caught.value.slug == "archive-too-large"


def test_a_missing_directory_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        _walk(tmp_path / "missing")
    assert caught.value.slug == "unreadable-source"


def test_hashes_are_those_of_the_content(tmp_path: Path) -> None:
    _tree(tmp_path, "a")
    (tmp_path / "a").write_bytes(b"password")
    assert dict(hash_files(str(tmp_path), ["a"])) == {
        "a": "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"
    }
    with pytest.raises(SourceError):
        list(hash_files(str(tmp_path), ["missing"]))

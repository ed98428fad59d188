"""The watch over hostile inputs sees what it is there for: else the other tests would prove nothing."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.watch import foreign_modules, watching


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda folder: (folder / "x").write_text("x"), "to write"),
        (lambda folder: (folder / "d").mkdir(), "os.mkdir"),
        (lambda folder: (folder / "l").symlink_to("/etc"), "os.symlink"),
        (lambda folder: os.truncate(folder / "present", 0), "os.truncate"),
        (lambda _folder: subprocess.run([sys.executable, "-c", ""], check=True), "subprocess.Popen"),
        (lambda _folder: os.system("true"), "os.system"),
        (lambda _folder: socket.socket(socket.AF_UNIX).connect("/nowhere"), "socket.connect"),
        (lambda _folder: exec(compile("a = 1", "setup.py", "exec")), "'setup.py' is executed"),
        (lambda _folder: exec("a = 1"), "'<string>' is executed"),
    ],
    ids=["write", "mkdir", "symlink", "truncate", "popen", "system", "connect", "file", "text"],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.enable_socket
def test_what_is_forbidden_is_seen(tmp_path: Path, act: Callable[[Path], object], told: str) -> None:
    (tmp_path / "present").write_text("x")
    # Nobody listens where the connection goes.
    with watching(tmp_path / "allowed") as seen, contextlib.suppress(OSError):
        act(tmp_path)

    assert any(told in line for line in seen)


def test_what_is_allowed_is_no_sight(tmp_path: Path) -> None:
    with watching(tmp_path) as seen:
        (tmp_path / "x").write_text("x")
        (tmp_path / "x").read_text()
        Path("/etc/hostname").exists()

    assert seen == []


def test_module_from_elsewhere_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "an_evil_module.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = frozenset(sys.modules)
    __import__("an_evil_module")

    assert [line.partition(" ")[0] for line in foreign_modules(before)] == ["an_evil_module"]
    del sys.modules["an_evil_module"]

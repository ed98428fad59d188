"""Which interpreters can be made into packages."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from conda_bridge.distributors.host.interpreters import describe_interpreter, own_interpreter
from conda_bridge.errors import EngineError, UsageError
from support.host_machine import fake_python, put, tool

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


def test_upstream_layout_is_described(tmp_path: Path) -> None:
    python = fake_python(tmp_path, minor="3.12", numbers=[3, 12, 1])

    interpreter, glibc, platform = describe_interpreter(str(python), ENVIRONMENT)

    assert interpreter.version == "3.12.1"
    assert interpreter.minor == "3.12"
    assert interpreter.abi == "cp312"
    assert interpreter.layout == "upstream"
    assert interpreter.site_packages == "lib/python3.12/site-packages"
    assert interpreter.has_headers
    assert (glibc, platform) == ("2.36", "linux-x86_64")


def test_name_on_the_path_is_found(tmp_path: Path) -> None:
    fake_python(tmp_path, minor="3.12")
    path = f"{tmp_path}/bin:/usr/bin:/bin"

    assert describe_interpreter("python3.12", {"PATH": path})[0].prefix == str(tmp_path)


def test_relative_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_python(tmp_path, minor="3.12")
    monkeypatch.chdir(tmp_path)

    assert describe_interpreter("bin/python3.12", ENVIRONMENT)[0].prefix == str(tmp_path)


def test_debian_layout_is_told_by_its_schemes(tmp_path: Path) -> None:
    python = fake_python(tmp_path, schemes=["posix_prefix", "deb_system"])

    interpreter = describe_interpreter(str(python), ENVIRONMENT)[0]

    assert interpreter.layout == "debian"
    assert interpreter.multiarch == "x86_64-linux-gnu"


def test_virtual_environment_stands_for_its_base(tmp_path: Path) -> None:
    base = fake_python(tmp_path / "base", minor="3.12")
    link = tmp_path / "venv/bin/python"
    link.parent.mkdir(parents=True)
    link.symlink_to(base)

    assert describe_interpreter(str(link), ENVIRONMENT)[0].executable == str(base)


def test_prefix_that_it_was_built_for_is_known_too(tmp_path: Path) -> None:
    python = fake_python(tmp_path, configured_prefix="/install")

    assert describe_interpreter(str(python), ENVIRONMENT)[0].old_prefixes == (str(tmp_path), "/install")


def test_release_candidate_keeps_its_suffix(tmp_path: Path) -> None:
    python = fake_python(tmp_path, suffix="rc1")

    assert describe_interpreter(str(python), ENVIRONMENT)[0].version.endswith(".7rc1")


def test_missing_headers_are_noticed(tmp_path: Path) -> None:
    python = fake_python(tmp_path, include=str(tmp_path / "nowhere"))

    assert not describe_interpreter(str(python), ENVIRONMENT)[0].has_headers


def test_another_build_at_the_same_place_has_another_fingerprint(tmp_path: Path) -> None:
    python = fake_python(tmp_path)
    before = describe_interpreter(str(python), ENVIRONMENT)[0]
    os.utime(python, (1, 1))

    assert describe_interpreter(str(python), ENVIRONMENT)[0] != before


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"implementation": "pypy"}, "it is pypy"),
        ({"minor": "3.9"}, "the oldest that serves is 3.10"),
        ({"variables": {"Py_GIL_DISABLED": "1"}}, "free-threaded"),
        ({"abiflags": "d"}, "flags 'd'"),
        ({"missing": ["zlib"]}, "lacks zlib"),
        ({"library_folder": "lib64"}, "its standard library lies in"),
        ({"stdlib": "/elsewhere"}, "'/elsewhere'"),
    ],
)
def test_unsuitable_interpreter_is_refused_with_its_reason(
    tmp_path: Path, said: dict[str, Any], reason: str
) -> None:
    python = fake_python(tmp_path, **said)

    with pytest.raises(EngineError, match=reason) as caught:
        describe_interpreter(str(python), ENVIRONMENT)

    assert caught.value.slug == "unsuitable-interpreter"
    assert caught.value.where == str(python)


def test_standard_library_in_an_archive_is_refused(tmp_path: Path) -> None:
    python = fake_python(tmp_path, minor="3.12")
    (tmp_path / "lib/python3.12/os.py").unlink()

    with pytest.raises(EngineError, match="isn't in"):
        describe_interpreter(str(python), ENVIRONMENT)


@pytest.mark.parametrize("said", [{"platform": "macosx-14-arm64"}, {"glibc": ""}])
def test_other_machines_are_refused(tmp_path: Path, said: dict[str, Any]) -> None:
    python = fake_python(tmp_path, **said)

    with pytest.raises(EngineError) as caught:
        describe_interpreter(str(python), ENVIRONMENT)

    assert caught.value.slug == "unsupported-machine"


def test_interpreter_of_32_bits_is_of_no_64_bit_platform(tmp_path: Path) -> None:
    python = fake_python(tmp_path, bits=32)

    assert describe_interpreter(str(python), ENVIRONMENT)[2] == "linux-i686"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'cannot open shared object file' >&2; exit 127", "cannot open shared object file"),
        ("echo hello", "no Python"),
        ("echo '{}'", "oddly"),
    ],
)
def test_what_is_no_interpreter_is_refused(tmp_path: Path, script: str, reason: str) -> None:
    program = tool(tmp_path, "python", script)

    with pytest.raises(UsageError, match=reason) as caught:
        describe_interpreter(str(program), ENVIRONMENT)

    assert caught.value.slug == "unknown-interpreter"


def test_what_can_not_be_run_is_refused(tmp_path: Path) -> None:
    program = put(tmp_path / "python", b"\x7fELF, but not really", mode=0o755)

    with pytest.raises(UsageError, match="can't be run") as caught:
        describe_interpreter(str(program), ENVIRONMENT)

    assert caught.value.slug == "unknown-interpreter"


def test_name_that_nothing_has_is_refused() -> None:
    with pytest.raises(UsageError, match="'no-such-python'") as caught:
        describe_interpreter("no-such-python", ENVIRONMENT)

    assert caught.value.slug == "unknown-interpreter"


def test_interpreters_that_are_there_are_proposed(tmp_path: Path) -> None:
    for name in ("python3.9", "python3.12", "python3.13", "python3-config"):
        put(tmp_path / name, b"\x7fELF", mode=0o755)
    tool(tmp_path, "python3.14", "exec somewhere-else")

    with pytest.raises(UsageError) as caught:
        describe_interpreter("3.11", {"PATH": str(tmp_path)})

    assert (caught.value.hint or "").startswith("on the PATH there are python3.12, python3.13;")


def test_version_alone_is_told_how_to_write_it(tmp_path: Path) -> None:
    put(tmp_path / "python3.12", b"\x7fELF", mode=0o755)

    with pytest.raises(UsageError) as caught:
        describe_interpreter("3.12", {"PATH": str(tmp_path)})

    assert caught.value.hint == "write --python python3.12"


def test_own_interpreter_is_of_no_virtual_environment() -> None:
    assert Path(own_interpreter()).is_relative_to(os.path.realpath(sys.base_prefix))

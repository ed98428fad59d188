"""A machine isn't asked twice what it has, unless something of it changed."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conda_bridge.distributors.host import machine, remembered
from conda_bridge.distributors.host.facts import Compiler, HostFacts, HostProgram, Interpreter
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic


class Machine:
    """Says what it has, and counts how often."""

    def __init__(self, folder: Path) -> None:
        self.asked = 0
        self.gcc = folder / "bin/gcc"
        self.gcc.parent.mkdir()
        self.gcc.write_text("12")
        self.diagnostics: tuple[Diagnostic, ...] = ()
        self.rustc = folder / "toolchain/bin/rustc"
        self.rust_libraries = folder / "toolchain/lib/rustlib"
        (self.rust_libraries / "one/lib").mkdir(parents=True)
        self.while_asked: Callable[[], object] = lambda: None

    def describe(self, _python: str) -> HostFacts:
        self.asked += 1
        version = self.gcc.read_text()
        targets = tuple(sorted(path.name for path in self.rust_libraries.iterdir()))
        self.while_asked()
        return HostFacts(
            interpreter=Interpreter(
                executable="/p/bin/python3.11",
                version="3.11.7",
                prefix="/p",
                old_prefixes=("/p", "/q"),
                layout="upstream",
                stdlib="/p/lib/python3.11",
                include="/p/include",
                library_dir="/p/lib",
                has_headers=True,
            ),
            glibc="2.36",
            compilers=(
                Compiler(language="c", kind="gcc", version=version, path=str(self.gcc)),
                Compiler(language="rust", kind="rust", version="1.90.0", path=str(self.rustc)),
            ),
            rust_targets=targets,
            binutils=(("ld", "/usr/bin/ld"),),
            programs=(
                HostProgram(conda_name="make", version="4", paths=(("make", "/m"),), settings=(("A", "b"),)),
            ),
            diagnostics=self.diagnostics,
        )


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    host = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(host.gcc.parent))
    settle(host.gcc)
    settle(host.rust_libraries)
    return host


def settle(path: Path) -> None:
    """Wait: of what has just changed no note is taken."""
    while time.time_ns() - remembered._TICK_NS <= path.stat().st_ctime_ns:
        time.sleep(0.001)


def asked(host: Machine, folder: Path, python: str = "") -> HostFacts:
    return remembered.remembered(python, str(folder / "cache"), host.describe)


def test_what_the_machine_said_is_remembered_as_it_was(tmp_path: Path, host: Machine) -> None:
    first = asked(host, tmp_path)

    assert asked(host, tmp_path) == first
    assert host.asked == 1


def test_replaced_program_is_asked_again(tmp_path: Path, host: Machine) -> None:
    asked(host, tmp_path)
    host.gcc.write_text("13.1")

    assert asked(host, tmp_path).compilers[0].version == "13.1"


def test_target_that_was_added_to_rust_is_found(tmp_path: Path, host: Machine) -> None:
    asked(host, tmp_path)
    (host.rust_libraries / "two/lib").mkdir(parents=True)

    assert asked(host, tmp_path).rust_targets == ("one", "two")


def test_program_that_is_replaced_while_asked_is_asked_again(tmp_path: Path, host: Machine) -> None:
    host.while_asked = lambda: host.gcc.write_text("13.1")
    asked(host, tmp_path)

    assert asked(host, tmp_path).compilers[0].version == "13.1"


def test_folder_of_programs_that_goes_while_asked_is_no_note(tmp_path: Path, host: Machine) -> None:
    host.while_asked = lambda: host.gcc.parent.rename(tmp_path / "gone")

    asked(host, tmp_path)

    assert not (tmp_path / "cache/host/machine").exists()


def test_program_that_came_onto_the_path_is_found(tmp_path: Path, host: Machine) -> None:
    asked(host, tmp_path)
    host.gcc.with_name("clang").write_text("")

    asked(host, tmp_path)

    assert host.asked == 2


def test_another_path_is_another_question(
    tmp_path: Path, host: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(host, tmp_path)
    monkeypatch.setenv("PATH", f"{host.gcc.parent}:/nowhere")

    asked(host, tmp_path)

    assert host.asked == 2


def test_answer_holds_for_a_day(tmp_path: Path, host: Machine) -> None:
    asked(host, tmp_path)
    (path,) = (tmp_path / "cache/host/machine").iterdir()
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "asked_at_s": told["asked_at_s"] - 86_401}))

    asked(host, tmp_path)

    assert host.asked == 2


@pytest.mark.parametrize("damage", ["", "[]", '{"asked_at_s": 1e12}', "\x00"])
def test_damaged_note_is_no_note(tmp_path: Path, host: Machine, damage: str) -> None:
    asked(host, tmp_path)
    (path,) = (tmp_path / "cache/host/machine").iterdir()
    path.write_text(damage)

    assert asked(host, tmp_path).glibc == "2.36"


def test_machine_that_lacks_something_is_asked_each_time(tmp_path: Path, host: Machine) -> None:
    host.diagnostics = (finding("no-compiler", "none"),)
    asked(host, tmp_path)

    asked(host, tmp_path)

    assert host.asked == 2


def test_interpreter_by_name_is_asked_each_time(tmp_path: Path, host: Machine) -> None:
    asked(host, tmp_path, "python3")
    asked(host, tmp_path, "python3")

    assert host.asked == 2


def test_cache_that_cannot_be_written_does_no_harm(tmp_path: Path, host: Machine) -> None:
    (tmp_path / "cache").write_text("a file")

    assert asked(host, tmp_path).glibc == "2.36"


def test_all_that_programs_are_asked_with_counts() -> None:
    assert set(machine._PASSED_ON) <= set(remembered.VARIABLES)


def test_other_variables_do_not_count(tmp_path: Path, host: Machine) -> None:
    asked(host, tmp_path)
    os.environ["CONDA_BRIDGE_TEST_OTHER"] = "1"
    try:
        asked(host, tmp_path)
    finally:
        del os.environ["CONDA_BRIDGE_TEST_OTHER"]

    assert host.asked == 1

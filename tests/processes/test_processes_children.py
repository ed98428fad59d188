"""Foreign programs run to their end or are killed with all that they started."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conda_bridge.processes.children import ChildResult, ChildStreams, dying_with_us, run_child

ENVIRONMENT = {"PATH": os.defpath}


def _python(code: str, folder: Path, timeout_s: float = 30.0) -> ChildResult:
    return run_child(
        [sys.executable, "-I", "-c", code], folder=str(folder), environment=ENVIRONMENT, timeout_s=timeout_s
    )


def test_result_tells_status_and_output(tmp_path: Path) -> None:
    result = _python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", tmp_path)
    assert (result.exit_status, result.output.strip(), result.errors.strip()) == (3, "out", "err")
    assert not result.is_timed_out


def test_child_sees_only_its_own_environment_and_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    result = _python("import os, sys; print('SECRET_TOKEN' in os.environ, os.getcwd())", tmp_path)
    assert result.output.split() == ["False", str(tmp_path.resolve())]


def test_child_has_nothing_to_read(tmp_path: Path) -> None:
    assert _python("import sys; print(repr(sys.stdin.read()))", tmp_path).output.strip() == "''"


def test_child_reads_what_it_is_given(tmp_path: Path) -> None:
    code = "import sys; print(sys.stdin.read())"
    result = run_child(
        [sys.executable, "-I", "-c", code],
        folder=str(tmp_path),
        environment=ENVIRONMENT,
        timeout_s=30,
        streams=ChildStreams(given="word"),
    )
    assert result.output.strip() == "word"


def test_only_the_end_of_much_output_is_kept(tmp_path: Path) -> None:
    result = _python("print('x' * 5_000_000); print('end')", tmp_path)
    assert len(result.output) == 1 << 16
    assert result.output.endswith("end" + os.linesep)


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are Unix's")
def test_child_that_takes_too_long_is_killed_with_its_own_children(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-I', '-c', 'import time; time.sleep(60)']);"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    started = time.monotonic()
    result = _python(code, tmp_path, timeout_s=1.0)
    assert result.is_timed_out
    assert result.exit_status < 0
    assert time.monotonic() - started < 30
    assert _is_gone(int(result.output))


@pytest.mark.skipif(sys.platform != "linux", reason="a signal of Linux")
def test_child_ends_when_we_are_killed(tmp_path: Path) -> None:
    code = f"""\
import sys
from conda_bridge.processes.children import dying_with_us, run_child
sleep = f"import os, pathlib, time; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(60)"
run_child(dying_with_us([sys.executable, "-I", "-c", sleep]), folder={str(tmp_path)!r}, environment={{}}, timeout_s=60)
"""
    pid = tmp_path / "pid"
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        for _ in range(200):
            if pid.exists() and pid.read_text():
                break
            time.sleep(0.05)
        parent.kill()
    assert _is_gone(int(pid.read_text()))


def test_program_that_dies_with_us_is_that_program(tmp_path: Path) -> None:
    command = dying_with_us([sys.executable, "-I", "-c", "import sys; print(sys.argv); sys.exit(3)", "a b"])
    result = run_child(command, folder=str(tmp_path), environment=ENVIRONMENT, timeout_s=30)
    assert (result.exit_status, result.output.strip()) == (3, "['-c', 'a b']")


def _is_gone(pid: int) -> bool:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        # A killed process that nobody has waited for yet still has its number.
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and ") Z " in state.read_text():
            return True
        time.sleep(0.05)
    return False


def test_missing_program_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run_child(["no-such-program"], folder=str(tmp_path), environment=ENVIRONMENT, timeout_s=5)

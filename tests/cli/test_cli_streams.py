"""What becomes of a command whose streams are closed or full."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

on_linux = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
NAMES = ("names", "to-conda", "requests")


def ran(*arguments: str, output: str = "", closes: str = "") -> subprocess.CompletedProcess[str]:
    command = f'exec "$@" {output} {closes}'
    words = [sys.executable, "-m", "conda_bridge", *arguments]
    return subprocess.run(
        ["/bin/sh", "-c", command, "sh", *words], capture_output=True, text=True, check=False, timeout=60
    )


@on_linux
@pytest.mark.parametrize(
    "arguments", [NAMES, (*NAMES, "--json"), ("--help",), ("wheel", "nothing.conda", "--json")]
)
def test_full_disk_under_stdout_is_told_in_words(arguments: tuple[str, ...]) -> None:
    result = ran(*arguments, output=">/dev/full")

    assert result.returncode == 2
    assert "standard output: No space left on device" in result.stderr
    assert "bug" not in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="only POSIX shells close streams")
@pytest.mark.parametrize("closes", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_closed_streams_are_nowhere(closes: str, more: tuple[str, ...]) -> None:
    result = ran(*NAMES, *more, closes=closes)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_what_is_read_by_nobody_ends_quietly() -> None:
    words = [sys.executable, "-m", "conda_bridge", "--help"]
    reader, writer = os.pipe()
    os.close(reader)

    result = subprocess.run(words, stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writer)

    assert (result.returncode, result.stderr) == (141, b"")

import json
from pathlib import Path

from support.cli_runs import RunCli
from support.wheels import WheelParts, write_wheel

BAD = WheelParts(
    files={
        "demo/__init__.py": b"x = 1\n",
        "demo/notes.txt": b"\x7fELF" + bytes(60),
        "INFO/INSTALLER": b"conda\n",
    }
)


def test_good_wheel_has_nothing_to_tell(work: Path, cli: RunCli) -> None:
    wheel = write_wheel(work, WheelParts())

    done = cli("check", wheel.name)

    assert (done.status, done.out) == (0, "")
    assert done.err == "1 wheel checked: no errors, no warnings, no notes\n"


def test_every_problem_of_a_wheel_is_told_with_its_file_and_code(work: Path, cli: RunCli) -> None:
    wheel = write_wheel(work, BAD)

    done = cli("check", wheel.name)

    assert done.status == 1
    assert f"{wheel.name}/demo/notes.txt: error[E805] it is native code: ELF" in done.out
    assert f"{wheel.name}/demo-1.0.dist-info/INSTALLER: error[E847]" in done.out


def test_broken_and_missing_wheels_stop_no_other(work: Path, cli: RunCli) -> None:
    wheel = write_wheel(work, BAD)
    (work / "broken-1.0-py3-none-any.whl").write_bytes(b"no zip")

    done = cli("check", wheel.name, "broken-1.0-py3-none-any.whl", "missing-1.0-py3-none-any.whl", "--json")
    answer = json.loads(done.out)

    assert done.status == 3
    assert [len(row["diagnostics"]) for row in answer["results"]] == [2, 1]
    assert answer["results"][1]["diagnostics"][0]["slug"] == "broken-archive"
    assert [row["slug"] for row in answer["errors"]] == ["unreadable-source"]

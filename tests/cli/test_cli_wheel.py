import json
import os
import random
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from zipfile import is_zipfile

import pytest

from conda_bridge.distributors.local_channel import LocalChannel
from support.cli_runs import RunCli
from support.noarch_made import Noarch
from support.noarch_packages import NoarchParts, write_noarch
from support.projects_made import TWO

DEMO = NoarchParts()
OTHER = NoarchParts(name="other", files={"other.py": b"y = 1\n"})
NATIVE = NoarchParts(name="native", subdir="linux-64", noarch="")
DRIFTING = replace(DEMO, depends=("python >=3.8", "requests >=2"))


def test_wheel_is_one_line_with_its_size_and_what_became_of_it(cli: RunCli, work: Path) -> None:
    write_noarch(work, DEMO)

    done = cli("wheel", "demo-1.0-py_0.conda", "-o", "wheels")

    assert done.status == 0
    assert re.match(r"wrote +[\d.]+ k?B  wheels/demo-1.0-py3-none-any.whl   metadata", done.out)
    assert done.out.rstrip().endswith("metadata kept, 1 file left out")
    assert done.out.count("\n") == 1
    assert (work / "wheels/demo-1.0-py3-none-any.whl").is_file()


def test_wheel_goes_into_the_working_directory_unless_told(cli: RunCli, work: Path) -> None:
    write_noarch(work / "pkgs", DEMO)

    cli("wheel", "pkgs/demo-1.0-py_0.conda")

    assert (work / "demo-1.0-py3-none-any.whl").is_file()


def test_refusal_has_its_code_its_reason_and_what_to_do(cli: RunCli, work: Path) -> None:
    write_noarch(work, NATIVE)

    done = cli("wheel", "native-1.0-py_0.conda")

    head, why, do = done.err.splitlines()
    assert (done.status, done.out) == (9, "")
    assert head.startswith("error[E801]: native-1.0-py_0.conda: ")
    assert why == "  why: info/index.json: it is for linux-64"
    assert do.startswith("  do:  ")


def test_others_are_made_and_the_status_is_that_of_the_one_kind_of_failure(cli: RunCli, work: Path) -> None:
    for parts in (DEMO, NATIVE, OTHER):
        write_noarch(work, parts)

    done = cli(
        "wheel", "demo-1.0-py_0.conda", "native-1.0-py_0.conda", "other-1.0-py_0.conda", "-o", "wheels"
    )

    assert done.status == 9
    assert len(re.findall(r"wrote +[\d.]+ k?B  wheels/", done.out)) == 2
    assert "2 of 3 packages converted; not: native-1.0-py_0.conda (E801)" in done.err


def test_what_was_written_before_a_write_failed_is_in_the_answer(cli: RunCli, work: Path) -> None:
    for parts in (DEMO, OTHER, NATIVE):
        write_noarch(work, parts)
    packages = ("demo-1.0-py_0.conda", "other-1.0-py_0.conda", "native-1.0-py_0.conda")
    (work / "wheels/other-1.0-py3-none-any.whl").mkdir(parents=True)

    told = cli("wheel", *packages, "-o", "wheels")
    answer = json.loads(cli("wheel", *packages, "-o", "wheels", "--json").out)

    assert told.status == 2
    assert "error[E105]: other-1.0-py_0.conda: the output can't be written there" in told.err
    assert "not tried: native-1.0-py_0.conda" in told.err
    assert [row["package"] for row in answer["results"]] == [packages[0]]
    assert [(row["code"], row["source"]) for row in answer["errors"]] == [
        ("E105", packages[1]),
        ("E105", packages[2]),
    ]


def test_package_with_several_projects_is_a_line_for_each_wheel_and_one_package(
    cli: RunCli, work: Path
) -> None:
    Noarch(files=TWO).write(work)

    done = cli("wheel", "demo-1.0-py_0.conda", "-o", "wheels")
    answer = json.loads(cli("wheel", "demo-1.0-py_0.conda", "-o", "again", "--json").out)

    assert [line.split()[3] for line in done.out.splitlines()] == [
        "wheels/demo-1.0-py3-none-any.whl",
        "wheels/other-2-py3-none-any.whl",
    ]
    assert "1 of 1 package converted" in done.err
    assert "W814" in done.err
    assert [row["pypi_name"] for row in answer["results"]] == ["demo", "other"]


def test_several_kinds_of_failure_have_a_status_of_their_own(cli: RunCli, work: Path) -> None:
    write_noarch(work, NATIVE)

    assert cli("wheel", "native-1.0-py_0.conda", "gone.conda").status == 10
    assert cli("wheel", "gone.conda").status == 2


def test_many_failures_are_counted_by_code(cli: RunCli, work: Path) -> None:
    names = [write_noarch(work, replace(NATIVE, name=f"native{n}")).name for n in range(6)]

    done = cli("wheel", *names, "gone.conda")

    assert "0 of 7 packages converted; not: 1 for E147, 6 for E801" in done.err


def test_drift_is_counted_and_told(cli: RunCli, work: Path) -> None:
    write_noarch(work, DRIFTING)

    done = cli("wheel", "demo-1.0-py_0.conda")

    assert "1 drift" in done.out
    assert "W820" in done.err
    assert "requests >=2" in done.err


def test_what_to_do_is_said_once(cli: RunCli, work: Path) -> None:
    names = [write_noarch(work, replace(NATIVE, name=f"native{n}")).name for n in range(3)]

    done = cli("wheel", *names)

    assert (done.err.count("error[E801]"), done.err.count("  do:  ")) == (3, 1)


def test_strict_drift_is_a_refusal(cli: RunCli, work: Path) -> None:
    write_noarch(work, DRIFTING)

    done = cli("wheel", "demo-1.0-py_0.conda", "--strict-drift")

    assert (done.status, done.out) == (9, "")
    assert "error[E829]" in done.err
    assert not list(work.glob("*.whl"))


def test_dependencies_of_conda_are_taken_on_request(cli: RunCli, work: Path) -> None:
    write_noarch(work, DRIFTING)

    cli("wheel", "demo-1.0-py_0.conda", "--deps", "conda", "--index", "simple")

    metadata = (work / "simple/demo/demo-1.0-py3-none-any.whl.metadata").read_text()
    assert "Requires-Dist: requests>=2" in metadata


def test_findings_that_many_wheels_share_are_one_line(cli: RunCli, work: Path) -> None:
    names = [write_noarch(work, replace(DRIFTING, name=f"demo{n}")).name for n in range(3)]

    done = cli("wheel", *names)
    told = [line for line in done.err.splitlines() if "W820" in line]
    verbose = [line for line in cli("wheel", *names, "-v").err.splitlines() if "W820" in line]

    assert len(told) == 1
    assert told[0].endswith("demo0 1.0, demo1 1.0, demo2 1.0")
    assert len(verbose) == 3


def test_dry_run_says_what_would_be_and_writes_nothing(cli: RunCli, work: Path) -> None:
    for parts in (DEMO, NATIVE):
        write_noarch(work, parts)
    before = sorted(work.iterdir())

    done = cli(
        "wheel", "demo-1.0-py_0.conda", "native-1.0-py_0.conda", "--dry-run", "-o", "w", "--index", "i"
    )

    assert done.status == 9
    assert re.match(r"would write +[\d.]+ k?B  w/demo-1.0-py3-none-any.whl", done.out)
    assert "1 of 2 packages would be converted" in done.err
    assert sorted(work.iterdir()) == before


def test_index_comes_with_the_command_that_uses_it(cli: RunCli, work: Path) -> None:
    write_noarch(work, DEMO)

    done = cli("wheel", "demo-1.0-py_0.conda", "--index", "simple")

    assert f"pip install --extra-index-url {work.as_uri()}/simple" in done.err
    assert re.match(r"wrote +[\d.]+ k?B  simple/demo/demo-1.0-py3-none-any.whl", done.out)
    assert not list(work.glob("*.whl"))


def test_package_of_a_channel_is_found_by_its_name(cli: RunCli, work: Path) -> None:
    LocalChannel(str(work / "channel")).publish([str(write_noarch(work / "made", DEMO))])

    done = cli("wheel", "demo=1.0", "--channel", (work / "channel").as_uri(), "-o", "wheels")

    assert (done.status, done.out.split()[3]) == (0, "wheels/demo-1.0-py3-none-any.whl")


def test_answer_says_all_of_each_wheel(cli: RunCli, work: Path) -> None:
    write_noarch(work, DRIFTING)
    write_noarch(work, NATIVE)

    done = cli("wheel", "demo-1.0-py_0.conda", "native-1.0-py_0.conda", "--json", "-o", "wheels")

    answer = json.loads(done.out)
    (row,), (failure,) = answer["results"], answer["errors"]
    assert done.status == 9
    assert (row["source"], row["path"]) == ("demo-1.0-py_0.conda", "wheels/demo-1.0-py3-none-any.whl")
    assert (row["metadata_origin"], row["deflate"], row["is_made"]) == ("kept", "zlib", True)
    assert row["dropped"] == [
        {"path": "site-packages/demo-1.0.dist-info/INSTALLER", "reason": "installer-record"}
    ]
    assert row["drift"][0]["conda"] == "requests >=2"
    assert (failure["code"], failure["source"]) == ("E801", "native-1.0-py_0.conda")


def test_answer_says_what_to_do_about_each_finding_and_failure(cli: RunCli, work: Path) -> None:
    gated = replace(OTHER, depends=("python >=3.8", "__unix"))
    for parts in (DRIFTING, gated):
        write_noarch(work, parts)

    done = cli("wheel", "demo-1.0-py_0.conda", "other-1.0-py_0.conda", "--json", "-o", "wheels")

    answer = json.loads(done.out)
    found = [one for row in answer["results"] for one in row["diagnostics"]]
    hints = {one["code"]: one["hint"] for one in [*found, *answer["errors"]]}
    assert set(hints) >= {"W820", "E812"}
    assert all(hints.values())
    assert "--allow-gated" in hints["E812"]


def test_same_input_gives_the_same_bytes(cli: RunCli, work: Path) -> None:
    write_noarch(work, DEMO)

    digests = {
        json.loads(cli("wheel", "demo-1.0-py_0.conda", "--json", "-o", folder).out)["results"][0]["sha256"]
        for folder in ("a", "b")
    }

    assert len(digests) == 1


def test_configuration_decides_where_wheels_go_and_how_they_are_made(cli: RunCli, work: Path) -> None:
    write_noarch(work, DRIFTING)
    (work / "conda-bridge.toml").write_text('[wheel]\nindex = "simple"\ndeps = "conda"\n')

    cli("wheel", "demo-1.0-py_0.conda")

    assert "Requires-Dist: requests" in (work / "simple/demo/demo-1.0-py3-none-any.whl.metadata").read_text()
    assert not list(work.glob("*.whl"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('deflate = "lzma"', "zlib or libdeflate"),
        ('deps = "both"', "metadata or conda"),
        ('ouput = "x"', "did you mean 'wheel.output'"),
        ('index = "../elsewhere"', "a project's own file can't have anything written outside"),
    ],
)
def test_configuration_that_makes_no_sense_is_told(cli: RunCli, work: Path, text: str, told: str) -> None:
    (work / "conda-bridge.toml").write_text(f"[wheel]\n{text}\n")

    done = cli("wheel", "demo-1.0-py_0.conda")

    assert done.status == 2
    assert told in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_interrupted_run_says_what_is_converted_and_leaves_nothing_half_written(work: Path) -> None:
    content = random.Random(0).randbytes(5_000_000)
    packages = [
        write_noarch(work, NoarchParts(name=f"demo{n}", files={"data.bin": content})).name for n in range(8)
    ]
    command = subprocess.Popen(
        [sys.executable, "-m", "conda_bridge", "wheel", *packages, "-o", "wheels"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
    )
    assert command.stdout is not None
    first = command.stdout.readline()
    command.send_signal(signal.SIGINT)
    rest, err = command.communicate(timeout=20)

    done = [line.split()[3] for line in (first + rest).decode().splitlines()]
    assert command.returncode == 130
    assert b"interrupted: converted: demo0-1.0-py_0.conda" in err
    assert 0 < len(done) < len(packages)
    wheels = {f"wheels/{path.name}" for path in (work / "wheels").iterdir()}
    assert set(done) <= wheels
    assert all(is_zipfile(wheel) for wheel in wheels)


def test_package_whose_wheels_are_all_anothers_is_one_line(cli: RunCli, work: Path) -> None:
    Noarch(files=TWO).write(work)
    Noarch(files=TWO, index={"build": "py_1"}, stem="demo-1.0-py_1").write(work)

    done = cli("wheel", "demo-1.0-py_0.conda", "demo-1.0-py_1.conda", "-o", "wheels")

    assert done.status == 0
    assert len(re.findall(r"wrote +[\d.]+ k?B  wheels/", done.out)) == 2
    assert done.out.count("demo-1.0-py_1.conda installs what demo-1.0-py_0.conda does") == 1

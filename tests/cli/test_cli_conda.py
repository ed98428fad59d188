import json
import re
from pathlib import Path

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.distributors.local_channel import LocalChannel
from support.cli_runs import RunCli
from support.wheels import WheelParts, write_wheel

DEMO = WheelParts(metadata=("Requires-Python: >=3.8", 'Requires-Dist: tomli; python_version < "3.11"'))
PLAIN = WheelParts(name="plain")
NATIVE = WheelParts(name="native", tag="cp311-cp311-linux_x86_64", is_purelib=False)


def test_each_case_of_the_markers_is_a_line(cli: RunCli, work: Path) -> None:
    wheel = write_wheel(work, DEMO)

    done = cli("conda", wheel.name, "-o", "packages", "--offline")

    lines = done.out.splitlines()
    assert done.status == 0
    assert len(lines) == len(list((work / "packages").glob("demo-1.0-*.conda"))) == 2
    assert all(re.match(r"wrote +[\d.]+ k?B  packages/demo-1.0-", line) for line in lines)
    assert "python >=3.8,<3.11" in done.out


def test_widened_package_is_one(cli: RunCli, work: Path) -> None:
    wheel = write_wheel(work, DEMO)

    cli("conda", wheel.name, "--widen", "--offline")

    (package,) = work.glob("*.conda")
    assert any(spec.startswith("tomli") for spec in read_record(str(package)).depends)


def test_others_are_made_when_one_is_refused(cli: RunCli, work: Path) -> None:
    wheels = [write_wheel(work, parts).name for parts in (NATIVE, PLAIN)]

    done = cli("conda", *wheels, "--offline")

    assert done.status == 9
    assert re.match(r"wrote +[\d.]+ k?B  plain-1.0-", done.out)
    assert "error[E8" in done.err
    assert "1 of 2 wheels converted" in done.err


def test_wheel_that_is_named_twice_is_told_as_the_same(cli: RunCli, work: Path) -> None:
    wheel = write_wheel(work, PLAIN)
    again = f"./{wheel.name}"

    done = cli("conda", wheel.name, again, "--offline")

    assert done.status == 0
    assert re.match(r"wrote +[\d.]+ k?B  plain-1.0-", done.out)
    assert done.out.splitlines()[1:] == [f"same  {again} is {wheel.name}"]
    assert "converted" not in done.err


def test_channel_is_made_and_indexed(cli: RunCli, work: Path) -> None:
    wheel = write_wheel(work, PLAIN)

    done = cli("conda", wheel.name, "-o", "channel", "--as-channel", "--offline")

    assert f"install with: conda install -c {(work / 'channel').as_uri()} NAME" in done.err
    (record,) = LocalChannel(str(work / "channel")).records()
    assert (record.conda_name, record.subdir) == ("plain", "noarch")


def test_dry_run_writes_nothing(cli: RunCli, work: Path) -> None:
    wheel = write_wheel(work, PLAIN)

    done = cli("conda", wheel.name, "--dry-run", "--offline")

    assert done.out.startswith("would write plain-1.0-")
    assert list(work.iterdir()) == [wheel]


def test_answer_says_all_of_each_package(cli: RunCli, work: Path) -> None:
    wheels = [write_wheel(work, parts).name for parts in (DEMO, NATIVE)]

    done = cli("conda", *wheels, "--json", "--offline")

    answer = json.loads(done.out)
    (row,), (failure,) = answer["results"], answer["errors"]
    assert (row["source"], row["is_made"]) == (wheels[0], True)
    assert {package["python"] for package in row["packages"]} == {">=3.8,<3.11a0", ">=3.11a0"}
    assert failure["source"] == wheels[1]


def test_answer_has_the_extras_of_each_case(cli: RunCli, work: Path) -> None:
    extras = ("Provides-Extra: socks", 'Requires-Dist: pysocks>=1.5; extra == "socks"')
    wheel = write_wheel(work, WheelParts(metadata=(*DEMO.metadata, *extras)))

    done = cli("conda", wheel.name, "--json", "--dry-run", "--offline")

    packages = json.loads(done.out)["results"][0]["packages"]
    groups = [{"group": "socks", "depends": ["pysocks >=1.5"]}]
    assert [package["extra_depends"] for package in packages] == [groups, groups]


def test_fast_and_a_level_exclude_each_other(cli: RunCli, work: Path) -> None:
    wheel = write_wheel(work, PLAIN)

    done = cli("conda", wheel.name, "--fast", "--level", "3")

    assert (done.status, "exclude each other" in done.err) == (2, True)


def test_level_decides_how_much_is_compressed(cli: RunCli, work: Path) -> None:
    wheel = write_wheel(work, PLAIN)

    assert cli("conda", wheel.name, "--level", "1", "--offline").status == 0
    assert cli("conda", wheel.name, "--level", "23", "--offline").status == 2

"""What the host distributor makes for environments, told by a small index and a small machine."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.errors import EngineError, SourceError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import Provided
from conda_bridge.model.names import CondaName
from support.conda_packages import info_document
from support.host_channel import FACTS, Machine, Shelf, environment
from support.local_channels import unwhole


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "files")


@pytest.fixture
def machine(tmp_path: Path, shelf: Shelf) -> Machine:
    return Machine(cache=tmp_path / "cache", shelf=shelf)


def beside(name: str, version: str, *depends: str) -> PackageRecord:
    return PackageRecord(conda_name=CondaName(name), version=version, build="0", depends=depends)


def reasons(provided: Provided) -> list[tuple[str, str]]:
    return [(missing.conda_name, missing.reason) for missing in provided.missing]


# ---------------------------------------------------------------- making


def test_wheels_and_what_they_require_become_packages(machine: Machine, shelf: Shelf) -> None:
    shelf.add("hatchling", "1.27.0", requires=["pathspec>=0.10", "tomli; python_version < '3.11'"])
    shelf.add("pathspec", "0.12.1")

    provided = machine.provide("python 3.11.*", "hatchling >=1.26", "gcc_linux-64 12.*", "__glibc >=2.17")

    assert provided.missing == ()
    assert machine.packages() == [
        "gcc_linux-64-12.2.0-0_host",
        "hatchling-1.27.0-pyh_0",
        "pathspec-0.12.1-pyh_0",
        "python-3.11.7-0_cpython",
        "python_abi-3.11-8_cp311",
    ]


def test_a_second_build_converts_nothing_and_asks_no_index(machine: Machine, shelf: Shelf) -> None:
    shelf.add("hatchling", "1.27.0", requires=["pathspec>=0.10"])
    shelf.add("pathspec", "0.12.1")
    machine.provide("python", "hatchling")
    shelf.asked.clear()
    shelf.is_offline = True

    provided = machine.provide("python", "hatchling")

    assert provided.missing == ()
    assert (len(machine.converted), machine.own_made, shelf.asked) == (2, 1, [])


def test_versions_that_are_here_are_kept_until_refreshed(machine: Machine, shelf: Shelf) -> None:
    shelf.add("click", "8.0")
    machine.provide("click")
    shelf.add("click", "8.1")

    machine.provide("click")
    before = list(machine.converted)
    machine.distributor().refresh()
    machine.provide("click")

    assert before == ["click 8.0"]
    assert machine.converted == ["click 8.0", "click 8.1"]


def test_a_refreshed_choice_of_the_same_wheel_is_not_made_again(machine: Machine, shelf: Shelf) -> None:
    shelf.add("click", "8.0")
    machine.provide("click")
    machine.distributor().refresh()
    machine.provide("click")
    shelf.is_offline = True

    provided = machine.provide("click")

    assert provided.missing == ()
    assert machine.converted == ["click 8.0"]


def test_a_version_that_does_not_suit_is_made_beside_the_other(machine: Machine, shelf: Shelf) -> None:
    shelf.add("click", "8.0")
    shelf.add("click", "7.0")
    machine.provide("click")

    machine.provide("click <8")

    assert machine.converted == ["click 8.0", "click 7.0"]


def test_extras_are_part_of_what_a_package_depends_on(machine: Machine, shelf: Shelf) -> None:
    shelf.add("tool", "1.0", requires=["base[fast]>=1"])
    shelf.add("base", "1.0", requires=["speedup>=2; extra == 'fast'", "never; extra == 'slow'"])
    shelf.add("speedup", "2.5")

    provided = machine.provide("tool")

    assert provided.missing == ()
    assert machine.records()["tool"].depends == ("python", "base >=1", "speedup >=2")
    assert "speedup-2.5-pyh_0" in machine.packages()


def test_an_extra_asked_of_a_package_that_is_here_is_met(machine: Machine, shelf: Shelf) -> None:
    shelf.add("base", "1.0", requires=["speedup; extra == 'fast'"])
    machine.provide("base")
    shelf.add("tool", "1.0", requires=["base[fast]"])
    shelf.add("speedup", "2.5")

    machine.provide("tool")

    assert machine.records()["tool"].depends == ("python", "base", "speedup")
    assert sorted(machine.converted) == ["base 1.0", "speedup 2.5", "tool 1.0"]


def test_another_name_of_a_package_becomes_an_alias(machine: Machine, shelf: Shelf) -> None:
    shelf.add("matplotlib", "3.9")

    provided = machine.provide("matplotlib >=3")

    assert provided.missing == ()
    assert machine.records()["matplotlib"].depends == ("matplotlib-base ==3.9",)
    assert machine.records()["matplotlib-base"].version == "3.9"
    (alias,) = Path(machine.distributor().channel_dir).glob("noarch/matplotlib-3.9-*.conda")
    assert info_document(alias, "about.json")["extra"] == {"conda-bridge": {"private": True}}


def test_a_package_of_the_output_channel_wins_over_a_wheel(machine: Machine, shelf: Shelf) -> None:
    shelf.add("click", "9.0")
    shelf.add("colorama", "0.4")

    provided = machine.provide("click", beside=[beside("click", "8.0", "colorama")])

    assert provided.missing == ()
    assert machine.converted == ["colorama 0.4"]


def test_what_a_wheel_requires_may_be_met_by_the_output_channel(machine: Machine, shelf: Shelf) -> None:
    shelf.add("flask", "3.0", requires=["click>=8"])

    provided = machine.provide("flask", beside=[beside("click", "8.0")])

    assert (provided.missing, machine.converted) == ((), ["flask 3.0"])


def test_the_base_is_made_at_once(machine: Machine, shelf: Shelf) -> None:
    for project in ("pip", "setuptools", "wheel"):
        shelf.add(project, "1.0")

    made = machine.distributor().make()

    assert made.missing == ()
    assert {record.conda_name for record in machine.records().values()} >= {"pip", "setuptools", "python"}


def test_progress_says_what_is_being_made(machine: Machine, shelf: Shelf) -> None:
    shelf.add("click", "8.0", requires=["colorama"])
    shelf.add("colorama", "0.4")

    machine.provide("click")

    assert [step for step in machine.steps if not step.startswith("converting")] == [
        "making packages of python 3.11.7",
        "fetching 2 wheels",
        "publishing 5 packages",
    ]
    conversions = [step.split() for step in machine.steps if step.startswith("converting")]
    assert {one[1].partition("-")[0] for one in conversions} == {"click", "colorama"}
    assert sorted(one[2:] for one in conversions) == [["(1", "of", "2)"], ["(2", "of", "2)"]]


def test_another_interpreter_has_another_channel(tmp_path: Path, shelf: Shelf) -> None:
    older = replace(FACTS, interpreter=replace(FACTS.interpreter, version="3.11.6"))
    one = Machine(cache=tmp_path, shelf=shelf).distributor()
    other = Machine(cache=tmp_path, shelf=shelf, facts=older).distributor()

    assert one.channels() != other.channels()


def test_damaged_notes_are_made_again(machine: Machine, shelf: Shelf) -> None:
    shelf.add("click", "8.0")
    machine.provide("click")
    notes = Path(machine.distributor().channel_dir).parent / "wheels.json"
    notes.write_text('{"generation": 0, "wh')

    provided = machine.provide("click")

    assert provided.missing == ()
    assert machine.converted == ["click 8.0", "click 8.0"]


def test_a_package_that_was_noted_but_never_published_is_made_again(machine: Machine, shelf: Shelf) -> None:
    shelf.add("click", "8.0")
    machine.provide("click")
    (Path(machine.distributor().channel_dir) / "noarch" / "click-8.0-pyh_0.conda").unlink()
    machine.distributor()._means.store.channel.open()

    machine.provide("click")

    assert machine.converted == ["click 8.0", "click 8.0"]
    assert "click-8.0-pyh_0" in machine.packages()


# ---------------------------------------------------------------- what can't be had


def test_all_that_is_missing_is_told_at_once(machine: Machine, shelf: Shelf) -> None:
    shelf.add("sources-only", "1.0", tag="sdist")
    shelf.add("windows-only", "1.0", tag="cp311-cp311-win_amd64")
    shelf.add("old", "1.0")
    shelf.add("zlib", "1.0")
    shelf.add("click", "8.0")

    provided = machine.provide(
        "python", "no-such-project", "sources-only", "windows-only", "old >=2", "zlib", "click"
    )

    assert reasons(provided) == [
        ("no-such-project", "absent"),
        ("old", "version"),
        ("sources-only", "no-wheel"),
        ("windows-only", "no-wheel"),
        ("zlib", "not-python"),
    ]
    assert machine.converted == ["click 8.0"]


def test_a_missing_version_names_the_newest(machine: Machine, shelf: Shelf) -> None:
    shelf.add("old", "1.0")
    shelf.add("old", "1.5", tag="sdist")
    shelf.add("old", "2.0rc1")

    (missing,) = machine.provide("old >=3").missing

    assert (missing.reason, missing.detail) == ("version", "the newest old is 1.5")


def test_what_a_dependency_lacks_is_told_with_the_package_that_wants_it(
    machine: Machine, shelf: Shelf
) -> None:
    shelf.add("app", "1.0", requires=["engine>=2"])
    shelf.add("engine", "2.1", tag="sdist")

    (missing,) = machine.provide("app").missing

    assert (missing.conda_name, missing.spec, missing.wanted_by) == ("engine", "engine >=2", "app 1.0")
    assert missing.reason == "no-wheel"
    assert machine.converted == ["app 1.0"]


def test_an_older_version_with_a_wheel_does(machine: Machine, shelf: Shelf) -> None:
    shelf.add("app", "1.0")
    shelf.add("app", "2.0", tag="sdist")

    provided = machine.provide("app >=1")

    assert (provided.missing, machine.converted) == ((), ["app 1.0"])


def test_a_wheel_above_the_cap_is_told_with_both_sizes(machine: Machine, shelf: Shelf) -> None:
    shelf.add("torch", "1.0")
    shelf.add("torch", "2.0", size_bytes=900_000_000)

    (missing,) = machine.provide("pytorch").missing

    assert missing.reason == "too-large"
    assert missing.detail == (
        "torch-2.0-py3-none-any.whl has 900 MB, the cap is 1 MB; --max-wheel-size raises it"
    )


def test_the_size_counts_that_a_file_has_not_what_the_index_says(machine: Machine, shelf: Shelf) -> None:
    machine.max_wheel_bytes = 100
    shelf.add("click", "8.0", size_bytes=10)

    provided = machine.provide("click")

    assert reasons(provided) == [("click", "too-large")]
    assert "click-8.0-pyh_0" not in machine.packages()


def test_a_wheel_that_no_package_can_be_made_of_is_missing(machine: Machine, shelf: Shelf) -> None:
    machine.refused = frozenset({"odd"})
    shelf.add("odd", "1.0")
    shelf.add("click", "8.0", requires=["odd"])

    (missing,) = machine.provide("click").missing

    assert (missing.conda_name, missing.wanted_by, missing.reason) == ("odd", "click 8.0", "no-wheel")
    assert missing.detail == "its wheel is odd"


def test_wishes_that_contradict_each_other_are_a_conflict(machine: Machine, shelf: Shelf) -> None:
    shelf.add("left", "1.0", requires=["base<2"])
    shelf.add("right", "1.0", requires=["base>=2"])
    shelf.add("base", "1.0")
    shelf.add("base", "2.0")

    (missing,) = machine.provide("left", "right").missing

    assert (missing.conda_name, missing.reason) == ("base", "conflict")
    assert missing.detail == "left 1.0 wants base <2a0; right 1.0 wants base >=2"


def test_older_versions_are_tried_before_there_is_a_conflict(machine: Machine, shelf: Shelf) -> None:
    shelf.add("left", "1.0", requires=["base<2"])
    shelf.add("right", "2.0", requires=["base>=2"])
    shelf.add("right", "1.0", requires=["base"])
    shelf.add("base", "1.0")
    shelf.add("base", "2.0")

    provided = machine.provide("left", "right")

    assert provided.missing == ()
    assert sorted(machine.converted) == ["base 1.0", "left 1.0", "right 1.0"]


def test_each_environment_is_resolved_by_itself(machine: Machine, shelf: Shelf) -> None:
    shelf.add("base", "1.0")
    shelf.add("base", "2.0")

    provided = machine.distributor().provide([environment("base <2"), environment("base >=2")])

    assert provided.missing == ()
    assert sorted(machine.converted) == ["base 1.0", "base 2.0"]


def test_another_python_than_the_machine_has_is_missing(machine: Machine) -> None:
    (missing,) = machine.provide("python 3.12.*").missing

    assert (missing.reason, missing.detail) == ("version", "there is 3.11.7 alone")


def test_an_index_that_fails_is_no_missing_package(machine: Machine, shelf: Shelf) -> None:
    shelf.is_offline = True

    with pytest.raises(SourceError) as caught:
        machine.provide("click")

    assert caught.value.slug == "offline"


def test_a_spec_that_can_not_be_read_is_missing(machine: Machine) -> None:
    (missing,) = machine.provide("click ^8$").missing

    assert (missing.spec, missing.reason) == ("click ^8$", "absent")


# ---------------------------------------------------------------- which wheels


def test_wheels_for_other_pythons_and_yanked_ones_do_not_count(machine: Machine, shelf: Shelf) -> None:
    shelf.add("app", "1.0")
    shelf.add("app", "2.0", requires_python=">=3.12")
    shelf.add("app", "3.0", yanked="broken")
    shelf.add("app", "4.0", tag="cp312-cp312-manylinux_2_17_x86_64")
    shelf.add("app", "5.0", tag="cp311-cp311-manylinux_2_39_x86_64")

    machine.provide("app")

    assert machine.converted == ["app 1.0"]


def test_pre_releases_count_only_where_nothing_else_does(machine: Machine, shelf: Shelf) -> None:
    shelf.add("app", "1.0")
    shelf.add("app", "2.0rc1")

    machine.provide("app")
    machine.provide("app >=2.0rc1")

    assert machine.converted == ["app 1.0", "app 2.0rc1"]


def test_the_wheel_for_this_very_python_is_the_best(machine: Machine, shelf: Shelf) -> None:
    shelf.add("app", "1.0")
    shelf.add("app", "1.0", tag="cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64")
    shelf.add("app", "1.0", tag="cp39-abi3-manylinux_2_17_x86_64")

    machine.provide("app")

    files = [what for what in shelf.asked if what.startswith("file ")]
    assert files == ["file app-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"]


def test_a_release_whose_requirements_no_index_has_is_passed_over(machine: Machine, shelf: Shelf) -> None:
    shelf.add("app", "1.0")
    shelf.add("app", "2.0", requires=["private @ https://example.org/private.whl"])

    machine.provide("app")

    assert machine.converted == ["app 1.0"]


# ---------------------------------------------------------------- programs for engines


def test_patchelf_is_fetched_once(machine: Machine, shelf: Shelf) -> None:
    shelf.add_program("patchelf", "0.19", b"\x7fELF")

    (folder,) = machine.distributor().tools()
    shelf.is_offline = True
    again = machine.distributor().tools()

    program = Path(folder, "patchelf")
    assert (program.read_bytes(), program.stat().st_mode & 0o111) == (b"\x7fELF", 0o111)
    assert again == (folder,)
    assert [path.name for path in Path(folder).iterdir()] == ["patchelf"]


def test_without_patchelf_there_is_a_finding(machine: Machine, shelf: Shelf) -> None:
    shelf.is_offline = True

    assert machine.distributor().tools() == ()
    assert machine.noticed == ["patchelf-missing"]


# ---------------------------------------------------------------- at once, and interrupted


def test_two_at_once_make_everything_once(machine: Machine, shelf: Shelf) -> None:
    for number in range(6):
        shelf.add(f"part-{number}", "1.0")
    specs = [f"part-{number}" for number in range(6)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: machine.provide(*specs).missing, range(4)))

    assert answers == [()] * 4
    assert (sorted(machine.converted), machine.own_made) == ([f"part-{n} 1.0" for n in range(6)], 1)


def test_an_interrupted_conversion_leaves_nothing_behind(machine: Machine, shelf: Shelf) -> None:
    shelf.add("click", "8.0")
    shelf.add("flask", "3.0")
    machine.interrupted_at = "flask"

    with pytest.raises(KeyboardInterrupt):
        machine.provide("click", "flask")
    after = [*machine.packages(), *unwhole(Path(machine.distributor().channel_dir))]
    machine.interrupted_at = ""
    provided = machine.provide("click", "flask")

    assert after == []
    assert provided.missing == ()
    assert {"click-8.0-pyh_0", "flask-3.0-pyh_0"} <= set(machine.packages())


def test_wheels_are_noted_before_they_are_published(machine: Machine, shelf: Shelf) -> None:
    shelf.add("click", "8.0")
    distributor = machine.distributor()
    Path(distributor.channel_dir).mkdir(parents=True)
    (Path(distributor.channel_dir) / "linux-64").write_text("no folder")

    with pytest.raises(EngineError):
        distributor.provide([environment("click")])
    (Path(distributor.channel_dir) / "linux-64").unlink()

    assert distributor.provide([environment("click")]).missing == ()


def test_a_wheel_is_not_converted_before_what_its_extras_add_is_known(machine: Machine, shelf: Shelf) -> None:
    shelf.add("app", "1.0", requires=["late[fast]>=1"])

    (missing,) = machine.provide("app").missing
    before = list(machine.converted)
    shelf.add("late", "1.0", requires=["speedup; extra == 'fast'"])
    shelf.add("speedup", "1.0")
    machine.provide("app")

    assert (missing.conda_name, missing.spec, missing.reason) == ("late", "late >=1", "absent")
    assert before == []
    assert machine.records()["app"].depends == ("python", "late >=1", "speedup")


def test_a_dependency_that_conda_does_not_need_is_dropped(machine: Machine, shelf: Shelf) -> None:
    machine.dropped = ("shim",)
    shelf.add("app", "1.0", requires=["shim"])

    provided = machine.provide("app")

    assert (provided.missing, machine.converted) == ((), ["app 1.0"])


def test_a_compiler_that_the_machine_lacks_is_told_with_what_brings_it(machine: Machine) -> None:
    (missing,) = machine.provide("gfortran_linux-64 12.*").missing

    assert missing.reason == "not-python"
    assert missing.detail.startswith("this machine has none: apt install gfortran")


def test_a_compiler_that_no_package_is_made_of_is_told_so(machine: Machine, shelf: Shelf) -> None:
    shelf.add("go-cgo-linux-64", "1.0")

    (missing,) = machine.provide("go-cgo_linux-64").missing

    assert missing.reason == "not-python"
    assert "gcc, clang, gfortran and rust" in missing.detail
    assert shelf.asked == []


def test_nothing_is_asked_of_the_machine_before_it_is_needed(tmp_path: Path, shelf: Shelf) -> None:
    machine = Machine(cache=tmp_path, shelf=shelf)

    distributor = machine.distributor()

    assert (distributor.name, machine.described) == ("host", 0)
    assert (distributor.readable(), distributor.variants().values) == (FACTS.readable, ())
    assert machine.described == 1


# ---------------------------------------------------------------- releases that say what nobody can read


@pytest.mark.parametrize(
    "line",
    [
        'part; os_name ~= "1"',
        'part; "x" in extras',
        f'part; {"(" * 5000}os_name == "x"{")" * 5000}',
        f"part >={'9' * 5000}",
        f'part; python_version > "{"9" * 5000}"',
        "part_",
        "part_; python_version < '3'",
        "part ===odd",
    ],
)
def test_a_release_whose_requirements_cannot_be_judged_is_passed_over(
    machine: Machine, shelf: Shelf, line: str
) -> None:
    shelf.add("part", "1.0")
    shelf.add("app", "1.0")
    shelf.add("app", "2.0", requires=[line])

    provided = machine.provide("app")

    assert provided.missing == ()
    assert machine.converted == ["app 1.0"]


def test_a_release_with_more_fields_than_any_project_is_passed_over(machine: Machine, shelf: Shelf) -> None:
    shelf.add("app", "1.0")
    shelf.add("app", "2.0", requires=[f"part{number}" for number in range(20_000)])

    provided = machine.provide("app")

    assert provided.missing == ()
    assert machine.converted == ["app 1.0"]


def test_file_names_with_endless_numbers_are_passed_over(machine: Machine, shelf: Shelf) -> None:
    shelf.add("app", "1.0")
    shelf.add("app", "9" * 5000, tag="sdist")
    shelf.add("app", "9" * 5000, content=b"never opened")
    shelf.add("app", "1.0", tag=f"{'9' * 5000}-py3-none-any", content=b"never opened")

    provided = machine.provide("app")

    assert provided.missing == ()
    assert machine.converted == ["app 1.0"]


def test_a_python_that_nobody_can_count_to_forbids_nothing(machine: Machine, shelf: Shelf) -> None:
    shelf.add("app", "1.0", requires_python=f">={'9' * 5000}")

    assert machine.provide("app").missing == ()


def test_what_is_asked_ahead_of_time_raises_nothing_where_nobody_listens(
    machine: Machine, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.add("app", "1.0", requires=['part; os_name ~= "1"'])

    provided = machine.provide("app")

    assert reasons(provided) == [("app", "no-wheel")]
    assert caplog.records == []


def test_a_package_that_sounds_like_a_library_is_not_made_of_a_project_unasked(
    machine: Machine, shelf: Shelf
) -> None:
    shelf.add("libno-table-knows-this", "1.0")

    (missing,) = machine.provide("libno-table-knows-this").missing

    assert missing.reason == "not-python"
    assert 'libno-table-knows-this = "libno-table-knows-this"' in missing.detail
    assert shelf.asked == []

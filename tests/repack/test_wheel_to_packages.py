"""Pure wheels become packages that say exactly where what is needed."""

import zipfile
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.errors import BridgeError, MetadataError, RepackError
from conda_bridge.model.names import CondaName, NameHit, NameTable, PypiName
from conda_bridge.repack.to_conda.wheel_target import Converted, ExtraMetadata
from conda_bridge.repack.to_conda.wheel_to_packages import (
    PackageSetting,
    package_needs,
    planned_packages,
    wheel_to_packages,
)
from support.conda_packages import info_document, package_members
from support.cost import SECONDS, least_cpu_s
from support.wheels import WheelParts, write_wheel

QUICK = PackageSetting(level=1)


def convert(
    folder: Path,
    *metadata: str,
    parts: WheelParts | None = None,
    setting: PackageSetting = QUICK,
    names: NameTable | None = None,
    extras: tuple[ExtraMetadata, ...] = (),
) -> tuple[Converted, ...]:
    out = folder / "out"
    out.mkdir(exist_ok=True)
    wheel = write_wheel(folder, replace(parts or WheelParts(), metadata=metadata))
    return wheel_to_packages(str(wheel), str(out), setting=setting, names=names or NameTable(), extras=extras)


def depends(found: tuple[Converted, ...]) -> list[tuple[str, ...]]:
    return [one.record.depends for one in found]


def told(found: tuple[Converted, ...], slug: str) -> list[str]:
    return [row.message for row in found[0].diagnostics if row.slug == slug]


def refused(folder: Path, *metadata: str, parts: WheelParts | None = None) -> BridgeError:
    with pytest.raises(BridgeError) as caught:
        convert(folder, *metadata, parts=parts)
    assert not list((folder / "out").iterdir()), "nothing is left"
    return caught.value


# ---------------------------------------------------------------- cases


def test_without_markers_there_is_one_package(tmp_path: Path) -> None:
    found = convert(
        tmp_path, "Requires-Python: >=3.8,<4.0", "Requires-Dist: idna<4,>=2.5", "Requires-Dist: x==1.*"
    )
    assert depends(found) == [("python >=3.8,<4a0", "idna >=2.5,<4a0", "x 1.*")]


def test_bounds_admit_what_pip_admits(tmp_path: Path) -> None:
    found = convert(
        tmp_path, "Requires-Python: <3.13", "Requires-Dist: idna>1.2,<2.0", "Requires-Dist: x~=1.4.2"
    )
    assert depends(found) == [("python >=3,<3.13a0", "idna >1.2,<2a0,!=1.2.post.*", "x >=1.4.2,1.4.*")]
    assert not [one for one in found[0].diagnostics if one.slug == "release-bound"]
    assert found[0].record == read_record(found[0].path)
    assert found[0].record.build.startswith("pyh")
    assert found[0].record.build.endswith("_0")


def test_a_marker_on_the_platform_makes_two_packages(tmp_path: Path) -> None:
    found = convert(tmp_path, "Requires-Python: >=3.8", 'Requires-Dist: colorama; sys_platform == "win32"')
    assert depends(found) == [("python >=3.8", "__unix"), ("python >=3.8", "__win", "colorama")]
    assert told(found, "packages-by-marker")


def test_a_marker_on_python_cuts_the_range(tmp_path: Path) -> None:
    found = convert(
        tmp_path, "Requires-Python: >=3.8", 'Requires-Dist: tomli>=1; python_full_version <= "3.11.0a6"'
    )
    assert depends(found) == [("python >=3.8,<3.11a0", "tomli >=1"), ("python >=3.11a0",)]


@pytest.mark.parametrize(
    "marker",
    [
        'platform_machine == "wasm32"',
        'sys_platform == "emscripten"',
        'python_full_version == "3.10.0rc1"',
        'python_version < "0"',
    ],
)
def test_a_dependency_that_is_needed_nowhere_is_told(tmp_path: Path, marker: str) -> None:
    found = convert(tmp_path, f"Requires-Dist: idna; {marker}")
    assert depends(found) == [("python >=3",)]
    (message,) = told(found, "dependency-nowhere")
    assert "idna" in message


def ring(count: int, *, marker: str = "") -> str:
    """Return METADATA with extras of which each names the next five."""
    rows = [f"Provides-Extra: e{number}" for number in range(count)]
    for number in range(count):
        rows.append(f"Requires-Dist: p{number}; extra == 'e{number}'")
        for step in range(1, 6):
            said = marker and f" and python_version >= '3.{(7 * number + 3 * step) % 14}'"
            rows.append(f"Requires-Dist: demo[e{(number + step) % count}]; extra == 'e{number}'{said}")
    return "\n".join(("Metadata-Version: 2.1", "Name: demo", "Version: 1.0", *rows, "", ""))


@pytest.mark.parametrize("marker", ["", "by python"])
def test_extras_that_name_each_other_are_followed_at_once(marker: str) -> None:
    text = ring(150, marker=marker)
    assert len(package_needs(text).names) == 151
    assert least_cpu_s(lambda: package_needs(text), enough_s=SECONDS) < SECONDS


def test_extras_that_name_each_other_without_end_are_refused() -> None:
    with pytest.raises(MetadataError, match="more than 1,000,000 ways"):
        package_needs(ring(450))


def test_a_case_that_requires_python_excludes_is_none(tmp_path: Path) -> None:
    found = convert(tmp_path, "Requires-Python: >=3.9", 'Requires-Dist: tomli; python_version < "3.9"')
    assert depends(found) == [("python >=3.9",)]


def test_holes_in_requires_python_stay(tmp_path: Path) -> None:
    found = convert(
        tmp_path,
        "Requires-Python: >=3.7,!=3.9.*,!=3.10.1",
        'Requires-Dist: a; python_version < "3.12"',
    )
    assert depends(found) == [("python >=3.7,<3.12a0,!=3.9.*,!=3.10.1", "a"), ("python >=3.12a0",)]


def test_systems_without_a_virtual_package_of_their_own_are_told_apart(tmp_path: Path) -> None:
    found = convert(tmp_path, "Requires-Python: >=3.8", 'Requires-Dist: appnope; platform_system != "Darwin"')
    assert depends(found) == [
        ("python >=3.8", "__linux", "appnope"),
        ("python >=3.8", "__osx"),
        ("python >=3.8", "__win", "appnope"),
    ]


def test_bounds_of_one_project_differ_by_case(tmp_path: Path) -> None:
    found = convert(
        tmp_path,
        "Requires-Python: >=3.9",
        'Requires-Dist: numpy>=1.21; python_version < "3.12"',
        'Requires-Dist: numpy>=1.26; python_version >= "3.12"',
    )
    assert depends(found) == [("python >=3.9,<3.12a0", "numpy >=1.21"), ("python >=3.12a0", "numpy >=1.26")]


def test_implementations_are_decided_for_cpython_with_a_note(tmp_path: Path) -> None:
    found = convert(
        tmp_path,
        "Requires-Python: >=3.9",
        'Requires-Dist: brotlicffi; platform_python_implementation != "CPython"',
        'Requires-Dist: brotli; platform_python_implementation == "CPython"',
    )
    assert depends(found) == [("python >=3.9", "brotli")]
    assert len(told(found, "implementation-marker")) == 2


def test_machines_count_as_all_with_a_finding(tmp_path: Path) -> None:
    found = convert(
        tmp_path,
        "Requires-Python: >=3.9",
        'Requires-Dist: greenlet; platform_machine == "x86_64" and python_version < "3.14"',
    )
    # What Windows calls that machine is another word.
    assert depends(found) == [
        ("python >=3.9,<3.14a0", "__unix", "greenlet"),
        ("python >=3.14a0", "__unix"),
        ("python >=3.9", "__win"),
    ]
    assert told(found, "machine-marker")


def test_names_of_conda_are_taken(tmp_path: Path) -> None:
    hit = NameHit(
        pypi_name=PypiName("torch"), chosen=CondaName("pytorch"), source="curated", confidence="high"
    )
    found = convert(tmp_path, "Requires-Dist: torch", names=NameTable(hits=(hit,)))
    assert depends(found)[0][1:] == ("pytorch",)


# ---------------------------------------------------------------- one payload


def collision(name: str) -> NameTable:
    hit = NameHit(
        pypi_name=PypiName(name),
        chosen=CondaName(name),
        source="identity",
        confidence="low",
        reason="conda's package of that name is no Python package",
        is_collision=True,
    )
    return NameTable(hits=(hit,))


@pytest.mark.parametrize("line", ["", "Requires-Dist: zlib"], ids=["own", "needed"])
def test_a_name_that_is_something_else_for_conda_is_refused(line: str, tmp_path: Path) -> None:
    parts = WheelParts(name="demo" if line else "zlib")
    with pytest.raises(BridgeError) as caught:
        convert(tmp_path, line or "Summary: x", parts=parts, names=collision("zlib"))
    assert caught.value.slug == "name-collision"
    assert "no Python package" in caught.value.message
    assert not list((tmp_path / "out").iterdir())


def test_no_package_of_a_wheel_is_called_python(tmp_path: Path) -> None:
    assert refused(tmp_path, parts=WheelParts(name="python")).slug == "name-collision"


def test_what_metadata_asks_for_beside_projects_is_told(tmp_path: Path) -> None:
    lines = ("Requires-External: libpng (>=1.5)", "Requires-External: C", "Requires: zope")
    found = convert(tmp_path, *lines)
    assert told(found, "need-untold") == ["Requires-External: 'libpng (>=1.5)', 'C'", "Requires: 'zope'"]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("License-Expression: FooBar", "FooBar"),
        ("License: Terms of our own", "Terms of our own"),
        (f"License: Terms {'of our own ' * 20}", ""),
    ],
)
def test_a_licence_that_nobody_knows_is_told(line: str, kept: str, tmp_path: Path) -> None:
    found = convert(tmp_path, line)
    assert found[0].record.license == kept
    assert told(found, "license-name-unread")


def test_another_mode_of_a_file_makes_another_build(tmp_path: Path) -> None:
    files = {"demo/__init__.py": b"", "demo/run.sh": b"#!/bin/sh\n"}
    (one,) = convert(tmp_path, parts=WheelParts(files=files))
    (other,) = convert(tmp_path, parts=WheelParts(files=files, executable=frozenset({"demo/run.sh"})))
    assert one.record.build != other.record.build


@pytest.mark.parametrize(
    ("parts", "slug"),
    [
        (WheelParts(files={"demo/data.bin": b"\x7fELF\x02\x01\x01" + bytes(100)}), "impure-wheel"),
        (WheelParts(record={"demo/__init__.py": "demo/__init__.py,sha256=AAAA,6"}), "record-mismatch"),
    ],
)
def test_a_plan_is_refused_for_what_files_hold(parts: WheelParts, slug: str, tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, parts)
    with pytest.raises(RepackError) as caught:
        planned_packages(str(wheel), setting=QUICK, names=NameTable())
    assert caught.value.slug == slug


def test_a_plan_tells_what_files_hold(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts(files={"demo/run.exe": pe_file()}))
    found = planned_packages(str(wheel), setting=QUICK, names=NameTable())
    assert told(found, "windows-program") == ["'run.exe'"]


def test_packages_of_a_wheel_share_the_bytes_of_their_payload(tmp_path: Path) -> None:
    found = convert(tmp_path, 'Requires-Dist: colorama; os_name == "nt"')
    payloads = set()
    for one in found:
        with zipfile.ZipFile(one.path) as archive:
            payloads.add(archive.read(f"pkg-{one.record.stem}.tar.zst"))
    assert len(found) == 2
    assert len(payloads) == 1
    assert len({one.record.build for one in found}) == 2
    assert info_document(Path(found[1].path), "index.json")["depends"][1:] == ["__win", "colorama"]


def test_same_wheel_gives_the_same_bytes(tmp_path: Path) -> None:
    line = 'Requires-Dist: colorama; os_name == "nt"'
    first = [Path(one.path).read_bytes() for one in convert(tmp_path, line)]
    assert [Path(one.path).read_bytes() for one in convert(tmp_path, line)] == first


def test_a_given_time_is_that_of_the_package(tmp_path: Path) -> None:
    found = convert(tmp_path, setting=PackageSetting(level=1, timestamp_ms=1_600_000_000_000))
    assert found[0].record.timestamp_ms == 1_600_000_000_000
    assert {header.mtime for header, _ in package_members(Path(found[0].path)).values()} == {1_600_000_000}


def test_a_plan_names_what_would_be_written(tmp_path: Path) -> None:
    found = convert(tmp_path, 'Requires-Dist: colorama; os_name == "nt"')
    wheel = next(tmp_path.glob("*.whl"))
    planned = planned_packages(str(wheel), setting=QUICK, names=NameTable())
    assert [one.path for one in planned] == [Path(one.path).name for one in found]
    assert depends(planned) == depends(found)


# ---------------------------------------------------------------- one package for all


def test_widened_there_is_one_package_with_all_of_them(tmp_path: Path) -> None:
    found = convert(
        tmp_path,
        "Requires-Python: >=3.9",
        'Requires-Dist: colorama; sys_platform == "win32"',
        'Requires-Dist: numpy<2; python_version < "3.12"',
        'Requires-Dist: numpy>=2; python_version >= "3.12"',
        'Requires-Dist: dataclasses; python_version < "3.10"',
        "Requires-Dist: idna",
        setting=PackageSetting(level=1, is_widened=True),
    )
    assert depends(found) == [("python >=3.9", "colorama", "dataclasses", "idna", "numpy <2a0|>=2")]
    messages = told(found, "marker-widened")
    assert len(messages) == 3
    assert "the package can't be installed" in next(m for m in messages if "colorama" in m)
    assert "python's own module" in next(m for m in messages if "dataclasses" in m)


def test_more_cases_than_a_channel_should_hold_become_one_package(tmp_path: Path) -> None:
    lines = [f'Requires-Dist: d{minor}; python_version == "3.{minor}"' for minor in range(8, 21)]
    found = convert(tmp_path, "Requires-Python: >=3.8", *lines)
    assert len(depends(found)) == 1
    assert len(depends(found)[0]) == 14
    assert "14 cases" in told(found, "too-many-cases")[0]


# ---------------------------------------------------------------- extras


def test_extras_become_dependency_groups(tmp_path: Path) -> None:
    found = convert(
        tmp_path,
        "Requires-Python: >=3.9",
        "Provides-Extra: Socks_Proxy",
        "Provides-Extra: all",
        'Requires-Dist: pysocks>=1.5; extra == "Socks_Proxy"',
        'Requires-Dist: tomli; extra == "Socks_Proxy" and python_version < "3.8"',
        'Requires-Dist: demo[socks-proxy]; extra == "all"',
    )
    assert depends(found) == [("python >=3.9",)]
    groups = (("all", ("pysocks >=1.5",)), ("socks-proxy", ("pysocks >=1.5",)))
    assert found[0].record.extra_depends == groups
    assert info_document(Path(found[0].path), "index.json")["extra_depends"]["all"] == ["pysocks >=1.5"]
    assert told(found, "extras-in-groups")


@pytest.mark.parametrize(
    "script",
    ["DATA/scripts/demo", "DATA/scripts/demo.exe", "DATA/scripts/demo-script.py", "DATA/data/bin/demo"],
)
def test_script_of_the_name_of_an_entry_point_is_left_out_as_pip_does(tmp_path: Path, script: str) -> None:
    parts = WheelParts(
        files={"demo.py": b"x = 1\n", script: b"#!python\n", "DATA/scripts/other": b"#!python\n"},
        entry_points="[console_scripts]\ndemo = demo:main\n",
    )
    found = convert(tmp_path, parts=parts)
    names = package_members(Path(found[0].path))
    assert [name for name in names if "bin/" in name or "scripts/" in name] == ["python-scripts/other"]
    assert "entry point" in told(found, "left-to-installer")[0]


@pytest.mark.parametrize("folder", ["bin", "Scripts"])
def test_script_and_data_that_are_one_command_are_refused(folder: str, tmp_path: Path) -> None:
    files = {"DATA/scripts/foo": b"#!python\n", f"DATA/data/{folder}/foo": b"#!/bin/sh\n"}
    error = refused(tmp_path, parts=WheelParts(files=files))
    assert error.slug == "clashing-files"
    assert "demo-1.0.data/scripts/foo" in error.message
    assert f"demo-1.0.data/data/{folder}/foo" in error.message


def test_commands_that_differ_by_case_alone_are_told(tmp_path: Path) -> None:
    parts = WheelParts(
        files={"DATA/scripts/Foo": b"#!python\n"}, entry_points="[console_scripts]\nfoo = demo:main\n"
    )
    assert told(convert(tmp_path, parts=parts), "command-clash") == ["'Foo' and 'foo'"]


def test_compiled_modules_are_left_to_the_installer_unless_there_is_no_source(tmp_path: Path) -> None:
    paths = ("demo/a.py", "demo/__pycache__/a.cpython-311.pyc", "demo/a.pyc", "top.py", "demo/lone.pyc")
    files = dict.fromkeys(paths, b"x = 1\n")
    files["__pycache__/top.cpython-311.pyc"] = b""
    found = convert(tmp_path, parts=WheelParts(files=files))
    names = package_members(Path(found[0].path))
    assert sorted(name for name in names if name.endswith(".pyc")) == ["site-packages/demo/lone.pyc"]
    assert told(found, "left-to-installer")[0].startswith("3 compiled modules")
    assert b"cpython-311" not in names["site-packages/demo-1.0.dist-info/RECORD"][1]


EXTRA = (
    "Requires-Python: >=3.9",
    'Requires-Dist: colorama; sys_platform == "win32"',
    'Requires-Dist: uvloop; extra == "fast" and sys_platform != "win32"',
    'Requires-Dist: x <5; extra == "fast" and python_version < "3.10"',
    'Requires-Dist: x >=5; extra == "fast" and python_version >= "3.10"',
    "Provides-Extra: fast",
)


def groups(found: tuple[Converted, ...]) -> list[tuple[str, ...]]:
    """Return what the only extra adds, by package."""
    return [specs for one in found for _, specs in one.record.extra_depends]


def test_markers_of_an_extra_make_cases_too(tmp_path: Path) -> None:
    found = convert(tmp_path, *EXTRA)
    assert depends(found) == [
        ("python >=3.9,<3.10a0", "__unix"),
        ("python >=3.10a0", "__unix"),
        ("python >=3.9,<3.10a0", "__win", "colorama"),
        ("python >=3.10a0", "__win", "colorama"),
    ]
    assert groups(found) == [("uvloop", "x <5a0"), ("uvloop", "x >=5"), ("x <5a0",), ("x >=5",)]
    assert not told(found, "marker-widened")


def test_versions_of_an_extra_that_differ_are_alternatives_where_they_are_widened(tmp_path: Path) -> None:
    found = convert(tmp_path, *EXTRA, setting=PackageSetting(level=1, is_widened=True))
    assert depends(found) == [("python >=3.9", "colorama")]
    assert groups(found) == [("uvloop", "x <5a0|>=5")]
    assert [message.partition(":")[0] for message in told(found, "marker-widened")] == [
        'colorama is needed where sys_platform == "win32", and now everywhere',
        "[fast]",
        "[fast]",
    ]


def test_where_extras_make_too_many_cases_those_of_the_dependencies_stay_exact(tmp_path: Path) -> None:
    lines = [
        f'Requires-Dist: d{minor}; extra == "fast" and python_version == "3.{minor}"'
        for minor in range(10, 20)
    ]
    found = convert(tmp_path, *EXTRA, *lines)
    assert depends(found) == [("python >=3.9", "__unix"), ("python >=3.9", "__win", "colorama")]
    assert [len(specs) for specs in groups(found)] == [12, 11]
    assert "x <5a0|>=5" in groups(found)[1]
    assert "those of its extras" in told(found, "too-many-cases")[0]


def test_extras_of_a_dependency_are_merged_in_under_its_marker(tmp_path: Path) -> None:
    uvicorn = ExtraMetadata(
        pypi_name=PypiName("uvicorn"),
        requirements=(
            "h11>=0.8",
            'httptools; extra == "standard"',
            'uvloop; extra == "standard" and sys_platform != "win32"',
        ),
    )
    found = convert(
        tmp_path,
        "Requires-Python: >=3.9",
        'Requires-Dist: uvicorn[standard]>=0.1; python_version >= "3.12"',
        extras=(uvicorn,),
    )
    assert depends(found) == [
        ("python >=3.9,<3.12a0",),
        ("python >=3.12a0", "__unix", "httptools", "uvicorn >=0.1", "uvloop"),
        ("python >=3.12a0", "__win", "httptools", "uvicorn >=0.1"),
    ]


def test_extras_of_an_unknown_project_are_wanted_and_told(tmp_path: Path) -> None:
    found = convert(tmp_path, "Requires-Dist: uvicorn[standard]")
    assert "uvicorn" in depends(found)[0]
    assert told(found, "extra-unknown")
    metadata = "Metadata-Version: 2.1\nName: demo\nVersion: 1\nRequires-Dist: uvicorn[standard]\n\n"
    needs = package_needs(metadata)
    assert needs.names == ("demo", "uvicorn")
    assert [(one.pypi_name, extra) for one, extra in needs.wanted] == [("uvicorn", "standard")]


def test_extras_that_ask_for_each_other_come_to_an_end(tmp_path: Path) -> None:
    a = ExtraMetadata(pypi_name=PypiName("a"), requirements=('b[x]; extra == "x"',))
    b = ExtraMetadata(
        pypi_name=PypiName("b"), requirements=('a[x]; extra == "x"', 'c; extra == "x" and os_name == "nt"')
    )
    found = convert(tmp_path, "Requires-Dist: a[x]", extras=(a, b))
    assert [one[1:] for one in depends(found)] == [("__unix", "a", "b"), ("__win", "a", "b", "c")]


def test_an_extra_whose_name_no_group_may_have_is_left_out_with_a_finding(tmp_path: Path) -> None:
    long = "x" * 65
    extras = (f"Provides-Extra: {long}", "Provides-Extra: fast", f'Requires-Dist: idna; extra == "{long}"')
    found = convert(tmp_path, *extras)
    assert [name for name, _ in found[0].record.extra_depends] == ["fast"]
    (noticed,) = (one for one in found[0].diagnostics if one.slug == "extra-unnameable")
    assert long in noticed.message


def test_endless_markers_are_cut_in_what_is_told(tmp_path: Path) -> None:
    marker = " or ".join(f"python_full_version == '3.{minor}.1'" for minor in range(9, 40))
    machine = f"platform_machine == 'x86_64' and ({marker})"
    found = convert(tmp_path, f"Requires-Dist: idna; {marker}", f"Requires-Dist: x; {machine}")
    told = {one.slug: len(one.message) for one in found[0].diagnostics}
    assert {"marker-widened", "machine-marker"} <= told.keys()
    assert max(told.values()) < 500


# ---------------------------------------------------------------- pythons


@pytest.mark.parametrize(
    ("tag", "requires", "expected"),
    [
        ("py3-none-any", "", "python >=3"),
        ("py2.py3-none-any", "", "python"),
        ("py2.py3-none-any", ">=2.7,!=3.0.*", "python >=2.7,!=3.0.*"),
        ("py3-none-any", ">=2.7,!=3.0.*", "python >=3.1"),
        ("py38-none-any", "", "python >=3.8"),
        ("cp311-none-any", ">=3.8", "python >=3.11,<3.12a0"),
    ],
)
def test_pythons_are_those_of_the_tags_and_of_requires_python(
    tag: str, requires: str, expected: str, tmp_path: Path
) -> None:
    metadata = (f"Requires-Python: {requires}",) if requires else ()
    assert depends(convert(tmp_path, *metadata, parts=WheelParts(tag=tag)))[0][0] == expected


def test_a_starred_bound_of_python_is_read_as_it_was_meant(tmp_path: Path) -> None:
    found = convert(tmp_path, "Requires-Python: >=3.5.*", "Requires-Dist: idna>=1.0.*")
    assert depends(found) == [("python >=3.5", "idna >=1.0")]
    assert [one.slug for one in found[0].diagnostics].count("legacy-requirement") == 2


@pytest.mark.parametrize(("tag", "requires"), [("py2-none-any", ""), ("py3-none-any", "<3")])
def test_a_wheel_for_no_python_3_is_refused(tag: str, requires: str, tmp_path: Path) -> None:
    metadata = (f"Requires-Python: {requires}",) if requires else ()
    assert refused(tmp_path, *metadata, parts=WheelParts(tag=tag)).slug == "unsuitable-wheel"


def test_a_requires_python_that_is_none_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "Requires-Python: any").slug == "invalid-wheel"


# ---------------------------------------------------------------- impure wheels


def test_a_wheel_of_a_platform_is_refused_with_what_helps(tmp_path: Path) -> None:
    error = refused(tmp_path, parts=WheelParts(tag="cp311-cp311-manylinux2014_x86_64", is_purelib=False))
    assert (error.slug, error.where) == ("impure-wheel", "demo-1.0-cp311-cp311-manylinux2014_x86_64.whl")
    assert "cp311-cp311-manylinux2014_x86_64" in error.message
    assert error.hint is not None
    assert "conda-bridge build" in error.hint


def test_native_code_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    files = {"demo/__init__.py": b"", "demo/speed.txt": b"\x7fELF\x02\x01\x01" + bytes(100)}
    error = refused(tmp_path, parts=WheelParts(files=files))
    assert isinstance(error, RepackError)
    assert error.slug == "impure-wheel"
    assert "demo/speed.txt" in error.message
    assert error.where == "demo-1.0-py3-none-any.whl/demo/speed.txt"


def pe_file(*, is_library: bool = False) -> bytes:
    start = b"MZ" + bytes(58) + (64).to_bytes(4, "little")
    kind = 0x2002 if is_library else 0x0002
    return start + b"PE\0\0" + bytes(18) + kind.to_bytes(2, "little") + bytes(64)


def told_by_wheel(*lines: str) -> WheelParts:
    return WheelParts(files={"INFO/WHEEL": "\n".join(("Wheel-Version: 1.0", *lines, "")).encode()})


def test_a_wheel_whose_own_tag_is_of_a_platform_is_refused(tmp_path: Path) -> None:
    parts = told_by_wheel("Root-Is-Purelib: true", "Tag: py3-none-any", "Tag: cp39-cp39-linux_x86_64")
    error = refused(tmp_path, parts=parts)
    assert error.slug == "impure-wheel"
    assert error.where == "demo-1.0-py3-none-any.whl/demo-1.0.dist-info/WHEEL"
    assert "cp39-cp39-linux_x86_64" in error.message


def test_a_wheel_that_says_both_that_it_is_pure_and_that_it_isnt_is_refused(tmp_path: Path) -> None:
    parts = told_by_wheel("Root-Is-Purelib: true", "Root-Is-Purelib: false", "Tag: py3-none-any")
    assert refused(tmp_path, parts=parts).slug == "impure-wheel"


def test_pythons_are_those_that_the_file_name_and_the_wheel_name(tmp_path: Path) -> None:
    found = convert(tmp_path, parts=told_by_wheel("Root-Is-Purelib: true", "Tag: py39-none-any"))
    assert depends(found) == [("python >=3.9",)]
    assert told(found, "tags-differ") == ["the file name says py3-none-any, WHEEL says py39-none-any"]


def test_a_wheel_without_a_tag_is_what_its_file_name_says(tmp_path: Path) -> None:
    found = convert(tmp_path, parts=told_by_wheel("Root-Is-Purelib: true"))
    assert depends(found) == [("python >=3",)]
    assert not told(found, "tags-differ")


@pytest.mark.parametrize(
    "lines",
    [
        ("Root-Is-Purelib: true", "Tag: any"),
        ("Root-Is-Purelib: true", *("Tag: py3-none-any",) * 201),
        ("Root-Is-Purelib: true", f"Tag: {'.'.join(['py3'] * 99)}-none-any"),
        ("Root-Is-Purelib: true", "Wheel-Version: 1.9"),
    ],
)
def test_a_wheel_that_says_two_things_of_itself_is_refused(lines: tuple[str, ...], tmp_path: Path) -> None:
    assert refused(tmp_path, parts=told_by_wheel(*lines)).slug == "invalid-wheel"


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ("Metadata-Version: 3.0\nName: demo\nVersion: 1.0\n", "'3.0'"),
        ("Name: demo\nVersion: 1.0\n", "no Metadata-Version"),
        ("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nVersion: 2.0\n", "'1.0' and '2.0'"),
        ("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nName: other\n", "'demo' and 'other'"),
    ],
)
def test_metadata_that_nobody_should_read_is_refused(metadata: str, why: str, tmp_path: Path) -> None:
    error = refused(tmp_path, parts=WheelParts(files={"INFO/METADATA": metadata.encode()}))
    assert (error.slug, error.where) == (
        "invalid-wheel",
        "demo-1.0-py3-none-any.whl/demo-1.0.dist-info/METADATA",
    )
    assert why in error.message


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_native_code_is_told_whatever_digest_record_has(algorithm: str, tmp_path: Path) -> None:
    files = {"demo/__init__.py": b"", "demo/data.bin": b"\x7fELF\x02\x01\x01" + bytes(100)}
    error = refused(tmp_path, parts=WheelParts(files=files, algorithm=algorithm))
    assert (error.slug, error.where) == ("impure-wheel", "demo-1.0-py3-none-any.whl/demo/data.bin")


def test_large_files_may_have_a_stronger_digest(tmp_path: Path) -> None:
    files = {"demo/__init__.py": b"", "demo/data.bin": Random(1).randbytes(17_000_000)}
    (found,) = convert(tmp_path, parts=WheelParts(files=files, algorithm="sha512"))
    assert len(package_members(Path(found.path))["site-packages/demo/data.bin"][1]) == 17_000_000


def test_programs_for_windows_are_told(tmp_path: Path) -> None:
    names = ("gui.exe", "cli.exe", "w64.exe", "w32.exe")
    files = {f"demo/{name}": pe_file() for name in names} | {"demo/empty.exe": b"", "demo/text.exe": b"MZ"}
    found = convert(tmp_path, parts=WheelParts(files=files))
    assert told(found, "windows-program") == ["'cli.exe', 'gui.exe', 'w32.exe' and 1 more"]
    (row,) = (row for row in found[0].diagnostics if row.slug == "windows-program")
    assert row.origin == "demo/cli.exe"


def test_a_library_for_windows_is_refused_whatever_its_name(tmp_path: Path) -> None:
    error = refused(tmp_path, parts=WheelParts(files={"demo/speed.exe": pe_file(is_library=True)}))
    assert error.slug == "impure-wheel"

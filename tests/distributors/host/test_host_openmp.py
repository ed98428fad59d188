"""The OpenMP library of gcc under the names that recipes and built packages ask for."""

import os
from pathlib import Path

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.distributors.host.machine import describe_host
from conda_bridge.distributors.host.openmp import find_openmp, openmp_packages
from conda_bridge.distributors.host.store import key_of
from support.conda_packages import info_document, package_members
from support.host_machine import GCC, facts_of, fake_python, put, tool


def _gcc(folder: Path, says: str) -> str:
    return str(tool(folder, "gcc", f'case "$1" in -print*) echo {says};; -dump*) echo 12.2.0;; esac'))


def test_library_is_the_one_that_gcc_links_against(tmp_path: Path) -> None:
    library = put(tmp_path / "lib/libgomp.so.1.0.0", b"\x7fELF")
    link = tmp_path / "lib/libgomp.so.1"
    link.symlink_to(library.name)

    assert find_openmp(_gcc(tmp_path / "bin", f"{tmp_path}/bin/../lib/libgomp.so.1"), os.environ) == str(
        library
    )


def test_gcc_without_the_library_says_its_bare_name(tmp_path: Path) -> None:
    assert find_openmp(_gcc(tmp_path, "libgomp.so.1"), os.environ) == ""


def test_machine_knows_the_library_of_its_gcc(tmp_path: Path) -> None:
    library = put(tmp_path / "lib/libgomp.so.1", b"\x7fELF")
    _gcc(tmp_path / "bin", str(library))
    python = fake_python(tmp_path / "python")

    facts = describe_host(str(python), environment={"PATH": f"{tmp_path}/bin:/usr/bin:/bin"})

    assert facts.openmp == str(library)


def test_another_build_of_the_library_is_another_machine(tmp_path: Path) -> None:
    library = put(tmp_path / "lib/libgomp.so.1", b"\x7fELF")
    _gcc(tmp_path / "bin", str(library))
    python = str(fake_python(tmp_path / "python"))
    environment = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
    before = describe_host(python, environment=environment)
    put(library, b"\x7fELF, mended")

    after = describe_host(python, environment=environment)

    assert key_of(after) != key_of(before)


def test_packages_have_condas_names_and_bind_what_is_linked(tmp_path: Path) -> None:
    library = put(tmp_path / "libgomp.so.1.0.0", b"\x7fELF")
    facts = facts_of(compilers=(GCC,), openmp=str(library))

    libgomp, mutex = openmp_packages(facts, tmp_path)

    assert (libgomp.name, mutex.name) == ("libgomp-12.2.0-0_host.conda", "_openmp_mutex-4.5-0_host.conda")
    files = {path: (entry.linkname or content) for path, (entry, content) in package_members(libgomp).items()}
    assert files == {
        "lib/libgomp.so.1.0.0": b"\x7fELF",
        "lib/libgomp.so.1": "libgomp.so.1.0.0",
        "lib/libgomp.so": "libgomp.so.1.0.0",
    }
    assert read_record(str(mutex)).depends == ("libgomp",)
    assert read_record(str(libgomp)).license == "GPL-3.0-only WITH GCC-exception-3.1"
    assert info_document(libgomp, "run_exports.json") == {"strong": ["_openmp_mutex >=4.5"]}


def test_machine_without_the_library_makes_no_packages(tmp_path: Path) -> None:
    assert openmp_packages(facts_of(compilers=(GCC,)), tmp_path) == ()

"""The package of an interpreter."""

import importlib.util
import json
import marshal
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.distributors.host.facts import HostFacts, Interpreter
from conda_bridge.distributors.host.interpreter import abi_packages, python_package
from conda_bridge.errors import EngineError
from support.conda_packages import info_document, package_members
from support.elf import elf_bytes
from support.host_machine import MINOR, VERSION, facts_of, put, tiny_interpreter, tool

LIBRARY = f"lib/python{MINOR}"
TAG = f"cpython-{MINOR.replace('.', '')}"
Packed = dict[str, tuple[Any, bytes]]


@pytest.fixture
def interpreter(tmp_path: Path) -> Interpreter:
    return tiny_interpreter(tmp_path / "prefix-of-an-interpreter")


@pytest.fixture
def pack(tmp_path: Path) -> Callable[[HostFacts], Path]:
    def make(facts: HostFacts) -> Path:
        folder = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return python_package(facts, folder)

    return make


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    return tiny_interpreter(tmp_path_factory.mktemp("prefix-of-an-interpreter"))


@pytest.fixture(scope="module")
def packed(untouched: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> Packed:
    return package_members(python_package(facts_of(untouched), tmp_path_factory.mktemp("out")))


def as_debian(interpreter: Interpreter) -> Interpreter:
    include = Path(interpreter.include)
    put(include / "pyconfig.h", "#include <x86_64-linux-gnu/pyconfig.h>\n")
    put(include.parent / "x86_64-linux-gnu" / include.name / "pyconfig.h", "#define REAL 1\n")
    return replace(interpreter, layout="debian", multiarch="x86_64-linux-gnu")


def test_record_says_what_the_interpreter_needs_and_where_packages_go(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path]
) -> None:
    record = read_record(str(pack(facts_of(interpreter, subdir="linux-aarch64"))))

    abi = f"python_abi {MINOR}.* *_cp{MINOR.replace('.', '')}"
    assert record.stem == f"python-{VERSION}-0_cpython"
    assert record.subdir == "linux-aarch64"
    assert record.depends == ("__glibc >=2.36", "__linux", abi)
    assert record.python_site_packages_path == f"{LIBRARY}/site-packages"


def test_what_is_built_with_it_is_bound_to_its_abi(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path]
) -> None:
    exports = info_document(pack(facts_of(interpreter)), "run_exports.json")

    assert exports == {"noarch": ["python"], "weak": [f"python_abi {MINOR}.* *_cp{MINOR.replace('.', '')}"]}


def test_programs_libraries_headers_and_standard_library_are_packed(packed: Packed) -> None:
    assert {
        f"bin/python{MINOR}", f"bin/python{MINOR}-config", f"lib/libpython{MINOR}.so.1.0",
        f"lib/pkgconfig/python-{MINOR}.pc", f"include/python{MINOR}/Python.h", f"{LIBRARY}/os.py",
        f"{LIBRARY}/json/__init__.py", f"{LIBRARY}/lib-dynload/_x.so", f"{LIBRARY}/site-packages/README.txt",
    } <= packed.keys()  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "test/test_x.py", "json/tests/t.py", "idlelib/x.py", "ensurepip/x.py", "site-packages/other/x.py",
        "__pycache__/os.pyc", "config/libpython.a", "sitecustomize.py", "EXTERNALLY-MANAGED",
    ],
)  # fmt: skip
def test_what_no_environment_needs_is_left_out(packed: Packed, name: str) -> None:
    assert f"{LIBRARY}/{name}" not in packed


def test_names_of_the_interpreter_are_links(packed: Packed) -> None:
    for name in ("bin/python", "bin/python3"):
        assert packed[name][0].linkname == f"python{MINOR}"
    assert packed["bin/python3-config"][0].linkname == f"python{MINOR}-config"
    assert packed[f"lib/libpython{MINOR}.so"][0].linkname == f"libpython{MINOR}.so.1.0"


def test_link_that_leads_out_becomes_the_file(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path], tmp_path: Path
) -> None:
    outside = put(tmp_path / "outside.py", "x = 2\n")
    Path(interpreter.stdlib, "linked.py").symlink_to(outside)

    packed = package_members(pack(facts_of(interpreter)))

    assert packed[f"{LIBRARY}/linked.py"][1] == b"x = 2\n"


def test_link_to_what_is_left_out_is_left_out(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path]
) -> None:
    Path(interpreter.stdlib, "config/libpython.so").symlink_to("libpython.a")
    Path(interpreter.stdlib, "_linked.txt").symlink_to("EXTERNALLY-MANAGED")

    packed = package_members(pack(facts_of(interpreter)))

    assert f"{LIBRARY}/_linked.txt" not in packed
    assert f"{LIBRARY}/config/libpython.so" not in packed


def test_nothing_knows_the_old_prefix(untouched: Interpreter, packed: Packed) -> None:
    knowing = [name for name, (_, content) in packed.items() if untouched.prefix.encode() in content]

    # The fake interpreter is a script that names it.
    assert knowing == [f"bin/python{MINOR}"]


def test_texts_that_know_it_have_a_placeholder(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path]
) -> None:
    paths = info_document(pack(facts_of(interpreter)), "paths.json")["paths"]

    with_placeholder = {entry["_path"] for entry in paths if "prefix_placeholder" in entry}
    assert with_placeholder == {
        f"bin/python{MINOR}-config",
        f"lib/pkgconfig/python-{MINOR}.pc",
        f"{LIBRARY}/_sysconfigdata__linux_.py",
        f"{LIBRARY}/config-{MINOR}/Makefile",
    }


def test_library_that_only_the_interpreter_has_comes_along(packed: Packed) -> None:
    assert "lib/libown.so.1" in packed
    assert "lib/libother.so.1" not in packed


def test_library_that_the_search_path_leads_to_comes_along(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path], tmp_path: Path
) -> None:
    put(tmp_path / "elsewhere/lib/libssl.so.3", elf_bytes(["libcrypto.so.3"]), mode=0o755)
    search = ((29, f"{tmp_path}/elsewhere/lib:/usr/lib"),)
    put(Path(interpreter.stdlib, "lib-dynload/_ssl.so"), elf_bytes(["libssl.so.3"], paths=search), mode=0o755)

    packed = package_members(pack(facts_of(interpreter)))

    assert "lib/libssl.so.3" in packed
    assert b"$ORIGIN/../..\0" in packed[f"{LIBRARY}/lib-dynload/_ssl.so"][1]


def test_libraries_are_found_from_where_they_lie(packed: Packed) -> None:
    assert b"$ORIGIN/../..\0" in packed[f"{LIBRARY}/lib-dynload/_x.so"][1]
    assert b"$ORIGIN\0" in packed[f"lib/libpython{MINOR}.so.1.0"][1]


def test_debugging_symbols_are_stripped(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path], tmp_path: Path
) -> None:
    strip = tool(tmp_path / "tools", "strip", f'echo "$@" > {tmp_path}/asked')

    pack(facts_of(interpreter, binutils=(("strip", str(strip)),)))

    asked = (tmp_path / "asked").read_text().split()
    assert asked[0] == "-S"
    assert len(asked) == 4  # libpython, its own library, an extension module
    assert not any(interpreter.prefix in path for path in asked)


def test_bytecode_is_never_checked_against_its_source(packed: Packed) -> None:
    content = packed[f"{LIBRARY}/json/__pycache__/__init__.{TAG}.pyc"][1]

    assert content[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(content[4:8], "little") == 0b01
    code = marshal.loads(content[16:])
    assert code.co_filename == f"{LIBRARY}/json/__init__.py"


def test_bytecode_of_what_the_installer_changes_is_empty_and_what_is_broken_has_none(packed: Packed) -> None:
    bytecode = {name: content for name, (_, content) in packed.items() if name.endswith(".pyc")}
    compiled = {name for name, content in bytecode.items() if content}

    assert bytecode.keys() - compiled == {f"{LIBRARY}/__pycache__/_sysconfigdata__linux_.{TAG}.pyc"}
    assert compiled == {
        f"{LIBRARY}/__pycache__/os.{TAG}.pyc",
        f"{LIBRARY}/__pycache__/sysconfig.{TAG}.pyc",
        f"{LIBRARY}/json/__pycache__/__init__.{TAG}.pyc",
    }


def test_same_interpreter_gives_the_same_bytes(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path]
) -> None:
    facts = facts_of(interpreter)

    assert pack(facts).read_bytes() == pack(facts).read_bytes()


def test_nothing_but_the_package_is_left(interpreter: Interpreter, pack: Callable[[HostFacts], Path]) -> None:
    path = pack(facts_of(interpreter))

    assert list(path.parent.iterdir()) == [path]


def test_debians_schemes_are_upstreams(interpreter: Interpreter, pack: Callable[[HostFacts], Path]) -> None:
    packed = package_members(pack(facts_of(as_debian(interpreter))))

    names: dict[str, Any] = {}
    exec(packed[f"{LIBRARY}/sysconfig.py"][1], names)
    assert names["get_path"]() == "site-packages"
    assert "deb_system" not in names["_INSTALL_SCHEMES"]


def test_debians_site_finds_what_is_installed(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path]
) -> None:
    packed = package_members(pack(facts_of(as_debian(interpreter))))

    assert packed[f"{LIBRARY}/dist-packages"][0].linkname == "site-packages"


def test_debians_headers_need_no_folder_of_the_system(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path]
) -> None:
    packed = package_members(pack(facts_of(as_debian(interpreter))))

    assert packed[f"include/python{MINOR}/pyconfig.h"][1] == b"#define REAL 1\n"


def test_sysconfig_that_can_not_be_mended_is_a_failure(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path]
) -> None:
    put(Path(interpreter.stdlib, "sysconfig.py"), "x = 1\n")

    with pytest.raises(EngineError) as caught:
        pack(facts_of(as_debian(interpreter)))

    assert caught.value.slug == "unreadable-interpreter"
    assert caught.value.where == f"{interpreter.stdlib}/sysconfig.py"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_file_that_can_not_be_read_is_a_failure(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path]
) -> None:
    Path(interpreter.prefix, f"lib/pkgconfig/python-{MINOR}.pc").chmod(0)

    with pytest.raises(EngineError) as caught:
        pack(facts_of(interpreter))

    assert caught.value.slug == "unreadable-interpreter"


def test_damaged_library_is_a_failure(interpreter: Interpreter, pack: Callable[[HostFacts], Path]) -> None:
    library = Path(interpreter.stdlib, "lib-dynload/_x.so")
    library.write_bytes(library.read_bytes()[:70])

    with pytest.raises(EngineError, match="can't be moved") as caught:
        pack(facts_of(interpreter))

    assert caught.value.where == str(library)


def test_interpreter_that_compiles_nothing_is_a_failure(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path]
) -> None:
    tool(Path(interpreter.executable).parent, Path(interpreter.executable).name, "echo broken >&2; exit 1")

    with pytest.raises(EngineError, match="broken"):
        pack(facts_of(interpreter))


def test_packages_that_say_what_fits_a_python(tmp_path: Path) -> None:
    made = {path.name: path for path in abi_packages(facts_of(), tmp_path)}

    assert sorted(made) == [
        "_python_abi3_support-1.0-0_host.conda",
        "cpython-3.11.7-0_cp311.conda",
        "python-abi3-3.11-0_host.conda",
        "python-gil-3.11.7-0_host.conda",
        "python_abi-3.11-8_cp311.conda",
    ]
    abi = read_record(str(made["python_abi-3.11-8_cp311.conda"]))
    assert (abi.build_number, abi.noarch, abi.constrains) == (8, "generic", ("python 3.11.* *_cpython",))
    exports = info_document(made["python-abi3-3.11-0_host.conda"], "run_exports.json")
    assert exports == {"weak": ["cpython >=3.11", "_python_abi3_support 1.*"]}


def test_about_says_that_it_is_of_no_use_elsewhere(
    interpreter: Interpreter, pack: Callable[[HostFacts], Path]
) -> None:
    about = info_document(pack(facts_of(interpreter)), "about.json")

    assert "not to be published" in json.dumps(about)
    assert about["extra"] == {"conda-bridge": {"private": True}}

"""What of texts becomes the placeholder, and what of libraries the environment's own folder."""

from dataclasses import replace

import pytest

from conda_bridge.archives.elf import ElfError, needed_libraries
from conda_bridge.distributors.host.facts import Interpreter
from conda_bridge.distributors.host.relocation import knows_prefix, relocated_elf, relocated_text
from support.elf import elf_bytes
from support.host_machine import facts_of

UPSTREAM = replace(facts_of().interpreter, old_prefixes=("/opt/py",))
DEBIAN = replace(
    UPSTREAM, old_prefixes=("/usr",), prefix="/usr", layout="debian", multiarch="x86_64-linux-gnu"
)


@pytest.mark.parametrize(
    ("interpreter", "text", "expected"),
    [
        (UPSTREAM, "prefix=\t/opt/py\n", "prefix=\t/opt/placeholder\n"),
        (
            UPSTREAM,
            "-L/opt/py/lib -Wl,-rpath,/opt/py/lib",
            "-L/opt/placeholder/lib -Wl,-rpath,/opt/placeholder/lib",
        ),
        (UPSTREAM, "'--prefix=/opt/py'", "'--prefix=/opt/placeholder'"),
        (UPSTREAM, "/opt/python/lib /opt/py.d /x/opt/py", "/opt/python/lib /opt/py.d /x/opt/py"),
        (UPSTREAM, "./opt/py/lib", "./opt/py/lib"),
        (DEBIAN, "'prefix': '/usr'", "'prefix': '/opt/placeholder'"),
        (DEBIAN, "prefix=/usr\n", "prefix=/opt/placeholder\n"),
        (DEBIAN, "'/usr/lib/python3.11/lib-dynload'", "'/opt/placeholder/lib/python3.11/lib-dynload'"),
        (DEBIAN, "'/usr/lib/x86_64-linux-gnu/pkgconfig'", "'/opt/placeholder/lib/pkgconfig'"),
        (DEBIAN, "-I/usr/include/python3.11", "-I/opt/placeholder/include/python3.11"),
        (DEBIAN, "'/usr/bin'", "'/opt/placeholder/bin'"),
        (DEBIAN, "/usr/bin/install -c", "/usr/bin/install -c"),
        (DEBIAN, "-I/usr/include/tirpc", "-I/usr/include/tirpc"),
        (DEBIAN, "/usr/share/zoneinfo:/usr/lib/zoneinfo", "/usr/share/zoneinfo:/usr/lib/zoneinfo"),
        (DEBIAN, "/usr/lib/python3.110/x", "/usr/lib/python3.110/x"),
        (DEBIAN, "/usr/local/include/*", "/usr/local/include/*"),
    ],
)
def test_own_folders_become_the_placeholder_and_no_others(
    interpreter: Interpreter, text: str, expected: str
) -> None:
    assert relocated_text(text.encode(), interpreter).decode() == expected


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        ("_sysconfigdata__linux_x86_64-linux-gnu.py", True),
        ("Makefile", True),
        ("python3.11-config", True),
        ("python-3.11-embed.pc", True),
        ("build-details.json", True),
        ("os.py", False),
        ("config.c", False),
    ],
)
def test_files_that_know_the_prefix_are_told_by_name(name: str, is_known: bool) -> None:  # noqa: FBT001
    assert knows_prefix(name) == is_known


@pytest.mark.parametrize(
    ("path", "runpath"),
    [
        ("bin/python3.11", b"$ORIGIN/../lib\0"),
        ("lib/libpython3.11.so.1.0", b"$ORIGIN\0"),
        ("lib/python3.11/lib-dynload/_x.so", b"$ORIGIN/../..\0"),
    ],
)
def test_libraries_are_looked_for_beside_the_file(path: str, runpath: bytes) -> None:
    interpreter = replace(UPSTREAM, old_prefixes=("/opt/of/an/interpreter",))
    data = elf_bytes(["libc.so.6"], paths=((29, "/opt/of/an/interpreter/lib"),))

    changed = relocated_elf(data, path, interpreter, ())

    assert runpath in changed
    assert b"/opt/of" not in changed
    assert needed_libraries(changed) == ("libc.so.6",)


def test_debians_libraries_stay_as_they_are() -> None:
    data = elf_bytes(["libc.so.6"], paths=((29, "/usr/lib/somewhere/else"),))

    assert relocated_elf(data, "bin/python3.11", DEBIAN, ()) == data


def test_folder_of_a_library_elsewhere_is_forgotten_too() -> None:
    data = elf_bytes(["libssl.so.3"], paths=((29, "/home/linuxbrew/openssl/lib"),))

    changed = relocated_elf(data, "lib/python3.11/lib-dynload/_ssl.so", UPSTREAM, ("libssl.so.3",))

    assert b"$ORIGIN/../..\0" in changed
    assert b"linuxbrew" not in changed


def test_search_path_without_room_matters_only_where_it_is_needed() -> None:
    data = elf_bytes(["libssl.so.3"], paths=((29, "/o/lib"),))

    assert relocated_elf(data, "bin/python3.11", UPSTREAM, ("libpython3.11.so.1.0",)) == data
    with pytest.raises(ElfError, match="shorter"):
        relocated_elf(data, "bin/python3.11", UPSTREAM, ("libssl.so.3",))

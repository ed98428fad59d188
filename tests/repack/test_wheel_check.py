"""One good wheel, damaged in every way that validators of wheels were found to miss, is read again."""

import base64
import hashlib
import stat
import struct
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.repack.wheels.native_code import native_kind
from conda_bridge.repack.wheels.wheel_check import check_wheel

INFO = "demo-1.0.dist-info"
FILENAME = "demo-1.0-py3-none-any.whl"
METADATA = """\
Metadata-Version: 2.4
Name: demo
Version: 1.0
Summary: A demonstration
License-Expression: MIT
Requires-Python: >=3.8
Requires-Dist: idna>=2; python_version > "3.8"

Text.
"""
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
ENTRY_POINTS = "[console_scripts]\ndemo = demo:main\n\n[demo.plugins]\none = demo.one [extra]\n"
ELF = b"\x7fELF\x02\x01\x01" + bytes(100)


@dataclass
class Parts:
    """A wheel before it is packed; RECORD is written of whatever it then holds."""

    files: dict[str, bytes] = field(
        default_factory=lambda: {
            "demo/__init__.py": b"def main(): ...\n" * 100,
            "demo/data.txt": b"",
            f"{INFO}/METADATA": METADATA.encode(),
            f"{INFO}/WHEEL": WHEEL.encode(),
            f"{INFO}/entry_points.txt": ENTRY_POINTS.encode(),
        }
    )
    modes: dict[str, int] = field(default_factory=dict)
    twice: list[tuple[str, bytes]] = field(default_factory=list)
    unlisted: set[str] = field(default_factory=set)
    lied: set[str] = field(default_factory=set)
    filename: str = FILENAME

    def put(self, path: str, content: bytes = b"x\n") -> None:
        self.files[path] = content

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.files[f"{INFO}/{name}"].decode()
        assert old in text
        self.files[f"{INFO}/{name}"] = text.replace(old, new).encode()

    def write(self, folder: Path) -> str:
        record = "".join(self._rows())
        path = folder / self.filename
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in (*self.files.items(), *self.twice, (f"{INFO}/RECORD", record.encode())):
                info = zipfile.ZipInfo(name)
                info.external_attr = self.modes.get(name, stat.S_IFREG | 0o644) << 16
                archive.writestr(info, content)
        return str(path)

    def _rows(self) -> Iterable[str]:
        for name, content in self.files.items():
            if name not in self.unlisted:
                told = b"other" if name in self.lied else content
                digest = base64.urlsafe_b64encode(hashlib.sha256(told).digest()).rstrip(b"=").decode()
                yield f"{name},sha256={digest},{len(content)}\n"
        yield f"{INFO}/RECORD,,\n"


def lie(parts: Parts) -> None:
    parts.lied.add("demo/__init__.py")


def unlist(parts: Parts) -> None:
    parts.unlisted.add("demo/__init__.py")


def require_python(parts: Parts) -> None:
    parts.edit("METADATA", "Requires-Dist: idna", "Requires-Dist: python =2.7|>=3.7\nRequires-Dist: idna")


def other_name(parts: Parts) -> None:
    parts.edit("METADATA", "Name: demo", "Name: other")


def other_version(parts: Parts) -> None:
    parts.edit("METADATA", "Version: 1.0", "Version: 1.1")


def metadata_twice(parts: Parts) -> None:
    parts.twice.append((f"{INFO}/METADATA", parts.files[f"{INFO}/METADATA"]))


def climbing(parts: Parts) -> None:
    parts.put("../evil.py")


def shared_library(parts: Parts) -> None:
    parts.put("demo/_speed.so", ELF)


def without_wheel(parts: Parts) -> None:
    del parts.files[f"{INFO}/WHEEL"]


def second_dist_info(parts: Parts) -> None:
    parts.put("other-2.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: other\nVersion: 2.0\n")


def bytecode(parts: Parts) -> None:
    parts.put("demo/__pycache__/__init__.cpython-311.pyc", b"\xa7\r\r\n")


def other_tag(parts: Parts) -> None:
    parts.edit("WHEEL", "py3-none-any", "cp311-cp311-linux_x86_64")


def link(parts: Parts) -> None:
    parts.put("demo/link", b"/etc/passwd")
    parts.modes["demo/link"] = stat.S_IFLNK | 0o777


def entry_points(parts: Parts) -> None:
    parts.put(f"{INFO}/entry_points.txt", b"[console_scripts\nnonsense\n")


def licence(parts: Parts) -> None:
    parts.edit("METADATA", "License-Expression: MIT", "License-Expression: Free for all")


def leaked_url(parts: Parts) -> None:
    parts.put(f"{INFO}/direct_url.json", b'{"url": "file:///home/conda/feedstock_root/work"}')
    parts.put(f"{INFO}/INSTALLER", b"conda\n")


def no_version(parts: Parts) -> None:
    parts.edit("METADATA", "Version: 1.0", "Version: 1.0-beta-of-sorts")


def without_purelib(parts: Parts) -> None:
    parts.edit("WHEEL", "Root-Is-Purelib: true\n", "")


DAMAGES: tuple[tuple[Callable[[Parts], None], frozenset[str]], ...] = (
    (lie, frozenset({"record-mismatch"})),
    (unlist, frozenset({"record-mismatch"})),
    (require_python, frozenset({"bad-metadata"})),
    (other_name, frozenset({"wheel-names-differ"})),
    (other_version, frozenset({"wheel-names-differ"})),
    (metadata_twice, frozenset({"unsafe-archive"})),
    (climbing, frozenset({"unsafe-archive"})),
    (shared_library, frozenset({"impure-wheel"})),
    (without_wheel, frozenset({"invalid-wheel"})),
    (second_dist_info, frozenset({"invalid-wheel"})),
    (bytecode, frozenset({"left-over"})),
    (other_tag, frozenset({"wheel-names-differ"})),
    (link, frozenset({"unsafe-archive"})),
    (entry_points, frozenset({"bad-entry-points"})),
    (licence, frozenset({"bad-metadata"})),
    (leaked_url, frozenset({"left-over"})),
    (no_version, frozenset({"bad-metadata", "wheel-names-differ"})),
    (without_purelib, frozenset({"impure-wheel"})),
)
"""The eighteen of which eight checkers see at most ten each, four are seen by none."""
NEED_CONTENT = frozenset({lie, shared_library})


def slugs(path: str, **how: bool) -> frozenset[str]:
    return frozenset(one.slug for one in check_wheel(path, **how) if one.severity == "error")  # type: ignore[arg-type]


@pytest.fixture
def parts() -> Parts:
    return Parts()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(("damage", "expected"), DAMAGES, ids=[one.__name__ for one, _ in DAMAGES])
def test_damage_is_told_by_its_code(
    tmp_path: Path, parts: Parts, damage: Callable[[Parts], None], expected: frozenset[str]
) -> None:
    damage(parts)

    assert slugs(parts.write(tmp_path), is_full=True) == expected


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("damage", "expected"),
    [(damage, expected) for damage, expected in DAMAGES if damage not in NEED_CONTENT],
    ids=[one.__name__ for one, _ in DAMAGES if one not in NEED_CONTENT],
)
def test_cheap_reading_sees_all_that_is_no_content(
    tmp_path: Path, parts: Parts, damage: Callable[[Parts], None], expected: frozenset[str]
) -> None:
    damage(parts)

    assert slugs(parts.write(tmp_path)) == expected


def test_good_wheel_has_no_findings(tmp_path: Path, parts: Parts) -> None:
    path = parts.write(tmp_path)

    assert check_wheel(path, is_full=True) == ()
    assert check_wheel(path, origin="synthesised", is_full=True) == ()


def test_all_problems_are_told_at_once(tmp_path: Path, parts: Parts) -> None:
    for damage in (lie, leaked_url, bytecode, other_name, licence, without_purelib):
        damage(parts)

    found = slugs(parts.write(tmp_path), is_full=True)

    assert found == {"record-mismatch", "left-over", "wheel-names-differ", "bad-metadata", "impure-wheel"}


def test_flipped_byte_of_a_file_is_seen_by_the_full_reading(tmp_path: Path, parts: Parts) -> None:
    path = Path(parts.write(tmp_path))
    content = bytearray(path.read_bytes())
    content[content.index(b"def main") + 3] ^= 1
    path.write_bytes(content)

    assert slugs(str(path)) == set()
    assert slugs(str(path), is_full=True) == {"broken-archive"}


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("demo-1.0-py2.py3-none-any.whl", frozenset({"wheel-names-differ"})),
        ("demo-1.0-py38-none-any.whl", frozenset({"wheel-names-differ", "not-py3-none-any"})),
        ("demo-1.0-cp311-cp311-linux_x86_64.whl", frozenset({"wheel-names-differ", "not-py3-none-any"})),
        ("demo.whl", frozenset({"invalid-wheel"})),
        ("demo-1.0\n-py3-none-any.whl", frozenset({"invalid-wheel"})),
        ("demo-1.0-1-py3-none-any.whl", frozenset()),
        ("other-1.0-py3-none-any.whl", frozenset({"wheel-names-differ"})),
    ],
)
def test_file_name_is_held_against_the_content(
    tmp_path: Path, parts: Parts, filename: str, expected: frozenset[str]
) -> None:
    parts.filename = filename

    assert slugs(parts.write(tmp_path)) == expected


def test_tags_of_both_pythons_may_be_on_lines_of_their_own(tmp_path: Path, parts: Parts) -> None:
    parts.filename = "demo-1.0-py2.py3-none-any.whl"
    parts.edit("WHEEL", "Tag: py3-none-any\n", "Tag: py2-none-any\nTag: py3-none-any\n")

    assert slugs(parts.write(tmp_path)) == set()


def test_build_of_another_number_is_told(tmp_path: Path, parts: Parts) -> None:
    parts.filename = "demo-1.0-1-py3-none-any.whl"
    parts.edit("WHEEL", "Tag:", "Build: 2\nTag:")

    assert slugs(parts.write(tmp_path)) == {"wheel-names-differ"}


def test_old_metadata_is_a_warning_where_it_was_kept_and_an_error_where_it_was_written(
    tmp_path: Path, parts: Parts
) -> None:
    parts.edit("METADATA", "Metadata-Version: 2.4", "Metadata-Version: 2.1")
    parts.edit("METADATA", "License-Expression: MIT", "License: MIT\nLicense-File: LICENSE")
    path = parts.write(tmp_path)

    assert check_wheel(path) == ()
    assert [one.slug for one in check_wheel(path, is_full=True)] == ["lenient-metadata"]
    assert slugs(path) == set()
    assert {one.slug for one in check_wheel(path, origin="synthesised")} == {"bad-metadata"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Metadata-Version: 2.4\n", ""),
        ("Metadata-Version: 2.4", "Metadata-Version: 9.0"),
        ("Summary: A demonstration", "Name: another"),
        ("Requires-Dist: idna", "Requires-Dist:\nRequires-Dist: idna"),
        ("idna>=2", f"idna>={'1' * 5000}"),
        ('python_version > "3.8"', f"{'(' * 500}python_version > '3'{')' * 500}"),
    ],
)
def test_metadata_that_installers_refuse(tmp_path: Path, parts: Parts, old: str, new: str) -> None:
    parts.edit("METADATA", old, new)

    assert slugs(parts.write(tmp_path), is_full=True) == {"bad-metadata"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Metadata-Version: 2.4", "Metadata-Version: 2.0"),
        ("Summary: A demonstration", "Summary: A demonstration\nSummary: Another"),
        ("Requires-Python: >=3.8", "Requires-Python: >=3.8.*"),
    ],
)
def test_metadata_that_installers_take_and_indexes_may_not(
    tmp_path: Path, parts: Parts, old: str, new: str
) -> None:
    parts.edit("METADATA", old, new)
    path = parts.write(tmp_path)

    assert {one.slug for one in check_wheel(path, is_full=True)} == {"lenient-metadata"}
    assert slugs(path, is_full=False) == set()
    assert "bad-metadata" in {one.slug for one in check_wheel(path, origin="synthesised")}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("../LICENSE", {"bad-metadata", "license-absent"}),
        ("a/NOTICE", {"license-absent"}),
        ("a/LICENSE", set()),
    ],
)
def test_licence_files_are_those_of_the_folder(
    tmp_path: Path, parts: Parts, path: str, found: set[str]
) -> None:
    parts.put(f"{INFO}/licenses/a/LICENSE")
    parts.edit("METADATA", "License-Expression: MIT", f"License-Expression: MIT\nLicense-File: {path}")

    assert {one.slug for one in check_wheel(parts.write(tmp_path), is_full=True)} - {
        "lenient-metadata"
    } == found


def test_data_folder_of_another_project_and_unknown_scheme(tmp_path: Path, parts: Parts) -> None:
    parts.put("other-1.0.data/scripts/tool")
    parts.put("demo-1.0.data/etc/tool.conf")
    parts.put("demo-1.0.data/data/etc/tool.conf")

    found = [one.message for one in check_wheel(parts.write(tmp_path))]

    assert len(found) == 2
    assert "other-1.0.data/scripts/tool" in found[1]


def test_command_that_would_replace_python(tmp_path: Path, parts: Parts) -> None:
    parts.put(f"{INFO}/entry_points.txt", b"[console_scripts]\npython = demo:main\n")

    assert slugs(parts.write(tmp_path)) == {"unsafe-entry-point"}


@pytest.mark.parametrize(
    "text",
    [
        "[console_scripts]\na = demo:a\n[console_scripts]\nb = demo:b\n",
        "[demo.plugins]\na = demo:a\na = demo:b\n",
        "[console_scripts]\ra = demo:a\r",
    ],
    ids=["section-twice", "name-twice", "line-ends"],
)
def test_entry_points_that_configparser_refuses(tmp_path: Path, parts: Parts, text: str) -> None:
    parts.put(f"{INFO}/entry_points.txt", text.encode())

    assert slugs(parts.write(tmp_path)) == {"bad-entry-points"}


def test_command_for_consoles_and_without_one(tmp_path: Path, parts: Parts) -> None:
    text = b"[console_scripts]\na = demo:a\n[gui_scripts]\na = demo:a\n"
    parts.put(f"{INFO}/entry_points.txt", text)

    assert slugs(parts.write(tmp_path)) == {"bad-entry-points"}


def test_commands_that_are_one_on_windows(tmp_path: Path, parts: Parts) -> None:
    parts.put(f"{INFO}/entry_points.txt", b"[console_scripts]\na = demo:a\nA = demo:b\n")

    assert {one.slug for one in check_wheel(parts.write(tmp_path), is_full=True)} == {"command-clash"}


def test_what_is_no_archive_and_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / FILENAME
    with pytest.raises(SourceError) as caught:
        check_wheel(str(path))
    path.write_bytes(b"no zip")

    assert caught.value.slug == "unreadable-source"
    assert slugs(str(path)) == {"broken-archive"}


# ---------------------------------------------------------------- native code


def pe(*, is_library: bool, at: int = 0x80) -> bytes:
    header = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x2022 if is_library else 0x22)
    return b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", at) + bytes(at - 0x40) + header + bytes(300)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (ELF, "ELF"),
        (b"\xcf\xfa\xed\xfe" + bytes(28), "Mach-O"),
        (b"\xca\xfe\xba\xbe\0\0\0\x02" + bytes(40), "Mach-O"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(40), ""),
        (pe(is_library=True), "PE library"),
        (pe(is_library=False), "PE program"),
        (pe(is_library=False, at=6000), "PE library"),
        (b"MZ = 1  # the name of a constant\n" * 10, ""),
        (b"MZ", ""),
        (b"!<arch>\nx.o/", "static library"),
        (b"!<arch>\ndebian-binary   " + b"1410122664".ljust(42) + b"`\n2.0\ncontrol.tar.gz", ""),
        (b"\0asm\1\0\0\0", "WebAssembly"),
        (b"BC\xc0\xde", "LLVM bitcode"),
        (b"BC is before Christ", ""),
        (b"\0\0\0\0", ""),
        (b"", ""),
        (b"import os\n", ""),
    ],
)
def test_native_code_is_told_by_its_first_bytes(content: bytes, kind: str) -> None:
    assert native_kind(content[:4096], len(content)) == kind


def test_library_in_disguise_and_launcher(tmp_path: Path, parts: Parts) -> None:
    parts.put("demo/notes.txt", ELF)
    parts.put("demo/launcher.exe", pe(is_library=False))

    found = {one.origin: one.slug for one in check_wheel(parts.write(tmp_path), is_full=True)}

    assert found == {"demo/notes.txt": "impure-wheel", "demo/launcher.exe": "windows-program"}

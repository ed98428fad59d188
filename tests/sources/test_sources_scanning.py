"""What stays of the files that are only looked through, and where looking ends."""

from pathlib import Path

import pytest

from conda_bridge.infer.scan import MAX_PARSED_FILE_BYTES, MAX_SCANNED_FILE_BYTES
from conda_bridge.model.source import ArchiveRef, DirectoryRef, LocalOrigin, SourceFacts
from conda_bridge.sources import reading
from conda_bridge.sources.reading import facts_of_archive, facts_of_directory
from conda_bridge.workflows.facts import load_facts, save_facts
from support.archives import regular, write_tar_gz

Files = dict[str, bytes]
FILES: Files = {
    "pyproject.toml": b"[build-system]\nrequires = []\n",
    "src/a.c": b"#include <zlib.h>\n",
    "src/nothing.c": b"int x;\n",
    "third_party/b.c": b"#include <b.h>\n",
    "tests/c.c": b"#include <c.h>\n",
    "docs/install.rst": b"apt-get install libfoo-dev\n",
}


def archive_facts(folder: Path, files: Files, *, name: str = "demo-1.0") -> SourceFacts:
    path = folder / f"{name}.tar.gz"
    write_tar_gz(path, [regular(f"{name}/{file}", data) for file, data in files.items()])
    return facts_of_archive(
        str(path), ref=ArchiveRef(text=str(path), path=str(path)), origin=LocalOrigin(path=str(path))
    )


def directory_facts(folder: Path, files: Files) -> SourceFacts:
    root = folder / "demo"
    for file, data in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(data)
    ref = DirectoryRef(text=str(root), path=str(root))
    return facts_of_directory(str(root), ref=ref, origin=LocalOrigin(path=str(root)))


def tokens(facts: SourceFacts) -> list[tuple[str, str]]:
    return [(signal.path, signal.token) for signal in facts.signals]


def slugs(facts: SourceFacts) -> list[str]:
    return [diagnostic.slug for diagnostic in facts.diagnostics]


@pytest.mark.parametrize("of", [archive_facts, directory_facts])
def test_only_the_signals_of_files_looked_through_stay(of: type, tmp_path: Path) -> None:
    facts = of(tmp_path, FILES)
    assert tokens(facts) == [("docs/install.rst", "libfoo"), ("src/a.c", "zlib.h")]
    assert [path for path, _ in facts.texts] == ["pyproject.toml"]
    assert {entry.path for entry in facts.files} == set(FILES)
    assert slugs(facts) == []


@pytest.mark.parametrize("of", [archive_facts, directory_facts])
def test_saved_facts_have_the_signals(of: type, tmp_path: Path) -> None:
    facts = of(tmp_path, FILES)
    path = str(tmp_path / "x.facts.json")
    save_facts(facts, path)
    assert load_facts(path) == facts


def test_a_project_named_like_a_folder_of_others_code_is_looked_through(tmp_path: Path) -> None:
    facts = archive_facts(tmp_path, {"extern/a.c": b"#include <zlib.h>\n"}, name="extern-1.0")
    assert tokens(facts) == [("extern/a.c", "zlib.h")]
    assert tokens(archive_facts(tmp_path, {"extern/a.c": b"#include <zlib.h>\n"})) == []


def test_a_header_of_a_hundred_megabytes_is_looked_through_at_its_beginning(tmp_path: Path) -> None:
    first = b"#include <zlib.h>\n"
    data = first + b" " * MAX_SCANNED_FILE_BYTES + b"\n#include <late.h>\n"
    facts = archive_facts(tmp_path, {"src/a.h": data})
    assert tokens(facts) == [("src/a.h", "zlib.h")]
    assert slugs(facts) == ["scan-cut"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [(b"import os\n", []), (b"import ctypes\nctypes.CDLL('libz.so.1')\n", ["scan-cut"])],
)
def test_a_large_module_is_cut_only_where_it_says_something(
    words: bytes, expected: list[str], tmp_path: Path
) -> None:
    facts = archive_facts(tmp_path, {"demo/a.py": words + b"#\n" * MAX_SCANNED_FILE_BYTES})
    assert slugs(facts) == expected


def test_commands_module_that_is_too_large_is_left_out_without_a_word(tmp_path: Path) -> None:
    code = b"import click\n" + b"x = 1\n" * (MAX_PARSED_FILE_BYTES // 6)
    facts = archive_facts(tmp_path, {"demo/cli.py": code, "demo/__main__.py": b"import click\n"})

    assert [(signal.kind, signal.path) for signal in facts.signals] == [
        ("command-import", "demo/__main__.py")
    ]
    assert slugs(facts) == []


def test_a_file_of_very_many_headers_is_cut(tmp_path: Path) -> None:
    data = b"".join(b"#include <h%d.h>\n" % number for number in range(reading.MAX_FILE_SIGNALS + 1))
    facts = archive_facts(tmp_path, {"src/a.h": data})
    assert len(facts.signals) == reading.MAX_FILE_SIGNALS
    assert slugs(facts) == ["scan-cut"]


def test_a_source_of_very_many_headers_is_cut(tmp_path: Path) -> None:
    count = reading.MAX_SIGNALS // reading.MAX_FILE_SIGNALS
    data = b"".join(b"#include <h%d.h>\n" % number for number in range(reading.MAX_FILE_SIGNALS))
    files = {f"src/{number:03}.h": data for number in range(count)}
    whole = archive_facts(tmp_path, files)
    assert (len(whole.signals), slugs(whole)) == (reading.MAX_SIGNALS, [])
    cut = archive_facts(tmp_path, {**files, "src/z.c": b"#include <z.h>\n"})
    assert (len(cut.signals), slugs(cut)) == (reading.MAX_SIGNALS, ["files-unscanned"])
    assert "src/z.c" in cut.diagnostics[0].message


def test_headers_use_nothing_up_that_build_files_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_SIGNALS", 4)
    header = b"".join(b"#include <h%d.h>\n" % number for number in range(9))
    build = b"from setuptools import setup, Extension\nsetup(ext_modules=[Extension('a', ['a.c'])])\n"
    files = {"a.h": header, "include/a.h": header, "src/CMakeLists.txt": b"project(a C)\n", "setup.py": build}
    facts = archive_facts(tmp_path, files)
    assert {"setup.py", "src/CMakeLists.txt"} <= {signal.path for signal in facts.signals}
    assert "build-file-cut" not in slugs(facts)


def test_nested_build_files_have_a_bound_and_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_SIGNALS", 1)
    listed = b"find_package(ZLIB REQUIRED)\nfind_package(PNG REQUIRED)\n"
    build = b"from setuptools import setup, Extension\nsetup(ext_modules=[Extension('a', ['a.c'])])\n"
    facts = archive_facts(tmp_path, {"a/CMakeLists.txt": listed, "setup.py": build})
    assert len([signal for signal in facts.signals if signal.path.startswith("a/")]) == 1
    assert any(signal.path == "setup.py" for signal in facts.signals)
    assert slugs(facts) == ["build-file-cut"]
    others = archive_facts(tmp_path, {"extern/CMakeLists.txt": listed, "setup.py": build})
    assert "build-file-cut" not in slugs(others)


def test_very_many_programs_are_not_all_taken_apart_but_those_at_the_top_are(tmp_path: Path) -> None:
    build = b"from setuptools import setup, Extension\nsetup(ext_modules=[Extension('a', ['a.c'])])\n"
    program = b"project(x C)\n".ljust(190_000, b"\n")
    files = {
        f"a{number:02}/CMakeLists.txt": program for number in range(reading.MAX_PARSED_BYTES // 190_000 + 1)
    }
    facts = archive_facts(tmp_path, {**files, "setup.py": build})
    assert slugs(facts) == ["build-file-cut"]
    assert any(signal.path == "setup.py" for signal in facts.signals)
    unseen = {path for path in files if not any(signal.path == path for signal in facts.signals)}
    assert len(unseen) == 1


def test_an_archive_without_a_top_folder_counts_its_files_once(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0.tar.gz"
    data = b"#include <zlib.h>\n" + b" " * MAX_SCANNED_FILE_BYTES
    write_tar_gz(path, [regular("a.c", data), regular("src/b.c", b"#include <b.h>\n")])
    ref = ArchiveRef(text=str(path), path=str(path))
    facts = facts_of_archive(str(path), ref=ref, origin=LocalOrigin(path=str(path)))
    assert tokens(facts) == [("a.c", "zlib.h"), ("src/b.c", "b.h")]
    (cut,) = [diagnostic for diagnostic in facts.diagnostics if diagnostic.slug == "scan-cut"]
    assert "more" not in cut.message

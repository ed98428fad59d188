"""Two wheels are equal, explained by evidence, or different; every rule has an edge, and both sides of it are here."""

import hashlib
import py_compile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.errors import RepackError
from conda_bridge.model.repackaging import Comparison, FileVerdict
from conda_bridge.repack.comparing.comparison import KnownDifferences, LabelledWheel, compare_wheels
from support.wheels import WheelParts, write_wheel

INIT = {"demo/__init__.py": b"x = 1\n"}
PLAIN = WheelParts(files=INIT)
NOTHING: Mapping[str, bytes] = {}


class Bench:
    """Writes wheels into folders and compares them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def wheel(self, name: str, parts: WheelParts) -> str:
        folder = self._folder / name
        folder.mkdir()
        return str(write_wheel(folder, parts))

    def compare(
        self,
        ours: WheelParts,
        theirs: WheelParts,
        *,
        built: WheelParts | None = None,
        rebuilt: WheelParts | None = None,
        source: Mapping[str, bytes] = NOTHING,
    ) -> Comparison:
        """Compare; without `built`, `theirs` is what the project's own backend made."""
        right = self.wheel("right", theirs)
        known = KnownDifferences(
            source={path: hashlib.sha256(content).hexdigest() for path, content in source.items()},
            built=self.wheel("built", built) if built else right,
            rebuilt=self.wheel("rebuilt", rebuilt) if rebuilt else "",
        )
        left = LabelledWheel(path=self.wheel("left", ours), label="conda package")
        return compare_wheels(left, LabelledWheel(path=right, label="wheel"), known=known)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def parts(files: Mapping[str, bytes], **more: object) -> WheelParts:
    """Return a wheel with these files beside its package."""
    return replace(PLAIN, files={**INIT, **files}, **more)  # type: ignore[arg-type]


def odd(comparison: Comparison) -> list[tuple[str, str, str]]:
    """Return (path, verdict, rule) of the files that aren't equal."""
    return [(row.path, row.verdict, row.rule) for row in comparison.files if row.verdict != "equal"]


# ---------------------------------------------------------------- what is equal and what isn't


def test_same_files_are_equal(bench: Bench) -> None:
    comparison = bench.compare(PLAIN, PLAIN)

    assert comparison.verdict == "equal"
    assert comparison.is_metadata_identical
    assert [row.path for row in comparison.files] == [
        "demo-1.0.dist-info/METADATA",
        "demo-1.0.dist-info/WHEEL",
        "demo/__init__.py",
    ]


def test_changed_line_of_code_is_different(bench: Bench) -> None:
    changed = replace(PLAIN, files={"demo/__init__.py": b"x = 2\n"})

    assert odd(bench.compare(PLAIN, changed)) == [("demo/__init__.py", "different", "")]


def test_changed_line_is_different_though_the_source_and_its_build_are_as_ours(bench: Bench) -> None:
    changed = replace(PLAIN, files={"demo/__init__.py": b"x = 2\n"})

    comparison = bench.compare(PLAIN, changed, built=PLAIN, rebuilt=PLAIN, source=INIT)

    assert odd(comparison) == [("demo/__init__.py", "different", "")]
    assert comparison.files[2].note == (
        "other content; conda package is here as the project's own backend has it"
    )


@pytest.mark.parametrize("source", [{}, {"src/demo/more.py": b"y = 1\n"}])
def test_module_that_is_missing_is_different(bench: Bench, source: Mapping[str, bytes]) -> None:
    comparison = bench.compare(PLAIN, parts({"demo/more.py": b"y = 1\n"}), source=source)

    assert odd(comparison) == [("demo/more.py", "different", "")]


def test_dist_info_folder_is_one_in_every_spelling(bench: Bench) -> None:
    old = replace(PLAIN, name="Demo.Tool")
    new = replace(PLAIN, name="demo_tool")

    comparison = bench.compare(new, old)

    assert odd(comparison) == [("demo_tool-1.0.dist-info/METADATA", "explained", "metadata-writer")]


def test_file_that_record_does_not_tell_right_is_refused(bench: Bench) -> None:
    wrong = replace(PLAIN, record={"demo/__init__.py": "demo/__init__.py,sha256=AAAA,6"})

    with pytest.raises(RepackError) as caught:
        bench.compare(PLAIN, wrong)

    assert caught.value.slug == "record-mismatch"


# ---------------------------------------------------------------- files that one side lacks


def test_file_that_neither_source_nor_backend_has_is_not_in_source(bench: Bench) -> None:
    stray = parts({"demo/.git": b"gitdir: ../x\n"})

    comparison = bench.compare(PLAIN, stray, built=PLAIN, source=INIT)

    assert odd(comparison) == [("demo/.git", "explained", "not-in-source")]


@pytest.mark.parametrize(
    ("source", "built"),
    [
        ({"src/demo/more.py": b"other\n"}, PLAIN),
        ({"elsewhere/name.py": b"y = 1\n"}, PLAIN),
        ({}, WheelParts(files={**INIT, "demo/more.py": b"y = 1\n"})),
    ],
    ids=["the source has its name", "the source has its bytes", "the backend makes it"],
)
def test_file_that_could_have_been_had_is_different(
    bench: Bench, source: Mapping[str, bytes], built: WheelParts
) -> None:
    comparison = bench.compare(PLAIN, parts({"demo/more.py": b"y = 1\n"}), built=built, source=source)

    assert odd(comparison) == [("demo/more.py", "different", "")]


@pytest.mark.parametrize(
    ("source", "rule"),
    [({"other/py.typed": b""}, "not-in-source"), ({"src/demo/more/py.typed": b""}, "")],
)
def test_empty_file_is_told_by_its_name(bench: Bench, source: Mapping[str, bytes], rule: str) -> None:
    theirs = parts({"demo/more/py.typed": b""})

    comparison = bench.compare(PLAIN, theirs, built=PLAIN, source=source)

    assert odd(comparison) == [("demo/more/py.typed", "explained" if rule else "different", rule)]


def test_entry_points_that_only_the_published_wheel_has_are_different(bench: Bench) -> None:
    theirs = replace(PLAIN, entry_points="[console_scripts]\ndemo = demo:main\n")

    comparison = bench.compare(PLAIN, theirs, built=PLAIN, source=INIT)

    assert odd(comparison) == [("demo-1.0.dist-info/entry_points.txt", "different", "")]


@pytest.mark.parametrize(
    ("built", "source", "rule"),
    [
        ({"demo/data.txt": b"d"}, {"demo/data.txt": b"d"}, "only-in-source-build"),
        ({}, {"demo/data.txt": b"d"}, ""),
        ({"demo/data.txt": b"d"}, {"demo/data.txt": b"other"}, ""),
    ],
    ids=["the backend packs it", "the backend doesn't", "the source has other bytes"],
)
def test_file_of_the_source_that_was_not_published(
    bench: Bench, built: Mapping[str, bytes], source: Mapping[str, bytes], rule: str
) -> None:
    ours = parts({"demo/data.txt": b"d"})

    comparison = bench.compare(ours, PLAIN, built=parts(built), source=source)

    assert odd(comparison) == [("demo/data.txt", "explained" if rule else "different", rule)]


@pytest.mark.parametrize(("code", "rule"), [(b"x = 1\n", "bytecode"), (b"x = 2\n", "")])
def test_bytecode_is_explained_where_it_is_compiled_of_the_module_that_both_have(
    bench: Bench, tmp_path: Path, code: bytes, rule: str
) -> None:
    module = tmp_path / "__init__.py"
    module.write_bytes(code)
    py_compile.compile(str(module), cfile=str(tmp_path / "pyc"))
    bytecode = (tmp_path / "pyc").read_bytes()

    comparison = bench.compare(PLAIN, parts({"demo/__pycache__/__init__.cpython-311.pyc": bytecode}))

    verdict = "explained" if rule else "different"
    assert odd(comparison) == [("demo/__pycache__/__init__.cpython-311.pyc", verdict, rule)]


def test_bytecode_of_an_unknown_python_is_different(bench: Bench) -> None:
    path = "demo/__pycache__/__init__.cpython-39.pyc"

    assert odd(bench.compare(PLAIN, parts({path: b"a\r\r\n" + bytes(12)}))) == [(path, "different", "")]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("demo/more.py", b"y = 1\n"),
        ("demo/empty/__init__.py", b""),
        ("evil.pth", b"import evil\n"),
        ("demo/speed.so", b"text"),
        ("demo/data.txt", b"#!/bin/sh\n"),
        ("demo/data.dat", b"\x7fELF"),
        ("DATA/scripts/run.txt", b"run"),
        ("INFO/hook.py", b"x"),
        ("demo/unknown", b"x"),
    ],
)
def test_file_that_runs_and_only_the_published_wheel_has_is_different(
    bench: Bench, path: str, content: bytes
) -> None:
    comparison = bench.compare(PLAIN, parts({path: content}), built=PLAIN, source=INIT)

    (row,) = [row for row in comparison.files if row.verdict != "equal"]
    assert (row.verdict, row.note) == ("different", "only in wheel, not in the source: it runs")


@pytest.mark.parametrize("path", ["demo/py.typed", "demo/more.pyi", "demo/a.json", "INFO/notes.md"])
def test_data_that_only_the_published_wheel_has_is_not_in_source(bench: Bench, path: str) -> None:
    comparison = bench.compare(PLAIN, parts({path: b"text"}), built=PLAIN, source=INIT)

    assert [row[1:] for row in odd(comparison)] == [("explained", "not-in-source")]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"__version__ = version = '1.0'\n", "not-in-source"),
        (b"__version__ = '2.0'\n", ""),
        (b"__version__ = '1.0'\nimport os\n", ""),
        (b"commit_id = None\n", ""),
    ],
)
def test_version_file_that_only_the_published_wheel_has(bench: Bench, content: bytes, rule: str) -> None:
    comparison = bench.compare(PLAIN, parts({"demo/_version.py": content}), built=PLAIN, source=INIT)

    assert odd(comparison) == [("demo/_version.py", "explained" if rule else "different", rule)]


# ---------------------------------------------------------------- two files of one place


@pytest.mark.parametrize(
    "hidden",
    [
        "DATA/purelib/demo/__init__.py",
        "DATA/platlib/demo/__init__.py",
        "Demo-1.0.data/purelib/demo/__init__.py",
        "DATA/purelib/demo",
        "DATA/purelib/demo/__init__.py/x.py",
        "DATA/purelib/demo-1.0.dist-info/METADATA",
    ],
)
@pytest.mark.parametrize("is_left", [True, False])
def test_two_files_of_one_place_are_refused(bench: Bench, hidden: str, *, is_left: bool) -> None:
    evil = replace(PLAIN, files={hidden: b"evil()\n", **INIT})
    sides = (evil, PLAIN) if is_left else (PLAIN, evil)

    with pytest.raises(RepackError) as caught:
        bench.compare(*sides)

    assert caught.value.slug == "clashing-files"


def test_two_spellings_of_the_dist_info_folder_have_one_place(bench: Bench) -> None:
    files = {"Demo-1.0.data/purelib/demo-1.0.dist-info/WHEEL": b"evil", **INIT}
    evil = replace(PLAIN, name="Demo", files=files)

    with pytest.raises(RepackError) as caught:
        bench.compare(evil, PLAIN)

    assert caught.value.slug == "clashing-files"


@pytest.mark.parametrize("path", ["demo/__pycache__/gone.cpython-311.pyc", "demo/gone.pyc"])
def test_bytecode_without_its_module_is_different(bench: Bench, path: str) -> None:
    assert odd(bench.compare(PLAIN, parts({path: b"\0"}))) == [(path, "different", "")]


def test_what_installers_write_is_explained(bench: Bench) -> None:
    comparison = bench.compare(PLAIN, parts({"INFO/INSTALLER": b"pip\n", "demo/INSTALLER": b"pip\n"}))

    assert odd(comparison) == [
        ("demo-1.0.dist-info/INSTALLER", "explained", "dropped-by-installer"),
        ("demo/INSTALLER", "different", ""),
    ]


def test_script_of_a_command_that_both_have_is_made_by_installers(bench: Bench) -> None:
    points = "[console_scripts]\ndemo = demo:main\n"
    ours = replace(PLAIN, entry_points=points)
    theirs = parts(
        {"DATA/scripts/demo": b"#!python\n", "DATA/scripts/other": b"#!python\n"}, entry_points=points
    )

    assert odd(bench.compare(ours, theirs)) == [
        ("demo-1.0.data/scripts/demo", "explained", "made-by-installer"),
        ("demo-1.0.data/scripts/other", "different", ""),
    ]


@pytest.mark.parametrize(("content", "rule"), [(b"import x\n", "nspkg-pth-name"), (b"import y\n", "")])
def test_namespace_file_that_is_named_after_a_python(bench: Bench, content: bytes, rule: str) -> None:
    ours, theirs = parts({"demo-py3.7-nspkg.pth": b"import x\n"}), parts({"demo-nspkg.pth": content})

    verdict = "explained" if rule else "different"
    assert odd(bench.compare(ours, theirs)) == [
        ("demo-nspkg.pth", verdict, rule),
        ("demo-py3.7-nspkg.pth", verdict, rule),
    ]


@pytest.mark.parametrize(("content", "rule"), [(b"MIT", "license-files"), (b"GPL", "")])
def test_licence_that_lies_elsewhere(bench: Bench, content: bytes, rule: str) -> None:
    ours, theirs = parts({"INFO/licenses/LICENSE": b"MIT"}), parts({"INFO/LICENSE": content})

    verdict = "explained" if rule else "different"
    assert [row[1:] for row in odd(bench.compare(ours, theirs))] == [(verdict, rule)] * 2


def test_licence_that_the_conda_package_lost_is_different(bench: Bench) -> None:
    theirs = parts({"INFO/LICENSE": b"MIT"})

    comparison = bench.compare(PLAIN, theirs, source={"LICENSE": b"MIT"})

    assert odd(comparison) == [("demo-1.0.dist-info/LICENSE", "different", "")]


def test_licence_of_the_source_that_the_backend_does_not_pack_here_is_explained(bench: Bench) -> None:
    theirs = parts({"INFO/LICENSE": b"MIT"})

    comparison = bench.compare(PLAIN, theirs, built=PLAIN, source={"LICENSE": b"MIT"})

    assert odd(comparison) == [("demo-1.0.dist-info/LICENSE", "explained", "license-files")]


def test_file_that_a_backend_keeps_for_itself_is_explained_where_the_build_has_it_so(bench: Bench) -> None:
    theirs = parts({"INFO/top_level.txt": b"demo\n"})

    explained = bench.compare(PLAIN, theirs, built=PLAIN)

    assert odd(explained) == [("demo-1.0.dist-info/top_level.txt", "explained", "metadata-writer")]


def test_file_that_a_backend_keeps_for_itself_may_not_get_lost(bench: Bench) -> None:
    theirs = parts({"INFO/top_level.txt": b"demo\n"})

    assert odd(bench.compare(PLAIN, theirs)) == [("demo-1.0.dist-info/top_level.txt", "different", "")]


# ---------------------------------------------------------------- files that both have


def test_file_that_is_too_large_to_be_read_is_compared_by_its_digest(bench: Bench) -> None:
    large = bytes(17_000_000)

    comparison = bench.compare(parts({"demo/large": large + b"a"}), parts({"demo/large": large + b"b"}))

    assert odd(comparison) == [("demo/large", "different", "")]


@pytest.mark.parametrize(
    ("path", "theirs", "rule"),
    [
        ("demo/a.py", b"a = 1\r\nb = 2\r\n", "line-endings"),
        ("demo/a.txt", b"a = 1\r\nb = 2\r\n", "line-endings"),
        ("demo/a.py", b"a = 1\r\nb = 3\r\n", ""),
        ("demo/a.py", b"a = 1\n\nb = 2\n", ""),
        ("demo/a.sh", b"a = 1\r\nb = 2\r\n", ""),
        ("demo/a.bin", b"a = 1\r\nb = 2\r\n", ""),
        ("DATA/scripts/a.py", b"a = 1\r\nb = 2\r\n", ""),
    ],
)
def test_line_endings_of_a_published_wheel(bench: Bench, path: str, theirs: bytes, rule: str) -> None:
    ours = parts({path: b"a = 1\nb = 2\n"})

    comparison = bench.compare(ours, parts({path: theirs}), built=ours)

    assert [row[1:] for row in odd(comparison)] == [("explained" if rule else "different", rule)]


def test_line_endings_that_the_conversion_changed_are_different(bench: Bench) -> None:
    ours, theirs = parts({"demo/a.py": b"a = 1\n"}), parts({"demo/a.py": b"a = 1\r\n"})

    assert odd(bench.compare(ours, theirs)) == [("demo/a.py", "different", "")]


@pytest.mark.parametrize(
    ("theirs", "rule"),
    [
        (b"#!/usr/bin/env python3\nmain()\n", "scripts"),
        (b"#!/usr/bin/env python2\nmain()\n", ""),
        (b"#!/bin/sh\nmain()\n", ""),
        (b"#!/usr/bin/env python3\nother()\n", ""),
        (b"#!python3\nmain()\n", "scripts"),
        (b"#!/tmp/evil/python\nmain()\n", ""),
        (b"#!/usr/bin/env python3 -i\nmain()\n", ""),
    ],
)
def test_line_of_a_script_that_names_its_python(bench: Bench, theirs: bytes, rule: str) -> None:
    ours = parts({"DATA/scripts/run": b"#!python\nmain()\n"})

    comparison = bench.compare(ours, parts({"DATA/scripts/run": theirs}))

    assert odd(comparison) == [("demo-1.0.data/scripts/run", "explained" if rule else "different", rule)]


def test_two_interpreters_are_different(bench: Bench) -> None:
    ours = parts({"DATA/scripts/run": b"#!/usr/bin/env python3\n"})
    theirs = parts({"DATA/scripts/run": b"#!/usr/bin/python3\n"})

    assert odd(bench.compare(ours, theirs)) == [("demo-1.0.data/scripts/run", "different", "")]


def test_script_of_a_command_that_was_published_with_other_content_is_different(bench: Bench) -> None:
    ours = replace(PLAIN, entry_points="[console_scripts]\ndemo = demo:main\n")
    theirs = parts({"DATA/scripts/demo": b"#!python\nevil()\n"}, entry_points=ours.entry_points)

    comparison = bench.compare(ours, theirs, built=ours)

    assert [row[1] for row in odd(comparison)] == ["different"]


def test_first_line_of_what_is_no_script_counts(bench: Bench) -> None:
    ours, theirs = parts({"demo/run": b"#!python\n"}), parts({"demo/run": b"#!/usr/bin/env python3\n"})

    assert odd(bench.compare(ours, theirs)) == [("demo/run", "different", "")]


@pytest.mark.parametrize(
    ("rebuilt", "rule"), [(b"SEED = 3\n", "generated"), (b"SEED = 2\n", "")], ids=["by chance", "for good"]
)
def test_file_that_the_backend_writes_anew(bench: Bench, rebuilt: bytes, rule: str) -> None:
    ours, theirs = parts({"demo/seed.py": b"SEED = 1\n"}), parts({"demo/seed.py": b"SEED = 2\n"})

    comparison = bench.compare(ours, theirs, rebuilt=parts({"demo/seed.py": rebuilt}))

    assert odd(comparison) == [("demo/seed.py", "explained" if rule else "different", rule)]


@pytest.mark.parametrize(
    ("theirs", "rule"),
    [
        (b"made in /tmp/z by x\nfixed\n", "generated"),
        (b"made in /tmp/z by y\nfixed\n", ""),
        (b"made in /tmp/z by x\nchanged\n", ""),
        (b"made in evil() by x\nfixed\n", ""),
        (b"made in /tmp/z by x\nfixed\nmore\n", ""),
    ],
)
def test_only_what_two_runs_write_differently_may_differ(bench: Bench, theirs: bytes, rule: str) -> None:
    wheels = [parts({"demo/g.txt": b"made in /tmp/%s by x\nfixed\n" % one}) for one in (b"ab", b"cb", b"e")]

    comparison = bench.compare(wheels[0], parts({"demo/g.txt": theirs}), built=wheels[1], rebuilt=wheels[2])

    assert odd(comparison) == [("demo/g.txt", "explained" if rule else "different", rule)]


SCM = """\
# file generated by a tool
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Tuple, Union
    VERSION_TUPLE = Tuple[Union[int, str], ...]
else:
    VERSION_TUPLE = object

version: str
__version__: str
version_tuple: VERSION_TUPLE

__version__ = version = '1.2.3'
__version_tuple__ = version_tuple = (1, 2, 3)

__commit_id__ = commit_id = {commit}
"""


@pytest.mark.parametrize(
    ("theirs", "rule"),
    [
        (SCM.format(commit="'g0123abc'"), "version-file"),
        ("__version__ = '1.2.3'\n", "version-file"),
        (SCM.format(commit="None").replace("1.2.3", "1.2.4"), ""),
        (SCM.format(commit="None") + "DEBUG = True\n", ""),
        (SCM.format(commit="None") + "import os\n", ""),
        (SCM.format(commit="os.system('id')"), ""),
        (SCM.format(commit="'import evil'"), ""),
        (SCM.format(commit="None") + "RUN = exec\n", ""),
        (SCM.format(commit="None") + "RUN = evil['x']\n", ""),
        (SCM.format(commit="None") + "update_branch = 'x'\n", ""),
        (SCM.format(commit="None") + "commit_url = 'https://evil.org'\n", ""),
        (SCM.format(commit="None") + "date_format = 'x'\n", ""),
        (SCM.format(commit="None").replace("version: str", "version: evil()", 1), ""),
        (SCM.format(commit="None").replace("CHECKING = False", "CHECKING = True"), ""),
        (SCM.format(commit="None").replace("CHECKING = False", "CHECKING = False\nTYPE_CHECKING = 1"), ""),
        (SCM.format(commit="None").replace("    from typing", "    import evil\n    from typing"), ""),
        (SCM.format(commit="None").replace("Tuple[Union[int, str], ...]", "evil()"), ""),
        (SCM.format(commit="None").replace("TUPLE = object", "TUPLE = exec"), ""),
        (SCM.format(commit="None").replace("(1, 2, 3)", "(1, 2, 4)"), ""),
        ("version = '1.2.3'\nname = 'x'\n", ""),
        ("commit_id = None\n", ""),
    ],
)
def test_version_file(bench: Bench, theirs: str, rule: str) -> None:
    ours = SCM.format(commit="None")

    comparison = bench.compare(
        parts({"demo/_version.py": ours.encode()}, version="1.2.3"),
        parts({"demo/_version.py": theirs.encode()}, version="1.2.3"),
    )

    assert odd(comparison) == [("demo/_version.py", "explained" if rule else "different", rule)]


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_version_file_that_somebody_wrote_is_different(bench: Bench, side: str) -> None:
    texts = {"ours": b"__version__ = '1.0'\n", "theirs": b"__version__ = '1.0'\ncommit_id = 'abcdef0'\n"}
    ours, theirs = (parts({"demo/_version.py": text}) for text in texts.values())

    comparison = bench.compare(ours, theirs, source={"src/demo/_version.py": texts[side]})

    assert odd(comparison) == [("demo/_version.py", "different", "")]


@pytest.mark.parametrize(
    ("theirs", "rule"),
    [
        ("{scm}", "version-file"),
        ("{scm}DEBUG = True\n", ""),
        ("{scm}import os\n", ""),
        ("{scm}def get_version(): return version\n", ""),
        ("__version__ = '1.2.4'\n", ""),
    ],
)
def test_version_file_of_the_source_that_its_backend_writes_anew(
    bench: Bench, theirs: str, rule: str
) -> None:
    published = theirs.replace("{scm}", SCM.format(commit="None")).encode()
    ours = parts({"demo/_version.py": b"__version__ = version = '1.2.3'\n"}, version="1.2.3")

    comparison = bench.compare(
        ours,
        parts({"demo/_version.py": published}, version="1.2.3"),
        built=ours,
        source={"src/demo/_version.py": published},
    )

    assert odd(comparison) == [("demo/_version.py", "explained" if rule else "different", rule)]


@pytest.mark.parametrize(
    ("built", "source"),
    [
        (b"__version__ = '1.0'\n", {"demo/_version.py": b"__version__ = '1.0'\n"}),
        (
            b"__version__ = version = '1.0'\n",
            {"demo/_version.py": b"__version__ = '1.0'\ncommit_id = None\n"},
        ),
        (b"__version__ = '1.0'\n", {"elsewhere.py": b"__version__ = '1.0'\ncommit_id = None\n"}),
    ],
    ids=["the backend keeps it", "the backend writes something else", "it lies elsewhere in the source"],
)
def test_version_file_that_is_not_shown_to_be_written_anew_is_different(
    bench: Bench, built: bytes, source: Mapping[str, bytes]
) -> None:
    ours = parts({"demo/_version.py": b"__version__ = '1.0'\n"})
    theirs = parts({"demo/_version.py": b"__version__ = '1.0'\ncommit_id = None\n"})

    comparison = bench.compare(ours, theirs, built=parts({"demo/_version.py": built}), source=source)

    assert odd(comparison) == [("demo/_version.py", "different", "")]


def test_version_file_of_another_version_than_the_wheels_is_different(bench: Bench) -> None:
    ours = parts({"demo/_version.py": b"version = '9'\n"})
    theirs = parts({"demo/_version.py": b"version = '9'\ncommit_id = None\n"})

    assert odd(bench.compare(ours, theirs)) == [("demo/_version.py", "different", "")]


VERSIONEER = """\
import json
version_json = '''
{"date": "%s", "dirty": false, "error": null, "full-revisionid": "%s", "version": "1.0"}
'''
def get_versions():
    return json.loads(version_json)
"""


@pytest.mark.parametrize(
    ("theirs", "rule"),
    [
        (VERSIONEER % ("2024-05-06T07:08:09+0200", "b" * 40), "version-file"),
        (VERSIONEER % ("evil", "b" * 40), ""),
        (VERSIONEER % ("2024-05-06T07:08:09+0200", "evil"), ""),
        (VERSIONEER.replace("1.0", "2.0") % ("2024-05-06T07:08:09+0200", "b" * 40), ""),
        (VERSIONEER.replace('"dirty"', '"run": "x", "dirty"') % ("2024-05-06T07:08:09+0200", "b" * 40), ""),
        (VERSIONEER.replace("json.loads", "exec") % ("2024-05-06T07:08:09+0200", "b" * 40), ""),
    ],
)
def test_version_file_of_json(bench: Bench, theirs: str, rule: str) -> None:
    ours = VERSIONEER % ("2026-01-01T00:00:00+0000", "a" * 40)

    comparison = bench.compare(
        parts({"demo/_version.py": ours.encode()}), parts({"demo/_version.py": theirs.encode()})
    )

    assert odd(comparison) == [("demo/_version.py", "explained" if rule else "different", rule)]


@pytest.mark.parametrize(
    ("theirs", "source", "rule"),
    [
        (b"made 2024-05-06T07:08:09Z by x\n", {"setup.py": b""}, "build-date"),
        (b"made 2024-05-06T07:08:09Z by x\n", {}, ""),
        (b"made 2024-05-06 by y\n", {"setup.py": b""}, ""),
        (b"made 2024-05-06 by x\n", {"demo/made.txt": b"made 2026-01-02 10:00:00 by x\n"}, ""),
        (b"made 2024-05-06 by x\n", {"demo/made.txt": b"made 2024-05-06 by x\n"}, ""),
        (b"made 2026.1.2 by x\n", {"setup.py": b""}, ""),
        (b"made 2024-05-061 by x\n", {"setup.py": b""}, ""),
    ],
)
def test_date_of_a_generated_file(
    bench: Bench, theirs: bytes, source: Mapping[str, bytes], rule: str
) -> None:
    ours = parts({"demo/made.txt": b"made 2026-01-02 10:00:00 by x\n"})

    comparison = bench.compare(ours, parts({"demo/made.txt": theirs}), source=source)

    assert odd(comparison) == [("demo/made.txt", "explained" if rule else "different", rule)]


@pytest.mark.parametrize(("is_built_so", "rule"), [(True, "mode"), (False, "")])
def test_executable_bit(bench: Bench, *, is_built_so: bool, rule: str) -> None:
    set_ = replace(PLAIN, executable=frozenset({"demo/__init__.py"}))

    comparison = bench.compare(PLAIN, set_, built=PLAIN if is_built_so else set_)

    assert odd(comparison) == [("demo/__init__.py", "explained" if rule else "different", rule)]


def test_executable_bit_of_metadata_that_gets_lost_is_different(bench: Bench) -> None:
    ours = parts({"INFO/licenses/LICENSE": b"MIT"})
    theirs = replace(ours, executable=frozenset({"INFO/licenses/LICENSE"}))

    assert odd(bench.compare(ours, theirs)) == [("demo-1.0.dist-info/licenses/LICENSE", "different", "")]


@pytest.mark.parametrize(
    ("theirs", "rule"),
    [
        ("[console_scripts]\nb=demo:b\na = demo : a\n", "metadata-writer"),
        ("[console_scripts]\na = demo:a\nb = demo:c\n", ""),
        ("[gui_scripts]\na = demo:a\nb = demo:b\n", ""),
    ],
)
def test_entry_points(bench: Bench, theirs: str, rule: str) -> None:
    ours = replace(PLAIN, entry_points="[console_scripts]\na = demo:a\nb = demo:b\n")

    comparison = bench.compare(ours, replace(PLAIN, entry_points=theirs))

    verdict = "explained" if rule else "different"
    assert odd(comparison) == [("demo-1.0.dist-info/entry_points.txt", verdict, rule)]


def test_wheel_that_suits_python_2_as_well_is_explained(bench: Bench) -> None:
    info = b"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n"

    comparison = bench.compare(PLAIN, parts({"INFO/WHEEL": info}))

    assert odd(comparison) == [("demo-1.0.dist-info/WHEEL", "explained", "tags")]


@pytest.mark.parametrize(
    "info",
    [
        b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
        b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-linux_x86_64\n",
    ],
)
def test_wheel_of_another_kind_is_different(bench: Bench, info: bytes) -> None:
    assert odd(bench.compare(PLAIN, parts({"INFO/WHEEL": info}))) == [
        ("demo-1.0.dist-info/WHEEL", "different", "")
    ]


def test_generator_says_nothing_of_a_wheel(bench: Bench) -> None:
    info = b"Wheel-Version: 1.0\nGenerator: other 2\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

    assert bench.compare(PLAIN, parts({"INFO/WHEEL": info})).verdict == "equal"


def test_verdict_is_the_worst_of_all() -> None:
    rows = (FileVerdict(path="a", verdict="equal"), FileVerdict(path="b", verdict="explained", rule="mode"))
    comparison = Comparison(left="a", right="b", files=rows, fields=(), is_metadata_identical=True)

    assert comparison.verdict == "explained"
    assert (
        replace(comparison, files=(*rows, FileVerdict(path="c", verdict="different"))).verdict == "different"
    )

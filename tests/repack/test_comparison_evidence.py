"""What looks like a difference of form is none where code, commands or requirements could hide behind it."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.repack.comparing.comparison import KnownDifferences, LabelledWheel, compare_wheels
from support.wheels import WheelParts, write_wheel

INIT = {"demo/__init__.py": b"x = 1\n"}
PLAIN = WheelParts(files=INIT)
VERSION = "__version__ = version = '1.0'\n__version_tuple__ = version_tuple = (1, 0)\n"
SOURCE = {"setup.py": b""}


def having(files: Mapping[str, bytes | str]) -> WheelParts:
    written = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return replace(PLAIN, files={**INIT, **written})


def rules(
    folder: Path,
    ours: WheelParts,
    theirs: WheelParts,
    *runs: WheelParts,
    source: Mapping[str, bytes] = SOURCE,
) -> list[str]:
    """Return the rule of each file that isn't equal, empty where it is different; `runs` are the backend's own."""
    paths = []
    for number, parts in enumerate((ours, theirs, *runs)):
        (folder / str(number)).mkdir()
        paths.append(str(write_wheel(folder / str(number), parts)))
    left, right, built, rebuilt, *_ = [*paths, "", ""]
    known = KnownDifferences(
        source={path: hashlib.sha256(content).hexdigest() for path, content in source.items()},
        built=built or right,
        rebuilt=rebuilt,
    )
    found = compare_wheels(
        LabelledWheel(path=left, label="conda package"),
        LabelledWheel(path=right, label="wheel"),
        known=known,
    )
    return [row.rule for row in found.files if row.verdict != "equal"]


# ---------------------------------------------------------------- modules that hold the version


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (VERSION, "not-in-source"),
        ("# -*- coding: utf-8 -*-\n" + VERSION, "not-in-source"),
        ("# coding: utf-7\n" + VERSION + "# +AAo-import os; os.system('echo pwned')\n", ""),
        ("\r# coding: utf-7\n" + VERSION + "# +AAo-import os\n", ""),
        ("# \rimport os\n" + VERSION, ""),
    ],
)
def test_version_file_of_the_published_wheel_is_read_as_python_reads_it(
    tmp_path: Path, text: str, rule: str
) -> None:
    assert rules(tmp_path, PLAIN, having({"demo/_version.py": text}), PLAIN) == [rule]


@pytest.mark.parametrize(
    ("theirs", "rule"),
    [
        (VERSION + "commit_id = None\n", "version-file"),
        ("from __future__ import annotations\n" + VERSION, "version-file"),
        (VERSION + "from __future__ import annotations\n", ""),
        (VERSION.replace("'1.0'", "'1.0.0'"), ""),
        (VERSION.replace("(1, 0)", "(1, 0, 0)"), ""),
        ("# coding: utf-7\n" + VERSION + "# +AAo-import os\n", ""),
    ],
)
def test_version_file_says_the_same_in_the_same_words(tmp_path: Path, theirs: str, rule: str) -> None:
    ours, other = having({"demo/_version.py": VERSION}), having({"demo/_version.py": theirs})

    assert rules(tmp_path, ours, other) == [rule]


@pytest.mark.parametrize(
    ("ours", "theirs", "rule"),
    [
        (
            "commit_id = None\n" + VERSION + "print(version)\n",
            "commit_id = 'abcdef0'\n" + VERSION + "print(version)\n",
            "version-file",
        ),
        (VERSION + "print(version)\n", "print(version)\n" + VERSION, ""),
        (
            VERSION + "def v(a: int): return version\n",
            "from __future__ import annotations\n" + VERSION + "def v(a: int): return version\n",
            "",
        ),
    ],
)
def test_order_counts_where_a_version_file_holds_code(
    tmp_path: Path, ours: str, theirs: str, rule: str
) -> None:
    left, right = having({"demo/_version.py": ours}), having({"demo/_version.py": theirs})

    assert rules(tmp_path, left, right) == [rule]


# ---------------------------------------------------------------- values of one build


@pytest.mark.parametrize(
    ("ours", "theirs", "runs", "rule"),
    [
        ("S = 'a1'\n", "S = 'b2'\n", ("S = 'c3'\n", "S = 'd4'\n"), "generated"),
        ("# at 1\nx = 1\n", "# at 2\nx = 1\n", ("# at 3\nx = 1\n", "# at 4\nx = 1\n"), "generated"),
        ("1234\n", "import evil\n", ("1234\n", "5678\n"), ""),
        ("T = aaa.bbb\n", "T = os.environ\n", ("T = 1\n", "T = 2\n"), ""),
        ("T = 3\n", "T = os.environ\n", ("T = 1\n", "T = 2\n"), ""),
        ("T = f'{a}'\n", "T = f'{evil}'\n", ("T = f'{b}'\n", "T = f'{c}'\n"), ""),
        ("# 3\n", "# 4\rimport os\n", ("# 1\n", "# 2\n"), ""),
        ("# coding: utf-7\n# 3\n", "# coding: utf-7\n# +AAo-1\n", ("# coding: utf-7\n# 1\n", "# coding: utf-7\n# 2\n"), ""),
    ],
)  # fmt: skip
def test_word_of_code_is_no_value(
    tmp_path: Path, ours: str, theirs: str, runs: tuple[str, str], rule: str
) -> None:
    left, right, built, rebuilt = (having({"demo/made.py": text}) for text in (ours, theirs, *runs))

    assert rules(tmp_path, left, right, built, rebuilt) == [rule]


@pytest.mark.parametrize(("path", "rule"), [("demo/made.txt", "generated"), ("demo/made.sh", "")])
def test_values_of_what_runs_and_is_no_module_are_different(tmp_path: Path, path: str, rule: str) -> None:
    wheels = [having({path: f"at {number}\n"}) for number in range(4)]

    assert rules(tmp_path, *wheels) == [rule]


@pytest.mark.parametrize(
    ("path", "ours", "theirs", "rule"),
    [
        ("demo/made.py", "# on 2020-01-01\nx = 1\n", "# on 2030-01-01\nx = 1\n", "build-date"),
        ("demo/made.py", '"""Made 2020-01-01."""\n', '"""Made 2030-01-01."""\n', "build-date"),
        ("demo/made.py", "x = 2020-10-10\n", "x = 9999-10-11\n", ""),
        ("demo/made.py", "x = '2020-01-01'\n", "x = '2030-01-01'\n", ""),
        ("demo/made.py", "f'2020-01-01'\n", "f'2030-01-01'\n", ""),
        ("demo/made.sh", "echo 2020-01-01\n", "echo 2030-01-01\n", ""),
    ],
)
def test_date_is_none_of_the_build_where_it_is_code(
    tmp_path: Path, path: str, ours: str, theirs: str, rule: str
) -> None:
    assert rules(tmp_path, having({path: ours}), having({path: theirs})) == [rule]


# ---------------------------------------------------------------- licences, modes, commands


@pytest.mark.parametrize(
    "name",
    ["entry_points.txt", "top_level.txt", "__init__.py", "deep/__init__.py", "direct_url.json", "x.txt"],
)
def test_file_that_is_no_licence_may_not_move_among_them(tmp_path: Path, name: str) -> None:
    text = b"[console_scripts]\na = demo:a\n"
    ours = having({f"INFO/licenses/{name.rpartition('/')[2]}": text})

    found = rules(tmp_path, ours, having({f"INFO/{name}": text}))

    assert "license-files" not in found


@pytest.mark.parametrize(
    ("name", "told"), [("LICENSE", ()), ("x.txt", ("License-File: x.txt",)), ("license_files/x.txt", ())]
)
def test_licence_may_lie_elsewhere(tmp_path: Path, name: str, told: tuple[str, ...]) -> None:
    ours = having({f"INFO/licenses/{name.rpartition('/')[2]}": b"MIT"})
    theirs = replace(having({f"INFO/{name}": b"MIT"}), metadata=told)

    assert set(rules(tmp_path, ours, theirs)) <= {"license-files", "metadata-writer"}


@pytest.mark.parametrize(("is_built_so", "found"), [(True, ["version-file"]), (False, [""])])
def test_executable_bit_is_judged_beside_other_bytes(
    tmp_path: Path, found: list[str], *, is_built_so: bool
) -> None:
    ours = having({"demo/_version.py": VERSION})
    theirs = replace(
        having({"demo/_version.py": VERSION + "commit_id = None\n"}),
        executable=frozenset({"demo/_version.py"}),
    )

    assert rules(tmp_path, ours, theirs, *([ours] if is_built_so else [])) == found


def test_first_of_two_commands_of_one_name_counts(tmp_path: Path) -> None:
    head, first, second = "[console_scripts]\n", "a = demo:a\n", "a = demo:b\n"
    ours = replace(PLAIN, entry_points=head + first + second)
    theirs = replace(PLAIN, entry_points=head + second + first)

    assert rules(tmp_path, ours, theirs) == [""]


@pytest.mark.parametrize(("is_built_so", "rule"), [(True, "made-by-installer"), (False, "")])
def test_script_of_a_command_that_only_the_conda_package_has(
    tmp_path: Path, rule: str, *, is_built_so: bool
) -> None:
    points = "[console_scripts]\nrun = demo:main\n"
    ours = replace(having({"DATA/scripts/run": b"#!python\nevil()\n"}), entry_points=points)
    theirs = replace(PLAIN, entry_points=points)

    assert rules(tmp_path, ours, theirs, ours if is_built_so else theirs) == [rule]

"""Hostile programs: every one of them must end soon, without memory, files or network."""

import contextlib
import resource
import time
from pathlib import Path

import pytest

from conda_bridge.infer.project.evaluator.branches import Snapshot, leave, merged
from conda_bridge.infer.project.evaluator.files import SourceFiles
from conda_bridge.infer.project.evaluator.frames import Budget
from conda_bridge.infer.project.evaluator.machine import Machine
from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.infer.project.evaluator.regex import UnsafePatternError, find_matches
from conda_bridge.infer.project.evaluator.values import (
    BudgetSpentError,
    LoopEnded,
    Returned,
    Unknown,
    Value,
    first_unknown,
    weight_of,
)
from conda_bridge.infer.project.evaluator.worlds import PLATFORMS, WORLDS, World, markers_of
from support.trees import facts_of_texts

DOUBT = Unknown("setup.py:1", "a test")
SECONDS = 10.0
"""Generous: they take less than one, but not while coverage is measured on a busy machine."""


def run(program: str) -> None:
    tree = parse(program)
    assert tree is not None
    Machine(SourceFiles(facts_of_texts({"big.txt": "x" * 190_000}))).run_program("setup.py", tree)


@pytest.mark.parametrize(
    "program",
    [
        "while True:\n    pass",
        "while True:\n    x = 1",
        "for i in range(9999):\n    for j in range(4999):\n        pass",
        "x = 'a' * 10**9",
        "x = [0] * 10**9",
        "x = 2 ** 10**9",
        "x = 1 << 10**9",
        "x = 9 ** 64 ** 9",
        "x = 'a'\nfor i in range(99):\n    x += x",
        "x = [1]\nfor i in range(99):\n    x += x",
        "x = ()\nfor i in range(99):\n    x = (x, x)\ny = {x}",
        "x = []\nfor i in range(99):\n    x = [x, x]\ny = x == x[:]",
        "x = []\nfor i in range(99):\n    x = [x, x]\nif f():\n    y = x\nelse:\n    y = [x][0] + []",
        "x = 'ab'\nfor i in range(99):\n    x = x.replace('a', x)",
        "x = 'ab'\nfor i in range(99):\n    x = x.join(x)",
        "x = 'ab'\nfor i in range(99):\n    x = '%s%s%s%s' % (x, x, x, x)",
        "x = 'ab'\nfor i in range(99):\n    x = '{0}{0}{0}{0}'.format(x)",
        "x = 'ab'\nfor i in range(99):\n    x = f'{x}{x}{x}{x}'",
        "x = []\nfor i in range(4999):\n    for j in range(4999):\n        x.append(open('big.txt').read() + str(j))",
        "x = []\nfor i in range(30):\n    x = x + [i] + x\nx = sum([x] * 99999, [])",
        "from itertools import chain\nx = [1] * 9999\nfor i in range(9):\n    x = list(chain(*[x] * 999))",
        "def f(n):\n    return f(n + 1)\nf(0)",
        "f = lambda: f()\nf()",
        "def f():\n    for i in range(4000):\n        g()\ndef g():\n    for i in range(4000):\n        pass\nf()",
        "x = " + "-" * 900 + "1",
        "x = " + "(" * 90 + "1" + ",)" * 90 + "\ny = " + " + ".join(["x"] * 900),
        "\n".join("\t" * i + "if f():" for i in range(95)) + "\n" + "\t" * 95 + "pass",
        "x = {}\n" + "\n".join(f"if f():\n    x[{i}] = list(range(900))" for i in range(2_000)),
        "d = {}\nd['d'] = d\nx = d == d\ny = [d]\ny.append(y)\nz = y == y",
        "import re\nfor i in range(999):\n    re.search('version\\s*\\s*\\s*x', 'version' + ' ' * 90)",
        "def f():\n    yield f()\nlist(f())",
        "s = 'x = 1\\n' * 99999\nfor i in range(99):\n    exec(s + str(i))",
        "import shlex\ns = 'x ' * 99999\nfor i in range(99):\n    shlex.split(s)",
        "from configparser import ConfigParser\nc = ConfigParser()\ns = '[a]\\n' + 'x = 1\\n y\\n' * 9999\nfor i in range(99):\n    c.read_string(s)",
        "import json\nfor i in range(4999):\n    json.loads('[' * 999 + ']' * 999)",
        "import textwrap\ns = ' a\\n' * 99999\nfor i in range(99):\n    textwrap.dedent(s)",
        "s = ' a\\n' * 99999\nfor i in range(4999):\n    s.splitlines()\n    s.title().split('a')",
        "s = 'ab' * 99999\nfor i in range(4999):\n    sorted(s)\n    list(s)\n    {x for x in s}",
        "import pkg_resources\ns = 'a\\n' * 99999\nfor i in range(4999):\n    [str(x) for x in pkg_resources.parse_requirements(s)]",
        "exec('exec(s)' if False else s) if False else None\ns = 'exec(s)'\nexec(s)",
    ],
)  # fmt: skip
def test_row_44_every_program_ends_soon(program: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    with contextlib.suppress(BudgetSpentError):
        run(program)

    assert time.process_time() - start < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


@pytest.mark.parametrize(
    "program",
    ["import os\nos.system('touch evil')", "open('evil', 'w').write('x')", "__import__('os').mkdir('evil')", "exec(\"open('evil', 'w')\")"],
)  # fmt: skip
def test_row_44_nothing_is_executed(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    run(program)

    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- regular expressions


def search(pattern: str, text: str, *, flags: int = 0, is_anchored: bool = False) -> str | None:
    matches = find_matches(pattern, text, flags=flags, spend=lambda _cost: None, is_anchored=is_anchored)
    return next((match[0] for match in matches), None)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+version",
        "(?:a*)*version",
        "(version)*",
        "(version){2}",
        "version(?:a*a*){100}!",
        "version(?:a*a*){3,100}!",
        "version(?:a*a*){,100}!",
        "(?=version)",
        "(?<!x)version",
        "(?P=x)version",
        "(?#x)version",
        "version|other",
        "a.b",
        "",
        "v" * 400,
        "version(",
        "(?x)version",
        "version" + "a*" * 20,
        "version" + "(?:a|b)?" * 30,
        "version$",
        r"version\Z",
    ],
)  # fmt: skip
def test_patterns_that_could_run_for_years_are_refused(pattern: str) -> None:
    with pytest.raises(UnsafePatternError):
        search(pattern, "a line\nversion " + "a" * 100 + "\nb\n")


@pytest.mark.parametrize(
    ("pattern", "flags", "found"),
    [
        (r"^__version__\s*=\s*['\"]([^'\"]*)['\"]", 8, '__version__ = "1.2"'),
        (r"(?m)^__version__ = .(\d+\.)?\d+.$", 0, '__version__ = "1.2"'),
        (r"(?:__)version(__|x) =", 0, "__version__ ="),
        (r"VERSION__ = ['\"]", 2, 'version__ = "'),
        (r"version__ = [^\n]{1,5}?\"", 0, 'version__ = "1.2"'),
        (r"version__ = .[0-9.]+(.)", 0, 'version__ = "1.2"'),
        (r"nowhere = x", 0, None),
    ],
)  # fmt: skip
def test_patterns_of_ordinary_files_are_run(pattern: str, flags: int, found: str | None) -> None:
    text = '"""Doc."""\n# The __version__ is below.\n__version__ = "1.2"\n'

    assert search(pattern, text, flags=flags) == found


def test_a_match_across_lines_is_not_denied() -> None:
    with pytest.raises(UnsafePatternError, match="across lines"):
        search(r"version\s*=\s*x", "version\n = x\n")


def test_an_anchored_search_looks_at_the_first_line_only() -> None:
    assert search("version", "version 1\nversion 2", is_anchored=True) == "version"
    assert search("version", "\nversion 2", is_anchored=True) is None


def test_letters_that_change_their_length_in_lower_case_are_refused() -> None:
    with pytest.raises(UnsafePatternError, match="length"):
        search("version", "\u0130 version", flags=2)


# ---------------------------------------------------------------- worlds


def test_worlds_become_markers() -> None:
    assert markers_of(WORLDS) == ("",)
    assert markers_of([]) == ()


def test_a_marker_holds_in_exactly_its_worlds() -> None:
    windows, old = PLATFORMS[2], 9
    present = [w for w in WORLDS if w.platform == windows or w.minor <= old]

    assert markers_of(present) == (
        'sys_platform != "win32" and python_version < "3.10"',
        'sys_platform == "win32"',
    )


def test_pythons_apart_are_alternatives() -> None:
    present = [w for w in WORLDS if w.minor in {8, 10, 14}]

    assert markers_of(present) == (
        '(python_version < "3.9" or python_version >= "3.10" and python_version < "3.11" or python_version >= "3.14")',
    )


def test_only_the_worlds_that_there_are_count() -> None:
    everywhere = [w for w in WORLDS if w.minor >= 10]

    assert markers_of([w for w in everywhere if w.minor < 12], everywhere) == ('python_version < "3.12"',)


def test_a_machine_splits_its_worlds_by_the_answers() -> None:
    machine = Machine(SourceFiles(facts_of_texts({})))

    assert machine.ask(lambda world: world.platform.os_name) == "posix"
    assert machine.ask(lambda world: world.platform.os_name) == "posix"
    assert machine.worlds_left == [tuple(w for w in WORLDS if w.platform == PLATFORMS[2])]
    assert World(PLATFORMS[0], 8) in machine.worlds


# ---------------------------------------------------------------- branches


def test_a_snapshot_keeps_what_is_shared_shared() -> None:
    shared: list[Value] = [1]
    scope: dict[str, Value] = {"a": shared, "b": {"x": shared}, "c": (shared, {1})}
    snapshot = Snapshot([scope])

    shared.append(2)
    snapshot.restore()
    a, b = scope["a"], scope["b"]

    assert a == [1]
    assert isinstance(b, dict)
    assert b["x"] is a
    assert len(snapshot) == 3 + 1 + 1 + 2 + 1


@pytest.mark.parametrize(
    ("left", "right", "agreed"),
    [
        (1, 1, 1),
        (1, True, DOUBT),
        ([1], [1], [1]),
        ([1], [2], DOUBT),
        ({"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 1, "b": DOUBT}),
        ({"a": 1}, {}, {"a": DOUBT}),
    ],
)  # fmt: skip
def test_two_ways_keep_what_they_agree_on(left: Value, right: Value, agreed: Value) -> None:
    assert merged(left, right, DOUBT, {}) == agreed


def test_leaving_in_the_same_way_keeps_the_value() -> None:
    with pytest.raises(Returned) as same:
        leave([Returned(1), Returned(1)], DOUBT)
    with pytest.raises(Returned) as other:
        leave([Returned(1), Returned(2)], DOUBT)
    with pytest.raises(Returned) as mixed:
        leave([Returned(1), None], DOUBT)

    assert (same.value.value, other.value.value, mixed.value.value) == (1, DOUBT, DOUBT)
    leave([None, None], DOUBT)


def test_leaving_a_loop_in_one_way_only_is_doubtful() -> None:
    with pytest.raises(LoopEnded) as certain:
        leave([LoopEnded(is_break=False), LoopEnded(is_break=False)], DOUBT)
    with pytest.raises(LoopEnded) as doubtful:
        leave([LoopEnded(is_break=True), None], DOUBT)

    assert (certain.value.is_break, certain.value.is_doubtful) == (False, False)
    assert (doubtful.value.is_break, doubtful.value.is_doubtful) == (True, True)


def test_values_too_large_to_look_at_are_refused() -> None:
    value: Value = []
    for _ in range(40):
        value = [value, value]

    with pytest.raises(BudgetSpentError):
        first_unknown(value)
    with pytest.raises(BudgetSpentError):
        weight_of(value)
    assert weight_of({"a": [1, (2,)]}) == 5


def test_a_budget_is_shared_by_machines() -> None:
    budget = Budget(left=10)
    files = SourceFiles(facts_of_texts({}))
    Machine(files, budget=budget).spend(8)

    with pytest.raises(BudgetSpentError):
        Machine(files, budget=budget).spend(3)


def test_a_budget_ends_with_its_time_however_much_is_left() -> None:
    with pytest.raises(BudgetSpentError):
        Budget(seconds=-1.0).spend(2)

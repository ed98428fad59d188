"""Hostile programs whose single steps are dear: work is paid for by its size, and values have bounds."""

import pytest

from conda_bridge.infer.project.evaluator.files import SourceFiles
from conda_bridge.infer.project.evaluator.frames import Budget
from conda_bridge.infer.project.evaluator.machine import Machine
from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.infer.project.evaluator.values import (
    BudgetSpentError,
    Unknown,
    Value,
    equal,
    first_unknown,
    ordered,
    weight_of,
)
from support.trees import facts_of_texts


def run(program: str, budget: Budget) -> None:
    tree = parse(program)
    assert tree is not None
    Machine(SourceFiles(facts_of_texts({})), budget=budget).run_program("setup.py", tree)


def repeated(setting: str, step: str) -> str:
    return f"{setting}\nfor i in range(60):\n    {step}"


@pytest.mark.parametrize(
    "program",
    [
        repeated("x = [0] * 90000", "x.count(1)"),
        repeated("x = [0] * 90000", "1 in x"),
        repeated("x = [0] * 40000", "x == x[:]"),
        repeated("x = 'a' * 1000000", "'b' in x"),
        "x = 'a' * 1000000\nx.rfind('b' + 'a' * 100)",
        "x = 'a' * 1000000\nx.strip('b' * 1000 + 'a')",
        repeated("x = {1: [[0] * 9000] + [[1] * 9000]}", "if foo: y = 1"),
        repeated("x = [[0] * 9000] + [[1] * 9000]\nfrom setuptools import setup", "setup(x=x)"),
        repeated("x = ' a' * 9000\nimport textwrap", "textwrap.dedent(x)"),
        repeated("x = '[' + '1,' * 90000 + '1]'\nimport json", "json.loads(x)['a'] if i < 0 else json.loads(x)"),
        repeated("x = 'a ' * 900\nimport shlex", "shlex.split(x)"),
        repeated("x = '(' * 4000", "exec(x + str(i))"),
        repeated("x = '(' * 4000", "eval(x + str(i))"),
        repeated("x = '[' + '1,' * 9000 + '1]'\nimport ast", "ast.literal_eval(x)"),
        repeated("x = [(i, j) for i in range(40) for j in range(40)] * 9", "set(x)"),
        repeated("x = [2, 1] * 9000", "sorted(x)"),
    ],
)  # fmt: skip
def test_work_is_paid_for_by_its_size(program: str) -> None:
    budget = Budget(left=20_000)

    with pytest.raises(BudgetSpentError):
        run(program, budget)


@pytest.mark.parametrize(
    "program",
    [
        "x = ()\nfor i in range(300):\n    x = (x,)\ny = {x}",
        "x = ()\nfor i in range(300):\n    for x in enumerate([x]): pass\ny = {x}",
        "x = []\nfor i in range(300):\n    x = [x]\ny = x == [x]",
        "x = []\nx.append(x)\ny = x == [x]",
        "x = []\nx.append(x)\ny = x if foo else [x]",
        "x = []\nx.append(x)\ny = [x] in [[x]]",
    ],
)
def test_values_that_end_nowhere_are_refused(program: str) -> None:
    with pytest.raises(BudgetSpentError):
        run(program, Budget())


@pytest.mark.parametrize(
    "program",
    [
        "import pathlib\nx = pathlib.Path('a')\nfor i in range(99):\n    x = x / x",
        "import pathlib\nx = pathlib.Path('a')\nfor i in range(99):\n    x = pathlib.Path(x, x)",
        "import pathlib\nx = pathlib.Path('a')\nfor i in range(99):\n    x = x.joinpath(x)",
        "import os\nx = os.path.normpath('a/../' * 100000)",
        "import os\nx = os.path.exists('a/../' * 100000)",
        "from packaging.version import Version\nx = Version('1' + '.1' * 400000)",
        "x = b'%999999999d' % 1",
        ("import configparser\nc = configparser.ConfigParser()\n"
        "c.read_string('[s]\\n' + '\\n'.join('k%d = %s' % (i, ('%%(k%d)s' % (i + 1)) * 9) for i in range(8)))\n"
        "x = c.get('s', 'k0')"),
    ],
)  # fmt: skip
def test_what_grows_out_of_bounds_is_unknown(program: str) -> None:
    tree = parse(f"{program}\nfrom setuptools import setup\nsetup(x=x)")
    assert tree is not None
    machine = Machine(SourceFiles(facts_of_texts({})))

    machine.run_program("setup.py", tree)

    assert isinstance(machine.setup_calls[0].arguments.keywords["x"], Unknown)


def test_two_values_are_equal_only_in_kind_and_content() -> None:
    cycle: list[Value] = []
    cycle.append(cycle)

    assert equal(cycle, cycle)
    assert equal([1, {"a": 2}], [1, {"a": 2}])
    assert not equal([1], (1,))
    with pytest.raises(BudgetSpentError):
        equal(cycle, [cycle])


def test_tuples_among_the_keys_of_a_dict_weigh() -> None:
    assert weight_of({("a", "b"): 1}) == 5


def test_a_long_list_within_itself_is_not_unrolled() -> None:
    long: list[Value] = [0] * 90_000
    long.append(long)

    with pytest.raises(BudgetSpentError):
        first_unknown(long)


def test_an_order_of_tuples_never_spells_them_out() -> None:
    huge = ("a" * 1_000_000,) * 40_000

    assert ordered({"b", "a"}) == ["a", "b"]
    assert ordered({huge}) == [huge]

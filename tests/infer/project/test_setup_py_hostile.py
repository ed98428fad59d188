"""Hostile setup.py files: each becomes fields that aren't known, soon, and none of them a crash."""

import time

import pytest

from conda_bridge.infer.project.setup_py import read_setup_py
from support.trees import facts_of_texts

SECONDS = 10.0
"""Generous, as all of them take far less than one."""
_DAG = "x = []\nfor i in range(60):\n    x = [x, x]\n"
_CYCLE = "x = []\nx.append(x)\nd = {}\nd['a'] = d\n"
_DEEP = "x = []\nfor i in range(900):\n    x = [x]\n"


@pytest.mark.parametrize(
    "program",
    [
        _DAG + "setup(name=x, extras_require={'a': x}, install_requires=x, license=x, version=x)",
        _DAG + "setup(name=x, entry_points=x, keywords=x)\n" * 2,
        _DAG + "import sys\nif sys.platform == 'win32':\n    y = 1\nsetup(name=x, extras_require=x)",
        _CYCLE + "setup(name=x, version=x, install_requires=x, extras_require=d, entry_points=d)",
        _CYCLE + "setup(name=x, version=x, install_requires=x, extras_require=d, entry_points=d)\n" * 2,
        _DEEP + "setup(name=x, keywords=x)",
        "d = {}\nfor i in range(2000):\n    d['a%d' % i] = list(range(35))\nsetup(extras_require=d)",
        "x = ['a' * 9000] * 9000\nsetup(install_requires=x)",
        "x = 'a' * 300000\nsetup(name=x)",
        "import re\nm = re.search(r'needle(?:a*a*){100}!', 'needle' + 'a' * 60)\nsetup(name=m)",
        "x = [0] * 90000\nfor i in range(100):\n    for j in range(4000):\n        setup(name=x)",
        "while True:\n    pass",
    ],
)  # fmt: skip
def test_a_hostile_program_makes_its_fields_unknown(program: str) -> None:
    facts = facts_of_texts({"setup.py": f"from setuptools import setup\n{program}\n"})
    started = time.thread_time()

    statement = read_setup_py(facts)

    assert statement.unknown
    assert time.thread_time() - started < SECONDS


def test_an_argument_that_is_too_large_leaves_the_others_known() -> None:
    program = f"from setuptools import setup\n{_CYCLE}setup(name='demo', version=x)"

    statement = read_setup_py(facts_of_texts({"setup.py": program}))

    assert statement.name
    assert statement.name.value == "demo"
    assert [(field.field, field.reason) for field in statement.unknown] == [
        ("Version", "computed in setup.py:6: a value is nested too deeply")
    ]

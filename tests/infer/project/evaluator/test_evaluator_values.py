"""The evaluator against Python itself: it computes the same, raises the same, or says that it doesn't know."""

import ast
import collections
import itertools
import json
import posixpath
import re
import shlex
import textwrap
from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest
from packaging.version import Version

from conda_bridge.infer.project.evaluator.files import ROOT, SourceFiles, relative
from conda_bridge.infer.project.evaluator.machine import Machine
from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.infer.project.evaluator.values import Unknown, Value
from support.trees import facts_of_texts

FILES: dict[str, str | None] = {
    "a.txt": "one\ntwo\n",
    "pkg/__init__.py": "X = 1\n",
    "data.txt": '{"a": [1]}',
    "b.txt": None,
}


def follow(program: str, texts: Mapping[str, str | None] = FILES) -> Mapping[str, Value]:
    """Return the names of a program; it must be Python 3."""
    tree = parse(f"{program}\nimport sys\nsys.exit(0)\n")
    assert tree is not None
    machine = Machine(SourceFiles(facts_of_texts(texts)))
    machine.run_program("setup.py", tree)
    return {name: machine.resolve(known, 0) for name, known in machine.visible_scopes()[0].items()}


def value(expression: str) -> Value:
    """Return the value of an expression, `"raised NAME"` where it raises."""
    program = f"try:\n    r = {expression}\nexcept (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, StopIteration) as e:\n    r = 'raised'\n"
    return follow(
        f"import os, re, json, ast, textwrap, shlex, itertools, collections\nfrom pathlib import Path\nfrom packaging.version import Version\n{program}"
    ).get("r", "missing")


def python_value(expression: str) -> object:
    names = {
        "os": type("os", (), {"path": posixpath, "sep": "/"}), "re": re, "json": json, "ast": ast, "textwrap": textwrap, "shlex": shlex,
        "itertools": itertools, "collections": collections, "Path": PurePosixPath, "Version": Version,
    }  # fmt: skip
    try:
        result: object = eval(expression, names)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, StopIteration):
        return "raised"
    return (
        list(result)
        if isinstance(result, map | filter | zip | enumerate | range | reversed | itertools.chain)
        else result
    )


@pytest.mark.parametrize(
    "expression",
    [
        "1 + 2 * 3 - 4 // 2 % 3",
        "2 ** 10",
        "1 << 4 | 1 & 3 ^ 2 >> 1",
        "7 / 2",
        "1 / 0",
        "-3",
        "-'a'",
        "not []",
        "'a' + 'b' * 3",
        "[1] + [2]",
        "(1,) + (2,)",
        "[1] * 2",
        "'a' + 1",
        "{'a': 1} | {'b': 2}",
        "{1, 2} | {3}",
        "{1, 2} - {2}",
        "'%s-%d-%r-%5.2f-%%-%x' % ('a', 1, 'b', 2.5, 255)",
        "'%(a)s' % {'a': 1}",
        "'%s' % 'x'",
        "'%s %s' % ('x',)",
        "'{} {1}'.format('a', 'b')",
        "'{0}{1}{0}{{}}'.format('a', 'b')",
        "'{a!s}'.format(a=1)",
        "'{}'.format()",
        "f'{1}{\"a\"!r}{2:>3}{1.5:.2f}'",
        "1 < 2 < 3",
        "1 < 2 > 3",
        "1 == 1.0 != 2",
        "'a' in 'abc'",
        "'a' not in ['b']",
        "1 in {1: 2}",
        "None is None",
        "True is not False",
        "1 < 'a'",
        "[] or 'x'",
        "'' and 'x'",
        "1 and 2 and 3",
        "1 if [] else 2",
        "[1, 2, 3][1:]",
        "'abc'[::-1]",
        "[1][5]",
        "{'a': 1}['b']",
        "{'a': [1, 2]}['a'][-1]",
        "(lambda x: x['a'])(None)",
        "None.x",
        "[*'ab', *[1]]",
        "{**{'a': 1}, 'b': 2}",
        "{x: y for x, y in [('a', 1)]}",
        "{x for x in 'aab' if x != 'b'} == {'a'}",
        "[x + y for x in 'ab' for y in 'cd' if y > x]",
        "(lambda x, y=2, *z, k, **kw: (x, y, z, k, kw))(1, k=3, m=4)",
        "(lambda x: x)()",
        "(y := 5) + y",
        "'a,b'.split(',')",
        "' a '.strip()",
        "'a\\nb'.splitlines()",
        "'-'.join(['a', 'b'])",
        "'-'.join([1])",
        "'-'.join('abc')",
        "'aXb'.replace('X', '--')",
        "'abc'.startswith(('a', 'x'))",
        "'a=b'.partition('=')",
        "'abc'.index('z')",
        "'é'.encode('utf-8').decode('utf-8')",
        "b'ab'.decode().upper()",
        "b'ab' + b'c'",
        "'abc'.removeprefix('a')",
        "str(1) + str(1.5) + str(True) + str(None)",
        "int('12') + int(3.7)",
        "int('x')",
        "float('1.5')",
        "bool('')",
        "len('abc') + len([1]) + len({})",
        "list('ab') + list({'c': 1})",
        "tuple([1])",
        "sorted({'b', 'a'})",
        "sorted([3, 1, 2])",
        "list(reversed([1, 2]))",
        "dict([('a', 1)], b=2)",
        "dict({'a': 1})",
        "dict.fromkeys(['a'], 0)",
        "sum([[1], [2]], [])",
        "any([0, 1]) and all([1, 1])",
        "list(zip('ab', [1, 2]))",
        "list(enumerate('ab'))",
        "list(range(1, 4))",
        "list(map(str.upper, ['a']))",
        "list(map(lambda x: x + 1, [1]))",
        "list(filter(None, ['', 'a']))",
        "list(filter(lambda x: x > 1, [1, 2]))",
        "next(iter([1, 2]))",
        "next(iter([]), 'd')",
        "next(iter([]))",
        "isinstance('a', str) and isinstance([], list) and not isinstance({}, tuple)",
        "list(itertools.chain([1], (2,), 'a'))",
        "list(itertools.chain.from_iterable([[1], [2]]))",
        "dict(collections.OrderedDict([('a', 1)]))",
        "os.path.join('a', 'b', '/c', 'd')",
        "os.path.dirname('a/b') + os.path.basename('a/b')",
        "os.path.normpath('a/./b/../c')",
        "os.path.splitext('a.txt')",
        "os.path.split('a/b')",
        "os.path.isabs('/a')",
        "'a' + os.sep",
        "str(Path('a') / 'b' / Path('c'))",
        "str(Path('a', 'b').parent)",
        "Path('a/b.txt').name + Path('a/b.txt').stem",
        "str(Path('/a') / '/b')",
        "Path('a/b').as_posix()",
        "re.search('hello (wor)ld', 'hello world').group(1)",
        "re.search('hello (?P<x>wor)ld', 'hello world').groupdict()",
        "re.search('world', 'nothing here')",
        "re.match('hello', 'hello you').group()",
        "re.match('you', 'hello you')",
        "re.findall('(a)bcd', 'abcd abcd')",
        "re.findall('abc.', 'abcd abce')",
        "re.findall('(a)(bc)def', 'abcdef')",
        "re.compile('ABC', re.I).search('xabcx').group(0, 0)",
        "re.search('(?i)ABC', 'xabc')[0]",
        "re.search('abc(d)', 'abcd').groups()",
        "re.search('abc(d)', 'abcd').group(7)",
        "re.search('x{3}yyy', 'xxxyyy').group()",
        "json.loads('{\"a\": [1, null]}')",
        "json.loads('{')",
        "ast.literal_eval(' (1, \"a\") ')",
        "ast.literal_eval('f()')",
        "textwrap.dedent('  a\\n  b')",
        "shlex.split('a \"b c\"')",
        "Version('1.2') >= Version('1.10')",
        "str(Version('1.2rc1').major) + Version('1.2rc1').base_version",
        "Version('nope')",
        "sorted([1, 'a'])",
        "eval('1 + 1')",
        "{'a': 1}.get('b', 2) + len({'a': 1}.items())",
        "list({'a': 1}.keys()) + list({'a': 1}.values())",
        "{'a': 1}.pop('a')",
        "{'a': {}}.setdefault('b', 3)",
        "{'a': 1}.copy()",
        "[1, 2].index(2) + [1, 1].count(1)",
        "[3].copy()",
        "{1}.union({2})",
        "{1, 2}.intersection([2, 3])",
        "[].pop()",
        "{}[[]]",
        "{[]: 1}",
        "{[]}",
        "'a'.nothing",
        "1 .x",
        "...",
        "1j",
    ],
)  # fmt: skip
def test_expressions_have_the_value_that_python_gives_them(expression: str) -> None:
    found, expected = value(expression), python_value(expression)

    assert found == expected or isinstance(found, Unknown)
    if expected != "raised" and expression not in UNKNOWN_BY_DESIGN:
        assert not isinstance(found, Unknown), found


UNKNOWN_BY_DESIGN = {"'abc'[::-1]", "f'{1}{\"a\"!r}{2:>3}{1.5:.2f}'", "1j", "..."}


@pytest.mark.parametrize(
    "expression",
    [
        "object()",
        "open('b.txt').read()",
        "os.getcwd() + unknown",
        "unknown.x[1](2) + 3",
        "[1][unknown]",
        "[1][unknown:]",
        "{unknown: 1}['a']",
        "{'a': 1}[unknown]",
        "'a'.join(unknown)",
        "'a'.join([unknown])",
        "'%s' % unknown",
        "'%s' % [1]",
        "'%*d' % (5, 1)",
        "'%1000d' % 1",
        "'{0.x}'.format(1)",
        "'{:>1000}'.format(1)",
        "'{'.format(1)",
        "'{}'.format([1])",
        "'a'.zfill(3)",
        "[1].pop_item()",
        "'a'.translate({})",
        "'a'.split(os)",
        "f'{unknown}'",
        "f'{[1]}'",
        "f'{1:>100}'",
        "not unknown",
        "-unknown",
        "~1",
        "unknown and 1",
        "unknown or 1",
        "1 if unknown else 2",
        "unknown == 1",
        "1 < unknown < 3",
        "unknown in [1]",
        "1 in unknown",
        "1 in [unknown]",
        "[1] is [1]",
        "os is os",
        "unknown is None",
        "1 in os",
        "len(unknown)",
        "len(1)",
        "str(os)",
        "str([1])",
        "int(os)",
        "int('1' * 50)",
        "bool(unknown)",
        "list(unknown)",
        "list(os)",
        "sorted(unknown)",
        "sorted([unknown])",
        "dict(unknown)['a']",
        "dict(**unknown)['a']",
        "dict.fromkeys(unknown)",
        "sum([1, 2])",
        "sum(unknown, [])",
        "sum([unknown], [])",
        "range(unknown)",
        "range(10 ** 6)",
        "list(zip(unknown, [1]))",
        "list(enumerate(unknown))",
        "any(unknown)",
        "any([unknown])",
        "list(filter(unknown, [1]))",
        "list(filter(None, unknown))",
        "list(map(unknown, [1]))[0]",
        "list(map(str, unknown))",
        "list(map(str, [1], [2]))",
        "next(unknown)",
        "isinstance(1, int)",
        "isinstance(unknown, str)",
        "list(itertools.chain(unknown))",
        "list(itertools.chain.from_iterable(unknown))",
        "collections.defaultdict(unknown)['a']",
        "os.path.join(unknown)",
        "os.path.join()",
        "os.path.abspath('/elsewhere')",
        "os.path.abspath(unknown)",
        "os.path.dirname(unknown)",
        "os.path.exists('/elsewhere')",
        "os.path.exists(unknown)",
        "Path(unknown)",
        "Path('a') / unknown",
        "Path('/elsewhere').resolve()",
        "Path('a').suffix",
        "Path('a').glob('*')",
        "Path('/elsewhere').exists()",
        "Path('a').joinpath(unknown)",
        "re.search(unknown, 'a')",
        "re.search('abc', unknown)",
        "re.search('abc', 'abc', unknown)",
        "re.search('abc', 'abc', re.X)",
        "re.compile(unknown)",
        "re.compile('abc').sub('', 'abc')",
        "re.search('abc', 'abc').start()",
        "re.search('abc', 'abc').expand('')",
        "json.loads(unknown)",
        "ast.literal_eval(unknown)",
        "ast.literal_eval('[' * 30000)",
        "textwrap.dedent(unknown)",
        "shlex.split(unknown)",
        "Version(unknown)",
        "Version('1').local_thing",
        "eval(unknown)",
        "eval('1; 2')",
        "eval('1', {})",
        "getattr(os, 'sep')",
        "open('a.txt').read(3)",
        "open('a.txt').seek(0)",
        "open('a.txt', 'a')",
        "open('a.txt', unknown)",
        "{1}.pop()",
        "{}.fromkeys('a')",
        "[1].__len__()",
        "os.environ[unknown]",
        "os.environ.get(unknown)",
        "os.environ.get('PATH')",
        "os.environ.copy()",
        "'PATH' in os.environ",
        "unknown in os.environ",
        "{'a': 1}.items(1)(2)",
        "(lambda x: x)(*unknown)",
        "(lambda: 1)(1)",
        "(lambda: 1)(a=1)",
        "[x for x in unknown]",
        "[x for x in [1] if unknown]",
        "[x for x in [1] for y in unknown]",
        "{x for x in unknown}",
        "{x: 1 for x in unknown}",
        "{unknown: 1 for x in [1]}[1]",
        "(1)(2)",
        "b'a'.encode()",
        "'a'.isprintable()",
        "b'a' + unknown",
        "__import__(unknown)",
        "'a' @ 'b'",
        "slice(1)",
    ],
)
def test_what_is_not_understood_is_unknown_or_raised(expression: str) -> None:
    found = value(expression)

    assert isinstance(found, Unknown) or found == "raised"


@pytest.mark.parametrize(
    "program",
    [
        "x = [unknown]\nr = x",
        "x = [3]\nx.remove(unknown)\nr = x[-1]",
        "x = {3}\nx.add(unknown)\nr = x",
        "x = {3}\nx.symmetric_difference_update({1})\nr = x",
        "x = {'a': 1}\nx.update(unknown)\nr = x['a']",
        "x = {'a': 1}\nx.update([unknown])\nr = x['a']",
        "x = {'a': 1}\nx.popitem()\nr = x.popitem()",
        "x = {'a': 1}\nx.update(b=2, **unknown)\nr = x['zzz']",
        "x = {'a': 1, **unknown}\nr = x.get('b')",
        "x = {**unknown}\nr = list(x)",
        "x = {**unknown}\nr = [1]\nr.extend(x)",
        "r = [1]\nr.extend(5)",
        "x = unknown\nx.y = 1\nr = x.y",
        "r = 1\nr += unknown",
        "r = [1]\nr[7] = 2",
        "a, b = 1, 2, 3\nr = a",
        "for r in unknown:\n    pass",
        "r = 1\nwhile unknown:\n    r = 2",
        "def f():\n    yield unknown\nr = f()",
        "def f():\n    yield from unknown\nr = f()",
        "def f(a, b):\n    return a\nr = f(1)",
        "class A:\n    x = 1\nr = A.x",
        "import unknown_module\nr = unknown_module.x()",
        "from unknown_module import *\nr = y",
        "import pkg\nr = pkg.absent",
        "import pkg\nr = getattr(pkg, 'absent')",
        "import pkg\nr = pkg()",
        "import os\nr = os.linesep.join([os])",
    ],
)
def test_statements_with_unknown_parts_leave_unknown_values(program: str) -> None:
    found = follow(program).get("r", "missing")

    assert found == "missing" or isinstance(found, Unknown) or any(isinstance(x, Unknown) for x in found)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("r = open('a.txt').read()", "one\ntwo\n"),
        ("f = open('a.txt')\nf.readline()\nr = f.read()", "two\n"),
        ("f = open('a.txt')\nr = [next(f), f.readline(), f.readline(), f.close()]", ["one\n", "two\n", "", None]),
        ("r = ''.join(open('a.txt'))", "one\ntwo\n"),
        ("r = []\nr.extend(open('a.txt'))", ["one\n", "two\n"]),
        ("r = open('a.txt').name if False else 1", 1),
        ("import json\nr = json.load(open('data.txt'))", {"a": [1]}),
        ("def f():\n    yield 1\n    yield from [2, 3]\n    return\nr = f()", [1, 2, 3]),
        ("def f(x):\n    def g():\n        return x + 1\n    return g\nr = f(1)()", 2),
        ("def f():\n    global r\n    r = 5\nf()", 5),
        ("def f():\n    pass\nr = f()", None),
        ("def f(a, /, b, *, c=3):\n    return (a, b, c)\nr = f(1, b=2)", (1, 2, 3)),
        ("r = 1\nif r:\n    r = 2\nelif unknown:\n    r = 3", 2),
        ("r = 0\nfor x in [1, 2, 3]:\n    if x == 2:\n        continue\n    if x == 3:\n        break\n    r += x\nelse:\n    r = 9", 1),
        ("r = 0\nfor x in [1]:\n    pass\nelse:\n    r = 9", 9),
        ("r = 3\nwhile r:\n    r -= 1\nelse:\n    r = 'end'", "end"),
        ("r = 3\nwhile True:\n    r -= 1\n    if not r:\n        break", 0),
        ("try:\n    r = {}['a']\nexcept KeyError:\n    r = 'caught'\nfinally:\n    s = 1", "caught"),
        ("try:\n    raise ValueError('x')\nexcept (TypeError, ValueError) as e:\n    r = 'caught'", "caught"),
        ("try:\n    try:\n        raise OSError\n    except KeyError:\n        r = 1\n    finally:\n        s = 2\nexcept IOError:\n    r = 3\nexcept OSError:\n    r = s", 3),
        ("try:\n    raise socket.error\nexcept socket.error:\n    r = 1", 1),
        ("try:\n    assert 0\nexcept:\n    r = 1\nelse:\n    r = 2", 1),
        ("try:\n    pass\nexcept:\n    r = 1\nelse:\n    r = 2", 2),
        ("try:\n    raise\nexcept Exception:\n    r = 1", 1),
        ("try:\n    import urllib2 as u\nexcept ImportError:\n    r = 1", 1),
        ("try:\n    from ConfigParser import ConfigParser\nexcept ModuleNotFoundError:\n    r = 1", 1),
        ("try:\n    open('absent')\nexcept IOError:\n    r = 1", 1),
        ("a = b = [1]\na.append(2)\nr = b", [1, 2]),
        ("a = [1]\nb = a\nif unknown:\n    pass\nb.append(2)\nr = a", [1, 2]),
        ("a = [1]\nif unknown:\n    a = a + [2]\nelse:\n    a = a + [2]\nr = a", [1, 2]),
        ("a = {'x': 1, 'y': 1}\nif unknown:\n    a['y'] = 2\nr = a['x']", 1),
        ("def f():\n    if unknown:\n        return 1\n    else:\n        return 1\nr = f()", 1),
        ("def f():\n    if unknown:\n        raise ValueError\n    return 1\nr = f()", 1),
        ("r = 1\nif unknown:\n    import sys\n    sys.exit(2)", 1),
        ("r = 0\nfor x in [1, 2]:\n    if unknown:\n        break\n    else:\n        break", 0),
        ("r = [1, 3, 3]\nr.sort()\nr.reverse()\nr.clear()", []),
        ("r = [1]\nr.insert(0, 0)\nr[1] = 5\nr.remove(0)", [5]),
        ("r = {1}\nr.add(2)\nr.update([3])\nr.discard(9)\nr.remove(1)", {2, 3}),
        ("r = {'a': 1}\nr.update({'b': 2}, c=3)\nr.update([('d', 4)])\ndel r['a']", {"b": 2, "c": 3, "d": 4}),
        ("import collections\nr = collections.defaultdict(list)\nr['a'].append(1)\nif unknown:\n    pass", {"a": [1]}),
        ("x: int = 5\ny: int\nr = x", 5),
        ("[a, b], c = (1, 2), 3\nr = a + b + c", 6),
        ("r = __name__", "__main__"),
        ("r = globals()['__name__']", "__main__"),
        ("import pkg\nr = pkg.X", 1),
        ("import pkg\nr = pkg.__dict__['X']", 1),
        ("import pkg\nr = getattr(pkg, 'X')", 1),
        ("from pkg import X as r", 1),
        ("exec('r = 1')", 1),
        ("d = {}\nexec(open('pkg/__init__.py'), d)\nr = d['X']", 1),
        ("import os\nos.environ['MINE'] = '1'\nr = ('MINE' in os.environ, os.environ.pop('MINE'))", (True, "1")),
        ("import os\nr = os.environ.setdefault('MINE', '2') + os.environ['MINE']", "22"),
        ("import os\ntry:\n    os.environ['MINE']\nexcept KeyError:\n    r = os.getenv('MINE', 'd')", "d"),
        ("import sys\nr = ('setuptools' in sys.modules, '__pypy__' in sys.builtin_module_names)", (True, False)),
        ("import six\nr = six.PY2", False),
        ("import pkg_resources as p\nr = [str(x) for x in p.parse_requirements(['a # x', '# no', ''])]", ["a"]),
        ("from configparser import ConfigParser\nc = ConfigParser()\nc.read_string('[a]\\nx = 1')\nr = [c.sections(), c.has_section('a'), c.has_option('a', 'y'), c['a']['x']]", [["a"], True, False, "1"]),
        ("import configparser\nc = configparser.ConfigParser()\nc.read_file(open('absent')) if False else None\ntry:\n    c.get('a', 'x')\nexcept Exception:\n    r = 1", 1),
        ("import configparser\nc = configparser.RawConfigParser()\nc.read_string('[a]\\nx = %(y)s')\nr = dict(c.items('a'))", {"x": "%(y)s"}),
        ("import configparser\nc = configparser.ConfigParser()\nc.read_string('[a]\\nx = %(y)s')\ntry:\n    r = c['a']['x']\nexcept Exception:\n    r = 1", 1),
        ("from __future__ import print_function\nr = 1\nglobal z\nnonlocal_ = 1\npass", 1),
        ("if unknown:\n    r = 1\nelse:\n    raise SystemExit\n", 1),
        ("r = (lambda *a, **k: (a, k))(1, *[2], x=3, **{'y': 4})", ((1, 2), {"x": 3, "y": 4})),
        ("import platform, struct\nr = (platform.python_implementation(), struct.calcsize('P'))", ("CPython", 8)),
        ("import sys\nsys.argv.append('x')\nr = sys.argv[1:]", ["bdist_wheel", "x"]),
        ("import os\nr = os.path.relpath if False else os.curdir", "."),
        ("def f():\n    with open('a.txt') as g:\n        return g.readlines()[0]\nr = f()", "one\n"),
        ("def f(x):\n    x.append(1)\nr = []\nf(r)", [1]),
    ],
)  # fmt: skip
def test_statements_do_what_python_does(program: str, expected: object) -> None:
    assert follow(program).get("r", "missing") == expected


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("a/b", "a/b"),
        (f"{ROOT}/a", "a"),
        (ROOT, ""),
        (".", ""),
        ("a/../b", "b"),
        ("..", None),
        ("/etc/passwd", None),
        (f"{ROOT}/../x", None),
        ("a\\..\\..\\b", None),
    ],
)
def test_paths_lead_into_the_source_or_nowhere(path: str, inside: str | None) -> None:
    assert relative(path) == inside


def test_an_attribute_of_a_module_is_followed_or_unknown() -> None:
    texts = {"m.py": "A = 1\nfrom os import sep as B\nraise ValueError\nC = 1\n"}
    machine = Machine(SourceFiles(facts_of_texts(texts)))

    assert machine.attribute("m.py", "A") == 1
    assert machine.attribute("m.py", "B") == "/"
    assert isinstance(machine.attribute("m.py", "C"), Unknown)
    assert isinstance(machine.attribute("absent.py", "A"), Unknown)

"""Idioms of real setup.py files; each of them must be known without running anything."""

import pytest

from conda_bridge.infer.project.setup_py import read_setup_py
from conda_bridge.infer.project.statements import Statement
from support.trees import facts_of_texts

HEAD = "from setuptools import setup\n"


def read(text: str, **texts: str | None) -> Statement:
    files = {
        path.replace("__", "/", 1): content
        for path, content in texts.items()
        if "/" not in path and "." in path
    }
    files |= {path: content for path, content in texts.items() if path not in files}
    return read_setup_py(facts_of_texts({"setup.py": text, **files}))


def requires(statement: Statement) -> list[str] | None:
    return None if statement.dependencies is None else [line.text for line in statement.dependencies]


def version(statement: Statement) -> str | None:
    return statement.version.value if statement.version else None


def unknown(statement: Statement) -> dict[str, str]:
    return {field.field: field.reason for field in statement.unknown}


# ---------------------------------------------------------------- fields


def test_constants_are_read_with_their_lines() -> None:
    statement = read(
        HEAD
        + """
setup(
    name="demo",
    version="1.0",
    description="A demo",
    url="https://demo.example",
    download_url="https://download.example",
    project_urls={"Docs": "https://docs.example", "Empty": ""},
    license="MIT",
    license_files=["LICENSE", "NOTICE"],
    python_requires=">=3.6",
    classifiers=["Topic :: X", "Topic :: Y"],
    keywords="one, two",
    packages=["demo", "demo.sub"],
    py_modules=["helper"],
    scripts=["bin/demo"],
    install_requires=[
        "a>=1",
        "b",
    ],
    extras_require={"Dev Tools": ["pytest"], ":os_name == 'nt'": ["colorama"], "x:python_version < '3.8'": "c"},
    entry_points={"console_scripts": ["demo = demo:main"], "gui_scripts": "gui = demo:gui", "other": ["x = y"]},
    setup_requires=["cffi"],
)
"""
    )

    assert statement.name is not None
    assert (statement.name.value, statement.name.origin) == ("demo", "setup.py:4")
    assert [(line.text, line.origin) for line in statement.dependencies or ()] == [
        ("a>=1", "setup.py:19"),
        ("b", "setup.py:20"),
        ("colorama ; os_name == 'nt'", "setup.py:22"),
    ]
    assert [(name, [line.text for line in lines]) for name, lines in statement.extras or ()] == [
        ("Dev_Tools", ["pytest"]),
        ("x", ["c ; python_version < '3.8'"]),
    ]
    assert [(line.name, line.target, line.group) for line in statement.entry_points or ()] == [
        ("demo", "demo:main", "console_scripts"),
        ("gui", "demo:gui", "gui_scripts"),
    ]
    assert [label for label, _ in statement.urls or ()] == ["homepage", "download", "Docs"]
    assert [known.value for known in statement.top_levels or ()] == ["demo", "helper"]
    assert [known.value for known in statement.script_files or ()] == ["bin/demo"]
    assert [line.text for line in statement.build_requires or ()] == ["cffi"]
    assert statement.keywords == ("one", "two")
    assert statement.unknown == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"a\\nb>=1  # why\\n\\n# no\\n"', ["a", "b>=1"]),
        ('("a", "b")', ["a", "b"]),
        ('{"b", "a"}', ["a", "b"]),
        ('["a \\\\", ">=1"]', ["a >=1"]),
        ('["a\\nb"]', ["a", "b"]),
        ("open('r.txt')", ["a", "b"]),
        ("[]", None),
        ("None", None),
        ("['a \\\\']", ["a"]),
    ],
)
def test_requirements_come_as_lists_or_texts(value: str, expected: list[str] | None) -> None:
    assert requires(read(f"{HEAD}setup(install_requires={value})", **{"r.txt": "a\nb\n"})) == expected


def test_entry_points_may_be_the_text_of_a_file() -> None:
    statement = read(HEAD + 'setup(entry_points="[console_scripts]\\ndemo = demo:main\\n")')

    assert [(line.name, line.target) for line in statement.entry_points or ()] == [("demo", "demo:main")]


@pytest.mark.parametrize(
    ("value", "expected"), [("'a b'", ("a", "b")), ("['a', 'b c']", ("a", "b c")), ("[]", None)]
)
def test_keywords_come_as_text_or_list(value: str, expected: tuple[str, ...] | None) -> None:
    assert read(f"{HEAD}setup(keywords={value})").keywords == expected


@pytest.mark.parametrize(
    ("argument", "field"),
    [
        ("install_requires=[1, None]", "Requires-Dist"),
        ("install_requires=5", "Requires-Dist"),
        ("install_requires=['a', f()]", "Requires-Dist"),
        ("extras_require=['a']", "Provides-Extra"),
        ("extras_require={f(): ['a']}", "Provides-Extra"),
        ("extras_require={'x': f()}", "Provides-Extra"),
        ("extras_require={1: ['a']}", "Provides-Extra"),
        ("entry_points={'console_scripts': f()}", "Entry-Points"),
        ("entry_points={'console_scripts': 5}", "Entry-Points"),
        ("entry_points={'console_scripts': [5]}", "Entry-Points"),
        ("name=object()", "Name"),
        ("name=[]", "Name"),
        ("url=__file__", "Project-URL"),
        ("classifiers=[__file__]", "Classifier"),
        ("project_urls={'a': __file__}", "Project-URL"),
        ("classifiers=5", "Classifier"),
        ("setup_requires=f()", "Setup-Requires"),
    ],
)
def test_arguments_that_are_not_known_entirely_make_their_field_unknown(argument: str, field: str) -> None:
    statement = read(f"{HEAD}setup({argument})")

    assert list(unknown(statement)) == [field]
    assert unknown(statement)[field].startswith("computed in setup.py:2: ")


def test_packages_that_are_searched_for_tell_no_names() -> None:
    assert read(HEAD + "setup(packages=find_packages(), py_modules=['a'])").top_levels is None


def test_a_lone_licence_file_counts() -> None:
    statement = read(HEAD + "setup(license_file='COPYING')")

    assert [known.value for known in statement.license_files or ()] == ["COPYING"]


def test_values_of_unknown_count_as_absent() -> None:
    assert read(HEAD + "setup(license='UNKNOWN', name=' ')").license_text is None


# ---------------------------------------------------------------- calls of setup


@pytest.mark.parametrize(
    "text",
    [
        "import setuptools\nsetuptools.setup(install_requires=['a'])",
        "from distutils.core import setup\nsetup(install_requires=['a'])",
        "import setuptools as s\ns.setup(install_requires=['a'])",
        "from setuptools import setup as go\ngo(install_requires=['a'])",
        "from skbuild import setup\nsetup(install_requires=['a'])",
        "try:\n    from setuptools import setup\nexcept ImportError:\n    from distutils.core import setup\nsetup(install_requires=['a'])",
        HEAD + "if __name__ == '__main__':\n    setup(install_requires=['a'])",
        HEAD + "def main():\n    setup(install_requires=['a'])\nmain()",
        HEAD + "kwargs = dict(install_requires=['a'])\nsetup(**kwargs)",
        HEAD
        + "kwargs = {}\nkwargs['install_requires'] = ['a']\nkwargs.update(name='x')\nsetup(version='1', **kwargs)",
        HEAD + "def run(**kw):\n    setup(**kw)\nrun(install_requires=['a'])",
        HEAD
        + "try:\n    setup(install_requires=['a'], ext_modules=f())\nexcept SystemExit:\n    setup(install_requires=['a'])",
        HEAD + "if f():\n    setup(install_requires=['a'])\nelse:\n    setup(install_requires=['a'], x=1)",
        HEAD + "setup(install_requires=['a'])\nraise SystemExit",
        HEAD + "with f() as x:\n    setup(install_requires=['a'])",
    ],
)
def test_setup_is_found_however_it_is_called(text: str) -> None:
    assert requires(read(text)) == ["a"]


def test_calls_that_differ_make_the_field_unknown() -> None:
    statement = read(
        HEAD + "if f():\n    setup(install_requires=['a'], name='x')\nelse:\n    setup(name='x')\n"
    )

    assert list(unknown(statement)) == ["Requires-Dist"]
    assert "several ways" in unknown(statement)["Requires-Dist"]
    assert statement.name is not None


@pytest.mark.parametrize("arguments", ["**f()", "*f()", "**{1: 2}"])
def test_arguments_from_nowhere_make_absent_fields_unknown(arguments: str) -> None:
    statement = read(f"{HEAD}setup(name='demo', {arguments})")

    assert statement.name is not None
    assert "Requires-Dist" in unknown(statement)


@pytest.mark.parametrize(
    "text",
    [
        "print 'python 2'",
        "x = (",
        "x = 1\0",
        "pass",
        "raise RuntimeError('no')",
        "import sys\nsys.exit(1)",
        "while True:\n    pass\n" + HEAD + "setup()",
        "def f():\n    return f()\nf()\n" + HEAD + "setup()",
        "x = 'a'\nwhile True:\n    x = x + x\n",
        "x = " + "-" * 100_000 + "1",
        "x = " + "[" * 5_000,
        "import os\nos.chdir('sub')\n" + HEAD + "setup()",
    ],
)
def test_row_44_programs_that_never_get_to_setup_are_reported(text: str) -> None:
    statement = read(text)

    assert [d.slug for d in statement.diagnostics] == ["unread-file"]
    assert {"Requires-Dist", "Entry-Points", "Name"} <= set(unknown(statement))
    assert "dependencies" in statement.hides


def test_place_is_told_where_a_program_became_too_long() -> None:
    [found] = read("x = 1\nfor i in range(10 ** 9):\n    x = i\n").diagnostics

    assert "it was followed until setup.py:" in found.message


def test_a_source_without_setup_py_says_nothing() -> None:
    assert read_setup_py(facts_of_texts({})) == Statement(file="setup.py")


def test_a_class_that_changes_the_requirements_makes_them_unknown() -> None:
    statement = read(
        HEAD
        + """
class Own(Distribution):
    def finalize_options(self):
        self.install_requires.append("more")
        self.extras_require = {}
        self.other.append(1)
setup(install_requires=["a"], extras_require={"x": ["y"]}, distclass=Own)
"""
    )

    assert unknown(statement) == {
        "Requires-Dist": "computed in setup.py:5: a class changes it while setup() runs",
        "Provides-Extra": "computed in setup.py:6: a class changes it while setup() runs",
    }


# ---------------------------------------------------------------- versions


@pytest.mark.parametrize(
    "text",
    [
        "exec(open('demo/version.py').read())\nsetup(version=__version__)",
        "d = {}\nwith open('demo/version.py') as f:\n    exec(f.read(), d)\nsetup(version=d['__version__'])",
        "d = {}\nexec(open('demo/version.py').read(), None, d)\nsetup(version=d['__version__'])",
        "d = {}\nexec(compile(open('demo/version.py').read(), 'x', 'exec'), d)\nsetup(version=d['__version__'])",
        "from demo.version import __version__\nsetup(version=__version__)",
        "import demo\nsetup(version=demo.__version__)",
        "import demo.version\nsetup(version=demo.version.__version__)",
        "import demo.version as v\nsetup(version=v.__version__)",
        "from demo import version\nsetup(version=version.__version__)",
        "from demo.version import *\nfrom demo import *\nsetup(version=VERSION)",
        "setup(version=__import__('demo').__version__)",
        "import importlib\nsetup(version=importlib.import_module('demo.version').__version__)",
        (
            "import re\nv = re.search(r'^__version__\\s*=\\s*[\\'\"]([^\\'\"]*)[\\'\"]', open('demo/version.py').read(), re.M).group(1)\n"
            "setup(version=v)"
        ),
        (
            "import re\nfrom pathlib import Path\nt = Path('demo', 'version.py').read_text()\n"
            "m = re.compile(r'(?m)^__version__ = \"(?P<v>.+?)\"').search(t)\nsetup(version=m['v'])"
        ),
        "import re\nsetup(version=re.findall('__version__ = \"(.*)\"', open('demo/version.py').read())[0])",
        (
            "import re\nfor line in open('demo/version.py'):\n    m = re.match('__version__ = \"([0-9.]+)\"', line)\n    if m:\n"
            "        version = m.groups()[0]\n        break\nelse:\n    raise RuntimeError\nsetup(version=version)"
        ),
        (
            "import ast\nfor line in open('demo/version.py', 'rb').read().decode().splitlines():\n"
            "    if line.startswith('__version__'):\n        v = ast.literal_eval(line.split('=')[1].strip())\nsetup(version=v)"
        ),
        "for line in open('demo/version.py'):\n    if '__version__' in line:\n        v = eval(line.split(' = ')[1])\nsetup(version=v)",
        (
            "import os\nhere = os.path.abspath(os.path.dirname(__file__))\n"
            "def read(*parts):\n    with open(os.path.join(here, *parts), encoding='utf-8') as f:\n        return f.read()\n"
            "setup(version=read('VERSION.txt').strip())"
        ),
        "import os, io\nsetup(version=io.open(os.path.join(os.path.dirname(__file__), 'VERSION.txt')).readline().strip())",
        "from pathlib import Path\nhere = Path(__file__).resolve().parent\nsetup(version=(here / 'VERSION.txt').read_text().strip())",
        "import pathlib\nsetup(version=(pathlib.Path(__file__).parents[0].joinpath('VERSION.txt')).open().read().strip())",
        (
            "import os\nif os.path.exists('VERSION.txt') and not os.path.isfile('absent') and os.path.isdir('demo'):\n"
            "    v = open('VERSION.txt').read()\nelse:\n    v = '0'\nsetup(version=v.strip())"
        ),
        (
            "from importlib.util import spec_from_file_location, module_from_spec\n"
            "s = spec_from_file_location('v', 'demo/version.py')\nm = module_from_spec(s)\ns.loader.exec_module(m)\nsetup(version=m.__version__)"
        ),
        "from importlib.machinery import SourceFileLoader\nsetup(version=SourceFileLoader('v', 'demo/version.py').load_module().__version__)",
        "import imp\nsetup(version=imp.load_source('v', 'demo/version.py').__version__)",
        "import runpy\nsetup(version=runpy.run_path('demo/version.py')['__version__'])",
        "import json\nsetup(version=json.load(open('meta.txt'))['version'])",
        "import json\nsetup(version=json.loads(open('meta.txt').read()).get('version', '0'))",
        "import configparser\nc = configparser.ConfigParser()\nc.read('demo.cfg')\nsetup(version=c.get('main', 'version'))",
        "import configparser\nc = configparser.ConfigParser(delimiters=['='])\nc.read('demo.cfg')\nsetup(version=c['main']['version'])",
        "major, minor = 1, 2\nsetup(version='%d.%d.%s' % (major, minor, 3))",
        "v = (1, 2, 3)\nsetup(version='.'.join(str(n) for n in v))",
        "v = [1, 2, 3]\nsetup(version='.'.join(map(str, v)))",
        "v = {'major': 1}\nsetup(version='{major}.2.{0}'.format(3, **v))",
        "v = '1.2'\nsetup(version=f'{v}.{3}')",
        "class A:\n    pass\nsetup(version='1.2' + '.3')",
        "import os\nsetup(version=os.environ.get('DEMO_VERSION', '1.2.3'))",
        "import os\nif 'DEMO_VERSION' in os.environ:\n    v = os.environ['DEMO_VERSION']\nelse:\n    v = '1.2.3'\nsetup(version=v)",
        "import sys\nif 'sdist' in sys.argv:\n    v = '0'\nelse:\n    v = '1.2.3'\nsetup(version=v)",
        (
            "from configparser import ConfigParser\ntry:\n    import ConfigParser as c\nexcept ImportError:\n    import configparser as c\n"
            "p = c.RawConfigParser()\np.read('demo.cfg')\nsetup(version=dict(p.items('main'))['version'])"
        ),
        "try:\n    v = open('absent').read()\nexcept (IOError, OSError):\n    v = '1.2.3'\nsetup(version=v)",
        "from packaging.version import parse\nsetup(version=str(parse('1.2.3')))",
    ],
)
def test_versions_are_found(text: str) -> None:
    statement = read(
        HEAD + text,
        **{
            "demo/__init__.py": "from .version import __version__\nfrom . import version as _v\nVERSION = _v.__version__\n",
            "demo/version.py": '"""Doc."""\nimport something\n__version__ = "1.2.3"\n',
            "VERSION.txt": "1.2.3\n",
            "meta.txt": '{"version": "1.2.3"}',
            "demo.cfg": "[main]\nversion = 1.2.3\n",
        },
    )

    assert version(statement) == "1.2.3"


@pytest.mark.parametrize(
    "text",
    [
        "import versioneer\nsetup(version=versioneer.get_version())",
        "import subprocess\nsetup(version=subprocess.check_output(['git', 'describe']).decode())",
        "from demo.other import v\nsetup(version=v)",
        "from demo import absent\nsetup(version=absent)",
        "from .demo import v\nsetup(version=v)",
        "import re\nsetup(version=re.search('(a+)+b', open('VERSION.txt').read()).group(1))",
        "import re\nsetup(version=re.search('version', f()).group(1))",
        "setup(version=open('../VERSION.txt').read())",
        "setup(version=open('/etc/hostname').read())",
        "setup(version=open('kept-not.bin').read())",
        "setup(version=open(f()).read())",
        "import os\nsetup(version=os.environ['PKG_VERSION'])",
        "import os\nsetup(version=os.environ.get('CI_VERSION', '1'))",
        "import datetime\nsetup(version=datetime.date.today().isoformat())",
        "import demo\nsetup(version=demo)",
        "exec(open('kept-not.bin').read())\nsetup(version=__version__)",
        "exec(f(), {})\nsetup(version=__version__)",
        "d = {}\nexec(f(), d)\nsetup(version=d['v'])",
        "from importlib.util import spec_from_file_location\nsetup(version=spec_from_file_location('v', 'absent.py').x)",
        "import runpy\nsetup(version=runpy.run_path('/etc/x.py')['v'])",
        "setup(version=open('VERSION.txt', 'w').write('x'))",
    ],
)
def test_versions_that_only_code_can_tell_are_unknown(text: str) -> None:
    statement = read(
        HEAD + text,
        **{
            "demo/__init__.py": "x = 1\n",
            "VERSION.txt": "1.2.3\n",
            "kept-not.bin": None,
            "versioneer.py": "def get_version():\n    return '0+unknown'\n",
        },
    )

    assert version(statement) is None
    assert "Version" in unknown(statement)


# ---------------------------------------------------------------- requirements


@pytest.mark.parametrize(
    "text",
    [
        "r = open('requirements.txt').read().splitlines()\nsetup(install_requires=r)",
        "with open('requirements.txt') as f:\n    r = f.readlines()\nsetup(install_requires=[x.strip() for x in r])",
        "r = [l.strip() for l in open('requirements.txt') if l.strip() and not l.startswith('#')]\nsetup(install_requires=r)",
        (
            "def parse(p):\n    lines = (line.strip() for line in open(p))\n    return [l for l in lines if l and not l.startswith('#')]\n"
            "setup(install_requires=parse('requirements.txt'))"
        ),
        "r = list(filter(None, (x.split('#')[0].strip() for x in open('requirements.txt'))))\nsetup(install_requires=r)",
        "r = list(filter(lambda x: x and x[0] != '#', map(str.strip, open('requirements.txt'))))\nsetup(install_requires=r)",
        (
            "r = []\nfor line in open('requirements.txt').readlines():\n    line = line.strip()\n    if not line or line.startswith('#'):\n"
            "        continue\n    r.append(line)\nsetup(install_requires=r)"
        ),
        (
            "def lines():\n    for line in open('requirements.txt'):\n        if not line.startswith('#') and line.strip():\n"
            "            yield line.strip()\nsetup(install_requires=list(lines()))"
        ),
        (
            "from pip._internal.req import parse_requirements\n"
            "setup(install_requires=[str(r.requirement) for r in parse_requirements('requirements.txt', session='x')])"
        ),
        (
            "try:\n    from pip._internal.req import parse_requirements\nexcept ImportError:\n    from pip.req import parse_requirements\n"
            "rs = parse_requirements('requirements.txt', session=False)\n"
            "try:\n    r = [str(x.req) for x in rs]\nexcept AttributeError:\n    r = [x.requirement for x in rs]\nsetup(install_requires=r)"
        ),
        "import pkg_resources\nsetup(install_requires=[str(r) for r in pkg_resources.parse_requirements(open('requirements.txt'))])",
        (
            "import pathlib, pkg_resources\nt = pathlib.Path('requirements.txt').read_text()\n"
            "setup(install_requires=[str(r) for r in pkg_resources.parse_requirements(t)])"
        ),
        "a = ['a>=1']\na += ['b']\nsetup(install_requires=a)",
        "a = ['a>=1']\na.extend(['b'])\nsetup(install_requires=a)",
        "a = ['b']\na.insert(0, 'a>=1')\nsetup(install_requires=a)",
        "from itertools import chain\nsetup(install_requires=list(chain(['a>=1'], ['b'])))",
        "e = {'x': ['a>=1'], 'y': ['b']}\nsetup(install_requires=sum(e.values(), []))",
        "from itertools import chain\ne = {'x': ['a>=1'], 'y': ['b']}\nsetup(install_requires=[*chain.from_iterable(e.values())])",
        "d = {'a': '>=1', 'b': ''}\nsetup(install_requires=[k + v for k, v in d.items()])",
        "d = {'a': '>=1', 'b': ''}\nsetup(install_requires=['%s%s' % kv for kv in sorted(d.items())])",
        "A = '1'\nsetup(install_requires=['a>={}'.format(A), 'b'])",
        "import shlex\nsetup(install_requires=shlex.split('a>=1 b'))",
        "import sys\nr = ['a>=1', 'b']\nif sys.version_info < (3, 6):\n    r.append('old')\nif sys.version_info[0] == 2:\n    r.append('two')\nsetup(install_requires=r)",
        "import platform\nr = ['a>=1', 'b']\nif platform.python_implementation() == 'PyPy' or 'win' in f'no':\n    r.append('x')\nsetup(install_requires=r)",
        "try:\n    import numpy\n    HAS = True\nexcept ImportError:\n    HAS = False\nr = ['a>=1', 'b']\nsetup(install_requires=r, x=HAS)",
        "from collections import defaultdict, OrderedDict\nd = defaultdict(list)\nd['x'].append('a>=1')\nd['x'].append('b')\nsetup(install_requires=OrderedDict(d)['x'])",
        "import textwrap\nsetup(install_requires=textwrap.dedent('''\n    a>=1\n    b\n'''))",
        "r = {'a>=1', 'c'}\nr.discard('c')\nr.add('b')\nsetup(install_requires=sorted(r))",
        "r = ('a>=1',)\nr += ('b',)\nassert r\nsetup(install_requires=r)",
        "(lambda: setup(install_requires=['a>=1', 'b']))()",
        "def f(x, *rest, y=['b'], **kw):\n    return [x] + y\nsetup(install_requires=f('a>=1', 1, z=2))",
        "x = None\nr = ['a>=1', 'b'] if x is None else []\nsetup(install_requires=r or ['c'])",
        "if (n := 2) > 1:\n    setup(install_requires=['a>=1', 'b'])",
        "global r\nr = ['a>=1']\ndef add():\n    global r\n    r = r + ['b']\nadd()\nsetup(install_requires=r)",
        "i = 0\nr = []\nwhile i < 2:\n    r.append(['a>=1', 'b'][i])\n    i += 1\nsetup(install_requires=r)",
        "r = ['a>=1', 'c', 'b']\ndel_me = r.pop(1)\nd = {'x': r, 'y': 1}\ndel d['y']\nsetup(install_requires=d['x'])",
        "import os\nos.environ['MINE'] = '1'\nsetup(install_requires=['a>=1', 'b'] if os.environ.get('MINE') else [])",
        (
            "from distutils.version import LooseVersion\nimport setuptools\n"
            "ok = LooseVersion(setuptools.__version__) >= LooseVersion('20.0')\nsetup(install_requires=['a>=1', 'b'] if ok else [])"
        ),
    ],
)
def test_requirements_are_found(text: str) -> None:
    statement = read(HEAD + text, **{"requirements.txt": "# ours\na>=1\n\nb\n"})

    assert [line for line in requires(statement) or () if not line.startswith("#")] == ["a>=1", "b"]


def test_requirements_from_a_file_have_their_place_there() -> None:
    statement = read(
        HEAD + "setup(install_requires=open('requirements.txt').readlines())",
        **{"requirements.txt": "\na>=1 # x\n"},
    )

    assert [(line.text, line.origin) for line in statement.dependencies or ()] == [
        ("a>=1", "requirements.txt:2")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if sys.platform == 'win32':\n    r.append('b')", ["a", 'b ; sys_platform == "win32"']),
        ("if sys.platform.startswith('linux'):\n    r.append('b')", ["a", 'b ; sys_platform == "linux"']),
        ("if os.name == 'nt':\n    r += ['b']", ["a", 'b ; sys_platform == "win32"']),
        ("if os.name != 'nt':\n    r += ['b']", ["a", 'b ; sys_platform != "win32"']),
        ("if platform.system() == 'Darwin':\n    r.append('b')", ["a", 'b ; sys_platform == "darwin"']),
        ("if 'win' in sys.platform:\n    r.append('b')", ["a", 'b ; sys_platform != "linux"']),
        ("if sys.platform == 'cygwin':\n    r.append('b')", ["a"]),
        ("if os.pathsep == ';':\n    r.append('b')", ["a", 'b ; sys_platform == "win32"']),
        ("if sys.version_info < (3, 11):\n    r.append('b')", ["a", 'b ; python_version < "3.11"']),
        ("if sys.version_info >= (3, 11):\n    r.append('b')", ["a", 'b ; python_version >= "3.11"']),
        (
            "if (3, 10) <= sys.version_info < (3, 12):\n    r.append('b')",
            ["a", 'b ; python_version >= "3.10" and python_version < "3.12"'],
        ),
        (
            "if sys.version_info[:2] == (3, 9):\n    r.append('b')",
            ["a", 'b ; python_version >= "3.9" and python_version < "3.10"'],
        ),
        (
            "if sys.version_info[:2] != (3, 9):\n    r.append('b')",
            ["a", 'b ; (python_version < "3.9" or python_version >= "3.10")'],
        ),
        ("if sys.version_info[1] < 10:\n    r.append('b')", ["a", 'b ; python_version < "3.10"']),
        ("if sys.version_info.minor >= 13:\n    r.append('b')", ["a", 'b ; python_version >= "3.13"']),
        ("if sys.version_info.major < 3:\n    r.append('b')", ["a"]),
        ("if sys.version_info[:1] < (3,):\n    r.append('b')", ["a"]),
        ("if sys.hexversion >= 0x030c0000:\n    r.append('b')", ["a", 'b ; python_version >= "3.12"']),
        ("if sys.version[:3] == '2.7':\n    r.append('b')", ["a"]),
        ("if platform.python_version_tuple()[0] == '2':\n    r.append('b')", ["a"]),
        (
            "if platform.python_version().startswith('3.8'):\n    r.append('b')",
            ["a", 'b ; python_version < "3.9"'],
        ),
        (
            "if '%d.%d' % sys.version_info[:2] == '3.14':\n    r.append('b')",
            ["a", 'b ; python_version >= "3.14"'],
        ),
        (
            "M, m = sys.version_info[:2]\nif (M, m) < (3, 9):\n    r.append('b')",
            ["a", 'b ; python_version < "3.9"'],
        ),
        (
            "if sys.platform == 'win32' and sys.version_info < (3, 9):\n    r.append('b; extra_thing == \"1\" or os_name == \"nt\"')",
            [
                "a",
                'b ; (extra_thing == "1" or os_name == "nt") and sys_platform == "win32" and python_version < "3.9"',
            ],
        ),
        ("if sys.version_info < (3, 9):\n    sys.exit(1)", ["a"]),
        (
            "if sys.version_info < (3, 9):\n    sys.exit(1)\nif sys.version_info >= (3, 12):\n    r.append('b')",
            ["a", 'b ; python_version >= "3.12"'],
        ),
        (
            "r = r if sys.platform == 'linux' else ['b']",
            ['a ; sys_platform == "linux"', 'b ; sys_platform != "linux"'],
        ),
    ],
)
def test_conditions_on_platform_and_python_become_markers(text: str, expected: list[str]) -> None:
    statement = read(f"{HEAD}import os, sys, platform\nr = ['a']\n{text}\nsetup(install_requires=r)\n")

    assert sorted(requires(statement) or ()) == sorted(expected)


def test_extras_get_markers_too() -> None:
    statement = read(
        HEAD
        + "import sys\ne = {}\nif sys.platform == 'win32':\n    e['x'] = ['b']\nsetup(extras_require=e)\n"
    )

    assert [(name, [line.text for line in lines]) for name, lines in statement.extras or ()] == [
        ("x", ['b ; sys_platform == "win32"'])
    ]


def test_other_fields_that_differ_between_worlds_are_unknown() -> None:
    statement = read(HEAD + "import sys\nsetup(license='A' if sys.platform == 'linux' else 'B', name='x')\n")

    assert "differs" in unknown(statement)["License"]
    assert statement.name is not None


@pytest.mark.parametrize(
    "text",
    [
        "if f():\n    r.append('b')",
        "r.append(f())",
        "r.extend(f())",
        "f2 = f()\nf2(r)",
        "for x in f():\n    r.append(x)",
        "while f():\n    r.append('b')",
        "for x in [1, 2]:\n    if f():\n        break\n    r.append('b')",
        "for x in [1, 2]:\n    if f():\n        continue\n    r.append('b')",
        "try:\n    g()\n    r.append('b')\nexcept Exception:\n    pass",
        "try:\n    import numpy\nexcept ImportError:\n    r.append('b')",
        "if sys.version_info < (3, 9, 2):\n    r.append('b')",
        "if sys.maxsize > unknown_name:\n    r.append('b')",
        "match f():\n    case 1:\n        r = []",
        "r[f()] = 'b'",
        "r[0:1] = f()",
        "r *= f()",
        "r = [x for x in r if f(x)]",
        "r = [*r, *f()]",
        "def g():\n    if f():\n        return ['b']\n    return []\nr = r + g()",
        "@f\ndef g():\n    return []\nr = g()",
        "async def g():\n    pass\nr = g()",
        "r = r + (yield_ for yield_ in f())",
        "r.remove(f())",
        "r = await_(r)",
        "d = {'x': r}\nd.update(f())\nr = d['x']",
        "d = {'x': r}\nd[f()] = []\nr = d['x']",
        "d = {'x': r, **f()}\nr = d['y']",
        "from other import *\nr = names",
        "with f() as r:\n    pass",
        "*r, last = ['a', 'b']",
        "r, s = f()",
        "del r",
        "import os\nr = os.listdir('.')",
    ],
)
def test_what_cannot_be_followed_is_unknown_and_never_guessed(text: str) -> None:
    statement = read(f"{HEAD}import sys\nr = ['a']\n{text}\nsetup(install_requires=r)\n")

    assert statement.dependencies is None
    assert "Requires-Dist" in unknown(statement) or statement.diagnostics

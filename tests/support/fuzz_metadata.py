"""The files that tell a project's metadata, each with good texts to start from, for fuzzing all of inference."""

from collections.abc import Callable
from pathlib import Path

from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v0 import read_v0, render_v0
from conda_bridge.formats.v0_restrict import restrict
from conda_bridge.formats.v1 import read_v1, render_v1
from conda_bridge.sources.reading import decoded_text
from support.converting import convert_facts
from support.fuzz_trees import toml_trees
from support.fuzzing import Reader
from support.hostile import core_metadata, pyproject
from support.trees import facts_of_texts

__all__ = ["METADATA_READERS", "WORDS", "text_of"]

_SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
WORDS = tuple(
    word.encode()
    for word in (
        *(
            'python_version < "3.11"',
            'sys_platform == "win32"',
            'extra == "x"',
            'platform_machine == "x86_64"',
        ),
        *(
            " and ",
            " or ",
            " in ",
            "not in ",
            "python_full_version",
            "implementation_name",
            "os_name",
            "extra",
        ),
        *(
            "===",
            "==",
            "~=",
            "!=",
            ">=",
            "<=",
            ".*",
            "1.0",
            "1!2.0",
            "1.0+local",
            "2.0rc1",
            "1.dev0",
            "1.0.post1",
        ),
        *("name @ https://x/y", "[x,y]", "; ", "demo", "demo[x]", "-demo", ",", "||", "^1.2", "~1.2", "*"),
    )
)


def _convert(texts: dict[str, str | None]) -> None:
    """Infer the whole recipe and write it in both formats: what one reads must lead to a text that can be read."""
    recipe = convert_facts(facts_of_texts(texts, label="demo-1.0.tar.gz")).recipe
    environment = template_environment()
    assert read_v1(render_v1(recipe, environment=environment)) == recipe
    restricted = restrict(recipe).recipe
    assert read_v0(render_v0(restricted, environment=environment)) == restricted


def text_of(data: bytes) -> str:
    return decoded_text(data, is_text=True)[0] or ""


def _with(path: str, **others: str) -> Reader:
    """Return a reader of one file of a source; `others` are files beside it, dots written as underscores."""
    beside = {name.replace("__", ".").replace("_", "-"): text for name, text in others.items()}

    def read(data: bytes, _folder: Path) -> None:
        _convert({"LICENSE": "MIT License\n", "demo.py": "", **beside, path: text_of(data)})

    make = toml_trees(*(seed.decode() for seed in _SEEDS[path]())) if path == "pyproject.toml" else None
    return Reader(
        name=path, seeds=_SEEDS[path], read=read, tokens=(*WORDS, *_TOKENS.get(path, ())), make=make
    )


def _metadata() -> tuple[bytes, ...]:
    lines = (
        *(
            "Requires-Python: >=3.9,!=3.9.1",
            "Requires-Dist: a>=1; python_version < '3.11'",
            "Requires-Dist: b[x]~=2.0",
        ),
        *(
            "Provides-Extra: x",
            'Requires-Dist: c; extra == "x" and os_name == "nt"',
            "Requires-Dist: demo[x]",
        ),
        *("Project-URL: Homepage, https://x.example", "Classifier: License :: OSI Approved :: MIT License"),
        *("Keywords: a,b", "Import-Name: demo", "Dynamic: Keywords", "License-File: LICENSE"),
    )
    new = core_metadata(*lines)
    old = "Metadata-Version: 1.1\nName: demo\nVersion: 1.0\nSummary: UNKNOWN\nLicense: BSD\n        3-Clause\nRequires: a (>1)\n\nText\n"
    return new.encode(), old.encode()


def _pyprojects() -> tuple[bytes, ...]:
    full = pyproject(
        'requires-python = ">=3.9"\nlicense = "MIT"\nlicense-files = ["LICENSE"]\n'
        'dependencies = ["a>=1", "b; sys_platform == \'win32\'"]\nclassifiers = ["X :: Y"]\nkeywords = ["a"]\n',
        rest='[project.scripts]\ndemo = "demo:main"\n[project.optional-dependencies]\nx = ["c"]\n'
        '[project.urls]\nHome = "https://x.example"\n[external]\nhost-requires = ["dep:generic/zlib@>=1"]\n'
        'build-host-requires = ["virtual:compiler/c++; python_version < \'3.11\'"]\noptional-dependencies.x = ["pkg:generic/q"]\n'
        '[external.dependency-groups]\na = ["dep:pypi/b"]\nc = [{include-group = "a"}]\n'
        "[tool.setuptools.dynamic]\nversion = {attr = 'demo.version'}\n",
    )
    poetry = (
        '[build-system]\nrequires = ["poetry-core>=1"]\nbuild-backend = "poetry.core.masonry.api"\n[tool.poetry]\n'
        'name = "demo"\nversion = "1.0"\ndescription = "x"\npackages = [{include = "demo"}]\n[tool.poetry.dependencies]\n'
        'python = "^3.9"\na = {version = "^1.0 || ~2", optional = true, markers = "os_name == \'nt\'"}\nb = "*"\n'
        '[tool.poetry.extras]\nx = ["a"]\n[tool.poetry.scripts]\ndemo = "demo:main"\n'
    )
    flit = '[build-system]\nrequires = ["flit_core<2"]\nbuild-backend = "flit.buildapi"\n[tool.flit.metadata]\nmodule = "demo"\nrequires = ["a"]\n'
    maturin = '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n[tool.maturin]\nmanifest-path = "x/Cargo.toml"\n'
    dynamic = pyproject(
        'dynamic = ["dependencies"]',
        build_system=_SETUPTOOLS,
        rest="[tool.setuptools]\npackages = ['demo']\n",
    )
    return tuple(text.encode() for text in (full, poetry, flit, maturin, dynamic))


def _setup_pys() -> tuple[bytes, ...]:
    plain = (
        "import os, re, sys\nfrom setuptools import setup, find_packages, Extension\n"
        "here = os.path.abspath(os.path.dirname(__file__))\nwith open(os.path.join(here, 'LICENSE')) as f:\n    text = f.read()\n"
        "def version():\n    m = re.search(r'v(\\d+)', 'v12', re.M)\n    return m.group(1)\n"
        "requires = ['a>=1', 'b']\nif sys.version_info < (3, 8):\n    requires.append('c')\n"
        "extras = {'x': ['d'], ':python_version<\"3.9\"': ['e']}\nextras['all'] = sum(extras.values(), [])\n"
        "setup(name='demo', version=version(), description='x' * 3, install_requires=requires,\n"
        "      extras_require=extras, packages=find_packages(), python_requires='>=3.7',\n"
        "      ext_modules=[Extension('demo._c', ['c.c'])], entry_points={'console_scripts': ['demo = demo:main']})\n"
    )
    busy = (
        "from distutils.core import setup\nd = {}\nexec(open('demo.py').read(), d)\n"
        "class A:\n    x = 1\n    def __init__(self, y=2):\n        self.y = y\n    def f(self):\n        return self.x + self.y\n"
        "try:\n    import a\nexcept ImportError:\n    a = None\nfinally:\n    z = [i ** 2 for i in range(9) if i % 2]\n"
        "name = 'de%s' % 'mo' if z else f'{A().f()!r:>10}'\nwhile len(z) < 20:\n    z += z\n"
        "lines = [l.strip() for l in '''a\n#b\nc>1'''.splitlines() if not l.startswith('#')]\n"
        "setup(**dict(name=name, version='.'.join(map(str, (1, 0))), install_requires=lines, **{'license': 'MIT'}))\n"
    )
    return plain.encode(), busy.encode()


def _setup_cfgs() -> tuple[bytes, ...]:
    setuptools = (
        "[metadata]\nname = demo\nversion = attr: demo.version\ndescription = file: LICENSE\nlicense_files =\n  LICENSE\n"
        "classifiers =\n  A :: B\nurl = https://x.example\nproject_urls =\n  Code = https://y.example\n[options]\n"
        "install_requires =\n  a>=1\n  b; os_name == 'nt'\npython_requires = >=3.8\nsetup_requires = c\n"
        "[options.extras_require]\nx = d; e\n[options.entry_points]\nconsole_scripts =\n  demo = demo:main\n"
    )
    pbr = "[metadata]\nname = demo\nsummary = x\nrequires-dist =\n  a (>1)\n[files]\npackages = demo\n[entry_points]\n"
    return setuptools.encode(), pbr.encode()


_SEEDS: dict[str, Callable[[], tuple[bytes, ...]]] = {
    "PKG-INFO": _metadata,
    "pyproject.toml": _pyprojects,
    "setup.py": _setup_pys,
    "setup.cfg": _setup_cfgs,
}
_TOKENS = {
    "setup.py": tuple(
        word.encode()
        for word in (
            *("setup(", "exec(", "eval(", "__import__('os').system('touch evil')", "open('evil', 'w').write('x')", "lambda: 0"),
            *("for i in range(10**9):\n    ", "while True:\n    ", "def f(*a, **k):\n    ", "return ", "yield ", "**{}"),
            *("try:\n    ", "except:\n    ", "class A(A):\n    ", "with open('x') as f:\n    ", "import os\n", "global x\n"),
            *("'a' * 10**9", "[0] * 10**9", "2 ** 10**9", "x += x\n", ".format(", "%s" * 9, "f'{x!r:{y}}'", "b'x'", "1j"),
            *("re.sub(r'(a*)*b', 'x', 'a' * 99)", ".join(x)", "[::-1]", "sorted(x, key=f)", "x.__class__.__mro__", "del x\n"),
            *("match x:\n    case [a, *b]:\n        ", "async def f():\n    await x\n", "@f\n", "x: int = 1\n", "(y := 1)"),
        )
    ),
    "setup.cfg": (b"attr: demo.version", b"file: ../../etc/passwd", b"find:", b"[options]", b"[metadata]", b"%(x)s"),
    "pyproject.toml": (
        b"[project]", b"[[project]]", b"[tool.setuptools]", b"[build-system]", b"dynamic = ['version']", b"{a = 1}",
        b"1979-05-27T07:32:00Z", b"0x_1", b"inf", b"a.b.c = 1", b"[tool.poetry.dependencies]", b"backend-path = ['..']",
        b"license = {file = '../x'}", b"[external]", b"dep:virtual/compiler/c", b"\\u0000", b"\\U00110000",
    ),
    "PKG-INFO": (b"Metadata-Version: 2.4", b"Name: demo", b"Version: 1.0", b"Requires-Dist: ", b"License-File: ../../x", b"Dynamic: "),
}  # fmt: skip


METADATA_READERS = (
    _with("PKG-INFO", pyproject__toml=pyproject()),
    _with("pyproject.toml"),
    _with("setup.py", pyproject__toml=_SETUPTOOLS),
    _with("setup.cfg", pyproject__toml=_SETUPTOOLS),
)

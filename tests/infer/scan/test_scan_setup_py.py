"""What a setup.py says of native code, without being run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.infer.scan.found import MAX_SIGNALS
from conda_bridge.infer.scan.setup_py import scan_setup_py
from support.cost import SECONDS, least_cpu_s

HEAD = "import sys, os, platform, subprocess\nfrom setuptools import Extension, setup\n"


def tokens(text: str, kind: str) -> list[str]:
    return [signal.token for signal in scan_setup_py("setup.py", text) if signal.kind == kind]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Extension('a._x', ['a/x.c'])", ["a._x"]),
        ("Extension(\n    name='a._x',\n    sources=[])", ["a._x"]),
        ("setuptools.Extension('x', [])", ["x"]),
        ("Pybind11Extension('x', [])", ["x"]),
        ("RustExtension('a.b', binding=Binding.PyO3)", ["a.b"]),
        ("RustExtension(target='a.b')", ["a.b"]),
        ("NAME = 'a.x'\nExtension(NAME, [])", ["a.x"]),
        ("pkg = 'a'\nExtension(pkg + '.x', [])", ["a.x"]),
        ("pkg = 'a'\nExtension(f'{pkg}.x', [])", ["a.x"]),
        ("pkg = 'a'\nExtension('%s.x' % pkg, [])", ["a.x"]),
        ("Extension('{}.{}'.format('a', 'x'), [])", ["a.x"]),
        ("[Extension('a.' + n, [n + '.c']) for n in ['x', 'y']]", ["a.x", "a.y"]),
        ("for n, f in [('x', 'x.c'), ('y', 'y.c')]:\n    Extension(n, [f])", ["x", "y"]),
        ("for n, f in zip(['x', 'y'], files):\n    Extension(n, [f])", ["x", "y"]),
        ("for i, n in enumerate(['x', 'y']):\n    Extension(n, [])", ["x", "y"]),
        ("for n, f in {'x': ['x.c'], 'y': []}.items():\n    Extension(n, f)", ["x", "y"]),
        ("def make(n):\n    return Extension(n, [])\nmake('x')\nmake(n='y')", ["x", "y"]),
        ("from distutils.core import Extension as E\nE('x', [])", ["x"]),
        ("class Native(Extension):\n    pass\nNative('x', [])", ["x"]),
        ("config.add_extension('x', sources=['x.f'])", ["x"]),
        ("Extension('*', ['a/*.pyx'])", []),
        ("# Extension('x', [])", []),
        ("'''Extension('x', [])'''", []),
        ("config.build_extension('x')", []),
    ],
)
def test_extension_modules_are_named(code: str, expected: list[str]) -> None:
    assert tokens(HEAD + code, "extension-module") == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Extension('*', ['x.pyx'])", ["Extension"]),
        ("cythonize('x.pyx')", ["cythonize"]),
        ("setup(ext_modules=mods)", ["ext_modules"]),
        ("setup_kwargs.update({'ext_modules': mods})", ["ext_modules"]),
        ("kwargs['cffi_modules'] = ['build.py:ffi']", ["cffi_modules"]),
        ("setup(ext_modules=[])", []),
        ("mods = []\nsetup(ext_modules=mods)", []),
        ("mods = []\nmods.append(x)\nsetup(ext_modules=mods)", ["ext_modules"]),
        ("setup(ext_modules=None)", []),
    ],
)
def test_lists_of_extensions_without_names(code: str, expected: list[str]) -> None:
    assert tokens(HEAD + code, "extension") == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Extension('x', ['x.c'], libraries=['z', 'm'])", ["z", "m"]),
        ("LIBS = ['z']\nExtension('x', [], libraries=LIBS)", ["z"]),
        ("LIBS = ['z']\nLIBS += ['m']\nExtension('x', [], libraries=LIBS + ['dl'])", ["z", "m", "dl"]),
        ("libs = []\nlibs.append('z')\nlibs.extend(['m'])\nExtension('x', [], libraries=libs)", ["z", "m"]),
        ("kw = dict(libraries=['z'])\nExtension('x', [], **kw)", ["z"]),
        ("kw = {'libraries': ['z']}\nExtension('x', [], **kw)", ["z"]),
        ("kw = {}\nkw['libraries'] = ['z']", ["z"]),
        ("kw['libraries'].append('z')", ["z"]),
        ("class B:\n  def f(self):\n    for ext in self.extensions:\n      ext.libraries += ['z']", ["z"]),
        ("class B:\n  def f(self):\n    self.libraries.insert(0, 'z')", ["z"]),
        ("if WIN: libraries = ['z', 'a']\nlibraries = ['z']", ["z", "a @win"]),
        ("Extension('x', [], libraries='z m'.split())", ["z", "m"]),
        ("Extension('x', [], extra_link_args=['-lz', '-L/usr/lib', '-framework Foo'])", ["z"]),
        ("Extension('x', [], extra_link_args='-lz -lm'.split())", ["z", "m"]),
        ("setup(libraries=[('own', {'sources': ['a.c']})])\nExtension('x', [], libraries=['own', 'z'])", ["z"]),
        ("Extension('x', [], libraries=['m'] if os.name == 'posix' else ['ws2_32'])", ["m @unix", "ws2_32 @win"]),
        ("self.compiler.find_library_file(dirs, 'z')", ["z ?"]),
        ("_find_library('jpeg')", ["jpeg ?"]),
        ("find_lib('lib', 'zlib', 'zlib.h')", ["zlib ?"]),
        ("setup(classifiers=['-lfoo'], long_description='-lbar')", []),
        ("Extension('x', [], libraries=[os.path.join(root, 'libz.a')])", ["libz.a"]),
    ],
)  # fmt: skip
def test_libraries_are_found_wherever_they_are_put_together(code: str, expected: list[str]) -> None:
    assert sorted(tokens(HEAD + code, "library")) == sorted(expected)


@pytest.mark.parametrize(
    "value",
    [
        "['z'] if a else []",
        "(*base,)",
        "[n for n in ['z']]",
        "{'z'}",
        "list(base)",
        "base or []",
        "names()",
        "table['names']",
        "table[0]",
        "os.environ.get('LIBS', 'z')",
        "[os.path.basename('z') or 'z']",
        "['%s' % 'z']",
        "['{}'.format('z')]",
        "['z'.strip()]",
        "[f'{letter}']",
        "self.names",
        "'z'.split()",
        "[(named := 'z')]",
    ],
)
def test_values_are_folded(value: str) -> None:
    code = (
        "base = ['z']\nletter = 'z'\ntable = {'names': ['z']}\ntable += ['z']\n"
        "def names():\n    return base\nclass A:\n    def f(self):\n        self.names = ['z']\n"
    )
    assert set(tokens(f"{code}Extension('x', [], libraries={value})", "library")) == {"z"}


@pytest.mark.parametrize(
    "value",
    [
        "unknown",
        "unknown()",
        "[1]",
        "table[i]",
        "a - b",
        "lambda: 'z'",
        "'a' + unknown",
        "f'{a}b'",
        "x" * 2_000,
    ],
)
def test_what_cannot_be_folded_is_nothing(value: str) -> None:
    assert tokens(f"Extension('x', [], libraries={value})", "library") == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Extension('x', [Path('a') / 'x.c'])", ["a/x.c"]),
        ("Extension('x', [str(HERE / 'a' / 'x.c')])", ["a/x.c"]),
        ("Extension('x', list(Path('a').glob('*.c')))", ["a/?.c"]),
        ("Extension('x', [Path('a').joinpath('x.c')])", ["a/x.c"]),
        ("Extension('x', [os.path.join(unknown, 'x.c')])", ["x.c"]),
        ("config.add_library('own', ['x.c'])", ["x.c"]),
        ("cythonize(['a/*.pyx', 'b.pyx'])", ["a/?.pyx", "b.pyx"]),
        ("Extension('x', ['readme'])", []),
    ],
)
def test_sources_are_paths(code: str, expected: list[str]) -> None:
    assert tokens(HEAD + code, "extension-source") == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("subprocess.run(['cmake'] + more)", ["cmake"]),
        ("cmd = ['cmake']\ncmd += ['--build']\nsubprocess.run(cmd)", ["cmake"]),
        ("subprocess.run('cmake --build .', shell=True)", ["cmake"]),
        ("subprocess.run([unknown, 'cmake'])", []),
        ("subprocess.run(unknown + ['cmake'])", []),
        ("subprocess.run()", []),
        ("with open('x') as f:\n    subprocess.run(['cmake'])", ["cmake"]),
        ("while True:\n    subprocess.run(['cmake'])", ["cmake"]),
        ("def run(program='cmake'):\n    subprocess.run([program])", ["cmake"]),
        ("async def f():\n    subprocess.run(['cmake'])", ["cmake"]),
    ],
)
def test_programs_are_the_first_words_of_commands(code: str, expected: list[str]) -> None:
    assert tokens(HEAD + code, "tool") == expected


@pytest.mark.parametrize(
    ("test", "then", "otherwise"),
    [
        ("sys.platform == 'win32'", " @win", " @unix"),
        ("sys.platform != 'win32'", " @unix", " @win"),
        ("'win32' == sys.platform", " @win", " @unix"),
        ("sys.platform.startswith('linux')", " @linux", " @!linux"),
        ("'linux' in sys.platform", " @linux", " @!linux"),
        ("sys.platform in ('darwin', 'linux')", " @unix", " @win"),
        ("sys.platform not in ['darwin']", " @!osx", " @osx"),
        ("os.name == 'nt'", " @win", " @unix"),
        ("os.name == 'posix'", " @unix", " @win"),
        ("platform.system() == 'Darwin'", " @osx", " @!osx"),
        ("platform.system().lower() == 'windows'", " @win", " @unix"),
        ("not sys.platform.startswith('win')", " @unix", " @win"),
        ("WIN", " @win", " @unix"),
        ("IS_MACOS", " @osx", " @!osx"),
        ("is_windows()", " @win", " @unix"),
        ("sys.platform == 'darwin' and debug", " @osx", ""),
        ("sys.platform == 'darwin' or sys.platform == 'win32'", " @!linux", " @linux"),
        ("os.environ.get('WITH_Z')", " ?", ""),
        ("os.environ.get('WITH_Z', 1)", "", " ?"),
        ("os.environ.get('WITH_Z', '0') == '1'", " ?", ""),
        ("WANTED", " ?", ""),
        ("WANTED == 1", " ?", ""),
        ("not os.path.exists('z')", "", " ?"),
        ("sys.version_info >= (3, 9)", "", ""),
        ("self.compiler.compiler_type == 'msvc'", " @win", " @unix"),
    ],
)
def test_guards_of_both_branches(test: str, then: str, otherwise: str) -> None:
    code = f"{HEAD}WIN = os.name == 'nt'\nWANTED = int(os.environ.get('WITH_Z', 0))\nlibraries = []\nif {test}:\n    libraries += ['a']\nelse:\n    libraries += ['b']\n"
    found = [token.removesuffix(" ~!") for token in tokens(code, "library")]
    assert found == [f"a{then}", f"b{otherwise}"]


def test_chains_of_branches_and_early_ends_leave_the_rest() -> None:
    code = (
        "def libs():\n"
        "    if sys.platform == 'win32':\n        libraries = ['a']\n"
        "    elif sys.platform == 'darwin':\n        libraries = ['b']\n"
        "    else:\n        libraries = ['c']\n"
        "    if os.name == 'nt':\n        return libraries\n"
        "    libraries.append('d')\n"
    )
    assert tokens(HEAD + code, "library") == ["a @win", "b @osx", "c @linux", "d @unix"]


def test_function_of_one_platform_guards_its_body() -> None:
    assert tokens(HEAD + "def finish_win32(self):\n    self.libraries.append('ws2_32')\n", "library") == [
        "ws2_32 @win"
    ]


def test_what_may_fail_is_optional_unless_failing_ends_the_build() -> None:
    code = "try:\n    subprocess.check_output(['xml2-config'])\nexcept OSError:\n    {}\n"
    assert tokens(HEAD + code.format("pass"), "config-tool") == ["xml2-config ?"]
    assert tokens(HEAD + code.format("sys.exit(1)"), "config-tool") == ["xml2-config"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("subprocess.check_output(['pkg-config', '--libs', 'libpq', 'x11 >= 1.2'])", ["libpq", "x11"]),
        ("os.popen('pkg-config --cflags --libs gtk+-3.0')", ["gtk+-3.0"]),
        ("pkgconfig.parse('libpq')", ["libpq"]),
        ("pkg_config('libpq')", ["libpq"]),
        ("import pkgconfig as pc\npc.parse('libpq')", ["libpq"]),
        ("PKG = os.environ.get('PKG_CONFIG', 'pkg-config')\nsubprocess.run([PKG, '--libs', 'libpq'])", ["libpq"]),
        ("def ask(lib):\n    return subprocess.check_output(['pkg-config', '--libs', lib])\nask('libpq')", ["libpq"]),
        ("os.environ.get('PKG_CONFIG_PATH')", []),
    ],
)  # fmt: skip
def test_pkg_config_modules(code: str, expected: list[str]) -> None:
    assert tokens(HEAD + code, "pkg-config") == expected


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        ("os.popen('pg_config --libdir')", "config-tool", ["pg_config"]),
        ("TOOL = os.environ.get('CURL_CONFIG', 'curl-config')", "config-tool", ["curl-config"]),
        ("subprocess.check_output(['python3-config'])", "config-tool", []),
        ("load('site_config')", "config-tool", []),
        ("subprocess.check_call(['cmake', '..'])", "tool", ["cmake"]),
        ("cmd = ['/usr/bin/make', '-j']\nsubprocess.run(cmd)", "tool", ["make"]),
        ("self.spawn(['swig'])", "tool", ["swig"]),
        ("shutil.which('ninja-build')", "tool", ["ninja ?"]),
        ("setup(install_requires=['cmake', 'ninja'])", "tool", []),
        ("CMakeExtension('x')", "tool", ["cmake"]),
        ("subprocess.check_call(['cargo', 'build'])", "language", ["rust"]),
        ("Extension('x', [], language='c++')", "language", ["cxx"]),
        ("Extension('x', [], extra_compile_args=['-std=c++17'])", "language", ["cxx"]),
        ("cythonize('x.pyx')", "language", ["cython"]),
        ("import pybind11", "language", ["cxx"]),
        ("import pybind11", "build-import", ["pybind11"]),
        ("import numpy as np\nnp.get_include()", "numpy-headers", ["numpy"]),
        ("from numpy import get_include\nget_include()", "numpy-headers", ["numpy"]),
        ("from numpy.distutils.core import setup", "numpy-headers", ["numpy"]),
        ("from numpy import f2py\nimport numpy.f2py", "f2py", ["f2py"]),
        ("how = os.getenv('Z')\nif how == 'system': pass", "switch", ["env:Z=system"]),
        ("how = os.environ.get('Z')\nif how == 'system': pass", "switch", ["env:Z=system"]),
        ("if how() == 'system': pass", "switch", []),
        ("Extension('x', [], extra_compile_args=['-fopenmp'])", "openmp", ["openmp"]),
        ("os.environ['OPENSSL_DIR']", "variable", ["OPENSSL_DIR"]),
        ("os.getenv('HDF5_ROOT')", "variable", ["HDF5_ROOT"]),
        ("if 'LIBXML2_HOME' in os.environ: pass", "variable", ["LIBXML2_HOME"]),
        ("os.environ['BUILD_DIR']; os.environ.get('PYTHONPATH'); os.environ['HOME']", "variable", []),
        ("os.environ.get('DEMO_USE_SYSTEM_ZLIB')", "switch", ["env:DEMO_USE_SYSTEM_ZLIB"]),
        ("os.getenv('LINK_ZLIB_STATICALLY')", "switch", ["env:LINK_ZLIB_STATICALLY=0"]),
        ("os.environ.get('ZLIB_INSTALL') == 'system'", "switch", ["env:ZLIB_INSTALL=system"]),
        ("how = os.environ['ZLIB_INSTALL']\nif how == 'system': pass", "switch", ["env:ZLIB_INSTALL=system"]),
        ("user_options = [('use-system-zlib', None, 'help')]", "switch", ["setup.py:--use-system-zlib"]),
        ("'--use-system-zlib' in sys.argv", "switch", ["setup.py:--use-system-zlib"]),
        ("has_header('zlib.h')", "header-string", ["zlib.h"]),
        ("HEADERS = ['stdlib.h', '/include/zlib.h']", "header-string", ["include/zlib.h"]),
        ("HEADER = 'openssl/ssl.h'", "header-string", ["openssl/ssl.h"]),
        ("Extension('x', [], depends=['own.h'])", "header-string", []),
        ("Extension('x', ['a.c', 'b.cpp'])", "extension-source", ["a.c", "b.cpp"]),
        ("Extension('x', ['x.pyf', 'x.f'])", "f2py", ["f2py"]),
        ("Extension('x', sources=glob.glob('src/*.c'))", "extension-source", ["src/?.c"]),
        ("Extension('x', [os.path.join('a', 'x.c')])", "extension-source", ["a/x.c"]),
    ],
)  # fmt: skip
def test_other_signs(code: str, kind: str, expected: list[str]) -> None:
    assert tokens(HEAD + code, kind) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Extension('x', [], define_macros=[('Py_LIMITED_API', '0x03090000')])", ["3.9"]),
        ("Extension('x', [], define_macros=[('Py_LIMITED_API', 0x030B0000)])", ["3.11"]),
        ("Extension('x', [], py_limited_api=True)", [""]),
        ("Extension('x', [], py_limited_api=False)", []),
        ("setup(options={'bdist_wheel': {'py_limited_api': 'cp310'}})", ["3.10"]),
        ("Extension('x', [], extra_compile_args=['-DPy_LIMITED_API=0x03080000'])", ["3.8"]),
        ("Extension('x', [], define_macros=[('Py_LIMITED_API', '1')])", [""]),
    ],
)
def test_limited_api(code: str, expected: list[str]) -> None:
    assert tokens(HEAD + code, "abi3") == expected


def test_python_2_is_mended_or_matched() -> None:
    mended = "print 'hello'\ntry:\n    import x\nexcept ImportError, e:\n    raise E, 'no'\nExtension('a.x', libraries=['z'])\n"
    assert tokens(mended, "library") == ["z"]
    broken = "exec 'x' in y\nExtension('a.x',\n    libraries=['z', 'm'], language='c++')\n"
    assert tokens(broken, "extension-module") == ["a.x"]
    assert tokens(broken, "library") == ["z", "m"]
    assert tokens(broken, "language") == ["cxx"]


HOSTILE = {
    "names of each other": "a = b\nb = a\nExtension(a, libraries=b)\n",
    "doubling": "x0 = ['a', 'b']\n"
    + "".join(f"x{i} = x{i - 1} + x{i - 1}\n" for i in range(1, 60))
    + "Extension('n', libraries=x59)\n",
    "products": "a = ['x', 'y']\n" + "Extension(" + " + ".join(["'-'.join(a)"] * 200) + ")\n",
    "long chain": "libraries = [" + " + ".join(["'a'"] * 2_000) + "]\n",
    "branches": "if a: pass\n" + "elif WIN: libraries = ['z']\n" * 800,
    "nesting": "".join(f"{' ' * i}if a:\n" for i in range(90)) + " " * 90 + "pass\n",
    "parentheses": "(" * 150 + ")" * 150,
    "rows": "x = [" + "('a', 'b'), " * 3_000 + "]\nfor a, b in x:\n    Extension(a, [b])\n",
    "python 2": "print 'x'\n" * 4_000 + "exec 'x' in y\n" + "libraries = [" * 5_000,
    "attributes": "a" + ".b" * 900 + "\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_cost_little(text: str) -> None:
    found = scan_setup_py("setup.py", text)

    assert len(found) <= MAX_SIGNALS
    assert least_cpu_s(lambda: scan_setup_py("setup.py", text), enough_s=SECONDS) < SECONDS


def test_endless_lists_are_cut() -> None:
    text = "libraries = [" + ", ".join(f"'l{i}'" for i in range(2_500)) + "]\n"
    assert 0 < len(scan_setup_py("setup.py", text)) <= MAX_SIGNALS


WORDS = st.sampled_from([
    "Extension(", "'z'", "libraries", "=", "[", "]", ")", "(", "\n", "    ", "if ", "else:", ":", "sys.platform", "==", "'win32'",
    ",", "for x in ", "lambda: ", "f'{x}'", "%", "+", "**kw", "{", "}", "try:", "except:", "pass", "os.environ['A_DIR']", "x", ".",
    "def f(a):", "return ", "class A(Extension):", "print 'x'", "\\", "#", '"""', "0777", "\x00",
])  # fmt: skip


@given(st.lists(WORDS, max_size=40).map("".join))
def test_no_text_raises(text: str) -> None:
    for signal in scan_setup_py("setup.py", text):
        assert len(signal.token) <= 150
        assert signal.token.isprintable()

"""What Meson files say of native code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.infer.scan.found import MAX_SIGNALS
from conda_bridge.infer.scan.meson import scan_meson, scan_meson_options
from support.cost import SECONDS, least_cpu_s


def tokens(text: str, kind: str) -> list[str]:
    return [signal.token for signal in scan_meson("meson.build", text) if signal.kind == kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("project('demo', 'c', 'cython')", ["c", "cython"]),
        ("project('demo', ['c', 'cpp'],\n  version: run_command('x', 'c').stdout())", ["c", "cxx"]),
        ("project('demo', version: '1', default_options: ['c_std=c11'])", []),
        ("project('demo')\nadd_languages('fortran', native: false)", ["fortran"]),
        ("project('demo')\nadd_languages('rust', required: false)", []),
        ("project('demo')\nif get_option('gpu')\n  add_languages('cuda')\nendif", []),
        ("# project('demo', 'c')\nproject('demo', 'rust')", ["rust"]),
        ("project('demo')\nx.project('c', 'c')", []),
        ("project('demo')\npb = dependency('pybind11')", ["cxx"]),
    ],
)
def test_languages(text: str, expected: list[str]) -> None:
    assert tokens(text, "language") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dependency('zlib')", ["zlib"]),
        ("dependency('zlib', version: '>=1.2', required: true)", ["zlib"]),
        ("dependency('zlib', required: false)", ["zlib ?"]),
        ("dependency('zlib', required: get_option('zlib'))", ["zlib ?"]),
        ("dependency('cairo', required: cc.get_id() != 'msvc')", ["cairo"]),
        ("dependency('a', 'b')", ["a", "b"]),
        ("foreach name : ['a', 'b']\n  dependency(name)\nendforeach", ["a", "b"]),
        ("name = 'zlib'\ndependency(name)", ["zlib"]),
        ("names = ['a']\nnames += ['b']\ndependency(names)", ["a", "b"]),
        ("if host_machine.system() == 'windows'\n dependency('a')\nelse\n dependency('b')\nendif", ["a @win", "b @unix"]),
        ("os = host_machine.system()\nis_mac = host_machine.system() == 'darwin'\nif is_mac\n dependency('a')\nendif", ["a @osx"]),
        ("if host_machine.system() in ['windows', 'cygwin']\n dependency('a')\nendif", ["a @win"]),
        ("if not (host_machine.system() == 'linux')\n dependency('a')\nendif", ["a @!linux"]),
        ("if host_machine.system() != 'linux'\n dependency('a')\nelif x\n dependency('b')\nendif", ["a @!linux", "b @linux"]),
        ("if get_option('z')\n dependency('a')\nendif", ["a ?"]),
        ("dependency('python')\ndependency('threads')", []),
        ("dependency('a' + suffix)", []),
        ("other('x', dependency('zlib', modules: ['a']), 'y')", ["zlib"]),
        ("declare_dependency(dependencies: [dependency('zlib')])", ["zlib"]),
    ],
)  # fmt: skip
def test_dependencies_and_when_they_are_needed(text: str, expected: list[str]) -> None:
    assert tokens(text, "pkg-config") == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("cc.find_library('z', required: false)", "library", ["z ?"]),
        ("meson.get_compiler('c').find_library('z')", "library", ["z"]),
        ("cc.find_library('z', has_headers: ['zlib.h'])", "header-string", ["zlib.h"]),
        ("cc.has_header('zlib.h')", "header-string", ["zlib.h"]),
        ("library('own', 'a.c', link_args: ['-lz'])", "library", ["z"]),
        ("library('own', 'a.c')", "build-target", ["own"]),
        ("find_program('swig', 'swig4.0')", "tool", ["swig"]),
        ("find_program('bison', required: false)", "tool", ["bison ?"]),
        ("find_program('pg_config')", "config-tool", ["pg_config"]),
        ("run_command('gdal-config', '--libs')", "config-tool", ["gdal-config"]),
        ("run_command('pkg-config', '--libs', 'zlib')", "pkg-config", ["zlib"]),
        ("custom_target('x', command: ['flex', '@INPUT@'])", "tool", ["flex"]),
        ("dependency('numpy')", "numpy-headers", ["numpy"]),
        ("dependency('openmp', required: false)", "openmp", ["openmp ?"]),
        ("subproject('zlib')", "vendored-build", ["subprojects/zlib"]),
        ("py.extension_module('_x', 'x.c', install: true)", "extension", ["extension_module"]),
        ("py.extension_module('_x', 'x.c', limited_api: '3.9')", "abi3", ["3.9"]),
        ("py.extension_module('_x', 'x.c', limited_api: api)", "abi3", [""]),
        ("py.extension_module('_x', c_args: ['-DPy_LIMITED_API=0x030a0000'])", "abi3", ["3.10"]),
    ],
)
def test_other_calls(text: str, kind: str, expected: list[str]) -> None:
    assert tokens(text, kind) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("option('blas', type: 'string', value: 'openblas')", [("option", "blas=openblas")]),
        ("option('blas', type: 'combo', choices: ['auto'], value: 'auto')", []),
        ("option('system-zlib', type: 'boolean', value: false)", [("switch", "meson:system-zlib")]),
        ("option('system-zlib', type: 'boolean')", [("switch-default", "meson:system-zlib")]),
        ("option('bundled_zlib', type: 'boolean', value: true)", [("switch", "meson:bundled_zlib=false")]),
        ("option('system-zlib', type: 'feature')", [("switch", "meson:system-zlib=enabled")]),
        ("option('tests', type: 'boolean')", []),
    ],
)
def test_options(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(s.kind, s.token) for s in scan_meson_options("meson.options", text)] == expected


def test_lines_are_those_of_the_calls() -> None:
    text = "# a\nx = '''\n\n'''\ny = dependency(\n  'zlib',\n)\n"
    assert [(s.token, s.line) for s in scan_meson("meson.build", text)] == [("zlib", 5)]


HOSTILE = {
    "open quotes": "'" * 60_000,
    "triple quotes": "'''a''" * 15_000,
    "brackets": "(" * 60_000,
    "calls": "f(" * 20_000,
    "lists": "x = [" * 20_000,
    "ifs": "if a\n" * 8_000,
    "conditions": "if " + "not a and " * 8_000 + "b\n",
    "names": "x = ['a']\n" * 4_000 + "f(x)\n" * 4_000,
    "growing": "".join(f"x += ['{i}']\n" for i in range(4_000)) + "dependency(" + "x, " * 20_000 + ")\n",
    "loops": "foreach " + "a, " * 10_000 + ": ['x']\n",
    "one word": "a" * 500_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_cost_little(text: str) -> None:
    found = scan_meson("meson.build", text)

    assert len(found) <= MAX_SIGNALS
    assert least_cpu_s(lambda: scan_meson("meson.build", text), enough_s=SECONDS) < SECONDS


WORDS = st.sampled_from([
    "project", "dependency", "(", ")", "[", "]", "{", "}", "'zlib'", "'c'", ",", ":", "required", "false", "\n", " ", "if ", "else", "endif",
    "foreach x : ", "=", "+=", ".", "host_machine", "system", "==", "'windows'", "not ", "'", "'''", "#", "\\", "option", "type", "value",
])  # fmt: skip


@given(st.lists(WORDS, max_size=40).map("".join))
def test_no_text_raises(text: str) -> None:
    for signal in (*scan_meson("meson.build", text), *scan_meson_options("meson.options", text)):
        assert len(signal.token) <= 150
        assert signal.line >= 1

"""setup.cfg, pyproject.toml, package.json, go.mod, and what modules of the package open and run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.infer.scan.ctypes_calls import scan_opened
from conda_bridge.infer.scan.javascript import scan_go_mod, scan_package_json
from conda_bridge.infer.scan.pyproject_tables import scan_pyproject
from conda_bridge.infer.scan.setup_cfg import scan_setup_cfg
from conda_bridge.infer.scan.setup_py import scan_build_script


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[build_ext]\nlibraries = z, m\n", [("library", "z", 2), ("library", "m", 2)]),
        ("[build_ext]\nlibraries =\n    z\n    m\n", [("library", "z", 3), ("library", "m", 4)]),
        ("[build_ext]\n# libraries = z\nswig-opts = -c++\n", [("tool", "swig", 3)]),
        ("[bdist_wheel]\npy-limited-api = cp39\n", [("abi3", "3.9", 2)]),
        ("[config_fc]\nfcompiler: gnu95\n", [("language", "fortran", 2)]),
        ("[other]\nlibraries = z\n", []),
        ("libraries = z\n[", []),
    ],
)
def test_setup_cfg(text: str, expected: list[tuple[str, str, int]]) -> None:
    assert [(s.kind, s.token, s.line) for s in scan_setup_cfg("setup.cfg", text)] == expected


EXT_MODULES = """
[[tool.setuptools.ext-modules]]
name = "demo._x"
sources = ["x.cpp"]
libraries = ["z"]
language = "c++"
extra-link-args = ["-lm"]
extra-compile-args = ["-fopenmp"]
define-macros = [["Py_LIMITED_API", "0x03090000"], ["A", "1"]]
"""


def test_extension_modules_of_pyproject() -> None:
    found = {(s.kind, s.token) for s in scan_pyproject("pyproject.toml", EXT_MODULES)}
    assert found == {
        ("extension-module", "demo._x"), ("extension-source", "x.cpp"), ("library", "z"), ("library", "m"), ("language", "cxx"),
        ("openmp", "openmp"), ("abi3", "3.9"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ('[[tool.setuptools-rust.ext-modules]]\ntarget = "demo._x"', "extension-module", ["demo._x"]),
        ('[[tool.setuptools-rust.bins]]\ntarget = "demo"', "language", ["rust"]),
        ('[tool.maturin]\nfeatures = ["pyo3/abi3-py39"]', "abi3", ["3.9"]),
        ('[tool.maturin]\nfeatures = ["pyo3/abi3"]', "abi3", [""]),
        ('[tool.scikit-build]\nwheel.py-api = "cp312"', "abi3", ["3.12"]),
        ('[tool.scikit-build]\nwheel.py-api = "py3"', "abi3", []),
        ('[tool.distutils.bdist_wheel]\npy-limited-api = "cp310"', "abi3", ["3.10"]),
        ("[tool.meson-python]\nlimited-api = true", "abi3", [""]),
        ("[tool.hatch.build.targets.wheel.hooks.cython]\n", "language", ["cython"]),
        ("[tool.hatch.build.hooks.jupyter-builder]\n", "tool", ["nodejs"]),
        ('[tool.hatch.build.hooks.jupyter-builder]\nskip-if-exists = ["a"]', "tool", ["nodejs ?"]),
        ('[tool.sip.bindings.x]\nlibraries = ["z"]', "library", ["z"]),
        ("[tool", "library", []),
        ("[tool.setuptools]\next-modules = 3", "library", []),
    ],
)
def test_tables_of_backends(text: str, kind: str, expected: list[str]) -> None:
    assert [s.token for s in scan_pyproject("pyproject.toml", text) if s.kind == kind] == expected


def test_pyproject_of_a_part_is_not_the_projects() -> None:
    assert scan_pyproject("part/pyproject.toml", EXT_MODULES) == ()


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("package.json", '{"scripts": {"build": "webpack"}}', ["nodejs ?"]),
        ("js/package.json", '{"packageManager": "yarn@4", "scripts": {}}', ["nodejs ?", "yarn ?"]),
        (
            "package.json",
            '{"scripts": {"a": "tsc && jlpm run b", "c": "pnpm d"}}',
            ["nodejs ?", "yarn ?", "pnpm ?"],
        ),
        ("a/b/package.json", '{"scripts": {}}', []),
        ("package.json", '{"name": "x"}', []),
        ("package.json", "[" * 100_000, []),
        ("package.json", "3", []),
    ],
)
def test_package_json(path: str, text: str, expected: list[str]) -> None:
    assert [s.token for s in scan_package_json(path, text)] == expected


def test_go_modules() -> None:
    assert [(s.token, s.line) for s in scan_go_mod("go.mod", "// x\nmodule example.com/demo\n")] == [
        ("go", 2)
    ]
    assert scan_go_mod("go.mod", "x") == ()


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        ("ctypes.util.find_library('sndfile')", "dlopen", ["sndfile"]),
        ("CDLL('libsndfile.so.1')", "dlopen", ["sndfile"]),
        ("ctypes.cdll.LoadLibrary('libfoo.dylib')", "dlopen", ["foo @osx"]),
        ("ffi.dlopen('libfoo.so')", "dlopen", ["foo"]),
        ("NAME = 'foo'\nfind_library(NAME)", "dlopen", ["foo"]),
        ("if sys.platform == 'win32':\n    CDLL('foo.dll')\nelse:\n    CDLL('libfoo.so')", "dlopen", ["foo @win", "foo @unix"]),
        ("try:\n    CDLL('libfoo.so')\nexcept OSError:\n    pass", "dlopen", ["foo ?"]),
        ("CDLL(os.path.join(os.path.dirname(__file__), 'libown.so'))", "dlopen", []),
        ("CDLL(HERE / 'libown.so')", "dlopen", []),
        ("CDLL(os.path.join(root, 'libown.so'))", "dlopen", []),
        ("CDLL('lib'); CDLL('libfoo-%s.so' % x)", "dlopen", []),
        ("CDLL('two words')", "dlopen", []),
        ("CDLL('libfoo-2.dll')", "dlopen", ["foo-2 @win"]),
        ("HERE = Path(__file__).parent / 'libown.so'\nCDLL(HERE)", "dlopen", []),
        ("find_library('c'); CDLL('kernel32.dll')", "dlopen", []),
        ("subprocess.run(['ffmpeg', '-i'])", "program", ["ffmpeg"]),
        ("os.system('dot -Tpng x')", "program", ["dot"]),
        ("shutil.which('gs')", "program", ["gs ?"]),
        ("subprocess.call(['ls'])", "program", []),
        ("app.run('ffmpeg')", "program", []),
        ("subprocess.run([sys.executable, 'x'])", "program", []),
    ],
)  # fmt: skip
def test_what_modules_open_and_run(code: str, kind: str, expected: list[str]) -> None:
    assert [s.token for s in scan_opened("src/demo/core.py", code) if s.kind == kind] == expected


def test_scripts_of_the_repository_open_nothing() -> None:
    assert scan_opened("tools/x.py", "CDLL('libfoo.so')") == ()
    assert scan_opened("setup.py", "CDLL('libfoo.so')") == ()
    assert scan_opened("demo/core.py", "CDLL(") == ()


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("hatch_build.py", True),
        ("build.py", True),
        ("setupext.py", True),
        ("tools/build_ext.py", True),
        ("src/demo/_ffi_build.py", True),
        ("src/demo/build.py", False),
        ("demo/core.py", False),
    ],
)
def test_which_modules_belong_to_the_build(path: str, is_one: bool) -> None:  # noqa: FBT001
    assert bool(scan_build_script(path, "Extension('x', [])")) is is_one


@given(st.text(alphabet="[]={}\"'\n :,x_extlibrasu-modue3.#", max_size=80))
def test_no_text_raises(text: str) -> None:
    scan_setup_cfg("setup.cfg", text)
    scan_pyproject("pyproject.toml", text)
    scan_package_json("package.json", text)
    scan_go_mod("go.mod", text)
    scan_opened("demo/core.py", text)

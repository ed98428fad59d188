"""Which compilers a native project gets, and what shows each."""

import pytest

from conda_bridge.infer.scan import scan
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.evidence import Certainty, Evidence
from support.converting import PYPROJECT, convert_texts, section_of, slugs_of, specs_of

MODULE: dict[str, str | None] = {"demo/__init__.py": ""}
SETUP = "from setuptools import Extension, setup\nsetup(name='demo', version='1.2.3', ext_modules=[{}])\n"


def pyproject(*requires: str, backend: str = "setuptools.build_meta", more: str = "") -> str:
    listed = '", "'.join(requires)
    return PYPROJECT.replace("hatchling>=1.27", listed).replace("hatchling.build", backend) + more


def compilers(texts: dict[str, str | None]) -> list[str]:
    build = specs_of(convert_texts({**texts, **MODULE}), "build")
    return [spec[len("<compiler(") : -len(")>")] for spec in build if spec.startswith("<compiler(")]


def reasons(conversion: Conversion, language: str) -> list[Evidence]:
    key = f"requirements.build/compiler({language})"
    return [one for one in conversion.evidence if one.address.endswith(key)]


@pytest.mark.parametrize(
    ("extension", "files", "expected"),
    [
        ("Extension('demo._x', ['x.c'])", ["x.c"], ["c"]),
        ("Extension('demo._x', ['x.cpp'])", ["x.cpp"], ["cxx"]),
        ("Extension('demo._x', ['x.c', 'y.cc'])", ["x.c", "y.cc"], ["c", "cxx"]),
        ("Extension('demo._x', ['demo/x.pyx'])", ["demo/x.pyx"], ["c"]),
        ("Extension('demo._x', ['demo/x.pyx'], language='c++')", ["demo/x.pyx"], ["cxx"]),
        ("Extension('demo._x', ['demo/x.c'])", ["demo/x.c", "demo/x.pyx"], ["c"]),
        ("Extension('demo._x', sources=SOURCES)", ["src/x.cc", "src/y.c"], ["c", "cxx"]),
        ("Extension('demo._x', ['x.c'])", ["x.c", "extern/lib/y.cpp", "tests/z.cpp"], ["c"]),
        ("Extension('demo._x', ['x.i'])", ["x.i"], ["c"]),
        ("Extension('demo._x', ['x.i'], swig_opts=['-c++'])", ["x.i"], ["cxx"]),
    ],
    ids=[
        "C", "C++", "both", "Cython", "Cython in C++", "what Cython wrote", "a computed list", "others' code", "SWIG",
        "SWIG in C++",
    ],
)  # fmt: skip
def test_languages_of_setup_py(extension: str, files: list[str], expected: list[str]) -> None:
    texts: dict[str, str | None] = {"setup.py": SETUP.format(extension), **dict.fromkeys(files, "")}
    assert compilers(texts) == expected


def test_cython_says_in_its_own_text_that_it_is_cxx() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": pyproject("setuptools", "cython"),
        "setup.py": SETUP.format("").replace("[]", "cythonize('demo/*.pyx')"),
        "demo/a.pyx": "# distutils: language = c++\n",
        "demo/b.pyx": "cdef int x\n",
        "demo/c.pyx": "cdef int x\n",
        "demo/c.cpp": "",
    }
    conversion = convert_texts({**texts, **MODULE})
    assert compilers(texts) == ["c", "cxx"]
    assert "demo/a.pyx:1" in reasons(conversion, "cxx")[0].origins
    assert "demo/c.pyx" in reasons(conversion, "cxx")[0].origins
    assert "demo/b.pyx" in reasons(conversion, "c")[0].origins


def test_cimport_of_the_cxx_library_is_cxx() -> None:
    (found,) = scan("x.pyx", b"import a\n  from libcpp.vector cimport vector\n")
    assert (found.kind, found.token, found.line) == ("language", "cxx", 2)
    assert scan("x.pyx", b"from libcpp cimport bool\n") == ()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            {
                "pyproject.toml": pyproject("setuptools")
                + "[[tool.setuptools.ext-modules]]\nname = 'demo._x'\nsources = ['x.cpp']\n",
                "x.cpp": "",
            },
            ["cxx"],
        ),
        (
            {
                "pyproject.toml": pyproject("poetry-core", backend="poetry.core.masonry.api")
                + "[tool.poetry.build]\nscript = 'build.py'\n",
                "build.py": "from setuptools import Extension\nmodule = Extension('demo._x', ['x.cpp'])\n",
            },
            ["cxx"],
        ),
        (
            {
                "pyproject.toml": pyproject("hatchling", backend="hatchling.build")
                + "[tool.hatch.build.hooks.custom]\npath = 'tools/hook.py'\n",
                "hook.py": "",
                "tools/hook.py": "",
                "hatch_build.py": "",
                "CMakeLists.txt": "project(demo)\n",
            },
            [],
        ),
        (
            {
                "pyproject.toml": pyproject("hatchling", backend="hatchling.build")
                + "[tool.hatch.build.hooks.custom]\n",
                "hatch_build.py": "import subprocess\nsubprocess.run(['cargo', 'build'])\n"
                "subprocess.run(['cmake', '.'])\nbuild_data['pure_python'] = False\n",
                "CMakeLists.txt": "project(demo LANGUAGES CXX)\n",
            },
            ["c", "cxx", "rust"],
        ),
        (
            {"pyproject.toml": pyproject("maturin", backend="maturin"), "Cargo.toml": "[package]\n[build-dependencies]\ncxx-build = '1'\n"},
            ["c", "cxx", "rust"],
        ),
        (
            {"pyproject.toml": pyproject("maturin", backend="maturin"), "setup.py": SETUP.format("Extension('a', ['a.cpp'])"), "a.cpp": ""},
            ["c", "rust"],
        ),
        (
            {"setup.py": SETUP.format("Extension('demo', [])") + "import subprocess\nsubprocess.run(['cargo', 'build'])\n"},
            ["c", "rust"],
        ),
        (
            {"pyproject.toml": pyproject("setuptools"), "setup.py": "from setuptools_rust import RustExtension\n" + SETUP.format("Extension('demo', ['x.c'])"), "x.c": ""},
            ["c"],
        ),
        (
            {"setup.py": SETUP.format("Extension('demo', ['x.go'])").replace("ext_modules", "build_golang={'root': 'x'}, ext_modules"), "pyproject.toml": pyproject("setuptools", "setuptools-golang")},
            ["c", "go-cgo"],
        ),
        (
            {"pyproject.toml": pyproject("setuptools", more="[tool.setuptools.cmdclass]\nbuild_py = 'demo.build.BuildPy'\n"), "demo/x.f90": ""},
            ["c", "fortran"],
        ),
        (
            {"pyproject.toml": pyproject("meson-python", backend="mesonpy"), "meson.build": "project('demo', 'cpp')\n", "sub/meson.build": "add_languages('fortran')\n", "subprojects/x/meson.build": "project('x', 'rust')\n"},
            ["c", "cxx", "fortran"],
        ),
        (
            {"pyproject.toml": pyproject("scikit-build-core", backend="scikit_build_core.build", more="[tool.scikit-build.cmake]\nsource-dir = 'native'\n"), "CMakeLists.txt": "project(a LANGUAGES Fortran)\n", "native/CMakeLists.txt": "project(a LANGUAGES CXX)\n"},
            ["cxx"],
        ),
    ],
    ids=[
        "a table of setuptools", "a script of Poetry", "an empty hook", "a hook that runs cargo and CMake", "a crate that compiles C++",
        "a setup.py that nothing runs", "cargo in setup.py", "Rust that the requirements don't allow", "Go",
        "Fortran of a build command", "Meson", "a folder of CMake's",
    ],
)  # fmt: skip
def test_languages_of_other_builds(texts: dict[str, str | None], expected: list[str]) -> None:
    assert compilers(texts) == expected


def test_each_compiler_names_what_shows_it() -> None:
    texts: dict[str, str | None] = {
        "setup.py": "from setuptools import Extension, setup\n"
        "setup(name='demo', version='1.2.3', ext_modules=[\n"
        "    Extension('demo._a', ['a.c']),\n"
        "    Extension('demo._b', ['b.cpp']),\n"
        "])\n",
        "a.c": "",
        "b.cpp": "",
    }
    conversion = convert_texts({**texts, **MODULE})
    (c,), (cxx,) = reasons(conversion, "c"), reasons(conversion, "cxx")
    assert c.origins[0] == "setup.py:3"
    assert cxx.origins[0] == "setup.py:4"
    assert c.certainty is Certainty.DERIVED


def test_language_that_nothing_tells_is_a_guess() -> None:
    conversion = convert_texts({"setup.py": SETUP.format("make_extension()"), **MODULE})
    (guess,) = reasons(conversion, "c")
    assert guess.certainty is Certainty.GUESSED


def test_cuda_is_a_variant_and_no_compiler() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": pyproject("scikit-build-core", backend="scikit_build_core.build"),
        "CMakeLists.txt": "project(demo LANGUAGES CXX CUDA)\n",
    }
    assert compilers(texts) == ["cxx"]
    assert "variant-language" in slugs_of(convert_texts({**texts, **MODULE}))


def test_compilers_stand_before_stdlib_and_programs() -> None:
    conversion = convert_texts({"setup.py": SETUP.format("Extension('x', ['x.c'])"), "x.c": "", **MODULE})
    assert specs_of(conversion, "build") == ["python", "<cross-python>", "<compiler(c)>", "<stdlib(c)>"]
    assert len(section_of(conversion, "build")) == 4

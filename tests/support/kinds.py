"""One small source tree for each kind of project that recipes are written for."""

from collections.abc import Mapping

__all__ = ["KINDS", "STABLE_ABI_KINDS"]

_LICENSE = "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software\n"


def _tree(
    requires: str, backend: str, files: Mapping[str, str], *, more: str = "", python: str = ">=3.9"
) -> dict[str, str]:
    pyproject = f"""\
[build-system]
requires = [{requires}]
build-backend = "{backend}"

[project]
name = "demo"
version = "1.2.3"
description = "A demonstration"
requires-python = "{python}"
license = "MIT"
{more}"""
    return {"pyproject.toml": pyproject, "demo/__init__.py": "", "LICENSE": _LICENSE, **files}


def _setuptools(
    extension: str, files: Mapping[str, str], *, requires: str = "", more: str = ""
) -> dict[str, str]:
    setup = f"from setuptools import Extension, setup\n\nsetup(ext_modules=[{extension}])\n"
    wanted = ", ".join(filter(None, ('"setuptools>=61"', requires)))
    return _tree(wanted, "setuptools.build_meta", {"setup.py": setup, **files}, more=more)


_CRATE = '[package]\nname = "demo"\nversion = "1.2.3"\n\n[lib]\nname = "_demo"\ncrate-type = ["cdylib"]\n'
_PYO3 = '\n[dependencies]\npyo3 = { version = "0.29", features = ["FEATURE"] }\n'
_MATURIN = '\n[tool.maturin]\nmodule-name = "demo._demo"\n'
_CMAKE = """\
cmake_minimum_required(VERSION 3.20)
project(${SKBUILD_PROJECT_NAME} LANGUAGES CXX)
find_package(pybind11 CONFIG REQUIRED)
pybind11_add_module(_core src/core.cpp)
install(TARGETS _core DESTINATION demo)
"""
_NANOBIND = """\
cmake_minimum_required(VERSION 3.20)
project(${SKBUILD_PROJECT_NAME} LANGUAGES CXX)
nanobind_add_module(_core STABLE_ABI src/core.cpp)
install(TARGETS _core DESTINATION demo)
"""
_MESON = """\
project('demo', 'c', 'cython', version: '1.2.3')
py = import('python').find_installation(pure: false)
np = dependency('numpy')
py.extension_module('_core', 'src/core.pyx', dependencies: [np], subdir: 'demo', install: true)
"""
_F2PY = """\
project('demo', 'c', 'fortran', version: '1.2.3')
py = import('python').find_installation(pure: false)
f2py = find_program('f2py')
py.extension_module('_core', 'src/core.f90', subdir: 'demo', install: true)
"""
_EXTERNAL = (
    '\n[external]\nbuild-requires = ["dep:virtual/compiler/c"]\nhost-requires = ["dep:generic/zlib"]\n'
)

KINDS: Mapping[str, Mapping[str, str]] = {
    "noarch": _tree(
        '"hatchling>=1.27"', "hatchling.build", {}, more='\n[project.scripts]\ndemo = "demo:main"\n'
    ),
    "c": _setuptools(
        'Extension("demo._speed", ["demo/_speed.c"])', {"demo/_speed.c": "#include <Python.h>\n"}
    ),
    "cython and numpy": _setuptools(
        'Extension("demo._speed", ["demo/_speed.pyx"])',
        {"demo/_speed.pyx": "cimport numpy as np\n"},
        requires='"cython>=3", "numpy>=2"',
        more='dependencies = ["numpy", "scipy>=1.10"]\n',
    ),
    "library": _setuptools(
        'Extension("demo._z", ["demo/_z.c"], libraries=["z"])', {"demo/_z.c": "#include <zlib.h>\n"}
    ),
    "cxx with pybind11": _setuptools(
        'Pybind11Extension("demo._core", ["src/core.cpp"])', {"src/core.cpp": ""}, requires='"pybind11>=2.10"'
    ),
    "cffi": _tree(
        '"setuptools", "cffi>=1.15"',
        "setuptools.build_meta",
        {
            "setup.py": 'from setuptools import setup\nsetup(cffi_modules=["demo/build.py:ffi"])\n',
            "demo/build.py": 'ffi.set_source("demo._ffi", "", libraries=["z"])\n',
        },
        more='dependencies = ["cffi>=1.15"]\n',
    ),
    "maturin": _tree('"maturin>=1,<2"', "maturin", {"Cargo.toml": _CRATE}, more=_MATURIN),
    "maturin and the stable ABI": _tree(
        '"maturin>=1,<2"',
        "maturin",
        {"Cargo.toml": _CRATE + _PYO3.replace("FEATURE", "abi3-py39")},
        more=_MATURIN,
    ),
    "maturin and the stable ABI from 3.12 on": _tree(
        '"maturin>=1,<2"',
        "maturin",
        {"Cargo.toml": _CRATE + _PYO3.replace("FEATURE", "abi3-py312")},
        more=_MATURIN,
        python=">=3.12",
    ),
    "setuptools-rust": _setuptools(
        'RustExtension("demo._rs", path="rust/Cargo.toml")',
        {"rust/Cargo.toml": _CRATE},
        requires='"setuptools-rust"',
    ),
    "go": _setuptools(
        'Extension("demo", ["go/demo.go"])',
        {"go/demo.go": "package main\n", "go/go.mod": "module example/demo\n"},
        requires='"setuptools-golang"',
    ),
    "scikit-build-core with pybind11": _tree(
        '"scikit-build-core>=0.10", "pybind11"',
        "scikit_build_core.build",
        {"CMakeLists.txt": _CMAKE, "src/core.cpp": ""},
    ),
    "nanobind and the stable ABI": _tree(
        '"scikit-build-core>=0.10", "nanobind>=2"',
        "scikit_build_core.build",
        {"CMakeLists.txt": _NANOBIND, "src/core.cpp": ""},
        more='\n[tool.scikit-build]\nwheel.py-api = "cp312"\n',
        python=">=3.12",
    ),
    "meson-python and numpy": _tree(
        '"meson-python>=0.15", "cython>=3", "numpy>=2"',
        "mesonpy",
        {"meson.build": _MESON, "src/core.pyx": "cimport numpy as np\n"},
        more='dependencies = ["numpy"]\n',
    ),
    "fortran and f2py": _tree(
        '"meson-python>=0.15", "numpy>=2"',
        "mesonpy",
        {"meson.build": _F2PY, "src/core.f90": "      end\n"},
        more='dependencies = ["numpy"]\n',
    ),
    "external table": _setuptools(
        'Extension("demo._z", ["demo/_z.c"])', {"demo/_z.c": "#include <zlib.h>\n"}, more=_EXTERNAL
    ),
}
STABLE_ABI_KINDS = tuple(kind for kind in KINDS if "stable ABI" in kind)

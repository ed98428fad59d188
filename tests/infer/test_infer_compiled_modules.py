"""Extension modules by name, and where a recipe imports them."""

import pytest
from packaging.version import Version

from conda_bridge.infer.modules.compiled import compiled_modules
from conda_bridge.model.recipe import PythonTest
from conda_bridge.model.source import IndexFacts
from support.converting import context_of, convert_texts
from support.trees import facts_of_texts

PYPROJECT = """\
[build-system]
requires = ["{requirement}"]
build-backend = "{backend}"

[project]
name = "demo"
version = "1.2.3"
"""
SCIKIT_BUILD = PYPROJECT.format(requirement="scikit-build-core", backend="scikit_build_core.build")
MESON = PYPROJECT.format(requirement="meson-python", backend="mesonpy")
MATURIN = PYPROJECT.format(requirement="maturin", backend="maturin")
SETUPTOOLS = PYPROJECT.format(requirement="setuptools", backend="setuptools.build_meta")
CRATE = '[package]\nname = "demo-core"\n'
EXTENSION = 'setup(ext_modules=[Extension("demo._speed", ["demo/_speed.c"])])\n'


def names_of(texts: dict[str, str]) -> list[str]:
    facts = facts_of_texts(dict(texts), label="demo-1.2.3")
    return [module.name for module in compiled_modules(context_of(facts))]


def imports_of(texts: dict[str, str], *tags: str) -> tuple[str, ...]:
    wheels = tuple(f"demo-1.2.3-{tag}.whl" for tag in tags)
    index = IndexFacts(index_url="https://index.example/simple", version=Version("1.2.3"), wheels=wheels)
    (output,) = convert_texts(dict(texts), index=index if tags else None).recipe.outputs
    return next((test.imports for test in output.tests if isinstance(test, PythonTest)), ())


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"pyproject.toml": MATURIN, "Cargo.toml": CRATE}, "demo_core.demo_core"),
        ({"pyproject.toml": MATURIN, "Cargo.toml": f'{CRATE}[lib]\nname = "_demo"\n'}, "_demo._demo"),
        (
            {"pyproject.toml": f'{MATURIN}[tool.maturin]\nmodule-name = "demo._rust"\n', "Cargo.toml": CRATE},
            "demo._rust",
        ),
        ({"pyproject.toml": SETUPTOOLS, "setup.py": EXTENSION}, "demo._speed"),
        (
            {
                "pyproject.toml": f'{SETUPTOOLS}[[tool.setuptools-rust.ext-modules]]\ntarget = "demo._rs"\n',
                "Cargo.toml": CRATE,
            },
            "demo._rs",
        ),
        (
            {
                "pyproject.toml": SCIKIT_BUILD,
                "CMakeLists.txt": "project(${SKBUILD_PROJECT_NAME})\nset(PKG demo/sub)\n"
                "pybind11_add_module(_core MODULE src/a.cpp)\ninstall(TARGETS _core DESTINATION ${PKG})\n",
            },
            "demo.sub._core",
        ),
        (
            {
                "pyproject.toml": SCIKIT_BUILD,
                "CMakeLists.txt": "project(demo)\npython_add_library(${PROJECT_NAME} MODULE a.cpp)\n"
                "install(TARGETS ${PROJECT_NAME} DESTINATION .)\n",
            },
            "demo",
        ),
        (
            {
                "pyproject.toml": SCIKIT_BUILD,
                "CMakeLists.txt": "project(${SKBUILD_PROJECT_NAME})\nadd_subdirectory(src)\n",
                "src/CMakeLists.txt": "set(NAME _core)\nnanobind_add_module(${NAME} a.cpp)\n"
                "install(TARGETS ${NAME} LIBRARY DESTINATION ${CMAKE_PROJECT_NAME})\n",
            },
            "demo._core",
        ),
        (
            {
                "pyproject.toml": SETUPTOOLS,
                "setup.py": "setup(cffi_modules=['build_x.py:ffi'])\n",
                "build_x.py": "ffi.set_source('demo._ffi', '#include <x.h>')\n",
            },
            "demo._ffi",
        ),
        (
            {
                "pyproject.toml": MESON,
                "meson.build": "py.extension_module('_core', 'a.c', subdir: 'demo',\n  install: true)\n",
            },
            "demo._core",
        ),
    ],
)
def test_module_is_found_with_its_package(texts: dict[str, str], expected: str) -> None:
    assert names_of(texts) == [expected]


@pytest.mark.parametrize(
    "texts",
    [
        {"pyproject.toml": f'{MATURIN}[tool.maturin]\nbindings = "bin"\n', "Cargo.toml": CRATE},
        {"pyproject.toml": SCIKIT_BUILD, "CMakeLists.txt": "project(x)\npybind11_add_module(_core a.cpp)\n"},
        {
            "pyproject.toml": SCIKIT_BUILD,
            "CMakeLists.txt": "pybind11_add_module(_core a.cpp)\ninstall(TARGETS _core DESTINATION ${WHERE})\n",
        },
        {
            "pyproject.toml": MESON,
            "meson.build": "py.extension_module('_core', 'a.c', subdir: where, install: true)",
        },
        {"pyproject.toml": MESON, "meson.build": "py.extension_module('_core', 'a.c')\n"},
        {
            "pyproject.toml": SCIKIT_BUILD,
            "third_party/x/CMakeLists.txt": "pybind11_add_module(_x a.cpp)\ninstall(TARGETS _x DESTINATION x)\n",
        },
    ],
)
def test_module_whose_place_is_not_known_has_no_name(texts: dict[str, str]) -> None:
    assert names_of(texts) == []


def test_package_imports_its_extension_module_itself() -> None:
    texts = {"pyproject.toml": SETUPTOOLS, "setup.py": EXTENSION, "demo/__init__.py": "", "demo/_speed.c": ""}

    assert imports_of(texts) == ("demo",)
    assert imports_of(texts, "cp311-cp311-win_amd64") == ("demo",)


def test_module_without_which_upstreams_build_goes_on_is_imported() -> None:
    texts = {"pyproject.toml": SETUPTOOLS, "setup.py": EXTENSION, "demo/__init__.py": "", "demo/_speed.c": ""}
    systems = ("manylinux_2_17_x86_64", "macosx_11_0_arm64", "win_amd64")
    platform_wheels = tuple(f"cp311-cp311-{system}" for system in systems)

    assert imports_of(texts, *platform_wheels, "py3-none-any") == ("demo", "demo._speed")


@pytest.mark.parametrize(
    ("setup", "expected"),
    [
        (EXTENSION.replace('.c"]', '.c"], optional=True'), ("demo", "demo._speed")),
        (
            f"try:\n    run()\nexcept (OSError, CCompilerError):\n    pass\n{EXTENSION}",
            ("demo", "demo._speed"),
        ),
        (f"# optional=True\n{EXTENSION}", ("demo",)),
    ],
)
def test_setup_py_that_forgives_a_failure_makes_its_module_worth_importing(
    setup: str, expected: tuple[str, ...]
) -> None:
    texts = {"pyproject.toml": SETUPTOOLS, "setup.py": setup, "demo/__init__.py": "", "demo/_speed.c": ""}

    assert imports_of(texts) == expected


def test_module_of_one_system_is_not_imported_on_the_others() -> None:
    texts = {"pyproject.toml": SETUPTOOLS, "setup.py": EXTENSION, "demo/__init__.py": "", "demo/_speed.c": ""}

    assert imports_of(texts, "cp311-cp311-win_amd64", "py3-none-any") == ("demo",)


def test_package_that_cmake_puts_together_is_named_by_its_module() -> None:
    texts = {
        "pyproject.toml": SCIKIT_BUILD,
        "CMakeLists.txt": "project(p)\nnanobind_add_module(_core a.cpp)\ninstall(TARGETS _core DESTINATION dem)\n",
        "init.py": "",
        "reader.py": "",
    }

    assert imports_of(texts) == ("dem",)

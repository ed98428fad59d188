"""Which sources build native code, and with what."""

import pytest
from packaging.version import Version

from conda_bridge.infer.scan import is_wanted_text
from conda_bridge.model.source import IndexFacts
from support.converting import PYPROJECT, convert_texts, slugs_of, specs_of
from support.trees import signals_of as scan

MODULE: dict[str, str | None] = {"demo/__init__.py": ""}
SETUP = "from setuptools import Extension, setup\nsetup(name='demo', version='1.2.3', {})\n"
EXTENSION = "ext_modules=[Extension('demo._x', ['demo/_x.c'])]"


def pyproject(requirement: str, module: str, more: str = "") -> str:
    return PYPROJECT.replace("hatchling>=1.27", requirement).replace("hatchling.build", module) + more


def wheels(*names: str) -> IndexFacts:
    return IndexFacts(index_url="https://index.example/simple", version=Version("1.2.3"), wheels=names)


PURE_WHEEL = "demo-1.2.3-py3-none-any.whl"
LINUX_WHEEL = "demo-1.2.3-cp311-cp311-manylinux_2_17_x86_64.whl"


@pytest.mark.parametrize(
    ("texts", "build"),
    [
        ({"setup.py": SETUP.format(EXTENSION)}, ["<compiler(c)>", "<stdlib(c)>"]),
        (
            {"pyproject.toml": pyproject("scikit-build-core", "scikit_build_core.build"), "CMakeLists.txt": "project(demo LANGUAGES CXX)\n"},
            ["<compiler(cxx)>", "<stdlib(c)>", "cmake", "ninja"],
        ),
        (
            {"pyproject.toml": pyproject("scikit-build-core", "scikit_build_core.build"), "CMakeLists.txt": "project(demo)\n"},
            ["<compiler(c)>", "<compiler(cxx)>", "<stdlib(c)>", "cmake", "ninja"],
        ),
        (
            {"pyproject.toml": pyproject("meson-python", "mesonpy"), "meson.build": "project('demo', 'c', 'cython')\n"},
            ["meson-python", "<compiler(c)>", "<stdlib(c)>", "meson", "ninja", "pkg-config"],
        ),
        (
            {"pyproject.toml": pyproject('setuptools", "setuptools-rust', "setuptools.build_meta"), "Cargo.toml": "[package]\n"},
            ["setuptools-rust", "<compiler(c)>", "<compiler(rust)>", "<stdlib(c)>", "cargo-bundle-licenses"],
        ),
        (
            {
                "pyproject.toml": pyproject("poetry-core", "poetry.core.masonry.api", "[tool.poetry.build]\nscript = 'build.py'\n"),
                "build.py": "from setuptools import Extension\n",
            },
            ["<compiler(c)>", "<stdlib(c)>"],
        ),
        (
            {
                "pyproject.toml": pyproject("hatchling", "hatchling.build", "[tool.hatch.build.hooks.custom]\n"),
                "hatch_build.py": "build_data['pure_python'] = False\n",
            },
            ["<compiler(c)>", "<stdlib(c)>"],
        ),
        (
            {"pyproject.toml": pyproject("setuptools", "setuptools.build_meta", "[[tool.setuptools.ext-modules]]\nname = 'x'\nsources = ['x.c']\n")},
            ["<compiler(c)>", "<stdlib(c)>"],
        ),
        (
            {"pyproject.toml": pyproject('setuptools", "pybind11', "setuptools.build_meta"), "src/x.cpp": None},
            ["pybind11", "<compiler(cxx)>", "<stdlib(c)>"],
        ),
    ],
    ids=["setuptools", "cmake language", "cmake default", "meson", "setuptools-rust", "poetry", "hatch", "ext-modules", "pybind11"],
)  # fmt: skip
def test_native_projects_get_compilers_and_stdlib(texts: dict[str, str | None], build: list[str]) -> None:
    conversion = convert_texts({**texts, **MODULE})
    assert conversion.recipe.outputs[0].noarch is None
    assert specs_of(conversion, "build") == ["python", "<cross-python>", *build]


def test_language_that_cmake_enables_as_an_option_is_no_compiler() -> None:
    cmake = (
        "project(demo LANGUAGES C)\nif(USE_CUDA)\n  enable_language(CUDA)\nendif()\nenable_language(CXX)\n"
    )
    texts = {
        "pyproject.toml": pyproject("scikit-build-core", "scikit_build_core.build"),
        "CMakeLists.txt": cmake,
    }
    build = specs_of(convert_texts({**texts, **MODULE}), "build")
    assert "<compiler(cxx)>" in build
    assert "<compiler(cuda)>" not in build


@pytest.mark.parametrize(
    "texts",
    [
        {"setup.py": SETUP.format("packages=['demo']")},
        {"setup.py": SETUP.format("packages=['demo']") + "# ext_modules=[Extension('x', ['x.c'])]\n"},
        {"pyproject.toml": pyproject('setuptools", "cython', "setuptools.build_meta")},
        {"pyproject.toml": PYPROJECT, "tests/data/x.c": None},
        {"pyproject.toml": PYPROJECT, "Cargo.toml": "[package]\n"},
    ],
    ids=["no extension", "commented out", "cython without sources", "sources of tests", "an unused manifest"],
)
def test_pure_projects_are_noarch(texts: dict[str, str | None]) -> None:
    conversion = convert_texts({**texts, **MODULE})
    assert conversion.recipe.outputs[0].noarch == "python"
    assert specs_of(conversion, "build") == []


def test_declared_extension_with_pure_wheels_only_is_noarch_with_a_finding() -> None:
    conversion = convert_texts({"setup.py": SETUP.format(EXTENSION), **MODULE}, index=wheels(PURE_WHEEL))
    assert conversion.recipe.outputs[0].noarch == "python"
    assert "optional-extension" in slugs_of(conversion)


@pytest.mark.parametrize(
    ("texts", "build"),
    [
        (
            {"pyproject.toml": pyproject("meson-python", "mesonpy"), "meson.build": "project('demo', 'c')\n"},
            ["<compiler(c)>", "<stdlib(c)>", "meson", "ninja", "pkg-config"],
        ),
        (
            {
                "pyproject.toml": pyproject("scikit-build-core", "scikit_build_core.build"),
                "CMakeLists.txt": "project(demo LANGUAGES CXX)\n",
            },
            ["<compiler(cxx)>", "<stdlib(c)>", "cmake", "ninja"],
        ),
    ],
    ids=["meson", "cmake"],
)
def test_native_backend_with_pure_wheels_only_is_noarch_and_keeps_its_programs(
    texts: dict[str, str | None], build: list[str]
) -> None:
    conversion = convert_texts({**texts, **MODULE}, index=wheels(PURE_WHEEL))
    assert conversion.recipe.outputs[0].noarch == "python"
    assert specs_of(conversion, "build") == build
    assert "optional-extension" in slugs_of(conversion)


def test_declared_extension_with_both_kinds_of_wheels_is_built_with_a_finding() -> None:
    index = wheels(PURE_WHEEL, LINUX_WHEEL)
    conversion = convert_texts({"setup.py": SETUP.format(EXTENSION), **MODULE}, index=index)
    assert conversion.recipe.outputs[0].noarch is None
    assert "extension-built" in slugs_of(conversion)


def test_platform_wheels_alone_say_that_the_project_is_native() -> None:
    conversion = convert_texts({"pyproject.toml": PYPROJECT, **MODULE}, index=wheels(LINUX_WHEEL))
    assert conversion.recipe.outputs[0].noarch is None


@pytest.mark.parametrize(
    ("path", "size", "expected"),
    [
        ("pyproject.toml", 10, True),
        ("sub/pyproject.toml", 10, False),
        ("pyproject.toml", 50_000_000, False),
        ("LICENSE", 10, True),
        ("LICENSES/MIT.txt", 10, True),
        ("licenses/thing.json", 10, False),
        ("src/demo/license.py", 10, False),
        ("src/demo/_version.py", 10, True),
        ("src/demo/__init__.py", 10, True),
        ("src/demo/core.py", 10, False),
        ("demo.egg-info/requires.txt", 10, True),
        ("requirements/base.txt", 10, True),
        ("src/x.c", 10, False),
        ("VERSION", 10, True),
        ("src/demo/VERSION", 10, True),
        ("settings.ini", 10, True),
        ("a/b/c/d/e/LICENSE", 10, False),
    ],
)
def test_which_texts_are_kept(path: str, size: int, expected: bool) -> None:  # noqa: FBT001
    assert is_wanted_text(path, size) is expected


def test_scanners_say_where() -> None:
    (keyword,) = scan("setup.py", "setup(ext_modules=modules)")
    assert (keyword.kind, keyword.token) == ("extension", "ext_modules")
    assert scan("docs/readme.txt", "Extension(") == ()
    found = scan("CMakeLists.txt", "# project(x)\nproject(demo VERSION 1.0 LANGUAGES Fortran)\n")
    assert [(one.kind, one.token, one.line) for one in found] == [
        ("cmake-project", "project", 2),
        ("language", "fortran", 2),
    ]
    found = scan("CMakeLists.txt", "project(demo NONE)\nenable_language(CUDA)\n")
    assert [one.token for one in found if one.kind == "language"] == ["cuda"]
    assert [
        s.token for s in scan("meson.build", "project('x', 'cpp', version: '1')\nadd_languages('rust')\n")
    ] == ["cxx", "rust"]


def test_native_sources_that_nothing_builds_are_a_finding_unless_wheels_settle_it() -> None:
    texts: dict[str, str | None] = {"setup.py": SETUP.format("packages=['demo']"), "core/x.c": None, **MODULE}
    assert "native-sources-unbuilt" in slugs_of(convert_texts(texts))
    assert "native-sources-unbuilt" not in slugs_of(convert_texts(texts, index=wheels(PURE_WHEEL)))

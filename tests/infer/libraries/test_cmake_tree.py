"""What CMake files say together: options that are off, folders that nothing adds."""

from dataclasses import replace

import pytest

from conda_bridge.infer.external import External
from conda_bridge.infer.libraries import infer_libraries
from conda_bridge.infer.libraries.cmake_tree import CMakeTree
from conda_bridge.infer.libraries.places import Places
from conda_bridge.infer.libraries.sightings import look_around
from conda_bridge.infer.native import Native
from conda_bridge.model.recipe import spec_key
from conda_bridge.translate.libraries import library_table
from support.converting import PYPROJECT, context_of
from support.trees import facts_of_texts

PROJECT = PYPROJECT.replace("hatchling>=1.27", "scikit-build-core").replace(
    "hatchling.build", "scikit_build_core.build"
)
TOP = "cmake_minimum_required(VERSION 3.20)\nproject(demo C)\nadd_library(demo MODULE a.c)\n"
ASKED = "find_package(ZLIB REQUIRED)\n"
SOURCE = "#include <zlib.h>\n"


def tree_of(**files: str) -> CMakeTree:
    texts = {"pyproject.toml": PROJECT, **{path.replace("__", "/"): text for path, text in files.items()}}
    return CMakeTree(context_of(facts_of_texts(texts, label="demo-1.2.3")))


def host_of(files: dict[str, str]) -> list[str]:
    facts = facts_of_texts(
        {"pyproject.toml": PROJECT, "a.c": SOURCE, "b.c": SOURCE, **files}, label="demo-1.2.3"
    )
    ctx = replace(context_of(facts), libraries=library_table())
    found = infer_libraries(ctx, Native(is_native=True, compilers=("c",)), External()).value
    return [spec_key(one.spec) for one in found.contributions if one.section == "host"]


@pytest.mark.parametrize(
    ("top", "atom", "is_off"),
    [
        ('option(USE_Z "z" OFF)', "USE_Z", True),
        ('option(USE_Z "z" ON)', "USE_Z", False),
        ('option(USE_Z "z" ON)', "!USE_Z", True),
        ('option(USE_Z "z" OFF)', "!USE_Z", False),
        ("", "USE_Z", True),
        ("", "!USE_Z", False),
        ("", "FANCY", False),
        ("set(USE_Z ON)", "USE_Z", False),
        ("set(USE_Z ${FOO} CACHE BOOL x)", "USE_Z", False),
        ('option(USE_Z "z" OFF)\nif(USE_Y)\nset(USE_Z ON)\nendif()', "USE_Z", True),
        ('option(USE_Z "z" OFF)\nif(FANCY)\nset(USE_Z ON)\nendif()', "USE_Z", False),
        ('option(USE_Y "y" ON)\ncmake_dependent_option(USE_Z "z" ON "USE_Y" OFF)', "USE_Z", False),
        ('option(USE_Y "y" OFF)\ncmake_dependent_option(USE_Z "z" ON "USE_Y" OFF)', "USE_Z", True),
        ('set(PROVIDER "module" CACHE STRING "x")', "PROVIDER=package", True),
        ('set(PROVIDER "module" CACHE STRING "x")', "!PROVIDER=module", True),
        ('set(PROVIDER "module" CACHE STRING "x")', "PROVIDER=module", False),
        ("", "PROVIDER=package", False),
        ("", "CMAKE_BUILD_TYPE=Profiling", True),
        ("", "CMAKE_BUILD_TYPE=Release", False),
        ('option(BUILD_PYTHON_MODULE "x" OFF)', "BUILD_PYTHON_MODULE", False),
        ("", "!", True),
    ],
)
def test_option_is_off_where_nothing_sets_it(top: str, atom: str, *, is_off: bool) -> None:
    assert tree_of(**{"CMakeLists.txt": TOP + top}).is_off((atom,)) is is_off


@pytest.mark.parametrize(
    ("define", "is_off"),
    [('USE_Z = "ON"', False), ("USE_Z = true", False), ('USE_Z = "OFF"', True), ('USE_Y = "ON"', True)],
)
def test_option_that_the_project_sets_is_as_it_says(define: str, *, is_off: bool) -> None:
    files = {
        "pyproject.toml": f"{PROJECT}\n[tool.scikit-build.cmake.define]\n{define}\n",
        "CMakeLists.txt": f'{TOP}option(USE_Z "z" OFF)\n',
    }
    assert tree_of(**files).is_off(("USE_Z",)) is is_off


def test_library_of_an_option_that_is_off_is_told() -> None:
    off = f'{TOP}option(USE_Z "z" OFF)\nif(USE_Z)\n{ASKED}endif()\n'
    assert host_of({"CMakeLists.txt": TOP + ASKED}) == ["zlib"]
    assert host_of({"CMakeLists.txt": off}) == []
    assert host_of({"CMakeLists.txt": off.replace("OFF", "ON")}) == ["zlib"]


def test_option_of_another_file_decides_too() -> None:
    files = {"CMakeLists.txt": f'{TOP}option(USE_Z "z" OFF)\nadd_subdirectory(src)\n'}
    assert host_of({**files, "src/CMakeLists.txt": f"if(X)\nelseif(USE_Z)\n{ASKED}endif()\n"}) == []


def test_folder_that_an_option_adds_is_left_out() -> None:
    files = {
        "a.c": "",
        "b.c": "",
        "CMakeLists.txt": f'{TOP}option(USE_Z "z" OFF)\nif(USE_Z)\nadd_subdirectory(deep)\nendif()\n',
        "deep/CMakeLists.txt": "add_subdirectory(er)\n",
        "deep/er/CMakeLists.txt": ASKED,
        "deep/er/a.c": SOURCE,
        "deep/er/b.c": SOURCE,
    }
    assert host_of(files) == []
    assert host_of({**files, "CMakeLists.txt": f"{TOP}add_subdirectory(deep)\n"}) == ["zlib"]


@pytest.mark.parametrize(
    ("top", "setup", "strangers"),
    [
        (TOP, "", ("tool/",)),
        (f"{TOP}add_subdirectory(tool)\n", "", ()),
        (f"{TOP}foreach(x a b)\nadd_subdirectory(${{x}})\nendforeach()\n", "", ()),
        (TOP, "run('cmake', 'tool')", ()),
    ],
    ids=["alone", "added", "perhaps added", "named by setup.py"],
)
def test_project_that_nothing_adds_is_a_stranger(top: str, setup: str, strangers: tuple[str, ...]) -> None:
    files = {"CMakeLists.txt": top, "tool/CMakeLists.txt": "project(tool)\n", "setup.py": setup}
    assert tree_of(**files).strangers == strangers


def test_sources_of_a_stranger_say_nothing() -> None:
    facts = facts_of_texts(
        {
            "pyproject.toml": PROJECT,
            "CMakeLists.txt": TOP,
            "tool/CMakeLists.txt": "project(tool)\n",
            "tool/a.c": SOURCE,
        },
        label="demo-1.2.3",
    )
    ctx = replace(context_of(facts), libraries=library_table())
    assert look_around(ctx, Places(ctx)).found == ()

"""What CMake files say of native code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.infer.scan.cmake import scan_cmake
from conda_bridge.infer.scan.found import MAX_SIGNALS
from support.cost import SECONDS, least_cpu_s


def tokens(text: str, kind: str) -> list[str]:
    return [signal.token for signal in scan_cmake("CMakeLists.txt", text) if signal.kind == kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("project(demo)", ["c", "cxx"]),
        ("project(demo C)", ["c"]),
        ("PROJECT (demo VERSION 1.0 LANGUAGES Fortran)", ["fortran"]),
        ("project(demo VERSION 1.0)", ["c", "cxx"]),
        ("project(\n  demo # C here\n  LANGUAGES CXX CUDA)", ["cxx", "cuda"]),
        ("project(demo NONE)", []),
        ("# project(demo C)", []),
        ("#[[ project(demo C) ]]", []),
        ("#[==[ project(demo C) ]] ]==] project(demo CXX)", ["cxx"]),
        ("project(demo NONE)\nenable_language(Fortran)", ["fortran"]),
        ("project(demo C)\nif(USE_CUDA)\n  enable_language(CUDA)\nendif()", ["c"]),
        ("project(demo C)\nif(APPLE)\n  enable_language(OBJC)\nendif()", ["c", "objc"]),
        ('message("project(demo C)")', []),
        ("project(demo C)\npybind11_add_module(_x x.cpp)", ["c", "cxx"]),
        ("project(demo C)\nfind_package(pybind11 CONFIG REQUIRED)", ["c", "cxx"]),
    ],
)  # fmt: skip
def test_languages(text: str, expected: list[str]) -> None:
    assert tokens(text, "language") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("find_package(ZLIB REQUIRED)", ["ZLIB"]),
        ("find_package(ZLIB)", ["ZLIB ?"]),
        ("find_package(Boost 1.70 REQUIRED COMPONENTS system)", ["Boost"]),
        ('option(WITH_Z "z" OFF)\nif(WITH_Z)\nfind_package(ZLIB REQUIRED)\nendif()', ["ZLIB ? ~WITH_Z"]),
        ('option(WITH_Z "z" ON)\nif(WITH_Z)\nfind_package(ZLIB REQUIRED)\nendif()', ["ZLIB ~WITH_Z"]),
        ('option(WITH_Z "z" ON)\nif(NOT WITH_Z)\nfind_package(ZLIB REQUIRED)\nendif()', ["ZLIB ? ~!WITH_Z"]),
        (
            'if(Z STREQUAL "own")\nelseif(Z STREQUAL "system")\nfind_package(ZLIB REQUIRED)\nendif()',
            ["ZLIB ~!Z=own,Z=system"],
        ),
        ("if(ZLIB_FOUND AND A)\nfind_package(PNG REQUIRED)\nendif()", ["PNG ? ~A"]),
        ("if(A OR B)\nfind_package(PNG REQUIRED)\nendif()", ["PNG ?"]),
        ("if(0)\nfind_package(PNG REQUIRED)\nendif()", ["PNG ? ~!"]),
        (
            "if(A)\nfind_package(PNG REQUIRED)\nendif()\nfind_package(PNG REQUIRED)",
            ["PNG"],
        ),
        ("if(WIN32)\nfind_package(ZLIB REQUIRED)\nelse()\nfind_package(PNG REQUIRED)\nendif()", ["ZLIB @win", "PNG @unix"]),
        ("if(UNIX AND NOT APPLE)\nfind_package(DBus1 REQUIRED)\nendif()", ["DBus1 @linux"]),
        ('if(CMAKE_SYSTEM_NAME STREQUAL "Darwin")\nfind_package(A REQUIRED)\nelseif(MSVC)\nfind_package(B REQUIRED)\nelse()\nfind_package(C REQUIRED)\nendif()', ["A @osx", "B @win", "C @linux"]),
        ('if(${CMAKE_SYSTEM_NAME} MATCHES "Linux")\nfind_package(A REQUIRED)\nendif()', ["A @linux"]),
        ("if(NOT TARGET z)\nfind_package(ZLIB REQUIRED)\nendif()", ["ZLIB"]),
        ("set(DEPS ZLIB PNG)\nfind_package(${DEPS} REQUIRED)", ["ZLIB", "PNG"]),
        ("find_package(${UNKNOWN} REQUIRED)", []),
        ('find_package(ZLIB)\nif(NOT ZLIB_FOUND)\nmessage(FATAL_ERROR "no")\nendif()', ["ZLIB"]),
        ('find_package(ZLIB)\nif(NOT PNG_FOUND)\nelse()\nmessage(FATAL_ERROR "no")\nendif()', ["ZLIB ?"]),
        ("set(DEPS ZLIB PARENT_SCOPE)\nfind_package(${DEPS} REQUIRED)", ["ZLIB"]),
        ("find_package(Threads REQUIRED)\nfind_package(Python3 REQUIRED)", []),
        ("find_dependency(ZLIB REQUIRED)", ["ZLIB"]),
    ],
)  # fmt: skip
def test_packages_and_when_they_are_needed(text: str, expected: list[str]) -> None:
    assert tokens(text, "cmake-package") == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("pkg_check_modules(Z REQUIRED IMPORTED_TARGET zlib libpng>=1.6 x)", "pkg-config", ["zlib", "libpng", "x"]),
        ("pkg_search_module(Z zlib)", "pkg-config", ["zlib ?"]),
        ("pkg_check_modules(Z REQUIRED zlib)", "tool", ["pkg-config"]),
        ("find_library(Z NAMES z zlib HINTS /usr/lib)", "library", ["z ?", "zlib ?"]),
        ("find_library(Z z /usr/lib REQUIRED)", "library", ["z"]),
        ("find_path(Z NAMES zlib.h PATHS /usr)", "header-string", ["zlib.h ?"]),
        ('check_library_exists(z deflate "" HAVE_Z)', "library", ["z ?"]),
        ("check_include_file(zlib.h HAVE_Z)", "header-string", ["zlib.h ?"]),
        ("add_library(own a.c)\ntarget_link_libraries(x PRIVATE own z ZLIB::ZLIB ${M} -lpng /a/b.a)", "library", ["z", "png"]),
        ("find_program(SWIG NAMES swig4.0 swig)", "tool", ["swig ?"]),
        ("find_program(PG pg_config REQUIRED)", "config-tool", ["pg_config"]),
        ("execute_process(COMMAND git describe)", "tool", ["git"]),
        ("execute_process(COMMAND gdal-config --libs)", "config-tool", ["gdal-config"]),
        ("find_package(SWIG REQUIRED)", "tool", ["swig"]),
        ("swig_add_library(x LANGUAGE python)", "tool", ["swig"]),
        ("find_package(Python COMPONENTS Interpreter Development.Module NumPy REQUIRED)", "numpy-headers", ["numpy"]),
        ("find_package(OpenMP)", "openmp", ["openmp ?"]),
        ("include(UseF2Py)", "f2py", ["f2py"]),
        ("f2py_add_module(x x.f)", "f2py", ["f2py"]),
        ("find_package(F2PY REQUIRED)", "f2py", ["f2py"]),
        ("find_package(NumPy REQUIRED)", "numpy-headers", ["numpy"]),
        ("include(UseSWIG)", "tool", ["swig"]),
        ("include(UseCython)", "language", ["cython"]),
        ("project(x C ASM_NASM)", "tool", ["nasm"]),
        ("enable_language(ASM_NASM)", "tool", ["nasm"]),
        ("find_package(Python REQUIRED Development.SABIModule)", "abi3", [""]),
        ("execute_process(COMMAND pkg-config --libs zlib)", "pkg-config", ["zlib"]),
        ("FetchContent_Declare(json URL https://x.example/json.tgz)", "fetch", ["json"]),
        ('CPMAddPackage("gh:fmtlib/fmt#10.0.0")', "fetch", ["fmt"]),
        ("CPMAddPackage(NAME fmt VERSION 1)", "fetch", ["fmt"]),
        ("if(NOT Z_FOUND)\nExternalProject_Add(zlib URL x)\nendif()", "fetch", ["zlib"]),
        ("add_subdirectory(third_party/zlib)\nadd_subdirectory(src)", "vendored-build", ["third_party/zlib"]),
        ("add_subdirectory(${CMAKE_CURRENT_SOURCE_DIR}/extern/z)", "vendored-build", ["extern/z"]),
        ("nanobind_add_module(_x STABLE_ABI x.cpp)", "abi3", ["3.12"]),
        ("python_add_library(_x MODULE USE_SABI 3.11 WITH_SOABI x.c)", "abi3", ["3.11"]),
        ("target_compile_definitions(x PRIVATE Py_LIMITED_API=0x03090000)", "abi3", ["3.9"]),
        ("add_definitions(-DPy_LIMITED_API=0x030B0000)", "abi3", ["3.11"]),
        ("find_package(Python REQUIRED Development.Module OPTIONAL_COMPONENTS Development.SABIModule)", "abi3", []),
        ("pybind11_add_module(_x x.cpp)", "extension", ["pybind11_add_module"]),
        ("pybind11_add_module(_x x.cpp)", "build-target", ["_x"]),
    ],
)  # fmt: skip
def test_other_commands(text: str, kind: str, expected: list[str]) -> None:
    assert tokens(text, kind) == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ('option(USE_SYSTEM_ZLIB "doc" OFF)', "switch", ["cmake:USE_SYSTEM_ZLIB"]),
        ('option(USE_SYSTEM_ZLIB "doc" ON)', "switch-default", ["cmake:USE_SYSTEM_ZLIB"]),
        ('option(DEMO_BUNDLED_ZLIB "doc" ON)', "switch", ["cmake:DEMO_BUNDLED_ZLIB=OFF"]),
        ('option(ZLIB_VENDORED "doc")', "switch-default", ["cmake:ZLIB_VENDORED=OFF"]),
        ('cmake_dependent_option(SYSTEM_ZLIB "doc" OFF "A" OFF)', "switch", ["cmake:SYSTEM_ZLIB"]),
        ('set(USE_EXTERNAL_Z OFF CACHE BOOL "doc")', "switch", ["cmake:USE_EXTERNAL_Z"]),
        ("if(DEMO_USE_SYSTEM_ZLIB)\nendif()", "switch", ["cmake:DEMO_USE_SYSTEM_ZLIB"]),
        ("if(CMAKE_SYSTEM_NAME STREQUAL Linux)\nendif()", "switch", []),
        ('option(BUILD_TESTS "doc" ON)', "switch", []),
    ],
)  # fmt: skip
def test_switches_and_their_defaults(text: str, kind: str, expected: list[str]) -> None:
    assert tokens(text, kind) == expected


def test_modules_that_find_packages_ask_for_none() -> None:
    assert scan_cmake("cmake/FindZLIB.cmake", "find_library(Z z REQUIRED)") == ()
    assert scan_cmake("cmake/demoConfig.cmake", "find_package(ZLIB REQUIRED)") == ()
    assert scan_cmake("cmake/deps.cmake", "find_package(ZLIB REQUIRED)") != ()


def test_lines_are_those_of_the_commands() -> None:
    text = '# a\n\nset(x "a\nb")\nfind_package(\n  ZLIB\n)\n'
    assert [(s.token, s.line) for s in scan_cmake("CMakeLists.txt", text)] == [("ZLIB ?", 5)]


HOSTILE = {
    "open quotes": '"\\' * 100_000,
    "one quote": 'set(x "' + "a" * 400_000,
    "brackets": "[" * 300_000,
    "bracket arguments": "#[[" * 100_000,
    "deep ifs": "if(A)\n" * 8_000,
    "endifs": "endif()\nelse()\n" * 6_000,
    "parentheses": "f(" * 30_000,
    "one word": "a" * 500_000,
    "words with quotes": 'a"' * 40_000,
    "negations": "if(" + "NOT " * 20_000 + "A)\n",
    "variables": "list(APPEND X a)\n" * 2_000 + "target_link_libraries(t ${X})\n" * 2_000,
    "growing": "".join(f"set(X {' '.join(f'a{i}-{j}' for j in range(60))})\n" for i in range(200))
    + f"find_package({'${X} ' * 50})\ntarget_link_libraries(x {'${X} ' * 3_000})\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_cost_little(text: str) -> None:
    found = scan_cmake("CMakeLists.txt", text)

    assert len(found) <= MAX_SIGNALS
    assert least_cpu_s(lambda: scan_cmake("CMakeLists.txt", text), enough_s=SECONDS) < SECONDS


WORDS = st.sampled_from([
    "project", "find_package", "if", "else()", "endif()", "(", ")", "ZLIB", "REQUIRED", '"', "\n", " ", "${X}", "[[", "]]", "#", "set",
    "WIN32", "NOT", "AND", "STREQUAL", "CMAKE_SYSTEM_NAME", "NAMES", "COMMAND", "CACHE", "BOOL", "option", "\\", "NAME",
    "target_link_libraries", "CPMAddPackage", "USE_SABI", "find_library",
])  # fmt: skip


@given(st.lists(WORDS, max_size=40).map("".join))
def test_no_text_raises(text: str) -> None:
    for signal in scan_cmake("CMakeLists.txt", text):
        assert len(signal.token) <= 150
        assert signal.line >= 1

"""Headers that sources of C and its kin include."""

import pytest

from support.trees import signals_of


def headers(text: str, path: str = "src/x.c") -> list[str]:
    return [signal.token for signal in signals_of(path, text) if signal.kind == "include"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#include <zlib.h>\n", ["zlib.h"]),
        ('#include "openssl/ssl.h"\n', ["openssl/ssl.h"]),
        ("  #  include\t<a.h> // why\n", ["a.h"]),
        ("#import <a.h>\n#include_next <b.h>\n", ["a.h", "b.h"]),
        ("#include <a.h>\r\n#include <b/c+d.hpp>\r\n", ["a.h", "b/c+d.hpp"]),
        ("#include <stdio.h>\n#include <vector>\n#include <sys/mman.h>\n#include <Windows.h>\n", []),
        ('#include "Python.h"\n#include <structmember.h>\n#include <immintrin.h>\n', []),
        ("#include <CoreFoundation/CoreFoundation.h>\n#include <mach/mach.h>\n", []),
        ("#include HEADER\n#include\n#include <>\n#include <a b.h>\n", []),
        ('#include "../a.h"\n#include "./b.h"\n#include "/usr/c.h"\n', []),
        ("// #include <a.h>\n * #include <b.h>\nx #include <c.h>\n", []),
        ("#include <a.h>\n#include <a.h>\n", ["a.h"]),
        ("#include <omp.h>\n#include <mpi.h>\n", ["omp.h", "mpi.h"]),
        ("#include <a.h", []),
        ("", []),
    ],
)
def test_headers_as_written_once_each_standard_ones_aside(text: str, expected: list[str]) -> None:
    assert headers(text) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("#ifdef _WIN32", "a.h @win"),
        ("#ifndef _WIN32", "a.h @unix"),
        ("#if defined(_WIN32) || defined(__CYGWIN__)", "a.h @win"),
        ("#if defined _WIN32", "a.h @win"),
        ("#if !defined(_WIN32) && !defined(__APPLE__)", "a.h @linux"),
        ("#if defined(__APPLE__) || defined(__linux__)", "a.h @unix"),
        ("#if defined(_WIN32) && X > 3", "a.h @win"),
        ("#if defined(_WIN32) || X > 3", "a.h"),
        ("#if !(defined(_WIN32) || defined(__linux__))", "a.h @osx"),
        ("#if _MSC_VER >= 1900", "a.h @win"),
        ("#if __APPLE__ /* ours */ || defined(__linux__) // all", "a.h @unix"),
        ("#ifdef __unix__", "a.h @unix"),
        ("#ifndef __linux__", "a.h @!linux"),
        ("#ifndef __APPLE__", "a.h @!osx"),
        ("#ifndef MY_A_H", "a.h"),
        ("#ifdef __cplusplus", "a.h"),
        ("#ifdef HAVE_ZLIB", "a.h ?"),
        ("#if defined(USE_SSL) && defined(__linux__)", "a.h @linux ?"),
        ("#if __has_include(<a.h>)", "a.h ?"),
        ("#ifdef _OPENMP", "a.h ?"),
        ("#if FOO_SUPPORTED == 1", "a.h ?"),
        ("#if 0 == X", "a.h"),
        ("#if X + 1 > Y(3, (4)) && defined(_WIN32)", "a.h @win"),
        ("#if (((", "a.h"),
        ("#if", "a.h"),
        ("#ifdef", "a.h"),
        ("#if defined(_WIN32) && \\\n  defined(X)", "a.h @win"),
        ("#if " + "(" * 5000, "a.h"),
        ("#if " + "!" * 900 + "_WIN32", "a.h"),
    ],
)
def test_conditions_of_the_preprocessor(condition: str, expected: str) -> None:
    assert headers(f"{condition}\n#include <a.h>\n#endif\n") == [expected]


@pytest.mark.parametrize(
    "condition", ["#if 0", "#ifdef __FreeBSD__", "#if defined(_WIN32) && defined(__APPLE__)", "#if 0 && X", "#ifdef __EMSCRIPTEN__"]
)  # fmt: skip
def test_what_no_platform_compiles_is_passed_over(condition: str) -> None:
    assert headers(f"{condition}\n#include <a.h>\n#endif\n#include <b.h>\n") == ["b.h"]


def test_branches_exclude_what_went_before() -> None:
    text = """\
#if defined(_WIN32)
#include <win.h>
#elif defined(__APPLE__)
#  ifdef X
#    include <x.h>
#  endif
#include <apple.h>
#else
#include <rest.h>
#endif
#include <all.h>
#if 0
#else
#include <else.h>
#endif
#if 1
#else
#include <never.h>
#endif
"""
    assert headers(text) == ["win.h @win", "x.h @osx", "apple.h @osx", "rest.h @linux", "all.h", "else.h"]


def test_a_header_that_two_branches_include_is_there_on_both_platforms() -> None:
    text = "#ifdef _WIN32\n#include <a.h>\n#endif\n#ifdef __APPLE__\n#include <a.h>\n#endif\n"
    assert headers(text) == ["a.h @!linux"]
    assert headers("#ifdef HAVE_A\n#include <a.h>\n#else\n#include <a.h>\n#endif\n") == ["a.h"]


def test_stray_ends_and_open_conditions_do_no_harm() -> None:
    assert headers("#endif\n#else\n#elif X\n#include <a.h>\n#ifdef _WIN32\n") == ["a.h"]


def test_where_a_header_is_included_first() -> None:
    (signal,) = signals_of("src/x.c", "\n/* text */\n#include <a.h>\n\n#include <a.h>\n")
    assert (signal.path, signal.line) == ("src/x.c", 3)


def test_headers_of_numpy_are_told_apart() -> None:
    found = signals_of("x.cpp", "#include <numpy/arrayobject.h>\n#include <numpy/ufuncobject.h>\n")
    assert [(s.kind, s.token) for s in found] == [
        ("numpy-headers", "numpy"),
        ("include", "numpy/arrayobject.h"),
        ("include", "numpy/ufuncobject.h"),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "a.c",
        "a.cc",
        "a.CPP",
        "a.hpp",
        "a.h",
        "a.cu",
        "a.c.in",
        "a.h.in",
        "a.c.src",
        "a.mm",
        "a.i",
        "a.F90",
        "a.tcc",
    ],
)
def test_which_files_are_read(path: str) -> None:
    assert headers("#include <a.h>\n", path) == ["a.h"]


def test_modules_of_macos_are_no_headers_but_others_are() -> None:
    text = "@import Foundation;\n@import SDL2;\n#import <Cocoa/Cocoa.h>\n"
    assert headers(text, "x.m") == ["SDL2/SDL2.h @osx"]

"""Headers and directives of Cython, Fortran and cffi."""

import pytest

from support.trees import signals_of


def found(path: str, text: str) -> list[tuple[str, str, int]]:
    return [(signal.kind, signal.token, signal.line) for signal in signals_of(path, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('cdef extern from "zlib.h":\n    pass\n', [("include", "zlib.h", 1)]),
        ("cdef extern from '<a/b.h>' nogil:\n", [("include", "a/b.h", 1)]),
        ('\n  cdef extern from "a.h" namespace "a::b":\n', [("include", "a.h", 2)]),
        ('cdef public extern from "a.h":\n', [("include", "a.h", 1)]),
        ('cdef extern from "stdio.h":\ncdef extern from *:\n', []),
        ('# cdef extern from "a.h":\n', []),
        ("cimport numpy as np\n", [("numpy-headers", "numpy", 1)]),
        ("from numpy cimport ndarray\n", [("numpy-headers", "numpy", 1)]),
        ("from numpy.random cimport bitgen_t\n", [("numpy-headers", "numpy", 1)]),
        ("import numpy\n", []),
        ("from numpydoc cimport x\n", []),
        ("# distutils: language = c++\n", [("language", "cxx", 1)]),
        ("# distutils: libraries = z ssl\n", [("library", "z", 1), ("library", "ssl", 1)]),
        ("#distutils:libraries=['z', \"ssl\"]\n", [("library", "z", 1), ("library", "ssl", 1)]),
        ("# distutils: sources = a.c sub/b.c\n", [("extension-source", "a.c", 1), ("extension-source", "sub/b.c", 1)]),
        ("# distutils: extra_link_args = -lfoo -O2\n", [("library", "foo", 1)]),
        ("# distutils: include_dirs = /x\n# distutils: libraries = $X\n", []),
        ('cdef extern from *:\n    """\n    #include <a.h>\n    """\n', [("include", "a.h", 3)]),
        ("#include <commented.h>\n", []),
    ],
)  # fmt: skip
def test_cython(text: str, expected: list[tuple[str, str, int]]) -> None:
    assert found("demo/x.pyx", text) == expected


def test_cython_declarations_and_includes_of_c() -> None:
    assert found("x.pxd", 'cdef extern from "a.h":\n')
    assert found("x.pyx.in", 'cdef extern from "a.h":\n')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("      include 'mpif.h'\n", ["mpif.h"]),
        ('  INCLUDE "fftw3.f"\n', ["fftw3.f"]),
        ("use mpi\nuse, intrinsic :: iso_c_binding\n", ["mpi.h"]),
        ("USE HDF5\n", ["hdf5.h"]),
        ("use :: netcdf, only: x\n", ["netcdf.h"]),
        ("use mine\n! include 'x.h'\n", []),
        ("#include <a.h>\n", ["a.h"]),
    ],
)
def test_fortran(text: str, expected: list[str]) -> None:
    assert [token for _, token, _ in found("src/x.f90", text)] == expected


def test_signature_files_are_f2py_s() -> None:
    assert found("x.pyf", "python module x\n") == [("f2py", "f2py", 1)]
    assert found("x.pyf.src", "python module x\n") == [("f2py", "f2py", 1)]


CFFI = '''
from cffi import FFI
libraries = ["ssl", "crypto >= 1"]
ffi = FFI()
SOURCE = """
#include <openssl/ssl.h>
#ifdef _WIN32
#include <other.h>
#endif
"""
ffi.set_source("demo._x", SOURCE, libraries=libraries)
'''


def test_cffi() -> None:
    kinds = {(kind, token) for kind, token, _ in found("demo/build.py", CFFI)}
    assert kinds == {
        ("library", "ssl"),
        ("library", "crypto"),
        ("include", "openssl/ssl.h"),
        ("include", "other.h @win"),
    }
    assert ("include", "openssl/ssl.h", 6) in found("demo/build.py", CFFI)


def test_cffi_with_pkg_config() -> None:
    text = "import cffi\nffi = cffi.FFI()\nffi.set_source_pkgconfig('_x', ['libpng'], 'int x;')\n"
    assert found("demo/pngs.py", text) == [("pkg-config", "libpng", 3)]


@pytest.mark.parametrize(
    "text",
    ["ffi.set_source(", "cffi.set_source = 1 +", "set_source FFI\x00", "cffi; x.set_source(libraries=1)", "cert.verify('#include <a.h>')"],
)  # fmt: skip
def test_what_is_no_cffi(text: str) -> None:
    assert found("demo/x.py", text) == []

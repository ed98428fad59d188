"""The scanners of source text, build files and documents, for fuzzing: what a signal may be, whatever a file holds."""

from pathlib import Path

from conda_bridge.infer.scan import scan
from conda_bridge.infer.scan.tokens import GUARDS, MAX_NAME, Token
from conda_bridge.model.source import Signal
from support.fuzzing import Reader

__all__ = ["HOSTILE", "SCANNER_READERS", "SEEDS", "wrong_signals"]

_C = b"""#ifndef A_H
#if defined(_WIN32) && !X || __has_include(<a.h>)
#include <zlib.h>
#elif HAVE_A == 1
# include "openssl/ssl.h"
#else
#import <b.h>
#endif
#endif
"""
_PYX = b"""# distutils: language = c++
# distutils: libraries = z ssl
cimport numpy as np
cdef extern from "zlib.h" nogil:
    pass
cdef extern from *:
    \"\"\"
    #include <a.h>
    \"\"\"
"""
_CFFI = b"""from cffi import FFI
LIBS = ["ssl"]
ffi = FFI()
ffi.set_source("a._b", '''
#include <openssl/ssl.h>
''', libraries=LIBS)
"""
_SHELL = b"""ZLIB_VERSION=1.3
apt-get -y -o A=1 install \\
    libfoo-dev \\
    # why
    bar && brew install openssl@3 | cat
"""
_YAML = b"""addons:
  apt:
    packages:
    - libfoo-dev
  install: >-
    mingw-w64-x86_64-zlib
script: sudo apt install ${{ x }} `y` $(z)
"""
_SETUP = b"""from setuptools import Extension, setup
import os, sys
libs = ["z"] if sys.platform == "win32" else [os.environ.get("A_DIR", "b")]
setup(ext_modules=[Extension("a._b", ["a/b.c"], libraries=libs)])
"""
_MESON = b"""project('a', 'c', version: '1')
if host_machine.system() == 'windows'
  dep = dependency('zlib', required: false)
endif
py.extension_module('_b', 'b.c', dependencies: [dep])
"""
_CMAKE = b"""project(a LANGUAGES C CXX)
if(WIN32)
  find_package(ZLIB REQUIRED)
endif()
target_link_libraries(a PRIVATE z)
"""
_CARGO = b"""[package]
name = "a"
[dependencies]
openssl-sys = { version = "1", features = ["vendored"] }
[target.'cfg(windows)'.dependencies]
winapi = "0.3"
"""
SEEDS: dict[str, bytes] = {
    "src/a.c": _C, "src/a.hpp.in": _C, "src/a.m": b"@import A;\n" + _C, "a/b.pyx": _PYX, "a/c.f90": b"include 'mpif.h'\nuse, intrinsic :: hdf5\n",
    "a/build_b.py": _CFFI, "ci/a.sh": _SHELL, "Dockerfile": b"RUN " + _SHELL, "README.md": b"Run `brew install a1`, then:\n" + _SHELL,
    ".travis.yml": _YAML, "environment.yml": b"dependencies:\n- hdf5>=1\n", "vcpkg.json": b'{"dependencies": ["zlib", {"name": "b1"}]}',
    "conanfile.txt": b"[requires]\nzlib/1.3\n", "setup.py": _SETUP, "meson.build": _MESON, "CMakeLists.txt": _CMAKE, "Cargo.toml": _CARGO,
    "build.rs": b'println!("cargo:rustc-link-lib=z");\npkg_config::probe_library("a").unwrap();\n',
    "pyproject.toml": b'[tool.cibuildwheel.linux]\nbefore-all = "yum install -y a1-devel"\n',
}  # fmt: skip
HOSTILE: tuple[bytes, ...] = (
    b"#", b"#include <a", b"#if ", b"#if (", b"#if !", b"#if defined(", b"#endif\n", b"#else\n", b"#if 0\n#else\n", b"/*", b'"""', b"'", b"\\\n", b"\\",
    b"extern from ", b"cdef extern from ", b"use ", b"include ", b"distutils: ", b"# distutils: libraries = ", b"cimport ", b"apt -", b"apt install ",
    b"apt install x;", b"apk add ", b"conda install -c ", b"packages:\n", b"- a\n", b"packages: a\n  - b\n", b"A_VERSION=1 ", b"A_VER", b"_VERSION", b"${{ ",
    b"$(", b"\n", b" ", b"\t", b"[", b"(", b"{", b'"a",', b"a/1\n", b"#include <x>\n", b"x = (", b"ffi.set_source(", b"if(", b"if a\n",
)  # fmt: skip
"""Pieces that are repeated until they fill a file."""


def wrong_signals(signals: tuple[Signal, ...], path: str) -> list[Signal]:
    """Return the signals that no scanner may make."""
    return [signal for signal in signals if not _is_good(signal, path)]


def _is_good(signal: Signal, path: str) -> bool:
    token = Token.parse(signal.token)
    is_text = signal.token.isprintable() and len(signal.token) <= 4 * MAX_NAME
    is_marked = not token.guard or token.guard in GUARDS
    return is_text and is_marked and signal.path == path and signal.line >= 0 and bool(signal.kind)


def _reader(path: str, seed: bytes) -> Reader:
    def read(data: bytes, _folder: Path) -> object:
        signals = scan(path, data)
        assert not wrong_signals(signals, path)
        return signals

    return Reader(name=f"scan:{path}", seeds=lambda: (seed,), read=read, tokens=HOSTILE)


SCANNER_READERS: tuple[Reader, ...] = tuple(_reader(path, seed) for path, seed in SEEDS.items())
"""One for each kind of file that is scanned."""

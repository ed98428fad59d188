"""The table that says which scanner looks at which file."""

import subprocess
import sys

import pytest

from conda_bridge.infer.scan import scan

_FILES = {
    "setup.py": ("from setuptools import Extension, setup\nsetup(ext_modules=[Extension('a', ['a.c'])])", "extension-module"),
    "setup.cfg": ("[build_ext]\nlibraries = z\n", "library"),
    "CMakeLists.txt": ("project(a LANGUAGES C)\nfind_package(ZLIB)\n", "cmake-package"),
    "cmake/more.cmake": ("find_package(ZLIB)\n", "cmake-package"),
    "meson.build": ("dependency('zlib')\n", "pkg-config"),
    "meson.options": ("option('blas', type: 'string', value: 'openblas')\n", "option"),
    "Cargo.toml": ("[dependencies]\nlibz-sys = '1'\n", "crate"),
    "Cargo.lock": ('[[package]]\nname = "libz-sys"\nversion = "1.0.0"\n', "crate"),
    "build.rs": ('println!("cargo:rustc-link-lib=z");', "library"),
    "a.c": ("#include <zlib.h>\n", "include"),
    "a.m": ("#import <zlib.h>\n", "include"),
    "a.pyx": ("cimport numpy\n", "numpy-headers"),
    "demo/core.py": ("import ctypes\nctypes.CDLL('libsndfile.so.1')\n", "dlopen"),
    "build_ffi.py": ("from cffi import FFI\nFFI().set_source('a', '#include <zlib.h>')\n", "include"),
    "README.md": ("apt-get install zlib1g-dev\n", "install"),
}  # fmt: skip


@pytest.mark.parametrize("path", _FILES)
def test_every_kind_of_file_has_its_scanner(path: str) -> None:
    text, kind = _FILES[path]

    signals = scan(path, text.encode())

    assert kind in {signal.kind for signal in signals}


def test_scanners_load_with_the_first_file_that_needs_them() -> None:
    program = (
        "import sys\n"
        "from conda_bridge.infer.scan import scan\n"
        "def loaded(): return [name for name in ('cargo', 'cmake', 'meson') if f'conda_bridge.infer.scan.{name}' in sys.modules]\n"
        "scan('pyproject.toml', b'[project]'); print(loaded())\n"
        "scan('meson.build', b''); print(loaded())\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["[]", "['meson']"]

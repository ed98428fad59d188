"""Whole conversions of sources of which a stranger wrote one build file: for fuzzing, and for what costs much."""

from pathlib import Path

from conda_bridge.infer.scan import MAX_METADATA_BYTES, MAX_TEXT_BYTES
from conda_bridge.model.conversion import Conversion
from support.converting import convert_texts
from support.fuzz_metadata import text_of
from support.fuzz_scanners import HOSTILE, SEEDS
from support.fuzzing import Reader

__all__ = ["BUILD_FILES", "BUILD_READERS", "PIECES", "convert_with", "filled", "max_bytes"]

_PROJECT = """\
[build-system]
requires = ["{backend}"]
build-backend = "{module}"

[project]
name = "demo"
{version}
description = "A demonstration"
requires-python = ">=3.9"
license = "MIT"
"""
_HOOKED = """
[tool.hatch.build.hooks.jupyter-builder]
build-function = "hatch_jupyter_builder.npm_builder"
dependencies = ["hatch-jupyter-builder"]
"""
_MATURIN = "\n[tool.maturin]\nmodule-name = 'demo._core'\n"
_DYNAMIC = 'dynamic = ["version"]'
_CFFI = (
    "from setuptools import setup\nsetup(name='demo', version='1', cffi_modules=['src/build_demo.py:ffi'])\n"
)


def _pyproject(backend: str, module: str, version: str = 'version = "1.2.3"') -> str:
    return _PROJECT.format(backend=backend, module=module, version=version)


_SETUPTOOLS = _pyproject("setuptools", "setuptools.build_meta")
_CMAKE = _pyproject("scikit-build-core", "scikit_build_core.build")
_MESON = _pyproject("meson-python", "mesonpy", _DYNAMIC)
_RUST = _pyproject("maturin", "maturin", _DYNAMIC) + _MATURIN
_HATCH = _pyproject("hatchling", "hatchling.build") + _HOOKED
BUILD_FILES: dict[str, dict[str, str]] = {
    "setup.py": {"pyproject.toml": _SETUPTOOLS},
    "setup.cfg": {"pyproject.toml": _SETUPTOOLS, "setup.py": "from setuptools import setup\nsetup()\n"},
    "pyproject.toml": {"Cargo.toml": SEEDS["Cargo.toml"].decode()},
    "CMakeLists.txt": {"pyproject.toml": _CMAKE},
    "meson.build": {"pyproject.toml": _MESON},
    "meson_options.txt": {"pyproject.toml": _MESON, "meson.build": SEEDS["meson.build"].decode()},
    "Cargo.toml": {"pyproject.toml": _RUST},
    "package.json": {"pyproject.toml": _HATCH},
    "src/build_demo.py": {"pyproject.toml": _SETUPTOOLS, "setup.py": _CFFI},
    "demo/__init__.py": {"pyproject.toml": _SETUPTOOLS},
    "README.md": {"pyproject.toml": _SETUPTOOLS},
    ".reuse/dep5": {"pyproject.toml": _SETUPTOOLS.replace('license = "MIT"\n', "")},
}
"""Each with the files around it that make inference read it."""
_SEEDS: dict[str, bytes] = {
    **SEEDS,
    "setup.py": SEEDS["setup.py"]
    + b"x = os.environ.get('DEMO_ABI3', '0')\ndefine_macros = [('Py_LIMITED_API', '0x03090000')]\n",
    "setup.cfg": b"[metadata]\nname = demo\nversion = 1\n[build_ext]\nlibraries = z\n[bdist_wheel]\npy_limited_api = cp39\n",
    "pyproject.toml": _pyproject("maturin", "maturin").encode(),
    "meson_options.txt": b"option('system-zlib', type: 'boolean', value: false)\n",
    "package.json": b'{"scripts": {"build": "cargo build"}, "packageManager": "yarn@4"}',
    "src/build_demo.py": SEEDS["a/build_b.py"],
    "demo/__init__.py": b'__version__ = "1.0"\nimport ctypes\nctypes.CDLL("libz.so")\n',
    ".reuse/dep5": b"Files: *\nCopyright: x\nLicense: MIT\n",
}
PIECES: tuple[tuple[bytes, bytes, bytes], ...] = (
    *((b"", piece, b"") for piece in HOSTILE),
    (b"install(TARGETS", b" ", b"("), (b"install(TARGETS a\n", b"\n", b"("), (b"", b"install(TARGETS ", b""), (b"", b"install(TARGETS a DESTINATION .)\n", b""),
    (b"", b"python_add_library(a )\n", b""), (b"set(x ", b"y", b"!"), (b"set(", b" ", b"!"), (b"", b"set(A ${A}${A})\n", b""), (b"add_library(", b"x", b""),
    (b"install(TARGETS a DESTINATION ${A})\nset(A ", b"${A}", b")\n"), (b"python_add_library(a )\ninstall(TARGETS ", b"b ", b"a DESTINATION .)\n"),
    (b"project", b"\n", b"!"), (b"project(", b"\n", b"!"), (b"", b"\nproject ", b""), (b"extension_module('a'", b"() ", b""), (b"", b"extension_module('a' ( ) ", b""),
    (b"", b"extension_module('a', b())\n", b""), (b"os.environ['", b"ABI3", b" "), (b"", b"environ['ABI3", b""), (b"getenv('A'", b" ", b"!"), (b"", b"Py_LIMITED_API\n", b""),
    (b"[x]\n", b"a.", b"b = 1\n"), (b"[[x]]\n", b"'a' . ", b"b = 1\n"), (b"x = {", b'"a".', b"b=1}\n"), (b"[", b"a.", b"b]\n"), (b"x = ", b"[", b""), (b"x = ", b"{a=", b""),
    (b"", b"[[a]]\n", b""), (b"[tool.cibuildwheel]\nenvironment = '", b"ABI3", b"'\n"), (b"[tool.cibuildwheel]\nenvironment = '", b"A=1 ", b"'\n"),
    (b"[build_ext]\nlibraries = ", b"a ", b""), (b"RustExtension(", b"RustExtension(", b""), (b"RustExtension(", b"'Cargo.toml", b")"), (b"cffi_modules=[", b"'a.py:b', ", b""),
    (b"cffi_modules=", b" ", b"!"), (b"ffi.set_source_pkgconfig", b" ", b"!"), (b'{"scripts": {"build": "', b"cargo ", b'"}}'), (b'{"scripts": ', b"[", b""),
    (b"__version__ = '", b"' ", b""), (b"", b"Files: *\n", b""), (b"Files: *", b"\n", b"!"), (b"Files:", b" ", b"!"),
    (b"[features]\ndefault = [", b"'a/b', ", b"]\n"), (b"[dependencies.x]\n", b"y = 1\n", b""), (b"", b"option('system-a', value: '", b""), (b"", b"target_link_libraries(a b)\n", b""), (b"", b"find_package(A)\n", b""), (b"if(A)\n", b"set(B ON)\n", b""),
)  # fmt: skip
"""A beginning, what is repeated behind it until a file is full, and an ending."""


def max_bytes(path: str) -> int:
    """Return how large a file may be that inference reads."""
    return MAX_METADATA_BYTES if path in {"setup.py", "setup.cfg", "pyproject.toml"} else MAX_TEXT_BYTES


def filled(path: str, beginning: bytes, piece: bytes, ending: bytes, *, size: int) -> bytes:
    """Return a build file of a size, that begins well."""
    start = _SEEDS[path] + b"\n" + beginning
    return start + piece * ((size - len(start) - len(ending)) // len(piece)) + ending


def convert_with(path: str, data: bytes) -> Conversion:
    """Convert a source that has a build file of these bytes.

    Raises:
        BridgeError: the source is refused.
    """
    return convert_texts({**BUILD_FILES[path], "LICENSE": "MIT License\n", path: text_of(data)})


def _reader(path: str) -> Reader:
    def read(data: bytes, _folder: Path) -> object:
        return convert_with(path, data)

    return Reader(
        name=f"convert:{path}",
        seeds=lambda: (_SEEDS[path],),
        read=read,
        tokens=tuple({piece for parts in PIECES for piece in parts if piece}),
    )


BUILD_READERS: tuple[Reader, ...] = tuple(_reader(path) for path in BUILD_FILES)
"""One for each build file."""

"""An index that needs no network: pip and setuptools of the interpreter's ensurepip, and sdists that a test writes.

Without `wheel` this setuptools makes no wheels, so the projects have a backend of their own.
"""

import ensurepip
import os
import zipfile
from pathlib import Path

from support.archives import write_tar_gz
from support.index_server import IndexServer

__all__ = ["EXTENSION", "add_bundled_wheels", "add_project", "build_environment"]

PURE = """\
import glob, zipfile

def get_requires_for_build_wheel(config_settings=None):
    return []

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None, tag="py3-none-any"):
    metadata = open("PKG-INFO").read()
    name = metadata.split("Name: ")[1].split()[0]
    info = name + "-1.0.dist-info/"
    wheel = name + "-1.0-" + tag + ".whl"
    root = "true" if tag.endswith("any") else "false"
    with zipfile.ZipFile(wheel_directory + "/" + wheel, "w", strict_timestamps=False) as archive:
        for path in glob.glob("src/*/*.py") + glob.glob("src/*/*.so"):
            archive.write(path, path[len("src/"):])
        archive.writestr(info + "METADATA", metadata)
        archive.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: " + root + "\\nTag: " + tag + "\\n")
        archive.writestr(info + "RECORD", "")
    return wheel
"""
COMPILED = (
    PURE.replace("def build_wheel(", "def pack(")
    + """
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    import sys, sysconfig
    from setuptools import Distribution, Extension
    sources = glob.glob("src/*/_native.c")
    module = sources[0].split("/")[1]
    made = Distribution({"ext_modules": [Extension(module + "._native", sources)], "package_dir": {"": "src"}})
    made.get_command_obj("build_ext").inplace = True
    made.run_command("build_ext")
    version = "cp%d%d" % sys.version_info[:2]
    tag = version + "-" + version + "-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return pack(wheel_directory, tag=tag)
"""
)
EXTENSION = """\
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_native", "", -1, methods};
PyMODINIT_FUNC PyInit__native(void) { return PyModule_Create(&module); }
"""


def add_bundled_wheels(index: IndexServer) -> tuple[str, ...]:
    """Offer the wheels that come with this interpreter, and return the projects' names."""
    names = []
    for wheel in sorted((Path(ensurepip.__file__).parent / "_bundled").glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            path = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            metadata = archive.read(path).decode()
        names.append(wheel.name.partition("-")[0])
        index.add_file(names[-1], wheel.name, wheel.read_bytes(), metadata=metadata)
    return tuple(names)


def add_project(index: IndexServer, folder: Path, name: str, *, needs: str = "", code: str = "") -> Path:
    """Offer the sdist of a small project, and return its path; `code` is that of its extension module, if it has one."""
    top = f"{name}-1.0"
    needed = f"Requires-Dist: {needs}\n" if needs else ""
    files = {
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nSummary: A demo\nLicense: MIT\n"
        f"Requires-Python: >=3.9\n{needed}",
        "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "own_backend"\nbackend-path = ["."]\n'
        f'[project]\nname = "{name}"\nversion = "1.0"\nrequires-python = ">=3.9"\nlicense = {{text = "MIT"}}\n'
        f"dependencies = {[needs] if needs else []!r}\n"
        + ('[external]\nbuild-requires = ["dep:virtual/compiler/c"]\n' if code else ""),
        "own_backend.py": COMPILED if code else PURE,
        "LICENSE": "MIT License\n\nPermission is hereby granted, free of charge, to any person\n",
        f"src/{name}/__init__.py": "",
    }
    files |= {f"src/{name}/_native.c": code} if code else {}
    path = write_tar_gz(folder / f"{top}.tar.gz", {f"{top}/{path}": text for path, text in files.items()})
    index.add_file(name, path.name, path.read_bytes())
    return path


def build_environment(home: Path, index_url: str = "", **variables: str) -> dict[str, str]:
    """Return what a build is started with: a home of its own, this index if there is one, and no channel that is asked."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PIP_CONFIG_FILE": os.devnull,
        "CONDA_BRIDGE_ASK_CHANNELS": "no",
        **({"CONDA_BRIDGE_INDEX_URLS": index_url} if index_url else {}),
        **variables,
    }

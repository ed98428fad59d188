"""What a setup.py imports is a host requirement where nothing declares it."""

import pytest

from conda_bridge.model.condition import ALWAYS, CROSS
from conda_bridge.model.evidence import Certainty
from conda_bridge.model.recipe import MatchSpec
from support.converting import PYPROJECT, convert_texts, section_of, specs_of

SETUP = (
    "{}\nfrom setuptools import Extension, setup\n"
    "setup(name='demo', version='1.2.3', ext_modules=[Extension('demo._x', ['x.c'])])\n"
)
MODULE: dict[str, str | None] = {"demo/__init__.py": "", "x.c": ""}
OPTIONAL = "try:\n    from Cython.Build import cythonize\nexcept ImportError:\n    cythonize = None"


def host(setup: str, files: dict[str, str | None] | None = None) -> list[str]:
    conversion = convert_texts({"setup.py": setup, **MODULE, **(files or {})})
    return [spec for spec in specs_of(conversion, "host") if spec not in {"python", "pip"}]


@pytest.mark.parametrize(
    ("code", "files", "expected"),
    [
        ("import numpy as np", {}, ["setuptools", "numpy"]),
        ("from pybind11.setup_helpers import Pybind11Extension", {}, ["setuptools", "pybind11"]),
        ("def late():\n    import numpy", {}, ["setuptools", "numpy"]),
        (OPTIONAL, {}, ["setuptools"]),
        (OPTIONAL, {"demo/y.pyx": ""}, ["setuptools", "cython"]),
        (OPTIONAL.replace("cythonize = None", "raise SystemExit('no Cython')"), {}, ["setuptools", "cython"]),
        ("import versioneer, json", {"versioneer.py": ""}, ["setuptools"]),
        ("import numpy", {"numpy/__init__.py": ""}, ["setuptools"]),
        ("from .numpy import x", {}, ["setuptools"]),
    ],
    ids=[
        "numpy", "pybind11", "in a function", "an option", "an option beside sources", "no option", "a module of its own",
        "a package of its own", "relative",
    ],
)  # fmt: skip
def test_imports_of_setup_py(code: str, files: dict[str, str | None], expected: list[str]) -> None:
    assert host(SETUP.format(code), files) == expected


def test_declared_build_requirements_are_all_that_is_needed() -> None:
    table = PYPROJECT.replace("hatchling>=1.27", "setuptools").replace(
        "hatchling.build", "setuptools.build_meta"
    )
    assert host(SETUP.format("import numpy"), {"pyproject.toml": table}) == ["setuptools"]


def test_import_is_derived_from_its_line() -> None:
    conversion = convert_texts({"setup.py": SETUP.format("\nimport numpy"), **MODULE})
    (why,) = [one for one in conversion.evidence if one.address.endswith("requirements.host/numpy")]
    assert (why.certainty, why.origins) == (Certainty.DERIVED, ("setup.py:2",))
    assert "the distributor pins the version" in why.note or "imports" in why.note


def test_setup_requires_stays_declared() -> None:
    setup = SETUP.format("import cffi").replace("version=", "setup_requires=['cffi>=1.15'], version=")
    conversion = convert_texts({"setup.py": setup, **MODULE})
    (why,) = [one for one in conversion.evidence if one.address.endswith("requirements.host/cffi")]
    assert why.certainty is Certainty.DECLARED
    assert "cffi >=1.15" in specs_of(conversion, "host")


def test_what_is_imported_runs_on_the_build_machine_when_cross_compiling() -> None:
    conversion = convert_texts({"setup.py": SETUP.format("import numpy"), **MODULE})
    build = {
        str(one.spec): one.condition
        for one in section_of(conversion, "build")
        if isinstance(one.spec, MatchSpec)
    }
    lines = {
        str(one.spec): one.condition
        for one in section_of(conversion, "host")
        if isinstance(one.spec, MatchSpec)
    }
    assert build["numpy"] == CROSS
    assert lines["numpy"] == ALWAYS


@pytest.mark.parametrize(
    ("requires", "files", "expected"),
    [
        ("setuptools", {"demo/y.pyx": "cimport numpy as np\n"}, ["setuptools", "numpy"]),
        ("setuptools", {"x.c": "#include <numpy/arrayobject.h>\n"}, ["setuptools", "numpy"]),
        ("setuptools", {"vendor/x.c": "#include <numpy/arrayobject.h>\n"}, ["setuptools"]),
        (
            'setuptools", "oldest-supported-numpy',
            {"x.c": "#include <numpy/arrayobject.h>\n"},
            ["setuptools", "numpy"],
        ),
    ],
    ids=["Cython", "C", "others' code", "required by another name"],
)
def test_headers_of_numpy_need_numpy(
    requires: str, files: dict[str, str | None], expected: list[str]
) -> None:
    table = PYPROJECT.replace("hatchling>=1.27", requires).replace("hatchling.build", "setuptools.build_meta")
    assert host(SETUP.format(""), {"pyproject.toml": table, **files}) == expected


def test_headers_of_a_pure_package_need_nothing() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": PYPROJECT,
        "demo/__init__.py": "",
        "x.c": "#include <numpy/x.h>\n",
    }
    assert "numpy" not in specs_of(convert_texts(texts), "host")

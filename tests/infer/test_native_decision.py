"""Whether a project is native where its declarations and its published wheels don't agree at once."""

import pytest
from packaging.version import Version

from conda_bridge.model.condition import ALWAYS, Condition, os_in
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.recipe import CompilerSpec, StdlibSpec
from conda_bridge.model.source import IndexFacts
from support.converting import PYPROJECT, convert_texts, output_of, section_of, slugs_of, specs_of

MODULE: dict[str, str | None] = {"demo/__init__.py": ""}
GUARDED = (
    "import sys\nfrom setuptools import Extension, setup\n"
    "modules = [Extension('demo._x', ['x.cpp'])] if sys.platform == 'win32' else []\n"
    "setup(name='demo', version='1.2.3', ext_modules=modules)\n"
)
PURE = "demo-1.2.3-py3-none-any.whl"
WINDOWS = "demo-1.2.3-cp311-cp311-win_amd64.whl"
LINUX = "demo-1.2.3-cp311-cp311-manylinux_2_17_x86_64.whl"


def pyproject(*requires: str, backend: str, more: str = "") -> str:
    listed = '", "'.join(requires)
    return PYPROJECT.replace("hatchling>=1.27", listed).replace("hatchling.build", backend) + more


def wheels(*names: str) -> IndexFacts:
    return IndexFacts(index_url="https://index.example/simple", version=Version("1.2.3"), wheels=names)


def conditions(conversion: Conversion) -> set[Condition]:
    """Return where compilers and the C library are needed."""
    lines = section_of(conversion, "build")
    return {one.condition for one in lines if isinstance(one.spec, CompilerSpec | StdlibSpec)}


@pytest.mark.parametrize(
    ("setup", "names", "expected"),
    [
        (GUARDED, (PURE, WINDOWS), {os_in({"win"})}),
        (GUARDED, (PURE, WINDOWS, LINUX), {ALWAYS}),
        (GUARDED.replace("sys.platform == 'win32'", "True"), (PURE, WINDOWS), {ALWAYS}),
        (GUARDED, (WINDOWS,), {ALWAYS}),
    ],
    ids=["Windows only", "Linux, too", "the platform isn't asked", "no pure wheel"],
)
def test_compilers_where_platform_wheels_are_published(
    setup: str, names: tuple[str, ...], expected: set[Condition]
) -> None:
    conversion = convert_texts({"setup.py": setup, "x.cpp": None, **MODULE}, index=wheels(*names))
    assert output_of(conversion).noarch is None
    assert conditions(conversion) == expected


def test_command_of_the_project_compiles_although_its_wheel_is_tagged_pure() -> None:
    table = "[tool.setuptools.cmdclass]\nbuild_py = 'demo.build.BuildPy'\n"
    texts: dict[str, str | None] = {
        "pyproject.toml": pyproject("setuptools", backend="setuptools.build_meta", more=table),
        **MODULE,
    }
    with_sources = convert_texts({**texts, "demo/x.f90": ""}, index=wheels(PURE))
    assert output_of(with_sources).noarch is None
    assert output_of(convert_texts(texts, index=wheels(PURE))).noarch == "python"


@pytest.mark.parametrize(
    ("texts", "is_native"),
    [
        ({"pyproject.toml": pyproject("meson-python", backend="mesonpy"), "meson.build": "project('demo')\n"}, False),
        ({"pyproject.toml": pyproject("meson-python", backend="mesonpy"), "meson.build": "project('demo')\nadd_languages('c')\n"}, True),
        ({"pyproject.toml": pyproject("scikit-build-core", backend="scikit_build_core.build", more="[tool.scikit-build]\nwheel.cmake = false\n")}, False),
        (
            {
                "pyproject.toml": pyproject(
                    "scikit-build-core",
                    backend="scikit_build_core.build",
                    more="[tool.scikit-build]\nwheel.cmake = false\n"
                    "[[tool.scikit-build.overrides]]\nif.system-cmake = '>=3.15'\nwheel.cmake = true\n",
                )
            },
            True,
        ),
        ({"pyproject.toml": pyproject("flit-core", backend="flit_core.buildapi"), "setup.py": GUARDED.replace(" if sys.platform == 'win32' else []", "")}, False),
    ],
    ids=["Meson without a language", "Meson with one", "CMake off", "CMake on by an override", "a setup.py that nothing runs"],
)  # fmt: skip
def test_backends_that_may_build_nothing(texts: dict[str, str | None], is_native: bool) -> None:  # noqa: FBT001
    assert (output_of(convert_texts({**texts, **MODULE})).noarch is None) is is_native


def test_pure_meson_project_keeps_its_programs() -> None:
    texts: dict[str, str | None] = {
        "pyproject.toml": pyproject("meson-python", backend="mesonpy"),
        "meson.build": "project('demo')\n",
    }
    conversion = convert_texts({**texts, **MODULE})
    assert specs_of(conversion, "build") == ["meson", "ninja", "pkg-config"]
    assert "optional-extension" not in slugs_of(conversion)


def test_cross_stanza_stands_exactly_where_something_is_compiled() -> None:
    native = convert_texts({"setup.py": GUARDED.replace(" if sys.platform == 'win32' else []", ""), **MODULE})
    pure = convert_texts({"pyproject.toml": PYPROJECT, **MODULE})
    assert "<cross-python>" in specs_of(native, "build")
    assert specs_of(pure, "build") == []

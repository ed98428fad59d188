"""Where a recipe is skipped because upstream doesn't build there."""

from dataclasses import replace

import pytest
from packaging.version import Version

from conda_bridge.infer.recipe import infer_recipe
from conda_bridge.model.condition import negate, os_in
from conda_bridge.model.source import IndexFacts
from conda_bridge.translate.libraries import library_table
from support.converting import context_of, convert_texts, output_of, section_of, slugs_of
from support.trees import facts_of_texts

PYPROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "demo"
version = "1.2.3"
classifiers = [{classifiers}]
"""
SETUP = 'setup(ext_modules=[Extension("demo._speed", ["demo/_speed.c"])])\n'
LINUX = os_in({"linux"})


def texts(*, guard: str = "", classifiers: str = "") -> dict[str, str]:
    return {
        "pyproject.toml": PYPROJECT.format(classifiers=classifiers),
        "setup.py": f"import sys, platform\nfrom setuptools import Extension, setup\n{guard}{SETUP}",
        "demo/__init__.py": "",
        "demo/_speed.c": "",
    }


def wheels(*systems: str) -> IndexFacts:
    names = tuple(
        f"demo-1.2.3-{'py3-none' if system == 'any' else 'cp311-cp311'}-{system}.whl" for system in systems
    )
    return IndexFacts(index_url="https://index.example/simple", version=Version("1.2.3"), wheels=names)


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        ('if sys.platform != "linux":\n    raise RuntimeError("Linux only")\n', negate(LINUX)),
        ('if not sys.platform.startswith("linux"):\n    sys.exit("Linux only")\n', negate(LINUX)),
        ('if platform.system() == "Windows":\n\n    raise OSError("not on Windows")\n', os_in({"win"})),
        ("if sys.platform == 'darwin':\n    sys.exit(1)\n", os_in({"osx"})),
    ],
)
def test_build_that_ends_on_a_system_is_skipped_there(guard: str, expected: object) -> None:
    assert output_of(convert_texts(texts(guard=guard))).skip == (expected,)


@pytest.mark.parametrize(
    "guard",
    [
        'if sys.platform != "linux":\n    extra = []\n',
        'if sys.platform == "win32":\n    sys.exit(0)\n',
        '# if sys.platform == "win32":\n#     sys.exit(1)\n',
        'def check():\n    if sys.platform == "win32":\n        raise OSError("x")\n',
        'if sys.platform == "sunos":\n    raise OSError("x")\n',
    ],
)
def test_other_branches_on_the_platform_skip_nothing(guard: str) -> None:
    assert output_of(convert_texts(texts(guard=guard))).skip == ()


MICROSOFT = '"Operating System :: Microsoft :: Windows"'


def test_wheels_and_classifiers_for_windows_alone_skip_the_other_systems() -> None:
    conversion = convert_texts(texts(classifiers=MICROSOFT), index=wheels("win_amd64", "win32"))

    assert output_of(conversion).skip == (negate(os_in({"win"})),)


@pytest.mark.parametrize(
    "classifiers", ["", f'{MICROSOFT}, "Operating System :: POSIX"', '"Operating System :: OS Independent"']
)
def test_wheels_for_windows_alone_are_only_told(classifiers: str) -> None:
    conversion = convert_texts(texts(classifiers=classifiers), index=wheels("win_amd64"))

    assert output_of(conversion).skip == ()
    assert "wheels-of-one-system" in slugs_of(conversion)


@pytest.mark.parametrize(("source", "skipped"), [("demo/x.m", True), ("demo/x.c", False)])
def test_sources_that_macos_alone_compiles_speak_for_its_wheels(source: str, skipped: bool) -> None:  # noqa: FBT001
    setup = (
        f"from setuptools import Extension, setup\nsetup(ext_modules=[Extension('demo.x', ['{source}'])])\n"
    )
    files = {
        "pyproject.toml": PYPROJECT.format(classifiers=""),
        "setup.py": setup,
        "demo/__init__.py": "",
        source: "",
    }

    conversion = convert_texts(files, index=wheels("macosx_11_0_arm64"))

    assert output_of(conversion).skip == ((negate(os_in({"osx"})),) if skipped else ())


@pytest.mark.parametrize(
    ("classifiers", "systems", "skip"),
    [
        ("", (), ()),
        ('"Operating System :: POSIX :: Linux"', (), (negate(LINUX),)),
        ('"Operating System :: POSIX :: Linux"', ("manylinux_2_17_x86_64", "win_amd64"), ()),
    ],
)
def test_library_that_linux_alone_has_stands_under_its_condition(
    classifiers: str, systems: tuple[str, ...], skip: tuple[object, ...]
) -> None:
    build = 'project("demo" LANGUAGES C)\nfind_package(PkgConfig)\npkg_check_modules(UDEV REQUIRED libudev)\n'
    table = PYPROJECT.replace("setuptools.build_meta", "scikit_build_core.build").replace(
        "setuptools", "scikit-build-core"
    )
    files = {
        "pyproject.toml": table.format(classifiers=classifiers), "CMakeLists.txt": build, "demo/__init__.py": "", "demo/x.c": "#include <libudev.h>\n",
    }  # fmt: skip

    facts = facts_of_texts(files, label="demo-1.2.3", index=wheels(*systems) if systems else None)

    conversion = infer_recipe(replace(context_of(facts), libraries=library_table()))

    (line,) = [one for one in section_of(conversion, "host") if str(one.spec) == "libudev"]
    assert line.condition == LINUX
    assert output_of(conversion).skip == skip


def test_wheels_for_linux_alone_are_only_told() -> None:
    conversion = convert_texts(texts(), index=wheels("manylinux_2_17_x86_64"))

    assert output_of(conversion).skip == ()
    assert "wheels-of-one-system" in slugs_of(conversion)


def test_classifier_of_another_system_speaks_against_wheels() -> None:
    classifiers = '"Operating System :: POSIX :: Linux"'

    conversion = convert_texts(texts(classifiers=classifiers), index=wheels("win_amd64"))

    assert output_of(conversion).skip == ()


@pytest.mark.parametrize("systems", [("win_amd64", "any"), ("win_amd64", "macosx_11_0_arm64"), ()])
def test_wheels_for_more_than_one_system_skip_nothing(systems: tuple[str, ...]) -> None:
    assert output_of(convert_texts(texts(), index=wheels(*systems))).skip == ()

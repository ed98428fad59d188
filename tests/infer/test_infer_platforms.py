"""Where a recipe is skipped because upstream doesn't build there."""

import pytest
from packaging.version import Version

from conda_bridge.model.condition import negate, os_in
from conda_bridge.model.source import IndexFacts
from support.converting import convert_texts, output_of, slugs_of

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


def test_wheels_for_windows_alone_skip_the_other_systems() -> None:
    conversion = convert_texts(texts(), index=wheels("win_amd64", "win32"))

    assert output_of(conversion).skip == (negate(os_in({"win"})),)


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

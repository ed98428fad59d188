"""Which wheels suit the packaged interpreter."""

import platform
import sys

import pytest
from packaging.markers import Marker
from packaging.tags import sys_tags

from conda_bridge.distributors.host.target import Target

TARGET = Target(python="3.11.7", glibc="2.36")


@pytest.mark.parametrize(
    "filename",
    [
        "a-1-py3-none-any.whl",
        "a-1-py2.py3-none-any.whl",
        "a-1-cp311-cp311-manylinux_2_36_x86_64.whl",
        "a-1-cp311-cp311-manylinux1_x86_64.whl",
        "a-1-cp38-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "a-1-2-py3-none-manylinux2010_x86_64.whl",
        "a-1-cp311-none-linux_x86_64.whl",
    ],
)
def test_a_wheel_for_this_python_and_platform_suits(filename: str) -> None:
    assert TARGET.rank(filename) is not None


@pytest.mark.parametrize(
    "filename",
    [
        "a-1-cp312-cp312-manylinux_2_17_x86_64.whl",
        "a-1-cp311-cp311-manylinux_2_37_x86_64.whl",
        "a-1-cp311-cp311-musllinux_1_1_x86_64.whl",
        "a-1-cp311-cp311-manylinux_2_17_aarch64.whl",
        "a-1-cp311-cp311-win_amd64.whl",
        "a-1-cp312-abi3-manylinux_2_17_x86_64.whl",
        "a-1-pp311-pypy311_pp73-manylinux_2_17_x86_64.whl",
        "a-1.tar.gz",
        "a.whl",
    ],
)
def test_a_wheel_for_another_python_or_platform_does_not_suit(filename: str) -> None:
    assert TARGET.rank(filename) is None


def test_the_narrowest_tag_is_the_best() -> None:
    names = [
        "a-1-py3-none-any.whl",
        "a-1-cp39-abi3-manylinux_2_17_x86_64.whl",
        "a-1-cp311-cp311-linux_x86_64.whl",
    ]

    assert sorted(names, key=lambda name: TARGET.rank(name) or 0) == names[::-1]


def test_a_machine_without_glibc_takes_pure_wheels_alone() -> None:
    target = Target(python="3.11.7", glibc="")

    assert [tag for tag in target.tags if not tag.endswith("-any")] == []
    assert target.rank("a-1-py3-none-any.whl") is not None


@pytest.mark.skipif(
    sys.platform != "linux" or sys.implementation.name != "cpython", reason="asks the running Linux CPython"
)
def test_the_tags_of_the_running_interpreter_are_those_that_packaging_finds() -> None:
    version = platform.python_version()
    glibc = platform.libc_ver()[1]
    subdir = {"x86_64": "linux-64", "aarch64": "linux-aarch64"}.get(platform.machine(), "")

    target = Target(python=version, glibc=glibc, subdir=subdir)

    assert set(target.tags) == set(map(str, sys_tags()))


@pytest.mark.parametrize(
    ("requires", "is_admitted"),
    [("", True), (">=3.8", True), (">=3.12", False), ("<3.11", False), (">=3.7,<4", True), ("odd", True)],
)
def test_requires_python_is_that_of_the_packaged_interpreter(requires: str, is_admitted: bool) -> None:  # noqa: FBT001
    assert TARGET.admits(requires) is is_admitted


def test_markers_are_those_of_the_packaged_interpreter() -> None:
    target = Target(python="3.10.2", glibc="2.17")

    assert Marker("python_full_version == '3.10.2' and python_version < '3.11'").evaluate(
        dict(target.markers)
    )
    assert not Marker("sys_platform == 'win32' or extra == 'x'").evaluate(dict(target.markers))

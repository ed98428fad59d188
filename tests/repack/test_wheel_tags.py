"""Tags of wheels and a target -> what a package is bound to."""

import pytest
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag, parse_tag

from conda_bridge.errors import RepackError
from conda_bridge.model.condition import Target
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.repack.to_conda.tags import fit_of, python_specs
from conda_bridge.repack.to_conda.wheel_target import WheelTarget


def target(platform: str = "linux-64", python: tuple[int, ...] = (3, 11), *tags: str) -> WheelTarget:
    known = frozenset(tag for text in tags for tag in parse_tag(text))
    return WheelTarget(target=Target(platform=platform, python=PyVersion(python)), tags=known)


@pytest.mark.parametrize(
    ("tags", "kind", "minor", "virtual"),
    [
        ("py3-none-any", "any", None, ()),
        ("py2.py3-none-any", "any", None, ()),
        ("py38-none-any", "any", (3, 8), ()),
        ("cp311-none-any", "bound", (3, 11), ()),
        ("cp311-cp311-manylinux1_x86_64", "bound", (3, 11), ("__glibc >=2.5",)),
        ("cp311-cp311-manylinux2010_x86_64", "bound", (3, 11), ("__glibc >=2.12",)),
        ("cp311-cp311-manylinux2014_x86_64", "bound", (3, 11), ("__glibc >=2.17",)),
        ("cp311-cp311-manylinux_2_28_x86_64.manylinux_2_27_x86_64", "bound", (3, 11), ("__glibc >=2.27",)),
        ("cp311-cp311-manylinux_2_28_x86_64.manylinux2010_x86_64", "bound", (3, 11), ("__glibc >=2.12",)),
        ("cp311-cp311-linux_x86_64", "bound", (3, 11), ("__linux",)),
        ("cp38-abi3-manylinux2014_x86_64", "independent", (3, 8), ("__glibc >=2.17",)),
        ("cp39.cp38-abi3-manylinux2014_x86_64", "independent", (3, 8), ("__glibc >=2.17",)),
        ("py3-none-manylinux2014_x86_64", "independent", None, ("__glibc >=2.17",)),
        ("py2.py3-none-manylinux1_x86_64.musllinux_1_1_x86_64", "independent", None, ("__glibc >=2.5",)),
    ],
)
def test_fit_on_linux(tags: str, kind: str, minor: tuple[int, int] | None, virtual: tuple[str, ...]) -> None:
    fit = fit_of(parse_tag(tags), target())
    assert (fit.kind, fit.minor, fit.virtual) == (kind, minor, virtual)


@pytest.mark.parametrize(
    ("platform", "tag", "virtual"),
    [
        ("linux-aarch64", "cp311-cp311-manylinux_2_17_aarch64", ("__glibc >=2.17",)),
        ("linux-ppc64le", "cp311-cp311-manylinux2014_ppc64le", ("__glibc >=2.17",)),
        ("linux-32", "cp311-cp311-manylinux1_i686", ("__glibc >=2.5",)),
        ("osx-64", "cp311-cp311-macosx_10_9_x86_64", ("__osx >=10.9",)),
        ("osx-64", "cp311-cp311-macosx_11_0_universal2.macosx_10_9_x86_64", ("__osx >=10.9",)),
        ("osx-arm64", "cp311-cp311-macosx_11_0_universal2", ("__osx >=11.0",)),
        ("win-64", "cp311-cp311-win_amd64", ("__win",)),
        ("win-32", "cp311-cp311-win32", ("__win",)),
        ("win-arm64", "cp311-cp311-win_arm64", ("__win",)),
    ],
)
def test_fit_on_other_platforms(platform: str, tag: str, virtual: tuple[str, ...]) -> None:
    assert fit_of(parse_tag(tag), target(platform)).virtual == virtual


@pytest.mark.parametrize(
    ("platform", "tag"),
    [
        ("linux-64", "cp311-cp311-manylinux_2_17_aarch64"),
        ("linux-64", "cp311-cp311-macosx_10_9_x86_64"),
        ("linux-64", "cp311-cp311-win_amd64"),
        ("linux-64", "cp310-cp310-manylinux1_x86_64"),
        ("linux-64", "cp311-cp311t-manylinux1_x86_64"),
        ("linux-64", "cp311-cp311d-manylinux1_x86_64"),
        ("linux-64", "cp312-abi3-manylinux1_x86_64"),
        ("linux-64", "pp311-pypy311_pp73-manylinux1_x86_64"),
        ("linux-64", "py2-none-any"),
        ("linux-64", "py312-none-any"),
        ("linux-64", "cp310-none-any"),
        ("linux-64", "py3-none-musllinux_1_1_x86_64"),
        ("osx-64", "cp311-cp311-macosx_11_0_arm64"),
        ("win-64", "cp311-cp311-win32"),
    ],
)
def test_tag_of_others_is_refused(platform: str, tag: str) -> None:
    with pytest.raises(RepackError) as caught:
        fit_of(parse_tag(tag), target(platform))
    assert caught.value.slug == "unsuitable-wheel"


def test_what_the_python_installs_decides() -> None:
    tags = parse_tag("cp311-cp311-manylinux_2_17_x86_64.manylinux_2_28_x86_64")
    newer = "cp311-cp311-manylinux_2_28_x86_64"
    assert fit_of(tags, target("linux-64", (3, 11), newer)).virtual == ("__glibc >=2.28",)
    with pytest.raises(RepackError):
        fit_of(tags, target("linux-64", (3, 11), "py3-none-any"))


def test_other_c_library_is_taken_where_the_python_takes_it() -> None:
    tag = "py3-none-musllinux_1_1_x86_64"
    assert fit_of(parse_tag(tag), target("linux-64", (3, 11), tag)).virtual == ("__linux",)


def test_old_pythons_have_an_m() -> None:
    fit = fit_of({Tag("cp36", "cp36m", "manylinux1_x86_64")}, target("linux-64", (3, 6)))
    assert (fit.kind, fit.minor) == ("bound", (3, 6))


@pytest.mark.parametrize(
    ("tag", "requires", "specs"),
    [
        ("py3-none-any", "", ("python",)),
        ("py3-none-any", ">=3.9", ("python >=3.9",)),
        ("py3-none-any", ">=3.9,<4", ("python <4a0,>=3.9",)),
        ("py3-none-any", "~=3.8", ("python >=3.8,3.*",)),
        ("py38-none-any", "", ("python >=3.8",)),
        ("py38-none-any", ">=3.6,!=3.7.1", ("python >=3.8",)),
        ("py38-none-any", ">=3.9", ("python >=3.9",)),
        ("cp38-abi3-linux_x86_64", ">=3.10,!=3.10.1", ("python !=3.10.1,>=3.10",)),
        ("cp38-abi3-linux_x86_64", "<4,!=3.9.1", ("python !=3.9.1,<4a0,>=3.8",)),
        ("cp311-cp311-linux_x86_64", ">=3.8", ("python >=3.11,<3.12.0a0", "python_abi 3.11.* *_cp311")),
        (
            "cp311-cp311-linux_x86_64",
            "!=3.11.3,!=3.1.0,!=3.10.*",
            ("python >=3.11,<3.12.0a0,!=3.11.3", "python_abi 3.11.* *_cp311"),
        ),
    ],
)
def test_bounds_on_python(tag: str, requires: str, specs: tuple[str, ...]) -> None:
    assert python_specs(fit_of(parse_tag(tag), target()), SpecifierSet(requires)) == specs

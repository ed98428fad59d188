"""Two files of a wheel that are installed to one place hide each other: no direction takes such a wheel."""

from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.errors import RepackError
from conda_bridge.model.names import NameTable
from conda_bridge.repack.to_conda.package_setting import PackageSetting
from conda_bridge.repack.to_conda.wheel_to_packages import planned_packages
from conda_bridge.repack.wheels.wheel_check import check_wheel
from conda_bridge.repack.wheels.wheel_places import check_places, clashing_places
from support.wheels import WheelParts, write_wheel

CLEAN = {"demo/a.py": b"clean\n"}


@pytest.mark.parametrize(
    "hidden", ["DATA/purelib/demo/a.py", "DATA/platlib/demo/a.py", "Demo-1.0.data/purelib/demo/a.py"]
)
@pytest.mark.parametrize("is_full", [False, True])
def test_check_of_a_wheel_finds_two_files_of_one_place(tmp_path: Path, hidden: str, *, is_full: bool) -> None:
    path = write_wheel(tmp_path, WheelParts(files={hidden: b"evil\n", **CLEAN}))

    found = check_wheel(str(path), is_full=is_full)

    assert [(one.slug, one.severity) for one in found if one.slug == "clashing-files"] == [
        ("clashing-files", "error")
    ]


@pytest.mark.parametrize("is_full", [False, True])
def test_files_of_several_places_are_right(tmp_path: Path, *, is_full: bool) -> None:
    files = {**CLEAN, "DATA/purelib/demo/b.py": b"", "DATA/data/demo/a.py": b"", "DATA/scripts/a.py": b""}
    path = write_wheel(tmp_path, WheelParts(files=files))

    assert check_wheel(str(path), is_full=is_full) == ()


@pytest.mark.parametrize(
    ("files", "slug"),
    [
        ({"DATA/purelib/demo/a.py": b"evil\n", **CLEAN}, "clashing-files"),
        ({"DATA/data/include/demo/a.h": b"evil\n", "DATA/headers/a.h": b"clean\n"}, "invalid-package"),
    ],
    ids=["beside the others", "only in the package"],
)
def test_plan_of_packages_refuses_what_the_packages_would(
    tmp_path: Path, files: dict[str, bytes], slug: str
) -> None:
    path = write_wheel(tmp_path, replace(WheelParts(), files=files))

    with pytest.raises(RepackError) as caught:
        planned_packages(str(path), setting=PackageSetting(), names=NameTable())

    assert caught.value.slug == slug


def test_all_pairs_are_told_and_the_refusal_counts_them() -> None:
    paths = [f"x.data/{lib}/a{n}.py" for n in range(4) for lib in ("purelib", "platlib")]

    assert len(clashing_places(paths)) == 4
    with pytest.raises(RepackError, match=r"a0\.py.* and .*a0\.py.* and 1 more"):
        check_places(paths)

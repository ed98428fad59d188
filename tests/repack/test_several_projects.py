"""A package with several projects becomes a wheel for each, or none at all."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from conda_bridge.errors import BridgeError
from conda_bridge.model.names import PypiName
from conda_bridge.model.repackaging import WheelMade, WheelSetting
from conda_bridge.repack.to_wheel.conda_to_wheel import conda_to_wheel, conda_to_wheels
from support.archives import link, regular
from support.names_known import EqualNames
from support.noarch_made import Noarch, dist_info
from support.projects_made import TWO, project

DEFAULT = WheelSetting()
DEMO = project("demo", files={"demo.py": b"x = 1\n"})


def made(
    folder: Path, package: Noarch, *, suffix: str = ".conda", setting: WheelSetting = DEFAULT
) -> tuple[WheelMade, ...]:
    out = folder / "out"
    out.mkdir(exist_ok=True)
    return conda_to_wheels(package.write(folder, suffix), str(out), setting=setting, names=EqualNames())


def refusal(folder: Path, package: Noarch, setting: WheelSetting = DEFAULT) -> BridgeError:
    """Return how a package is refused, having left nothing."""
    with pytest.raises(BridgeError) as caught:
        made(folder, package, setting=setting)

    assert list((folder / "out").iterdir()) == []
    assert (caught.value.where or "").startswith(package.stem)
    return caught.value


def contents(wheel: WheelMade) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel.path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def messages(wheel: WheelMade, slug: str) -> list[str]:
    return [row.message for row in wheel.diagnostics if row.slug == slug]


# ---------------------------------------------------------------- what goes where


def test_each_project_has_a_wheel_with_its_own_files(tmp_path: Path) -> None:
    wheels = made(tmp_path, Noarch(files=TWO))

    assert [Path(wheel.path).name for wheel in wheels] == [
        "demo-1.0-py3-none-any.whl",
        "other-2-py3-none-any.whl",
    ]
    assert [sorted(contents(wheel)) for wheel in wheels] == [
        ["demo-1.0.dist-info/METADATA", "demo-1.0.dist-info/RECORD", "demo-1.0.dist-info/WHEEL", "demo.py"],
        [f"other-2.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL")] + ["other/__init__.py"],
    ]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        Path(wheel.path).name for wheel in wheels
    ]


def test_both_containers_give_the_same_wheels(tmp_path: Path) -> None:
    package = Noarch(files=TWO)
    one = [wheel.sha256 for wheel in made(tmp_path, package)]

    assert [wheel.sha256 for wheel in made(tmp_path, package, suffix=".tar.bz2")] == one


def test_package_of_one_project_has_the_one_wheel(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    package = Noarch()
    single = conda_to_wheel(
        package.write(tmp_path / "one"), str(tmp_path / "one"), setting=DEFAULT, names=EqualNames()
    )

    assert [wheel.sha256 for wheel in made(tmp_path, package)] == [single.sha256]


def test_whoever_asks_for_one_wheel_gets_none_of_several(tmp_path: Path) -> None:
    with pytest.raises(BridgeError) as caught:
        conda_to_wheel(Noarch(files=TWO).write(tmp_path), str(tmp_path), setting=DEFAULT, names=EqualNames())

    assert caught.value.slug == "several-distributions"


def test_each_wheel_says_which_projects_were_in_the_package(tmp_path: Path) -> None:
    for wheel in made(tmp_path, Noarch(files=TWO)):
        assert messages(wheel, "package-split") == ["each has a wheel: demo 1.0, other 2"]


def test_each_project_has_its_own_commands(tmp_path: Path) -> None:
    files = project("demo", files={"demo.py": b""}, commands="demo = demo:main")
    files |= project("other", "2", files={"other.py": b""}, commands="run = other:main")
    linked = b'{"noarch": {"type": "python", "entry_points": ["demo = demo:main", "run = other:main"]}}'

    wheels = made(tmp_path, Noarch(files=files, info={"link.json": linked}))

    for wheel, name in zip(wheels, ("demo-1.0", "other-2"), strict=True):
        text = files[f"site-packages/{name}.dist-info/entry_points.txt"]
        assert contents(wheel)[f"{name}.dist-info/entry_points.txt"] == text
        assert messages(wheel, "entry-point-added") == []


def test_scripts_and_data_lie_in_the_wheel_of_their_project(tmp_path: Path) -> None:
    rows = ("../../../bin/run", "../../../share/other.txt")
    files = DEMO | project("other", "2", files={"other.py": b""}, recorded=rows)
    files |= {"python-scripts/run": b"#!/bin/sh\n", "share/other.txt": b"data"}

    main, other = made(tmp_path, Noarch(files=files))

    assert not any(".data/" in path for path in contents(main))
    assert {path for path in contents(other) if ".data/" in path} == {
        "other-2.data/scripts/run",
        "other-2.data/data/share/other.txt",
    }


def test_bytecode_is_left_out_where_its_source_is(tmp_path: Path) -> None:
    cached = "site-packages/other/__pycache__/__init__.cpython-311.pyc"

    main, other = made(tmp_path, Noarch(files=TWO | {cached: b"code"}))

    assert cached not in {row.path for row in main.dropped}
    assert cached in {row.path for row in other.dropped}
    assert messages(main, "bytecode-dropped") == messages(other, "bytecode-dropped") == []


def test_licences_of_the_package_are_in_every_wheel(tmp_path: Path) -> None:
    wheels = made(tmp_path, Noarch(files=TWO, info={"licenses/LICENSE": b"free"}))

    assert [path for wheel in wheels for path in contents(wheel) if "LICENSE" in path] == [
        "demo-1.0.dist-info/licenses/LICENSE",
        "other-2.dist-info/licenses/LICENSE",
    ]


def test_vendored_metadata_are_payload(tmp_path: Path) -> None:
    vendored = "other/_vendor/third-3.dist-info/METADATA"
    files = DEMO | project("other", "2", files={"other/__init__.py": b"", vendored: b"Name: third\n"})

    _, other = made(tmp_path, Noarch(files=files))

    assert contents(other)[vendored] == b"Name: third\n"


# ---------------------------------------------------------------- what differs


def drift(
    folder: Path, *, demo: str, other: str, depends: tuple[str, ...]
) -> list[list[tuple[str, PypiName]]]:
    files = project("demo", files={"demo.py": b""}, metadata=demo)
    files |= project("other", "2", files={"other.py": b""}, metadata=other)
    wheels = made(folder, Noarch(files=files, index={"depends": list(depends)}))
    return [[(row.kind, row.pypi_name) for row in wheel.drift] for wheel in wheels]


def test_needs_of_all_projects_together_are_those_of_the_package(tmp_path: Path) -> None:
    demo = "Requires-Python: >=3.8\nRequires-Dist: idna\nRequires-Dist: other\n"
    other = "Requires-Python: >=3.9\nRequires-Dist: attrs\nRequires-Dist: demo[all]\n"

    assert drift(tmp_path, demo=demo, other=other, depends=("python >=3.9", "idna", "attrs")) == [[], []]


def test_extras_that_one_project_asks_of_another_are_needed(tmp_path: Path) -> None:
    demo = "Requires-Python: >=3.8\nRequires-Dist: other[fast]\n"
    other = "Requires-Python: >=3.8\nProvides-Extra: fast\nRequires-Dist: attrs; extra == 'fast'\n"

    assert drift(tmp_path, demo=demo, other=other, depends=("python >=3.8", "attrs")) == [[], []]
    assert drift(tmp_path, demo=demo, other=other, depends=("python >=3.8",))[0] == [
        ("only-metadata", "attrs")
    ]


def test_what_no_project_needs_is_told_of_the_main_one(tmp_path: Path) -> None:
    demo, other = "Requires-Python: >=3.8\n", "Requires-Python: >=3.8\nRequires-Dist: attrs\n"

    assert drift(tmp_path, demo=demo, other=other, depends=("python >=3.8", "idna")) == [
        [("only-conda", "idna"), ("only-metadata", "attrs")],
        [],
    ]


def test_conda_dependencies_are_nobodys_own(tmp_path: Path) -> None:
    error = refusal(tmp_path, Noarch(files=TWO), WheelSetting(dependencies="conda"))

    assert (error.slug, "--deps conda" in (error.hint or "")) == ("several-distributions", True)


def test_drift_that_is_a_failure_leaves_no_wheel(tmp_path: Path) -> None:
    package = Noarch(files=TWO, index={"depends": ["python >=3.8", "idna"]})

    assert refusal(tmp_path, package, WheelSetting(is_strict=True)).slug == "metadata-drift"


# ---------------------------------------------------------------- all or none

LINKED = DEMO | project("other", "2", files={"other.py": b""}, recorded=("linked.py",))
STRAY = "site-packages/other/stray.py"
CHANGED = {"site-packages/other/__init__.py": {"sha256": hashlib.sha256(b"y").hexdigest()}}
ELF = b"\x7fELF\x02\x01\x01" + bytes(57)

REFUSED: dict[str, tuple[str, Noarch]] = {
    "no RECORD": (
        "several-distributions",
        Noarch(files=DEMO | dist_info("other-2.dist-info", metadata=b"Name: other\nVersion: 2\n")),
    ),
    "a file of two projects": (
        "several-distributions",
        Noarch(files=DEMO | project("other", "2", files={}, recorded=("demo.py",))),
    ),
    "a file of no project": ("several-distributions", Noarch(files=TWO | {STRAY: b""})),
    "two versions of one project": (
        "several-distributions",
        Noarch(files=TWO | project("other", "3", files={"more.py": b""})),
    ),
    "native code in the second": (
        "compiled-file",
        Noarch(files=DEMO | project("other", "2", files={"other.bin": ELF})),
    ),
    "another file than the one that is listed": ("corrupt", Noarch(files=TWO, rows=CHANGED)),
    "bytecode of a project without its source": (
        "compiled-file",
        Noarch(files=DEMO | project("other", "2", files={"other.pyc": b"code"})),
    ),
    "a version of the main project that isn't the package's": (
        "package-version",
        Noarch(files=project("demo", "3", files={}) | project("other", "2", files={})),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_be_none_or_not_be_told_apart_is_refused(tmp_path: Path, case: str) -> None:
    slug, package = REFUSED[case]

    assert refusal(tmp_path, package).slug == slug


def test_link_to_a_file_of_another_project_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, Noarch(files=LINKED, members=(link("site-packages/linked.py", "demo.py"),)))

    assert (error.slug, "another project" in error.message) == ("package-link", True)


def test_link_to_a_file_of_the_same_project_is_a_copy(tmp_path: Path) -> None:
    _, other = made(tmp_path, Noarch(files=LINKED, members=(link("site-packages/linked.py", "other.py"),)))

    assert contents(other)["linked.py"] == b""


def test_file_that_the_package_does_not_list_is_refused(tmp_path: Path) -> None:
    package = Noarch(files=TWO, members=(regular(STRAY, b""),))

    assert refusal(tmp_path, package).slug == "corrupt"

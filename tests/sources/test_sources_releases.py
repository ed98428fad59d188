"""The release that a requirement means is chosen as installers choose it."""

from dataclasses import replace

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import SourceError
from conda_bridge.model.names import pypi_name
from conda_bridge.model.source import FileLink, IndexProject
from conda_bridge.sources.releases import choose_release, release_of_version


def _project(*filenames: str, yanked: tuple[str, ...] = ()) -> IndexProject:
    return IndexProject(
        pypi_name=pypi_name("demo"),
        index_url="https://index.example/simple",
        files=tuple(
            FileLink(filename=name, url=f"https://x/{name}", yanked="bad" if name in yanked else None)
            for name in filenames
        ),
    )


def _chosen(project: IndexProject, specifier: str = "") -> str:
    return str(choose_release(project, SpecifierSet(specifier)).version)


def test_newest_is_by_version_not_by_order() -> None:
    project = _project("demo-1.10.tar.gz", "demo-1.9.tar.gz", "demo-1.2.tar.gz")
    assert _chosen(project) == "1.10"
    assert _chosen(project, "<1.10") == "1.9"


@pytest.mark.parametrize(
    ("specifier", "version"),
    [("", "1.0"), (">=2.0a1", "2.0b1"), ("==2.0b1", "2.0b1"), (">1.0", "2.0b1")],
)
def test_prereleases_count_only_where_asked_for_or_alone(specifier: str, version: str) -> None:
    assert _chosen(_project("demo-1.0.tar.gz", "demo-2.0b1.tar.gz"), specifier) == version


@pytest.mark.parametrize("specifier", ["", ">=2", "==2.*"])
def test_yanked_release_is_passed_over(specifier: str) -> None:
    project = _project("demo-1.0.tar.gz", "demo-2.0.tar.gz", yanked=("demo-2.0.tar.gz",))
    if specifier:
        with pytest.raises(SourceError) as caught:
            _chosen(project, specifier)
        assert caught.value.slug == "version-not-found"
        assert caught.value.hint == "there are 1.0"
    else:
        assert _chosen(project) == "1.0"


@pytest.mark.parametrize("specifier", ["==2.0", "===2.0"])
def test_yanked_release_is_taken_where_it_is_pinned(specifier: str) -> None:
    project = _project("demo-1.0.tar.gz", "demo-2.0.tar.gz", yanked=("demo-2.0.tar.gz",))
    release = choose_release(project, SpecifierSet(specifier))
    assert (str(release.version), release.is_yanked, release.yank_reason) == ("2.0", True, "bad")


def test_release_is_yanked_only_when_all_its_files_are() -> None:
    project = _project("demo-2.0.tar.gz", "demo-2.0-py3-none-any.whl", yanked=("demo-2.0.tar.gz",))
    assert not choose_release(project, SpecifierSet()).is_yanked


def test_tar_is_preferred_and_yanked_sdists_come_last() -> None:
    names = ("demo-1.0.zip", "demo-1.0.tar.bz2", "demo-1.0.tar.gz")
    release = choose_release(_project(*names), SpecifierSet())
    assert [link.filename for link in release.sdists] == [
        "demo-1.0.tar.gz",
        "demo-1.0.zip",
        "demo-1.0.tar.bz2",
    ]
    release = choose_release(_project(*names, yanked=("demo-1.0.tar.gz",)), SpecifierSet())
    assert release.sdists[0].filename == "demo-1.0.zip"


def test_files_that_are_no_distributions_are_passed_over() -> None:
    project = _project(
        "demo-1.0.tar.gz", "demo-1.0.exe", "demo-1.0-py2.7.egg", "demo-2.0.rpm", "demo.whl", "other-3.0.tar.gz",
        "demo-x.tar.gz", "demo-x-py3-none-any.whl", "demo.tar.gz",
    )  # fmt: skip
    assert _chosen(project) == "1.0"


def test_project_without_files_has_no_release() -> None:
    with pytest.raises(SourceError) as caught:
        _chosen(_project())
    assert (caught.value.slug, caught.value.hint) == ("version-not-found", "the index has no files of it")


def test_failure_names_the_newest_versions() -> None:
    with pytest.raises(SourceError) as caught:
        _chosen(_project(*(f"demo-{i}.0.tar.gz" for i in range(20))), ">99")
    assert caught.value.hint == "there are 19.0, 18.0, 17.0, 16.0, 15.0, 14.0, 13.0, 12.0, ..."


def test_release_is_found_by_version() -> None:
    project = _project("demo-1.0.tar.gz", "demo-1.0-cp311-cp311-linux_x86_64.whl")
    release = release_of_version(project, Version("1.0.0"))
    assert release is not None
    assert (len(release.sdists), len(release.wheels)) == (1, 1)
    assert release_of_version(project, Version("2.0")) is None


@pytest.mark.parametrize(
    ("wheels", "preferred"),
    [
        (("demo-1-cp311-cp311-win_amd64.whl", "demo-1-py3-none-any.whl"), "demo-1-py3-none-any.whl"),
        (("demo-1-cp39-cp39-win32.whl", "demo-1-cp311-cp311-win32.whl"), "demo-1-cp311-cp311-win32.whl"),
        (
            (
                "demo-1-cp39-cp39-manylinux_2_28_x86_64.whl",
                "demo-1-cp310-cp310-manylinux_2_28_x86_64.whl",
                "demo-1-cp310-cp310t-manylinux_2_28_x86_64.whl",
                "demo-1-cp311-cp311-manylinux_2_28_aarch64.whl",
                "demo-1-cp311-cp311-musllinux_1_2_x86_64.whl",
                "demo-1-pp310-pypy310_pp73-manylinux_2_28_x86_64.whl",
                "demo-1-cp312-cp312-win_amd64.whl",
            ),
            "demo-1-cp310-cp310-manylinux_2_28_x86_64.whl",
        ),
        (
            ("demo-1-cp312-cp312-win_amd64.whl", "demo-1-cp311-cp311-macosx_11_0_arm64.whl"),
            "demo-1-cp311-cp311-macosx_11_0_arm64.whl",
        ),
        ((), None),
    ],
)
def test_pure_wheel_is_preferred_then_the_newest_for_linux(
    wheels: tuple[str, ...], preferred: str | None
) -> None:
    release = choose_release(_project("demo-1.tar.gz", *wheels), SpecifierSet())
    wheel = release.preferred_wheel()
    assert (wheel.filename if wheel else None) == preferred


def test_file_names_with_endless_numbers_are_no_releases() -> None:
    endless = "9" * 5000
    project = _project("demo-1.0.tar.gz", f"demo-{endless}.tar.gz", f"demo-{endless}-py3-none-any.whl")

    assert _chosen(project) == "1.0"


@pytest.mark.parametrize(
    ("specifier", "version"),
    [("", "1.5"), (">=1.2", "1.5"), ("==2.0", "2.0"), (">=2", "2.0"), ("==1.*", "1.5"), ("<1.5", "1.0")],
)
def test_newest_release_that_a_python_can_use_is_chosen_unless_one_is_pinned_or_none_suits(
    specifier: str, version: str
) -> None:
    release = choose_release(_bounded(), SpecifierSet(specifier), python="3.11")

    assert str(release.version) == version


@pytest.mark.parametrize(
    ("bounds", "suits"),
    [
        (">=3.11.4", True), (">=3.8,!=3.11.1", True), ("<3.11", False), (">=3.12", False), ("", True),
        ("no specifier", True), ("~=3.11", True), ("==3.11.*", True),
    ],
)  # fmt: skip
def test_bounds_of_a_minor_version_are_those_that_admit_some_of_it(bounds: str, *, suits: bool) -> None:
    project = _bounded(("1.0", ""), ("2.0", bounds))

    assert (str(choose_release(project, SpecifierSet(), python="3.11").version) == "2.0") is suits


def test_yanked_releases_and_prereleases_are_passed_over_for_a_python_as_for_all() -> None:
    project = _bounded(("1.0", ">=3.9"), ("1.1", ">=3.9"), ("1.2b1", ">=3.9"), ("2.0", ">=3.12"))
    yanked = replace(
        project, files=tuple(replace(f, yanked="bad") if "-1.1" in f.filename else f for f in project.files)
    )

    assert str(choose_release(yanked, SpecifierSet(), python="3.11").version) == "1.0"


def _bounded(*releases: tuple[str, str]) -> IndexProject:
    """Return a project of (version, Requires-Python)."""
    found = releases or (("1.0", ">=3.9"), ("1.5", ">=3.10"), ("2.0", ">=3.12"))
    project = _project(*(f"demo-{version}.tar.gz" for version, _ in found))
    bounds = dict(found)
    files = (replace(f, requires_python=bounds[f.filename[5:-7]]) for f in project.files)
    return replace(project, files=tuple(files))

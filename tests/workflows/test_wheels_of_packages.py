from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from conda_bridge.errors import RepackError, UsageError
from conda_bridge.model.options import NetworkOptions, RecipeOptions, WheelOptions
from conda_bridge.model.repackaging import WheelSetting
from conda_bridge.workflows.wheel import WheelResult, wheels
from conda_bridge.workflows.wheel_index import WheelIndex
from support.noarch_made import Noarch
from support.noarch_packages import NoarchParts, write_noarch
from support.projects_made import project

DEMO = NoarchParts()
OTHER = NoarchParts(name="other", files={"other.py": b"y = 1\n"})
REFUSED = NoarchParts(name="native", subdir="linux-64", noarch="")


@pytest.fixture
def options(tmp_path: Path) -> WheelOptions:
    network = NetworkOptions(offline=True, cache_dir=str(tmp_path / "cache"))
    return WheelOptions(recipe=RecipeOptions(network=network), output_dir=str(tmp_path / "wheels"))


def convert(options: WheelOptions, *packages: Path, is_dry_run: bool = False) -> list[WheelResult]:
    return list(wheels([str(path) for path in packages], options=options, is_dry_run=is_dry_run))


def slugs(results: list[WheelResult]) -> list[str]:
    return [result.error.slug if result.error else "" for result in results]


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")} if folder.exists() else set()


def test_wheel_is_in_the_output_folder_and_nothing_else(tmp_path: Path, options: WheelOptions) -> None:
    (result,) = convert(options, write_noarch(tmp_path, DEMO))

    assert result.made is not None
    assert (result.path, result.made.path) == (str(tmp_path / "wheels/demo-1.0-py3-none-any.whl"),) * 2
    assert tree(tmp_path / "wheels") == {"demo-1.0-py3-none-any.whl"}


def test_one_that_is_refused_stops_no_other(tmp_path: Path, options: WheelOptions) -> None:
    packages = [write_noarch(tmp_path, one) for one in (DEMO, REFUSED, OTHER)]

    results = convert(options, *packages)

    assert slugs(results) == ["", "platform-package", ""]
    assert [result.package for result in results] == [path.name for path in packages]
    assert len(tree(tmp_path / "wheels")) == 2


def test_with_an_index_and_no_output_folder_the_wheel_is_in_the_index_only(
    tmp_path: Path, options: WheelOptions
) -> None:
    chosen = replace(options, output_dir="", index_dir=str(tmp_path / "simple"))

    (result,) = convert(chosen, write_noarch(tmp_path, DEMO))

    assert result.made is not None
    assert (result.path, result.index_path) == (
        "",
        str(tmp_path / "simple/demo/demo-1.0-py3-none-any.whl"),
    )
    assert result.made.path == result.index_path
    assert not (tmp_path / "wheels").exists()


def test_wheel_that_the_index_has_otherwise_is_nowhere(tmp_path: Path, options: WheelOptions) -> None:
    chosen = replace(options, index_dir=str(tmp_path / "simple"))
    convert(replace(chosen, output_dir=""), write_noarch(tmp_path, DEMO))
    changed = replace(DEMO, files={"demo/__init__.py": b"x = 2\n"})

    results = convert(chosen, write_noarch(tmp_path / "changed", changed))

    assert slugs(results) == ["wheel-in-index"]
    assert tree(tmp_path / "wheels") == set()


def test_folder_that_is_no_index_ends_the_run_before_it_begins(tmp_path: Path, options: WheelOptions) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/page.html").write_text("mine")

    with pytest.raises(UsageError, match=r"page\.html"):
        convert(replace(options, index_dir=str(tmp_path / "site")), write_noarch(tmp_path, DEMO))

    assert tree(tmp_path / "wheels") == set()


def test_dry_run_says_the_same_and_writes_nothing(tmp_path: Path, options: WheelOptions) -> None:
    chosen = replace(options, index_dir=str(tmp_path / "simple"))
    packages = [write_noarch(tmp_path, one) for one in (DEMO, REFUSED)]

    told = convert(chosen, *packages, is_dry_run=True)
    after = (tree(tmp_path / "wheels"), tree(tmp_path / "simple"))
    done = convert(chosen, *packages)

    assert after == (set(), set())
    assert [(one.path, one.index_path, one.made) for one in told] == [
        (one.path, one.index_path, one.made) for one in done
    ]
    assert slugs(told) == slugs(done) == ["", "platform-package"]


def test_wheel_that_replaces_another_one_says_so(tmp_path: Path, options: WheelOptions) -> None:
    convert(options, write_noarch(tmp_path, DEMO))
    changed = write_noarch(tmp_path / "changed", replace(DEMO, files={"demo/__init__.py": b"x = 2\n"}))

    (result,) = convert(options, changed)
    (again,) = convert(options, changed)

    assert "wheel-replaced" in [one.slug for one in result.diagnostics]
    assert "wheel-replaced" not in [one.slug for one in again.diagnostics]


def test_builds_that_install_the_same_become_one_wheel(tmp_path: Path, options: WheelOptions) -> None:
    first = write_noarch(tmp_path, replace(DEMO, depends=("python >=3.8,<3.10", "tomli")))
    second = write_noarch(tmp_path, replace(DEMO, build="py_1", depends=("python >=3.10",)))

    one, other = convert(options, first, second)

    assert (one.same_as, other.same_as) == ("", first.name)
    assert one.path == other.path
    assert tree(tmp_path / "wheels") == {"demo-1.0-py3-none-any.whl"}


def test_builds_that_install_different_files_are_both_refused(tmp_path: Path, options: WheelOptions) -> None:
    first = write_noarch(tmp_path, DEMO)
    second = write_noarch(tmp_path, replace(DEMO, build="py_1", files={"demo/__init__.py": b"x = 2\n"}))

    results = convert(options, first, second)

    assert slugs(results) == ["variant-conflict"] * 2
    assert "demo/__init__.py" in str(results[0].error)
    assert tree(tmp_path / "wheels") == set()


def test_the_wheel_of_the_highest_build_number_is_kept(tmp_path: Path, options: WheelOptions) -> None:
    newest = write_noarch(tmp_path, replace(DEMO, build="py_10", build_number=10))
    packages = [write_noarch(tmp_path, replace(DEMO, build=f"py_{n}", build_number=n)) for n in (2, 3)]

    results = convert(options, packages[0], newest, packages[1])

    assert [(one.package, one.same_as) for one in results] == [
        (newest.name, ""),
        (packages[1].name, newest.name),
        (packages[0].name, newest.name),
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"entry_points": ("demo = demo:main",)}, "entry_points.txt"),
        ({"metadata": ("Requires-Python: >=3.8", "Requires-Dist: idna")}, "METADATA: Requires-Dist"),
        ({"metadata": ("Requires-Python: >=3.9",)}, "METADATA: Requires-Python"),
        ({"metadata": ("Requires-Python: >=3.8", "", "New words.")}, "METADATA: the description"),
        ({"executable": frozenset({"demo/__init__.py"})}, "demo/__init__.py"),
    ],
)
def test_builds_that_say_different_things_are_both_refused(
    tmp_path: Path, options: WheelOptions, change: dict[str, Any], told: str
) -> None:
    first = write_noarch(tmp_path, DEMO)
    second = write_noarch(tmp_path, replace(DEMO, build="py_1", **change))

    results = convert(options, first, second)

    assert slugs(results) == ["variant-conflict"] * 2
    assert told in str(results[0].error)
    assert tree(tmp_path / "wheels") == set()


def test_what_was_noticed_of_each_build_is_said(tmp_path: Path, options: WheelOptions) -> None:
    first = write_noarch(tmp_path, DEMO)
    second = write_noarch(tmp_path, replace(DEMO, build="py_1", depends=("python >=3.8", "idna")))

    one, other = convert(options, first, second)

    assert "dependency-drift" not in [found.slug for found in one.diagnostics]
    assert "dependency-drift" in [found.slug for found in other.diagnostics]
    assert other.made is not None
    assert other.made.drift


def test_builds_that_build_tags_tell_apart_are_two_wheels(tmp_path: Path, options: WheelOptions) -> None:
    changed = replace(DEMO, build="py_1", build_number=1, files={"demo/__init__.py": b"x = 2\n"})
    packages = [write_noarch(tmp_path, one) for one in (DEMO, changed)]

    results = convert(replace(options, setting=WheelSetting(has_build_tag=True)), *packages)

    assert slugs(results) == ["", ""]
    assert tree(tmp_path / "wheels") == {"demo-1.0-py3-none-any.whl", "demo-1.0-1-py3-none-any.whl"}


def test_wheel_of_several_builds_that_the_index_has_otherwise_fails_for_each(
    tmp_path: Path, options: WheelOptions
) -> None:
    chosen = replace(options, index_dir=str(tmp_path / "simple"))
    changed = replace(DEMO, files={"demo/__init__.py": b"x = 2\n"})
    convert(chosen, write_noarch(tmp_path / "old", DEMO))
    packages = [write_noarch(tmp_path, one) for one in (changed, replace(changed, build="py_1"))]

    results = convert(chosen, *packages)

    assert slugs(results) == ["wheel-in-index"] * 2
    assert [result.same_as for result in results] == ["", ""]


UNIX = replace(DEMO, build="unix_0", depends=("python >=3.8", "__unix"))
WINDOWS = replace(DEMO, build="win_0", depends=("python >=3.8", "__win"))


def test_builds_for_all_systems_that_install_the_same_become_one_wheel(
    tmp_path: Path, options: WheelOptions
) -> None:
    packages = [write_noarch(tmp_path, one) for one in (UNIX, WINDOWS)]

    results = convert(options, *packages)

    assert slugs(results) == ["", ""]
    assert tree(tmp_path / "wheels") == {"demo-1.0-py3-none-any.whl"}
    assert "gate-dropped" not in {row.slug for result in results for row in result.diagnostics}


def test_builds_for_one_system_are_refused_however_many(tmp_path: Path, options: WheelOptions) -> None:
    packages = [write_noarch(tmp_path, one) for one in (UNIX, replace(UNIX, build="unix_1"))]

    results = convert(options, *packages)

    assert slugs(results) == ["platform-gated"] * 2


def test_builds_for_all_systems_differ_in_files(tmp_path: Path, options: WheelOptions) -> None:
    other = replace(WINDOWS, files={"demo/__init__.py": b"x = 2\n"})

    results = convert(options, write_noarch(tmp_path, UNIX), write_noarch(tmp_path, other))

    assert slugs(results) == ["variant-conflict"] * 2


def test_builds_for_all_systems_but_one_interpreter_are_refused(
    tmp_path: Path, options: WheelOptions
) -> None:
    builds = [replace(one, depends=(*one.depends, "python_abi 3.11.* *_cp311")) for one in (UNIX, WINDOWS)]
    packages = [write_noarch(tmp_path, one) for one in builds]

    assert slugs(convert(options, *packages)) == ["platform-gated"] * 2


def test_with_condas_dependencies_each_system_has_its_own(tmp_path: Path, options: WheelOptions) -> None:
    setting = WheelSetting(dependencies="conda")
    packages = [write_noarch(tmp_path, one) for one in (UNIX, WINDOWS)]

    assert slugs(convert(replace(options, setting=setting), *packages)) == ["platform-gated"] * 2


def test_refusal_of_one_build_leaves_the_others(tmp_path: Path, options: WheelOptions) -> None:
    packages = [write_noarch(tmp_path, one) for one in (DEMO, replace(UNIX, build="unix_0"))]

    results = convert(options, *packages)

    assert slugs(results) == ["", ""]
    assert results[1].same_as == packages[0].name


def test_what_is_given_twice_under_two_names_is_one(tmp_path: Path, options: WheelOptions) -> None:
    first = write_noarch(tmp_path / "a", DEMO)
    second = write_noarch(tmp_path / "b", DEMO)

    results = convert(options, first, second)

    assert slugs(results) == ["", ""]
    assert results[1].same_as == first.name


def test_output_folder_that_is_a_file_is_told(tmp_path: Path, options: WheelOptions) -> None:
    (tmp_path / "wheels").write_text("a file")

    with pytest.raises(UsageError) as caught:
        convert(options, write_noarch(tmp_path, DEMO))

    assert caught.value.slug == "not-writable"
    assert (caught.value.where, caught.value.message) == (str(tmp_path / "wheels"), "it is a file")


def test_what_is_no_package_is_told(tmp_path: Path, options: WheelOptions) -> None:
    (tmp_path / "notes.txt").write_text("notes")

    results = list(
        wheels(
            [str(tmp_path), str(tmp_path / "notes.txt"), str(tmp_path / "gone.conda"), "http://x/y.conda"],
            options=options,
        )
    )

    assert slugs(results) == ["unknown-package"] * 4


def test_index_url_is_that_of_the_folder(tmp_path: Path) -> None:
    assert WheelIndex(str(tmp_path / "a b")).url == f"{tmp_path.as_uri()}/a%20b"


def test_wheel_has_the_projects_files_and_metadata(tmp_path: Path, options: WheelOptions) -> None:
    (result,) = convert(options, write_noarch(tmp_path, DEMO))

    with ZipFile(result.path) as archive:
        assert archive.read("demo/__init__.py") == b"x = 1\n"
        assert set(archive.namelist()) == {
            "demo/__init__.py",
            "demo-1.0.dist-info/METADATA",
            "demo-1.0.dist-info/WHEEL",
            "demo-1.0.dist-info/RECORD",
        }


# ---------------------------------------------------------------- packages with several projects


def write_two(folder: Path, *, build: str = "py_0", other: bytes = b"y = 1\n") -> Path:
    folder.mkdir(exist_ok=True)
    files = project("demo", files={"demo.py": b"x = 1\n"})
    files |= project("other", "2", files={"other.py": other})
    return Path(Noarch(files=files, index={"build": build}, stem=f"demo-1.0-{build}").write(folder))


def test_package_with_several_projects_has_a_result_for_each(tmp_path: Path, options: WheelOptions) -> None:
    package = write_two(tmp_path)

    results = convert(options, package)

    assert [(one.source, one.package) for one in results] == [(str(package), package.name)] * 2
    assert [Path(one.path).name for one in results] == [
        "demo-1.0-py3-none-any.whl",
        "other-2-py3-none-any.whl",
    ]
    assert tree(tmp_path / "wheels") == {Path(one.path).name for one in results}


def test_one_wheel_that_the_index_refuses_keeps_its_siblings_away(
    tmp_path: Path, options: WheelOptions
) -> None:
    chosen = replace(options, index_dir=str(tmp_path / "simple"))
    earlier = NoarchParts(name="other", version="2", files={"other.py": b"y = 2\n"})
    convert(replace(chosen, output_dir=""), write_noarch(tmp_path, earlier))

    results = convert(chosen, write_two(tmp_path))

    assert slugs(results) == ["wheel-in-index"]
    assert tree(tmp_path / "wheels") == set()
    assert not (tmp_path / "simple/demo").exists()


def test_one_wheel_that_differs_from_another_packages_keeps_its_siblings_away(
    tmp_path: Path, options: WheelOptions
) -> None:
    earlier = write_noarch(tmp_path, NoarchParts(name="other", version="2", files={"other.py": b"y = 2\n"}))

    results = convert(options, earlier, write_two(tmp_path))

    assert slugs(results) == ["", "variant-conflict"]
    assert tree(tmp_path / "wheels") == {"other-2-py3-none-any.whl"}


def test_builds_with_several_projects_are_the_same_in_all_or_refused(
    tmp_path: Path, options: WheelOptions
) -> None:
    first = write_two(tmp_path)
    same = write_two(tmp_path, build="py_1")
    differing = write_two(tmp_path, build="py_2", other=b"y = 2\n")

    agreed = convert(replace(options, output_dir=str(tmp_path / "agreed")), first, same)
    refused = convert(options, first, differing)

    assert slugs(agreed) == [""] * 4
    assert len(tree(tmp_path / "agreed")) == 2
    assert slugs(refused) == ["variant-conflict"] * 2
    assert tree(tmp_path / "wheels") == set()


def test_index_takes_all_wheels_of_a_package_at_once_or_none(tmp_path: Path, options: WheelOptions) -> None:
    index = WheelIndex(str(tmp_path / "simple"))
    (tmp_path / "one").mkdir()
    convert(replace(options, output_dir=str(tmp_path / "new")), write_two(tmp_path / "one"))
    new = sorted(str(path) for path in (tmp_path / "new").iterdir())
    earlier = NoarchParts(name="other", version="2", files={"other.py": b"y = 2\n"})
    convert(
        replace(options, output_dir="", index_dir=str(tmp_path / "simple")), write_noarch(tmp_path, earlier)
    )

    with pytest.raises(RepackError) as caught:
        index.add_all(new)

    assert caught.value.slug == "wheel-in-index"
    assert not (tmp_path / "simple/demo").exists()


def test_wheels_of_a_package_are_in_the_index_before_the_first_result(
    tmp_path: Path, options: WheelOptions
) -> None:
    chosen = replace(options, index_dir=str(tmp_path / "simple"))

    results = wheels([str(write_two(tmp_path))], options=chosen)
    first = next(iter(results))

    assert first.error is None
    assert (tmp_path / "simple/other/other-2-py3-none-any.whl").exists()


def test_dry_run_compares_the_wheels_of_two_packages_as_a_real_one_does(
    tmp_path: Path, options: WheelOptions
) -> None:
    first = Noarch(files=project("demo", files={"demo.py": b"x = 1\n"})).write(tmp_path)
    same, other = (
        Path(
            Noarch(
                files=project("demo", files={"demo.py": text}), index={"name": name}, stem=f"{name}-1.0-py_0"
            ).write(tmp_path)
        )
        for name, text in (("demo-base", b"x = 1\n"), ("demo-core", b"x = 2\n"))
    )

    told = convert(options, Path(first), same, other, is_dry_run=True)
    done = convert(options, Path(first), same, other)

    assert slugs(told) == slugs(done) == ["", "", "variant-conflict"]
    assert [one.same_as for one in told] == [one.same_as for one in done]
    assert "demo.py" in str(told[2].error)
    assert str(told[2].error) == str(done[2].error)


def test_packages_by_case_are_one_wheel_with_condas_dependencies_too(
    tmp_path: Path, options: WheelOptions
) -> None:
    chosen = replace(options, setting=WheelSetting(dependencies="conda"))
    needs = "Requires-Python: >=3.8\nRequires-Dist: tomli; python_version < '3.11'\n"
    files = project("demo", files={"demo.py": b"x = 1\n"}, metadata=needs)
    about = {"about.json": b'{"extra": {"conda-bridge": {"python-by-case": true}}}'}
    packages = [
        Noarch(
            files=files, info=about, index={"build": build, "depends": depends}, stem=f"demo-1.0-{build}"
        ).write(tmp_path)
        for build, depends in (("a_0", ["python >=3.8,<3.11", "tomli"]), ("b_0", ["python >=3.11"]))
    ]

    one, other = convert(chosen, *map(Path, packages))

    assert slugs([one, other]) == ["", ""]
    assert one.made is not None
    assert one.made.drift == ()
    assert other.same_as == one.package
    with ZipFile(one.path) as archive:
        assert archive.read("demo-1.0.dist-info/METADATA").decode().endswith(needs)

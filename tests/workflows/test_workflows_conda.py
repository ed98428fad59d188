"""Wheels of every kind of source become packages in a folder or in a channel; a failure stops no other wheel."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.errors import SourceError, UsageError
from conda_bridge.model.events import Event, StepStarted, WorkFinished
from conda_bridge.model.names import PypiName
from conda_bridge.model.options import RecipeOptions
from conda_bridge.model.source import FileLink, IndexProject, ProjectStatus
from conda_bridge.workflows.conda import CondaOptions, CondaResult, conda
from conda_bridge.workflows.services import Services, name_source
from support.fetchers import Unreachable
from support.wheels import WheelParts, write_wheel

METADATA = ("Requires-Python: >=3.9", 'Requires-Dist: colorama; sys_platform == "win32"')
OTHERS = """Metadata-Version: 2.1
Name: other
Version: 3.0
Provides-Extra: x
Requires-Dist: deep[y]; extra == "x"
"""
DEEP = """Metadata-Version: 2.1
Name: deep
Version: 3.0
Provides-Extra: y
Requires-Dist: deepest>=2; extra == "y"
"""


class Index(Unreachable):
    """A Fetcher of some projects' wheels."""

    def __init__(self, wheels: Mapping[str, tuple[Path | str, ...]], metadata: Mapping[str, str]) -> None:
        self.wheels = wheels
        self.metadata = metadata
        self.urls: dict[str, Path] = {}

    def get_project(self, name: PypiName) -> IndexProject:
        if name not in self.wheels:
            raise SourceError("project-not-found", f"{name} is nowhere")
        links = tuple(
            FileLink(
                filename=Path(wheel).name, url=f"https://index.example/{Path(wheel).name}", sha256=str(wheel)
            )
            for wheel in self.wheels[name]
        )
        return IndexProject(pypi_name=name, index_url="https://index.example/simple", files=links)

    def get_metadata(self, link: FileLink) -> str | None:
        return self.metadata[link.filename]

    def get_file(self, link: FileLink) -> str:
        if link.url in self.urls:
            assert link.sha256 == hashlib.sha256(self.urls[link.url].read_bytes()).hexdigest()
            return str(self.urls[link.url])
        return link.sha256

    def get_url(self, url: str) -> str:
        return str(self.urls[url])


class Listener:
    """A Reporter that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def report(self, event: Event) -> None:
        self.events.append(event)


def run(
    folder: Path, *wheels: str, index: Unreachable | None = None, is_dry_run: bool = False, **options: object
) -> list[CondaResult]:
    settings = CondaOptions(output_dir=str(folder / "out"), level=1, **options)  # type: ignore[arg-type] # its fields
    services = Services(fetcher=index or Unreachable(), names=name_source(RecipeOptions()))
    return list(conda(wheels, options=settings, services=services, is_dry_run=is_dry_run))


def test_a_file_becomes_packages_with_what_they_are_for(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts(metadata=METADATA))
    (result,) = run(tmp_path, str(wheel))
    assert result.error is None
    assert result.wheel == wheel.name
    assert result.wheel_sha256 == hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert [(one.platforms, one.python) for one in result.packages] == [
        (("linux", "osx"), ">=3.9"),
        (("win",), ">=3.9"),
    ]
    assert [Path(one.path).is_file() for one in result.packages] == [True, True]
    assert (
        result.packages[0].record.sha256
        == hashlib.sha256(Path(result.packages[0].path).read_bytes()).hexdigest()
    )
    assert "packages-by-marker" in {row.slug for row in result.diagnostics}


def test_a_requirement_is_the_pure_wheel_of_its_newest_release(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts())
    native = "demo-1.0-cp311-cp311-win_amd64.whl"
    (result,) = run(tmp_path, "demo>=1", index=Index({"demo": (native, wheel)}, {}))
    assert (result.error, result.wheel) == (None, wheel.name)


def test_a_release_without_a_pure_wheel_is_refused_with_what_it_has(tmp_path: Path) -> None:
    (result,) = run(tmp_path, "demo", index=Index({"demo": ("demo-1.0-cp311-cp311-win_amd64.whl",)}, {}))
    assert result.error is not None
    assert result.error.slug == "no-pure-wheel"
    assert str(result.error) == "demo 1.0 has 1 wheel, for one platform or python each"


def test_file_url_is_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    wheel = write_wheel(folder, WheelParts())
    (result,) = run(tmp_path, wheel.as_uri())
    assert (result.error, result.wheel) == (None, wheel.name)


def test_name_of_a_folder_that_no_index_has_is_hinted_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wheels").mkdir()
    monkeypatch.chdir(tmp_path)
    (result,) = run(tmp_path, "wheels", index=Index({}, {}))
    assert result.error is not None
    assert result.error.slug == "project-not-found"
    assert result.error.hint == "there is a folder of that name: name the wheels in it, wheels/*.whl"


@pytest.mark.parametrize("algorithm", ["", "sha256"])
def test_a_url_is_fetched_and_held_against_its_hash(algorithm: str, tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts())
    index = Index({}, {})
    url = f"https://files.example/{wheel.name}"
    index.urls[url] = wheel
    fragment = f"#sha256={hashlib.sha256(wheel.read_bytes()).hexdigest()}" if algorithm else ""
    (result,) = run(tmp_path, url + fragment, index=index)
    assert (result.error, result.wheel) == (None, wheel.name)


@pytest.mark.parametrize(
    "fragment", ["sha256=abc", f"md5={'0' * 32}", f"egg=demo&sha512={'0' * 128}", "sha256="]
)
def test_a_hash_that_can_t_be_checked_is_refused(fragment: str, tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts())
    index = Index({}, {})
    index.urls[f"https://files.example/{wheel.name}"] = wheel
    (result,) = run(tmp_path, f"https://files.example/{wheel.name}#{fragment}", index=index)
    assert result.error is not None
    assert result.error.slug == "unknown-wheel"


class Warned(Index):
    """An index that warns of what it has."""

    status: ProjectStatus = "active"

    def get_project(self, name: PypiName) -> IndexProject:
        page = super().get_project(name)
        return replace(
            page, status=self.status, files=tuple(replace(link, yanked="broken") for link in page.files)
        )


def test_what_the_index_says_of_a_release_is_told(tmp_path: Path) -> None:
    index = Warned({"demo": (write_wheel(tmp_path, WheelParts()),)}, {})
    index.status = "archived"
    (result,) = run(tmp_path, "demo==1.0", index=index)
    assert len(result.packages) == 1
    assert {"yanked", "archived-project"} <= {row.slug for row in result.diagnostics}


def test_a_quarantined_project_is_refused(tmp_path: Path) -> None:
    index = Warned({"demo": (write_wheel(tmp_path, WheelParts()),)}, {})
    index.status = "quarantined"
    (result,) = run(tmp_path, "demo==1.0", index=index)
    assert result.error is not None
    assert result.error.slug == "quarantined"


@pytest.mark.parametrize(
    ("tags", "chosen"),
    [
        (("py310-none-any", "py3-none-any"), "py3-none-any"),
        (("py2-none-any", "py36-none-any", "py310-none-any"), "py36-none-any"),
        (("cp311-none-any", "py2.py3-none-any", "py2-none-any"), "py2.py3-none-any"),
        (("py3-none-any", "2-py3-none-any", "10-py3-none-any"), "10-py3-none-any"),
        (("10-py310-none-any", "2-py3-none-any"), "2-py3-none-any"),
    ],
)
def test_of_several_pure_wheels_the_one_for_most_pythons_is_taken_in_its_last_build(
    tags: tuple[str, ...], chosen: str, tmp_path: Path
) -> None:
    for several in (tags, tags[::-1]):
        wheels = [write_wheel(tmp_path, WheelParts(tag=tag)) for tag in several]
        (result,) = run(tmp_path, "demo", index=Index({"demo": tuple(wheels)}, {}))
        assert (result.error, result.wheel) == (None, f"demo-1.0-{chosen}.whl")


@pytest.mark.parametrize(
    ("source", "slug"),
    [
        ("https://me:secret@files.example/demo-1.0-py3-none-any.whl", "secret-in-url"),
        ("https://files.example/demo-1.0.tar.gz", "unknown-wheel"),
        ("nowhere-1.0-py3-none-any.whl", "unknown-wheel"),
        (".", "unknown-wheel"),
        ("demo[x", "unknown-wheel"),
        ("demo", "offline"),
    ],
)
def test_what_is_no_wheel_is_told(source: str, slug: str, tmp_path: Path) -> None:
    (result,) = run(tmp_path, source)
    assert result.error is not None
    assert result.error.slug == slug
    assert not (tmp_path / "out").exists()


def test_a_wheel_that_is_named_twice_is_converted_once(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts())
    listener = Listener()
    first, second = conda(
        [str(wheel), wheel.as_uri()],
        options=CondaOptions(output_dir=str(tmp_path / "out"), level=1),
        services=Services(fetcher=Unreachable(), names=name_source(RecipeOptions())),
        reporter=listener,
    )
    assert (second.source, second.same_as) == (wheel.as_uri(), str(wheel))
    assert second.packages == first.packages
    assert [event.step for event in listener.events if isinstance(event, StepStarted)] == [
        "looking for the wheel",
        "compressing at level 1",
        "looking for the wheel",
    ]


def test_work_is_over_when_its_result_is_there(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts())
    listener = Listener()
    options = CondaOptions(output_dir=str(tmp_path / "out"), level=1)
    next(conda([str(wheel)], options=options, reporter=listener))
    assert listener.events[-1] == WorkFinished(subject=str(wheel))


def test_progress_says_what_takes_long(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts())
    listener = Listener()
    next(conda([str(wheel)], options=CondaOptions(output_dir=str(tmp_path / "out")), reporter=listener))
    step = "compressing at level 19 (--fast is quicker)"
    assert StepStarted(subject=str(wheel), step=step) in listener.events


def test_a_failure_stops_no_other_wheel(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts())
    broken = tmp_path / "odd-1.0-py3-none-any.whl"
    broken.write_bytes(b"no zip")
    first, second = run(tmp_path, str(broken), str(wheel))
    assert first.error is not None
    assert first.error.slug == "broken-archive"
    assert len(second.packages) == 1


def test_extras_of_dependencies_are_read_as_deep_as_they_go(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts(metadata=("Requires-Dist: other[x]",)))
    names = ("other-3.0-py3-none-any.whl", "deep-3.0-py3-none-any.whl")
    index = Index({"other": names[:1], "deep": names[1:]}, dict(zip(names, (OTHERS, DEEP), strict=True)))
    (result,) = run(tmp_path, str(wheel), index=index)
    assert result.packages[0].record.depends[1:] == ("deep", "deepest >=2", "other")


def test_extras_that_can_t_be_read_are_told(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts(metadata=("Requires-Dist: other[x]",)))
    (result,) = run(tmp_path, str(wheel), index=Index({}, {}))
    assert len(result.packages) == 1
    assert {"extra-unread", "extra-unknown"} <= {row.slug for row in result.diagnostics}


def test_a_channel_is_indexed(tmp_path: Path) -> None:
    extra = 'Requires-Dist: pysocks; extra == "socks"'
    wheel = write_wheel(tmp_path, WheelParts(metadata=(*METADATA, "Provides-Extra: socks", extra)))
    (result,) = run(tmp_path, str(wheel), is_channel=True)
    assert sorted(one.build for one in LocalChannel(str(tmp_path / "out")).records()) == sorted(
        one.record.build for one in result.packages
    )
    assert all(Path(one.path).is_file() for one in result.packages)
    assert LocalChannel(str(tmp_path / "out")).records()[0].extra_depends == (("socks", ("pysocks",)),)
    (told,) = (row for row in result.diagnostics if row.slug == "extras-in-groups")
    assert told.hint == "with such a client: install 'demo[extras=[socks]]'"


def test_what_a_channel_has_is_not_replaced(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts(metadata=METADATA))
    (first,) = run(tmp_path, str(wheel), is_channel=True)
    (again,) = run(tmp_path, str(wheel), is_channel=True)
    (other,) = run(tmp_path, str(wheel), is_channel=True, source_date_epoch=1_600_000_000)
    assert (again.error, again.packages) == (None, first.packages)
    assert other.error is not None
    assert other.error.slug == "package-in-channel"
    records = LocalChannel(str(tmp_path / "out")).records()
    assert {one.sha256 for one in records} == {one.record.sha256 for one in first.packages}


def test_what_is_replaced_in_a_folder_is_told(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts())
    for epoch, count in ((None, 0), (None, 0), (1_600_000_000, 1)):
        (result,) = run(tmp_path, str(wheel), source_date_epoch=epoch)
        (package,) = result.packages
        assert [row.slug for row in result.diagnostics].count("package-replaced") == count
        assert hashlib.sha256(Path(package.path).read_bytes()).hexdigest() == package.record.sha256
        assert list((tmp_path / "out").iterdir()) == [Path(package.path)]


def _other(folder: Path, **parts: object) -> str:
    """Write a wheel of the same release with other content."""
    folder.mkdir()
    other = replace(WheelParts(files={"demo/__init__.py": b"x = 2\n"}), **parts)  # type: ignore[arg-type]
    return str(write_wheel(folder, other))


def test_two_wheels_of_a_release_are_no_two_builds(tmp_path: Path) -> None:
    wheels = [str(write_wheel(tmp_path, WheelParts())), _other(tmp_path / "other")]

    first, second = run(tmp_path, *wheels)

    assert first.error is None
    assert second.error is not None
    assert (second.error.slug, second.same_as) == ("wheel-conflict", "")
    assert wheels[0] in second.error.message
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_two_wheels_of_a_release_with_build_tags_are_two_builds(tmp_path: Path) -> None:
    wheels = [str(write_wheel(tmp_path, WheelParts())), _other(tmp_path / "other", tag="1-py3-none-any")]

    results = run(tmp_path, *wheels)

    assert [one.error for one in results] == [None, None]
    assert [row.slug for one in results for row in one.diagnostics] == []


@pytest.mark.parametrize("is_channel", [False, True])
@pytest.mark.parametrize("is_dry_run", [False, True])
def test_packages_of_another_wheel_in_the_folder_are_told(
    tmp_path: Path, *, is_channel: bool, is_dry_run: bool
) -> None:
    (earlier,) = run(tmp_path, str(write_wheel(tmp_path, WheelParts())), is_channel=is_channel)
    folder = Path(earlier.packages[0].path).parent
    if not is_channel:
        for name in ("demo-2-1.0-py_0.conda", "demo-1.0-pyh_1.conda"):
            (folder / name).write_bytes(b"another project, another build")

    (result,) = run(tmp_path, _other(tmp_path / "other"), is_channel=is_channel, is_dry_run=is_dry_run)

    (told,) = (row for row in result.diagnostics if row.slug == "other-builds")
    assert told.message == Path(earlier.packages[0].path).name


def test_a_wheel_that_is_converted_again_is_beside_nothing(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts(metadata=METADATA))

    results = [run(tmp_path, str(wheel))[0] for _ in range(2)]

    assert [row.slug for one in results for row in one.diagnostics if row.slug == "other-builds"] == []


def test_a_build_tag_is_the_build_number(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts(tag="12b-py3-none-any"))
    (result,) = run(tmp_path, str(wheel))
    record = result.packages[0].record
    assert (record.build_number, record.build.rpartition("_")[2]) == (12, "12")


@pytest.mark.parametrize(
    ("tag", "told"), [("12b", ["the build tag '12b' became the build number 12"]), ("12", [])]
)
def test_what_is_behind_the_number_of_a_build_tag_is_told_to_be_lost(
    tmp_path: Path, tag: str, told: list[str]
) -> None:
    wheel = write_wheel(tmp_path, WheelParts(tag=f"{tag}-py3-none-any"))
    (result,) = run(tmp_path, str(wheel))
    assert [row.message for row in result.diagnostics if row.slug == "build-tag-cut"] == told


def test_a_build_tag_that_no_client_reads_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts(tag=f"{2**63}-py3-none-any"))
    (result,) = run(tmp_path, str(wheel))
    assert result.error is not None
    assert result.error.slug == "invalid-wheel"


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts(metadata=METADATA))
    (result,) = run(tmp_path, str(wheel), is_dry_run=True)
    assert [Path(one.path).parent for one in result.packages] == [tmp_path / "out"] * 2
    assert not (tmp_path / "out").exists()


def test_a_time_of_the_environment_is_the_packages(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts())
    (result,) = run(tmp_path, str(wheel), source_date_epoch=1_600_000_000)
    assert result.packages[0].record.timestamp_ms == 1_600_000_000_000


@pytest.mark.parametrize(
    ("epoch", "time_s"), [(0, 315_532_800), (4_354_819_200, 4_354_819_198), (10**14, 4_354_819_198)]
)
def test_a_time_that_no_package_can_have_is_the_nearest(tmp_path: Path, epoch: int, time_s: int) -> None:
    wheel = write_wheel(tmp_path, WheelParts())
    (result,) = run(tmp_path, str(wheel), source_date_epoch=epoch)
    assert result.error is None
    assert result.packages[0].record.timestamp_ms == time_s * 1000


def test_a_channel_that_can_t_be_written_is_a_folder_that_can_t(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, WheelParts())
    run(tmp_path, str(wheel), is_channel=True)
    repodata = tmp_path / "out/noarch/repodata.json"
    repodata.unlink()
    (repodata / "not-ours").mkdir(parents=True)

    (result,) = run(tmp_path, _other(tmp_path / "other", name="other"), is_channel=True)

    assert result.error is not None
    assert result.error.slug == "not-writable"


def test_a_level_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        list(conda(["demo"], options=CondaOptions(output_dir=str(tmp_path), level=23)))
    assert caught.value.slug == "usage"


def test_a_folder_that_can_t_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    wheel = write_wheel(tmp_path, WheelParts())
    (result,) = run(tmp_path, str(wheel))
    assert result.error is not None
    assert result.error.slug == "not-writable"
    assert (result.error.where, result.error.message) == (str(tmp_path / "out"), "it is a file")


@pytest.mark.parametrize(
    ("source", "reason", "hint"),
    [
        ("demo[socks]==2.31.0", "extras", "'demo==2.31.0'"),
        ("demo-1.0-py_0.conda", "a conda package", "conda-bridge wheel"),
        ("demo-1.0-py_0.tar.bz2", "a conda package", "conda-bridge wheel"),
        ("./gone-1.0-py3-none-any.whl", "there is no such file: ", "relative to"),
        ("/gone/gone-1.0-py3-none-any.whl", "there is no such file: ", "check the path"),
        (".", "it is a folder", "*.whl"),
        ("/dev/null", "no regular file", None),
        ("demo>=1; python_version < '3'", "marker", "'demo>=1'"),
        ("demo=3.4", "as a requirement it is invalid", "did you mean demo==3.4?"),
        ("", "it is empty", None),
        ("http://files.example/demo-1.0-py3-none-any.whl", "over http are not fetched", "use https"),
        ("git@files.example:demo", "over ssh are not fetched", None),
        ("git+https://files.example/demo", "it is no wheel", "conda-bridge build"),
    ],
)
def test_what_is_meant_in_another_way_is_told(
    source: str, reason: str, hint: str | None, tmp_path: Path
) -> None:
    (result,) = run(tmp_path, source)
    assert result.error is not None
    assert result.error.slug == "unknown-wheel"
    assert reason in result.error.message
    assert hint is None or hint in (result.error.hint or "")
    assert "git+" not in (result.error.hint or "")

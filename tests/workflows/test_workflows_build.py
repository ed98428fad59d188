"""Sources become packages of a channel, with an engine that only packs a file."""

import json
import sys
import threading
from pathlib import Path

import pytest

from conda_bridge.errors import BridgeError, EngineError, SourceError, UsageError
from conda_bridge.model.events import Event, StepStarted, WorkFinished
from conda_bridge.processes.work_folders import WorkFolders
from conda_bridge.workflows.build import BuildResult, builds
from support.building import FakeDistributor, FakeEngine, Workshop
from support.index_server import IndexServer


@pytest.fixture
def shop(tmp_path: Path, index_server: IndexServer) -> Workshop:
    return Workshop(folder=tmp_path, index=index_server)


def build(shop: Workshop, *sources: str, is_dry_run: bool = False, **chosen: object) -> list[BuildResult]:
    options = shop.options(**chosen)
    return list(builds(sources, options=options, services=shop.services(options), is_dry_run=is_dry_run))


def repodata(shop: Workshop) -> dict[str, dict[str, str]]:
    document = json.loads((shop.folder / "channel/noarch/repodata.json").read_text())
    packages: dict[str, dict[str, str]] = document["packages.conda"]
    return packages


def slug_of(result: BuildResult) -> str:
    return result.error.slug if result.error else ""


def test_source_becomes_a_tested_package_of_an_indexed_channel(shop: Workshop) -> None:
    shop.offer("demo")

    (result,) = build(shop, "demo")

    assert result.error is None
    assert [package.path for package in result.packages] == [
        str(shop.folder / "channel/noarch/demo-1.0-py_0.conda")
    ]
    assert set(repodata(shop)) == {"demo-1.0-py_0.conda"}
    assert shop.engine.tested == ["demo-1.0-py_0.conda"]
    assert result.engine == "fake 1"
    assert [one.step for one in result.steps] == [
        "writing the recipe", "rendering", "environments", "fetching sources", "building", "packaging", "testing",
        "publishing",
    ]  # fmt: skip
    assert Path(result.log).read_text().startswith("building demo")
    assert result.log == str(shop.folder / "channel/builds/demo-1.0-py_0/build.log")
    assert "url: http" in (shop.folder / "channel/builds/demo-1.0-py_0/recipe/recipe.yaml").read_text()


def test_nothing_is_left_of_the_work(shop: Workshop) -> None:
    shop.offer("demo")

    build(shop, "demo")

    assert [path.name for path in (shop.folder / "channel/.work").iterdir() if path.name[0] != "."] == []
    assert [path.name for path in (shop.folder / "cache/build/work").glob("*/*")] == []


@pytest.mark.parametrize("is_dry_run", [False, True])
def test_folder_of_something_else_is_no_output_channel(shop: Workshop, *, is_dry_run: bool) -> None:
    (shop.folder / "channel").mkdir()
    (shop.folder / "channel/thesis.tex").write_text("mine", encoding="utf-8")

    with pytest.raises(UsageError) as caught:
        build(shop, "demo", is_dry_run=is_dry_run)

    assert caught.value.slug == "no-channel-folder"
    assert [path.name for path in (shop.folder / "channel").iterdir()] == ["thesis.tex"]


def test_work_folder_is_kept_where_the_user_wants_it(shop: Workshop) -> None:
    shop.offer("demo")

    build(shop, "demo", keeps_work=True)

    assert (shop.folder / "channel/builds/demo-1.0.work/staged/recipe/recipe.yaml").is_file()


def test_recipe_that_is_given_is_built_as_it_is(shop: Workshop) -> None:
    shop.offer("demo")
    build(shop, "demo")
    recipe = shop.folder / "channel/builds/demo-1.0-py_0/recipe"

    (result,) = build(shop, str(recipe))

    assert result.error is None
    assert result.planned.recipe is not None
    assert result.planned.recipe.path == recipe / "recipe.yaml"
    assert shop.engine.built == ["demo", "demo"]


def test_failure_of_one_stops_no_other_and_keeps_its_log(shop: Workshop) -> None:
    for name in ("good", "bad", "fine"):
        shop.offer(name)
    shop.engine.failing = frozenset({"bad"})

    good, bad, fine = build(shop, "good", "bad", "fine")

    assert (slug_of(good), slug_of(bad), slug_of(fine)) == ("", "build-failed", "")
    assert bad.log == str(shop.folder / "channel/builds/bad-1.0.failed/build.log")
    assert bad.error is not None
    assert bad.error.where == bad.log
    assert "the very cause" in Path(bad.log).read_text()
    assert (shop.folder / "channel/builds/bad-1.0.failed/recipe/recipe.yaml").is_file()
    assert set(repodata(shop)) == {"fine-1.0-py_0.conda", "good-1.0-py_0.conda"}


def test_known_cause_of_a_failure_is_a_finding(shop: Workshop) -> None:
    shop.offer("demo")
    shop.engine.failing = frozenset({"demo"})
    shop.engine.says = "ld: cannot find -lz: No such file or directory"

    (result,) = build(shop, "demo")

    assert "-lz isn't found" in result.diagnostics[0].message
    assert result.error is not None
    assert (result.error.hint or "").startswith(result.diagnostics[0].message)


@pytest.mark.parametrize(
    ("log", "lacking"),
    [
        ("done", ""),
        ("cargo-bundle-licenses: no licence text of itoa 1.0.17", "; of itoa 1.0.17 there is no text"),
    ],
)
def test_licences_that_a_stand_in_gathered_are_a_finding(shop: Workshop, log: str, lacking: str) -> None:
    shop.offer("demo")
    shop.engine.environment = ("file:///h/linux-64/cargo-bundle-licenses-0.0.0-0_host.conda",)
    shop.engine.says = log

    (result,) = build(shop, "demo")

    (found,) = (one for one in result.diagnostics if one.slug == "licences-by-stand-in")
    assert found.message.endswith(f"gathered the licences of the crates{lacking}")


def test_real_program_that_gathers_licences_is_no_finding(shop: Workshop) -> None:
    shop.offer("demo")
    shop.engine.environment = ("file:///c/linux-64/cargo-bundle-licenses-4.0.0-h1_0.conda",)

    (result,) = build(shop, "demo")

    assert "licences-by-stand-in" not in {one.slug for one in result.diagnostics}


def test_failed_record_goes_when_the_build_succeeds(shop: Workshop) -> None:
    shop.offer("demo")
    shop.engine.failing = frozenset({"demo"})
    build(shop, "demo")
    shop.engine.failing = frozenset()

    build(shop, "demo")

    assert [path.name for path in (shop.folder / "channel/builds").iterdir()] == ["demo-1.0-py_0"]


def edited_recipe(shop: Workshop) -> Path:
    """Let a build fail, change the recipe that was written, and return it."""
    shop.offer("demo")
    shop.engine.failing = frozenset({"demo"})
    build(shop, "demo")
    recipe = shop.folder / "channel/builds/demo-1.0.failed/recipe/recipe.yaml"
    with recipe.open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    return recipe


@pytest.mark.parametrize("failing", [frozenset({"demo"}), frozenset()])
def test_recipe_that_somebody_changed_by_hand_is_kept(shop: Workshop, failing: frozenset[str]) -> None:
    edited_recipe(shop)
    shop.engine.failing = failing

    (result,) = build(shop, "demo")

    kept = shop.folder / "channel/builds/demo-1.0.edited"
    assert (kept / "recipe.yaml").read_text().endswith("# mine\n")
    (told,) = (one for one in result.diagnostics if one.slug == "edited-recipe")
    assert str(kept) in told.message
    assert f"conda-bridge build {kept}/" in told.hint


def test_changed_recipe_that_is_built_stays_where_it_is_while_it_fails(shop: Workshop) -> None:
    recipe = edited_recipe(shop)

    (result,) = build(shop, str(recipe))

    assert recipe.read_text().endswith("# mine\n")
    assert "edited-recipe" not in {one.slug for one in result.diagnostics}
    build(shop, "demo")
    assert (shop.folder / "channel/builds/demo-1.0.edited/recipe.yaml").is_file()


def test_second_changed_recipe_does_not_take_the_place_of_the_first(shop: Workshop) -> None:
    for _ in range(2):
        edited_recipe(shop)
        build(shop, "demo")

    builds = shop.folder / "channel/builds"
    assert sorted(path.name for path in builds.glob("*.edited*")) == ["demo-1.0.edited", "demo-1.0.edited-2"]


def test_package_whose_tests_fail_is_not_published(shop: Workshop) -> None:
    shop.offer("demo")
    shop.engine.failing_tests = frozenset({"demo"})

    (result,) = build(shop, "demo")

    assert slug_of(result) == "tests-failed"
    assert repodata(shop) == {}
    (untested,) = build(shop, "demo", has_tests=False)
    assert slug_of(untested) == ""
    assert set(repodata(shop)) == {"demo-1.0-py_0.conda"}


def test_several_variants_are_published_together(shop: Workshop) -> None:
    shop.offer("demo")
    shop.engine.variants_of = {"demo": ("py311_0", "py312_0")}

    (result,) = build(shop, "demo")

    assert set(repodata(shop)) == {"demo-1.0-py311_0.conda", "demo-1.0-py312_0.conda"}
    assert len(result.tests) == 2


def test_recipe_that_skips_everything_says_so(shop: Workshop) -> None:
    shop.offer("demo")
    shop.offer("other")
    shop.engine.skipped = frozenset({"demo"})

    skipped, _ = build(shop, "demo", "other")

    assert skipped.error is None
    assert "all-skipped" in {one.slug for one in skipped.diagnostics}
    assert shop.engine.built == ["other"]


def test_recipe_that_skips_everything_fails_where_nothing_else_is_asked_for(shop: Workshop) -> None:
    shop.offer("demo")
    shop.engine.skipped = frozenset({"demo"})

    (result,) = build(shop, "demo")

    assert slug_of(result) == "nothing-to-build"
    assert shop.engine.built == []


def test_recipe_for_other_pythons_says_which_there_are(shop: Workshop) -> None:
    recipe = shop.folder / "demo/recipe.yaml"
    recipe.parent.mkdir()
    recipe.write_text(
        "package: {name: demo, version: '1'}\n"
        "build:\n  number: 0\n  skip:\n    - match(python, '<3.13')\n  script: 'true'\n"
        "requirements:\n  host: [python]\n"
    )
    shop.engine.skipped = frozenset({"demo"})
    shop.distributor.name = "host"

    (result,) = build(shop, str(recipe))

    assert result.error is not None
    assert "is for python >=3.13, and host has 3.11, 3.12" in result.error.message
    assert "--python" in (result.error.hint or "")


def test_newest_release_for_the_one_python_is_built_also_of_what_is_missing(shop: Workshop) -> None:
    shop.distributor.pythons = ("3.11.* *_cpython",)
    for name, needs in (("top", ["bottom"]), ("bottom", [])):
        shop.offer(name, needs=needs)
        shop.offer(name, version="2.0", needs=needs, requires_python=">=3.12")

    results = build(shop, "top", is_with_missing=True)

    assert [(one.planned.key, one.packages[0].record.version) for one in results] == [
        ("bottom", "1.0"),
        ("top", "1.0"),
    ]
    assert all("newer-release" in {one.slug for one in result.diagnostics} for result in results)


def test_newest_release_is_built_where_there_are_several_pythons(shop: Workshop) -> None:
    shop.offer("demo")
    shop.offer("demo", version="2.0", requires_python=">=3.12")

    (result,) = build(shop, "demo")

    assert result.planned.recipe is not None
    assert result.planned.recipe.version == "2.0"


def test_what_depends_on_a_recipe_that_skips_everything_is_passed_over(shop: Workshop) -> None:
    shop.offer("demo", needs=["bottom"])
    shop.offer("bottom")
    shop.engine.skipped = frozenset({"bottom"})

    results = build(shop, "demo", is_with_missing=True)

    assert {slug_of(result) for result in results} == {"nothing-to-build", "dependency-failed"}


def test_what_is_missing_is_told_at_once_and_all_of_it(shop: Workshop) -> None:
    shop.offer("demo", needs=["one>=2", "two"])

    (result,) = build(shop, "demo")

    assert slug_of(result) == "packages-missing"
    assert result.error is not None
    assert "one >=2 (for run of demo, test of demo)" in result.error.message
    assert "two (for run of demo, test of demo)" in result.error.message
    assert shop.engine.built == []


def test_missing_packages_are_built_first_in_an_order_that_works(shop: Workshop) -> None:
    shop.offer("top", needs=["middle", "other"])
    shop.offer("middle", needs=["bottom"])
    shop.offer("bottom")
    shop.offer("other", builds_with=["bottom"])

    results = build(shop, "top", is_with_missing=True)

    assert [slug_of(result) for result in results] == ["", "", "", ""]
    assert shop.engine.built == ["bottom", "middle", "other", "top"]
    assert [result.planned.is_asked for result in results] == [False, False, False, True]
    (want, also) = results[0].planned.wants
    assert {(want.by, want.section), (also.by, also.section)} == {("middle", "run"), ("other", "host")}


def test_version_of_what_is_missing_satisfies_everybody(shop: Workshop) -> None:
    for version in ("1.0", "2.0", "3.0"):
        shop.offer("piston", version=version)
    shop.offer("one", needs=["piston>=2"])
    shop.offer("two", needs=["piston<3"])

    results = build(shop, "one", "two", is_with_missing=True)

    assert [slug_of(result) for result in results] == ["", "", ""]
    assert "piston-2.0-py_0.conda" in repodata(shop)


def test_version_that_is_too_old_is_built_anew(shop: Workshop) -> None:
    shop.distributor = FakeDistributor(has={**shop.distributor.has, "piston": "1.0"})
    shop.offer("piston", version="2.0")
    shop.offer("one", needs=["piston>=2"])

    assert [slug_of(one) for one in build(shop, "one", is_with_missing=True)] == ["", ""]


def test_package_that_the_channel_has_is_not_built_again(shop: Workshop) -> None:
    shop.offer("piston")
    shop.offer("one", needs=["piston"])
    build(shop, "piston")

    results = build(shop, "one", is_with_missing=True)

    assert shop.engine.built == ["piston", "one"]
    assert len(results) == 1


def test_what_depends_on_a_failure_is_passed_over_and_says_why(shop: Workshop) -> None:
    shop.offer("top", needs=["middle"])
    shop.offer("middle", needs=["bottom"])
    shop.offer("bottom")
    shop.offer("alone")
    shop.engine.failing = frozenset({"bottom"})

    results = {one.planned.key: one for one in build(shop, "top", "alone", is_with_missing=True)}

    assert slug_of(results["bottom"]) == "build-failed"
    assert (slug_of(results["middle"]), results["middle"].is_passed_over) == ("dependency-failed", True)
    assert results["top"].error is not None
    assert "middle" in results["top"].error.message
    assert results["alone"].error is None


def test_missing_project_that_nobody_has_fails_and_takes_what_needs_it_along(shop: Workshop) -> None:
    shop.offer("top", needs=["nowhere"])

    nowhere, top = build(shop, "top", is_with_missing=True)

    assert slug_of(nowhere) == "project-not-found"
    assert slug_of(top) == "dependency-failed"


def test_release_that_satisfies_nobody_is_refused(shop: Workshop) -> None:
    shop.offer("piston", version="1.0")
    shop.offer("top", needs=["piston>=1"])
    shop.offer("other", needs=["piston>=1.0.post1"])

    results = {one.planned.key: slug_of(one) for one in build(shop, "top", "other", is_with_missing=True)}

    assert "version-not-found" in results.values()
    assert results["other"] == "dependency-failed"


def test_circle_of_missing_packages_is_named(shop: Workshop) -> None:
    shop.offer("top", needs=["left"])
    shop.offer("left", builds_with=["right"])
    shop.offer("right", builds_with=["left"])

    results = {one.planned.key: one for one in build(shop, "top", is_with_missing=True)}

    error = results["left"].error or results["right"].error
    assert error is not None
    circles = [one.error for one in results.values() if slug_of(one) == "build-circle"]
    assert len(circles) == 1
    assert circles[0] is not None
    assert "left needs right" in circles[0].message
    assert slug_of(results["top"]) == "dependency-failed"


def test_sources_of_one_call_provide_one_another(shop: Workshop) -> None:
    shop.offer("top", needs=["piston"])
    shop.offer("piston")

    results = build(shop, "top", "piston")

    assert [slug_of(one) for one in results] == ["", ""]
    assert shop.engine.built == ["piston", "top"]


def test_what_is_no_python_project_is_an_error_of_what_needs_it(shop: Workshop) -> None:
    shop.distributor = FakeDistributor(has=shop.distributor.has, not_python=frozenset({"libfoo"}))
    shop.offer("top", needs=["libfoo"])

    (result,) = build(shop, "top", is_with_missing=True)

    assert slug_of(result) == "packages-missing"
    assert result.error is not None
    assert "another --distributor" in (result.error.hint or "")


def test_dry_run_writes_nothing_and_gives_commands_in_order(shop: Workshop) -> None:
    shop.offer("top", needs=["piston"])
    shop.offer("piston")

    piston, top = build(shop, "top", is_dry_run=True, is_with_missing=True)

    assert not (shop.folder / "channel").exists()
    assert shop.engine.built == []
    work = Path(WorkFolders(str(shop.folder / "cache"), str(shop.folder / "channel")).path("top")).parent
    channel = shop.folder / "channel"
    clear, write, stage, make, test, publish = top.commands
    assert clear.startswith("# remove what an earlier build of top left")
    assert clear.endswith(f" {shop.folder}/cache {channel} top")
    assert write == (
        f"# write the recipe of top\n{sys.executable} -I -m conda_bridge recipe top==1.0 -o {work}/top/recipe"
        " --distributor conda-forge"
    )
    assert f"cp -r {work}/top/recipe/top/. {work}/top/staged/recipe" in stage
    assert f"url: file://{work}/top/staged/sources/0/top-1.0.tar.gz" in stage
    assert make.startswith(
        f"# build top\nfake-BuildJob {work}/top/staged/recipe/recipe.yaml {channel.as_uri()}"
    )
    package = f"{work}/top/out/noarch/top-1.0-py_0.conda"
    assert test.startswith(f"# test top\nmkdir -p {work}/top/test-top\nfake-TestJob {package} ")
    assert publish.startswith("# publish top")
    assert publish.endswith(f" {channel} {package}")
    assert piston.commands[0].startswith("# make the channel")
    assert piston.planned.wants[0].spec == "piston"


def test_dry_run_ends_with_the_installation(shop: Workshop) -> None:
    shop.offer("demo")

    (told,) = build(shop, "demo", is_dry_run=True, install_prefix=str(shop.folder / "env"))

    assert told.commands[-1].startswith(f"# install demo\nmkdir -p {shop.folder}/env\n")
    assert '"demo ==1.0 py_0"' in told.commands[-1]
    assert not (shop.folder / "env").exists()


def test_secrets_of_channels_are_told_nowhere(shop: Workshop) -> None:
    shop.offer("demo")
    shop.distributor.urls = ("https://me:hush@example.org/t/tk-hush/acme",)
    shop.engine.says = "fetched from https://me:hush@example.org/t/tk-hush/acme"
    shop.engine.environment = ("https://me:hush@example.org/t/tk-hush/acme/noarch/pip-1-0.conda",)

    (told,) = build(shop, "demo", is_dry_run=True)
    (built,) = build(shop, "demo")

    assert "example.org" in "".join(told.commands)
    assert "hush" not in "".join(told.commands)
    (package,) = built.environments[0].packages
    assert package.url == "https://example.org/t/.../acme/noarch/pip-1-0.conda"
    assert "hush" not in Path(built.manifest).read_text()
    assert "from https://example.org/t/.../acme" in Path(built.log).read_text()


def test_independent_recipes_are_built_at_once_and_told_in_order(shop: Workshop) -> None:
    names = ["a-one", "b-two", "c-three"]
    for name in names:
        shop.offer(name)
    both = threading.Barrier(2, timeout=20)
    shop.engine.during = lambda name: None if name == "c-three" else (both.wait(), None)[1]

    results = build(shop, *names, jobs=2)

    assert {one.planned.key: one.planned.place for one in results} == dict(zip(names, range(3), strict=True))
    assert shop.engine.most_at_once == 2


def test_result_is_told_as_soon_as_it_is_final(shop: Workshop) -> None:
    for name in ("slow", "quick", "lacking"):
        shop.offer(name, needs=["nowhere-to-be-had"] if name == "lacking" else [])
    is_quick_told = threading.Event()
    shop.engine.during = lambda name: None if name == "quick" else (is_quick_told.wait(5), None)[1]
    options = shop.options(jobs=2)
    told = []

    for result in builds(["slow", "quick", "lacking"], options=options, services=shop.services(options)):
        told.append(result.planned.key)
        if told[-1] == "quick":
            is_quick_told.set()

    assert told == ["lacking", "quick", "slow"]


def test_interruption_comes_after_the_results_that_are_there(shop: Workshop) -> None:
    for name in ("one", "two"):
        shop.offer(name)
    is_one_told = threading.Event()

    def during(name: str) -> None:
        if name == "two":
            is_one_told.wait(5)
            raise KeyboardInterrupt

    shop.engine.during = during
    options = shop.options(jobs=2)
    told = []

    def take() -> None:
        for result in builds(["two", "one"], options=options, services=shop.services(options)):
            told.append(result.planned.key)
            is_one_told.set()

    with pytest.raises(KeyboardInterrupt):
        take()

    assert told == ["one"]


def test_interruption_stops_what_runs_and_publishes_nothing(shop: Workshop) -> None:
    for name in ("one", "two"):
        shop.offer(name)
    running = threading.Barrier(2, timeout=20)

    def during(_name: str) -> None:
        if running.wait() == 0:
            raise KeyboardInterrupt
        assert shop.engine.stopped.wait(20)
        raise KeyboardInterrupt

    shop.engine.during = during

    with pytest.raises(KeyboardInterrupt):
        build(shop, "one", "two", jobs=2)

    assert shop.engine.stopped.is_set()
    assert repodata(shop) == {}
    assert [path.name for path in (shop.folder / "channel/.work").iterdir() if path.name[0] != "."] == []


def test_missing_engine_is_told_before_anything_is_fetched(shop: Workshop) -> None:
    shop.offer("demo")
    shop.engine.is_missing = True

    with pytest.raises(EngineError) as caught:
        build(shop, "demo")

    assert caught.value.slug == "engine-missing"
    assert shop.index.requests == []


def test_meta_yaml_without_conda_build_names_the_way_out(shop: Workshop) -> None:
    (shop.folder / "meta.yaml").write_text("package: {name: demo, version: '1'}\n")

    with pytest.raises(EngineError) as caught:
        build(shop, str(shop.folder / "meta.yaml"))

    assert caught.value.slug == "engine-missing"
    assert "conda-bridge build NAME==VERSION" in (caught.value.hint or "")


def test_unreachable_distributor_ends_everything_at_once(shop: Workshop) -> None:
    shop.offer("demo")
    shop.distributor.error = SourceError("index-unreachable", "no answer")

    with pytest.raises(BridgeError, match="no answer"):
        build(shop, "demo")

    assert shop.index.requests == []


@pytest.mark.parametrize(
    ("choice", "values"), [("3.12", ("3.12.* *_cpython",)), ("3.11.* *_cpython", ("3.11.* *_cpython",))]
)
def test_chosen_variant_is_the_only_one(shop: Workshop, choice: str, values: tuple[str, ...]) -> None:
    shop.offer("demo")

    build(shop, "demo", chosen_variants=(("python", choice),))

    assert shop.engine.jobs[0].variants.get("python") == values


def test_variant_that_there_is_not_is_refused(shop: Workshop) -> None:
    with pytest.raises(UsageError, match=r"no variant has python=3\.1"):
        build(shop, "demo", chosen_variants=(("python", "3.1"),))


@pytest.mark.parametrize(("key", "said"), [("pyhton", "'pyhton'; did you mean python?"), ("xyz", "'xyz'")])
def test_variant_key_that_there_is_not_is_refused(shop: Workshop, key: str, said: str) -> None:
    shop.offer("demo")

    with pytest.raises(UsageError) as caught:
        build(shop, "demo", chosen_variants=((key, "3.12"),))

    assert caught.value.message == f"no variant has a key {said}"


def test_time_of_the_environment_reaches_the_engine(shop: Workshop) -> None:
    shop.offer("demo")

    build(shop, "demo", source_date_epoch=1_700_000_000)

    assert shop.engine.jobs[0].source_date_epoch == 1_700_000_000


def test_same_build_again_gives_the_same_package(shop: Workshop) -> None:
    shop.offer("demo")
    (first,) = build(shop, "demo")

    (again,) = build(shop, "demo")

    assert first.packages[0].record.sha256 == again.packages[0].record.sha256


def test_prefix_that_is_there_is_refused_before_any_work(shop: Workshop) -> None:
    (shop.folder / "env").mkdir()
    (shop.folder / "env/file").write_text("")

    with pytest.raises(UsageError) as caught:
        build(shop, "demo", install_prefix=str(shop.folder / "env"))

    assert caught.value.slug == "prefix-exists"


def test_steps_are_told_and_every_subject_ends(shop: Workshop) -> None:
    shop.offer("demo")
    events: list[Event] = []

    class Listener:
        def report(self, event: Event) -> None:
            events.append(event)

    options = shop.options()
    list(builds(["demo"], options=options, services=shop.services(options), reporter=Listener()))

    begun = [event.subject for event in events if isinstance(event, StepStarted)]
    ended = [event.subject for event in events if isinstance(event, WorkFinished)]
    assert set(begun) == {"fake", "demo"}
    assert ended == ["fake", "demo"]


def test_engine_that_is_named_is_the_one(shop: Workshop) -> None:
    shop.offer("demo")
    shop.engine = FakeEngine(formats=frozenset())

    with pytest.raises(EngineError, match="fake takes no"):
        build(shop, "demo", engine="fake")


def test_what_waits_for_its_turn_says_so(shop: Workshop) -> None:
    told: list[tuple[str, str]] = []

    class Listener:
        def report(self, event: Event) -> None:
            if isinstance(event, StepStarted):
                told.append((event.subject, event.step))

    for name in ("one", "two"):
        shop.offer(name)
    options = shop.options()

    list(builds(["one", "two"], options=options, services=shop.services(options), reporter=Listener()))

    first_build = told.index(("one", "building"))
    assert [step for subject, step in told[:first_build] if subject == "two"][-1] == "waiting"

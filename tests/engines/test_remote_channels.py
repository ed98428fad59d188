"""Builds from channels of the network: every package is the one that its channel's list says, whatever was there before."""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.engines.rattler_build import RattlerBuildEngine
from conda_bridge.errors import EngineError, SourceError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import BuildJob, EngineSetting, TestJob
from conda_bridge.model.names import CondaName
from conda_bridge.processes.work_folders import WorkFolders
from conda_bridge.processes.workers import WorkerPlace, WorkerRequest, run_worker
from conda_bridge.workflows.building.given_packages import GivenPackages
from support.engines import EPOCH, HeardReporter, setting_in

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(find_spec("rattler_build") is None, reason="py-rattler-build is missing"),
]
_SAY = "echo SAID $(cat $PREFIX/share/given) END"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the standard library
        pass

    def do_GET(self) -> None:
        if self.path.endswith(".conda"):
            vars(self.server).setdefault("asked", []).append(self.path.rpartition("/")[2])
        super().do_GET()


@dataclass
class Remote:
    """Channels that a server of this test serves, and builds that use them."""

    folder: Path
    server: ThreadingHTTPServer
    told: list[str] = field(default_factory=list)
    tests: str = ""
    """Of the recipe."""
    setting: EngineSetting = field(init=False)
    """Of the last build."""

    def asked(self) -> list[str]:
        """Return which packages were, since this was called last."""
        found: list[str] = vars(self.server).get("asked", [])
        vars(self.server)["asked"] = []
        return found

    @property
    def packages(self) -> Path:
        return Path(WorkFolders(str(self.folder / "cache"), "channel").packages)

    def url(self, channel: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{channel}/"

    def put(self, channel: str, content: str, *, name: str = "given", is_indexed: bool = True) -> None:
        record = PackageRecord(conda_name=CondaName(name), version="1", build="0", noarch="generic")
        path = self.folder / "served" / channel / f"noarch/{name}-1-0.conda"
        path.parent.mkdir(parents=True, exist_ok=True)
        files = [PackedFile(path=f"share/{one}", content=content.encode()) for one in (name, "other")]
        write_conda(str(path), record, files)
        if is_indexed:
            top = str(path.parents[1])
            request = WorkerRequest(operation="index", arguments={"folder": top, "force": True})
            run_worker(request, place=WorkerPlace(writable=(top,)), timeout_s=60)

    def build(self, channel: str, script: str = _SAY, *, is_local: bool = False) -> str:
        """Build a recipe that needs `given`, check what it was given, and return what its script said."""
        recipe = self.folder / "recipe/recipe.yaml"
        recipe.parent.mkdir(exist_ok=True)
        recipe.write_text(
            'package: {name: x, version: "1"}\n'
            f"build: {{noarch: generic, script: {json.dumps([script])}}}\n"
            "requirements: {host: [given]}\n"
            f"{self.tests}"
        )
        folders = WorkFolders(str(self.folder / "cache"), "channel")
        heard = HeardReporter()
        setting = replace(
            setting_in(self.folder),
            channels=((self.folder / "served" / channel).as_uri() if is_local else self.url(channel),),
            cache_dir=folders.packages,
            tree=folders.tree,
            needs_network=not is_local,
        )
        self.setting = setting
        with folders.lent("x") as folder:
            self._build(recipe, setting, folder, heard)
        said = [text for text in heard.texts if text.startswith("SAID")]
        return said[-1].removeprefix("SAID ").removesuffix(" END") if said else ""

    def _build(self, recipe: Path, setting: EngineSetting, folder: str, heard: HeardReporter) -> None:
        given = GivenPackages(setting)
        self.told = [one.slug for one in given.before()]
        job = BuildJob(
            subject="it",
            recipe_path=str(recipe),
            setting=setting,
            output_dir=f"{folder}/out",
            taken_dir=str(self.folder / "taken"),
            log_path=str(self.folder / "build.log"),
            source_date_epoch=EPOCH,
        )
        job = replace(job, setting=given.lent(setting, Path(folder, "packages")))
        engine = RattlerBuildEngine()
        try:
            given.ready(job.setting)
            outcome = engine.build(job, heard)
            given.came(job.setting, outcome)
            self._test(outcome.packages[0][0], given, engine, folder)
            given.check()
        finally:
            given.done()

    def _test(self, package: str, given: GivenPackages, engine: RattlerBuildEngine, folder: str) -> None:
        if not self.tests:
            return
        setting = given.lent(self.setting, Path(folder, "packages-0"))
        job = TestJob(
            subject="it",
            package_path=package,
            setting=setting,
            work_dir=f"{folder}/test-0",
            log_path=str(self.folder / "build.log"),
        )
        given.ready(setting)
        tested = engine.test(job, HeardReporter())
        assert tested.is_passed, tested.results
        given.came(setting, tested)


@pytest.fixture
def remote() -> Iterator[Remote]:
    with TemporaryDirectory(dir="/var/tmp") as folder:
        served = Path(folder, "served")
        served.mkdir()
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(served)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Remote(folder=Path(folder), server=server)
        finally:
            server.shutdown()
            server.server_close()


def test_package_is_the_one_of_its_channel_and_of_today(remote: Remote) -> None:
    remote.put("a", "one")
    remote.put("b", "two")

    assert (remote.build("a"), remote.build("b"), remote.build("a")) == ("one", "two", "one")

    remote.put("a", "three")

    assert remote.build("a") == "three"


def test_package_that_is_not_what_its_list_says_is_refused(remote: Remote) -> None:
    remote.put("a", "one")
    remote.put("a", "evil", is_indexed=False)

    with pytest.raises(SourceError) as caught:
        remote.build("a")

    assert caught.value.slug == "hash-mismatch"
    assert "noarch/given-1-0.conda" in f"{caught.value.where}{caught.value.message}"


def test_lists_of_channels_are_no_other_builds_to_write(remote: Remote) -> None:
    remote.put("a", "one")

    remote.build("a")

    assert [path.name for path in remote.packages.iterdir()] == ["pkgs"]


def _poison(remote: Remote) -> None:
    """Write into a file that is linked into environments, and into the list that says what it should be."""
    entry = remote.packages / "pkgs/given-1-0"
    (entry / "share/given").write_text("evil")
    rows = json.loads((entry / "info/paths.json").read_bytes())
    for row in rows["paths"]:
        if row["_path"] == "share/given":
            row["sha256"] = sha256(b"evil").hexdigest()
    (entry / "info/paths.json").write_text(json.dumps(rows))


def test_package_whose_list_was_rewritten_is_found(remote: Remote) -> None:
    remote.put("a", "one")
    remote.build("a")
    _poison(remote)

    assert remote.build("a") == "one"
    assert (remote.packages / "pkgs/given-1-0/share/given").read_text() == "one"


def test_package_that_a_build_beside_forges_is_not_used(remote: Remote) -> None:
    remote.put("a", "one")
    remote.build("a")
    shutil.copytree(remote.packages / "pkgs", remote.folder / "saved", symlinks=True)
    shutil.rmtree(remote.packages / "pkgs")
    (remote.folder / "cache/build-locks/unpacked.json").unlink()

    hostile = GivenPackages(remote.setting)
    list(hostile.before())
    shutil.copytree(remote.folder / "saved", remote.packages / "pkgs", symlinks=True)
    _poison(remote)
    first = remote.build("a")
    hostile.check()
    hostile.done()

    assert (first, remote.build("a")) == ("one", "one")


def test_package_that_only_tests_need_is_downloaded_once(remote: Remote) -> None:
    remote.put("a", "one")
    remote.put("a", "two", name="tried")
    remote.tests = "tests: [{script: ['grep two $PREFIX/share/tried'], requirements: {run: [tried]}}]\n"
    remote.asked()

    remote.build("a")

    assert remote.asked() == ["given-1-0.conda", "tried-1-0.conda"]

    remote.build("a")

    assert remote.asked() == []


def test_package_that_a_script_brought_is_not_used(remote: Remote) -> None:
    remote.put("a", "one")
    remote.build("a")
    _poison(remote)
    (remote.folder / "cache/build-locks/unpacked.json").unlink()

    assert remote.build("a") == "one"


@pytest.mark.parametrize("is_local", [True, False])
def test_script_that_writes_into_a_file_that_it_was_given_is_found(*, is_local: bool, remote: Remote) -> None:
    remote.put("a", "one")

    with pytest.raises(EngineError) as caught:
        remote.build("a", "echo evil > $PREFIX/share/given", is_local=is_local)

    assert caught.value.slug == "changed-packages"
    assert remote.build("a", is_local=is_local) == "one"

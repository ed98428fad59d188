"""What a build script gets of the machine, if it tries."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from conda_bridge.engines.rattler_build import RattlerBuildEngine
from conda_bridge.model.build import BuildJob, BuildOutcome
from conda_bridge.processes.isolation import find_isolator
from conda_bridge.processes.work_folders import WorkFolders
from support.engines import EPOCH, HeardReporter, setting_in

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(find_spec("rattler_build") is None, reason="py-rattler-build is missing"),
    pytest.mark.skipif(find_isolator().kind != "bubblewrap", reason="bubblewrap doesn't work here"),
]
_SCRIPT = """\
import os, socket, sys
from pathlib import Path

place = Path(sys.argv[1])

def attempt(name, action, *arguments):
    try:
        print("got", name, action(*arguments))
    except Exception as error:
        print("no", name, type(error).__name__)

for path in (place / "mine", place / "mentioned"):
    attempt("reading", path.read_text)
    attempt("chmod", os.chmod, path, 0o777)
    attempt("chown", os.chown, path, 1234, 1234)
    attempt("utime", os.utime, path, (1, 1))
    attempt("setxattr", os.setxattr, path, "user.x", b"x")
    attempt("writing", lambda: path.open("r+").close())
for path in sys.argv[2:]:
    attempt("socket", socket.socket(socket.AF_UNIX).connect, path)
for folder in (Path(sys.argv[3]), Path("/home"), Path("/run"), Path("/var")):
    attempt("listing", lambda: sorted(path.name for path in folder.iterdir()))
attempt("own", Path(os.environ["PREFIX"], "own").write_text, "own")
print("tried all")
"""


@dataclass(frozen=True, kw_only=True)
class Home:
    """A user's folder outside of the temporary files, which a program has of its own."""

    folder: Path

    def build(self, script: str, reporter: HeardReporter) -> BuildOutcome:
        recipe = self.folder / "recipe/recipe.yaml"
        recipe.parent.mkdir()
        (recipe.parent / "attempts.py").write_text(_SCRIPT)
        recipe.write_text(
            'package: {name: x, version: "1"}\n'
            f"build: {{noarch: generic, script: ['{script}']}}\n"
            f"about: {{summary: 'it likes file://{self.folder}/mentioned'}}\n"
        )
        folders = WorkFolders(str(self.folder / "cache"), "channel")
        with folders.lent("x") as folder:
            setting = replace(setting_in(self.folder), cache_dir=folders.packages, tree=folders.tree)
            job = BuildJob(
                subject="it",
                recipe_path=str(recipe),
                setting=setting,
                output_dir=f"{folder}/out",
                taken_dir=str(self.folder / "taken"),
                log_path=str(self.folder / "build.log"),
                source_date_epoch=EPOCH,
            )
            return RattlerBuildEngine().build(job, reporter)


@pytest.fixture
def home() -> Iterator[Home]:
    with TemporaryDirectory(dir="/var/tmp") as folder:
        yield Home(folder=Path(folder))


def test_build_reads_changes_and_reaches_nothing_of_the_user(home: Home) -> None:
    mine = [home.folder / name for name in ("mine", "mentioned")]
    for path in mine:
        path.write_text("secret words")
    before = [path.stat() for path in mine]
    heard = HeardReporter()

    with ExitStack() as stack:
        places = (str(home.folder), "/run", "/tmp")
        sockets = list(filter(None, [_listening(stack, place) for place in places]))
        script = (
            f'{sys.executable} -I "$RECIPE_DIR/attempts.py" {home.folder} {sockets[0]} {home.folder.parent}'
        )
        outcome = home.build(" ".join((script, *sockets[1:])), heard)

    said = [line for text in heard.texts for line in text.splitlines()]
    assert outcome.packages
    assert any("tried all" in line for line in said)
    got = [line[line.index("got ") :] for line in said if "got " in line]
    assert [line for line in got if not line.startswith("got listing")] == ["got own 3"]
    assert "secret" not in " ".join(said)
    assert [(path.stat(), os.listxattr(path)) for path in mine] == [(status, []) for status in before]
    shown = {
        name for line in got if line.startswith("got listing") for name in line.split("[")[1].split("'")[1::2]
    }
    allowed = {part for folder in (home.folder, sys.prefix, sys.base_prefix) for part in folder_parts(folder)}
    assert shown <= allowed


def folder_parts(folder: Path | str) -> tuple[str, ...]:
    return Path(folder).parts


def _listening(stack: ExitStack, place: str) -> str:
    path = f"{place}/wall-{os.getpid()}.sock"
    server = stack.enter_context(socket.socket(socket.AF_UNIX))
    try:
        server.bind(path)
    except OSError:
        return ""
    server.listen()
    stack.callback(Path(path).unlink)
    return path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root restores owners")
def test_archives_of_others_are_unpacked_by_root(home: Home) -> None:
    script = (
        "touch f && tar --owner=1234 --group=1234 -cf a.tar f && rm f && tar -xf a.tar && cp -a f $PREFIX/own"
    )

    assert home.build(script, HeardReporter()).packages

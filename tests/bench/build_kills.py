"""What is left of a build that is killed: at random moments, by each signal, in each isolation that works here.

    python tests/bench/build_kills.py [--moments 20] [--seed 1] [--isolation bubblewrap|unshare|session]... [--signal NAME]...
                                      [--cold 3] [--publishing 6] [--compiled]

Needs py-rattler-build, Linux, and no network: the project is made here and served, with the wheels that this
interpreter brings along, by an index on this machine. For each isolation (the others are hidden from the PATH) and each
of SIGINT, SIGTERM and SIGKILL a build is started again and again and killed at a random moment of its run: its own process,
and every fourth time its whole group; `--cold` more times with an empty cache, mostly while the host's packages are made;
and `--publishing` more times within the few milliseconds in which the channel changes. Each time is checked:

    channel     the package isn't there, or it is whole and indexed, as a client sees it: repodata, digests, archive
    processes   two seconds later nothing runs that descended from it when it was killed, of the session, with its
                environment's mark, in its folder, or naming it
    next run    it succeeds, and nothing is left of work in the channel; a last one leaves no temporary files either

Where the answer of a build says `orphans: possible` (isolation `session`), survivors of SIGKILL are counted apart.
Ends with 1 where anything else was found.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from conda_bridge.archives.conda_reader import read_record
from conda_bridge.archives.package_info import payload_hash
from conda_bridge.errors import BridgeError
from support.index_server import running_index_server
from support.local_channels import dangling, unwhole
from support.small_index import EXTENSION, add_bundled_wheels, add_project, build_environment

SIGNALS = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGKILL": signal.SIGKILL}
HIDDEN = {"bubblewrap": (), "unshare": ("bwrap",), "session": ("bwrap", "unshare")}
_NAME = "mortal"
_MARK = "BUILD_KILLS_MARK"
_TIMEOUT_S = 300
_PATIENCE_S = 2.0
_GROUP_EVERY = 4
_PUBLISHING_S = 0.006
_STAGED = ".publish-*/*/*.conda"
_SETTLED_S = 6.0
_SHOWN = 200
_BEGUN_S = 0.15
"""Before that it is the interpreter itself that a signal meets."""


@dataclass(kw_only=True)
class _Bench:
    """One isolation's place."""

    folder: Path
    index_url: str
    isolation: str
    found: Counter[str] = field(default_factory=Counter)

    @property
    def channel(self) -> Path:
        return self.folder / "channel"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    def start(self, *, home: str = "home") -> "subprocess.Popen[str]":
        for folder in (self.folder / home, self.temporary):
            folder.mkdir(parents=True, exist_ok=True)
        own = {"PATH": str(self.folder / "path"), "TMPDIR": str(self.temporary), _MARK: str(self.folder)}
        environment = build_environment(self.folder / home, self.index_url, **own)
        command = [sys.executable, "-m", "conda_bridge", "build", _NAME, "--distributor", "host", "--json"]
        return subprocess.Popen(
            [*command, "-o", str(self.channel)],
            env=environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def whole_run(self, *, home: str = "home") -> tuple[float, dict[str, Any]]:
        started = time.monotonic()
        build = self.start(home=home)
        said, complaints = build.communicate(timeout=_TIMEOUT_S)
        assert build.returncode == 0, said + complaints
        return time.monotonic() - started, json.loads(said)["results"][0]


def main() -> int:
    """Kill, check and print."""
    arguments = _arguments()
    bad = 0
    with tempfile.TemporaryDirectory(prefix="build-kills-") as scratch, running_index_server() as index:
        assert "setuptools" in add_bundled_wheels(index), "this interpreter's ensurepip has no setuptools"
        add_project(index, Path(scratch), _NAME, code=EXTENSION if arguments.compiled else "")
        for isolation in arguments.isolation or HIDDEN:
            folder = Path(scratch, isolation)
            _hide(folder / "path", HIDDEN[isolation])
            bench = _Bench(folder=folder, index_url=index.index_url, isolation=isolation)
            bad += _measured(bench, arguments)
    return int(bad > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moments", type=int, default=20, help="how often each signal is sent")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--isolation", choices=sorted(HIDDEN), action="append")
    parser.add_argument("--signal", choices=sorted(SIGNALS), action="append")
    parser.add_argument("--cold", type=int, default=3, help="how often with an empty cache")
    parser.add_argument("--publishing", type=int, default=6, help="how often while the channel changes")
    parser.add_argument("--compiled", action="store_true", help="a project with an extension module")
    return parser.parse_args()


def _hide(folder: Path, hidden: tuple[str, ...]) -> None:
    """Make a PATH with every program of ours but some."""
    folder.mkdir(parents=True)
    for place in os.environ["PATH"].split(os.pathsep):
        for program in sorted(Path(place).iterdir()) if Path(place).is_dir() else ():
            if program.name not in hidden and not (folder / program.name).exists():
                (folder / program.name).symlink_to(program)


def _measured(bench: _Bench, arguments: argparse.Namespace) -> int:
    cold_s, answer = bench.whole_run()
    warm_s, _ = bench.whole_run()
    isolation = answer["isolation"]
    print(f"{bench.isolation}: {isolation}; a run takes {cold_s:.1f} s from nothing, then {warm_s:.1f} s")
    assert isolation["kind"] == bench.isolation, "what is hidden isn't found nevertheless"
    bad = 0
    for name in arguments.signal or SIGNALS:
        chance = random.Random(f"{arguments.seed} {name}")
        counts: Counter[str] = Counter()
        for number in range(arguments.moments):
            shutil.rmtree(bench.channel, ignore_errors=True)
            moment_s = chance.uniform(_BEGUN_S, warm_s)
            what = _Kill(bench, name, moment_s, is_group=number % _GROUP_EVERY == 0)
            counts.update(what.done(isolation))
        for _ in range(arguments.publishing):
            shutil.rmtree(bench.channel, ignore_errors=True)
            what = _Kill(bench, name, chance.uniform(0, _PUBLISHING_S), is_publishing=True)
            counts.update(what.done(isolation))
        for number in range(arguments.cold):
            shutil.rmtree(bench.channel, ignore_errors=True)
            what = _Kill(bench, name, chance.uniform(_BEGUN_S, cold_s), home=f"home-{name}-{number}")
            counts.update(what.done(isolation))
        told = ", ".join(f"{count} {text}" for text, count in sorted(counts.items()))
        print(f"  {name:8} {told}", flush=True)
        bad += sum(count for text, count in counts.items() if text.startswith("BAD"))
    # A folder whose owner was killed a moment ago is left alone.
    time.sleep(_SETTLED_S)
    bench.whole_run()
    if left := [path.name for path in bench.temporary.iterdir()]:
        print(f"  BAD      temporary folders left: {left}")
    return bad + len(left)


@dataclass
class _Kill:
    """One kill and what is seen afterwards."""

    bench: _Bench
    signal_name: str
    moment_s: float
    is_group: bool = False
    home: str = "home"
    is_publishing: bool = False
    """True: the moment counts from the beginning of publishing."""

    def done(self, isolation: dict[str, Any]) -> Iterator[str]:
        """Yield what is to be counted."""
        build = self.bench.start(home=self.home)
        while self.is_publishing and build.poll() is None and not self._publishes():
            time.sleep(0.0002)
        time.sleep(self.moment_s)
        number = SIGNALS[self.signal_name]
        # To look takes longer than publishing does.
        family = frozenset() if self.is_publishing else _family_of(build.pid)
        with suppress(ProcessLookupError):
            (os.killpg if self.is_group else os.kill)(build.pid, number)
        # Who survives may hold the pipes open: only the process itself is waited for.
        build.wait(_TIMEOUT_S)
        yield "ended in time" if build.returncode == 0 else "killed"
        yield from self._complaints(build, number)
        survivors = self._survivors(build.pid, family)
        for stream in (build.stdout, build.stderr):
            assert stream
            stream.close()
        if survivors and isolation["can_leave_orphans"] and number == signal.SIGKILL:
            yield "left orphans, as was told"
        elif survivors:
            yield self._bad(f"survivors: {survivors}")
        for pid in (pid for pid, _ in survivors):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if problems := self._problems():
            yield self._bad(f"channel: {problems}")
        yield "with the package" if [*self.bench.channel.glob("*/*.conda")] else "without the package"
        yield from self._next_run()

    def _publishes(self) -> bool:
        # The opening of a channel stages its first repodata, too.
        with suppress(FileNotFoundError):
            return any((self.bench.channel / ".work").glob(_STAGED))
        return False

    def _complaints(self, build: "subprocess.Popen[str]", number: signal.Signals) -> Iterator[str]:
        expected = {0, -number, 128 + number}
        if build.returncode not in expected:
            yield self._bad(f"status {build.returncode}")

    def _survivors(self, session: int, family: frozenset["_Process"]) -> list[tuple[int, str]]:
        deadline = time.monotonic() + _PATIENCE_S
        while found := [
            (process.pid, words)
            for process, words in _processes()
            if process in family or process.session == session or str(self.bench.folder) in words
        ]:
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        return [(pid, words[:_SHOWN]) for pid, words in found]

    def _problems(self) -> list[str]:
        channel = self.bench.channel
        try:
            return [*unwhole(channel), *dangling(channel), *self._unreadable()]
        except (BridgeError, OSError, ValueError, LookupError) as error:
            return [f"it can't be read: {error}"]

    def _unreadable(self) -> Iterator[str]:
        for path in self.bench.channel.glob("*/*.conda"):
            if not read_record(str(path)).sha256 or not payload_hash(str(path)):
                yield f"{path.name} says nothing"

    def _next_run(self) -> Iterator[str]:
        build = self.bench.start(home=self.home)
        said, complaints = build.communicate(timeout=_TIMEOUT_S)
        if build.returncode:
            yield self._bad(f"next run: {said[-500:]} {complaints[-1500:]}")
        left = [
            str(path.relative_to(self.bench.channel))
            for path in self.bench.channel.rglob(".work/*")
            if not path.name.startswith(".l")
        ]
        if left or (problems := self._problems()):
            yield self._bad(f"left: {left}" if left else f"channel after the next run: {problems}")

    def _bad(self, text: str) -> str:
        whom = "group" if self.is_group else "process"
        print(f"    {self.signal_name} to the {whom} after {self.moment_s:.3f} s: {text}", flush=True)
        return "BAD"


@dataclass(frozen=True, kw_only=True)
class _Process:
    pid: int
    started: int
    """In ticks since the machine's start: with the number it says which process it is."""
    parent: int = field(compare=False)
    session: int = field(compare=False)


def _family_of(pid: int) -> frozenset[_Process]:
    """Return the living descendants of a process: workers tell nobody their environment, and have sessions of their own."""
    everybody = [process for process, _ in _processes()]
    found: set[_Process] = set()
    above = {pid}
    while above:
        children = {process for process in everybody if process.parent in above} - found
        found |= children
        above = {process.pid for process in children}
    return frozenset(found)


def _processes() -> Iterator[tuple[_Process, str]]:
    """Yield the living processes, each with its command, and with its environment and folder as far as it lets us see them."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        with suppress(OSError):
            words += f"in {(folder / 'cwd').readlink()} "
            words += (folder / "environ").read_bytes().decode(errors="replace")
        if fields[0] not in "ZX" and int(folder.name) != os.getpid():
            process = _Process(
                pid=int(folder.name), parent=int(fields[1]), session=int(fields[3]), started=int(fields[19])
            )
            yield process, words


if __name__ == "__main__":
    sys.exit(main())

"""A program that publishes, to be killed by tests.

    publishing.py loop CHANNEL PACKAGES       publish the pairs in PACKAGES for ever
    publishing.py some CHANNEL PACKAGES...    publish each alone
    publishing.py every-line WORK PACKAGES (exchange | two-renames)
                                              kill a publisher at each line in turn, and say what was wrong

A pair is a noarch package and one of a platform that are published together.
"""

import os
import shutil
import signal
import sys
from itertools import count, cycle
from pathlib import Path
from types import FrameType
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from conda_bridge.distributors import channel_versions, local_channel, repodata
from conda_bridge.distributors.exchange import Exchange, exchange
from conda_bridge.distributors.local_channel import LocalChannel
from support.local_channels import unwhole

__all__ = ["is_pair_split", "pairs_of"]

_TRACED = {module.__file__ for module in (channel_versions, local_channel, repodata)}


def pairs_of(packages: Path) -> list[list[str]]:
    """Return the packages of each folder, in the order of the folders."""
    return [sorted(map(str, folder.glob("*.conda"))) for folder in sorted(packages.iterdir())]


def is_pair_split(channel: Path) -> bool:
    """Tell whether a platform's package is there without its noarch twin, or the other way round."""
    here = {record.conda_name for record in LocalChannel(str(channel)).records()}
    return any(
        f"{name.removesuffix('-lib')}-lib" not in here or name.removesuffix("-lib") not in here
        for name in here
    )


def _loop(channel: Path, packages: Path) -> None:
    for number, pair in enumerate(cycle(pairs_of(packages))):
        LocalChannel(str(channel)).publish(pair)
        if number == 0:
            sys.stdout.write("ready\n")
            sys.stdout.flush()


def _every_line(work: Path, packages: Path, swap: Exchange) -> None:
    first, second, *_ = pairs_of(packages)
    template = work / "template"
    LocalChannel(str(template), exchange=swap).publish(first)
    for line in count(1):
        channel = work / "channel"
        shutil.rmtree(channel, ignore_errors=True)
        shutil.copytree(template, channel)
        is_ended = _publish_until(line, channel, second, swap)
        for complaint in _complaints(channel, second, swap):
            sys.stdout.write(f"killed at line {line}: {complaint}\n")
        if is_ended:
            sys.stdout.write(f"ended after {line} lines\n")
            return


def _publish_until(line: int, channel: Path, paths: list[str], swap: Exchange) -> bool:
    """Publish in a child that kills itself at its n-th line of ours; return True where it came to its end."""
    child = os.fork()
    if child == 0:
        passed = count(1)

        def trace(frame: FrameType, event: str, _argument: object) -> Any:
            if frame.f_code.co_filename not in _TRACED:
                return None
            if event == "line" and next(passed) == line:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        LocalChannel(str(channel), exchange=swap).publish(paths)
        sys.settrace(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _complaints(channel: Path, paths: list[str], swap: Exchange) -> list[str]:
    found = [f"at once: {complaint}" for complaint in unwhole(channel)]
    again = LocalChannel(str(channel), exchange=swap)
    again.open()
    found += [f"after opening: {complaint}" for complaint in unwhole(channel)]
    if is_pair_split(channel):
        found.append("after opening: one package of two")
    if {entry.name for entry in (channel / ".work").iterdir()} != {".locks"}:
        found.append("after opening: leftovers")
    again.publish(paths)
    if len(again.records()) != 4:
        found.append("the next publishing did not succeed")
    return found


def _cannot(_one: str, _other: str) -> bool:
    return False


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["loop", channel, packages]:
            _loop(Path(channel), Path(packages))
        case ["some", channel, *paths]:
            for path in paths:
                LocalChannel(channel).publish([path])
        case ["every-line", work, packages, way]:
            _every_line(Path(work), Path(packages), exchange if way == "exchange" else _cannot)
        case _:
            sys.exit(__doc__)

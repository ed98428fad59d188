"""Where the local channel of a machine's toolchain is kept, and what of it was made from which wheel.

    <cache>/host/<key>/channel/      the packages, indexed
    <cache>/host/<key>/wheels.json   what was made of which wheel
    <cache>/host/<key>/used          the format of the packages; its time is that of the last use
    <cache>/host/tools/              programs for engines

The key is a digest of what packages depend on: the interpreter, the compilers, and the form in which we make them. So
another interpreter, or a newer compiler, has a channel of its own, and nothing is ever made differently
under a name that is there already.

Everything is written aside and renamed. What is made is noted before it is published, and a note counts only where the
channel has the package: whoever is killed in between leaves nothing but work to be done again.
"""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from conda_bridge.distributors.host.facts import HostFacts
from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import PypiName

__all__ = ["FORMAT", "MadePackage", "Notes", "Store", "kept_stores", "key_of", "tools_folder"]

FORMAT = 9
"""Changes when packages are made differently, so that those made before are never mixed with those made since."""
_NOTES = "wheels.json"
_USED = "used"
_WORK = "host"
_KEY = re.compile(r"[0-9a-f]{16}")


def key_of(facts: HostFacts) -> str:
    """Return the digest of everything that the packages of a machine depend on."""
    told = {**asdict(facts), "diagnostics": None, "format": FORMAT}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def tools_folder(cache_dir: str) -> Path:
    """Return where the programs for engines are kept, whatever the interpreter."""
    return Path(cache_dir, "host", "tools")


def kept_stores(cache_dir: str) -> "tuple[Store, ...]":
    """Return the channels of all toolchains that packages were ever made for, by their keys."""
    try:
        names = sorted(entry.name for entry in os.scandir(Path(cache_dir, "host")) if entry.is_dir())
    except OSError:
        # Nothing was made yet, or it is another user's.
        return ()
    return tuple(Store(cache_dir, name) for name in names if _KEY.fullmatch(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePackage:
    """A package that was made of a wheel."""

    sha256: str
    """Of the wheel."""
    pypi_name: PypiName
    package: str
    """`noarch/click-8.1.7-pyhd8ed1ab_0.conda`."""
    requires: tuple[str, ...] = ()
    """The wheel's `Requires-Dist` lines."""
    generation: int = 0
    """How often choices had been dropped when it was last chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What is known of a channel's packages beside what they say themselves."""

    generation: int = 0
    wheels: tuple[MadePackage, ...] = ()
    own: tuple[str, ...] = ()
    """The packages that were made of this machine, as `subdir/file name`; empty: not yet."""

    def of_wheel(self, sha256: str) -> MadePackage | None:
        """Return what was made of a wheel; None: nothing yet."""
        return next((made for made in self.wheels if made.sha256 == sha256), None)

    def with_wheels(self, made: Mapping[str, MadePackage]) -> "Notes":
        """Return the notes with what was made of more wheels, by their sha256."""
        kept = [each for each in self.wheels if each.sha256 not in made]
        both = sorted((*kept, *made.values()), key=lambda each: (each.package, each.sha256))
        return replace(self, wheels=tuple(both))

    def with_own(self, own: Iterable[str]) -> "Notes":
        """Return the notes of a channel in which the packages of this machine have just been made."""
        return replace(self, own=tuple(sorted(own)))

    def with_dropped_choices(self) -> "Notes":
        """Return notes by which no version is preferred because it is there."""
        return replace(self, generation=self.generation + 1)


class Store:
    """The channel of one toolchain, with its notes. Safe to share between threads and processes."""

    def __init__(self, cache_dir: str, key: str, *, lock_timeout_s: float = 600.0) -> None:
        self._folder = Path(cache_dir, "host", key)
        self.channel = LocalChannel(
            str(self._folder / "channel"), holds_private=True, lock_timeout_s=lock_timeout_s
        )

    @property
    def folder(self) -> str:
        """The folder of the channel and its notes."""
        return str(self._folder)

    def mark_used(self) -> None:
        """Note that the channel is of use, and in which format its packages are."""
        mark = self._folder / _USED
        with suppress(OSError):
            if self.format() == FORMAT:
                os.utime(mark)
            else:
                mark.write_text(f"{FORMAT}\n", encoding="ascii")

    def format(self) -> int:
        """Return the format of the packages; 0: nobody has noted it."""
        with suppress(OSError, ValueError):
            return int((self._folder / _USED).read_text(encoding="ascii"))
        return 0

    def used_at_s(self) -> float:
        """Return when the channel was last used, in seconds since the epoch."""
        for name in (_USED, _NOTES, ""):
            with suppress(OSError):
                return (self._folder / name).stat().st_mtime
        return 0.0

    def notes(self) -> Notes:
        """Return what is known of the packages that are there; of a damaged file nothing is."""
        try:
            told = json.loads((self._folder / _NOTES).read_bytes())
            return _notes(told)
        except (OSError, ValueError, TypeError, KeyError):
            return Notes()

    def write_notes(self, notes: Notes) -> None:
        """Replace the notes; only who has the `work` may."""
        text = json.dumps(asdict(notes), sort_keys=True, indent=1)
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self._folder, delete=False, encoding="utf-8") as file:
            try:
                file.write(text)
                file.close()
                Path(file.name).replace(self._folder / _NOTES)
            finally:
                Path(file.name).unlink(missing_ok=True)

    def records(self) -> dict[str, PackageRecord]:
        """Return the packages of the channel by `subdir/file name`."""
        return {f"{record.subdir}/{record.stem}.conda": record for record in self.channel.records()}

    @contextmanager
    def work(self) -> Iterator[Path]:
        """Lend a folder to make packages in, to one thread of one process at a time."""
        with self.channel.work(_WORK) as folder:
            yield Path(folder)


def _notes(told: dict[str, Any]) -> Notes:
    return Notes(
        generation=int(told["generation"]),
        own=tuple(map(str, told["own"])),
        wheels=tuple(
            MadePackage(
                sha256=str(row["sha256"]),
                pypi_name=PypiName(row["pypi_name"]),
                package=str(row["package"]),
                requires=tuple(map(str, row["requires"])),
                generation=int(row["generation"]),
            )
            for row in told["wheels"]
        ),
    )

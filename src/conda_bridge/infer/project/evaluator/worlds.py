"""The platforms and pythons that a build may meet, and the markers that tell them apart.

A setup.py that asks for the platform or the python is followed once for each answer; what differs between
worlds becomes a marker. Only CPython on 64-bit machines is considered, as conda distributors do.
"""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["PLATFORMS", "PYTHONS", "WORLDS", "World", "markers_of"]

PYTHONS: tuple[int, ...] = (8, 9, 10, 11, 12, 13, 14)
"""Minor versions of python 3. The first stands for itself and all older ones, the last for all newer ones."""


@dataclass(frozen=True, slots=True)
class Platform:
    """What the standard library calls a system."""

    sys_platform: str
    os_name: str
    platform_system: str


PLATFORMS: tuple[Platform, ...] = (
    Platform("linux", "posix", "Linux"),
    Platform("darwin", "posix", "Darwin"),
    Platform("win32", "nt", "Windows"),
)


@dataclass(frozen=True, slots=True)
class World:
    """One platform and one python."""

    platform: Platform
    minor: int


WORLDS: tuple[World, ...] = tuple(World(platform, minor) for platform in PLATFORMS for minor in PYTHONS)


def markers_of(present: Iterable[World], everywhere: Iterable[World] = WORLDS) -> tuple[str, ...]:
    """Return markers that hold in exactly the worlds `present`, of those that there are.

    One empty marker stands for all of them, no marker at all for none. Pythons outside the list are as the
    nearest listed one.

    >>> markers_of(world for world in WORLDS if world.platform.os_name == "nt")
    ('sys_platform == "win32"',)
    """
    wanted, every = frozenset(present), tuple(everywhere)
    minors = sorted({world.minor for world in every})
    platforms = [p for p in PLATFORMS if any(world.platform == p for world in every)]
    by_pythons: dict[tuple[int, ...], list[Platform]] = {}
    for platform in platforms:
        found = tuple(minor for minor in minors if World(platform, minor) in wanted)
        if found:
            by_pythons.setdefault(found, []).append(platform)
    return tuple(
        " and ".join(part for part in (_of_platforms(names, platforms), _of_pythons(found, minors)) if part)
        for found, names in by_pythons.items()
    )


def _of_platforms(names: list[Platform], every: list[Platform]) -> str:
    if len(names) == len(every):
        return ""
    if len(names) == 1:
        return f'sys_platform == "{names[0].sys_platform}"'
    others = [platform for platform in every if platform not in names]
    return " and ".join(f'sys_platform != "{platform.sys_platform}"' for platform in others)


def _of_pythons(found: tuple[int, ...], every: list[int]) -> str:
    """Return the runs of adjacent minors among all of them; the outermost runs are open."""
    runs: list[list[int]] = []
    for index, minor in enumerate(every):
        if minor not in found:
            continue
        if runs and every[index - 1] == runs[-1][-1]:
            runs[-1].append(minor)
        else:
            runs.append([minor])
    texts = [_of_run(run[0], run[-1], every) for run in runs]
    if len(texts) == 1:
        return texts[0]
    return "(" + " or ".join(texts) + ")"


def _of_run(first: int, last: int, every: list[int]) -> str:
    lower = f'python_version >= "3.{first}"' if first != every[0] else ""
    upper = f'python_version < "3.{last + 1}"' if last != every[-1] else ""
    return " and ".join(part for part in (lower, upper) if part)

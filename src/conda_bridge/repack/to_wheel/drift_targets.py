"""Conditions -> the systems and pythons among which they tell, and such a choice in words.

Vocabulary: a *region* is a system with the pythons from one place where a condition changes its mind to the next; its
first python stands for all of it.

Source: PEP 508, environment markers.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from conda_bridge.model.condition import (
    AllOf,
    AnyOf,
    Condition,
    PythonIn,
    PyVersion,
    Target,
    evaluate,
)

__all__ = ["described", "targets_of"]

_PLATFORMS = ("linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64")
_PYTHON3 = PyVersion((3,))
_LAST = PyVersion((3, 30))
"""Beyond all pythons that a package of today can know."""
_MAX_PLATFORMS_TOLD = 3


def targets_of(conditions: Iterable[Condition], *, within: Iterable[Condition]) -> tuple[Target, ...]:
    """Return a target for each region of the conditions; of python 2 only where there are no others.

    Args:
        conditions: that tell regions apart.
        within: of these, the first that holds anywhere bounds the regions.
    """
    bounds = tuple(within)
    found = {PyVersion((0,)), _PYTHON3}
    found.update(bound for condition in (*conditions, *bounds) for bound in _bounds(condition))
    pythons = sorted(python for python in found if python < _LAST)
    every = [Target(platform=platform, python=python) for platform in _PLATFORMS for python in pythons]
    for bound in bounds:
        inside = [target for target in every if evaluate(bound, target)]
        if inside:
            return tuple([one for one in inside if one.python >= _PYTHON3] or inside)
    return tuple(one for one in every if one.python >= _PYTHON3)


def _bounds(condition: Condition) -> Iterator[PyVersion]:
    match condition:
        case PythonIn(spans):
            for span in spans:
                yield from filter(None, (span.lower, span.upper))
        case AllOf(members) | AnyOf(members):
            for member in members:
                yield from _bounds(member)
        case _:
            return


# ---------------------------------------------------------------- in words


def described(chosen: Iterable[Target], every: Iterable[Target]) -> str:
    """Return in words which of all regions are chosen; empty for all and for none.

    >>> targets = targets_of((), within=())
    >>> described([target for target in targets if target.os == "win"], targets)
    'on win'
    """
    regions, inside = tuple(every), frozenset(chosen)
    if not inside or inside >= set(regions):
        return ""
    pythons = sorted({target.python for target in regions})
    platforms = dict.fromkeys(target.platform for target in regions)
    told = [
        (_pythons([python in found for python in pythons], pythons), platform)
        for platform in platforms
        if (found := {target.python for target in inside if target.platform == platform})
    ]
    groups = [
        (text, [platform for _, platform in rows])
        for text, rows in groupby(sorted(told, key=lambda row: row[0]), lambda row: row[0])
    ]
    words = [_words(_systems(names, platforms), text) for text, names in groups]
    return " and ".join(words[:_MAX_PLATFORMS_TOLD])


def _words(systems: str, pythons: str) -> str:
    if not systems:
        return f"on python {pythons}"
    return f"on {systems} with python {pythons}" if pythons else f"on {systems}"


def _systems(names: Iterable[str], every: Iterable[str]) -> str:
    """Return platforms, by system where all of its platforms are meant; empty for all of them."""
    left, known = set(names), tuple(every)
    if left >= set(known):
        return ""
    told: list[str] = []
    for name in known:
        system = name.partition("-")[0]
        siblings = {one for one in known if one.startswith(f"{system}-")}
        if siblings <= left:
            told.append(system)
        elif name in left:
            told.append(name)
    return ", ".join(dict.fromkeys(told))


def _pythons(chosen: list[bool], pythons: list[PyVersion]) -> str:
    """Return ranges of regions that lie side by side; empty for all of them."""
    if all(chosen):
        return ""
    ranges: list[str] = []
    start = 0
    for is_chosen, run in groupby(chosen):
        end = start + len(list(run))
        if is_chosen:
            lower = f">={pythons[start]}" if start else ""
            upper = f"<{pythons[end]}" if end < len(pythons) else ""
            ranges.append(",".join(filter(None, (lower, upper))))
        start = end
    return " or ".join(ranges[:_MAX_PLATFORMS_TOLD])

"""Conditions on systems and pythons as sets of bits: what follows from hundreds of them costs an `&` or an `|` each.

Vocabulary: a *piece* is a span of pythons within which none of the conditions changes its mind. A bit stands for one
system with one piece.
"""

from collections.abc import Iterable
from functools import reduce
from operator import and_, or_

from conda_bridge.model.condition import (
    ALWAYS,
    NEVER,
    OPERATING_SYSTEMS,
    AllOf,
    AnyOf,
    Condition,
    OsIn,
    PythonIn,
    all_of,
    any_of,
    os_in,
    python_in,
)
from conda_bridge.model.python_versions import PyVersion, Span

__all__ = ["Regions", "bounds_of"]

_LOWEST = PyVersion((0,))
_SYSTEMS = tuple(sorted(OPERATING_SYSTEMS))


def bounds_of(condition: Condition) -> set[PyVersion]:
    """Return the pythons from which on a condition can be another one."""
    match condition:
        case PythonIn(spans):
            return {bound for span in spans for bound in (span.lower, span.upper) if bound}
        case AllOf(members) | AnyOf(members):
            return {bound for member in members for bound in bounds_of(member)}
        case _:
            return set()


class Regions:
    """The bits of a number of conditions, which depend on nothing but systems and pythons."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        known = dict.fromkeys((*conditions, ALWAYS))
        cuts = sorted({bound for one in known for bound in bounds_of(one)} - {_LOWEST})
        self._pieces = [Span(low, high) for low, high in zip((None, *cuts), (*cuts, None), strict=True)]
        self._places = {piece.lower: place for place, piece in enumerate(self._pieces)}
        self._bits = {one: self._counted(one) for one in known}
        self._conditions = {bits: one for one, bits in self._bits.items()} | {0: NEVER}

    def bits(self, condition: Condition) -> int:
        """Return where one of the conditions holds; 0 for nowhere."""
        return self._bits[condition]

    def condition(self, bits: int) -> Condition:
        """Return the condition that holds there: where it is one of those that were given, as it was given."""
        if bits not in self._conditions:
            self._conditions[bits] = self._said(bits)
        return self._conditions[bits]

    def _counted(self, condition: Condition) -> int:
        match condition:
            case PythonIn(spans):
                pythons = sum(self._between(span) for span in spans)
                return sum(pythons << place * len(self._pieces) for place in range(len(_SYSTEMS)))
            case OsIn(systems):
                whole = (1 << len(self._pieces)) - 1
                return sum(whole << _SYSTEMS.index(system) * len(self._pieces) for system in systems)
            case AllOf(members):
                return reduce(and_, map(self._counted, members))
            case AnyOf(members):
                return reduce(or_, map(self._counted, members))
            case _:
                assert condition in {ALWAYS, NEVER}, "it depends on systems and pythons alone"
                return (1 << len(_SYSTEMS) * len(self._pieces)) - 1 if condition == ALWAYS else 0

    def _between(self, span: Span) -> int:
        first = self._places.get(span.lower, 0)
        after = self._places.get(span.upper, 0) if span.upper else len(self._pieces)
        return (1 << after) - (1 << first)

    def _said(self, bits: int) -> Condition:
        count = len(self._pieces)
        systems: dict[int, list[str]] = {}
        for index, system in enumerate(_SYSTEMS):
            systems.setdefault(bits >> (index * count) & ((1 << count) - 1), []).append(system)
        return any_of(*(all_of(os_in(named), self._pythons(pythons)) for pythons, named in systems.items()))

    def _pythons(self, bits: int) -> Condition:
        return python_in(*(piece for place, piece in enumerate(self._pieces) if bits >> place & 1))

"""Which recipe is built before which: needs become an order, and circles come to light."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from heapq import heapify, heappop, heappush

__all__ = ["Edge", "Order", "order_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One recipe is built before another."""

    before: str
    after: str
    is_vital: bool = True
    """False: the distributor has one, too, so that the other could be built without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All names, each behind what it needs."""

    names: tuple[str, ...]
    needs: Mapping[str, tuple[str, ...]]
    """For each name those that come before it, in the order of `names`."""
    circles: tuple[tuple[str, ...], ...] = ()
    """Names of which each needs the next, and the last the first; vital needs only."""


def order_of(names: Sequence[str], edges: Iterable[Edge]) -> Order:
    """Return an order that keeps the given one as far as it can.

    Of a circle a need that isn't vital is given up; where all are vital, the circle is told, and the need of its
    first name is given up.
    """
    left = {(edge.after, edge.before): edge.is_vital for edge in sorted(edges, key=lambda e: e.is_vital)}
    left = {pair: is_vital for pair, is_vital in left.items() if pair[0] != pair[1]}
    circles = []
    while (circle := _circle(names, left)) is not None:
        pairs = list(zip(circle, (*circle[1:], circle[0]), strict=True))
        spare = next((pair for pair in pairs if not left[pair]), None)
        if spare is None:
            first = min(range(len(circle)), key=lambda n: names.index(circle[n]))
            circles.append((*circle[first:], *circle[:first]))
            spare = pairs[first]
        del left[spare]
    ordered = _sorted(names, left)
    needs = {name: tuple(b for b in ordered if (name, b) in left) for name in ordered}
    return Order(names=ordered, needs=needs, circles=tuple(circles))


def _circle(names: Sequence[str], pairs: Mapping[tuple[str, str], bool]) -> tuple[str, ...] | None:
    try:
        _sorter(names, pairs).prepare()
    except CycleError as error:
        # graphlib names the circle from what comes before to what comes after it, the first name twice.
        found: list[str] = error.args[1]
        return tuple(reversed(found[1:]))
    return None


def _sorted(names: Sequence[str], pairs: Mapping[tuple[str, str], bool]) -> tuple[str, ...]:
    sorter = _sorter(names, pairs)
    sorter.prepare()
    place = {name: number for number, name in enumerate(names)}
    ready = [place[name] for name in sorter.get_ready()]
    heapify(ready)
    ordered = []
    while ready:
        name = names[heappop(ready)]
        ordered.append(name)
        sorter.done(name)
        for other in sorter.get_ready():
            heappush(ready, place[other])
    return tuple(ordered)


def _sorter(names: Sequence[str], pairs: Mapping[tuple[str, str], bool]) -> TopologicalSorter[str]:
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(names, ()))
    for after, before in pairs:
        sorter.add(after, before)
    return sorter

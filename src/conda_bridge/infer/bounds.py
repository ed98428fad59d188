"""Arithmetic on version specifiers: the narrowest range that holds several of them.

Source: PEP 440, version specifiers.
"""

from collections.abc import Iterable

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import Version

__all__ = ["hull"]

_Bound = tuple[Version, bool]
"""(version, inclusive)."""


def hull(sets: Iterable[SpecifierSet]) -> SpecifierSet:
    """Return one specifier set that admits every version which any of `sets` admits.

    Bounds are widened, exclusions kept only where all agree; the text of the clause that wins is kept.
    """
    members = tuple(sets)
    clauses = [
        *_widest([_lower(member) for member in members], lower=True),
        *_widest([_upper(member) for member in members], lower=False),
        *sorted(frozenset.intersection(*(_exclusions(member) for member in members)) if members else ()),
    ]
    return SpecifierSet(",".join(clauses))


def _widest(bounds: list[tuple[_Bound, str] | None], *, lower: bool) -> list[str]:
    found = [bound for bound in bounds if bound is not None]
    if not found or len(found) < len(bounds):
        return []
    # An inclusive bound is the wider one on either side.
    best = min(found, key=lambda b: (b[0][0], not b[0][1])) if lower else max(found, key=lambda b: b[0])
    return [best[1]]


def _lower(member: SpecifierSet) -> tuple[_Bound, str] | None:
    found = [bound for clause in member if (bound := _lower_of(clause)) is not None]
    return max(found, key=lambda b: (b[0][0], not b[0][1])) if found else None


def _upper(member: SpecifierSet) -> tuple[_Bound, str] | None:
    found = [bound for clause in member if (bound := _upper_of(clause)) is not None]
    return min(found, key=lambda b: b[0]) if found else None


def _lower_of(clause: Specifier) -> tuple[_Bound, str] | None:
    text = clause.version
    if clause.operator in {">=", "~="}:
        return (Version(text), True), f">={text}"
    if clause.operator == ">":
        return (Version(text), False), f">{text}"
    if clause.operator == "==" and text.endswith(".*"):
        return (Version(text[:-2]), True), f">={text[:-2]}"
    if clause.operator == "==":
        return (Version(text), True), f">={text}"
    return None


def _upper_of(clause: Specifier) -> tuple[_Bound, str] | None:
    text = clause.version
    match clause.operator:
        case "<":
            return (Version(text), False), f"<{text}"
        case "<=":
            return (Version(text), True), f"<={text}"
        case "~=":
            return _below_next(Version(text).release[:-1])
        case "==" if text.endswith(".*"):
            return _below_next(Version(text[:-2]).release)
        case "==":
            return (Version(text), True), f"<={text}"
        case _:
            return None


def _below_next(prefix: tuple[int, ...]) -> tuple[_Bound, str]:
    text = ".".join(map(str, (*prefix[:-1], prefix[-1] + 1)))
    return (Version(text), False), f"<{text}"


def _exclusions(member: SpecifierSet) -> frozenset[str]:
    return frozenset(str(clause) for clause in member if clause.operator == "!=")

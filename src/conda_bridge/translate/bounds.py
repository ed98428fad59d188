"""Several version specifiers -> the narrowest range that holds them all.

Source: PEP 440, version specifiers.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import Version

__all__ = ["admits_nothing", "hull", "release_text"]


_LOWEST = Version("0")


@dataclass(frozen=True, slots=True)
class _Bound:
    version: Version
    is_inclusive: bool
    clause: str


def hull(sets: Iterable[SpecifierSet]) -> SpecifierSet:
    """Return one specifier set that admits every version which any of `sets` admits; of none, any version.

    Bounds are widened, exclusions stay where all sets have them, and the text of the winning clause is kept.
    `===` counts as no bound. A prefix (`==1.2.*`, `~=1.2.1`) begins at the release itself, so pre-releases of
    the lowest one are lost.
    """
    members = tuple(sets)
    if not members:
        return SpecifierSet()
    lowers, uppers = [_lower(m) for m in members], [_upper(m) for m in members]
    clauses = sorted(frozenset.intersection(*map(_exclusions, members)))
    if all(uppers):
        clauses.insert(0, max((b for b in uppers if b), key=_reach_up).clause)
    if all(lowers):
        clauses.insert(0, min((b for b in lowers if b), key=_reach_down).clause)
    return SpecifierSet(",".join(clauses))


def admits_nothing(specifiers: SpecifierSet) -> bool:
    """Tell whether the bounds contradict each other, so that no version meets them all.

    False where it isn't sure, as with `===` and with exclusions that leave pre-releases only.

    >>> admits_nothing(SpecifierSet(">=1,<1")), admits_nothing(SpecifierSet(">=1,<=1"))
    (True, False)
    """
    lower, upper = _lower(specifiers), _upper(specifiers)
    if upper is None:
        return False
    if lower is None:
        return not upper.is_inclusive and upper.version <= _LOWEST
    # `==1+local` is within `==1`.
    least, most = Version(lower.version.public), Version(upper.version.public)
    if least != most:
        return least > most
    if not (lower.is_inclusive and upper.is_inclusive):
        return True
    return not specifiers.contains(lower.version, prereleases=True)


def release_text(version: Version, *, length: int | None = None) -> str:
    """Return the first `length` components of the release, behind the epoch where there is one.

    >>> release_text(Version("1!2.3.4rc1"), length=2)
    '1!2.3'
    """
    epoch = f"{version.epoch}!" if version.epoch else ""
    return epoch + ".".join(map(str, version.release[:length]))


def _reach_down(bound: _Bound) -> tuple[Version, bool]:
    return (bound.version, not bound.is_inclusive)


def _reach_up(bound: _Bound) -> tuple[Version, bool]:
    return (bound.version, bound.is_inclusive)


def _lower(member: SpecifierSet) -> _Bound | None:
    return max(filter(None, map(_lower_of, member)), key=_reach_down, default=None)


def _upper(member: SpecifierSet) -> _Bound | None:
    return min(filter(None, map(_upper_of, member)), key=_reach_up, default=None)


def _lower_of(clause: Specifier) -> _Bound | None:
    text = clause.version.removesuffix(".*")
    match clause.operator:
        case ">":
            return _Bound(Version(text), is_inclusive=False, clause=f">{text}")
        case ">=" | "~=" | "==":
            return _Bound(Version(text), is_inclusive=True, clause=f">={_public(text)}")
        case _:
            return None


def _upper_of(clause: Specifier) -> _Bound | None:
    text = clause.version
    match clause.operator:
        case "<" | "<=":
            return _Bound(Version(text), is_inclusive=clause.operator == "<=", clause=str(clause))
        case "~=":
            return _below_next(release_text(Version(text), length=-1))
        case "==" if text.endswith(".*"):
            return _below_next(text.removesuffix(".*"))
        case "==":
            return _Bound(Version(text), is_inclusive=True, clause=f"<={_public(text)}")
        case _:
            return None


def _public(text: str) -> str:
    """Return a version without its local part, which only `==` and `!=` may have; `==1` admits `1+local`."""
    return text.partition("+")[0]


def _below_next(prefix: str) -> _Bound:
    head, dot, last = prefix.rpartition(".")
    # The epoch stands in the head, unless the prefix is one component long.
    epoch, mark, number = last.rpartition("!")
    following = f"{head}{dot}{epoch}{mark}{int(number) + 1}"
    return _Bound(Version(following), is_inclusive=False, clause=f"<{following}")


def _exclusions(member: SpecifierSet) -> frozenset[str]:
    return frozenset(str(clause) for clause in member if clause.operator == "!=")

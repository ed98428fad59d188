"""Whether version constraints admit the same versions, however they are spelled: `>=1.0` and `>=1.0.0`.

Between two neighbouring *cuts*, the places where a clause can change its mind, the answer stays the same, so asking at
every cut, and at a post-release of it, tells two sets apart. Pre-releases count only where a clause names one.

A clause admits all cuts from one to another, or all but these. So it is asked at a few of them only, and what it admits
is a number with a bit for each cut: constraints of a stranger's length cost little more than those of anybody else.

Source: PEP 440, version specifiers.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from conda_bridge.errors import TranslationError

__all__ = ["VersionSpace", "admit_the_same"]

_MAX_COMPONENTS = 12
"""Nobody has more; each of them doubles nothing, but costs a cut."""
_MAX_CLAUSES = 1_000
"""Nobody writes as many about one project."""


def admit_the_same(left: Sequence[SpecifierSet], right: Sequence[SpecifierSet]) -> bool:
    """Tell whether each version that one of `left` admits is admitted by one of `right`, and the reverse.

    >>> admit_the_same([SpecifierSet(">=1.0,<3")], [SpecifierSet("<3.0.0,>=1")])
    True
    >>> admit_the_same([SpecifierSet(">=1,<2"), SpecifierSet(">=2,<3")], [SpecifierSet(">=1,<3")])
    True

    Raises:
        TranslationError: `inexpressible-spec` for more clauses than anybody writes.
    """
    if tuple(left) == tuple(right):
        return True
    space = VersionSpace((*left, *right))
    return space.any_of(left) == space.any_of(right)


class VersionSpace:
    """The versions that tell some constraints apart; a set of them is a number, whose bits are the versions in order."""

    def __init__(self, sets: Iterable[SpecifierSet]) -> None:
        """Find the versions for all constraints that will be asked for.

        Raises:
            TranslationError: `inexpressible-spec` for more clauses than anybody writes.
        """
        clauses = {clause for one in sets for clause in one}
        if len(clauses) > _MAX_CLAUSES:
            message = f"there are more than {_MAX_CLAUSES:,} bounds of its versions"
            raise TranslationError("inexpressible-spec", message)
        self._points = sorted(set(_points(clauses)))
        self._all = (1 << len(self._points)) - 1
        self._admitted: dict[Specifier, int] = {}

    def all_of(self, sets: Iterable[SpecifierSet]) -> int:
        """Return the versions that every one of `sets` admits."""
        found = self._all
        for clause in (clause for one in sets for clause in one):
            found &= self._of(clause)
        return found

    def any_of(self, sets: Iterable[SpecifierSet]) -> int:
        """Return the versions that at least one of `sets` admits."""
        found = 0
        for one in sets:
            found |= self.all_of([one])
        return found

    def _of(self, clause: Specifier) -> int:
        known = self._admitted.get(clause)
        if known is None:
            known = self._admitted[clause] = self._asked(clause)
        return known

    def _asked(self, clause: Specifier) -> int:
        match clause.operator:
            case "!=":
                return self._all ^ self._around(Specifier(f"=={clause.version}"))
            case ">" | ">=":
                return self._between(self._first(clause, 0, len(self._points)), len(self._points))
            case "<" | "<=":
                return self._between(0, self._end(clause, 0))
            case "===":
                version = _version(clause)
                return 0 if version is None else 1 << bisect_left(self._points, version)
            case _:
                return self._around(clause)

    def _around(self, clause: Specifier) -> int:
        """Return what a clause admits that admits the version it names, and no gap around it."""
        version = _version(clause)
        assert version is not None
        named = bisect_left(self._points, version)
        return self._between(self._first(clause, 0, named), self._end(clause, named))

    def _first(self, clause: Specifier, start: int, end: int) -> int:
        return bisect_left(self._points, True, start, end, key=lambda v: _admits(clause, v))

    def _end(self, clause: Specifier, start: int) -> int:
        return bisect_left(self._points, True, start, key=lambda v: not _admits(clause, v))

    def _between(self, start: int, end: int) -> int:
        return (1 << end) - (1 << start) if start < end else 0


def _admits(clause: Specifier, version: Version) -> bool:
    return clause.contains(version, prereleases=True)


def _version(clause: Specifier) -> Version | None:
    """Return the version that a clause names; none where `===` has any other text."""
    try:
        return Version(clause.version if clause.operator == "===" else clause.version.removesuffix(".*"))
    except InvalidVersion:
        return None


def _points(clauses: Collection[Specifier]) -> Iterator[Version]:
    # What `==1.0` admits and `===1.0` doesn't.
    texts = (clause.version for clause in clauses if clause.operator == "===" and _version(clause))
    yield from (Version(f"{Version(text).public}+0") for text in texts)
    named = {version for version in map(_version, clauses) if version is not None}
    length = min(max((len(version.release) for version in named), default=0) + 1, _MAX_COMPONENTS)
    yield Version("0")
    yield from named
    for epoch, release in {(v.epoch, cut) for v in named for cut in _cuts(v.release, length)}:
        text = f"{epoch}!{'.'.join(map(str, release))}"
        yield Version(text)
        yield Version(f"{text}.post1")


def _cuts(release: tuple[int, ...], length: int) -> Iterator[tuple[int, ...]]:
    full = (*release, *(0,) * length)[: max(length, len(release))]
    for end in range(1, len(full) + 1):
        yield full[:end]
        yield (*full[: end - 1], full[end - 1] + 1)

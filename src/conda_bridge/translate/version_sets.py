"""Whether two version constraints admit the same versions, however they are spelled: `>=1.0` and `>=1.0.0`.

Between two neighbouring *cuts*, the places where a clause can change its mind, the answer stays the same, so asking at
every cut, and at a post-release of it, tells two sets apart. Pre-releases count only where a clause names one.

Source: PEP 440, version specifiers.
"""

from collections.abc import Iterable, Iterator, Sequence

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import Version

__all__ = ["admit_the_same"]

_MAX_COMPONENTS = 12
"""Nobody has more; each of them doubles nothing, but costs a cut."""


def admit_the_same(left: Sequence[SpecifierSet], right: Sequence[SpecifierSet]) -> bool:
    """Tell whether each version that one of `left` admits is admitted by one of `right`, and the reverse.

    >>> admit_the_same([SpecifierSet(">=1.0,<3")], [SpecifierSet("<3.0.0,>=1")])
    True
    >>> admit_the_same([SpecifierSet(">=1,<2"), SpecifierSet(">=2,<3")], [SpecifierSet(">=1,<3")])
    True
    """
    if tuple(left) == tuple(right):
        return True
    clauses = [clause for one in (*left, *right) for clause in one]
    return all(_admits(left, point) == _admits(right, point) for point in _points(clauses))


def _admits(sets: Sequence[SpecifierSet], version: Version) -> bool:
    return any(one.contains(version, prereleases=True) for one in sets)


def _points(clauses: Iterable[Specifier]) -> Iterator[Version]:
    named = list(_named(clauses))
    length = min(max((len(version.release) for version in named), default=0) + 1, _MAX_COMPONENTS)
    yield Version("0")
    for version in named:
        yield version
        epoch = f"{version.epoch}!" if version.epoch else ""
        for release in _cuts(version.release, length):
            text = epoch + ".".join(map(str, release))
            yield Version(text)
            yield Version(f"{text}.post1")


def _named(clauses: Iterable[Specifier]) -> Iterator[Version]:
    for clause in clauses:
        try:
            yield Version(clause.version.removesuffix(".*"))
        except ValueError:
            # `===` takes any text; no other version is equal to it.
            continue


def _cuts(release: tuple[int, ...], length: int) -> Iterator[tuple[int, ...]]:
    full = (*release, *(0,) * length)[: max(length, len(release))]
    for end in range(1, len(full) + 1):
        yield full[:end]
        yield (*full[: end - 1], full[end - 1] + 1)

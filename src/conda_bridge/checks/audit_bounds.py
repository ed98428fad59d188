"""Two version constraints of conda -> which of them admits more.

Every set of versions that constraints can name has its ends at the versions written in them. So it is enough to
ask both sides about those versions and about one on each side of them: where they agree, they agree everywhere
among final releases. `>=1` and `>=1.0` are the same, and so are `1.2.*` and `>=1.2,<1.3`.

Pre- and post-releases aren't compared: the two ecosystems sort them differently, and recipes don't mean them.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import TranslationError
from conda_bridge.translate.match_specs import specifier_sets

__all__ = ["Comparison", "admits", "compare_bounds"]

Comparison = Literal["equal", "looser", "tighter", "different", "unknown"]
"""Of a recipe's constraint against upstream's: `looser` admits more, `tighter` less, `different` both."""

_MAX_CHARS = 400
"""A longer constraint, which nobody writes by hand, isn't compared."""
_FAR = 99_999
"""A component that stands for all that come after those in use; calendar versions stay below it."""


@lru_cache(maxsize=1024)
def compare_bounds(recipe: str, upstream: str) -> Comparison:
    """Compare two constraints such as `>=1.2,<2`; empty means any version.

    >>> compare_bounds(">=1.0,<2.0a0", ">=1,<2"), compare_bounds(">=1", ">=1.5"), compare_bounds("<9e", ">=1")
    ('equal', 'looser', 'unknown')
    """
    if max(len(recipe), len(upstream)) > _MAX_CHARS:
        return "unknown"
    try:
        theirs, ours = _alternatives(recipe), _alternatives(upstream)
        samples = sorted({version for one in (*theirs, *ours) for version in _samples(one)})
    except (TranslationError, ValueError):
        # ValueError: numbers of thousands of digits, which Python refuses to read.
        return "unknown"
    admitted = [(_admits(theirs, version), _admits(ours, version)) for version in samples]
    is_looser, is_tighter = (True, False) in admitted, (False, True) in admitted
    if is_looser:
        return "different" if is_tighter else "looser"
    return "tighter" if is_tighter else "equal"


def admits(constraint: str, version: str) -> bool:
    """Tell whether a constraint lets a version in; one that can't be read lets all in."""
    try:
        return len(constraint) > _MAX_CHARS or _admits(_alternatives(constraint), Version(version))
    except (TranslationError, ValueError):
        return True


def _alternatives(constraint: str) -> tuple[SpecifierSet, ...]:
    return specifier_sets(constraint).value


def _admits(alternatives: tuple[SpecifierSet, ...], version: Version) -> bool:
    return any(one.contains(version, prereleases=True) for one in alternatives)


def _samples(specifiers: SpecifierSet) -> Iterator[Version]:
    """Yield the versions named in the specifiers, their neighbours, and one that is higher than all."""
    yield Version(str(_FAR))
    yield Version("0")
    for clause in specifiers:
        version = Version(clause.version.removesuffix(".*"))
        release = version.release
        yield from (_version(version.epoch, near) for near in _neighbours(release))


def _neighbours(release: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    yield release
    yield (*release, _FAR)
    # The prefix of which `~=` or a fuzzy clause admits all ends where the next one begins.
    yield (*release[:-1], release[-1] + 1)
    shortest = release
    while len(shortest) > 1 and not shortest[-1]:
        shortest = shortest[:-1]
    if shortest[-1]:
        yield (*shortest[:-1], shortest[-1] - 1, _FAR)


def _version(epoch: int, release: tuple[int, ...]) -> Version:
    return Version(f"{epoch}!{'.'.join(map(str, release))}")

"""Project names + names that the user trusts -> warnings about names that look or type like a trusted one.

No list of names ships: typo-squatting is judged against the user's own.
"""

from collections.abc import Iterable

from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName

__all__ = ["lookalike_findings"]

# Project names are ASCII, so what looks alike is digits beside letters and pairs of letters beside one.
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_LETTERS = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "2": "z", "-": None})
# One edit between shorter names says nothing: `lxml` and `xml`.
_SHORTEST_FOR_SLIPS = 5


def lookalike_findings(names: Iterable[PypiName], *, trusted: Iterable[PypiName]) -> tuple[Diagnostic, ...]:
    """Return a finding for each name that is not trusted but could be mistaken for a trusted one."""
    known = frozenset(trusted)
    shapes = {_shape(name): name for name in sorted(known)}
    findings: list[Diagnostic] = []
    for name in names:
        if name in known:
            continue
        meant = shapes.get(_shape(name)) or next(
            (other for other in sorted(known) if _is_one_slip(name, other)), None
        )
        if meant is not None:
            findings.append(finding("name-lookalike", f"{name!r} could be mistaken for {meant!r}"))
    return tuple(findings)


def _shape(name: PypiName) -> str:
    text: str = name
    for pair, letter in _PAIRS:
        text = text.replace(pair, letter)
    return text.translate(_LETTERS)


def _is_one_slip(one: str, other: str) -> bool:
    """Tell whether one letter added, left out, replaced, or two swapped make one name of the other."""
    if min(len(one), len(other)) < _SHORTEST_FOR_SLIPS:
        return False
    start = _shared_start(one, other)
    one, other = one[start:][::-1], other[start:][::-1]
    end = _shared_start(one, other)
    one, other = one[end:], other[end:]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


def _shared_start(one: str, other: str) -> int:
    """Return how many letters two names begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))

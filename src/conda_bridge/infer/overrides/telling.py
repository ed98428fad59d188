"""What is said of an override: why a line is as it is, or that nothing came of it."""

from collections.abc import Iterable

from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Address, Certainty, Evidence

__all__ = ["contradicted", "decided", "disagreeing", "unused", "without_displaced"]

_RULES = "override."


def decided(where: Address, rule: str, *origins: str, note: str = "") -> Evidence:
    """Return the evidence of a line that the user decided; the first origin is the override's place."""
    kept = tuple(dict.fromkeys(origin for origin in origins if origin))
    return Evidence(address=where, rule=_RULES + rule, certainty=Certainty.OVERRIDE, origins=kept, note=note)


def unused(message: str, origin: str) -> Diagnostic:
    """Return the finding on an override that changed nothing."""
    return finding("override-unused", message, origin=origin)


def contradicted(message: str, origin: str) -> Diagnostic:
    """Return the finding on an override against which the source speaks."""
    return finding("override-contradicted", message, origin=origin)


def disagreeing(place: str, changes: Iterable[tuple[str, str, str]]) -> tuple[Diagnostic, ...]:
    """Return a finding on each name that several kinds of changes are about; a change is (kind, name, origin)."""
    said: dict[str, dict[str, str]] = {}
    for kind, name, origin in changes:
        said.setdefault(name, {}).setdefault(kind, origin)
    return tuple(
        finding(
            "override-disagrees",
            f"{name} is {' and '.join(kinds)} in {place}, in this order",
            origin=list(kinds.values())[-1],
        )
        for name, kinds in said.items()
        if len(kinds) > 1
    )


def without_displaced(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence without that of lines which the user decided otherwise."""
    every = tuple(evidence)
    theirs = {one.address for one in every if one.rule.startswith(_RULES)}
    return tuple(one for one in every if one.address not in theirs or one.rule.startswith(_RULES))

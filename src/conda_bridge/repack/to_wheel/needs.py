"""Requires-Dist of METADATA -> what is needed without an extra, and where; the project's own extras resolved.

Source: core metadata, Requires-Dist; PEP 508.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from packaging.requirements import Requirement

from conda_bridge.archives.paths import shown
from conda_bridge.errors import BridgeError, TranslationError
from conda_bridge.infer.project.markers import extras_of, has_extra, normalized_extra, without_extra
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, NEVER, Condition, PyVersion, Target, all_of, evaluate
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName, pypi_name
from conda_bridge.repack.wheels.metadata_text import MetadataText
from conda_bridge.translate.markers import to_condition
from conda_bridge.translate.untrusted import requirement_of

__all__ = ["Need", "asked_extras", "needs_of", "where_asked", "with_own_extras"]

_MAX_OF_EXTRAS = 1_000
_LAST_MINOR = 30
"""Beyond all pythons that a package of today can know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One Requires-Dist, read."""

    text: str
    requirement: Requirement
    pypi_name: PypiName
    condition: Condition | None
    """Where it is needed without any extra; None: nowhere."""
    extras: tuple[str, ...] = ()
    """Those whose marker it has."""

    @property
    def is_for_linux(self) -> bool:
        """Whether some python 3 on linux needs it without an extra."""
        return self.condition is not None and any(
            evaluate(self.condition, Target(platform="linux-64", python=PyVersion((3, minor))))
            for minor in range(_LAST_MINOR)
        )


def needs_of(metadata: MetadataText) -> tuple[tuple[Need, ...], tuple[Diagnostic, ...]]:
    """Return the requirements of METADATA; one that can't be read is told and passed over, as it stays there."""
    needs: list[Need] = []
    diagnostics: list[Diagnostic] = []
    for text in metadata.values("requires-dist"):
        try:
            needs.append(_need(" ".join(text.split())))
        except (BridgeError, ValueError) as error:
            message = f"Requires-Dist {shown(text)} stays, but can't be read: {error}"
            diagnostics.append(finding("unreadable-requirement", message[:400], origin="METADATA"))
    return tuple(needs), tuple(diagnostics)


def _need(text: str) -> Need:
    requirement = requirement_of(text)
    name = pypi_name(requirement.name)
    marker = requirement.marker
    if marker is None:
        return Need(text=text, requirement=requirement, pypi_name=name, condition=ALWAYS)
    rest = without_extra(marker, "") if has_extra(marker) else str(marker)
    return Need(
        text=text,
        requirement=requirement,
        pypi_name=name,
        condition=None if rest is None else to_condition(marker).value,
        extras=extras_of(marker) if has_extra(marker) else (),
    )


def with_own_extras(needs: tuple[Need, ...], project: PypiName) -> tuple[Need, ...]:
    """Return the requirements with those of the project's own extras that it asks for itself: `demo[all]`.

    Raises:
        TranslationError: `complex-marker`; `inexpressible-spec` for more of them than anybody writes.
    """
    asked = [need for need in needs if need.pypi_name == project and need.condition is not None]
    by_extra: dict[str, list[Need]] = {}
    for need in needs if asked else ():
        for extra in need.extras:
            by_extra.setdefault(extra, []).append(need)
    found = [need for need in needs if need.pypi_name != project]
    waiting = list(dict.fromkeys(asked_extras(asked)))
    known = set(waiting)
    while waiting:
        extra, condition = waiting.pop()
        more = [where_asked(need, extra, condition) for need in by_extra.get(extra, ())]
        found += (need for need in more if need.pypi_name != project)
        new = set(asked_extras(need for need in more if need.pypi_name == project)) - known
        waiting += sorted(new, key=str)
        known |= new
        if len(found) > len(needs) + _MAX_OF_EXTRAS or len(known) > _MAX_OF_EXTRAS:
            raise TranslationError("inexpressible-spec", f"{project} asks for too many extras of its own")
    return tuple(found)


def asked_extras(needs: Iterable[Need]) -> Iterator[tuple[str, Condition]]:
    """Yield each extra that requirements ask for, and where they do."""
    for need in needs:
        if need.condition is not None:
            yield from ((normalized_extra(one), need.condition) for one in need.requirement.extras)


def where_asked(need: Need, extra: str, condition: Condition) -> Need:
    """Return a requirement of an extra that is asked for under a condition.

    Raises:
        TranslationError: `complex-marker`.
    """
    assert need.requirement.marker is not None
    own = to_condition(need.requirement.marker, extras=frozenset({extra})).value
    both = all_of(condition, own)
    return replace(need, condition=None if both == NEVER else both)

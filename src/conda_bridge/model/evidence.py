"""Why a value is what it is.

Vocabulary: an *address* names a leaf of a recipe as `<output>/<section>[/<key>]`, where the key of a
requirement is its conda name, never an index; a *rule* is the function of `infer` that decided; an *origin*
is a place in the source (`pyproject.toml#/build-system/requires/0`, `src/x.c:12`) or in the index's answer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NewType, TypeVar

from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["Address", "Certainty", "Evidence", "Inferred", "address"]

Address = NewType("Address", str)
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")


def address(output: str, section: str, key: str = "") -> Address:
    """Return the address of a leaf.

    >>> address("click", "requirements.run", "colorama")
    'click/requirements.run/colorama'
    """
    return Address("/".join(part for part in (output, section, key) if part))


class Certainty(StrEnum):
    """How sure a value is."""

    DECLARED = "declared"
    """The source says so."""
    DERIVED = "derived"
    """It follows from what the source says."""
    GUESSED = "guessed"
    """A heuristic; worth a look."""
    CONVENTION = "convention"
    """The distributor's habit, independent of this source."""
    OVERRIDE = "override"
    """The user said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why one leaf of a recipe is there."""

    address: Address
    rule: str
    """The id of the rule that decided; fixed for ever."""
    certainty: Certainty
    origins: tuple[str, ...] = ()
    note: str = ""
    """One clause in plain words, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inferred(Generic[T_co]):
    """A value, why it is so, and what was noticed on the way."""

    value: T_co
    evidence: tuple[Evidence, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def map(self, function: Callable[[T_co], U]) -> "Inferred[U]":
        """Return the same evidence for `function(value)`."""
        return Inferred(value=function(self.value), evidence=self.evidence, diagnostics=self.diagnostics)

    def adding(
        self, *, evidence: Iterable[Evidence] = (), diagnostics: Iterable[Diagnostic] = ()
    ) -> "Inferred[T_co]":
        """Return the same value with more evidence and findings."""
        return Inferred(
            value=self.value,
            evidence=(*self.evidence, *evidence),
            diagnostics=(*self.diagnostics, *diagnostics),
        )

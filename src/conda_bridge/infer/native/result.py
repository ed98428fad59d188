"""What the rules on native code hand to each other."""

from dataclasses import dataclass

from conda_bridge.model.condition import ALWAYS, Condition
from conda_bridge.model.evidence import Certainty

__all__ = ["Clue", "Native", "Shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Native:
    """What the build of a project needs beside Python."""

    is_native: bool
    compilers: tuple[str, ...] = ()
    """Languages, sorted."""
    condition: Condition = ALWAYS
    """Where they are needed; elsewhere the project is pure Python."""
    configured: tuple[str, ...] = ()
    """Those of the compilers whose lines are an override's."""
    reason: str = ""
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """Something that says that native code is built."""

    reason: str
    origin: str
    is_seen_in_tags: bool = True
    """False where a wheel would be tagged as pure whatever the clue builds into it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A compiler or a program, and what shows that the build needs it."""

    name: str
    reason: str
    origin: str
    certainty: Certainty = Certainty.DERIVED
    condition: Condition = ALWAYS
    version: str = ""
    """A conda version constraint, for a program of which only one version will do."""

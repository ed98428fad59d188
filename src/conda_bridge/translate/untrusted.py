"""What strangers wrote of versions and requirements -> `packaging`'s objects, or a refusal with a code.

`packaging` parses such text lazily and recursively: a number of 5,000 digits raises where a version is first compared,
5,000 parentheses where a marker is first read, and a comparison without meaning where it is first evaluated. Here all
of it is refused in one way, so that whoever chooses among releases can pass over the one that says it.

Source: PEP 440, PEP 508.
"""

import re
from collections.abc import Mapping
from itertools import accumulate

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import MetadataError
from conda_bridge.model.names import pypi_name

__all__ = ["admits", "check_readable", "marker_holds", "requirement_of", "version_of"]

_ENDLESS_NUMBER = re.compile("[0-9]{1000}")
"""Python refuses to read 4,300 digits, and nobody counts that far."""
_MAX_CHARACTERS = 20_000
_MAX_VERSION_CHARACTERS = 255
"""A file name can't be longer, and has its version in it."""
_MAX_DEPTH = 100
"""Parentheses within parentheses; `packaging` needs several frames for each."""
_STEPS = {"(": 1, ")": -1}


def check_readable(text: str) -> None:
    """Refuse a requirement that `packaging` would choke on, whatever it means.

    Raises:
        MetadataError: `invalid-requirement`.
    """
    if len(text) > _MAX_CHARACTERS:
        raise _invalid("it is absurdly long")
    if _ENDLESS_NUMBER.search(text):
        raise _invalid("it has an absurdly long number")
    # Nothing is deeper than it has brackets, and to count them is a hundred times as fast.
    if text.count("(") > _MAX_DEPTH and max(accumulate(_STEPS.get(char, 0) for char in text)) > _MAX_DEPTH:
        raise _invalid("its marker is nested too deeply")


def requirement_of(text: str) -> Requirement:
    """Return the requirement of a text, whose name is a project's.

    Raises:
        MetadataError: `invalid-requirement`, `invalid-name`.
    """
    check_readable(text)
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise _invalid(f"{text!r:.200}: {str(error).partition(chr(10))[0]}") from error
    pypi_name(requirement.name)
    return requirement


def marker_holds(marker: Marker, environment: Mapping[str, str]) -> bool:
    """Tell whether a marker holds where its variables have these values.

    Raises:
        MetadataError: `invalid-requirement` for a comparison that has no meaning.
    """
    try:
        return marker.evaluate(dict(environment))
    except (ValueError, KeyError) as error:
        # UndefinedComparison is the one, UndefinedEnvironmentName the other: `extras` is a variable of lock files.
        raise _invalid(f"its marker can't be evaluated: {error}"[:200]) from error


def version_of(text: str) -> Version | None:
    """Return the version of a text; None where it is none."""
    if len(text) > _MAX_VERSION_CHARACTERS:
        return None
    try:
        return Version(text)
    except ValueError:
        return None


def admits(specifiers: str, version: str) -> bool:
    """Tell whether a `Requires-Python` holds; text that is none forbids nothing, as installers have it."""
    try:
        check_readable(specifiers)
        return SpecifierSet(specifiers).contains(Version(version), prereleases=True)
    except (ValueError, MetadataError):
        return True


def _invalid(reason: str) -> MetadataError:
    return MetadataError("invalid-requirement", reason)

"""The METADATA of several projects in one conda package -> what they say together, as conda's record does.

Source: core metadata, Requires-Python and Requires-Dist.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from conda_bridge.errors import TranslationError
from conda_bridge.model.condition import Condition
from conda_bridge.model.names import PypiName, pypi_name
from conda_bridge.repack.to_wheel.needs import Need, asked_extras, needs_of, where_asked
from conda_bridge.repack.to_wheel.partition import Part
from conda_bridge.repack.wheels.metadata_text import MetadataText

__all__ = ["needs_together"]

_MAX_EXTRAS = 1_000


def needs_together(part: Part) -> tuple[MetadataText, tuple[Need, ...]]:
    """Return the main project's METADATA, for the pythons that all projects are for, and what all of them need.

    What one of them needs of another is in the package. The extras of the others are nobody's who asks for the main one,
    unless one of them asks for them.

    Raises:
        TranslationError: `complex-marker`; `inexpressible-spec` for more extras than anybody writes.
    """
    others = [(text, needs_of(text)[0]) for text in part.others]
    siblings = part.sibling_names
    own = [need for need in needs_of(part.text)[0] if need.pypi_name not in siblings]
    inside = {*siblings, part.pypi_name}
    theirs = [
        replace(need, extras=()) for _, needs in others for need in needs if need.pypi_name not in inside
    ]
    pythons = _pythons((part.text, *part.others))
    text = part.text.setting("Requires-Python", pythons) if pythons else part.text
    every = {part.pypi_name: needs_of(part.text)[0]}
    every |= {pypi_name(one.value("name")): needs for one, needs in others}
    return text, (*own, *theirs, *_of_asked_extras(every))


def _of_asked_extras(needs: Mapping[PypiName, tuple[Need, ...]]) -> list[Need]:
    """Return what the extras need that the projects of a package ask of one another, which is installed with them."""
    found: list[Need] = []
    waiting = [one for several in needs.values() for one in several if one.pypi_name in needs]
    known: set[tuple[PypiName, str, Condition]] = set()
    while waiting:
        asking = waiting.pop()
        for extra, condition in asked_extras([asking]):
            key = (asking.pypi_name, extra, condition)
            if key in known:
                continue
            known.add(key)
            if max(len(known), len(found), len(waiting)) > _MAX_EXTRAS:
                raise TranslationError(
                    "inexpressible-spec", "the projects ask for too many extras of one another"
                )
            more = [where_asked(one, extra, condition) for one in needs[key[0]] if extra in one.extras]
            waiting += (one for one in more if one.pypi_name in needs)
            found += (replace(one, extras=()) for one in more if one.pypi_name not in needs)
    return found


def _pythons(texts: Iterable[MetadataText]) -> str:
    said = (" ".join(text.value("requires-python").split()) for text in texts)
    return ",".join(dict.fromkeys(filter(None, said)))

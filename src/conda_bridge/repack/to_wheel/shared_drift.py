"""The METADATA of several projects in one conda package -> what they say together, as conda's record does.

Source: core metadata, Requires-Python and Requires-Dist.
"""

from collections.abc import Iterable
from dataclasses import replace

from conda_bridge.repack.to_wheel.drift import Need, needs_of
from conda_bridge.repack.to_wheel.partition import Part
from conda_bridge.repack.wheels.metadata_text import MetadataText

__all__ = ["needs_together"]


def needs_together(part: Part) -> tuple[MetadataText, tuple[Need, ...]]:
    """Return the main project's METADATA, for the pythons that all projects are for, and what all of them need.

    What one of them needs of another is in the package. The extras of the others are nobody's who asks for the main one.
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
    return text, (*own, *theirs)


def _pythons(texts: Iterable[MetadataText]) -> str:
    said = (" ".join(text.value("requires-python").split()) for text in texts)
    return ",".join(dict.fromkeys(filter(None, said)))

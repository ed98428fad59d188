"""Whether a package is one of several of a wheel, each for the pythons of one case of its markers.

Its `about.json` says so, and whoever wrote that may be wrong: a case is a part of the pythons that METADATA names, or
it is none. Which other cases there are no package says, and they may not be here: METADATA, which has all of them, is
what is right of their dependencies, too.

Source: core metadata, Requires-Python.
"""

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from conda_bridge.errors import BridgeError
from conda_bridge.model.condition import ALWAYS, all_of
from conda_bridge.repack.to_wheel.package_facts import PackageFacts
from conda_bridge.repack.to_wheel.synthesised import is_python
from conda_bridge.repack.wheels.metadata_text import MetadataText
from conda_bridge.translate.conda_conditions import python_condition_of, python_condition_of_conda
from conda_bridge.translate.match_specs import parse_match_spec

__all__ = ["is_python_case"]


def is_python_case(facts: PackageFacts, metadata: MetadataText) -> bool:
    """Tell whether the package says that it is for some of METADATA's pythons, and is for no others."""
    if not facts.is_python_by_case:
        return False
    try:
        required = python_condition_of([SpecifierSet(metadata.value("requires-python"))])
        specs = [parse_match_spec(text).value for text in facts.record.depends if is_python(text)]
        pinned = all_of(*map(python_condition_of_conda, specs))
    except (InvalidSpecifier, BridgeError):
        return False
    return pinned != ALWAYS and all_of(required, pinned) == pinned

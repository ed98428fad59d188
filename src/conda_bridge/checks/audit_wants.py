"""What a section asks for, on both sides of an audit, in one shape: a name, a constraint, and where it applies.

What a recipe leaves to an expression (`{{ numpy }}`, `pin_compatible(...)`, an unknown selector) is kept as
unknown and never guessed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from conda_bridge.errors import BridgeError
from conda_bridge.formats.document import Item, RecipeDocument
from conda_bridge.formats.v0_conditions import parse_selector
from conda_bridge.formats.v1_conditions import parse_condition
from conda_bridge.formats.v1_specs import spec_text
from conda_bridge.model.condition import Condition, all_of
from conda_bridge.model.options import RecipeFormat
from conda_bridge.model.recipe import (
    MatchSpec,
    Requirement,
    Section,
    spec_key,
)
from conda_bridge.translate.match_specs import parse_match_spec

__all__ = ["CROSS_PYTHON", "Want", "condition_of", "folded_name", "recipe_wants", "upstream_wants"]

CROSS_PYTHON = "cross-python"
"""The name of `cross-python_<platform>`, whose platform an expression forms."""

_CALL = re.compile(r"\$?\{\{\s*([a-z_]+)\s*\(\s*['\"]([A-Za-z0-9_.-]+)['\"]")
_PYTHON_MIN = re.compile(r"\$?\{\{\s*python_min\s*\}\}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?=[\s=<>!~]|$)", re.ASCII)
_CROSS_PYTHON = re.compile(r"cross-python(?:_|$)")
_BARE_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """One entry of a section."""

    name: str
    """A conda name, or `compiler(c)`; empty where an expression forms it."""
    constraint: str | None
    """Empty means any version; None where an expression decides."""
    text: str
    """The whole entry, as people read it."""
    condition: Condition | None
    """None where it can't be told when the entry applies."""
    line: int = 0


def recipe_wants(document: RecipeDocument, section: Section, *, python_min: str) -> tuple[Want, ...]:
    """Return what a section of the recipe asks for; of several outputs, what they ask for together.

    `python_min` is what the distributor takes where the recipe defines none.
    """
    own_min = dict(document.variables).get("python_min", python_min)
    items = [item for output in document.outputs for item in output.section(section)]
    own_names = {output.name for output in document.outputs if not output.is_top_level}
    wants = (_want(item, document.format, own_min) for item in items)
    return tuple(want for want in wants if want.name not in own_names or not want.name)


def upstream_wants(requirements: Iterable[Requirement]) -> tuple[Want, ...]:
    """Return what a section of the inferred recipe asks for; only match specs have a constraint to compare."""
    return tuple(
        Want(
            name=spec_key(requirement.spec),
            constraint=requirement.spec.version if isinstance(requirement.spec, MatchSpec) else None,
            text=spec_text(requirement.spec),
            condition=requirement.condition,
        )
        for requirement in requirements
    )


def folded_name(name: str) -> str:
    """Return a name without the spelling of its separators; conda-forge has many packages under both.

    >>> folded_name("typing_extensions")
    'typing-extensions'
    """
    return name.replace("_", "-").replace(".", "-")


def condition_of(conditions: Iterable[str], recipe_format: RecipeFormat) -> Condition | None:
    """Return what conditions as written amount to; None where they can't be told."""
    parse = parse_condition if recipe_format == "v1" else parse_selector
    try:
        return all_of(*map(parse, conditions))
    except (BridgeError, ValueError):
        return None


def _want(item: Item, recipe_format: RecipeFormat, python_min: str) -> Want:
    text = _PYTHON_MIN.sub(python_min, item.value.strip())
    name, constraint = _name_and_constraint(text, recipe_format)
    condition = condition_of(item.conditions, recipe_format)
    return Want(name=name, constraint=constraint, text=text, condition=condition, line=item.line)


def _name_and_constraint(text: str, recipe_format: RecipeFormat) -> tuple[str, str | None]:
    if _CROSS_PYTHON.match(text):
        return CROSS_PYTHON, None
    if call := _CALL.match(text):
        function, argument = call.groups()
        return (argument if function.startswith("pin_") else f"{function}({argument})"), None
    found = _PLAIN_NAME.match(text)
    if found is None:
        return "", None
    name = found[0].lower()
    if "{{" in text:
        return name, None
    try:
        spec = parse_match_spec(text).value
    except BridgeError:
        return name, None
    # conda-build completes `name 1.2` to `name 1.2.*`.
    is_fuzzy = recipe_format == "v0" and not spec.build and _BARE_VERSION.fullmatch(spec.version)
    return name, f"{spec.version}.*" if is_fuzzy else spec.version

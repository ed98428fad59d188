"""Every lint rule there is, and how a recipe is put through all of them."""

from conda_bridge.checks import (
    abi3,
    about,
    building,
    feedstocks,
    fields,
    files,
    layout,
    licensing,
    names,
    noarch,
    parsing,
    pins,
    pythons,
    shapes,
    sources,
    specs,
    strict_specs,
    templates,
    tested,
    text,
    toolchains,
    workflow_settings,
)
from conda_bridge.checks.context import Check, CheckContext
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["RULES", "run_checks"]

RULES: tuple[Check, ...] = (
    *layout.RULES,
    *fields.RULES,
    *text.RULES,
    *shapes.RULES,
    *parsing.RULES,
    *templates.RULES,
    *files.RULES,
    *feedstocks.RULES,
    *workflow_settings.RULES,
    *sources.RULES,
    *building.RULES,
    *specs.RULES,
    *strict_specs.RULES,
    *pins.RULES,
    *names.RULES,
    *toolchains.RULES,
    *pythons.RULES,
    *noarch.RULES,
    *abi3.RULES,
    *tested.RULES,
    *about.RULES,
    *licensing.RULES,
)


def run_checks(document: RecipeDocument, ctx: CheckContext) -> tuple[Diagnostic, ...]:
    """Return what all rules find, each finding once, by line; of a text that Jinja can't read only that."""
    broken = tuple(templates.templates_are_readable(document, ctx)) if document.format == "v0" else ()
    if broken:
        # A tag without its end swallows what stands behind it.
        return broken
    found = dict.fromkeys(finding for rule in RULES for finding in rule(document, ctx))
    return tuple(sorted(found, key=lambda finding: (finding.line, finding.code)))

"""What lies around the recipe: variant files, and in a feedstock the workflows beside it.

Files above the recipe's folder are judged where the context has them, by names such as `../conda-forge.yml`.

Source: conda-smithy, CF-003, CF-004, CF-005.
"""

from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["RULES", "feedstock_has_variants", "variants_are_not_empty", "workflows_are_rendered"]

_VARIANT_FILE = "conda_build_config.yaml"
_FORGE_FILE = "../conda-forge.yml"
_VARIANTS = "../.ci_support/"
_WORKFLOWS = "../.github/workflows/"
_RENDERED = "conda-build.yml"


def feedstock_has_variants(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """CF-003: a feedstock has the variants that it was rendered for."""
    names = [name for name, _ in ctx.files]
    has_variants = any(name.startswith(_VARIANTS) and name.endswith(".yaml") for name in names)
    if ctx.is_feedstock and _FORGE_FILE in names and not has_variants:
        yield lint(document, "lint-no-variants", ".ci_support has no variants")


def variants_are_not_empty(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """CF-004: a variant file of conda-build says something."""
    if not dict(ctx.files).get(_VARIANT_FILE, "-").strip():
        yield lint(document, "lint-empty-variants", f"{_VARIANT_FILE} is empty")


def workflows_are_rendered(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """CF-005: a feedstock has no workflow but the one that it is rendered with."""
    for name, _ in ctx.files:
        workflow = name.removeprefix(_WORKFLOWS)
        if workflow != name and workflow.endswith((".yml", ".yaml")) and workflow != _RENDERED:
            yield lint(document, "lint-own-workflow", f"{workflow} isn't rendered by conda-smithy")


RULES: tuple[Check, ...] = (feedstock_has_variants, variants_are_not_empty, workflows_are_rendered)

"""The targets for which a recipe is compared with upstream, and how a set of them is told to people."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from conda_bridge.checks.audit_bounds import admits
from conda_bridge.checks.audit_wants import Want, condition_of, recipe_wants
from conda_bridge.formats.document import Item, RecipeDocument
from conda_bridge.model.condition import CROSS, NEVER, Condition, Target, all_of, any_of, evaluate
from conda_bridge.model.distributor import DistributorPolicy

__all__ = ["cross_targets", "is_cross", "is_noarch", "skip_condition", "targets_of", "where_text"]


def is_noarch(document: RecipeDocument) -> bool:
    """Tell whether the recipe, or one of its outputs, is built once for all platforms."""
    return any(item.value in {"python", "generic"} for item in _build_items(document, "noarch"))


def skip_condition(document: RecipeDocument) -> Condition | None:
    """Return where the recipe isn't built; None where that can't be told."""
    skips = [_skip(item, document) for item in _build_items(document, "skip")]
    known = [skip for skip in skips if skip is not None]
    return any_of(*known) if len(known) == len(skips) else None


def targets_of(document: RecipeDocument, policy: DistributorPolicy) -> tuple[Target, ...]:
    """Return the targets for which the recipe makes a package: pythons that it supports on every platform."""
    every = tuple(
        Target(platform=platform, python=v) for platform in policy.platforms for v in policy.pythons
    )
    if is_noarch(document):
        bounds = [
            want.constraint
            for want in recipe_wants(document, "run", python_min=str(policy.python_min))
            if want.name == "python" and want.constraint
        ]
        kept = [t for t in every if all(admits(bound, f"{t.python}.99") for bound in bounds)]
    else:
        skip = skip_condition(document) or NEVER
        kept = [t for t in every if not evaluate(skip, t)]
    return tuple(kept) or every


def cross_targets(targets: Iterable[Target]) -> tuple[Target, ...]:
    """Return those of the targets that another platform can build: those that aren't of its own architecture."""
    return tuple(
        replace(target, build_platform=f"{target.os}-64")
        for target in targets
        if target.os != "win" and target.platform != f"{target.os}-64"
    )


def is_cross(want: Want) -> bool:
    """Tell whether an entry is for builds on another platform only."""
    return want.condition is not None and want.condition == all_of(CROSS, want.condition) != NEVER


def where_text(chosen: Iterable[Target], among: Sequence[Target]) -> str:
    """Return which of the targets are chosen, in words; empty for all of them.

    Systems and pythons are told apart; where both matter, each is named.
    """
    some = tuple(chosen)
    parts = [_platforms_text({t.platform for t in some}, {t.platform for t in among})]
    pythons = {t.python for t in some}
    if pythons != {t.python for t in among}:
        parts.append(f"python {', '.join(map(str, sorted(pythons)))}")
    return " with ".join(filter(None, parts))


def _platforms_text(chosen: set[str], among: set[str]) -> str:
    """Return systems where those say it, else platforms; empty for all."""
    if chosen == among:
        return ""
    systems = {platform.partition("-")[0] for platform in chosen}
    is_whole = chosen == {platform for platform in among if platform.partition("-")[0] in systems}
    return ", ".join(sorted(systems if is_whole else chosen))


def _build_items(document: RecipeDocument, key: str) -> tuple[Item, ...]:
    nodes = dict.fromkeys((None, *(output.node for output in document.outputs)))
    return tuple(item for node in nodes for item in document.items("build", key, within=node))


def _skip(item: Item, document: RecipeDocument) -> Condition | None:
    # A v0 recipe says `skip: true  # [win]`; a v1 recipe has the condition itself for a value.
    texts = (*item.conditions, item.value) if document.format == "v1" else item.conditions
    if item.value.lower() == "false":
        return NEVER
    return condition_of(texts, document.format)

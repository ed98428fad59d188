"""A recipe's text becomes lint: of recipes on disk for `check`, of those just rendered for `recipe`."""

import posixpath
from collections.abc import Iterable
from dataclasses import replace

from conda_bridge.checks.context import CheckContext
from conda_bridge.checks.parsing import not_parsable
from conda_bridge.checks.rules import run_checks
from conda_bridge.checks.templates import broken_template
from conda_bridge.errors import RecipeError
from conda_bridge.formats.document import RecipeDocument, document_of
from conda_bridge.model.diagnostic import SEVERITIES, Diagnostic
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.options import RecipeFormat
from conda_bridge.translate.toolchains import toolchain_table

__all__ = ["lint_rendered", "ordered", "read_and_lint"]

_LEFT_TO_THE_USER = "lint-no-maintainers"
"""Only recipes of a feedstock have maintainers, and only the user knows them."""

_UNREADABLE = "lint-not-parsable"


def lint_rendered(
    text: str, *, path: str, recipe_format: RecipeFormat, policy: DistributorPolicy
) -> tuple[Diagnostic, ...]:
    """Return the lint of a recipe that conda-bridge has rendered and that needs no file beside it."""
    ctx = CheckContext(policy=policy, toolchains=toolchain_table())
    _, found = read_and_lint(text, path, recipe_format, ctx)
    return ordered(one for one in found if one.slug != _LEFT_TO_THE_USER)


def read_and_lint(
    text: str, path: str, recipe_format: RecipeFormat, ctx: CheckContext
) -> tuple[RecipeDocument | None, tuple[Diagnostic, ...]]:
    """Return the document, None where the text is none that an engine reads, and what the rules find."""
    try:
        document = document_of(text, path=path, recipe_format=recipe_format)
    except RecipeError as error:
        broken = broken_template(text, path) if recipe_format == "v0" else ()
        return None, broken or (not_parsable(error, path),)
    found = run_checks(document, ctx)
    is_read = all(one.slug != _UNREADABLE for one in found)
    return document if is_read else None, found


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return findings by file and line, the worst of a line first, each once."""
    tidy = (replace(d, origin=posixpath.normpath(d.origin)) if "/../" in d.origin else d for d in diagnostics)
    return tuple(sorted(dict.fromkeys(tidy), key=_order))


def _order(diagnostic: Diagnostic) -> tuple[str, int, int]:
    return (diagnostic.origin, diagnostic.line, SEVERITIES.index(diagnostic.severity))

"""Packages that recipes should not depend on, because another one has replaced them.

Source: conda-smithy, CF-002, whose packages conda-forge-pinning lists.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.sections import first_word
from conda_bridge.formats.document import Item, RecipeDocument
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.translate.name_table import Rename, curated_names

__all__ = ["RULES", "packages_are_current"]

_OLD_GL = re.compile(r"\{\{\s*cdt\(\s*['\"]mesa-libgl-devel['\"]\s*\)")


def packages_are_current(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """CF-002: nothing is required that `data/renames.toml` names, nor the old headers of OpenGL."""
    for output in document.outputs:
        for section in ("build", "host", "run"):
            for item in output.section(section):
                yield from _findings(document, section, item)


def _findings(document: RecipeDocument, section: str, item: Item) -> Iterator[Diagnostic]:
    row = _renames().get(first_word(item.value))
    if row is not None:
        message = f"{section} has {row.conda_name}: {row.reason}"
        hint = f"depend on {row.replacement}" if row.replacement else "drop it"
        yield lint(document, "lint-discouraged-package", message, line=item.line, hint=hint)
    elif _OLD_GL.search(item.written):
        message = f"{section} has {item.written.strip()}: OpenGL's headers have packages of their own"
        hint = "depend on libgl-devel, libegl-devel, libgles-devel, libglx-devel or libopengl-devel"
        yield lint(document, "lint-discouraged-package", message, line=item.line, hint=hint)


@cache
def _renames() -> Mapping[str, Rename]:
    table = curated_names()
    return {row.conda_name: row for row in (*table.library_renames, *table.renames)}


RULES: tuple[Check, ...] = (packages_are_current,)

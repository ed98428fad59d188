"""Compilers and the C library that they build against.

Source: conda-smithy, R-033, R-034, R-035.
"""

import re
from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.formats.document import Item, RecipeDocument
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["RULES", "compilers_have_a_stdlib", "macos_is_not_bounded", "sysroots_are_not_named"]

_LANGUAGES = "(?:m2w64_)?(?:c|cxx|fortran|rust|go-cgo)"
# In v1 the linter doesn't look for the end of the language: `compiler('cuda')` needs the C library, too.
_COMPILER = {
    "v1": re.compile(rf"\$\{{\{{ compiler\(['\"]{_LANGUAGES}"),
    "v0": re.compile(rf"\{{\{{-?\s*compiler\(\s*['\"]{_LANGUAGES}['\"]\s*\)"),
}
_STDLIB = {
    "v1": re.compile(r"\$\{\{ stdlib\(['\"](?:m2w64_)?c['\"]\)"),
    "v0": re.compile(r"\{\{-?\s*stdlib\(\s*['\"](?:m2w64_)?c['\"]\s*\)\s*-?\}\}\s*$"),
}


def compilers_have_a_stdlib(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R-033: an output with a compiler has `stdlib('c')`.

    What the recipe itself requires to build may have it from any of its outputs.
    """
    if "lint_stdlib" in ctx.forge.skip:
        return
    compiler, stdlib = _COMPILER[document.format], _STDLIB[document.format]
    everything = [item for output in document.outputs for item in output.section("build")]
    for output in document.outputs:
        build = output.section("build")
        provided = everything if output.is_top_level else build
        used = next((item for item in build if compiler.match(item.written.strip())), None)
        if used is not None and not any(stdlib.search(item.written) for item in provided):
            message = f"`{used.written}` has no stdlib('c') beside it"
            yield lint(document, "lint-stdlib", message, line=used.line)


def sysroots_are_not_named(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R-034: the C library of Linux isn't required by name."""
    if "lint_stdlib" in ctx.forge.skip:
        return
    for item in _items(document, "build"):
        if item.value.strip().startswith("sysroot_linux"):
            yield lint(document, "lint-sysroot", f"`{item.written}` is required by name", line=item.line)


def macos_is_not_bounded(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R-035: neither run nor its constraints ask for a lowest macOS."""
    if "lint_stdlib" in ctx.forge.skip:
        return
    for item in _items(document, "run", "run_constraints"):
        if item.value.strip().startswith("__osx >"):
            message = f"`{item.written}` asks for a macOS version by hand"
            yield lint(document, "lint-osx-constraint", message, line=item.line)


def _items(document: RecipeDocument, *sections: str) -> Iterator[Item]:
    for output in document.outputs:
        for section in sections:
            yield from output.section(section)


RULES: tuple[Check, ...] = (compilers_have_a_stdlib, sysroots_are_not_named, macos_is_not_bounded)

"""Packages for Python's stable ABI, which are built once and run on every later python.

Source: conda-smithy, R-038, R-053, R1-006, R1-007.
"""

import re
from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.sections import (
    commands_of,
    first_word,
    is_version_independent,
    judged,
    noarch_of,
    test_items,
    tests_of,
)
from conda_bridge.checks.walking import node_at, texts, value_at
from conda_bridge.formats.document import OutputDocument, RecipeDocument
from conda_bridge.model.diagnostic import Diagnostic

__all__ = [
    "RULES",
    "abi3_flag_is_boolean",
    "abi3_is_audited",
    "cross_python_exports_count",
    "site_packages_are_not_spelled_out",
]

_TEXT_FLAG = re.compile(r"is_abi3\s*[=!]=\s*['\"](?:true|false)['\"]")
_SP_DIR = re.compile(r"\s*(?:-\s+)?(?:then:\s+)?(?:export\s+)?SP_DIR\s*=")
_SITE_PACKAGES = re.compile(r"%PREFIX%[\\/]+Lib[\\/]+site-packages", re.IGNORECASE)
_CROSS_PYTHON = re.compile(r"cross-python(?:_|\s|$)")


def abi3_flag_is_boolean(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-038: `is_abi3` is a boolean and isn't compared with text."""
    for number, line in enumerate(document.text.split("\n"), 1):
        for found in _TEXT_FLAG.finditer(line):
            yield lint(document, "lint-abi3-flag", f"`{found[0]}` compares a boolean with text", line=number)


def abi3_is_audited(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R-053: the tests of an output that is built against `python-abi3` run abi3audit."""
    if "hint_abi3_missing_abi3audit" in ctx.forge.skip:
        return
    for output in judged(document):
        if noarch_of(document, output.node) == "python" or not is_version_independent(document, output):
            continue
        abi3 = [item for item in output.section("host") if first_word(item.written) == "python-abi3"]
        if abi3 and not _is_audited(document, output):
            message = "built against the stable ABI, but no test runs abi3audit"
            yield lint(document, "lint-abi3-audit", message, line=abi3[0].line)


def _is_audited(document: RecipeDocument, output: OutputDocument) -> bool:
    return any(
        any(first_word(entry.text) == "abi3audit" for entry in test_items(document, test))
        or any("abi3audit" in entry.text for entry in commands_of(document, test))
        for test in tests_of(document, output)
    )


def site_packages_are_not_spelled_out(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R1-006: a recipe of v1 leaves it to rattler-build to find the folder of Python modules."""
    if document.format == "v0" or "hint_rattler_build_sp_dir" in ctx.forge.skip:
        return
    for number, line in enumerate(document.text.split("\n"), 1):
        if _SP_DIR.match(line):
            yield lint(document, "lint-sp-dir", "SP_DIR is set by hand", line=number)
        elif _SITE_PACKAGES.search(line):
            yield lint(document, "lint-sp-dir", "the folder of Python modules is spelled out", line=number)


def cross_python_exports_count(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R1-007: what cross-python exports isn't ignored by hand in an output that isn't built for one python."""
    if document.format == "v0" or "hint_abi3_cross_python_run_exports" in ctx.forge.skip:
        return
    for output in judged(document):
        if noarch_of(document, output.node) != "python" and not is_version_independent(document, output):
            continue
        ignored = value_at(node_at(document, output.node, "requirements"), "ignore_run_exports")
        for entry in texts(value_at(ignored, "from_package")):
            if _CROSS_PYTHON.match(entry.text.strip()):
                message = f"what `{entry.text}` exports is ignored by hand"
                yield lint(document, "lint-cross-python-ignored", message, line=entry.line)


RULES: tuple[Check, ...] = (
    abi3_flag_is_boolean,
    abi3_is_audited,
    site_packages_are_not_spelled_out,
    cross_python_exports_count,
)

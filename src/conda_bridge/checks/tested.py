"""Lint of whether what a recipe builds is tested at all.

Source: conda-smithy, R-005, R-006.
"""

from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.walking import is_blank, outputs_of
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.yaml_tree import MappingNode
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["RULES", "outputs_are_tested"]

_V0_FILES = frozenset({"run_test.py", "run_test.sh", "run_test.bat", "run_test.pl"})
_V0_KEYS = ("imports", "commands")


def outputs_are_tested(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R-005, R-006: the recipe has a test; where one output has some, the others have, too."""
    has_file = document.format == "v0" and any(name in _V0_FILES for name, _text in ctx.files)
    if has_file or _has_tests(document, document.root):
        return
    outputs = tuple(output for output in outputs_of(document) if not document.nodes("staging", within=output))
    untested = tuple(output for output in outputs if not _has_tests(document, output))
    if len(untested) == len(outputs):
        section = "test" if document.format == "v0" else "tests"
        yield lint(
            document,
            "lint-no-tests",
            "the recipe has no tests",
            line=document.key_line(section),
        )
        return
    for output in untested:
        name = _name(document, output)
        yield lint(
            document,
            "lint-output-without-tests",
            f"the output {name[:80]!r} has no tests",
            line=output.line,
            hint="add tests to the output",
        )


def _has_tests(document: RecipeDocument, output: MappingNode) -> bool:
    if document.format == "v1":
        return any(not is_blank(node) for node in document.nodes("tests", within=output))
    if any(document.nodes("test", key, within=output) for key in _V0_KEYS):
        return True
    scripts = document.items("test", "script", within=output)
    return output is not document.root and any(item.value.endswith((".bat", ".sh")) for item in scripts)


def _name(document: RecipeDocument, output: MappingNode) -> str:
    keys = ("name",) if document.format == "v0" else ("package", "name")
    return next((item.value for item in document.items(*keys, within=output)), "without a name")


RULES: tuple[Check, ...] = (outputs_are_tested,)

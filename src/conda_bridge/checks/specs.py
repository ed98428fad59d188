"""How match specs are written: the name, the version and the build string, one blank between them.

Source: conda-smithy, R-021, R-022, R-048.
"""

import re
from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.sections import spec_text, test_items, tests_of, top_levels
from conda_bridge.checks.walking import node_at, texts
from conda_bridge.formats.document import OutputDocument, RecipeDocument
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["RULES", "specs_have_clean_fields", "specs_have_single_blanks"]

_OPERATORS = frozenset({"!=", "=", "==", ">", "<", "<=", ">="})

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.!-]*", re.ASCII)
_CLAUSE = re.compile(
    r"(?:===|==|=>|=|!=|<=|>=|~=|<|>)?(?:\*|[A-Za-z0-9_!-][A-Za-z0-9_!+*-]*(?:\.[A-Za-z0-9_!+*-]+)*)",
    re.ASCII,
)
_PATTERN = re.compile(r"\^.*\$")
_BUILD = re.compile(r"=?[^=<>,|~!]+")
_PIN = re.compile(r"\{\{\s*pin_(?:compatible|subpackage)\b")


def specs_have_single_blanks(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-021, R-022: a blank stands before the version, none behind its operator, in the recipe's own requirements.

    What outputs require isn't judged here; of v0 that is left to R-048.
    """
    for output in top_levels(document):
        for section, node in _sections(document, output):
            for entry in texts(node):
                yield from _operator_findings(document, section, entry)


def _sections(document: RecipeDocument, output: OutputDocument) -> Iterator[tuple[str, Node]]:
    """Yield each section of requirements, and each list of those that are mappings."""
    requirements = node_at(document, output.node, "requirements")
    entries = requirements.entries if isinstance(requirements, MappingNode) else ()
    for key, value in entries:
        if not isinstance(value, MappingNode):
            yield key.text, value
            continue
        for inner, sub_value in value.entries:
            if key.text != "ignore_run_exports" or inner.text == "from_package":
                yield f"{key.text}.{inner.text}", sub_value


def _operator_findings(document: RecipeDocument, section: str, entry: ScalarNode) -> Iterator[Diagnostic]:
    text = spec_text(document, entry.text).partition("#")[0]
    words = text.split()
    if not words or "${{" in text:
        return
    if len(words) > 2 and words[1] in _OPERATORS:
        message = f"{section}: {text.strip()!r} has a blank behind {words[1]!r}"
        hint = f"write `{words[0]} {''.join(words[1:])}`"
        yield lint(document, "lint-operator-space", message, line=entry.line, hint=hint)
        return
    found = re.search(r"[<>=]", words[0])
    if found is not None:
        name, version = words[0][: found.start()], words[0][found.start() :] + "".join(words[1:])
        message = f"{section}: {text.strip()!r} has no blank between the name and the version"
        yield lint(
            document,
            "lint-name-version-joined",
            message,
            line=entry.line,
            hint=f"write `{name} {version}`",
        )


def specs_have_clean_fields(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-048: specs of v0 are `name [version [build]]` with blanks between the fields only."""
    if document.format != "v0":
        return
    for output in document.outputs:
        for section, items in output.requirements:
            for item in items:
                yield from _field_findings(document, section, item.written, item.line)
        for test in tests_of(document, output):
            for entry in test_items(document, test):
                yield from _field_findings(document, "test", entry.text, entry.line)


def _field_findings(document: RecipeDocument, section: str, written: str, line: int) -> Iterator[Diagnostic]:
    if _PIN.search(written) or not written.strip():
        return
    text = spec_text(document, written).partition("#")[0].strip()
    if not _has_clean_fields(text):
        message = f"{section}: {text!r} isn't of the form `name [version [build]]`"
        yield lint(document, "lint-spec-fields", message, line=line)


def _has_clean_fields(text: str) -> bool:
    match text.split():
        case [name]:
            return _NAME.fullmatch(name) is not None
        case [name, version]:
            return _NAME.fullmatch(name) is not None and _is_constraint(version)
        case [name, version, build]:
            is_named = _NAME.fullmatch(name) is not None and _BUILD.fullmatch(build) is not None
            return is_named and _is_constraint(version)
        case _:
            return False


def _is_constraint(text: str) -> bool:
    if _PATTERN.fullmatch(text):
        return True
    return all(
        _CLAUSE.fullmatch(clause) is not None for part in text.split("|") for clause in part.split(",")
    )


RULES: tuple[Check, ...] = (specs_have_single_blanks, specs_have_clean_fields)

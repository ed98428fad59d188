"""How a recipe asks for python: bare where it is built for each, from `python_min` on where it is noarch.

Source: conda-smithy, R-023, R-024, R-026, R-047, R-052, R1-004, R1-005.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.sections import (
    first_word,
    has_outputs,
    is_version_independent,
    judged,
    noarch_node,
    noarch_of,
    python_items,
    spec_text,
    test_items,
    tests_of,
    top_levels,
)
from conda_bridge.checks.walking import texts, value_at
from conda_bridge.formats.document import Item, OutputDocument, RecipeDocument
from conda_bridge.formats.yaml_tree import ScalarNode
from conda_bridge.model.diagnostic import Diagnostic

__all__ = [
    "RULES",
    "abi3_is_tested_with_the_latest",
    "languages_of_host_are_in_run",
    "noarch_bounds_python",
    "noarch_is_tested_with_the_latest",
    "noarch_uses_python_min",
    "python_min_says_something",
]

_LANGUAGES = ("python", "r-base")
_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,9}(?:\.[*x])?", re.ASCII)
_SET_PYTHON_MIN = re.compile(r"""\{%\s*set\s+python_min\s*=\s*["']([^"']+)["']""")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How python should be asked for."""

    text: str
    pattern: re.Pattern[str]


# Of v0 the linter reads `python {{ python_min }}` however the expression is spaced; of v1 it goes by the text.
_EXACT = {
    "v1": _Form(
        text="python ${{ python_min }}.*", pattern=re.compile(r"python\s+=?=?\$\{\{ python_min \}\}")
    ),
    "v0": _Form(
        text="python {{ python_min }}", pattern=re.compile(r"python\s+=?=?\{\{-?\s*python_min\s*-?\}\}")
    ),
}
_AT_LEAST = {
    "v1": _Form(text="python >=${{ python_min }}", pattern=re.compile(r"python\s+>=\$\{\{ python_min \}\}")),
    "v0": _Form(
        text="python >={{ python_min }}", pattern=re.compile(r"python\s+>=\{\{-?\s*python_min\s*-?\}\}")
    ),
}


def languages_of_host_are_in_run(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-023, R-024: run has the languages of host, both without bounds, where each version is built for.

    Recipes with outputs aren't judged.
    """
    if has_outputs(document):
        return
    for output in top_levels(document):
        if noarch_of(document, output.node):
            continue
        for language in _LANGUAGES:
            yield from _language_findings(document, output, language)


def _language_findings(
    document: RecipeDocument, output: OutputDocument, language: str
) -> Iterator[Diagnostic]:
    host, run = (_of_language(output.section(name), language) for name in ("host", "run"))
    if host and not run:
        message = f"{language} is in host but not in run"
        yield lint(document, "lint-language-run", message, line=host[0].line)
    if language == "python" and is_version_independent(document, output):
        return
    for items in (host, run):
        written = [spec_text(document, item.written) for item in items]
        if language in written:
            continue
        for item, text in zip(items, written, strict=True):
            if text.removeprefix(language).strip().startswith(("<", ">")):
                message = f"{text!r} has a bound; a package that isn't noarch is built for each {language}"
                yield lint(document, "lint-language-pinned", message, line=item.line)


def _of_language(items: tuple[Item, ...], language: str) -> tuple[Item, ...]:
    return tuple(item for item in items if first_word(item.written) == language)


def noarch_bounds_python(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-026: run of a noarch recipe has python with a bound.

    Recipes with outputs aren't judged.
    """
    if has_outputs(document):
        return
    for output in top_levels(document):
        if noarch_of(document, output.node) != "python":
            continue
        pythons = python_items(output.section("run"))
        if not any(item.written.strip() != "python" for item in pythons):
            message = "noarch: python, but run has no bound on python"
            yield lint(
                document, "lint-python-bound", message, line=_line_of(document, output, pythons, "run")
            )


def _line_of(
    document: RecipeDocument, output: OutputDocument, pythons: tuple[Item, ...], section: str
) -> int:
    """Return where to mend a section's python: its line, the section's first, or that of `noarch`."""
    items = pythons or output.section(section)
    if items:
        return items[0].line
    noarch = noarch_node(document, output.node)
    return noarch.line if noarch else output.node.line


# ------------------------------------------------------------------ python_min


def noarch_uses_python_min(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R-047: a noarch output is built and tested with `python_min`, and runs from there on."""
    if "hint_python_min" in ctx.forge.skip:
        return
    for output in judged(document):
        if noarch_of(document, output.node) == "python":
            yield from _python_min_findings(document, output)


def _python_min_findings(document: RecipeDocument, output: OutputDocument) -> Iterator[Diagnostic]:
    exact, at_least = _EXACT[document.format], _AT_LEAST[document.format]
    for section, form in (("host", exact), ("run", at_least)):
        pythons = python_items(output.section(section))
        if not any(form.pattern.search(item.written) for item in pythons):
            message = f"{section} of a noarch package should have `{form.text}`"
            line = _line_of(document, output, pythons, section)
            yield lint(document, "lint-python-min", message, line=line)
    tested = tuple(_tested_pythons(document, output))
    if not any(exact.pattern.search(text) for text, _ in tested):
        tests = tuple(tests_of(document, output))
        lines = [line for _, line in tested] or [test.line for test in tests]
        line = lines[0] if lines else _line_of(document, output, (), "run")
        message = f"a noarch package should be tested with `{exact.text}`"
        yield lint(document, "lint-python-min", message, line=line)


def _tested_pythons(document: RecipeDocument, output: OutputDocument) -> Iterator[tuple[str, int]]:
    """Yield each spec of python that an output is tested with, and its line."""
    for test in tests_of(document, output):
        for entry in test_items(document, test):
            if first_word(entry.text) == "python":
                yield entry.text, entry.line
        for entry in texts(value_at(value_at(test, "python"), "python_version")):
            yield f"python {entry.text}", entry.line


def python_min_says_something(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R-052: a recipe that sets `python_min` raises the distributor's."""
    if "hint_redundant_python_min" in ctx.forge.skip:
        return
    found = _declared_python_min(document)
    if found is None:
        return
    text, line = found
    if _VERSION.fullmatch(text) and _release(text) <= _release(str(ctx.policy.python_min)):
        message = f"python_min is set to {text}, but {ctx.policy.name} has {ctx.policy.python_min} anyway"
        yield lint(document, "lint-python-min-redundant", message, line=line)


def _declared_python_min(document: RecipeDocument) -> tuple[str, int] | None:
    if document.format == "v0":
        found = _SET_PYTHON_MIN.search(document.text)
        return None if found is None else (found[1].strip(), document.text.count("\n", 0, found.start()) + 1)
    for node in document.nodes("context", "python_min"):
        if isinstance(node, ScalarNode):
            return node.text.strip(), node.line
    return None


def _release(text: str) -> tuple[int, ...]:
    """Return the parts of a version; like for conda, a `*` or an `x` comes before every number."""
    parts = [-1 if part in {"*", "x"} else int(part) for part in text.split(".")]
    while parts and parts[-1] <= 0:
        parts.pop()
    return tuple(parts)


# ------------------------------------------------------------------ tested with the latest


def noarch_is_tested_with_the_latest(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R1-004: each Python test of a noarch output asks for the latest python, too."""
    if document.format == "v0" or "hint_noarch_python_test_latest" in ctx.forge.skip:
        return
    for output in judged(document):
        if noarch_of(document, output.node) == "python":
            for line in _untested_latest(document, output):
                message = "the package runs on every later python, but is tested with chosen ones only"
                yield lint(document, "lint-noarch-test-latest", message, line=line)


def abi3_is_tested_with_the_latest(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """R1-005: each Python test of a version-independent output asks for the latest python, too."""
    if document.format == "v0" or "hint_python_version_independent_test_latest" in ctx.forge.skip:
        return
    for output in judged(document):
        if is_version_independent(document, output):
            for line in _untested_latest(document, output):
                message = "the package is built once for all pythons, but is tested with chosen ones only"
                yield lint(document, "lint-abi3-test-latest", message, line=line)


def _untested_latest(document: RecipeDocument, output: OutputDocument) -> Iterator[int]:
    """Yield the line of each Python test without a `"*"`; none where run has an upper bound on python."""
    if any("<" in item.written for item in python_items(output.section("run"))):
        return
    for test in tests_of(document, output):
        python = value_at(test, "python")
        versions = value_at(python, "python_version")
        if python is not None and all(entry.text != "*" for entry in texts(versions)):
            yield python.line if versions is None else versions.line


RULES: tuple[Check, ...] = (
    languages_of_host_are_in_run,
    noarch_bounds_python,
    noarch_uses_python_min,
    python_min_says_something,
    noarch_is_tested_with_the_latest,
    abi3_is_tested_with_the_latest,
)

"""Lint of what a recipe says about its package and its people, but for the license.

Source: conda-smithy, R-002, R-003, R-004, R-014, R-015, R-016, R-039.
"""

import re
from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.walking import is_blank
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.yaml_tree import ScalarNode, SequenceNode
from conda_bridge.model.diagnostic import Diagnostic

__all__ = [
    "RULES",
    "about_is_complete",
    "feedstock_name_has_no_suffix",
    "maintainers_are_a_list",
    "name_is_valid",
    "version_is_valid",
]

_NAME = re.compile(r"[a-z0-9_.-]+")
_EXPRESSION = {"v0": re.compile(r"\{\{[^{}]*\}\}"), "v1": re.compile(r"\$\{\{[^{}]*\}\}")}
"""What only rendering could tell."""
_LONGEST_NAME = 200
_JINJA = "{{"
_VERSION_CHARACTERS = re.compile(r"[A-Za-z0-9_.*+!-]+")


def about_is_complete(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-002: there are a homepage, a license and a summary."""
    homepage = "home" if document.format == "v0" else "homepage"
    for key in (homepage, "license", "summary"):
        found = document.nodes("about", key)
        if all(is_blank(node) for node in found):
            yield lint(
                document,
                "lint-about-missing",
                f"about has no {key}",
                line=document.key_line("about", key) or document.key_line("about"),
                hint=f"add {key} to about",
            )


def maintainers_are_a_list(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-003, R-004: somebody maintains the recipe, and maintainers are a list."""
    found = document.nodes("extra", "recipe-maintainers")
    if all(is_blank(node) for node in found):
        line = document.key_line("extra", "recipe-maintainers") or document.key_line("extra")
        yield lint(document, "lint-no-maintainers", "the recipe names no maintainer", line=line)
        return
    for node in found:
        if not isinstance(node, SequenceNode):
            yield lint(
                document, "lint-maintainers-no-list", "recipe-maintainers is not a list", line=node.line
            )


def feedstock_name_has_no_suffix(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-039: the feedstock's name is what stands before `-feedstock`."""
    for item in document.items("extra", "feedstock-name"):
        if item.value.endswith("-feedstock"):
            yield lint(
                document,
                "lint-feedstock-suffix",
                f"the feedstock's name is {item.value[:80]!r}",
                line=item.line,
            )


def _heads(document: RecipeDocument, key: str) -> tuple[ScalarNode, ...]:
    """Return what `package` or, where there are outputs, `recipe` says."""
    sections = ("package",) if document.format == "v0" else ("package", "recipe")
    nodes = (node for section in sections for node in document.nodes(section, key))
    return tuple(node for node in nodes if isinstance(node, ScalarNode) and not is_blank(node))


def _head_line(document: RecipeDocument) -> int:
    return document.key_line("package") or document.key_line("recipe")


def name_is_valid(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-014: the recipe has a name of the characters that conda names have."""
    found = _heads(document, "name")
    if not found:
        yield lint(
            document,
            "lint-invalid-name",
            "the recipe has no name",
            line=_head_line(document),
            hint="name the package, or the recipe where it has outputs",
        )
    for node in found:
        name = document.value_of(node.text).strip()[:_LONGEST_NAME]
        if not _NAME.fullmatch(_EXPRESSION[document.format].sub("x", name)):
            yield lint(document, "lint-invalid-name", f"{name[:80]!r} is no conda name", line=node.line)


def version_is_valid(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-015, R-016: the recipe has a version that conda can order."""
    found = [(document.value_of(node.text).strip(), node.line) for node in _heads(document, "version")]
    if not any(version for version, _line in found):
        section = "package" if document.key_line("package") else "recipe"
        yield lint(
            document,
            "lint-no-version",
            "the recipe has no version",
            line=found[0][1] if found else _head_line(document),
            hint=f"add version to {section}",
        )
    for version, line in found:
        problem = _version_problem(version) if version and _JINJA not in version else ""
        if problem:
            yield lint(
                document,
                "lint-invalid-version",
                f"the version {version[:80]!r} {problem}",
                line=line,
                hint="write numbers and letters with points between them: 1.2.3, 1.2.3rc1, 1.2.3.post1",
            )


def _version_problem(version: str) -> str:
    """Return why conda can't order a version, for a sentence; empty where it can.

    Source: conda, `VersionOrder`.
    """
    if "-" in version and "_" in version:
        return "has '-' and '_'"
    if not _VERSION_CHARACTERS.fullmatch(version):
        return "has characters that versions don't have"
    epoch, mark, rest = version.rpartition("!")
    if mark and not epoch.isdigit():
        return "has an epoch that is no number"
    public, mark, local = rest.partition("+")
    # One "_" at the end of the public part belongs to its last component, as in OpenSSL's versions.
    components = _components(public[:-1] + "x" if public.endswith(("_", "-")) else public)
    if "+" in local or not all(components + (_components(local) if mark else [])):
        return "has an empty component"
    return ""


def _components(version: str) -> list[str]:
    return re.split(r"[._-]", version)


RULES: tuple[Check, ...] = (
    about_is_complete,
    maintainers_are_a_list,
    feedstock_name_has_no_suffix,
    name_is_valid,
    version_is_valid,
)

"""How rules see outputs: which ones they judge, what an output is, and the texts of its specs and tests.

Like conda-smithy, a rule on one output judges those under `outputs` where the recipe has any, and else the recipe
itself; conditions are looked through, every branch counts.
"""

import re
from collections.abc import Iterator

from conda_bridge.checks.walking import entries_of, node_at, texts, value_at
from conda_bridge.formats.document import Item, OutputDocument, RecipeDocument
from conda_bridge.formats.tree_paths import is_null
from conda_bridge.formats.yaml_tree import MappingNode, ScalarNode

__all__ = [
    "commands_of",
    "first_word",
    "has_outputs",
    "is_version_independent",
    "judged",
    "noarch_node",
    "noarch_of",
    "python_items",
    "spec_text",
    "test_items",
    "tests_of",
    "top_levels",
]

# Braces in an expression are matched in pairs, so that a text full of them costs no more than its length.
_EXPRESSION = re.compile(r"\{\{(?:[^{}]|\{[^{}]*\})*\}\}")
_STAND_IN = "9999"
"""What an expression of v0 counts as: a name, a version or a build string, as need be."""


def top_levels(document: RecipeDocument) -> tuple[OutputDocument, ...]:
    """Return the recipe itself, where it requires or builds something."""
    return tuple(output for output in document.outputs if output.is_top_level)


def has_outputs(document: RecipeDocument) -> bool:
    """Return whether the recipe has `outputs`."""
    return any(not output.is_top_level for output in document.outputs)


def judged(document: RecipeDocument) -> tuple[OutputDocument, ...]:
    """Return the outputs that rules on single outputs judge."""
    return tuple(output for output in document.outputs if output.is_top_level != has_outputs(document))


# ------------------------------------------------------------------ what an output is


def noarch_node(document: RecipeDocument, mapping: MappingNode) -> ScalarNode | None:
    """Return the `noarch` of an output or of the recipe itself."""
    node = node_at(document, mapping, "build", "noarch")
    return node if isinstance(node, ScalarNode) and not is_null(node) else None


def noarch_of(document: RecipeDocument, mapping: MappingNode) -> str:
    """Return the value of `noarch`; empty where there is none."""
    node = noarch_node(document, mapping)
    return "" if node is None else document.value_of(node.text).strip()


def is_version_independent(document: RecipeDocument, output: OutputDocument) -> bool:
    """Return whether an output is built once for all pythons; a variable counts as yes."""
    keys = ("python", "version_independent") if document.format == "v1" else ("python_version_independent",)
    node = node_at(document, output.node, "build", *keys)
    return isinstance(node, ScalarNode) and not is_null(node) and node.text.strip().lower() != "false"


# ------------------------------------------------------------------ specs


def spec_text(document: RecipeDocument, written: str) -> str:
    """Return a spec as the linter sees it: of v1 as written, of v0 with a stand-in for each expression left."""
    if document.format == "v1":
        return written
    return _EXPRESSION.sub(_STAND_IN, document.value_of(written)).strip()


def first_word(text: str) -> str:
    """Return the word that a spec begins with: mostly its name."""
    return next(iter(text.split(maxsplit=1)), "")


def python_items(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Return the requirements of python itself."""
    return tuple(item for item in items if first_word(item.written) == "python")


# ------------------------------------------------------------------ tests


def tests_of(document: RecipeDocument, output: OutputDocument) -> Iterator[MappingNode]:
    """Yield an output's tests, through conditions; v0 has one."""
    node = node_at(document, output.node, "tests" if document.format == "v1" else "test")
    for entry in entries_of(node):
        if isinstance(entry, MappingNode):
            yield entry


def test_items(document: RecipeDocument, test: MappingNode) -> Iterator[ScalarNode]:
    """Yield the requirements of a test."""
    if document.format == "v1":
        yield from texts(value_at(value_at(test, "requirements"), "run"))
    else:
        yield from texts(value_at(test, "requires"))


def commands_of(document: RecipeDocument, test: MappingNode) -> Iterator[ScalarNode]:
    """Yield the lines that a test runs."""
    script = value_at(test, "script" if document.format == "v1" else "commands")
    yield from texts(value_at(script, "content") or script)

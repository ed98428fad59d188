"""A recipe file as people wrote it: its text, its tree with lines, and, where it can be modelled, the Recipe.

This reads other people's recipes, of both formats, tolerantly: what isn't understood stays text. Nothing of a
recipe is executed: Jinja is looked at, never rendered; context variables are put in where they are plain.

Vocabulary: *written* text is what stands in the file, without YAML quoting; a *value* is written text in which
the recipe's own variables stand for what they hold (`{{ version }}` is `1.2.3`), with all other expressions as
written; an *item* is one entry of a list under the conditions that apply to it.
"""

from dataclasses import dataclass

from conda_bridge.formats.yaml_tree import MappingNode, Node
from conda_bridge.model.options import RecipeFormat
from conda_bridge.model.recipe import Recipe

__all__ = ["Item", "OutputDocument", "RecipeDocument", "document_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a list that is text."""

    written: str
    value: str
    line: int
    conditions: tuple[str, ...] = ()
    """As written, from the outermost in: of v1 the text of each `if`, `not (...)` for an `else`; of v0 the
    selector of its line, without brackets, and `{% if ... %}` around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDocument:
    """One output, or the recipe itself where it has none."""

    name: str
    """Empty where it can't be told without rendering."""
    node: MappingNode
    """The output's own mapping; the whole recipe's for the top level."""
    is_top_level: bool
    """True for the recipe itself: alone, or beside its `outputs` where it requires or builds something."""
    requirements: tuple[tuple[str, tuple[Item, ...]], ...]
    """(section, items) in the file's order; sections have their v1 names (`run_constraints`). A flat list of
    a v0 output is its `host` and its `run`."""

    def section(self, name: str) -> tuple[Item, ...]:
        """Return the items of one section; none where it is missing."""
        return next((items for key, items in self.requirements if key == name), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeDocument:
    """One recipe file."""

    path: str
    """As it is shown to people."""
    format: RecipeFormat
    text: str
    root: MappingNode
    """Of v0 the tree of the text before Jinja; keys may repeat there under different selectors."""
    variables: tuple[tuple[str, str], ...]
    """(name, value) of what `context:` or `{% set %}` defines; variables that can't be told are left out."""
    outputs: tuple[OutputDocument, ...]
    """The top level first if it requires or builds anything, then `outputs`."""
    recipe: Recipe | None
    """None where the model can't hold what the text says."""
    unmodelled: str = ""
    """Why there is no Recipe, with its line."""

    def nodes(self, *keys: str, within: MappingNode | None = None) -> tuple[Node, ...]:
        """Return every node under a path of keys; several where v0 repeats a key under selectors."""
        raise NotImplementedError

    def items(self, *keys: str, within: MappingNode | None = None) -> tuple[Item, ...]:
        """Return the texts under a path of keys: a scalar's own, or a list's, through conditions."""
        raise NotImplementedError

    def value_of(self, written: str) -> str:
        """Return the value of written text."""
        raise NotImplementedError


def document_of(text: str, *, path: str, recipe_format: RecipeFormat) -> RecipeDocument:
    """Return the document of a recipe's text.

    Raises:
        RecipeError: `invalid-yaml` where it is no YAML mapping, even after Jinja and selectors are set aside.
    """
    raise NotImplementedError

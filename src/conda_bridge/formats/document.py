"""A recipe file as people wrote it: its text, its tree with lines, and, where it can be modelled, the Recipe.

This reads other people's recipes, of both formats, tolerantly: what isn't understood stays text. Nothing of a
recipe is executed: Jinja is looked at, never rendered; context variables are put in where they are plain.

Vocabulary: *written* text is what stands in the file, without YAML quoting; a *value* is written text in which
the recipe's own variables stand for what they hold (`{{ version }}` is `1.2.3`), with all other expressions as
written; an *item* is one entry of a list under the conditions that apply to it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from conda_bridge.errors import RecipeError
from conda_bridge.formats.expressions import Value, substitute
from conda_bridge.formats.tree_paths import Found, descend, flatten, is_null
from conda_bridge.formats.variables import assigned_scope, context_scope, texts_of
from conda_bridge.formats.yaml_tree import Leniency, MappingNode, Node, ScalarNode, SequenceNode, parse_tree
from conda_bridge.model.options import RecipeFormat
from conda_bridge.model.recipe import SECTIONS, Recipe

__all__ = ["Entry", "Item", "OutputDocument", "RecipeDocument", "document_of"]

ValueOf: TypeAlias = Callable[[str], str]

_SECTION_NAMES: dict[str, str] = {name: name for name in SECTIONS} | {"run_constrained": "run_constraints"}
_NAME_PATHS = (("package", "name"), ("staging", "name"), ("recipe", "name"), ("name",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a list that is text."""

    written: str
    value: str
    line: int
    conditions: tuple[str, ...] = ()
    """As written, from the outermost in: of v1 the text of each `if`, `not (...)` for an `else`; of v0 the
    expression of each `{% if ... %}` around it, `not (...)` for an `else`, and the selector of its line, without
    brackets, after that of the key that it stands under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a list, whatever it is."""

    node: Node
    conditions: tuple[str, ...] = ()
    """Like those of an Item."""


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
    conditions: tuple[str, ...] = ()
    """When there is this output, like the conditions of an Item."""

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
    scope: tuple[tuple[str, Value], ...] = ()
    """The same with the values that expressions see, lists too."""
    outputs: tuple[OutputDocument, ...]
    """The top level first if it requires or builds anything, then `outputs` (a `staging` output among them)."""

    def nodes(self, *keys: str, within: MappingNode | None = None) -> tuple[Node, ...]:
        """Return every node under a path of keys; several where v0 repeats a key under selectors.

        A list on the way, such as that of `source` or `tests`, is gone through, its conditions too.
        """
        return tuple(found.node for found in self._found(keys, within))

    def entries(self, *keys: str, within: MappingNode | None = None) -> tuple[Entry, ...]:
        """Return the entries of the lists under a path of keys, through conditions; other nodes themselves."""
        return tuple(
            Entry(node=found.node, conditions=found.conditions)
            for root in self._found(keys, within)
            for found in flatten(root)
        )

    def items(self, *keys: str, within: MappingNode | None = None) -> tuple[Item, ...]:
        """Return the texts under a path of keys: a scalar's own, or a list's, through conditions."""
        value_of = partial(substitute, scope=dict(self.scope), recipe_format=self.format)
        return tuple(_items(self._found(keys, within), value_of))

    def key_line(self, *keys: str, within: MappingNode | None = None) -> int:
        """Return the line of the first key at the end of a path; 0 where there is none."""
        return next((found.key.line for found in self._found(keys, within) if found.key is not None), 0)

    def value_of(self, written: str) -> str:
        """Return the value of written text."""
        return substitute(written, scope=dict(self.scope), recipe_format=self.format)

    def as_recipe(self) -> Recipe:
        """Return the recipe that the text says; reads the text again, strictly.

        Raises:
            RecipeError: `unmodelled-recipe` where the model can't hold it, `invalid-yaml` for YAML that only a
                document may use; `where` names the line.
        """
        # Lint needs none of it, and it reads as much again.
        if self.format == "v0":
            from conda_bridge.formats.v0 import read_v0  # noqa: PLC0415

            return read_v0(self.text)
        from conda_bridge.formats.v1 import read_v1  # noqa: PLC0415

        return read_v1(self.text)

    def _found(self, keys: tuple[str, ...], within: MappingNode | None) -> Iterator[Found]:
        return descend(Found(node=self.root if within is None else within), keys)


def document_of(text: str, *, path: str, recipe_format: RecipeFormat) -> RecipeDocument:
    """Return the document of a recipe's text.

    Raises:
        RecipeError: `invalid-yaml` where it is no YAML mapping, even after Jinja and selectors are set aside.
    """
    root, scope = _read(text, recipe_format)
    if not isinstance(root, MappingNode):
        raise RecipeError("invalid-yaml", "a recipe is a mapping", where=f"line {root.line}")
    return RecipeDocument(
        path=path,
        format=recipe_format,
        text=text,
        root=root,
        variables=texts_of(scope),
        scope=tuple(scope.items()),
        outputs=tuple(_outputs(root, partial(substitute, scope=scope, recipe_format=recipe_format))),
    )


def _read(text: str, recipe_format: RecipeFormat) -> tuple[Node, dict[str, Value]]:
    if recipe_format == "v0":
        # What only meta.yaml needs is imported for it alone.
        from conda_bridge.formats.v0_tree import parse_v0_tree  # noqa: PLC0415

        tree = parse_v0_tree(text)
        return tree.root, assigned_scope(tree.assignments)
    root = parse_tree(text.removeprefix("\ufeff"), leniency=Leniency(aliases=True, core_tags=True))
    return root, context_scope(root) if isinstance(root, MappingNode) else {}


def _outputs(root: MappingNode, value_of: ValueOf) -> Iterator[OutputDocument]:
    whole = Found(node=root)
    found_outputs = [
        found
        for outputs in descend(whole, ("outputs",))
        for found in flatten(outputs)
        if isinstance(found.node, MappingNode)
    ]
    own_work = (*descend(whole, ("requirements",)), *descend(whole, ("build", "script")))
    if not found_outputs or not all(is_null(found.node) for found in own_work):
        yield _output(whole, value_of)
    for found in found_outputs:
        yield _output(found, value_of)


def _output(found: Found, value_of: ValueOf) -> OutputDocument:
    assert isinstance(found.node, MappingNode)
    names = tuple(
        item for keys in _NAME_PATHS for item in _items(descend(Found(node=found.node), keys), value_of)
    )
    is_known = bool(names) and "{{" not in names[0].value
    is_top_level = found.key is None
    # In v0 an output's condition stands at its name, if anywhere.
    own_conditions = names[0].conditions if len(names) == 1 and not is_top_level else ()
    return OutputDocument(
        name=names[0].value if is_known else "",
        node=found.node,
        is_top_level=is_top_level,
        requirements=_requirements(found, value_of),
        conditions=(*found.conditions, *own_conditions),
    )


def _requirements(output: Found, value_of: ValueOf) -> tuple[tuple[str, tuple[Item, ...]], ...]:
    sections: dict[str, list[Item]] = {}
    for requirements in descend(Found(node=output.node), ("requirements",)):
        if isinstance(requirements.node, SequenceNode):
            for name in ("host", "run"):
                sections.setdefault(name, []).extend(_items(iter((requirements,)), value_of))
        elif isinstance(requirements.node, MappingNode):
            keys = dict.fromkeys(
                key.text for key, _ in requirements.node.entries if key.text in _SECTION_NAMES
            )
            for key in keys:
                items = _items(descend(requirements, (key,)), value_of)
                sections.setdefault(_SECTION_NAMES[key], []).extend(items)
    return tuple((name, tuple(items)) for name, items in sections.items())


def _items(roots: Iterator[Found], value_of: ValueOf) -> Iterator[Item]:
    for root in roots:
        for found in flatten(root):
            node = found.node
            if isinstance(node, ScalarNode) and not is_null(node):
                yield Item(
                    written=node.text,
                    value=value_of(node.text),
                    line=node.line,
                    conditions=found.conditions,
                )

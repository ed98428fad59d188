"""A source becomes the table [external] that its project should declare, ready to paste."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conda_bridge.errors import UsageError
from conda_bridge.infer.external_table import ProposedDependency, propose_external
from conda_bridge.model.options import RecipeOptions
from conda_bridge.protocols import Reporter, SilentReporter
from conda_bridge.workflows.convert import convert
from conda_bridge.workflows.explain import is_recipe
from conda_bridge.workflows.external import mapping_of

__all__ = ["ExternalTable", "external_table"]

_ORDER = (
    "build-requires", "host-requires", "dependencies", "optional-build-requires", "optional-host-requires",
    "optional-dependencies", "dependency-groups",
)  # fmt: skip
_MOST_PLACES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalTable:
    """The table of one project."""

    pypi_name: str
    version: str
    label: str
    """The file or folder that was read."""
    text: str
    """TOML; only a comment where the project needs nothing beside Python projects, as far as its files show."""
    entries: tuple[ProposedDependency, ...]


def external_table(
    source: str, *, options: RecipeOptions | None = None, reporter: Reporter | None = None
) -> ExternalTable:
    """Return the table that a source's project should declare.

    Raises:
        UsageError: `usage` for a recipe, which doesn't tell what its project needs.
        BridgeError: whatever `convert` raises.
    """
    if is_recipe(source):
        hint = "name the source that the recipe is made from: an sdist, a project directory, or a PyPI requirement"
        raise UsageError(
            "usage", "the table [external] is a project's, not a recipe's", where=source, hint=hint
        )
    chosen = options or RecipeOptions()
    conversion = convert(source, options=chosen, reporter=reporter or SilentReporter())
    entries = propose_external(conversion, mapping_of(chosen.external_mappings))
    return ExternalTable(
        pypi_name=conversion.project.pypi_name.value,
        version=str(conversion.project.version.value),
        label=conversion.facts.label,
        text="\n".join(_lines(conversion.facts.label, entries)) + "\n",
        entries=entries,
    )


def _lines(label: str, entries: tuple[ProposedDependency, ...]) -> Iterator[str]:
    if not entries:
        yield f"# {_plain(label)} needs nothing beside Python projects, as far as its files show"
        return
    yield "[external]"
    for key in _ORDER:
        required = [one for one in entries if one.key == key and not one.group]
        if required:
            yield from _array(key, required)
    for key in _ORDER:
        grouped = [one for one in entries if one.key == key and one.group]
        if grouped:
            yield ""
            yield f"[external.{key}]"
        for group in dict.fromkeys(one.group for one in grouped):
            yield from _array(_toml_key(group), [one for one in grouped if one.group == group])


def _array(key: str, entries: Iterable[ProposedDependency]) -> Iterator[str]:
    yield f"{key} = ["
    for one in sorted(entries, key=lambda one: not one.is_certain):
        text = _toml_text(one.depurl)
        perhaps = "" if one.is_certain else "# perhaps: "
        yield f"    {perhaps}{text},{_comment(one)}"
    yield "]"


def _comment(one: ProposedDependency) -> str:
    if one.is_declared:
        return ""
    places = ", ".join(one.origins[:_MOST_PLACES])
    told = "; ".join(filter(None, (one.reason, places)))
    return f"  # {_plain(told)}" if told else ""


def _toml_key(name: str) -> str:
    return name if name.replace("-", "").isalnum() and name.isascii() else _toml_text(name)


def _toml_text(text: str) -> str:
    """Return a basic string; what JSON escapes, TOML reads. Source: TOML 1.0, strings."""
    if "\\" not in text and "'" not in text and '"' in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text).replace("\x7f", "\\u007f")


def _plain(text: str) -> str:
    """Return text for a comment, which ends at the end of its line."""
    return "".join(char if char.isprintable() else " " for char in text)

"""What a feedstock's `conda-forge.yml` says about its builds: old variables, and settings that contradict each other.

A setting is a value, or a list of values that each hold for some systems, platforms and providers of builds.

Source: conda-smithy, CF-007, CF-009, CF-010, CF-011, CF-012.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

from conda_bridge.checks.context import Check, CheckContext
from conda_bridge.checks.forge import forge_trees
from conda_bridge.checks.walking import value_at
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.yaml_tree import MappingNode, Node, ScalarNode, SequenceNode
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic

__all__ = [
    "RULES",
    "paths_are_for_one_kind_of_system",
    "settings_are_kept_to_their_builds",
    "settings_do_not_overlap",
    "systems_fit_platforms",
    "variables_are_settings",
]

_SYSTEMS = ("linux", "osx", "win")
_WINDOWS = frozenset({"win"})
_GITHUB = frozenset({"github_actions"})
_ANY = frozenset({""})
_REPLACED = {
    "CONDA_BLD_PATH": "workflow_settings.build_workspace_dir",
    "CONDA_FORGE_DOCKER_RUN_ARGS": "docker.run_args",
    "MINIFORGE_HOME": "workflow_settings.tools_install_dir",
    "SET_PAGEFILE": "workflow_settings.pagefile_size",
}
_PATHS = frozenset({"tools_install_dir", "build_workspace_dir"})
_WINDOWS_ON_GITHUB = frozenset({"resize_partitions"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """One value of a setting and what it holds for; None where it says nothing of that kind."""

    setting: str
    text: str
    line: int
    systems: frozenset[str] | None
    platforms: frozenset[str] | None
    providers: frozenset[str] | None

    @property
    def applicable_systems(self) -> frozenset[str]:
        """The systems that it can hold for, after all."""
        systems = self.systems or frozenset(_SYSTEMS)
        return systems if self.platforms is None else systems & {_system(name) for name in self.platforms}

    def builds(self) -> frozenset[tuple[str, str, str]]:
        """Return (system, platform, provider) of what it holds for; an empty part means any."""
        systems, platforms, providers = self.systems or _ANY, self.platforms or _ANY, self.providers or _ANY
        return frozenset(product(systems, platforms, providers))


def _system(platform: str) -> str:
    return platform.partition("_")[0]


def variables_are_settings(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """CF-007: what has a setting isn't set by a variable of the builds on Azure."""
    for path, root in forge_trees(document, ctx):
        for system in _SYSTEMS:
            variables = value_at(value_at(value_at(root, "azure"), f"settings_{system}"), "variables")
            for key, _ in variables.entries if isinstance(variables, MappingNode) else ():
                if key.text in _REPLACED:
                    yield finding(
                        "lint-old-variable",
                        f"{key.text} is set for {system} on Azure",
                        origin=path,
                        line=key.line,
                        hint=f"set {_REPLACED[key.text]} instead",
                    )


def systems_fit_platforms(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """CF-009: a value that names systems and platforms names the platforms' systems."""
    for path, values in _settings(document, ctx):
        for value in values:
            if value.systems is None or value.platforms is None:
                continue
            if {_system(platform) for platform in value.platforms} != value.systems:
                message = (
                    f"{value.setting} is for {_shown(value.systems)}, but on {_shown(value.platforms)} only"
                )
                yield finding("lint-setting-platforms", message, origin=path, line=value.line)


def settings_do_not_overlap(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """CF-010: no build has two values of one setting."""
    for path, values in _settings(document, ctx):
        for first, second in combinations(values, 2):
            if any(_covers(a, b) or _covers(b, a) for a in first.builds() for b in second.builds()):
                message = (
                    f"{second.setting} has another value for some of the same builds in line {first.line}"
                )
                yield finding("lint-setting-overlaps", message, origin=path, line=second.line)


def _covers(general: tuple[str, str, str], special: tuple[str, str, str]) -> bool:
    return all(part in {"", other} for part, other in zip(general, special, strict=True))


def paths_are_for_one_kind_of_system(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """CF-011: a path is set for Unix or for Windows, not for both."""
    for path, values in _settings(document, ctx):
        for value in values:
            systems = value.applicable_systems
            if value.setting in _PATHS and systems > _WINDOWS:
                message = f"{value.setting} is {value.text[:80]!r} for {_shown(systems)} alike"
                yield finding("lint-setting-path", message, origin=path, line=value.line)


def settings_are_kept_to_their_builds(document: RecipeDocument, ctx: CheckContext) -> Iterator[Diagnostic]:
    """CF-012: what only Windows on GitHub has is set for nothing else."""
    for path, values in _settings(document, ctx):
        for value in values:
            is_kept = value.applicable_systems == _WINDOWS and value.providers == _GITHUB
            if value.setting in _WINDOWS_ON_GITHUB and not is_kept:
                message = f"{value.setting} only means something on Windows at GitHub"
                yield finding("lint-setting-too-wide", message, origin=path, line=value.line)


# ------------------------------------------------------------------ reading


def _settings(document: RecipeDocument, ctx: CheckContext) -> Iterator[tuple[str, tuple[_Value, ...]]]:
    """Yield the file and the values of each setting."""
    for path, root in forge_trees(document, ctx):
        settings = value_at(root, "workflow_settings")
        for key, node in settings.entries if isinstance(settings, MappingNode) else ():
            yield path, tuple(_values(key.text, node))


def _values(setting: str, node: Node) -> Iterator[_Value]:
    entries = node.items if isinstance(node, SequenceNode) else (node,)
    for entry in entries:
        is_conditional = isinstance(node, SequenceNode)
        value = value_at(entry, "value") if is_conditional else entry
        yield _Value(
            setting=setting,
            text=value.text if isinstance(value, ScalarNode) else "",
            line=entry.line,
            systems=_words(entry, "os") if is_conditional else None,
            platforms=_words(entry, "platform") if is_conditional else None,
            providers=_words(entry, "provider") if is_conditional else None,
        )


def _words(entry: Node, key: str) -> frozenset[str] | None:
    node = value_at(entry, key)
    if node is None:
        return None
    items = node.items if isinstance(node, SequenceNode) else (node,)
    return frozenset(item.text for item in items if isinstance(item, ScalarNode))


def _shown(words: frozenset[str]) -> str:
    return ", ".join(sorted(words))[:80]


RULES: tuple[Check, ...] = (
    variables_are_settings,
    systems_fit_platforms,
    settings_do_not_overlap,
    paths_are_for_one_kind_of_system,
    settings_are_kept_to_their_builds,
)

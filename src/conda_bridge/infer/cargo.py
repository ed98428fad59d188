"""The tables of a Cargo manifest -> the crates that it requires, and the features that are on.

Vocabulary: an *alias* is what a manifest calls a crate, mostly its name; features and `dep:` speak of aliases.

Source: The Cargo Book, Specifying Dependencies, Features, and Workspaces (the `dependencies` table).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from conda_bridge.infer.pyproject import dig, strings

__all__ = ["Crate", "Features", "crates_of", "enabled_features"]

_SECTIONS = ("dependencies", "build-dependencies", "build_dependencies")


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The features of a manifest that are on."""

    names: frozenset[str]
    inner: Mapping[str, tuple[str, ...]]
    """What they ask of crates, by alias: `x/y`, or `x?/y` that turns no crate on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crate:
    """One crate that a manifest requires."""

    name: str
    alias: str
    features: tuple[str, ...] = ()
    """Those that the manifest's table asks for, and the workspace's where it inherits."""
    path: str = ""
    """Its folder, where it is one of the tree's; relative to the manifest's, or to the workspace's."""
    is_inherited: bool = False
    is_optional: bool = False
    is_for_build: bool = False
    """True where the crate's build script uses it."""
    target: str = ""
    """The condition on the target; empty for all."""

    def is_on(self, enabled: Features) -> bool:
        """Tell whether a build with these features of the manifest has it."""
        names = (self.alias, f"dep:{self.alias}")
        return not self.is_optional or not enabled.names.isdisjoint(names) or self.alias in enabled.inner

    def features_with(self, enabled: Features) -> tuple[str, ...]:
        """Return its own features in a build where these features of the manifest are on."""
        asked = (enabled.inner.get(alias, ()) for alias in (self.alias, f"{self.alias}?"))
        return (*self.features, *chain.from_iterable(asked))


def crates_of(tables: Mapping[str, object], workspace: Mapping[str, object]) -> Iterator[Crate]:
    """Yield the crates of a manifest; those marked `workspace = true` inherit from the table `[workspace]`."""
    targets = tables.get("target")
    yield from _of_table(tables, workspace, "")
    for condition, table in targets.items() if isinstance(targets, dict) else ():
        yield from _of_table(table, workspace, condition)


def _of_table(table: object, workspace: Mapping[str, object], target: str) -> Iterator[Crate]:
    for section in _SECTIONS:
        listed = dig(table, section)
        for alias, said in listed.items() if isinstance(listed, dict) else ():
            is_inherited = dig(said, "workspace") is True
            shared = dig(workspace, "dependencies", alias) if is_inherited else None
            name, path = (_text(shared, key) or _text(said, key) for key in ("package", "path"))
            yield Crate(
                name=name or alias,
                alias=alias,
                features=(*strings(dig(shared, "features")), *strings(dig(said, "features"))),
                path=path,
                is_inherited=is_inherited,
                is_optional=dig(said, "optional") is True,
                is_for_build=section != "dependencies",
                target=target,
            )


def _text(table: object, key: str) -> str:
    value = dig(table, key)
    return value if isinstance(value, str) else ""


def enabled_features(tables: Mapping[str, object], chosen: tuple[str, ...] = ()) -> Features:
    """Return the features that are on: the default ones, the chosen ones, and all that they ask for."""
    features = tables.get("features")
    known: Mapping[str, object] = features if isinstance(features, dict) else {}
    on: dict[str, None] = {}
    waiting = ["default", *chosen]
    while waiting:
        feature = waiting.pop()
        if feature not in on:
            on[feature] = None
            waiting += strings(known.get(feature))
    inner: dict[str, list[str]] = {}
    for alias, _, feature in (name.partition("/") for name in on):
        if feature:
            inner.setdefault(alias, []).append(feature)
    return Features(names=frozenset(on), inner={alias: tuple(asked) for alias, asked in inner.items()})

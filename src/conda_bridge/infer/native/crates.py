"""The crates that a Rust extension is made of -> programs and compilers that their own builds run.

Only what the manifests themselves require is looked at, with their members and neighbours in the tree; an optional
crate counts where a feature that is on turns it on. Source: Cargo book, Specifying Dependencies and Features.
"""

from collections.abc import Iterator
from posixpath import join, normpath
from typing import Any, NamedTuple

from conda_bridge.infer.crates import crate_manifests, crate_tables, enabled_features
from conda_bridge.infer.native.result import Shown
from conda_bridge.infer.pyproject import dig, strings
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.toolchain import CrateRow

__all__ = ["crate_compilers", "find_crate_tools"]

_SECTIONS = ("dependencies", "build-dependencies")
_MAX_MANIFESTS = 60


class _Crate(NamedTuple):
    name: str
    features: tuple[str, ...]
    path: str
    """Its folder, where it is one of the tree's; relative to the manifest's."""


def find_crate_tools(ctx: InferContext) -> Iterator[Shown]:
    """Yield the programs that the builds of the required crates run."""
    for row, manifest in _rows(ctx):
        for tool in row.build:
            yield Shown(name=tool, reason=f"the crate {row.key} runs it", origin=manifest)


def crate_compilers(ctx: InferContext) -> Iterator[Shown]:
    """Yield the compilers of other languages that the builds of the required crates run."""
    for row, manifest in _rows(ctx):
        for language in row.compilers:
            yield Shown(name=language, reason=f"the crate {row.key} compiles it", origin=manifest)


def _rows(ctx: InferContext) -> Iterator[tuple[CrateRow, str]]:
    """Yield what the table knows of the required crates, each with the manifest that requires it."""
    waiting = list(crate_manifests(ctx.facts))
    for manifest in waiting:
        folder = manifest.rpartition("/")[0]
        for crate in _required(crate_tables(ctx.facts, manifest)):
            row = ctx.toolchains.crate_of(crate.name)
            if row is not None and (not row.feature or row.feature in crate.features):
                yield row, manifest
            inner = normpath(join(folder, crate.path, "Cargo.toml")) if crate.path else ""
            if inner and ctx.facts.has(inner) and inner not in waiting and len(waiting) < _MAX_MANIFESTS:
                waiting.append(inner)


def _required(tables: dict[str, Any]) -> Iterator[_Crate]:
    """Yield the crates of the unconditional tables and of those for targets, without optional ones that are off."""
    on = enabled_features(tables, ())
    targets = dig(tables, "target")
    places = [tables, *(targets.values() if isinstance(targets, dict) else ())]
    for place in places:
        for section in _SECTIONS:
            crates = dig(place, section)
            for name, said in crates.items() if isinstance(crates, dict) else ():
                if not dig(said, "optional") or name in on or f"dep:{name}" in on:
                    path = dig(said, "path")
                    features = (*strings(dig(said, "features")), *_turned_on(name, on))
                    known = dig(said, "package")
                    yield _Crate(
                        known if isinstance(known, str) else name,
                        features,
                        path if isinstance(path, str) else "",
                    )


def _turned_on(name: str, on: frozenset[str]) -> Iterator[str]:
    """Features of a crate that the manifest's own features ask for: `openssl/vendored`."""
    for feature in on:
        crate, _, inner = feature.partition("/")
        if crate.rstrip("?") == name and inner:
            yield inner

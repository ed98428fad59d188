"""The crates that a Rust extension is made of -> programs and compilers that their own builds run.

Only what the manifests themselves require is looked at, with their members and neighbours in the tree; an optional
crate counts where a feature that is on turns it on. Source: Cargo book, Specifying Dependencies and Features.
"""

from collections.abc import Iterator

from conda_bridge.infer.crates import crate_manifests, manifest_crates, manifest_features
from conda_bridge.infer.native.result import Shown
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.toolchain import CrateRow

__all__ = ["crate_compilers", "find_crate_tools"]

_MAX_MANIFESTS = 60


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
        on = manifest_features(ctx.facts, manifest)
        for crate in manifest_crates(ctx.facts, manifest):
            if not crate.is_on(on):
                continue
            row = ctx.toolchains.crate_of(crate.name)
            if row is not None and (not row.feature or row.feature in crate.features_with(on)):
                yield row, manifest
            inner = crate.path
            if inner and ctx.facts.has(inner) and inner not in waiting and len(waiting) < _MAX_MANIFESTS:
                waiting.append(inner)

"""The project's own sources of compiled languages: what lies aside, and what Cython wrote, doesn't count."""

from conda_bridge.infer.scan.aside import is_vendored_or_test, own_folders
from conda_bridge.model.conversion import InferContext

__all__ = ["is_own", "own_sources"]

_UNSAID = frozenset({"objc"})
"""Suffixes that other files have, too: MATLAB's functions are `.m`."""


def is_own(ctx: InferContext, path: str) -> bool:
    """Tell whether a file belongs to the project itself rather than to its tests or to others' code in its tree."""
    return not is_vendored_or_test(path, own=_own(ctx))


def own_sources(ctx: InferContext) -> dict[str, tuple[str, ...]]:
    """Return the sources by language, each sorted."""
    own, paths = _own(ctx), ctx.facts.paths
    found: dict[str, list[str]] = {}
    for path in sorted(paths):
        row = ctx.toolchains.language_of_source(path)
        if row is None or row.key in _UNSAID or is_vendored_or_test(path, own=own):
            continue
        if row.key == "cython" or f"{path.rpartition('.')[0]}.pyx" not in paths:
            found.setdefault(row.key, []).append(path)
    return {key: tuple(ones) for key, ones in found.items()}


def _own(ctx: InferContext) -> frozenset[str]:
    return own_folders(ctx.facts.paths, ctx.project.pypi_name.value.replace("-", "_"))

"""Libraries that the project itself is: what it builds under its own name is no dependency of it.

Bindings are often named after what they bind. Which of both a project is, its build files tell: they make a target of
that name, or the source has the library's own headers outside of folders for others' code.
"""

from collections.abc import Iterator

from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.libraries.places import Places
from conda_bridge.infer.libraries.sightings import Sightings
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.conversion import InferContext
from conda_bridge.translate.match_specs import parse_match_spec

__all__ = ["is_namesake", "own_libraries"]


def own_libraries(ctx: InferContext, places: Places, seen: Sightings, keys: tuple[str, ...]) -> Iterator[str]:
    """Yield the keys of libraries that the project builds itself, under a name like its own."""
    name = ctx.project.pypi_name.value
    words = {name, *name.split("-"), str(conda_name_of(ctx))}
    targets = {
        Token.parse(signal.token).name.lower()
        for signal in ctx.facts.signals
        if signal.kind == "build-target" and not places.is_aside(signal.path)
    }
    copies = {key for key, path in seen.copies if not places.is_vendored(path)}
    for key in keys:
        bare = key.removeprefix("lib")
        if words.isdisjoint({key, bare}):
            continue
        if not targets.isdisjoint({key, bare, f"lib{bare}"}) or (key in copies and is_namesake(ctx, key)):
            yield key


def is_namesake(ctx: InferContext, key: str) -> bool:
    """Tell whether a library's package is called as the recipe at hand."""
    row = ctx.libraries.of_key(key)
    alternatives = ctx.external.of(row.id) if row is not None else ()
    texts = (*alternatives[0].host, *alternatives[0].run) if alternatives else ()
    own = conda_name_of(ctx)
    return any(parse_match_spec(text).value.conda_name == own for text in texts)

"""What people are told of libraries that did not go into the recipe, and of those that did in an unusual way."""

from collections.abc import Iterator, Mapping

from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.libraries.judging import Verdict
from conda_bridge.infer.libraries.owning import is_namesake
from conda_bridge.infer.libraries.places import Places
from conda_bridge.infer.libraries.programs import called_programs
from conda_bridge.infer.libraries.result import Libraries
from conda_bridge.infer.libraries.sightings import Sightings
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["tell"]

_MOST_NAMED = 8
_FEW = 3


def tell(
    ctx: InferContext,
    places: Places,
    seen: Sightings,
    verdicts: Mapping[str, Verdict],
    libraries: Libraries,
) -> tuple[Diagnostic, ...]:
    """Return the findings: few, each with what to do."""
    required = {one.key for one in libraries.found if one.is_required}
    rest = {key: verdicts[key] for key in sorted(verdicts) if key not in required}
    return (
        *_unnamed(ctx, rest),
        *_unconfirmed(ctx, {key: one for key, one in rest.items() if not _is_certain(one)}),
        *_copies(seen, verdicts, required),
        *_unknown(seen),
        *called_programs(ctx, places),
    )


def _is_certain(verdict: Verdict) -> bool:
    """Tell whether the build needs a library by more than one kind of evidence, or can't go on without it."""
    return verdict.is_required and (verdict.is_exact or len(verdict.families) > 1)


def _unnamed(ctx: InferContext, verdicts: Mapping[str, Verdict]) -> Iterator[Diagnostic]:
    for key, verdict in verdicts.items():
        if not _is_certain(verdict):
            continue
        if is_namesake(ctx, key):
            message = f"{key} is needed in {verdict.section} ({verdict.note}), and its package is called as this one"
            yield finding("library-namesake", message, origin=verdict.origins[0])
        else:
            message = (
                f"{key} is needed in {verdict.section} ({verdict.note}), but no mapping has a package of it"
            )
            yield finding("library-unnamed", message, origin=verdict.origins[0])


def _unconfirmed(ctx: InferContext, verdicts: Mapping[str, Verdict]) -> Iterator[Diagnostic]:
    mentioned: list[str] = []
    for key, verdict in verdicts.items():
        if verdict.families == ("docs",):
            mentioned.append(key)
            continue
        name = conda_name_of(ctx)
        table = f"[package.{name}.requirements.{verdict.section}]"
        packages = _packages(ctx, key)
        add = ", ".join(f'"{package}"' for package in packages)
        yield finding(
            "library-unconfirmed",
            f"{key} is not required: {verdict.note}",
            origin=verdict.origins[0],
            hint=f"if the build links it, configure {table} add = [{add}]" if packages else None,
        )
    if mentioned:
        named = ", ".join(mentioned[:_MOST_NAMED]) + (", ..." if len(mentioned) > _MOST_NAMED else "")
        origin = verdicts[mentioned[0]].origins[0]
        yield finding(
            "libraries-mentioned", f"instructions install {named}; nothing else names them", origin=origin
        )


def _packages(ctx: InferContext, key: str) -> tuple[str, ...]:
    row = ctx.libraries.of_key(key)
    alternatives = ctx.external.of(row.id) if row is not None else ()
    return alternatives[0].host if alternatives else ()


def _copies(seen: Sightings, verdicts: Mapping[str, Verdict], required: set[str]) -> Iterator[Diagnostic]:
    """Tell of copies that the build uses: reviewers ask for the distributor's library in their place."""
    for key, path in sorted(seen.copies):
        if key not in verdicts and key not in required:
            message = (
                f"the source brings a copy of {key}, and nothing was found that makes the build use another"
            )
            yield finding("library-vendored", message, origin=path)


def _unknown(seen: Sightings) -> Iterator[Diagnostic]:
    if not seen.unknown:
        return
    headers = [header for header, _ in seen.unknown]
    named = ", ".join(headers[:_FEW]) if len(headers) > _MOST_NAMED else ", ".join(headers)
    what = f"{len(headers)} headers, such as {named}" if len(headers) > _MOST_NAMED else named
    message = f"neither the source nor any table has {what}"
    yield finding("headers-unknown", message, origin=seen.unknown[0][1])

"""The rule: sightings of all libraries -> what the recipe gets, what is only told, and the switches of the build."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from conda_bridge.infer.abi3.evidence import wheel_abis
from conda_bridge.infer.build_settings import can_pass
from conda_bridge.infer.external import External
from conda_bridge.infer.libraries.judging import INTERFACE, Place, Verdict, judge
from conda_bridge.infer.libraries.owning import own_libraries
from conda_bridge.infer.libraries.placement import place
from conda_bridge.infer.libraries.places import Places
from conda_bridge.infer.libraries.result import Libraries, Switch
from conda_bridge.infer.libraries.sightings import Sighting, Sightings, look_around
from conda_bridge.infer.libraries.switches import find_switches
from conda_bridge.infer.libraries.telling import tell
from conda_bridge.infer.native import Native
from conda_bridge.infer.rules import rule
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.libraries import OWN, FoundLibrary, LibraryRow
from conda_bridge.model.recipe import spec_key

__all__ = ["infer_libraries"]

_Judged = tuple[Sightings, dict[str, tuple[Sighting, ...]], dict[str, Switch], dict[str, Verdict]]
_MOST_OPENED = 5
"""A package that opens more libraries opens each for those who have it."""
_SILENT_ROLES = frozenset({"system"})


@rule("libraries")
def infer_libraries(ctx: InferContext, native: Native, external: External) -> Inferred[Libraries]:
    """Return what the source tree shows of external libraries.

    A pure package links nothing; it may open libraries by name. Where the project declares its external
    dependencies, what else is seen is only told.
    """
    places = Places(ctx)
    seen, grouped, switches, verdicts = _judged(ctx, places, is_pure=not native.is_native)
    passed = {
        one.name: one.value
        for key, one in switches.items()
        if one.form == "cmake" and key in verdicts and verdicts[key].is_required
    }
    if passed:
        # What else a switch that the recipe passes turns on is needed, too.
        places.cmake.assume(passed)
        seen, grouped, switches, verdicts = _judged(ctx, places, is_pure=not native.is_native)
    rows = {key: ones[0].row for key, ones in grouped.items()}
    lines = {key: place(ctx, rows[key], verdict) for key, verdict in verdicts.items() if verdict.is_required}
    required = {key for key in lines if lines[key]}
    contributions = tuple(one for key in sorted(required) for one in lines[key])
    if external.is_declared:
        declared = {spec_key(one.spec) for one in external.contributions}
        undeclared = {key for key in required if not {spec_key(one.spec) for one in lines[key]} & declared}
        verdicts |= {key: _undeclared(verdicts[key]) for key in undeclared}
        required -= undeclared
        contributions = ()
    value = Libraries(
        contributions=contributions,
        switches=tuple(switch for key, switch in sorted(switches.items()) if key in required),
        found=(
            *(_found(rows[key], verdicts[key], is_required=key in required) for key in sorted(verdicts)),
            *_copies(ctx, seen, verdicts),
        ),
    )
    return Inferred(value=value, diagnostics=tell(ctx, places, seen, verdicts, value))


def _judged(ctx: InferContext, places: Places, *, is_pure: bool) -> _Judged:
    """Return what is seen, by library, with the switches that speak of libraries and the verdicts."""
    seen = look_around(ctx, places)
    if is_pure:
        seen = _opened(seen)
    grouped = _grouped(seen.found)
    known = (*dict(seen.copies), *grouped)
    switches = {switch.library: switch for switch in reversed(find_switches(ctx, places, known))}
    verdicts = _verdicts(ctx, grouped, seen, switches, is_pure=is_pure)
    for key in own_libraries(ctx, places, seen, tuple(grouped)):
        verdicts[key] = replace(verdicts[key], is_required=False, note=OWN)
    return seen, grouped, switches, verdicts


def _opened(seen: Sightings) -> Sightings:
    """Return what matters of a package that compiles nothing: libraries that its modules open by name."""
    opened = {one.row.key for one in seen.found if one.family == "run"}
    kept = (one for one in seen.found if one.row.key in opened and one.family in {"run", "docs"})
    return Sightings(found=tuple(kept))


def _grouped(sightings: Iterable[Sighting]) -> dict[str, tuple[Sighting, ...]]:
    grouped: dict[str, list[Sighting]] = {}
    for one in sightings:
        if one.row.role not in _SILENT_ROLES:
            grouped.setdefault(one.row.key, []).append(one)
    return {key: tuple(ones) for key, ones in grouped.items()}


def _verdicts(
    ctx: InferContext,
    grouped: Mapping[str, tuple[Sighting, ...]],
    seen: Sightings,
    switches: Mapping[str, Switch],
    *,
    is_pure: bool,
) -> dict[str, Verdict]:
    copies = dict(seen.copies)
    has_sources = seen.has_sources
    is_in_wheels = is_pure and bool(wheel_abis(ctx.facts).built_systems)
    verdicts = {
        key: judge(
            ones,
            Place(
                copy=copies.get(key, ""),
                switch=switches[key].name if key in switches else "",
                is_switch_passed=key in switches and can_pass(ctx, switches[key]),
                has_sources=has_sources,
                is_pure=is_pure,
                is_in_wheels=is_in_wheels,
            ),
        )
        for key, ones in grouped.items()
    }
    if is_pure:
        for key in _asides(grouped, verdicts):
            verdicts[key] = replace(
                verdicts[key], is_required=False, note="only a part of the package opens it"
            )
    for key, ones in grouped.items():
        if verdicts[key].is_required:
            for other in _coming_along(ones[0].row, verdicts, grouped):
                if not (is_pure and other in ctx.project.pypi_name.value):
                    verdicts[other] = replace(verdicts[other], is_required=False, note=f"it comes with {key}")
    return verdicts


def _asides(grouped: Mapping[str, tuple[Sighting, ...]], verdicts: Mapping[str, Verdict]) -> Iterator[str]:
    """Yield what a pure package can do without: what it opens later than at its import, or where it tries many.

    A library's other edition is opened by the same call; who has the newer one needs no other.
    """
    opened = {
        key: {one.path for one in ones if one.family == "run"}
        for key, ones in grouped.items()
        if verdicts[key].is_required
    }
    first = {key for key, paths in opened.items() if any(path.endswith("__init__.py") for path in paths)}
    for key, paths in opened.items():
        brings = grouped[key][0].row.brings
        brought = any(key.startswith(other) and opened.get(other, set()) & paths for other in brings)
        if (first and key not in first) or len(opened) > _MOST_OPENED or brought:
            yield key


def _coming_along(
    row: LibraryRow, verdicts: Mapping[str, Verdict], grouped: Mapping[str, tuple[Sighting, ...]]
) -> Iterator[str]:
    """Yield the libraries that a required one explains: which it brings, or of which it is a part."""
    for key in row.brings:
        is_interface = key in grouped and grouped[key][0].row.id.startswith(INTERFACE)
        verdict = verdicts.get(key)
        if verdict and not (verdict.is_exact or "include" in verdict.families or is_interface):
            yield key
    whole = row.key.partition("-")[0]
    if whole != row.key and whole in verdicts:
        yield whole


def _undeclared(verdict: Verdict) -> Verdict:
    return replace(verdict, is_required=False, note=f"{verdict.note}, but [external] doesn't list it")


def _copies(ctx: InferContext, seen: Sightings, verdicts: Mapping[str, Verdict]) -> Iterator[FoundLibrary]:
    """Yield the libraries of which there is a copy in the source, and nothing else."""
    for key, path in sorted(seen.copies):
        row = ctx.libraries.of_key(key)
        if row is not None and key not in verdicts and row.role not in _SILENT_ROLES:
            note = "the source brings a copy of it"
            yield FoundLibrary(key=key, id=row.id, section="host", origins=(path,), note=note)


def _found(row: LibraryRow, verdict: Verdict, *, is_required: bool) -> FoundLibrary:
    return FoundLibrary(
        key=row.key,
        id=row.id,
        section=verdict.section,
        condition=verdict.condition,
        families=verdict.families,
        origins=verdict.origins,
        is_required=is_required,
        note=verdict.note,
    )

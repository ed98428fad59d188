"""Requirements of a recipe against those that upstream calls for, section by section and target by target.

Only what upstream's metadata can know is judged. A package that no table knows may be a library or a program, of
which metadata doesn't speak, and it may be what seems to be missing: both are told as uncertain. What an
expression decides is passed over.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from conda_bridge.checks.audit_bounds import Comparison, compare_bounds
from conda_bridge.checks.audit_entries import AuditEntry, AuditKind
from conda_bridge.checks.audit_targets import where_text
from conda_bridge.checks.audit_wants import Want, folded_name
from conda_bridge.model.condition import Target, evaluate
from conda_bridge.model.recipe import Section

__all__ = ["SectionSides", "compare_sections"]

Wants = dict[str, tuple[Want, ...]]

_KINDS: dict[Comparison, AuditKind] = {"looser": "looser", "different": "looser", "tighter": "tighter"}

_SILENT = re.compile(
    r"$|__|(?!compiler)[a-z_]+\(|compiler\((?:c|cxx)\)|cross(?:env$|-python)|cargo-bundle-licenses$"
)
"""What says nothing beside upstream's metadata: an unknown name, a virtual package, what expressions and habits of
cross-compiling bring, C and C++, which stand in for one another, and a step of the licences."""
_LEAST_ALIKE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionSides:
    """One section on both sides, and what is needed to compare them."""

    section: Section
    line: int
    """Where the recipe's section begins; 0 where it has none."""
    recipe: tuple[Want, ...]
    upstream: tuple[Want, ...]
    """What is judged; what is only convention is left out."""
    known: frozenset[str]
    """Names that upstream has in any section, and those that go without saying: neither extra nor unused."""
    targets: tuple[Target, ...]
    is_needed: Callable[[str, Target], bool]
    """Whether upstream's own markers ask for a package on a target."""
    is_python: Callable[[str], bool]
    """Whether a conda package is known to hold a Python project."""
    names_of: Callable[[str], frozenset[str]]
    """What upstream's package may be known by: its own name, those of its other forms, and its projects."""
    name_keys: Callable[[str], frozenset[str]]
    """The recipe's package in the same words."""
    reason: Callable[[str], str]
    """What says that upstream needs, or doesn't need, a package."""
    via: Callable[[str], str]
    """The extra through which upstream asks for a package; empty where it asks itself."""
    varying: frozenset[str] = frozenset()
    """Upstream's names whose bounds depend on the target; a noarch recipe of ours has the widest of them."""
    guessed: frozenset[str] = frozenset()
    """Upstream's names that no table knows: the recipe may have such a package under another name."""
    lent: tuple[Want, ...] = ()
    """Of another section, where a package is as good as in this one."""
    has_unknown_names: bool = False
    """Whether the recipe forms a name by an expression, which may be any that seems to be missing."""


def compare_sections(sides: SectionSides) -> tuple[AuditEntry, ...]:
    """Return where the sections differ: upstream's names first, then the recipe's own."""
    twins = _twins(sides)
    spare = _spare(sides, frozenset(twins.values()))
    found = [*_of_upstream(sides, twins, spare), *_of_recipe(sides, spare)]
    return tuple(found)


# ---------------------------------------------------------------- what upstream asks for


def _of_upstream(sides: SectionSides, twins: dict[str, str], spare: Wants) -> Iterator[AuditEntry]:
    for name, ours in _by_name(sides.upstream).items():
        called = twins.get(name, name)
        theirs = tuple(want for want in (*sides.recipe, *sides.lent) if want.name == called)
        if not sides.name_keys(called) & {folded_name(name)} and name not in sides.guessed:
            yield _entry(sides, "renamed", name, ours=ours, theirs=theirs)
        for entry in _compare(sides, name, ours, theirs):
            is_guess = entry.kind == "missing" and not theirs and name in sides.guessed
            yield _perhaps(entry, _stand_ins(sides, name, spare)) if is_guess else entry


def _compare(
    sides: SectionSides, name: str, ours: Sequence[Want], theirs: Sequence[Want]
) -> Iterator[AuditEntry]:
    missing: list[Target] = []
    differing: dict[AuditKind, list[Target]] = {}
    needed = [t for t in sides.targets if sides.is_needed(name, t) and _active(ours, t)]
    for target in needed:
        present = _active(theirs, target)
        if not present:
            missing.append(target)
        elif kind := _kind(sides, present, _active(ours, target)):
            differing.setdefault(kind, []).append(target)
    if missing and not sides.has_unknown_names:
        entry = _entry(sides, "missing", name, ours=ours, theirs=theirs)
        yield replace(entry, condition=where_text(missing, sides.targets))
    for kind, where in differing.items():
        # Where a platform lacks the package, that it is there under other bounds is the lesser news.
        ours_there, theirs_there = _active(ours, where[0]), _active(theirs, where[0])
        entry = _entry(sides, kind, name, ours=ours_there, theirs=theirs_there)
        yield replace(entry, condition=where_text(where, needed))


def _kind(sides: SectionSides, theirs: Sequence[Want], ours: Sequence[Want]) -> AuditKind | None:
    """Return how the entries that apply to one target differ; None where they don't or can't be compared."""
    recipe, upstream = _joined(theirs), _joined(ours)
    if recipe is None or upstream is None or (sides.section != "run" and not upstream):
        # With what a package is built is the maintainer's choice where upstream makes none.
        return None
    kind = _KINDS.get(compare_bounds(recipe, upstream))
    name = ours[0].name
    if (kind == "tighter" and name in sides.varying) or (kind == "looser" and sides.via(name)):
        # Without the extra the bounds may be wider; nothing checks those of an extra.
        return None
    return kind


def _joined(wants: Iterable[Want]) -> str | None:
    constraints = [want.constraint for want in wants]
    if None in constraints:
        return None
    return ",".join(dict.fromkeys(constraint for constraint in constraints if constraint))


def _active(wants: Iterable[Want], target: Target) -> tuple[Want, ...]:
    """Return the wants that apply to a target, or may."""
    return tuple(want for want in wants if want.condition is None or evaluate(want.condition, target))


def _by_name(wants: Iterable[Want]) -> Wants:
    found: Wants = {}
    for want in wants:
        found[want.name] = (*found.get(want.name, ()), want)
    return found


# ---------------------------------------------------------------- what only the recipe has


def _spare(sides: SectionSides, renamed: frozenset[str]) -> Wants:
    """Return what upstream has no word for, under no name."""
    return {
        name: theirs
        for name, theirs in _by_name(sides.recipe).items()
        if name not in renamed | sides.known and not _SILENT.match(name)
    }


def _of_recipe(sides: SectionSides, spare: Wants) -> Iterator[AuditEntry]:
    present = {want.name for want in sides.recipe}
    absent = [want.name for want in sides.upstream if want.name in sides.guessed - present]
    for name, theirs in spare.items():
        if any(_is_alike(name, one) for one in absent):
            # It is told as what is perhaps not missing.
            continue
        # What a build runs beside Python packages, no metadata can know.
        is_certain = sides.section != "build" and sides.is_python(name)
        kind: AuditKind = "unused" if sides.section == "host" and is_certain else "extra"
        yield replace(_entry(sides, kind, name, theirs=theirs), is_certain=is_certain)


def _stand_ins(sides: SectionSides, name: str, spare: Wants) -> Sequence[Want]:
    """Return what may be upstream's package under another name: those alike, else those that no table knows."""
    alike = [want for called, wants in spare.items() if _is_alike(called, name) for want in wants]
    return alike or [w for called, wants in spare.items() if not sides.is_python(called) for w in wants]


def _is_alike(one: str, other: str) -> bool:
    shorter, longer = sorted((_stem(one), _stem(other)), key=len)
    return len(shorter) >= _LEAST_ALIKE and shorter in longer


def _stem(name: str) -> str:
    return folded_name(name).removeprefix("python-").removesuffix("-python").replace("-", "")


def _perhaps(entry: AuditEntry, stand_ins: Sequence[Want]) -> AuditEntry:
    if not stand_ins:
        return entry
    return replace(entry, recipe=_text(stand_ins), line=stand_ins[0].line, is_certain=False)


def _twins(sides: SectionSides) -> dict[str, str]:
    """Return the recipe's name of each of upstream's packages that it has under another one."""
    present = {want.name for want in (*sides.recipe, *sides.lent)}
    spare: dict[str, str] = {}
    for name in dict.fromkeys(want.name for want in sides.recipe):
        for key in sides.name_keys(name) if name and name not in sides.known else ():
            spare.setdefault(key, name)
    found: dict[str, str] = {}
    for want in sides.upstream:
        shared = spare.keys() & sides.names_of(want.name) if want.name not in present else ()
        if shared:
            found[want.name] = spare[min(shared)]
    return found


# ---------------------------------------------------------------- entries


def _entry(
    sides: SectionSides,
    kind: AuditKind,
    name: str,
    *,
    ours: Sequence[Want] = (),
    theirs: Sequence[Want] = (),
) -> AuditEntry:
    return AuditEntry(
        kind=kind,
        section=sides.section,
        conda_name=name,
        recipe=_text(theirs),
        upstream=_text(ours),
        reason=sides.reason(name),
        via=sides.via(name),
        line=theirs[0].line if theirs else sides.line,
    )


def _text(wants: Iterable[Want]) -> str:
    return " | ".join(dict.fromkeys(want.text for want in wants))

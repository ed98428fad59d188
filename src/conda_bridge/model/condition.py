"""When a requirement, a script line or a skip applies: an algebra over targets, in one canonical form.

Vocabulary: a *target* is a platform, a python and variant values; a *span* is a half-open interval of python
versions. Build conditions with `python_in`, `os_in`, `all_of`, `any_of`, `negate`, never with the classes:
only the functions keep the canonical form, in which

- negation stands nowhere but in the atoms (each atom has a complement of its own kind);
- AllOf and AnyOf are flat, sorted, without duplicates, and have at least two members;
- atoms of one dimension (python, os, arch, a variant key, cross) that meet in one AllOf or AnyOf are one
  atom, unless no atom says it (`x86_64 or aarch64`);
- no member repeats, contradicts or follows from the atoms beside it (`win or (unix and A)` is `win or A`),
  and members that differ in one atom are one member (`(linux and A) or (osx and A)` is `unix and A`);
- hence a condition that holds everywhere is `ALWAYS` and one that holds nowhere is `NEVER`, as far as one
  dimension at a time shows it.

Only `all_of` simplifies; `any_of` is its mirror image, so that both obey the same laws.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from conda_bridge.model.python_versions import PyVersion, Span, complement, intersect, union

__all__ = [
    "ALWAYS",
    "CROSS",
    "NEVER",
    "OPERATING_SYSTEMS",
    "AllOf",
    "Always",
    "AnyOf",
    "ArchIs",
    "Condition",
    "CrossBuild",
    "Never",
    "OsIn",
    "PyVersion",
    "PythonIn",
    "Span",
    "Target",
    "VariantIs",
    "all_of",
    "any_of",
    "arch_is",
    "evaluate",
    "negate",
    "os_in",
    "python_in",
    "variant_is",
]

OPERATING_SYSTEMS: frozenset[str] = frozenset({"linux", "osx", "win"})
"""The closed set of systems that conda builds Python packages for; `unix` is {linux, osx}."""


@dataclass(frozen=True, slots=True)
class Always:
    """Holds for every target."""


@dataclass(frozen=True, slots=True)
class Never:
    """Holds for no target."""


@dataclass(frozen=True, slots=True)
class PythonIn:
    """The target's python lies in one of the spans: sorted, disjoint, not touching, none empty."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class OsIn:
    """The target's operating system is one of these; a non-empty strict subset of OPERATING_SYSTEMS."""

    systems: frozenset[str]


@dataclass(frozen=True, slots=True)
class ArchIs:
    """The target's conda architecture (`x86_64`, `aarch64`, `arm64`, `ppc64le`, ...) is this one, or is not."""

    arch: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class VariantIs:
    """A variant key has this value (compared as text), or has another one."""

    key: str
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class CrossBuild:
    """The build platform differs from the target platform, or is the same one (negated)."""

    negated: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each of two or more conditions holds."""

    members: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of two or more conditions holds."""

    members: tuple["Condition", ...]


Condition: TypeAlias = Always | Never | PythonIn | OsIn | ArchIs | VariantIs | CrossBuild | AllOf | AnyOf

ALWAYS = Always()
NEVER = Never()
CROSS = CrossBuild()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a recipe is evaluated for."""

    platform: str
    """A conda subdir such as `linux-64`, `osx-arm64`, `win-64`."""
    python: PyVersion
    build_platform: str = ""
    """Empty means the target's own platform."""
    variants: tuple[tuple[str, str], ...] = ()
    """(key, value) pairs."""

    @property
    def os(self) -> str:
        """The part of the subdir that names the system."""
        return self.platform.partition("-")[0]

    @property
    def arch(self) -> str:
        """The architecture as recipes spell it: `linux-64` is `x86_64`, `linux-32` is `x86`."""
        suffix = self.platform.partition("-")[2]
        return {"64": "x86_64", "32": "x86"}.get(suffix, suffix)


def python_in(*spans: Span) -> Condition:
    """Return the condition that python lies in one of the spans (any order, overlaps allowed)."""
    tidy = union(spans)
    if not tidy:
        return NEVER
    return ALWAYS if tidy == (Span(),) else PythonIn(tidy)


def os_in(systems: Iterable[str]) -> Condition:
    """Return the condition that the system is one of `systems`; unknown systems never hold."""
    known = frozenset(systems) & OPERATING_SYSTEMS
    if not known:
        return NEVER
    return ALWAYS if known == OPERATING_SYSTEMS else OsIn(known)


def arch_is(arch: str, *, negated: bool = False) -> Condition:
    """Return the condition on the architecture."""
    return ArchIs(arch, negated)


def variant_is(key: str, value: str = "true", *, negated: bool = False) -> Condition:
    """Return the condition on a variant key; booleans are `true` and `false`."""
    return VariantIs(key, value, negated)


def negate(condition: Condition) -> Condition:
    """Return the complement. The complement of a canonical condition is canonical, member by member."""
    match condition:
        case Always():
            return NEVER
        case Never():
            return ALWAYS
        case PythonIn(spans):
            return PythonIn(complement(spans))
        case OsIn(systems):
            return OsIn(OPERATING_SYSTEMS - systems)
        case ArchIs(arch, negated):
            return ArchIs(arch, not negated)
        case VariantIs(key, value, negated):
            return VariantIs(key, value, not negated)
        case CrossBuild(negated):
            return CrossBuild(not negated)
        case AllOf(members):
            return AnyOf(_sorted(map(negate, members)))
        case AnyOf(members):
            return AllOf(_sorted(map(negate, members)))


def all_of(*conditions: Condition) -> Condition:
    """Return the condition that holds where all do; of none, ALWAYS.

    Cost: each round of simplification is at most quadratic in the number of members and makes them fewer.
    """
    members = _flat(conditions)
    while True:
        simpler = _flat(_simplify(members))
        if simpler == members:
            break
        members = simpler
    if NEVER in members:
        return NEVER
    if len(members) < 2:
        return next(iter(members), ALWAYS)
    return AllOf(_sorted(members))


def any_of(*conditions: Condition) -> Condition:
    """Return the condition that holds where at least one does; of none, NEVER."""
    return negate(all_of(*map(negate, conditions)))


def evaluate(condition: Condition, target: Target) -> bool:
    """Tell whether `condition` holds for `target`."""
    match condition:
        case Always():
            return True
        case Never():
            return False
        case PythonIn(spans):
            return any(target.python in span for span in spans)
        case OsIn(systems):
            return target.os in systems
        case ArchIs(arch, negated):
            return (target.arch == arch) != negated
        case VariantIs(key, value, negated):
            return ((key, value) in target.variants) != negated
        case CrossBuild(negated):
            is_cross = bool(target.build_platform) and target.build_platform != target.platform
            return is_cross != negated
        case AllOf(members):
            return all(evaluate(m, target) for m in members)
        case AnyOf(members):
            return any(evaluate(m, target) for m in members)


# ---------------------------------------------------------------- simplification of a conjunction


def _flat(conditions: Iterable[Condition]) -> frozenset[Condition]:
    flat: set[Condition] = set()
    for condition in conditions:
        flat.update(condition.members if isinstance(condition, AllOf) else (condition,))
    return frozenset(flat - {ALWAYS})


def _simplify(members: frozenset[Condition]) -> Iterable[Condition]:
    """Return members that hold together exactly where `members` do: the same ones, or fewer or smaller."""
    # All at once: a stranger's thousand clauses, met one by one, would take minutes.
    pythons = [member.spans for member in members if isinstance(member, PythonIn)]
    atoms: list[Condition] = [python_in(*intersect(*pythons))] if pythons else []
    choices: list[AnyOf] = []
    for member in _sorted(members):
        if isinstance(member, PythonIn):
            continue
        if isinstance(member, AnyOf):
            choices.append(member)
        else:
            atoms = _meet_all(atoms, member)
    if NEVER in atoms:
        return (NEVER,)
    return (*atoms, *_unite(_assume(choice, atoms) for choice in choices))


def _meet_all(atoms: list[Condition], atom: Condition) -> list[Condition]:
    """Add an atom to a conjunction of atoms."""
    kept: list[Condition] = []
    for other in atoms:
        both = _meet(other, atom)
        if both is None:
            kept.append(other)
        else:
            atom = both
    return [*kept, atom]


def _meet(left: Condition, right: Condition) -> Condition | None:
    """Return the one atom that says both; None where no atom does."""
    match left, right:
        case PythonIn(spans), PythonIn(others):
            return python_in(*intersect(spans, others))
        case OsIn(systems), OsIn(others):
            return os_in(systems & others)
        case ArchIs() as one, ArchIs() as two:
            return _meet_named(one, two)
        case CrossBuild() as one, CrossBuild() as two:
            return _meet_named(one, two)
        case VariantIs(key) as one, VariantIs(other) as two if key == other:
            return _meet_named(one, two)
        case _:
            return NEVER if NEVER in {left, right} else None


def _meet_named(
    left: ArchIs | VariantIs | CrossBuild, right: ArchIs | VariantIs | CrossBuild
) -> Condition | None:
    """Meet two atoms that each name one of unboundedly many values, or exclude it."""
    if left == right:
        return left
    if negate(left) == right:
        return NEVER
    if left.negated and right.negated:
        return None
    if left.negated or right.negated:
        return right if left.negated else left
    return NEVER


def _assume(condition: Condition, atoms: list[Condition]) -> Condition:
    """Return what `condition` still says where all atoms hold."""
    if isinstance(condition, AllOf | AnyOf):
        members = tuple(_assume(member, atoms) for member in condition.members)
        if members == condition.members:
            # Building it anew would cost as much again at each level below.
            return condition
        return all_of(*members) if isinstance(condition, AllOf) else any_of(*members)
    for atom in atoms:
        both = _meet(atom, condition)
        if both in {NEVER, atom}:
            return NEVER if both == NEVER else ALWAYS
    return condition


def _unite(members: Iterable[Condition]) -> tuple[Condition, ...]:
    """Make two choices that differ in one atom one choice, and drop choices that others imply."""
    united: list[Condition] = []
    for member in _sorted(frozenset(members)):
        for index, other in enumerate(united):
            both = _meet_choices(other, member)
            if both is not None:
                united[index] = both
                break
        else:
            united.append(member)
    return tuple(united)


def _meet_choices(left: Condition, right: Condition) -> Condition | None:
    if not isinstance(left, AnyOf) or not isinstance(right, AnyOf):
        return None
    lefts, rights = frozenset(left.members), frozenset(right.members)
    if lefts <= rights or rights <= lefts:
        return left if lefts <= rights else right
    ours, theirs = lefts - rights, rights - lefts
    if len(ours) > 1 or len(theirs) > 1:
        return None
    both = _meet(*ours, *theirs)
    return None if both is None else any_of(both, *(lefts & rights))


# ---------------------------------------------------------------- order


_ORDER: tuple[type, ...] = (Always, Never, CrossBuild, VariantIs, OsIn, ArchIs, PythonIn, AnyOf, AllOf)


def _sorted(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    return tuple(sorted(conditions, key=_sort_key))


def _sort_key(condition: Condition) -> tuple[int, str]:
    return (_ORDER.index(type(condition)), _text(condition))


def _text(condition: Condition) -> str:
    match condition:
        case OsIn(systems):
            return ",".join(sorted(systems))
        case AllOf(members) | AnyOf(members):
            return ";".join(f"{_ORDER.index(type(m))}{_text(m)}" for m in members)
        case _:
            return repr(condition)

"""When a requirement, a script line or a skip applies: an algebra over targets, in one canonical form.

Vocabulary: a *target* is a platform, a python and variant values; a *span* is a half-open interval of python
versions. Build conditions with `python_in`, `os_in`, `all_of`, `any_of`, `negate`, never with the classes:
only the functions keep the canonical form, in which

- negation stands nowhere but in the atoms (each atom has a complement of its own kind);
- atoms of one dimension (python, os) that meet in one And or Or are one atom;
- And and Or are flat, sorted, without duplicates, and have at least two members;
- a condition that holds everywhere is `ALWAYS`, one that holds nowhere is `NEVER` (as far as the merged
  dimensions show it).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import total_ordering
from typing import TypeAlias

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


@total_ordering
@dataclass(frozen=True, slots=True)
class PyVersion:
    """A final python release such as 3.11 or 3.9.18; trailing zeros are insignificant."""

    release: tuple[int, ...]

    def __post_init__(self) -> None:
        release = self.release
        while len(release) > 1 and release[-1] == 0:
            release = release[:-1]
        object.__setattr__(self, "release", release)

    @classmethod
    def from_text(cls, text: str) -> "PyVersion":
        """Parse `3.11` or `3.9.18`.

        Raises:
            ValueError: anything but dotted numbers.
        """
        return cls(tuple(int(part) for part in text.split(".")))

    def __lt__(self, other: "PyVersion") -> bool:
        return self.release < other.release

    def __str__(self) -> str:
        release = self.release if len(self.release) > 1 else (*self.release, 0)
        return ".".join(map(str, release))


@dataclass(frozen=True, slots=True)
class Span:
    """The python versions v with lower <= v < upper; None leaves that side open."""

    lower: PyVersion | None = None
    upper: PyVersion | None = None

    def __contains__(self, version: PyVersion) -> bool:
        return (self.lower is None or self.lower <= version) and (self.upper is None or version < self.upper)

    @property
    def sort_key(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Spans in ascending order of their lower ends."""
        return (self.lower.release if self.lower else (), self.upper.release if self.upper else (999,))


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
    variants: Mapping[str, str] = field(default_factory=dict)

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
    merged = _merge(spans)
    if not merged:
        return NEVER
    if merged == (Span(),):
        return ALWAYS
    return PythonIn(merged)


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
    """Return the complement, in canonical form."""
    match condition:
        case Always():
            return NEVER
        case Never():
            return ALWAYS
        case PythonIn(spans):
            return python_in(*_complement(spans))
        case OsIn(systems):
            return os_in(OPERATING_SYSTEMS - systems)
        case ArchIs(arch, negated):
            return ArchIs(arch, not negated)
        case VariantIs(key, value, negated):
            return VariantIs(key, value, not negated)
        case CrossBuild(negated):
            return CrossBuild(not negated)
        case AllOf(members):
            return any_of(*map(negate, members))
        case AnyOf(members):
            return all_of(*map(negate, members))


def all_of(*conditions: Condition) -> Condition:
    """Return the condition that holds where all do; of none, ALWAYS."""
    flat = [m for c in conditions for m in (c.members if isinstance(c, AllOf) else (c,))]
    spans: tuple[Span, ...] = (Span(),)
    systems = OPERATING_SYSTEMS
    rest: set[Condition] = set()
    for member in flat:
        match member:
            case Always():
                pass
            case PythonIn(other):
                spans = _intersect(spans, other)
            case OsIn(other_systems):
                systems &= other_systems
            case _:
                rest.add(member)
    members = rest | {python_in(*spans), os_in(systems)}
    members.discard(ALWAYS)
    if NEVER in members or any(negate(m) in members for m in members):
        return NEVER
    # Absorption: A and (A or B) is A.
    kept = {m for m in members if not (isinstance(m, AnyOf) and members & set(m.members))}
    return _node(kept, AllOf, empty=ALWAYS)


def any_of(*conditions: Condition) -> Condition:
    """Return the condition that holds where at least one does; of none, NEVER."""
    flat = [m for c in conditions for m in (c.members if isinstance(c, AnyOf) else (c,))]
    spans: tuple[Span, ...] = ()
    systems: frozenset[str] = frozenset()
    rest: set[Condition] = set()
    for member in flat:
        match member:
            case Never():
                pass
            case PythonIn(other):
                spans = _merge((*spans, *other))
            case OsIn(other_systems):
                systems |= other_systems
            case _:
                rest.add(member)
    members = rest | {python_in(*spans), os_in(systems)}
    members.discard(NEVER)
    if ALWAYS in members or any(negate(m) in members for m in members):
        return ALWAYS
    # Absorption: A or (A and B) is A.
    kept = {m for m in members if not (isinstance(m, AllOf) and members & set(m.members))}
    return _node(kept, AnyOf, empty=NEVER)


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
            return (target.variants.get(key) == value) != negated
        case CrossBuild(negated):
            is_cross = bool(target.build_platform) and target.build_platform != target.platform
            return is_cross != negated
        case AllOf(members):
            return all(evaluate(m, target) for m in members)
        case AnyOf(members):
            return any(evaluate(m, target) for m in members)


def _node(members: set[Condition], kind: type[AllOf] | type[AnyOf], *, empty: Condition) -> Condition:
    if not members:
        return empty
    if len(members) == 1:
        return next(iter(members))
    return kind(tuple(sorted(members, key=_sort_key)))


_ORDER: tuple[type, ...] = (CrossBuild, VariantIs, OsIn, ArchIs, PythonIn, AnyOf, AllOf)


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


def _merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the union as sorted, disjoint spans that don't touch."""
    merged: list[Span] = []
    for span in sorted((s for s in spans if not _is_empty(s)), key=lambda s: s.sort_key):
        last = merged[-1] if merged else None
        if last is None or (last.upper is not None and span.lower is not None and last.upper < span.lower):
            merged.append(span)
            continue
        upper = None if last.upper is None or span.upper is None else max(last.upper, span.upper)
        merged[-1] = Span(last.lower, upper)
    return tuple(merged)


def _intersect(left: Iterable[Span], right: Iterable[Span]) -> tuple[Span, ...]:
    rights = tuple(right)
    return _merge(Span(_later(a.lower, b.lower), _earlier(a.upper, b.upper)) for a in left for b in rights)


def _complement(spans: Iterable[Span]) -> tuple[Span, ...]:
    gaps: list[Span] = []
    lower: PyVersion | None = None
    for span in spans:
        if span.lower is not None:
            gaps.append(Span(lower, span.lower))
        if span.upper is None:
            return tuple(gaps)
        lower = span.upper
    return (*gaps, Span(lower, None))


def _is_empty(span: Span) -> bool:
    return span.lower is not None and span.upper is not None and span.upper <= span.lower


def _later(left: PyVersion | None, right: PyVersion | None) -> PyVersion | None:
    if left is None or right is None:
        return left or right
    return max(left, right)


def _earlier(left: PyVersion | None, right: PyVersion | None) -> PyVersion | None:
    if left is None or right is None:
        return left or right
    return min(left, right)

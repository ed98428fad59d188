"""An inferred section of the requirements -> the section that the user wants."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from packaging.specifiers import SpecifierSet

from conda_bridge.infer.needed import Need
from conda_bridge.infer.overrides.telling import decided, disagreeing, unused
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, Condition, any_of
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Address, Certainty, Evidence, Inferred, address
from conda_bridge.model.names import CondaName
from conda_bridge.model.overrides import AddedSpec, PackageOverrides, ReplacedSpec, SectionOverrides
from conda_bridge.model.recipe import (
    CompilerSpec,
    MatchSpec,
    Requirement,
    Section,
    Spec,
    StdlibSpec,
    spec_key,
)

__all__ = ["edited_needs", "edited_section"]

_RULE = "requirements"


def edited_needs(needs: tuple[Need, ...], overrides: PackageOverrides) -> tuple[Need, ...]:
    """Return the needs at run time as far as they tell whether a package can be noarch."""
    section = overrides.run
    kept = tuple(need for need in needs if need.conda_name not in section.displaced)
    added = [(one.spec, one.condition, one.origin) for one in section.add]
    added += [(one.spec, one.condition or ALWAYS, one.origin) for one in section.replace]
    return kept + tuple(
        Need(
            conda_name=spec.conda_name,
            specifiers=SpecifierSet(),
            condition=condition,
            origins=(origin,),
            certainty=Certainty.OVERRIDE,
        )
        for spec, condition, origin in added
        if isinstance(spec, MatchSpec)
    )


def edited_section(
    inferred: Inferred[tuple[Requirement, ...]],
    overrides: SectionOverrides,
    place: tuple[CondaName, Section],
    *,
    is_noarch: bool,
) -> Inferred[tuple[Requirement, ...]]:
    """Return the section; lines are removed first, then replaced, then added.

    An added bound of a package that is there under the same condition joins the bounds that it has. In a
    noarch package, whose requirements are the same everywhere, conditions are dropped, with a finding.
    """
    if overrides == SectionOverrides():
        return inferred
    work = _Work(place=place, is_noarch=is_noarch, inferred=inferred)
    for item in overrides.remove:
        work.remove(item.text, item.origin)
    for one in overrides.replace:
        work.replace(one)
    for added in overrides.add:
        work.add(added)
    return Inferred(
        value=tuple(dict.fromkeys(work.lines)),
        evidence=(*inferred.evidence, *work.evidence.values()),
        diagnostics=(*inferred.diagnostics, *disagreeing(place[1], _changes(overrides)), *work.diagnostics),
    )


def _changes(overrides: SectionOverrides) -> Iterator[tuple[str, str, str]]:
    yield from (("removed", item.text, item.origin) for item in overrides.remove)
    yield from (("replaced", one.key, one.origin) for one in overrides.replace)
    yield from (("added", spec_key(one.spec), one.origin) for one in overrides.add)


class _Work:
    """One section while it is edited."""

    def __init__(
        self,
        *,
        place: tuple[CondaName, Section],
        is_noarch: bool,
        inferred: Inferred[tuple[Requirement, ...]],
    ) -> None:
        self.lines = list(inferred.value)
        self.evidence: dict[Address, Evidence] = {}
        self.diagnostics: list[Diagnostic] = []
        self._output, self._section = place
        self._is_noarch = is_noarch
        self._inferred = inferred.evidence

    def remove(self, key: str, origin: str) -> None:
        """Take every line of a package away."""
        gone = self._of(key)
        if not gone:
            self.diagnostics.append(unused(f"{self._section} has no {key} to remove", origin))
            return
        self.lines = [line for line in self.lines if line not in gone]
        self._explain(key, origin, note=f"removed: {_texts(gone)}")

    def replace(self, one: ReplacedSpec) -> None:
        """Put a line in the place of a package's first one."""
        gone = self._of(one.key)
        if not gone:
            self.diagnostics.append(unused(f"{self._section} has no {one.key} to replace", one.origin))
            return
        own = one.condition if one.condition is not None else any_of(*(line.condition for line in gone))
        new = Requirement(spec=one.spec, condition=self._condition(own, one.spec, one.origin))
        if gone == [new]:
            self.diagnostics.append(unused(f"{self._section} has {_text(new.spec)} already", one.origin))
            return
        first = self.lines.index(gone[0])
        self.lines = [
            new if number == first else line
            for number, line in enumerate(self.lines)
            if number == first or line not in gone
        ]
        key = spec_key(one.spec)
        if key != one.key:
            self._explain(one.key, one.origin, note=f"replaced by {_text(one.spec)}: {_texts(gone)}")
        self._explain(key, one.origin, note=f"instead of {_texts(gone)}")

    def add(self, one: AddedSpec) -> None:
        """Put a line at the end, or its bounds beside those that the package has."""
        new = Requirement(spec=one.spec, condition=self._condition(one.condition, one.spec, one.origin))
        key = spec_key(one.spec)
        beside = next((line for line in self._of(key) if line.condition == new.condition), None)
        joined = _joined(beside.spec, one.spec) if beside is not None else None
        if beside is not None and joined == beside.spec:
            self.diagnostics.append(unused(f"{self._section} has {_text(joined)} already", one.origin))
            return
        if beside is not None and joined is not None:
            self.lines[self.lines.index(beside)] = replace(beside, spec=joined)
            self._explain(key, one.origin, note=f"{_text(one.spec)} beside {_text(beside.spec)}")
            return
        self.lines.insert(self._place_for(new.spec), new)
        self._explain(key, one.origin, has_older=bool(self._of(key)[1:]))

    def _place_for(self, spec: Spec) -> int:
        """Return where an added line stands: a compiler with the others, before `stdlib`; all else at the end."""
        rank = _rank(spec)
        if rank is None:
            return len(self.lines)
        ranks = [(number, other) for number, line in enumerate(self.lines) if (other := _rank(line.spec))]
        later = [number for number, other in ranks if other > rank]
        earlier = [number + 1 for number, other in ranks if other <= rank]
        return next(iter(later), max(earlier, default=len(self.lines)))

    def _of(self, key: str) -> list[Requirement]:
        return [line for line in self.lines if spec_key(line.spec) == key]

    def _condition(self, condition: Condition, spec: Spec, origin: str) -> Condition:
        if condition == ALWAYS or not self._is_noarch:
            return condition
        message = f"{_text(spec)} is required everywhere, since the package is noarch"
        self.diagnostics.append(finding("override-widened", message, origin=origin))
        return ALWAYS

    def _explain(self, key: str, origin: str, *, note: str = "", has_older: bool = True) -> None:
        """Say why a line is as it is; what is known of the line that it was is kept."""
        where = address(self._output, f"requirements.{self._section}", key)
        known = self.evidence.get(where)
        older = [known] if known else [e for e in self._inferred if e.address == where and has_older]
        notes = [known.note] if known else []
        origins = (origin, *(place for one in older for place in one.origins))
        text = "; ".join(part for part in (*notes, note) if part)
        self.evidence[where] = decided(where, _RULE, *origins, note=text)


def _rank(spec: Spec) -> tuple[int, str] | None:
    match spec:
        case CompilerSpec(language=language):
            return (0, language)
        case StdlibSpec(language=language):
            return (1, language)
        case _:
            return None


def _joined(one: Spec, other: Spec) -> Spec | None:
    """Return the spec that says both; None where no one line does."""
    if one == other:
        return one
    if not isinstance(one, MatchSpec) or not isinstance(other, MatchSpec):
        return None
    if "|" in one.version + other.version or (one.build and other.build not in {"", one.build}):
        return None
    clauses = dict.fromkeys(filter(None, (*one.version.split(","), *other.version.split(","))))
    return replace(one, version=",".join(clauses), build=one.build or other.build)


def _text(spec: Spec) -> str:
    return str(spec) if isinstance(spec, MatchSpec) else spec_key(spec)


def _texts(lines: Iterable[Requirement]) -> str:
    return ", ".join(dict.fromkeys(_text(line.spec) for line in lines))

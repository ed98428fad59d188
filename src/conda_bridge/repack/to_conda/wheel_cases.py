"""The conditional requirements of a wheel -> what each of its packages depends on, and what had to be given up.

Source: PEP 508, environment markers; CEP 30, virtual packages; CEP 44, optional groups.
"""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from conda_bridge.archives.paths import shown
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, OPERATING_SYSTEMS, Condition, any_of
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import NameTable, PypiName
from conda_bridge.repack.to_conda.cases import Case, Specs, cases_of, holds_in, python_spec, virtual_package
from conda_bridge.repack.to_conda.conditional import Conditional, ConditionalSets
from conda_bridge.repack.to_conda.dependencies import depends_of
from conda_bridge.repack.to_conda.pure_wheels import AdmittedPythons
from conda_bridge.translate.log_lines import shortened
from conda_bridge.translate.markers import from_condition

__all__ = ["MAX_CASES", "PackageCase", "PackageCases", "package_cases"]

MAX_CASES = 12
"""Packages of one wheel; with more, a channel's index would be about little else."""
_GROUP = re.compile(r"[a-z0-9_.+-]{1,64}")
"""What a group's name may be. Source: CEP 44."""
_ONCE = ("prerelease-order",)
"""Findings of single bounds, of which one says it all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageCase:
    """What one package says in its record."""

    depends: tuple[str, ...]
    """The match spec on python first."""
    extra_depends: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageCases:
    """All packages of a wheel."""

    cases: tuple[PackageCase, ...]
    diagnostics: tuple[Diagnostic, ...]


def package_cases(
    sets: ConditionalSets, pythons: AdmittedPythons, names: NameTable, *, is_widened: bool
) -> PackageCases:
    """Return the packages that say together what the markers say; one alone where it `is_widened`.

    Raises:
        TranslationError: `inexpressible-spec`.
    """
    return _Packages(sets, pythons, names).made(is_widened=is_widened)


class _Packages:
    """Works out the records of one wheel's packages."""

    def __init__(self, sets: ConditionalSets, pythons: AdmittedPythons, names: NameTable) -> None:
        nameable = tuple(row for row in sets.extras if _GROUP.fullmatch(row[0]))
        self._sets = replace(sets, extras=nameable)
        self._pythons = pythons
        self._names = names
        self._found: dict[Diagnostic, None] = dict.fromkeys(sets.diagnostics)
        for name, _ in (row for row in sets.extras if row not in nameable):
            self._note("extra-unnameable", f"the extra {shown(name)} is left out")
        self._optional: dict[Diagnostic, None] = {}
        """About names of extras, which tend to be many and to matter to few."""

    def made(self, *, is_widened: bool) -> PackageCases:
        cases = self._cases(is_widened=is_widened)
        if len(cases) > 1:
            message = f"it becomes {len(cases)} packages: what it depends on differs between {_axes(cases)}"
            self._note("packages-by-marker", message)
        made = tuple(self._package(case) for case in cases)
        self._note_groups()
        return PackageCases(cases=made, diagnostics=_each_once(self._found))

    def _cases(self, *, is_widened: bool) -> tuple[Case, ...]:
        """Return exact cases, as long as they aren't too many; what extras need is given up first."""
        spans, needed = self._pythons.spans, self._sets.needed
        cases = cases_of(needed, spans, self._specs)
        if not is_widened:
            exact = cases_of(needed, spans, self._specs, groups=[rows for _, rows in self._sets.extras])
            if len(exact) <= MAX_CASES:
                return exact
            whose = "its markers" if len(cases) > MAX_CASES else "its markers with those of its extras"
            message = f"{whose} make {len(exact)} cases, more than the {MAX_CASES} that become packages"
            self._note("too-many-cases", message)
        is_one = is_widened or len(cases) > MAX_CASES
        return (self._widened(cases),) if is_one and len(cases) > 1 else cases

    def _specs(self, rows: Iterable[Conditional], *, is_optional: bool = False) -> Specs:
        specs, noticed = depends_of((row.declared for row in rows), self._names)
        for one in noticed:
            found = self._optional if is_optional and one.slug == "name-unmapped" else self._found
            found[one] = None
        return specs

    def _package(self, case: Case) -> PackageCase:
        virtual = virtual_package(case)
        is_whole = case.spans == self._pythons.spans and self._pythons.spec
        python = self._pythons.spec if is_whole else python_spec(case.spans, within=self._pythons.spans)
        return PackageCase(
            depends=(python, *sorted({*case.specs, virtual} - {""})),
            extra_depends=tuple(
                (name, case.groups[index] if case.groups else self._group(name, rows, case))
                for index, (name, rows) in enumerate(self._sets.extras)
            ),
        )

    # ------------------------------------------------------------ extras

    def _group(self, name: str, rows: Sequence[Conditional], case: Case) -> Specs:
        """Return what an extra adds in a case; what only a part of the case needs counts for all of it."""
        self._note_widened(rows, case, prefix=f"[{name}]: ")
        parts = cases_of((), case.spans, self._specs, groups=[rows])
        specs = _either(part.groups[0] for part in parts if part.systems & case.systems)
        return tuple(spec for spec in specs if spec not in case.specs)

    def _note_groups(self) -> None:
        if self._sets.extras:
            named = ", ".join(name for name, _ in self._sets.extras)
            message = f"extra_depends has the extras {named}: clients that know no groups never install them"
            self._note("extras-in-groups", message)
        unmapped = [one for one in self._optional if one not in self._found]
        for one in unmapped[:1]:
            more = f" (and {len(unmapped) - 1} more of the extras)" if len(unmapped) > 1 else ""
            self._found[replace(one, message=one.message + more)] = None

    # ------------------------------------------------------------ one package for all

    def _widened(self, cases: Sequence[Case]) -> Case:
        specs = _either(case.specs for case in cases)
        everywhere = Case(systems=OPERATING_SYSTEMS, spans=self._pythons.spans, specs=specs)
        self._note_widened(self._sets.needed, everywhere)
        return everywhere

    def _note_widened(self, rows: Iterable[Conditional], case: Case, *, prefix: str = "") -> None:
        """Say which projects only a part of a case needs, or needs in other versions than the rest."""
        needs: dict[PypiName, list[Conditional]] = {}
        for row in rows:
            needs.setdefault(row.declared.pypi_name, []).append(row)
        for project, several in needs.items():
            if any(holds_in(row.condition, case) is None for row in several):
                condition = any_of(*(row.condition for row in several))
                message = f"{prefix}{self._everywhere(project, condition)}"
                self._note("marker-widened", message, origin=several[0].declared.origin)

    def _everywhere(self, project: PypiName, condition: Condition) -> str:
        """Say what it means that a dependency counts everywhere."""
        if condition == ALWAYS:
            return f"any version of {project} will do that one of its markers asks for"
        marker = str(from_condition(condition))
        message = f"{project} is needed where {shortened(marker)}, and now everywhere"
        if project.replace("-", "_") in sys.stdlib_module_names:
            return f"{message}: elsewhere it stands in for python's own module"
        if "platform" in marker:
            return f"{message}: where a channel has it for other systems only, the package can't be installed"
        return message

    def _note(self, slug: str, message: str, *, origin: str = "") -> None:
        self._found[finding(slug, message, origin=origin)] = None


def _by_name(specs: Specs) -> dict[str, str]:
    """Return what is said of each package, all of which has to hold."""
    found: dict[str, list[str]] = {}
    for spec in specs:
        name, _, bounds = spec.partition(" ")
        found.setdefault(name, []).extend([bounds] if bounds else [])
    return {name: ",".join(bounds) for name, bounds in found.items()}


def _either(several: Iterable[Specs]) -> Specs:
    """Return what each of several lists asks for, or one that is enough for any of them."""
    bounds: dict[str, dict[str, None]] = {}
    for specs in several:
        for name, said in _by_name(specs).items():
            bounds.setdefault(name, {})[said] = None
    return tuple(sorted(f"{name} {_any_of(said)}".rstrip() for name, said in bounds.items()))


def _any_of(bounds: Iterable[str]) -> str:
    """Return what holds where one of the bounds does. A comma binds closer than a bar. Source: CEP 29."""
    said = tuple(bounds)
    return "" if "" in said else "|".join(said)


def _axes(cases: Iterable[Case]) -> str:
    found = tuple(cases)
    is_of_systems = any(case.systems != OPERATING_SYSTEMS for case in found)
    is_of_pythons = len({case.spans for case in found}) > 1
    return " and ".join(("platforms",) * is_of_systems + ("pythons",) * is_of_pythons)


def _each_once(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the findings; of those that say the same of many the first, which tells how many there are."""
    rows = tuple(found)
    kept = [row for row in rows if row.slug not in _ONCE]
    for slug in _ONCE:
        same = [row for row in rows if row.slug == slug]
        more = f" (and {len(same) - 1} more like it)" if len(same) > 1 else ""
        kept += [replace(row, message=row.message + more) for row in same[:1]]
    return tuple(kept)

"""Environment markers of PyPI <-> conditions on the target of a recipe.

A marker is never evaluated for the machine that runs: each comparison becomes the set of targets where it
holds, and `packaging` decides those of versions. What no package can know is taken as true, with a finding, so
that no dependency is lost; a marker has no negation that would turn this around.

Source: the PyPA specification of dependency specifiers (PEP 508), environment markers.
"""

import re
from collections.abc import Callable, Iterable
from typing import Literal

from packaging.markers import Marker
from packaging.specifiers import Specifier
from packaging.utils import canonicalize_name
from packaging.version import Version

from conda_bridge.errors import TranslationError
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import (
    ALWAYS,
    NEVER,
    OPERATING_SYSTEMS,
    AllOf,
    AnyOf,
    ArchIs,
    Condition,
    OsIn,
    PythonIn,
    PyVersion,
    Span,
    all_of,
    any_of,
    arch_is,
    negate,
    os_in,
    python_in,
)
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.python_versions import complement
from conda_bridge.translate.marker_environment import CPYTHON, MACHINES, SYSTEMS
from conda_bridge.translate.marker_syntax import Comparison, MarkerTree, read_marker
from conda_bridge.translate.python_ranges import pythons_where

__all__ = ["from_condition", "to_condition"]

_PRECISION: dict[str, Literal[2, 3]] = {
    "implementation_version": 3,
    "python_full_version": 3,
    "python_version": 2,
}
"""Components of the version that a variable says. `python_version` has no patch level, whatever it is compared with."""
_IMPLEMENTATION = {*CPYTHON, "implementation_version"}
_LISTED_PYTHON = {
    2: re.compile(r"(?<![0-9.])[0-9]{1,3}\.[0-9]{1,3}(?![0-9])", re.ASCII),
    3: re.compile(r"(?<![0-9.])[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9])", re.ASCII),
}
_ELSEWHERE = "\0"
"""Stands for every machine that isn't in the table."""


# ---------------------------------------------------------------- marker -> condition


def to_condition(marker: Marker, *, extras: frozenset[str] = frozenset()) -> Inferred[Condition]:
    """Return where a marker holds when `extras` (normalised names) are asked for.

    Pre-releases of python count as the release that they lead to, as `python_version` itself does. A list
    (`python_version in "3.10, 3.11"`) is read version by version, not as text that contains others (`3.1`).
    Findings: `unknown-marker` for what was taken as true, `implementation-marker` for what is decided because
    recipes are for CPython; neither where the marker is false whatever they say.

    Raises:
        TranslationError: `complex-marker`.
    """
    tree = read_marker(marker)
    findings: dict[str, Diagnostic] = {}

    def decide(comparison: Comparison) -> Condition:
        condition = _condition(comparison, extras)
        found = _finding(comparison, condition)
        if found is not None:
            findings[comparison.text] = found
        return ALWAYS if condition is None else condition

    condition = _fold(tree, decide)
    if findings and _fold(tree, lambda c: ALWAYS if c.text in findings else decide(c)) == NEVER:
        return Inferred(value=NEVER)
    return Inferred(value=condition, diagnostics=tuple(findings.values()))


def _fold(tree: MarkerTree, decide: Callable[[Comparison], Condition]) -> Condition:
    if isinstance(tree, Comparison):
        return decide(tree)
    combine = all_of if tree.operator == "and" else any_of
    return combine(*(_fold(member, decide) for member in tree.members))


def _finding(comparison: Comparison, condition: Condition | None) -> Diagnostic | None:
    if condition is None:
        message = f"{comparison.text} can't be known when a package is made and is taken as true"
        return finding("unknown-marker", message)
    if comparison.variable in _IMPLEMENTATION:
        outcome = {ALWAYS: "holds", NEVER: "doesn't hold"}.get(condition, "depends on the python version")
        return finding("implementation-marker", f"{comparison.text} {outcome} with CPython")
    return None


def _condition(comparison: Comparison, extras: frozenset[str]) -> Condition | None:
    """Return where a comparison holds; None where a package can't know."""
    variable = comparison.variable
    if variable in _PRECISION:
        return _python(comparison, _PRECISION[variable])
    if variable in SYSTEMS:
        return _system(comparison, SYSTEMS[variable])
    if variable == "platform_machine":
        return _machine(comparison)
    if variable in CPYTHON:
        return _constant(_holds(comparison, CPYTHON[variable]))
    return _constant(_asks_for(comparison, extras))


def _constant(answer: bool | None) -> Condition | None:  # noqa: FBT001 - the answer is what is converted
    if answer is None:
        return None
    return ALWAYS if answer else NEVER


def _holds(comparison: Comparison, value: str) -> bool | None:
    """Compare text; None for operators that have no meaning for text, or that installers disagree about."""
    left, right = value, comparison.literal
    if comparison.is_reversed:
        left, right = right, left
    match comparison.operator:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "in":
            return left in right
        case "not in":
            return left not in right
        case _:
            return None


def _asks_for(comparison: Comparison, extras: frozenset[str]) -> bool | None:
    """Decide `extra == "x"`, and `"x" in extras` of lock files."""
    name = canonicalize_name(comparison.literal)
    match comparison.variable, comparison.operator:
        case ("extra", "==") | ("extras", "in"):
            return name in extras
        case ("extra", "!=") | ("extras", "not in"):
            return name not in extras
        case ("dependency_groups", "in" | "not in"):
            return comparison.operator == "not in"
        case _:
            return None


def _system(comparison: Comparison, values: dict[str, str]) -> Condition | None:
    answers = {system: _holds(comparison, value) for system, value in values.items()}
    if None in answers.values():
        return None
    return os_in(system for system, holds in answers.items() if holds)


def _machine(comparison: Comparison) -> Condition | None:
    elsewhere = _holds(comparison, _ELSEWHERE)
    if elsewhere is None:
        return None
    named = [key for key, value in MACHINES.items() if _holds(comparison, value) != elsewhere]
    condition = any_of(*(_on(arch, {s for s, a in named if a == arch}) for _, arch in named))
    return negate(condition) if elsewhere else condition


def _on(arch: str, systems: set[str]) -> Condition:
    """Return the condition on an architecture, silent about systems where all that have it are meant."""
    everywhere = {system for system, a in MACHINES if a == arch}
    return arch_is(arch) if systems == everywhere else all_of(arch_is(arch), os_in(systems))


def _python(comparison: Comparison, precision: Literal[2, 3]) -> Condition | None:
    if comparison.operator in {"in", "not in"}:
        return _listed(comparison, precision)
    literal = comparison.literal
    try:
        release = Version(literal.removesuffix(".*")).release
        if comparison.is_reversed:
            Version(literal)
        else:
            Specifier(comparison.operator + literal)
    except ValueError:
        # Installers compare such text in different ways, most of them as false.
        return None

    def holds(python: str) -> bool:
        left, right = (literal, python) if comparison.is_reversed else (python, literal)
        return Specifier(comparison.operator + right).contains(left, prereleases=True)

    return pythons_where(holds, release=release, precision=precision)


def _listed(comparison: Comparison, precision: Literal[2, 3]) -> Condition | None:
    pattern = _LISTED_PYTHON[precision]
    if comparison.is_reversed and not pattern.fullmatch(comparison.literal):
        return None
    releases = [tuple(map(int, text.split("."))) for text in pattern.findall(comparison.literal)]
    listed = python_in(*(Span(PyVersion(r), PyVersion((*r[:-1], r[-1] + 1))) for r in releases))
    return listed if comparison.operator == "in" else negate(listed)


# ---------------------------------------------------------------- condition -> marker


def from_condition(condition: Condition) -> Marker | None:
    """Return the marker that holds where a condition does; None where it always holds.

    Raises:
        TranslationError: `inexpressible-condition` for conditions on variants, on cross builds, on architectures
            that markers have no spelling for, and for one that never holds.
    """
    return None if condition == ALWAYS else Marker(_said(condition, OPERATING_SYSTEMS))


def _said(condition: Condition, systems: frozenset[str]) -> str:
    """Write a condition that matters on `systems` only."""
    match condition:
        case PythonIn(spans):
            return _pythons_said(spans)
        case OsIn(named):
            return _systems_said(named)
        case ArchIs(arch, negated):
            return _arch_said(arch, systems, operator="!=" if negated else "==")
        case AllOf(members):
            for member in members:
                systems = member.systems if isinstance(member, OsIn) else systems
            return _every(_said(member, systems) for member in members)
        case AnyOf(members):
            return _some(_said(member, systems) for member in members)
        case _:
            message = f"no environment marker says {condition!r}"
            raise TranslationError("inexpressible-condition", message)


def _every(parts: Iterable[str]) -> str:
    return " and ".join(f"({part})" if " or " in part else part for part in parts)


def _some(parts: Iterable[str]) -> str:
    # `and` binds closer without parentheses, too, but not to the eye.
    return " or ".join(f"({part})" if " and " in part else part for part in parts)


def _systems_said(systems: frozenset[str]) -> str:
    values = SYSTEMS["sys_platform"]
    if len(systems) == 1:
        return f'sys_platform == "{values[next(iter(systems))]}"'
    return f'sys_platform != "{values[next(iter(OPERATING_SYSTEMS - systems))]}"'


def _arch_said(arch: str, systems: frozenset[str], *, operator: Literal["==", "!="]) -> str:
    everywhere = dict.fromkeys(value for (_, a), value in MACHINES.items() if a == arch)
    if not everywhere:
        message = f"no environment marker says architecture {arch!r}"
        raise TranslationError("inexpressible-condition", message)
    here = dict.fromkeys(value for (s, a), value in MACHINES.items() if a == arch and s in systems)
    parts = [f'platform_machine {operator} "{value}"' for value in here or everywhere]
    return (" or " if operator == "==" else " and ").join(parts)


def _pythons_said(spans: tuple[Span, ...]) -> str:
    holes = [gap for gap in complement(spans) if gap.lower and gap.upper]
    excluded = [_release_said(hole, "!=") for hole in holes]
    if all(excluded):
        whole = Span(spans[0].lower, spans[-1].upper)
        return _every(part for part in (_span_said(whole), *excluded) if part)
    return _some(map(_span_said, spans))


def _span_said(span: Span) -> str:
    if span.lower and span.upper and (release := _release_said(span, "==")):
        return release
    bounds = (_bound_said(">=", span.lower), _bound_said("<", span.upper))
    return _every(bound for bound in bounds if bound)


def _bound_said(operator: str, version: PyVersion | None) -> str:
    if version is None:
        return ""
    variable = "python_version" if len(version.release) <= 2 else "python_full_version"
    return f'{variable} {operator} "{version}"'


def _release_said(span: Span, operator: Literal["==", "!="]) -> str:
    """Write a span that is one minor or one patch release; empty where it is neither."""
    assert span.lower is not None
    major, minor, patch = (*span.lower.release, 0, 0)[:3]
    if len(span.lower.release) > 3:
        return ""
    if patch == 0 and span.upper == PyVersion((major, minor + 1)):
        return f'python_version {operator} "{major}.{minor}"'
    if span.upper == PyVersion((major, minor, patch + 1)):
        return f'python_full_version {operator} "{major}.{minor}.{patch}"'
    return ""

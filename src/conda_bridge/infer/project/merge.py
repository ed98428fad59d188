"""Statements of several files -> one project: field by field, the first statement that says something wins.

Vocabulary: the *chain* of statements is ordered from the most to the least reliable:

1. the metadata of a wheel of this very version;
2. PKG-INFO of the sdist, where it binds every build (Metadata-Version 2.2, field not Dynamic);
3. [project] of pyproject.toml, what its backend fills in from files, then the tables from before PEP 621;
4. setup.py, then setup.cfg: setuptools takes from setup.cfg only what setup.py doesn't give;
5. what the build backend answered here, where the user wanted it to be run;
6. egg-info and old or dynamic PKG-INFO, which record how one earlier build came out.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from conda_bridge.infer.project.requirements import read_requirements
from conda_bridge.infer.project.statements import BACKEND, FIELD_NAMES, RequirementLine, Statement
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import Declared, DynamicField, Extra, Known

__all__ = ["Chain", "read_specifiers"]

T = TypeVar("T")
_STARRED_BOUND = re.compile(r"(>=|<)(\s*[0-9][0-9.]*)\.\*")
_ASKS_FOR_EXTRA = re.compile(r";.*\bextra\b", re.DOTALL)
_MAX_CHARACTERS = 5_000
_ALWAYS_TOLD = frozenset({"dependencies", "entry_points"})
_NOBODY_TELLS = "no file of the source tells"
_RARELY_STATED = frozenset({"license_files", "import_names", "import_namespaces"})
"""Dynamic fields that backends fill in by themselves: nobody misses them."""


class Chain:
    """Picks fields from statements, and remembers what can't be known and what was noticed."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._statements = tuple(statements)
        self._dynamic: dict[str, DynamicField] = {}
        self._diagnostics: list[Diagnostic] = [
            diagnostic for statement in self._statements for diagnostic in statement.diagnostics
        ]

    @property
    def dynamic(self) -> tuple[DynamicField, ...]:
        """The fields that were picked in vain."""
        return tuple(self._dynamic.values())

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What was noticed, fields that can't be known included."""
        missing = (
            finding("dynamic-field", f"{field.field} can't be known: {field.reason}")
            for attribute, field in self._dynamic.items()
            if attribute not in _RARELY_STATED
        )
        return (*map(self._told, self._diagnostics), *missing)

    def _told(self, diagnostic: Diagnostic) -> Diagnostic:
        """Return a finding as mere information where an unread file leaves nothing unknown: others say the same."""
        if diagnostic.slug != "unread-file":
            return diagnostic
        lost = (field for attribute, field in self._dynamic.items() if attribute not in _RARELY_STATED)
        is_felt = any(field.reason.startswith(f"{diagnostic.origin}: ") for field in lost)
        return diagnostic if is_felt else replace(diagnostic, severity="info")

    def note(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Take findings that arose from picked values."""
        self._diagnostics += diagnostics

    def reason(self, attribute: str) -> str:
        """Return why a field that was picked in vain can't be known; empty where the project hasn't got it."""
        field = self._dynamic.get(attribute)
        return field.reason if field else ""

    # ------------------------------------------------------------ picking

    def pick(
        self, attribute: str, read: Callable[[Statement], T | None]
    ) -> tuple[T, Statement] | tuple[None, None]:
        """Return the first value of a field and the statement that has it."""
        reason = ""
        is_hidden = False
        for statement in self._statements:
            if is_hidden and statement.is_firm:
                continue
            value = read(statement)
            if value is not None:
                return value, statement
            if attribute in statement.settled:
                return None, None
            reason = statement.reason(attribute) or reason
            is_hidden |= attribute in statement.hides
        reason = reason or (_NOBODY_TELLS if attribute in _ALWAYS_TOLD else "")
        if reason:
            self._dynamic[attribute] = DynamicField(
                field=FIELD_NAMES.get(attribute, attribute), reason=reason
            )
        return None, None

    def text(self, attribute: str, read: Callable[[Statement], Known[str] | None]) -> Known[str] | None:
        """Return a text field; not declared where only a record of a build tells it."""
        known, statement = self.pick(attribute, read)
        return _weakened(known, statement) if known is not None and statement is not None else None

    def texts(
        self, attribute: str, read: Callable[[Statement], tuple[Known[str], ...] | None]
    ) -> tuple[Known[str], ...]:
        """Return a list of texts."""
        values, statement = self.pick(attribute, read)
        if values is None or statement is None:
            return ()
        return tuple(_weakened(known, statement) for known in values)

    # ------------------------------------------------------------ fields

    def requires_python(self) -> Known[SpecifierSet] | None:
        """Return the bounds on python; None where there are none, or none that can be parsed."""
        known = self.text("requires_python", lambda s: s.requires_python)
        if known is None:
            return None
        specifiers = read_specifiers(known.value)
        if specifiers is None:
            message = f"{known.value!r:.120} is no version specifier"
            self._diagnostics.append(finding("invalid-requires-python", message, origin=known.origin))
        if not specifiers:
            return None
        return Known(value=specifiers, origin=known.origin, is_declared=known.is_declared)

    def requirements(self) -> tuple[tuple[Declared, ...], tuple[Extra, ...]]:
        """Return dependencies and extras, which may come from different statements.

        Raises:
            MetadataError: `invalid-requirement`, `extra-collision`, `direct-reference`, `invalid-field`.
        """
        lines, base = self.pick("dependencies", lambda s: s.dependencies)
        groups, optional = self.pick("extras", lambda s: s.extras)
        for statement in dict.fromkeys((base, optional)):
            if statement is not None and not statement.is_firm:
                self._diagnostics.append(_of_one_build(statement))
        if base is optional or optional is None:
            sets = read_requirements(lines or (), groups or ())
            self.note(sets.diagnostics)
            return sets.dependencies, sets.extras
        own = read_requirements(_without_extras(lines or ()), ())
        others = read_requirements(_with_extras(optional.dependencies or ()), groups or ())
        self.note((*own.diagnostics, *others.diagnostics))
        return own.dependencies, others.extras


def read_specifiers(text: str) -> SpecifierSet | None:
    """Return version specifiers, `>=3.6.*` read as `>=3.6`; None where they can't be parsed, or are endless."""
    if len(text) > _MAX_CHARACTERS:
        return None
    for candidate in (text, _STARRED_BOUND.sub(r"\1\2", text)):
        try:
            return SpecifierSet(candidate)
        except InvalidSpecifier:
            continue
    return None


def _of_one_build(statement: Statement) -> Diagnostic:
    if statement.file == BACKEND:
        message = "no file tells the requirements, so the build backend's answer was taken"
        return finding("computed-requirements", message, origin=statement.file)
    message = f"the requirements are those of the build that wrote {statement.file}"
    return finding("derived-requirements", message, origin=statement.file)


def _weakened(known: Known[str], statement: Statement) -> Known[str]:
    if statement.is_firm:
        return known
    return Known(value=known.value, origin=known.origin, is_declared=False)


def _without_extras(lines: Iterable[RequirementLine]) -> tuple[RequirementLine, ...]:
    return tuple(line for line in lines if not _ASKS_FOR_EXTRA.search(line.text))


def _with_extras(lines: Iterable[RequirementLine]) -> tuple[RequirementLine, ...]:
    return tuple(line for line in lines if _ASKS_FOR_EXTRA.search(line.text))

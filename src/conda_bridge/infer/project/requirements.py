"""Requirement lines -> requirements and extras, none of them ever dropped.

A line is parsed as PEP 508 says. Old releases carry a few spellings that it forbids and whose meaning is
certain; they are read, with a finding. Any other line that can't be parsed refuses the whole project.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.markers import extras_of, has_extra, normalized_extra, without_extra
from conda_bridge.infer.project.statements import RequirementLine
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import is_valid_pypi_name
from conda_bridge.model.project import Declared, Extra
from conda_bridge.translate.untrusted import check_readable
from conda_bridge.translate.url_secrets import publishable

__all__ = ["RequirementSets", "read_build_requirements", "read_requirements"]

_WHITESPACE = re.compile(r"\s+")
_REPAIRS = (
    # setuptools before 66 read `>=1.0.*` as `>=1.0`; so does conda.
    (re.compile(r"(>=|<)(\s*[0-9][0-9.]*)\.\*"), r"\1\2"),
    # `>dev`, `>0dev`: any version, development versions too; the idiom of old pytz requirements.
    (re.compile(r"\(?\s*>=?\s*0?\.?dev\s*\)?(?=\s*(?:;|$))"), ""),
    (re.compile(r"\s*;\s*$"), ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementSets:
    """The requirements of one source of metadata."""

    dependencies: tuple[Declared, ...] = ()
    extras: tuple[Extra, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def read_requirements(
    lines: Iterable[RequirementLine], groups: Iterable[tuple[str, tuple[RequirementLine, ...]]]
) -> RequirementSets:
    """Return requirements and extras of one statement's lines and optional groups.

    Raises:
        MetadataError: `invalid-requirement`; `extra-collision`; `direct-reference` for a requirement that
            is not optional.

    Source: PEP 508; PEP 685; core metadata, Requires-Dist and Provides-Extra.
    """
    groups = tuple(groups)
    reader = _Reader(_extra_names(name for name, _ in groups if is_valid_pypi_name(name)))
    for line in lines:
        reader.add(line)
    for name, members in groups:
        reader.add_group(name, members)
    return reader.result()


def read_build_requirements(
    lines: Iterable[RequirementLine],
) -> tuple[tuple[Declared, ...], tuple[Diagnostic, ...]]:
    """Return requirements of the build; those that name a URL keep their name only, with a finding.

    Raises:
        MetadataError: `invalid-requirement`.
    """
    reader = _Reader({})
    found = tuple(reader.nameable(line, reader.parse(line)) for line in lines)
    return found, tuple(reader.diagnostics)


def _extra_names(written: Iterable[str]) -> dict[str, str]:
    """Return the normalised name of each extra, as written.

    Raises:
        MetadataError: `extra-collision`.
    """
    names: dict[str, str] = {}
    written_as: dict[str, str] = {}
    for name in written:
        normal = normalized_extra(name)
        other = written_as.setdefault(normal, name)
        if other != name:
            raise MetadataError("extra-collision", f"the extras {other!r} and {name!r} are both {normal!r}")
        names[name] = normal
    return names


class _Reader:
    """Collects requirements by extra, and what was noticed about them."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._dependencies: list[Declared] = []
        self._names = names
        self._declared = frozenset(names.values())
        self._extras: dict[str, list[Declared]] = {normal: [] for normal in names.values()}

    def result(self) -> RequirementSets:
        extras = tuple(Extra(name=name, requirements=tuple(found)) for name, found in self._extras.items())
        return RequirementSets(
            dependencies=tuple(self._dependencies), extras=extras, diagnostics=tuple(self.diagnostics)
        )

    def add(self, line: RequirementLine) -> None:
        """Take a line that may belong to extras by its marker."""
        requirement = self.parse(line)
        marker = requirement.marker
        if marker is None or not has_extra(marker):
            self._add_dependency(line, requirement)
            return
        try:
            base = without_extra(marker, "")
            if base is not None:
                self._add_dependency(line, _with_marker(requirement, base))
            is_placed = self._add_by_marker(line, requirement, base) or base is not None
        except ValueError as error:
            raise _invalid(line, str(error)) from error
        if not is_placed:
            self._note("combined-extras", f"{line.text!r} needs several extras at once", line)

    def add_group(self, name: str, lines: Iterable[RequirementLine]) -> None:
        """Take the lines of an optional group; one that no requirement can name is left out."""
        if not is_valid_pypi_name(name):
            message = f"the extra {name!r:.80} has an impossible name"
            self.diagnostics.append(finding("ignored-field", message))
            return
        for line in lines:
            self._add_to(self._names[name], line)

    def _add_to(self, extra: str, line: RequirementLine) -> None:
        requirement = self.parse(line)
        if requirement.marker is not None and has_extra(requirement.marker):
            kept = without_extra(requirement.marker, extra)
            if kept is None:
                self._note("combined-extras", f"{line.text!r} needs an extra besides {extra!r}", line)
                return
            requirement = _with_marker(requirement, kept)
        self._extras.setdefault(extra, []).append(self.nameable(line, requirement))

    def nameable(self, line: RequirementLine, requirement: Requirement) -> Declared:
        """Return a requirement without the URL that it names, with a finding."""
        if requirement.url:
            self._note("unsupported-requirement", f"{_shown(line)} names a URL", line)
            requirement = Requirement(_text_without_url(requirement))
        elif line.note:
            self._note("unsupported-requirement", f"{requirement.name!r} is required from {line.note}", line)
        return Declared(requirement=requirement, origin=line.origin)

    def parse(self, line: RequirementLine) -> Requirement:
        """Return the requirement of a line, legacy spellings repaired with a finding.

        Raises:
            MetadataError: `invalid-requirement`.
        """
        text = _WHITESPACE.sub(" ", line.text).strip()
        try:
            check_readable(text)
            return Requirement(text)
        except MetadataError as error:
            raise _invalid(line, error.message) from error
        except InvalidRequirement as error:
            repaired = self._repaired(text)
            if repaired is None:
                raise _invalid(line, str(error).partition("\n")[0]) from error
            self._note("legacy-requirement", f"{text!r} was read as '{repaired}'", line)
            return repaired

    @staticmethod
    def _repaired(text: str) -> Requirement | None:
        for pattern, replacement in _REPAIRS:
            text = pattern.sub(replacement, text)
        try:
            return Requirement(text)
        except InvalidRequirement:
            return None

    def _add_dependency(self, line: RequirementLine, requirement: Requirement) -> None:
        if requirement.url:
            raise MetadataError(
                "direct-reference", f"{_shown(line)} names a URL instead of a version", where=line.origin
            )
        self._dependencies.append(self.nameable(line, requirement))

    def _add_by_marker(self, line: RequirementLine, requirement: Requirement, base: str | None) -> bool:
        """Add a requirement to each extra that makes a difference; tell whether any does."""
        marker = requirement.marker
        assert marker is not None
        is_placed = False
        for name in dict.fromkeys((*extras_of(marker), *(self._extras if base is not None else ()))):
            kept = without_extra(marker, name)
            if kept is None or kept == base:
                continue
            is_placed = True
            if name not in self._declared and name not in self._extras:
                self._note(
                    "undeclared-extra", f"{line.text!r} belongs to the undeclared extra {name!r}", line
                )
            found = self._extras.setdefault(name, [])
            found.append(self.nameable(line, _with_marker(requirement, kept)))
        return is_placed

    def _note(self, slug: str, message: str, line: RequirementLine) -> None:
        self.diagnostics.append(finding(slug, message, origin=line.origin))


def _with_marker(requirement: Requirement, marker: str) -> Requirement:
    """Return a copy of the requirement under another marker."""
    bare = _text_without_url(requirement).partition(";")[0]
    copy = Requirement(f"{bare} @ {requirement.url}" if requirement.url else bare)
    copy.marker = Marker(marker) if marker else None
    return copy


def _text_without_url(requirement: Requirement) -> str:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    marker = f"; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}{extras}{requirement.specifier}{marker}"


def _invalid(line: RequirementLine, reason: str) -> MetadataError:
    return MetadataError("invalid-requirement", f"{_shown(line)}: {reason}", where=line.origin)


def _shown(line: RequirementLine) -> str:
    text = " ".join(publishable(word) if "://" in word else word for word in line.text.split())
    return repr(text if len(text) <= 200 else f"{text[:200]}…")

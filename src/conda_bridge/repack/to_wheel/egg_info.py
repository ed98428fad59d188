"""The metadata of an installed egg -> METADATA: PKG-INFO with what it lacks, and requires.txt as requirements.

PKG-INFO that has all of it is METADATA already, byte for byte. Else it is brought into the form that today's readers
take: a version of the format that knows its fields, the description below the headers, each field once.

Source: setuptools, `egg_info` and its requires.txt; core metadata, the versions of its fields.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.markers import and_markers, extras_of, normalized_extra
from conda_bridge.infer.project.requirements import RequirementSets, read_requirements
from conda_bridge.infer.project.setuptools_values import ini_sections, requirement_texts, sorted_extras
from conda_bridge.infer.project.statements import RequirementLine
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import is_valid_pypi_name, pypi_name
from conda_bridge.repack.wheels.markers_compared import same_marker
from conda_bridge.repack.wheels.metadata_text import Field, MetadataText, single_line
from conda_bridge.translate.license_ids import canonical
from conda_bridge.translate.untrusted import check_readable, requirement_of

__all__ = ["metadata_of_egg", "readable_text", "requirement_fields", "requirement_of_extra"]

_ONCE = frozenset({
    "metadata-version", "name", "version", "summary", "description", "home-page", "download-url", "keywords", "author",
    "author-email", "maintainer", "maintainer-email", "license", "license-expression", "requires-python",
    "description-content-type",
})  # fmt: skip
_OFTEN = frozenset({
    "platform", "supported-platform", "classifier", "requires", "provides", "obsoletes", "requires-dist", "provides-dist",
    "obsoletes-dist", "requires-external", "project-url", "provides-extra", "license-file", "dynamic", "import-name",
    "import-namespace",
})  # fmt: skip
_DYNAMIC = (_ONCE | _OFTEN) - {"dynamic", "metadata-version", "name", "version"}
_SINCE = {
    "dynamic": (2, 2), "license-expression": (2, 4), "import-name": (2, 5), "import-namespace": (2, 5),
}  # fmt: skip
"""License-File isn't here: setuptools wrote it for years before 2.4, which gave its value another meaning."""
_LEAST = (2, 1)
_KNOWN_VERSION = re.compile(r"[12]\.[0-9]")
_CONTENT_TYPE = re.compile(
    r"text/(?:plain|x-rst|markdown)(?:\s*;\s*(?:charset=\"?utf-8\"?|variant=(?:gfm|commonmark)))*",
    re.IGNORECASE,
)
_IMPORT = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*(?:\s*;\s*private)?")
_LINE_END = re.compile(r"\r\n|\r|\n")
_INDENT = 8
"""What distutils puts before each line of a description but the first."""
_CHARSETS = ("utf-8", "cp1252", "latin-1")


def metadata_of_egg(
    pkg_info: bytes, requires: bytes, *, where: str
) -> tuple[MetadataText, tuple[Diagnostic, ...]]:
    """Return METADATA, and what had to be changed for it.

    Args:
        pkg_info: PKG-INFO.
        requires: requires.txt; empty where there is none.
        where: the folder or file, for messages.

    Raises:
        RepackError: `package-metadata`.
        MetadataError: `invalid-requirement`, `direct-reference`, `extra-collision`.
    """
    text, reencoded = readable_text(pkg_info, where=where)
    repairs: list[str] = []
    text = _cleaned(text, repairs)
    text, findings = _with_requirements(text, _decoded(requires), where)
    text = _with_known_version(text)
    if repairs:
        message = f"PKG-INFO was brought into today's form: {', '.join(dict.fromkeys(repairs))}"
        findings = (finding("metadata-repaired", message, origin=where), *findings)
    return text, (*reencoded, *findings)


def readable_text(data: bytes, *, where: str) -> tuple[MetadataText, tuple[Diagnostic, ...]]:
    """Return a metadata file as UTF-8 without a byte order mark; others no installer of today can read.

    Raises:
        RepackError: `package-metadata`.
    """
    text = MetadataText.from_bytes(data, where=where)
    if text.is_utf8 and not data.startswith(BOM_UTF8):
        return text, ()
    message = "it wasn't UTF-8, or began with a byte order mark, and was written anew"
    text = MetadataText.from_bytes(_decoded(data.removeprefix(BOM_UTF8)).encode(), where=where)
    return text, (finding("metadata-repaired", message, origin=where),)


def _decoded(data: bytes) -> str:
    for charset in _CHARSETS[:-1]:
        try:
            return data.decode(charset)
        except UnicodeDecodeError:
            continue
    return data.decode(_CHARSETS[-1])


# ---------------------------------------------------------------- fields


def _cleaned(text: MetadataText, repairs: list[str]) -> MetadataText:
    """Leave out what says nothing, and what readers would refuse the whole file for."""
    seen: set[str] = set()

    def is_dropped(field: Field) -> bool:
        key = _label(field)
        if key in seen:
            repairs.append(f"{key} stood there twice")
            return True
        seen.update({key} - {""})
        # distutils wrote UNKNOWN for what the project didn't say; wheels have it of Platform only.
        if field.value in {"", "UNKNOWN"} and field.name != "platform":
            return True
        reason = _unreadable(field)
        if reason:
            repairs.append(reason)
        return bool(reason)

    text = text.without(is_dropped)
    text = _with_body(text, repairs)
    for name in ("summary", "name", "version", "requires-python"):
        value = text.value(name)
        if single_line(value, longest=len(value)) != value:
            repairs.append(f"{name} had several lines")
            text = text.setting(name.title(), single_line(value, longest=len(value)))
    return text


def _label(field: Field) -> str:
    """Return what no other field may have as well; empty for fields that may stand there often.

    Two names or versions aren't settled here: the package is refused for them.
    """
    if field.name == "project-url":
        return f"project-url {field.value.partition(',')[0].strip()!r:.60}"
    return field.name if field.name in _ONCE - {"name", "version"} else ""


def _unreadable(field: Field) -> str:
    """Return why a field can't stay; empty where it can."""
    name, value = field.name, field.value
    if name not in _ONCE | _OFTEN:
        return f"{name or 'a line'} is no field"
    if name == "requires-python" and not _is_specifier(value):
        return f"Requires-Python {value!r:.60} is no version specifier"
    if name == "description-content-type" and not _CONTENT_TYPE.fullmatch(value):
        return f"Description-Content-Type {value!r:.60} isn't one of the three"
    if name == "license-expression" and canonical(value) is None:
        return f"License-Expression {value!r:.60} is no SPDX expression"
    if name == "provides-extra" and not is_valid_pypi_name(value):
        return f"the extra {value!r:.60} has an impossible name"
    if name == "dynamic" and value.lower() not in _DYNAMIC:
        return f"{value!r:.60} is no field that can be dynamic"
    if name.startswith("import-name") and not _IMPORT.fullmatch(value):
        return f"{value!r:.60} can't be imported"
    return ""


def _is_specifier(value: str) -> bool:
    try:
        check_readable(value)
        SpecifierSet(single_line(value, longest=len(value)))
    except (InvalidSpecifier, MetadataError):
        return False
    return True


def _with_body(text: MetadataText, repairs: list[str]) -> MetadataText:
    """Move a description out of the headers, as wheels have it."""
    folded = next((field for field in text.fields if field.name == "description"), None)
    if folded is None:
        return text
    lines = _LINE_END.split(folded.value)
    body = "\n".join((lines[0], *map(_dedented, lines[1:]))).strip("\n")
    rest = "\n".join(_LINE_END.split(text.rest)).strip("\n")
    if rest.strip():
        # A line of the description without its indentation ends the headers for every reader.
        repairs.append("its description went on below the fields")
        body = f"{body}\n{rest}"
    return text.without(lambda field: field.name == "description").with_body(f"{body}\n")


def _dedented(line: str) -> str:
    return line[_INDENT:] if line[:_INDENT].isspace() else line.lstrip(" \t").removeprefix("|")


def _with_known_version(text: MetadataText) -> MetadataText:
    present = {field.name for field in text.fields}
    least = max((_SINCE[name] for name in present & set(_SINCE)), default=_LEAST)
    said = text.value("metadata-version")
    if _KNOWN_VERSION.fullmatch(said) and tuple(map(int, said.split("."))) >= least:
        return text
    return text.setting("Metadata-Version", ".".join(map(str, least)))


# ---------------------------------------------------------------- requires.txt


def _with_requirements(
    text: MetadataText, requires: str, where: str
) -> tuple[MetadataText, tuple[Diagnostic, ...]]:
    """Add what requires.txt says and PKG-INFO doesn't; newer versions of setuptools write all of it in both.

    Of a project that both name, PKG-INFO's requirements count, as they do for installers.
    """
    written = _by_name(text)
    if not requires.strip():
        return text, ()
    try:
        sets = _required(requires, where)
    except MetadataError as error:
        if not written:
            raise
        message = f"requires.txt is passed over, as it can't be read: {error.message}"
        return text, (finding("metadata-repaired", message[:400], origin=where),)
    declared = {normalized_extra(value) for value in text.values("provides-extra")}
    fields = tuple(requirement_fields(sets, declared))
    if not written:
        return text.adding(fields), sets.diagnostics
    found = _by_name(MetadataText(fields=()).adding(fields))
    missing = [value for key in found if key not in written for value in found[key].values()]
    other = [key[0] for key in found if key in written and set(found[key]) != set(written[key])]
    extras = [pair for pair in fields if pair[0] == "Provides-Extra"] if missing else []
    return text.adding([*extras, *(("Requires-Dist", value) for value in missing)]), (
        *sets.diagnostics,
        *_told(missing, other, where),
    )


def _required(requires: str, where: str) -> RequirementSets:
    groups = ((name, _lines(lines, where)) for name, lines in ini_sections(requires))
    return read_requirements(*sorted_extras(groups))


_Names: TypeAlias = "dict[tuple[str, tuple[str, ...]], dict[object, str]]"


def _by_name(text: MetadataText) -> _Names:
    """Return the requirements by project and extras, each under what is the same in all its spellings.

    Raises:
        MetadataError: `invalid-requirement`.
    """
    found: _Names = {}
    for value in text.values("requires-dist"):
        one = requirement_of(value)
        extras = extras_of(one.marker) if one.marker else ()
        form = same_marker(str(one.marker)) if one.marker else None
        meaning = (frozenset(map(normalized_extra, one.extras)), one.specifier, one.url, form)
        found.setdefault((pypi_name(one.name), extras), {}).setdefault(meaning, value)
    return found


def _told(missing: Iterable[str], other: Iterable[str], where: str) -> Iterator[Diagnostic]:
    if added := single_line(", ".join(missing), longest=300):
        message = f"the requirements of requires.txt that PKG-INFO lacks were added: {added}"
        yield finding("metadata-repaired", message, origin=where)
    if kept := single_line(", ".join(dict.fromkeys(other)), longest=300):
        message = f"PKG-INFO and requires.txt say different things of {kept}; PKG-INFO's were kept"
        yield finding("metadata-repaired", message, origin=where)


def _lines(lines: list[str], where: str) -> tuple[RequirementLine, ...]:
    return tuple(
        RequirementLine(text=text, origin=f"{where}/requires.txt") for text in requirement_texts(lines)
    )


def requirement_fields(sets: RequirementSets, declared: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield Requires-Dist and Provides-Extra; `declared` are the extras (normalised) that stand there already."""
    for one in sets.dependencies:
        yield "Requires-Dist", str(one.requirement)
    known = set(declared)
    for extra in sets.extras:
        if extra.name not in known:
            yield "Provides-Extra", extra.name
        for one in extra.requirements:
            yield "Requires-Dist", str(requirement_of_extra(one.requirement, extra.name))


def requirement_of_extra(requirement: Requirement, extra: str) -> Requirement:
    """Return a requirement that holds where an extra is asked for."""
    marker = and_markers(str(requirement.marker or ""), f'extra == "{extra}"')
    plain = Requirement(str(requirement).partition(";")[0])
    return Requirement(f"{plain} ; {marker}")

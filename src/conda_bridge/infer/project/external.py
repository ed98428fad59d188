"""The [external] table of pyproject.toml -> the project's external requirements.

    dep:type/namespace/name@version?qualifiers#subpath ; marker

`pkg:type/...`, `virtual:...` and `build-host-requires` are the spellings of earlier drafts, which real projects use.

Source: PEP 725; PEP 735 (groups that include others); PEP 804; the package URL specification.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from packaging.markers import InvalidMarker, Marker

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.markers import normalized_extra
from conda_bridge.infer.project.toml_tables import Table
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.external import ExternalMetadata, ExternalRequirement, ExternalSection
from conda_bridge.model.project import Known
from conda_bridge.translate.depurls import is_known_type, normalised, parse_depurl

__all__ = ["read_external"]

_LISTS: dict[str, ExternalSection] = {
    "build-requires": "build", "build-host-requires": "host", "host-requires": "host", "dependencies": "run",
}  # fmt: skip
_SETS: dict[str, ExternalSection] = {
    "optional-build-requires": "build", "optional-build-host-requires": "host", "optional-host-requires": "host",
    "optional-dependencies": "run",
}  # fmt: skip
_GROUPS = "dependency-groups"
_OLD_KEYS = {
    "build-host-requires": "host-requires",
    "optional-build-host-requires": "optional-host-requires",
}
_INCLUDE = "include-group"
_MAX_ENTRIES = 5_000
_MAX_DEPTH = 50


def read_external(pyproject: Table) -> tuple[ExternalMetadata | None, tuple[Diagnostic, ...]]:
    """Return what the table requires, None where there is none, and what was noticed in it.

    Raises:
        MetadataError: `invalid-depurl`; `external-group-cycle`; `invalid-field` for a value of the wrong type, for
            an included group that isn't there, and for more entries than any project has.
    """
    if "external" not in pyproject:
        return None, ()
    table = pyproject.table("external")
    reader = _Reader()
    for key in table:
        if key in _LISTS:
            reader.read(table.strings(key) or (), _Use(_LISTS[key]))
        elif key in _SETS:
            sets = table.table(key)
            for name in sets:
                reader.read(sets.strings(name) or (), _Use(_SETS[key], group=normalized_extra(name)))
        elif key == _GROUPS:
            _Groups(table.table(key), reader).read()
        else:
            reader.notes.append(_unknown_key(key, table))
    old_keys = [key for key in table if key in _OLD_KEYS]
    for key in old_keys:
        reader.deprecate(f"{key} is {_OLD_KEYS[key]} today", table.origin(key))
    metadata = ExternalMetadata(requirements=tuple(reader.found), origin=pyproject.origin("external"))
    return metadata, (*reader.notes, *reader.deprecation())


def _unknown_key(key: str, table: Table) -> Diagnostic:
    import difflib  # noqa: PLC0415 - only a mistyped key needs it, and it costs milliseconds

    known = (*_LISTS, *_SETS, _GROUPS)
    near = difflib.get_close_matches(key[:80], [name for name in known if name not in _OLD_KEYS], n=1)
    meant = f"; {near[0]} may be meant" if near else ""
    message = f"[external] has no key {key!r:.80}, so nothing is read from it{meant}"
    return finding("unknown-external-key", message, origin=table.origin(key))


@dataclass(frozen=True, slots=True)
class _Use:
    """What the entries of one list are for."""

    section: ExternalSection
    group: str = ""
    is_development: bool = False


@dataclass(slots=True)
class _Reader:
    """Collects the entries, and what was noticed about them."""

    found: list[ExternalRequirement] = field(default_factory=list)
    notes: list[Diagnostic] = field(default_factory=list)
    _old: list[tuple[str, str]] = field(default_factory=list)
    """(what is spelled otherwise today, where)."""

    def read(self, entries: Iterable[Known[str]], use: _Use) -> None:
        """Take the entries of a list."""
        for known in entries:
            self.add(replace(self.entry(known), section=use.section, group=use.group), known.origin)

    def add(self, requirement: ExternalRequirement, origin: str) -> None:
        """Take one entry.

        Raises:
            MetadataError: `invalid-field` for more entries than any project has.
        """
        if len(self.found) >= _MAX_ENTRIES:
            raise MetadataError(
                "invalid-field", f"there are more than {_MAX_ENTRIES:,} entries", where=origin
            )
        self.found.append(requirement)

    def entry(self, known: Known[str]) -> ExternalRequirement:
        """Return an entry, in no section yet.

        Raises:
            MetadataError: `invalid-depurl`.
        """
        text, semicolon, marker = known.value.partition(";")
        today, old = normalised(text.strip(" "))
        for note in old:
            self.deprecate(note, known.origin)
        try:
            dep = parse_depurl(today)
        except MetadataError as error:
            shown = f"{known.value!r:.120} is no DepURL: {error.message.partition(': ')[2]}"
            raise MetadataError(error.slug, shown, where=known.origin) from error
        if not is_known_type(dep.kind):
            message = f"{known.value!r:.120} is of the unknown type {dep.kind!r:.40}"
            self.notes.append(finding("unknown-depurl-type", message, origin=known.origin))
        condition = _marker(marker.strip(), known) if semicolon else None
        return ExternalRequirement(dep=dep, section="host", marker=condition, origin=known.origin)

    def deprecate(self, note: str, origin: str) -> None:
        """Remember an older spelling."""
        self._old.append((note, origin))

    def deprecation(self) -> Iterator[Diagnostic]:
        """Yield one finding on all older spellings."""
        if not self._old:
            return
        places = len({origin for _, origin in self._old})
        told = ", ".join(dict.fromkeys(note for note, _ in self._old))
        message = f"[external] is written as in earlier drafts, in {places} places: {told:.200}"
        yield finding("external-old-spelling", message, origin=self._old[0][1])


def _marker(text: str, known: Known[str]) -> Marker:
    try:
        return Marker(text)
    except (InvalidMarker, RecursionError):
        message = f"{known.value!r:.120} is no DepURL: its marker can't be parsed"
        raise MetadataError("invalid-depurl", message, where=known.origin) from None


class _Groups:
    """The table `dependency-groups`, whose groups may include one another. Source: PEP 735."""

    def __init__(self, table: Table, reader: _Reader) -> None:
        self._table = table
        self._reader = reader
        self._written: dict[str, str] = {}
        self._done: dict[str, dict[str, ExternalRequirement]] = {}
        """Group -> its entries by their places, those of included groups among them."""
        for name in table:
            normal = normalized_extra(name)
            if normal in self._written:
                raise self._wrong(name, f"the group {normal!r:.80} comes twice")
            self._written[normal] = name

    def read(self) -> None:
        """Hand the entries of every group to the reader."""
        for name in self._written:
            for requirement in self._entries(name, ()).values():
                told = replace(requirement, section="run", group=name, is_development=True)
                self._reader.add(told, requirement.origin)

    def _entries(self, name: str, within: tuple[str, ...]) -> dict[str, ExternalRequirement]:
        if name in within:
            message = f"groups include one another: {' -> '.join((*within, name))[:200]}"
            raise MetadataError(
                "external-group-cycle", message, where=self._table.origin(self._written[name])
            )
        if name in self._done:
            return self._done[name]
        written = self._written[name]
        if len(within) > _MAX_DEPTH:
            raise self._wrong(written, "groups are included too deeply")
        items = self._table.get(written)
        if not isinstance(items, list):
            raise self._table.wrong_kind(written, "a list")
        found: dict[str, ExternalRequirement] = {}
        for index, item in enumerate(items):
            origin = f"{self._table.origin(written)}/{index}"
            match self._kind(item):
                case "entry":
                    found[origin] = self._reader.entry(Known(value=item, origin=origin))
                case "include":
                    found |= self._entries(self._included(item, written), (*within, name))
                case _:
                    raise self._wrong(written, f"{item!r:.80} is neither a DepURL nor {{{_INCLUDE} = ...}}")
        self._done[name] = found
        return found

    @staticmethod
    def _kind(item: object) -> Literal["entry", "include", ""]:
        if isinstance(item, str):
            return "entry"
        is_include = isinstance(item, dict) and [*item] == [_INCLUDE] and isinstance(item[_INCLUDE], str)
        return "include" if is_include else ""

    def _included(self, item: dict[str, str], written: str) -> str:
        name = normalized_extra(item[_INCLUDE])
        if name not in self._written:
            raise self._wrong(written, f"it includes {item[_INCLUDE]!r:.80}, which isn't there")
        return name

    def _wrong(self, key: str, message: str) -> MetadataError:
        return MetadataError("invalid-field", f"dependency-groups: {message}", where=self._table.origin(key))

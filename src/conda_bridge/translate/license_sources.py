"""The texts of a source's licence files -> the one expression that they say together.

Vocabulary: a *main* file states the project's own licence; notices and lists of other projects' licences don't, and a
README is only asked whether later versions of a GNU licence are allowed.
"""

import re
from dataclasses import dataclass

from conda_bridge.translate.license_files import is_license_file, is_main_license, reuse_license
from conda_bridge.translate.license_ids import base_of, bases_of, canonical, ids_of, joined
from conda_bridge.translate.license_names import LicenseName, read_name
from conda_bridge.translate.license_texts import LicenseText, recognise
from conda_bridge.translate.toml_tables import toml_tables

__all__ = ["FoundLicense", "found_license", "name_of_text"]

# A licence file that only says "MIT License" is no longer than this.
_LONGEST_TITLE = 400
_GNU = r"(?:A|L)?GPL-\d\.\d\Z|GFDL-\d\.\d\Z"
# `LICENSE-MIT` beside `LICENSE-APACHE` is how a choice between the two is offered.
_NAMED_FILE = (
    r"(?i)(?:un)?licen[cs]e[-_.](?:mit|bsd|apache|[al]?gpl|mpl|isc|zlib|cc0|unlicen[cs]e|boost|psf|epl|eupl)\W*[\w.]*|"
    r"(?:mit|bsd|apache|[al]?gpl|mpl|isc|zlib)[-_.]licen[cs]e.*"
)
_LICENSED_UNDER = r"(?i)(?:licen[cs]ed|released|distributed|available)\s+under\s+(?:the\s+)?(?:terms\s+of\s+)?(?:the\s+)?([^.\n]+)"
_DEP5_ALL = re.compile(r"Files:\s*\*\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLicense:
    """What the licence files say."""

    name: LicenseName | None = None
    """None where no file holds a known licence."""
    paths: tuple[str, ...] = ()
    """The files that say so."""
    unread: tuple[str, ...] = ()
    """Main files without a known licence."""
    notices: frozenset[str] = frozenset()
    """GNU licences whose versions some file chooses: `GPL-3.0-or-later`."""
    own_notices: tuple[tuple[str, str], ...] = ()
    """Those among them that stand in main files, each after its path."""
    is_guessed_together: bool = False
    """True where several licences were found and no file says how they combine."""
    restriction: str = ""
    """Words by which a file takes back what its licence gives."""

    @property
    def bases(self) -> frozenset[str]:
        """The licences, without their choice of versions."""
        return bases_of(self.name.expression) if self.name else frozenset()

    @property
    def noticed_bases(self) -> frozenset[str]:
        """The licences that main files only refer to by a notice, without their choice of versions."""
        return frozenset(base_of(notice) for _, notice in self.own_notices) - self.bases

    def matching(self, bases: frozenset[str]) -> tuple[str, tuple[str, ...]]:
        """Return those licences found that are among `bases`, as one expression, and the files that say so.

        A notice counts where no text matches. Empty for none.
        """
        ids = ids_of(self.name.expression) if self.name else ()
        matching = tuple(license_id for license_id in ids if base_of(license_id) in bases)
        if matching:
            return joined(matching, "AND"), self.paths
        noticed = [(path, notice) for path, notice in self.own_notices if base_of(notice) in bases]
        if not noticed:
            return "", ()
        paths = tuple(dict.fromkeys(path for path, _ in noticed))
        return joined(tuple(notice for _, notice in noticed), "AND"), paths


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One main file."""

    path: str
    licenses: tuple[str, ...]
    """Ids, GNU ones without a choice of versions where the file makes none."""
    text: LicenseText


def found_license(texts: tuple[tuple[str, str], ...]) -> FoundLicense:
    """Return what the files say; `texts` are pairs of path and text."""
    default = next((found for path, text in texts if (found := _reuse_default(path, text))), None)
    read = [_read(path, text) for path, text in texts if _is_main(path)]
    others = [recognise(text) for path, text in texts if not _is_main(path)]
    notices = frozenset[str]().union(*(row.text.notices for row in read), *(text.notices for text in others))
    restriction = next((row.text.restriction for row in read if row.text.restriction), "")
    unread = tuple(row.path for row in read if not row.licenses)
    if default is not None:
        return FoundLicense(
            name=LicenseName(expression=default[1]),
            paths=(default[0],),
            notices=notices,
            restriction=restriction,
        )
    own = tuple((row.path, notice) for row in _own_first(read) for notice in sorted(row.text.notices))
    telling = _own_first([row for row in read if row.licenses])
    if not telling:
        return FoundLicense(unread=unread, notices=notices, own_notices=own, restriction=restriction)
    name, is_guessed = _together(telling, notices)
    return FoundLicense(
        name=name,
        paths=tuple(row.path for row in telling),
        unread=unread,
        notices=notices,
        own_notices=own,
        is_guessed_together=is_guessed,
        restriction=restriction,
    )


def name_of_text(text: str) -> LicenseName | None:
    """Return the licence of a text that stands in a metadata field; None where none is known."""
    content = recognise(text)
    ids = tuple(dict.fromkeys((*(i for e in content.identifiers for i in ids_of(e)), *content.licenses)))
    if not ids:
        return None
    return _named(_versions_chosen(ids, content.notices), "OR" if content.is_choice else "AND")


def _is_main(path: str) -> bool:
    if is_license_file(path):
        return is_main_license(path)
    name = path.rpartition("/")[2].lower()
    return not name.startswith(("readme", "reuse.toml", "dep5", "notice", "authors", "contributors"))


def _read(path: str, text: str) -> _Read:
    content = recognise(text)
    named = canonical(reuse_license(path))
    if named is not None:
        return _Read(path=path, licenses=ids_of(named), text=content)
    if content.identifiers:
        ids = tuple(license_id for expression in content.identifiers for license_id in ids_of(expression))
        return _Read(path=path, licenses=ids, text=content)
    titled = _title(text) if not content.licenses and len(text) < _LONGEST_TITLE else None
    return _Read(path=path, licenses=ids_of(titled.expression) if titled else content.licenses, text=content)


def _title(text: str) -> LicenseName | None:
    """Return the licence that a file names without holding its text."""
    stated = re.search(_LICENSED_UNDER, text)
    lines = [stated[1]] if stated else [line for line in text.splitlines() if line.strip()][:3]
    names = (read_name(line) for line in lines)
    return next((name for name in names if name is not None and not name.options), None)


def _own_first(read: list[_Read]) -> list[_Read]:
    """Return the files of the top folder if any tells; they speak for the whole project."""
    return [row for row in read if "/" not in row.path] or read


def _together(read: list[_Read], notices: frozenset[str]) -> tuple[LicenseName, bool]:
    """Return the files' licences as one, and whether how they combine is a guess."""
    ids = tuple(dict.fromkeys(license_id for row in read for license_id in row.licenses))
    if "LGPL-3.0" in map(base_of, ids):
        # The LGPL's third version is a supplement to the GPL, whose text comes along.
        ids = tuple(license_id for license_id in ids if base_of(license_id) != "GPL-3.0")
    expressions = [row.text.identifiers for row in read if len(row.text.identifiers) == 1]
    if len(read) == 1 and expressions:
        return LicenseName(expression=expressions[0][0]), False
    is_choice = any(row.text.is_choice for row in read)
    is_named = sum(bool(re.fullmatch(_NAMED_FILE, row.path.rpartition("/")[2])) for row in read) > 1
    name = _named(_versions_chosen(ids, notices), "OR" if is_choice or is_named else "AND")
    return name, len(ids) > 1 and not is_choice


def _versions_chosen(ids: tuple[str, ...], notices: frozenset[str]) -> tuple[str, ...]:
    """Return ids in which GNU licences have the choice of versions that a notice makes, if any."""
    return tuple(
        next(
            (f"{license_id}{end}" for end in ("-or-later", "-only") if f"{license_id}{end}" in notices),
            license_id,
        )
        for license_id in ids
    )


def _named(ids: tuple[str, ...], operator: str) -> LicenseName:
    """Return ids as one expression; a GNU licence without a choice of versions is taken as that version only."""
    return LicenseName(
        expression=joined(tuple(f"{i}-only" if re.match(_GNU, i) else i for i in ids), operator),
        is_version_open=any(re.match(_GNU, license_id) for license_id in ids),
    )


def _reuse_default(path: str, text: str) -> tuple[str, str] | None:
    """Return REUSE's licence for files without one of their own, with the path that says so."""
    name = path.rpartition("/")[2]
    found: str | None = None
    if name == "REUSE.toml":
        found = _annotated(text)
    elif name == "dep5":
        found = _default_paragraph(text)
    expression = canonical(found) if found else None
    return (path, expression) if expression else None


def _default_paragraph(text: str) -> str | None:
    """Return the licence that dep5 gives all files. Source: Debian's copyright format 1.0, Files paragraph."""
    is_default = False
    for line in text.splitlines():
        if not line.strip():
            is_default = False
        elif _DEP5_ALL.fullmatch(line):
            is_default = True
        elif is_default and line.startswith("License:"):
            return line.removeprefix("License:").strip() or None
    return None


def _annotated(text: str) -> str | None:
    try:
        annotations = toml_tables(text).get("annotations")
    except (ValueError, RecursionError):
        return None
    for row in annotations if isinstance(annotations, list) else ():
        if not isinstance(row, dict):
            continue
        where, found = row.get("path"), row.get("SPDX-License-Identifier")
        if isinstance(found, str) and ("**" in where if isinstance(where, list) else where == "**"):
            return found
    return None

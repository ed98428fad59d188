"""The text of a licence file -> the SPDX licences that it contains.

A text is reduced to its words, so that wrapping, punctuation, comment signs and copyright lines don't matter. It is
cut where a licence starts (`data/license_texts.toml`), and each piece is told from its siblings by the phrases that
it has and lacks: that way a file with several licences shows all of them, and MIT, ISC and the BSD licences are not
taken for each other.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from conda_bridge.model.tables import read_table
from conda_bridge.translate.license_ids import canonical, ids_of

__all__ = ["LicenseText", "recognise"]

# Bundles of third parties' licences run to megabytes; the first licences are what counts.
_LONGEST = 400_000
_NOT_WORDS = re.compile(r"[^a-z0-9]+")
_IDENTIFIER = re.compile(r"SPDX-License-Identifier:\s*(?P<id>[^\r\n]+)")
_COMMENT_END = re.compile(r"\s*(?:\*/|-->|\*\)|#\}|\"\"\"|''').*\Z")
# The GNU texts end with instructions that contain a notice as an example.
_APPENDIX = "how to apply these terms to your new "
_APPENDIX_ENDS = (
    "lesser general public license instead of this license",
    "why not lgpl html",
    "that s all there is to it",
    "see https www gnu org licenses",
    "see http www gnu org licenses",
)
_APPENDIX_LENGTH, _LONGEST_APPENDIX = 2_500, 4_500
_GNU_NOTICE = re.compile(
    r"under the terms of the gnu (?P<family>|affero |lesser |library (?:or lesser )?)general public license"
    r"(?: v?(?P<early>\d(?: \d)?))? as published by the free software foundation (?:either )?(?:version|v) ?(?P<version>\d(?: \d)?)"
    r"(?: of the license)?(?P<later> or (?:at your option )?any later)?"
)
_GNU_FAMILIES = {
    "": "GPL",
    "affero": "AGPL",
    "lesser": "LGPL",
    "library": "LGPL",
    "library or lesser": "LGPL",
}
_PARTS = {
    # A stack of four, with the zero-clause BSD for the documentation.
    "Python-2.0": frozenset({"PSF-2.0", "CNRI-Python", "HPND", "SMLNJ", "0BSD"}),
    "LGPL-3.0": frozenset({"GPL-3.0"}),
    "ECL-2.0": frozenset({"Apache-2.0"}),
    "OpenSSL": frozenset({"BSD-4-Clause"}),
    "Sleepycat": frozenset({"BSD-3-Clause"}),
    "FSL-1.1-MIT": frozenset({"MIT"}),
    "FSL-1.1-ALv2": frozenset({"Apache-2.0"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseText:
    """What a text contains."""

    licenses: tuple[str, ...] = ()
    """In the order of the text. GNU licences stand as `GPL-3.0` where the text alone doesn't choose the versions."""
    identifiers: tuple[str, ...] = ()
    """The expressions of its `SPDX-License-Identifier` lines."""
    notices: frozenset[str] = frozenset()
    """GNU licences that it refers to as `GPL-3.0-or-later` or `GPL-3.0-only`."""
    is_choice: bool = False
    """True where it says that one of several licences may be chosen."""
    restriction: str = ""
    """Words that take back what an open licence gives, such as `commons clause`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Print:
    """A licence as the table tells it from its siblings."""

    license_id: str
    has: tuple[str, ...]
    lacks: tuple[str, ...]

    def matches(self, words: str) -> bool:
        return all(phrase in words for phrase in self.has) and not any(
            phrase in words for phrase in self.lacks
        )


@cache
def _prints() -> dict[str, tuple[_Print, ...]]:
    """Return the licences by the phrase that starts them."""
    return {row["start"]: tuple(map(_print, row["licenses"])) for row in read_table("license_texts")["text"]}


def _print(row: dict[str, Any]) -> _Print:
    return _Print(license_id=row["id"], has=tuple(row.get("has", ())), lacks=tuple(row.get("lacks", ())))


@cache
def _phrases(key: str) -> tuple[str, ...]:
    return tuple(read_table("license_texts")[key])


def recognise(text: str) -> LicenseText:
    """Return the licences in a text; none of a text that is no known licence.

    Cost: about 1 ms for 11 kB.
    """
    text = text[:_LONGEST]
    words = _without_appendices(_NOT_WORDS.sub(" ", text.lower()))
    found = [license_id for start, end in pairwise(_cuts(words)) if (license_id := _told(words[start:end]))]
    licenses = _without_parts(tuple(dict.fromkeys(found)))
    return LicenseText(
        licenses=licenses,
        identifiers=_identifiers(text),
        notices=frozenset(_notices(words)),
        # Python's one licence says that its documentation's examples are dual licensed.
        is_choice=len(licenses) != 1 and any(phrase in words for phrase in _phrases("choices")),
        restriction=next((phrase for phrase in _phrases("restrictions") if phrase in words), ""),
    )


def _without_appendices(words: str) -> str:
    kept, at = [], 0
    while (start := words.find(_APPENDIX, at)) >= 0:
        limit = start + _LONGEST_APPENDIX
        ends = [end + len(mark) for mark in _APPENDIX_ENDS if (end := words.find(mark, start, limit)) >= 0]
        kept.append(words[at:start])
        at = max(ends, default=start + _APPENDIX_LENGTH)
    return "".join((*kept, words[at:]))


def _cuts(words: str) -> list[int]:
    """Return where licences start, and the end of the text."""
    cuts: set[int] = set()
    for start in _prints():
        at = words.find(start)
        while at >= 0:
            cuts.add(at)
            at = words.find(start, at + len(start))
    return [*sorted(cuts), len(words)]


def _told(piece: str) -> str:
    """Return the licence of a piece that begins with a start."""
    for start, rows in _prints().items():
        if piece.startswith(start):
            for row in rows:
                if row.matches(piece):
                    return row.license_id
    return ""


def _without_parts(licenses: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out licences that are parts of another one's text."""
    parts = {part for license_id in licenses for part in _PARTS.get(license_id, ())}
    return tuple(license_id for license_id in licenses if license_id not in parts)


def _identifiers(text: str) -> tuple[str, ...]:
    if "SPDX-License-Identifier" not in text:
        return ()
    lines = (_COMMENT_END.sub("", match["id"]).strip() for match in _IDENTIFIER.finditer(text))
    found = (canonical(line) for line in lines)
    return tuple(dict.fromkeys(expression for expression in found if expression and ids_of(expression)))


def _notices(words: str) -> list[str]:
    return [
        f"{_GNU_FAMILIES[match['family'].strip()]}-{_version(match['version'])}-"
        + ("or-later" if match["later"] else "only")
        for match in _GNU_NOTICE.finditer(words)
    ]


def _version(digits: str) -> str:
    return digits.replace(" ", ".") if " " in digits else f"{digits}.0"

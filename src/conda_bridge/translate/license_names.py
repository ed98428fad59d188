"""What people call a licence, in free text or a classifier -> the SPDX licence that they mean.

"BSD 3-Clause", "GPLv3+", "The MIT License (MIT)", "Apache 2.0 / MIT", `License :: OSI Approved :: BSD License`.
Names that may mean several licences (`BSD`, `GPL`) are answered with what they may mean.
"""

import re
from dataclasses import dataclass
from functools import cache

from conda_bridge.model.tables import read_table
from conda_bridge.translate.license_ids import canonical, joined

__all__ = ["LicenseName", "read_classifier", "read_name", "says_nothing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseName:
    """What a name means."""

    expression: str
    """Canonical SPDX; where the name is ambiguous, what it means most often."""
    options: frozenset[str] = frozenset()
    """All bases that an ambiguous name may mean; empty where it means one thing."""
    is_version_open: bool = False
    """True where the name gives a version of a GNU licence, but not whether later ones are allowed."""


_LONGEST = 500
_CLASSIFIER_HEAD = "License :: "
# These classifiers say something of a licence, not which it is.
_NO_LICENSE = frozenset({"OSI Approved", "DFSG approved"})

# The patterns are strings, compiled when first used: most projects name an SPDX id and need none of them.
_LATER = (
    r"[\s,(]*\b(?:or|and)\b[\s,(]*(?:at\s+your\s+option[\s,)]*)?(?:any\s+)?"
    r"(?:later|newer|above|greater|higher|up(?:wards?)?|onwards?)\b(?:\s+versions?\b)?\)?"
)
_VERSION_LETTER = r"(?:\bv(?:ersion|er)?|(?<=[a-z])v)[\s.]*(?=\d)"
_WORD = r"[a-z]+|\d+(?:\.\d+)*|\+"
_QUOTES = "[\"'`*\u2018\u2019\u201c\u201d]"
_FILLERS = frozenset({
    "the", "license", "licenses", "licence", "licences", "licensed", "under", "terms", "of", "software", "version",
    "agreement", "see", "file", "text", "for", "details", "a", "this", "is", "by", "project", "txt", "md", "s",
})  # fmt: skip
_PLACEHOLDERS = frozenset(
    {"", "unknown", "none", "n", "other", "tbd", "todo", "copying", "root", "repository"}
)
_ADDRESS_WHOLE = r"<?(?:https?://|\bwww\.)[^\s,;)>]+>?"
# Without scheme and `www.`; a bare host such as `unlicense.org` counts, too.
_ADDRESS = r"(?:https?://)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org)[^\s,;)>]*)"
_ADDRESS_END = r"(?:licen[cs]es?|legalcode|index|html?|txt|php|en|deed|old|standalone|\W)+\Z"
_PARENTHESES = r"\(([^()]*)\)"
_BRACKET = r"[()]"
_DUAL = r"(?i)\b(?:dual|triple)[\s-]*licen[cs](?:ed|e|ing)\b(?:\s+under)?[\s:]*"
_SEPARATOR = r"\s+(or|and)\s+|\s*([/|,;&])\s*"
_OPERATOR = {"or": "OR", "and": "AND", "/": "OR", "|": "OR", "&": "AND", ";": "AND", ",": ""}

_GNU_WORDS = frozenset({
    "gnu", "affero", "lesser", "library", "general", "public", "gpl", "lgpl", "agpl", "gfdl", "fdl", "free",
    "documentation", "only", "+", "v", "fsf",
})  # fmt: skip
_GNU_VERSIONS = {
    "GPL": {"1": "1.0", "2": "2.0", "3": "3.0"},
    "LGPL": {"2": "2.0", "2.1": "2.1", "3": "3.0"},
    "AGPL": {"1": "1.0", "3": "3.0"},
    "GFDL": {"1.1": "1.1", "1.2": "1.2", "1.3": "1.3"},
}


def read_name(text: str) -> LicenseName | None:
    """Return what a free text means; None where that can't be told.

    >>> read_name("GPLv3+").expression
    'GPL-3.0-or-later'
    """
    text = " ".join(text.split())
    if not text or len(text) > _LONGEST:
        return None
    return _without_address(text) or _with_parentheses(text) or _from_address(text)


def says_nothing(text: str) -> bool:
    """Tell whether a free text only stands in for a name: `UNKNOWN`, `see LICENSE.txt`."""
    return len(text) <= _LONGEST and _key(text) in _PLACEHOLDERS


def read_classifier(classifier: str) -> LicenseName | None:
    """Return what a trove classifier means; None where it names no licence.

    >>> read_classifier("License :: OSI Approved :: MIT License").expression
    'MIT'
    """
    leaf = classifier.removeprefix(_CLASSIFIER_HEAD).rpartition(" :: ")[2].strip()
    if leaf in _NO_LICENSE:
        return None
    return read_name(leaf)


def _spdx(text: str) -> LicenseName | None:
    expression = canonical(text)
    if expression is None:
        return None
    # `GPL-3.0` was deprecated because it doesn't say whether later versions are allowed.
    is_open = bool(re.search(r"\bA?L?GPL-[\d.]+(?![\d.+]|-only|-or-later)", text, re.IGNORECASE))
    return LicenseName(expression=expression, is_version_open=is_open)


def _one(text: str) -> LicenseName | None:
    key = _key(text)
    return _named().get(key) or _gnu(key)


def _without_address(text: str) -> LicenseName | None:
    return _spdx(text) or _one(text) or _several(text)


def _with_parentheses(text: str) -> LicenseName | None:
    inside = re.findall(_PARENTHESES, text)
    if not inside:
        return None
    outside = re.sub(_BRACKET, " ", re.sub(_PARENTHESES, " ", text))
    outer = _without_address(outside) or _from_address(outside)
    inner = next((name for part in inside if (name := _without_address(part) or _from_address(part))), None)
    if outer is None or inner is None:
        return outer or inner
    # "Apache Software License (Apache-2.0)": the narrower name says more.
    return inner if outer.options and not inner.options else outer


def _from_address(text: str) -> LicenseName | None:
    rest = re.sub(_ADDRESS_WHOLE, " ", text)
    named = [_without_address(rest)] if rest != text else []
    named += [_name_of_address(address) for address in re.findall(_ADDRESS, text.lower())]
    known = [name for name in named if name is not None]
    return next((name for name in known if not name.options), known[0] if known else None)


def _name_of_address(address: str) -> LicenseName | None:
    for beginning, license_id in read_table("licenses")["urls"].items():
        if address.startswith(beginning):
            return LicenseName(expression=license_id)
    words = re.sub(_ADDRESS_END, "", address.partition("licenses/")[2] or address.rpartition("/")[2])
    return _without_address(words.replace("/", " "))


def _several(text: str) -> LicenseName | None:
    """Read `MIT/Apache-2.0` (a choice), `MIT, BSD-3-Clause` and `MIT and BSD` (both)."""
    plain = re.sub(_LATER, "+", re.sub(_DUAL, "", text).lower())
    pieces = re.split(_SEPARATOR, plain)
    names = [_spdx(piece) or _one(piece) for piece in pieces[0::3] if piece.strip()]
    signs = {sign for pair in zip(pieces[1::3], pieces[2::3], strict=True) for sign in pair if sign}
    operators = {"OR"} if re.search(_DUAL, text) else {_OPERATOR[sign] for sign in signs} - {""}
    if len(names) < 2 or len(operators) > 1:
        return None
    known = [name for name in names if name is not None]
    if len(known) < len(names):
        return None
    return LicenseName(
        expression=joined(tuple(name.expression for name in known), "".join(operators) or "AND"),
        is_version_open=any(name.is_version_open for name in known),
    )


def _key(text: str) -> str:
    """Return the words that matter, so that the many spellings of a name become one."""
    plain = re.sub(_QUOTES, "", re.sub(_LATER, "+", text.lower())).replace(">=", "+")
    words = [_number(word) for word in re.findall(_WORD, re.sub(_VERSION_LETTER, " ", plain))]
    kept = [word for word in words if word not in _FILLERS]
    return " ".join(word for i, word in enumerate(kept) if i == 0 or word != kept[i - 1])


def _number(word: str) -> str:
    """Return `2` for `2.0`."""
    return re.sub(r"(?:\.0+)+\Z", "", word)


@cache
def _named() -> dict[str, LicenseName]:
    table = read_table("licenses")
    names = {
        key: LicenseName(expression=license_id) for license_id, keys in table["names"].items() for key in keys
    }
    for row in table["ambiguous"].values():
        name = LicenseName(expression=row["default"], options=frozenset(row["options"]))
        names |= dict.fromkeys(row["names"], name)
    return names


def _gnu(key: str) -> LicenseName | None:
    words = key.split()
    numbers = {word for word in words if word[0].isdigit()}
    family = _gnu_family(set(words))
    if not family or len(numbers) > 1 or set(words) - numbers - _GNU_WORDS:
        return None
    if not numbers:
        row = read_table("licenses")["ambiguous"][family]
        return LicenseName(expression=row["default"], options=frozenset(row["options"]))
    version = _GNU_VERSIONS[family].get(numbers.pop())
    if version is None:
        return None
    if "+" in words:
        return LicenseName(expression=f"{family}-{version}-or-later")
    return LicenseName(expression=f"{family}-{version}-only", is_version_open="only" not in words)


def _gnu_family(words: set[str]) -> str:
    if words & {"agpl", "affero"}:
        return "AGPL"
    if words & {"lgpl", "lesser", "library"}:
        return "LGPL"
    if words & {"gfdl", "fdl"} or {"free", "documentation"} <= words:
        return "GFDL"
    if "gpl" in words or {"general", "public"} <= words or words == {"gnu"}:
        return "GPL"
    return ""

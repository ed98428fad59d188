"""Lint of a recipe's license, its family and its files.

Source: conda-smithy, R-007, R-010, R-013, R-044, R-045; conda-build, license families.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.walking import is_blank
from conda_bridge.formats.document import Item, RecipeDocument
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.translate.license_ids import canonical

__all__ = [
    "RULES",
    "license_family_is_known",
    "license_file_is_packaged",
    "license_is_known",
    "license_is_spdx",
    "license_omits_the_word",
]

_LONGEST = 500
"""Of an expression, in characters; no licence of a package comes near."""
_JINJA = "{{"
_OPERATORS = frozenset({"and", "or"})
_TOKEN = re.compile(r"[^\s()]+")
_EXCEPTION = re.compile(r"\s+with\s+([^\s()]+)", re.IGNORECASE)
_OWN = re.compile(r"LicenseRef[A-Za-z0-9.-]*")
_ALLOWED_WITH_LICENSE = ("unlicense", "licenseref", "-license")
_FAMILIES_WITH_FILES = ("gpl", "bsd", "mit", "apache", "psf")
_FAMILIES = frozenset(
    {
        *("AGPL", "LGPL", "GPL", "GPL2", "GPL3", "BSD", "MIT", "APACHE", "PSF", "CC", "MOZILLA"),
        *("PUBLICDOMAIN", "PROPRIETARY", "OTHER", "NONE"),
    }
)


def _licenses(document: RecipeDocument) -> Iterator[Item]:
    """Yield what `license` says, unless only rendering could tell."""
    for item in document.items("about", "license"):
        if item.value.strip() and _JINJA not in item.value:
            yield replace(item, value=item.value.strip()[:_LONGEST])


def license_is_known(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-007: the license isn't called unknown."""
    for item in _licenses(document):
        if item.value.lower() == "unknown":
            yield lint(document, "lint-license-unknown", f"the license is {item.value!r}", line=item.line)


def license_omits_the_word(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-010: the license isn't called a license."""
    for item in _licenses(document):
        name = item.value.lower()
        if "license" in name and not any(word in name for word in _ALLOWED_WITH_LICENSE):
            yield lint(
                document,
                "lint-license-says-license",
                f"the license is {item.value[:80]!r}",
                line=item.line,
            )


def license_file_is_packaged(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-013: the license's text is packaged; meta.yaml may leave it out for licenses that don't ask for it."""
    found = document.nodes("about", "license_file")
    if all(is_blank(node) for node in found) and _asks_for_text(document):
        yield lint(
            document,
            "lint-no-license-file",
            "about has no license_file",
            line=document.key_line("about", "license_file") or document.key_line("about"),
        )


def _asks_for_text(document: RecipeDocument) -> bool:
    if document.format == "v1":
        return True
    families = document.items("about", "license_family") or document.items("about", "license")
    return any(family in item.value.lower() for item in families for family in _FAMILIES_WITH_FILES)


def license_is_spdx(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-044, R-045: the license is an SPDX expression of ids that SPDX hasn't given up, in its spelling."""
    for item in _licenses(document):
        license_text = item.value
        if not _is_spdx(_EXCEPTION.sub("", license_text)):
            better = canonical(license_text)
            yield lint(
                document,
                "lint-license-spdx",
                f"{license_text[:80]!r} is no SPDX expression",
                line=item.line,
                hint=f"write {better}" if better else None,
            )
        for exception in _EXCEPTION.findall(license_text):
            # The license is a stand-in: any may carry any exception.
            if canonical(f"MIT WITH {exception}") != f"MIT WITH {exception}":
                yield lint(
                    document,
                    "lint-license-exception",
                    f"{exception[:80]!r} is no exception of SPDX",
                    line=item.line,
                )


def _is_spdx(expression: str) -> bool:
    names = {token for token in _TOKEN.findall(expression) if token.lower() not in _OPERATORS}
    known = {name for name in names if _OWN.fullmatch(name) or canonical(name) == name}
    return names == known and canonical(_TOKEN.sub(_stand_in, expression)) is not None


def _stand_in(token: re.Match[str]) -> str:
    return token[0] if token[0].lower() in _OPERATORS else "MIT"


def license_family_is_known(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """CB-002: meta.yaml's license_family is one that conda-build takes; others end the build."""
    if document.format == "v1":
        return
    for item in document.items("about", "license_family"):
        if _JINJA not in item.value and _family(item.value) not in _FAMILIES:
            yield lint(
                document,
                "lint-license-family",
                f"{item.value[:80]!r} is no licence family",
                line=item.line,
            )


def _family(text: str) -> str:
    spelled = text.upper().replace("GENERAL PUBLIC LICENSE", "GPL")
    spelled = re.sub("LESSER *", "L", re.sub("AFFERO *", "A", spelled))
    return re.sub(r"[\W_]", "", spelled)


RULES: tuple[Check, ...] = (
    license_is_known,
    license_omits_the_word,
    license_file_is_packaged,
    license_is_spdx,
    license_family_is_known,
)

"""Lint of where a recipe's sources come from.

Source: conda-smithy, R-019, R-028, R-029, R-030, R-050; CB-007 is our own.
"""

import re
from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.walking import sources_of
from conda_bridge.formats.document import Item, RecipeDocument
from conda_bridge.model.diagnostic import Diagnostic

__all__ = [
    "RULES",
    "checksums_are_possible",
    "sources_are_no_wheels",
    "sources_are_on_todays_pypi",
    "sources_have_hashes",
]

_HASHES = frozenset({"sha256", "sha1", "md5"})
_DIGITS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]+", re.ASCII)
_LEGACY = ("https://pypi.io/", "http://pypi.io/")


def _urls(document: RecipeDocument) -> Iterator[Item]:
    for source in sources_of(document):
        yield from document.items("url", within=source)


def sources_have_hashes(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-019: what is downloaded has a hash."""
    for source in sources_of(document):
        keys = {key.text: key.line for key, _value in source.entries}
        if "url" in keys and not _HASHES & keys.keys():
            yield lint(document, "lint-no-hash", "a source with a URL has no hash", line=keys["url"])


def checksums_are_possible(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """CB-007: a checksum has as many hexadecimal digits as its kind has."""
    for source in sources_of(document):
        for key, digits in _DIGITS.items():
            for item in document.items(key, within=source):
                text = item.value.strip()
                is_fine = len(text) == digits and _HEXADECIMAL.fullmatch(text) is not None
                if text and "{{" not in text and not is_fine:
                    message = f"{text[:150]!r} is no {key}"
                    yield lint(document, "lint-wrong-checksum", message, line=item.line)


def sources_are_on_todays_pypi(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-050: no URL has the host that PyPI once had."""
    for item in _urls(document):
        if item.value.startswith(_LEGACY):
            yield lint(document, "lint-legacy-pypi-url", "the source is fetched from pypi.io", line=item.line)


def sources_are_no_wheels(document: RecipeDocument, _: CheckContext) -> Iterator[Diagnostic]:
    """R-028, R-029, R-030: no source is a wheel; a pure one is tolerated for noarch: python."""
    is_noarch = any(item.value == "python" for item in document.items("build", "noarch"))
    for item in _urls(document):
        if not item.value.endswith(".whl"):
            continue
        wheel = item.value.rpartition("/")[2]
        slug = "lint-pure-wheel-noarch" if is_noarch else "lint-pure-wheel-arch"
        if not wheel.endswith("-none-any.whl"):
            slug = "lint-compiled-wheel"
        yield lint(document, slug, f"the source {wheel[:120]!r} is a wheel", line=item.line)


RULES: tuple[Check, ...] = (
    sources_have_hashes,
    checksums_are_possible,
    sources_are_on_todays_pypi,
    sources_are_no_wheels,
)

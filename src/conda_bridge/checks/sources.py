"""Lint of where a recipe's sources come from.

Source: conda-smithy, R-019, R-028, R-029, R-030, R-050.
"""

from collections.abc import Iterator

from conda_bridge.checks.context import Check, CheckContext, lint
from conda_bridge.checks.walking import sources_of
from conda_bridge.formats.document import Item, RecipeDocument
from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["RULES", "sources_are_no_wheels", "sources_are_on_todays_pypi", "sources_have_hashes"]

_HASHES = frozenset({"sha256", "sha1", "md5"})
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
    sources_are_on_todays_pypi,
    sources_are_no_wheels,
)

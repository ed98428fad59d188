"""What a recipe says that it packages: its name, version and the files that it downloads."""

from collections.abc import Iterator
from dataclasses import dataclass

from conda_bridge.checks.walking import sources_of
from conda_bridge.formats.document import Item, RecipeDocument
from conda_bridge.formats.yaml_tree import MappingNode

__all__ = ["SourceClaim", "claimed_name", "claimed_sources", "claimed_version"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceClaim:
    """One download of a recipe; what can't be told without rendering is empty."""

    url: str
    sha256: str = ""
    line: int = 0
    """Of the hash, or of the URL where there is no hash."""

    @property
    def filename(self) -> str:
        """The last part of the URL, without query and fragment."""
        return self.url.partition("#")[0].partition("?")[0].rpartition("/")[2]


def claimed_name(document: RecipeDocument) -> str:
    """Return the recipe's name; empty where it can't be told."""
    found = _head(document, "name")
    return found.value if found is not None and "{{" not in found.value else ""


def claimed_version(document: RecipeDocument) -> tuple[str, int]:
    """Return the recipe's version and its line; an empty version where it can't be told."""
    found = _head(document, "version")
    return (found.value, found.line) if found is not None and "{{" not in found.value else ("", 0)


def claimed_sources(document: RecipeDocument) -> tuple[SourceClaim, ...]:
    """Return the first URL of each source in the file's order, of the recipe before those of its outputs."""
    return tuple(claim for source in sources_of(document) for claim in _claims(document, source))


def _head(document: RecipeDocument, key: str) -> Item | None:
    items = (*document.items("package", key), *document.items("recipe", key))
    return next((item for item in items if item.value), None)


def _claims(document: RecipeDocument, source: MappingNode) -> Iterator[SourceClaim]:
    hashes = [item for item in document.items("sha256", within=source) if "{{" not in item.value]
    sha256 = hashes[0] if len(hashes) == 1 else None
    for url in document.items("url", within=source)[:1]:
        if "{{" not in url.value:
            yield SourceClaim(
                url=url.value,
                sha256=sha256.value.lower() if sha256 else "",
                line=sha256.line if sha256 else url.line,
            )

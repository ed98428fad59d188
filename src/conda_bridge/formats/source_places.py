"""A recipe's sources as an engine rendered them -> where the recipe says them, and where local copies go.

The engine knows what the sources are, and the text where they stand; a value in the text is known by what it
evaluates to. What can't be evaluated here, since it depends on the engine, is compared as far as it is known.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from conda_bridge.errors import RecipeError
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.formats.expressions import Value, substitute
from conda_bridge.formats.jinja_tags import tags_of
from conda_bridge.formats.yaml_tree import MappingNode, ScalarNode
from conda_bridge.model.build import RenderedOutput, RenderedSource
from conda_bridge.translate.globs import has_pieces

__all__ = ["Place", "SourceKind", "places_of"]

SourceKind: TypeAlias = Literal["url", "git", "path"]

_KEYS: Mapping[SourceKind, tuple[str, ...]] = {"url": ("url",), "git": ("git", "git_url"), "path": ("path",)}
_SAFE_REST = re.compile(r"(?!.*\.\.)[\w.+~/-]*[\w.+~-]", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A value of the recipe that says where sources are."""

    node: ScalarNode
    kind: SourceKind
    locations: tuple[str, ...]
    """The URLs or paths that it is, in one variant or another; mostly one."""
    prefix: str = ""
    """Of a value that is several: what they all begin with, written without an expression."""


def places_of(
    document: RecipeDocument, outputs: Sequence[RenderedOutput], *, recipe_dir: str
) -> tuple[Place, ...]:
    """Return the places of all sources that the rendered outputs have; those of other platforms aren't there.

    Raises:
        RecipeError: `uneditable-recipe` where a source's first location isn't found, or where one value is several
            that can't be told apart.
    """
    finder = _Finder(document=document, recipe_dir=recipe_dir, scopes=tuple(_scopes(document, outputs)))
    sources = tuple(dict.fromkeys(source for output in outputs for source in output.sources))
    places = tuple(finder.places(sources))
    found = {(place.kind, location) for place in places for location in place.locations}
    for source in sources:
        if source.urls and (source.kind, source.urls[0]) not in found:
            message = f"the recipe doesn't say the source {source.urls[0]!r} in a way that can be found"
            raise RecipeError("uneditable-recipe", message, where=document.path)
    return places


def _scopes(document: RecipeDocument, outputs: Iterable[RenderedOutput]) -> Iterator[dict[str, Value]]:
    for variant in dict.fromkeys((output.subdir, output.variant) for output in outputs):
        yield {**dict(variant[1]), "target_platform": variant[0], **dict(document.scope)}


@dataclass(frozen=True, kw_only=True)
class _Finder:
    document: RecipeDocument
    recipe_dir: str
    scopes: tuple[dict[str, Value], ...]

    def places(self, sources: Sequence[RenderedSource]) -> Iterator[Place]:
        for kind, keys in _KEYS.items():
            known = dict.fromkeys(url for source in sources if source.kind == kind for url in source.urls)
            for node in self._nodes(keys) if known else ():
                locations = tuple(location for location in known if self._is(node, location, kind))
                if locations:
                    yield _place(node, kind, locations)

    def _nodes(self, keys: tuple[str, ...]) -> Iterator[ScalarNode]:
        for root in self._roots():
            for key in keys:
                for entry in self.document.entries("source", key, within=root):
                    if isinstance(entry.node, ScalarNode):
                        yield entry.node

    def _roots(self) -> Iterator[MappingNode]:
        yield self.document.root
        for key in ("outputs", "cache"):
            for entry in self.document.entries(key):
                if isinstance(entry.node, MappingNode):
                    yield entry.node

    def _is(self, node: ScalarNode, location: str, kind: SourceKind) -> bool:
        return any(self._is_in(scope, node.text, location, kind) for scope in self.scopes)

    def _is_in(self, scope: Mapping[str, Value], written: str, location: str, kind: SourceKind) -> bool:
        value = substitute(written, scope, self.document.format)
        pieces = _literal_pieces(value, self.document)
        if kind == "path":
            # An engine may say a path as it is written or from the root.
            is_same = _joined(self.recipe_dir, value) == _joined(self.recipe_dir, location)
            return is_same or (len(pieces) > 1 and has_pieces(location, pieces))
        plain = [_plain_url(piece) for piece in pieces]
        return has_pieces(_plain_url(location), plain)


def _place(node: ScalarNode, kind: SourceKind, locations: tuple[str, ...]) -> Place:
    if len(locations) == 1:
        return Place(node=node, kind=kind, locations=locations)
    before = node.text.partition("{{")[0].removesuffix("$")
    prefix = before[: before.rfind("/") + 1]
    rests = [location.removeprefix(prefix) for location in locations if location.startswith(prefix)]
    is_clear = len(rests) == len(locations) and all(_SAFE_REST.fullmatch(rest) for rest in rests)
    if kind != "url" or not urlsplit(prefix).netloc or not is_clear:
        message = f"one value stands for {len(locations)} sources, and their files can't be put in its place"
        raise RecipeError("uneditable-recipe", message, where=f"line {node.line}")
    return Place(node=node, kind=kind, locations=locations, prefix=prefix)


def _literal_pieces(value: str, document: RecipeDocument) -> list[str]:
    """Return the text around the expressions that are left."""
    pieces: list[str] = []
    position = 0
    for tag in tags_of(value, document.format):
        pieces.append(value[position : tag.start])
        position = tag.end
    return [*pieces, value[position:]]


def _plain_url(url: str) -> str:
    """Return a URL, or a part of one, as engines that parse URLs can't change it any more."""
    scheme, separator, rest = unquote(url).partition("://")
    if not separator:
        return unquote(url)
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash or '/'}{path}"


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))

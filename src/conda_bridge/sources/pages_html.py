"""The HTML form of the simple API -> its files.

Source: simple repository API, "Base HTML API" (PEP 503), with yanked files (PEP 592), the version (PEP 629),
metadata (PEP 658, 714) and the project's status (PEP 792).
"""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from conda_bridge.errors import SourceError
from conda_bridge.sources.raw_pages import Page, RawFile, RawPage
from conda_bridge.translate.url_secrets import redacted

__all__ = ["parse_html"]

_TAG = re.compile(r"""<(?:a|base|meta)\s(?:[^"'<>]|"[^"]*"|'[^']*')*+>""", re.IGNORECASE)


def parse_html(page: Page) -> RawPage:
    """Return the files of a project page in HTML.

    Raises:
        SourceError: `invalid-index-page` for a later version of the API than 1.
    """
    parser = _AnchorParser()
    # Tag by tag: on a page of unclosed ones, html.parser's time grows with the square of their number.
    for tag in _TAG.finditer(_without_comments(page.body.decode("utf-8", errors="replace"))):
        parser.feed(tag[0])
    parser.close()
    if parser.meta.get("pypi:repository-version", "1.0").partition(".")[0] != "1":
        message = "it is of a later version of the simple API than 1"
        raise SourceError("invalid-index-page", message, where=redacted(page.url))
    files = (_file(attributes, parser.base) for attributes in parser.anchors)
    return RawPage(
        # Listings made by web servers link to folders and to themselves too.
        files=tuple(file for file in files if file.filename),
        status=parser.meta.get("pypi:project-status", "active"),
        status_reason=parser.meta.get("pypi:project-status-reason", ""),
    )


def _without_comments(text: str) -> str:
    first, *rest = text.split("<!--")
    return "".join((first, *(part.partition("-->")[2] for part in rest)))


class _AnchorParser(HTMLParser):
    """Collects the attributes of anchors, the base URL and the meta values."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: list[dict[str, str | None]] = []
        self.base = ""
        self.meta: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of the three kinds of elements that matter."""
        attributes = dict(attrs)
        if tag == "a" and attributes.get("href"):
            self.anchors.append(attributes)
        elif tag == "base" and not self.base:
            self.base = attributes.get("href") or ""
        elif tag == "meta":
            self.meta.setdefault(attributes.get("name") or "", attributes.get("content") or "")


def _file(attributes: dict[str, str | None], base: str) -> RawFile:
    href = attributes["href"] or ""
    try:
        url = urljoin(base, href)
        parts = urlsplit(url)
    except ValueError:
        return RawFile(filename=href, url=href)  # left out with a finding, like every malformed URL
    # PEP 714: the second name is that of servers from before a clash was found.
    metadata = (
        attributes.get("data-core-metadata", attributes.get("data-dist-info-metadata", "false")) or "true"
    )
    kind, _, digest = metadata.partition("=")
    return RawFile(
        filename=unquote(parts.path.rpartition("/")[2]),
        url=url,
        sha256=parse_qs(parts.fragment).get("sha256", [""])[0],
        metadata=digest if kind == "sha256" and digest else kind != "false",
        yanked=(attributes["data-yanked"] or "") if "data-yanked" in attributes else None,
        requires_python=attributes.get("data-requires-python") or "",
    )

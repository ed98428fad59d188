"""The project's URLs -> those that a recipe may show, without credentials."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

from conda_bridge.infer.project.texts import has_controls
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import Known

__all__ = ["read_urls", "redacted"]

_SECRET = re.compile(r"token|secret|passw|api[-_]?key|auth(?!or)|signature|credential", re.IGNORECASE)
_MAX_CHARACTERS = 2_000


def redacted(url: str) -> str:
    """Return the URL without user, password and secret query parameters.

    >>> redacted("https://me:secret@example.org/x?a=1&token=abc")
    'https://example.org/x?a=1'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.rpartition("@")[2] if "@" in url else url
    query = "&".join(part for part in parts.query.split("&") if not _SECRET.search(part.partition("=")[0]))
    if "@" not in parts.netloc and query == parts.query:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query))


def read_urls(
    urls: Iterable[tuple[str, Known[str]]],
) -> tuple[tuple[tuple[str, Known[str]], ...], tuple[Diagnostic, ...]]:
    """Return (label, URL) of the web addresses, each URL once a label, and findings on the others."""
    kept: dict[tuple[str, str], Known[str]] = {}
    diagnostics: list[Diagnostic] = []
    for label, known in urls:
        url = known.value.strip()
        if not _is_web_address(url):
            message = f"{label or 'a URL'!r} is {url!r:.80}"
            diagnostics.append(finding("unsafe-url", message, origin=known.origin))
            continue
        clean = redacted(url)
        if clean != url:
            diagnostics.append(finding("url-credentials", f"in the URL {label!r}", origin=known.origin))
        kept.setdefault(
            (label, clean), Known(value=clean, origin=known.origin, is_declared=known.is_declared)
        )
    return tuple((label, known) for (label, _), known in kept.items()), tuple(diagnostics)


def _is_web_address(url: str) -> bool:
    if (
        len(url) > _MAX_CHARACTERS
        or has_controls(url)
        or any(character in " <>\"'`\\{}|^" for character in url)
    ):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)

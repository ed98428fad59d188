"""The project's URLs -> those that a recipe may show, without credentials."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from conda_bridge.infer.project.texts import has_controls
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import Known
from conda_bridge.translate.url_secrets import publishable

__all__ = ["read_urls"]

_MAX_CHARACTERS = 2_000


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
        clean = publishable(url)
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

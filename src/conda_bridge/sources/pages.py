"""An index's answer -> the project's files: the JSON form of the simple API, or HTML where an index has only that.

Relative URLs are resolved against the page's own, after redirects. A file that can't be used (no valid name, a
URL on another scheme) is left out with a finding; files without sha256 stay, and are refused when asked for.

Source: simple repository API (PEP 503, 592, 629, 658, 691, 700, 714, 792).
"""

import json
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from conda_bridge.archives.paths import checked_path, shown
from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName
from conda_bridge.model.source import FileLink, IndexProject, ProjectStatus
from conda_bridge.sources.raw_pages import Page, RawFile, RawPage
from conda_bridge.sources.urls import split_credentials
from conda_bridge.translate.url_secrets import redacted

__all__ = ["ACCEPT", "parse_page"]

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
"""The forms that are understood, as an `Accept` header."""

_LONGEST_NAME = 255
_LONGEST_REASON = 300
_SHA256 = re.compile(r"[0-9a-f]{64}")
# A large project has thousands of files, nearly all of plain names and URLs; brackets may make splitting fail.
_ORDINARY_NAME = re.compile(r"[A-Za-z0-9_][\w.+!-]*", re.ASCII)
_ORDINARY_URL = re.compile(r"https://[\w.:-]+/[\w.:/+%=&#?@!~-]*", re.ASCII)
_STATUSES: dict[str, ProjectStatus] = {
    "active": "active", "archived": "archived", "deprecated": "deprecated", "quarantined": "quarantined",
}  # fmt: skip


def parse_page(page: Page, *, name: PypiName, index_url: str) -> IndexProject:
    """Return the project of an answer. `index_url` is shown, so it carries no credentials.

    Raises:
        SourceError: `invalid-index-page`.
    """
    media_type = page.content_type.partition(";")[0].strip().lower()
    if media_type.endswith("json"):
        raw = _parse_json(page)
    elif media_type.endswith("html"):
        from conda_bridge.sources.pages_html import parse_html  # noqa: PLC0415 - most indexes answer JSON

        raw = parse_html(page)
    else:
        raise _invalid(page, f"it is neither JSON nor HTML but {media_type[:60]!r}")
    links: list[FileLink] = []
    diagnostics: list[Diagnostic] = []
    for file in raw.files:
        reason = _fault(file, page.url)
        if reason:
            message = f"{shown(file.filename)} of {name} on {index_url} is left out: {reason}"
            diagnostics.append(finding("skipped-link", message))
        else:
            links.append(_link(file, page.url))
    return IndexProject(
        pypi_name=name,
        index_url=index_url,
        files=tuple(links),
        # A status of a later version of the specification says nothing that we could act upon.
        status=_STATUSES.get(raw.status, "active"),
        status_reason=_printable(raw.status_reason),
        diagnostics=tuple(diagnostics),
    )


def _fault(file: RawFile, page_url: str) -> str:
    """Return why a file can't be used; empty where it can."""
    try:
        name = file.filename
        is_plain = _ORDINARY_NAME.fullmatch(name) or (
            checked_path(name) == name and not set(name) & {"/", "\\"}
        )
        if not is_plain or not 0 < len(name) <= _LONGEST_NAME:
            return "its name is no file name"
        if _ORDINARY_URL.fullmatch(file.url) and page_url.startswith("https://"):
            return ""
        scheme = urlsplit(_absolute(file.url, page_url)).scheme
    except (SourceError, ValueError):
        return "its name or URL is malformed"
    if not file.url.isprintable():
        return "its URL has control characters"
    # A page of the web must not make us read files of this machine, nor one of the disk the web.
    is_local = page_url.startswith("file:")
    return "" if scheme in ({"file"} if is_local else {"https", "http"}) else f"its URL is {scheme}:"


def _absolute(url: str, page_url: str) -> str:
    # Joining is the dearest step of reading a page, and most indexes write whole URLs.
    return url if url.startswith("https://") else urljoin(page_url, url)


def _link(file: RawFile, page_url: str) -> FileLink:
    clean, _ = split_credentials(_absolute(file.url, page_url).partition("#")[0])
    return FileLink(
        filename=file.filename,
        url=clean,
        sha256=_sha256(file.sha256),
        size_bytes=file.size_bytes,
        requires_python=file.requires_python,
        yanked=None if file.yanked is None else _printable(file.yanked),
        has_metadata=bool(file.metadata),
        metadata_sha256=_sha256(file.metadata) if isinstance(file.metadata, str) else "",
        upload_time=file.upload_time,
    )


def _printable(text: str) -> str:
    """Return a stranger's sentence as it may stand in a message: one line, no control characters, not long."""
    line = " ".join(text.split())
    safe = "".join(char for char in line if char.isprintable())
    return safe if len(safe) <= _LONGEST_REASON else f"{safe[: _LONGEST_REASON - 3]}..."


def _sha256(text: str) -> str:
    lowered = text.lower()
    return lowered if _SHA256.fullmatch(lowered) else ""


def _invalid(page: Page, reason: str) -> SourceError:
    return SourceError("invalid-index-page", reason, where=redacted(page.url))


# ---------------------------------------------------------------- JSON


def _parse_json(page: Page) -> RawPage:
    try:
        raw = json.loads(page.body)
        meta = _mapping(raw.get("meta"))
        major = str(meta.get("api-version", "1.0")).partition(".")[0]
        files = raw["files"]
    except (ValueError, RecursionError, AttributeError, KeyError) as error:
        raise _invalid(page, f"it is not the JSON of a project: {type(error).__name__}") from error
    if major != "1" or not isinstance(files, list):
        raise _invalid(page, "it is of a later version of the simple API than 1")
    status = _mapping(raw.get("project-status"))
    return RawPage(
        files=tuple(_json_file(file, page) for file in files),
        # The first text of PEP 792 had the status in `meta`.
        status=_text(status.get("status") or meta.get("project-status")) or "active",
        status_reason=_text(status.get("reason") or meta.get("project-status-reason")),
    )


def _json_file(raw: Any, page: Page) -> RawFile:
    entry = _mapping(raw)
    url = _text(entry.get("url"))
    if not url:
        raise _invalid(page, "a file has no URL")
    # PEP 714: the second name is that of servers from before a clash was found.
    metadata = entry.get("core-metadata", entry.get("dist-info-metadata", False))
    yanked = entry.get("yanked", False)
    size = entry.get("size")
    return RawFile(
        filename=_text(entry.get("filename")),
        url=url,
        sha256=_text(_mapping(entry.get("hashes")).get("sha256")),
        metadata=_text(metadata.get("sha256")) or True if isinstance(metadata, dict) else metadata is True,
        yanked=_text(yanked) if yanked is True or isinstance(yanked, str) else None,
        requires_python=_text(entry.get("requires-python")),
        size_bytes=size if isinstance(size, int) and size >= 0 else None,
        upload_time=_text(entry.get("upload-time")),
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

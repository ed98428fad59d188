"""The pages of a static package index, written and read: projects and their files, as HTML and as JSON.

The JSON page of a project is what is known of its files; the HTML page says the same. Pages that we wrote are told from
others by their generator.

Source: simple repository API (PEP 503, 592, 629, 658, 691, 700, 714).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

__all__ = [
    "IndexedFile",
    "is_linked",
    "is_own_page",
    "project_html",
    "project_json",
    "read_project",
    "read_root",
    "root_html",
    "root_json",
    "version_of_file",
]

_API_VERSION = "1.1"
"""The oldest that has sizes and versions. Source: PEP 700."""
_GENERATOR = '<meta name="generator" content="conda-bridge">'
_HEAD_CHARACTERS = 1_000
_NO_VERSION = Version("0")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedFile:
    """A file of a project."""

    filename: str
    sha256: str
    size_bytes: int
    requires_python: str = ""
    metadata_sha256: str = ""
    """Of the core metadata beside the file, `<filename>.metadata`; empty where there are none. Source: PEP 658."""
    yanked: str | None = None
    """Why it was withdrawn, which may be empty; None: it wasn't. We never say so, but keep it. Source: PEP 592."""


def version_of_file(filename: str) -> Version | None:
    """Return the version of a wheel or an sdist; None of what is neither.

    >>> version_of_file("demo-1.0-py3-none-any.whl")
    <Version('1.0')>
    """
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)[1]
        return parse_sdist_filename(filename)[1]
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None


# ---------------------------------------------------------------- written


def project_json(pypi_name: str, files: Iterable[IndexedFile]) -> str:
    """Return a project's page as JSON."""
    ordered = _ordered(files)
    versions = sorted({version_of_file(file.filename) or _NO_VERSION for file in ordered})
    return _json(
        {
            "meta": {"api-version": _API_VERSION},
            "name": pypi_name,
            "versions": [str(version) for version in versions],
            "files": [_file_document(file) for file in ordered],
        }
    )


def _file_document(file: IndexedFile) -> dict[str, object]:
    document: dict[str, object] = {
        "filename": file.filename,
        "url": quote(file.filename),
        "hashes": {"sha256": file.sha256},
        "size": file.size_bytes,
    }
    if file.requires_python:
        document["requires-python"] = file.requires_python
    if file.metadata_sha256:
        document["core-metadata"] = {"sha256": file.metadata_sha256}
    if file.yanked is not None:
        document["yanked"] = file.yanked or True
    return document


def project_html(pypi_name: str, files: Iterable[IndexedFile]) -> str:
    """Return a project's page as HTML."""
    return _html(f"Links for {pypi_name}", [_anchor(file) for file in _ordered(files)])


def _anchor(file: IndexedFile) -> str:
    attributes = {"href": f"{quote(file.filename)}#sha256={file.sha256}"}
    if file.requires_python:
        attributes["data-requires-python"] = file.requires_python
    if file.metadata_sha256:
        # Clients from before PEP 714 look for the first of the two only.
        attributes["data-dist-info-metadata"] = f"sha256={file.metadata_sha256}"
        attributes["data-core-metadata"] = f"sha256={file.metadata_sha256}"
    if file.yanked is not None:
        attributes["data-yanked"] = file.yanked
    told = " ".join(f'{key}="{escape(value)}"' for key, value in attributes.items())
    return f"<a {told}>{escape(file.filename)}</a><br>"


def root_json(names: Iterable[str]) -> str:
    """Return the list of all projects as JSON."""
    projects = [{"name": name} for name in sorted(names)]
    return _json({"meta": {"api-version": _API_VERSION}, "projects": projects})


def root_html(names: Iterable[str]) -> str:
    """Return the list of all projects as HTML."""
    return _html("Simple index", [_project_link(name) for name in sorted(names)])


def _project_link(name: str) -> str:
    return f'<a href="{quote(name)}/">{escape(name)}</a><br>'


def _ordered(files: Iterable[IndexedFile]) -> list[IndexedFile]:
    return sorted(files, key=lambda file: (version_of_file(file.filename) or _NO_VERSION, file.filename))


def _json(document: dict[str, object]) -> str:
    return json.dumps(document, indent=1) + "\n"


def _html(title: str, lines: Sequence[str]) -> str:
    head = (
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta name="pypi:repository-version" content="{_API_VERSION}">',
        _GENERATOR,
        f"<title>{escape(title)}</title>",
        "</head>",
        "<body>",
        f"<h1>{escape(title)}</h1>",
    )
    return "\n".join((*head, *lines, "</body>", "</html>", ""))


# ---------------------------------------------------------------- read


def is_own_page(html: str) -> bool:
    """Tell whether we wrote a page, as HTML."""
    return _GENERATOR in html[:_HEAD_CHARACTERS]


def is_linked(html: str, name: str) -> bool:
    """Tell whether the list of all projects, as HTML, has one."""
    return _project_link(name) in html


def read_root(text: str) -> tuple[str, ...]:
    """Return the projects of a list that we wrote; none of what can't be read, which is then written anew."""
    projects = _document(text).get("projects")
    rows = projects if isinstance(projects, list) else []
    return tuple(row["name"] for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str))


def read_project(text: str) -> tuple[IndexedFile, ...]:
    """Return the files of a project's page that we wrote, as JSON; those that can't be read are looked at anew."""
    files = _document(text).get("files")
    rows = files if isinstance(files, list) else []
    found = (_file_of(row) for row in rows if isinstance(row, dict))
    return tuple(file for file in found if file is not None)


def _file_of(row: dict[str, Any]) -> IndexedFile | None:
    filename, size, hashes = row.get("filename"), row.get("size"), row.get("hashes")
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    if not (isinstance(filename, str) and isinstance(size, int) and isinstance(digest, str)):
        return None
    metadata, yanked = row.get("core-metadata"), row.get("yanked", False)
    python = row.get("requires-python")
    return IndexedFile(
        filename=filename,
        sha256=digest,
        size_bytes=size,
        requires_python=python if isinstance(python, str) else "",
        metadata_sha256=str(metadata.get("sha256", "")) if isinstance(metadata, dict) else "",
        yanked=yanked if isinstance(yanked, str) else "" if yanked is True else None,
    )


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}

"""Project pages in JSON and in HTML say the same, and what can't be used is left out with a finding."""

import json
import time
from typing import Any

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.model.names import pypi_name
from conda_bridge.model.source import FileLink, IndexProject
from conda_bridge.sources.pages import parse_page
from conda_bridge.sources.raw_pages import Page

SHA = "a" * 64
OTHER_SHA = "b" * 64
URL = "https://index.example/simple/demo/"


def _json(*files: dict[str, Any], **keys: Any) -> IndexProject:
    body = json.dumps({"meta": {"api-version": "1.0"}, "files": list(files)} | keys).encode()
    page = Page(url=URL, content_type="application/vnd.pypi.simple.v1+json; charset=utf-8", body=body)
    return parse_page(page, name=pypi_name("demo"), index_url="https://index.example/simple")


def _html(body: str, url: str = URL) -> IndexProject:
    page = Page(url=url, content_type="text/html; charset=utf-8", body=body.encode())
    return parse_page(page, name=pypi_name("demo"), index_url="https://index.example/simple")


FULL = FileLink(
    filename="demo-1.0-py3-none-any.whl",
    url="https://index.example/files/demo-1.0-py3-none-any.whl",
    sha256=SHA,
    requires_python=">=3.9",
    yanked="broken",
    has_metadata=True,
    metadata_sha256=OTHER_SHA,
)


def test_json_tells_everything() -> None:
    project = _json(
        {
            "filename": "demo-1.0-py3-none-any.whl",
            "url": "../../files/demo-1.0-py3-none-any.whl",
            "hashes": {"sha256": SHA, "md5": "x"},
            "requires-python": ">=3.9",
            "yanked": "broken",
            "core-metadata": {"sha256": OTHER_SHA},
        }
    )
    assert project.files == (FULL,)
    assert project.status == "active"
    assert project.diagnostics == ()


def test_json_of_pep_700_tells_size_and_time() -> None:
    project = _json(
        {
            "filename": "demo-1.0.tar.gz",
            "url": "x",
            "hashes": {},
            "size": 5,
            "upload-time": "2026-01-02T03:04:05Z",
        }
    )
    assert (project.files[0].size_bytes, project.files[0].upload_time) == (5, "2026-01-02T03:04:05Z")
    assert project.files[0].sha256 == ""


def test_html_tells_the_same() -> None:
    project = _html(
        f'<!DOCTYPE html><html><body><a href="../../files/demo-1.0-py3-none-any.whl#sha256={SHA}"'
        f' data-requires-python="&gt;=3.9" data-yanked="broken" data-core-metadata="sha256={OTHER_SHA}">x</a>'
    )
    assert project.files == (FULL,)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("", (False, "", None)),
        ('data-yanked=""', (False, "", "")),
        ("data-yanked", (False, "", "")),
        ('data-dist-info-metadata="true"', (True, "", None)),
        ('data-core-metadata="false" data-dist-info-metadata="true"', (False, "", None)),
        (f'data-dist-info-metadata="sha256={SHA}"', (True, SHA, None)),
    ],
)
def test_html_attributes_are_understood(attributes: str, expected: tuple[bool, str, str | None]) -> None:
    [link] = _html(f'<a href="demo-1.0.tar.gz" {attributes}>demo</a>').files
    assert (link.has_metadata, link.metadata_sha256, link.yanked) == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"yanked": True}, (False, "", "")),
        ({"yanked": False}, (False, "", None)),
        ({"core-metadata": True}, (True, "", None)),
        ({"dist-info-metadata": {"sha256": SHA}}, (True, SHA, None)),
        ({"core-metadata": False, "dist-info-metadata": {"sha256": SHA}}, (False, "", None)),
        ({"core-metadata": {"sha512": "x"}}, (True, "", None)),
        ({"hashes": {"sha256": "short"}, "size": -1}, (False, "", None)),
    ],
)
def test_json_values_are_understood(entry: dict[str, Any], expected: tuple[bool, str, str | None]) -> None:
    [link] = _json({"filename": "demo-1.0.tar.gz", "url": "x"} | entry).files
    assert (link.has_metadata, link.metadata_sha256, link.yanked) == expected
    assert (link.sha256, link.size_bytes) == ("", None)


def test_base_element_and_listings_of_web_servers_are_understood() -> None:
    project = _html(
        '<head><base href="https://files.example/demo/"></head><a href="../">up</a><a href="?C=N;O=D">sort</a>'
        '<a name="top">no link</a><a href="demo-1.0.tar.gz#sha256=x&amp;egg=demo">demo</a>'
        '<a href="/pool/demo%2B1-2.0.tar.gz">plus</a>'
    )
    assert [(link.filename, link.url) for link in project.files] == [
        ("demo-1.0.tar.gz", "https://files.example/demo/demo-1.0.tar.gz"),
        ("demo+1-2.0.tar.gz", "https://files.example/pool/demo%2B1-2.0.tar.gz"),
    ]


def test_credentials_and_fragments_are_cut_from_file_urls() -> None:
    project = _json(
        {"filename": "demo-1.0.tar.gz", "url": "https://me:hunter2@files.example/demo-1.0.tar.gz#x"}
    )
    assert project.files[0].url == "https://files.example/demo-1.0.tar.gz"


@pytest.mark.parametrize(
    "file",
    [
        {"filename": "../demo-1.0.tar.gz", "url": "x"},
        {"filename": "a/b.tar.gz", "url": "x"},
        {"filename": "a\\b.tar.gz", "url": "x"},
        {"filename": "a\nb.tar.gz", "url": "x"},
        {"filename": "", "url": "x"},
        {"filename": "..", "url": "x"},
        {"filename": "d" * 300, "url": "x"},
        {"filename": "demo-1.0.tar.gz", "url": "file:///etc/passwd"},
        {"filename": "demo-1.0.tar.gz", "url": "javascript:alert(1)"},
        {"filename": "demo-1.0.tar.gz", "url": "https://[broken"},
        {"filename": "demo-1.0.tar.gz", "url": "demo\x1b[31m.tar.gz"},
    ],
)
def test_27_unusable_files_are_left_out_with_a_finding(file: dict[str, str]) -> None:
    project = _json(file, {"filename": "demo-2.0.tar.gz", "url": "x"})
    assert [link.filename for link in project.files] == ["demo-2.0.tar.gz"]
    assert [diagnostic.slug for diagnostic in project.diagnostics] == ["skipped-link"]


def test_23_reasons_are_made_fit_for_a_terminal() -> None:
    reason = "bad\n\x1b[31mred\u202e " + "x" * 500
    project = _json(
        {"filename": "demo-1.0.tar.gz", "url": "x", "yanked": reason},
        **{"project-status": {"status": "archived", "reason": reason}},
    )
    expected = "bad [31mred " + "x" * 285 + "..."
    assert (project.files[0].yanked, project.status_reason) == (expected, expected)


@pytest.mark.parametrize("unit", ["<a href=x ", "<!--", "<![CDATA[", "<!", '<a "', "<a '\"", "<"])
def test_html_of_unclosed_tags_takes_no_minutes(unit: str) -> None:
    start = time.process_time()

    assert _html(f'<a href="demo-1.0.tar.gz">x</a>{unit * 200_000}').files[0].filename == "demo-1.0.tar.gz"
    assert time.process_time() - start < 3


def test_html_comments_hold_no_links() -> None:
    project = _html('<!-- <a href="a-1.zip">a</a> <!-- --><a href="b-1.zip" title="1 > 0">b</a><!--')
    assert [link.filename for link in project.files] == ["b-1.zip"]


def test_malformed_html_links_are_left_out_with_a_finding() -> None:
    assert [d.slug for d in _html('<a href="https://[broken/x.tar.gz">x</a>').diagnostics] == ["skipped-link"]


def test_page_of_the_disk_may_only_name_files_of_the_disk() -> None:
    project = _html(
        '<a href="a-1.zip">a</a><a href="https://host/b-1.zip">b</a>', "file:///index/demo/index.html"
    )
    assert [link.url for link in project.files] == ["file:///index/demo/a-1.zip"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"project-status": {"status": "archived", "reason": "done"}}, ("archived", "done")),
        ({"project-status": {"status": "quarantined"}}, ("quarantined", "")),
        ({"meta": {"project-status": "deprecated", "project-status-reason": "x"}}, ("deprecated", "x")),
        ({"project-status": {"status": "a-later-one"}}, ("active", "")),
        ({"project-status": "odd"}, ("active", "")),
    ],
)
def test_50_status_of_the_project_is_read(keys: dict[str, Any], expected: tuple[str, str]) -> None:
    project = _json(**keys)
    assert (project.status, project.status_reason) == expected


def test_50_status_of_the_project_is_read_from_html() -> None:
    project = _html(
        '<meta name="pypi:project-status" content="archived"><meta name="pypi:project-status-reason" content="x">'
    )
    assert (project.status, project.status_reason) == ("archived", "x")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"<html>"),
        ("application/json", b"[]"),
        ("application/json", b"{}"),
        ("application/json", b'{"files": {}}'),
        ("application/json", b'{"files": [{"filename": "x"}]}'),
        ("application/json", b'{"files": ["x"]}'),
        ("application/json", b'{"meta": {"api-version": "2.0"}, "files": []}'),
        ("application/json", b"[" * 100_000),
        ("application/json", b"\xff"),
        ("text/html", b'<meta name="pypi:repository-version" content="2.0">'),
        ("text/plain", b""),
        ("", b""),
    ],
)
def test_page_that_is_no_project_page_is_refused(content_type: str, body: bytes) -> None:
    page = Page(url="https://me:hunter2@index.example/", content_type=content_type, body=body)
    with pytest.raises(SourceError) as caught:
        parse_page(page, name=pypi_name("demo"), index_url="x")
    assert caught.value.slug == "invalid-index-page"
    assert "hunter2" not in repr(caught.value)

"""The fetcher against a server on 127.0.0.1: what is fetched, how often, and what is left when it fails."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.model.events import BytesReceived, DownloadFinished, DownloadStarted, Event
from conda_bridge.model.names import pypi_name
from conda_bridge.model.options import IndexOptions, NetworkOptions
from conda_bridge.model.source import FileLink, IndexProject
from conda_bridge.protocols import Fetcher
from conda_bridge.sources.fetcher import IndexFetcher
from support.archives import wheel_bytes
from support.index_server import JSON_TYPE, Answer, IndexServer, Request, running_index_server

DEMO = pypi_name("demo")
SDIST = b"the bytes of an sdist" * 1000
NETWORK = NetworkOptions(timeout_s=5.0, retries=2)

MakeFetcher = Callable[..., IndexFetcher]


class Listener:
    """A Reporter that remembers."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def report(self, event: Event) -> None:
        self.events.append(event)


@pytest.fixture
def make_fetcher(tmp_path: Path, index_server: IndexServer) -> MakeFetcher:
    """Make a fetcher of the server's index, with one cache for the whole test."""

    def make(*urls: str, reporter: Listener | None = None, **network: object) -> IndexFetcher:
        options = replace(NETWORK, cache_dir=str(tmp_path / "cache"), **network)  # type: ignore[arg-type]
        return IndexFetcher(IndexOptions(urls=urls or (index_server.index_url,)), options, reporter)

    return make


@pytest.fixture
def second_server() -> Iterator[IndexServer]:
    with running_index_server() as server:
        yield server


def _link(fetcher: Fetcher) -> FileLink:
    return fetcher.get_project(DEMO).files[0]


def _slug(call: Callable[[], object]) -> str:
    with pytest.raises(SourceError) as caught:
        call()
    return caught.value.slug


def _left_in(cache: Path) -> list[str]:
    """Return the files that were kept, index pages aside."""
    return [path.name for path in cache.rglob("*") if path.is_file() and "pages" not in path.parts]


# ---------------------------------------------------------------- project pages


@pytest.mark.parametrize(("name", "meant"), [("reqeusts", "did you mean requests?"), ("xqzvw", "")])
def test_slip_is_told_with_the_well_known_project_that_may_be_meant(
    make_fetcher: MakeFetcher, name: str, meant: str
) -> None:
    with pytest.raises(SourceError) as caught:
        make_fetcher().get_project(pypi_name(name))

    assert (caught.value.hint or "")[: len("did you mean requests?")] == meant


def test_project_is_that_of_the_index(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    project = make_fetcher().get_project(DEMO)
    assert project == IndexProject(
        pypi_name=DEMO,
        index_url=index_server.index_url,
        files=(
            FileLink(
                filename="demo-1.0.tar.gz",
                url=f"{index_server.url}/files/demo-1.0.tar.gz",
                sha256=hashlib.sha256(SDIST).hexdigest(),
                size_bytes=len(SDIST),
            ),
        ),
    )
    [request] = index_server.requests
    assert "application/vnd.pypi.simple.v1+json" in request.headers["accept"]
    assert request.headers["user-agent"].startswith("conda-bridge/")


def test_fresh_page_is_not_asked_for_again(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    assert make_fetcher().get_project(DEMO) == make_fetcher().get_project(DEMO)
    assert len(index_server.requests) == 1


def test_stale_page_is_confirmed_by_its_etag(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    page = Answer(
        body=b'{"files": []}',
        headers={"Content-Type": JSON_TYPE, "ETag": '"1"', "Cache-Control": "max-age=0"},
    )
    index_server.on(
        "/simple/demo/", lambda request: Answer(status=304) if "if-none-match" in request.headers else page
    )
    first = make_fetcher().get_project(DEMO)
    assert make_fetcher().get_project(DEMO) == first
    assert [request.headers.get("if-none-match") for request in index_server.requests] == [None, '"1"']
    # The confirmation had no max-age, so that the page is fresh for a while now.
    make_fetcher().get_project(DEMO)
    assert len(index_server.requests) == 2


def test_stale_page_is_confirmed_by_its_date(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    headers = {"Content-Type": JSON_TYPE, "Last-Modified": "yesterday", "Cache-Control": "no-cache"}
    index_server.on("/simple/demo/", Answer(body=b'{"files": []}', headers=headers))
    for _ in range(2):
        make_fetcher().get_project(DEMO)
    assert index_server.requests[1].headers["if-modified-since"] == "yesterday"


def test_missing_project_is_remembered_and_named_with_the_indexes(
    index_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    for _ in range(2):
        with pytest.raises(SourceError) as caught:
            make_fetcher().get_project(DEMO)
        assert caught.value.slug == "project-not-found"
        assert index_server.index_url in caught.value.message
    assert len(index_server.requests) == 1


def test_without_any_index_no_project_is_found(tmp_path: Path) -> None:
    fetcher = IndexFetcher(IndexOptions(urls=()), replace(NETWORK, cache_dir=str(tmp_path)))
    with pytest.raises(SourceError) as caught:
        fetcher.get_project(DEMO)
    assert "none is configured" in caught.value.message


def test_html_index_is_understood(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    body = f'<a href="/files/demo-1.0.tar.gz#sha256={"a" * 64}">x</a>'.encode()
    index_server.on("/simple/demo/", Answer(body=body, headers={"Content-Type": "text/html"}))
    assert _link(make_fetcher()).url == f"{index_server.url}/files/demo-1.0.tar.gz"


def test_relative_urls_are_those_of_the_page_after_redirects(
    index_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    index_server.on("/simple/demo/", Answer(status=301, headers={"Location": "/mirror/x/demo/"}))
    index_server.on(
        "/mirror/x/demo/",
        Answer(
            body=b'{"files": [{"filename": "demo-1.zip", "url": "demo-1.zip"}]}',
            headers={"Content-Type": JSON_TYPE},
        ),
    )
    assert _link(make_fetcher()).url == f"{index_server.url}/mirror/x/demo/demo-1.zip"


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_49_failing_index_stops_the_search(
    index_server: IndexServer, second_server: IndexServer, make_fetcher: MakeFetcher, status: int
) -> None:
    index_server.on("/simple/demo/", Answer(status=status))
    second_server.add_file("demo", "demo-9.0.tar.gz", SDIST)
    fetcher = make_fetcher(index_server.index_url, second_server.index_url, retries=0)
    assert _slug(lambda: fetcher.get_project(DEMO)) == "index-unreachable"
    assert second_server.requests == []


def test_49_mirror_with_the_same_files_is_not_named(
    index_server: IndexServer, second_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    for server in (index_server, second_server):
        server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    project = make_fetcher(index_server.index_url, second_server.index_url).get_project(DEMO)
    assert project.diagnostics == ()


def test_49_first_index_wins_and_the_other_is_named(
    index_server: IndexServer, second_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    second_server.add_file("demo", "demo-9.0.tar.gz", SDIST)
    project = make_fetcher(index_server.index_url, second_server.index_url).get_project(DEMO)
    assert [link.filename for link in project.files] == ["demo-1.0.tar.gz"]
    [warning] = project.diagnostics
    assert warning.slug == "several-indexes"
    assert index_server.index_url in warning.message
    assert second_server.index_url in warning.message


def test_49_second_index_serves_what_the_first_lacks(
    index_server: IndexServer, second_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    second_server.add_file("demo", "demo-9.0.tar.gz", SDIST)
    project = make_fetcher(index_server.index_url, second_server.index_url).get_project(DEMO)
    assert (project.index_url, project.diagnostics) == (second_server.index_url, ())


def test_49_failure_of_the_courtesy_check_is_no_failure(
    index_server: IndexServer, second_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    second_server.on("/simple/demo/", Answer(status=403))
    project = make_fetcher(index_server.index_url, second_server.index_url).get_project(DEMO)
    assert project.diagnostics == ()


def test_index_in_a_folder_needs_no_server(tmp_path: Path, make_fetcher: MakeFetcher) -> None:
    folder = tmp_path / "my index" / "simple"
    (folder / "demo").mkdir(parents=True)
    (folder / "listed").mkdir()
    (folder.parent / "demo-1.0.tar.gz").write_bytes(SDIST)
    sha256 = hashlib.sha256(SDIST).hexdigest()
    (folder / "demo/index.html").write_text(f'<a href="../../demo-1.0.tar.gz#sha256={sha256}">x</a>')
    (folder / "listed/listed-1.0.tar.gz").write_bytes(SDIST)
    fetcher = make_fetcher(folder.as_uri(), offline=True)
    link = _link(fetcher)
    assert link.sha256 == sha256
    assert fetcher.get_file(link) == str(folder.parent / "demo-1.0.tar.gz")
    assert _slug(lambda: fetcher.get_file(replace(link, sha256="b" * 64))) == "hash-mismatch"
    listed = fetcher.get_project(pypi_name("listed")).files[0]
    assert fetcher.get_file(listed) == str(folder / "listed/listed-1.0.tar.gz")
    assert _slug(lambda: fetcher.get_project(pypi_name("missing"))) == "project-not-found"
    assert _slug(lambda: fetcher.get_file(replace(link, url=f"{link.url}.missing"))) == "unreadable-source"


@pytest.mark.parametrize("url", ["ftp://host/simple", "host/simple", "git+https://host/simple"])
def test_index_on_another_scheme_is_refused(make_fetcher: MakeFetcher, url: str) -> None:
    assert _slug(lambda: make_fetcher(url)) == "invalid-url"


# ---------------------------------------------------------------- trouble


@pytest.mark.parametrize(("status", "wait_s"), [(429, 1), (503, 0)])
def test_busy_server_is_asked_again_when_it_says_so(
    index_server: IndexServer, make_fetcher: MakeFetcher, status: int, wait_s: int
) -> None:
    ready = Answer(body=b'{"files": []}', headers={"Content-Type": JSON_TYPE})
    busy = Answer(status=status, headers={"Retry-After": str(wait_s)})
    index_server.on("/simple/demo/", lambda request: busy if request.count == 1 else ready)
    started = time.monotonic()
    assert make_fetcher().get_project(DEMO).files == ()
    assert len(index_server.requests) == 2
    assert time.monotonic() - started >= wait_s


def test_server_that_stays_busy_is_unreachable(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    index_server.on("/simple/demo/", Answer(status=503))
    with pytest.raises(SourceError) as caught:
        make_fetcher(retries=1).get_project(DEMO)
    assert caught.value.slug == "index-unreachable"
    assert "503" in caught.value.message
    assert len(index_server.requests) == 2


def test_dead_server_is_unreachable(make_fetcher: MakeFetcher) -> None:
    with running_index_server() as server:
        url = server.index_url
    assert _slug(lambda: make_fetcher(url, retries=0).get_project(DEMO)) == "index-unreachable"


def test_silent_server_is_given_up(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    wake = threading.Event()

    def sleep(_request: Request) -> Answer:
        wake.wait(10)
        return Answer()

    index_server.on("/simple/demo/", sleep)
    with pytest.raises(SourceError) as caught:
        make_fetcher(retries=0, timeout_s=0.2).get_project(DEMO)
    wake.set()
    assert caught.value.slug == "index-unreachable"


@pytest.mark.parametrize("location", ["/simple/demo/", "/simple/demo/?1"])
def test_endless_redirects_are_given_up(
    index_server: IndexServer, make_fetcher: MakeFetcher, location: str
) -> None:
    index_server.on("/simple/demo/", Answer(status=302, headers={"Location": location}))
    assert _slug(lambda: make_fetcher().get_project(DEMO)) == "index-unreachable"
    assert len(index_server.requests) < 20


def test_redirect_to_a_malformed_url_is_a_failure_of_the_server(
    index_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    index_server.on("/simple/demo/", Answer(status=302, headers={"Location": "http://[::1"}))
    assert _slug(lambda: make_fetcher().get_project(DEMO)) == "index-unreachable"


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://localhost:1/x"])
def test_redirect_to_another_scheme_or_plain_host_is_refused(
    index_server: IndexServer, make_fetcher: MakeFetcher, location: str
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    index_server.on("/files/demo-1.0.tar.gz", Answer(status=302, headers={"Location": location}))
    fetcher = make_fetcher()
    assert _slug(lambda: fetcher.get_file(_link(fetcher))) == "insecure-url"


def test_plain_http_is_spoken_only_with_the_index_that_is_configured_so(
    index_server: IndexServer, second_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    url = f"{second_server.url}/files/demo-1.0.tar.gz"
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST, url=url)
    fetcher = make_fetcher()
    assert _slug(lambda: fetcher.get_file(_link(fetcher))) == "insecure-url"
    assert _slug(lambda: fetcher.get_url(url)) == "insecure-url"
    assert second_server.requests == []


def test_oversized_page_is_refused(
    index_server: IndexServer, make_fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conda_bridge.sources.project_pages._MAX_PAGE_BYTES", 1000)
    index_server.on("/simple/demo/", Answer(body=bytes(2000), headers={"Content-Type": JSON_TYPE}))
    assert _slug(lambda: make_fetcher().get_project(DEMO)) == "too-large"


# ---------------------------------------------------------------- files


def test_file_is_fetched_once_and_verified(
    tmp_path: Path, index_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    listener = Listener()
    fetcher = make_fetcher(reporter=listener)
    path = fetcher.get_file(_link(fetcher))
    assert Path(path).read_bytes() == SDIST
    assert Path(path).name == "demo-1.0.tar.gz"
    assert make_fetcher().get_file(_link(fetcher)) == path
    assert len(index_server.asked("/files")) == 1
    url = f"{index_server.url}/files/demo-1.0.tar.gz"
    assert listener.events[0] == DownloadStarted(url=url, size_bytes=len(SDIST))
    assert listener.events[-1] == DownloadFinished(url=url)
    assert sum(event.count for event in listener.events if isinstance(event, BytesReceived)) == len(SDIST)
    assert _left_in(tmp_path / "cache") == ["demo-1.0.tar.gz"]


def test_cached_file_that_was_damaged_is_fetched_again(
    index_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    fetcher = make_fetcher()
    path = Path(fetcher.get_file(_link(fetcher)))
    path.write_bytes(b"damaged")
    assert Path(fetcher.get_file(_link(fetcher))).read_bytes() == SDIST


def test_17_wrong_hash_is_refused_and_nothing_kept(
    tmp_path: Path, index_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST, hashes={"sha256": "b" * 64})
    fetcher = make_fetcher()
    assert _slug(lambda: fetcher.get_file(_link(fetcher))) == "hash-mismatch"
    assert _left_in(tmp_path / "cache") == []


@pytest.mark.parametrize("size", [len(SDIST) - 1, len(SDIST) + 1, 5])
def test_17_other_size_than_promised_is_refused_and_nothing_kept(
    tmp_path: Path, index_server: IndexServer, make_fetcher: MakeFetcher, size: int
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST, size=size)
    fetcher = make_fetcher()
    assert _slug(lambda: fetcher.get_file(_link(fetcher))) == "hash-mismatch"
    assert _left_in(tmp_path / "cache") == []


@pytest.mark.parametrize("hashes", [{}, {"md5": "0" * 32}])
def test_file_without_sha256_is_refused(
    index_server: IndexServer, make_fetcher: MakeFetcher, hashes: dict[str, str]
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST, hashes=hashes)
    fetcher = make_fetcher()
    assert _slug(lambda: fetcher.get_file(_link(fetcher))) == "no-sha256"
    assert index_server.asked("/files") == []


@pytest.mark.parametrize("announced", ["index", "server", "nobody"])
def test_oversized_file_is_refused_before_or_while_it_comes(
    tmp_path: Path, index_server: IndexServer, make_fetcher: MakeFetcher, announced: str
) -> None:
    entry: dict[str, Any] = {} if announced == "index" else {"size": None}
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST, **entry)
    if announced == "nobody":
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(SDIST), SDIST)
        # The handler's Content-Length is replaced: an empty one is no announcement.
        index_server.on(
            "/files/demo-1.0.tar.gz",
            Answer(body=body, headers={"Content-Length": "", "Transfer-Encoding": "chunked"}),
        )
    fetcher = make_fetcher(max_file_bytes=1000)
    assert _slug(lambda: fetcher.get_file(_link(fetcher))) == "too-large"
    assert _left_in(tmp_path / "cache") == []
    assert len(index_server.asked("/files")) == (0 if announced == "index" else 1)


def test_truncated_body_is_fetched_again(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    index_server.on(
        "/files/demo-1.0.tar.gz", lambda request: Answer(body=SDIST, cut=100 if request.count == 1 else 0)
    )
    fetcher = make_fetcher()
    assert Path(fetcher.get_file(_link(fetcher))).read_bytes() == SDIST
    assert len(index_server.asked("/files")) == 2


def test_body_that_is_always_truncated_is_given_up_and_nothing_kept(
    tmp_path: Path, index_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    index_server.on("/files/demo-1.0.tar.gz", Answer(body=SDIST, cut=100))
    fetcher = make_fetcher(retries=1)
    assert _slug(lambda: fetcher.get_file(_link(fetcher))) == "index-unreachable"
    assert len(index_server.asked("/files")) == 2
    assert _left_in(tmp_path / "cache") == []


def test_missing_file_is_an_error(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST, url="/gone.tar.gz")
    fetcher = make_fetcher()
    assert _slug(lambda: fetcher.get_file(_link(fetcher))) == "not-served"
    assert _slug(lambda: fetcher.get_url(f"{index_server.url}/gone")) == "not-served"


def test_compressed_transfer_of_a_file_is_not_undone(
    index_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    index_server.on("/files/demo-1.0.tar.gz", Answer(body=SDIST, headers={"Content-Encoding": "gzip"}))
    fetcher = make_fetcher()
    assert Path(fetcher.get_file(_link(fetcher))).read_bytes() == SDIST


def test_interrupt_leaves_nothing_behind(
    tmp_path: Path, index_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    class Interrupting(Listener):
        def report(self, event: Event) -> None:
            if isinstance(event, BytesReceived):
                raise KeyboardInterrupt

    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    fetcher = make_fetcher(reporter=Interrupting())
    link = _link(fetcher)
    with pytest.raises(KeyboardInterrupt):
        fetcher.get_file(link)
    assert _left_in(tmp_path / "cache") == []


def test_threads_share_one_fetcher(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    for i in range(3):
        index_server.add_file(f"demo{i}", f"demo{i}-1.0.tar.gz", SDIST + bytes([i]))
    fetcher = make_fetcher()

    def get(i: int) -> bytes:
        name = pypi_name(f"demo{i % 3}")
        return Path(fetcher.get_file(fetcher.get_project(name).files[0])).read_bytes()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(get, range(12))) == [SDIST + bytes([i % 3]) for i in range(12)]


def test_cache_below_a_file_is_an_error(
    tmp_path: Path, index_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    (tmp_path / "cache").write_text("not a folder")
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    assert _slug(lambda: make_fetcher().get_project(DEMO)) == "cache-failed"


# ---------------------------------------------------------------- URLs that no index vouches for


def test_url_is_fetched_and_kept_for_a_while(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    url = f"{index_server.url}/files/demo-1.0.tar.gz"
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    path = make_fetcher().get_url(url)
    assert Path(path).read_bytes() == SDIST
    assert Path(path).name == "demo-1.0.tar.gz"
    assert make_fetcher().get_url(url) == path
    assert make_fetcher(offline=True).get_url(url) == path
    assert len(index_server.requests) == 1
    Path(path).unlink()
    assert make_fetcher().get_url(url) == path
    assert len(index_server.requests) == 2


@pytest.mark.parametrize("path", ["/", "/%2e%2e", "/a%2fb", "/a%0ab"])
def test_url_without_a_file_name_gets_one(
    index_server: IndexServer, make_fetcher: MakeFetcher, path: str
) -> None:
    index_server.on("*", Answer(body=SDIST))
    assert Path(make_fetcher().get_url(f"{index_server.url}{path}")).name == "source"


# ---------------------------------------------------------------- credentials


def test_25_credentials_reach_their_host_and_nothing_else(
    tmp_path: Path, index_server: IndexServer, second_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    with_user = index_server.index_url.replace("http://", "http://me:hunter2@")
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    elsewhere = f"{second_server.url}/files/demo-1.0.tar.gz"
    second_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    index_server.on("/files/demo-1.0.tar.gz", Answer(status=302, headers={"Location": elsewhere}))
    listener = Listener()
    fetcher = make_fetcher(with_user, second_server.index_url, reporter=listener)
    project = fetcher.get_project(DEMO)
    fetcher.get_file(project.files[0])
    assert all(
        request.headers.get("authorization", "").startswith("Basic ") for request in index_server.requests
    )
    assert all("authorization" not in request.headers for request in second_server.requests)
    assert len(second_server.asked("/files")) == 1
    assert "hunter2" not in repr((project, listener.events))
    cache = tmp_path / "cache"
    assert all("hunter2" not in str(path) for path in cache.rglob("*"))
    assert all(b"hunter2" not in path.read_bytes() for path in cache.rglob("*") if path.is_file())


def test_25_credentials_are_in_no_failure(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    with_user = index_server.index_url.replace("http://", "http://me:hunter2@")
    index_server.on("/simple/demo/", Answer(status=401))
    with pytest.raises(SourceError) as caught:
        make_fetcher(with_user).get_project(DEMO)
    assert caught.value.slug == "index-unreachable"
    assert "credentials" in caught.value.message
    error: BaseException | None = caught.value
    while error is not None:
        assert "hunter2" not in repr(error)
        error = error.__cause__ or error.__context__


def test_netrc_is_used_for_its_host(
    tmp_path: Path, index_server: IndexServer, make_fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    make_fetcher().get_project(DEMO)
    assert index_server.requests[0].headers["authorization"].startswith("Basic ")


# ---------------------------------------------------------------- offline


def test_offline_answers_from_the_cache_however_old(
    index_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    index_server.add_file("demo", "demo-1.0.tar.gz", SDIST)
    body = json.dumps(index_server.page("demo")).encode()
    headers = {"Content-Type": JSON_TYPE, "Cache-Control": "max-age=0"}
    index_server.on("/simple/demo/", Answer(body=body, headers=headers))
    online = make_fetcher()
    path = online.get_file(_link(online))
    asked = len(index_server.requests)
    project = make_fetcher(offline=True).get_project(DEMO)
    assert [diagnostic.slug for diagnostic in project.diagnostics] == ["stale-index-page"]
    assert make_fetcher(offline=True).get_file(project.files[0]) == path
    assert len(index_server.requests) == asked


def test_offline_without_an_answer_is_an_error(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    fetcher = make_fetcher(offline=True)
    link = FileLink(filename="a-1-py3-none-any.whl", url=f"{index_server.url}/a", sha256="a" * 64)
    assert _slug(lambda: fetcher.get_project(DEMO)) == "offline"
    assert _slug(lambda: fetcher.get_file(link)) == "offline"
    assert _slug(lambda: fetcher.get_metadata(link)) == "offline"
    assert _slug(lambda: fetcher.get_url(f"{index_server.url}/a")) == "offline"
    assert index_server.requests == []


def test_49_offline_doesnt_skip_an_index_that_it_knows_nothing_of(
    index_server: IndexServer, second_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    second_server.add_file("demo", "demo-9.0.tar.gz", SDIST)
    make_fetcher(second_server.index_url).get_project(DEMO)
    fetcher = make_fetcher(index_server.index_url, second_server.index_url, offline=True)
    assert _slug(lambda: fetcher.get_project(DEMO)) == "offline"


# ---------------------------------------------------------------- metadata of wheels

METADATA = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: click\n"
WHEEL = wheel_bytes("demo", "1.0", metadata=METADATA, padding=100_000)
WHEEL_NAME = "demo-1.0-py3-none-any.whl"


def test_metadata_beside_the_wheel_is_taken_and_kept(
    index_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    index_server.add_file("demo", WHEEL_NAME, WHEEL, metadata=METADATA)
    fetcher = make_fetcher()
    assert fetcher.get_metadata(_link(fetcher)) == METADATA
    assert make_fetcher(offline=True).get_metadata(_link(fetcher)) == METADATA
    assert [request.path for request in index_server.asked("/files")] == [f"/files/{WHEEL_NAME}.metadata"]


def test_17_metadata_of_another_hash_is_refused(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    entry = {"core-metadata": {"sha256": "b" * 64}}
    index_server.add_file("demo", WHEEL_NAME, WHEEL, metadata=METADATA, **entry)
    fetcher = make_fetcher()
    assert _slug(lambda: fetcher.get_metadata(_link(fetcher))) == "hash-mismatch"


@pytest.mark.parametrize("entry", [{}, {"size": None}, {"core-metadata": True}])
def test_metadata_is_read_by_ranges_without_the_whole_wheel(
    index_server: IndexServer, make_fetcher: MakeFetcher, entry: dict[str, Any]
) -> None:
    index_server.add_file("demo", WHEEL_NAME, WHEEL, **entry)
    fetcher = make_fetcher()
    assert fetcher.get_metadata(_link(fetcher)) == METADATA
    ranges = [
        request.headers["range"]
        for request in index_server.asked(f"/files/{WHEEL_NAME}")
        if "range" in request.headers
    ]
    assert 1 <= len(ranges) <= 3
    assert not [
        request
        for request in index_server.asked("/files")
        if not request.path.endswith((".whl", ".metadata"))
    ]


@pytest.mark.parametrize(
    ("entry", "limit", "expected"),
    [
        ({}, 1_000_000, METADATA),
        ({}, 1000, None),
        ({"size": None}, 1_000_000, None),
        ({"hashes": {}}, 1_000_000, None),
    ],
    ids=["small wheel", "large wheel", "unknown size", "no hash"],
)
def test_without_ranges_only_small_wheels_are_fetched(
    index_server: IndexServer,
    make_fetcher: MakeFetcher,
    entry: dict[str, Any],
    limit: int,
    expected: str | None,
) -> None:
    index_server.serves_ranges = False
    index_server.add_file("demo", WHEEL_NAME, WHEEL, **entry)
    fetcher = make_fetcher(max_metadata_wheel_bytes=limit)
    link = _link(fetcher)
    assert fetcher.get_metadata(link) == expected
    assert fetcher.get_metadata(link) == expected
    assert len([r for r in index_server.asked("/files") if "range" in r.headers]) == 1, "it learns"


@pytest.mark.parametrize("content_range", ["", "bytes 0-9/10", "garbage"])
def test_server_with_odd_ranges_is_not_trusted(
    index_server: IndexServer, make_fetcher: MakeFetcher, content_range: str
) -> None:
    index_server.add_file("demo", WHEEL_NAME, WHEEL)
    odd = Answer(status=206, body=b"0123456789", headers={"Content-Range": content_range})
    index_server.on(
        f"/files/{WHEEL_NAME}", lambda request: odd if "range" in request.headers else Answer(body=WHEEL)
    )
    fetcher = make_fetcher()
    assert fetcher.get_metadata(_link(fetcher)) == METADATA


def test_metadata_of_a_wheel_in_the_cache_needs_no_request(
    index_server: IndexServer, make_fetcher: MakeFetcher
) -> None:
    index_server.add_file("demo", WHEEL_NAME, WHEEL)
    fetcher = make_fetcher()
    fetcher.get_file(_link(fetcher))
    asked = len(index_server.requests)
    assert make_fetcher(offline=True).get_metadata(_link(fetcher)) == METADATA
    assert len(index_server.requests) == asked


def test_metadata_of_a_wheel_on_the_disk_is_read(tmp_path: Path, make_fetcher: MakeFetcher) -> None:
    folder = tmp_path / "simple/demo"
    folder.mkdir(parents=True)
    (folder / WHEEL_NAME).write_bytes(WHEEL)
    fetcher = make_fetcher((tmp_path / "simple").as_uri(), offline=True)
    assert fetcher.get_metadata(_link(fetcher)) == METADATA


def test_broken_wheel_is_an_error(index_server: IndexServer, make_fetcher: MakeFetcher) -> None:
    index_server.add_file("demo", WHEEL_NAME, b"no wheel" * 1000)
    fetcher = make_fetcher()
    assert _slug(lambda: fetcher.get_metadata(_link(fetcher))) == "broken-archive"

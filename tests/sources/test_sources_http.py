"""Whom the client sends passwords, and where it goes for whom; what it would send is caught before the wire."""

import io
import ssl
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter

from conda_bridge.errors import SourceError
from conda_bridge.model.options import IndexOptions, NetworkOptions
from conda_bridge.sources.fetcher import IndexFetcher
from conda_bridge.sources.hosts import is_private_host
from conda_bridge.sources.http import HttpClient
from conda_bridge.sources.urls import Credentials

INDEX = "https://8.8.8.8"
PUBLIC = "https://9.9.9.9"
NETWORK = NetworkOptions(retries=0)


class Wire:
    """The network: redirects by URL, and what was sent."""

    def __init__(self) -> None:
        self.redirects: dict[str, str] = {}
        self.sent: list[requests.PreparedRequest] = []
        self.proxies: list[object] = []

    def send(self, request: requests.PreparedRequest, **settings: object) -> requests.Response:
        self.sent.append(request)
        self.proxies.append(settings["proxies"])
        response = requests.Response()
        response.url = str(request.url)
        response.request = request
        response.raw = urllib3.HTTPResponse(body=io.BytesIO(b""), preload_content=False)
        response.status_code = 302 if response.url in self.redirects else 200
        response.headers["Location"] = self.redirects.get(response.url, "")
        return response

    @property
    def urls(self) -> list[str]:
        return [str(request.url) for request in self.sent]

    @property
    def told(self) -> list[str]:
        """The URLs that were sent a password."""
        return [str(request.url) for request in self.sent if "Authorization" in request.headers]


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire()
    monkeypatch.setattr(HTTPAdapter, "send", wire.send)
    return wire


def client(*, is_wary: bool = False, credentials: dict[str, Credentials] | None = None) -> HttpClient:
    return HttpClient(
        NETWORK, credentials=credentials or {}, index_origins=frozenset({INDEX}), is_wary=is_wary
    )


def get(http: HttpClient, url: str) -> int:
    return http.exchange(url, lambda reply: reply.status, headers={})


def slug_of(call: Callable[[], object]) -> str:
    with pytest.raises(SourceError) as caught:
        call()
    return caught.value.slug


@pytest.mark.parametrize("line", ["default", "machine 9.9.9.9", "machine 8.8.8.8", 'machine 8.8.8.8 "'])
def test_netrc_is_for_the_indexes_alone(
    tmp_path: Path, wire: Wire, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    (tmp_path / "netrc").write_text(f"{line} login me password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    wire.redirects[f"{INDEX}/moved"] = f"{PUBLIC}/moved"
    http = client()

    for url in (f"{INDEX}/demo", f"{INDEX}/moved", f"{PUBLIC}/demo", f"{INDEX}:444/demo"):
        get(http, url)

    assert len(wire.sent) == 5
    assert wire.told == ([f"{INDEX}/demo", f"{INDEX}/moved"] if line == "machine 8.8.8.8" else [])


def test_netrc_of_the_home_folder_is_found_and_credentials_of_an_index_win(
    tmp_path: Path, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 8.8.8.8 login me password hunter2\n")
    monkeypatch.delenv("NETRC", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    get(client(), f"{INDEX}/demo")
    get(client(credentials={INDEX: Credentials(user="you", password="pw")}), f"{INDEX}/demo")

    sent = [b64decode(request.headers["Authorization"].removeprefix("Basic ")) for request in wire.sent]
    assert sent == [b"me:hunter2", b"you:pw"]


def test_proxies_of_the_environment_hold_for_every_host(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    http = client()

    get(http, f"{INDEX}/demo")
    get(http, f"{PUBLIC}/demo")

    assert [proxies["https"] for proxies in wire.proxies] == ["http://proxy.example:3128"] * 2  # type: ignore[index]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "192.168.0.1:8443",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fc00::1]",
        "[::ffff:127.0.0.1]",
        "127.1",
        "2130706433",
        "0x7f000001",
    ],
)
def test_wary_client_sends_nothing_to_private_addresses(wire: Wire, host: str) -> None:
    http = client(is_wary=True)
    wire.redirects[f"{PUBLIC}/demo"] = f"https://{host}/demo"

    assert slug_of(lambda: get(http, f"https://{host}/demo")) == "private-address"
    assert wire.sent == []
    assert slug_of(lambda: get(http, f"{PUBLIC}/demo")) == "private-address"
    assert wire.urls == [f"{PUBLIC}/demo"]


def test_user_goes_where_he_likes_but_is_not_led_from_the_public_network_to_a_private_one(wire: Wire) -> None:
    http = client()
    wire.redirects |= {
        f"{PUBLIC}/demo": "https://10.1.2.3/demo",
        "https://10.1.2.3/moved": "https://10.1.2.4/moved",
    }

    assert get(http, "https://10.1.2.3/demo") == 200
    assert get(http, "https://10.1.2.3/moved") == 200
    assert slug_of(lambda: get(http, f"{PUBLIC}/demo")) == "private-address"
    assert wire.urls[-1] == f"{PUBLIC}/demo"


def test_private_index_is_an_index_to_the_wary_too(wire: Wire) -> None:
    index = "https://10.1.2.3"
    http = HttpClient(NETWORK, credentials={}, index_origins=frozenset({index}), is_wary=True)
    wire.redirects |= {f"{index}/stored": "https://10.1.2.4/demo", f"{PUBLIC}/demo": f"{index}/demo"}

    assert [get(http, f"{index}/stored"), get(http, f"{PUBLIC}/demo")] == [200, 200]


def test_wary_fetcher_refuses_what_a_trusting_one_fetches(tmp_path: Path, wire: Wire) -> None:
    network = NetworkOptions(retries=0, cache_dir=str(tmp_path))
    url = "https://127.0.0.1/demo-1.0.tar.gz"

    assert (
        slug_of(lambda: IndexFetcher(IndexOptions(), network, is_wary=True).get_url(url)) == "private-address"
    )
    assert IndexFetcher(IndexOptions(), network).get_url(url)
    assert len(wire.sent) == 1


@pytest.mark.parametrize("url", ["https://9.9.9.9", "https://[2606:4700::1111]/a", "https://no.such.invalid"])
def test_public_and_unknown_hosts_are_not_private(url: str) -> None:
    assert not is_private_host(url)


def test_certificate_that_is_not_trusted_is_told_with_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    def send(*_: object, **__: object) -> requests.Response:
        untrusted = ssl.SSLCertVerificationError(1, "certificate verify failed")
        untrusted.verify_message = "self-signed certificate"
        pool = urllib3.HTTPSConnectionPool("9.9.9.9")
        within = urllib3.exceptions.SSLError(untrusted)
        raise requests.exceptions.SSLError(urllib3.exceptions.MaxRetryError(pool, "/", within))

    monkeypatch.setattr(HTTPAdapter, "send", send)
    with pytest.raises(SourceError, match="self-signed certificate") as caught:
        HttpClient(NETWORK, credentials={}).exchange(PUBLIC, lambda reply: reply.status, headers={})

    assert (caught.value.slug, "PIP_CERT" in (caught.value.hint or "")) == ("index-unreachable", True)

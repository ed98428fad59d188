"""URLs -> bytes over https, politely: retries, a bounded pace, no credentials but for their own host.

`requests` is imported when the first request is made and not before: it costs more than a whole conversion
whose files are cached. A redirect never leaves https; plain http is spoken only with indexes that were
configured so. Proxies and certificates come from the environment, as requests has it; netrc is looked into for
the origins of configured indexes only.

Who is told an address by a stranger can be made to ask in his own house. So a redirect doesn't lead from the public
network to a private one, and a wary client doesn't go there at all. See `hosts` for what that doesn't cover.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

from conda_bridge.errors import SourceError
from conda_bridge.model.options import NetworkOptions
from conda_bridge.sources.hosts import is_private_host
from conda_bridge.sources.netrc_file import netrc_credentials
from conda_bridge.sources.urls import Credentials, origin_of, split_credentials
from conda_bridge.translate.url_secrets import redacted

if TYPE_CHECKING:
    import requests
    from requests import PreparedRequest as Request

__all__ = ["HttpClient", "HttpReply"]

T = TypeVar("T")

_PIECE_BYTES = 1 << 16
_MAX_REDIRECTS = 8
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSIENT = (429, 500, 502, 503, 504)
_LONGEST_PAUSE_S = 60.0
_CONNECTIONS = 8
_REQUESTS_PER_SECOND = 10.0
_BURST = 10.0


class _CutShortError(SourceError):
    """A body that ended early or stalled: worth another try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """A server's answer, whose body is read once."""

    status: int
    url: str
    """After redirects, without credentials."""
    headers: Mapping[str, str]
    """Names in lower case."""
    pieces: Iterator[bytes]
    """The body as it was sent; of pages, without their transfer compression."""

    @property
    def length(self) -> int | None:
        """How many bytes the server announces; None where it doesn't."""
        text = self.headers.get("content-length", "")
        return int(text) if text.isdigit() else None


class HttpClient:
    """One session for all threads."""

    def __init__(
        self,
        network: NetworkOptions,
        *,
        credentials: Mapping[str, Credentials],
        index_origins: frozenset[str] = frozenset(),
        is_wary: bool = False,
    ) -> None:
        """Speak to servers. `credentials` are by origin.

        Those of `index_origins` that are http may be spoken to without TLS, and netrc is for all of them. `is_wary`
        is for URLs that strangers name: of private addresses it allows only the indexes'.
        """
        self._network = network
        self._credentials = credentials
        self._index_origins = index_origins
        self._is_wary = is_wary
        self._lock = threading.Lock()
        self._session: requests.Session | None = None
        self._pace = _Pace()

    def exchange(
        self,
        url: str,
        receive: Callable[[HttpReply], T],
        *,
        headers: Mapping[str, str],
        is_page: bool = False,
    ) -> T:
        """Return what `receive` makes of the answer; it is called again where a body was cut short.

        Raises:
            SourceError: `offline`, `insecure-url`, `private-address`, `index-unreachable`, and whatever `receive` raises.
        """
        if self._network.offline:
            raise SourceError("offline", "it is not in the cache", where=redacted(url))
        tries = max(0, self._network.retries)
        for attempt in range(tries + 1):
            try:
                with self._reply(url, headers, is_page=is_page) as reply:
                    return receive(reply)
            except _CutShortError as error:
                if attempt == tries:
                    raise SourceError(error.slug, error.message, where=error.where) from error
                time.sleep(min(_LONGEST_PAUSE_S, 0.25 * 2**attempt) * (0.5 + random.random()))  # noqa: S311
        raise AssertionError("the loop returns or raises")

    @contextmanager
    def _reply(self, url: str, headers: Mapping[str, str], *, is_page: bool) -> Iterator[HttpReply]:
        with self._mapping_errors(url):
            response = self._follow(url, headers, is_page=is_page)
            try:
                yield HttpReply(
                    status=response.status_code,
                    url=response.url,
                    headers={name.lower(): value for name, value in response.headers.items()},
                    pieces=_pieces(response, is_page=is_page),
                )
            finally:
                response.close()

    def _follow(self, url: str, headers: Mapping[str, str], *, is_page: bool) -> "requests.Response":
        encoding = {} if is_page else {"Accept-Encoding": "identity"}
        target = url
        for _ in range(_MAX_REDIRECTS):
            self._refuse_insecure(target, url)
            self._refuse_private(target, url)
            response = self._send(target, {**encoding, **headers})
            location = response.headers.get("location")
            if response.status_code not in _REDIRECTS or not location:
                return response
            response.close()
            with _refusing_malformed(target):
                target, _ = split_credentials(urljoin(target, location))
        raise SourceError("index-unreachable", "it redirects without end", where=redacted(url))

    def _send(self, url: str, headers: Mapping[str, str]) -> "requests.Response":
        self._pace.wait()
        with _refusing_malformed(url):
            return self._get_session().get(
                url,
                headers=dict(headers),
                auth=self._auth(url),
                timeout=self._network.timeout_s,
                verify=self._network.certificates or True,
                allow_redirects=False,
                stream=True,
            )

    def _auth(self, url: str) -> "tuple[str, str] | Callable[[Request], Request]":
        origin = origin_of(url)
        known = self._credentials.get(origin)
        if known is None and origin in self._index_origins:
            known = netrc_credentials(urlsplit(url).hostname or "", os.environ)
        # With None requests would look into netrc itself, whoever the host is.
        return _without_credentials if known is None else (known.user, known.password)

    def _refuse_insecure(self, url: str, first_url: str) -> None:
        scheme = urlsplit(url).scheme.lower()
        if scheme == "https":
            return
        is_configured = scheme == "http" and origin_of(url) in self._index_origins
        if is_configured and urlsplit(first_url).scheme.lower() == "http":
            return
        what = "it is" if url == first_url else f"it redirects to {redacted(url)}, which is"
        raise SourceError("insecure-url", f"{what} not https", where=redacted(first_url))

    def _refuse_private(self, url: str, first_url: str) -> None:
        """Refuse a private address that neither the user named nor one that he named leads to from beside it."""
        is_redirect = origin_of(url) != origin_of(first_url)
        if not (is_redirect or self._is_wary) or origin_of(url) in self._index_origins:
            return
        if not is_private_host(url) or (is_redirect and is_private_host(first_url)):
            return
        what = f"it redirects to {redacted(url)}, which is" if is_redirect else "it is"
        raise SourceError(
            "private-address", f"{what} on this machine or in a private network", where=redacted(first_url)
        )

    def _get_session(self) -> "requests.Session":
        with self._lock:
            if self._session is None:
                self._session = _new_session(self._network)
            return self._session

    @contextmanager
    def _mapping_errors(self, url: str) -> Iterator[None]:
        import requests  # noqa: PLC0415 - see the module's docstring
        import urllib3.exceptions  # noqa: PLC0415 - likewise

        try:
            yield
        except (requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError) as error:
            raise _CutShortError(
                "index-unreachable", "the answer is cut short", where=redacted(url)
            ) from error
        except urllib3.exceptions.TimeoutError as error:
            raise _CutShortError("index-unreachable", "the answer stalls", where=redacted(url)) from error
        except requests.exceptions.Timeout as error:
            message = f"there is no answer within {self._network.timeout_s:g} s"
            raise SourceError("index-unreachable", message, where=redacted(url)) from error
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _unreachable(error, url) from error


@contextmanager
def _refusing_malformed(url: str) -> Iterator[None]:
    """Refuse a redirect to what is no URL; requests itself looks at it, even when it is not to follow."""
    try:
        yield
    except ValueError as error:
        if isinstance(error, OSError):
            raise  # requests' own, which says more
        raise SourceError(
            "index-unreachable", "it redirects to a malformed URL", where=redacted(url)
        ) from None


def _unreachable(error: Exception, url: str) -> SourceError:
    from conda_bridge.sources.patience import distrust_of  # noqa: PLC0415 - see the module's docstring

    where = redacted(url)
    if reason := distrust_of(error):
        message = f"its certificate can't be verified: {reason}"
        return SourceError("index-unreachable", message, where=where, hint=_CERTIFICATE_HINT)
    reason = _REASONS.get(type(error).__name__, "the connection fails")
    return SourceError("index-unreachable", reason, where=where)


_CERTIFICATE_HINT = (
    "of a proxy or a server of your own, name its authority's certificates as for pip: PIP_CERT=FILE, "
    "or `pip config set global.cert FILE`"
)
_REASONS = {
    "SSLError": "no secure connection comes about",
    "ProxyError": "the proxy refuses or can't be reached",
    "InvalidURL": "the URL is malformed",
}


def _without_credentials(request: "Request") -> "Request":
    return request


class _Pace:
    """Lets ten requests through at once and ten a second after that."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._allowance = _BURST
        self._last = time.monotonic()

    def wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            self._allowance = min(_BURST, self._allowance + (now - self._last) * _REQUESTS_PER_SECOND)
            self._last = now
            self._allowance -= 1.0
            delay_s = max(0.0, -self._allowance / _REQUESTS_PER_SECOND)
        if delay_s:
            time.sleep(delay_s)


def _new_session(network: NetworkOptions) -> "requests.Session":
    from http.cookiejar import DefaultCookiePolicy  # noqa: PLC0415 - requests imports it anyway

    import requests  # noqa: PLC0415 - see the module's docstring
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 - likewise

    from conda_bridge.sources.patience import PatientRetry  # noqa: PLC0415 - likewise

    retry = PatientRetry(
        total=network.retries,
        # A machine without network should learn so soon.
        connect=min(1, network.retries),
        redirect=0,
        status_forcelist=_TRANSIENT,
        allowed_methods=("GET",),
        backoff_factor=0.5,
        backoff_jitter=0.5,
        raise_on_status=False,
    )
    session = requests.Session()
    adapter = HTTPAdapter(max_retries=retry, pool_connections=_CONNECTIONS, pool_maxsize=_CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers["User-Agent"] = _user_agent()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def _user_agent() -> str:
    """Return our name, version and address, and nothing about the machine."""
    from importlib import metadata  # noqa: PLC0415 - costs milliseconds

    known = metadata.metadata("conda-bridge")
    contact = next((line.partition(",")[2].strip() for line in known.get_all("Project-URL", [])), "")
    return f"conda-bridge/{known['Version']}" + (f" (+{contact})" if contact else "")


def _pieces(response: "requests.Response", *, is_page: bool) -> Iterator[bytes]:
    if is_page:
        return response.iter_content(_PIECE_BYTES)
    # A server that says `Content-Encoding: gzip` of a .tar.gz must not make us unpack it.
    return response.raw.stream(_PIECE_BYTES, decode_content=False)

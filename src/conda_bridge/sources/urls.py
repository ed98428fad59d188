"""URLs -> their credentials, whom those belong to, and the file that they name; and the refusal of those with secrets."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from conda_bridge.archives.paths import checked_path
from conda_bridge.errors import SourceError
from conda_bridge.translate.url_secrets import has_secret, redacted

__all__ = [
    "Credentials",
    "filename_of_url",
    "origin_of",
    "refuse_secret",
    "split_credentials",
]

_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Credentials:
    """A user and a password. The representation hides both."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(***)"


def split_credentials(url: str) -> tuple[str, Credentials | None]:
    """Return the URL without `user:password@`, and those.

    >>> split_credentials("https://me:pw@host/simple")
    ('https://host/simple', Credentials(***))

    Raises:
        SourceError: `invalid-url` where it is no URL at all.
    """
    if "@" not in url and url.isascii() and "[" not in url and "]" not in url:
        return url, None
    try:
        parts = urlsplit(url)
    except ValueError:
        raise SourceError("invalid-url", "a URL is malformed") from None
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    user, _, password = userinfo.partition(":")
    clean = urlunsplit(parts._replace(netloc=host))
    return clean, Credentials(user=unquote(user), password=unquote(password))


def origin_of(url: str) -> str:
    """Return scheme, host and port, which is whom credentials belong to.

    >>> origin_of("https://Host.example/simple/click/")
    'https://host.example'

    Raises:
        SourceError: `invalid-url`.
    """
    parts = urlsplit(split_credentials(url)[0])
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}"


def filename_of_url(url: str) -> str:
    """Return the last part of the path as a file name; `source` where it can't be one.

    >>> filename_of_url("https://host/files/demo-1.0.tar.gz?download=1")
    'demo-1.0.tar.gz'
    """
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    try:
        is_plain = checked_path(name) == name and not set(name) & {"/", "\\"}
    except SourceError:
        is_plain = False
    return name if is_plain and 0 < len(name) <= _LONGEST_NAME else "source"


def refuse_secret(url: str) -> None:
    """Refuse a URL that would publish a secret in a recipe.

    Raises:
        SourceError: `secret-in-url`; `invalid-url` where it is no URL at all.
    """
    split_credentials(url)
    if has_secret(url):
        raise SourceError("secret-in-url", "the URL carries credentials", where=redacted(url))

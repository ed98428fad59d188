"""URLs -> URLs without what opens a door: users, passwords, tokens of channels, parameters that speak of a secret.

Whoever shows, keeps or publishes a URL takes the form that is meant for it from here, so that all know the same secrets.
"""

import re
from urllib.parse import urlsplit, urlunsplit

__all__ = ["channel_label", "has_secret", "package_url", "publishable", "redacted"]

_SECRET_WORDS = frozenset({
    "token", "secret", "password", "passwd", "pwd", "key", "apikey", "sig", "signature", "credential",
    "credentials", "auth", "authorization", "session", "jwt",
})  # fmt: skip
_PUBLIC_WORDS = frozenset({"key"})
"""In a project's own links: `?key=1` names a page there, which no link leads to without it."""
_SECRET_PARTS = re.compile(r"token|secret|passw|api[-_]?key|auth(?!or)|signature|credential", re.IGNORECASE)
_WORDS = re.compile(r"[A-Za-z]+")
_USER = re.compile(r"(?<=://)[^/?#]*@")
_TOKEN = re.compile(r"(?<!:/)(?<!/packages/source)(/t/+)[^/?#]+")
"""Where conda finds a token, however deep: `https://host/conda/t/TOKEN/channel`; not the host `t`, nor the letter T of PyPI's
`packages/source/t/toml`."""


def has_secret(url: str) -> bool:
    """Tell whether the URL carries `user:password@`, or a parameter whose name speaks of a secret.

    >>> has_secret("https://host/demo-1.0.tar.gz?X-Amz-Signature=abc")
    True

    Raises:
        ValueError: it is malformed.
    """
    parts = urlsplit(url)
    return "@" in parts.netloc or _is_secret(parts.query)


def redacted(url: str) -> str:
    """Return the URL as it may be shown: without user, a channel's token, and a query that may hold a secret.

    >>> redacted("https://me:secret@host/x?token=abc")
    'https://host/x?...'
    """
    try:
        parts = urlsplit(url)
        query = "..." if _is_secret(parts.query) else parts.query
        is_clean = "@" not in parts.netloc and query == parts.query
        shown = url if is_clean else urlunsplit(_without_user(url, query))
    except ValueError:
        return "(a malformed URL)"
    return _TOKEN.sub(r"\1...", shown)


def publishable(url: str) -> str:
    """Return the URL as a recipe may have it: without user, password and secret parameters, and else as it was.

    >>> publishable("https://me:secret@example.org/x?a=1&token=abc")
    'https://example.org/x?a=1'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.rpartition("@")[2] if "@" in url else url
    query = "&".join(part for part in parts.query.split("&") if not _is_secret(part, beside=_PUBLIC_WORDS))
    if "@" not in parts.netloc and query == parts.query:
        return url
    return urlunsplit(_without_user(url, query))


def channel_label(channel: str) -> str:
    """Return a channel as it may be shown: without user, password, token and query; one that is no URL as it is.

    >>> channel_label("https://me:secret@example.org/t/tk-1/acme")
    'https://example.org/t/.../acme'
    """
    if "://" not in channel:
        return channel
    return _TOKEN.sub(r"\1...", _USER.sub("", re.split("[?#]", channel, maxsplit=1)[0]))


def package_url(url: str) -> str:
    """Return a channel's package as records keep it: at the address that it has for those who need no token.

    >>> package_url("https://example.org/t/tk-1/acme/noarch/a-1-0.conda")
    'https://example.org/acme/noarch/a-1-0.conda'
    """
    return _TOKEN.sub("", _USER.sub("", url))


def _is_secret(query: str, *, beside: frozenset[str] = frozenset()) -> bool:
    """Tell whether a parameter's name speaks of a secret, `beside` words that don't here."""
    words = _SECRET_WORDS - beside
    names = (pair.partition("=")[0].lower() for pair in re.split("[&;]", query))
    return any(
        _SECRET_PARTS.search(name) or any(word in words for word in _WORDS.findall(name)) for name in names
    )


def _without_user(url: str, query: str) -> tuple[str, str, str, str, str]:
    parts = urlsplit(url)
    return (parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, parts.fragment)

"""URLs -> whether their host is one of this machine or of a private network, where a stranger can't reach himself.

Not covered: a name that resolves to another address when it is connected to (DNS rebinding), and names that only a
proxy can resolve, which is then the one to refuse them.
"""

import ipaddress
import socket

__all__ = ["is_private_host"]


def is_private_host(url: str) -> bool:
    """Tell whether a URL's host is, or has among its addresses, one that isn't of the public network.

    Such are loopback, link-local, private and unspecified addresses. Cost: a look-up of the name.

    >>> is_private_host("https://[::1]:8443/x"), is_private_host("https://9.9.9.9/x")
    (True, False)
    """
    from urllib3.util import parse_url  # noqa: PLC0415 - who asks is about to import requests

    # Of the library that connects: others may read another host out of a URL that is odd enough.
    host = (parse_url(url).host or "").strip("[]")
    return any(not _is_public(address) for address in _addresses(host))


def _addresses(host: str) -> tuple[str, ...]:
    try:
        # Spellings such as 127.1 and 2130706433 are addresses to whoever connects, too.
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(str(address[0]) for *_, address in found)


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text)
    inner = getattr(address, "ipv4_mapped", None) or address
    return inner.is_global and not inner.is_multicast

"""Where an engine is to work -> what its worker sees of the machine."""

import os
from urllib.parse import unquote, urlsplit

from conda_bridge.model.build import EngineSetting
from conda_bridge.processes.workers import WorkerPlace

__all__ = ["environment_of", "path_of_url", "place_of"]

# What downloads need to get through proxies and to trust servers. Build scripts are given some of it, too.
_OF_NETWORKS = (
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
)  # fmt: skip


def place_of(
    setting: EngineSetting,
    *,
    readable: tuple[str, ...],
    writable: tuple[str, ...],
    log_path: str,
    environment: tuple[tuple[str, str], ...],
) -> WorkerPlace:
    """Return the place of a worker that uses the channels of a setting."""
    channels = tuple(path for channel in setting.channels if (path := path_of_url(channel)))
    return WorkerPlace(
        readable=(*readable, *channels, *setting.readable),
        writable=(*writable, *filter(None, [setting.shared_dir])),
        tree=setting.tree,
        has_network=setting.needs_network,
        tools=setting.tools,
        cache_dir=setting.cache_dir,
        environment=environment,
        log_path=log_path,
    )


def environment_of(setting: EngineSetting) -> tuple[tuple[str, str], ...]:
    """Return the variables of ours that downloads need; none where there are no downloads."""
    if not setting.needs_network:
        return ()
    return tuple((name, os.environ[name]) for name in _OF_NETWORKS if name in os.environ)


def path_of_url(url: str) -> str:
    """Return the path that a `file://` URL means; empty for others.

    >>> path_of_url("file:///srv/a%20b/")
    '/srv/a b/'
    """
    parts = urlsplit(url)
    return unquote(parts.path) if parts.scheme == "file" else ""

"""The user's netrc -> the password of a host that it names.

Its `default` is for nobody: which indexes are asked may be decided by a configuration file of somebody else's project.

Source: curl documentation, .netrc.
"""

from collections.abc import Mapping
from pathlib import Path

from conda_bridge.sources.urls import Credentials

__all__ = ["netrc_credentials"]

_NAMES = (".netrc", "_netrc")


def netrc_credentials(host: str, environ: Mapping[str, str]) -> Credentials | None:
    """Return what the file that NETRC names, or else the home folder's, says of a host; None where that is nothing.

    A file that can't be read says nothing.
    """
    path = _path(environ)
    if path is None:
        return None
    import netrc  # noqa: PLC0415 - most machines have no such file

    try:
        known = netrc.netrc(path).hosts.get(host)
    except (OSError, UnicodeDecodeError, netrc.NetrcParseError):
        return None
    if known is None:
        return None
    login, account, password = known
    return Credentials(user=login or account, password=password)


def _path(environ: Mapping[str, str]) -> Path | None:
    try:
        named = environ.get("NETRC")
        paths = [Path(named).expanduser()] if named else [Path.home() / name for name in _NAMES]
        return next((path for path in paths if path.is_file()), None)
    except (OSError, RuntimeError):
        return None

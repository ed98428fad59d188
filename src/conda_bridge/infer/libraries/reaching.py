"""Which headers of a source nothing includes: what they include themselves, the build doesn't need.

A header in a folder `include` is for others, too: a library brings many that the package's own sources never see.
"""

from collections.abc import Iterable

from conda_bridge.infer.libraries.headers import INCLUDE_FOLDERS, is_header
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.source import Signal

__all__ = ["unreached_headers"]


def unreached_headers(signals: Iterable[Signal]) -> frozenset[str]:
    """Return the paths of headers for others that no compiled source includes, directly or through a header.

    Paths are compared by their ends, so that a header of the same name elsewhere is one that is reached.
    """
    includes: dict[str, set[str]] = {}
    for signal in signals:
        if signal.kind == "include":
            includes.setdefault(signal.path, set()).add(Token.parse(signal.token).name)
    headers: dict[str, list[str]] = {}
    for path in includes:
        if is_header(path):
            headers.setdefault(path.rpartition("/")[2], []).append(path)
    open_ = [path for path in includes if not is_header(path) or INCLUDE_FOLDERS.isdisjoint(path.split("/"))]
    if all(map(is_header, open_)):
        return frozenset()
    reached = set(open_)
    while open_:
        for name in includes[open_.pop()]:
            for path in headers.get(name.rpartition("/")[2], ()):
                if path not in reached and f"/{path}".endswith(f"/{name}"):
                    reached.add(path)
                    open_.append(path)
    return frozenset(includes.keys() - reached)

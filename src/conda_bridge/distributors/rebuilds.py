"""Two packages of one file name -> whether the newer one was only built at another time."""

import json

from conda_bridge.archives.package_info import payload_hash, read_info
from conda_bridge.distributors.repodata import IndexedPackage
from conda_bridge.errors import BridgeError

__all__ = ["is_rebuild"]

_OF_THE_ARCHIVE = ("timestamp", "indexed_timestamp", "size", "sha256", "md5")
_FOR_OTHERS = ("info/run_exports.json", "info/link.json")
"""What decides how others are built with it, and how it is installed."""


def is_rebuild(before: str, after: str, *, fields: tuple[IndexedPackage, IndexedPackage]) -> bool:
    """Tell whether two files, whose index entries are `fields`, install the same and ask for the same.

    Cost: the `info/` of both is read. A package that can't be read is none.
    """
    entries = [json.loads(each.fields) for each in fields]
    one, other = ({key: entry[key] for key in entry if key not in _OF_THE_ARCHIVE} for entry in entries)
    try:
        return (
            one == other
            and payload_hash(before) == payload_hash(after)
            and read_info(before, _FOR_OTHERS) == read_info(after, _FOR_OTHERS)
        )
    except BridgeError:
        return False

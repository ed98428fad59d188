"""A package that was built from a staged recipe -> the same with the recipe itself in its `info/`.

The payload stays as it is, byte for byte. The folders and channels of this machine, which engines tell of the build,
become labels: whoever gets the package learns nothing of its maker's home.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from types import MappingProxyType

from conda_bridge.archives.conda_reader import rewrite_info
from conda_bridge.errors import EngineError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.translate.url_secrets import channel_label
from conda_bridge.workflows.staging import Staged

__all__ = ["NO_PLACES", "restore_recipe"]

_RECIPE = "recipe/"
_RENDERED = "recipe/rendered_recipe.yaml"
_EVALUATED = frozenset({_RENDERED, "recipe/meta.yaml", "about.json"})
"""What engines write from an evaluated recipe."""
_CONFIGURATION = b"\nbuild_configuration:\n"
_BUILT_AT = re.compile(rb"(?m)^(  timestamp: ).*$")
_TIMESTAMP_MS = re.compile(rb'("timestamp": ?)\d+')
NO_PLACES: Mapping[str, str] = MappingProxyType({})
_GOES_ON = r"(?![\w.+%~@=/-])"


def restore_recipe(
    package_path: str,
    staged: Staged,
    *,
    channels: Sequence[str] = (),
    places: Mapping[str, str] = NO_PLACES,
    built_at_s: int | None = None,
) -> PackageRecord:
    """Put the unedited recipe into a package, in place, and return the package's new record.

    Credentials in the URLs of `channels` don't stay in it; `places` are URLs and paths, and what is said in their
    place. `built_at_s` takes the place of the time of day at which it
    was built, wherever that stands; None leaves it.

    Raises:
        RepackError: `invalid-package`.
        EngineError: `unexpected-output` where the package doesn't have the recipe that was built.
        SourceError: the package can't be read.
    """
    copied = staged.staged_text.encode("utf-8")

    def edit(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        if not any(name.startswith(_RECIPE) and data == copied for name, data in files.items()):
            message = "its info/recipe has no copy of the recipe that was built"
            raise EngineError("unexpected-output", message, where=package_path)
        return {name: timed(name, restored(name, data)) for name, data in files.items()}

    def timed(name: str, data: bytes) -> bytes:
        return data if built_at_s is None else _with_time(name, data, built_at_s)

    def restored(name: str, data: bytes) -> bytes:
        if name.startswith(_RECIPE) and data == copied:
            return staged.text.encode("utf-8")
        if name not in _EVALUATED:
            return data
        return _without_places(_without_secrets(_with_originals(data, staged), channels), places)

    return rewrite_info(package_path, package_path, edit, time_s=built_at_s)


def _with_time(name: str, data: bytes, time_s: int) -> bytes:
    """Return a document of `info/` with another time of the build, if it says one."""
    if name == "index.json":
        return _TIMESTAMP_MS.sub(lambda found: b"%s%d" % (found[1], time_s * 1000), data)
    if name == _RENDERED:
        iso = datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
        recipe, configuration, rest = data.rpartition(_CONFIGURATION)
        return recipe + configuration + _BUILT_AT.sub(lambda found: found[1] + iso, rest, count=1)
    return data


def _with_originals(data: bytes, staged: Staged) -> bytes:
    """Return evaluated text with what the recipe says in place of local files; mirrors return in their order."""
    mirrors: dict[str, list[str]] = {}
    for local, original in staged.originals:
        mirrors.setdefault(local, []).append(original)
    # conda-build names the recipe's folder in a comment.
    mirrors[str(Path(staged.recipe_path).parent)] = ["recipe"]
    turns: dict[str, Iterator[str]] = {local: cycle(originals) for local, originals in mirrors.items()}
    locals_ = "|".join(re.escape(local) for local in sorted(mirrors, key=len, reverse=True))
    text = data.decode("utf-8", "surrogateescape")
    found = re.sub(f"(?:{locals_}){_GOES_ON}", lambda match: next(turns[match[0]]), text)
    return found.encode("utf-8", "surrogateescape")


def _without_secrets(data: bytes, channels: Sequence[str]) -> bytes:
    for channel in sorted(channels, key=len, reverse=True):
        data = data.replace(channel.rstrip("/").encode(), channel_label(channel).rstrip("/").encode())
    return data


def _without_places(data: bytes, places: Mapping[str, str]) -> bytes:
    for place in sorted(places, key=len, reverse=True):
        # Another folder's name may begin with this one's.
        pattern = re.escape(place.rstrip("/").encode()) + rb"(?![\w.+%~@=-])"
        data = re.sub(pattern, places[place].replace("\\", r"\\").encode(), data)
    return data

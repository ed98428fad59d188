"""A package that was built from a staged recipe -> the same with the recipe itself in its `info/`.

The payload stays as it is, byte for byte. What the engine says of the machine beside the recipe stays too: the folders
and channels of the build, in rattler-build's `rendered_recipe.yaml`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from conda_bridge.archives.conda_reader import rewrite_info
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.translate.url_secrets import channel_label
from conda_bridge.workflows.staging import Staged

__all__ = ["restore_recipe"]

_RENDERED = "recipe/rendered_recipe.yaml"
_EVALUATED = frozenset({_RENDERED, "recipe/meta.yaml", "about.json"})
"""What engines write from an evaluated recipe."""
_CONFIGURATION = b"\nbuild_configuration:\n"
_BUILT_AT = re.compile(rb"(?m)^(  timestamp: ).*$")
_TIMESTAMP_MS = re.compile(rb'("timestamp": ?)\d+')
_GOES_ON = r"(?![\w.+%~@=/-])"


def restore_recipe(
    package_path: str, staged: Staged, *, channels: Sequence[str] = (), built_at_s: int | None = None
) -> PackageRecord:
    """Put the unedited recipe into a package, in place, and return the package's new record.

    Credentials in the URLs of `channels` don't stay in it. `built_at_s` takes the place of the time of day at which it
    was built, wherever that stands; None leaves it.

    Raises:
        RepackError: `invalid-package`.
        SourceError: the package can't be read.
    """
    recipe = Path(staged.recipe_path)
    copied = recipe.read_bytes()

    def edit(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        return {name: timed(name, restored(name, data)) for name, data in files.items()}

    def timed(name: str, data: bytes) -> bytes:
        return data if built_at_s is None else _with_time(name, data, built_at_s)

    def restored(name: str, data: bytes) -> bytes:
        if name.startswith("recipe/") and data == copied:
            return staged.text.encode("utf-8")
        return _without_secrets(_with_originals(data, staged), channels) if name in _EVALUATED else data

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

"""The table `[wheel]` of a configuration file: where wheels go and how they are made."""

from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from conda_bridge.config.entries import Entry
from conda_bridge.config.values import folder_of
from conda_bridge.model.repackaging import DeflateName, DependencySource

__all__ = ["NO_WHEELS", "WHEEL_KEYS", "WheelLayer", "merged_wheels", "wheel_of"]

WHEEL_KEYS = ("output", "index", "deps", "deflate")
_ENGINES: dict[str, DeflateName] = {"zlib": "zlib", "libdeflate": "libdeflate"}
_SOURCES: dict[str, DependencySource] = {"metadata": "metadata", "conda": "conda"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelLayer:
    """What one place says about wheels; None means nothing."""

    output_dir: str | None = None
    index_dir: str | None = None
    dependencies: DependencySource | None = None
    deflate: DeflateName | None = None


NO_WHEELS = WheelLayer()
"""Nothing is said."""


def wheel_of(base: Path, entry: Entry) -> WheelLayer:
    """Return what the table says; folders are relative to the file's."""
    said = entry.fields(WHEEL_KEYS)
    folder = partial(folder_of, base)
    return WheelLayer(
        output_dir=said["output"].attempt(folder) if "output" in said else None,
        index_dir=said["index"].attempt(folder) if "index" in said else None,
        dependencies=said["deps"].attempt(partial(_choice, _SOURCES)) if "deps" in said else None,
        deflate=said["deflate"].attempt(partial(_choice, _ENGINES)) if "deflate" in said else None,
    )


def merged_wheels(weaker: WheelLayer, stronger: WheelLayer) -> WheelLayer:
    """Return what two places say together."""
    said = {field.name: getattr(stronger, field.name) for field in fields(WheelLayer)}
    return replace(weaker, **{key: value for key, value in said.items() if value is not None})


def _choice(known: dict[str, T], entry: Entry) -> T:
    if (text := entry.text()) not in known:
        raise entry.wrong(" or ".join(known))
    return known[text]

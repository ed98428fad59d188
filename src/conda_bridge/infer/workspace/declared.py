"""A pyproject.toml -> the folders that it declares as members of a workspace."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from conda_bridge.infer.pyproject import dig, strings
from conda_bridge.translate.license_files import matches_glob

__all__ = ["Declaration", "declaration_of"]

_EDITABLE = re.compile(
    r"(?:-e\s+)?(?:[\w.-]+\s*@\s*)?file:/{0,3}(?:\$\{PROJECT_ROOT\}|\.)/+([^#?\s]+)", re.ASCII
)
"""How pdm names a folder: `-e file:///${PROJECT_ROOT}/packages/a`."""
_GLOB = re.compile(r"[*?\[]")
_MOST_GLOBS = 100
"""Each is compared with every folder; those beyond are as good as not said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What a workspace says of its folders."""

    holder: str
    """The folder of the file that says it."""
    folders: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    origin: str = ""
    """The first table that lists one of `folders`; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    text: str
    origin: str = ""


def declaration_of(table: dict[str, Any], holder: str, folders: Iterable[str]) -> Declaration:
    """Return which of `folders` the pyproject.toml in `holder` declares."""
    inner = f"{holder}/" if holder else ""
    known = tuple(folder[len(inner) :] for folder in folders if folder.startswith(inner))
    without = (_Pattern(text=text) for text in strings(dig(table, "tool", "uv", "workspace", "exclude")))
    excluded = frozenset(_matched(without, known))
    found = _matched((pattern for read in _READERS for pattern in read(table)), known)
    found = {folder: origin for folder, origin in found.items() if folder not in excluded}
    return Declaration(
        holder=holder,
        folders=frozenset(f"{inner}{folder}" for folder in found),
        excluded=frozenset(f"{inner}{folder}" for folder in excluded),
        origin=next((f"{inner}{origin}" for origin in found.values()), ""),
    )


def _matched(patterns: Iterable[_Pattern], folders: tuple[str, ...]) -> dict[str, str]:
    """Return the folders that paths and globs match, with the origin of the first that does."""
    known, found, globs = frozenset(folders), dict[str, str](), 0
    for pattern in patterns:
        text = pattern.text.replace("\\", "/").removeprefix("./").rstrip("/")
        if text in known:
            found.setdefault(text, pattern.origin)
        elif _GLOB.search(text) and globs < _MOST_GLOBS:
            globs += 1
            for folder in folders:
                if matches_glob(text, folder):
                    found.setdefault(folder, pattern.origin)
    return found


def _uv(top: dict[str, Any]) -> Iterator[_Pattern]:
    yield from _listed(top, "uv", "workspace", "members")
    yield from _by_path(top, "uv", "sources")


def _rye(top: dict[str, Any]) -> Iterator[_Pattern]:
    yield from _listed(top, "rye", "workspace", "members")


def _hatch(top: dict[str, Any]) -> Iterator[_Pattern]:
    yield from _listed(top, "hatch", "workspace", "members")
    environments = dig(top, "tool", "hatch", "envs")
    for name in environments if isinstance(environments, dict) else ():
        yield from _listed(top, "hatch", "envs", name, "workspace", "members")


def _poetry(top: dict[str, Any]) -> Iterator[_Pattern]:
    yield from _by_path(top, "poetry", "dependencies")
    yield from _by_path(top, "poetry", "dev-dependencies")
    groups = dig(top, "tool", "poetry", "group")
    for name in groups if isinstance(groups, dict) else ():
        yield from _by_path(top, "poetry", "group", name, "dependencies")


def _pdm(top: dict[str, Any]) -> Iterator[_Pattern]:
    for keys in (("tool", "pdm", "dev-dependencies"), ("dependency-groups",)):
        groups = dig(top, *keys)
        for name, lines in groups.items() if isinstance(groups, dict) else ():
            origin = f"pyproject.toml#/{'/'.join(keys)}/{name}"
            matches = (_EDITABLE.match(line) for line in strings(lines))
            yield from (_Pattern(text=match[1], origin=origin) for match in matches if match)


def _pixi(top: dict[str, Any]) -> Iterator[_Pattern]:
    yield from _by_path(top, "pixi", "pypi-dependencies")
    yield from _by_path(top, "pixi", "dependencies")
    features = dig(top, "tool", "pixi", "feature")
    for name in features if isinstance(features, dict) else ():
        yield from _by_path(top, "pixi", "feature", name, "pypi-dependencies")


_READERS: tuple[Callable[[dict[str, Any]], Iterator[_Pattern]], ...] = (
    _uv, _rye, _hatch, _poetry, _pdm, _pixi,
)  # fmt: skip


def _listed(top: dict[str, Any], *keys: str) -> Iterator[_Pattern]:
    """Yield the folders and globs of a list; hatch also writes `{path = "..."}`."""
    value = dig(top, "tool", *keys)
    origin = f"pyproject.toml#/tool/{'/'.join(keys)}"
    for item in value if isinstance(value, list) else strings(value):
        text = dig(item, "path") if isinstance(item, dict) else item
        if isinstance(text, str):
            yield _Pattern(text=text, origin=origin)


def _by_path(top: dict[str, Any], *keys: str) -> Iterator[_Pattern]:
    """Yield the folders of dependencies that name one: `a = {path = "packages/a"}`."""
    table = dig(top, "tool", *keys)
    for name, value in table.items() if isinstance(table, dict) else ():
        for item in value if isinstance(value, list) else (value,):
            text = dig(item, "path")
            if isinstance(text, str):
                yield _Pattern(text=text, origin=f"pyproject.toml#/tool/{'/'.join((*keys, name))}")

"""What a project links in from other package managers: its crates and its Go module, and where their licences go.

Source: maturin user guide, manifest-path and project layout; setuptools-rust documentation, pyproject.toml.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from posixpath import join, normpath
from typing import Any

from conda_bridge.infer.cargo import Crate, Features, crates_of, enabled_features
from conda_bridge.infer.pyproject import dig, parsed, strings, tool_table
from conda_bridge.infer.scan.aside import is_vendored_or_test
from conda_bridge.model.source import SourceFacts
from conda_bridge.translate.shell import is_plain_folder

__all__ = [
    "GO_LICENSES",
    "crate_folders",
    "crate_manifests",
    "crate_tables",
    "go_folder",
    "is_nameable",
    "manifest_crates",
    "manifest_features",
    "third_party_files",
]

_SETUP_CALL = re.compile(r"\bRustExtension\s*\((?P<arguments>[^()]*)\)")
_PATH = re.compile(
    r"""\bpath\s*=\s*f?["'](?P<path>[^"'{}$]+)["']|["'](?P<manifest>[^"'{}$]*Cargo\.toml)["']"""
)
_MANIFEST = "Cargo.toml"
_MAX_FOLDERS = 9
GO_LICENSES = "library_licenses/"
"""The folder that gets the licences of a Go module's dependencies."""


def crate_manifests(facts: SourceFacts) -> tuple[str, ...]:
    """Return the manifests that the backends build; where none is named, the one nearest to the top.

    Empty for a project without any.
    """
    named = tuple(dict.fromkeys(path for path in _named(facts) if facts.has(path)))
    if named:
        return named
    own = [path for path in facts.paths if path.rpartition("/")[2] == _MANIFEST]
    nearest = min(own, key=lambda path: (path.count("/"), is_vendored_or_test(path), path), default="")
    return (nearest,) if nearest else ()


def crate_folders(facts: SourceFacts) -> tuple[str, ...]:
    """Return the folders of which each has a lock file or workspace of its own; empty text for the top.

    A workspace's members share the licences of its root.
    """
    folders = [path.rpartition("/")[0] for path in crate_manifests(facts)]
    return tuple(dict.fromkeys(_workspace_root(facts, folder) for folder in folders))


def crate_tables(facts: SourceFacts, path: str) -> dict[str, Any]:
    """Return a manifest's tables; empty where it is absent or no TOML."""
    try:
        return parsed(facts.text(path) or "")
    except (ValueError, RecursionError):
        return {}


def manifest_crates(facts: SourceFacts, path: str) -> tuple[Crate, ...]:
    """Return the crates that a manifest requires, optional ones among them; their `path` is a manifest of the source."""
    folder = path.rpartition("/")[0]
    root = _workspace_root(facts, folder)
    shared = crate_tables(facts, f"{root}/{_MANIFEST}" if root else _MANIFEST).get("workspace")
    return tuple(
        replace(crate, path=normpath(join(root if crate.is_inherited else folder, crate.path, _MANIFEST)))
        if crate.path
        else crate
        for crate in crates_of(crate_tables(facts, path), shared if isinstance(shared, dict) else {})
    )


def manifest_features(facts: SourceFacts, path: str, chosen: tuple[str, ...] = ()) -> Features:
    """Return the features of a manifest that are on: the default ones, the chosen ones, and all that they ask for."""
    return enabled_features(crate_tables(facts, path), chosen)


def go_folder(facts: SourceFacts) -> str:
    """Return the folder of the Go module nearest to the top; empty for the top itself, and where there is none."""
    own = [path for path in facts.paths if path.rpartition("/")[2] == "go.mod"]
    nearest = min(own, key=lambda path: (is_vendored_or_test(path), path.count("/"), path), default="")
    return nearest.rpartition("/")[0]


def _named(facts: SourceFacts) -> Iterator[str]:
    maturin = dig(tool_table(facts, "maturin"), "manifest-path")
    if isinstance(maturin, str):
        yield maturin.removeprefix("./")
    modules = dig(tool_table(facts, "setuptools-rust"), "ext-modules")
    for module in modules if isinstance(modules, list) else ():
        path = dig(module, "path")
        if isinstance(path, str):
            yield path.removeprefix("./")
    for call in _SETUP_CALL.finditer(facts.text("setup.py") or ""):
        for match in _PATH.finditer(call["arguments"]):
            yield (match["path"] or match["manifest"]).removeprefix("./")
    hooks = tool_table(facts, "hatch", "build", "hooks")
    for hook in hooks.values():
        folder = dig(hook, "path") if isinstance(hook, dict) else None
        if isinstance(folder, str) and not folder.startswith("/"):
            yield f"{folder.removeprefix('./').strip('/')}/{_MANIFEST}".removeprefix("./").lstrip("/")


def _workspace_root(facts: SourceFacts, folder: str) -> str:
    """Return the folder of the workspace that a crate belongs to, else its own. Source: Cargo book, Workspaces."""
    parts = folder.split("/") if folder else []
    for length in range(len(parts), -1, -1):
        above = "/".join(parts[:length])
        manifest = f"{above}/{_MANIFEST}" if above else _MANIFEST
        workspace = crate_tables(facts, manifest).get("workspace") if facts.has(manifest) else None
        if workspace is not None and "/".join(parts[length:]) not in strings(dig(workspace, "exclude")):
            return above
    return folder


def third_party_files(facts: SourceFacts) -> tuple[tuple[str, str], ...]:
    """Return (folder, the file at the top that gets the licences of its crates), the first under the usual name."""
    names = ["THIRDPARTY.yml", *(f"THIRDPARTY-{index}.yml" for index in range(2, _MAX_FOLDERS + 1))]
    folders = [folder for folder in crate_folders(facts) or ("",) if is_nameable(folder)]
    return tuple(zip(folders, names, strict=False))


def is_nameable(folder: str) -> bool:
    """Tell whether a build script can go to a folder; empty for the top."""
    return not folder or is_plain_folder(folder)

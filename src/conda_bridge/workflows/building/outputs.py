"""Rendered outputs can be file names, and the packages of a build are those outputs and nothing else."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from conda_bridge.archives.paths import shown
from conda_bridge.errors import EngineError, MetadataError, RecipeError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import RenderedOutput, RenderedSource
from conda_bridge.model.names import conda_name
from conda_bridge.sources.indexes import local_path

__all__ = ["check_built", "check_place", "check_rendered", "check_sources", "outside_sources"]

# Source: CEP 26, package versions and build strings; what only specs may have is left out.
_VERSION = re.compile(r"[A-Za-z0-9_.+!]+", re.ASCII)
_BUILD = re.compile(r"[A-Za-z0-9_.+]+", re.ASCII)
_MOST_PREFIX_BYTES = 255
"""Of the prefix that packages are made for: what they are installed into later takes its place in programs."""
_MOST_CHARACTERS = 200
"""Of name, version and build together: file names have 255 bytes, of which suffixes and temporary names take some."""


def check_rendered(outputs: Iterable[RenderedOutput], *, is_final: bool, recipe: str) -> None:
    """Let names, versions and build strings be what files and folders can be called.

    Raises:
        RecipeError: `invalid-output`.
    """
    for output in outputs:
        found = _fault(output.conda_name, output.version, output.build if is_final else "0")
        if found:
            raise RecipeError("invalid-output", found, where=recipe)


def check_built(
    records: Sequence[PackageRecord], outputs: Sequence[RenderedOutput], *, is_final: bool
) -> None:
    """Let each package be one that the recipe gives; `is_final` where rendering tells the build string, too.

    Raises:
        EngineError: `unexpected-output`.
    """
    expected = {_identity(output, is_final=is_final) for output in outputs}
    for record in records:
        found = _fault(record.conda_name, record.version, record.build)
        if not found and _identity(record, is_final=is_final) not in expected:
            found = f"{shown(record.subdir)}/{shown(record.stem)} is no package that the recipe gives"
        if found:
            raise EngineError("unexpected-output", found)
    if not records:
        raise EngineError("unexpected-output", "it left no package")


def check_place(outputs: Iterable[RenderedOutput], output_dir: Path) -> None:
    """Let the path that is built in be short enough for the engines' prefixes, which is their own limit.

    Raises:
        EngineError: `path-too-long`.
    """
    for output in outputs:
        prefix = output_dir / "bld" / f"rattler-build_{output.conda_name}" / "host_env_"
        excess = len(os.fsencode(prefix)) - _MOST_PREFIX_BYTES
        if excess > 0:
            message = f"the path in which {shown(output.conda_name)} is built has {excess} bytes too many"
            raise EngineError("path-too-long", message, where=str(output_dir))


def check_sources(outputs: Iterable[RenderedOutput], recipe: Path) -> None:
    """Let sources lead to no file outside of the recipe's folder that its author can't mean: a stranger could name any.

    A URL with a sha256 is verified, so that whoever wrote the recipe had the file: recipes of archives that no index has are
    such. A path that leads out of the folder is usual beside a project, unless it is to a hidden folder, or to the user's
    home or above. What is left is told: see `outside_sources`.

    Raises:
        EngineError: `foreign-file`.
    """
    folder = recipe.resolve().parent
    for source, url, path in _outside(outputs, folder):
        if _is_private(path, folder) if source.kind != "url" else not source.sha256:
            raise EngineError("foreign-file", f"it takes {shown(url)} as a source", where=str(recipe))


def outside_sources(outputs: Iterable[RenderedOutput], recipe: Path) -> tuple[str, ...]:
    """Return the files and folders of this machine outside of a recipe's folder that are brought into its packages."""
    return tuple(dict.fromkeys(str(path) for _, _, path in _outside(outputs, recipe.resolve().parent)))


def _outside(outputs: Iterable[RenderedOutput], folder: Path) -> Iterator[tuple[RenderedSource, str, Path]]:
    for source in (source for output in outputs for source in output.sources):
        for url in source.urls:
            is_file = url.lower().startswith("file:")
            if is_file or source.kind == "path" or url.startswith(("/", ".")):
                path = (local_path(url) if is_file else folder / url).resolve()
                if not path.is_relative_to(folder):
                    yield source, url, path


def _is_private(path: Path, folder: Path) -> bool:
    both = os.path.commonpath((path, folder))
    is_hidden = any(part.startswith(".") for part in path.relative_to(both).parts)
    return is_hidden or Path.home().resolve().is_relative_to(path)


def _identity(one: RenderedOutput | PackageRecord, *, is_final: bool) -> tuple[str, ...]:
    build = (one.build, str(one.build_number)) if is_final else ()
    return (one.conda_name, one.version, one.subdir, *build)


def _fault(name: str, version: str, build: str) -> str:
    """Return why something can't be a package; empty where it can."""
    try:
        is_name = conda_name(name) == name
    except MetadataError:
        is_name = False
    if not is_name:
        return f"{shown(name)} is no name of a conda package"
    if not _VERSION.fullmatch(version):
        return f"{shown(version)} is no version of a conda package"
    if not _BUILD.fullmatch(build):
        return f"{shown(build)} is no build string of a conda package"
    if len(f"{name}{version}{build}") > _MOST_CHARACTERS:
        return f"{shown(name)} has a name, a version and a build string that are too long for a file's name"
    return ""

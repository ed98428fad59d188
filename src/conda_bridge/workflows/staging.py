"""A recipe -> a copy of its folder whose sources are files of this machine, so that it builds without network.

In the copy only the values that say where sources are differ: `url:`, `git:`, and `path:` where it leads out of the
folder. A build has no network of its own: what comes from outside goes through the fetcher, which verifies it.
"""

import hashlib
import re
import shlex
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from conda_bridge.archives.reading import archive_suffix
from conda_bridge.archives.times import newest_file_time
from conda_bridge.errors import RecipeError, SourceError
from conda_bridge.formats.document import RecipeDocument, document_of
from conda_bridge.formats.edit import ScalarEdit, edited_text
from conda_bridge.formats.source_places import Place, SourceKind, places_of
from conda_bridge.model.build import RenderedOutput, RenderedSource
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.events import StepStarted
from conda_bridge.model.options import NETWORK_DEFAULTS, NetworkOptions
from conda_bridge.model.source import FileLink
from conda_bridge.protocols import Fetcher, Reporter, SilentReporter
from conda_bridge.sources.crates import Vendored, needs_crates, vendor_crates
from conda_bridge.sources.indexes import local_path
from conda_bridge.sources.recipe_sources import clone_source, fetch_source
from conda_bridge.sources.urls import filename_of_url
from conda_bridge.translate.url_secrets import redacted
from conda_bridge.workflows.staged_folder import copy_project, copy_recipe_folder, own_outputs

__all__ = ["FIXED_EPOCH", "Staged", "StagedSource", "StagingSetting", "stage_recipe"]

FIXED_EPOCH = 1_580_601_600
"""2020-02-02, where nothing says how old a source is. Source: hatchling's default for reproducible archives."""
_OLDEST_EPOCH = 315_532_800
"""1980, the first year that zip files know; older times are those of tools that write none."""
_URL_SAFE = "/+@=~"
"""What stays as it is in the local URLs, so that file names do; everything that YAML or Jinja acts on goes."""
_GIT = """\
#!/bin/sh
GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export GIT_CONFIG_NOSYSTEM GIT_CONFIG_GLOBAL
exec {git} "$@"
"""
_GONE = "put it back, or say in the recipe's `path:` where it is now"
_CHANGED = "build the file itself, `conda-bridge build FILE`, which writes a new recipe, or correct the recipe's sha256"
_PLAIN_PATH = re.compile(r"/[\w./+@~-](?:[\w./+@~ -]*[\w./+@~-])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class StagingSetting:
    """Where a recipe is staged."""

    target_dir: str
    """`recipe/`, `sources/` and `tools/` are made in it, in place of what an earlier build left there."""
    build_dir: str = ""
    """The build's output folder, above the folders in which scripts run; empty: crates are left alone."""
    left_out: tuple[str, ...] = ()
    """Folders that are no part of recipe or source, wherever they are: the output channel, the prefix to install into."""
    subject: str = ""
    """Of events."""
    source_date_epoch: int | None = None
    """The environment's."""
    network: NetworkOptions = NETWORK_DEFAULTS


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedSource:
    """One source that the build will use."""

    source: RenderedSource
    path: str
    """The file, the repository or the folder on this machine."""
    commit: str = ""
    """Of a repository."""
    cached_since: str = ""
    """The day on which the file came into the cache; empty where it was fetched just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A recipe that can be built without network."""

    recipe_path: str
    """The staged recipe file."""
    staged_text: str
    """What stood in it before the build, which may write to it."""
    text: str
    """The recipe's own text, before the edit."""
    sources: tuple[StagedSource, ...] = ()
    originals: tuple[tuple[str, str], ...] = ()
    """(what the staged recipe says, what the recipe itself says there), evaluated; mirrors in their order."""
    crates: tuple[tuple[FileLink, str], ...] = ()
    """What cargo builds from: where each crate came from, and its file on this machine."""
    source_date_epoch: int = FIXED_EPOCH
    readable: tuple[str, ...] = ()
    """Folders beside the staged ones that the build reads."""
    tools: tuple[str, ...] = ()
    """Folders of programs that the engine needs for these sources: git, where one is a repository."""
    diagnostics: tuple[Diagnostic, ...] = ()


def stage_recipe(
    recipe_path: str,
    outputs: Sequence[RenderedOutput],
    *,
    setting: StagingSetting,
    fetcher: Fetcher,
    reporter: Reporter | None = None,
) -> Staged:
    """Fetch every source of the rendered outputs and return the staged recipe.

    Raises:
        SourceError: a source can't be had, or isn't what the recipe says; `crates-unreachable`, `crates-not-locked`.
        RecipeError: `uneditable-recipe`, `invalid-yaml`.
        EngineError: `unsafe-recipe-folder` for links and special files in the recipe's folder.
    """
    told = reporter or SilentReporter()
    told.report(StepStarted(subject=setting.subject, step="fetching sources"))
    recipe = Path(recipe_path).resolve()
    document = _document(recipe)
    places = places_of(document, outputs, recipe_dir=str(recipe.parent))
    staging = _Staging(setting=setting, recipe_dir=recipe.parent, fetcher=fetcher)
    staging.clear()
    sources = tuple(dict.fromkeys(source for output in outputs for source in output.sources))
    staged = tuple(staging.staged(index, source) for index, source in enumerate(sources))
    swaps = tuple(staging.swaps(places, _by_location(staged)))
    copied = Path(setting.target_dir, "recipe")
    left_out = (setting.target_dir, *setting.left_out)
    copy_recipe_folder(str(recipe.parent), str(copied), left_out=left_out, text=document.text)
    text = edited_text(document, (swap.edit for swap in swaps))
    (copied / recipe.name).write_bytes(text.encode("utf-8"))
    archives = tuple(source.path for source in staged if source.source.kind == "url")
    vendored = _vendored(outputs, staged, setting, fetcher, told)
    return Staged(
        recipe_path=str(copied / recipe.name),
        staged_text=text,
        text=document.text,
        sources=staged,
        crates=vendored.files,
        originals=tuple(pair for swap in swaps for pair in swap.originals),
        source_date_epoch=_epoch(setting, archives),
        readable=tuple(sorted(dict.fromkeys(staging.readable(staged)))),
        tools=staging.tools(staged),
        diagnostics=(
            *_unhashed(sources),
            *_unasked(staged),
            *staging.strays(staged),
            *vendored.diagnostics,
        ),
    )


def _document(recipe: Path) -> RecipeDocument:
    try:
        text = recipe.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError("invalid-yaml", f"the recipe can't be read: {error}", where=str(recipe)) from error
    return document_of(text, path=str(recipe), recipe_format="v0" if recipe.name == "meta.yaml" else "v1")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Swap:
    """One edit, and the locations that come and go by it."""

    edit: ScalarEdit
    originals: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class _Staging:
    setting: StagingSetting
    recipe_dir: Path
    fetcher: Fetcher

    @property
    def sources_dir(self) -> Path:
        return Path(self.setting.target_dir, "sources")

    def clear(self) -> None:
        """Remove what an earlier build left."""
        for folder in (Path(self.setting.target_dir, name) for name in ("recipe", "sources", "tools")):
            if folder.exists():
                shutil.rmtree(folder)
        self.sources_dir.mkdir(parents=True)

    def staged(self, index: int, source: RenderedSource) -> StagedSource:
        folder = self.sources_dir / str(index)
        match source.kind:
            case "path":
                return StagedSource(source=source, path=self._without_outputs(source, folder))
            case "git":
                # Sources that are other commits of one repository share its clone: their values are the same.
                name = hashlib.sha256(source.urls[0].encode()).hexdigest()[:16]
                target = self.sources_dir / f"{name}.git"
                commit = clone_source(
                    source, str(target), folder=str(self.recipe_dir), network=self.setting.network
                )
                return StagedSource(source=source, path=str(target), commit=commit)
            case "url":
                began = time.time()
                fetched = fetch_source(source, fetcher=self.fetcher)
                target = folder / filename_of_url(source.urls[0])
                _copy(fetched, target)
                since = _day_before(Path(fetched), began) if not source.urls[0].startswith("file:") else ""
                return StagedSource(source=source, path=str(target), cached_since=since)

    def _without_outputs(self, source: RenderedSource, target: Path) -> str:
        """Return where a source stands; it is copied where we made something in it, which would be built along."""
        path = _checked_path(source, self.recipe_dir)
        if not Path(path).is_dir():
            return path
        ours = own_outputs(path, (self.setting.target_dir, *self.setting.left_out))
        if not ours:
            return path
        copy_project(path, str(target), ours)
        return str(target.resolve())

    def swaps(
        self, places: Sequence[Place], staged: Mapping[tuple[SourceKind, str], StagedSource]
    ) -> Iterator[_Swap]:
        for number, place in enumerate(places):
            if place.prefix:
                yield self._several(number, place, staged)
                continue
            found = staged[place.kind, place.locations[0]]
            local = _plain_path(found.path) if place.kind == "path" else _url(Path(found.path))
            if place.kind != "path" or self._is_in_place(found):
                edit = ScalarEdit(node=place.node, text=local)
                yield _Swap(edit=edit, originals=((local, place.locations[0]),))

    def _several(
        self, number: int, place: Place, staged: Mapping[tuple[SourceKind, str], StagedSource]
    ) -> _Swap:
        """Keep the value's expressions, and lay the files out as the URLs have them."""
        folder = self.sources_dir / f"of-{number}"
        originals: list[tuple[str, str]] = []
        for location in place.locations:
            target = folder / location.removeprefix(place.prefix)
            _copy(staged[place.kind, location].path, target)
            originals.append((_url(target), location))
        text = f"{_url(folder)}/{place.node.text.removeprefix(place.prefix)}"
        return _Swap(edit=ScalarEdit(node=place.node, text=text), originals=tuple(originals))

    def readable(self, staged: Sequence[StagedSource]) -> Iterator[str]:
        for source in staged:
            if source.source.kind == "path" and self._is_in_place(source):
                path = Path(source.path)
                yield str(path if path.is_dir() else path.parent)

    def tools(self, staged: Sequence[StagedSource]) -> tuple[str, ...]:
        """Make a folder with git alone: beside it on the user's PATH is what builds must not see.

        git ends with an error where the machine's configuration is hidden from it, unless it is told not to look.
        """
        git = shutil.which("git")
        if git is None or all(source.source.kind != "git" for source in staged):
            return ()
        folder = Path(self.setting.target_dir, "tools").resolve()
        folder.mkdir()
        script = folder / "git"
        script.write_text(_GIT.format(git=shlex.quote(git)), encoding="utf-8")
        script.chmod(0o755)
        return (str(folder),)

    def _is_in_place(self, source: StagedSource) -> bool:
        """Tell whether the folder itself is built from: the copy of a recipe that is its source's own lacks parts of it."""
        path = Path(source.path)
        is_all = path == self.recipe_dir and not Path(self.setting.target_dir).resolve().is_relative_to(path)
        return is_all or not path.is_relative_to(self.recipe_dir)

    def strays(self, staged: Sequence[StagedSource]) -> Iterator[Diagnostic]:
        """Yield what is said of sources that a stranger's recipe takes from anywhere on this machine."""
        for source in staged:
            for url in source.source.urls:
                is_local = source.source.kind == "path" or url.startswith(("file:", "/", "."))
                path = local_path(url) if url.startswith("file:") else self.recipe_dir / url
                folder = path.resolve() if path.is_dir() else path.resolve().parent
                if is_local and not folder.is_relative_to(self.recipe_dir):
                    message = f"the recipe takes a source from {folder}, outside of its own folder"
                    yield finding("source-outside", message, origin=str(self.recipe_dir))


def _checked_path(source: RenderedSource, recipe_dir: Path) -> str:
    """Return the path of a source on this machine, which may have changed since its recipe was written."""
    path = (recipe_dir / source.urls[0]).resolve()
    if not path.exists():
        raise SourceError("unreadable-source", "the recipe's source isn't there", where=str(path), hint=_GONE)
    if source.sha256 and path.is_file():
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != source.sha256.lower():
            message = f"its sha256 is {found}, the recipe says {source.sha256}"
            raise SourceError("hash-mismatch", message, where=str(path), hint=_CHANGED)
    return str(path)


def _by_location(staged: Sequence[StagedSource]) -> dict[tuple[SourceKind, str], StagedSource]:
    return {(source.source.kind, url): source for source in staged for url in source.source.urls}


def _copy(path: str, target: Path) -> None:
    # No hard link: a build could write through it into the cache.
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


def _url(path: Path) -> str:
    return f"file://{quote(str(path.resolve()), safe=_URL_SAFE)}"


def _plain_path(path: str) -> str:
    if not _PLAIN_PATH.fullmatch(path):
        message = f"the path {path!r} of a source has characters that can't stand in a recipe as they are"
        raise RecipeError("uneditable-recipe", message, where=path)
    return path


def _epoch(setting: StagingSetting, archives: Sequence[str]) -> int:
    if setting.source_date_epoch is not None:
        return setting.source_date_epoch
    now = time.time()
    found = (newest_file_time(path) for path in archives)
    # A time in the future is wrong, and the present one would be another in the next build.
    return max((when for when in found if when and _OLDEST_EPOCH < when <= now), default=FIXED_EPOCH)


def _unhashed(sources: Sequence[RenderedSource]) -> Iterator[Diagnostic]:
    for source in sources:
        is_local = not source.urls or source.urls[0].startswith("file:")
        if source.kind == "url" and not is_local and not source.sha256 and not source.md5:
            url = redacted(source.urls[0])
            yield finding(
                "source-unhashed", f"the recipe has no hash of {url}: any file would do", origin=url
            )


def _day_before(path: Path, began: float) -> str:
    """Return the day on which a file was written; empty where that was after the begin."""
    written = path.stat().st_mtime
    # File systems round times.
    return "" if written > began - 1 else time.strftime("%Y-%m-%d", time.gmtime(written))


def _unasked(staged: Sequence[StagedSource]) -> Iterator[Diagnostic]:
    for one in staged:
        if one.cached_since:
            url = redacted(one.source.urls[0])
            message = f"{Path(one.path).name} is from the cache, where it is since {one.cached_since}; {url} wasn't asked"
            yield finding("source-from-cache", message, origin=url)


def _vendored(
    outputs: Sequence[RenderedOutput],
    staged: Sequence[StagedSource],
    setting: StagingSetting,
    fetcher: Fetcher,
    reporter: Reporter,
) -> Vendored:
    if not setting.build_dir or not needs_crates(outputs):
        return Vendored()
    reporter.report(StepStarted(subject=setting.subject, step="fetching crates"))
    readable = [
        source.path for source in staged if source.source.kind != "git" and _may_have_crates(source.path)
    ]
    return vendor_crates(readable, folder=setting.build_dir, fetcher=fetcher)


def _may_have_crates(path: str) -> bool:
    # A file without an archive's name is used as it is: a licence, a test's data.
    return Path(path).is_dir() or bool(archive_suffix(path))

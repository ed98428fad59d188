"""The facts of a tree -> those of one project in it, as if its folder were a source of its own; and the way back.

A project without a licence of its own borrows those of the tree's top: they stand in its view under the same name.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from posixpath import normpath

from conda_bridge.infer.scan import is_wanted_text
from conda_bridge.infer.workspace.members import project_folders
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Address, Evidence
from conda_bridge.model.source import (
    DirectoryRef,
    FileEntry,
    GitOrigin,
    GitRef,
    LocalOrigin,
    SourceFacts,
    SourceOrigin,
    SourceRef,
)
from conda_bridge.translate.license_files import is_main_license, license_files

__all__ = ["View", "base_of", "view_of", "without_nested_texts"]

_LINE = re.compile(r":[0-9]+\Z")
_WORD = re.compile(r"(?<![\w./-])[\w.+-]*\w(?:/[\w.+-]*\w)*", re.ASCII)
_LICENSE_ADDRESS = "/about/license_file."


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One project of a tree."""

    folder: str
    """Empty for the top."""
    facts: SourceFacts
    """With paths relative to the folder."""
    borrowed: frozenset[str] = frozenset()
    """Paths of the tree's top that `facts` has under the same name."""
    base: str = ""
    """The tree's folder in what a recipe's source unpacks to: a repository's subdirectory, else empty."""

    @property
    def build_folder(self) -> str:
        """Where the project lies in what a recipe's source unpacks to; empty for its top."""
        return "/".join(part for part in (self.base, self.folder) if part)

    def path(self, path: str) -> str:
        """Return where a file of the view lies in the tree."""
        is_at_top = not self.folder or path in self.borrowed or path in self.facts.beside
        return path if is_at_top else normpath(f"{self.folder}/{path}")

    def source_path(self, path: str) -> str:
        """Return where a file lies in what a recipe's source unpacks to; those beside the recipe are at its top."""
        if path in self.facts.beside or not self.base:
            return self.path(path)
        return f"{self.base}/{self.path(path)}"

    def origin(self, origin: str) -> str:
        """Return an origin in the tree; one that is no place in the view stays as it is."""
        file, mark, pointer = origin.partition("#")
        path, line = _path_and_line(file)
        is_known = self.facts.has(path) or self.facts.text(path) is not None
        if not is_known and not (path and any(known.startswith(f"{path}/") for known in self.facts.paths)):
            return origin
        return f"{self.path(path)}{line}{mark}{pointer}"

    def evidence(self, evidence: Evidence) -> Evidence:
        """Return evidence with places in the tree."""
        output, is_license, path = evidence.address.partition(_LICENSE_ADDRESS)
        where = Address(f"{output}{is_license}{self.source_path(path)}") if is_license else evidence.address
        return replace(
            evidence,
            address=where,
            origins=tuple(map(self.origin, evidence.origins)),
            note=self._told(evidence.note),
        )

    def diagnostic(self, diagnostic: Diagnostic) -> Diagnostic:
        """Return a finding with its place in the tree."""
        message = self._told(diagnostic.message)
        return replace(diagnostic, origin=self.origin(diagnostic.origin), message=message)

    def _told(self, text: str) -> str:
        """Return what is said of files with their paths in the tree."""
        return _WORD.sub(lambda word: self.path(word[0]) if self.facts.has(word[0]) else word[0], text)


def _path_and_line(file: str) -> tuple[str, str]:
    line = _LINE.search(file)
    return (file[: line.start()], line[0]) if line else (file, "")


def view_of(facts: SourceFacts, folder: str, members: Iterable[str]) -> View:
    """Return the view of the project in `folder`; the folders of other `members` inside of it don't belong to it."""
    inner = f"{folder}/" if folder else ""
    nested = tuple(f"{other}/" for other in members if other != folder and f"{other}/".startswith(inner))
    own = {
        path: path[len(inner) :]
        for path in facts.paths
        if path.startswith(inner) and not path.startswith(nested)
    }
    borrowed = _borrowed(facts, frozenset(own.values())) if folder else frozenset()
    own |= {path: path for path in borrowed}
    view = replace(
        facts,
        ref=_ref_below(facts.ref, folder),
        origin=_origin_below(facts.origin, folder),
        label=f"{facts.label}/{folder}" if folder else facts.label,
        files=tuple(
            sorted(_moved_files(facts.files, own), key=lambda one: one.path),
        ),
        texts=tuple(
            sorted(
                (
                    *((own[path], text) for path, text in facts.texts if path in own),
                    *(_outer_manifests(facts, folder) if "Cargo.toml" in own.values() else ()),
                )
            )
        ),
        signals=tuple(replace(one, path=own[one.path]) for one in facts.signals if one.path in own),
        diagnostics=(),
    )
    view = view if folder else without_nested_texts(view)
    return View(folder=folder, facts=view, borrowed=borrowed, base=base_of(facts))


def base_of(facts: SourceFacts) -> str:
    """Return the subdirectory of a repository that the facts are of; empty for its top and for all other sources."""
    is_cloned = isinstance(facts.ref, GitRef) and isinstance(facts.origin, GitOrigin)
    return facts.ref.subdirectory if is_cloned and isinstance(facts.ref, GitRef) else ""


def without_nested_texts(facts: SourceFacts) -> SourceFacts:
    """Return the facts as they are of one project: without what was read for the sake of others below it."""
    folders = tuple(f"{folder}/" for folder in project_folders(facts.paths))
    if not folders:
        return facts
    sizes = {entry.path: entry.size_bytes for entry in facts.files}
    extra = {
        path
        for path, _ in facts.texts
        if path.startswith(folders) and not is_wanted_text(path, sizes.get(path, 0))
    }
    return replace(
        facts,
        texts=tuple((path, text) for path, text in facts.texts if path not in extra),
        signals=tuple(one for one in facts.signals if one.path not in extra),
    )


def _moved_files(files: Iterable[FileEntry], own: dict[str, str]) -> Iterable[FileEntry]:
    return (replace(entry, path=own[entry.path]) for entry in files if entry.path in own)


def _borrowed(facts: SourceFacts, own: frozenset[str]) -> frozenset[str]:
    if any(map(is_main_license, (path for path in own if path.count("/") == 0))):
        return frozenset()
    top = (path for path in facts.paths if "/" not in path or path.startswith("LICENSES/"))
    return frozenset(license_files(top, ())) - own


def _outer_manifests(facts: SourceFacts, folder: str) -> Iterator[tuple[str, str]]:
    """Yield the manifests around a crate, of whose workspace it may be: as texts only, for they lie outside."""
    for depth, outer in enumerate(PurePosixPath(folder).parents if folder else (), start=1):
        text = facts.text(str(outer / "Cargo.toml"))
        if text is not None:
            yield f"{'../' * depth}Cargo.toml", text


def _ref_below(ref: SourceRef, folder: str) -> SourceRef:
    match ref:
        case DirectoryRef(path=path) if folder:
            return replace(ref, path=f"{path}/{folder}")
        case GitRef(subdirectory=subdirectory) if folder:
            return replace(ref, subdirectory="/".join(part for part in (subdirectory, folder) if part))
        case _:
            return ref


def _origin_below(origin: SourceOrigin, folder: str) -> SourceOrigin:
    if isinstance(origin, LocalOrigin) and folder:
        return replace(origin, path=f"{origin.path}/{folder}")
    return origin

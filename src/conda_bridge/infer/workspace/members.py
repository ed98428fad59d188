"""Which folders of a source tree hold a project of their own, and which of them become outputs.

Vocabulary: a *candidate* is a folder with a project; the top folder's path is empty. A pyproject.toml *declares* others
as members where a tool's table lists them: uv, rye, hatch, poetry, pdm and pixi have one each. It may do no more.

- A project counts that lies in no folder of another project or of a declaration: where the top is one, it alone does.
- What one that counts declares counts, and what it requires.

What no index would take, such as a project that says `Private ::` of itself, never counts, nor do tests,
documentation, examples, templates and copies of other projects.

Source: uv, "Workspaces"; hatch, "Workspaces"; poetry, "path dependencies"; PEP 517; PyPI's classifiers.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from conda_bridge.infer.pyproject import dig, parsed, strings
from conda_bridge.infer.scan.aside import is_vendored_or_test
from conda_bridge.infer.workspace.declared import Declaration, declaration_of
from conda_bridge.model.names import PypiName, is_valid_pypi_name, pypi_name
from conda_bridge.model.source import SourceFacts
from conda_bridge.translate.shell import is_plain_folder

__all__ = ["MOST_MEMBERS", "Candidate", "Workspace", "chosen_members", "find_workspace", "project_folders"]

_FILES = ("pyproject.toml", "setup.py")
_ASIDE = re.compile(
    r"(?:[^/]*[-_])?(?:templates?|skeletons?|scaffolds?|boilerplates?|cookiecutters?)(?:[-_][^/]*)?|copier"
    r"|(?:[^/]*[-_])?(?:examples?|samples?|demos?)|cookbooks?|playgrounds?|sandbox(?:es)?|e2e|.*\{[{%].*|\..*",
    re.IGNORECASE,
)
_MOST_REQUIREMENTS = 1_000
_MOST_FOLDERS = 500
"""A tree with more is no workspace: a collection of templates or of test cases."""
MOST_MEMBERS = 100
"""That become outputs of their own accord; the largest real ones have some sixty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A folder with a project."""

    folder: str
    pypi_name: PypiName | None = None
    """None where only the build tells it."""
    requires: frozenset[PypiName] = frozenset()
    refusal: str = ""
    """Why it can't become an output; empty where it can."""

    @property
    def shown(self) -> str:
        """How people call it."""
        return self.folder or "the top folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """The projects of a source tree, sorted by folder."""

    members: tuple[Candidate, ...] = ()
    """Those that become outputs."""
    others: tuple[Candidate, ...] = ()
    """Those that don't."""
    excluded: frozenset[str] = frozenset()
    """Folders that a file says are no members."""
    origin: str = ""
    """Where the members are declared; empty where no file says it."""
    is_chosen: bool = False
    """True where the user chose the members."""
    beyond: frozenset[str] = frozenset()
    """Folders of projects that would count, did not MOST_MEMBERS stand before them."""
    unread: int = 0
    """Folders that may hold a project and were not looked at, because there are too many of them."""

    @property
    def is_single(self) -> bool:
        """Whether the source is a project like any other: its top folder's, or none that is known."""
        return all(member.folder == "" for member in self.members)


def project_folders(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the folders below the top that may hold a project of their own, as far as names tell.

    >>> project_folders(["pyproject.toml", "libs/a/pyproject.toml", "tests/b/setup.py", "libs/a/README.md"])
    ('libs/a',)
    """
    found = _folders(paths)
    return found if len(found) <= _MOST_FOLDERS else ()


def _folders(paths: Iterable[str]) -> tuple[str, ...]:
    known = frozenset(paths)
    folders = {path.rpartition("/")[0] for path in known if "/" in path and path.rpartition("/")[2] in _FILES}
    return tuple(sorted(folder for folder in folders if not _is_aside(folder, known)))


def find_workspace(facts: SourceFacts) -> Workspace:
    """Return the projects of a source tree."""
    folders = project_folders(facts.paths)
    tables = {folder: _table(facts, folder) for folder in ("", *folders)}
    declared = [declaration_of(table or {}, folder, folders) for folder, table in tables.items()]
    holders = {one.holder: one for one in declared if one.folders}
    inside = {folder for one in holders.values() for folder in (one.holder, *one.folders)}
    candidates = (
        _candidate(facts, folder, table, is_strict=folder in inside) for folder, table in tables.items()
    )
    known = {one.folder: one for one in candidates if one is not None}
    every = _taken({folder: one for folder, one in known.items() if not one.refusal}, holders)
    taken = frozenset(sorted(every)[:MOST_MEMBERS])
    return Workspace(
        members=tuple(one for one in known.values() if one.folder in taken),
        others=tuple(one for one in known.values() if one.folder not in taken),
        excluded=frozenset(folder for one in declared for folder in one.excluded),
        origin=next((one.origin for one in holders.values()), ""),
        beyond=every - taken,
        unread=0 if folders else len(_folders(facts.paths)),
    )


def _table(facts: SourceFacts, folder: str) -> dict[str, Any] | None:
    """Return what the pyproject.toml of a folder says, nothing if there is none; None where it can't be read."""
    path = f"{folder}/pyproject.toml".removeprefix("/")
    text = facts.text(path) if facts.has(path) else ""
    try:
        return None if text is None else parsed(text)
    except (ValueError, RecursionError):
        return None


def _is_aside(folder: str, known: frozenset[str]) -> bool:
    """Tell whether a folder lies among what is no part of the projects, or inside of a Python package."""
    if is_vendored_or_test(f"{folder}/") or any(_ASIDE.fullmatch(part) for part in folder.split("/")):
        return True
    parents = folder.split("/")[:-1]
    return any(f"{'/'.join(parents[: n + 1])}/__init__.py" in known for n in range(len(parents)))


def _candidate(
    facts: SourceFacts, folder: str, table: dict[str, Any] | None, *, is_strict: bool
) -> Candidate | None:
    """Return the project in a folder; None where the file only configures tools."""
    if table is None:
        # The conversion of the top one says what is wrong with it.
        return Candidate(folder=folder, refusal="its pyproject.toml can't be read" if folder else "")
    has_setup = facts.has(f"{folder}/setup.py".removeprefix("/"))
    poetry = dig(table, "tool", "poetry")
    if not (has_setup or "project" in table or "build-system" in table or isinstance(poetry, dict)):
        return None
    name = dig(table, "project", "name") or dig(poetry, "name")
    is_name = isinstance(name, str) and is_valid_pypi_name(name)
    is_strict |= dig(table, "tool", "uv", "package") is False
    refusal = _refusal(table, is_built=has_setup or "build-system" in table or not is_strict)
    if folder and not is_plain_folder(folder):
        refusal = "a build script can't name its folder"
    return Candidate(
        folder=folder,
        pypi_name=pypi_name(name) if is_name else None,
        requires=frozenset(_required(table)),
        refusal=refusal,
    )


def _refusal(table: dict[str, Any], *, is_built: bool) -> str:
    """Return why no index would have the project; empty where one could."""
    if dig(table, "tool", "poetry", "package-mode") is False:
        return "its settings say that it is no package"
    if not is_built:
        return "it has no [build-system]"
    classifiers = (dig(table, "project", "classifiers"), dig(table, "tool", "poetry", "classifiers"))
    if any(text.lower().startswith("private ::") for value in classifiers for text in strings(value)):
        return "its classifiers say that it is private"
    version = dig(table, "project", "version")
    if isinstance(version, str) and "+" in version:
        return "its version is a local one"
    return ""


def _required(table: dict[str, Any]) -> Iterator[PypiName]:
    texts = [
        *strings(dig(table, "build-system", "requires")),
        *strings(dig(table, "project", "dependencies")),
    ]
    extras = dig(table, "project", "optional-dependencies")
    for lines in extras.values() if isinstance(extras, dict) else ():
        texts += strings(lines)
    for text in texts[:_MOST_REQUIREMENTS]:
        try:
            yield pypi_name(Requirement(text).name)
        except (InvalidRequirement, RecursionError):
            # Whoever reads the project's metadata says so.
            continue
    poetry = dig(table, "tool", "poetry", "dependencies")
    for name in poetry if isinstance(poetry, dict) else ():
        if is_valid_pypi_name(name):
            yield pypi_name(name)


def _taken(usable: dict[str, Candidate], holders: dict[str, Declaration]) -> frozenset[str]:
    """Return the folders of the projects that count: those in no other's folder, what they declare and require."""
    by_name = {one.pypi_name: folder for folder, one in usable.items() if one.pypi_name is not None}
    excluded = {folder for one in holders.values() for folder in one.excluded}
    outer = usable.keys() | holders.keys()
    waiting = [folder for folder in outer if not any(_is_inside(folder, other) for other in outer)]
    seen: set[str] = set()
    while waiting:
        folder = waiting.pop()
        if folder in seen:
            continue
        seen.add(folder)
        if folder in holders:
            waiting += holders[folder].folders
        if folder in usable:
            required = (by_name[name] for name in usable[folder].requires if name in by_name)
            waiting += [one for one in required if one not in excluded]
    return frozenset(seen & usable.keys())


def _is_inside(folder: str, other: str) -> bool:
    return folder != other and f"{folder}/".startswith(f"{other}/".removeprefix("/"))


def chosen_members(workspace: Workspace, wanted: Iterable[Candidate]) -> Workspace:
    """Return the workspace with these members and no others."""
    folders = {one.folder for one in wanted}
    everyone = sorted((*workspace.members, *workspace.others), key=lambda one: one.folder)
    return replace(
        workspace,
        is_chosen=True,
        beyond=frozenset(),
        members=tuple(one for one in everyone if one.folder in folders),
        others=tuple(one for one in everyone if one.folder not in folders),
    )

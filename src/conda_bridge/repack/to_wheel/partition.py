"""A package with several Python projects -> what each of them has there, by the RECORDs of their installers.

Every file that a wheel would have must be of one project, and of one only; and so must each command that conda makes. What
no wheel has goes with the file that it belongs to, or with the project of the package's name, which is the *main* one.

Source: PyPA, recording installed projects, the RECORD file; CEP 34, paths.json and link.json.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from posixpath import normpath

from conda_bridge.archives.package_payload import read_payload
from conda_bridge.archives.paths import shown
from conda_bridge.errors import RepackError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName, pypi_name
from conda_bridge.protocols import NameSource
from conda_bridge.repack.to_wheel.egg_info import readable_text
from conda_bridge.repack.to_wheel.main_distribution import folders_by_project, main_folder
from conda_bridge.repack.to_wheel.package_facts import PackageFacts
from conda_bridge.repack.to_wheel.package_layout import (
    SCRIPT_FOLDERS,
    bytecode_source,
    is_in_no_wheel,
    metadata_folder,
)
from conda_bridge.repack.wheels.metadata_text import MetadataText
from conda_bridge.repack.wheels.package_commands import commands_of
from conda_bridge.repack.wheels.record import read_record_rows
from conda_bridge.translate.requirements_from_conda import projects_of
from conda_bridge.translate.untrusted import version_of

__all__ = ["Part", "has_several_projects", "partition"]

_SITE = "site-packages"
_OUTSIDE = re.compile(r"(?:\.\./){1,3}(?P<path>[^.].*)", re.DOTALL)
"""From site-packages to the prefix there are three folders, two on Windows, and one in a noarch package."""
_METADATA, _RECORD, _COMMANDS = "METADATA", "RECORD", "entry_points.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one project has of a package."""

    folder: str
    """Of its metadata."""
    text: MetadataText
    pypi_name: PypiName
    is_main: bool
    """Whether it is what conda's record speaks of."""
    paths: frozenset[str]
    """In the package."""
    entry_points: tuple[str, ...]
    """Those of `link.json` that are its own."""
    others: tuple[MetadataText, ...]
    """The METADATA of the other projects."""

    @property
    def sibling_names(self) -> frozenset[PypiName]:
        """The other projects."""
        return frozenset(map(_name, self.others))

    def narrowed(self, facts: PackageFacts) -> PackageFacts:
        """Return what a package says of itself, as far as it is about this part."""
        rows = {path: row for path, row in facts.paths.items() if path in self.paths}
        return replace(facts, paths=rows, entry_points=self.entry_points)

    def finding(self) -> Diagnostic:
        """Return which projects are in the package."""
        texts = (self.text, *self.others)
        versions = ((_name(one), one.value("version")) for one in texts)
        named = sorted(f"{name} {version_of(said) or shown(said)}" for name, said in versions)
        return finding("package-split", f"each has a wheel: {', '.join(named)}", origin=self.folder)


def has_several_projects(facts: PackageFacts) -> bool:
    """Return whether a package's list of files has the metadata of two projects or more."""
    return facts.is_listed and len(folders_by_project(_folders(facts))) > 1


def partition(facts: PackageFacts, names: NameSource) -> tuple[Part, ...]:
    """Return the parts of a package with several projects, the main one first.

    Raises:
        RepackError: `several-distributions`, `package-metadata`.
        MetadataError: `invalid-name`, `unsafe-entry-point`.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    projects = folders_by_project(_folders(facts))
    mains = {project: main_folder(folders) for project, folders in projects.items()}
    wanted = {
        f"{_SITE}/{folder}/{name}" for folder in mains.values() for name in (_METADATA, _RECORD, _COMMANDS)
    }
    contents = read_payload(facts.path, wanted.__contains__)
    texts = {folder: _metadata(folder, contents) for folder in mains.values()}
    # Egg-info beside the dist-info of a project is the same project's.
    of_folder = {folder: mains[project] for project, folders in projects.items() for folder in folders}
    main = _main(texts, facts, names)
    owners = _owners(facts, contents, of_folder, main)
    commands = _commands(facts, contents, texts)
    parts = [
        Part(
            folder=folder,
            text=text,
            pypi_name=_name(text),
            is_main=folder == main,
            paths=frozenset(path for path, owner in owners.items() if owner == folder),
            entry_points=commands[folder],
            others=tuple(other for place, other in texts.items() if place != folder),
        )
        for folder, text in texts.items()
    ]
    return tuple(sorted(parts, key=lambda part: (not part.is_main, part.pypi_name)))


def _folders(facts: PackageFacts) -> set[str]:
    return {metadata_folder(path) for path in facts.paths} - {""}


# ---------------------------------------------------------------- which projects


def _metadata(folder: str, contents: Mapping[str, bytes]) -> MetadataText:
    """Return the METADATA of a project; what is made of conda's record would be the package's, twice."""
    for name in (_METADATA, _RECORD):
        if f"{_SITE}/{folder}/{name}" not in contents:
            raise _refusal(f"it has several projects, and no {name} of {shown(folder)}", f"{_SITE}/{folder}")
    return readable_text(contents[f"{_SITE}/{folder}/{_METADATA}"], where=f"{_SITE}/{folder}/{_METADATA}")[0]


def _name(text: MetadataText) -> PypiName:
    return pypi_name(text.value("name"))


def _main(texts: Mapping[str, MetadataText], facts: PackageFacts, names: NameSource) -> str:
    """Return the folder of the project that conda's record speaks of: by its name, or else by its version."""
    by_name: dict[PypiName, str] = {}
    for folder, text in texts.items():
        if by_name.setdefault(_name(text), folder) != folder:
            raise _refusal(f"{shown(folder)} is of {_name(text)}, as another one is", f"{_SITE}/{folder}")
    record = facts.record
    own = PypiName(re.sub(r"[-_.]+", "-", record.conda_name))
    known = next((name for name in (own, *projects_of(record.conda_name, names)) if name in by_name), None)
    if known is not None:
        return by_name[known]
    version = version_of(record.version)
    for _, folder in sorted(by_name.items()):
        if version is not None and version_of(texts[folder].value("version")) == version:
            return folder
    message = f"it has several projects, none of which has the package's name or version: {', '.join(sorted(by_name))}"
    raise _refusal(message, "info/index.json")


# ---------------------------------------------------------------- files


def _owners(
    facts: PackageFacts, contents: Mapping[str, bytes], of_folder: Mapping[str, str], main: str
) -> dict[str, str]:
    """Return the metadata folder of the project that each file is of."""
    files = {path for path, row in facts.paths.items() if row.path_type != "directory"}
    owners: dict[str, str] = {path: of_folder[found] for path in files if (found := metadata_folder(path))}
    for folder in dict.fromkeys(of_folder.values()):
        for path in _recorded(folder, contents, files):
            if owners.setdefault(path, folder) != folder and not is_in_no_wheel(path):
                message = (
                    f"it is of two projects, by the RECORDs of {shown(owners[path])} and {shown(folder)}"
                )
                raise _refusal(message, path)
    unowned = sorted(files - owners.keys())
    for path in unowned:
        if not is_in_no_wheel(path):
            more = sum(not is_in_no_wheel(one) for one in unowned) - 1
            also = f", and {more} more aren't" if more else ""
            raise _refusal(f"it isn't in the RECORD of any of the projects{also}", path)
        owners[path] = main
    # Whether bytecode has its source is judged where that is.
    return {path: owners.get(bytecode_source(path), owner) for path, owner in owners.items()}


def _recorded(folder: str, contents: Mapping[str, bytes], files: set[str]) -> set[str]:
    """Return the files of a package that a RECORD names; commands are not where it says in a noarch package."""
    where = f"{_SITE}/{folder}/{_RECORD}"
    try:
        rows = read_record_rows(contents[where].decode("utf-8-sig"))
    except (RepackError, UnicodeDecodeError) as error:
        reason = error.message if isinstance(error, RepackError) else "it isn't UTF-8"
        raise _refusal(f"which files are whose can't be told: {reason}", where) from error
    return {found for row in rows for found in _places(row) if found in files}


def _places(row: str) -> Iterable[str]:
    """Return where a file of a RECORD may be in a package.

    >>> sorted(_places("../../../bin/demo"))
    ['Scripts/demo', 'bin/demo', 'python-scripts/demo']
    """
    path = normpath(row)
    outside = _OUTSIDE.fullmatch(path)
    if outside is None:
        return () if path.startswith(("/", "../")) else (f"{_SITE}/{path}",)
    top, _, rest = outside["path"].partition("/")
    return [f"{folder}/{rest}" for folder in SCRIPT_FOLDERS] if top in SCRIPT_FOLDERS else (outside["path"],)


# ---------------------------------------------------------------- commands


def _commands(
    facts: PackageFacts, contents: Mapping[str, bytes], texts: Mapping[str, MetadataText]
) -> dict[str, tuple[str, ...]]:
    """Return the commands of `link.json` by the folder of the project that has them in its entry_points.txt."""
    folder_of: dict[str, str] = {}
    for folder, text in texts.items():
        where = f"{_SITE}/{folder}/{_COMMANDS}"
        own = commands_of(contents.get(where), (), project=_name(text), where=where)
        for command in (*own.console, *own.gui):
            if folder_of.setdefault(command, folder) != folder:
                raise _refusal(f"the command {shown(command)} is of two projects", where)
    found: dict[str, list[str]] = {folder: [] for folder in texts}
    for line in facts.entry_points:
        command = line.partition("=")[0].strip()
        if command not in folder_of:
            raise _refusal(f"the command {shown(command)} is of none of its projects", "info/link.json")
        found[folder_of[command]].append(line)
    return {folder: tuple(lines) for folder, lines in found.items()}


def _refusal(message: str, where: str) -> RepackError:
    return RepackError("several-distributions", message, where=where)

"""File name, top folder and PKG-INFO -> agreement on what project and version a source is, or a refusal."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from packaging.version import Version

from conda_bridge.archives.paths import shown
from conda_bridge.archives.reading import archive_suffix
from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName, is_valid_pypi_name, pypi_name
from conda_bridge.model.source import DirectoryRef, SourceFacts
from conda_bridge.sources.core_metadata import header_fields
from conda_bridge.translate.untrusted import version_of

__all__ = ["Identity", "check_identity", "identity_of_filename", "refuse_no_build_files"]

_RECIPES = frozenset({"recipe.yaml", "meta.yaml"})
_MOST_TOLD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A project at a version."""

    pypi_name: PypiName
    version: Version

    def __str__(self) -> str:
        return f"{self.pypi_name} {self.version}"


def identity_of_filename(filename: str, *, name: PypiName | None = None) -> Identity | None:
    """Return what an sdist's file name says; None where it is not NAME-VERSION with an archive's suffix.

    Old names have hyphens in the project's name, so where `name` is known it decides where the version begins.

    >>> str(identity_of_filename("ruamel.yaml-0.18.6.tar.gz"))
    'ruamel-yaml 0.18.6'

    Source: source distribution format, "Source distribution file name".
    """
    suffix = archive_suffix(filename)
    return _identity(filename[: -len(suffix)], name) if suffix else None


def check_identity(facts: SourceFacts, expected: Identity | None) -> tuple[Diagnostic, ...]:
    """Compare an archive with what its file name, or the index, says that it is.

    Raises:
        SourceError: `sdist-mismatch` where PKG-INFO says another name or version.
    """
    if expected is None:
        return ()
    fields = dict(reversed(list(header_fields(facts.text("PKG-INFO") or ""))))
    name, version = fields.get("name", ""), fields.get("version", "")
    if name and (not is_valid_pypi_name(name) or pypi_name(name) != expected.pypi_name):
        raise _mismatch(facts, f"PKG-INFO is of {shown(name)}, not of {expected.pypi_name}")
    if version and not _is_version(version, expected.version):
        raise _mismatch(facts, f"PKG-INFO is of version {shown(version)}, not {expected.version}")
    if facts.top_folder and _identity(facts.top_folder, expected.pypi_name) != expected:
        message = (
            f"the top folder is called {shown(facts.top_folder)}, not {expected.pypi_name}-{expected.version}"
        )
        return (finding("top-folder-name", message, origin=facts.label),)
    return ()


def refuse_no_build_files(facts: SourceFacts) -> None:
    """Refuse what no tool could build.

    Raises:
        SourceError: `no-build-files`.

    Source: PEP 517, "Source trees".
    """
    if not facts.has("pyproject.toml") and not facts.has("setup.py"):
        raise SourceError(
            "no-build-files",
            "there is neither pyproject.toml nor setup.py at its top",
            where=facts.label,
            hint=_recipes_hint(facts),
        )


def _recipes_hint(facts: SourceFacts) -> str | None:
    """Return what to do with a folder of recipes; None where it is none."""
    if not isinstance(facts.ref, DirectoryRef):
        return None
    found = (PurePosixPath(path) for path in facts.paths)
    folders = sorted({str(one.parent) for one in found if one.name in _RECIPES and len(one.parts) > 1})
    if not folders:
        return None
    base = facts.ref.text.rstrip("/")
    told = [f"{base}/{folder}" for folder in folders[:_MOST_TOLD]]
    more = f", and {len(folders) - len(told)} more" if len(folders) > len(told) else ""
    return f"it holds recipes, which build and check take one by one: {', '.join(told)}{more}"


def _identity(stem: str, name: PypiName | None) -> Identity | None:
    start = len(stem)
    while (start := stem.rfind("-", 0, start)) > 0:
        head, tail = stem[:start], stem[start + 1 :]
        if not is_valid_pypi_name(head):
            continue
        found = pypi_name(head)
        if name is not None and found != name:
            continue
        version = version_of(tail)
        if version is not None:
            return Identity(pypi_name=found, version=version)
    return None


def _is_version(text: str, expected: Version) -> bool:
    return version_of(text) == expected


def _mismatch(facts: SourceFacts, message: str) -> SourceError:
    return SourceError("sdist-mismatch", message, where=facts.label)

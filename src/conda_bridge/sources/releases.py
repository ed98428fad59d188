"""A project's files on an index -> its releases, and the one that a requirement means."""

from dataclasses import dataclass

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import SourceError
from conda_bridge.model.source import FileLink, IndexProject
from conda_bridge.sources.identity import identity_of_filename
from conda_bridge.translate.untrusted import admits, version_of

__all__ = ["Release", "choose_release", "is_pinned", "release_of_version"]

_MICROS = (0, 99)
"""The first of a minor version and one that hasn't come: bounds in between admit one of them."""
_SDIST_ORDER = (".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The files of one version."""

    version: Version
    sdists: tuple[FileLink, ...] = ()
    """The preferred one first."""
    wheels: tuple[FileLink, ...] = ()

    @property
    def is_yanked(self) -> bool:
        """Whether every file was. Source: PEP 592."""
        return all(link.yanked is not None for link in (*self.sdists, *self.wheels))

    @property
    def yank_reason(self) -> str:
        """The first reason that is given."""
        return next((link.yanked for link in (*self.sdists, *self.wheels) if link.yanked), "")

    @property
    def requires_python(self) -> str:
        """What the index says of the file that is built; empty where that is nothing."""
        return next((link.requires_python for link in (*self.sdists, *self.wheels)), "")

    def preferred_wheel(self) -> FileLink | None:
        """Return the wheel whose metadata speaks for most: a pure one, else CPython's newest for Linux.

        Where dependencies were computed while the wheel was built, wheels of one release may differ.
        """
        return max(self.wheels, key=_wheel_rank, default=None)


def choose_release(project: IndexProject, specifier: SpecifierSet, *, python: str = "") -> Release:
    """Return the newest release that matches.

    Pre-releases count only where nothing else matches or the specifier names one; yanked releases only where
    they are pinned with `==` or `===`. With `python`, a minor version such as `3.11`, releases that it can't use
    are passed over, unless one is pinned or there is no other: who asks for that should hear why it can't be.

    Raises:
        SourceError: `version-not-found`.

    Source: PEP 440, "Handling of pre-releases"; PEP 592; core metadata, Requires-Python.
    """
    releases = _releases(project)
    offered = [release for release in releases if not release.is_yanked]
    is_one = is_pinned(specifier)
    found = None
    if python and not is_one:
        found = _newest([release for release in offered if _is_for(release, python)], specifier)
    found = found or _newest(offered, specifier)
    if found is None and is_one:
        found = _newest(releases, specifier)
    if found is None:
        raise _not_found(project, specifier, offered)
    return found


def is_pinned(specifier: SpecifierSet) -> bool:
    """Tell whether one version is named, whatever else is offered: `==1.*` names many."""
    return any(
        clause.operator == "===" or (clause.operator == "==" and not clause.version.endswith(".*"))
        for clause in specifier
    )


def release_of_version(project: IndexProject, version: Version) -> Release | None:
    """Return one version's files, yanked or not; None where there are none."""
    return next((release for release in _releases(project) if release.version == version), None)


def _releases(project: IndexProject) -> list[Release]:
    sdists: dict[Version, list[FileLink]] = {}
    wheels: dict[Version, list[FileLink]] = {}
    versions: dict[str, Version | None] = {}
    for link in project.files:
        if link.filename.endswith(".whl"):
            # packaging's parser would expand the tags too, which costs a second for a project of many wheels.
            text = link.filename.split("-", 2)[1] if link.filename.count("-") >= 4 else ""
            if text not in versions:
                versions[text] = version_of(text)
            version = versions[text]
            if version is not None:
                wheels.setdefault(version, []).append(link)
        elif identity := identity_of_filename(link.filename, name=project.pypi_name):
            sdists.setdefault(identity.version, []).append(link)
    return [
        Release(
            version=version,
            sdists=tuple(sorted(sdists.get(version, ()), key=_sdist_rank)),
            wheels=tuple(wheels.get(version, ())),
        )
        for version in sorted({*sdists, *wheels}, reverse=True)
    ]


def _sdist_rank(link: FileLink) -> tuple[bool, int]:
    rank = next(
        (i for i, suffix in enumerate(_SDIST_ORDER) if link.filename.endswith(suffix)), len(_SDIST_ORDER)
    )
    return link.yanked is not None, rank


def _wheel_rank(link: FileLink) -> tuple[bool, bool, bool, bool, int, bool, str]:
    python, abi, platform = link.filename.removesuffix(".whl").rsplit("-", 3)[1:]
    digits = python.removeprefix("cp")
    return (
        platform == "any",
        "manylinux" in platform and "x86_64" in platform,
        "macosx" in platform,
        not abi.endswith("t"),  # free-threaded
        int(digits) if digits.isdigit() else 0,
        link.has_metadata,
        link.filename,
    )


def _is_for(release: Release, python: str) -> bool:
    return any(admits(release.requires_python, f"{python}.{micro}") for micro in _MICROS)


def _newest(releases: list[Release], specifier: SpecifierSet) -> Release | None:
    by_version = {release.version: release for release in releases}
    matching = list(specifier.filter(by_version))
    return by_version[max(matching)] if matching else None


def _not_found(project: IndexProject, specifier: SpecifierSet, offered: list[Release]) -> SourceError:
    wanted = f"matches {str(specifier)!r}" if specifier else "is offered"
    newest = ", ".join(str(release.version) for release in offered[:8])
    more = ", ..." if len(offered) > 8 else ""
    return SourceError(
        "version-not-found",
        f"no release of {project.pypi_name} on {project.index_url} {wanted}",
        hint=f"there are {newest}{more}" if newest else "the index has no files of it",
    )

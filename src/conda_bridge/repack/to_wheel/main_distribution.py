"""The metadata folders of a package -> the one of its project.

Vendored projects have theirs below a package's own folder, where they are files like others; several at the top are
several projects.

Source: recording installed projects.
"""

from collections.abc import Collection

from packaging.utils import canonicalize_name

from conda_bridge.archives.paths import shown
from conda_bridge.errors import RepackError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.translate.untrusted import version_of

__all__ = ["expected_stem", "folders_by_project", "main_folder", "main_folder_of", "wheel_stem"]

_MOST_SHOWN = 5


def folders_by_project(folders: Collection[str]) -> dict[str, list[str]]:
    """Return the metadata folders of each project, sorted."""
    by_project: dict[str, list[str]] = {}
    for folder in sorted(folders):
        by_project.setdefault(_project(folder), []).append(folder)
    return by_project


def main_folder(folders: Collection[str]) -> str:
    """Return the metadata folder of a package's project; empty where there is none.

    A dist-info counts more than an egg-info of the same project, which some builders leave beside it.

    Raises:
        RepackError: `several-distributions`.
    """
    by_project = folders_by_project(folders)
    if not by_project:
        return ""
    if len(by_project) > 1:
        raise _several(folders)
    (found,) = by_project.values()
    infos = [folder for folder in found if folder.lower().endswith(".dist-info")] or found
    if len(infos) == 1:
        return infos[0]
    raise _several(infos)


def main_folder_of(paths: Collection[str]) -> str:
    """Return the main one of the metadata folders that these files, told below site-packages, are in.

    Raises:
        RepackError: `several-distributions`.
    """
    main = main_folder({path.partition("/")[0] for path in paths})
    if f"{main}/METADATA" in paths:
        return main
    # Some builders leave an empty folder of the newer kind beside an egg.
    return main_folder({path.partition("/")[0] for path in paths if _is_document(path)}) or main


def expected_stem(folders: Collection[str], record: PackageRecord) -> str:
    """Return `name-version` of the wheel that a package will most likely become.

    Raises:
        RepackError: `several-distributions`.
    """
    folder = main_folder(folders)
    name, version = _parts(folder) if folder else (record.conda_name, record.version)
    return wheel_stem(name, version or record.version)


def wheel_stem(name: str, version: str) -> str:
    """Return `name-version` as wheels spell both. Source: binary distribution format, "Escaping and Unicode".

    >>> wheel_stem("Zope.Interface", "5.0.0-1")
    'zope_interface-5.0.0.post1'
    """
    known = version_of(version)
    return f"{canonicalize_name(name).replace('-', '_')}-{known or version}"


def _is_document(path: str) -> bool:
    """Return whether this is what a metadata folder has its metadata in, or an egg that is one file."""
    return path.partition("/")[2] in {"", "METADATA", "PKG-INFO"}


def _project(folder: str) -> str:
    return canonicalize_name(_parts(folder)[0])


def _parts(folder: str) -> tuple[str, str]:
    """Return the name and the version of a folder; an egg's may say for which Python it is."""
    stem = folder.rpartition(".")[0]
    name, _, rest = stem.partition("-")
    return name, rest.partition("-py")[0]


def _several(folders: Collection[str]) -> RepackError:
    more = len(folders) - _MOST_SHOWN
    listed = ", ".join(map(shown, sorted(folders)[:_MOST_SHOWN])) + (f" and {more} more" if more > 0 else "")
    return RepackError(
        "several-distributions", f"it has the metadata of several: {listed}", where="site-packages"
    )

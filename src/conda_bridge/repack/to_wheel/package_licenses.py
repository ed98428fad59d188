"""Licence texts of a conda package -> those of its wheel's metadata folder.

What the folder has stays. What only `info/licenses` has is added: where METADATA's License-File names it, or else, where
METADATA names none, in `licenses/`. METADATA isn't changed for it.

Source: core metadata, License-File; PEP 639 (in 2.4 paths are relative to `licenses/`, before to the folder); CEP 34.
"""

from collections.abc import Collection, Iterator, Mapping

from conda_bridge.archives.paths import shown
from conda_bridge.errors import RepackError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.repack.to_wheel.package_facts import PackageFacts
from conda_bridge.repack.to_wheel.synthesised import license_place
from conda_bridge.repack.wheels.license_files import absent_licenses, is_below_licenses, wrong_license_path
from conda_bridge.repack.wheels.metadata_text import MetadataText

__all__ = ["license_findings", "missing_licenses"]


def missing_licenses(
    facts: PackageFacts, text: MetadataText, files: Mapping[str, bytes]
) -> Iterator[tuple[str, bytes]]:
    """Yield (path below the folder, content) of the texts that the folder lacks.

    Args:
        facts: the package's documents.
        text: METADATA.
        files: what the folder has.
    """
    named = text.values("license-file")
    is_nested = is_below_licenses(text.value("metadata-version"))
    known = frozenset(files.values())
    for path, content in facts.licenses:
        place = license_place(path)
        if content in known or not place:
            continue
        if not named:
            yield f"licenses/{place}", content
            continue
        told = next((one for one in named if _file_name(one) == _file_name(path)), "")
        # What isn't a plain path, safe as it stands, is followed nowhere.
        if told and license_place(told) == told:
            yield (f"licenses/{told}" if is_nested else told), content


def license_findings(
    added: Collection[str], text: MetadataText, files: Collection[str], *, where: str
) -> Iterator[Diagnostic]:
    """Yield which texts were added to a wheel, and which METADATA names though the package hasn't got them.

    Raises:
        RepackError: `package-metadata` for a path that indexes refuse the METADATA for.
    """
    named = text.values("license-file")
    is_nested = is_below_licenses(text.value("metadata-version"))
    if is_nested and (wrong := wrong_license_path(named)):
        message = (
            f"its License-File {shown(wrong)} is no path below licenses/, so that indexes refuse METADATA"
        )
        raise RepackError("package-metadata", message, where=where)
    if added:
        message = f"licence texts that only the package's info/licenses has were added: {_listed(added)}"
        yield finding("license-added", message, origin=where)
    present = {_file_name(path) for path in files}
    lacking = (
        absent_licenses(named, files)
        if is_nested
        else [path for path in named if _file_name(path) not in present]
    )
    if lacking:
        message = f"METADATA names licence files that the package hasn't got: {_listed(lacking)}"
        yield finding("license-absent" if is_nested else "license-missing", message, origin=where)


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


def _listed(paths: Collection[str]) -> str:
    more = f" and {len(paths) - 5} more" if len(paths) > 5 else ""
    return ", ".join(map(shown, sorted(paths)[:5])) + more

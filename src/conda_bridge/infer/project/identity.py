"""What the project is called and which version it is, checked against what the source's name promises."""

import re
from dataclasses import dataclass

from packaging.version import Version

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.evaluator.parsing import syntax_fault
from conda_bridge.model.names import PypiName, is_valid_pypi_name, pypi_name
from conda_bridge.model.project import Known
from conda_bridge.model.source import RequirementRef, SourceFacts

__all__ = ["FileIdentity", "check_identity", "file_identity", "read_name", "read_version"]

_SETUP = "setup.py"
_ARCHIVE = re.compile(r"\.(?:tar(?:\.(?:gz|bz2|xz|Z|lzma|zst))?|tgz|tbz2?|txz|zip)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIdentity:
    """What an sdist's file name says."""

    name: PypiName
    version: Version


def file_identity(facts: SourceFacts, name: PypiName | None) -> FileIdentity | None:
    """Return what the source's label says, where it reads `name-version.tar.gz`; None otherwise.

    Old file names may have dashes in both parts: a name that is known already decides where to split.

    Source: PEP 625, and setuptools' practice before it.
    """
    stem, count = _ARCHIVE.subn("", facts.label)
    if not count:
        return None
    found: list[FileIdentity] = []
    for match in re.finditer("-", stem):
        head, tail = stem[: match.start()], stem[match.end() :]
        if is_valid_pypi_name(head) and _is_version(tail):
            found.append(FileIdentity(name=pypi_name(head), version=Version(tail)))
    own = next((identity for identity in found if identity.name == name), None)
    return own or (found[-1] if found else None)


def read_name(known: Known[str] | None, facts: SourceFacts) -> tuple[Known[PypiName], str]:
    """Return the normalised name and the name as written.

    Raises:
        MetadataError: `unknown-name`, `invalid-name`.
    """
    if known is not None:
        return Known(
            value=pypi_name(known.value), origin=known.origin, is_declared=known.is_declared
        ), known.value
    if isinstance(facts.ref, RequirementRef):
        name = facts.ref.pypi_name
        return Known(value=name, origin=facts.ref.text, is_declared=False), name
    identity = file_identity(facts, None)
    if identity is None:
        raise _unknown("unknown-name", "no file of the source tells the project's name", facts)
    return Known(value=identity.name, origin=facts.label, is_declared=False), identity.name


def read_version(known: Known[str] | None, facts: SourceFacts, name: PypiName, reason: str) -> Known[Version]:
    """Return the version; from the index or the file's name where no file of the source states it.

    Raises:
        MetadataError: `invalid-version`, `unknown-version`.
    """
    if known is not None:
        if not _is_version(known.value):
            message = f"the version {known.value!r:.80} is not valid"
            raise MetadataError("invalid-version", message, where=known.origin)
        return Known(value=Version(known.value), origin=known.origin, is_declared=known.is_declared)
    if facts.index is not None:
        return Known(value=facts.index.version, origin=facts.index.index_url, is_declared=False)
    identity = file_identity(facts, name)
    if identity is not None and identity.name == name:
        return Known(value=identity.version, origin=facts.label, is_declared=False)
    message = f"no file of the source tells the version of {name!r}" + (f" ({reason})" if reason else "")
    raise _unknown("unknown-version", message, facts)


def check_identity(facts: SourceFacts, pkg_name: Known[str] | None, pkg_version: Known[str] | None) -> None:
    """Compare PKG-INFO with the requirement that was asked for and with the file's name.

    Raises:
        MetadataError: `metadata-mismatch`, `invalid-name`.
    """
    if pkg_name is None:
        return
    name = pypi_name(pkg_name.value)
    wanted = facts.ref.pypi_name if isinstance(facts.ref, RequirementRef) else None
    identity = file_identity(facts, name)
    if wanted not in {None, name} or (identity is not None and identity.name != name):
        other = wanted if wanted not in {None, name} else facts.label
        message = f"PKG-INFO is that of {pkg_name.value!r}, not of {other!r}"
        raise MetadataError("metadata-mismatch", message, where=pkg_name.origin)
    if pkg_version is None or not _is_version(pkg_version.value):
        return
    version = Version(pkg_version.value)
    promised = {identity.version} if identity else set()
    promised |= {facts.index.version} if facts.index else set()
    if any(other != version for other in promised):
        message = f"PKG-INFO is that of version {version}, not of {', '.join(map(str, sorted(promised)))}"
        raise MetadataError("metadata-mismatch", message, where=pkg_version.origin)


def _unknown(slug: str, message: str, facts: SourceFacts) -> MetadataError:
    """Return the failure; a setup.py that nobody can run is the reason, and running it is no way out."""
    fault = syntax_fault(facts.text(_SETUP) or "")
    if fault is None:
        return MetadataError(slug, message, where=facts.label)
    line, why = fault
    broken = f"{_SETUP}:{line} isn't Python 3: {why:.200}; {message}"
    return MetadataError(slug, broken, where=facts.label, hint="mend it, or use another release")


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except ValueError:
        # InvalidVersion, or the interpreter's refusal of a number with thousands of digits.
        return False
    return True

"""What the user typed -> a wheel for any platform on this machine: a file, an https URL, or a release's own.

The dependencies' extras, which only other projects' metadata tell, are read here, too.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from conda_bridge.archives.package_info import PACKAGE_SUFFIXES
from conda_bridge.archives.wheels import read_wheel_metadata
from conda_bridge.errors import BridgeError, RepackError, SourceError, UsageError
from conda_bridge.infer.project.core_metadata import read_wheel_metadata as metadata_statement
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import Declared
from conda_bridge.model.source import FileLink, RequirementRef
from conda_bridge.protocols import Fetcher
from conda_bridge.repack.to_conda.wheel_target import ExtraMetadata
from conda_bridge.sources.references import parse_source
from conda_bridge.sources.releases import Release, choose_release
from conda_bridge.sources.urls import filename_of_url, refuse_secret
from conda_bridge.workflows.extras import newest_wheel

__all__ = ["find_wheel", "read_extra_metadata", "wheel_text"]

_PURE = "-none-any.whl"
_SHA256 = re.compile(r"sha256=([0-9a-f]{64})", re.IGNORECASE)
_SILENT = frozenset({"offline"})
"""Being offline is no finding of its own: each extra that couldn't be read is one."""


def find_wheel(text: str, fetcher: Fetcher) -> str:
    """Return the path of the wheel that `text` means, fetched where it isn't here.

    Raises:
        UsageError: `unknown-wheel`, `unknown-source`.
        RepackError: `no-pure-wheel`.
        SourceError: `secret-in-url`, `version-not-found`, and what fetching raises.
    """
    text = text.strip()
    if text.lower().startswith("https://"):
        return _fetched_url(text, fetcher)
    if text.lower().endswith(".whl") and "://" not in text:
        path = Path(text).expanduser()
        if not path.is_file():
            raise _unknown(text, "there is no such file")
        return str(path)
    _refuse_others(text)
    reference = parse_source(text)
    if not isinstance(reference, RequirementRef):
        raise _unknown(text, "it is no wheel", "`conda-bridge build` makes packages of sources")
    page = fetcher.get_project(reference.pypi_name)
    return fetcher.get_file(_pure_wheel(choose_release(page, reference.specifier), reference))


def _refuse_others(text: str) -> None:
    """Refuse what other commands are for, or what means a wheel in other words.

    Raises:
        UsageError: `unknown-wheel`.
    """
    if text.endswith(PACKAGE_SUFFIXES):
        raise _unknown(text, "it is a conda package", "`conda-bridge wheel` makes wheels of conda packages")
    has_separator = "/" in text or "\\" in text or text in {".", "..", "~"}
    if has_separator and "://" not in text and Path(text).expanduser().is_dir():
        hint = f"name the wheels, {Path(text)}/*.whl; `conda-bridge build` makes packages of sources"
        raise _unknown(text, "it is a folder", hint)
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return
    if requirement.extras and not requirement.url:
        plain = f"{requirement.name}{requirement.specifier}"
        hint = f"say {plain!r}: the package has all extras as groups of its dependencies"
        raise _unknown(text, "a package isn't made for some extras", hint)


def _fetched_url(text: str, fetcher: Fetcher) -> str:
    refuse_secret(text)
    url, _, fragment = text.partition("#")
    filename = filename_of_url(url)
    if not filename.endswith(".whl"):
        raise _unknown(text, "it is no wheel's URL", "`conda-bridge build` makes packages of sources")
    said = _SHA256.search(fragment)
    if said is None:
        return fetcher.get_url(url)
    return fetcher.get_file(FileLink(filename=filename, url=url, sha256=said[1].lower()))


def _pure_wheel(release: Release, reference: RequirementRef) -> FileLink:
    found = [link for link in release.wheels if link.filename.endswith(_PURE)]
    if found:
        return max(found, key=lambda link: (link.yanked is None, link.filename))
    count = len(release.wheels)
    others = f"only {count} for one platform each" if count else "no wheel at all"
    message = f"{reference.pypi_name} {release.version} has no wheel for any platform: {others}"
    raise RepackError("no-pure-wheel", message, where=reference.text)


def _unknown(text: str, reason: str, hint: str | None = None) -> UsageError:
    return UsageError("unknown-wheel", f"{text[:200]!r} can't be converted: {reason}", hint=hint)


# ---------------------------------------------------------------- metadata


def wheel_text(path: str) -> str:
    """Return the METADATA of a wheel, before the wheel is judged.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    try:
        with Path(path).open("rb") as file:
            return read_wheel_metadata(file, size_bytes=Path(path).stat().st_size)
    except OSError as error:
        raise SourceError("unreadable-source", f"can't be read: {error.strerror}", where=path) from error


def read_extra_metadata(
    wanted: Iterable[tuple[Declared, str]], fetcher: Fetcher
) -> tuple[tuple[ExtraMetadata, ...], tuple[Diagnostic, ...]]:
    """Return what the newest allowed release of each project requires; what can't be read is a finding.

    Cost: two requests a project.
    """
    found: dict[str, ExtraMetadata] = {}
    diagnostics: dict[Diagnostic, None] = {}
    for declared, extra in wanted:
        if declared.pypi_name in found:
            continue
        lines: tuple[str, ...] = ()
        try:
            lines = _required(declared, fetcher)
        except BridgeError as error:
            if error.slug not in _SILENT:
                message = f"{declared.pypi_name}[{extra}]: {error}"
                diagnostics[finding("extra-unread", message, origin=declared.origin)] = None
        found[declared.pypi_name] = ExtraMetadata(pypi_name=declared.pypi_name, requirements=lines)
    return tuple(found.values()), tuple(diagnostics)


def _required(declared: Declared, fetcher: Fetcher) -> tuple[str, ...]:
    link = newest_wheel(fetcher.get_project(declared.pypi_name), declared.requirement.specifier)
    text = fetcher.get_metadata(link) if link else None
    if link is None or text is None:
        return ()
    said = metadata_statement(text, wheel=link.filename)
    return tuple(line.text for line in said.dependencies or ())

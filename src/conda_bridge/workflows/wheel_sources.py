"""What the user typed -> a wheel for any platform on this machine: a file, an https URL, or a release's own.

The dependencies' extras, which only other projects' metadata tell, are read here, too.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import BuildTag, parse_wheel_filename

from conda_bridge.archives.package_info import PACKAGE_SUFFIXES
from conda_bridge.archives.paths import shown
from conda_bridge.archives.typed_paths import exists, expanded, is_dir, is_file
from conda_bridge.archives.wheels import read_wheel_metadata
from conda_bridge.errors import BridgeError, RepackError, SourceError, UsageError
from conda_bridge.infer.project.core_metadata import read_wheel_metadata as metadata_statement
from conda_bridge.model.codes import finding
from conda_bridge.model.counts import counted
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import Declared
from conda_bridge.model.source import FileLink, RequirementRef
from conda_bridge.protocols import Fetcher
from conda_bridge.repack.to_conda.wheel_target import ExtraMetadata
from conda_bridge.sources.published import index_findings, refuse_quarantined
from conda_bridge.sources.references import parse_source, with_folder_hint
from conda_bridge.sources.releases import Release, choose_release
from conda_bridge.sources.url_hashes import url_hash
from conda_bridge.sources.urls import filename_of_url, refuse_secret
from conda_bridge.translate.url_secrets import redacted
from conda_bridge.workflows.extras import newest_wheel

__all__ = ["FoundWheel", "build_number_of", "find_wheel", "read_extra_metadata", "wheel_text"]

_PURE = "-none-any.whl"
_SCHEME = re.compile(r"(?!git\+https:)([A-Za-z][A-Za-z0-9+.-]*)://", re.IGNORECASE)
_SCHEME_HINT = "use https://..., or give the path of the wheel's file"
_PY3 = re.compile(r"py3([0-9]{0,3})")
"""Tags for a python 3 and all later ones: `py3`, `py310`."""
_MAX_BUILD_NUMBER = 2**63 - 1
_SILENT = frozenset({"offline"})
"""Being offline is no finding of its own: each extra that couldn't be read is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundWheel:
    """A wheel on this machine."""

    path: str
    diagnostics: tuple[Diagnostic, ...] = ()
    """What the index says of it: yanked, the project archived, ..."""


def find_wheel(text: str, fetcher: Fetcher) -> FoundWheel:
    """Return the wheel that `text` means, fetched where it isn't here.

    Raises:
        UsageError: `unknown-wheel`.
        RepackError: `no-pure-wheel`.
        SourceError: `secret-in-url`, `version-not-found`, `quarantined`, and what fetching raises.
    """
    text = _path_of_file_url(text.strip())
    if text.lower().startswith("https://"):
        return FoundWheel(path=_fetched_url(text, fetcher))
    if text.lower().endswith(".whl") and "://" not in text:
        path = expanded(text)
        if not is_file(path):
            message = f"there is no such file: {text[:200]!r}"
            hint = (
                "check the path"
                if path.is_absolute()
                else "the path is relative to the folder that you are in"
            )
            raise UsageError("unknown-wheel", message, hint=hint)
        return FoundWheel(path=str(path))
    _refuse_others(text)
    reference = _requirement(text)
    try:
        page = fetcher.get_project(reference.pypi_name)
    except SourceError as error:
        raise with_folder_hint(error, text, f"name the wheels in it, {text}/*.whl") from error
    refuse_quarantined(page)
    link = _pure_wheel(choose_release(page, reference.specifier), reference)
    return FoundWheel(path=fetcher.get_file(link), diagnostics=tuple(index_findings(page, link)))


def _path_of_file_url(text: str) -> str:
    if not text.lower().startswith("file://"):
        return text
    try:
        return unquote(urlsplit(text).path)
    except ValueError:  # Brackets that hold no address.
        return text


def _requirement(text: str) -> RequirementRef:
    if not text:
        raise _unknown(text, "it is empty")
    if scheme := _SCHEME.match(text):
        raise _unknown(text, f"wheels over {scheme[1].lower()} are not fetched", _SCHEME_HINT)
    try:
        reference = parse_source(text)
    except UsageError as error:
        # Where that speaks of sources, the table's words of wheels are right.
        hint = None if error.hint and "git+" in error.hint else error.hint
        raise UsageError("unknown-wheel", error.message, hint=hint) from error
    if not isinstance(reference, RequirementRef):
        raise _unknown(text, "it is no wheel", "`conda-bridge build` makes packages of sources")
    return reference


def build_number_of(filename: str) -> tuple[int, tuple[Diagnostic, ...]]:
    """Return the number that a wheel's build tag begins with, 0 without one, and what the tag has behind it.

    Conda sorts builds by the number as pip does.

    Raises:
        RepackError: `invalid-wheel` for a number that no conda client reads.

    Source: binary distribution format, build tag; CEP 34, build_number.
    """
    try:
        build = parse_wheel_filename(filename)[2]
    except ValueError:  # Whoever reads the wheel says what is wrong with its name.
        return 0, ()
    if not build:
        return 0, ()
    number, rest = build
    if number > _MAX_BUILD_NUMBER:
        raise RepackError("invalid-wheel", f"its build tag is beyond {_MAX_BUILD_NUMBER}", where=filename)
    if not rest:
        return number, ()
    message = f"the build tag {shown(f'{number}{rest}')} became the build number {number}"
    return number, (finding("build-tag-cut", message, origin=filename),)


def _refuse_others(text: str) -> None:
    """Refuse what other commands are for, or what means a wheel in other words.

    Raises:
        UsageError: `unknown-wheel`.
    """
    if text.endswith(PACKAGE_SUFFIXES):
        raise _unknown(text, "it is a conda package", "`conda-bridge wheel` makes wheels of conda packages")
    has_separator = "/" in text or "\\" in text or text in {".", "..", "~"}
    if has_separator and "://" not in text and is_dir(expanded(text)):
        hint = f"name the wheels, {Path(text)}/*.whl; `conda-bridge build` makes packages of sources"
        raise _unknown(text, "it is a folder", hint)
    if has_separator and "://" not in text and _is_special(text):
        raise _unknown(text, "it is no regular file", "name the wheel's own file")
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return
    plain = f"{requirement.name}{requirement.specifier}"
    if requirement.extras and not requirement.url:
        hint = f"say {plain!r}: the package has all extras as groups of its dependencies"
        raise _unknown(text, "a package isn't made for some extras", hint)
    if requirement.marker and not requirement.url:
        raise _unknown(text, "a marker of its own means nothing here", f"say {plain!r}")


def _is_special(text: str) -> bool:
    path = expanded(text)
    return exists(path) and not is_file(path)


def _fetched_url(text: str, fetcher: Fetcher) -> str:
    refuse_secret(text)
    url, _, fragment = text.partition("#")
    filename = filename_of_url(url)
    if not filename.endswith(".whl"):
        raise _unknown(text, "it is no wheel's URL", "`conda-bridge build` makes packages of sources")
    given = url_hash(fragment)
    if given.problem or (given.md5 and not given.sha256):
        raise _unknown(text, given.problem or "its md5 isn't checked", "give #sha256=..., or no hash at all")
    if not given.sha256:
        return fetcher.get_url(url)
    return fetcher.get_file(FileLink(filename=filename, url=url, sha256=given.sha256))


def _pure_wheel(release: Release, reference: RequirementRef) -> FileLink:
    found = [link for link in release.wheels if _is_pure(link.filename)]
    if found:
        return max(found, key=_rank)
    count = len(release.wheels)
    have = (
        f"has {counted(count, 'wheel')}, for one platform or python each" if count else "has no wheel at all"
    )
    raise RepackError("no-pure-wheel", f"{reference.pypi_name} {release.version} {have}")


def _rank(link: FileLink) -> tuple[bool, bool, int, BuildTag, str]:
    """Return the greatest value for the wheel that most pythons install, of several the last build.

    Source: PEP 425; PEP 427, build tags, whose number counts; PEP 592, yanked files.
    """
    _, _, build, tags = parse_wheel_filename(link.filename)
    minors = [int(found[1] or 0) for tag in tags if (found := _PY3.fullmatch(tag.interpreter))]
    return link.yanked is None, bool(minors), -min(minors, default=0), build, link.filename


def _is_pure(filename: str) -> bool:
    try:
        return filename.endswith(_PURE) and bool(parse_wheel_filename(filename))
    except ValueError:  # InvalidWheelFilename, and numbers that Python won't read
        return False


def _unknown(text: str, reason: str, hint: str | None = None) -> UsageError:
    shown = redacted(text) if "://" in text else text
    return UsageError("unknown-wheel", f"{shown[:200]!r} can't be converted: {reason}", hint=hint)


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

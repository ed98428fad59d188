"""What the user typed -> a reference to a source: a requirement, a file, a directory, an https URL, a repository.

A bare name is always a requirement, even where a directory of that name exists; `./name` is the directory.
"""

import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from packaging.requirements import InvalidRequirement, Requirement

from conda_bridge.archives.reading import archive_suffix
from conda_bridge.archives.typed_paths import expanded, is_dir, is_file
from conda_bridge.errors import SourceError, UsageError
from conda_bridge.model.names import pypi_name
from conda_bridge.model.source import ArchiveRef, DirectoryRef, GitRef, RequirementRef, SourceRef, UrlRef
from conda_bridge.sources.url_hashes import url_hash

__all__ = ["parse_source", "with_folder_hint"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_NAMED_URL = re.compile(r"[\w.,\[\] -]+@.*://", re.ASCII)
_USERINFO = re.compile(r"//[^/\s]*@")
_SSH = re.compile(r"(?:git\+)?[\w.-]+@[\w.-]+:")
_REVISION = re.compile(r"[A-Za-z0-9_](?:[\w./+@-]*[\w+-])?", re.ASCII)
_CONDA_SPEC = re.compile(r"([\w.-]+) *= *([\w.!+*]+)(?: *=\S*)?", re.ASCII)
"""`idna=3.4`, as conda's users say it, also with a build."""
_A_WHEEL = "it is a wheel, not a source distribution"
_NO_WHEEL_HINT = "give the sdist, or the project's name"


def parse_source(text: str) -> SourceRef:
    """Return what `text` refers to. Looks at the disk to tell files from directories, never at the network.

    >>> parse_source("click>=8").pypi_name
    'click'

    Raises:
        UsageError: `unknown-source`, with what would be understood.
        SourceError: `secret-in-url` for URLs that carry credentials; the message doesn't repeat them.
    """
    text = text.strip()
    scheme = _SCHEME.match(text)
    if scheme and scheme[1].lower() in {"https", "git+https"}:
        return _remote(text, is_git=scheme[1].lower() != "https")
    if scheme or _SSH.match(text):
        _refuse_scheme(text, scheme[1].lower() if scheme else "ssh")
    if _NAMED_URL.match(text):
        _unknown(text, "a requirement with a URL is not looked up", "give the URL itself")
    if _is_path(text):
        return _local(text)
    return _requirement(text)


def with_folder_hint(error: SourceError, text: str, advice: str) -> SourceError:
    """Return a failure whose hint is `advice` where a name that no index has is that of a folder."""
    if error.slug != "project-not-found" or not is_dir(Path(text)):
        return error
    hint = f"there is a folder of that name: {advice}"
    return SourceError(error.slug, error.message, where=error.where, hint=hint)


def _remote(text: str, *, is_git: bool) -> UrlRef | GitRef:
    from conda_bridge.sources.urls import refuse_secret  # noqa: PLC0415 - local sources don't need urllib

    refuse_secret(text.removeprefix("git+"))
    url, _, fragment = text.partition("#")
    if not is_git:
        return _https(text, url, fragment)
    return _git(text, url, dict(pair.partition("=")[::2] for pair in fragment.split("&") if pair))


def _https(text: str, url: str, fragment: str) -> UrlRef:
    if url.partition("?")[0].lower().endswith(".whl"):
        _unknown(text, _A_WHEEL, _NO_WHEEL_HINT)
    given = url_hash(fragment)
    if given.problem or (given.md5 and not given.sha256):
        _unknown(text, given.problem or "its md5 isn't checked", "give #sha256=..., or no hash at all")
    return UrlRef(text=text, url=url, sha256=given.sha256)


def _git(text: str, url: str, options: dict[str, str]) -> GitRef:
    url = url.removeprefix("git+")
    base, at, revision = url.rpartition("@")
    if not at or "/" not in base.partition("://")[2]:
        base, revision = url, ""
    if revision and (not _REVISION.fullmatch(revision) or ".." in revision):
        _unknown(text, f"{revision!r} is no branch, tag or commit")
    subdirectory = options.get("subdirectory", "").strip("/")
    if subdirectory and not _is_inner_path(subdirectory):
        _unknown(text, f"the subdirectory {subdirectory!r} leads out of the repository")
    return GitRef(text=text, url=base, revision=revision, subdirectory=subdirectory)


def _is_inner_path(path: str) -> bool:
    return "\\" not in path and ":" not in path and not {"", ".", ".."} & set(path.split("/"))


def _refuse_scheme(text: str, scheme: str) -> NoReturn:
    hints = {
        "http": "use https",
        "git+http": "use git+https",
        "file": "give the path itself",
        "git+file": "give the path itself",
    }
    _unknown(
        text,
        f"sources over {scheme} are not fetched",
        hints.get(scheme, "use https://..., git+https://...@ref, or clone it and give the path"),
    )


def _is_path(text: str) -> bool:
    has_separator = "/" in text or os.sep in text or "\\" in text
    return has_separator or text in {".", "..", "~"} or text.endswith(".whl") or bool(archive_suffix(text))


def _local(text: str) -> ArchiveRef | DirectoryRef:
    path = expanded(text).absolute()
    if is_dir(path):
        return DirectoryRef(text=text, path=str(path))
    if not is_file(path):
        _unknown(text, "there is no such file or directory", _path_hint(text, path))
    if path.suffix.lower() == ".whl":
        _unknown(text, _A_WHEEL, _NO_WHEEL_HINT)
    return ArchiveRef(text=text, path=str(path))


def _path_hint(text: str, path: Path) -> str:
    """Return what the user may have meant by a path that isn't there."""
    where = "the path is relative to the folder that you are in" if not Path(text).is_absolute() else ""
    try:
        names = sorted(one.name for one in path.parent.iterdir() if not one.name.startswith("."))
    except OSError:
        return "; ".join(filter(None, ("check the path: its folder isn't there either", where)))
    if near := get_close_matches(path.name, names, n=1):
        return f"did you mean {Path(text).parent / near[0]}?"
    return "; ".join(filter(None, ("check the path", where)))


def _requirement(text: str) -> RequirementRef:
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        _unknown(text, f"as a requirement it is invalid: {reason}", _requirement_hint(text))
    if requirement.extras or requirement.marker:
        _unknown(text, "a recipe is for a whole project: extras and markers mean nothing here")
    return RequirementRef(text=text, pypi_name=pypi_name(requirement.name), specifier=requirement.specifier)


def _requirement_hint(text: str) -> str | None:
    if text and is_dir(Path(text)):
        return f"to convert the directory, write ./{text}"
    spec = _CONDA_SPEC.fullmatch(text)
    return f"did you mean {spec[1]}=={spec[2]}?" if spec else None


def _unknown(text: str, reason: str, hint: str | None = None) -> NoReturn:
    shown = _USERINFO.sub("//", text)[:200]
    raise UsageError("unknown-source", f"{shown!r} can't be converted: {reason}", hint=hint)

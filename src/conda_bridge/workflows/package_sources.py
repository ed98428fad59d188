"""What the user typed -> conda packages on this disk: files, URLs, and packages that channels have under a name.

A name stands for the newest version that fits, and of that for all builds of its highest build number: where there are
several, each is for another kind of system or python.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import file_digest
from pathlib import Path
from urllib.parse import unquote, urlsplit

from conda_bridge.archives.package_info import package_stem
from conda_bridge.archives.typed_paths import exists, expanded, is_dir, is_file
from conda_bridge.distributors.channels import Channels, channel_location
from conda_bridge.errors import SourceError, TranslationError, UsageError
from conda_bridge.model.distributor import NO_NEEDS, ChannelNeeds, ChannelPackage
from conda_bridge.model.options import IndexOptions, WheelOptions
from conda_bridge.model.source import FileLink
from conda_bridge.protocols import Fetcher, Reporter
from conda_bridge.sources.fetcher import IndexFetcher
from conda_bridge.sources.url_hashes import url_hash
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.translate.spec_matching import matches
from conda_bridge.translate.url_secrets import channel_label, redacted
from conda_bridge.translate.version_order import CondaVersion
from conda_bridge.workflows.building.context import machine_subdir
from conda_bridge.workflows.package_specs import PackageSpec, is_package_spec, package_spec, told
from conda_bridge.workflows.services import channel_fetcher

__all__ = ["FoundPackage", "PackageSources", "package_sources_of"]

_SUFFIXES = (".conda", ".tar.bz2")
_NOARCH = "noarch"
_MOST_TOLD = 8
_HASH_HINT = "give #sha256=..., #md5=..., or no hash at all"
_FOLDER_HINT = "index the channel again if it was changed on purpose; or get the file again"
_OTHER_HASH_HINT = "the URL was given with that hash: see where it comes from whether it is of this file"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPackage:
    """A package, and how to get it."""

    source: str
    """As typed."""
    filename: str
    path: str = ""
    """On this disk; empty where it has to be fetched."""
    link: FileLink | None = None
    """In a channel, or a URL without a digest; None of a file."""
    subdir: str = ""
    """Which a channel says; empty where nothing is known of it yet."""
    md5: str = ""
    """To be checked beside the link's sha256; empty where that is enough, or there is none."""
    needs: ChannelNeeds = NO_NEEDS
    """Which a channel says that it has."""

    @property
    def release(self) -> tuple[str, str]:
        """(conda name, version) of the file's name: builds of one release would become one wheel."""
        name, _, version = package_stem(self.filename).rpartition("-")[0].rpartition("-")
        return name, version


class PackageSources:
    """Finds packages. Thread-safe; nothing is asked before it is needed."""

    def __init__(
        self, channels: Sequence[str], *, records: Channels, fetcher: Fetcher, wary_fetcher: Fetcher
    ) -> None:
        """Look names up in `records`, which are those of `channels`; get URLs through `fetcher`.

        Where else than beside their records packages of channels are, strangers say: these come through `wary_fetcher`.
        """
        self._channels = tuple(channels)
        self._records = records
        self._fetcher = fetcher
        self._wary_fetcher = wary_fetcher

    def find(self, source: str) -> tuple[FoundPackage, ...]:
        """Return the package of a path or a URL, or those that a name stands for; nothing of them is fetched.

        Raises:
            UsageError: `unknown-package`.
            SourceError: `package-not-found`, `invalid-channel`, `index-unreachable`, `offline`.
        """
        text = source.strip()
        if is_package_spec(text):
            return self._named(source, text)
        scheme = text.partition("://")[0].lower() if "://" in text else ""
        if scheme == "https":
            return (_of_url(source, text),)
        if scheme == "file":
            return (_of_path(source, Path(unquote(urlsplit(text).path))),)
        if scheme:
            raise _unknown(
                text, f"packages over {scheme} are not fetched", "use https://..., or give the path"
            )
        if _is_path(text):
            return (_of_path(source, expanded(text)),)
        return self._named(source, text)

    def fetch(self, found: FoundPackage) -> str:
        """Return the path of a package on this disk; what a channel says of it is verified while it streams.

        Raises:
            SourceError: `hash-mismatch`, `no-sha256`, `too-large`, `not-served`, `index-unreachable`, `offline`.
        """
        if found.link is None:
            return found.path
        if not found.subdir:
            return self._of_url(found, found.link)
        try:
            path = self._wary_fetcher.get_file(found.link)
            if found.md5:
                _check_md5(found, path)
        except SourceError as error:
            if not found.link.url.startswith("file:"):
                raise
            # No operators, and nothing that a later time mends.
            raise SourceError(error.slug, error.message, where=error.where, hint=_FOLDER_HINT) from error
        return path

    def _of_url(self, found: FoundPackage, link: FileLink) -> str:
        """Return the path of a URL's package; the hash is of who gave the URL, and of no channel."""
        try:
            path = self._fetcher.get_file(link) if link.sha256 else self._fetcher.get_url(link.url)
            if found.md5:
                _check_md5(found, path)
        except SourceError as error:
            if error.slug != "hash-mismatch":
                raise
            raise SourceError(error.slug, error.message, where=error.where, hint=_OTHER_HASH_HINT) from error
        return path

    def _named(self, source: str, text: str) -> tuple[FoundPackage, ...]:
        try:
            spec = package_spec(text, self._channels)
            if not self._channels:
                hint = "name one with --channel URL or --channel FOLDER"
                raise SourceError("package-not-found", "there is no channel to ask", where=text, hint=hint)
            offered = self._records.packages(spec.spec.conda_name, spec.channel)
            known = [one for one in offered if package_stem(one.url.rpartition("/")[2])]
            fitting = [one for one in known if spec.fits(one)]
            taken = [one for one in fitting if not one.is_revoked]
            if not taken:
                left = [one for one in known if not one.is_revoked]
                raise _revoked(spec, fitting, left) if fitting else self._not_found(spec, left)
        except TranslationError as error:
            raise _unknown(text, error.message) from error
        return tuple(_of_channel(source, one, has_md5="md5" in spec.keys) for one in _chosen(taken))

    def _not_found(self, wanted: PackageSpec, known: Sequence[ChannelPackage]) -> SourceError:
        asked = ", ".join(map(channel_label, (wanted.channel,) if wanted.channel else self._channels))
        versions = sorted({one.version for one in known}, key=_order, reverse=True)
        spec = wanted.spec
        of_version = f"{spec.conda_name} {spec.version}".strip()
        builds = sorted({one.build for one in known if spec.build and matches(of_version, one)})
        hint = f"of that version {_there('build', builds)}" if builds else None
        hint = hint or (_there("version", versions) if versions else _folder_hint(wanted.text))
        hint = _of_key(wanted, [one for one in known if matches(wanted.text, one)]) or hint
        return SourceError("package-not-found", f"{asked} has no {wanted.text!r}", hint=hint)


def _revoked(
    wanted: PackageSpec, fitting: Sequence[ChannelPackage], left: Sequence[ChannelPackage]
) -> SourceError:
    names = sorted(one.url.rpartition("/")[2] for one in fitting)
    more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
    message = (
        f"{fitting[0].channel} has revoked what is {wanted.text!r}: {', '.join(names[:_MOST_TOLD])}{more}"
    )
    versions = sorted({one.version for one in left}, key=_order, reverse=True)
    hint = "its makers want nobody to install it"
    return SourceError(
        "package-not-found", message, hint=f"{hint}; {_there('version', versions)}" if versions else hint
    )


def _of_key(wanted: PackageSpec, near: Sequence[ChannelPackage]) -> str | None:
    """Return which key keeps out what would fit else, and what the channel has under it."""
    for key in wanted.keys:
        if near and not any(wanted.meets(key, one) for one in near):
            values = sorted({told(key, one) for one in near} - {""})
            return (
                f"of what else fits {_there(key, values)}" if values else f"the channel tells no {key} of it"
            )
    return None


def _folder_hint(text: str) -> str | None:
    is_folder = is_dir(Path(text))
    return f"there is a folder of that name: name the packages in it, {text}/*.conda" if is_folder else None


def _there(thing: str, values: Sequence[str]) -> str:
    verb, plural = ("is", "") if len(values) == 1 else ("are", "s")
    more = ", ..." if len(values) > _MOST_TOLD else ""
    return f"there {verb} {thing}{plural} {', '.join(values[:_MOST_TOLD])}{more}"


def package_sources_of(options: WheelOptions, reporter: Reporter) -> PackageSources:
    """Return what finds and fetches packages as the options say.

    Raises:
        UsageError: `unknown-distributor`; `no-such-channel` for a folder that isn't there.
        SourceError: `invalid-url` for a channel.
    """
    recipe = options.recipe
    policy = distributor_policy(recipe.distributor, recipe.distributors)
    for channel in options.channels:
        _check_folder(channel)
    policy = replace(policy, channels=options.channels or policy.channels)
    places = map(channel_location, policy.channels)
    remote = [place for place in places if place.startswith(("https://", "http://"))]
    indexes = IndexOptions(urls=tuple(remote))
    return PackageSources(
        policy.channels,
        records=Channels(
            policy.channels,
            (_NOARCH, machine_subdir()),
            channel_fetcher(policy, recipe.network, reporter),
        ),
        # Packages are larger than what is said of them, and worth waiting for.
        fetcher=IndexFetcher(indexes, recipe.network, reporter),
        wary_fetcher=IndexFetcher(indexes, recipe.network, reporter, is_wary=True),
    )


def _check_folder(channel: str) -> None:
    place = channel_location(channel)
    if "://" not in place and not is_dir(Path(place)):
        reason = "it is no folder" if exists(Path(place)) else "there is no such folder"
        raise UsageError("no-such-channel", reason, where=channel)


def _chosen(fitting: Sequence[ChannelPackage]) -> list[ChannelPackage]:
    """Return the builds of the newest version that may differ only in what they are for."""
    newest = max(_order(one.version) for one in fitting)
    builds = [one for one in fitting if _order(one.version) == newest]
    builds = [one for one in builds if one.subdir == _NOARCH] or builds
    highest = max(one.build_number for one in builds)
    by_build: dict[str, ChannelPackage] = {}
    for one in sorted(builds, key=lambda one: one.url.endswith(_SUFFIXES[0])):
        if one.build_number == highest:
            # One build in both containers is one package; the newer container is smaller.
            by_build[one.build] = one
    return sorted(by_build.values(), key=lambda one: one.build)


def _order(version: str) -> CondaVersion:
    try:
        return CondaVersion.from_text(version)
    except TranslationError:
        return CondaVersion.from_text("0")


def _of_channel(source: str, one: ChannelPackage, *, has_md5: bool) -> FoundPackage:
    """Return how to get a package; its md5 is checked where it was asked for, too, and not only said by the channel."""
    filename = one.url.rpartition("/")[2]
    link = FileLink(filename=filename, url=one.url, sha256=one.sha256)
    md5 = one.md5 if has_md5 or not one.sha256 else ""
    return FoundPackage(
        source=source, filename=filename, link=link, subdir=one.subdir, md5=md5, needs=one.needs
    )


def _of_url(source: str, url: str) -> FoundPackage:
    plain, _, fragment = url.partition("#")
    filename = unquote(urlsplit(plain).path.rpartition("/")[2])
    if not package_stem(filename):
        raise _unknown(redacted(url), "its file is no conda package")
    given = url_hash(fragment)
    if given.problem or (fragment and not given.sha256 and not given.md5):
        raise _unknown(redacted(url), given.problem or "what follows its # is no hash", _HASH_HINT)
    link = FileLink(filename=filename, url=plain, sha256=given.sha256)
    return FoundPackage(source=source, filename=filename, link=link, md5="" if given.sha256 else given.md5)


def _check_md5(found: FoundPackage, path: str) -> None:
    try:
        with Path(path).open("rb") as file:
            # Conda's lists have no other; what it is held against comes from the same hand as the URL.
            md5 = file_digest(file, partial(hashlib.md5, usedforsecurity=False)).hexdigest()
    except OSError as error:
        raise SourceError("unreadable-source", f"can't be read: {error.strerror}", where=path) from error
    if md5 != found.md5:
        message = f"the md5 of {found.filename} is {md5}, not {found.md5}"
        url = found.link.url if found.link else ""
        is_remote = not url.startswith("file:")
        raise SourceError("hash-mismatch", message, where=redacted(url) if is_remote else path)


def _of_path(source: str, path: Path) -> FoundPackage:
    if is_dir(path):
        packages = f"name the packages, {path}/*.conda"
        raise _unknown(
            source, "it is a folder", f"{packages}; of a channel, a package's name and --channel {path}"
        )
    if not is_file(path):
        message = f"there is no such file: {str(path)[:200]!r}"
        where = (
            "check the path" if path.is_absolute() else "the path is relative to the folder that you are in"
        )
        raise UsageError("unknown-package", message, hint=where)
    if not path.name.endswith(_SUFFIXES):
        hint = "`conda-bridge conda` is for wheels" if path.suffix == ".whl" else None
        raise _unknown(source, "it is neither a .conda nor a .tar.bz2 file", hint)
    return FoundPackage(source=source, filename=path.name, path=str(path))


def _is_path(text: str) -> bool:
    return text.endswith((*_SUFFIXES, ".whl")) or "/" in text or "\\" in text or text in {".", "..", "~"}


def _unknown(text: str, reason: str, hint: str | None = None) -> UsageError:
    return UsageError("unknown-package", f"{redacted(text)[:200]!r} can't be converted: {reason}", hint=hint)

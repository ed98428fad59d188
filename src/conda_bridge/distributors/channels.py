"""Conda channels -> what they hold under a name, asked with as little traffic as the channel allows.

A channel is a name (`conda-forge`), a URL or a folder. Of a remote one sharded repodata are read where there are any:
their index is a few hundred kilobytes where the full repodata are tens of megabytes. A folder may have any form.

Source: CEP 15 (`base_url`), CEP 16 (sharded repodata), conda's documentation of `repodata.json`.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from conda_bridge.archives.typed_paths import expanded, is_dir, is_file
from conda_bridge.distributors.channel_documents import (
    ChannelRecord,
    WholeRepodata,
    shard_index,
    shard_records,
    whole_repodata,
)
from conda_bridge.errors import SourceError
from conda_bridge.model.distributor import ChannelNeeds, ChannelPackage
from conda_bridge.model.names import CondaName
from conda_bridge.model.source import FileLink
from conda_bridge.protocols import Fetcher
from conda_bridge.translate.url_secrets import channel_label, package_url

__all__ = ["Channels", "channel_address", "channel_location"]

_CHANNEL_HOST = "https://conda.anaconda.org"
_SHARDS = "repodata_shards.msgpack.zst"
_WHOLE = ("repodata.json", "repodata.json.zst")
_CURRENT = "current_repodata.json"
"""The newest versions only: better than nothing."""
_MAX_REPODATA_BYTES = 200_000_000
_NOARCH = "noarch"
"""The subdir that every channel has."""


class Channels:
    """A `ChannelSource` of a distributor's channels. A channel that fails once isn't asked again."""

    def __init__(self, channels: Iterable[str], subdirs: Iterable[str], fetcher: Fetcher) -> None:
        self._channels = tuple(channels)
        self._subdirs = tuple(subdirs)
        self._fetcher = fetcher
        self._failures: dict[str, SourceError] = {}
        self._places: dict[str, _Place] = {}
        self._is_there: dict[str, bool] = {}

    def find(self, name: CondaName) -> ChannelPackage | None:
        """Return the newest package of that name in the first channel that has one; see `ChannelSource`."""
        found = self.packages(name)
        return max(found, key=lambda package: (package.timestamp_ms, package.version), default=None)

    def packages(self, name: CondaName, channel: str = "") -> tuple[ChannelPackage, ...]:
        """Return all packages of that name in the first channel that has one, or in the one that is given.

        Raises:
            SourceError: as `ChannelSource.find` has it.
        """
        for one in (channel,) if channel else self._channels:
            if found := self._asked(one, name):
                return found
        return ()

    def reach(self) -> None:
        """See that the first channel answers.

        Raises:
            SourceError: it doesn't; as `ChannelSource.find` has it.
        """
        for channel in self._channels[:1]:
            # What is asked for doesn't matter: its index is read, and kept for the questions to come.
            self._asked(channel, CondaName("python"))
            if not any(self._is_there.values()):
                location = channel_label(channel_location(channel))
                is_there = "://" in location or is_dir(Path(location))
                message = "none of its folders has repodata" if is_there else "there is no such folder"
                raise SourceError("invalid-channel", message, where=location)

    def _asked(self, channel: str, name: CondaName) -> tuple[ChannelPackage, ...]:
        if known := self._failures.get(channel):
            raise known
        try:
            return tuple(self._packages(channel, name))
        except SourceError as error:
            self._failures[channel] = error
            raise

    def _packages(self, channel: str, name: CondaName) -> Iterator[ChannelPackage]:
        location = _without_user(channel_location(channel))
        for subdir in self._subdirs:
            place = f"{location}/{subdir}"
            opened = self._place(place, is_needed=subdir == _NOARCH)
            records = [record for record in opened.records(name) if record.name == name]
            packages_url = _packages_url(_url(place), opened.base_url) if records else ""
            for record in records:
                yield ChannelPackage(
                    channel=channel_label(channel),
                    subdir=subdir,
                    conda_name=name,
                    version=record.version,
                    build=record.build,
                    build_number=record.build_number,
                    timestamp_ms=record.timestamp_ms,
                    url=f"{packages_url}/{record.filename}",
                    sha256=record.sha256,
                    md5=record.md5,
                    license=record.license,
                    needs=ChannelNeeds(depends=record.depends, constrains=record.constrains),
                    is_revoked=record.is_revoked,
                )

    def _place(self, place: str, *, is_needed: bool) -> "_Place":
        if place not in self._places:
            is_remote = "://" in place
            opened = (
                _Reader(self._fetcher).remote(place) if is_remote else _Reader(self._fetcher).folder(place)
            )
            if opened is None and is_needed and is_remote:
                raise SourceError("invalid-channel", "it serves no repodata", where=channel_label(place))
            self._is_there[place] = opened is not None
            self._places[place] = opened or _Whole(WholeRepodata("", {}))
        return self._places[place]


def channel_location(channel: str) -> str:
    """Return the URL or the folder of a channel.

    >>> channel_location("conda-forge")
    'https://conda.anaconda.org/conda-forge'
    """
    is_place = "://" in channel or channel.startswith((".", "/", "~")) or is_dir(Path(channel))
    location = str(expanded(channel)) if is_place and "://" not in channel else channel
    if location.startswith("file://"):
        return location.rstrip("/")
    return location.rstrip("/") if is_place else f"{_CHANNEL_HOST}/{channel}"


def channel_address(channel: str) -> str:
    """Return a URL that is the same for all spellings of a channel, with and without credentials.

    >>> channel_address("https://me:secret@Conda.anaconda.org/t/tk-1/acme/") == channel_address("acme")
    True
    """
    location = channel_location(channel)
    if location.startswith("file://"):
        location = unquote(location.removeprefix("file://"))
    if "://" not in location:
        return Path(location).resolve().as_uri()
    scheme, _, rest = package_url(location).partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.lower()}{slash}{path}"


def _without_user(location: str) -> str:
    """Return a location without `user:password@`, which the fetcher knows by itself."""
    if "@" not in location or "://" not in location:
        return location
    parts = urlsplit(location)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _url(place: str) -> str:
    if "://" in place:
        return place
    path = Path(place)
    # What `..` leads to, behind a link only the file system knows.
    return (path.resolve() if ".." in path.parts else path.absolute()).as_uri()


# ---------------------------------------------------------------- one subdir


class _Whole:
    """A subdir whose repodata were read as a whole."""

    def __init__(self, repodata: WholeRepodata) -> None:
        self.base_url, self._records = repodata

    def records(self, name: str) -> Iterable[ChannelRecord]:
        return self._records.get(name, ())


class _Sharded:
    """A subdir with a shard for each name."""

    def __init__(self, place: str, index: bytes, reader: "_Reader") -> None:
        self._place = place
        self.base_url, self._shards_base, self._digests = shard_index(
            index, channel_label(f"{place}/{_SHARDS}")
        )
        self._reader = reader

    def records(self, name: str) -> Iterable[ChannelRecord]:
        digest = self._digests.get(name)
        if digest is None:
            return ()
        link = _shard_link(self._place, self._shards_base, digest.hex())
        return shard_records(self._reader.read(link), channel_label(link.url))


_Place = _Whole | _Sharded


class _Reader:
    """Opens subdirs, in whichever form they are served."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    def remote(self, place: str) -> _Place | None:
        """Return a subdir of a URL; None where no repodata are there."""
        for form in (_SHARDS, *reversed(_WHOLE), _CURRENT):
            try:
                data = self.read(FileLink(filename=form, url=f"{place}/{form}"))
            except SourceError as error:
                if error.slug in {"not-served", "unreadable-source"}:
                    continue
                raise
            return self._opened(place, form, data)
        return None

    def folder(self, place: str) -> _Place | None:
        """Return a subdir on disk; None where it has no repodata."""
        for form in (*_WHOLE, _SHARDS, _CURRENT):
            path = Path(place) / form
            if is_file(path):
                return self._opened(_url(place), form, _bytes(path))
        return None

    def _opened(self, place: str, form: str, data: bytes) -> _Place:
        if form == _SHARDS:
            return _Sharded(place, data, self)
        return _Whole(whole_repodata(data, channel_label(f"{place}/{form}")))

    def read(self, link: FileLink) -> bytes:
        if link.url.startswith("file:") or link.sha256:
            path = self._fetcher.get_file(link)
        else:
            path = self._fetcher.get_url(link.url)
        data = _bytes(Path(path))
        if link.sha256 and sha256(data).hexdigest() != link.sha256:
            where = channel_label(link.url)
            raise SourceError("hash-mismatch", f"{link.filename} isn't what its name says", where=where)
        return data


def _shard_link(place: str, base: str, sha256_hex: str) -> FileLink:
    filename = f"{sha256_hex}.msgpack.zst"
    try:
        folder = urljoin(f"{place}/", base)
        url = urljoin(f"{folder.rstrip('/')}/", filename)
        is_elsewhere = urlsplit(url).scheme != urlsplit(place).scheme
    except ValueError as error:
        where = channel_label(place)
        raise SourceError("invalid-channel", f"its shards have no address: {error}", where=where) from error
    if is_elsewhere:
        message = "its shards are somewhere else altogether"
        raise SourceError("invalid-channel", message, where=channel_label(place))
    return FileLink(filename=filename, url=url, sha256=sha256_hex)


def _packages_url(place: str, base: str) -> str:
    """Return where the packages of a subdir are, without credentials and without a slash behind it.

    A channel in a folder may have them on the web; one on the web has none on this machine, and none with less protection.
    """
    if not base:
        return place
    where = channel_label(place)
    try:
        url = _without_user(urljoin(f"{place}/", base))
        parts = urlsplit(url)
    except ValueError as error:
        message = f"its packages have no address: {error}"
        raise SourceError("invalid-channel", message, where=where) from error
    is_local = parts.scheme == "file" and not parts.netloc
    allowed = parts.scheme == "https" or parts.scheme == urlsplit(place).scheme == "http"
    if not (allowed and parts.netloc) and not (is_local and place.startswith("file:")):
        message = f"its base_url leads to {channel_label(url)[:200]!r}, where no packages are fetched from"
        raise SourceError("invalid-channel", message, where=where)
    if parts.query or parts.fragment:
        raise SourceError("invalid-channel", "its base_url is more than a folder's address", where=where)
    return url.rstrip("/")


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_REPODATA_BYTES:
            raise SourceError("invalid-channel", "it is too large", where=str(path))
        return path.read_bytes()
    except OSError as error:
        raise SourceError(
            "invalid-channel", f"it can't be read: {error.strerror}", where=str(path)
        ) from error

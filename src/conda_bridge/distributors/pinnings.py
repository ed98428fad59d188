"""Pinnings that a channel publishes as a package -> folders in the user's cache.

    <cache>/pinnings/<digest of the distributor's name>/<sha256 of the package>/    the package's files
    <cache>/pinnings/<digest of the distributor's name>/current.json                which of them counts

What is new is written aside and named last, so that a reader sees one whole pinning or the other.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from conda_bridge.archives.package_payload import read_payload
from conda_bridge.archives.writing import written_aside
from conda_bridge.distributors.channels import Channels
from conda_bridge.distributors.pinning_files import MIGRATION_FOLDERS, PINNING_FILE
from conda_bridge.errors import SourceError, UsageError
from conda_bridge.model.distributor import ChannelPackage, DistributorPolicy
from conda_bridge.model.names import CondaName
from conda_bridge.model.source import FileLink
from conda_bridge.protocols import Fetcher
from conda_bridge.translate.url_secrets import channel_label
from conda_bridge.translate.version_order import CondaVersion

__all__ = ["KeptPinning", "KeptPinnings"]

_CURRENT = "current.json"
_SUBDIR = "noarch"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPinning:
    """A pinning in the cache."""

    path: Path
    """Of the pinning file; its migrations lie beside it."""
    version: str
    """Of the package that it came in."""
    channel: str


class KeptPinnings:
    """The pinnings in a cache folder. Safe to share between processes."""

    def __init__(self, cache_dir: str) -> None:
        """Keep them in `cache_dir`."""
        self._folder = Path(cache_dir) / "pinnings"

    def find(self, distributor: str) -> KeptPinning | None:
        """Return the pinning of a distributor; None where none was kept, or it is no longer whole."""
        folder = self._folder_of(distributor)
        try:
            known = json.loads((folder / _CURRENT).read_text(encoding="utf-8"))
            path = folder / str(known["folder"]) / PINNING_FILE
            kept = KeptPinning(path=path, version=str(known["version"]), channel=str(known["channel"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return kept if path.is_file() else None

    def refresh(self, policy: DistributorPolicy, fetcher: Fetcher) -> KeptPinning:
        """Get the newest pinning of a distributor's channel, and keep it in place of the one before.

        Raises:
            UsageError: `no-pinning`.
            SourceError: what the channel and its package raise.
        """
        package = _newest(policy, fetcher)
        path = fetcher.get_file(
            FileLink(filename=package.url.rpartition("/")[2], url=package.url, sha256=package.sha256)
        )
        files = read_payload(path, _is_part)
        if PINNING_FILE not in files:
            message = f"{package.conda_name} {package.version} holds no {PINNING_FILE}"
            raise UsageError("no-pinning", message, where=channel_label(package.url))
        with Path(path).open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        return self._keep(policy.name, package, files, digest)

    def _keep(
        self, distributor: str, package: ChannelPackage, files: Mapping[str, bytes], digest: str
    ) -> KeptPinning:
        folder = self._folder_of(distributor)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / digest, files)
            said = {"folder": digest, "version": package.version, "channel": package.channel}
            with written_aside(str(folder / _CURRENT)) as file:
                file.write(json.dumps(said).encode())
            for old in folder.iterdir():
                if old.is_dir() and old.name != digest:
                    shutil.rmtree(old, ignore_errors=True)
        except OSError as error:
            where = str(error.filename or folder)
            message = f"the cache can't be used: {error.strerror}"
            raise SourceError("cache-failed", message, where=where) from error
        return KeptPinning(
            path=folder / digest / PINNING_FILE, version=package.version, channel=package.channel
        )

    def _folder_of(self, distributor: str) -> Path:
        return self._folder / sha256(distributor.encode()).hexdigest()[:32]


def _newest(policy: DistributorPolicy, fetcher: Fetcher) -> ChannelPackage:
    if not policy.pinning_package or not policy.channels:
        raise UsageError("no-pinning", f"{policy.name} publishes none")
    name = CondaName(policy.pinning_package)
    found = Channels(policy.channels[:1], (_SUBDIR,), fetcher).packages(name)
    usable = [package for package in found if package.sha256 and not package.url.endswith("/")]
    if not usable:
        raise UsageError("no-pinning", f"{channel_label(policy.channels[0])} has no package {name}")
    return max(usable, key=lambda package: (CondaVersion.from_text(package.version), package.build_number))


def _is_part(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return path == PINNING_FILE or (folder in MIGRATION_FOLDERS and name.endswith(".yaml"))


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    if folder.is_dir():
        return
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
    try:
        for name, data in files.items():
            path = aside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        # Another process may have been here meanwhile, with the same files.
        if not folder.is_dir():
            aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)

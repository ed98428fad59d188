"""Small packages to put into channels, and channels read as a client reads them."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgpack

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.package_documents import PackageInfo
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.archives.zstandard import zstd
from conda_bridge.model.artifact import PackageRecord, RunExports
from conda_bridge.model.events import Event, Noticed
from conda_bridge.model.names import CondaName

__all__ = ["Listener", "dangling", "make_package", "odd_package", "repodata_of", "shards_of", "unwhole"]

SUBDIRS = ("linux-64", "noarch")
_NO_EXPORTS = RunExports()


def make_package(
    folder: Path,
    name: str,
    *,
    subdir: str = "noarch",
    content: bytes = b"x = 1\n",
    depends: tuple[str, ...] = (),
    timestamp_ms: int = 1_700_000_000_000,
    run_exports: RunExports = _NO_EXPORTS,
    is_private: bool = False,
) -> str:
    """Write a package with one file, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    record = PackageRecord(
        conda_name=CondaName(name),
        version="1.0",
        build="0",
        subdir=subdir,
        noarch="generic" if subdir == "noarch" else "",
        depends=depends,
        license="MIT",
        timestamp_ms=timestamp_ms,
    )
    path = folder / f"{record.stem}.conda"
    info = PackageInfo(run_exports=run_exports, is_private=is_private)
    files = [PackedFile(path=f"share/{name}/content", content=content)]
    write_conda(str(path), record, files, info=info)
    return str(path)


def odd_package(folder: Path, *, stem: str = "odd-1.0-0", fields: Mapping[str, object]) -> str:
    """Write a package whose `index.json` says what we wouldn't write."""
    path = folder / f"{stem}.tar.bz2"
    index = json.dumps(
        {"name": "odd", "version": "1.0", "build": "0", "build_number": 0, "depends": [], **fields}
    )
    with tarfile.open(path, "w:bz2") as archive:
        member = tarfile.TarInfo("info/index.json")
        member.size = len(index)
        archive.addfile(member, io.BytesIO(index.encode()))
    return str(path)


@dataclass
class Listener:
    """A Reporter that keeps the slugs of what is noticed."""

    slugs: list[str] = field(default_factory=list)

    def report(self, event: Event) -> None:
        """Keep a finding's slug."""
        if isinstance(event, Noticed):
            self.slugs.append(event.diagnostic.slug)


def repodata_of(channel: Path, subdir: str = "noarch") -> dict[str, dict[str, Any]]:
    """Return the entries of `repodata.json`, both formats."""
    document = json.loads((channel / subdir / "repodata.json").read_bytes())
    return {**document["packages"], **document["packages.conda"]}


def shards_of(channel: Path, subdir: str = "noarch") -> dict[str, dict[str, Any]]:
    """Return the entries of all shards; what their index says is checked on the way."""
    index = msgpack.unpackb(zstd.decompress((channel / subdir / "repodata_shards.msgpack.zst").read_bytes()))
    found: dict[str, dict[str, Any]] = {}
    for digest in index["shards"].values():
        packed = (
            channel / subdir / index["info"]["shards_base_url"] / f"{digest.hex()}.msgpack.zst"
        ).read_bytes()
        assert hashlib.sha256(packed).digest() == digest
        shard = msgpack.unpackb(zstd.decompress(packed))
        found |= {**shard["packages"], **shard["packages.conda"]}
    return found


def dangling(channel: Path) -> Iterator[str]:
    """Yield what a client would trip over that reads one form and then the packages; others may publish meanwhile."""
    for subdir in SUBDIRS:
        for read in (repodata_of, shards_of):
            try:
                entries = read(channel, subdir)
            except FileNotFoundError:
                if (channel / subdir).exists():
                    raise
                continue
            for filename, entry in entries.items():
                path = channel / subdir / filename
                digest = entry["sha256"] if isinstance(entry["sha256"], str) else entry["sha256"].hex()
                if not path.exists():
                    yield f"{subdir}/{filename} is named, but isn't there"
                elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                    yield f"{subdir}/{filename} isn't what {read.__name__} says"


def unwhole(channel: Path) -> Iterator[str]:
    """Yield what is wrong with a channel that nobody writes to."""
    yield from dangling(channel)
    for subdir in SUBDIRS:
        folder = channel / subdir
        if not folder.exists():
            continue
        plain = (folder / "repodata.json").read_bytes()
        if zstd.decompress((folder / "repodata.json.zst").read_bytes()) != plain:
            yield f"{subdir}: the compressed repodata are others"
        entries = repodata_of(channel, subdir)
        if shards_of(channel, subdir).keys() != entries.keys():
            yield f"{subdir}: the shards name other packages"
        yield from (
            f"{subdir}/{path.name} isn't named" for path in folder.glob("*.conda") if path.name not in entries
        )

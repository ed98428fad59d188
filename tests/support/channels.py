"""Channels in folders and on a web that is a table, made by tests."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgpack
from backports import zstd

from conda_bridge.errors import SourceError
from conda_bridge.model.names import PypiName
from conda_bridge.model.source import FileLink, IndexProject

__all__ = ["FORMS", "Web", "channel_files", "packed", "record", "write_channel"]

FORMS = ("repodata.json", "repodata.json.zst", "repodata_shards.msgpack.zst", "current_repodata.json")


@dataclass
class Web:
    """A `Fetcher` whose web is a table; files land in a folder. What isn't in the table is not served."""

    folder: Path
    files: Mapping[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    failure: str = "not-served"

    def get_project(self, name: PypiName) -> IndexProject:
        raise NotImplementedError

    def get_metadata(self, link: FileLink) -> str | None:
        raise NotImplementedError

    def get_file(self, link: FileLink) -> str:
        return link.url.removeprefix("file://") if link.url.startswith("file:") else self.get_url(link.url)

    def get_url(self, url: str) -> str:
        self.asked.append(url)
        if url not in self.files:
            raise SourceError(self.failure, "status 404", where=url)
        path = self.folder / sha256(url.encode()).hexdigest()
        path.write_bytes(self.files[url])
        return str(path)


def packed(document: object) -> bytes:
    return zstd.compress(msgpack.packb(document))


def record(name: str, version: str, build: str = "h1_0", **more: object) -> dict[str, Any]:
    return {"name": name, "version": version, "build": build, "build_number": 0, **more}


def channel_files(form: str, *records: Mapping[str, Any], base_url: str = "") -> dict[str, bytes]:
    """Return the files of a subdir with these packages, in one form of repodata."""
    tables: dict[str, dict[str, Any]] = {}
    for one in records:
        filename = f"{one['name']}-{one['version']}-{one['build']}.conda"
        tables.setdefault(str(one["name"]), {})[filename] = dict(one)
    info = {"base_url": base_url} if base_url else {}
    whole = {
        "info": info,
        "packages": {},
        "packages.conda": {k: v for table in tables.values() for k, v in table.items()},
    }
    match form:
        case "repodata_shards.msgpack.zst":
            shards = {name: packed({"packages": {}, "packages.conda": rows}) for name, rows in tables.items()}
            index = {"info": info, "shards": {name: sha256(data).digest() for name, data in shards.items()}}
            files = {f"{sha256(data).hexdigest()}.msgpack.zst": data for data in shards.values()}
            return {form: packed(index), **files}
        case "repodata.json.zst":
            return {form: zstd.compress(json.dumps(whole).encode())}
        case _:
            return {form: json.dumps(whole).encode()}


def write_channel(
    folder: Path, *records: Mapping[str, Any], form: str = "repodata.json", base_url: str = ""
) -> Path:
    """Write a channel whose packages are all noarch."""
    (folder / "noarch").mkdir(parents=True, exist_ok=True)
    for name, data in channel_files(form, *records, base_url=base_url).items():
        (folder / "noarch" / name).write_bytes(data)
    return folder

import json
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgpack
import pytest
from backports import zstd

from conda_bridge.distributors.channels import Channels, channel_location
from conda_bridge.errors import SourceError
from conda_bridge.model.names import CondaName
from conda_bridge.model.options import NetworkOptions, RecipeOptions
from conda_bridge.protocols import SilentReporter
from conda_bridge.workflows.packaged import already_packaged
from conda_bridge.workflows.services import Services, name_source, services_of
from support.channels import Web

SUBDIRS = ("noarch", "linux-64")
CLICK = CondaName("click")
BASE = "https://conda.anaconda.org/conda-forge"


def packed(document: object) -> bytes:
    return zstd.compress(msgpack.packb(document))


def record(version: str, timestamp: int = 0) -> dict[str, Any]:
    return {"name": "click", "version": version, "timestamp": timestamp}


def sharded(place: str, records: Mapping[str, Mapping[str, Any]], shards: str = "") -> dict[str, bytes]:
    shard = packed({"packages": {}, "packages.conda": records})
    digest = sha256(shard)
    index = packed({"info": {"shards_base_url": shards}, "shards": {"click": digest.digest()}})
    return {
        f"{place}/repodata_shards.msgpack.zst": index,
        f"{place}/{shards}{digest.hexdigest()}.msgpack.zst": shard,
    }


EMPTY = packed({"info": {}, "shards": {}})


def test_newest_package_of_a_sharded_channel_is_found(tmp_path: Path) -> None:
    records = {"a.conda": record("8.1.10", 2), "b.conda": record("8.1.9", 1)}
    web = Web(
        tmp_path,
        {
            **sharded(f"{BASE}/noarch", records, "shards/"),
            f"{BASE}/linux-64/repodata_shards.msgpack.zst": EMPTY,
        },
    )

    found = Channels(["conda-forge"], SUBDIRS, web).find(CLICK)

    assert found is not None
    assert (found.channel, found.subdir, found.version) == ("conda-forge", "noarch", "8.1.10")


def test_name_that_no_channel_has_is_not_found_and_costs_the_indexes_only(tmp_path: Path) -> None:
    web = Web(tmp_path, {f"{BASE}/{subdir}/repodata_shards.msgpack.zst": EMPTY for subdir in SUBDIRS})

    assert Channels(["conda-forge"], SUBDIRS, web).find(CLICK) is None
    assert len(web.asked) == 2


def test_channel_that_fails_is_asked_once(tmp_path: Path) -> None:
    web = Web(tmp_path, failure="index-unreachable")
    channels = Channels(["conda-forge"], SUBDIRS, web)

    for _ in range(3):
        with pytest.raises(SourceError, match="404"):
            channels.find(CLICK)

    assert len(web.asked) == 1


@pytest.mark.parametrize(
    "index",
    [
        b"no zstd",
        packed([])[:-4],
        zstd.compress(b"\xc1"),
        zstd.compress(b"\x00" * 250_000_000),
        zstd.compress(b"\xdd" + (9_000_000).to_bytes(4, "big") + b"\x90" * 9_000_000),
        zstd.compress(b"\x81\x90\x01"),
        zstd.compress(b"\x91" * 100_000 + b"\xc0"),
    ],
    ids=["not compressed", "cut", "no msgpack", "bomb", "many lists", "a list as a key", "deep"],
)
def test_index_that_is_none_is_refused(tmp_path: Path, index: bytes) -> None:
    web = Web(tmp_path, {f"{BASE}/noarch/repodata_shards.msgpack.zst": index})

    with pytest.raises(SourceError) as caught:
        Channels(["conda-forge"], SUBDIRS, web).find(CLICK)

    assert caught.value.slug == "invalid-channel"


def test_shard_with_other_bytes_than_its_name_says_is_refused(tmp_path: Path) -> None:
    files = sharded(f"{BASE}/noarch", {})
    web = Web(
        tmp_path, {url: packed({}) if url.count("shards") == 0 else data for url, data in files.items()}
    )

    with pytest.raises(SourceError) as caught:
        Channels(["conda-forge"], SUBDIRS, web).find(CLICK)

    assert caught.value.slug == "hash-mismatch"


@pytest.mark.parametrize(
    "document", [{"shards": 3}, {"shards": {"click": "text"}}, [], {"shards": {}, "info": 1}]
)
def test_index_of_another_shape_knows_nothing(tmp_path: Path, document: object) -> None:
    web = Web(
        tmp_path, {f"{BASE}/{subdir}/repodata_shards.msgpack.zst": packed(document) for subdir in SUBDIRS}
    )

    assert Channels(["conda-forge"], SUBDIRS, web).find(CLICK) is None


@pytest.mark.parametrize("kind", ["repodata.json", "shards"])
def test_folder_is_a_channel(tmp_path: Path, kind: str) -> None:
    noarch = tmp_path / "channel" / "noarch"
    noarch.mkdir(parents=True)
    if kind == "shards":
        for url, data in sharded(noarch.as_uri(), {"a.conda": record("1.0")}).items():
            Path(url.removeprefix("file://")).write_bytes(data)
    else:
        repodata = {"packages": {"a.tar.bz2": record("1.0"), "b.tar.bz2": {"name": "other", "version": "2"}}}
        (noarch / "repodata.json").write_text(json.dumps(repodata))

    found = Channels([str(tmp_path / "channel")], SUBDIRS, Web(tmp_path, {})).find(CLICK)

    assert found is not None
    assert found.version == "1.0"


@pytest.mark.parametrize("base", ["http://[::1", "file:///etc/", "http://169.254.169.254/"])
def test_shards_that_are_somewhere_else_are_refused(tmp_path: Path, base: str) -> None:
    index = packed({"info": {"shards_base_url": base}, "shards": {"click": b"x" * 32}})
    web = Web(tmp_path, {f"{BASE}/noarch/repodata_shards.msgpack.zst": index})

    with pytest.raises(SourceError) as caught:
        Channels(["conda-forge"], SUBDIRS, web).find(CLICK)

    assert caught.value.slug == "invalid-channel"
    assert len(web.asked) == 1


@pytest.mark.parametrize("version", ["9" * 100, "\x1b[31m", [1], None, 3])
def test_record_without_a_version_is_no_package(tmp_path: Path, version: object) -> None:
    files = sharded(f"{BASE}/noarch", {"a.conda": {"name": "click", "version": version}})

    assert Channels(["conda-forge"], ("noarch",), Web(tmp_path, files)).find(CLICK) is None


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{", "[]", '{"packages": {"a": {"name": "click", "version": "\\ud800"}}}']
)
def test_folder_with_other_repodata_has_no_package_or_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "noarch").mkdir()
    (tmp_path / "noarch" / "repodata.json").write_text(text)

    with suppress(SourceError):
        assert Channels([str(tmp_path)], SUBDIRS, Web(tmp_path, {})).find(CLICK) is None


def test_place_of_a_channel() -> None:
    assert channel_location("https://example.org/channel/") == "https://example.org/channel"
    assert channel_location("./channel/") == "channel"
    assert channel_location("bioconda") == "https://conda.anaconda.org/bioconda"


def services(tmp_path: Path, files: Mapping[str, bytes]) -> Services:
    web = Web(tmp_path, files)
    return Services(
        fetcher=web, names=name_source(RecipeOptions()), channels=Channels(["conda-forge"], ("noarch",), web)
    )


def test_package_that_the_distributor_has_is_a_finding(tmp_path: Path) -> None:
    files = sharded(f"{BASE}/noarch", {"a.conda": record("8.1.7")})

    (found,) = already_packaged([CLICK], services(tmp_path, files))

    assert (found.slug, found.severity) == ("already-packaged", "warning")
    assert "click 8.1.7" in found.message


def test_channel_that_cannot_be_asked_is_a_note(tmp_path: Path) -> None:
    (found,) = already_packaged([CLICK, CLICK], services(tmp_path, {}))

    assert (found.slug, found.severity) == ("channel-not-asked", "info")


def test_offline_the_real_service_touches_no_network(tmp_path: Path) -> None:
    options = RecipeOptions(network=NetworkOptions(offline=True, cache_dir=str(tmp_path)))

    assert list(already_packaged([CLICK], services_of(options, SilentReporter()))) == []

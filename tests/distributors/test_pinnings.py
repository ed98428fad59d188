"""Pinnings that come as packages of a channel."""

from hashlib import sha256
from pathlib import Path

import pytest

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.distributors.pinnings import KeptPinnings
from conda_bridge.distributors.remote import ChannelDistributor, ChannelSetting
from conda_bridge.errors import SourceError, UsageError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.names import CondaName
from conda_bridge.translate.distributors import distributor_policy
from support.channels import Web, record, write_channel

NAME = "conda-forge-pinning"
PINNING = "python:\n- 3.13.* *_cp313\nis_python_min:\n- true\nzlib:\n- {zlib}\nzip_keys:\n-\n  - python\n  - is_python_min\n"
MIGRATION = """\
migrator_ts: 1
__migrator:
  operation: key_add
  primary_key: python
  longterm: true
python:
- 3.14.* *_cp314
is_python_min:
- false
"""


def publish(folder: Path, *versions: str, files: dict[str, str] | None = None) -> Path:
    """Write a channel with pinning packages whose zlib is their version."""
    (folder / "noarch").mkdir(parents=True, exist_ok=True)
    records = []
    for version in versions:
        contents = files or {
            "conda_build_config.yaml": PINNING.format(zlib=version),
            "share/conda-forge/migrations/python314.yaml": MIGRATION,
            "share/conda-forge/migrations/example.exyaml": "- no migration",
        }
        packed = [PackedFile(path=name, content=text.encode()) for name, text in contents.items()]
        one = PackageRecord(conda_name=CondaName(NAME), version=version, build="h1_0", noarch="generic")
        path = folder / "noarch" / f"{one.stem}.conda"
        write_conda(str(path), one, packed)
        records.append(record(NAME, version, sha256=sha256(path.read_bytes()).hexdigest()))
    return write_channel(folder, *records)


def refreshed(tmp_path: Path, policy: DistributorPolicy) -> KeptPinnings:
    kept = KeptPinnings(str(tmp_path / "cache"))
    kept.refresh(policy, Web(tmp_path))
    return kept


def test_newest_pinning_is_kept_and_decides_the_variants(tmp_path: Path) -> None:
    policy = distributor_policy(str(publish(tmp_path / "channel", "2026.9", "2026.10")))
    refreshed(tmp_path, policy)

    setting = ChannelSetting(policy=policy, subdir="linux-64", cache_dir=str(tmp_path / "cache"))
    variants = ChannelDistributor(setting, fetcher=Web(tmp_path)).variants()

    assert variants.get("zlib") == ("2026.10",)
    assert variants.get("python") == ("3.13.* *_cp313", "3.14.* *_cp314")


def test_kept_pinning_says_where_it_is_from(tmp_path: Path) -> None:
    channel = publish(tmp_path / "channel", "2026.9")
    policy = distributor_policy(str(channel))

    found = refreshed(tmp_path, policy).find(policy.name)

    assert found is not None
    assert (found.version, found.channel) == ("2026.9", str(channel))
    assert [path.name for path in sorted(found.path.parent.rglob("*.*yaml"))] == [
        "conda_build_config.yaml",
        "python314.yaml",
    ]


def test_newer_pinning_replaces_the_one_before(tmp_path: Path) -> None:
    policy = distributor_policy(str(publish(tmp_path / "channel", "2026.9")))
    refreshed(tmp_path, policy)
    publish(tmp_path / "channel", "2026.9", "2026.10")

    found = refreshed(tmp_path, policy).find(policy.name)

    assert found is not None
    assert found.version == "2026.10"
    assert len([one for one in found.path.parents[1].iterdir() if one.is_dir()]) == 1


def test_refreshing_twice_is_no_change(tmp_path: Path) -> None:
    policy = distributor_policy(str(publish(tmp_path / "channel", "2026.9")))

    first = refreshed(tmp_path, policy).find(policy.name)

    assert refreshed(tmp_path, policy).find(policy.name) == first


@pytest.mark.parametrize("damage", ["gone", "no JSON", "another shape"])
def test_damaged_pinning_is_none(tmp_path: Path, damage: str) -> None:
    policy = distributor_policy(str(publish(tmp_path / "channel", "2026.9")))
    kept = refreshed(tmp_path, policy)
    (current,) = (tmp_path / "cache").rglob("current.json")
    if damage == "gone":
        next((tmp_path / "cache").rglob("conda_build_config.yaml")).unlink()
    else:
        current.write_text("{" if damage == "no JSON" else "[]")

    assert kept.find(policy.name) is None


def test_channel_without_a_pinning_is_told(tmp_path: Path) -> None:
    channel = write_channel(tmp_path / "channel", record("demo", "1"))

    with pytest.raises(UsageError, match=NAME):
        refreshed(tmp_path, distributor_policy(str(channel)))


@pytest.mark.parametrize("name", ["defaults", "host"])
def test_distributor_that_publishes_none_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        refreshed(tmp_path, distributor_policy(name))

    assert caught.value.slug == "no-pinning"


def test_package_without_a_pinning_file_is_refused_and_nothing_kept(tmp_path: Path) -> None:
    channel = publish(tmp_path / "channel", "2026.9", files={"conda_build_config.txt": "a: 1\n"})

    with pytest.raises(UsageError):
        refreshed(tmp_path, distributor_policy(str(channel)))

    assert not list((tmp_path / "cache").rglob("*"))


def test_damaged_package_is_refused(tmp_path: Path) -> None:
    channel = publish(tmp_path / "channel", "2026.9")
    path = channel / "noarch" / f"{NAME}-2026.9-h1_0.conda"
    path.write_bytes(path.read_bytes()[:-40])

    with pytest.raises(SourceError):
        refreshed(tmp_path, distributor_policy(str(channel)))

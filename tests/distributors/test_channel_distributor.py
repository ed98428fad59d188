"""The distributor of channels: what it offers and what it lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conda_bridge.distributors import DistributorServices, DistributorSetting, distributor_of
from conda_bridge.distributors.remote import ChannelDistributor, ChannelSetting
from conda_bridge.errors import SourceError, UsageError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import MissingPackage, NeededEnvironment
from conda_bridge.model.names import CondaName
from conda_bridge.model.options import IndexOptions, NetworkOptions, RecipeOptions
from conda_bridge.sources.fetcher import IndexFetcher
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.workflows.services import name_source
from support.channels import Web, record, write_channel

PYTHON = record("python", "3.11.7", "h1_0_cpython")


def channel_distributor(
    tmp_path: Path, *records: Mapping[str, Any], name: str = "", variants_file: str = ""
) -> ChannelDistributor:
    channel = write_channel(tmp_path / "channel", *records)
    policy = distributor_policy(name or str(channel))
    setting = ChannelSetting(policy=policy, subdir="linux-64", variants_file=variants_file)
    return ChannelDistributor(setting, fetcher=Web(tmp_path, failure="index-unreachable"))


def missing(
    distributor: ChannelDistributor, *specs: str, beside: Sequence[PackageRecord] = ()
) -> tuple[MissingPackage, ...]:
    environment = NeededEnvironment(label="host of demo", kind="host", specs=specs)
    return distributor.provide([environment], beside=beside).missing


@pytest.mark.parametrize(
    "spec",
    [
        "python",
        "python 3.11.*",
        "python >=3.10,<3.12",
        "python 3.11.* *_cpython",
        "__glibc >=2.17",
        "python ^3$",
    ],
)
def test_spec_that_a_package_satisfies_is_not_missing(tmp_path: Path, spec: str) -> None:
    assert missing(channel_distributor(tmp_path, PYTHON), spec) == ()


@pytest.mark.parametrize(
    ("spec", "reason", "detail"),
    [
        ("zlib", "absent", ""),
        ("python >=3.12", "version", "the newest is 3.11.7"),
        ("python 3.11.* *_cp313", "version", "the newest is 3.11.7, build h1_0_cpython"),
    ],
)
def test_what_no_package_satisfies_is_missing_with_its_reason(
    tmp_path: Path, spec: str, reason: str, detail: str
) -> None:
    (lack,) = missing(channel_distributor(tmp_path, record("python", "3.9"), PYTHON), spec)

    assert (lack.spec, lack.reason, lack.detail, lack.wanted_by) == (spec, reason, detail, "host of demo")


def test_compiler_that_no_channel_has_is_no_project_of_pypi(tmp_path: Path) -> None:
    (lack,) = missing(channel_distributor(tmp_path, PYTHON), "go-cgo_linux-64 1.24.*")

    assert (lack.reason, lack.detail) == ("not-python", "none of its channels has such a compiler")


def test_same_lack_is_told_once_for_an_environment(tmp_path: Path) -> None:
    assert len(missing(channel_distributor(tmp_path, PYTHON), "zlib", "zlib")) == 1


def test_package_beside_hides_those_of_its_name(tmp_path: Path) -> None:
    distributor = channel_distributor(tmp_path, PYTHON, record("demo", "2"))
    own = PackageRecord(conda_name=CondaName("demo"), version="1", build="h1_0")

    assert missing(distributor, "demo 1.*", beside=[own]) == ()
    assert [lack.reason for lack in missing(distributor, "demo 2.*", beside=[own])] == ["version"]


def test_channels_are_full_urls(tmp_path: Path) -> None:
    assert channel_distributor(tmp_path).channels() == ((tmp_path / "channel").as_uri(),)
    assert channel_distributor(tmp_path, name="conda-forge").channels() == (
        "https://conda.anaconda.org/conda-forge",
    )


def test_nothing_of_this_machine_is_needed(tmp_path: Path) -> None:
    distributor = channel_distributor(tmp_path)

    assert (distributor.readable(), distributor.tools()) == ((), ())


def test_channel_that_cannot_be_reached_is_told_before_anything_is_needed(tmp_path: Path) -> None:
    distributor = channel_distributor(tmp_path, name="https://me:secret@example.org/acme")

    with pytest.raises(SourceError) as caught:
        distributor.provide(())

    assert caught.value.slug == "distributor-unreachable"
    assert "secret" not in str(caught.value)


def test_channel_that_fails_later_is_told_with_what_was_asked_for(tmp_path: Path) -> None:
    channel = write_channel(tmp_path / "channel", PYTHON)
    policy = replace(
        distributor_policy(str(channel)), name="acme", channels=(str(channel), "https://example.org/x")
    )
    web = Web(tmp_path, failure="index-unreachable")
    distributor = ChannelDistributor(ChannelSetting(policy=policy, subdir="linux-64"), fetcher=web)

    with pytest.raises(SourceError) as caught:
        missing(distributor, "python", "zlib >=1")

    assert caught.value.message.startswith("acme can't be asked for zlib >=1 (host of demo): ")


def test_offline_a_remote_channel_cannot_be_reached(tmp_path: Path) -> None:
    network = NetworkOptions(offline=True, cache_dir=str(tmp_path))
    setting = ChannelSetting(policy=distributor_policy("conda-forge"), subdir="linux-64")
    distributor = ChannelDistributor(setting, fetcher=IndexFetcher(IndexOptions(), network))

    with pytest.raises(SourceError) as caught:
        distributor.provide(())

    assert caught.value.slug == "distributor-unreachable"


def test_variants_are_those_of_the_row(tmp_path: Path) -> None:
    assert channel_distributor(tmp_path).variants().get("c_stdlib_version") == ("2.17",)


def test_pinning_file_takes_the_place_of_the_row(tmp_path: Path) -> None:
    pins = tmp_path / "pins.yaml"
    pins.write_text("zlib:\n  - 1.3  # [linux]\n")

    variants = channel_distributor(tmp_path, variants_file=str(pins)).variants()

    assert variants.values == (("zlib", ("1.3",)),)


def registered(name: str, tmp_path: Path, *, variants_file: str = "") -> object:
    web = Web(tmp_path)
    services = DistributorServices(channels=web, index=web, names=name_source(RecipeOptions()))
    setting = DistributorSetting(subdir="linux-64", cache_dir=str(tmp_path), variants_file=variants_file)
    return distributor_of(name, setting, services=services)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("conda-forge", "ChannelDistributor"),
        ("defaults", "ChannelDistributor"),
        ("https://example.org/acme", "ChannelDistributor"),
        ("./channel", "ChannelDistributor"),
        ("host", "HostDistributor"),
    ],
)
def test_name_decides_what_kind_of_distributor_it_is(name: str, kind: str, tmp_path: Path) -> None:
    assert type(registered(name, tmp_path)).__name__ == kind


def test_host_with_a_pinning_file_keeps_its_packages(tmp_path: Path) -> None:
    assert type(registered("host", tmp_path, variants_file="pins.yaml")).__name__ == "PinnedDistributor"


def test_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        registered("nowhere", tmp_path)

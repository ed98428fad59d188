"""What builds need isn't removed while they are planned, or while something is installed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from conda_bridge.errors import SourceError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import NeededEnvironment, Provided
from conda_bridge.processes.cache_use import is_in_use
from conda_bridge.workflows.build import builds, install
from support.building import FakeDistributor, Workshop
from support.index_server import IndexServer


@dataclass
class Looking(FakeDistributor):
    """Notes whether the cache is held whenever something is asked for."""

    cache: Path = Path()
    held: list[bool] = field(default_factory=list)

    def provide(
        self, environments: Sequence[NeededEnvironment], *, beside: Sequence[PackageRecord] = ()
    ) -> Provided:
        self.held.append(is_in_use(self.cache))
        if self.error:
            raise self.error
        return super().provide(environments, beside=beside)


@pytest.fixture
def shop(tmp_path: Path, index_server: IndexServer) -> Workshop:
    has = {"python": "3.11.5", "pip": "25.0", "hatchling": "1.27"}
    shop = Workshop(
        folder=tmp_path, index=index_server, distributor=Looking(has=has, cache=tmp_path / "cache")
    )
    shop.offer("demo")
    return shop


@pytest.mark.parametrize("is_dry_run", [False, True])
def test_cache_is_held_from_the_plan_to_the_end(shop: Workshop, is_dry_run: bool) -> None:  # noqa: FBT001
    options = shop.options()

    list(builds(["demo"], options=options, services=shop.services(options), is_dry_run=is_dry_run))

    assert isinstance(shop.distributor, Looking)
    assert shop.distributor.held
    assert all(shop.distributor.held)
    assert not is_in_use(shop.distributor.cache)


def test_cache_is_held_while_something_is_installed(shop: Workshop) -> None:
    options = shop.options()
    results = list(builds(["demo"], options=options, services=shop.services(options)))
    failing = Looking(cache=shop.folder / "cache", error=SourceError("offline", "no network"))
    options = replace(options, install_prefix=str(shop.folder / "env"))
    services = replace(shop.services(options), distributor=failing)

    with pytest.raises(SourceError):
        install(results, options=options, services=services)

    assert failing.held == [True]

"""Channels behind a password, on a server of this machine."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from conda_bridge.distributors.channels import Channels
from conda_bridge.errors import SourceError
from conda_bridge.model.names import CondaName
from conda_bridge.model.options import NetworkOptions
from conda_bridge.protocols import SilentReporter
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.workflows.services import channel_fetcher
from support.channels import channel_files, record
from support.index_server import Answer, IndexServer, Request, running_index_server

EXPECTED = "Basic " + base64.b64encode(b"me:secret").decode()


@pytest.fixture
def server() -> Iterator[IndexServer]:
    """A server whose channel `acme` needs a password."""
    files = channel_files("repodata.json.zst", record("demo", "1.0"))

    def guarded(request: Request) -> Answer:
        if request.headers.get("authorization") != EXPECTED:
            return Answer(status=401)
        body = files.get(request.path.rpartition("/")[2])
        return Answer(status=404) if body is None else Answer(body=body)

    with running_index_server() as running:
        for form in ("repodata_shards.msgpack.zst", "repodata.json.zst"):
            running.on(f"/acme/noarch/{form}", guarded)
        yield running


def channels(channel: str, tmp_path: Path) -> Channels:
    network = NetworkOptions(cache_dir=str(tmp_path / "cache"))
    fetcher = channel_fetcher(distributor_policy(channel), network, SilentReporter())
    return Channels([channel], ("noarch",), fetcher)


def test_password_in_a_channels_url_opens_it(server: IndexServer, tmp_path: Path) -> None:
    address = server.url.removeprefix("http://")

    (found,) = channels(f"http://me:secret@{address}/acme", tmp_path).packages(CondaName("demo"))

    assert (found.version, found.channel) == ("1.0", f"{server.url}/acme")


def test_channel_without_its_password_cannot_be_reached_and_is_not_asked_again(
    server: IndexServer, tmp_path: Path
) -> None:
    asked = channels(f"{server.url}/acme", tmp_path)

    for _ in range(2):
        with pytest.raises(SourceError):
            asked.reach()

    assert len(server.asked()) == 1

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conda_bridge.distributors.channels import Channels
from conda_bridge.distributors.local_channel import LocalChannel
from conda_bridge.errors import BridgeError, SourceError, UsageError
from conda_bridge.model.options import NetworkOptions, RecipeOptions, WheelOptions
from conda_bridge.protocols import SilentReporter
from conda_bridge.workflows.package_sources import PackageSources, package_sources_of
from conda_bridge.workflows.wheel import wheels
from support.channels import record, write_channel
from support.noarch_packages import NoarchParts, write_noarch
from support.staging import FakeFetcher

PARTS = NoarchParts()


def sources(folder: Path, *channels: str) -> PackageSources:
    network = NetworkOptions(offline=True, cache_dir=str(folder / "cache"))
    options = WheelOptions(recipe=RecipeOptions(network=network), channels=channels)
    return package_sources_of(options, SilentReporter())


@pytest.fixture
def channel(tmp_path: Path) -> LocalChannel:
    """A channel with three versions; of the newest there are two builds of the same number and an older one."""
    made = LocalChannel(str(tmp_path / "channel"))
    packages = [
        replace(PARTS, version="1.9"),
        replace(PARTS, version="1.10", build="py_0"),
        replace(PARTS, version="1.10", build="unix_1", build_number=1, depends=("python", "__unix")),
        replace(PARTS, version="1.10", build="win_1", build_number=1, depends=("python", "__win")),
        replace(PARTS, name="native", subdir="linux-64", noarch=""),
    ]
    made.publish([str(write_noarch(tmp_path / "made", one)) for one in packages])
    return made


@pytest.mark.parametrize("is_url", [True, False], ids=["url", "folder"])
@pytest.mark.parametrize(
    ("text", "builds"),
    [
        ("demo", ["demo-1.10-unix_1", "demo-1.10-win_1"]),
        ("demo=1.9", ["demo-1.9-py_0"]),
        ("demo=1.10=py_0", ["demo-1.10-py_0"]),
        ("demo<1.10", ["demo-1.9-py_0"]),
        ("demo==1.10", ["demo-1.10-unix_1", "demo-1.10-win_1"]),
    ],
)
def test_name_stands_for_the_newest_builds_that_fit(
    tmp_path: Path,
    channel: LocalChannel,
    text: str,
    builds: list[str],
    is_url: bool,  # noqa: FBT001
) -> None:
    found = sources(tmp_path, channel.url if is_url else channel.folder).find(text)

    assert [one.filename for one in found] == [f"{build}.conda" for build in builds]


def test_package_of_a_channel_is_on_this_disk_when_it_was_fetched(
    tmp_path: Path, channel: LocalChannel
) -> None:
    packages = sources(tmp_path, channel.url)
    (found,) = packages.find("demo=1.9")

    assert Path(packages.fetch(found)).read_bytes()[:2] == b"PK"


def test_package_that_is_not_what_the_channel_says_is_refused(tmp_path: Path, channel: LocalChannel) -> None:
    packages = sources(tmp_path, channel.url)
    (found,) = packages.find("demo=1.9")
    (Path(channel.folder) / "noarch" / found.filename).write_bytes(b"another")

    with pytest.raises(SourceError) as caught:
        packages.fetch(found)

    assert caught.value.slug == "hash-mismatch"
    assert "index the channel again" in (caught.value.hint or "")


@pytest.mark.parametrize("is_url", [True, False], ids=["url", "folder"])
@pytest.mark.parametrize(
    ("said", "is_taken"),
    [
        ({}, True),
        ({"md5": "own"}, True),
        ({"md5": "OWN"}, True),
        ({"md5": "0" * 32}, False),
        ({"sha256": "AB" * 32}, False),
    ],
    ids=["no hash", "md5", "capitals", "another md5", "another sha256 in capitals"],
)
def test_any_hash_of_a_folder_of_packages_is_held_against_the_file(
    tmp_path: Path,
    said: dict[str, str],
    is_taken: bool,  # noqa: FBT001
    is_url: bool,  # noqa: FBT001
) -> None:
    folder = tmp_path / "channel/noarch"
    package = write_noarch(folder, PARTS)
    md5 = hashlib.md5(package.read_bytes(), usedforsecurity=False).hexdigest()
    own = {"own": md5, "OWN": md5.upper()}
    row = record("demo", "1.0", "py_0", **{key: own.get(value, value) for key, value in said.items()})
    write_channel(folder.parent, row)
    packages = sources(tmp_path, folder.parent.as_uri() if is_url else str(folder.parent))
    (found,) = packages.find("demo")

    if is_taken:
        assert packages.fetch(found) == str(package)
        return
    with pytest.raises(SourceError) as caught:
        packages.fetch(found)
    assert (caught.value.slug, caught.value.where) == ("hash-mismatch", str(package))
    assert "index the channel again" in (caught.value.hint or "")


def test_file_that_a_channel_has_no_longer_is_told(
    tmp_path: Path, channel: LocalChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "made")
    packages = sources(tmp_path, "../channel")
    (found,) = packages.find("demo=1.9")
    gone = Path(channel.folder) / "noarch" / found.filename
    gone.unlink()

    with pytest.raises(SourceError) as caught:
        packages.fetch(found)

    assert (caught.value.slug, caught.value.where) == ("unreadable-source", str(gone))
    assert "get the file again" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "slug", "told"),
    [
        ("demo=3", "package-not-found", "there are versions 1.10, 1.9"),
        ("native=3", "package-not-found", "there is version 1.0"),
        ("demo=1.9=zz", "package-not-found", "of that version there is build py_0"),
        ("demo=1.10=zz", "package-not-found", "there are builds py_0, unix_1, win_1"),
        ("nothing", "package-not-found", None),
        ("demo=1.9 [", "unknown-package", None),
        ("http://example.org/demo-1.0-py_0.conda", "unknown-package", "https"),
        ("https://example.org/demo.zip", "unknown-package", None),
        ("./gone.conda", "unknown-package", "relative"),
        ("demo-1.0-py3-none-any.whl", "unknown-package", None),
    ],
)
def test_what_cannot_be_found_is_told(
    tmp_path: Path, channel: LocalChannel, text: str, slug: str, told: str | None
) -> None:
    with pytest.raises(BridgeError) as caught:
        sources(tmp_path, channel.folder).find(text)

    assert caught.value.slug == slug
    assert told is None or told in (caught.value.hint or "")


URL = "https://example.org/demo-1.0-py_0.conda"


@pytest.mark.parametrize(
    "fragment",
    [
        "md5=000",
        "0" * 31,
        "sha256:00",
        "sha256=zz",
        "sha256",
        "md5",
        f"sha512={'0' * 128}",
        "readme",
        "egg=demo",
    ],
)
def test_hash_that_is_not_understood_is_refused_before_the_download(tmp_path: Path, fragment: str) -> None:
    with pytest.raises(UsageError, match="can't be converted") as caught:
        sources(tmp_path).find(f"{URL}#{fragment}")

    assert caught.value.slug == "unknown-package"
    assert "#md5=" in (caught.value.hint or "")


@pytest.mark.parametrize("form", ["{md5}", "md5={md5}", "{sha256}", "sha256={sha256}", "sha256:{sha256}", ""])
def test_hash_of_a_url_is_held_against_the_file(tmp_path: Path, form: str) -> None:
    content = b"what the hash is of"
    digests = {name: hashlib.new(name, content).hexdigest() for name in ("md5", "sha256")}
    served = {URL: content}
    fetcher = FakeFetcher(tmp_path / "served", served)
    packages = PackageSources((), records=Channels((), (), fetcher), fetcher=fetcher, wary_fetcher=fetcher)
    (found,) = packages.find(f"{URL}#{form.format(**digests)}".rstrip("#"))
    assert Path(packages.fetch(found)).read_bytes() == content

    served[URL] = b"another"
    if form:
        with pytest.raises(SourceError) as caught:
            packages.fetch(found)
        assert caught.value.slug == "hash-mismatch"
        assert "given with that hash" in (caught.value.hint or "")


def test_file_that_is_not_there_is_told_before_all_else(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^there is no such file: ") as caught:
        sources(tmp_path).find(str(tmp_path / "gone.conda"))

    assert (caught.value.slug, caught.value.hint) == ("unknown-package", "check the path")


def test_without_channels_nothing_is_looked_up(tmp_path: Path) -> None:
    network = NetworkOptions(offline=True, cache_dir=str(tmp_path))
    options = WheelOptions(recipe=RecipeOptions(network=network, distributor="host"))

    with pytest.raises(SourceError, match="no channel to ask"):
        package_sources_of(options, SilentReporter()).find("demo")


def test_builds_of_a_channel_for_all_systems_become_one_wheel(tmp_path: Path, channel: LocalChannel) -> None:
    network = NetworkOptions(offline=True, cache_dir=str(tmp_path / "cache"))
    options = WheelOptions(
        recipe=RecipeOptions(network=network), channels=(channel.url,), output_dir=str(tmp_path / "wheels")
    )

    one, other = wheels(["demo"], options=options)

    assert (one.error, other.error, other.same_as) == (None, None, one.package)
    assert [path.name for path in (tmp_path / "wheels").iterdir()] == ["demo-1.10-py3-none-any.whl"]


def test_package_for_one_platform_is_refused_before_it_is_fetched(
    tmp_path: Path, channel: LocalChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    network = NetworkOptions(offline=True, cache_dir=str(tmp_path / "cache"))
    options = WheelOptions(recipe=RecipeOptions(network=network), channels=(channel.folder,))
    for package in Path(channel.folder, "linux-64").glob("*.conda"):
        package.unlink()

    (result,) = wheels(["native"], options=options)

    assert result.error is not None
    assert (result.error.slug, result.error.message) == ("platform-package", "it is for linux-64")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the standard library
        pass


@pytest.fixture
def served(channel: LocalChannel) -> Iterator[str]:
    """The same channel behind a web server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=channel.folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def online(folder: Path, url: str) -> WheelOptions:
    network = NetworkOptions(cache_dir=str(folder / "cache"))
    return WheelOptions(
        recipe=RecipeOptions(network=network), channels=(url,), output_dir=str(folder / "wheels")
    )


def test_package_of_a_served_channel_becomes_a_wheel(tmp_path: Path, served: str) -> None:
    (result,) = wheels(["demo=1.9"], options=online(tmp_path, served))

    assert result.error is None
    assert result.package == "demo-1.9-py_0.conda"
    assert (tmp_path / "wheels/demo-1.9-py3-none-any.whl").is_file()


def test_package_that_is_another_one_than_a_served_channel_says_is_refused(
    tmp_path: Path, channel: LocalChannel, served: str
) -> None:
    package = Path(channel.folder, "noarch", "demo-1.9-py_0.conda")
    package.write_bytes(Path(channel.folder, "noarch", "demo-1.10-py_0.conda").read_bytes())

    (result,) = wheels(["demo=1.9"], options=online(tmp_path, served))

    assert result.error is not None
    assert result.error.slug in {"hash-mismatch", "too-large"}
    assert not (tmp_path / "wheels").exists()


def test_packages_elsewhere_than_the_records_are_fetched_from_there(
    tmp_path: Path, channel: LocalChannel, served: str
) -> None:
    subdir = Path(channel.folder, "noarch")
    place_packages_in(subdir, "../packages")
    (Path(channel.folder) / "packages").mkdir()
    (subdir / "demo-1.9-py_0.conda").rename(Path(channel.folder) / "packages/demo-1.9-py_0.conda")

    (result,) = wheels(["demo=1.9"], options=online(tmp_path, served))
    (local,) = wheels(["demo=1.9"], options=online(tmp_path, channel.folder))

    assert (result.error, local.error) == (None, None)


def test_channel_leads_to_no_private_address(tmp_path: Path, channel: LocalChannel, served: str) -> None:
    place_packages_in(Path(channel.folder, "noarch"), "https://127.0.0.1:9/packages")

    (result,) = wheels(["demo=1.9"], options=online(tmp_path, served))

    assert result.error is not None
    assert result.error.slug == "private-address"


def place_packages_in(subdir: Path, base_url: str) -> None:
    """Let a subdir say that its packages are elsewhere."""
    document = json.loads((subdir / "repodata.json").read_bytes())
    document["info"]["base_url"] = base_url
    for derived in subdir.glob("repodata*"):
        if derived.is_file():
            derived.unlink()
    (subdir / "repodata.json").write_text(json.dumps(document))


def test_served_channel_without_the_package_says_which_was_asked(tmp_path: Path, served: str) -> None:
    (result,) = wheels(["nowhere"], options=online(tmp_path, served))

    assert result.error is not None
    assert result.error.slug == "package-not-found"
    assert served in result.error.message


def test_channel_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(BridgeError, match="there is no such folder") as caught:
        sources(tmp_path, str(tmp_path / "nochan"))

    assert caught.value.slug == "no-such-channel"

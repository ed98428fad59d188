"""All packages of a name, in whichever form a channel tells of them."""

import tracemalloc
from pathlib import Path

import pytest

from conda_bridge.archives.zstandard import zstd
from conda_bridge.distributors.channel_documents import whole_repodata
from conda_bridge.distributors.channels import Channels
from conda_bridge.errors import SourceError
from conda_bridge.model.names import CondaName
from conda_bridge.model.source import FileLink
from support.channels import FORMS, Web, channel_files, record, write_channel

DEMO = CondaName("demo")
SUBDIRS = ("noarch", "linux-64")
BASE = "https://example.org/acme"


def on_the_web(form: str) -> dict[str, bytes]:
    found = channel_files(
        form, record("demo", "1.0", sha256="ab" * 32), record("demo", "2.0", build_number=3)
    )
    return {f"{BASE}/noarch/{name}": data for name, data in found.items()}


@pytest.mark.parametrize("form", FORMS)
def test_folder_tells_of_its_packages_in_any_form(tmp_path: Path, form: str) -> None:
    channel = write_channel(tmp_path / "channel", record("demo", "1.0"), record("other", "3"), form=form)

    (found,) = Channels([str(channel)], SUBDIRS, Web(tmp_path)).packages(DEMO)

    assert (found.version, found.build, found.subdir) == ("1.0", "h1_0", "noarch")
    assert found.url == (channel / "noarch" / "demo-1.0-h1_0.conda").as_uri()


@pytest.mark.parametrize("form", FORMS)
def test_url_tells_of_its_packages_in_any_form(tmp_path: Path, form: str) -> None:
    found = Channels([BASE], SUBDIRS, Web(tmp_path, on_the_web(form))).packages(DEMO)

    assert [(one.version, one.build_number) for one in found] == [("1.0", 0), ("2.0", 3)]
    assert (found[0].url, found[0].sha256) == (f"{BASE}/noarch/demo-1.0-h1_0.conda", "ab" * 32)


@pytest.mark.parametrize("form", FORMS)
def test_url_of_a_folder_is_a_channel(tmp_path: Path, form: str) -> None:
    channel = write_channel(tmp_path / "channel", record("demo", "1.0"), form=form)
    web = FileWeb(tmp_path)

    assert len(Channels([channel.as_uri()], SUBDIRS, web).packages(DEMO)) == 1


class FileWeb(Web):
    """Answers for files that aren't there as the real one does."""

    def get_file(self, link: FileLink) -> str:
        path = Path(link.url.removeprefix("file://"))
        if not path.is_file():
            raise SourceError("unreadable-source", "can't be read", where=link.url)
        return str(path)


def test_repodata_are_read_once(tmp_path: Path) -> None:
    web = Web(tmp_path, on_the_web("repodata.json.zst"))
    channels = Channels([BASE], ("noarch",), web)

    for name in ("demo", "other", "demo"):
        channels.packages(CondaName(name))

    assert web.asked == [f"{BASE}/noarch/repodata_shards.msgpack.zst", f"{BASE}/noarch/repodata.json.zst"]


def test_first_channel_that_has_a_name_is_the_only_one_that_counts(tmp_path: Path) -> None:
    first = write_channel(tmp_path / "first", record("demo", "1.0"))
    second = write_channel(tmp_path / "second", record("demo", "2.0"), record("other", "3"))
    channels = Channels([str(first), str(second)], SUBDIRS, Web(tmp_path))

    assert [one.version for one in channels.packages(DEMO)] == ["1.0"]
    assert [one.version for one in channels.packages(CondaName("other"))] == ["3"]


def test_credentials_are_left_to_the_fetcher_and_shown_to_nobody(tmp_path: Path) -> None:
    web = Web(tmp_path, on_the_web("repodata.json"))

    (found, _) = Channels(["https://me:secret@example.org/acme"], ("noarch",), web).packages(DEMO)

    assert "secret" not in f"{found} {web.asked}"
    assert found.channel == BASE


def test_token_is_in_no_complaint(tmp_path: Path) -> None:
    channel = "https://example.org/t/tk-secret/acme"
    web = Web(tmp_path, {f"{channel}/noarch/repodata_shards.msgpack.zst": b"nonsense"})

    with pytest.raises(SourceError) as caught:
        Channels([channel], ("noarch",), web).packages(DEMO)

    assert "tk-secret" not in str(caught.value)


def test_channel_that_answers_is_reached(tmp_path: Path) -> None:
    Channels([BASE], SUBDIRS, Web(tmp_path, on_the_web("repodata.json"))).reach()
    Channels([], SUBDIRS, Web(tmp_path)).reach()


@pytest.mark.parametrize("channel", ["./nowhere", BASE])
def test_what_has_no_repodata_is_no_channel(tmp_path: Path, channel: str) -> None:
    with pytest.raises(SourceError) as caught:
        Channels([channel], SUBDIRS, Web(tmp_path)).reach()

    assert caught.value.slug == "invalid-channel"


def test_second_channel_is_not_asked_whether_it_answers(tmp_path: Path) -> None:
    first = write_channel(tmp_path / "first", record("python", "3.11"))
    web = Web(tmp_path, failure="index-unreachable")

    Channels([str(first), BASE], SUBDIRS, web).reach()

    assert web.asked == []


def test_a_small_document_is_never_unpacked_into_a_large_one() -> None:
    bomb = zstd.compress(bytes(100_000_000))

    tracemalloc.start()
    with pytest.raises(SourceError, match="larger than 1,000,000 bytes"):
        whole_repodata(bomb, "noarch")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 10_000_000


def test_a_document_that_is_cut_short_is_refused() -> None:
    with pytest.raises(SourceError, match="cut short"):
        whole_repodata(zstd.compress(b'{"packages": {}}')[:-3], "noarch")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("base_url", "place"),
    [
        ("https://cdn.example.net/acme/noarch", "https://cdn.example.net/acme/noarch"),
        ("https://cdn.example.net/acme/noarch/", "https://cdn.example.net/acme/noarch"),
        ("https://me:secret@cdn.example.net/p", "https://cdn.example.net/p"),
        ("../packages", "https://example.org/acme/packages"),
        ("/packages/noarch/", "https://example.org/packages/noarch"),
        ("", f"{BASE}/noarch"),
    ],
)
def test_packages_are_where_the_channel_says(tmp_path: Path, form: str, base_url: str, place: str) -> None:
    files = channel_files(form, record("demo", "1.0"), base_url=base_url)
    web = Web(tmp_path, {f"{BASE}/noarch/{name}": data for name, data in files.items()})

    (found,) = Channels([BASE], SUBDIRS, web).packages(DEMO)

    assert found.url == f"{place}/demo-1.0-h1_0.conda"


@pytest.mark.parametrize(
    ("base_url", "place"),
    [("../packages", "{folder}/packages"), ("https://example.org/p/", "https://example.org/p")],
)
def test_packages_of_a_folder_are_where_it_says(tmp_path: Path, base_url: str, place: str) -> None:
    channel = write_channel(tmp_path / "channel", record("demo", "1.0"), base_url=base_url)

    for named in (str(channel), channel.as_uri()):
        (found,) = Channels([named], SUBDIRS, FileWeb(tmp_path)).packages(DEMO)
        assert found.url == f"{place.format(folder=channel.as_uri())}/demo-1.0-h1_0.conda"


@pytest.mark.parametrize(
    "base_url",
    [
        "file:///etc",
        "http://example.org/acme/noarch",
        "ftp://example.org",
        "https://example.org/p?token=abc",
        "https://[::",
    ],
)
def test_packages_are_in_no_place_with_less_protection(tmp_path: Path, base_url: str) -> None:
    files = channel_files("repodata.json", record("demo", "1.0"), base_url=base_url)
    web = Web(tmp_path, {f"{BASE}/noarch/{name}": data for name, data in files.items()})

    with pytest.raises(SourceError) as caught:
        Channels([BASE], SUBDIRS, web).packages(DEMO)

    assert caught.value.slug == "invalid-channel"
    assert "abc" not in str(caught.value)


@pytest.mark.parametrize("base_url", ["http://example.org/p", "file://host/p"])
def test_folder_leads_to_no_place_with_less_protection(tmp_path: Path, base_url: str) -> None:
    channel = write_channel(tmp_path / "channel", record("demo", "1.0"), base_url=base_url)

    with pytest.raises(SourceError) as caught:
        Channels([str(channel)], SUBDIRS, Web(tmp_path)).packages(DEMO)

    assert caught.value.slug == "invalid-channel"

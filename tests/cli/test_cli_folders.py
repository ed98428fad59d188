from pathlib import Path

import pytest

from conda_bridge.errors import UsageError
from conda_bridge.workflows.building.installing import check_prefix
from support.cli_runs import MakeSdist, RunCli
from support.wheels import WheelParts, write_wheel

COMMANDS = [
    ("wheel", "demo.conda", "-o"),
    ("wheel", "demo.conda", "--index"),
    ("conda", "demo.whl", "-o"),
    ("conda", "demo.whl", "--as-channel", "-o"),
    ("recipe", "demo", "-o"),
    ("recipe", "demo", "--report"),
    ("build", "demo", "-o"),
    ("build", "demo", "--install"),
    ("verify", "demo", "--keep"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("url", ["https://user:word@example.org/simple", "file:///srv/simple"])
def test_url_in_place_of_a_folder_is_refused(
    cli: RunCli, work: Path, command: tuple[str, ...], url: str
) -> None:
    done = cli(*command, url, "--offline")

    assert done.status == 2
    assert "error[E105]" in done.err
    assert "it is a URL" in done.err
    assert "user:word" not in done.err
    assert list(work.iterdir()) == []


@pytest.mark.parametrize(
    "text", ['output = "https://example.org/x"', '[wheel]\nindex = "https://example.org/x"']
)
def test_url_in_place_of_a_folder_is_refused_in_a_file_too(cli: RunCli, work: Path, text: str) -> None:
    (work / "conda-bridge.toml").write_text(text)

    done = cli("wheel", "demo.conda", "--offline")

    assert done.status == 2
    assert "needs the path of a folder, and no URL, not 'https://example.org/x'" in done.err


@pytest.mark.parametrize("target", ["nowhere", "link"])
@pytest.mark.parametrize("place", ["link", "link/folder"])
@pytest.mark.parametrize("options", [(), ("--as-channel",)])
def test_folder_that_is_a_link_to_nowhere_is_told_so(
    cli: RunCli, work: Path, target: str, place: str, options: tuple[str, ...]
) -> None:
    wheel = write_wheel(work, WheelParts())
    (work / "link").symlink_to(target)

    done = cli("conda", wheel.name, "-o", place, *options, "--offline")

    assert done.status == 2
    assert "link: it is a link that leads nowhere" in done.err


INTERNAL_ERROR = 70
LONG = "n" * 300
NOBODY = "~nobody-of-that-name/x"


@pytest.mark.parametrize("name", [LONG, f"./{LONG}", NOBODY])
@pytest.mark.parametrize("suffix", ["", ".conda", ".whl"])
@pytest.mark.parametrize("command", ["recipe", "check", "build", "verify", "wheel", "conda", "explain"])
def test_argument_that_names_no_file_is_told_as_missing(
    cli: RunCli, command: str, name: str, suffix: str
) -> None:
    done = cli(command, f"{name}{suffix}", "--offline")

    assert done.status != INTERNAL_ERROR
    assert "error[E" in done.err


@pytest.mark.parametrize("place", [LONG, f"{LONG}/x"])
@pytest.mark.parametrize("command", [("-o",), ("--as-channel", "-o")])
def test_folder_that_no_file_system_can_name_is_told(
    cli: RunCli, work: Path, command: tuple[str, ...], place: str
) -> None:
    wheel = write_wheel(work, WheelParts())

    done = cli("conda", wheel.name, *command, place, "--offline")

    assert done.status == 2
    assert "error[E105]" in done.err
    assert "too long" in done.err


@pytest.mark.parametrize("option", ["-o", "--report", "--save-facts"])
@pytest.mark.parametrize("place", [LONG, f"here/{LONG}"])
def test_place_of_a_recipe_that_no_file_system_can_name_is_told(
    cli: RunCli, make_sdist: MakeSdist, option: str, place: str
) -> None:
    source = make_sdist()

    done = cli("recipe", source.name, option, f"{place}.facts.json", "--offline")

    assert done.status == 2
    assert "error[E105]" in done.err
    assert "too long" in done.err


@pytest.mark.parametrize("channel", [LONG, f"./{LONG}", NOBODY])
def test_channel_that_no_file_system_can_name_is_told(cli: RunCli, channel: str) -> None:
    done = cli("wheel", "demo", "--channel", channel, "--offline")

    assert done.status in {2, 3}
    assert "error[E" in done.err


@pytest.mark.parametrize("prefix", [LONG, "file/below", "link"])
def test_prefix_that_cannot_become_a_folder_is_told_before_anything_is_built(work: Path, prefix: str) -> None:
    (work / "file").touch()
    (work / "link").symlink_to("nowhere")

    with pytest.raises(UsageError) as caught:
        check_prefix(prefix)

    assert (caught.value.slug, caught.value.hint) == ("not-writable", "name another folder with --install")

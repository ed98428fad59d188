from pathlib import Path

import pytest

from support.cli_runs import RunCli
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

"""The command `distributor`, without a network and without making anything of this machine."""

import json
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.cli.main import program, run
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName
from support.channels import record, write_channel
from support.cli_runs import RunCli
from support.terminals import Terminal

OWN = """\
[distributors.acme]
channels = ["https://me:secret@example.org/t/tk-1/acme", "./local"]
pythons = ["3.12"]
"""


def pinning_channel(folder: Path) -> Path:
    (folder / "noarch").mkdir(parents=True)
    one = PackageRecord(
        conda_name=CondaName("conda-forge-pinning"), version="2026.10", build="h1_0", noarch="generic"
    )
    path = folder / "noarch" / f"{one.stem}.conda"
    pinning = PackedFile(path="conda_build_config.yaml", content=b"zlib:\n- 1.3\npython:\n- 3.13.* *_cp313\n")
    write_conda(str(path), one, [pinning])
    digest = sha256(path.read_bytes()).hexdigest()
    return write_channel(folder, record("conda-forge-pinning", "2026.10", sha256=digest))


def test_channels_are_not_made(cli: RunCli) -> None:
    run = cli("distributor", "make", "conda-forge")

    assert run.status == 2
    assert "only host is made; conda-forge is a channel" in run.err


def test_list_names_every_distributor_and_its_channels(cli: RunCli) -> None:
    run = cli("distributor", "list")

    assert run.status == 0
    assert [line.split()[0] for line in run.out.splitlines()] == ["conda-forge", "defaults", "host"]
    assert "https://conda.anaconda.org/conda-forge" in run.out
    assert "this machine" in run.out


def test_list_has_the_users_own_without_their_secrets(cli: RunCli, work: Path) -> None:
    (work / "conda-bridge.toml").write_text(OWN)

    run = cli("distributor", "list")

    assert "acme (yours)" in run.out
    assert "https://example.org/t/.../acme" in run.out
    assert str(work / "local") in run.out
    assert not {"secret", "tk-1"} & set(run.out.replace("/", " ").replace(":", " ").split())


def test_list_asks_only_when_it_is_told_to(cli: RunCli) -> None:
    asked = json.loads(cli("distributor", "list", "--ask", "--offline", "--json").out)["results"]
    unasked = json.loads(cli("distributor", "list", "--json").out)["results"]

    assert [row["status"] for row in asked] == ["unreachable", "unreachable", ""]
    assert {row["status"] for row in unasked} == {""}


def test_show_tells_the_variants_of_a_platform(cli: RunCli) -> None:
    run = cli("distributor", "show", "conda-forge", "--platform", "win-64")

    assert run.status == 0
    assert "variants on win-64" in run.out
    assert "vs2022" in run.out
    assert "r_base" not in run.out
    assert "more keys with --all" in run.err


def test_show_all_tells_every_key(cli: RunCli) -> None:
    run = cli("distributor", "show", "conda-forge", "--platform", "linux-64", "--all")

    assert "r_base" in run.out
    assert "--all" not in run.err


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("defaults", "conda-bridge's own table"),
        ("./channel", "conda-bridge's table for conda-forge"),
        ("acme", "your configuration, over conda-bridge's table for conda-forge"),
    ],
)
def test_show_says_who_says_so(cli: RunCli, work: Path, name: str, origin: str) -> None:
    (work / "conda-bridge.toml").write_text(OWN)

    run = cli("distributor", "show", name, "--platform", "linux-64")

    assert f"variants on linux-64, from {origin}\n" in run.out


def test_folder_is_not_said_to_have_the_pythons_of_its_conventions(cli: RunCli, work: Path) -> None:
    (work / "conda-bridge.toml").write_text(OWN)

    told = {
        name: cli("distributor", "show", name, "--platform", "linux-64").out for name in ("./channel", "acme")
    }

    assert "those that conda-forge builds for: 3." in told["./channel"]
    assert "those that" not in told["acme"].partition("pythons")[2].partition("\n")[0]


def test_show_reads_a_pinning_file_and_migrations(cli: RunCli, work: Path) -> None:
    (work / "pins.yaml").write_text("python:\n- 3.13.* *_cp313\nzlib:\n- 1.2  # [linux]\nextend_keys:\n- a\n")
    (work / "new.yaml").write_text("migrator_ts: 1\n__migrator:\n  kind: version\nzlib:\n- 1.3\n")

    run = cli(
        "distributor", "show", "conda-forge", "--platform", "linux-64", "--variants", "pins.yaml",
        "--migration", "new.yaml", "--json",
    )  # fmt: skip

    answer = json.loads(run.out)
    assert answer["results"][0]["variants"] == [
        {"key": "python", "values": ["3.13.* *_cp313"]},
        {"key": "zlib", "values": ["1.3"]},
    ]
    assert answer["results"][0]["variants_origin"] == "pins.yaml"
    assert [one["slug"] for one in answer["diagnostics"]] == ["pinning-key-ignored"]


def test_show_of_a_broken_pinning_file_fails_with_its_line(cli: RunCli, work: Path) -> None:
    (work / "pins.yaml").write_text("a:\n- 1  # [f(x)]\n")

    run = cli("distributor", "show", "conda-forge", "--variants", "pins.yaml")

    assert run.status == 2
    assert "E116" in run.err
    assert "line 2" in run.err


def test_show_of_the_machine_on_another_platform_is_refused(cli: RunCli) -> None:
    run = cli("distributor", "show", "host", "--platform", "win-64")

    assert run.status == 2
    assert "this machine" in run.err


def test_show_tells_what_this_machine_gives(cli: RunCli) -> None:
    run = cli("distributor", "show", "host")

    assert run.status == 0
    assert "made on this machine" in run.out
    assert ", 0 packages, 0.0 MB" in run.out
    assert ", from this machine\n" in run.out


def test_pinning_file_does_not_change_this_machines_python(cli: RunCli, work: Path) -> None:
    (work / "pins.yaml").write_text("python:\n- 3.99.*\nzlib:\n- 1.3\n")

    run = cli("distributor", "show", "host", "--variants", "pins.yaml", "--all")

    assert "this machine, and pins.yaml" in run.out
    assert "3.99" not in run.out
    assert "1.3" in run.out


@pytest.mark.network
def test_make_tells_where_the_channel_is_and_refresh_forgets_its_choices(cli: RunCli) -> None:
    made = cli("distributor", "make", "host", "--json")
    shown = json.loads(cli("distributor", "show", "host", "--json").out)["results"][0]["host"]
    refreshed = cli("distributor", "refresh", "host")

    (result,) = json.loads(made.out)["results"]
    assert made.status == 0
    assert Path(result["channel_dir"], "noarch", "repodata.json").is_file()
    assert (result["packages"], result["size_bytes"]) == (shown["packages"], shown["size_bytes"])
    assert refreshed.status == 0
    assert "newest" in refreshed.out


def test_show_of_an_unknown_name_tells_the_known_ones(cli: RunCli) -> None:
    run = cli("distributor", "show", "nowhere")

    assert run.status == 2
    assert "./nowhere" in run.err


def test_refreshed_pinning_decides_from_then_on(cli: RunCli, work: Path) -> None:
    channel = str(pinning_channel(work / "channel"))

    refreshed = cli("distributor", "refresh", channel)
    shown = json.loads(cli("distributor", "show", channel, "--platform", "linux-64", "--json").out)

    assert refreshed.status == 0
    assert "2026.10" in refreshed.out
    assert {"key": "zlib", "values": ["1.3"]} in shown["results"][0]["variants"]
    assert "conda-forge-pinning 2026.10" in shown["results"][0]["variants_origin"]


def test_refresh_answers_programs(cli: RunCli, work: Path) -> None:
    channel = str(pinning_channel(work / "channel"))

    (result,) = json.loads(cli("distributor", "refresh", channel, "--json").out)["results"]

    assert (result["name"], result["version"], result["channel"]) == (channel, "2026.10", channel)


def test_refresh_of_a_channel_that_cannot_be_reached_says_what_goes_on(cli: RunCli) -> None:
    run = cli("distributor", "refresh", "conda-forge", "--offline")

    assert run.status == 3
    assert "E226" in run.err
    assert "--variants" in run.err


def test_refresh_of_what_publishes_no_pinning_is_refused(cli: RunCli) -> None:
    run = cli("distributor", "refresh", "defaults")

    assert run.status == 2
    assert "E117" in run.err


def test_only_the_machine_can_be_made(cli: RunCli) -> None:
    assert cli("distributor", "make", "conda-forge").status == 2


@pytest.mark.parametrize(
    ("words", "incomplete", "offered"),
    [
        (["distributor"], "", {"list", "show", "make", "refresh", "clean"}),
        (["distributor", "show"], "d", {"defaults"}),
        (["distributor", "show", "conda-forge", "--platform"], "osx", {"osx-64", "osx-arm64"}),
        (["distributor", "make"], "", {"host"}),
    ],
)
def test_shells_complete_it(words: list[str], incomplete: str, offered: set[str]) -> None:
    completer = ShellComplete(program, {}, "conda-bridge", "_CONDA_BRIDGE_COMPLETE")

    assert {item.value for item in completer.get_completions(words, incomplete)} == offered


@pytest.mark.slow
def test_making_draws_its_progress_on_a_terminal(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    run(["distributor", "make", "host", "--offline"])

    assert work.is_dir()
    assert "making packages of python" in terminal.getvalue()


@pytest.fixture
def old_channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    folder = tmp_path / "caches/conda-bridge/host" / ("0" * 16)
    (folder / "channel/noarch").mkdir(parents=True)
    (folder / "used").write_text("1\n", encoding="ascii")
    return folder


def test_list_shows_what_builds_keep(cli: RunCli, old_channel: Path) -> None:
    run = cli("distributor", "list")

    assert "kept for builds on this machine: 0.0 MB" in run.out
    assert str(old_channel) in run.out
    assert "older format" in run.out
    assert "conda-bridge distributor clean" in run.err
    assert json.loads(cli("distributor", "list", "--json").out)["kept"][0]["path"] == str(old_channel)


def test_clean_says_first_and_then_removes(cli: RunCli, old_channel: Path) -> None:
    dry = cli("distributor", "clean", "--dry-run")

    assert "would be removed: older format" in dry.out
    assert old_channel.is_dir()

    run = cli("distributor", "clean", "--json")

    assert run.status == 0
    assert [row["is_removed"] for row in json.loads(run.out)["results"]] == [True]
    assert not old_channel.exists()

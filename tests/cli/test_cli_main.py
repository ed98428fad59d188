import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.cli_runs import MakeSdist, RunCli

PROGRAM = (sys.executable, "-m", "conda_bridge")
COMMANDS = (
    "recipe",
    "explain",
    "check",
    "build",
    "wheel",
    "conda",
    "verify",
    "names",
    "distributor",
    "doctor",
    "completion",
)


def modules_after(*arguments: str, cwd: Path) -> set[str]:
    """The modules that a command line has imported when it ends."""
    code = f"import sys; from conda_bridge.cli.main import run; run({list(arguments)!r}); print('|', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=cwd)
    return set(done.stdout.rpartition("|")[2].split())


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    imported = modules_after("--help", cwd=tmp_path)

    assert "click" in imported
    assert imported.isdisjoint(
        {"requests", "rich", "jinja2", "packaging", "ruamel", "tomllib", "platformdirs"}
    )
    assert not [
        name for name in imported if name.startswith(("conda_bridge.workflows", "conda_bridge.model"))
    ]


def test_local_sdist_is_converted_without_the_heavy_modules(work: Path, make_sdist: MakeSdist) -> None:
    make_sdist()

    imported = modules_after("recipe", "./demo-1.0.tar.gz", "--offline", "-q", cwd=work)

    assert (work / "demo/recipe.yaml").is_file()
    assert imported.isdisjoint(
        {
            "requests",
            "urllib3",
            "rich",
            "email",
            "importlib.metadata",
            "concurrent.futures",
            "asyncio",
            "ssl",
        }
    )
    assert "conda_bridge.cli.answers" not in imported


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_has_an_example_and_imports_no_workflow(
    cli: RunCli, tmp_path: Path, command: str
) -> None:
    done = cli(command, "--help")

    assert done.status == 0
    assert "conda-bridge" in done.out
    assert not [name for name in modules_after(command, "--help", cwd=tmp_path) if "workflows" in name]


def test_help_lists_the_commands_and_the_exit_status(cli: RunCli) -> None:
    done = cli("--help")

    assert done.status == 0
    assert all(f"\n  {command} " in done.out for command in COMMANDS)
    assert "Exit status" in done.out


def test_no_command_shows_the_help_on_stderr(cli: RunCli) -> None:
    done = cli()

    assert (done.status, done.out) == (2, "")
    assert "Usage: conda-bridge" in done.err


def test_version_is_printed(cli: RunCli) -> None:
    done = cli("--version")

    assert done.status == 0
    assert done.out.startswith("conda-bridge ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("recpie",), "there is no command 'recpie'; did you mean 'recipe'?"),
        (("zzz",), f"there is no command 'zzz'; commands are {', '.join(COMMANDS)}"),
        (("--wat",), "no such option '--wat'"),
        (("names",), "missing command"),
        (("names", "to-cnda"), "no such command 'to-cnda'"),
    ],
)
def test_mistyped_command_line_is_answered_with_what_was_meant(
    cli: RunCli, arguments: tuple[str, ...], told: str
) -> None:
    done = cli(*arguments)

    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"error[E101]: {told}")
    assert "\n  do:  conda-bridge" in done.err


def test_bug_is_reported_as_one_with_seventy(cli: RunCli, monkeypatch: pytest.MonkeyPatch) -> None:
    # click asks for variables that only a shell sets.
    monkeypatch.setenv("_CONDA_BRIDGE_COMPLETE", "bash_complete")
    monkeypatch.delenv("COMP_WORDS", raising=False)

    short, long, machine = cli(), cli("-v"), cli("--json")

    assert short.status == long.status == machine.status == 70
    assert short.err.startswith("error: conda-bridge itself failed, which is a bug: KeyError: 'COMP_WORDS'")
    assert "please report it" in short.err
    assert "Traceback" not in short.err
    assert "Traceback" in long.err
    assert json.loads(machine.out)["errors"][0]["slug"] == "bug"


def test_reader_that_goes_away_is_no_bug(tmp_path: Path) -> None:
    command = subprocess.Popen(
        [*PROGRAM, "completion", "zsh"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    )
    assert command.stdout is not None
    command.stdout.close()
    _, err = command.communicate(timeout=60)

    assert command.returncode == 141
    assert err == b""


def test_narrow_encoding_of_stdout_is_no_failure(tmp_path: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, "names", "to-conda", "x-\u00e9"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )

    assert done.returncode == 4
    assert b"\\xe9" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_names_the_program(cli: RunCli, shell: str) -> None:
    done = cli("completion", shell)

    assert done.status == 0
    assert "_CONDA_BRIDGE_COMPLETE" in done.out
    (script,) = json.loads(cli("completion", shell, "--json").out)["results"]
    assert script.rstrip("\n") == done.out.rstrip("\n")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("conda-bridge ", set(COMMANDS)),
        ("conda-bridge rec", {"recipe"}),
        ("conda-bridge recipe --dr", {"--dry-run"}),
        ("conda-bridge names to-", {"to-conda", "to-pypi"}),
        ("conda-bridge recipe --distributor conda-f", {"conda-forge"}),
    ],
)
def test_shell_is_offered_what_may_follow(tmp_path: Path, words: str, offered: set[str]) -> None:
    environment = {
        **os.environ,
        "_CONDA_BRIDGE_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - (not words.endswith(" "))),
    }

    done = subprocess.run(PROGRAM, capture_output=True, text=True, check=True, env=environment, cwd=tmp_path)

    assert {line.partition(",")[2] for line in done.stdout.split()} == offered


def test_bash_source_is_the_completion_script(tmp_path: Path, cli: RunCli) -> None:
    environment = {**os.environ, "_CONDA_BRIDGE_COMPLETE": "bash_source"}

    done = subprocess.run(PROGRAM, capture_output=True, text=True, check=True, env=environment, cwd=tmp_path)

    assert done.stdout.rstrip("\n") == cli("completion", "bash").out.rstrip("\n")

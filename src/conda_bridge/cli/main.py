"""The `conda-bridge` command: finds the subcommand, runs it, and turns whatever happens into an exit status.

This is the one place that catches what nobody expected. Commands are imported when they are called, and import
workflows when they run, so that `--help` costs little.
"""

import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType

import click

from conda_bridge.cli.console import Console, prepare_streams, printable
from conda_bridge.cli.jsonl import write_failures, write_interruption
from conda_bridge.cli.streams import OutputRefusedError, discard_output, prepare_descriptors
from conda_bridge.errors import BridgeError, UsageError

__all__ = ["COMPLETION_VARIABLE", "PROGRAM", "main", "program", "run"]

PROGRAM = "conda-bridge"
COMPLETION_VARIABLE = "_CONDA_BRIDGE_COMPLETE"
EXIT_USAGE = 2
EXIT_BUG = 70
EXIT_INTERRUPTED = 130
EXIT_PIPE_CLOSED = 141
EXIT_TERMINATED = 143

_COMMANDS = {
    "recipe": "conda_bridge.cli.recipe",
    "explain": "conda_bridge.cli.explain",
    "check": "conda_bridge.cli.check",
    "build": "conda_bridge.cli.build",
    "wheel": "conda_bridge.cli.wheel",
    "conda": "conda_bridge.cli.conda",
    "verify": "conda_bridge.cli.verify",
    "names": "conda_bridge.cli.names",
    "distributor": "conda_bridge.cli.distributor",
    "doctor": "conda_bridge.cli.doctor",
    "completion": "conda_bridge.cli.completion",
}
"""Each module holds a click command of the same name."""


class _LazyGroup(click.Group):
    """Imports the module of a command when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(_COMMANDS[cmd_name]), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            import difflib  # noqa: PLC0415 - only a mistyped command needs it

            near = difflib.get_close_matches(name, _COMMANDS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; commands are {', '.join(_COMMANDS)}"
            ctx.fail(f"there is no command {name!r}{hint}")
        return super().resolve_command(ctx, args)


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001
    if wanted and not ctx.resilient_parsing:
        from conda_bridge.version import __version__  # noqa: PLC0415 - nothing else here needs it

        click.echo(f"{PROGRAM} {__version__}")
        ctx.exit()


@click.group(
    cls=_LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 done; 1 done, with findings (check, verify, --strict); 2 usage or configuration; 3 source; "
    "4 metadata; 5 translation; 6 recipe; 7 solving; 8 building; 9 repackaging; 10 several kinds of failure; 70 a bug of conda-bridge; 130 interrupted; "
    "143 terminated.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version.",
)
@click.pass_context
def program(ctx: click.Context) -> int:
    """Turn Python source distributions into conda recipes, every line with its reason.

    \b
    Examples:
      conda-bridge recipe click               recipe of the newest release on PyPI
      conda-bridge recipe ./mypackage -o out  recipe of a project directory
      conda-bridge explain out/mypackage      why each line is in that recipe
      conda-bridge check feedstock            what a reviewer would say of a recipe
      conda-bridge build click                packages in a channel, built and tested
      conda-bridge wheel pkgs/*.conda         wheels of noarch packages, and why others can't be
      conda-bridge conda click                a noarch package of a release's wheel
      conda-bridge verify click               the proof that its wheel comes back from conda
      conda-bridge names to-conda torch       what conda calls a PyPI project
    """  # noqa: D301 - \b is click's mark for text that isn't rewrapped
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        return EXIT_USAGE
    return 0


class _Terminated(KeyboardInterrupt):
    """We were told to end; whatever ends us on Ctrl-C, such as a child or a half-written file, is seen to as well."""


def _terminate(number: int, _frame: FrameType | None) -> None:
    # Being told twice must not interrupt the tidying up.
    signal.signal(number, signal.SIG_IGN)
    raise _Terminated


def _interrupt(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, _be_patient)
    raise KeyboardInterrupt


def _be_patient(number: int, _frame: FrameType | None) -> None:
    """Tidy up all the same on the second Ctrl-C, which often comes right after the first; the third one ends us."""
    signal.signal(number, signal.SIG_DFL)
    os.write(sys.stderr.fileno(), b"\ntidying up; Ctrl-C once more ends at once\n")


def main() -> None:
    """Run the command line of this process and exit."""
    signal.signal(signal.SIGTERM, _terminate)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # In the background of a shell it is ignored, and stays so.
        signal.signal(signal.SIGINT, _interrupt)
    prepare_descriptors()
    # A short life makes much and drops little: fewer collections save a twentieth of a conversion (measured).
    gc.set_threshold(120_000, 20, 20)
    status = run(sys.argv[1:])
    status = _flushed(sys.argv[1:]) or status
    if status in {EXIT_INTERRUPTED, EXIT_TERMINATED}:
        # Threads that wait for the network would hold up the exit for as long as their time limit.
        os._exit(status)
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return the exit status; nothing but a bug of Python itself escapes."""
    prepare_streams()
    try:
        return _dispatch(list(arguments))
    except BridgeError as error:
        return _fail(error, arguments)
    except click.ClickException as error:
        return _fail(_usage_error(error), arguments)
    except _Terminated as end:
        return _interrupted(arguments, end, how="terminated", status=EXIT_TERMINATED)
    except (KeyboardInterrupt, click.Abort) as end:
        return _interrupted(arguments, end, how="interrupted", status=EXIT_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output went away, `conda-bridge ... | head`.
        discard_output()
        return EXIT_PIPE_CLOSED
    except OutputRefusedError as error:
        return _unwritten(error, arguments)
    except Exception as error:  # noqa: BLE001 - the last resort of the whole program
        return _bug(error, arguments)


def _dispatch(arguments: list[str]) -> int:
    if instruction := os.environ.get(COMPLETION_VARIABLE):
        from click.shell_completion import shell_complete  # noqa: PLC0415 - only shells ask for it

        return shell_complete(program, {}, PROGRAM, COMPLETION_VARIABLE, instruction)
    try:
        with program.make_context(PROGRAM, arguments) as context:
            status: int = program.invoke(context)
            return status
    except click.exceptions.Exit as exit_:
        return exit_.exit_code


def _usage_error(error: click.ClickException) -> UsageError:
    context = error.ctx if isinstance(error, click.UsageError) else None
    message = error.format_message()
    hint = f"{context.command_path} --help" if context else f"{PROGRAM} --help"
    return UsageError("usage", message[:1].lower() + message[1:].rstrip("."), hint=hint)


_OF_ONE_SOURCE = frozenset({"no-recipe", "engine-missing"})
"""Failures that end a whole run, and name the one source that is at fault as it was typed."""


def _fail(error: BridgeError, arguments: Sequence[str]) -> int:
    from conda_bridge.model.codes import code_of  # noqa: PLC0415 - reading the table costs milliseconds

    _error_console(arguments).failure(error)
    if _wants_json(arguments):
        is_of_source = error.slug in _OF_ONE_SOURCE and error.where in arguments
        write_failures(error, source=(error.where or "") if is_of_source else "")
    return code_of(error.slug).exit_status


def _unwritten(error: OutputRefusedError, arguments: Sequence[str]) -> int:
    """Tell that stdout takes nothing, which no answer can."""
    discard_output()
    hint = "what was asked for may be done: what is said of it is lost"
    failure = UsageError("not-writable", error.strerror or str(error), where="standard output", hint=hint)
    _error_console(arguments).failure(failure)
    return EXIT_USAGE


def _interrupted(arguments: Sequence[str], end: BaseException, *, how: str, status: int) -> int:
    # A command that had done a part says so in a note (PEP 678), and for --json in an argument.
    notes: Sequence[str] = getattr(end, "__notes__", ())
    done = [printable(note) for note in notes if note]
    click.echo(f"\n{how}: {'; '.join((*done, 'nothing is half-written'))}", err=True)
    if _wants_json(arguments):
        by_whom = "by the user" if status == EXIT_INTERRUPTED else "by a signal"
        message = "; ".join((f"{how} {by_whom}", *done))
        write_interruption(end, message, status)
    return status


def _bug(error: Exception, arguments: Sequence[str]) -> int:
    import traceback  # noqa: PLC0415 - not needed while all goes well

    message = printable(f"{type(error).__name__}: {error}")
    if _is_verbose(arguments):
        click.echo(traceback.format_exc(), err=True)
    click.echo(
        f"error: conda-bridge itself failed, which is a bug: {message}\n  at:  {_place(error)}", err=True
    )
    click.echo(
        "  do:  please report it: the command line, `conda-bridge --version`, and what the same command says with -v",
        err=True,
    )
    if _wants_json(arguments):
        write_failures("bug", message=message, exit_status=EXIT_BUG)
    return EXIT_BUG


def _place(error: Exception) -> str:
    import traceback  # noqa: PLC0415

    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "conda_bridge" in Path(frame.filename).parts] or list(frames)
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}"


# The arguments may be unparsable, so how to complain about them is read from the raw words.


def _wants_json(arguments: Sequence[str]) -> bool:
    return "--json" in arguments


def _is_verbose(arguments: Sequence[str]) -> bool:
    return not {"-v", "--verbose"}.isdisjoint(arguments)


def _error_console(arguments: Sequence[str]) -> Console:
    words = [*arguments, ""]
    asked = [words[n + 1] for n, word in enumerate(words[:-1]) if word == "--color"]
    asked += [word.removeprefix("--color=") for word in words if word.startswith("--color=")]
    never = "never" in asked or (bool(os.environ.get("NO_COLOR")) and "always" not in asked)
    return Console(color="never" if never else "always" if "always" in asked else "auto")


def _flushed(arguments: Sequence[str]) -> int:
    """Write what is left, and return the exit status where that fails; else 0."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
    except OutputRefusedError as error:
        return _unwritten(error, arguments)
    sys.stderr.flush()
    return 0

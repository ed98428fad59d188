"""`conda-bridge completion`: the script that makes a shell complete commands, options and distributors."""

from typing import TYPE_CHECKING, Unpack

import click

from conda_bridge.cli.jsonl import write_answer
from conda_bridge.cli.options import CommonArguments, common_options

if TYPE_CHECKING:
    from typing import Literal

__all__ = ["completion"]


class CompletionArguments(CommonArguments):
    """The command line of `completion`."""

    shell: "Literal['bash', 'zsh', 'fish']"


@click.command(
    short_help="Print the script that makes a shell complete commands.",
    epilog="""
    \b
    Examples:
      conda-bridge completion bash >> ~/.bashrc
      conda-bridge completion zsh >> ~/.zshrc
      conda-bridge completion fish > ~/.config/fish/completions/conda-bridge.fish
    """,
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common_options
def completion(**arguments: Unpack[CompletionArguments]) -> int:
    """Print the script that makes SHELL complete conda-bridge's commands and options."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - only this command needs it

    from conda_bridge.cli.main import COMPLETION_VARIABLE, PROGRAM, program  # noqa: PLC0415 - main imports this

    completer = get_completion_class(arguments["shell"])
    assert completer is not None, "click knows the shells that it lets the user choose"
    script = completer(program, {}, PROGRAM, COMPLETION_VARIABLE).source()
    if arguments["as_json"]:
        from conda_bridge.cli.answers import CompletionAnswer  # noqa: PLC0415

        write_answer(CompletionAnswer(results=(script,)))
    else:
        click.echo(script.rstrip("\n"))
    return 0

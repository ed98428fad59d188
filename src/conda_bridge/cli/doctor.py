"""`conda-bridge doctor`: what works here, what doesn't, what to do."""

import os
from typing import TYPE_CHECKING, Unpack

import click

from conda_bridge.cli.console import Console, Tone, fit, printable, width_of
from conda_bridge.cli.jsonl import write_answer
from conda_bridge.cli.options import (
    ConfiguredArguments,
    common_options,
    conda_build_option,
    configured_options,
    console_of,
    recipe_options_of,
)

if TYPE_CHECKING:
    from conda_bridge.workflows.doctor import Examination, Status

__all__ = ["doctor"]

EXIT_FINDINGS = 1
_NAME_WIDTH = 28
_TONES: "dict[Status, Tone]" = {
    "works": "good",
    "limited": "warning",
    "missing": "warning",
    "broken": "error",
    "not asked": "dim",
}


class DoctorArguments(ConfiguredArguments):
    """What click hands over."""

    conda_build: str | None


@click.command(
    short_help="Say what works here, what doesn't, and what to do.",
    epilog="""
    \b
    Examples:
      conda-bridge doctor             try everything
      conda-bridge doctor --offline   ask no index and no channel
      conda-bridge doctor --json      the same for programs
    """,
)
@conda_build_option
@configured_options
@common_options
def doctor(**arguments: Unpack[DoctorArguments]) -> int:
    """Try indexes, channels, engines, solvers, compilers, the sandbox and the cache.

    Exit status 1 means that something is broken that writing recipes needs.
    """
    from conda_bridge.cli.progress import progress  # noqa: PLC0415 - --help needs none of it
    from conda_bridge.workflows.doctor import examine  # noqa: PLC0415

    console = console_of(arguments)
    options = recipe_options_of(arguments, output_dir=".")
    found: list[Examination] = []
    with progress(console) as reporter:
        for one in examine(
            options=options,
            environment=os.environ,
            conda_build=arguments["conda_build"] or "",
            reporter=reporter,
        ):
            if not arguments["as_json"]:
                with reporter.paused():
                    _show(console, one, is_new=not found or found[-1].subject != one.subject)
            found.append(one)
    if arguments["as_json"]:
        from conda_bridge.cli.answers import DoctorAnswer  # noqa: PLC0415

        write_answer(DoctorAnswer(results=tuple(found)))
    return EXIT_FINDINGS if any(one.is_needed and one.status == "broken" for one in found) else 0


def _show(console: Console, one: "Examination", *, is_new: bool) -> None:
    if console.is_quiet and one.status in {"works", "not asked"}:
        return
    subject = one.subject if is_new or console.is_quiet else ""
    name = printable(one.name)
    gap = " " * max(_NAME_WIDTH - width_of(name), 1)
    head = f"{subject:<12} {console.styled(f'{one.status:<9}', _TONES[one.status])}  {name}{gap}"
    width = None if console.width is None else console.width - 24 - max(width_of(name) + 1, _NAME_WIDTH)
    detail = printable(one.detail)
    console.result(f"{head}  {detail if width is None else fit(detail, max(width, 20))}".rstrip())
    if one.remedy:
        console.result(f"{'':<24}do: {printable(one.remedy)}", "dim")

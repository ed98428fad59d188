"""`conda-bridge explain`: why each line of a recipe is there, and what a code means."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import groupby
from typing import TYPE_CHECKING, Unpack

import click

from conda_bridge.cli.console import Console, Tone, fit, printable, width_of
from conda_bridge.cli.jsonl import write_answer
from conda_bridge.cli.options import (
    ConfiguredArguments,
    backend_option,
    common_options,
    complete_path,
    configured_options,
    console_of,
    member_option,
    recipe_options_of,
    wheels_option,
)
from conda_bridge.errors import UsageError

if TYPE_CHECKING:
    from conda_bridge.model.codes import Code
    from conda_bridge.workflows.documents import Reason, Report

__all__ = ["explain"]

_CODE = re.compile(r"[EWI][0-9]+|[A-Z]{1,3}[0-9]?-[0-9]{3}", re.IGNORECASE | re.ASCII)
_MOST_NEAR = 5
_DRIFT, _STRICT_DRIFT = "dependency-drift", "metadata-drift"
_NEVER_STRICT = ("W7", "W8")
"""Of commands that build and repackage, which have no --strict."""
_DETAILED = 3
"""So many lines are shown with everything that is known of them."""

_PLAIN_WIDTH = 110
"""Tables that no terminal reads are laid out for this width, and reasons are never cut."""

_TONES: dict[str, Tone] = {
    "declared": "good",
    "derived": "plain",
    "guessed": "warning",
    "convention": "dim",
    "override": "strong",
}


class ExplainArguments(ConfiguredArguments):
    """The command line of `explain`."""

    subject: str
    address: str
    external: bool
    member: tuple[str, ...]
    run_backend: bool | None
    inspect_wheels: bool | None


@click.command(
    epilog="""
    \b
    Examples:
      conda-bridge explain recipes/click            every line of a recipe that `recipe` wrote
      conda-bridge explain recipes/click run        the section run
      conda-bridge explain click colorama           one package, of a source that is converted in memory
      conda-bridge explain click click/about/license
      conda-bridge explain W412                     what a code means
      conda-bridge explain . --external             the table [external] that the project should declare

    \b
    How sure a line is:
      declared     the source says so              derived      it follows from what the source says
      guessed      a heuristic; worth a look       convention   the distributor's habit
      override     you said so
    """
)
@click.argument("subject", metavar="SOURCE|RECIPE_DIR|CODE", shell_complete=complete_path)
@click.argument("address", default="")
@click.option(
    "--external",
    is_flag=True,
    help="Print the table [external] (PEP 725) that the project should declare, ready to paste.",
)
@member_option
@wheels_option
@backend_option
@configured_options
@common_options
def explain(**arguments: Unpack[ExplainArguments]) -> int:
    """Say why each line of a recipe is there, and how sure it is.

    RECIPE_DIR is a folder that `conda-bridge recipe` wrote; its report lies beside it. A SOURCE is converted
    without writing anything. ADDRESS picks lines: a conda name, a section (run, host, about, ...), or
    <output>/<section>/<key>. A CODE such as W412 is looked up in the table of codes.
    """
    console = console_of(arguments)
    if _CODE.fullmatch(arguments["subject"]):
        return _explain_code(console, arguments)
    if arguments["external"]:
        return _print_external(console, arguments)
    from conda_bridge.cli.answers import ExplainAnswer  # noqa: PLC0415
    from conda_bridge.cli.progress import progress  # noqa: PLC0415 - --help needs none of it
    from conda_bridge.workflows.explain import explain as report_of  # noqa: PLC0415

    options = recipe_options_of(
        arguments,
        members=arguments["member"] or None,
        run_backend=arguments["run_backend"],
        inspect_wheels=arguments["inspect_wheels"],
    )
    with progress(console) as reporter:
        report = report_of(arguments["subject"], arguments["address"], options=options, reporter=reporter)
    if arguments["as_json"]:
        write_answer(ExplainAnswer(results=(report,)))
        return 0
    console.result(
        f"{console.styled(f'{report.conda_name} {report.version}', 'strong')}   {report.source.label}"
    )
    if len(report.evidence) <= _DETAILED:
        _print_details(console, report.evidence)
    else:
        _print_table(console, report)
    if not arguments["address"]:
        console.findings(report.diagnostics)
    return 0


def _print_external(console: Console, arguments: ExplainArguments) -> int:
    from conda_bridge.cli.progress import progress  # noqa: PLC0415
    from conda_bridge.workflows.external_table import external_table  # noqa: PLC0415

    if arguments["address"]:
        raise UsageError("usage", "--external is about the whole project and takes no ADDRESS")
    options = recipe_options_of(
        arguments, run_backend=arguments["run_backend"], inspect_wheels=arguments["inspect_wheels"]
    )
    with progress(console) as reporter:
        table = external_table(arguments["subject"], options=options, reporter=reporter)
    if arguments["as_json"]:
        from conda_bridge.cli.answers import ExternalTableAnswer  # noqa: PLC0415

        write_answer(ExternalTableAnswer(results=(table,)))
        return 0
    console.result(table.text.rstrip("\n"))
    return 0


def _explain_code(console: Console, arguments: ExplainArguments) -> int:
    from conda_bridge.model.codes import all_codes  # noqa: PLC0415 - reading the table costs milliseconds

    number = arguments["subject"].upper()
    found = next((code for code in all_codes() if code.number == number), None)
    if found is None:
        near = ", ".join(_near(number, [code.number for code in all_codes()]))
        hint = f"there are: {near}" if near else "conda-bridge explain --help"
        raise UsageError("usage", f"there is no code {number!r}", hint=hint)
    if arguments["as_json"]:
        from conda_bridge.cli.answers import CodeAnswer, CodeRow  # noqa: PLC0415

        row = CodeRow(
            code=found.number,
            slug=found.slug,
            title=found.title,
            hint=found.hint,
            exit_status=found.exit_status,
        )
        write_answer(CodeAnswer(results=(row,)))
        return 0
    console.result(f"{console.styled(found.number, 'strong')} {found.slug}: {found.title}")
    if found.hint:
        console.result(f"  do:   {found.hint}")
    console.result(f"  exit: {_exit_text(found)}", "dim")
    return 0


def _near(number: str, known: Sequence[str]) -> Sequence[str]:
    """Return the codes that begin so; where none does, those that look alike."""
    begun = sorted(one for one in known if one.startswith(number))
    return (begun or sorted(get_close_matches(number, known, n=_MOST_NEAR)))[:_MOST_NEAR]


def _exit_text(code: "Code") -> str:
    from conda_bridge.model.codes import code_of  # noqa: PLC0415 - as above

    if code.exit_status:
        return f"{code.exit_status}, when it stops a command"
    if code.severity == "error":
        return "1, where `check` finds it"
    if code.slug == _DRIFT:
        return f"0, or {code_of(_STRICT_DRIFT).exit_status} under --strict-drift"
    has_strict = code.severity != "info" and not code.number.startswith(_NEVER_STRICT)
    return "0, or 1 under --strict" if has_strict else "0"


def _print_details(console: Console, reasons: "Iterable[Reason]") -> None:
    for reason in reasons:
        console.result()
        console.result(printable(reason.address), "strong")
        rows = [("line", reason.value), ("certainty", reason.certainty), ("rule", reason.rule)]
        rows += [("origin", origin) for origin in reason.origins]
        rows += [("note", reason.note)] if reason.note else []
        for label, text in rows:
            tone = _TONES[reason.certainty] if label == "certainty" else "plain"
            shown = printable(text) if text else "(the recipe has no such line)"
            console.result(f"  {label:<9}  {console.styled(shown, tone)}")


def _print_table(console: Console, report: "Report") -> None:
    rows = [(reason, _shown_value(reason)) for reason in report.evidence]
    room = console.width or _PLAIN_WIDTH
    width = min(max(width_of(value) for _, value in rows), room * 2 // 5)
    has_several = len({reason.address.partition("/")[0] for reason in report.evidence}) > 1
    for section, members in groupby(rows, key=lambda row: _heading(row[0], has_several=has_several)):
        console.result()
        console.result(section, "strong")
        for _, same in groupby(members, key=lambda row: row[0].address):
            _print_line(console, list(same), width)


def _print_line(console: Console, rows: "list[tuple[Reason, str]]", width: int) -> None:
    """Write a line of the recipe and each reason for it; a line too long for its column stands above them."""
    shown = rows[0][1]
    if width_of(shown) > width:
        console.result(f"  {shown if console.width is None else fit(shown, console.width - 2)}")
        shown = ""
    for reason, _ in rows:
        lead = f"  {shown}{' ' * (width - width_of(shown))}  "
        certainty = console.styled(f"{reason.certainty:<10}", _TONES[reason.certainty])
        for number, why in enumerate(_why(reason, is_verbose=console.is_verbose)):
            text = why if console.width is None else fit(why, console.width - width - 16)
            if number == 0:
                console.result(f"{lead}{certainty}  {text}")
            else:
                console.result(f"{'':<{width + 16}}{console.styled(text, 'dim')}")
        shown = ""


def _why(reason: "Reason", *, is_verbose: bool) -> Iterator[str]:
    """Yield what speaks for a line: the note, the places, and the rule where it is asked for or all there is."""
    told = [printable(part) for part in (reason.note, ", ".join(reason.origins)) if part]
    if is_verbose or not told:
        told.append(f"[{reason.rule}]")
    yield from told


def _heading(reason: "Reason", *, has_several: bool) -> str:
    """Return the section; of a recipe with several outputs also whose it is."""
    output, section = reason.address.split("/", 2)[:2]
    return printable(f"{output}: {section}") if has_several else section


def _shown_value(reason: "Reason") -> str:
    section, _, key = reason.address.partition("/")[2].partition("/")
    if not reason.value:
        return printable(f"({key or section})")
    if section.startswith("requirements.") or not key:
        return printable(reason.value)
    # `imports.click`, `license_file.LICENSE`: the key's end is the value.
    label = key.partition(".")[0]
    return printable(f"{label}: {reason.value}")

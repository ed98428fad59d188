"""`conda-bridge names`: what projects and external dependencies are called on conda, and back."""

from typing import TYPE_CHECKING, Unpack

import click

from conda_bridge.cli.console import Console, Tone, printable, table_lines
from conda_bridge.cli.jsonl import write_answer
from conda_bridge.cli.options import (
    ConfigArguments,
    common_options,
    config_option,
    configuration_of,
    console_of,
    mapping_option,
)

if TYPE_CHECKING:
    from conda_bridge.model.names import NameHit
    from conda_bridge.workflows.external_names import ExternalChoice, ExternalHit

__all__ = ["names"]

_TONES: dict[str, Tone] = {"certain": "good", "high": "good", "medium": "plain", "low": "warning"}


class NamesArguments(ConfigArguments):
    """The command line of both directions."""

    asked: tuple[str, ...]


class ExternalArguments(NamesArguments):
    """The command line of `names external`."""

    external_mapping: tuple[str, ...]


@click.group(no_args_is_help=False)
def names() -> None:
    """Translate names between PyPI and conda, and those of external dependencies.

    \b
    Sources, the strongest first: your [names.pypi-to-conda], the curated table, conda-pypi's mapping, and
    last the name itself, with low confidence.
    """  # noqa: D301 - \b is click's mark for text that isn't rewrapped


@names.command("to-conda", epilog="Example: conda-bridge names to-conda torch typing-extensions")
@click.argument("asked", metavar="PYPI_NAME...", nargs=-1, required=True)
@config_option
@common_options
def to_conda(**arguments: Unpack[NamesArguments]) -> int:
    """Say which conda package holds each PyPI project, how sure that is, and what else was considered."""
    from conda_bridge.workflows.names import to_conda as mapped  # noqa: PLC0415

    console = console_of(arguments)
    hits = mapped(arguments["asked"], options=configuration_of(arguments))
    if arguments["as_json"]:
        from conda_bridge.cli.answers import ToCondaAnswer  # noqa: PLC0415

        write_answer(ToCondaAnswer(results=hits))
        return 0
    _print_hits(console, hits)
    return 0


@names.command("to-pypi", epilog="Example: conda-bridge names to-pypi pytorch matplotlib-base")
@click.argument("asked", metavar="CONDA_NAME...", nargs=-1, required=True)
@config_option
@common_options
def to_pypi(**arguments: Unpack[NamesArguments]) -> int:
    """Say which PyPI projects each conda package may belong to, the best first."""
    from conda_bridge.workflows.names import to_pypi as mapped  # noqa: PLC0415

    console = console_of(arguments)
    rows = mapped(arguments["asked"], options=configuration_of(arguments))
    if arguments["as_json"]:
        from conda_bridge.cli.answers import PypiRow, ToPypiAnswer  # noqa: PLC0415

        answers = tuple(PypiRow(conda_name=name, pypi_names=found) for name, found in rows)
        write_answer(ToPypiAnswer(results=answers))
        return 0
    cells = [(name, ", ".join(found) or "(not a Python package)") for name, found in rows]
    for line in table_lines(cells, width=console.width):
        console.result(line)
    return 0


@names.command(
    "external",
    epilog="""
    \b
    Examples:
      conda-bridge names external dep:generic/libjpeg "dep:generic/openssl@>=3"
      conda-bridge names external virtual:compiler/cpp       an older spelling
      conda-bridge names external dep:generic/acme --external-mapping acme.mapping.json
    """,
)
@click.argument("asked", metavar="DEPURL...", nargs=-1, required=True)
@mapping_option
@config_option
@common_options
def external(**arguments: Unpack[ExternalArguments]) -> int:
    """Say what each DepURL (PEP 725) means here: its id, the packages of each section, and what else provides it."""
    from conda_bridge.workflows.external_names import look_up_external  # noqa: PLC0415

    console = console_of(arguments)
    options = configuration_of(arguments, external_mappings=arguments["external_mapping"])
    hits = look_up_external(arguments["asked"], options=options)
    if arguments["as_json"]:
        from conda_bridge.cli.answers import ExternalNamesAnswer  # noqa: PLC0415

        write_answer(ExternalNamesAnswer(results=hits))
        return 0
    for hit in hits:
        _print_external(console, hit)
    return 0


def _print_external(console: Console, hit: "ExternalHit") -> None:
    description = hit.choices[0].description if hit.choices else "no mapping knows it"
    head = printable(f"{hit.depurl}   {description}".rstrip())
    console.result(head, "strong" if hit.choices else "warning")
    rows = [("spelling", note) for note in hit.deprecated]
    rows += [("stands for", hit.canonical)] if hit.canonical != hit.id else []
    for number, choice in enumerate(hit.choices):
        rows += _choice_rows(choice, is_first=number == 0)
    rows += [("note", remark) for remark in hit.remarks]
    rows += [("nearest", hit.nearest)] if hit.nearest else []
    for label, text in rows:
        console.result(f"  {label:<10}  {printable(text)}")


def _choice_rows(choice: "ExternalChoice", *, is_first: bool) -> "list[tuple[str, str]]":
    sections = (("build", choice.build), ("host", choice.host), ("run", choice.run))
    found = [(section, ", ".join(specs)) for section, specs in sections if specs]
    if not is_first:
        told = "; ".join(f"{section} {specs}" for section, specs in found) or "nothing"
        return [("or", f"{told} ({choice.source})")]
    found = found or [("packages", "none")]
    return [*found, *(("note", remark) for remark in choice.remarks), ("source", choice.source)]


def _print_hits(console: Console, hits: "tuple[NameHit, ...]") -> None:
    cells = [
        (
            hit.pypi_name,
            hit.chosen or "(dropped)",
            hit.confidence,
            hit.data_version or hit.source,
            printable(_remark(hit)),
        )
        for hit in hits
    ]
    for hit, line in zip(hits, table_lines(cells, width=console.width), strict=True):
        console.result(line, _TONES[hit.confidence])


def _remark(hit: "NameHit") -> str:
    others = [name for name in hit.candidates if name != hit.chosen]
    parts = [hit.reason] if hit.reason else []
    parts += [f"also considered: {', '.join(others)}"] if others else []
    return "; ".join(parts)

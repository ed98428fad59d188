"""entry_points.txt and link.json of a conda package -> the entry points of its wheel, and the commands they make.

What installers of conda packages make of `link.json`, those of wheels make of entry_points.txt; a package may have
either, or both with something missing. So the union counts, and where they disagree the project's own file.

Source: PyPA, entry points specification; CEP 34, link.json.
"""

import re
from collections.abc import Iterable
from configparser import ConfigParser, Error
from dataclasses import dataclass

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.entry_points import read_entry_points
from conda_bridge.infer.project.setuptools_values import entry_point_lines, ini_sections
from conda_bridge.infer.project.statements import EntryPointLine
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName, is_valid_pypi_name
from conda_bridge.model.project import EntryPoint

__all__ = ["Commands", "commands_of", "unreadable_reason"]

_CONSOLE = "console_scripts"
_HEADER = re.compile(r"^[ \t]*\[console_scripts\][ \t]*(?=\r?$)", re.MULTILINE)
_LONE_RETURN = re.compile(r"\r(?!\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """What installers make commands of."""

    content: bytes
    """Of entry_points.txt, as it was where nothing was missing; empty: there is none."""
    console: tuple[str, ...]
    gui: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


def commands_of(content: bytes | None, linked: Iterable[str], *, project: PypiName, where: str) -> Commands:
    """Return the entry points of a wheel.

    Args:
        content: entry_points.txt of the package; None where it has none.
        linked: `name = module:attribute` of link.json.
        project: whose commands they are.
        where: the file, for messages.

    Raises:
        MetadataError: `unsafe-entry-point` for what no installer may, or can, make a command of.
    """
    text = _text(content or b"", where)
    # An egg's file is told apart by its origin: there, commands named after one python would be passed over.
    sections = [(name, lines) for name, lines in ini_sections(text) if name == name.strip()]
    own, noticed = _points(entry_point_lines(sections, origin="entry_points.txt"), project)
    others, more = _points(_linked(linked), project)
    by_name = {point.name: point for point in own}
    missing = [point for point in others if point.name not in by_name]
    diagnostics = [*noticed, *more, *_conflicts(by_name, others)]
    if missing:
        text = _with_commands(text, [_line(point) for point in missing])
        told = ", ".join(point.name for point in missing[:10])
        message = f"the commands of link.json that entry_points.txt lacks were added to it: {told}"
        diagnostics.append(finding("entry-point-added", message, origin=where))
    return Commands(
        content=text.encode() if missing else content or b"",
        console=tuple(point.name for point in (*own, *missing) if point.group == _CONSOLE),
        gui=tuple(point.name for point in own if point.group != _CONSOLE),
        diagnostics=tuple(dict.fromkeys(diagnostics)),
    )


def _text(content: bytes, where: str) -> str:
    """Return the file's text, which every installer can read."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MetadataError("unsafe-entry-point", "it can't be read: it isn't UTF-8", where=where) from error
    if reason := unreadable_reason(text):
        raise MetadataError("unsafe-entry-point", f"it can't be read: {reason}", where=where)
    return text


def unreadable_reason(text: str) -> str:
    """Return why not every installer can read an entry_points.txt; empty where all can.

    The specification has the file read by configparser, for which sections and names that stand there twice are errors.
    """
    if _LONE_RETURN.search(text):
        return "some of its lines end in a way that only some of them know"
    parser = ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign,assignment] # as its documentation says: names keep their case
    try:
        parser.read_string(text)
    except (Error, ValueError) as error:
        return " ".join(str(error).split())[:200]
    return ""


def _points(
    lines: Iterable[EntryPointLine], project: PypiName
) -> tuple[tuple[EntryPoint, ...], tuple[Diagnostic, ...]]:
    points, diagnostics = read_entry_points(lines, project=project)
    broken = next((row for row in diagnostics if row.slug == "broken-entry-point"), None)
    if broken is not None:
        message = f"'{broken.message}' names no object, which installers refuse"
        raise MetadataError("unsafe-entry-point", message, where=broken.origin)
    # In the wheel, an extra behind a target stays where it is.
    return points, tuple(row for row in diagnostics if row.slug != "entry-point-extra")


def _linked(lines: Iterable[str]) -> Iterable[EntryPointLine]:
    for line in lines:
        name, _, target = line.partition("=")
        yield EntryPointLine(
            name=name.strip(), target=target.strip(), group="console_scripts", origin="link.json"
        )


def _line(point: EntryPoint) -> str:
    """Return a command as entry_points.txt has it, with the extras that it is for.

    Raises:
        MetadataError: `unsafe-entry-point` for what would say more than one command.
    """
    wrong = next((extra for extra in point.extras if not is_valid_pypi_name(extra)), None)
    if wrong is not None:
        message = f"the command {point.name} is for {wrong!r:.80}, and no extra can be called so"
        raise MetadataError("unsafe-entry-point", message, where=point.origin)
    extras = f" [{','.join(point.extras)}]" if point.extras else ""
    return f"{point.name} = {point.target}{extras}"


def _conflicts(own: dict[str, EntryPoint], others: Iterable[EntryPoint]) -> Iterable[Diagnostic]:
    for point in others:
        known = own.get(point.name)
        if known is not None and known.target != point.target:
            message = f"the command {point.name} is {known.target} in entry_points.txt and {point.target} in link.json; the first counts"
            yield finding("entry-point-conflict", message, origin="link.json")


def _with_commands(text: str, lines: list[str]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    added = newline.join(lines)
    header = _HEADER.search(text)
    if header is not None:
        return f"{text[: header.end()]}{newline}{added}{text[header.end() :] or newline}"
    before = f"{text.rstrip()}{newline}{newline}" if text.strip() else ""
    return f"{before}[console_scripts]{newline}{added}{newline}"

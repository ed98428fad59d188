"""entry_points.txt and link.json of a conda package -> the entry points of its wheel, and the commands they make.

What installers of conda packages make of `link.json`, those of wheels make of entry_points.txt; a package may have
either, or both with something missing. So the union counts, and where they disagree the project's own file.

Source: PyPA, entry points specification; CEP 34, link.json.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from configparser import ConfigParser, Error
from dataclasses import dataclass, replace

from conda_bridge.archives.paths import shown
from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.entry_points import read_entry_points
from conda_bridge.infer.project.setuptools_values import entry_point_lines, ini_sections
from conda_bridge.infer.project.statements import EntryPointLine
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName, is_valid_pypi_name
from conda_bridge.model.project import EntryPoint

__all__ = ["Commands", "commands_of", "made_twice", "one_on_windows", "unreadable_reason"]

_CONSOLE = "console_scripts"
_HEADER = re.compile(r"^[ \t]*\[console_scripts\][ \t]*(?=\r?$)", re.MULTILINE)
_LINK = "info/link.json"
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
        where: the file in the package, for messages.

    Raises:
        MetadataError: `unsafe-entry-point` for what no installer may, or can, make a command of.
    """
    data = (content or b"").removeprefix(BOM_UTF8)
    text = _text(data, where)
    # An egg's file is told apart by its origin: there, commands named after one python would be passed over.
    sections = [(name, lines) for name, lines in ini_sections(text) if name == name.strip()]
    own, noticed = _points(entry_point_lines(sections, origin="entry_points.txt"), project, where)
    others, more = _points(_linked(linked), project, _LINK)
    by_name = {point.name: point for point in own}
    missing = [point for point in others if point.name not in by_name]
    if twice := made_twice(own):
        message = f"the command {twice} is one for consoles and one without: installers make one file of both"
        raise MetadataError("unsafe-entry-point", message, where=where)
    diagnostics = [*noticed, *more, *_conflicts(by_name, others)]
    diagnostics += one_on_windows([point.name for point in (*own, *missing)], where=where)
    if data != (content or b""):
        message = "it began with a byte order mark, which is left out"
        diagnostics.append(finding("metadata-repaired", message, origin=where))
    if missing:
        text = _with_commands(text, [_line(point) for point in missing])
        told = ", ".join(point.name for point in missing[:10])
        message = f"the commands of link.json that entry_points.txt lacks were added to it: {told}"
        diagnostics.append(finding("entry-point-added", message, origin=where))
    return Commands(
        content=text.encode() if missing else data,
        console=tuple(point.name for point in (*own, *missing) if point.group == _CONSOLE),
        gui=tuple(point.name for point in own if point.group != _CONSOLE),
        diagnostics=tuple(dict.fromkeys(diagnostics)),
    )


def made_twice(points: Iterable[EntryPoint]) -> str:
    """Return a command that is both a console and a gui script; empty where there is none."""
    group_of: dict[str, str] = {}
    return next((one.name for one in points if group_of.setdefault(one.name, one.group) != one.group), "")


def one_on_windows(names: Iterable[str], *, where: str) -> Iterator[Diagnostic]:
    """Yield which commands are told apart by case alone, so that one replaces the other on Windows and macOS."""
    known: dict[str, str] = {}
    for name in names:
        other = known.setdefault(name.lower(), name)
        if other != name:
            yield finding("command-clash", f"{shown(other)} and {shown(name)}", origin=where)


def _text(content: bytes, where: str) -> str:
    """Return the file's text, which every installer can read."""
    try:
        text = content.decode()
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
    lines: Iterable[EntryPointLine], project: PypiName, where: str
) -> tuple[tuple[EntryPoint, ...], tuple[Diagnostic, ...]]:
    try:
        points, diagnostics = read_entry_points(lines, project=project)
    except MetadataError as error:
        raise MetadataError(error.slug, error.message, where=where, hint=error.hint) from error
    broken = next((row for row in diagnostics if row.slug == "broken-entry-point"), None)
    if broken is not None:
        message = f"'{broken.message}' names no object, which installers refuse"
        raise MetadataError("unsafe-entry-point", message, where=where)
    # In the wheel, an extra behind a target stays where it is.
    told = (replace(row, origin=where) for row in diagnostics if row.slug != "entry-point-extra")
    return points, tuple(told)


def _linked(lines: Iterable[str]) -> Iterable[EntryPointLine]:
    for line in lines:
        name, _, target = line.partition("=")
        yield EntryPointLine(name=name.strip(), target=target.strip(), group="console_scripts", origin=_LINK)


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
            yield finding("entry-point-conflict", message, origin=_LINK)


def _with_commands(text: str, lines: list[str]) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    added = newline.join(lines)
    header = _HEADER.search(text)
    if header is not None:
        return f"{text[: header.end()]}{newline}{added}{text[header.end() :] or newline}"
    before = f"{text.rstrip()}{newline}{newline}" if text.strip() else ""
    return f"{before}[console_scripts]{newline}{added}{newline}"

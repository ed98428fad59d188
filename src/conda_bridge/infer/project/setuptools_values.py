"""What setup.py and setup.cfg have in common: setuptools' own spellings of requirements, extras and scripts.

Source: https://setuptools.pypa.io/en/latest/references/keywords.html.
"""

import re
from collections.abc import Iterable, Iterator

from conda_bridge.infer.project.markers import and_markers
from conda_bridge.infer.project.statements import EntryPointLine, RequirementLine, ScriptGroup

__all__ = [
    "ExtraLines",
    "entry_point_lines",
    "ini_sections",
    "requirement_texts",
    "sorted_extras",
    "with_marker",
]

ExtraLines = tuple[tuple[str, tuple[RequirementLine, ...]], ...]
_SCRIPT_GROUPS: dict[str, ScriptGroup] = {"console_scripts": "console_scripts", "gui_scripts": "gui_scripts"}
_NOT_IN_EXTRA = re.compile(r"[^A-Za-z0-9.-]+")
_SECTION = re.compile(r"\[([^\]]*)\]")


def requirement_texts(lines: Iterable[str]) -> Iterator[str]:
    """Yield the requirements in lines of text: without comments, with continued lines joined.

    Source: `pkg_resources.yield_lines`, `drop_comment` and `join_continuation`.
    """
    continued = ""
    for line in (part for written in lines for part in written.splitlines()):
        text = line.partition(" #")[0].strip()
        if text.startswith("#") or not text:
            continue
        if text.endswith("\\"):
            continued += f"{text[:-1].rstrip()} "
            continue
        yield f"{continued}{text}"
        continued = ""
    if continued:
        yield continued.strip()


def sorted_extras(
    groups: Iterable[tuple[str, Iterable[RequirementLine]]],
) -> tuple[tuple[RequirementLine, ...], ExtraLines]:
    """Return the requirements that only look optional, and the extras.

    A key may carry a marker, `test:python_version < "3.8"`; without a name before it, the requirements are the
    project's own.
    """
    base: list[RequirementLine] = []
    extras: dict[str, list[RequirementLine]] = {}
    for key, lines in groups:
        name, _, marker = key.partition(":")
        name = _NOT_IN_EXTRA.sub("_", name.strip()).strip("_-.")
        found = base if not name else extras.setdefault(name, [])
        found += (with_marker(line, marker.strip()) for line in lines)
    return tuple(base), tuple((name, tuple(lines)) for name, lines in extras.items())


def with_marker(line: RequirementLine, marker: str) -> RequirementLine:
    """Return a requirement under one more marker."""
    if not marker:
        return line
    text, _, own = line.text.partition(";")
    both = and_markers(own.strip(), marker)
    return RequirementLine(text=f"{text.strip()} ; {both}", origin=line.origin, note=line.note)


def entry_point_lines(
    groups: Iterable[tuple[str, Iterable[str]]], *, origin: str
) -> tuple[EntryPointLine, ...]:
    """Return the console and gui scripts among groups of `name = target` lines."""
    return tuple(
        EntryPointLine(
            name=line.partition("=")[0].strip(),
            target=line.partition("=")[2].strip(),
            group=_SCRIPT_GROUPS[group.strip()],
            origin=origin,
        )
        for group, lines in groups
        if group.strip() in _SCRIPT_GROUPS
        for line in lines
        if line.strip() and not line.strip().startswith(("#", ";"))
    )


def ini_sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the sections of requires.txt or entry_points.txt with their lines; the first has no name."""
    name, lines = "", list[str]()
    for line in text.splitlines():
        header = _SECTION.fullmatch(line.strip())
        if header is None:
            lines.append(line)
            continue
        yield name, lines
        name, lines = header[1], []
    yield name, lines

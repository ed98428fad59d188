"""A conversion becomes a few lines that a person reads: what was decided, and beside it why.

One row stands for all lines of a section that have the same reason. What is only the distributor's habit is left
out unless asked for, what was guessed says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from conda_bridge.cli.console import Console, Tone, fit, printable, width_of
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.evidence import Certainty
from conda_bridge.model.recipe import Recipe, spec_key
from conda_bridge.model.source import GitOrigin, LocalOrigin, SourceFacts, UrlOrigin
from conda_bridge.workflows.documents import Reason
from conda_bridge.workflows.report import report_of

__all__ = ["place", "print_summary", "size_text", "source_text"]

_LABELS = {
    "build/noarch": "noarch",
    "build/platform": "platform",
    "build/skip": "skip",
    "requirements.build": "build",
    "requirements.host": "host",
    "requirements.run": "run",
    "requirements.run_constraints": "limits",
    "about/license": "license",
}
"""What the summary shows: `<section>/<key>` or `<section>`, and the word for it, in this order."""

_LABEL_WIDTH = 9
_MOST_IN_FULL = 4
"""The rows of more outputs than these would scroll away."""
_PLAIN_WIDTH = 100
"""Lines that no terminal reads are laid out for this width, and reasons are never cut."""
_CROSS_ONLY = "  if build_platform != target_platform"
_UNITS = ("B", "kB", "MB", "GB")


@dataclass(slots=True)
class _Row:
    label: str
    why: str
    tone: Tone
    values: list[str] = field(default_factory=list)


def print_summary(console: Console, conversion: Conversion) -> None:
    """Write the summary of a conversion to stdout."""
    recipe = conversion.recipe
    head, source = f"{recipe.name} {recipe.version}", source_text(conversion.facts)
    count = len(recipe.outputs)
    source += f", {count} outputs" if count > 1 else ""
    console.result(f"{console.styled(printable(head), 'strong')}   {printable(source)}")
    if count > _MOST_IN_FULL and not console.is_verbose:
        _print_overview(console, recipe)
        return
    reasons = report_of(conversion).evidence
    for output in recipe.outputs:
        if count > 1:
            console.result(printable(f"{output.conda_name} {output.version or recipe.version}"), "strong")
        _print_rows(console, [one for one in reasons if one.address.startswith(f"{output.conda_name}/")])


def _print_overview(console: Console, recipe: Recipe) -> None:
    """Write a line for each of many outputs: what it is, and what it requires of others."""
    width = console.width or _PLAIN_WIDTH
    titles = [printable(f"{one.conda_name} {one.version or recipe.version}") for one in recipe.outputs]
    column = min(max(map(width_of, titles)), width * 3 // 5)
    for title, output in zip(titles, recipe.outputs, strict=True):
        kind = "noarch" if output.noarch else "platform"
        needs = dict.fromkeys(spec_key(one.spec) for one in output.requirements.run)
        required = printable(", ".join(name for name in needs if name != "python"))
        start = f"  {fit(title, column):<{column}}  {kind:<8}  "
        room = width - width_of(start)
        console.result(f"{start}{console.styled(fit(required, room), 'dim')}".rstrip())
    console.note("  why each output is as it is: -v")


def _print_rows(console: Console, reasons: Iterable[Reason]) -> None:
    rows = list(_rows(reasons, is_verbose=console.is_verbose))
    width = console.width or _PLAIN_WIDTH
    value_width = min(max((width_of(", ".join(row.values)) for row in rows), default=0), width * 2 // 5)
    for row in rows:
        _print_row(console, row, value_width)


def source_text(facts: SourceFacts) -> str:
    """Return what kind of source it is, how large, and what vouches for it."""
    size = f" {size_text(facts.size_bytes)}" if facts.size_bytes else ""
    match facts.origin:
        case UrlOrigin(sha256=sha256):
            host = facts.origin.url.partition("://")[2].partition("/")[0]
            return f"sdist{size} from {host}" + (", sha256 verified" if sha256 else "")
        case GitOrigin(commit=commit):
            return f"git commit {commit[:12]}"
        case LocalOrigin(sha256=sha256):
            return f"{'sdist' if sha256 else 'directory'}{size}, on this machine only"


def size_text(size_bytes: int) -> str:
    """Return a size in the largest unit that leaves a digit before the point.

    >>> size_text(80_021)
    '80 kB'
    """
    size = float(size_bytes)
    for unit in _UNITS:
        if size < 1000 or unit == _UNITS[-1]:
            break
        size /= 1000
    return f"{size:.1f} {unit}" if unit != "B" and size < 10 else f"{size:.0f} {unit}"


def place(origin: str) -> str:
    """Return an origin as people say it, without its index.

    >>> place("pyproject.toml#/build-system/requires/0"), place("setup.py:12")
    ('pyproject.toml build-system.requires', 'setup.py:12')
    """
    file, mark, pointer = origin.partition("#/")
    if not mark:
        return origin
    parts = [part for part in pointer.split("/") if not part.isdecimal()]
    file = "the wheel's METADATA" if file.endswith(".whl/METADATA") else file
    return f"{file} {'.'.join(parts)}".rstrip()


def _rows(reasons: Iterable[Reason], *, is_verbose: bool) -> Iterator[_Row]:
    rows: dict[tuple[str, str], _Row] = {}
    for reason in reasons:
        label = _label(reason)
        if not label or not (is_verbose or _is_telling(reason)):
            continue
        why, tone = _why(reason)
        if "/stdlib(" in reason.address:
            # It goes with the compilers and needs no row of its own.
            why, tone = next(
                ((row.why, row.tone) for row in rows.values() if "compiler(" in row.values[0]), (why, tone)
            )
        row = rows.setdefault((label, why), _Row(label, why, tone))
        row.values += [value for value in _shown(reason) if value not in row.values]
    order = list(_LABELS.values())
    yield from sorted(rows.values(), key=lambda row: order.index(row.label))


def _label(reason: Reason) -> str:
    _, section, key = [*reason.address.split("/", 2), "", ""][:3]
    return _LABELS.get(f"{section}/{key}") or _LABELS.get(section, "")


def _is_telling(reason: Reason) -> bool:
    # What a distributor always does goes without saying, and so does what only cross-compiling adds; but that
    # no range of python was declared is worth a look.
    if reason.certainty is Certainty.CONVENTION:
        return "/stdlib(" in reason.address or reason.address.endswith("/requirements.run/python")
    return _CROSS_ONLY not in reason.value


def _shown(reason: Reason) -> list[str]:
    if reason.address.endswith("/build/platform"):
        return ["one build for each"]
    if not reason.value:
        return [f"no {reason.address.split('/', 2)[2]}"]
    if reason.value.startswith("${{"):
        # `compiler(c)` rather than the recipe's expression for it.
        return [reason.address.rpartition("/")[2]]
    return reason.value.replace("  if ", " if ").split(" | ")


def _why(reason: Reason) -> tuple[str, Tone]:
    places = list(dict.fromkeys(map(place, reason.origins)))
    is_placed = any(place(origin) in reason.note or origin in reason.note for origin in reason.origins)
    told = "; ".join(part for part in (reason.note, places[0] if places and not is_placed else "") if part)
    match reason.certainty:
        case Certainty.GUESSED:
            return (f"guessed: {told}", "warning")
        case Certainty.OVERRIDE:
            return (f"as configured: {told}" if told else "as configured", "good")
        case _:
            return (told, "dim")


def _print_row(console: Console, row: _Row, value_width: int) -> None:
    room = None if console.width is None else console.width - 2 - _LABEL_WIDTH
    for number, line in enumerate(_wrapped(row.values, value_width)):
        if number:
            console.result(f"  {'':<{_LABEL_WIDTH}}{line if room is None else fit(line, room)}")
            continue
        value = line if room is None else fit(line, room)
        padding = " " * max(value_width - width_of(value), 0)
        why = printable(row.why)
        if room is not None:
            why = fit(why, room - width_of(value) - len(padding) - 2)
        tail = f"{padding}  {console.styled(why, row.tone)}" if why else ""
        console.result(f"  {row.label:<{_LABEL_WIDTH}}{value}{tail}")


def _wrapped(values: list[str], width: int) -> Iterator[str]:
    """Yield the values as comma-separated lines of at most `width` columns; a longer value has its own line."""
    line = ""
    for number, value in enumerate(values):
        item = printable(value) + ("," if number < len(values) - 1 else "")
        if line and width_of(line) + 1 + width_of(item) > width:
            yield line
            line = ""
        line = f"{line} {item}".lstrip()
    yield line

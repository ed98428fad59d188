"""What a round trip has shown, as people read it: what is equal is counted, the rest listed with its reason."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from conda_bridge.cli.console import Console, Tone, fit, printable, table_lines, width_of
from conda_bridge.model.counts import counted
from conda_bridge.model.repackaging import Comparison, FieldVerdict, Verdict
from conda_bridge.repack.comparing.comparison_fields import only_one_side
from conda_bridge.repack.comparing.running_files import may_run
from conda_bridge.workflows.report import without_credentials
from conda_bridge.workflows.verify import VerifyResult

__all__ = ["count_text", "print_verdict"]

_TONES: dict[Verdict, Tone] = {"equal": "good", "explained": "good", "different": "error"}
_SHOWN_ROWS = 20
"""Of one comparison, unless verbose: a tree that moved would scroll away."""
_SHOWN_VALUES = 3


def print_verdict(console: Console, result: VerifyResult) -> None:
    """Write what became of a source: a table for each comparison and the verdict; or why there is none."""
    label = printable(without_credentials(result.subject))
    if result.error is not None:
        console.failure(result.error, source=label, log=("", result.log_lines))
        return
    name = printable(f"{result.pypi_name} {result.version}")
    if not console.is_quiet:
        console.result(f"{console.styled(name, 'strong')}   {printable(', '.join(result.packages))}")
        for comparison in result.comparisons:
            _print_comparison(console, comparison)
        for one in result.diagnostics:
            if console.is_verbose or one.slug == "nothing-published":
                console.finding(one)
    verdict = result.verdict
    console.result(f"{console.styled(verdict, _TONES[verdict])} {_words(name, result)}")
    if verdict == "different" and not result.kept:
        console.note("  --json tells of every file and field, --keep DIR keeps the wheels to look at", "dim")
    for path in result.kept if console.is_verbose else ():
        console.note(f"  kept {printable(path)}", "dim")


def _print_comparison(console: Console, comparison: Comparison) -> None:
    counts = Counter(row.verdict for row in comparison.files)
    told = ", ".join(f"{counts[one]} {one}" for one in _TONES if counts[one])
    text = f"{counted(len(comparison.files), 'file')}: {told}"
    console.result(f"  {comparison.right}   {text}")
    rows = list(_rows(comparison, is_verbose=console.is_verbose))
    shown = rows if console.is_verbose else rows[:_SHOWN_ROWS]
    room = None if console.width is None else console.width - 4
    for (verdict, _), lines in zip(shown, _laid_out([row[1] for row in shown], room), strict=True):
        for line in lines:
            console.result(f"    {console.styled(line, 'warning' if verdict == 'different' else 'plain')}")
    if hidden := len(rows) - len(shown):
        console.result(f"    {hidden} more with -v", "dim")


def _laid_out(rows: Sequence[tuple[str, str, str]], room: int | None) -> list[list[str]]:
    """Return the lines of each row: one where all of them fit, else the reason below, and nothing is cut."""
    lines = table_lines(rows, width=None)
    if room is None or all(width_of(line) <= room for line in lines):
        return [[line] for line in lines]
    heads = table_lines([row[:2] for row in rows], width=None)
    return [
        [
            head,
            *textwrap.wrap(
                row[2],
                max(room, 20),
                initial_indent="    ",
                subsequent_indent="    ",
                break_long_words=False,
                break_on_hyphens=False,
            ),
        ]
        for head, row in zip(heads, rows, strict=True)
    ]


def _rows(comparison: Comparison, *, is_verbose: bool) -> Iterator[tuple[Verdict, tuple[str, str, str]]]:
    """Yield the verdict and the cells of what isn't equal: what it is or the rule, where, why; the worst first."""
    for verdict in ("different", "explained"):
        # What runs comes before what is read.
        for file in sorted(comparison.files, key=lambda file: not may_run(file.path)):
            if file.verdict == verdict:
                yield file.verdict, (file.rule or verdict, printable(file.path), printable(file.note))
        for row in comparison.fields:
            if row.verdict == verdict and (is_verbose or verdict == "different"):
                yield (
                    row.verdict,
                    (
                        row.rule or verdict,
                        f"  {printable(row.field)}",
                        _field_note(row, is_verbose=is_verbose),
                    ),
                )


def _field_note(row: FieldVerdict, *, is_verbose: bool) -> str:
    """Return what only one side says, and why that may be."""
    ours, theirs = only_one_side(row)
    told = f"{_values(ours, is_verbose=is_verbose)} | {_values(theirs, is_verbose=is_verbose)}"
    return f"{told}  ({row.note})" if row.note else told


def _values(values: Sequence[str], *, is_verbose: bool) -> str:
    if is_verbose:
        return ", ".join(map(printable, values)) or "nothing"
    more = f", {len(values) - _SHOWN_VALUES} more" if len(values) > _SHOWN_VALUES else ""
    return ", ".join(fit(printable(value), 60) for value in values[:_SHOWN_VALUES]) + more or "nothing"


def _words(name: str, result: VerifyResult) -> str:
    others = list(dict.fromkeys(one.right for one in result.comparisons))
    if result.verdict == "equal":
        return (
            f"{name}: through conda comes what {' and '.join(others)} are"
            if len(others) > 1
            else (f"{name}: through conda comes what {others[0]} is")
        )
    rules = Counter(row.rule for one in result.comparisons for row in one.files if row.verdict == "explained")
    explained = ", ".join(f"{rule} ({count})" for rule, count in rules.most_common())
    if result.verdict == "explained":
        return f"{name}: all that differs has its reason: {explained}"
    wrong = [one.right for one in result.comparisons if one.verdict == "different"]
    return f"{name}: not what {' and '.join(dict.fromkeys(wrong))} has"


def count_text(results: Sequence[VerifyResult]) -> str:
    """Return how many sources were proved, and which weren't."""
    done = [result for result in results if result.error is None]
    counts = Counter(result.verdict for result in done)
    names = [without_credentials(result.subject) for result in done if result.verdict == "different"]
    parts = [f"{counts[one]} {one}" for one in ("equal", "explained") if counts[one]]
    parts += [f"different: {', '.join(names)}"] if names else []
    failed = [without_credentials(result.subject) for result in results if result.error is not None]
    parts += [f"failed: {', '.join(failed)}"] if failed else []
    return f"{counted(len(results), 'source')}: {'; '.join(parts)}"

"""The result of a build becomes a few lines: what was built, with what, kept from what, how long it took."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace

from conda_bridge.cli.build_noise import without_repetition
from conda_bridge.cli.console import Console, printable
from conda_bridge.cli.summary import size_text, source_text
from conda_bridge.model.build import EnvironmentRecord, Isolation
from conda_bridge.workflows.build import BuildResult
from conda_bridge.workflows.building.explained import explained
from conda_bridge.workflows.building.outputs import outside_sources
from conda_bridge.workflows.building.values import BuiltPackage
from conda_bridge.workflows.report import without_credentials

__all__ = ["isolation_text", "print_result", "seconds_text"]

_LABEL_WIDTH = 9
_SHOWN_STEP_S = 0.05
"""Shorter steps are left out, unless all are."""
_HARD_BLANK = "\N{NO-BREAK SPACE}"
_WITHIN_ITEMS = re.compile(r"(?<![,: ]) (?! )")


def print_result(
    console: Console,
    result: BuildResult,
    *,
    is_json: bool,
    earlier: Sequence[BuildResult] = (),
    has_others: bool = False,
) -> None:
    """Write the result to stdout and its findings to stderr; under `is_json` only a failure, in short.

    What the `earlier` results of the run had said isn't said again. Where the run `has_others`, and results and
    findings don't go to one terminal, findings say whose they are.
    """
    engines = {_engine_text(one) for one in earlier if one.error is None}
    if not console.is_verbose:
        result = replace(result, diagnostics=tuple(without_repetition(result, earlier)))
    if result.error is not None:
        _print_failure(console, result)
        return
    if is_json:
        return
    if not console.is_quiet:
        _print_head(console, result)
        for label, text in _rows(result):
            if label != "engine" or text not in engines:
                _print_row(console, label, text)
        is_told = console.is_verbose or any(one.severity != "info" for one in result.diagnostics)
        if (has_others or earlier) and is_told and result.diagnostics and console.width is None:
            console.note(f"{printable(without_credentials(result.planned.label))}:", "strong")
        console.findings(result.diagnostics)
    for package in result.packages:
        _print_package(console, package)
    for command in result.commands:
        console.result(command.rstrip("\n"))


def _print_head(console: Console, result: BuildResult) -> None:
    recipe = result.planned.recipe
    if recipe is None:
        return
    source = source_text(recipe.conversion.facts) if recipe.conversion else str(recipe.path)
    name = printable(f"{recipe.name} {recipe.version}".rstrip())
    has_room = console.width is None or len(f"{name}   {printable(source)}") <= console.width
    gap = "   " if has_room else "\n  "
    console.result(f"{console.styled(name, 'strong')}{gap}{_wrapped(console, source, 2)}")


def _print_row(console: Console, label: str, text: str) -> None:
    console.result(f"  {label:<{_LABEL_WIDTH}}{_wrapped(console, text, 2 + _LABEL_WIDTH)}")


def _wrapped(console: Console, text: str, indent: int) -> str:
    """Return text broken for the terminal, if one reads the results, where an item of a list ends.

    Paths are never broken: people copy them.
    """
    shown = printable(text)
    if console.width is None:
        return shown
    lines = textwrap.wrap(
        _WITHIN_ITEMS.sub(_HARD_BLANK, shown),
        console.width - indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"\n{'':<{indent}}".join(lines).replace(_HARD_BLANK, " ")


def _print_package(console: Console, package: BuiltPackage) -> None:
    path, size = printable(package.path), size_text(package.record.size_bytes)
    facts = f"{size}, sha256 {package.record.sha256}" if console.is_verbose else size
    has_room = console.width is None or len(f"built {path}   {facts}") <= console.width
    gap = "   " if has_room else f"\n{'':<6}"
    console.result(f"{console.styled('built', 'good')} {path}{gap}{console.styled(facts, 'dim')}")


def _rows(result: BuildResult) -> Iterator[tuple[str, str]]:
    if not result.planned.is_asked:
        wants = [
            f"{one.by} ({f'{one.section}: ' if one.section else ''}{one.spec})"
            for one in result.planned.wants
        ]
        yield "for", ", ".join(wants)
    if result.planned.needs:
        yield "after", ", ".join(result.planned.needs)
    recipe = result.planned.recipe
    if recipe is not None and not result.packages:
        for output in recipe.outputs:
            variant = ", ".join(f"{key} {value}" for key, value in output.variant)
            text = f"{output.conda_name} {output.version} {output.build} ({output.subdir})"
            yield "output", text + (f"   {variant}" if variant else "")
    if result.isolation is not None:
        yield "engine", _engine_text(result)
    yield from _environment_rows(result.environments)
    if result.steps:
        longest = max(one.duration_s for one in result.steps)
        shown = [one for one in result.steps if one.duration_s >= min(_SHOWN_STEP_S, longest)]
        yield "steps", ", ".join(f"{one.step} {seconds_text(one.duration_s)}" for one in shown)
    if result.tests:
        passed = sum(one.is_passed for tests in result.tests for one in tests.results)
        yield "tests", f"{passed} passed" if passed else "the package has none"
    elif result.packages:
        yield "tests", "not run (--no-test)"


def _engine_text(result: BuildResult) -> str:
    recipe = result.planned.recipe
    if result.isolation is None:
        return ""
    # Whoever gives a project knows where it is; a recipe may name any folder.
    taken = outside_sources(recipe.outputs, recipe.path) if recipe and not recipe.conversion else ()
    return f"{result.engine}, {isolation_text(result.isolation, taken)}"


def _environment_rows(environments: Sequence[EnvironmentRecord]) -> Iterator[tuple[str, str]]:
    several = len({one.package for one in environments}) > 1
    for one in environments:
        owner = f" of {one.package}" if several else ""
        names = ", ".join(f"{package.conda_name} {package.version}".strip() for package in one.packages)
        count = f"{len(one.packages)} package{'' if len(one.packages) == 1 else 's'}"
        yield one.kind, f"{count}{owner}: {names}" if names else count


def isolation_text(isolation: Isolation, taken: Sequence[str] = ()) -> str:
    """Return what a build was kept from, in words; `taken` are the user's files that it was given nevertheless."""
    but = f" but {' and '.join(taken)}" if taken else ""
    parts = [
        "with network" if isolation.has_network else "no network",
        f"your files hidden{but}" if isolation.are_files_hidden else "your files visible",
    ]
    parts += ["orphans: possible"] if isolation.can_leave_orphans else []
    return f"{', '.join(parts)} ({isolation.kind})"


def seconds_text(duration_s: float) -> str:
    """Return a duration as people say it.

    >>> seconds_text(3.14159), seconds_text(135)
    ('3.1 s', '2 min 15 s')
    """
    if duration_s < 60:
        return f"{duration_s:.1f} s"
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes} min {seconds} s"


def _print_failure(console: Console, result: BuildResult) -> None:
    """Write why a recipe failed: the known cause, or else the line of the log that says what is wrong."""
    error, lines, cause = explained(result)
    console.failure(error, source=without_credentials(result.planned.label), log=(result.log, lines))
    console.findings(one for one in result.diagnostics if one != cause)

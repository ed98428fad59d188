"""What became of packages and wheels, as people read it: a line for each, and the findings of all together."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from conda_bridge.cli.console import Console, printable
from conda_bridge.cli.summary import size_text
from conda_bridge.errors import BridgeError
from conda_bridge.model.codes import code_of
from conda_bridge.model.counts import counted
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.repackaging import MetadataOrigin, WheelMade
from conda_bridge.workflows.conda import CondaResult
from conda_bridge.workflows.report import without_credentials
from conda_bridge.workflows.wheel import WheelResult

__all__ = [
    "count_text",
    "exit_status",
    "grouped",
    "is_told",
    "print_failure",
    "print_packages",
    "print_wheel",
]

_SIZE_WIDTH = 7
_MOST_NAMES = 5
_ORIGINS: dict[MetadataOrigin, str] = {
    "kept": "metadata kept",
    "egg-info": "metadata of egg-info",
    "synthesised": "metadata synthesised",
}


def print_failure(
    console: Console, result: WheelResult | CondaResult, file: str, earlier: Iterable[BridgeError | None]
) -> None:
    """Write why there is no wheel, or no package; what to do is said once where it is the same as `earlier`."""
    error = result.error
    assert error is not None, "others have results"
    where = error.where or ""
    if file and (where == file or where.startswith(f"{file}/")):
        # The file is named in front of it.
        where = where[len(file) + 1 :]
    is_said = any(one is not None and (one.slug, one.hint) == (error.slug, error.hint) for one in earlier)
    told = type(error)(error.slug, error.message, where=where or None, hint="" if is_said else error.hint)
    console.failure(told, source=printable(without_credentials(file or result.source)))


def is_told(result: WheelResult, earlier: Iterable[WheelResult]) -> bool:
    """Tell whether a package with several wheels is known by now to install what another one does."""
    told = (result.source, result.package, result.same_as)
    return bool(result.same_as) and any((one.source, one.package, one.same_as) == told for one in earlier)


def print_wheel(console: Console, result: WheelResult, *, is_dry_run: bool) -> None:
    """Write what became of a package that has a wheel."""
    made = result.made
    assert made is not None, "failures are told by `print_failure`"
    if result.same_as:
        told = f"{printable(result.package)} installs what {printable(result.same_as)} does"
        console.result(f"{console.styled('same', 'dim')}  {told}")
        return
    name = printable(result.path or result.index_path)
    console.result(_line(console, name, made.size_bytes, ", ".join(_facts(made)), is_dry_run=is_dry_run))
    if console.is_verbose:
        for dropped in made.dropped:
            console.note(f"  left out {printable(dropped.path)}  ({dropped.reason})", "dim")


def _facts(made: WheelMade) -> list[str]:
    facts = [_ORIGINS[made.metadata_origin]]
    if made.dropped:
        facts.append(f"{counted(len(made.dropped), 'file')} left out")
    if made.drift:
        facts.append(f"{counted(len(made.drift), 'drift')}")
    if made.deflate != "zlib":
        facts.append(made.deflate)
    return facts


def print_packages(console: Console, result: CondaResult, *, is_dry_run: bool) -> None:
    """Write the packages that a wheel became."""
    if result.same_as:
        told = f"{printable(without_credentials(result.source))} is {printable(without_credentials(result.same_as))}"
        console.result(f"{console.styled('same', 'dim')}  {told}")
        return
    for made in result.packages:
        places = ", ".join(made.platforms)
        python = f"python {made.python}" if made.python else ""
        facts = "  ".join(filter(None, (places and f"for {places}", python)))
        console.result(
            _line(console, printable(made.path), made.record.size_bytes, facts, is_dry_run=is_dry_run)
        )


def _line(console: Console, name: str, size_bytes: int | None, facts: str, *, is_dry_run: bool) -> str:
    """Return what is told of a file; its name, which may be long, shifts nothing but the facts."""
    verb = console.styled("would write" if is_dry_run else "wrote", "good")
    size = f" {size_text(size_bytes):>{_SIZE_WIDTH}} " if size_bytes else ""
    return f"{verb}{size} {name}   {facts}".rstrip()


def grouped(found: Sequence[tuple[str, Sequence[Diagnostic]]], *, is_verbose: bool) -> list[Diagnostic]:
    """Return the findings of several subjects: of those that many share, one that names the subjects."""
    if len(found) <= 1 or is_verbose:
        return [_of(name, one, is_named=len(found) > 1) for name, several in found for one in several]
    by_code: defaultdict[str, list[tuple[str, Diagnostic]]] = defaultdict(list)
    for name, several in found:
        for one in several:
            by_code[one.code].append((name, one))
    return [one for rows in by_code.values() for one in _joined(rows)]


def _joined(rows: Sequence[tuple[str, Diagnostic]]) -> Iterable[Diagnostic]:
    names = list(dict.fromkeys(name for name, _ in rows))
    if len(names) == 1:
        return [_of(name, one, is_named=True) for name, one in rows]
    first = rows[0][1]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    message = f"{code_of(first.slug).title}: {', '.join(names[:_MOST_NAMES])}{more}"
    return [replace(first, message=message, origin="", line=0)]


def _of(name: str, one: Diagnostic, *, is_named: bool) -> Diagnostic:
    return replace(one, message=f"{name}: {one.message}") if is_named else one


def count_text(results: Sequence[WheelResult | CondaResult], *, thing: str, is_dry_run: bool) -> str:
    """Return how many became something else, and which didn't."""
    failed = [
        (Path(without_credentials(result.source)).name, code_of(result.error.slug).number)
        for result in results
        if result.error is not None
    ]
    # A package with several projects has a result for each that has a wheel.
    subjects = {
        (result.source, result.package if isinstance(result, WheelResult) and result.made else number)
        for number, result in enumerate(results)
    }
    count = len(subjects)
    verb = "would be converted" if is_dry_run else "converted"
    told = f"{count - len(failed)} of {counted(count, thing)} {verb}"
    if not failed:
        return told
    if len(failed) <= _MOST_NAMES:
        return f"{told}; not: {', '.join(f'{name} ({code})' for name, code in failed)}"
    codes = Counter(code for _, code in failed)
    return f"{told}; not: {', '.join(f'{count} for {code}' for code, count in sorted(codes.items()))}"


def exit_status(errors: Iterable[BridgeError]) -> int:
    """Return what the process ends with: that of the one kind of failure, or that of several."""
    statuses = {code_of(error.slug).exit_status for error in errors}
    if len(statuses) > 1:
        return code_of("several-failed").exit_status
    return statuses.pop() if statuses else 0

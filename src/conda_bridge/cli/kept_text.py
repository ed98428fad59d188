"""What builds keep in the cache, as text for people."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from conda_bridge.cli.console import Console, printable, table_lines
from conda_bridge.model.counts import counted

if TYPE_CHECKING:
    from conda_bridge.workflows.kept_folders import KeptFolder

__all__ = ["print_cleaned", "print_kept"]

_ADVICE = "`conda-bridge distributor clean` removes what is of an older format, unused or left over"


def print_kept(console: Console, kept: "Sequence[KeptFolder]") -> None:
    """Write what is kept, and how much in all."""
    if not kept:
        return
    console.result()
    console.result(f"kept for builds on this machine: {_size(kept)}", "strong")
    _print(console, kept, [one.state if one.state != "kept" else "" for one in kept])
    console.note(f"  {_ADVICE}", "dim")


def print_cleaned(console: Console, kept: "Sequence[KeptFolder]", *, is_dry_run: bool) -> None:
    """Write what is removed and what stays, and why."""
    gone = [one for one in kept if one.is_removed]
    verb = "would be removed" if is_dry_run else "removed"
    fates = []
    for one in kept:
        if one.is_removed:
            fates.append(f"{verb}: {one.state}")
        else:
            fates.append("stays" if one.state == "kept" else f"stays: {_hindrance(one)}")
    _print(console, kept, fates)
    rest = [one for one in kept if not one.is_removed]
    console.result(f"{verb}: {_size(gone)}; {_size(rest)} stay", "strong")


def _hindrance(one: "KeptFolder") -> str:
    return "a build is running" if one.state == "in use" else "it can't be removed"


def _print(console: Console, kept: "Sequence[KeptFolder]", remarks: Sequence[str]) -> None:
    rows = [(*_cells(one), remark) for one, remark in zip(kept, remarks, strict=True)]
    for line in table_lines(rows, width=console.width):
        console.result(f"  {line}")


def _cells(one: "KeptFolder") -> tuple[str, ...]:
    count = counted(one.packages, "package") if one.kind == "host channel" else ""
    detail = ", ".join(filter(None, (one.detail, count)))
    age = "used today" if not one.idle_days else f"used {one.idle_days} day{'s' * (one.idle_days > 1)} ago"
    return one.kind, printable(one.path), detail, _size([one]), age


def _size(kept: "Iterable[KeptFolder]") -> str:
    return f"{sum(one.size_bytes for one in kept) / 1e6:.1f} MB"

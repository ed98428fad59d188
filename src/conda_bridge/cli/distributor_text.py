"""What is known of a distributor, as text for people."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from conda_bridge.cli.console import Console, printable, table_lines
from conda_bridge.model.counts import counted
from conda_bridge.translate.distributors import is_channel

if TYPE_CHECKING:
    from conda_bridge.workflows.distributor_details import (
        DistributorDetails,
        HostDetails,
        HostTool,
        VariantRow,
    )

__all__ = ["print_details"]

_USUAL = (
    "python", "python_min", "c_compiler", "c_compiler_version", "cxx_compiler", "cxx_compiler_version",
    "fortran_compiler", "fortran_compiler_version", "rust_compiler", "c_stdlib", "c_stdlib_version", "numpy",
)  # fmt: skip
"""Keys that most recipes use, in this order."""


def print_details(console: Console, details: "DistributorDetails", *, is_all: bool) -> None:
    """Write a distributor to stdout; of its variants only the usual keys, unless all are wanted."""
    console.result(printable(details.name), "strong")
    for line in table_lines([*_rows(details), *_host_rows(details.host)], width=console.width):
        console.result(f"  {line}")
    console.result()
    console.result(f"variants on {details.subdir}, from {printable(details.variants_origin)}", "strong")
    shown = details.variants if is_all else tuple(_usual(details.variants))
    cells = [(row.key, ", ".join(map(printable, row.values))) for row in shown]
    for line in table_lines(cells, width=console.width):
        console.result(f"  {line}")
    if hidden := len(details.variants) - len(shown):
        console.note(f"  {hidden} more {'key' if hidden == 1 else 'keys'} with --all", "dim")
    for group in details.zip_keys:
        console.result(f"  together: {', '.join(group)}", "dim")


def _rows(details: "DistributorDetails") -> Iterator[tuple[str, str]]:
    yield "channels", ", ".join(map(printable, details.channels)) or "made on this machine"
    is_own = details.conventions == details.name
    yield "conventions", "its own" if is_own else f"those of {details.conventions}"
    yield "package names", f"those of {details.name_map}"
    if details.host is None:
        whose = "" if not is_channel(details.name) else f"those that {details.conventions} builds for: "
        yield "pythons", f"{whose}{', '.join(details.pythons)}; the lowest is {details.python_min}"
        yield "platforms", ", ".join(details.platforms)
    yield (
        "pinned",
        f"{counted(details.pinned, 'package')}, which recipes list in host without a version: its variants have it",
    )


def _host_rows(host: "HostDetails | None") -> Iterator[tuple[str, str]]:
    if host is None:
        return
    headers = "with headers" if host.has_headers else "without headers"
    yield "python", f"{_tool(host.interpreter)}, {host.layout} layout, {headers}"
    yield "glibc", host.glibc
    for tool in host.compilers:
        yield tool.name, _tool(tool)
    yield "programs", ", ".join(f"{tool.name} {tool.version}".strip() for tool in host.programs) or "none"
    if host.is_noarch_only:
        yield "builds", "noarch packages only: nothing can be compiled"
    yield (
        "channel",
        f"{printable(host.channel_dir)}, {counted(host.packages, 'package')}, {host.size_bytes / 1e6:.1f} MB",
    )


def _tool(tool: "HostTool") -> str:
    return printable(f"{tool.version} {tool.path}".strip())


def _usual(rows: "tuple[VariantRow, ...]") -> "Iterator[VariantRow]":
    by_key = {row.key: row for row in rows}
    yield from (by_key[key] for key in _USUAL if key in by_key)

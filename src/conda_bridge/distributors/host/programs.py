"""`data/host_programs.toml` -> the programs of this machine that packages stand for, and what is lacking.

What isn't on the PATH has no package. One that is starts the machine's own program, whatever environment it is in.
"""

import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from conda_bridge.distributors.host.facts import HostFacts, HostProgram
from conda_bridge.distributors.host.interpreters import INSIDE
from conda_bridge.distributors.host.packing import PRIVATE_BUILD, pack, script
from conda_bridge.distributors.host.wrappers import wrapper
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName
from conda_bridge.model.tables import read_table
from conda_bridge.processes.programs import find_program

__all__ = ["STAND_IN", "find_programs", "program_packages", "remedy_for"]

_CHILDREN = 4
_LICENSES = "cargo-bundle-licenses"
_RUST_LIBRARY = "rust-std-"
_STAND_IN_VERSION = "0.0.0"
STAND_IN = f"{_LICENSES}-{_STAND_IN_VERSION}-{PRIVATE_BUILD}.conda"
"""The package of what stands in for cargo-bundle-licenses."""


@cache
def _rows() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = read_table("host_programs")["program"]
    return rows


def find_programs(environment: Mapping[str, str]) -> tuple[HostProgram, ...]:
    """Return the packages of the table whose first program is on the PATH and says its version."""
    with ThreadPoolExecutor(_CHILDREN) as pool:
        found = pool.map(lambda row: _found(row[0], row[1], environment), _rows().items())
        return tuple(one for one in found if one is not None)


def _found(name: str, row: dict[str, Any], environment: Mapping[str, str]) -> HostProgram | None:
    programs: list[str] = row.get("programs", [name])
    arguments = tuple(row.get("version", ("--version",)))
    first = find_program(programs[:1], environment=environment, arguments=arguments)
    if first is None or not first.version:
        return None
    paths = ((one, shutil.which(one, path=environment.get("PATH", ""))) for one in programs)
    return HostProgram(
        conda_name=name,
        version=first.version,
        paths=tuple((one, path) for one, path in paths if path),
        settings=tuple(sorted(row.get("set", {}).items())),
    )


def program_packages(facts: HostFacts, target_dir: Path) -> tuple[Path, ...]:
    """Make the packages of programs in a folder, and return their paths.

    Recipes of Rust projects run cargo-bundle-licenses, which hardly any machine has: where there is rust, a stand-in
    is made of it that gathers the licence files of vendored crates.
    """
    made = []
    for program in facts.programs:
        wrappers = [wrapper(name, path, settings=program.settings) for name, path in program.paths]
        record = _record(program.conda_name, program.version, facts)
        made.append(pack(target_dir, record, wrappers, summary=f"Starts {program.paths[0][1]}"))
    is_here = any(program.conda_name == _LICENSES for program in facts.programs)
    if facts.compiler("rust") is not None and not is_here:
        text = (INSIDE / f"{_LICENSES}.sh").read_text(encoding="utf-8")
        record = _record(_LICENSES, _STAND_IN_VERSION, facts)
        summary = "Gathers the licence files of vendored crates"
        made.append(pack(target_dir, record, [script(f"bin/{_LICENSES}", text)], summary=summary))
    return tuple(made)


def _record(name: str, version: str, facts: HostFacts) -> PackageRecord:
    return PackageRecord(
        conda_name=CondaName(name),
        version=version,
        build=PRIVATE_BUILD,
        subdir=facts.subdir,
        depends=("__linux",),
        license="BSD-3-Clause",
    )


def remedy_for(conda_name: str) -> str:
    """Return how a package of the table comes to the host distributor; empty for what isn't in the table.

    >>> remedy_for("gfortran_linux-64")
    'apt install gfortran, or the like, and it is taken from the PATH'
    """
    if conda_name.startswith(_RUST_LIBRARY):
        target = conda_name.removeprefix(_RUST_LIBRARY)
        return f"rustup target add {target}, or the like, and it is taken from rust's own folder"
    table = read_table("host_programs")
    tool, _, _ = conda_name.partition("_")
    row = table["tool"].get(tool) if "_" in conda_name else table["program"].get(conda_name)
    if row is None:
        return ""
    package = row.get("debian", conda_name)
    if not package:
        return f"put {row.get('programs', [conda_name])[0]} on the PATH, and it is taken from there"
    return f"apt install {package}, or the like, and it is taken from the PATH"

"""`data/external.toml` -> what external dependencies are called on conda, and look-ups in such mappings.

    ["dep:generic/zlib"]
    description = "..."
    build, host, run = "spec" or ["spec", ...]   absent: nothing there
    aliases = ["dep:github/madler/zlib"]         other ids of the same
    alternatives = [{ host = ["zlib-ng"] }]      what else provides it, the better first
    unversioned = true                           its packages count versions otherwise

`compiler(c)` and `stdlib(c)` are the functions of recipes.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from conda_bridge.model.external import ExternalMapping, ExternalRow, ExternalSection
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import CompilerSpec, Spec, StdlibSpec
from conda_bridge.model.tables import read_table
from conda_bridge.translate.name_table import Rename, curated_names

__all__ = [
    "best_row",
    "external_mapping",
    "id_of_package",
    "nearest",
    "placed",
    "read_function",
    "renamed_library",
]

_FUNCTION = re.compile(r"(compiler|stdlib)\(([a-z0-9_-]+)\)", re.ASCII)
_ELSEWHERE: dict[ExternalSection, tuple[ExternalSection, ...]] = {
    "build": ("build", "host", "run"),
    "host": ("host", "build", "run"),
    "run": ("run", "host", "build"),
}
_VIRTUAL = "dep:virtual/"
_COMPILERS = "dep:virtual/compiler/"
_INTERFACES = frozenset(f"dep:virtual/interface/{name}" for name in ("blas", "lapack", "mpi", "openmp"))
_MOST_CHARACTERS = 200
_CLOSENESS = 0.75


@cache
def external_mapping() -> ExternalMapping:
    """Return the mapping that ships with conda-bridge."""
    raw = read_table("external")
    rows = tuple(row for dep_id, table in raw.items() for row in _rows(dep_id, table))
    aliases = tuple((alias, dep_id) for dep_id, table in raw.items() for alias in table.get("aliases", ()))
    return ExternalMapping(rows=rows, aliases=aliases)


def _rows(dep_id: str, table: Mapping[str, Any]) -> Iterator[ExternalRow]:
    for choice in (table, *table.get("alternatives", ())):
        yield ExternalRow(
            id=dep_id,
            description=choice.get("description", table.get("description", "")),
            build=_specs(choice.get("build", ())),
            host=_specs(choice.get("host", ())),
            run=_specs(choice.get("run", ())),
            unversioned=choice.get("unversioned", dep_id.startswith(_VIRTUAL)),
        )


def _specs(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def best_row(rows: tuple[ExternalRow, ...]) -> ExternalRow:
    """Return the alternative that recipes take: the first, unless another calls a compiler by the recipe's function.

    Published documents name packages such as `c-compiler`, which are for people's environments.
    """
    if not rows[0].id.startswith(_COMPILERS):
        return rows[0]
    return next((row for row in rows if any(map(read_function, row.build))), rows[0])


def placed(row: ExternalRow, section: ExternalSection) -> tuple[ExternalSection, tuple[str, ...]]:
    """Return where a row's specs go that is asked for in `section`, and the specs.

    A library that a row knows for host alone is taken from there for run, without `-devel`, where the declaration
    wants it; a program that it knows for build alone goes to build instead of host.
    """
    for other in _ELSEWHERE[section]:
        if specs := row.section(other):
            if section == "run" and other == "host":
                specs = tuple(re.sub(r"-devel(?= |$)", "", spec) for spec in specs)
            is_program = section == "host" and other == "build"
            is_function = all(map(read_function, specs))
            return (other if is_program or is_function else section), specs
    return section, ()


def read_function(text: str) -> Spec | None:
    """Return what `compiler(c)` and `stdlib(c)` stand for; None for a package."""
    found = _FUNCTION.fullmatch(text)
    if found is None:
        return None
    return CompilerSpec(language=found[2]) if found[1] == "compiler" else StdlibSpec(language=found[2])


def renamed_library(name: CondaName) -> tuple[CondaName | None, str]:
    """Return what recipes should depend on instead and why; None for nothing, the name itself and no reason mostly."""
    row = _library_renames().get(name)
    if row is None:
        return name, ""
    return row.replacement, row.reason


@cache
def _library_renames() -> dict[CondaName, Rename]:
    return {row.conda_name: row for row in curated_names().library_renames}


def id_of_package(name: CondaName, section: ExternalSection, mapping: ExternalMapping) -> str:
    """Return the id that a package of a section stands for; empty where the mapping has none.

    The interfaces of PEP 804's registry come first, then an id of the package's own name, then one that means this
    package alone; a library of run may be one that the mapping knows for host.
    """
    ranked = []
    for dep_id in sorted({row.id for row in mapping.rows}):
        choices = mapping.of(dep_id)
        for rank, row in enumerate(choices):
            names = [_name_of(spec) for spec in placed(row, section)[1]]
            if name in names:
                is_other = _parts(dep_id)[1] != name
                ranked.append((rank, dep_id not in _INTERFACES, is_other, len(names), dep_id))
    return min(ranked)[-1] if ranked else ""


def _name_of(spec: str) -> str:
    return spec.partition(" ")[0]


def nearest(dep_id: str, mapping: ExternalMapping) -> str:
    """Return the known id that is most like an unknown one; empty where none is.

    Of ids with the same name the one of the same type comes first. Costs milliseconds.
    """
    import difflib  # noqa: PLC0415 - only unknown ids need it, and it costs milliseconds

    asked = dep_id[:_MOST_CHARACTERS]
    kind, name = _parts(asked)
    by_name = _by_name(mapping)
    close = difflib.get_close_matches(name.lower(), by_name, n=1, cutoff=_CLOSENESS)
    if not close:
        return ""
    return min(by_name[close[0]], key=lambda known: (_parts(known)[0] != kind, known))


def _by_name(mapping: ExternalMapping) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for dep_id in mapping.ids:
        found.setdefault(_parts(dep_id)[1].lower(), []).append(dep_id)
    return found


def _parts(dep_id: str) -> tuple[str, str]:
    kind, _, rest = dep_id.removeprefix("dep:").partition("/")
    return kind, rest.rpartition("/")[2]

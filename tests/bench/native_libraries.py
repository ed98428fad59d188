"""Count how many external libraries of compiled packages inference finds, against what feedstocks list.

    python tests/bench/native_libraries.py [--own] [--inspect-wheels] [--only NAME]... [-v]

Needs a package index, and the environment variable CONDA_BRIDGE_BENCH (the folder with `native_dev.jsonl`) unless
`--own` chooses `native_own.jsonl` beside this file: well-known packages, each with its main library only, for which
precision says nothing. A pair is (package, library); `host` counts recipes, `told` also what is only reported.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conda_bridge.errors import BridgeError
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.external import ExternalMapping
from conda_bridge.model.libraries import FoundLibrary
from conda_bridge.model.options import RecipeOptions
from conda_bridge.model.recipe import spec_key
from conda_bridge.protocols import SilentReporter
from conda_bridge.translate.external import external_mapping
from conda_bridge.workflows.convert import convert
from conda_bridge.workflows.services import services_of

_RULES = frozenset({"libraries", "external"})


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    """What inference said of one package, by the truth's names."""

    package: str
    required: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    """Those of the truth that are reported, required or not."""
    missing: frozenset[str] = frozenset()
    extra: tuple[str, ...] = ()
    """Conda names that the rules for libraries added and that the truth lacks."""
    found: tuple[FoundLibrary, ...] = ()
    failure: str = ""


def main() -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--own", action="store_true", help="the list beside this file")
    parser.add_argument("--inspect-wheels", action="store_true")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="say why, for each miss and false positive"
    )
    arguments = parser.parse_args()
    own = Path(__file__).with_name("native_own.jsonl")
    path = own if arguments.own else Path(os.environ["CONDA_BRIDGE_BENCH"]) / "native_dev.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    rows = [row for row in rows if not arguments.only or row["pypi_name"] in arguments.only]
    options = RecipeOptions(inspect_wheels=arguments.inspect_wheels, ask_channels=False)
    started = time.perf_counter()
    outcomes = [
        _outcome(row["pypi_name"], row["version"], frozenset(row["libraries"]), options) for row in rows
    ]
    for one in outcomes:
        _show(one, is_verbose=arguments.verbose, is_own=arguments.own)
    _show_sums(outcomes, is_own=arguments.own)
    print(f"{time.perf_counter() - started:.1f} s")
    return 0


def _outcome(name: str, version: str, libraries: frozenset[str], options: RecipeOptions) -> _Outcome:
    services = services_of(options, SilentReporter())
    try:
        conversion = convert(f"{name}=={version}", options=options, services=services)
    except BridgeError as error:
        return _Outcome(package=name, missing=libraries, failure=f"{error.slug}: {error.message}")
    mapping = external_mapping()
    added = _added(conversion)
    names = {library: _names_of(mapping, library) for library in libraries}
    required = frozenset(library for library in libraries if names[library] & added)
    ids = {mapping.canonical(one.id) for one in conversion.libraries}
    told = required | {library for library in libraries if _ids_of(mapping, library) & ids}
    known = {conda_name for some in names.values() for conda_name in some}
    return _Outcome(
        package=name,
        required=required,
        told=told,
        missing=libraries - required,
        extra=tuple(sorted(added - known)),
        found=conversion.libraries,
    )


def _added(conversion: Conversion) -> set[str]:
    """Return what the rules for external dependencies put into the sections, tools of build aside."""
    (output,) = conversion.recipe.outputs
    sections = ("requirements.host", "requirements.run")
    by_rule = {
        evidence.address.rpartition("/")[2]
        for evidence in conversion.evidence
        if evidence.rule in _RULES and any(f"/{section}/" in evidence.address for section in sections)
    }
    lines = (*output.requirements.host, *output.requirements.run)
    present = {spec_key(line.spec) for line in lines}
    return {str(name) for name in by_rule & present}


def _ids_of(mapping: ExternalMapping, library: str) -> set[str]:
    ids = (f"dep:generic/{library}", f"dep:virtual/interface/{library}")
    return {mapping.canonical(dep_id) for dep_id in ids if mapping.of(dep_id)}


def _names_of(mapping: ExternalMapping, library: str) -> set[str]:
    rows = [row for dep_id in _ids_of(mapping, library) for row in mapping.of(dep_id)]
    return {library, *(spec.split()[0] for row in rows for spec in (*row.host, *row.run))}


def _show(one: _Outcome, *, is_verbose: bool, is_own: bool) -> None:
    if one.failure:
        print(f"{one.package:16} FAILED {one.failure[:120]}")
    missed = [f"{name}{' (told)' if name in one.told else ''}" for name in sorted(one.missing)]
    wrong = [] if is_own else list(one.extra)
    if missed or wrong:
        print(f"{one.package:16} misses {', '.join(missed) or '-'}; beside {', '.join(wrong) or '-'}")
    if is_verbose:
        for library in one.found:
            mark = "+" if library.is_required else " "
            where = ", ".join(library.origins[:2])
            print(f"    {mark} {library.key:16} {'+'.join(library.families):24} {library.note}   {where}")


def _show_sums(outcomes: Iterable[_Outcome], *, is_own: bool) -> None:
    outcomes = list(outcomes)
    pairs = sum(len(one.required | one.missing) for one in outcomes)
    hits = sum(len(one.required) for one in outcomes)
    told = sum(len(one.told) for one in outcomes)
    extra = sum(len(one.extra) for one in outcomes)
    print(
        f"\n{pairs} pairs: in recipes {hits} ({hits / max(1, pairs):.0%}), told {told} ({told / max(1, pairs):.0%})"
    )
    if not is_own:
        print(f"precision {hits / max(1, hits + extra):.0%} ({extra} names beside)")
    complete = sum(not one.missing for one in outcomes)
    print(f"{complete} of {len(outcomes)} packages have all of theirs")
    families: Counter[str] = Counter()
    for one in outcomes:
        for library in one.found:
            kind = "required" if library.is_required else "told"
            families[f"{'+'.join(library.families):26} {kind}"] += 1
    for family, count in sorted(families.items()):
        print(f"  {family:36} {count}")


if __name__ == "__main__":
    sys.exit(main())

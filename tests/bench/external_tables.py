"""Tables [external] of real projects -> recipes; their names compared with those that were expected.

    python tests/bench/external_tables.py [-v]

The tables are `external_dev.jsonl` and `external_legacy_dev.jsonl` of the folder CONDA_BRIDGE_BENCH. Each is put into
an invented pyproject.toml, once as published and once normalised, and both must give the same recipe. Exit status 1:
something differs that is not among our choices:

- `stdlib(c)` is left out of the comparison: it goes with every compiler, and one of the two lists omits it.
- Optional sets stay out of a recipe; they are compared as chosen extras, by the names that the list expects beside the
  required ones.
- An id that the list calls unmapped is no difference where our mapping knows it: ours is the larger one.
"""

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from conda_bridge.infer.external import External, infer_external
from conda_bridge.infer.pythons import infer_python
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.names import PypiName
from conda_bridge.model.overrides import Item, PackageOverrides
from conda_bridge.model.recipe import spec_key
from conda_bridge.translate.depurls import normalised, parse_depurl

sys.path.insert(0, str(Path(__file__).parent.parent))
from support.converting import context_of
from support.trees import facts_of_texts

FILES = ("external_dev.jsonl", "external_legacy_dev.jsonl")
SECTIONS = ("build", "host", "run")
_FUNCTION = re.compile(r"\$\{\{ (compiler|stdlib)\('(\w+)'\) \}\}")


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the tables of both lists."""
    for name in FILES:
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def toml_of(table: dict[str, Any]) -> str:
    """Return a pyproject.toml with the table."""
    lines = [
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"',
        '[project]\nname = "demo"\nversion = "1"',
        "[external]",
    ]
    lines += [f"{key} = {json.dumps(value)}" for key, value in table.items() if isinstance(value, list)]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += [f"[external.{key}]", *(f"{json.dumps(n)} = {json.dumps(v)}" for n, v in value.items())]
    return "\n".join(lines)


def context(table: dict[str, Any], *, extras: Iterable[str] = ()) -> InferContext:
    """Return what the rules see of a project with the table."""
    chosen = PackageOverrides(name=PypiName("demo"), extras=tuple(Item(text=extra) for extra in extras))
    return context_of(facts_of_texts({"pyproject.toml": toml_of(table)}, label="demo-1"), overrides=chosen)


def names_of(table: dict[str, Any], *, extras: Iterable[str] = ()) -> dict[str, set[str]]:
    """Return the names of each section that a table gives."""
    ctx = context(table, extras=extras)
    external: External = infer_external(ctx, infer_python(ctx).value).value
    found: dict[str, set[str]] = {section: set() for section in SECTIONS}
    found["build"] |= {f"compiler({language})" for language, _ in external.compilers}
    for one in external.contributions:
        found[one.section].add(spec_key(one.spec))
    return found


def expected_of(specs: dict[str, list[str]]) -> dict[str, set[str]]:
    """Return the expected names of each section, without `stdlib(c)`."""
    named = {
        section: {_FUNCTION.sub(r"\1(\2)", spec).split(" ")[0] for spec in specs.get(section, ())}
        for section in SECTIONS
    }
    return {section: names - {"stdlib(c)"} for section, names in named.items()}


def differences(row: dict[str, Any]) -> Iterator[str]:
    """Yield what differs from what a row expects."""
    published = row.get("external_as_published", row["external"])
    today = row.get("external_normalised", row["external"])
    got, again = names_of(published), names_of(today)
    if got != again:
        yield f"as published {got}, normalised {again}"
    ours = ids_names(row.get("unmapped", ()))
    yield from _compared(got, expected_of(row["expected"]), ours, "")
    for extra, specs in row.get("expected_optional", {}).items():
        whole = names_of(published, extras=[extra])
        wanted = {s: expected_of(row["expected"])[s] | expected_of(specs)[s] for s in SECTIONS}
        yield from _compared(whole, wanted, ours, f" with {extra}")


def ids_names(ids: Iterable[str]) -> set[str]:
    """Return the names at the end of ids."""
    return {parse_depurl(normalised(dep_id)[0]).name.lower() for dep_id in ids}


def _compared(
    got: dict[str, set[str]], wanted: dict[str, set[str]], ours: set[str], label: str
) -> Iterator[str]:
    for section in SECTIONS:
        if missing := wanted[section] - got[section]:
            yield f"{section}{label}: missing {', '.join(sorted(missing))}"
        if extra := got[section] - wanted[section] - ours:
            yield f"{section}{label}: beyond {', '.join(sorted(extra))}"


def main() -> int:
    """Print the differences and how many tables are equal."""
    folder = Path(os.environ["CONDA_BRIDGE_BENCH"])
    equal, every = 0, list(rows(folder))
    for row in every:
        found = list(differences(row))
        equal += not found
        if found or "-v" in sys.argv[1:]:
            print(f"{row['package']}: {'; '.join(found) or 'equal'}")
    print(f"{equal} of {len(every)} tables are equal")
    return 0 if equal == len(every) else 1


if __name__ == "__main__":
    sys.exit(main())

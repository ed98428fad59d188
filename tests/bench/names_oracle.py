"""Compares the names that conda-bridge chooses with parselmouth's published list, and prints the table.

Run: `CONDA_BRIDGE_TEST_DATA=... python tests/bench/names_oracle.py [-v]`.
"""

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

from conda_bridge.adapters.conda_pypi import CondaPypiMapping
from conda_bridge.model.names import CondaName, NameHit, PypiName, pypi_name
from conda_bridge.translate.name_lexicon import NameLexicon
from conda_bridge.translate.names import NameMap

FILE = "names/parselmouth_compressed_mapping.json"


def main() -> None:
    """Print agreement by source, with and without a lexicon."""
    path = Path(os.environ["CONDA_BRIDGE_TEST_DATA"], FILE)
    flat: dict[str, str | None] = json.loads(path.read_bytes())
    packages: dict[PypiName, set[str]] = {}
    for package, project in flat.items():
        if project:
            packages.setdefault(pypi_name(project), set()).add(package)
    lexicon = NameLexicon(
        packages=tuple(
            (CondaName(package), (pypi_name(project),) if project else ())
            for package, project in flat.items()
        ),
        source="cache",
        data_version="parselmouth",
    )
    mapping = CondaPypiMapping.installed()
    known = sorted(mapping.conda_names(packages))
    compare("all projects, offline", NameMap(mapped=mapping), sorted(packages), packages)
    compare("conda-pypi's projects, offline", NameMap(mapped=mapping), known, packages)
    compare(
        "all projects, with the lexicon", NameMap(mapped=mapping, lexicon=lexicon), sorted(packages), packages
    )
    compare_back("all packages, offline", NameMap(mapped=mapping), flat)


def compare(title: str, names: NameMap, asked: list[PypiName], packages: dict[PypiName, set[str]]) -> None:
    """Print how often the chosen package is one that holds the project."""
    start = time.process_time()
    hits = names.to_conda(asked)
    seconds = time.process_time() - start
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrong: list[NameHit] = []
    for hit in hits:
        is_right = hit.chosen in packages[hit.pypi_name]
        total[f"{hit.source}/{hit.confidence}"] += 1
        right[f"{hit.source}/{hit.confidence}"] += is_right
        if not is_right:
            wrong.append(hit)
    print(f"\n{title}: {sum(right.values())} of {len(hits)} agree, {seconds * 1e6 / len(hits):.1f} us a name")
    for key in sorted(total):
        print(f"  {key:20} {right[key]:6} of {total[key]:6}")
    if "-v" in sys.argv:
        for hit in wrong:
            print(
                f"    {hit.pypi_name} -> {hit.chosen} ({hit.source}), the list has {sorted(packages[hit.pypi_name])}"
            )


def compare_back(title: str, names: NameMap, flat: dict[str, str | None]) -> None:
    """Print how often the first project is the listed one, and how often packages without project are known."""
    outcome: Counter[str] = Counter()
    start = time.process_time()
    for package, project in flat.items():
        answer = names.to_pypi(CondaName(package))
        if project:
            first = pypi_name(project)
            outcome[
                "python: right"
                if answer[:1] == (first,)
                else "python: among"
                if first in answer
                else "python: wrong"
            ] += 1
        else:
            outcome["no python: wrongly a project" if answer else "no python: right"] += 1
    seconds = time.process_time() - start
    print(f"\n{title}, to PyPI: {seconds * 1e6 / len(flat):.1f} us a name")
    for key, count in sorted(outcome.items()):
        print(f"  {key:30} {count:6}")


if __name__ == "__main__":
    main()

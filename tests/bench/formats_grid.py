"""Do a recipe's two texts mean the same everywhere?

    conda-bridge recipe SOURCE... --format both -o FOLDER
    python tests/bench/formats_grid.py FOLDER

Evaluates FOLDER/NAME/recipe.yaml and FOLDER/v0/NAME/meta.yaml on four platforms and three pythons with the tests'
own evaluator, which shares nothing with the renderers, and lists every difference in name, version, sources, skip,
noarch, requirements, script, entry points, imports, commands, about and maintainers.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.evaluating import GRID, Meaning, Output, Place, meaning_of


def main() -> int:
    """Compare each pair and print what differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    names = sorted(path.parent.name for path in folder.glob("*/recipe.yaml"))
    differing: Counter[str] = Counter()
    for name in names:
        texts = {
            "v1": (folder / name / "recipe.yaml").read_text(encoding="utf-8"),
            "v0": (folder / "v0" / name / "meta.yaml").read_text(encoding="utf-8"),
        }
        found = {line for place in GRID for line in _differences(texts, place)}
        for line in sorted(found):
            print(f"{name}: {line}")
        differing[name] = len(found)
    bad = sum(1 for count in differing.values() if count)
    print(
        f"{len(names)} recipes, {len(GRID)} targets each: {len(names) - bad} agree everywhere, {bad} differ"
    )
    return 1 if bad else 0


def _differences(texts: dict[str, str], place: Place) -> Iterator[str]:
    v1, v0 = (meaning_of(texts[kind], kind, place) for kind in ("v1", "v0"))
    where = f"{place.platform} {place.python}"
    for field in fields(Meaning):
        if field.name != "outputs" and getattr(v1, field.name) != getattr(v0, field.name):
            yield f"{where}: {field.name}: {getattr(v1, field.name)} | {getattr(v0, field.name)}"
    if len(v1.outputs) != len(v0.outputs):
        yield f"{where}: {len(v1.outputs)} outputs | {len(v0.outputs)}"
        return
    for one, other in zip(v1.outputs, v0.outputs, strict=True):
        for field in fields(Output):
            if getattr(one, field.name) != getattr(other, field.name):
                yield f"{where}: {field.name}: {getattr(one, field.name)} | {getattr(other, field.name)}"


if __name__ == "__main__":
    sys.exit(main())

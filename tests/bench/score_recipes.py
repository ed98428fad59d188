"""Score recipes of real projects against the ones that people merged.

    python tests/bench/score_recipes.py [--list dev_core.txt] [--kind noarch|compiled|all] [--render] [--peers] [-v]

Needs the environment variable CONDA_BRIDGE_BENCH (the folder with the lists, the truth and score.py) and a
package index. Each project is converted by the command line, as a user would; the sdist's sha256 is compared
with the truth's. `--render` has py-rattler-build render each recipe, and those of feedstock-examples/, for four
platforms, two of them built on another one, too, and lints it. `--peers` runs
grayskull, where `--grayskull PROGRAM` names one, on the same sdists.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LACKING = ("R-002", "R-013")
"""The licence or its file, where the sdist has none; `recipe` tells it."""
EXAMPLES = Path(__file__).resolve().parents[2] / "feedstock-examples"


def main() -> int:
    """Run the benchmark and print its table."""
    arguments = _arguments()
    bench = Path(os.environ["CONDA_BRIDGE_BENCH"])
    truth = _truth(bench)
    rows = [line.split() for line in (bench / arguments.list).read_text().splitlines() if line.strip()]
    if arguments.kind != "all":
        rows = [row for row in rows if (row[2] == "noarch") == (arguments.kind == "noarch")]
    work = arguments.work or Path(tempfile.mkdtemp(prefix="score-"))
    ours = work / "conda-bridge"
    gone = [row[0] for row in rows if not _convert(row, ours, truth[row[0]], extra=arguments.argument)]
    scored = [row for row in rows if row[0] not in gone]
    print(f"{len(rows)} projects, {len(gone)} no longer on the index: {' '.join(gone) or '-'}")
    names = work / "names.txt"
    names.write_text("".join(" ".join(row) + "\n" for row in scored))
    generators = [ours]
    if arguments.grayskull:
        generators.append(_grayskull(arguments.grayskull, scored, work, truth))
    kinds = ("noarch", "compiled") if arguments.kind == "all" else (arguments.kind,)
    for kind in kinds:
        print(f"\n{kind}")
        command = [sys.executable, str(bench / "score.py"), *map(str, generators)]
        command += ["--truth", str(bench / "truth_dev.jsonl"), "--names", str(names), "--kind", kind]
        command += ["--json", str(work / f"score-{kind}.json"), *(["-v"] if arguments.verbose else [])]
        subprocess.run(command, check=True)
    if arguments.render:
        return _render(ours, scored)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--list", default="dev_core.txt", help="a list of the benchmark folder")
    parser.add_argument("--kind", default="all", choices=("noarch", "compiled", "all"))
    parser.add_argument("--work", type=Path, help="keep recipes and scores here")
    parser.add_argument("--render", action="store_true", help="render each recipe with py-rattler-build")
    parser.add_argument("--grayskull", help="path of a grayskull program to run beside")
    parser.add_argument("--argument", action="append", default=[], help="a further argument for `recipe`")
    parser.add_argument("-v", "--verbose", action="store_true", help="list what differs")
    return parser.parse_args()


def _truth(bench: Path) -> dict[str, dict[str, Any]]:
    lines = (bench / "truth_dev.jsonl").read_text().splitlines()
    return {row["dir"]: row for row in map(json.loads, lines)}


def _convert(row: list[str], ours: Path, truth: dict[str, Any], *, extra: list[str]) -> bool:
    """Convert one project; False where its release is gone from the index."""
    folder = ours / row[0]
    folder.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    command = [sys.executable, "-m", "conda_bridge", "recipe", row[1], "-o", str(folder / "out")]
    command += ["--maintainer", "someone", *extra]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    (folder / ".time").write_text(f"{time.perf_counter() - started:.3f}")
    recipes = sorted((folder / "out").glob("*/recipe.yaml"))
    if not recipes:
        (folder / ".err").write_text(result.stderr)
        return not any(code in result.stderr for code in ("E201", "E202", "E204"))
    text = recipes[0].read_text(encoding="utf-8")
    (folder / "recipe.yaml").write_text(text, encoding="utf-8")
    if truth["sha256"] not in text:
        print(f"{row[0]}: the index's sdist is not the one of the merged recipe")
    return True


def _grayskull(program: str, rows: list[list[str]], work: Path, truth: dict[str, dict[str, Any]]) -> Path:
    """Run grayskull on the sdists that were fetched for us; its own index look-ups differ by index."""
    target = work / "grayskull"
    for row in rows:
        folder = target / row[0]
        folder.mkdir(parents=True, exist_ok=True)
        sdist = _cached_sdist(truth[row[0]]["sha256"])
        if sdist is None:
            (folder / ".err").write_text("the sdist is not in the cache")
            continue
        started = time.perf_counter()
        command = [
            program,
            "pypi",
            str(sdist),
            "-o",
            str(folder / "out"),
            "--strict-conda-forge",
            "--no-use-v1-format",
        ]
        (folder / "out").mkdir(exist_ok=True)
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        (folder / ".time").write_text(f"{time.perf_counter() - started:.3f}")
        found = sorted((folder / "out").glob("*/meta.yaml"))
        if found:
            (folder / "meta.yaml").write_text(found[0].read_text(encoding="utf-8"), encoding="utf-8")
        else:
            (folder / ".err").write_text(result.stderr[-2000:])
    return target


def _cached_sdist(sha256: str) -> Path | None:
    import platformdirs

    cache = Path(platformdirs.user_cache_dir("conda-bridge"))
    found = [path for path in cache.rglob("*") if path.is_file() and sha256[4:] in str(path)]
    return found[0] if found else None


def _render(ours: Path, rows: list[list[str]]) -> int:
    """Render every recipe for every target and lint it; return the exit status."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from support.conda_forge import TARGETS, problems_of, render_everywhere

    named = [(row[0], ours / row[0] / "recipe.yaml") for row in rows]
    named += [(path.parent.parent.name, path) for path in sorted(EXAMPLES.glob("*/recipe-v1/recipe.yaml"))]
    named = [(name, path) for name, path in named if path.is_file()]
    failed = 0
    texts = [path.read_text(encoding="utf-8") for _, path in named]
    for (name, _), renderings in zip(named, render_everywhere(texts), strict=True):
        for problem in problems_of(renderings):
            failed += 1
            print(f"RENDER {name}: {problem}")
    print(f"{len(named)} recipes rendered for {', '.join(map(str, TARGETS))}: {failed} problems")
    return 1 if failed + _lint([path for _, path in named]) else 0


def _lint(paths: list[Path]) -> int:
    """Return the number of findings of our own linter; notes don't count, nor what the source itself lacks."""
    command = [sys.executable, "-m", "conda_bridge", "check", "--no-audit", "--json", *map(str, paths)]
    answer = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    found = [
        (recipe["path"], one)
        for recipe in answer["results"]
        for one in recipe["diagnostics"]
        if one["severity"] != "info" and one["code"] not in LACKING
    ]
    for path, one in found:
        print(f"LINT {path}: {one['code']} {one['message']}")
    print(f"{len(paths)} recipes linted: {len(found)} findings")
    return len(found)


if __name__ == "__main__":
    sys.exit(main())

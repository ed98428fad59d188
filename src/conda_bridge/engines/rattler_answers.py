"""What a worker found out, as JSON -> values of the model.

Recipes and scripts of strangers had a hand in it: what isn't of the documented form is `engine-crashed`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, NoReturn, TypeVar, cast

from conda_bridge.errors import EngineError
from conda_bridge.model.build import (
    EnvironmentKind,
    EnvironmentPackage,
    EnvironmentRecord,
    RenderedOutput,
    RenderedSource,
    TestJob,
    TestResult,
)
from conda_bridge.model.names import CondaName
from conda_bridge.processes.workers import Json
from conda_bridge.translate.url_secrets import package_url

__all__ = [
    "environments_of",
    "flag_of",
    "outputs_of",
    "packages_of",
    "pairs_of",
    "results_of",
    "rows_of",
    "tested_in",
    "texts_of",
]

_Chosen = TypeVar("_Chosen", bound=str)

_NOARCH: Mapping[str, Literal["", "python", "generic"]] = {"": "", "python": "python", "generic": "generic"}
_SOURCE_KINDS: Mapping[str, Literal["url", "git", "path"]] = {"url": "url", "git": "git", "path": "path"}
_PAIR = 2
_TOLD_BY = frozenset({"url", "sha256"})


def outputs_of(result: Mapping[str, Json]) -> tuple[RenderedOutput, ...]:
    """Return the rendered outputs of an answer to `render`."""
    return tuple(_output(each) for each in _objects(result, "outputs"))


def results_of(result: Mapping[str, Json]) -> tuple[TestResult, ...]:
    """Return the results of an answer to `test`."""
    return tuple(
        TestResult(
            index=_number(each, "index"),
            is_passed=flag_of(each, "is_passed"),
            output=texts_of(each, "output"),
        )
        for each in _objects(result, "results")
    )


def environments_of(rendered_recipe: str, package: CondaName) -> tuple[EnvironmentRecord, ...]:
    """Return what the build and host environments were made of, by the recipe that the engine packed.

    Only the lines that tell are looked at: the document is the engine's own, and to parse a thousand lines
    of YAML takes longer than a small build's scripts.
    """
    found: dict[EnvironmentKind, list[dict[str, str]]] = {}
    kind: EnvironmentKind | None = None
    is_inside = False
    for line in rendered_recipe.splitlines():
        if line and not line.startswith((" ", "-")):
            is_inside = line.startswith("finalized_dependencies:")
            kind = None
        elif is_inside and line.startswith("  ") and line[2] != " ":
            name = line.strip().partition(":")[0]
            kind = cast("EnvironmentKind", name) if name in {"build", "host"} else None
        elif kind and line.startswith("    "):
            if line.startswith("    - "):
                found.setdefault(kind, []).append({})
            key, _, value = line[6:].partition(": ")
            if key in _TOLD_BY and found.get(kind):
                found[kind][-1][key] = value.strip("'\"")
    return tuple(
        EnvironmentRecord(kind=kind, package=package, packages=_packages(rows))
        for kind, rows in sorted(found.items())
        if any("url" in row for row in rows)
    )


def _packages(rows: Iterable[Mapping[str, str]]) -> tuple[EnvironmentPackage, ...]:
    found = (
        EnvironmentPackage.from_url(package_url(row["url"]), row.get("sha256", ""))
        for row in rows
        if "url" in row
    )
    return tuple(sorted(found, key=_by_url))


def packages_of(addresses: Iterable[str]) -> tuple[EnvironmentPackage, ...]:
    """Return packages that a worker told as `URL`, or as `URL#sha256` where the digest is known."""
    return _packages(
        {"url": url, "sha256": sha256} for url, _, sha256 in (one.partition("#") for one in addresses)
    )


def _by_url(package: EnvironmentPackage) -> str:
    return package.url


def tested_in(result: Mapping[str, Json], job: TestJob) -> tuple[EnvironmentRecord, ...]:
    """Return what tests ran in, by an answer to `test`; equal ones once.

    Engines put the tested package into a channel of their own, which is gone: it is told as one of the job's first.
    """
    own = Path(job.package_path)
    name = CondaName(own.name.rsplit("-", 2)[0])
    place = f"{job.setting.channels[0].rstrip('/')}/{own.parent.name}/{own.name}"
    found = {
        tuple(
            replace(one, url=place) if one.url.endswith(f"/{own.name}") else one for one in packages_of(row)
        )
        for row in rows_of(result, "environments")
    }
    ordered = (tuple(sorted(each, key=_by_url)) for each in found)
    return tuple(
        EnvironmentRecord(kind="test", package=name, packages=each)
        for each in sorted(ordered, key=lambda each: [one.url for one in each])
    )


def _output(each: Mapping[str, Json]) -> RenderedOutput:
    return RenderedOutput(
        conda_name=CondaName(_text(each, "conda_name")),
        version=_text(each, "version"),
        build=_text(each, "build"),
        build_number=_number(each, "build_number"),
        subdir=_text(each, "subdir"),
        noarch=_choice(each, "noarch", _NOARCH),
        variant=pairs_of(each, "variant"),
        build_specs=texts_of(each, "build_specs"),
        host_specs=texts_of(each, "host_specs"),
        run_specs=texts_of(each, "run_specs"),
        test_specs=rows_of(each, "test_specs"),
        sources=tuple(_source(source) for source in _objects(each, "sources")),
    )


def _source(each: Mapping[str, Json]) -> RenderedSource:
    return RenderedSource(
        kind=_choice(each, "kind", _SOURCE_KINDS),
        urls=texts_of(each, "urls"),
        sha256=_text(each, "sha256"),
        md5=_text(each, "md5"),
        revision=_text(each, "revision"),
        file_name=_text(each, "file_name"),
    )


def flag_of(each: Mapping[str, Json], key: str) -> bool:
    """Return true or false."""
    value = each.get(key)
    return value if isinstance(value, bool) else _refuse(key)


def texts_of(each: Mapping[str, Json], key: str) -> tuple[str, ...]:
    """Return a list of texts."""
    return _texts(each.get(key), key)


def rows_of(each: Mapping[str, Json], key: str) -> tuple[tuple[str, ...], ...]:
    """Return a list of lists of texts."""
    return tuple(_texts(row, key) for row in _listed(each.get(key), key))


def pairs_of(each: Mapping[str, Json], key: str) -> tuple[tuple[str, str], ...]:
    """Return a list of pairs of texts."""
    rows = rows_of(each, key)
    return tuple((row[0], row[1]) if len(row) == _PAIR else _refuse(key) for row in rows)


def _objects(each: Mapping[str, Json], key: str) -> Sequence[Mapping[str, Json]]:
    return [entry if isinstance(entry, Mapping) else _refuse(key) for entry in _listed(each.get(key), key)]


def _listed(value: Json, key: str) -> Sequence[Json]:
    return value if isinstance(value, list) else _refuse(key)


def _texts(value: Json, key: str) -> tuple[str, ...]:
    return tuple(_plain(entry, key) for entry in _listed(value, key))


def _text(each: Mapping[str, Json], key: str) -> str:
    return _plain(each.get(key), key)


def _choice(each: Mapping[str, Json], key: str, choices: Mapping[str, _Chosen]) -> _Chosen:
    chosen = choices.get(_text(each, key))
    return _refuse(key) if chosen is None else chosen


def _number(each: Mapping[str, Json], key: str) -> int:
    value = each.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else _refuse(key)


def _plain(value: Json, key: str) -> str:
    # No path and no argument of a program may hold a zero.
    return value if isinstance(value, str) and "\0" not in value else _refuse(key)


def _refuse(key: str) -> NoReturn:
    raise EngineError(
        "engine-crashed", f"the worker's answer can't be used: {key!r} is missing or of another kind"
    )

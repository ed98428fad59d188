"""The documents of PEP 804, as text -> mappings.

A *mapping document* (`<ecosystem>.mapping.json`) says which packages provide an id; a *registry* (`registry.json`)
says which ids stand for others. Keys that mean nothing here are passed over, and the shapes of all drafts are read:
`specs` is a text, a list, or a table of build, host and run; `provides` is a text or a list.

Source: PEP 804; the schemas published with it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from conda_bridge.errors import BridgeError, ConfigError
from conda_bridge.model.external import ExternalMapping, ExternalRow
from conda_bridge.translate.depurls import normalised, parse_depurl
from conda_bridge.translate.external import read_function
from conda_bridge.translate.match_specs import parse_match_spec

__all__ = ["combined_mappings", "parse_external_document"]

_MAX_ENTRIES = 20_000
_MAX_STEPS = 10
"""An entry that takes its specs from another, which takes them from another."""
_FUNCTION = re.compile(r"\$?\{\{\s*(compiler|stdlib)\(\s*(['\"])([a-z0-9_-]+)\2\s*\)\s*\}\}", re.ASCII)
"""How recipes of either format call the functions."""
_MATCH_SPEC = re.compile(r"[\w.:/\[\]*+!<>=~,|'\" -]*", re.ASCII)
"""Every character that a match spec may have."""
_CONDA = frozenset({"conda", "mamba", "micromamba", "pixi", "rattler-build", "conda-build"})
_SECTIONS = ("build", "host", "run")


def parse_external_document(text: str, *, where: str) -> ExternalMapping:
    """Return the rows and aliases of a document; rows keep `where` as their origin.

    Raises:
        ConfigError: `invalid-config` for text that is no such document.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong(f"it is no valid JSON: {error}", where) from None
    if not isinstance(document, dict):
        raise _wrong("a mapping document is a table", where)
    if "mappings" in document:
        _refuse_foreign(document, where)
        return ExternalMapping(rows=tuple(_rows(document, where)))
    if "definitions" in document:
        return ExternalMapping(aliases=tuple(_aliases(document, where)))
    if "ecosystems" in document:
        raise _wrong("it only lists other documents; name one that has `mappings`", where)
    raise _wrong("it has neither `mappings` nor `definitions` (PEP 804)", where)


def combined_mappings(shipped: ExternalMapping, documents: Iterable[ExternalMapping]) -> ExternalMapping:
    """Return one mapping, in which the documents' rows come first, in their order."""
    every = tuple(documents)
    if not every:
        return shipped
    return ExternalMapping(
        rows=tuple(row for one in (*every, shipped) for row in one.rows),
        # The last alias of an id counts.
        aliases=tuple(pair for one in (shipped, *reversed(every)) for pair in one.aliases),
    )


# ---------------------------------------------------------------- mapping documents


def _refuse_foreign(document: dict[str, Any], where: str) -> None:
    """Refuse a document whose packages are installed by others than conda."""
    managers = document.get("package_managers")
    names = [
        str(one["name"]).lower()
        for one in (managers if isinstance(managers, list) else ())
        if isinstance(one, dict) and "name" in one
    ]
    if names and _CONDA.isdisjoint(names):
        raise _wrong(f"its packages are those of {', '.join(names)[:80]}, not of conda", where)


def _rows(document: dict[str, Any], where: str) -> Iterator[ExternalRow]:
    entries = tuple(_entries(document, "mappings", where))
    known: dict[str, list[Any]] = {}
    for place, dep_id, entry in entries:
        if "specs" not in entry and "specs_from" not in entry:
            raise _wrong("it has neither `specs` nor `specs_from`", place)
        known.setdefault(dep_id, []).append(entry)
    count = 0
    for place, dep_id, entry in entries:
        for specs in _resolved(entry, known, place):
            count += 1
            if count > _MAX_ENTRIES:
                raise _wrong("it has more alternatives than any ecosystem", where)
            build, host, run = _sections(specs, place)
            description = entry.get("description")
            yield ExternalRow(
                id=dep_id,
                description=description if isinstance(description, str) else "",
                build=build,
                host=host,
                run=run,
                unversioned=dep_id.startswith("dep:virtual/"),
                origin=where,
            )


def _resolved(entry: Any, known: dict[str, list[Any]], place: str) -> Iterator[Any]:
    """Yield the specs of an entry, or those of the one that it takes them from."""
    entries = [entry]
    for _ in range(_MAX_STEPS):
        if "specs" in entries[0] or len(entries) > 1:
            break
        source = _id(entries[0]["specs_from"], place)
        if source not in known:
            raise _wrong(f"specs_from {source} is no id of the document", place)
        entries = known[source]
    for one in entries:
        if "specs" not in one:
            raise _wrong("specs_from leads to no specs", place)
        yield one["specs"]


def _sections(specs: Any, place: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    if isinstance(specs, dict):
        build, host, run = (_specs(specs.get(name, ()), f"{place}/specs/{name}") for name in _SECTIONS)
        return build, host, run
    same = _specs(specs, f"{place}/specs")
    return same, same, same


def _specs(value: Any, place: str) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise _wrong("specs are a text, a list of texts, or a table of build, host and run", place)
    return tuple(_spec(text, place) for text in texts)


def _spec(text: str, place: str) -> str:
    called = _FUNCTION.fullmatch(text.strip())
    spec = f"{called[1]}({called[3]})" if called else text.strip()
    if read_function(spec) is None:
        if not _MATCH_SPEC.fullmatch(spec):
            raise _wrong(f"{spec[:80]!r} is no match spec", place)
        try:
            parse_match_spec(spec)
        except BridgeError as error:
            raise _wrong(error.message, place) from error
    return spec


# ---------------------------------------------------------------- registries


def _aliases(document: dict[str, Any], where: str) -> Iterator[tuple[str, str]]:
    """Yield ids that stand for another; one that only provides something virtual stands for itself."""
    for place, dep_id, entry in _entries(document, "definitions", where):
        provides = entry.get("provides") or ()
        targets = (provides,) if isinstance(provides, str) else provides
        if not isinstance(targets, list | tuple):
            raise _wrong("provides is a text or a list of texts", place)
        for target in targets:
            canonical = _id(target, place)
            if canonical != dep_id and not canonical.startswith("dep:virtual/"):
                yield dep_id, canonical
                break


# ---------------------------------------------------------------- what both have


def _entries(document: dict[str, Any], key: str, where: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the place, the id and the fields of each entry."""
    entries = document[key]
    if not isinstance(entries, list) or len(entries) > _MAX_ENTRIES:
        raise _wrong(f"{key} is no list, or an endless one", where)
    for index, entry in enumerate(entries):
        place = f"{where}#/{key}/{index}"
        if not isinstance(entry, dict):
            raise _wrong("an entry is a table", place)
        yield place, _id(entry.get("id"), place), entry


def _id(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise _wrong("its id is no text", place)
    try:
        return parse_depurl(normalised(value)[0]).id
    except BridgeError as error:
        raise _wrong(error.message, place) from error


def _wrong(message: str, where: str) -> ConfigError:
    return ConfigError("invalid-config", message, where=where)

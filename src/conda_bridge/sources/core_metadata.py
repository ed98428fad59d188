"""Core metadata -> its header fields, and whether they tell all that a recipe needs.

A small reader of its own, because Python's email parser costs more to import than a small sdist to read.
Inference reads the fields again, and thoroughly; here only a few are looked at, to save a request.
"""

from collections.abc import Iterator, Mapping

from conda_bridge.model.source import SourceFacts

__all__ = ["header_fields", "is_metadata_sufficient"]

_NEEDED = frozenset({"requires-dist", "requires-python", "provides-extra"})
_NEEDED_KEYS = frozenset({"dependencies", "optional-dependencies", "requires-python"})


def header_fields(text: str) -> Iterator[tuple[str, str]]:
    """Yield (name in lower case, value) of core metadata, up to its body; continued lines are passed over.

    Source: core metadata specifications (RFC 822 headers).
    """
    for raw in text.split("\n"):
        line = raw.rstrip("\r")
        if not line:
            return
        name, colon, value = line.partition(":")
        if colon and not line[0].isspace():
            yield name.lower(), value.strip()


def is_metadata_sufficient(facts: SourceFacts) -> bool:
    """Tell whether the source says its own dependencies, so that no wheel need be looked into.

    Source: PEP 643 for PKG-INFO (from metadata 2.2 on a field is final unless it is Dynamic), PEP 621 for
    pyproject.toml.
    """
    return _is_final(facts.text("PKG-INFO") or "") or _is_static(facts.text("pyproject.toml") or "")


def _is_final(pkg_info: str) -> bool:
    fields = list(header_fields(pkg_info))
    version = next((value for name, value in fields if name == "metadata-version"), "")
    dynamic = {value.lower() for name, value in fields if name == "dynamic"}
    return _release(version) >= (2, 2) and dynamic.isdisjoint(_NEEDED)


def _release(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()


def _is_static(pyproject: str) -> bool:
    if "[project]" not in pyproject:
        return False
    # Rarely reached: sdists of today have final metadata.
    from conda_bridge.translate.toml_tables import toml_tables  # noqa: PLC0415

    try:
        table: object = toml_tables(pyproject).get("project")
    except (ValueError, RecursionError):
        return False
    dynamic = table.get("dynamic", []) if isinstance(table, Mapping) else None
    return isinstance(dynamic, list) and not any(key in _NEEDED_KEYS for key in dynamic)

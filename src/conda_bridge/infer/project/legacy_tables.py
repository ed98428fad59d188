"""Metadata tables from before PEP 621 -> a statement: [tool.flit.metadata] and the first [tool.pdm].

Source: https://flit.pypa.io/en/latest/pyproject_toml.html#old-style-metadata; pdm 0.x's own documentation.
"""

from collections.abc import Iterator

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.directives import module_attribute, module_docstring
from conda_bridge.infer.project.dynamic import flit_module
from conda_bridge.infer.project.pyproject import requirement_groups, requirement_lines, script_lines
from conda_bridge.infer.project.statements import RequirementLine, Statement
from conda_bridge.infer.project.toml_tables import PYPROJECT, Table
from conda_bridge.model.project import Known
from conda_bridge.model.source import SourceFacts

__all__ = ["read_flit_table", "read_pdm_table"]

_SETTLED = frozenset({"dependencies", "extras", "entry_points", "requires_python"})


def read_flit_table(flit: Table, facts: SourceFacts) -> Statement:
    """Return what `[tool.flit.metadata]` and `[tool.flit.scripts]` say.

    Raises:
        MetadataError: `invalid-field` for a value of the wrong type.
    """
    metadata = flit.table("metadata")
    if not metadata:
        return Statement(file=PYPROJECT)
    module = metadata.string("module")
    path = flit_module(facts, module.value) if module else ""
    return Statement(
        file=PYPROJECT,
        name=metadata.string("dist-name") or module,
        version=module_attribute(facts, path, "__version__") if path else None,
        summary=module_docstring(facts, path) if path else None,
        requires_python=metadata.string("requires-python"),
        dependencies=requirement_lines(metadata, "requires"),
        extras=requirement_groups(metadata, "requires-extra"),
        license_text=metadata.string("license"),
        classifiers=metadata.strings("classifiers"),
        keywords=_keywords(metadata),
        urls=_urls(metadata, "home-page"),
        entry_points=script_lines(flit.table("scripts"), "console_scripts"),
        settled=_SETTLED,
    )


def read_pdm_table(pdm: Table) -> Statement:
    """Return what the `[tool.pdm]` table of pdm 0.x says, whose requirements look like a Pipfile's.

    Raises:
        MetadataError: `invalid-field` for a value of the wrong type.
    """
    if "name" not in pdm or "dependencies" not in pdm:
        return Statement(file=PYPROJECT)
    return Statement(
        file=PYPROJECT,
        name=pdm.string("name"),
        version=pdm.string("version") if isinstance(pdm.get("version"), str) else None,
        summary=pdm.string("description"),
        requires_python=pdm.string("python_requires"),
        dependencies=tuple(_pdm_requirements(pdm.table("dependencies"))),
        license_text=pdm.string("license"),
        classifiers=pdm.strings("classifiers"),
        keywords=_keywords(pdm),
        urls=_urls(pdm, "homepage"),
        entry_points=script_lines(pdm.table("cli"), "console_scripts"),
        settled=_SETTLED,
    )


def _keywords(table: Table) -> tuple[str, ...] | None:
    if isinstance(table.get("keywords"), str):
        known = table.string("keywords")
        return tuple(word.strip() for word in known.value.split(",")) if known else None
    keywords = table.strings("keywords")
    return tuple(word.value for word in keywords) if keywords else None


def _urls(metadata: Table, home_key: str) -> tuple[tuple[str, Known[str]], ...] | None:
    home = metadata.string(home_key)
    urls = metadata.table("urls")
    found = [("homepage", home), *((label, urls.string(label)) for label in urls)]
    return tuple((label, known) for label, known in found if known) or None


def _pdm_requirements(table: Table) -> Iterator[RequirementLine]:
    """Yield the requirements: `name = "*"`, `name = ">=1"` or `name = {version, extras, marker}`."""
    for name in table:
        value = table.get(name)
        entry = Table(table.origin(name), value if isinstance(value, dict) else {"version": value})
        version, marker = entry.string("version"), entry.string("marker")
        extras = ",".join(known.value for known in entry.strings("extras") or ())
        if not version and not ({"git", "url", "path"} & set(entry)):
            raise MetadataError("invalid-field", f"{name!r} has no version", where=table.origin(name))
        specifier = "" if version is None or version.value == "*" else version.value
        text = f"{name}{f'[{extras}]' if extras else ''}{specifier}"
        note = next((f"a {key}" for key in ("git", "url", "path") if key in entry), "")
        yield RequirementLine(
            text=f"{text}; {marker.value}" if marker else text, origin=table.origin(name), note=note
        )

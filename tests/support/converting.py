"""Inference on a source written down as texts, with names mapped by a small table of the test."""

from collections.abc import Mapping

from packaging.requirements import Requirement as PypiRequirement

from conda_bridge.infer.needs import needed_names
from conda_bridge.infer.overrides.selection import renamed, with_extras
from conda_bridge.infer.project import infer_project
from conda_bridge.infer.recipe import infer_recipe
from conda_bridge.model.conversion import Conversion, ExtraMetadata, InferContext
from conda_bridge.model.names import CondaName, NameHit, NameTable, PypiName
from conda_bridge.model.overrides import NO_OVERRIDES, PackageOverrides
from conda_bridge.model.project import Declared
from conda_bridge.model.recipe import MatchSpec, Output, Requirement, Section, spec_key
from conda_bridge.model.source import IndexFacts, SourceFacts
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.translate.external import external_mapping
from conda_bridge.translate.toolchains import toolchain_table
from support.trees import facts_of_texts

__all__ = ["PYPROJECT", "context_of", "convert_facts", "convert_texts", "section_of", "slugs_of", "specs_of"]

PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "demo"
version = "1.2.3"
description = "A demonstration"
requires-python = ">=3.9"
license = "MIT"
"""


def context_of(
    facts: SourceFacts,
    *,
    names: Mapping[str, str] | None = None,
    extras: Mapping[str, tuple[str, ...]] | None = None,
    unknown: frozenset[str] = frozenset(),
    overrides: PackageOverrides = NO_OVERRIDES,
) -> InferContext:
    """Return the context; `extras` maps `foo[bar]` to what it needs."""
    project, toolchains = infer_project(facts), toolchain_table()
    known = tuple(_extra(key, texts) for key, texts in (extras or {}).items())
    wanted = needed_names(facts, with_extras(project, overrides), toolchains, known)
    hits = tuple(_hit(name, names or {}, unknown) for name in sorted(wanted))
    return InferContext(
        facts=facts,
        project=project,
        policy=distributor_policy("conda-forge"),
        toolchains=toolchains,
        names=NameTable(hits=renamed(hits, overrides)),
        extras=known,
        overrides=overrides,
        external=external_mapping(),
    )


def convert_facts(
    facts: SourceFacts, *, names: Mapping[str, str] | None = None, overrides: PackageOverrides = NO_OVERRIDES
) -> Conversion:
    """Infer the recipe of `facts`."""
    return infer_recipe(context_of(facts, names=names, overrides=overrides))


def convert_texts(
    texts: Mapping[str, str | None],
    *,
    names: Mapping[str, str] | None = None,
    extras: Mapping[str, tuple[str, ...]] | None = None,
    index: IndexFacts | None = None,
    unknown: frozenset[str] = frozenset(),
    overrides: PackageOverrides = NO_OVERRIDES,
) -> Conversion:
    """Infer the recipe of a source with these files; no table knows the `unknown` names."""
    facts = facts_of_texts(texts, label="demo-1.2.3", index=index)
    return infer_recipe(context_of(facts, names=names, extras=extras, unknown=unknown, overrides=overrides))


def _extra(key: str, texts: tuple[str, ...]) -> ExtraMetadata:
    name, _, rest = key.partition("[")
    return ExtraMetadata(
        pypi_name=PypiName(name),
        extra=rest.removesuffix("]"),
        requirements=tuple(
            Declared(requirement=PypiRequirement(text), origin=f"METADATA:{key}") for text in texts
        ),
    )


def _hit(name: PypiName, names: Mapping[str, str], unknown: frozenset[str]) -> NameHit:
    chosen = CondaName(names.get(name, name))
    if name in unknown:
        return NameHit(pypi_name=name, chosen=chosen, source="identity", confidence="low")
    return NameHit(
        pypi_name=name, chosen=chosen, candidates=(chosen,), source="curated", confidence="certain"
    )


def output_of(conversion: Conversion) -> Output:
    """Return the one output."""
    (output,) = conversion.recipe.outputs
    return output


def section_of(conversion: Conversion, section: Section) -> tuple[Requirement, ...]:
    """Return a section of the one output."""
    return output_of(conversion).requirements.section(section)


def specs_of(conversion: Conversion, section: Section) -> list[str]:
    """Return a section's specs as text, special ones by their key, conditions left out."""
    return [
        str(r.spec) if isinstance(r.spec, MatchSpec) else f"<{spec_key(r.spec)}>"
        for r in section_of(conversion, section)
    ]


def slugs_of(conversion: Conversion) -> set[str]:
    """Return the slugs of all findings."""
    return {diagnostic.slug for diagnostic in conversion.diagnostics}

"""The rules in order: facts and metadata -> one recipe with its reasons.

1. name, version, source          identity
2. the feasible pythons           pythons
3. native code or not             external, native
4. dependencies as needs          needed, run
5. noarch or per platform         noarch
6. host, build, run               native.tools, host, run
7. the stable ABI                 abi3
8. script, commands, tests, about script, tests, about

What the user decides (`overrides`) takes effect in the rule that would have decided it.
"""

from dataclasses import dataclass, replace

from conda_bridge.infer.abi3.decision import Abi3, infer_abi3
from conda_bridge.infer.about import infer_about
from conda_bridge.infer.contributions import Contribution, needs_of, settled, with_contributions
from conda_bridge.infer.declared_compilers import with_declared_compilers
from conda_bridge.infer.external import infer_external
from conda_bridge.infer.host import infer_build, infer_host
from conda_bridge.infer.identity import (
    conda_name_of,
    infer_build_number,
    infer_identity,
    infer_maintainers,
    infer_sources,
    infer_version,
)
from conda_bridge.infer.libraries import Libraries, infer_libraries
from conda_bridge.infer.native import Native, infer_native
from conda_bridge.infer.native.tools import infer_tools
from conda_bridge.infer.needed import Need
from conda_bridge.infer.noarch import Kind, infer_kind
from conda_bridge.infer.overrides.compilers import with_added_compilers
from conda_bridge.infer.overrides.sections import edited_needs, edited_section
from conda_bridge.infer.overrides.selection import extra_findings, name_findings
from conda_bridge.infer.overrides.telling import without_displaced
from conda_bridge.infer.platforms import infer_platforms
from conda_bridge.infer.pythons import PythonRange, infer_python
from conda_bridge.infer.run import infer_constraints, infer_needs, infer_run
from conda_bridge.infer.script import infer_entry_points, infer_script
from conda_bridge.infer.tests import infer_tests
from conda_bridge.model.conversion import Conversion, InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import Output, Recipe, Requirement, Requirements, Section

__all__ = ["infer_recipe"]

_ONCE = ("release-bound", "prerelease-order")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """What the output is made from."""

    native: Native
    needs: tuple[Need, ...]
    wanted: tuple[Need, ...]
    """With those of contributed lines, as the user edited them."""
    kind: Kind
    python: PythonRange
    libraries: Libraries
    lines: tuple[Contribution, ...]
    """What other rules contribute to sections."""
    parts: tuple[Inferred[object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Built:
    """The output, and what it was inferred from."""

    output: Output
    abi3: Abi3
    parts: tuple[Inferred[object], ...]


def infer_recipe(ctx: InferContext) -> Conversion:
    """Return the recipe that the facts and the metadata call for.

    Raises:
        TranslationError: `local-version`.
        MetadataError: `direct-reference`; `invalid-requirement` in a backend's own table.
    """
    name, version, sources = infer_identity(ctx), infer_version(ctx), infer_sources(ctx)
    basis = _basis(ctx)
    built = _output(ctx, basis, name.value, version.value)
    number, maintainers = infer_build_number(ctx), infer_maintainers(ctx)
    recipe = Recipe(
        name=name.value,
        version=version.value,
        python_min=_python_min(basis.kind, basis.python, built.abi3),
        sources=sources.value,
        build_number=number.value,
        outputs=(built.output,),
        maintainers=maintainers.value,
    )
    parts = (name, number, version, sources, *basis.parts, *built.parts, maintainers)
    return replace(_assemble(ctx, recipe, parts), libraries=basis.libraries.found)


def _basis(ctx: InferContext) -> _Basis:
    python = infer_python(ctx)
    external = infer_external(ctx, python.value)
    native = with_declared_compilers(ctx, infer_native(ctx), external.value)
    native = with_added_compilers(ctx, native)
    needs = infer_needs(ctx, python.value)
    libraries = infer_libraries(ctx, native.value, external.value)
    lines = (*external.value.contributions, *libraries.value.contributions)
    wanted = (*edited_needs(needs.value, ctx.overrides), *needs_of(lines))
    kind = infer_kind(ctx, native.value, wanted, python.value)
    return _Basis(
        native=native.value,
        needs=needs.value,
        wanted=wanted,
        kind=kind.value,
        python=python.value,
        libraries=libraries.value,
        lines=lines,
        parts=(python, external, native, libraries, needs, kind),
    )


def _output(ctx: InferContext, basis: _Basis, name: CondaName, version: str) -> _Built:
    native, kind, python = basis.native, basis.kind, basis.python
    tools = infer_tools(ctx, native, kind, python, basis.lines)
    skips = infer_platforms(ctx, native, kind, basis.lines)
    abi3 = infer_abi3(ctx, native, kind, python, basis.wanted)
    contributed = settled(basis.lines, is_noarch=kind.is_noarch)
    lines = (*tools.value, *contributed.value, *abi3.value.contributions)
    sections = _requirements(ctx, replace(basis, lines=lines))
    script = infer_script(ctx, native, version, basis.libraries.switches, abi3.value.env)
    entry_points = infer_entry_points(ctx, kind)
    tests = infer_tests(ctx, kind, abi3.value)
    about = infer_about(ctx, native)
    output = Output(
        conda_name=name,
        noarch="python" if kind.is_noarch else None,
        skip=tuple(dict.fromkeys((*kind.skip, *skips.value, *abi3.value.skip))),
        script=script.value,
        entry_points=entry_points.value,
        is_version_independent=abi3.value.is_used,
        requirements=sections.value,
        tests=tests.value,
        about=about.value,
    )
    parts = (skips, abi3, contributed, sections, script, entry_points, tests, about)
    return _Built(output=output, abi3=abi3.value, parts=parts)


def _python_min(kind: Kind, python: PythonRange, abi3: Abi3) -> str:
    """Return the lowest python where the recipe names one: of packages that are built once for several."""
    if kind.is_noarch:
        return str(python.floor) if python.raises_floor else ""
    return abi3.python_min


def _requirements(ctx: InferContext, basis: _Basis) -> Inferred[Requirements]:
    kind, python = basis.kind, basis.python
    host = _finished(ctx, infer_host(ctx, kind, python), "host", basis)
    build = _finished(ctx, infer_build(ctx, basis.native, host.value, kind), "build", basis)
    run = _finished(ctx, infer_run(ctx, basis.needs, kind, python), "run", basis)
    constraints = infer_constraints(ctx, kind)
    sections = (host, build, run, constraints)
    return Inferred(
        value=Requirements(
            build=build.value, host=host.value, run=run.value, run_constraints=constraints.value
        ),
        evidence=tuple(one for section in sections for one in section.evidence),
        diagnostics=tuple(one for section in sections for one in section.diagnostics),
    )


def _finished(
    ctx: InferContext, inferred: Inferred[tuple[Requirement, ...]], section: Section, basis: _Basis
) -> Inferred[tuple[Requirement, ...]]:
    """Return a section with what other rules contribute, as the user wants it."""
    place = (conda_name_of(ctx), section)
    whole = with_contributions(inferred, basis.lines, place)
    return edited_section(whole, ctx.overrides.section(section), place, is_noarch=basis.kind.is_noarch)


def _assemble(ctx: InferContext, recipe: Recipe, parts: tuple[Inferred[object], ...]) -> Conversion:
    evidence = without_displaced(one for part in parts for one in part.evidence)
    found = (
        *ctx.facts.diagnostics,
        *ctx.project.diagnostics,
        *(d for part in parts for d in part.diagnostics),
        *extra_findings(ctx.project, ctx.overrides),
        *name_findings(ctx.names, ctx.overrides),
    )
    return Conversion(
        recipe=recipe,
        evidence=tuple(dict.fromkeys(evidence)),
        diagnostics=_merged(found),
        facts=ctx.facts,
        project=ctx.project,
        names=ctx.names,
    )


def _merged(diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Drop repeats; findings that would stand at every bound of every recipe are told once, with a count."""
    unique = tuple(dict.fromkeys(diagnostics))
    kept = [d for d in unique if d.slug not in _ONCE]
    for slug in _ONCE:
        same = [d for d in unique if d.slug == slug]
        more = f" (and {len(same) - 1} more like it)" if len(same) > 1 else ""
        kept += [replace(d, message=d.message + more) for d in same[:1]]
    return tuple(kept)

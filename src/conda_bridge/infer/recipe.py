"""The rules in order: facts and metadata -> one recipe with its reasons.

1. name, version, source          identity
2. the feasible pythons           pythons
3. native code or not             native
4. dependencies as needs          needed, run
5. noarch or per platform         noarch
6. host, build, run               host, run
7. script, commands, tests, about script, tests, about

What the user decides (`overrides`) takes effect in the rule that would have decided it.
"""

from dataclasses import replace

from conda_bridge.infer.about import infer_about
from conda_bridge.infer.host import infer_build, infer_host
from conda_bridge.infer.identity import (
    infer_build_number,
    infer_identity,
    infer_maintainers,
    infer_sources,
    infer_version,
)
from conda_bridge.infer.native import Native, infer_native
from conda_bridge.infer.needed import Need
from conda_bridge.infer.noarch import Kind, infer_kind
from conda_bridge.infer.overrides.compilers import with_added_compilers
from conda_bridge.infer.overrides.sections import edited_needs
from conda_bridge.infer.overrides.selection import extra_findings, name_findings
from conda_bridge.infer.overrides.telling import without_displaced
from conda_bridge.infer.pythons import PythonRange, infer_python
from conda_bridge.infer.run import infer_constraints, infer_needs, infer_run
from conda_bridge.infer.script import infer_entry_points, infer_script
from conda_bridge.infer.tests import infer_tests
from conda_bridge.model.conversion import Conversion, InferContext
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.recipe import Output, Recipe, Requirements

__all__ = ["infer_recipe"]

_ONCE = ("release-bound", "prerelease-order")


def infer_recipe(ctx: InferContext) -> Conversion:
    """Return the recipe that the facts and the metadata call for.

    Raises:
        TranslationError: `local-version`.
        MetadataError: `direct-reference`; `invalid-requirement` in a backend's own table.
    """
    name, version, sources = infer_identity(ctx), infer_version(ctx), infer_sources(ctx)
    python = infer_python(ctx)
    native = with_added_compilers(ctx, infer_native(ctx))
    needs = infer_needs(ctx, python.value)
    kind = infer_kind(ctx, native.value, edited_needs(needs.value, ctx.overrides), python.value)
    sections = _requirements(ctx, native.value, needs.value, kind.value, python.value)
    script = infer_script(ctx, native.value, version.value)
    entry_points = infer_entry_points(ctx, kind.value)
    tests = infer_tests(ctx, kind.value)
    about = infer_about(ctx, native.value)
    number, maintainers = infer_build_number(ctx), infer_maintainers(ctx)
    output = Output(
        conda_name=name.value,
        noarch="python" if kind.value.is_noarch else None,
        skip=kind.value.skip,
        script=script.value,
        entry_points=entry_points.value,
        requirements=sections.value,
        tests=tests.value,
        about=about.value,
    )
    recipe = Recipe(
        name=name.value,
        version=version.value,
        python_min=str(python.value.floor) if kind.value.is_noarch and python.value.raises_floor else "",
        sources=sources.value,
        build_number=number.value,
        outputs=(output,),
        maintainers=maintainers.value,
    )
    parts: tuple[Inferred[object], ...] = (
        name, number, version, sources, python, native, needs, kind, sections, script, entry_points, tests,
        about, maintainers,
    )  # fmt: skip
    return _assemble(ctx, recipe, parts)


def _requirements(
    ctx: InferContext, native: Native, needs: tuple[Need, ...], kind: Kind, python: PythonRange
) -> Inferred[Requirements]:
    host = infer_host(ctx, kind, python)
    build = infer_build(ctx, native, host.value, kind, python)
    run = infer_run(ctx, needs, kind, python)
    constraints = infer_constraints(ctx, kind)
    sections = (host, build, run, constraints)
    return Inferred(
        value=Requirements(
            build=build.value, host=host.value, run=run.value, run_constraints=constraints.value
        ),
        evidence=tuple(one for section in sections for one in section.evidence),
        diagnostics=tuple(one for section in sections for one in section.diagnostics),
    )


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

"""A recipe against the release that it packages: what is missing, extra, looser, tighter, renamed or unused.

The recipe is a `RecipeDocument`, as people wrote it; upstream is the `Conversion` that conda-bridge infers from
the source of the same version, with its evidence. Differences are facts for a maintainer to weigh: only what
is likely to break users is a warning, what makes the package another one is an error, the rest is information.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from conda_bridge.checks.audit_build import compare_build, compare_interpreter
from conda_bridge.checks.audit_entries import Audit, AuditEntry, AuditKind
from conda_bridge.checks.audit_facts import compare_facts
from conda_bridge.checks.audit_python import compare_python
from conda_bridge.checks.audit_requirements import SectionSides, compare_sections
from conda_bridge.checks.audit_targets import is_noarch, targets_of
from conda_bridge.checks.audit_upstream import UNSAID, UpstreamSide
from conda_bridge.checks.audit_wants import Want, recipe_wants
from conda_bridge.checks.context import CheckContext, lint
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.recipe import Section
from conda_bridge.protocols import NameSource

__all__ = ["audit"]

_SECTIONS: tuple[Section, ...] = ("build", "host", "run")

_RUN_SLUGS: dict[AuditKind, str] = {
    "missing": "missing-dependency",
    "extra": "extra-dependency",
    "looser": "looser-bound",
    "tighter": "tighter-bound",
    "renamed": "renamed-dependency",
}
_BUILD_SLUGS: dict[AuditKind, str] = {
    "missing": "missing-build-requirement",
    "unused": "unused-requirement",
    "looser": "looser-build-bound",
    "tighter": "tighter-bound",
    "renamed": "renamed-dependency",
}


def audit(document: RecipeDocument, upstream: Conversion, *, ctx: CheckContext, names: NameSource) -> Audit:
    """Compare a recipe with what upstream's release calls for.

    Several outputs are compared together: what one of them requires isn't missing.
    """
    side = UpstreamSide(upstream, names)
    compared = _SECTIONS[:-1] if side.unknown_dependencies else _SECTIONS
    entries = (
        *compare_python(document, upstream.project, ctx.policy),
        *_interpreter(document, side, ctx),
        *(entry for section in compared for entry in _compare(section, document, side, ctx)),
    )
    found = (
        *compare_facts(document, upstream, ctx),
        *_limits(document, side, ctx),
        *_findings(document, entries, side),
    )
    return Audit(entries=entries, diagnostics=found)


def _compare(
    section: Section, document: RecipeDocument, side: UpstreamSide, ctx: CheckContext
) -> Iterator[AuditEntry]:
    sides = _sides(section, document, side, ctx)
    return iter(compare_sections(sides)) if section != "build" else compare_build(sides, side)


def _interpreter(document: RecipeDocument, side: UpstreamSide, ctx: CheckContext) -> Iterator[AuditEntry]:
    sides = _sides("host", document, side, ctx)
    # Recipes of old have everything in build.
    present = sides if sides.line else replace(sides, recipe=_wants("build", document, ctx))
    return compare_interpreter(present, document, ctx)


def _sides(section: Section, document: RecipeDocument, side: UpstreamSide, ctx: CheckContext) -> SectionSides:
    recipe, upstream = _wants(section, document, ctx), side.wants(section)
    # Some recipes have their compilers in host.
    lent = _wants("host", document, ctx) if section == "build" else ()
    if section == "build" and is_noarch(document) and side.conversion.recipe.outputs[0].noarch is None:
        # That it is built once is told, and says why it needs no compiler.
        upstream = ()
    if section == "run" and not is_noarch(document):
        exported = _run_exported(document, ctx)
        upstream = tuple(want for want in upstream if want.name not in exported - {w.name for w in recipe})
    return SectionSides(
        section=section,
        line=_line(section, document),
        recipe=recipe,
        lent=lent,
        upstream=upstream,
        known=side.known(section) | {output.name for output in document.outputs},
        targets=targets_of(document, ctx.policy),
        is_needed=side.is_needed,
        is_python=side.is_python,
        names_of=side.names_of,
        name_keys=side.name_keys,
        reason=lambda name: side.reason(section, name),
        via=lambda name: side.via(section, name),
        guessed=side.guessed(section),
        varying=side.varying if section == "run" else frozenset(),
        has_unknown_names=any(not want.name for want in (*recipe, *lent)),
    )


def _line(section: Section, document: RecipeDocument) -> int:
    nodes = (output.node for output in document.outputs)
    return next(
        (line for node in nodes if (line := document.key_line("requirements", section, within=node))), 0
    )


def _wants(section: Section, document: RecipeDocument, ctx: CheckContext) -> tuple[Want, ...]:
    python_min = str(ctx.policy.python_min)
    return recipe_wants(document, section, python_min=python_min)


def _run_exported(document: RecipeDocument, ctx: CheckContext) -> frozenset[str]:
    """Return what host brings into run by itself: packages with an ABI, which the distributor pins."""
    return frozenset(want.name for want in _wants("host", document, ctx)) & ctx.policy.pinned


def _limits(document: RecipeDocument, side: UpstreamSide, ctx: CheckContext) -> Iterator[Diagnostic]:
    """Say what was left out of the comparison."""
    if side.unknown_dependencies:
        message = f"upstream's dependencies can't be known: {side.unknown_dependencies}"
        yield lint(document, "not-compared", message)
    bounded = {want.name: want for want in side.wants("run") if want.constraint}
    for want in _wants("run", document, ctx):
        if want.name in bounded and want.constraint is None:
            message = f"{want.text!r} is not compared with upstream's {bounded[want.name].text!r}"
            yield lint(document, "not-compared", message, line=want.line)


# ---------------------------------------------------------------- findings


def _findings(
    document: RecipeDocument, entries: Iterable[AuditEntry], side: UpstreamSide
) -> Iterator[Diagnostic]:
    through: dict[str, list[AuditEntry]] = {}
    for entry in entries:
        if entry.kind == "missing" and entry.via:
            through.setdefault(entry.via, []).append(entry)
        else:
            yield lint(document, _slug(entry, side), f"{_said(entry)}; {entry.reason}", line=entry.line)
    for via, missing in through.items():
        names = ", ".join(dict.fromkeys(entry.conda_name for entry in missing))
        message = f"{missing[0].section} lacks what upstream asks for as {via}: {names}; {missing[0].reason}"
        yield lint(document, "missing-extra-dependency", message, line=missing[0].line)


def _slug(entry: AuditEntry, side: UpstreamSide) -> str:
    if entry.kind == "missing" and entry.section in {"host", "build"}:
        return _missing_slug(entry, side)
    if entry.conda_name == "python":
        return "python-looser" if entry.kind == "looser" else "python-tighter"
    if not entry.is_certain:
        return "unasked-package" if entry.kind == "extra" else "perhaps-missing-dependency"
    return (_RUN_SLUGS if entry.section == "run" else _BUILD_SLUGS)[entry.kind]


def _missing_slug(entry: AuditEntry, side: UpstreamSide) -> str:
    name = entry.conda_name
    if entry.section == "host" and entry.is_certain:
        if name in UNSAID:
            return "host-without-interpreter"
        if name in side.declared_for_build:
            return "missing-declared-requirement"
    # Rust's compiler has its linker from that of C, and so brings it.
    is_brought = name == "compiler(c)" and side.has_rust
    is_compiler = name.startswith("compiler(") and not is_brought
    return "missing-compiler" if is_compiler else "missing-build-requirement"


def _said(entry: AuditEntry) -> str:
    where = f" ({entry.condition})" if entry.condition else ""
    has = f"{entry.section} has {entry.recipe!r}"
    match entry.kind:
        case "missing":
            unless = "" if entry.is_certain else f", unless {entry.recipe!r} is it"
            return f"{entry.section} lacks {entry.upstream!r}{where}{unless}"
        case "extra":
            return has if entry.is_certain else f"{has}, perhaps a library or a program"
        case "unused":
            return f"{has}, which no build requirement asks for"
        case "looser" if not entry.recipe:
            return f"the recipe is built for {entry.condition}, upstream needs {entry.upstream!r}"
        case "looser":
            return f"{has}, upstream needs {entry.upstream!r}{where}"
        case "tighter" if not entry.recipe:
            return f"the recipe skips {entry.condition}, upstream allows {entry.upstream!r}"
        case "tighter":
            return f"{has}, upstream allows {entry.upstream!r}{where}"
        case "renamed":
            return f"{has}, the requirement is called {entry.conda_name!r} on conda"

"""A recipe against the release that it packages: what is missing, extra, looser, tighter, renamed or unused.

The recipe is a `RecipeDocument`, as people wrote it; upstream is the `Conversion` that conda-bridge infers from
the source of the same version, with its evidence. Differences are facts for a maintainer to weigh: only what
is likely to break users is a warning, what makes the package another one is an error, the rest is information.
"""

from collections.abc import Iterable, Iterator

from conda_bridge.checks.audit_entries import Audit, AuditEntry, AuditKind
from conda_bridge.checks.audit_facts import compare_facts
from conda_bridge.checks.audit_python import compare_python
from conda_bridge.checks.audit_requirements import SectionSides, compare_sections
from conda_bridge.checks.audit_targets import is_noarch, targets_of
from conda_bridge.checks.audit_upstream import UpstreamSide
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
        *(entry for section in compared for entry in compare_sections(_sides(section, document, side, ctx))),
    )
    found = (
        *compare_facts(document, upstream, ctx),
        *_limits(document, side, ctx),
        *_findings(document, entries),
    )
    return Audit(entries=entries, diagnostics=found)


def _sides(section: Section, document: RecipeDocument, side: UpstreamSide, ctx: CheckContext) -> SectionSides:
    recipe, upstream = _wants(section, document, ctx), side.wants(section)
    if any(want.name == "compiler(cxx)" for want in recipe):
        # Whether a C++ project needs the C compiler by that name can't be told from its files.
        upstream = tuple(want for want in upstream if want.name != "compiler(c)")
    if section == "run" and not is_noarch(document):
        exported = _run_exported(document, ctx)
        upstream = tuple(want for want in upstream if want.name not in exported - {w.name for w in recipe})
    return SectionSides(
        section=section,
        line=_line(section, document),
        recipe=recipe,
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
        has_unknown_names=any(not want.name for want in recipe),
    )


def _line(section: Section, document: RecipeDocument) -> int:
    nodes = (output.node for output in document.outputs)
    return next(
        (line for node in nodes if (line := document.key_line("requirements", section, within=node))), 0
    )


def _wants(section: Section, document: RecipeDocument, ctx: CheckContext) -> tuple[Want, ...]:
    python_min = str(ctx.policy.python_min)
    wants = recipe_wants(document, section, python_min=python_min)
    # Some recipes have their compilers in host.
    return wants + recipe_wants(document, "host", python_min=python_min) if section == "build" else wants


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


def _findings(document: RecipeDocument, entries: Iterable[AuditEntry]) -> Iterator[Diagnostic]:
    through: dict[str, list[AuditEntry]] = {}
    for entry in entries:
        if entry.kind == "missing" and entry.via:
            through.setdefault(entry.via, []).append(entry)
        else:
            yield lint(document, _slug(entry), f"{_said(entry)}; {entry.reason}", line=entry.line)
    for via, missing in through.items():
        names = ", ".join(dict.fromkeys(entry.conda_name for entry in missing))
        message = f"{missing[0].section} lacks what upstream asks for as {via}: {names}; {missing[0].reason}"
        yield lint(document, "missing-extra-dependency", message, line=missing[0].line)


def _slug(entry: AuditEntry) -> str:
    if entry.conda_name == "python":
        return "python-looser" if entry.kind == "looser" else "python-tighter"
    return (_RUN_SLUGS if entry.section == "run" else _BUILD_SLUGS)[entry.kind]


def _said(entry: AuditEntry) -> str:
    where = f" ({entry.condition})" if entry.condition else ""
    has = f"{entry.section} has {entry.recipe!r}"
    match entry.kind:
        case "missing":
            return f"{entry.section} lacks {entry.upstream!r}{where}"
        case "extra":
            return has
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

"""The pythons that a recipe supports against upstream's Requires-Python."""

from collections.abc import Iterator

from conda_bridge.checks.audit_bounds import compare_bounds
from conda_bridge.checks.audit_entries import AuditEntry, AuditKind
from conda_bridge.checks.audit_targets import is_noarch, skip_condition
from conda_bridge.checks.audit_wants import Want, recipe_wants
from conda_bridge.errors import TranslationError
from conda_bridge.formats.document import RecipeDocument
from conda_bridge.model.condition import PyVersion, Target, evaluate
from conda_bridge.model.distributor import DistributorPolicy
from conda_bridge.model.project import Project
from conda_bridge.translate.versions import to_conda_spec

__all__ = ["compare_python"]


def compare_python(
    document: RecipeDocument, project: Project, policy: DistributorPolicy
) -> Iterator[AuditEntry]:
    """Yield where the recipe supports a python that upstream doesn't, or the reverse.

    Pythons that the distributor doesn't build for are never told apart.
    """
    known = project.requires_python
    if known is None:
        return
    try:
        upstream = to_conda_spec(known.value, style="recipe").value
    except TranslationError:
        return
    found = (
        _of_noarch(document, upstream, policy)
        if is_noarch(document)
        else _of_platforms(document, project, policy)
    )
    for kind, text, condition, line in found:
        yield AuditEntry(
            kind=kind,
            section="run",
            conda_name="python",
            recipe=text,
            upstream=f"python {known.value}",
            condition=condition,
            reason=f"declared: {known.origin}",
            line=line,
        )


_Found = tuple[AuditKind, str, str, int]


def _of_noarch(document: RecipeDocument, upstream: str, policy: DistributorPolicy) -> Iterator[_Found]:
    bounded = [want for want in _pythons(document, policy) if want.constraint]
    if not bounded:
        return
    # Below the distributor's lowest python and above its ceiling nothing is built, so nothing differs.
    span = f">={policy.python_min},<{policy.python_ceiling}"
    want = bounded[0]
    difference = compare_bounds(f"{want.constraint},{span}", f"{upstream},{span}" if upstream else span)
    if difference in {"looser", "different"}:
        yield "looser", want.text, "", want.line
    elif difference == "tighter":
        yield "tighter", want.text, "", want.line


def _of_platforms(document: RecipeDocument, project: Project, policy: DistributorPolicy) -> Iterator[_Found]:
    skip = skip_condition(document)
    pythons = _pythons(document, policy)
    if skip is None or project.requires_python is None or not pythons or any(w.constraint for w in pythons):
        return
    allowed = project.requires_python.value
    built = {v for v in policy.pythons if any(not evaluate(skip, t) for t in _targets(v, policy))}
    supported = {v for v in policy.pythons if allowed.contains(f"{v}.99")}
    line = document.key_line("build", "skip") or pythons[0].line
    if more := built - supported:
        yield "looser", "", _text(more), line
    elif less := supported - built:
        yield "tighter", "", _text(less), line


def _pythons(document: RecipeDocument, policy: DistributorPolicy) -> list[Want]:
    wants = recipe_wants(document, "run", python_min=str(policy.python_min))
    return [want for want in wants if want.name == "python"]


def _targets(python: PyVersion, policy: DistributorPolicy) -> Iterator[Target]:
    return (Target(platform=platform, python=python) for platform in policy.platforms)


def _text(pythons: set[PyVersion]) -> str:
    return f"python {', '.join(map(str, sorted(pythons)))}"

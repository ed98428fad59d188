"""A library and a verdict -> lines of a section, under the names that conda has for it.

Versions are left to the distributor's pins; what a linked library needs at run time, its run_exports bring.
"""

from conda_bridge.infer.contributions import Contribution
from conda_bridge.infer.identity import conda_name_of
from conda_bridge.infer.libraries.judging import Verdict
from conda_bridge.model.condition import Condition, all_of, os_in
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.libraries import LibraryRow
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import MatchSpec
from conda_bridge.translate.external import placed, read_function, renamed_library
from conda_bridge.translate.match_specs import parse_match_spec

__all__ = ["place"]

RULE = "libraries"


def place(ctx: InferContext, row: LibraryRow, verdict: Verdict) -> tuple[Contribution, ...]:
    """Return the lines for a library; none where no mapping knows what conda calls it, or it is the package itself."""
    alternatives = ctx.external.of(row.id)
    if not alternatives:
        return ()
    section, texts = placed(alternatives[0], verdict.section)
    return tuple(
        Contribution(
            section=section,
            spec=spec,
            condition=_where(ctx, spec.conda_name, verdict.condition),
            certainty=verdict.certainty,
            origins=verdict.origins,
            note=verdict.note if spec.conda_name == row.key else f"{row.key}: {verdict.note}",
            rule=RULE,
        )
        for spec in map(_spec, texts)
        if spec is not None and spec.conda_name != conda_name_of(ctx)
    )


def _where(ctx: InferContext, name: CondaName, condition: Condition) -> Condition:
    """Return where a line applies; what a system lacks as a package it has itself, ODBC, or the project does without.

    What one kind of evidence or two show never keeps a project from a system.
    """
    system = ctx.policy.only_system_of(name)
    if system is None:
        return condition
    return all_of(condition, os_in({"linux", "osx"} if system == "unix" else {system}))


def _spec(text: str) -> MatchSpec | None:
    """Return a package's spec without version; compilers are another rule's."""
    if read_function(text) is not None:
        return None
    name, _ = renamed_library(parse_match_spec(text).value.conda_name)
    return MatchSpec(conda_name=name) if name is not None else None

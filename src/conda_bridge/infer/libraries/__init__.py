"""External libraries of a project: seen in its files, judged by what kinds of evidence agree, and placed.

    signals -> sightings -> verdicts -> lines of build, host and run, switches of the build, findings

Source: `translate.libraries` says which library a token names, the mapping of external dependencies what conda calls it.
"""

from conda_bridge.infer.external import External
from conda_bridge.infer.libraries.result import Libraries, Switch
from conda_bridge.infer.native import Native
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.evidence import Inferred

__all__ = ["Libraries", "Switch", "infer_libraries"]


def infer_libraries(ctx: InferContext, native: Native, external: External) -> Inferred[Libraries]:
    """Return what the source tree shows of external libraries; nothing where no file says anything."""
    if not ctx.facts.shows_needs:
        return Inferred(value=Libraries())
    # Most pure projects have no signals; the tables' readers and the rules would cost them a twentieth of their time.
    from conda_bridge.infer.libraries import deciding  # noqa: PLC0415

    return deciding.infer_libraries(ctx, native, external)

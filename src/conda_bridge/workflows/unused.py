"""What a run says of the project's own configuration: what it decides for all, and what nothing had any use for."""

import difflib
from collections.abc import Iterable, Iterator

from packaging.utils import canonicalize_name

from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.options import RecipeOptions
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.translate.url_secrets import channel_label
from conda_bridge.workflows.report import without_credentials

__all__ = ["mistyped_packages", "project_decisions", "unused_names"]


def project_decisions(options: RecipeOptions) -> Iterator[Diagnostic]:
    """Yield a finding where the project's own file, which may be anybody's, decides which indexes or channels are asked."""
    if options.index.origin:
        message = f"packages are looked for on {', '.join(map(without_credentials, options.index.urls))}"
        yield finding("project-indexes", message, origin=options.index.origin)
    if options.distributor_origin:
        policy = distributor_policy(options.distributor, options.distributors)
        message = f"packages come from {', '.join(map(channel_label, policy.channels))}"
        yield finding("project-channels", message, origin=options.distributor_origin)


def unused_names(conversions: Iterable[Conversion], options: RecipeOptions) -> tuple[Diagnostic, ...]:
    """Return one finding on the names of the project's own file that no conversion of the run looked up.

    Names of the user's file are for all projects; that one run doesn't need them says nothing.
    """
    asked = {hit.pypi_name for conversion in conversions for hit in conversion.names}
    idle = [row for row in options.names if row.origin and row.pypi_name not in asked]
    if not idle:
        return ()
    message = f"nothing in this run requires {', '.join(row.pypi_name for row in idle)}"
    return (finding("names-unused", message, origin=idle[0].origin),)


def mistyped_packages(conversions: Iterable[Conversion], options: RecipeOptions) -> Iterator[Diagnostic]:
    """Yield a finding on each `[package.NAME]` that matched nothing and is nearly the name of something here.

    Tables for packages that a run doesn't convert are as they should be in a file for many.
    """
    here: set[str] = set()
    for conversion in conversions:
        here |= {project.pypi_name.value for project in (conversion.project, *conversion.others)}
        here |= {canonicalize_name(output.conda_name) for output in conversion.recipe.outputs}
    named = {overrides.name for overrides in options.overrides}
    for name in sorted(named - here):
        if near := difflib.get_close_matches(name, sorted(here - named), n=1, cutoff=0.85):
            yield finding("override-mistyped", f"[package.{name}] matched nothing; did you mean {near[0]}?")

"""What of the project's own configuration no source of a run had any use for."""

from collections.abc import Iterable

from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.options import RecipeOptions

__all__ = ["unused_names"]


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

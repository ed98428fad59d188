"""Whether the distributor has the package already, which a new recipe's author wants to hear first."""

from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName
from conda_bridge.workflows.services import Services

__all__ = ["already_packaged"]


def already_packaged(name: CondaName, services: Services) -> tuple[Diagnostic, ...]:
    """Return a finding where a channel of the distributor has a package of that name.

    A channel that can't be asked is no failure: a recipe can be written without it.
    """
    if services.channels is None:
        return ()
    try:
        found = services.channels.find(name)
    except SourceError as error:
        if error.slug == "offline":
            # As the user wants it.
            return ()
        return (finding("channel-not-asked", error.message, origin=error.where or ""),)
    if found is None:
        return ()
    message = f"{found.channel} has {name} {found.version} already ({found.subdir})"
    return (finding("already-packaged", message, origin=found.channel),)

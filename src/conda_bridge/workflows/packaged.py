"""Whether the distributor has the package already, which a new recipe's author wants to hear first."""

from collections.abc import Iterable, Iterator

from conda_bridge.errors import SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName
from conda_bridge.workflows.services import Services

__all__ = ["already_packaged"]


def already_packaged(names: Iterable[CondaName], services: Services) -> Iterator[Diagnostic]:
    """Yield a finding for each of the names under which a channel of the distributor has a package.

    A channel that can't be asked is no failure: a recipe can be written without it. It is asked no more then.
    """
    for name in names:
        found = _packaged(name, services)
        yield from found
        if any(one.slug == "channel-not-asked" for one in found):
            return


def _packaged(name: CondaName, services: Services) -> tuple[Diagnostic, ...]:
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

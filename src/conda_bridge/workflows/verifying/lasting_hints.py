"""What to do after a build in a folder that is gone by then: hints name commands that leave a recipe behind."""

import re
import shlex
from dataclasses import replace

from conda_bridge.errors import BridgeError
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.workflows.report import without_credentials

__all__ = ["lasting_error", "lasting_finding"]


def lasting_error(error: BridgeError, folder: str, source: str) -> BridgeError:
    """Return a failure that names nothing in a folder that is removed."""
    hint = _lasting(error.hint or "", folder, source)
    where = None if (error.where or "").startswith(f"{folder}/") else error.where
    if (hint, where) == (error.hint or "", error.where):
        return error
    return type(error)(error.slug, error.message, where=where, hint=hint or error.hint)


def lasting_finding(found: Diagnostic, folder: str, source: str) -> Diagnostic:
    """Return a finding whose hint names nothing in a folder that is removed."""
    return replace(found, hint=_lasting(found.hint, folder, source))


def _lasting(hint: str, folder: str, source: str) -> str:
    """Return a hint in which a command that keeps the recipe stands for the recipe's place.

    >>> _lasting("mend it: conda-bridge build /tmp/x/demo/recipe.yaml", "/tmp/x", "demo==1.0")
    'mend it: conda-bridge build demo==1.0, which keeps its recipe in the channel'
    """
    place = rf"{re.escape(folder)}/[^\s;,]*"
    command = f"conda-bridge build {shlex.quote(without_credentials(source))}"
    hint = re.sub(
        f"conda-bridge build {place}", lambda _: f"{command}, which keeps its recipe in the channel", hint
    )
    return re.sub(place, lambda _: f"the one that `{command}` keeps", hint)

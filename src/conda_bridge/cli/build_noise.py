"""What the findings of a run's builds say again and again, or say to those who know, is only counted unless verbose."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from conda_bridge.archives.typed_paths import is_dir
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.workflows.build import BuildResult

__all__ = ["without_repetition"]

_ONCE_A_RUN = frozenset({"several-indexes"})
_OF_WHEELS = frozenset({"startup-file", "command-without-program"})
"""Of wheels that the host's channel is made of: the user chose none of them."""


def without_repetition(result: BuildResult, earlier: Iterable[BuildResult]) -> Sequence[Diagnostic]:
    """Return a result's findings, those as mere information that say nothing new to whoever read the `earlier` ones."""
    told = {one.slug for other in earlier for one in other.diagnostics} & _ONCE_A_RUN
    quiet = _OF_WHEELS | told | ({"local-source"} if is_dir(Path(result.subject)) else set())
    return [replace(one, severity="info") if one.slug in quiet else one for one in result.diagnostics]

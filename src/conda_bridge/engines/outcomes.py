"""How an engine's child ended -> what people are told, the same of every engine."""

from collections import deque
from collections.abc import Iterable

from conda_bridge.errors import BridgeError
from conda_bridge.model.build import BuildJob, TestJob
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.events import LogLine
from conda_bridge.processes.workers import WorkerAnswer, WorkerMessage
from conda_bridge.protocols import Reporter
from conda_bridge.translate.build_hints import telling_lines

__all__ = ["EngineLog", "concerns", "with_log"]

_SHOWN_LINES = 20
"""So many of a log's last lines are shown with a failure."""
_KEPT_LINES = 200
"""So many are looked at: after the words that tell, pip writes many of its own."""
_WITH_LOG = frozenset({"build-failed", "build-timeout", "disk-full", "engine-crashed"})


class EngineLog:
    """What an engine says in a job: passed on, and its end kept."""

    def __init__(self, job: BuildJob | TestJob, reporter: Reporter) -> None:
        self._subject = job.subject
        self._reporter = reporter
        self._last: deque[str] = deque(maxlen=_KEPT_LINES)

    def hear(self, message: WorkerMessage) -> None:
        """Take a line."""
        if message.text.strip():
            self._last.append(message.text.rstrip())
        self._reporter.report(LogLine(subject=self._subject, text=message.text, level=message.level))

    @property
    def last(self) -> tuple[str, ...]:
        """The last lines."""
        return tuple(self._last)


def with_log(error: BridgeError, last: Iterable[str], job: BuildJob | TestJob) -> BridgeError:
    """Return the failure with the end of the log, and where the rest of it is."""
    message = error.message
    lines = telling_lines(tuple(last), _SHOWN_LINES)
    if error.slug == "build-timeout":
        message = f"it did not end within {job.setting.timeout_s:g} s"
    if error.slug in _WITH_LOG and lines:
        message = f"{message}; the last lines of the log:\n" + "\n".join(f"  {line}" for line in lines)
    return type(error)(error.slug, message, where=job.log_path, hint=error.hint)


def concerns(answer: WorkerAnswer, job: BuildJob) -> tuple[Diagnostic, ...]:
    """Return what is to be said of what a build was not kept from, and of what it did."""
    isolation = answer.isolation
    found = []
    if answer.has_left_behind:
        message = "processes that scripts had left behind were ended, since the engine waited for them"
        found.append(finding("processes-left-behind", message, origin=job.recipe_path))
    if isolation.has_network:
        why = (
            "since the engine itself downloads packages from its channels"
            if job.setting.needs_network
            else "since nothing on this machine can cut it off"
        )
        message = f"build scripts could reach the network, {why}"
        found.append(finding("build-had-network", message, origin=job.recipe_path))
    if not isolation.are_files_hidden:
        message = (
            "build scripts could read, change and remove all that you can, your home and your keys included: "
            f"this machine can hide nothing from them (isolation: {isolation.kind})"
        )
        found.append(finding("build-saw-files", message, origin=job.recipe_path))
    return tuple(found)

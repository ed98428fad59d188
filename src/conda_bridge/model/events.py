"""What a workflow tells while it runs; a Reporter decides what people see of it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from conda_bridge.model.diagnostic import Diagnostic

__all__ = [
    "BytesReceived",
    "DownloadFinished",
    "DownloadStarted",
    "Event",
    "LogLine",
    "Noticed",
    "StepStarted",
    "WorkFinished",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A workflow reached a new step of one source, such as `reading metadata`."""

    subject: str
    """The source, as the user typed it."""
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadStarted:
    """A download began."""

    url: str
    """Without credentials."""
    size_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BytesReceived:
    """A download went on."""

    url: str
    count: int
    """Bytes since the last event of this download."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadFinished:
    """A download ended, well or not."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """A finding, told as soon as it is known."""

    subject: str
    diagnostic: Diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """An engine, or a program that it runs, said something."""

    subject: str
    text: str
    level: Literal["info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFinished:
    """A subject that had steps is done with, well or not."""

    subject: str


Event: TypeAlias = (
    StepStarted | DownloadStarted | BytesReceived | DownloadFinished | Noticed | LogLine | WorkFinished
)

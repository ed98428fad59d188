"""What a workflow tells while it runs; a Reporter decides what people see of it."""

from dataclasses import dataclass
from typing import TypeAlias

from conda_bridge.model.diagnostic import Diagnostic

__all__ = ["BytesReceived", "DownloadFinished", "DownloadStarted", "Event", "Noticed", "StepStarted"]


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


Event: TypeAlias = StepStarted | DownloadStarted | BytesReceived | DownloadFinished | Noticed

"""Types of the fixtures of the command line's tests."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

__all__ = ["MakeSdist", "Outcome", "RunCli"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a command did."""

    status: int
    out: str
    err: str


RunCli: TypeAlias = Callable[..., Outcome]
MakeSdist: TypeAlias = Callable[..., Path]

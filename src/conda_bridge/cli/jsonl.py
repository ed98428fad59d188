"""Answers for machines: one JSON document on stdout, in ASCII, with a final newline."""

import json
import sys
from dataclasses import replace

from conda_bridge.errors import BridgeError

__all__ = ["write_answer", "write_failures", "write_interruption"]


def write_answer(answer: object) -> None:
    """Write one of the answers of `conda_bridge.workflows.documents`."""
    from conda_bridge.workflows.codec import encode  # noqa: PLC0415 - costs imports that people never need

    sys.stdout.write(json.dumps(encode(answer, type(answer)), indent=2) + "\n")


def write_interruption(end: BaseException, message: str, exit_status: int) -> None:
    """Write the answer of a command that was interrupted: what it had done, which it left in the arguments of `end`."""
    from conda_bridge.cli.answers import Failure  # noqa: PLC0415
    from conda_bridge.cli.repack_answers import CondaAnswer, WheelAnswer  # noqa: PLC0415
    from conda_bridge.cli.verify_answers import VerifyAnswer  # noqa: PLC0415

    failure = Failure(code="", slug="interrupted", message=message, exit_status=exit_status)
    for begun in end.args:
        if isinstance(begun, WheelAnswer | CondaAnswer | VerifyAnswer):
            write_answer(replace(begun, errors=(*begun.errors, failure)))
            return
    write_failures("interrupted", message=message, exit_status=exit_status)


def write_failures(
    error: BridgeError | str, *, message: str = "", exit_status: int = 0, source: str = ""
) -> None:
    """Write the answer of a command that failed as a whole: a failure of ours, or one without a code.

    `source` is what made it fail, where that is one of several.
    """
    from conda_bridge.cli.answers import FailedAnswer, Failure, failure_of  # noqa: PLC0415

    if isinstance(error, BridgeError):
        failure = failure_of(error, source=source)
    else:
        failure = Failure(code="", slug=error, message=message, exit_status=exit_status)
    write_answer(FailedAnswer(errors=(failure,)))

"""A source tree and its build backend -> what the backend answers, each hook in a fresh sandbox.

Source: PEP 517, `get_requires_for_build_wheel`, `prepare_metadata_for_build_wheel` and `build_wheel`; where a backend lacks
the second, the wheel is built and its metadata taken, as the PEP has it.
"""

import json
import tempfile
from dataclasses import dataclass
from typing import IO, Any

from packaging.utils import parse_wheel_filename

from conda_bridge.archives.writing import written_aside
from conda_bridge.errors import MetadataError
from conda_bridge.processes.build_environments import BuildEnvironment, last_lines
from conda_bridge.processes.children import ChildResult
from conda_bridge.processes.sandbox import INSIDE, Sandbox, SandboxLimits, SandboxRun, run_sandboxed

__all__ = ["BackendCall", "PreparedMetadata", "build_wheel", "prepare_metadata", "required_for_wheel"]

_HOOKS = ("prepare_metadata_for_build_wheel", "build_wheel")
_MOST_REQUIREMENTS = 1_000
_LONGEST_REQUIREMENT = 10_000
_LONGEST_FILE = 1_000_000
_LONGEST_ANSWER = 10_000
_PIECE_BYTES = 1 << 20
_SHOWN_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendCall:
    """Whom to ask, and about what."""

    source: str
    """The folder of the source. It is copied in the sandbox and never written."""
    backend: str
    """As in `build-backend`: `module:object`."""
    backend_path: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    """Config settings for the hooks; a key that comes several times has a list for its value, as with pip."""

    def as_request(self, hook: str) -> str:
        """Return what `inside/hooks.py` is asked."""
        settings: dict[str, str | list[str]] = {}
        for key, value in self.settings:
            earlier = settings.get(key, [])
            known = [earlier] if isinstance(earlier, str) else earlier
            settings[key] = [*known, value] if known else value
        return json.dumps(
            {
                "source": self.source,
                "backend": self.backend,
                "backend_path": self.backend_path,
                "hook": hook,
                "settings": settings,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedMetadata:
    """What a backend says that its wheel would be."""

    metadata: str
    """The header block of METADATA."""
    entry_points: str = ""
    """entry_points.txt."""
    top_level: str = ""
    """top_level.txt."""
    hook: str = ""
    """The hook that told."""


def required_for_wheel(
    call: BackendCall, environment: BuildEnvironment, sandbox: Sandbox, limits: SandboxLimits
) -> tuple[str, ...]:
    """Return what the backend requires beside `[build-system] requires`, as it wrote it.

    Raises:
        MetadataError: `backend-failed`, `backend-timeout`.
    """
    lines = _answer(call, "requires", environment, sandbox, limits).get("requires")
    if not isinstance(lines, list) or len(lines) > _MOST_REQUIREMENTS:
        raise MetadataError(
            "backend-failed", f"{call.backend} gave no list of requirements, or an endless one"
        )
    return tuple(_text(call, "a requirement", line, _LONGEST_REQUIREMENT) for line in lines)


def prepare_metadata(
    call: BackendCall, environment: BuildEnvironment, sandbox: Sandbox, limits: SandboxLimits
) -> PreparedMetadata:
    """Return the metadata of the wheel that the backend would build here.

    Raises:
        MetadataError: `backend-failed`, `backend-timeout`.
    """
    answer = _answer(call, "metadata", environment, sandbox, limits)
    files, hook = answer.get("files"), answer.get("hook")
    if not isinstance(files, dict) or hook not in _HOOKS or not files.get("METADATA"):
        raise MetadataError("backend-failed", f"{call.backend} made no METADATA")
    metadata, entry_points, top_level = (
        _text(call, name, files.get(name, ""), _LONGEST_FILE)
        for name in ("METADATA", "entry_points.txt", "top_level.txt")
    )
    return PreparedMetadata(metadata=metadata, entry_points=entry_points, top_level=top_level, hook=hook)


def build_wheel(
    call: BackendCall,
    environment: BuildEnvironment,
    sandbox: Sandbox,
    limits: SandboxLimits,
    target_dir: str,
) -> str:
    """Have the backend build its wheel, write that to `target_dir` and return its path.

    The wheel comes through standard output like every answer: the sandbox has no folder that is one outside, too, so
    there are no links to be followed and no names to be fought over. It is a stranger's file all the same.

    Raises:
        MetadataError: `backend-failed`, `backend-timeout`.
    """
    with tempfile.TemporaryFile() as output:
        result = _run(call, "wheel", environment, sandbox, limits, output=output)
        output.seek(0)
        answer = _checked(call, result, output.readline(_LONGEST_ANSWER))
        filename = _text(call, "a file name", answer.get("wheel"), _LONGEST_ANSWER)
        try:
            parse_wheel_filename(filename)
        except ValueError as error:
            message = f"{call.backend} made {filename!r:.200}, which no wheel is called"
            raise MetadataError("backend-failed", message) from error
        if "/" in filename or "\0" in filename:
            raise MetadataError(
                "backend-failed", f"{call.backend} made {filename!r:.200}, which is no file name"
            )
        path = f"{target_dir}/{filename}"
        with written_aside(path) as target:
            _copy(call, output, target, answer.get("size_bytes"))
    return path


def _copy(call: BackendCall, output: IO[bytes], target: IO[bytes], size_bytes: object) -> None:
    written = 0
    while piece := output.read(_PIECE_BYTES):
        written += target.write(piece)
    if written != size_bytes:
        raise MetadataError(
            "backend-failed", f"{call.backend} gave {written:,} bytes of a wheel of {size_bytes}"
        )


def _text(call: BackendCall, what: str, value: object, most: int) -> str:
    """Return a text of the answer; a backend can write the answer itself, past the program that should."""
    if not isinstance(value, str):
        raise MetadataError("backend-failed", f"{call.backend} gave {what} that is no text")
    if len(value) > most:
        raise MetadataError("backend-failed", f"{call.backend} gave {what} of more than {most:,} characters")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MetadataError("backend-failed", f"{call.backend} gave {what} that isn't Unicode") from error
    return value


def _answer(
    call: BackendCall, hook: str, environment: BuildEnvironment, sandbox: Sandbox, limits: SandboxLimits
) -> dict[str, Any]:
    result = _run(call, hook, environment, sandbox, limits)
    return _checked(call, result, result.output)


def _run(  # noqa: PLR0913 - a hook, where it runs, and where its answer goes
    call: BackendCall,
    hook: str,
    environment: BuildEnvironment,
    sandbox: Sandbox,
    limits: SandboxLimits,
    *,
    output: IO[bytes] | None = None,
) -> ChildResult:
    run = SandboxRun(
        program=(environment.python, "-I", f"{INSIDE}/hooks.py"),
        given=call.as_request(hook),
        readable=(call.source, environment.folder),
        path=(f"{environment.folder}/bin", "/usr/local/bin", "/usr/bin", "/bin"),
        limits=limits,
    )
    result = run_sandboxed(sandbox, run, output=output)
    if result.is_timed_out:
        said = last_lines(result.errors)
        raise MetadataError(
            "backend-timeout",
            f"{call.backend} did not answer within {limits.wall_s:.0f} s; its last words:\n{said}",
        )
    return result


def _checked(call: BackendCall, result: ChildResult, text: str | bytes) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or "error" in answer:
        raise _failure(call, result, answer)
    return answer


def _failure(call: BackendCall, result: ChildResult, answer: object) -> MetadataError:
    """Return why there is no answer: the backend's own error, or how its process ended."""
    if isinstance(answer, dict):
        first_line = str(answer["error"]).partition("\n")[0][:_SHOWN_REASON]
        reason = f"failed: {first_line.encode('utf-8', errors='replace').decode()}"
    else:
        reason = f"gave no answer and ended with the status {result.exit_status}"
    said = last_lines(result.errors)
    return MetadataError("backend-failed", f"{call.backend} {reason}; its last words:\n{said}")

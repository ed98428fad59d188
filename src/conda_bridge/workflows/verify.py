"""The round-trip proof: a wheel that went through conda is the wheel that the project's own backend makes.

    source -> recipe -> conda package -> wheel     compared with   source -> wheel, by its own backend in the sandbox
                                                   and with        the published wheel of the same version

Each file and each field of METADATA is equal, explained by a rule that has seen evidence, or different. Where something
differs the backend is run once more: what it writes otherwise each time proves nothing.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from conda_bridge.archives.typed_paths import exists
from conda_bridge.errors import UsageError
from conda_bridge.model.events import WorkFinished
from conda_bridge.processes.scratch import scratch_folder
from conda_bridge.protocols import Reporter, SilentReporter
from conda_bridge.workflows.build import BuildServices, build_services_of
from conda_bridge.workflows.verifying.one import RoundTrip
from conda_bridge.workflows.verifying.values import VerifyOptions, VerifyResult
from conda_bridge.workflows.writing import refuse_url, unwritable

__all__ = ["VerifyOptions", "VerifyResult", "verifications", "verify"]

_SILENT = SilentReporter()
_DEFAULTS = VerifyOptions()


def verify(
    source: str,
    *,
    options: VerifyOptions = _DEFAULTS,
    services: BuildServices | None = None,
    reporter: Reporter = _SILENT,
) -> VerifyResult:
    """Prove the round trip of one source; its failure is a value in the result.

    Raises:
        UsageError: `unknown-distributor`, `not-writable`; `usage` for engines that there aren't.
    """
    (result,) = verifications((source,), options=options, services=services, reporter=reporter)
    return result


def verifications(
    sources: Sequence[str],
    *,
    options: VerifyOptions = _DEFAULTS,
    services: BuildServices | None = None,
    reporter: Reporter = _SILENT,
) -> Iterator[VerifyResult]:
    """Prove the round trip of each source, one after the other; the failure of one is a value in its result.

    `services` have the channel that packages are built into.

    Raises:
        UsageError: `unknown-distributor`, `not-writable`; `usage` for engines that there aren't.
    """
    with _kept_in(options.keep_dir), scratch_folder("verify") as scratch:
        channel = Path(services.channel.folder) if services else scratch / "channel"
        build = replace(
            options.build,
            channel_dir=str(channel),
            has_tests=False,
            is_with_missing=True,
            install_prefix="",
            jobs=1,
        )
        used = services or build_services_of(build, reporter)
        for number, source in enumerate(sources):
            folder = scratch / str(number)
            folder.mkdir()
            task = RoundTrip(
                source=source,
                options=replace(options, build=build),
                services=used,
                reporter=reporter,
                folder=folder,
            )
            result = task.result()
            # Whoever shows the result has nothing to tell of the work any more.
            reporter.report(WorkFinished(subject=source))
            yield result


@contextmanager
def _kept_in(path: str) -> Iterator[None]:
    """Make the folder for what is kept, and remove it where it was made for nothing."""
    if not path:
        yield
        return
    refuse_url(path)
    hint = "name another folder with --keep"
    made = [one for one in (Path(path), *Path(path).parents) if not exists(one)]
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(error, path, hint=hint) from error
    if not os.access(path, os.W_OK):
        raise UsageError("not-writable", "nothing can be kept there", where=path, hint=hint)
    try:
        yield
    finally:
        # A folder that holds something stays, and so do those above it.
        with suppress(OSError):
            for one in made:
                one.rmdir()

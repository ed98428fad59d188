"""Operations of a worker on channels and environments, worked out by py-rattler.

A record is given as channels write it in repodata, with `url`, `channel` and `fn` (the file's name) added.

Source: CEP 36 (repodata).
"""

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rattler
import rattler.index
from rattler import rattler as foreign

from conda_bridge.adapters.solver_messages import mismatch_error, shortened
from conda_bridge.adapters.worker.answers import Answers
from conda_bridge.errors import EngineError, SolverError, SourceError
from conda_bridge.model.counts import counted
from conda_bridge.translate.url_secrets import channel_label

__all__ = ["find", "index", "install", "solve"]

_CHANNEL_ERRORS = (
    foreign.GatewayError,
    foreign.FetchRepoDataError,
    foreign.InvalidChannelError,
    foreign.InvalidUrlError,
)
_FAILURES = (
    foreign.CacheDirError,
    foreign.ConversionError,
    foreign.ExtractError,
    foreign.InstallerError,
    foreign.IoError,
    foreign.LinkError,
    foreign.TransactionError,
)
# What the user writes into an environment must not come into the next one, and nobody looks at this cache.
_COPIED = "allow-hard-links = false\n"
_SPEC_ERRORS = (foreign.InvalidMatchSpecError, foreign.InvalidPackageNameError)
_MOST_TOLD = 5
"""Of what a channel was asked for."""


def index(arguments: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """Write the repodata of a channel folder anew, each file in one go.

    Takes `folder`, a channel with subdirs; where wanted `force` (true: every package is read again) and
    `has_shards` (false: no sharded repodata).

    Raises:
        EngineError: `index-failed`.
    """
    answers.say(f"indexing {arguments['folder']}")
    Path(arguments["folder"], "noarch").mkdir(parents=True, exist_ok=True)
    try:
        asyncio.run(
            rattler.index.index_fs(
                Path(arguments["folder"]),
                force=arguments.get("force", False),
                write_shards=arguments.get("has_shards", True),
            )
        )
    except _FAILURES as error:
        raise EngineError(
            "index-failed", f"rattler can't index the channel: {error}", where=arguments["folder"]
        ) from error
    return {}


def find(arguments: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """Return all records of some names.

    Takes `channels`, `names`, `subdirs`. Gives `records`, in the order of the channels and subdirs.
    """
    answers.say(f"looking up {', '.join(arguments['names'])}")
    found = asyncio.run(_queried(arguments["channels"], arguments["subdirs"], arguments["names"]))
    return {"records": [_as_json(record) for records in found for record in records]}


def solve(arguments: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """Return the packages of the best environment that satisfies match specs, on this machine.

    Takes `channels`, the first wins strictly; `specs`; `subdir`. Gives `packages`: records, sorted so that
    each comes after what it depends on.

    Raises:
        SolverError: `unsatisfiable`.
        SourceError: `distributor-unreachable`.
    """
    answers.say(f"solving {', '.join(arguments['specs'])}")
    return {"packages": [_as_json(record) for record in asyncio.run(_solved(arguments))]}


def install(arguments: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """Solve as `solve` does and install the packages into a new prefix.

    Takes what `solve` takes, and `prefix`. Gives what `solve` gives.

    Raises:
        SolverError: `unsatisfiable`.
        SourceError: `distributor-unreachable`, `hash-mismatch`.
        EngineError: `install-failed`.
    """
    answers.say(f"solving {', '.join(arguments['specs'])}")
    records = asyncio.run(_solved(arguments))
    answers.say(f"installing {counted(len(records), 'package')} into {arguments['prefix']}")
    cache_dir = Path(os.environ["RATTLER_CACHE_DIR"], "pkgs")
    try:
        asyncio.run(
            rattler.install(
                records,
                arguments["prefix"],
                cache_dir=cache_dir,
                config=rattler.Config.from_toml(_COPIED),
                show_progress=False,
                # Handed on as they are to the native part, which knows only its own type.
                requested_specs=[rattler.MatchSpec(spec)._match_spec for spec in arguments["specs"]],  # noqa: SLF001
            )
        )
    except _FAILURES as error:
        told = EngineError(
            "install-failed", f"the packages can't be installed: {error}", where=arguments["prefix"]
        )
        raise mismatch_error(error) or told from error
    return {"packages": [_as_json(record) for record in records]}


async def _queried(
    channels: Sequence[str], subdirs: Sequence[str], names: Sequence[str]
) -> list[list[rattler.RepoDataRecord]]:
    try:
        found = await _gateway().query(
            [rattler.Channel(channel) for channel in channels],
            [rattler.Subdir(subdir) for subdir in subdirs],
            [rattler.PackageName(name).normalized for name in names],
            recursive=False,
        )
    except _CHANNEL_ERRORS as error:
        raise _unreachable(error, channels, names) from error
    except _SPEC_ERRORS as error:
        raise SolverError("unsatisfiable", f"a package's name is invalid: {error}") from error
    return list(found)


async def _solved(arguments: dict[str, Any]) -> list[rattler.RepoDataRecord]:
    subdir = arguments["subdir"]
    try:
        records = await rattler.solve(
            [rattler.Channel(channel) for channel in arguments["channels"]],
            arguments["specs"],
            gateway=_gateway(),
            platforms=[subdir, "noarch"],
            virtual_packages=rattler.VirtualPackage.detect(),
        )
    except foreign.SolverError as error:
        raise SolverError("unsatisfiable", shortened(str(error))) from error
    except _SPEC_ERRORS as error:
        raise SolverError("unsatisfiable", f"a match spec is invalid: {error}") from error
    except _CHANNEL_ERRORS as error:
        raise _unreachable(error, arguments["channels"], arguments["specs"]) from error
    by_name = {record.name.normalized: record for record in records}
    ordered = rattler.PackageRecord.sort_topologically(list(records))
    return [by_name[record.name.normalized] for record in ordered]


def _gateway() -> rattler.Gateway:
    return rattler.Gateway(cache_dir=Path(os.environ["RATTLER_CACHE_DIR"], "repodata"))


def _unreachable(error: Exception, channels: Sequence[str], asked: Sequence[str]) -> SourceError:
    more = f" and {len(asked) - _MOST_TOLD} more" if len(asked) > _MOST_TOLD else ""
    told = f"{', '.join(asked[:_MOST_TOLD])}{more}"
    where = ", ".join(map(channel_label, channels))
    return SourceError("distributor-unreachable", f"it can't be asked for {told}: {error}", where=where)


def _as_json(record: rattler.RepoDataRecord) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(record.to_json())
    return parsed

"""A repository and a revision -> its files in a temporary folder, with git kept from running or fetching anything else.

The clone is shallow unless others fetch from it, and has no hooks, submodules, filters or templates; git reads no configuration
but ours, speaks no protocol but https (after redirects too), and asks nobody for a password.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conda_bridge.errors import SourceError
from conda_bridge.model.options import NetworkOptions
from conda_bridge.model.source import GitRef
from conda_bridge.processes.children import ChildResult, run_child
from conda_bridge.translate.url_secrets import redacted

__all__ = ["Checkout", "checkout"]

_TIMEOUT_S = 600.0
_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "core.autocrlf=false",
    "core.protectHFS=true",
    "core.protectNTFS=true",
    "credential.helper=",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.version=2",
    "submodule.recurse=false",
)
_UNREACHED = re.compile(
    r"Could not resolve (?:host|proxy)|Failed to connect|Connection (?:refused|timed out|reset)|timed out"
    r"|Network is unreachable|No route to host|Temporary failure in name resolution"
)
"""What git and curl say when they got to no server. Source: curl's `curl_easy_strerror`."""
_NETWORK_HINT = "check the network, and the proxy in https_proxy; without them, give a checkout's path or a source distribution"
# What git needs to find itself and to get through proxies; nothing else of our environment reaches it.
_PASSED_ON = (
    "PATH", "SYSTEMROOT", "GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE",
    "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """Files of a repository at a commit."""

    folder: str
    """The project's folder: the subdirectory that was asked for, else the repository's top."""
    commit: str


@contextmanager
def checkout(
    ref: GitRef,
    network: NetworkOptions,
    *,
    environ: Mapping[str, str] | None = None,
    protocol: str = "https",
    has_history: bool = False,
) -> Iterator[Checkout]:
    """Fetch a revision (by default the remote's HEAD) and yield its files, which are removed at the end.

    `environ` is what of the environment may be passed on, by default our own; `protocol` is the only one
    that git may speak; `has_history` is for those who fetch from the clone, which git allows of whole ones only.

    Raises:
        SourceError: `git-failed`, `offline`.
    """
    if network.offline:
        raise SourceError("offline", "a repository is not kept in the cache", where=redacted(ref.url))
    with tempfile.TemporaryDirectory(prefix="conda-bridge-git-", ignore_cleanup_errors=True) as scratch:
        environment = _environment(os.environ if environ is None else environ, network, scratch, protocol)
        git = _Git(ref, f"{scratch}/tree", environment)
        commit = git.fetch(ref.revision, has_history=has_history)
        yield Checkout(folder=_project_folder(ref, f"{scratch}/tree"), commit=commit)


class _Git:
    """Commands in one fresh repository."""

    def __init__(self, ref: GitRef, tree: str, environment: Mapping[str, str]) -> None:
        self._ref = ref
        self._tree = tree
        self._environment = environment

    def fetch(self, revision: str, *, has_history: bool) -> str:
        """Check a revision out and return its commit."""
        Path(self._tree).mkdir()
        self._must("init", "--quiet", "--template=")
        wanted = revision or "HEAD"
        fetch = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules")
        reach = ("--tags",) if has_history else ("--depth=1",)
        first = self._run(*fetch, *reach, "--", self._ref.url, wanted)
        found = "FETCH_HEAD"
        if first.exit_status:
            if first.is_timed_out or not _may_be_commit(revision):
                raise self._failure(first)
            # Not every server hands out a commit by its hash, and none by a part of it.
            self._must(*fetch, "--", self._ref.url, "+refs/*:refs/remotes/origin/*")
            found = revision
        commit = self._must("rev-parse", "--verify", "--quiet", f"{found}^{{commit}}").output.strip()
        self._must("checkout", "--quiet", "--detach", "--force", commit)
        return commit

    def _must(self, *arguments: str) -> ChildResult:
        result = self._run(*arguments)
        if result.exit_status:
            raise self._failure(result)
        return result

    def _run(self, *arguments: str) -> ChildResult:
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        try:
            return run_child(
                ["git", *settings, *arguments],
                folder=self._tree,
                environment=self._environment,
                timeout_s=_TIMEOUT_S,
            )
        except FileNotFoundError as error:
            raise SourceError(
                "git-failed",
                "the program git is not installed",
                where=redacted(self._ref.url),
                hint="install git",
            ) from error

    def _failure(self, result: ChildResult) -> SourceError:
        lines = [line for line in result.errors.splitlines() if line.strip()]
        said = ascii(lines[-1].strip()[:300]) if lines else "without a word"
        reason = f"gave up after {_TIMEOUT_S:.0f} s" if result.is_timed_out else f"failed: {said}"
        command = next(a for a in result.arguments[1:] if a != "-c" and "=" not in a)
        revision = f" of {self._ref.revision!r}" if self._ref.revision else ""
        return SourceError(
            "git-failed",
            f"git {command}{revision} {reason}",
            where=redacted(self._ref.url),
            hint=_NETWORK_HINT if result.is_timed_out or _UNREACHED.search(result.errors) else None,
        )


def _environment(
    environ: Mapping[str, str], network: NetworkOptions, scratch: str, protocol: str
) -> dict[str, str]:
    passed = {name: environ[name] for name in _PASSED_ON if name in environ}
    certificates = {"GIT_SSL_CAINFO": network.certificates} if network.certificates else {}
    return {
        "PATH": os.defpath,
        **passed,
        **certificates,
        "HOME": scratch,
        "XDG_CONFIG_HOME": scratch,
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": protocol,
        "GIT_ASKPASS": "",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _may_be_commit(revision: str) -> bool:
    return 7 <= len(revision) <= 40 and not set(revision) - set("0123456789abcdef")


def _project_folder(ref: GitRef, tree: str) -> str:
    folder = os.path.realpath(Path(tree, ref.subdirectory))
    if not Path(folder).is_relative_to(os.path.realpath(tree)) or not Path(folder).is_dir():
        message = f"the repository has no folder {ref.subdirectory!r}"
        raise SourceError("git-failed", message, where=redacted(ref.url))
    return folder

"""What works here: each part that conda-bridge can use is tried, and what is missing comes with what to do.

Nothing is installed, built or written but a file in the cache that is removed again.
"""

import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from conda_bridge.archives.deflate import deflate_engine
from conda_bridge.distributors.channels import Channels
from conda_bridge.engines import engine_of
from conda_bridge.errors import BridgeError, EngineError, SourceError, UsageError
from conda_bridge.model.codes import code_of
from conda_bridge.model.counts import counted
from conda_bridge.model.events import StepStarted
from conda_bridge.model.names import pypi_name
from conda_bridge.model.options import BuildOptions, IndexOptions, NetworkOptions, RecipeOptions
from conda_bridge.processes.programs import FoundProgram, find_program
from conda_bridge.processes.sandbox import find_sandbox
from conda_bridge.protocols import Reporter, SilentReporter
from conda_bridge.sources.cache import Cache
from conda_bridge.sources.fetcher import IndexFetcher
from conda_bridge.translate.distributors import HOST, distributor_names, distributor_policy
from conda_bridge.workflows.distributor_details import show_distributor
from conda_bridge.workflows.distributors import channels_of
from conda_bridge.workflows.services import channel_fetcher, services_of

__all__ = ["Examination", "Status", "Subject", "examine"]

Status = Literal["works", "limited", "missing", "broken", "not asked"]
Subject = Literal[
    "python",
    "index",
    "cache",
    "names",
    "source",
    "distributor",
    "engine",
    "solver",
    "compiler",
    "sandbox",
    "deflate",
]

_SILENT = SilentReporter()
_DEFAULTS = RecipeOptions()
_PATIENCE_S = 10.0
_BUILD_EXTRA = "pip install 'conda-bridge[build]'"
_FAST_EXTRA = "pip install 'conda-bridge[fast]'"

_DISTRIBUTIONS = {"rattler_build": "py-rattler-build", "rattler": "py-rattler", "libmambapy": "libmambapy"}

_COMPILERS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("C", ("cc", "gcc", "clang"), "apt install gcc, or your system's C compiler"),
    ("C++", ("c++", "g++", "clang++"), "apt install g++"),
    ("Fortran", ("gfortran", "flang"), "apt install gfortran; only projects with Fortran need it"),
    ("Rust", ("cargo",), "https://rustup.rs; only projects with Rust need it"),
    ("make", ("make",), "apt install make"),
    ("cmake", ("cmake",), "apt install cmake; only projects that build with it need it"),
)
"""(what, programs, how to get one): what the `host` distributor can build with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """One part that was tried."""

    subject: Subject
    name: str
    status: Status
    detail: str = ""
    """A version and a place, or why it doesn't work."""
    remedy: str = ""
    """What to do about it; empty where nothing is to do."""
    is_needed: bool = False
    """Whether writing a recipe needs it."""


def examine(
    *,
    options: RecipeOptions = _DEFAULTS,
    environment: Mapping[str, str],
    conda_build: str = "",
    reporter: Reporter = _SILENT,
) -> Iterator[Examination]:
    """Try everything and yield what was found, one part at a time.

    `environment` is where programs are looked for (`PATH`), `conda_build` the path of that one where it isn't there.
    No failure of a part is raised.
    """
    yield _python()
    yield _cache(options.network)
    yield _names(options)
    for url in options.index.urls:
        reporter.report(StepStarted(subject="doctor", step=f"asking {_shown(url)}"))
        yield _index(url, options)
    yield _git(environment)
    for name in distributor_names(options.distributors):
        reporter.report(StepStarted(subject="doctor", step=f"asking {name}"))
        yield _host(options) if name == HOST else _distributor(name, options)
    reporter.report(StepStarted(subject="doctor", step="trying engines and compilers"))
    yield from _engines(environment, conda_build)
    for what, programs, remedy in _COMPILERS:
        yield _program("compiler", what, find_program(programs, environment=environment), remedy)
    yield _headers()
    yield _sandbox()
    yield _deflate()


# ---------------------------------------------------------------- what recipes need


def _python() -> Examination:
    version = ".".join(map(str, sys.version_info[:3]))
    detail = f"{version}, {sys.executable}"
    return Examination(subject="python", name="python", status="works", detail=detail, is_needed=True)


def _cache(network: NetworkOptions) -> Examination:
    folder = Cache(network.cache_dir).folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    except OSError as error:
        return Examination(
            subject="cache",
            name=str(folder),
            status="broken",
            detail=error.strerror or str(error),
            remedy="make the folder writable, or point XDG_CACHE_HOME at another place",
            is_needed=True,
        )
    detail = f"{counted(len(sizes), 'file')}, {sum(sizes) / 1e6:.0f} MB"
    return Examination(subject="cache", name=str(folder), status="works", detail=detail, is_needed=True)


def _names(options: RecipeOptions) -> Examination:
    found = services_of(options, _SILENT).diagnostics
    if found:
        return Examination(
            subject="names",
            name="conda-pypi's mapping",
            status="limited",
            detail=found[0].message,
            remedy=found[0].hint,
        )
    from importlib import metadata  # noqa: PLC0415 - only this command needs it

    version = metadata.version("conda-pypi")
    return Examination(subject="names", name="conda-pypi's mapping", status="works", detail=version)


def _index(url: str, options: RecipeOptions) -> Examination:
    network = replace(options.network, timeout_s=_PATIENCE_S, retries=0)
    name = _shown(url)
    if options.network.offline:
        return Examination(subject="index", name=name, status="not asked", detail="offline")
    try:
        project = IndexFetcher(IndexOptions(urls=(url,)), network).get_project(pypi_name("pip"))
    except SourceError as error:
        if error.slug == "project-not-found":
            return Examination(subject="index", name=name, status="works", detail="it answers; no pip on it")
        return Examination(
            subject="index",
            name=name,
            status="broken",
            detail=error.message,
            remedy="check the network and the proxy, name another index with --index-url, or use --offline",
            is_needed=True,
        )
    detail = f"it answers; pip has {counted(len(project.files), 'file')}"
    return Examination(subject="index", name=name, status="works", detail=detail, is_needed=True)


def _git(environment: Mapping[str, str]) -> Examination:
    found = find_program(("git",), environment=environment)
    return _program("source", "git", found, "apt install git; only git+https sources need it")


# ---------------------------------------------------------------- what building will need


def _distributor(name: str, options: RecipeOptions) -> Examination:
    policy = distributor_policy(name, options.distributors)
    if options.network.offline:
        return Examination(subject="distributor", name=name, status="not asked", detail="offline")
    try:
        Channels(policy.channels, ("noarch",), channel_fetcher(policy, options.network, _SILENT)).reach()
    except BridgeError as error:
        return Examination(
            subject="distributor",
            name=name,
            status="limited",
            detail=f"no channel can be reached ({error.message}); recipes follow its conventions all the same",
            remedy="check the network; recipes need no channel, and builds can do with --distributor host",
        )
    detail = f"{channels_of(policy)[0]} answers"
    return Examination(subject="distributor", name=name, status="works", detail=detail)


def _host(options: RecipeOptions) -> Examination:
    """Look at this machine, and at what was made of it so far."""
    try:
        host = show_distributor(HOST, BuildOptions(recipe=options)).host
    except BridgeError as error:
        return Examination(
            subject="distributor",
            name=HOST,
            status="missing",
            detail=error.message,
            remedy=error.hint or code_of(error.slug).hint or "name another interpreter with --python",
        )
    assert host is not None, "this machine is the host"
    made = f"{counted(host.packages, 'package')}, {host.size_bytes / 1e6:.0f} MB in {host.channel_dir}"
    detail = f"python {host.interpreter.version}, {made}"
    if not host.is_noarch_only:
        return Examination(subject="distributor", name=HOST, status="works", detail=detail)
    return Examination(
        subject="distributor",
        name=HOST,
        status="limited",
        detail=f"noarch packages only; {detail}",
        remedy="see what is said of compilers and Python.h",
    )


def _engines(environment: Mapping[str, str], conda_build: str) -> Iterator[Examination]:
    yield _module("engine", "rattler-build", "rattler_build", _BUILD_EXTRA)
    yield _conda_build(conda_build or shutil.which("conda-build", path=environment.get("PATH", "")) or "")
    yield _module("solver", "rattler", "rattler", _BUILD_EXTRA)
    yield _module("solver", "libmamba", "libmambapy", "conda install libmambapy; rattler does the same")


def _conda_build(program: str) -> Examination:
    """Ask it as the engine does, which needs more of it than that it starts."""
    remedy = "only v0 recipes need it; where a conda channel answers, conda install conda-build"
    if not program:
        return Examination(
            subject="engine", name="conda-build", status="missing", detail="not on the PATH", remedy=remedy
        )
    try:
        version = engine_of("conda-build", conda_build=program).capabilities().version
    except EngineError as error:
        return Examination(
            subject="engine", name="conda-build", status="broken", detail=error.message, remedy=remedy
        )
    return Examination(subject="engine", name="conda-build", status="works", detail=f"{version} {program}")


def _module(subject: Subject, name: str, module: str, remedy: str) -> Examination:
    """Import a module in a child: a broken binary must not take us with it."""
    distribution = _DISTRIBUTIONS[module]
    # rattler can abort while the interpreter exits, so the child leaves without ceremony.
    code = (
        f"import os, {module}; from importlib.metadata import version; "
        f"print(version({distribution!r}), flush=True); os._exit(0)"
    )
    environment = {"PATH": str(Path(sys.executable).parent)}
    found = find_program((sys.executable,), environment=environment, arguments=("-I", "-c", code))
    if found is None or found.problem:
        detail = found.problem.partition(": ")[2] if found else "no interpreter"
        return Examination(subject=subject, name=name, status="missing", detail=detail, remedy=remedy)
    detail = f"{distribution} {found.version}"
    return Examination(subject=subject, name=name, status="works", detail=detail)


def _program(subject: Subject, name: str, found: FoundProgram | None, remedy: str) -> Examination:
    if found is None:
        return Examination(
            subject=subject, name=name, status="missing", detail="not on the PATH", remedy=remedy
        )
    if found.problem:
        return Examination(
            subject=subject,
            name=name,
            status="broken",
            detail=f"{found.path}: {found.problem}",
            remedy=remedy,
        )
    return Examination(
        subject=subject, name=name, status="works", detail=f"{found.version} {found.path}".strip()
    )


def _headers() -> Examination:
    header = Path(sysconfig.get_path("include")) / "Python.h"
    if header.is_file():
        return Examination(subject="compiler", name="Python.h", status="works", detail=str(header))
    return Examination(
        subject="compiler",
        name="Python.h",
        status="missing",
        detail=f"{header} isn't there",
        remedy="apt install python3-dev, or use a python that has its headers",
    )


def _sandbox() -> Examination:
    try:
        sandbox = find_sandbox()
    except UsageError as error:
        return Examination(
            subject="sandbox",
            name="sandbox",
            status="missing",
            detail=error.message,
            remedy=code_of(error.slug).hint,
        )
    detail = f"{sandbox.program}, probed"
    return Examination(subject="sandbox", name=sandbox.kind, status="works", detail=detail)


def _deflate() -> Examination:
    """Say whether wheels can be compressed faster than with what every Python has."""
    name = "libdeflate"
    try:
        deflate_engine("libdeflate").compress(b"")
    except UsageError:
        return Examination(
            subject="deflate",
            name=name,
            status="missing",
            detail="wheels are compressed by zlib",
            remedy=f"{_FAST_EXTRA}; only `wheel --deflate libdeflate` needs it",
        )
    from importlib import metadata  # noqa: PLC0415 - only this command needs it

    return Examination(subject="deflate", name=name, status="works", detail=metadata.version("deflate"))


def _shown(url: str) -> str:
    from conda_bridge.workflows.report import without_credentials  # noqa: PLC0415

    return without_credentials(url)

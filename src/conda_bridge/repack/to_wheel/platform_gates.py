"""What conda installs a noarch package for -> whether a wheel for any platform may be made of it all the same.

Vocabulary: a *gate* is a dependency that only some systems or interpreters fulfil.

A package that asks for `__unix` is one of two or more that conda chooses from, by system. Where the project's own
requirements say the same by a marker, the choice is in the metadata, and one wheel suits all. No requirement says that
one interpreter is meant, as `python_abi` and `pypy` do.

Source: CEP 30 (virtual packages); PEP 508, environment markers.
"""

import re
from collections.abc import Iterable
from contextlib import suppress

from conda_bridge.archives.package_payload import read_payload
from conda_bridge.archives.paths import shown
from conda_bridge.errors import MetadataError, RepackError
from conda_bridge.infer.project.core_metadata import read_headers
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName, pypi_name
from conda_bridge.model.repackaging import WheelSetting
from conda_bridge.repack.to_wheel.package_facts import PackageFacts
from conda_bridge.repack.to_wheel.package_layout import metadata_folder
from conda_bridge.translate.conda_conditions import GATES, without_channel
from conda_bridge.translate.untrusted import marker_holds, requirement_of

__all__ = ["gates_of", "judge_gates", "needed_projects"]

_SYSTEMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "osx": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "win": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
_PYTHON = {
    "extra": "",
    "implementation_name": "cpython",
    "implementation_version": "3.12.0",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_version": "",
    "python_full_version": "3.12.0",
    "python_version": "3.12",
}
_INTERPRETER = re.compile(r"python_abi|python-freethreading|cpython|graalpy|pypy[0-9.]*")
"""Packages that only one interpreter, or one ABI of it, brings or goes with."""
_NAME = re.compile(r"[^\s\[\]=<>!~]*")


def gates_of(record: PackageRecord) -> tuple[str, ...]:
    """Return the gates that a package depends on, each a match spec without its channel.

    >>> depends = ("python >=3.8", "conda-forge::__unix", "pypy")
    >>> gates_of(PackageRecord(conda_name="demo", version="1.0", build="0", depends=depends))
    ('__unix', 'pypy')
    """
    specs = map(without_channel, record.depends)
    return tuple(sorted({spec for spec in specs if spec.startswith("__") or _is_interpreter(spec)}))


def judge_gates(facts: PackageFacts, setting: WheelSetting) -> tuple[Diagnostic, ...]:
    """Refuse a package for one kind of system or interpreter, unless its metadata tells systems apart in the same way.

    Conda's dependencies, where they are taken, hold on its own systems only, and nothing in the wheel would say so.

    Raises:
        RepackError: `platform-gated`.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    return (*_contradictions(facts), *_judged(gates_of(facts.record), facts, setting))


def _contradictions(facts: PackageFacts) -> Iterable[Diagnostic]:
    if not set(facts.built_for.split()) <= {"noarch", "any"}:
        message = (
            f"it is noarch, and says {shown(facts.built_for)} of itself all the same, which is passed over"
        )
        yield finding("record-ignored", message, origin="info/index.json")


def _judged(gates: tuple[str, ...], facts: PackageFacts, setting: WheelSetting) -> tuple[Diagnostic, ...]:
    if not gates:
        return ()
    listed = f"it depends on {', '.join(map(shown, gates))}"
    if setting.allows_gated:
        return (finding("gate-dropped", listed, origin="info/index.json"),)
    if not _is_told(gates, facts):
        others = "interpreters" if any(map(_is_interpreter, gates)) else "systems"
        message = f"{listed}: conda has other packages for other {others}, or none"
        raise RepackError("platform-gated", message, where="info/index.json")
    if setting.dependencies == "conda":
        message = f"{listed}: what else it depends on holds there only"
        hint = "leave --deps conda out: METADATA tells the systems apart"
        raise RepackError("platform-gated", message, where="info/index.json", hint=hint)
    message = f"{listed}, and its metadata has a requirement that tells the same apart"
    return (finding("gate-told", message, origin="info/index.json"),)


def _is_interpreter(spec: str) -> bool:
    found = _NAME.match(spec)
    return found is not None and _INTERPRETER.fullmatch(found[0]) is not None


def needed_projects(facts: PackageFacts) -> frozenset[PypiName]:
    """Return the projects that a package's METADATA asks for, in whatever case.

    Raises:
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    found: set[PypiName] = set()
    for line in _requirements(facts):
        with suppress(MetadataError):
            found.add(pypi_name(requirement_of(line).name))
    return frozenset(found)


def _is_told(gates: Iterable[str], facts: PackageFacts) -> bool:
    systems = [frozenset(GATES[gate]) if gate in GATES else None for gate in gates]
    markers = [_systems(line) for line in _requirements(facts)]
    told = {*markers, *(frozenset(_SYSTEMS) - found for found in markers)}
    return all(found is not None and found in told for found in systems)


def _requirements(facts: PackageFacts) -> Iterable[str]:
    found = read_payload(facts.path, lambda path: bool(metadata_folder(path)) and path.endswith("/METADATA"))
    for _, data in sorted(found.items()):
        headers = read_headers(data.decode("utf-8", "replace"), file="METADATA")
        yield from (known.value for known in headers.all("requires-dist"))


def _systems(line: str) -> frozenset[str]:
    """Return on which systems a requirement is one."""
    try:
        marker = requirement_of(line).marker
        return frozenset(
            name
            for name, system in _SYSTEMS.items()
            if marker is None or marker_holds(marker, _PYTHON | system)
        )
    except MetadataError:
        return frozenset(_SYSTEMS)

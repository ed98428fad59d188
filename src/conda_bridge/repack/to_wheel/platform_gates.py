"""Virtual packages that a noarch package depends on -> whether a wheel for any platform may be made of it all the same.

A package that asks for `__unix` is one of two or more that conda chooses from, by system. Where the project's own
requirements say the same by a marker, the choice is in the metadata, and one wheel suits all.

Source: CEP 30 (virtual packages); PEP 508, environment markers.
"""

from collections.abc import Iterable
from contextlib import suppress

from conda_bridge.archives.package_payload import read_payload
from conda_bridge.archives.paths import shown
from conda_bridge.errors import MetadataError, RepackError
from conda_bridge.infer.project.core_metadata import read_headers
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName, pypi_name
from conda_bridge.model.repackaging import WheelSetting
from conda_bridge.repack.to_wheel.package_facts import PackageFacts
from conda_bridge.repack.to_wheel.package_layout import metadata_folder
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
_OPEN_TO = {
    "__unix": frozenset({"linux", "osx"}),
    "__linux": frozenset({"linux"}),
    "__osx": frozenset({"osx"}),
    "__win": frozenset({"win"}),
}


def gates_of(facts: PackageFacts) -> tuple[str, ...]:
    """Return the virtual packages that a package depends on: what conda installs it for, and nowhere else."""
    names = (spec.rpartition("::")[2].strip().partition(" ")[0] for spec in facts.record.depends)
    return tuple(sorted({name.rstrip("<>=!~") for name in names if name.startswith("__")}))


def judge_gates(facts: PackageFacts, setting: WheelSetting) -> tuple[Diagnostic, ...]:
    """Refuse a package for one kind of system, unless its metadata tells systems apart in the same way.

    Raises:
        RepackError: `platform-gated`.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    gates = gates_of(facts)
    if not gates:
        return ()
    listed = ", ".join(map(shown, gates))
    if setting.allows_gated:
        return (finding("gate-dropped", f"it depends on {listed}", origin="info/index.json"),)
    if not _is_told(gates, facts):
        message = f"it depends on {listed}: conda has other packages for other systems"
        raise RepackError("platform-gated", message, where="info/index.json")
    message = f"it depends on {listed}, and its metadata has a requirement that tells the same apart"
    return (finding("gate-told", message, origin="info/index.json"),)


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
    systems = [_OPEN_TO.get(gate) for gate in gates]
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

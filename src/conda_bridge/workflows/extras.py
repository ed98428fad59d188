"""`foo[bar]` becomes what bar adds: conda has no extras, so their requirements are read from foo's own metadata.

The metadata is that of foo's newest wheel that the requirement allows. Extras that an extra asks for in turn,
of foo itself or of others, are expanded where they stand.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import BridgeError
from conda_bridge.infer.project.core_metadata import read_wheel_metadata
from conda_bridge.infer.project.markers import and_markers, normalized_extra
from conda_bridge.infer.project.requirements import read_requirements
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import ExtraMetadata
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.names import PypiName
from conda_bridge.model.project import Declared, Extra
from conda_bridge.model.source import FileLink, IndexProject
from conda_bridge.protocols import Fetcher

__all__ = ["newest_wheel", "read_extras"]

_NONE_KNOWN: Mapping[PypiName, Mapping[str, Extra]] = MappingProxyType({})
_SILENT = frozenset({"offline"})
"""Being offline is no finding of its own: inference reports each extra that it couldn't expand."""


def read_extras(
    wanted: Iterable[tuple[Declared, str]],
    fetcher: Fetcher,
    *,
    known: Mapping[PypiName, Mapping[str, Extra]] = _NONE_KNOWN,
) -> Inferred[tuple[ExtraMetadata, ...]]:
    """Return what each (requirement, extra) adds; see `conda_bridge.infer.needs.wanted_extras`.

    What can't be read is left out; why is a finding. `known` are extras of projects that no index need be asked for.

    Cost: two requests a dependency with extras, none without.
    """
    reader = _Reader(fetcher, known)
    read: list[ExtraMetadata] = []
    diagnostics: list[Diagnostic] = []
    for declared, extra in wanted:
        try:
            requirements = reader.requirements(declared, extra)
        except BridgeError as error:
            if error.slug not in _SILENT:
                message = f"{declared.pypi_name}[{extra}]: {error}"
                diagnostics.append(finding("extra-unread", message, origin=declared.origin))
            continue
        if requirements is not None:
            read.append(ExtraMetadata(pypi_name=declared.pypi_name, extra=extra, requirements=requirements))
    return Inferred(value=tuple(read), diagnostics=tuple(diagnostics))


def newest_wheel(page: IndexProject, specifier: SpecifierSet) -> FileLink | None:
    """Return a wheel of the newest release that `specifier` allows, one whose metadata is cheap to read.

    Yanked files don't count; pre-releases only where nothing else is left.
    """
    wheels: dict[Version, list[FileLink]] = {}
    for link in page.files:
        if link.yanked is None and (version := _wheel_version(link.filename)):
            wheels.setdefault(version, []).append(link)
    allowed = list(specifier.filter(wheels))
    if not allowed:
        return None
    return min(wheels[max(allowed)], key=_reading_cost)


class _Reader:
    """Reads each project's extras once."""

    def __init__(self, fetcher: Fetcher, known: Mapping[PypiName, Mapping[str, Extra]]) -> None:
        self._fetcher = fetcher
        self._known = known
        self._read: dict[tuple[str, str], dict[str, Extra]] = {}

    def requirements(self, declared: Declared, extra: str) -> tuple[Declared, ...] | None:
        """Return what `extra` of the declared project adds; None where the project doesn't say."""
        if extra not in self._extras(declared):
            return None
        return tuple(self._expanded(declared, extra, seen=frozenset()))

    def _expanded(
        self, declared: Declared, extra: str, *, seen: frozenset[tuple[str, str]]
    ) -> Iterator[Declared]:
        name = declared.pypi_name
        known = self._extras(declared).get(extra)
        if known is None or (name, extra) in seen:
            return
        for one in known.requirements:
            is_self = one.pypi_name == name
            if not is_self:
                yield one
            for nested in sorted(one.requirement.extras):
                parent = declared if is_self else one
                inner = self._expanded(parent, normalized_extra(nested), seen=seen | {(name, extra)})
                yield from (_under(deep, one.requirement.marker) for deep in inner)

    def _extras(self, declared: Declared) -> Mapping[str, Extra]:
        if declared.pypi_name in self._known:
            return self._known[declared.pypi_name]
        key = (declared.pypi_name, str(declared.requirement.specifier))
        if key not in self._read:
            self._read[key] = self._fetched(declared)
        return self._read[key]

    def _fetched(self, declared: Declared) -> dict[str, Extra]:
        page = self._fetcher.get_project(declared.pypi_name)
        link = newest_wheel(page, declared.requirement.specifier)
        text = self._fetcher.get_metadata(link) if link else None
        if not link or not text:
            return {}
        said = read_wheel_metadata(text, wheel=link.filename)
        sets = read_requirements(said.dependencies or (), said.extras or ())
        return {extra.name: extra for extra in sets.extras}


def _under(declared: Declared, marker: Marker | None) -> Declared:
    """Return a requirement that holds only where `marker` does too."""
    if marker is None:
        return declared
    own = declared.requirement
    narrowed = Requirement(str(own))
    narrowed.marker = Marker(and_markers(str(marker), str(own.marker or "")))
    return Declared(requirement=narrowed, origin=declared.origin)


def _wheel_version(filename: str) -> Version | None:
    # Few projects depend on extras, and packaging.utils takes 15 ms to import.
    from packaging.utils import parse_wheel_filename  # noqa: PLC0415

    try:
        return parse_wheel_filename(filename)[1]
    except ValueError:  # InvalidWheelFilename, and numbers that Python won't read
        return None


def _reading_cost(link: FileLink) -> tuple[bool, bool, int, str]:
    return (not link.has_metadata, "-none-any" not in link.filename, link.size_bytes or 0, link.filename)

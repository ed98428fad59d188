"""The metadata folder of a conda package -> that of its wheel.

In order of trust: the project's own METADATA, kept byte for byte (but for a Requires-Python that only conda knows); the
PKG-INFO and requires.txt of an egg; what conda's record says. Which the wheel has is its *origin*, see
`conda_bridge.model.repackaging`.

Source: PyPA, binary distribution format, recording installed projects; core metadata.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.version import Version

from conda_bridge.archives.paths import shown
from conda_bridge.errors import BridgeError, MetadataError, RepackError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName, pypi_name
from conda_bridge.model.repackaging import Drift, MetadataOrigin, WheelSetting
from conda_bridge.protocols import NameSource
from conda_bridge.repack.to_wheel.drift import drift_findings, drift_of
from conda_bridge.repack.to_wheel.egg_info import metadata_of_egg, readable_text
from conda_bridge.repack.to_wheel.needs import Need, needs_of
from conda_bridge.repack.to_wheel.package_facts import PackageFacts
from conda_bridge.repack.to_wheel.package_licenses import license_findings, missing_licenses
from conda_bridge.repack.to_wheel.partition import Part
from conda_bridge.repack.to_wheel.python_cases import is_python_case
from conda_bridge.repack.to_wheel.shared_drift import needs_together
from conda_bridge.repack.to_wheel.synthesised import (
    license_places,
    project_of_package,
    synthesised_metadata,
)
from conda_bridge.repack.to_wheel.taken_dependencies import with_conda_dependencies, with_requires_python
from conda_bridge.repack.wheels.metadata_text import MetadataText
from conda_bridge.repack.wheels.package_commands import Commands, commands_of
from conda_bridge.repack.wheels.wheel_document import WheelTags, wheel_document, wheel_tags
from conda_bridge.translate.requirements_from_conda import projects_of
from conda_bridge.translate.untrusted import version_of
from conda_bridge.version import __version__

__all__ = ["WheelMetadata", "normal_version", "package_metadata"]

_WRITTEN = frozenset({"METADATA", "WHEEL", "entry_points.txt"})
_INDEX, _LINK = "info/index.json", "info/link.json"
_TWO_VERSIONS = (
    "the recipe's version isn't the one that the project's build wrote: mend the recipe, or the file of the project "
    "that says another, and build the package anew"
)
_OF_EGG = frozenset({"top_level.txt"})
_LETTER_AT_END = re.compile(r"[0-9][a-z]", re.IGNORECASE)
_OF_A_CASE = (
    "it is one of several packages of the release, and what it depends on holds for its own pythons only; "
    "the wheel keeps METADATA's dependencies, which are for all"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelMetadata:
    """All of a wheel but its payload and RECORD."""

    pypi_name: PypiName
    version: str
    """In normal form."""
    dist_info: str
    """The folder's name."""
    files: tuple[tuple[str, bytes], ...]
    """(path in the wheel, content), sorted."""
    console_scripts: tuple[str, ...]
    """Commands that installers make, so that the package's own scripts of these names are left out."""
    gui_scripts: tuple[str, ...]
    origin: MetadataOrigin
    filename: str
    drift: tuple[Drift, ...]
    diagnostics: tuple[Diagnostic, ...]


def package_metadata(
    facts: PackageFacts,
    held: Mapping[str, bytes],
    *,
    setting: WheelSetting,
    names: NameSource,
    part: Part | None = None,
) -> WheelMetadata:
    """Return what a package's wheel says of itself.

    Args:
        facts: the package's documents.
        held: path in the wheel -> content, of all top-level dist-info and egg-info files and folders
            but what tells of one installation.
        setting: how the wheel is made.
        names: which projects the dependencies of the record are.
        part: which of several projects it is; `facts` and `held` are narrowed to it. What conda's record says of all of
            them together is told of the main one.

    Raises:
        RepackError: `package-metadata`, `package-version`, `wheel-tag`, `several-distributions`, `metadata-drift`;
            where conda's dependencies are taken: `non-pypi-dependency`, `build-string-spec`, `or-spec`.
        MetadataError: `unsafe-entry-point`, `invalid-name`, `invalid-requirement`, `direct-reference`, `extra-collision`.
        TranslationError: `inexpressible-spec`.
    """
    return _Making(facts, held, setting, names, part=part).made()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The metadata that a package has."""

    origin: MetadataOrigin
    place: str
    """The folder or file of it; empty where there is none."""
    text: MetadataText
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def where(self) -> str:
        """The place in the package, for messages."""
        return _placed(self.place) if self.place else ""


class _Making:
    """One package on its way."""

    def __init__(
        self,
        facts: PackageFacts,
        held: Mapping[str, bytes],
        setting: WheelSetting,
        names: NameSource,
        *,
        part: Part | None,
    ) -> None:
        self._facts = facts
        self._part = part
        self._is_main = part is None or part.is_main
        self._held = held
        self._setting = setting
        self._names = names
        self._diagnostics: list[Diagnostic] = [] if part is None else [part.finding()]

    def made(self) -> WheelMetadata:
        found = self._found()
        self._diagnostics += found.diagnostics
        name, version = self._identity(found)
        tags = wheel_tags(
            self._held.get(f"{found.place}/WHEEL"),
            keeps_python2=self._setting.is_for_python2,
            where=_placed(f"{found.place}/WHEEL"),
        )
        text, drift = self._completed(found, tags)
        content = self._held.get(f"{found.place}/entry_points.txt")
        where = _LINK if content is None else _placed(f"{found.place}/entry_points.txt")
        commands = commands_of(content, self._facts.entry_points, project=name, where=where)
        self._diagnostics += (*commands.diagnostics, *tags.diagnostics, *self._ignored())
        stem = f"{name.replace('-', '_')}-{version}"
        dist_info = f"{stem}.dist-info"
        build_tag = self._build_tag()
        files = self._files(found, text, commands, tags)
        return WheelMetadata(
            pypi_name=name,
            version=str(version),
            dist_info=dist_info,
            files=tuple(sorted((f"{dist_info}/{path}", content) for path, content in files.items())),
            console_scripts=commands.console,
            gui_scripts=commands.gui,
            origin=found.origin,
            filename=f"{'-'.join(filter(None, (stem, build_tag, tags.compressed)))}.whl",
            drift=drift,
            diagnostics=tuple(dict.fromkeys(self._diagnostics)),
        )

    # ------------------------------------------------------------ which metadata

    def _found(self) -> _Found:
        own = self._folders(".dist-info")
        if len(own) > 1:
            raise RepackError(
                "several-distributions", f"it holds {', '.join(own[:5])}", where=_placed(own[1])
            )
        if own and f"{own[0]}/METADATA" in self._held:
            where = f"{own[0]}/METADATA"
            text, repaired = readable_text(self._held[where], where=_placed(where))
            return _Found(origin="kept", place=own[0], text=text, diagnostics=repaired)
        eggs = [] if own else self._folders(".egg-info")
        if len(eggs) > 1:
            raise RepackError(
                "several-distributions", f"it holds {', '.join(eggs[:5])}", where=_placed(eggs[1])
            )
        if eggs and (pkg_info := self._pkg_info(eggs[0])) is not None:
            requires = self._held.get(f"{eggs[0]}/requires.txt", b"")
            text, diagnostics = metadata_of_egg(pkg_info, requires, where=_placed(eggs[0]))
            return _Found(origin="egg-info", place=eggs[0], text=text, diagnostics=diagnostics)
        return self._synthesised(next(iter((*own, *eggs)), ""))

    def _folders(self, suffix: str) -> list[str]:
        tops = (path.partition("/")[0] for path in self._held)
        return sorted({top for top in tops if top.lower().endswith(suffix)})

    def _pkg_info(self, egg: str) -> bytes | None:
        return self._held.get(f"{egg}/PKG-INFO", self._held.get(egg))

    def _synthesised(self, place: str) -> _Found:
        version = str(normal_version(self._facts.record.version, _INDEX))
        project = project_of_package(self._facts, self._names)
        text, diagnostics = synthesised_metadata(self._facts, version, project=project, names=self._names)
        return _Found(origin="synthesised", place=place, text=text, diagnostics=diagnostics)

    # ------------------------------------------------------------ name and version

    def _identity(self, found: _Found) -> tuple[PypiName, Version]:
        where = found.where or _INDEX
        for field in ("name", "version", "metadata-version"):
            count = sum(one.name == field for one in found.text.fields)
            if count != 1 or not found.text.value(field):
                raise RepackError(
                    "package-metadata",
                    f"it has {count or 'no'} fields {field.title()}, or an empty one",
                    where=where,
                )
        try:
            name = pypi_name(found.text.value("name"))
        except MetadataError as error:
            raise MetadataError(error.slug, error.message, where=where) from error
        if self._is_main:
            self._check_name(name, where)
        said, version = found.text.value("version"), version_of(found.text.value("version"))
        if version is None:
            raise RepackError("package-version", f"METADATA's version {said!r:.80} isn't PyPI's", where=where)
        conda = normal_version(self._facts.record.version, _INDEX)
        if self._is_main and conda != version:
            message = f"{_INDEX} says version {self._facts.record.version}, METADATA says {said!r:.80}"
            raise RepackError("package-version", message, where=where, hint=_TWO_VERSIONS)
        if version.local:
            message = f"the version {said} has a local part, which PyPI refuses; other indexes take it"
            self._diagnostics.append(finding("local-version-kept", message, origin=where))
        return name, version

    def _check_name(self, name: PypiName, where: str) -> None:
        package = self._facts.record.conda_name
        if name == re.sub(r"[-_.]+", "-", package) or name in projects_of(package, self._names):
            return
        if any(package in {hit.chosen, hit.own_name} for hit in self._names.to_conda([name])):
            return
        message = f"METADATA says {name}, which isn't known to be conda's {package}; the wheel is {name}'s"
        self._diagnostics.append(finding("name-differs", message, origin=where))

    # ------------------------------------------------------------ dependencies

    def _completed(self, found: _Found, tags: WheelTags) -> tuple[MetadataText, tuple[Drift, ...]]:
        """Return METADATA with the dependencies that are asked for, and how both sides differ."""
        if found.origin == "synthesised":
            return found.text, ()
        needs, unreadable = needs_of(found.text)
        self._diagnostics += unreadable
        is_case = is_python_case(self._facts, found.text)
        drift = self._drift(found, needs, is_case=is_case)
        is_strict, wants_conda = self._setting.is_strict, self._setting.dependencies == "conda"
        takes_conda = wants_conda and not is_case
        findings = drift_findings(drift, takes_conda=takes_conda)
        if drift and is_strict:
            message = "; ".join(row.message for row in findings[:5])
            raise RepackError("metadata-drift", message, where=found.where)
        self._diagnostics += findings
        if takes_conda:
            text, noticed = with_conda_dependencies(found.text, needs, self._facts, self._names)
        else:
            if self._is_main:
                self._note_groups(found.text)
            if wants_conda:
                self._diagnostics.append(finding("record-ignored", _OF_A_CASE))
            depends = () if is_case else self._facts.record.depends
            text, noticed = with_requires_python(found.text, depends, interpreters=tags.interpreters)
        self._diagnostics += noticed
        return text, drift

    def _drift(self, found: _Found, needs: tuple[Need, ...], *, is_case: bool) -> tuple[Drift, ...]:
        if not self._is_main:
            return ()
        text = found.text
        try:
            if self._part is not None:
                text, needs = needs_together(self._part)
            rows, possible = drift_of(text, needs, self._facts.record.depends, self._names)
            self._diagnostics += possible
            # The packages of the other cases are for the other pythons.
            return tuple(row for row in rows if not (is_case and row.kind == "python"))
        except BridgeError as error:
            message = f"METADATA couldn't be compared with what conda's record depends on: {error.message}"
            if self._setting.is_strict:
                raise RepackError("metadata-drift", message[:400], where=found.where) from error
            self._diagnostics.append(finding("dependency-drift", message[:400], origin=found.where))
            return ()

    def _note_groups(self, text: MetadataText) -> None:
        texts = (text, *(self._part.others if self._part else ()))
        declared = {
            re.sub(r"[-_.]+", "-", value).lower() for one in texts for value in one.values("provides-extra")
        }
        lost = sorted(set(self._facts.extra_depends) - declared)
        if lost:
            message = f"conda's optional groups {shown(', '.join(lost))} are no extras of METADATA's and are left out"
            self._diagnostics.append(finding("record-ignored", message))

    # ------------------------------------------------------------ files

    def _files(
        self, found: _Found, text: MetadataText, commands: Commands, tags: WheelTags
    ) -> dict[str, bytes]:
        start = f"{found.place}/"
        inner = {
            path.removeprefix(start): content
            for path, content in self._held.items()
            if found.place and path.startswith(start)
        }
        is_egg = found.place.lower().endswith(".egg-info")
        files = {
            path: content
            for path, content in inner.items()
            if (path in _OF_EGG if is_egg else path not in _WRITTEN)
        }
        if found.origin == "synthesised":
            files |= {f"licenses/{place}": content for place, content in license_places(self._facts)}
        else:
            added = dict(missing_licenses(self._facts, text, files))
            files = {**added, **files}
            self._diagnostics += license_findings(added, text, files, where=found.where)
        if commands.content:
            files["entry_points.txt"] = commands.content
        generator = f"conda-bridge {__version__}"
        if found.origin == "synthesised":
            generator += " (metadata made of conda's record)"
        files["METADATA"] = text.to_bytes()
        files["WHEEL"] = wheel_document(tags, generator=generator, build_tag=self._build_tag())
        return files

    def _build_tag(self) -> str:
        number = self._facts.record.build_number
        return str(number) if self._setting.has_build_tag and number > 0 else ""

    def _ignored(self) -> Iterable[Diagnostic]:
        """Yield what the record says and no wheel can."""
        facts = self._facts
        if not self._is_main:
            return
        if facts.record.constrains:
            message = f"no wheel can say what it doesn't go with: {shown(', '.join(facts.record.constrains))}"
            yield finding("constrains-dropped", message)
        exports = facts.run_exports
        if any(
            (exports.weak, exports.strong, exports.noarch, exports.weak_constrains, exports.strong_constrains)
        ):
            yield finding("record-ignored", "the package's run_exports have no meaning in a wheel")
        if facts.features:
            message = f"the package's features have no meaning in a wheel: {shown(', '.join(facts.features))}"
            yield finding("record-ignored", message)


# ---------------------------------------------------------------- parts


def _placed(path: str) -> str:
    """Return where a file or folder of site-packages is in the package."""
    return f"site-packages/{path}"


def normal_version(text: str, where: str) -> Version:
    """Return conda's version as PyPI's.

    Raises:
        RepackError: `package-version`. `2024a` is no alpha, though PEP 440 would read it so.
    """
    version = version_of(text)
    if version is None or not text.isprintable() or _LETTER_AT_END.fullmatch(text[-2:]):
        raise RepackError("package-version", f"the version {text!r:.80} has no PyPI form", where=where)
    return version

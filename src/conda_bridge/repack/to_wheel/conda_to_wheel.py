"""A noarch conda package -> a wheel for any platform, member by member, in one pass and without unpacking anything.

What can be refused by what the package says of itself is refused before a file is read. Then each member goes straight
into the wheel, but for those that need all others: metadata, scripts and links, which are held in memory.

Source: CEP 34, CEP 35; binary distribution format.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from hashlib import file_digest, sha256
from itertools import chain
from pathlib import Path

from conda_bridge.archives.deflate import DeflateEngine, deflate_engine
from conda_bridge.archives.limits import LIMITS
from conda_bridge.archives.package_payload import PayloadMember, read_payload
from conda_bridge.archives.paths import shown
from conda_bridge.archives.wheel_writer import LARGE_BYTES, WheelWriter, Written, wheel_writer
from conda_bridge.errors import BridgeError, RepackError, UsageError
from conda_bridge.infer.project.entry_points import check_command_name
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.repackaging import DroppedFile, WheelMade, WheelSetting
from conda_bridge.processes.scratch import scratch_folder
from conda_bridge.protocols import NameSource
from conda_bridge.repack.to_wheel.main_distribution import expected_stem, main_folder_of
from conda_bridge.repack.to_wheel.package_facts import PackageFacts
from conda_bridge.repack.to_wheel.package_layout import (
    HeldFile,
    PackageLayout,
    PayloadFile,
    is_left_out,
    metadata_folder,
)
from conda_bridge.repack.to_wheel.package_links import linked_paths
from conda_bridge.repack.to_wheel.package_metadata import WheelMetadata, package_metadata
from conda_bridge.repack.to_wheel.package_reading import PackageReading
from conda_bridge.repack.to_wheel.partition import Part, has_several_projects, partition
from conda_bridge.repack.to_wheel.prefix_scan import PrefixScan
from conda_bridge.repack.to_wheel.refusals import judge_package, judge_platform
from conda_bridge.repack.to_wheel.wheel_placing import place_wheels
from conda_bridge.repack.to_wheel.wheel_scripts import is_made_by_installer, is_starter, wheel_script
from conda_bridge.repack.wheels.native_code import START_BYTES
from conda_bridge.repack.wheels.wheel_check import check_wheel

__all__ = ["conda_to_wheel", "conda_to_wheels"]

_HELD = replace(LIMITS, max_read_bytes=32_000_000)
"""Metadata, scripts and what links lead to; real packages have a few hundred kB of these."""
_DAMAGE = frozenset({"broken-archive", "invalid-package"})
_OF_RECORD = frozenset({"or-spec", "build-string-spec", "inexpressible-spec", "non-pypi-dependency"})
"""What is said of a dependency of conda's, whose place its readers don't know."""


def conda_to_wheel(
    package_path: str, target_dir: str, *, setting: WheelSetting, names: NameSource
) -> WheelMade:
    """Write the wheel of a package with one project to a folder; one of the same name is replaced.

    Raises:
        RepackError: `platform-package`, `generic`, `metapackage`, `platform-gated`, `install-script`, `embedded-prefix`,
            `compiled-file`, `package-link`, `conda-meta`, `several-distributions`, `unknown-component`, `corrupt`,
            `unsafe-data-file`, `clashing-files`, `bad-wheel`, and those of `package_metadata`.
        SourceError: `unsafe-archive`, `archive-too-large`, `unreadable-source`.
        UsageError: `deflate-missing`; `not-writable`, whose `where` is the folder.

        `where` begins with the package's file name. Nothing is left in the folder then.
    """
    (made,) = _written(package_path, target_dir, setting, names, is_split=False)
    return made


def conda_to_wheels(
    package_path: str, target_dir: str, *, setting: WheelSetting, names: NameSource
) -> tuple[WheelMade, ...]:
    """Write the wheel of each project of a package, that of its name first: all of them, or none.

    Raises:
        as `conda_to_wheel`; `several-distributions` where it can't be told which file is whose.
    """
    return _written(package_path, target_dir, setting, names, is_split=True)


def _written(
    package_path: str, target_dir: str, setting: WheelSetting, names: NameSource, *, is_split: bool
) -> tuple[WheelMade, ...]:
    filename = Path(package_path).name
    try:
        with closing(PackageReading(package_path, setting.channel_needs)) as reading:
            reading.start()
            judge_platform(reading.record())
            facts = reading.facts()
            noticed = (*reading.patches(), *judge_package(facts, setting, names))
            conversion = _Conversion(reading, facts, setting, names)
            parts = conversion.parts() if is_split and has_several_projects(facts) else (None,)
            with scratch_folder("wheel", place=target_dir) as folder:
                drafts = [
                    conversion.drafted(folder / str(number), part, noticed)
                    for number, part in enumerate(parts)
                ]
                paths = place_wheels([Path(one.path) for one in drafts], Path(target_dir), scratch=folder)
                return tuple(replace(one, path=str(path)) for one, path in zip(drafts, paths, strict=True))
    except OSError as error:
        # The package's own are told by its readers.
        raise UsageError("not-writable", error.strerror or str(error), where=target_dir) from error
    except BridgeError as error:
        inside = error.where or ("info/index.json" if error.slug in _OF_RECORD else filename)
        where = filename if inside in {filename, package_path} else f"{filename}/{inside}"
        if error.slug in _DAMAGE:
            raise RepackError("corrupt", error.message, where=where) from error
        raise type(error)(error.slug, error.message, where=where, hint=error.hint) from error


class _Conversion:
    """One package on its way; a second pass is made where the first one guessed the wheel's name wrongly."""

    def __init__(
        self, reading: PackageReading, facts: PackageFacts, setting: WheelSetting, names: NameSource
    ) -> None:
        self._reading = reading
        self._facts = facts
        self._setting = setting
        self._names = names
        self._engine: DeflateEngine = deflate_engine(setting.deflate)

    def parts(self) -> tuple[Part, ...]:
        """Return what each of several projects has."""
        if self._setting.dependencies == "conda":
            message = "it has several projects, and conda's dependencies are those of all together"
            hint = "leave --deps conda out: each wheel has those of its project's own METADATA then"
            raise RepackError("several-distributions", message, where="info/index.json", hint=hint)
        return partition(self._facts, self._names)

    def drafted(self, folder: Path, part: Part | None, noticed: tuple[Diagnostic, ...]) -> WheelMade:
        """Write the wheel of a package, or of a part of it, to a new folder where nobody looks yet."""
        folder.mkdir()
        draft = folder / "draft.whl"
        folders = {metadata_folder(path) for path in self._facts.paths} - {""}
        stem = expected_stem({part.folder} if part else folders, self._facts.record)
        made, metadata = self._passed(draft, stem, part)
        own_stem = metadata.dist_info.removesuffix(".dist-info")
        if made.has_data and own_stem != stem:
            made, metadata = self._passed(draft, own_stem, part)
        path = folder / metadata.filename
        draft.rename(path)
        # What setuptools wrote into an egg it writes into its own wheels, where a strict reader complains as well.
        is_ours = metadata.origin == "synthesised"
        problems = check_wheel(str(path), origin="synthesised" if is_ours else "kept")
        _refuse_bad(problems, made.main if metadata.origin == "kept" else "")
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
            size_bytes = file.tell()
        return WheelMade(
            path=str(path),
            pypi_name=metadata.pypi_name,
            version=metadata.version,
            sha256=digest,
            size_bytes=size_bytes,
            package_sha256=self._facts.sha256,
            metadata_origin=metadata.origin,
            deflate=self._setting.deflate,
            files=made.files,
            dropped=tuple(sorted(made.dropped, key=lambda row: row.path)),
            drift=metadata.drift,
            diagnostics=tuple(dict.fromkeys((*noticed, *made.findings, *metadata.diagnostics, *problems))),
        )

    def _passed(self, draft: Path, stem: str, part: Part | None) -> tuple["_Pass", WheelMetadata]:
        prefixes = PrefixScan(self._facts.paths.values())
        with wheel_writer(str(draft), deflate=self._engine, time_s=self._setting.time_s) as writer:
            own = part.narrowed(self._facts) if part else self._facts
            one = _Pass(writer, own, PackageLayout(stem, self._setting), prefixes)
            one.stream(self._members(part))
            # Licences and the like come last in most packages of the older format.
            facts = self._reading.facts()
            if (facts.link_scripts, facts.paths) != (self._facts.link_scripts, self._facts.paths):
                judge_package(facts, self._setting, self._names)
            metadata = package_metadata(
                part.narrowed(facts) if part else facts,
                one.metadata(),
                setting=self._setting,
                names=self._names,
                part=part,
            )
            one.finish(metadata, f"{stem}.data/scripts")
        return one, metadata

    def _members(self, part: Part | None) -> Iterator[PayloadMember]:
        """Yield what is a part's; the main one is asked for what the package doesn't list, too, and refuses it."""
        listed = self._facts.paths
        for member in self._reading.payload():
            if part is None or member.path in part.paths or (part.is_main and member.path not in listed):
                yield member


class _Pass:
    """All members of a package, once."""

    def __init__(
        self, writer: WheelWriter, facts: PackageFacts, layout: PackageLayout, prefixes: PrefixScan
    ) -> None:
        self.dropped: list[DroppedFile] = []
        self.findings: tuple[Diagnostic, ...] = ()
        self.files = 0
        self.main = ""
        """The metadata folder of the package that counts."""
        self._writer = writer
        self._facts = facts
        self._layout = layout
        self._prefixes = prefixes
        self._unseen = {path for path, row in facts.paths.items() if row.path_type != "directory"}
        self._is_listed = facts.is_listed
        self._held: dict[str, bytes] = {}
        self._executable: set[str] = set()
        """Paths of files in the package."""
        self._scripts: dict[str, tuple[str, bytes]] = {}
        self._links: dict[str, tuple[str, bool]] = {}
        self._held_bytes = 0

    @property
    def has_data(self) -> bool:
        """Whether something has a place that depends on the wheel's name."""
        return self._layout.has_data

    def stream(self, members: Iterable[PayloadMember]) -> None:
        """Write the payload and hold the rest."""
        for member in members:
            if member.kind != "directory":
                self._take(member)
        if self._unseen:
            some = ", ".join(map(shown, sorted(self._unseen)[:3]))
            message = f"it lists {some}, which it hasn't got ({len(self._unseen)} in all)"
            raise RepackError("corrupt", message, where="info/paths.json")

    def metadata(self) -> Mapping[str, bytes]:
        """Return the files of the one metadata folder that the package has."""
        self.main = main = main_folder_of(self._held.keys())
        for path in sorted(self._held):
            if path.partition("/")[0] != main:
                self.dropped.append(DroppedFile(path=f"site-packages/{path}", reason="older-metadata"))
        return {path: data for path, data in self._held.items() if path.partition("/")[0] == main}

    def finish(self, metadata: WheelMetadata, scripts: str) -> None:
        """Write what was held, and RECORD."""
        self._write_links()
        commands = {*metadata.console_scripts, *metadata.gui_scripts}
        folded = {command.lower(): command for command in commands}
        clashes: list[Diagnostic] = []
        for path, (name, content) in sorted(self._scripts.items()):
            if is_made_by_installer(name, commands):
                self.dropped.append(DroppedFile(path=path, reason="made-by-installer"))
                continue
            self._layout.check_code(path, content[:START_BYTES], len(content))
            check_command_name(name.rpartition("/")[2], project=metadata.pypi_name, origin=path)
            data = wheel_script(path, content, self._facts.paths.get(path))
            self._prefixes.look(path, data)
            self._write(f"{scripts}/{name}", data, origin=path, mode=0o755)
            if command := folded.get(name.lower()):
                clashes.append(finding("command-clash", f"{shown(command)} and {shown(name)}", origin=path))
        start = f"site-packages/{self.main or metadata.dist_info}/"
        for path, data in metadata.files:
            origin = f"{start}{path.partition('/')[2]}"
            self._layout.check_code(origin, data[:START_BYTES], len(data))
            self._prefixes.look(origin, data, is_text_only=True)
            self._write(path, data, origin=origin, mode=0o755 if origin in self._executable else 0o644)
        self._note_unused(path.partition("/")[2] for path, _ in metadata.files)
        self._writer.add_record(f"{metadata.dist_info}/RECORD")
        self.files += 1
        self.findings = (*self._layout.findings(), *self._prefixes.findings(), *clashes)

    def _note_unused(self, used: Iterable[str]) -> None:
        """Note those files of an egg-info folder that have no place in a dist-info folder."""
        known = {*used, "PKG-INFO", "requires.txt"}
        for path in self._held:
            folder, _, rest = path.partition("/")
            if rest and rest not in known and folder.lower().endswith(".egg-info"):
                self.dropped.append(DroppedFile(path=f"site-packages/{path}", reason="egg-metadata"))

    # ------------------------------------------------------------ one member

    def _take(self, member: PayloadMember) -> None:
        path = member.path
        if self._is_listed:
            if path not in self._unseen:
                raise RepackError("corrupt", "info/paths.json doesn't list it", where=path)
            self._unseen.remove(path)
        if member.mode & 0o111 and member.kind == "file":
            self._executable.add(path)
        place = self._layout.place(member)
        if isinstance(place, DroppedFile):
            self.dropped.append(place)
            if member.kind == "file":
                self._verify(path, *_digest(member))
        elif isinstance(place, PayloadFile):
            self._stream(member, place.wheel_path)
        elif place.kind == "link":
            self._links[place.path] = (member.link, member.kind == "hardlink")
        else:
            self._hold(member, place)

    def _stream(self, member: PayloadMember, wheel_path: str) -> None:
        path, size_bytes = member.path, member.size_bytes
        content: bytes | Iterable[bytes]
        if size_bytes <= LARGE_BYTES:
            content = start = member.read(size_bytes)
            self._prefixes.look(path, content)
        else:
            start = member.read(START_BYTES)
            content = self._prefixes.looked_through(path, chain((start,), member.pieces()))
        self._layout.check_code(path, start, size_bytes)
        written = self._add(wheel_path, content, origin=path, size_bytes=size_bytes, mode=member.mode)
        self._verify(path, written.sha256, size_bytes)

    def _hold(self, member: PayloadMember, place: HeldFile) -> None:
        self._held_bytes += member.size_bytes
        start = member.read(min(START_BYTES, member.size_bytes))
        if not is_starter(member.path):
            self._layout.check_code(member.path, start, member.size_bytes)
        _HELD.check_read(self._held_bytes)
        data = start + member.read(member.size_bytes - len(start))
        self._verify(member.path, sha256(data).hexdigest(), len(data))
        if place.kind == "script":
            self._scripts[member.path] = (place.path, data)
        else:
            self._held[place.path] = data

    def _verify(self, path: str, digest: str, size_bytes: int) -> None:
        row = self._facts.paths.get(path)
        if row is None:
            return
        if row.size_bytes not in {-1, size_bytes}:
            message = f"it has {size_bytes:,} bytes, and {row.size_bytes:,} by info/paths.json"
            raise RepackError("corrupt", message, where=path)
        if row.sha256 not in {"", digest}:
            raise RepackError("corrupt", "its sha256 isn't that of info/paths.json", where=path)

    # ------------------------------------------------------------ what was held

    def _write_links(self) -> None:
        """Write a file for each link to one; the package is read once more for them."""
        targets = linked_paths(self._links)
        wanted = {f"site-packages/{target}" for target in targets.values()}
        rows = (self._facts.paths.get(path) for path in wanted)
        _HELD.check_read(self._held_bytes + sum(row.size_bytes for row in rows if row is not None))
        contents = read_payload(self._facts.path, wanted.__contains__) if wanted else {}
        # Many links to one file are as good a bomb as any.
        copied_bytes = sum(len(contents.get(f"site-packages/{target}", b"")) for target in targets.values())
        LIMITS.check_bytes(copied_bytes, Path(self._facts.path).stat().st_size)
        for path, target in sorted(targets.items()):
            data = contents.get(f"site-packages/{target}")
            is_others = self._is_listed and f"site-packages/{target}" not in self._facts.paths
            if data is None or is_others or is_left_out(f"site-packages/{target}"):
                whose = "another project of the package's" if data and is_others else "no file of the package"
                message = f"it is a link to {shown(target)}, which is {whose}"
                raise RepackError("package-link", message, where=f"site-packages/{path}")
            self._verify(f"site-packages/{path}", sha256(data).hexdigest(), len(data))
            self._layout.check_code(f"site-packages/{path}", data[:START_BYTES], len(data))
            self._layout.note_link(path, target)
            is_executable = f"site-packages/{target}" in self._executable
            origin = f"site-packages/{path}"
            self._write(path, data, origin=origin, mode=0o755 if is_executable else 0o644)

    def _write(self, path: str, data: bytes, *, origin: str, mode: int) -> None:
        self._add(path, data, origin=origin, size_bytes=len(data), mode=mode)

    def _add(
        self, path: str, content: bytes | Iterable[bytes], *, origin: str, size_bytes: int, mode: int
    ) -> Written:
        self.files += 1
        try:
            return self._writer.add(path, content, size_bytes=size_bytes, mode=mode)
        except RepackError as error:
            raise RepackError(error.slug, error.message, where=origin, hint=error.hint) from error


def _digest(member: PayloadMember) -> tuple[str, int]:
    digest, size_bytes = sha256(), 0
    for piece in member.pieces():
        digest.update(piece)
        size_bytes += len(piece)
    return digest.hexdigest(), size_bytes


def _refuse_bad(problems: Iterable[Diagnostic], kept: str) -> None:
    """Refuse a wheel that is none; what is wrong with METADATA that was `kept` is the package's own."""
    errors = [problem for problem in problems if problem.severity == "error"]
    message = "; ".join(problem.message for problem in errors[:3])
    if kept and errors and all(problem.slug == "bad-metadata" for problem in errors):
        raise RepackError("package-metadata", message, where=f"site-packages/{kept}/METADATA")
    if errors:
        raise RepackError("bad-wheel", f"the wheel that it makes is none: {message}", where=errors[0].origin)

"""An index of small wheels and a small machine, to see what the host distributor makes of them."""

import ensurepip
import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from conda_bridge.archives.conda_writer import write_conda
from conda_bridge.distributors.host.conversions import Conversion, ConvertedWheel
from conda_bridge.distributors.host.distributor import HostDistributor, HostSetting
from conda_bridge.distributors.host.facts import HostFacts, Interpreter
from conda_bridge.distributors.host.makers import Makers
from conda_bridge.errors import RepackError, SourceError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import NeededEnvironment, Provided
from conda_bridge.model.events import Event, Noticed, StepStarted
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.options import NameOverride
from conda_bridge.model.source import FileLink, IndexProject
from conda_bridge.model.variants import VariantConfig
from conda_bridge.translate.names import NameMap
from conda_bridge.translate.versions import to_conda_spec
from support.archives import wheel_bytes

__all__ = ["FACTS", "Machine", "Shelf", "bundled_wheels", "environment"]

FACTS = HostFacts(
    interpreter=Interpreter(
        executable="/opt/py/bin/python3.11",
        version="3.11.7",
        prefix="/opt/py",
        old_prefixes=("/opt/py",),
        layout="upstream",
        stdlib="/opt/py/lib/python3.11",
        include="/opt/py/include/python3.11",
        library_dir="/opt/py/lib",
        has_headers=True,
    ),
    glibc="2.36",
)


def environment(*specs: str, label: str = "host of demo") -> NeededEnvironment:
    """Return an environment with these match specs."""
    return NeededEnvironment(label=label, kind="host", specs=specs)


def bundled_wheels() -> list[Path]:
    """Return the wheels that the running interpreter brings along, of pip at least."""
    return sorted(Path(ensurepip.__file__).parent.glob("_bundled/*.whl"))


class Shelf:
    """A `Fetcher` of an index that has what tests put on it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[PypiName, list[FileLink]] = {}
        self._contents: dict[str, bytes] = {}
        self._metadata: dict[str, str] = {}
        self._lock = Lock()
        self.asked: list[str] = []
        """Projects, metadata and files that were asked for, in turn."""
        self.is_offline = False

    def add(
        self,
        project: str,
        version: str,
        *,
        tag: str = "py3-none-any",
        requires: Sequence[str] = (),
        requires_python: str = "",
        yanked: str | None = None,
        size_bytes: int | None = None,
        content: bytes = b"",
    ) -> str:
        """Put a wheel on the shelf, or with the tag `sdist` a source distribution, and return its sha256."""
        stem = f"{project.replace('-', '_')}-{version}"
        lines = ["Metadata-Version: 2.1", f"Name: {project}", f"Version: {version}"]
        lines += [f"Requires-Dist: {line}" for line in requires]
        text = "\n".join(lines) + "\n"
        filename = f"{stem}.tar.gz" if tag == "sdist" else f"{stem}-{tag}.whl"
        data = content or wheel_bytes(project.replace("-", "_"), version, metadata=text)
        sha256 = hashlib.sha256(filename.encode() + data).hexdigest()
        self._contents[sha256] = data
        self._metadata[sha256] = text
        link = FileLink(
            filename=filename,
            url=f"https://index.example/{filename}",
            sha256=sha256,
            size_bytes=len(data) if size_bytes is None else size_bytes,
            requires_python=requires_python,
            yanked=yanked,
        )
        self._files.setdefault(PypiName(project), []).append(link)
        return sha256

    def add_wheel(self, wheel: Path) -> None:
        """Put a real wheel on the shelf."""
        project, version, tag = wheel.name.removesuffix(".whl").split("-", 2)
        with zipfile.ZipFile(wheel) as archive:
            metadata = archive.read(f"{project}-{version}.dist-info/METADATA").decode()
        sha256 = self.add(project, version, tag=tag, content=wheel.read_bytes())
        self._metadata[sha256] = metadata

    def add_program(self, project: str, version: str, program: bytes) -> None:
        """Put a wheel on the shelf that holds nothing but a program."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(f"{project}-{version}.data/scripts/{project}", program)
        self.add(project, version, tag="py3-none-manylinux_2_5_x86_64", content=buffer.getvalue())

    def get_project(self, name: PypiName) -> IndexProject:
        self._note(f"project {name}")
        if name not in self._files:
            raise SourceError("project-not-found", f"{name} isn't there")
        return IndexProject(pypi_name=name, index_url="https://index.example", files=tuple(self._files[name]))

    def get_metadata(self, link: FileLink) -> str | None:
        self._note(f"metadata {link.filename}")
        return self._metadata[link.sha256]

    def get_file(self, link: FileLink) -> str:
        self._note(f"file {link.filename}")
        path = self._folder / link.sha256 / link.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self._contents[link.sha256])
        return str(path)

    def get_url(self, url: str) -> str:
        raise AssertionError(url)

    def _note(self, what: str) -> None:
        with self._lock:
            self.asked.append(what)
        if self.is_offline:
            raise SourceError("offline", f"{what} isn't in the cache")


@dataclass(kw_only=True)
class Machine:
    """A host distributor on a machine that makes small packages."""

    cache: Path
    shelf: Shelf
    facts: HostFacts = FACTS
    max_wheel_bytes: int = 1_000_000
    refused: frozenset[str] = frozenset()
    """Projects whose wheels can't be converted."""
    interrupted_at: str = ""
    """A project whose conversion Ctrl-C ends."""
    dropped: tuple[str, ...] = ()
    """Projects that conda doesn't need."""
    described: int = 0
    converted: list[str] = field(default_factory=list)
    """Labels of wheels that were converted."""
    steps: list[str] = field(default_factory=list)
    noticed: list[str] = field(default_factory=list)
    own_made: int = 0

    def distributor(self) -> HostDistributor:
        """Return a new distributor, as another process has one."""
        setting = HostSetting(
            cache_dir=str(self.cache), max_wheel_bytes=self.max_wheel_bytes, makers=self._makers()
        )
        return HostDistributor(
            setting, fetcher=self.shelf, names=NameMap(overrides=self._overrides()), reporter=self
        )

    def provide(self, *specs: str, beside: Sequence[PackageRecord] = ()) -> Provided:
        """Provide one environment with a new distributor."""
        return self.distributor().provide([environment(*specs)], beside=beside)

    def packages(self) -> list[str]:
        """Return what the channel has, as `name-version-build`."""
        channel = Path(self.distributor().channel_dir)
        return sorted(path.stem for path in channel.glob("*/*.conda"))

    def records(self) -> dict[str, PackageRecord]:
        """Return what the channel has by name; of several versions the last."""
        return {record.conda_name: record for record in self.distributor().records()}

    def report(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            self.steps.append(event.step)
        if isinstance(event, Noticed):
            self.noticed.append(event.diagnostic.slug)

    def _overrides(self) -> list[NameOverride]:
        return [NameOverride(pypi_name=PypiName(name), conda_name=None) for name in self.dropped]

    def _describe(self, _python: str) -> HostFacts:
        self.described += 1
        return self.facts

    def _makers(self) -> Makers:
        return Makers(
            describe=self._describe,
            python=self._python,
            toolchain=self._toolchain,
            converter=lambda _facts: self._convert,
            variants=lambda _facts: VariantConfig(),
        )

    def _python(self, facts: HostFacts, folder: str) -> str:
        self.own_made += 1
        return _write(folder, "python", facts.interpreter.version, build="0_cpython", subdir="linux-64")

    @staticmethod
    def _toolchain(_facts: HostFacts, folder: str) -> tuple[str, ...]:
        return (
            _write(folder, "python_abi", "3.11", build="8_cp311"),
            _write(folder, "gcc_linux-64", "12.2.0", build="0_host", subdir="linux-64"),
        )

    def _convert(self, _wheel: str, folder: str, conversion: Conversion) -> ConvertedWheel:
        project = conversion.wheel.pypi_name
        if project == self.interrupted_at:
            raise KeyboardInterrupt
        if project in self.refused:
            raise RepackError("invalid-package", "its wheel is odd")
        self.converted.append(f"{project} {conversion.wheel.version}")
        depends = ["python"]
        known = {project: conversion.requires, **dict(conversion.extras)}
        waiting = [(project, "")]
        for wanted, extra in waiting:
            for requirement in known.get(wanted, ()):
                marker = requirement.marker
                if (extra and marker is None) or (marker and not marker.evaluate({"extra": extra})):
                    continue
                needed = PypiName(requirement.name)
                found = conversion.names.get(needed).chosen
                if found is None:
                    continue
                depends.append(f"{found} {to_conda_spec(requirement.specifier, style='exact').value}".strip())
                waiting += [(needed, wish) for wish in requirement.extras]
        name = conversion.names.get(project).chosen
        assert name is not None, "only projects with a package are converted"
        path = _write(folder, name, str(conversion.wheel.version), build="pyh_0", depends=tuple(depends))
        return ConvertedWheel(path=path, record=_record(name, str(conversion.wheel.version), "pyh_0"))


def _record(name: str, version: str, build: str, subdir: str = "noarch") -> PackageRecord:
    return PackageRecord(
        conda_name=CondaName(name),
        version=version,
        build=build,
        subdir=subdir,
        noarch="generic" if subdir == "noarch" else "",
        timestamp_ms=1_700_000_000_000,
    )


def _write(
    folder: str, name: str, version: str, *, build: str, subdir: str = "noarch", depends: tuple[str, ...] = ()
) -> str:
    record = replace(_record(name, version, build, subdir), depends=depends)
    path = Path(folder, f"{record.stem}.conda")
    write_conda(str(path), record, ())
    return str(path)

"""Where each file of a noarch conda package goes in a wheel.

Vocabulary: the *stem* of a wheel is `name-version` as its `.dist-info` and `.data` folders have it. A member is
*payload* and streams by, or *held* until all are known, or *dropped* with one of these reasons:

    bytecode            installers compile
    cache               lies where pythons and libraries write what they make anew
    installer-record    what an installer wrote about this installation: INSTALLER, RECORD, REQUESTED, direct_url.json
    install-script      no pip runs it
    made-by-installer   a command that installers make of its entry point
    menu                the entries of desktop menus, which conda makes
    recipe-test         a file that only the test of the package reads
    older-metadata      egg-info beside the dist-info of the same project
    egg-metadata        files of an egg-info folder that a dist-info folder hasn't got

Source: CEP 20, CEP 34 (noarch python packages); binary distribution format, "The .data directory".
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from conda_bridge.archives.package_payload import PayloadMember
from conda_bridge.archives.paths import shown
from conda_bridge.errors import RepackError, SourceError
from conda_bridge.model.codes import finding
from conda_bridge.model.counts import counted
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName
from conda_bridge.model.repackaging import DroppedFile, WheelSetting
from conda_bridge.repack.wheels.installation_files import is_of_installation
from conda_bridge.repack.wheels.layout import shared_layout
from conda_bridge.repack.wheels.native_code import is_bytecode, native_kind

__all__ = [
    "SCRIPT_FOLDERS",
    "HeldFile",
    "HeldKind",
    "PackageLayout",
    "PayloadFile",
    "Place",
    "bytecode_source",
    "is_in_no_wheel",
    "is_install_script",
    "is_left_out",
    "metadata_folder",
]

HeldKind = Literal["dist-info", "egg-info", "script", "link"]


@dataclass(frozen=True, slots=True)
class PayloadFile:
    """A file that goes into the wheel as it is."""

    wheel_path: str


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file, or a link, that is written when all others were seen."""

    kind: HeldKind
    path: str
    """In the wheel; of a script below its folder."""


Place: TypeAlias = PayloadFile | HeldFile | DroppedFile

SCRIPT_FOLDERS = frozenset({"python-scripts", "bin", "Scripts"})
"""Whose files become commands. Noarch packages have the first one, which installers move to where a python wants it."""

_SITE = "site-packages"
_METADATA_FOLDER = re.compile(r"[^/]*\.(?:dist-info|egg-info)", re.IGNORECASE)
_OF_A_WHEEL = ("METADATA", "WHEEL", "entry_points.txt")
_BYTECODE = (".pyc", ".pyo")
_CACHE = "__pycache__"
_NATIVE_NAME = re.compile(r".*\.(?:so(?:\.[0-9]+)*|pyd|dylib|dll)", re.IGNORECASE | re.DOTALL)
_STARTUP = re.compile(r"[^/]+\.pth|(?:site|user)customize(?:\.py|/__init__\.py)")
_EGG = re.compile(
    r"[^/]+\.egg(?:/.*|-link)?|easy-install\.pth"
    # What setuptools and hatchling leave of an editable installation, whose modules are elsewhere.
    r"|__editable__\.[^/]*\.pth|__editable___[^/]*_finder\.py|_editable_impl_[^/]*\.(?:pth|py)",
    re.IGNORECASE | re.DOTALL,
)
_INSTALL_SCRIPT = re.compile(
    r"(?:bin|scripts|python-scripts)/\.[^/]*-(?:pre-link|post-link|pre-unlink)\.(?:sh|bat)"
    r"|etc/conda/(?:activate|deactivate|env_vars)\.d/.*",
    re.IGNORECASE | re.DOTALL,
)
_RECIPE_TEST = "etc/conda/test-files/"
_MENU = "Menu/"
_SILENT = frozenset({"share", "etc"})
"""Folders of the data scheme that projects themselves use."""
_LIBRARY = re.compile(r"lib/[^/]*\.(?:so(?:\.[0-9]+)*|dylib|a|dll|lib)", re.IGNORECASE)
_ENVIRONMENT = "pyvenv.cfg"
"""Data are installed where it stands. Source: PEP 405."""
_NO_WINDOWS_NAME = re.compile(
    r"""[<>:"|?*\x00-\x1f]|[. ](?:/|\Z)|(?:\A|/)(?:con|prn|aux|nul|(?:com|lpt)[1-9\u00b9\u00b2\u00b3])(?:\.[^/]*)?(?:/|\Z)""",
    re.IGNORECASE,
)
"""Source: Microsoft, "Naming files, paths, and namespaces"."""
_LONGEST_NAME_BYTES = 255
"""Of a file or a folder, on the file systems of Linux and of macOS."""
_MAX_SHOWN = 3
_NO_PROJECT = PypiName("")


def is_install_script(path: str) -> bool:
    """Return whether conda runs this file when the package is installed, removed or its environment activated."""
    return _INSTALL_SCRIPT.fullmatch(path) is not None


def metadata_folder(path: str) -> str:
    """Return the metadata folder, or the one file of an old egg, that a file of a package belongs to; else nothing.

    >>> metadata_folder("site-packages/idna-3.9.dist-info/METADATA")
    'idna-3.9.dist-info'
    """
    top, _, rest = path.partition("/")
    name = rest.partition("/")[0]
    return name if top == _SITE and _METADATA_FOLDER.fullmatch(name) else ""


def is_left_out(path: str) -> bool:
    """Return whether a file of site-packages is in no wheel: bytecode, caches, and records of one installation."""
    if _is_cached(path):
        return True
    folder = metadata_folder(path)
    return bool(folder) and is_of_installation(path.removeprefix(f"{_SITE}/{folder}/"))


def is_in_no_wheel(path: str) -> bool:
    """Return whether a file of a package is left out, or refused, wherever its wheel would have others."""
    return (
        is_left_out(path)
        or is_install_script(path)
        or path.startswith((_RECIPE_TEST, _MENU))
        or path.lower().startswith("conda-meta/")
    )


def bytecode_source(path: str) -> str:
    """Return where the source of bytecode is; of any other file its own path. Source: PEP 3147, PEP 488.

    >>> bytecode_source("site-packages/demo/__pycache__/core.cpython-311.opt-1.pyc")
    'site-packages/demo/core.py'
    """
    folder, _, name = path.rpartition("/")
    if not path.endswith(_BYTECODE):
        return path
    outer, _, last = folder.rpartition("/")
    if last.lower() != _CACHE:
        return path[:-1]
    return f"{outer}/{name.partition('.')[0]}.py".removeprefix("/")


def _is_cached(path: str) -> bool:
    return path.endswith(_BYTECODE) or _is_in_cache(path)


def _is_in_cache(path: str) -> bool:
    return _CACHE in path.lower().split("/")[:-1]


def _check_name(path: str) -> None:
    if "\\" in path:
        raise SourceError("unsafe-archive", "it has a backslash in its name", where=path)
    longest = max(len(part.encode()) for part in path.split("/"))
    if longest > _LONGEST_NAME_BYTES:
        message = f"a part of its name has {longest:,} bytes, more than the {_LONGEST_NAME_BYTES} that any system can write"
        raise SourceError("unsafe-archive", message, where=path)


def _of_paths(slug: str, paths: Sequence[str]) -> Iterator[Diagnostic]:
    if paths:
        names = ", ".join(shown(path.rpartition("/")[2]) for path in paths[:_MAX_SHOWN])
        more = len(paths) - _MAX_SHOWN
        yield finding(slug, names + (f" and {more} more" if more > 0 else ""), origin=paths[0])


class PackageLayout:
    """Places the members of one package, and notes what is odd about them."""

    def __init__(self, stem: str, setting: WheelSetting) -> None:
        self.has_data = False
        """Whether something was placed in the `.data` folder, whose name has the stem."""
        self._data = f"{stem}.data"
        self._project = re.sub(r"[-_.]+", "-", stem.rpartition("-")[0]).lower()
        self._setting = setting
        self._findings: list[Diagnostic] = []
        self._moved: Counter[str] = Counter()
        self._sources: set[str] = set()
        self._has_modules = False
        self._bytecode: list[str] = []
        self._caches: list[str] = []
        self._misnamed: list[str] = []
        self._programs: list[str] = []
        self._odd_names: list[str] = []
        self._folders: dict[str, Callable[[str, str], Place]] = {
            _SITE: self._in_site_packages,
            "include": self._header,
            "Menu": self._menu,
            **dict.fromkeys(SCRIPT_FOLDERS, self._script),
        }

    def place(self, member: PayloadMember) -> Place:
        """Return where a file or link goes.

        Raises:
            RepackError: `install-script`, `conda-meta`, `package-link`, `compiled-file`, `unsafe-data-file`.
            SourceError: `unsafe-archive` for a backslash, which no wheel may have in a name, and for endless names.
        """
        path = member.path
        _check_name(path)
        if path.endswith(".py"):
            self._sources.add(path)
        top, _, rest = path.partition("/")
        is_link = member.kind in {"symlink", "hardlink"}
        place = self._link(member) if is_link else self._file(path, top, rest)
        if not isinstance(place, DroppedFile) and _NO_WINDOWS_NAME.search(rest or top):
            self._odd_names.append(path)
        return place

    def check_code(self, path: str, start: bytes, size_bytes: int) -> None:
        """Judge the beginning of a file that goes into the wheel.

        Raises:
            RepackError: `compiled-file`.
        """
        kind = native_kind(start, size_bytes)
        if not kind:
            is_other = is_bytecode(start) and not path.endswith(_BYTECODE)
            if (is_other or _NATIVE_NAME.fullmatch(path)) and path not in self._misnamed:
                self._misnamed.append(path)
            return
        # Starters of commands lie beside the modules that copy them, and are called what they are.
        is_beside_modules = path.startswith(f"{_SITE}/") and not metadata_folder(path)
        if kind == "PE program" and is_beside_modules and path.lower().endswith(".exe"):
            self._programs.append(path)
            return
        raise RepackError("compiled-file", f"it is native code ({kind})", where=path)

    def note_link(self, path: str, target: str) -> None:
        """Note a link that became a copy; both paths are those in the wheel."""
        message = f"{shown(path)} was a link to {shown(target)} and is a copy"
        self._findings.append(finding("link-copied", message, origin=f"{_SITE}/{path}"))

    def findings(self) -> tuple[Diagnostic, ...]:
        """Judge the package as a whole and return what was noted.

        Raises:
            RepackError: `compiled-file` for modules without their source.
        """
        lost = [path for path in self._bytecode if bytecode_source(path) not in self._sources]
        for path in lost:
            if path.startswith(f"{_SITE}/") and not (_is_in_cache(path) and self._has_modules):
                message = "it is bytecode without its source, which is for one version of python"
                raise RepackError("compiled-file", message, where=path)
        self._findings += _of_paths("bytecode-dropped", lost)
        self._findings += _of_paths("cache-dropped", self._caches)
        self._findings += _of_paths("misnamed-code", self._misnamed)
        self._findings += _of_paths("windows-name", self._odd_names)
        moved = (
            finding(
                "moved-data",
                f"{counted(count, 'file')} become{'s' if count == 1 else ''} the wheel's data",
                origin=top,
            )
            for top, count in sorted(self._moved.items())
        )
        return (*self._findings, *_of_paths("windows-program", self._programs), *moved)

    # ------------------------------------------------------------ by folder

    def _file(self, path: str, top: str, rest: str) -> Place:
        if is_install_script(path):
            return self._install_script(path)
        if top.lower() == "conda-meta":
            message = "it has a file of conda's own list of what is installed"
            raise RepackError("conda-meta", message, where=path)
        return self._folders.get(top, self._other)(path, rest)

    def _in_site_packages(self, path: str, rest: str) -> Place:
        if not rest:
            raise RepackError("corrupt", "site-packages is a file", where=path)
        if _is_cached(path):
            return self._cached(path)
        if is_left_out(path):
            return DroppedFile(path=path, reason="installer-record")
        top, _, below = rest.partition("/")
        if _METADATA_FOLDER.fullmatch(top):
            return self._metadata(path, top, below)
        if _EGG.fullmatch(rest):
            message = "it is part of an egg, or of an installation in development, which no wheel can be"
            raise RepackError("package-metadata", message, where=path)
        if below and top.lower().endswith(".data"):
            message = "installers would take the folder for one whose files go elsewhere"
            raise RepackError("unsafe-data-file", message, where=path)
        self._has_modules |= rest.endswith(".py")
        if _STARTUP.fullmatch(rest):
            message = f"{shown(rest)} is run whenever python starts"
            self._findings.append(finding("startup-file", message, origin=path))
        return PayloadFile(rest)

    def _cached(self, path: str) -> Place:
        is_bytecode = path.endswith(_BYTECODE)
        (self._bytecode if is_bytecode else self._caches).append(path)
        return DroppedFile(path=path, reason="bytecode" if is_bytecode else "cache")

    def _metadata(self, path: str, top: str, below: str) -> Place:
        is_egg = top.lower().endswith(".egg-info")
        if not is_egg and not below:
            raise RepackError("corrupt", "its metadata folder is a file", where=path)
        meant = next((name for name in _OF_A_WHEEL if name.lower() == below.lower() and name != below), "")
        if meant and not is_egg:
            message = f"some systems take it for {meant}, and others don't: it has to be called so"
            raise RepackError("package-metadata", message, where=path)
        rest = path.removeprefix(f"{_SITE}/")
        return HeldFile("egg-info" if is_egg else "dist-info", rest)

    def _script(self, path: str, rest: str) -> Place:
        if not rest:
            raise RepackError("corrupt", "the folder of its commands is a file", where=path)
        if _is_cached(path):
            return self._cached(path)
        self.has_data = True
        return HeldFile("script", rest)

    def _header(self, path: str, rest: str) -> Place:
        parts = rest.split("/")
        if re.fullmatch(r"python[0-9.]*[a-z]*", parts[0]) and len(parts) > 1:
            parts = parts[1:]
        if len(parts) > 1 and re.sub(r"[-_.]+", "-", parts[0]).lower() == self._project:
            # Installers put the project's name there themselves.
            parts = parts[1:]
        if not rest:
            return self._other(path, rest)
        self.has_data = True
        self._moved["include"] += 1
        return PayloadFile(f"{self._data}/headers/{'/'.join(parts)}")

    def _menu(self, path: str, rest: str) -> Place:
        if not rest:
            return self._other(path, rest)
        self._findings.append(finding("menu-dropped", f"{shown(path)} is left out", origin=path))
        return DroppedFile(path=path, reason="menu")

    def _other(self, path: str, rest: str) -> Place:
        if path.startswith(_RECIPE_TEST):
            return DroppedFile(path=path, reason="recipe-test")
        if path.lower() == _ENVIRONMENT:
            message = "it would take the place of the file that makes a folder an environment"
            raise RepackError("unsafe-data-file", message, where=path)
        if _LIBRARY.fullmatch(path):
            raise RepackError("compiled-file", "it lies where native libraries are", where=path)
        if _is_cached(path):
            return self._cached(path)
        try:
            rest = shared_layout().data_path("data", path, _NO_PROJECT)
        except RepackError as error:
            raise RepackError(error.slug, error.message, where=path, hint=error.hint) from error
        top = path.partition("/")[0]
        if top not in _SILENT:
            self._moved[f"{top}/" if top != path else path] += 1
        self.has_data = True
        return PayloadFile(f"{self._data}/data/{rest}")

    # ------------------------------------------------------------ links and scripts of conda

    def _link(self, member: PayloadMember) -> Place:
        path = member.path
        target = member.link
        if not path.startswith(f"{_SITE}/") or metadata_folder(path):
            raise RepackError("package-link", f"it is a link to {shown(target)}", where=path)
        # What a link is called decides, and not what it leads to: installers know the copy by its name alone.
        place = self._in_site_packages(path, path.removeprefix(f"{_SITE}/"))
        return HeldFile("link", place.wheel_path) if isinstance(place, PayloadFile) else place

    def _install_script(self, path: str) -> Place:
        if not self._setting.drops_scripts:
            raise RepackError("install-script", "conda runs it, and no installer of wheels would", where=path)
        self._findings.append(finding("script-dropped", f"{shown(path)} is left out", origin=path))
        return DroppedFile(path=path, reason="install-script")

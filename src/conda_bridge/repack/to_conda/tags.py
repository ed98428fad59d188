"""The tags of a wheel and a target -> what the package is bound to: a minor python, a platform, a C library.

Vocabulary: a *bound* package suits one minor version of python, since its modules use the interpreter's whole
interface; an *independent* one suits all from some version on.

Source: PyPA, platform compatibility tags; PEP 425, PEP 513, PEP 571, PEP 599, PEP 600 (manylinux), PEP 384 (abi3);
CEP 20 (python-independent packages of a platform), CEP 30 (virtual packages).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from packaging.specifiers import Specifier, SpecifierSet
from packaging.tags import Tag
from packaging.version import Version

from conda_bridge.errors import RepackError
from conda_bridge.model.condition import Target
from conda_bridge.repack.to_conda.wheel_target import WheelTarget
from conda_bridge.translate.marker_environment import MACHINES
from conda_bridge.translate.versions import to_conda_spec

__all__ = ["Fit", "fit_of", "python_specs"]

_INTERPRETER = re.compile(r"(?P<kind>py|cp)(?P<major>[0-9])(?P<minor>[0-9]*)")
_MANYLINUX = re.compile(
    r"manylinux(?:_(?P<major>[0-9]+)_(?P<minor>[0-9]+)|(?P<legacy>1|2010|2014))_(?P<machine>\w+)"
)
_LEGACY = {"1": (2, 5), "2010": (2, 12), "2014": (2, 17)}
_LINUX = re.compile(r"(?:linux|musllinux_[0-9]+_[0-9]+)_(?P<machine>\w+)")
_MACOS = re.compile(r"macosx_(?P<major>[0-9]+)_(?P<minor>[0-9]+)_(?P<machine>\w+)")
_FAT: dict[str, frozenset[str]] = {
    "x86_64": frozenset({"x86_64", "universal2", "universal", "intel", "fat3", "fat64"}),
    "arm64": frozenset({"arm64", "universal2"}),
}
"""macOS's machine -> the tags of binaries that have its code."""
_WINDOWS = {"x86_64": "win_amd64", "x86": "win32", "arm64": "win_arm64"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a wheel suits a target."""

    kind: Literal["any", "independent", "bound"]
    """any: it has nothing compiled, or nothing that python loads, and suits all platforms."""
    has_abi: bool
    """True where modules use python's C interface, the stable one included."""
    minor: tuple[int, int] | None
    """The lowest python that the tags name; of a bound package the only one; None where they name no minor."""
    virtual: tuple[str, ...]
    """Match specs of virtual packages, such as `__glibc >=2.17`."""


@dataclass(frozen=True, slots=True)
class _Suitable:
    """One tag that the target takes."""

    minor: tuple[int, int] | None
    abi: str
    floor: tuple[str, tuple[int, int] | None]
    """A virtual package and the version from which on; empty for `any`."""


def fit_of(tags: Iterable[Tag], target: WheelTarget) -> Fit:
    """Return how a wheel with these tags suits the target.

    A compressed set of tags promises each of them: the lowest C library counts, and the lowest python.

    Raises:
        RepackError: `unsuitable-wheel`.
    """
    tags = sorted(tags, key=str)
    suitable = [found for tag in tags if (found := _suitable(tag, target)) is not None]
    if not suitable:
        said = ", ".join(map(str, tags[:3]))
        python = ".".join(map(str, target.target.python.release[:2]))
        raise RepackError("unsuitable-wheel", f"{said} isn't for python {python} on {target.target.platform}")
    abis = {found.abi for found in suitable}
    is_bound = not abis & {"none", "abi3"}
    floors = [found.floor for found in suitable]
    is_any = any(not name for name, _ in floors)
    minors = [found.minor for found in suitable]
    return Fit(
        kind="bound" if is_bound else "any" if is_any else "independent",
        has_abi="none" not in abis,
        minor=None if None in minors else min(filter(None, minors)),
        virtual=() if is_any else (_lowest(floors),),
    )


def python_specs(fit: Fit, requires_python: SpecifierSet) -> tuple[str, ...]:
    """Return the match specs on python and its interface."""
    if fit.kind == "bound" and fit.minor is not None:
        major, minor = fit.minor
        own = [f">={major}.{minor}", f"<{major}.{minor + 1}.0a0"]
        own += [f"!={c.version}" for c in _sorted_exclusions(requires_python, f"{major}.{minor}")]
        return (f"python {','.join(own)}", f"python_abi {major}.{minor}.* *_cp{major}{minor}")
    specifiers = _raised(requires_python, fit.minor) if fit.minor else requires_python
    return (f"python {to_conda_spec(specifiers, style='exact').value}".rstrip(),)


def _raised(specifiers: SpecifierSet, minor: tuple[int, int]) -> SpecifierSet:
    """Return the specifiers with a floor, without what says nothing above it."""
    floor = Version(f"{minor[0]}.{minor[1]}")
    kept = [clause for clause in specifiers if not _is_below(clause, floor)]
    is_said = any(clause.operator in {">=", "~=", "=="} for clause in kept)
    return SpecifierSet(",".join(map(str, kept))) & SpecifierSet("" if is_said else f">={floor}")


def _is_below(clause: Specifier, floor: Version) -> bool:
    return clause.operator in {">=", ">", "!="} and Version(clause.version.removesuffix(".*")) < floor


def _sorted_exclusions(specifiers: SpecifierSet, minor: str) -> list[Specifier]:
    found = (clause for clause in specifiers if clause.operator == "!=")
    return sorted((clause for clause in found if f"{clause.version}.".startswith(f"{minor}.")), key=str)


# ---------------------------------------------------------------- one tag


def _suitable(tag: Tag, target: WheelTarget) -> _Suitable | None:
    if target.tags and tag not in target.tags:
        return None
    match = _INTERPRETER.fullmatch(tag.interpreter)
    if match is None or match["major"] != "3":
        return None
    minor = (3, int(match["minor"])) if match["minor"] else None
    if not _is_abi_suitable(tag.abi, match["kind"], minor, target.target):
        return None
    floor = _floor(tag.platform, target.target, takes_any_libc=tag in target.tags)
    if floor is None:
        return None
    # `cp311-none` is promised for that very version.
    abi = tag.abi if match["kind"] == "py" or tag.abi != "none" else f"cp{tag.interpreter[2:]}"
    return _Suitable(minor, abi, floor)


def _is_abi_suitable(abi: str, kind: str, minor: tuple[int, int] | None, target: Target) -> bool:
    python = (*target.python.release, 0)[:2]
    if abi == "none" and kind == "py":
        return minor is None or minor <= python
    if minor is None or kind == "py":
        return False
    if abi == "abi3":
        return minor <= python
    # Before 3.8, an `m` told the usual memory allocator.
    return minor == python and abi in {"none", f"cp3{minor[1]}", f"cp3{minor[1]}m"}


def _floor(
    platform: str, target: Target, *, takes_any_libc: bool
) -> tuple[str, tuple[int, int] | None] | None:
    """Return the virtual package that a platform tag asks for; None where it isn't the target's platform."""
    if platform == "any":
        return ("", None)
    machine = MACHINES.get((target.os, target.arch), target.arch)
    match target.os:
        case "linux":
            return _linux_floor(platform, machine, takes_any_libc=takes_any_libc)
        case "osx":
            found = _MACOS.fullmatch(platform)
            if found and found["machine"] in _FAT.get(machine, frozenset({machine})):
                return ("__osx", (int(found["major"]), int(found["minor"])))
        case "win" if platform == _WINDOWS.get(target.arch):
            return ("__win", None)
    return None


def _linux_floor(
    platform: str, machine: str, *, takes_any_libc: bool
) -> tuple[str, tuple[int, int] | None] | None:
    found = _MANYLINUX.fullmatch(platform)
    if found and found["machine"] == machine:
        version = _LEGACY[found["legacy"]] if found["legacy"] else (int(found["major"]), int(found["minor"]))
        return ("__glibc", version)
    found = _LINUX.fullmatch(platform)
    is_known_libc = platform.startswith("linux") or takes_any_libc
    return ("__linux", None) if found and found["machine"] == machine and is_known_libc else None


def _lowest(floors: list[tuple[str, tuple[int, int] | None]]) -> str:
    """Return the weakest demand as a match spec."""
    name, version = min(floors, key=lambda floor: (floor[1] or (0, 0), floor[0]))
    return f"{name} >={version[0]}.{version[1]}" if version else name

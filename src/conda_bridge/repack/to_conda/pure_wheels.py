"""Which wheels may become packages for any platform, and for which pythons they are.

Source: PyPA, platform compatibility tags; PEP 425.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from packaging.tags import Tag

from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.archives.paths import shown
from conda_bridge.archives.wheel_archive import WheelMember
from conda_bridge.errors import RepackError
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import (
    NEVER,
    Condition,
    PythonIn,
    PyVersion,
    Span,
    all_of,
    any_of,
    python_in,
)
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.repack.to_conda.dependencies import spec_text
from conda_bridge.repack.to_conda.python_bounds import requires_python_of
from conda_bridge.repack.to_conda.wheel_files import refuse_compiled
from conda_bridge.repack.wheels.native_code import START_BYTES, native_kind
from conda_bridge.repack.wheels.wheel_reading import Wheel
from conda_bridge.translate.versions import python_condition, to_conda_spec

__all__ = ["AdmittedPythons", "NativeWatch", "pythons_of", "refuse_impure"]

_INTERPRETER = re.compile(r"(?P<kind>py|cp)(?P<major>[23])(?P<minor>[0-9]*)")
_BUILD_IT = "`conda-bridge build` makes a package of its source distribution"
_MAX_SHOWN = 3
_ANY_PYTHON_3 = ((Span(),), (Span(PyVersion((3,))),))
"""What the tags `py2.py3` and `py3` say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedPythons:
    """The pythons that a wheel is for."""

    spans: tuple[Span, ...]
    spec: str
    """The match spec of all of them as upstream wrote it; empty where the tags or nobody say it."""
    is_declared: bool = True
    """False where they are all of python 3 at least, and nobody says more."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """About how it is said."""


def refuse_impure(wheel: Wheel) -> None:
    """Refuse a wheel that isn't for all platforms, or has what is only for one.

    Raises:
        RepackError: `impure-wheel`.
    """
    for tags, place in ((wheel.tags, None), (wheel.own_tags, f"{wheel.dist_info}/WHEEL")):
        bound = sorted(str(tag) for tag in tags if tag.platform != "any" or tag.abi != "none")
        if bound:
            more = f" and {len(bound) - 1} more" if len(bound) > 1 else ""
            message = f"it is built for {bound[0]}{more}, and what it links against isn't conda's"
            raise RepackError("impure-wheel", message, where=place, hint=_BUILD_IT)
    refuse_compiled(wheel)


class NativeWatch:
    """Judges the files of a wheel for any platform while they are read.

    Programs for Windows are let through and told: the launchers that installers of scripts bring are some.
    """

    def __init__(self) -> None:
        self._programs: list[str] = []

    def watched(self, file: PackedFile) -> PackedFile:
        """Return the file with a content that is refused when it is read and turns out to be native code.

        The content raises RepackError: `impure-wheel`.
        """
        if not isinstance(file.content, WheelMember):
            return file
        return replace(file, content=_Watched(file.content, self._programs))

    def findings(self) -> tuple[Diagnostic, ...]:
        """Return what was seen of the files that were read."""
        if not self._programs:
            return ()
        message = ", ".join(shown(path.rpartition("/")[2]) for path in self._programs[:_MAX_SHOWN])
        more = len(self._programs) - _MAX_SHOWN
        message += f" and {more} more" if more > 0 else ""
        return (finding("windows-program", message, origin=self._programs[0]),)


@dataclass(frozen=True, slots=True)
class _Watched:
    """The content of a member, judged by how it begins."""

    _member: WheelMember
    _programs: list[str]

    @property
    def size_bytes(self) -> int:
        return self._member.size_bytes

    def pieces(self) -> Iterator[bytes]:
        is_first = True
        for piece in self._member.pieces():
            kind = native_kind(piece[:START_BYTES], self.size_bytes) if is_first else ""
            if kind == "PE program":
                self._programs.append(self._member.path)
            elif kind:
                message = f"{shown(self._member.path)} is native code ({kind}), in a wheel for any platform"
                raise RepackError("impure-wheel", message, where=self._member.path)
            is_first = False
            yield piece


# ---------------------------------------------------------------- pythons


def pythons_of(wheel: Wheel) -> AdmittedPythons:
    """Return the pythons that the tags and Requires-Python admit together.

    Raises:
        RepackError: `invalid-wheel`; `unsuitable-wheel` where there is none but python 2.
    """
    said, noticed = requires_python_of(wheel.metadata)
    required = python_condition(said)
    tagged = any_of(*map(_tagged, wheel.tags))
    is_told = wheel.own_tags and wheel.own_tags != wheel.tags
    own = any_of(*map(_tagged, wheel.own_tags)) if is_told else tagged
    admitted = all_of(required, tagged, own)
    if own != tagged:
        noticed = (*noticed, _tags_finding(wheel))
    if all_of(admitted, python_in(Span(PyVersion((3,))))) == NEVER:
        message = f"no python 3 installs it: {', '.join(sorted(map(str, wheel.tags))[:3])}, {str(said)!r}"
        raise RepackError("unsuitable-wheel", message)
    spans = admitted.spans if isinstance(admitted, PythonIn) else (Span(),)
    is_as_said = said and admitted == required
    spec = spec_text("python", to_conda_spec(said, style="exact").value) if is_as_said else ""
    is_declared = bool(said) or spans not in _ANY_PYTHON_3
    return AdmittedPythons(spans=spans, spec=spec, is_declared=is_declared, diagnostics=noticed)


def _tags_finding(wheel: Wheel) -> Diagnostic:
    named, own = (", ".join(sorted(map(str, tags))[:_MAX_SHOWN]) for tags in (wheel.tags, wheel.own_tags))
    message = f"the file name says {named}, WHEEL says {own}"
    return finding("tags-differ", message, origin=f"{wheel.dist_info}/WHEEL")


def _tagged(tag: Tag) -> Condition:
    """Return the pythons that install a wheel with a tag. `py38` is for 3.8 and all later ones, `cp38` for 3.8 alone."""
    found = _INTERPRETER.fullmatch(tag.interpreter)
    if found is None:
        return NEVER
    major, minor = int(found["major"]), int(found["minor"] or 0)
    if found["kind"] == "cp" and found["minor"]:
        return python_in(Span(PyVersion((major, minor)), PyVersion((major, minor + 1))))
    # No python that conda ever had is below 2: a wheel for both majors has no floor to tell.
    start = None if (major, minor) == (2, 0) else PyVersion((major, minor))
    return python_in(Span(start, PyVersion((3,)) if major == 2 else None))

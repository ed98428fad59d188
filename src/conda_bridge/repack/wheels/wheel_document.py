"""The WHEEL file of a package that was made of a wheel -> the tags and the WHEEL file of the new wheel.

Only pure wheels are made: a WHEEL that says otherwise says that the package is for one platform, whatever its record
claims.

Source: PyPA, binary distribution format; PEP 425 and PEP 427.
"""

import re
from dataclasses import dataclass

from conda_bridge.errors import RepackError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.repack.wheels.metadata_text import MetadataText

__all__ = ["WheelTags", "wheel_document", "wheel_tags"]

_TAG = re.compile(r"(?P<interpreter>[A-Za-z0-9_.]+)-(?P<abi>[A-Za-z0-9_.]+)-(?P<platform>[A-Za-z0-9_.]+)")
_PYTHON3 = re.compile(r"py3[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelTags:
    """What a new wheel is for."""

    interpreters: tuple[str, ...] = ("py3",)
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def compressed(self) -> str:
        """As file names have them: `py2.py3-none-any`."""
        return f"{'.'.join(self.interpreters)}-none-any"

    @property
    def each(self) -> tuple[str, ...]:
        """As WHEEL has them."""
        return tuple(f"{interpreter}-none-any" for interpreter in self.interpreters)


def wheel_tags(content: bytes | None, *, keeps_python2: bool, where: str) -> WheelTags:
    """Return the tags of a new wheel.

    Args:
        content: the old WHEEL; None where there is none.
        keeps_python2: whether `py2` stays where the old one has it.
        where: the file, for messages.

    Raises:
        RepackError: `wheel-tag`, `package-metadata`.
    """
    if content is None:
        return WheelTags()
    text = MetadataText.from_bytes(content, where=where)
    if text.value("root-is-purelib").lower() == "false":
        message = "it says that the project isn't pure python, so that the package is for one platform"
        raise RepackError("wheel-tag", message, where=where)
    interpreters = {one for tag in text.values("tag") for one in _interpreters(tag, where)}
    if not interpreters or "py3" in interpreters:
        keeps = keeps_python2 and "py2" in interpreters
        return WheelTags(interpreters=("py2", "py3") if keeps else ("py3",))
    if not any(_PYTHON3.fullmatch(one) for one in interpreters):
        message = f"the project's own wheel was for {', '.join(sorted(interpreters))}, not for every python 3"
        raise RepackError("wheel-tag", message, where=where)
    return WheelTags(diagnostics=(_widened(interpreters, where),))


def _interpreters(tag: str, where: str) -> list[str]:
    found = _TAG.fullmatch(tag)
    if found is None or {*found["platform"].split("."), *found["abi"].split(".")} != {"any", "none"}:
        message = f"the project's own wheel was for {tag!r:.100}, not for any platform"
        raise RepackError("wheel-tag", message, where=where)
    return found["interpreter"].split(".")


def _widened(interpreters: set[str], where: str) -> Diagnostic:
    message = f"the project's own wheel was for {', '.join(sorted(interpreters))}; this one is for py3, as the package is"
    return finding("tag-widened", message, origin=where)


def wheel_document(tags: WheelTags, *, generator: str, build_tag: str) -> bytes:
    """Return the content of WHEEL.

    Source: PyPA, binary distribution format: the file contents of WHEEL.
    """
    lines = ["Wheel-Version: 1.0", f"Generator: {generator}", "Root-Is-Purelib: true"]
    lines += [f"Tag: {tag}" for tag in tags.each]
    if build_tag:
        lines.append(f"Build: {build_tag}")
    return "".join(f"{line}\n" for line in lines).encode()

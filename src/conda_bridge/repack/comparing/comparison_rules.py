"""Why a file of two wheels may differ: rules that look at evidence, and explain nothing without it.

A rule gets a difference and returns its reason in words, or nothing. Evidence is what is at hand: the bytes of both
sides, the files of the source, and what the project's own backend made of that source, twice. No rule knows a project.
That the conversion isn't at fault is no explanation by itself: a line of code that the published wheel has otherwise is
a difference, wherever it comes from.

Source: binary distribution format; recording installed projects; entry points specification; PEP 639 (licences).
"""

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from conda_bridge.repack.comparing.bytecode_compared import is_compiled_of
from conda_bridge.repack.comparing.compared_wheels import ComparedWheel
from conda_bridge.repack.comparing.comparison_fields import METADATA_WRITER
from conda_bridge.repack.comparing.compressed_files import GZIP, compressed_twin
from conda_bridge.repack.comparing.differences import Difference, text_of
from conda_bridge.repack.comparing.generated_texts import is_generated, is_read_as_it_stands, same_but_dates
from conda_bridge.repack.comparing.version_files import is_version_file, same_version_file
from conda_bridge.repack.wheels.installation_files import OF_INSTALLERS

__all__ = ["MODE", "RULES", "explain", "explain_mode"]

_PYC = re.compile(r"(?P<folder>.*/)?__pycache__/(?P<stem>[^/]+)\.[^/.]+(\.opt-[12])?\.pyc")
_NSPKG = re.compile(r"(?P<name>.+?)(-py\d\.\d+)?-nspkg\.pth")
_LICENSE = re.compile(r"(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|AUTHORS)", re.IGNORECASE)
_GENERIC_SHEBANG = re.compile(r"#!python3?\r?\n")
_SHEBANG = re.compile(r"#! ?(python3?|/usr/bin/env python3?|/usr/(local/)?bin/python3?)\r?\n")
"""Another interpreter is no way to put it: what it is nobody knows."""
_OF_WRITERS = frozenset(
    {"top_level.txt", "zip-safe", "namespace_packages.txt", "dependency_links.txt", "pbr.json"}
)
"""Of the dist-info folder: what backends leave there for themselves."""
_READ = (
    frozenset({"METADATA", "WHEEL", "RECORD", "entry_points.txt", "__init__.py"})
    | _OF_WRITERS
    | OF_INSTALLERS
)
"""What is no licence wherever it lies: installers and what is installed read files of these names."""
MODE = "mode"
"""The one rule for files of the same bytes."""
_MAX_MODULE_BYTES = 500_000


def explain(difference: Difference) -> tuple[str, str]:
    """Return the first rule that explains a difference and its words; both empty where none does."""
    if difference.has_same_bytes:
        words = explain_mode(difference)
        return (MODE, words) if words else ("", "")
    for rule, reason in RULES.items():
        if rule != MODE and (words := reason(difference)):
            return rule, words
    return "", ""


# ---------------------------------------------------------------- a file that one side lacks


def _bytecode(difference: Difference) -> str:
    """Explain bytecode that is compiled again here to the same bytes: no header of it proves what it does."""
    found = _PYC.fullmatch(difference.place)
    stem = f"{found['folder'] or ''}{found['stem']}" if found else difference.place.removesuffix(".pyc")
    source = f"{stem}.py"
    if not difference.place.endswith(".pyc") or (difference.ours and difference.theirs):
        return ""
    module = difference.left.files.get(source)
    if module is None or not difference.right.has(source, module) or module.size_bytes > _MAX_MODULE_BYTES:
        return ""
    side = difference.left if difference.ours else difference.right
    is_same = is_compiled_of(side.read(difference.place), side.read(source), source)
    return "compiled from a module that both have, which installers do themselves" if is_same else ""


def _dropped_by_installer(difference: Difference) -> str:
    return "written by installers, and no part of a wheel" if difference.name in OF_INSTALLERS else ""


def _made_by_installer(difference: Difference) -> str:
    command = difference.place.removeprefix(difference.left.scripts)
    if command == difference.place or (difference.ours and difference.theirs):
        return ""
    is_command = command in difference.left.commands & difference.right.commands
    built = difference.evidence.built
    # What a script of that name does otherwise, installers don't make.
    if difference.ours and not difference.is_ours_as_built:
        return ""
    if difference.theirs and (built is None or not built.has(difference.place, difference.theirs)):
        return ""
    return "an entry point of both, of which installers make the script" if is_command else ""


def _nspkg_pth_name(difference: Difference) -> str:
    found = _NSPKG.fullmatch(difference.place)
    if found is None or (difference.ours and difference.theirs):
        return ""
    file = difference.ours or difference.theirs
    other = difference.right if difference.ours else difference.left
    for place, twin in other.files.items():
        again = _NSPKG.fullmatch(place)
        if again and again["name"] == found["name"] and file and twin.sha256 == file.sha256:
            return f"the same file as {place}, which is named after the python that built it"
    return ""


def _license_files(difference: Difference) -> str:
    """Explain a licence that lies elsewhere in the dist-info folder, or that a backend's version doesn't pack."""
    file = difference.ours or difference.theirs
    side, other = (
        (difference.left, difference.right) if difference.ours else (difference.right, difference.left)
    )
    if file is None or (difference.ours and difference.theirs) or not _is_license(side, difference.place):
        return ""
    end = f"/{PurePosixPath(difference.place).name}"
    for place, twin in other.files.items():
        if place.endswith(end) and twin.sha256 == file.sha256 and _is_license(other, place):
            return f"the same file as {place}: where licences lie depends on the backend's version"
    if difference.is_ours_as_built and difference.evidence.has_bytes(difference.place, file):
        return "a file of the source: which of them are packed as licences depends on the backend's version"
    return ""


def _is_license(wheel: ComparedWheel, place: str) -> bool:
    """Tell whether a file of the dist-info folder is a licence, by its folder, its name or METADATA: nothing that is read.

    Source: PEP 639, "Add License-File field"; setuptools and wheel had licences beside METADATA, or in `license_files`.
    """
    folder, _, path = place.partition("/")
    name = PurePosixPath(path).name
    if folder != wheel.info or name in _READ:
        return False
    return (
        path.startswith(("licenses/", "license_files/"))
        or bool(_LICENSE.match(name))
        or path in wheel.licenses
    )


def _metadata_writer(difference: Difference) -> str:
    if difference.name == "entry_points.txt":
        is_same = difference.left.entry_points == difference.right.entry_points
        return "the same entry points" if is_same and difference.ours and difference.theirs else ""
    if difference.name not in _OF_WRITERS:
        return ""
    texts = difference.texts()
    if texts and {*texts[0].split()} == {*texts[1].split()}:
        return "the same lines in another order"
    return "kept by the backend for itself, as its version has it" if difference.is_ours_as_built else ""


def _not_in_source(difference: Difference) -> str:
    """Explain data that nothing at hand could have given: neither the source nor the project's own backend."""
    if not difference.is_from_elsewhere:
        return ""
    if not difference.is_running:
        return "the sdist has no such file, and its backend makes none: the wheel was built from another tree"
    text = difference.right_text() if difference.place.endswith(".py") else ""
    if text and is_version_file(text, difference.right.version):
        return "it holds the version and nothing else: a tool wrote it where the repository was"
    return ""


def _only_in_source_build(difference: Difference) -> str:
    """Explain a file of the source that the backend packs here and didn't pack where the wheel was published."""
    file = difference.ours
    if file is None or difference.theirs or difference.name or not difference.is_ours_as_built:
        return ""
    if not difference.evidence.has_bytes(difference.place, file):
        return ""
    return "a file of the sdist, which its backend packs when the wheel is built from it"


# ---------------------------------------------------------------- a file that both have


def explain_mode(difference: Difference) -> str:
    """Return why an executable bit may differ, whatever the bytes are; empty: it may not."""
    ours, theirs = difference.ours, difference.theirs
    built = difference.evidence.built
    if ours is None or theirs is None or built is None or built is difference.right:
        return ""
    own = built.files.get(difference.place)
    if own is None or own.is_executable != ours.is_executable:
        return ""
    words = "the executable bit isn't as the sdist's build has it"
    return f"the same bytes; only {words}" if difference.has_same_bytes else words


def _compressed(difference: Difference) -> str:
    if twin := compressed_twin(difference):
        is_packed = difference.place.endswith(GZIP)
        return f"{'decompressed, it is' if is_packed else 'the same, compressed, as'} {twin}"
    return ""


def _line_endings(difference: Difference) -> str:
    """Explain how lines of a published text end, where ours are as the project's own backend has them."""
    texts = difference.texts() if difference.is_ours_as_built else None
    if texts is None or (difference.is_running and not difference.is_python):
        return ""
    if difference.is_python and not all(map(is_read_as_it_stands, texts)):
        return ""
    left, right = (text.replace("\r\n", "\n") for text in texts)
    return "the same lines, ended in another way" if left == right else ""


def _scripts(difference: Difference) -> str:
    texts = difference.texts() if difference.place.startswith(difference.left.scripts) else None
    if texts is None:
        return ""
    ours, theirs = map(_SHEBANG.match, texts)
    if ours is None or theirs is None or not any(map(_GENERIC_SHEBANG.match, texts)):
        return ""
    if texts[0][ours.end() :] != texts[1][theirs.end() :]:
        return ""
    return "the same script: installers write the line that names its python"


def _generated(difference: Difference) -> str:
    built, rebuilt = difference.evidence.built, difference.evidence.rebuilt
    if built is None or rebuilt is None or not (difference.ours and difference.theirs):
        return ""
    once, again = built.files.get(difference.place), rebuilt.files.get(difference.place)
    texts = difference.texts()
    if once is None or again is None or once.sha256 == again.sha256 or texts is None:
        return ""
    runs = text_of(built, difference.place), text_of(rebuilt, difference.place)
    if runs[0] is None or runs[1] is None or (difference.is_running and not difference.is_python):
        return ""
    is_python = difference.is_python
    if not all(is_generated(text, runs[0], runs[1], is_python=is_python) for text in texts):
        return ""
    return "the backend writes other values there each time it runs, and only those differ"


def _version_file(difference: Difference) -> str:
    texts = difference.texts() if difference.place.endswith(".py") else None
    sides, evidence, version = (
        (difference.ours, difference.theirs),
        difference.evidence,
        difference.left.version,
    )
    if texts is None or version != difference.right.version:
        return ""
    has_source_bytes = any(side and evidence.has_bytes(difference.place, side) for side in sides)
    if has_source_bytes and not difference.is_rewritten_in_build:
        return ""  # Somebody wrote it, and no tool did in this build.
    if not same_version_file(*texts, version):
        return ""
    return "the same version: a tool wrote the file anew from what it knew of the repository"


def _build_date(difference: Difference) -> str:
    """Explain text that differs in dates only, where it was generated: a file of the source has its own."""
    texts, ours, theirs = difference.texts(), difference.ours, difference.theirs
    if texts is None or ours is None or theirs is None or not difference.evidence.source:
        return ""
    if difference.evidence.has_bytes(difference.place, ours) or difference.evidence.has_bytes(
        difference.place, theirs
    ):
        return ""
    if difference.is_running and not difference.is_python:
        return ""
    is_same = same_but_dates(*texts, is_python=difference.is_python)
    return "a generated file that differs only in when it was made" if is_same else ""


RULES: Mapping[str, Callable[[Difference], str]] = {
    "bytecode": _bytecode,
    "dropped-by-installer": _dropped_by_installer,
    "made-by-installer": _made_by_installer,
    "nspkg-pth-name": _nspkg_pth_name,
    "license-files": _license_files,
    METADATA_WRITER: _metadata_writer,
    MODE: explain_mode,
    "compressed": _compressed,
    "line-endings": _line_endings,
    "scripts": _scripts,
    "version-file": _version_file,
    "build-date": _build_date,
    "generated": _generated,
    "only-in-source-build": _only_in_source_build,
    "not-in-source": _not_in_source,
}
"""By id, the most telling first; METADATA and WHEEL are compared by fields instead."""

"""Console and gui scripts as written -> entry points that an installer may create, or a refusal.

Source: PyPA, entry points specification; security: a name becomes a file in `bin`, a target becomes code.
"""

import re
from collections.abc import Iterable, Mapping

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.statements import BACKEND, EntryPointLine
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import PypiName
from conda_bridge.model.project import EntryPoint

__all__ = ["check_command_name", "read_entry_points"]

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", re.ASCII)
_TARGET = re.compile(r"(?P<module>[^:\[]+?)\s*(?::\s*(?P<attribute>[^:\[]+?)\s*)?(?P<extras>\[[^\]]*\])?")
_RESERVED = re.compile(
    r"(?P<program>python|pythonw|pip|conda)(?:[0-9]+(?:\.[0-9]+)*)?(?:\.exe)?", re.IGNORECASE
)
_OF_BUILD_PYTHON = re.compile(r"(?P<name>.+?)-?[23]\.[0-9]{1,2}", re.ASCII)
"""`coverage-2.7`, `nosetests3.8`: such names are computed when a source is built."""
_BUILD_RECORDS = (".egg-info/entry_points.txt", f"{BACKEND}#/entry_points.txt")
_LONGEST_NAME = 240
"""A file's name has up to 255 bytes, and launchers add to it."""
_MAX_CHARACTERS = 500
_MAX_COMMANDS = 2_000
_PYTHON = frozenset({"python", "pythonw"})


def read_entry_points(
    lines: Iterable[EntryPointLine], *, project: PypiName
) -> tuple[tuple[EntryPoint, ...], tuple[Diagnostic, ...]]:
    """Return the scripts, in order; a later one of the same name wins.

    A build record names some commands after the Python that built, which isn't the one that will run them.

    Raises:
        MetadataError: `unsafe-entry-point`; `invalid-field` for more commands than any project has.
    """
    found: dict[tuple[str, str], EntryPoint] = {}
    diagnostics: list[Diagnostic] = []
    for line in lines:
        check_command_name(line.name, project=project, origin=line.origin)
        target = line.target.strip()
        match = _TARGET.fullmatch(target) if len(target) <= _MAX_CHARACTERS else None
        if match is None or not _is_object_path(match["module"], match["attribute"]):
            raise _unsafe(f"the target {line.target!r:.80} is no object reference", line.origin)
        if match["extras"]:
            diagnostics.append(
                finding("entry-point-extra", f"{line.name} = {line.target}", origin=line.origin)
            )
        if not match["attribute"]:
            diagnostics.append(
                finding("broken-entry-point", f"{line.name} = {line.target}", origin=line.origin)
            )
            continue
        if len(found) >= _MAX_COMMANDS:
            message = f"there are more than {_MAX_COMMANDS:,} commands"
            raise MetadataError("invalid-field", message, where=line.origin)
        found[line.group, line.name] = EntryPoint(
            name=line.name,
            module=match["module"],
            attribute=match["attribute"],
            group=line.group,
            extras=tuple(filter(None, map(str.strip, (match["extras"] or "").strip("[]").split(",")))),
            origin=line.origin,
        )
    stale = [point for point in found.values() if _is_named_after_build_python(point, found)]
    diagnostics += [
        finding("build-python-command", f"{point.name} = {point.target}", origin=point.origin)
        for point in stale
    ]
    return tuple(point for point in found.values() if point not in stale), tuple(diagnostics)


def _is_named_after_build_python(point: EntryPoint, found: Mapping[tuple[str, str], EntryPoint]) -> bool:
    """True for `NAME-X.Y` of a build record beside a NAME of the same module."""
    match = _OF_BUILD_PYTHON.fullmatch(point.name) if point.origin.endswith(_BUILD_RECORDS) else None
    plain = found.get((point.group, match["name"])) if match else None
    return plain is not None and plain.module == point.module


def check_command_name(name: str, *, project: PypiName, origin: str) -> None:
    """Refuse a command that could be no file of `bin`, or would replace one that isn't the project's.

    Raises:
        MetadataError: `unsafe-entry-point`.
    """
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise _unsafe(f"{name!r:.80} can't be a command's name", origin)
    reserved = _RESERVED.fullmatch(name)
    if reserved and (reserved["program"].lower() in _PYTHON or reserved["program"].lower() != project):
        raise _unsafe(f"the command {name!r} would replace {reserved['program'].lower()}", origin)


def _is_object_path(module: str, attribute: str | None) -> bool:
    names = module.split(".") + (attribute.split(".") if attribute else [])
    return all(name.isidentifier() for name in names)


def _unsafe(message: str, origin: str) -> MetadataError:
    return MetadataError("unsafe-entry-point", message, where=origin)

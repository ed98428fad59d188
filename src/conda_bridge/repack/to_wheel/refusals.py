"""What a conda package says of itself -> why no wheel may be made of it, before its files are read.

A wheel `py3-none-any` promises that it does the same on every system; what conda does for one system, in one prefix or by
a script, no installer of wheels does. The first reason in this order is told: another platform, no Python package,
one kind of system, scripts, prefixes in files, a name that isn't the file's, a version that PyPI hasn't.

Source: CEP 20, CEP 34 (noarch packages, link scripts).
"""

from collections.abc import Iterable
from pathlib import Path

from conda_bridge.archives.package_info import package_stem
from conda_bridge.archives.package_payload import payload_members
from conda_bridge.archives.paths import shown
from conda_bridge.errors import BridgeError, RepackError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.repackaging import WheelSetting
from conda_bridge.protocols import NameSource
from conda_bridge.repack.to_wheel.package_facts import PackageFacts
from conda_bridge.repack.to_wheel.package_layout import (
    SCRIPT_FOLDERS,
    is_install_script,
    is_left_out,
    metadata_folder,
)
from conda_bridge.repack.to_wheel.package_metadata import normal_version
from conda_bridge.repack.to_wheel.platform_gates import judge_gates, needed_projects
from conda_bridge.translate.match_specs import keyed_spec
from conda_bridge.translate.requirements_from_conda import is_virtual, known_projects, projects_of

__all__ = ["judge_package", "judge_platform"]

_MAX_SHOWN = 3
_OF_PYTHON = ("site-packages/", "python-scripts/", "share/", "etc/", "include/")
"""Where a Python distribution has its files."""


def judge_platform(record: PackageRecord) -> None:
    """Refuse a package for one platform, whatever else it is.

    Raises:
        RepackError: `platform-package`.
    """
    if record.subdir != "noarch" or not record.noarch:
        kind = f"it is for {record.subdir}" if record.subdir != "noarch" else "it isn't marked as noarch"
        raise RepackError("platform-package", kind, where="info/index.json")


def judge_package(facts: PackageFacts, setting: WheelSetting, names: NameSource) -> tuple[Diagnostic, ...]:
    """Refuse a package of which no wheel for any platform can be made, and return what is lost of any other.

    Raises:
        RepackError: `platform-package`, `generic`, `metapackage`, `platform-gated`, `install-script`,
            `embedded-prefix`, `corrupt`, `package-version`.
        SourceError: `broken-archive`, `unsafe-archive`, `archive-too-large`, `unreadable-source`.
    """
    judge_platform(facts.record)
    _judge_contents(facts, setting, names)
    noticed = [*judge_gates(facts, setting), *_judge_scripts(facts, setting)]
    _judge_prefixes(facts)
    stem = package_stem(Path(facts.path).name)
    if facts.record.stem != stem:
        message = f"it is {shown(facts.record.stem)}, and its file is called {shown(stem)}"
        hint = (
            f"if it was renamed, give it the name {shown(facts.record.stem)} again; otherwise fetch it again"
        )
        raise RepackError("corrupt", message, where="info/index.json", hint=hint)
    normal_version(facts.record.version, "info/index.json")
    return tuple(noticed)


def _judge_contents(facts: PackageFacts, setting: WheelSetting, names: NameSource) -> None:
    if not _has_files(facts):
        if setting.allows_metapackage:
            return
        message = "it has no files: it only depends on other packages"
        raise RepackError("metapackage", message, where="info/index.json")
    if facts.record.noarch == "generic" and not (
        _is_distribution(facts.paths) and _needs_only_python(facts, names)
    ):
        message = "it is noarch, but not of Python (noarch: generic)"
        raise RepackError("generic", message, where="info/index.json")


def _has_files(facts: PackageFacts) -> bool:
    if facts.paths or facts.entry_points:
        return True
    return not facts.is_listed and any(member.kind != "directory" for member in payload_members(facts.path))


def _is_distribution(paths: Iterable[str]) -> bool:
    """Return whether a package without a mark for Python has a Python distribution and nothing else."""
    found = tuple(paths)
    return any(map(metadata_folder, found)) and all(path.startswith(_OF_PYTHON) for path in found)


def _needs_only_python(facts: PackageFacts, names: NameSource) -> bool:
    """Tell whether all that a package depends on is known to be Python's, by a table or by the package's own METADATA."""
    try:
        found = {keyed_spec(spec).spec.conda_name for spec in facts.record.depends if not is_virtual(spec)}
    except BridgeError:
        return False
    projects = [projects_of(name, names) for name in found if name != "python"]
    unknown = [several for several in projects if not known_projects(several, names)]
    named = needed_projects(facts) if unknown else frozenset()
    return all(named.intersection(several) for several in unknown)


def _judge_scripts(facts: PackageFacts, setting: WheelSetting) -> Iterable[Diagnostic]:
    scripts = [path for path in facts.paths if is_install_script(path)]
    if (scripts or facts.link_scripts) and not setting.drops_scripts:
        first, *more = (*scripts, *facts.link_scripts)
        message = f"conda runs it, and no installer of wheels would{_and_more(len(more))}"
        raise RepackError("install-script", message, where=first)
    for path in facts.link_scripts:
        yield finding("script-dropped", f"{shown(path)} is left out", origin=path)


def _judge_prefixes(facts: PackageFacts) -> None:
    found = [
        path
        for path, row in facts.paths.items()
        if row.has_placeholder
        and path.partition("/")[0] not in SCRIPT_FOLDERS
        and not is_left_out(path)
        and not is_install_script(path)
    ]
    if found:
        first, *others = sorted(found)
        names = ", ".join(map(shown, others[:_MAX_SHOWN]))
        also = f"; so it does in {names}{_and_more(len(others) - _MAX_SHOWN)}" if others else ""
        message = f"the prefix stands in it, which conda replaces when it installs{also}"
        raise RepackError("embedded-prefix", message, where=first)


def _and_more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""

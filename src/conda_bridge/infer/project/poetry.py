"""The [tool.poetry] table of pyproject.toml -> a statement.

Groups are development requirements and stay out, as in the core metadata that poetry writes.

Source: https://python-poetry.org/docs/pyproject/, poetry-core's own conversion to core metadata.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.markers import and_markers
from conda_bridge.infer.project.poetry_versions import python_marker, to_specifier
from conda_bridge.infer.project.statements import EntryPointLine, RequirementLine, Statement
from conda_bridge.infer.project.toml_tables import PYPROJECT, Table
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import pypi_name
from conda_bridge.model.project import Known
from conda_bridge.translate.url_secrets import publishable

__all__ = ["read_poetry_table"]

_SETTLED = frozenset({"dependencies", "extras", "entry_points", "requires_python"})
_ALTERNATIVES = re.compile(r"\s*\|\|?\s*")
_ELSEWHERE = ("git", "url", "path", "file")
_URLS = ("homepage", "repository", "documentation")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dependency:
    """One constraint on one project."""

    name: str
    line: RequirementLine
    is_optional: bool
    diagnostics: tuple[Diagnostic, ...]


def read_poetry_table(poetry: Table) -> Statement:
    """Return what `[tool.poetry]` says.

    Raises:
        MetadataError: `invalid-field` for a value of the wrong type, `invalid-requirement` for a constraint
            that poetry would refuse.
    """
    if not poetry:
        return Statement(file=PYPROJECT)
    dependencies = tuple(_dependencies(poetry.table("dependencies")))
    extras, missing = _extras(poetry.table("extras"), dependencies)
    in_extras = {pypi_name(name) for _, names in _extra_members(poetry.table("extras")) for name, _ in names}
    requires_python, diagnostics = _requires_python(poetry.table("dependencies"))
    base = tuple(d.line for d in dependencies if not d.is_optional and pypi_name(d.name) not in in_extras)
    return Statement(
        file=PYPROJECT,
        name=poetry.string("name"),
        version=poetry.string("version"),
        summary=poetry.string("description"),
        requires_python=requires_python,
        dependencies=base,
        extras=extras,
        license_text=poetry.string("license"),
        classifiers=poetry.strings("classifiers"),
        keywords=tuple(known.value for known in poetry.strings("keywords") or ()) or None,
        urls=_urls(poetry),
        entry_points=tuple(_console_scripts(poetry.table("scripts"))),
        script_files=tuple(_script_files(poetry.table("scripts"))) or None,
        top_levels=tuple(_top_levels(poetry)) or None,
        settled=_SETTLED,
        diagnostics=(*diagnostics, *missing, *(n for d in dependencies for n in d.diagnostics)),
    )


def _dependencies(table: Table) -> Iterator[_Dependency]:
    for name in table:
        if name.lower() == "python":
            continue
        value = table.get(name)
        if isinstance(value, str | dict):
            yield _dependency(name, value, table.origin(name))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if not isinstance(item, str | dict):
                    raise table.wrong_kind(name, "a constraint")
                yield _dependency(name, item, f"{table.origin(name)}/{index}")
        else:
            raise table.wrong_kind(name, "a constraint")


def _dependency(name: str, value: str | dict[str, object], origin: str) -> _Dependency:
    table = Table(origin, {"version": value} if isinstance(value, str) else value)
    elsewhere = next((key for key in _ELSEWHERE if key in table), None)
    note = f"{elsewhere} {publishable(str(table.get(elsewhere)))!r:.120}" if elsewhere else ""
    version = table.string("version")
    try:
        converted = to_specifier(version.value if version and not elsewhere else "*")
        marker = _marker(table)
    except ValueError as error:
        message = f"{name!r} has the constraint {value!r:.120}: {error}"
        raise MetadataError("invalid-requirement", message, where=origin) from error
    extras = ",".join(known.value for known in table.strings("extras") or ())
    text = f"{name}{f'[{extras}]' if extras else ''}{converted.specifier}{f'; {marker}' if marker else ''}"
    widened = f"{name} {version.value!r} became {converted.specifier!r}" if version else ""
    return _Dependency(
        name=name,
        line=RequirementLine(text=text, origin=origin, note=note),
        is_optional=table.get("optional") is True,
        diagnostics=(finding("widened-specifier", widened, origin=origin),) if converted.is_widened else (),
    )


def _marker(table: Table) -> str:
    """Return the marker that `markers`, `python` and `platform` say together."""
    markers, python, platform = (table.string(key) for key in ("markers", "python", "platform"))
    return and_markers(
        markers.value if markers else "",
        python_marker(python.value) if python else "",
        _platform_marker(platform.value) if platform else "",
    )


def _platform_marker(constraint: str) -> str:
    """Return the marker of `win32`, `!=win32`, `linux || darwin`."""
    if constraint == "*":
        return ""
    texts: list[str] = []
    for part in _ALTERNATIVES.split(constraint):
        operator = "!=" if part.startswith("!=") else "=="
        texts.append(f'sys_platform {operator} "{part.lstrip("!= ")}"')
    return " or ".join(texts)


def _requires_python(table: Table) -> tuple[Known[str] | None, tuple[Diagnostic, ...]]:
    key = next((name for name in table if name.lower() == "python"), "")
    if not isinstance(table.get(key), str):
        return None, ()
    known = table.string(key)
    if known is None:
        return None, ()
    try:
        converted = to_specifier(known.value, is_python=True)
    except ValueError:
        # The reader of Requires-Python reports what it can't parse.
        return known, ()
    widened = f"python {known.value!r} became {converted.specifier!r}"
    diagnostics = (
        (finding("widened-specifier", widened, origin=known.origin),) if converted.is_widened else ()
    )
    value = Known(value=converted.specifier, origin=known.origin) if converted.specifier else None
    return value, diagnostics


def _extra_members(table: Table) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each extra with the (bare name, origin) of its members; members may carry extras and versions."""
    for extra in table:
        members = table.strings(extra) or ()
        yield extra, [(re.split(r"[\s\[(<>=!~;]", m.value.strip(), maxsplit=1)[0], m.origin) for m in members]


def _extras(
    table: Table, dependencies: tuple[_Dependency, ...]
) -> tuple[tuple[tuple[str, tuple[RequirementLine, ...]], ...], tuple[Diagnostic, ...]]:
    """Return the extras with the constraints of their members; members that are no dependency are reported."""
    by_name: dict[str, list[RequirementLine]] = {}
    for dependency in dependencies:
        by_name.setdefault(pypi_name(dependency.name), []).append(dependency.line)
    extras: list[tuple[str, tuple[RequirementLine, ...]]] = []
    missing: list[Diagnostic] = []
    for extra, members in _extra_members(table):
        lines: list[RequirementLine] = []
        for name, origin in members:
            found = by_name.get(pypi_name(name))
            if found is None:
                message = f"the extra {extra!r} lists {name!r}, which is no dependency"
                missing.append(finding("ignored-field", message, origin=origin))
            lines += found or []
        extras.append((extra, tuple(lines)))
    return tuple(extras), tuple(missing)


def _console_scripts(scripts: Table) -> Iterator[EntryPointLine]:
    """Yield the scripts that are object references: a string, `{reference, type}` or, of old, `{callable}`.

    The key `extras` of a table becomes what stands in brackets behind a target elsewhere.
    """
    for name in scripts:
        extras = ""
        if isinstance(scripts.get(name), dict):
            table = scripts.table(name)
            target = table.string("reference") or table.string("callable")
            if table.get("type") == "file":
                continue
            names = ",".join(known.value for known in table.strings("extras") or ())
            extras = f" [{names}]" if names else ""
        else:
            target = scripts.string(name)
        if target is not None:
            yield EntryPointLine(
                name=name,
                target=f"{target.value}{extras}",
                group="console_scripts",
                origin=scripts.origin(name),
            )


def _script_files(scripts: Table) -> Iterator[Known[str]]:
    for name in scripts:
        if isinstance(scripts.get(name), dict) and scripts.table(name).get("type") == "file":
            reference = scripts.table(name).string("reference")
            if reference is not None:
                yield reference


def _urls(poetry: Table) -> tuple[tuple[str, Known[str]], ...] | None:
    found = [(label, poetry.string(label)) for label in _URLS]
    urls = poetry.table("urls")
    found += [(label, urls.string(label)) for label in urls]
    return tuple((label, known) for label, known in found if known) or None


def _top_levels(poetry: Table) -> Iterator[Known[str]]:
    """Yield the first path component of each of `packages`, where it is a plain name."""
    packages = poetry.get("packages")
    for index, package in enumerate(packages if isinstance(packages, list) else ()):
        include = package.get("include") if isinstance(package, dict) else None
        name = str(include or "").split("/")[0].removesuffix(".py")
        if name.isidentifier():
            yield Known(value=name, origin=f"{poetry.origin('packages')}/{index}")

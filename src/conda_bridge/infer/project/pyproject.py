"""The [project] table of pyproject.toml -> a statement.

Source: PyPA, pyproject.toml specification (PEP 621); PEP 639 (licence); PEP 794 (import names).
"""

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.statements import (
    FIELD_NAMES,
    EntryPointLine,
    RequirementLine,
    ScriptGroup,
    Statement,
)
from conda_bridge.infer.project.texts import has_controls
from conda_bridge.infer.project.toml_tables import PYPROJECT, Table
from conda_bridge.model.project import DynamicField, Known

__all__ = [
    "is_inside_source",
    "read_project_table",
    "requirement_groups",
    "requirement_lines",
    "script_lines",
]

_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "version": ("version",),
    "description": ("summary",),
    "requires-python": ("requires_python",),
    "dependencies": ("dependencies",),
    "optional-dependencies": ("extras",),
    "license": ("license_text", "license_expression"),
    "license-files": ("license_files",),
    "classifiers": ("classifiers",),
    "keywords": ("keywords",),
    "urls": ("urls",),
    "scripts": ("entry_points",),
    "gui-scripts": ("entry_points",),
    "entry-points": ("entry_points",),
    "import-names": ("import_names",),
    "import-namespaces": ("import_namespaces",),
}
_NEVER_SETTLED = frozenset({"license_files", "import_names", "import_namespaces"})


def read_project_table(project: Table, *, is_closed: bool = True) -> Statement:
    """Return what the `[project]` table says.

    Where it is closed, which the specification demands, fields that are neither stated nor dynamic are
    settled; poetry fills them from its own table instead.

    Raises:
        MetadataError: `invalid-field` for a value of the wrong type; `path-outside-source`.
    """
    if not project:
        return Statement(file=PYPROJECT)
    expression, text, files = _license(project)
    unknown = _dynamic(project)
    return Statement(
        file=PYPROJECT,
        name=project.string("name"),
        version=None if isinstance(project.get("version"), dict) else project.string("version"),
        summary=project.string("description"),
        requires_python=project.string("requires-python"),
        dependencies=requirement_lines(project, "dependencies"),
        extras=requirement_groups(project, "optional-dependencies"),
        license_expression=expression,
        license_text=text,
        license_files=files,
        classifiers=project.strings("classifiers"),
        keywords=_keywords(project),
        urls=_urls(project),
        entry_points=project_scripts(project),
        import_names=project.strings("import-names"),
        import_namespaces=project.strings("import-namespaces"),
        settled=frozenset(FIELD_NAMES) - unknown - _NEVER_SETTLED if is_closed else frozenset(),
        unknown=tuple(
            DynamicField(field=FIELD_NAMES[attribute], reason=f"{PYPROJECT} calls it dynamic")
            for attribute in sorted(unknown)
        ),
    )


def project_scripts(table: Table) -> tuple[EntryPointLine, ...] | None:
    """Return the console and gui scripts of a table that spells them as `[project]` does; None for neither.

    As groups of `entry-points` the specification forbids them, but setuptools takes them, and projects do so.
    """
    groups = table.table("entry-points")
    if not {"scripts", "gui-scripts"} & {*table} and not {"console_scripts", "gui_scripts"} & {*groups}:
        return None
    return (
        *script_lines(table.table("scripts"), "console_scripts"),
        *script_lines(groups.table("console_scripts"), "console_scripts"),
        *script_lines(table.table("gui-scripts"), "gui_scripts"),
        *script_lines(groups.table("gui_scripts"), "gui_scripts"),
    )


def requirement_lines(table: Table, key: str) -> tuple[RequirementLine, ...] | None:
    """Return a list of requirements; None where the key is absent."""
    known = table.strings(key)
    if known is None:
        return None
    return tuple(RequirementLine(text=item.value, origin=item.origin) for item in known)


def requirement_groups(table: Table, key: str) -> tuple[tuple[str, tuple[RequirementLine, ...]], ...] | None:
    """Return a table of lists of requirements; None where the key is absent."""
    if key not in table:
        return None
    groups = table.table(key)
    return tuple((name, requirement_lines(groups, name) or ()) for name in groups)


def script_lines(table: Table, group: ScriptGroup) -> tuple[EntryPointLine, ...]:
    """Return a table of `name = "module:attribute"`."""
    lines: list[EntryPointLine] = []
    for name in table:
        target = table.string(name)
        if target is None:
            raise table.wrong_kind(name, "an object reference")
        lines.append(EntryPointLine(name=name, target=target.value, group=group, origin=target.origin))
    return tuple(lines)


def is_inside_source(path: str) -> bool:
    """Tell whether a text is a relative path or glob that stays below the source's top folder."""
    parts = path.replace("\\", "/").split("/")
    is_relative = not path.startswith(("/", "\\", "~")) and ":" not in parts[0]
    return is_relative and ".." not in parts and not has_controls(path)


def _dynamic(project: Table) -> frozenset[str]:
    """Return the attributes that the table leaves to the backend; a version as a table is one, too."""
    keys = {known.value for known in project.strings("dynamic") or ()}
    keys |= {"version"} if isinstance(project.get("version"), dict) else set()
    return frozenset(attribute for key in keys for attribute in _ATTRIBUTES.get(key, ()))


def _license(
    project: Table,
) -> tuple[Known[str] | None, Known[str] | None, tuple[Known[str], ...] | None]:
    """Return expression, text and files; a licence's file counts among the files."""
    expression = project.string("license-expression")
    text: Known[str] | None = None
    files: tuple[Known[str], ...] = ()
    if isinstance(project.get("license"), str):
        expression = project.string("license")
    else:
        table = project.table("license")
        text = table.string("text")
        file = table.string("file")
        files = (file,) if file else ()
    files += _license_globs(project)
    for known in files:
        if not is_inside_source(known.value):
            raise MetadataError(
                "path-outside-source", f"{known.value!r:.80} is no path inside the source", where=known.origin
            )
    return expression, text, files or None


def _license_globs(project: Table) -> tuple[Known[str], ...]:
    """Return `license-files`: a list, or in the drafts of PEP 639 a table of paths and globs."""
    if not isinstance(project.get("license-files"), dict):
        return project.strings("license-files") or ()
    table = project.table("license-files")
    return (*(table.strings("paths") or ()), *(table.strings("globs") or ()))


def _keywords(project: Table) -> tuple[str, ...] | None:
    keywords = project.strings("keywords")
    return None if keywords is None else tuple(known.value for known in keywords)


def _urls(project: Table) -> tuple[tuple[str, Known[str]], ...] | None:
    if "urls" not in project:
        return None
    urls = project.table("urls")
    found = ((label, urls.string(label)) for label in urls)
    return tuple((label, known) for label, known in found if known)

"""What backends fill in for the dynamic fields of [project], as far as a file of the source tells -> a statement.

Source: setuptools, `[tool.setuptools.dynamic]`; hatchling, `[tool.hatch.version]`, and its hook
hatch-requirements-txt; pdm-backend, `[tool.pdm.version]`; flit, module docstring and `__version__`; scikit-build-core, `regex` metadata provider;
maturin, Cargo.toml; meson-python, `project()` of meson.build.
"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from conda_bridge.infer.project.directives import (
    attribute_text,
    file_text,
    module_attribute,
    module_docstring,
    pattern_text,
)
from conda_bridge.infer.project.evaluator.regex import UnsafePatternError
from conda_bridge.infer.project.setuptools_values import requirement_texts
from conda_bridge.infer.project.statements import RequirementLine, Statement
from conda_bridge.infer.project.toml_tables import PYPROJECT, Table
from conda_bridge.infer.pyproject import dig, parsed
from conda_bridge.model.project import Known
from conda_bridge.model.source import SourceFacts

__all__ = ["flit_module", "read_dynamic_fields"]

_VERSION_LINE = re.compile(
    r"""^(?:__version__|VERSION)(?: ?: ?str)? *= *(["'])v?(?P<version>.+?)\1""", re.IGNORECASE | re.MULTILINE
)
"""The default of hatchling, pdm-backend and scikit-build-core."""
_MESON_VERSION = re.compile(r"\bversion\s*:\s*'([^'\n]*)'")
_MESON_PROJECT = re.compile(r"^[ \t]*project\s*\(", re.MULTILINE)
_SEMVER_PRE = re.compile(r"-(alpha|beta|rc|a|b)[.-]?([0-9]*)")
_OUTER_MANIFEST = re.compile(r"(?:\.\./)+Cargo\.toml")
"""Around a project that is one of several in a tree."""
_FLIT_FOLDERS = ("", "src/")


def read_dynamic_fields(pyproject: Table, facts: SourceFacts, backend: str) -> Statement:
    """Return what the backend would compute from files of the source.

    Raises:
        MetadataError: `invalid-field` for a value of the wrong type in the backend's table.
    """
    if backend.startswith("setuptools"):
        return _setuptools(pyproject.dig("tool", "setuptools", "dynamic"), pyproject, facts)
    reader = next((reader for prefix, reader in _READERS.items() if backend.startswith(prefix)), None)
    if reader is None:
        return Statement(file=PYPROJECT)
    return reader(pyproject, facts)


# ---------------------------------------------------------------- setuptools


def _setuptools(dynamic: Table, pyproject: Table, facts: SourceFacts) -> Statement:
    folders = _package_folders(pyproject.dig("tool", "setuptools", "package-dir"))
    optional = dynamic.table("optional-dependencies")
    return Statement(
        file=PYPROJECT,
        version=_directive(dynamic, "version", facts, folders),
        summary=_directive(dynamic, "description", facts, folders),
        requires_python=_directive(dynamic, "requires-python", facts, folders),
        dependencies=_lines(dynamic, "dependencies", facts),
        extras=tuple((name, _lines(optional, name, facts) or ()) for name in optional) or None,
    )


def _package_folders(table: Table) -> tuple[str, ...]:
    root = table.string("")
    return (root.value.strip("/"),) if root else ()


def _directive(table: Table, key: str, facts: SourceFacts, folders: tuple[str, ...]) -> Known[str] | None:
    """Return the text of `{attr = "..."}` or `{file = ...}`."""
    directive = table.table(key)
    attribute = directive.string("attr")
    if attribute is not None:
        return attribute_text(facts, attribute.value, folders=folders)
    text = file_text(facts, _paths(directive))
    return Known(value=" ".join(text.split()), origin=_paths(directive)[0]) if text and text.strip() else None


def _paths(directive: Table) -> tuple[str, ...]:
    if isinstance(directive.get("file"), str):
        known = directive.string("file")
        return (known.value,) if known else ()
    return tuple(known.value for known in directive.strings("file") or ())


def _lines(table: Table, key: str, facts: SourceFacts) -> tuple[RequirementLine, ...] | None:
    """Return the requirements in the files of `{file = [...]}`."""
    return _lines_of_files(_paths(table.table(key)), facts)


def _lines_of_files(paths: tuple[str, ...], facts: SourceFacts) -> tuple[RequirementLine, ...] | None:
    """Return the requirements in files; None where there are no files, or one isn't known."""
    found: list[RequirementLine] = []
    for path in paths:
        text = file_text(facts, [path])
        if text is None:
            return None
        clean = path.removeprefix("./")
        places = {line.partition(" #")[0].strip(): n for n, line in enumerate(text.splitlines(), 1)}
        found += (
            RequirementLine(text=item, origin=f"{clean}:{places[item]}" if item in places else clean)
            for item in requirement_texts(text.splitlines())
        )
    return tuple(found) if paths else None


# ---------------------------------------------------------------- others


def _hatch(pyproject: Table, facts: SourceFacts) -> Statement:
    table = pyproject.dig("tool", "hatch", "version")
    source, path = table.string("source"), table.string("path")
    kind = source.value if source else "regex"
    version: Known[str] | None = None
    if kind == "regex" and path is not None:
        pattern = table.string("pattern")
        version = _searched(facts, path.value, pattern, "version")
    elif kind == "code" and path is not None:
        expression = table.string("expression")
        version = module_attribute(facts, path.value, expression.value if expression else "__version__")
    # The hook of hatch-requirements-txt, the one that others than the project itself can follow.
    hook = pyproject.dig("tool", "hatch", "metadata", "hooks", "requirements_txt")
    optional = hook.table("optional-dependencies")
    return Statement(
        file=PYPROJECT,
        version=version,
        dependencies=_lines_of_files(_known_paths(hook, "files"), facts),
        extras=tuple((name, _lines_of_files(_known_paths(optional, name), facts) or ()) for name in optional)
        or None,
    )


def _known_paths(table: Table, key: str) -> tuple[str, ...]:
    return tuple(known.value for known in table.strings(key) or ())


def _searched(facts: SourceFacts, path: str, pattern: Known[str] | None, group: str) -> Known[str] | None:
    """Return what the project's own pattern finds in a file, or the usual assignment of a version."""
    clean = path.removeprefix("./")
    if pattern is None:
        text = facts.text(clean) or ""
        match = _VERSION_LINE.search(text)
        line = text.count("\n", 0, match.start()) + 1 if match else 0
        return Known(value=match["version"], origin=f"{clean}:{line}") if match else None
    try:
        return pattern_text(facts, clean, pattern.value, group=group)
    except UnsafePatternError:
        return None


def _pdm(pyproject: Table, facts: SourceFacts) -> Statement:
    """pdm-backend's `[tool.pdm.version]`, or pdm-pep517's table in place of `project.version`."""
    tables = [pyproject.dig("tool", "pdm").get("version"), pyproject.table("project").get("version")]
    table = next((Table(f"{PYPROJECT}#/version", item) for item in tables if isinstance(item, dict)), None)
    path = (table.string("path") or table.string("from")) if table else None
    version = _searched(facts, path.value, None, "version") if path else None
    return Statement(file=PYPROJECT, version=version)


def _flit(pyproject: Table, facts: SourceFacts) -> Statement:
    name = pyproject.dig("tool", "flit", "module").string("name") or pyproject.table("project").string("name")
    path = flit_module(facts, name.value) if name else ""
    if not path:
        return Statement(file=PYPROJECT)
    return Statement(
        file=PYPROJECT,
        version=module_attribute(facts, path, "__version__"),
        summary=module_docstring(facts, path),
    )


def flit_module(facts: SourceFacts, name: str) -> str:
    """Return the path of the module that flit packages; empty where there is none."""
    stem = name.replace("-", "_").replace(".", "/")
    paths = [f"{folder}{stem}{end}" for folder in _FLIT_FOLDERS for end in ("/__init__.py", ".py")]
    return next((path for path in paths if facts.has(path)), "")


def _scikit_build(pyproject: Table, facts: SourceFacts) -> Statement:
    table = pyproject.dig("tool", "scikit-build", "metadata", "version")
    provider, path, pattern = (table.string(key) for key in ("provider", "input", "regex"))
    if provider is None or provider.value != "scikit_build_core.metadata.regex" or path is None:
        return Statement(file=PYPROJECT)
    return Statement(file=PYPROJECT, version=_searched(facts, path.value, pattern, "value"))


def _maturin(pyproject: Table, facts: SourceFacts) -> Statement:
    manifest = pyproject.dig("tool", "maturin").string("manifest-path")
    path = manifest.value.removeprefix("./") if manifest else "Cargo.toml"
    try:
        package = Table(f"{path}#", parsed(facts.text(path) or "")).table("package")
    except (ValueError, RecursionError):
        return Statement(file=PYPROJECT)
    version = package.string("version") if isinstance(package.get("version"), str) else None
    if package.get("version") == {"workspace": True}:
        version = _workspace_version(facts, path)
    if version is not None:
        version = Known(value=_SEMVER_PRE.sub(r"\1\2", version.value), origin=version.origin)
    summary = package.string("description") if isinstance(package.get("description"), str) else None
    return Statement(file=PYPROJECT, version=version, summary=summary)


def _workspace_version(facts: SourceFacts, manifest: str) -> Known[str] | None:
    """Return the version of the nearest Cargo workspace around a manifest, its own folder included.

    Source: The Cargo Book, workspaces, the `package` table.
    """
    inside = [str(folder / "Cargo.toml") for folder in PurePosixPath(manifest).parents]
    for path in (*inside, *sorted(path for path, _ in facts.texts if _OUTER_MANIFEST.fullmatch(path))):
        try:
            tables = parsed(facts.text(path) or "")
        except (ValueError, RecursionError):
            continue
        if "workspace" in tables:
            version = dig(tables, "workspace", "package", "version")
            origin = f"{path}#/workspace/package/version"
            return Known(value=version, origin=origin) if isinstance(version, str) else None
    return None


def _meson(_pyproject: Table, facts: SourceFacts) -> Statement:
    text = facts.text("meson.build") or ""
    project = _MESON_PROJECT.search(text)
    end = text.find(")", project.end()) if project else -1
    found = _MESON_VERSION.search(text, project.end(), end) if project and end >= 0 else None
    if found is None:
        return Statement(file=PYPROJECT)
    line = text.count("\n", 0, found.start()) + 1
    return Statement(file=PYPROJECT, version=Known(value=found[1], origin=f"meson.build:{line}"))


_READERS: dict[str, Callable[[Table, SourceFacts], Statement]] = {
    "hatchling": _hatch,
    "pdm": _pdm,
    "flit": _flit,
    "scikit_build_core": _scikit_build,
    "maturin": _maturin,
    "mesonpy": _meson,
}
"""By the beginning of the backend's name."""

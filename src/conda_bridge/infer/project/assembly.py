"""The public rule of this package: it reads the statements, picks each field and checks it."""

import re
from collections.abc import Callable
from dataclasses import replace

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.backend import backend_differences, required_lines
from conda_bridge.infer.project.build_system import read_build_system, with_setup_requires
from conda_bridge.infer.project.entry_points import read_entry_points
from conda_bridge.infer.project.external import read_external
from conda_bridge.infer.project.identity import check_identity, read_name, read_version
from conda_bridge.infer.project.merge import Chain
from conda_bridge.infer.project.pyproject import is_inside_source
from conda_bridge.infer.project.reading import read_statements
from conda_bridge.infer.project.texts import clean_line, clean_text, read_summary
from conda_bridge.infer.project.toml_tables import PYPROJECT, read_pyproject
from conda_bridge.infer.project.urls import read_urls
from conda_bridge.model.codes import finding
from conda_bridge.model.project import Known, LicenseStatement, Project
from conda_bridge.model.source import SourceFacts

__all__ = ["infer_project"]

_MAX_LICENSE_FILES = 2_000
_MAX_LICENSE_GLOBS = 50
"""Each is compared with every path of the source."""
_GLOB = re.compile(r"[*?\[]")


def infer_project(facts: SourceFacts) -> Project:
    """Return the project that the source's files describe; what they leave to code is in `Project.dynamic`.

    Raises:
        MetadataError: the source is no project, or a field that counts is invalid, unsafe or contradicts
            the source's name; see the 3xx codes.

    Source: PEP 517, 518, 621, 639, 643, 685, 794; core metadata; the documentation of the backends.
    """
    if not facts.has(PYPROJECT) and not facts.has("setup.py"):
        message = "there is neither pyproject.toml nor setup.py"
        raise MetadataError("not-a-project", message, where=facts.label)
    pyproject = read_pyproject(facts)
    system, notes = read_build_system(pyproject, facts)
    statements = read_statements(pyproject, system, facts)
    check_identity(facts, statements.pkg_info.name, statements.pkg_info.version)

    identity = Chain(statements.identity_chain)
    name, display_name = read_name(identity.text("name", lambda s: s.name), facts)
    written = identity.text("version", lambda s: s.version)
    version = read_version(written, facts, name.value, identity.reason("version"))
    chain = Chain(statements.chain)
    project = Project(pypi_name=name, display_name=display_name, version=version, build_system=system)
    project = _with_description(_with_interface(project, chain), chain)
    external, external_notes = read_external(pyproject)
    project = _with_backend(project, facts, chain)
    found = (*notes, *external_notes, *chain.diagnostics)
    return replace(project, dynamic=chain.dynamic, external=external, diagnostics=found)


def _with_backend(project: Project, facts: SourceFacts, chain: Chain) -> Project:
    """Return the project with what the build backend, if it was run, requires for building."""
    system, notes = with_setup_requires(project.build_system, required_lines(facts.backend))
    chain.note((*notes, *backend_differences(project, facts)))
    return replace(project, build_system=system)


def _with_interface(project: Project, chain: Chain) -> Project:
    """Return the project with what installers and importers need."""
    dependencies, extras = chain.requirements()
    build_lines, _ = chain.pick("build_requires", lambda s: s.build_requires)
    system, build_notes = with_setup_requires(project.build_system, build_lines or ())
    script_lines, _ = chain.pick("entry_points", lambda s: s.entry_points)
    entry_points, script_notes = read_entry_points(script_lines or (), project=project.pypi_name.value)
    chain.note((*build_notes, *script_notes))
    return replace(
        project,
        build_system=system,
        requires_python=chain.requires_python(),
        dependencies=dependencies,
        extras=extras,
        entry_points=entry_points,
        import_names=_public(chain.texts("import_names", lambda s: s.import_names)),
        import_namespaces=_public(chain.texts("import_namespaces", lambda s: s.import_namespaces)),
        top_levels=tuple(
            k for k in chain.texts("top_levels", lambda s: s.top_levels) if k.value.isidentifier()
        ),
        script_files=_script_files(chain),
    )


def _with_description(project: Project, chain: Chain) -> Project:
    """Return the project with what people read."""
    written_urls, _ = chain.pick("urls", lambda s: s.urls)
    urls, url_notes = read_urls((clean_line(label), known) for label, known in written_urls or ())
    written = chain.text("summary", lambda s: s.summary)
    summary, summary_notes = read_summary(written) if written else (None, ())
    chain.note((*url_notes, *summary_notes))
    keywords, _ = chain.pick("keywords", lambda s: s.keywords)
    classifiers = _cleaned(chain.texts("classifiers", lambda s: s.classifiers))
    return replace(
        project,
        summary=summary,
        license=_license(chain, classifiers),
        urls=urls,
        classifiers=tuple(known.value for known in classifiers),
        keywords=tuple(filter(None, map(clean_line, keywords or ()))),
    )


def _license(chain: Chain, classifiers: tuple[Known[str], ...]) -> LicenseStatement:
    """Return what is said of the licence.

    Raises:
        MetadataError: `invalid-field` for more licence files than anyone could read.
    """
    text = chain.text("license_text", lambda s: s.license_text)
    expression = chain.text("license_expression", lambda s: s.license_expression)
    files = chain.texts("license_files", lambda s: s.license_files)
    inside = tuple(known for known in files if is_inside_source(known.value))
    chain.note(
        finding(
            "ignored-field",
            f"the licence file {known.value!r:.80} is outside the source",
            origin=known.origin,
        )
        for known in files
        if not is_inside_source(known.value)
    )
    globs = [known for known in inside if _GLOB.search(known.value)]
    if len(inside) > _MAX_LICENSE_FILES or len(globs) > _MAX_LICENSE_GLOBS:
        raise MetadataError(
            "invalid-field", f"there are {len(inside):,} licence files", where=inside[0].origin
        )
    return LicenseStatement(
        expression=_changed(expression, clean_line),
        text=_changed(text, clean_text),
        classifiers=tuple(known for known in classifiers if known.value.startswith("License ::")),
        files=inside,
    )


def _script_files(chain: Chain) -> tuple[Known[str], ...]:
    written = chain.texts("script_files", lambda s: s.script_files)
    files = tuple(known for known in written if is_inside_source(known.value))
    chain.note(
        finding("ignored-field", f"the script {known.value!r:.80} is outside the source", origin=known.origin)
        for known in written
        if not is_inside_source(known.value)
    )
    if files:
        message = ", ".join(known.value for known in files)
        chain.note((finding("script-files", f"{message:.200}", origin=files[0].origin),))
    return files


def _public(names: tuple[Known[str], ...]) -> tuple[Known[str], ...]:
    """Return the names that aren't marked as private. Source: PEP 794, `name; private`."""
    return tuple(known for known in names if known.value and ";" not in known.value)


def _cleaned(values: tuple[Known[str], ...]) -> tuple[Known[str], ...]:
    found = (_changed(known, clean_line) for known in values)
    return tuple(known for known in found if known)


def _changed(known: Known[str] | None, change: Callable[[str], str]) -> Known[str] | None:
    """Return a text after a change; None where nothing is left of it."""
    if known is None:
        return None
    value = change(known.value).strip()
    return Known(value=value, origin=known.origin, is_declared=known.is_declared) if value else None

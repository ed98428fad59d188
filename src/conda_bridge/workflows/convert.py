"""A source becomes a conversion: fetch, read, infer. Nothing is written but the fetcher's cache.

    text -> SourceRef -> SourceFacts -> Project -> Conversion

A directory or a repository may hold several projects: see `conda_bridge.workflows.workspace`.
A source that is not from an index gives way to the index's equal sdist, so that others can build the recipe.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from conda_bridge.errors import MetadataError
from conda_bridge.infer.backend import version_plugin
from conda_bridge.infer.needs import needed_names, wanted_extras
from conda_bridge.infer.overrides.selection import overrides_for, renamed, with_extras
from conda_bridge.infer.project import infer_project
from conda_bridge.infer.recipe import infer_recipe
from conda_bridge.infer.workspace import moved_conversion, sibling_hits
from conda_bridge.model.conversion import Conversion, InferContext
from conda_bridge.model.events import StepStarted
from conda_bridge.model.external import NO_MAPPING
from conda_bridge.model.libraries import NO_LIBRARIES
from conda_bridge.model.names import CondaName, NameTable
from conda_bridge.model.options import RecipeOptions
from conda_bridge.model.overrides import NO_OVERRIDES, PackageOverrides
from conda_bridge.model.project import Project
from conda_bridge.model.source import DirectoryRef, GitRef, SourceFacts
from conda_bridge.protocols import Reporter, SilentReporter
from conda_bridge.sources.gather import gather
from conda_bridge.sources.matching import match_index
from conda_bridge.sources.references import parse_source
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.translate.libraries import library_table
from conda_bridge.translate.lookalikes import lookalike_findings
from conda_bridge.translate.toolchains import toolchain_table
from conda_bridge.workflows.extras import read_extras
from conda_bridge.workflows.facts import is_facts_file, load_facts, refuse_local_build
from conda_bridge.workflows.licenses import with_repository_license
from conda_bridge.workflows.services import Services, services_of
from conda_bridge.workflows.wheels import with_wheel_links
from conda_bridge.workflows.workspace import (
    NO_SIBLINGS,
    Siblings,
    WorkspaceSteps,
    alone,
    convert_workspace,
    workspace_of,
)

__all__ = ["convert", "read_source"]

_SILENT = SilentReporter()
_DEFAULTS = RecipeOptions()
Ask: TypeAlias = Callable[[SourceFacts], SourceFacts]


def convert(
    source: str,
    *,
    options: RecipeOptions = _DEFAULTS,
    reporter: Reporter = _SILENT,
    services: Services | None = None,
) -> Conversion:
    """Return the recipe of a source with its reasons.

    `source` is a PyPI requirement, a path to an sdist, to a project directory or to a facts file, an https URL
    or `git+https://...@ref`. `services` stand in for the network and the name tables.

    Raises:
        UsageError: `unknown-source`, `unknown-distributor`, `invalid-document`.
        SourceError: the source can't be had, is not what the index says, or is unsafe.
        MetadataError: its metadata is invalid or can't be known.
        TranslationError: conda can't say what it says.
    """
    distributor_policy(options.distributor, options.distributors)
    used = services or services_of(options, reporter)
    is_saved = is_facts_file(source)
    ask = _asking(options, reporter, used, facts_file=source if is_saved else "")
    facts = load_facts(source) if is_saved else _gathered(source, options, reporter, used)
    workspace = workspace_of(facts, options.members)
    if workspace.is_single:
        facts = alone(facts, workspace)
        facts, project = _answered(facts, ask) if is_saved else _published(facts, used, ask)
        reporter.report(StepStarted(subject=source, step="inferring the recipe"))
        conversion = moved_conversion(_inferred(facts, project, NO_SIBLINGS, options, used))
    else:
        steps = WorkspaceSteps(
            read=partial(_answered, ask=ask),
            name=partial(_conda_name, options=options, services=used),
            infer=partial(_inferred, options=options, used=used),
        )
        reporter.report(StepStarted(subject=source, step="inferring the recipe"))
        conversion = convert_workspace(facts, workspace, steps)
    return replace(conversion, diagnostics=(*conversion.diagnostics, *used.diagnostics))


def _inferred(
    facts: SourceFacts, project: Project, siblings: Siblings, options: RecipeOptions, used: Services
) -> Conversion:
    """Return the recipe of one project."""
    if options.inspect_wheels:
        facts = with_wheel_links(facts, project, used)
    toolchains = toolchain_table()
    overrides = _overrides(project, options, used)
    required = with_extras(project, overrides)
    extras = read_extras(wanted_extras(facts, required, toolchains), used.fetcher, known=siblings.extras)
    wanted = needed_names(facts, required, toolchains, extras.value)
    hits = sibling_hits(used.names.to_conda(sorted(wanted)), siblings.conda_names)
    is_shown = project.external is not None or facts.shows_needs or options.inspect_wheels
    context = InferContext(
        facts=facts,
        project=project,
        policy=distributor_policy(options.distributor, options.distributors),
        toolchains=toolchains,
        names=NameTable(hits=renamed(tuple(hits), overrides)),
        extras=extras.value,
        maintainers=options.maintainers,
        overrides=overrides,
        external=used.external() if is_shown else NO_MAPPING,
        libraries=library_table() if is_shown else NO_LIBRARIES,
    )
    conversion = infer_recipe(context)
    if options.fetch_license:
        facts = with_repository_license(conversion, used.fetcher)
        if facts != conversion.facts:
            conversion = infer_recipe(replace(context, facts=facts))
    foreign = sorted(wanted - siblings.conda_names.keys())
    found = lookalike_findings(foreign, trusted=options.watched_names)
    return replace(conversion, diagnostics=(*conversion.diagnostics, *found, *extras.diagnostics))


def read_source(
    source: str,
    *,
    options: RecipeOptions = _DEFAULTS,
    reporter: Reporter = _SILENT,
    services: Services | None = None,
) -> SourceFacts:
    """Return the facts of a source: everything that inference will look at.

    Raises:
        UsageError: `unknown-source`, `invalid-document`.
        SourceError: the source can't be had, is not what the index says, or is unsafe.
    """
    if is_facts_file(source):
        return load_facts(source)
    used = services or services_of(options, reporter)
    facts = _gathered(source, options, reporter, used)
    if not workspace_of(facts, options.members).is_single:
        return facts
    try:
        published, project = _published(facts, used, _asking(options, reporter, used))
        return with_wheel_links(published, project, used) if options.inspect_wheels else published
    except MetadataError:
        # Converting says so again; the facts are what one wants to look at then.
        return facts


def _overrides(project: Project, options: RecipeOptions, services: Services) -> PackageOverrides:
    """Return what the user decides about a project, under its PyPI name or one that conda gives it."""
    if not options.overrides:
        return NO_OVERRIDES
    (hit,) = services.names.to_conda([project.pypi_name.value])
    names = (name for name in (hit.chosen, hit.own_name) if name is not None)
    return overrides_for(options.overrides, project.pypi_name.value, names)


def _conda_name(project: Project, options: RecipeOptions, services: Services) -> CondaName:
    """Return what the output of a project will be called."""
    chosen = _overrides(project, options, services).conda_name
    if chosen is not None:
        return CondaName(chosen.value)
    own = project.pypi_name.value
    (hit,) = services.names.to_conda([own])
    return hit.own_name or hit.chosen or CondaName(own)


def _answered(facts: SourceFacts, ask: Ask) -> tuple[SourceFacts, Project]:
    """Return the facts with the backend's answers, where it is to be asked, and the metadata."""
    with _version_remedy(facts):
        answered = ask(facts)
        return answered, infer_project(answered)


def _asking(options: RecipeOptions, reporter: Reporter, services: Services, *, facts_file: str = "") -> Ask:
    """Return what adds a build backend's answers to facts; it leaves them alone unless the user wants it to run."""

    def ask(facts: SourceFacts) -> SourceFacts:
        is_asked = facts.backend is not None or any(d.slug == "backend-unheard" for d in facts.diagnostics)
        if is_asked or not options.run_backend:
            return facts
        if facts_file:
            refuse_local_build(facts, facts_file)
        # Sandboxes and all that goes with them matter to few.
        from conda_bridge.workflows.backend import ask_backend, without_answer  # noqa: PLC0415

        settings = _config_settings(facts, options, services)
        try:
            return ask_backend(
                facts, fetcher=services.fetcher, options=options, reporter=reporter, settings=settings
            )
        except MetadataError as error:
            return without_answer(facts, error)

    return ask


def _config_settings(
    facts: SourceFacts, options: RecipeOptions, services: Services
) -> tuple[tuple[str, str], ...]:
    """Return what the user has the backend told; nothing where no file tells whose backend it is."""
    if not options.overrides:
        return ()
    try:
        project = infer_project(facts)
    except MetadataError:
        return ()
    overrides = _overrides(project, options, services)
    return tuple((setting.key, setting.value) for setting in overrides.config_settings)


def _gathered(source: str, options: RecipeOptions, reporter: Reporter, services: Services) -> SourceFacts:
    ref = parse_source(source)
    return gather(
        ref,
        fetcher=services.fetcher,
        options=options.network,
        reporter=reporter,
        python=options.fitting_python,
    )


def _published(facts: SourceFacts, services: Services, ask: Ask) -> tuple[SourceFacts, Project]:
    """Return the facts of the equal sdist on the index, or `facts` where there is none, and the metadata."""
    with _version_remedy(facts):
        facts, project = _identified(facts, ask)
    name, version = project.pypi_name.value, project.version.value
    matched = ask(match_index(facts, name=name, version=version, fetcher=services.fetcher))
    has_news = matched.index is not None and bool(matched.index.wheel_metadata)
    has_news |= matched.backend != facts.backend
    if matched.texts == facts.texts and matched.label == facts.label and not has_news:
        return matched, project
    return matched, infer_project(matched)


def _identified(facts: SourceFacts, ask: Ask) -> tuple[SourceFacts, Project]:
    """Return the facts and the metadata; the backend is asked already where no file tells name and version."""
    try:
        return facts, infer_project(facts)
    except MetadataError as error:
        if error.slug not in {"unknown-name", "unknown-version"}:
            raise
        answered = ask(facts)
        if answered is facts:
            raise
        return answered, infer_project(answered)


@contextmanager
def _version_remedy(facts: SourceFacts) -> Iterator[None]:
    """Say what helps where a checkout's version is known to its repository alone, which no sandbox has."""
    try:
        yield
    except MetadataError as error:
        is_checkout = isinstance(facts.ref, DirectoryRef | GitRef)
        if not is_checkout or error.slug not in {"unknown-version", "backend-failed"}:
            raise
        plugin = version_plugin(facts, toolchain_table())
        if plugin is None:
            raise
        where = "in it" if isinstance(facts.ref, DirectoryRef) else "in a clone of it"
        hint = (
            f"{plugin} takes it from the repository: python -m build --sdist {where}, "
            "then convert or build the archive, dist/NAME-VERSION.tar.gz"
        )
        raise MetadataError(error.slug, error.message, where=error.where, hint=hint) from error

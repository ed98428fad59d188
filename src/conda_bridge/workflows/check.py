"""A recipe on disk becomes findings: lint of its text, and an audit against the release that it packages.

    path -> files -> RecipeDocument -> Diagnostics
                         |
          source -> Conversion -> Audit

A wheel is read in full instead, and held against the rules of wheels for any python 3 and any platform.

Nothing is written, nothing of the recipe is executed. A release that can't be had costs the audit, not the lint.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conda_bridge.checks.audit import audit
from conda_bridge.checks.audit_entries import Audit, AuditEntry
from conda_bridge.checks.context import CheckContext
from conda_bridge.checks.forge import forge_config
from conda_bridge.errors import BridgeError
from conda_bridge.formats.output_documents import output_documents
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.options import RecipeOptions
from conda_bridge.protocols import Reporter, SilentReporter
from conda_bridge.repack.wheels.wheel_check import check_wheel
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.translate.toolchains import toolchain_table
from conda_bridge.workflows.linting import ordered, read_and_lint
from conda_bridge.workflows.services import Services, services_of
from conda_bridge.workflows.surroundings import find_recipes, read_recipe, read_surroundings
from conda_bridge.workflows.upstream import upstream_of

__all__ = ["CheckResult", "check", "checks"]

_SILENT = SilentReporter()
_DEFAULTS = RecipeOptions()
_WHEEL = ".whl"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What was found in one recipe folder, or in a wheel."""

    path: str
    """As asked."""
    files: tuple[str, ...] = ()
    """The recipe files that were looked at, or the wheel."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Lint and audit, by file and line; the worst of a line first."""
    entries: tuple[AuditEntry, ...] = ()
    """The audit's requirements, typed."""
    upstream: str = ""
    """The source that was compared with, such as `click-8.1.7.tar.gz`; several of a workspace; empty where none was."""
    error: BridgeError | None = None
    """Why nothing could be checked; only `checks` fills it in."""


def check(
    path: str,
    *,
    options: RecipeOptions = _DEFAULTS,
    reporter: Reporter = _SILENT,
    services: Services | None = None,
    is_audited: bool = True,
) -> CheckResult:
    """Return the findings in a recipe: `recipe.yaml` or `meta.yaml`, its folder, or a feedstock's folder; or in a wheel.

    The audit converts the release that the recipe names, from the cache or the index; what keeps it from doing
    so is a finding. `services` stand in for the network and the name tables.

    Raises:
        UsageError: `no-recipe`, `unreadable-recipe`, `unknown-distributor`.
        SourceError: `unreadable-source` of a wheel.
    """
    if path.endswith(_WHEEL):
        return _of_wheel(path)
    recipes = find_recipes(path)
    ctx = _context(recipes[0].path.parent, options)
    found: list[Diagnostic] = []
    audits: list[tuple[str, Audit]] = []
    for recipe in recipes:
        document, problems = read_and_lint(read_recipe(recipe), recipe.shown, recipe.format, ctx)
        found += problems
        if document is None or not is_audited:
            continue
        used = services or services_of(options, reporter, is_wary=True)
        for part in output_documents(document):
            compared = upstream_of(part, options=options, reporter=reporter, services=used)
            if isinstance(compared, Diagnostic):
                found.append(compared)
                continue
            audits.append((compared.facts.label, audit(part, compared, ctx=ctx, names=used.names)))
    return CheckResult(
        path=path,
        files=tuple(recipe.shown for recipe in recipes),
        diagnostics=ordered([*found, *(one for _, audited in audits for one in audited.diagnostics)]),
        entries=tuple(entry for _, audited in audits for entry in audited.entries),
        upstream=", ".join(dict.fromkeys(label for label, _ in audits)),
    )


def checks(
    paths: Sequence[str],
    *,
    options: RecipeOptions = _DEFAULTS,
    reporter: Reporter = _SILENT,
    services: Services | None = None,
    is_audited: bool = True,
) -> Iterator[CheckResult]:
    """Check several recipes, up to `options.jobs` at once; yield their results in the given order.

    A failure is its result's `error` and stops no other recipe.
    """
    used = services or (services_of(options, reporter, is_wary=True) if is_audited else None)

    def attempt(path: str) -> CheckResult:
        try:
            return check(path, options=options, reporter=reporter, services=used, is_audited=is_audited)
        except BridgeError as error:
            return CheckResult(path=path, error=error)

    if len(paths) == 1 or options.jobs == 1 or not is_audited:
        # Lint is work for one processor; only the audit waits for others.
        yield from map(attempt, paths)
        return
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - one recipe needs no pool

    pool = ThreadPoolExecutor(max_workers=options.jobs)
    try:
        yield from pool.map(attempt, paths)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _of_wheel(path: str) -> CheckResult:
    name = Path(path).name
    found = (
        replace(one, origin=f"{path}/{one.origin}" if one.origin not in {"", name, path} else path)
        for one in check_wheel(path, is_full=True)
    )
    return CheckResult(path=path, files=(path,), diagnostics=ordered(found))


def _context(folder: Path, options: RecipeOptions) -> CheckContext:
    around = read_surroundings(folder)
    return CheckContext(
        policy=distributor_policy(options.distributor, options.distributors),
        toolchains=toolchain_table(),
        files=around.files,
        forge=forge_config(around.forge),
        is_feedstock=around.is_feedstock,
    )

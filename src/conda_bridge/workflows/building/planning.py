"""Sources become a plan: what is built, in which order, and why.

    sources -> recipes -> what they lack -> recipes of that -> ... -> an order

Nothing is written but the scratch folder and the distributor's own cache.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from conda_bridge.errors import BridgeError, EngineError, UsageError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import MissingPackage
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.events import StepStarted, WorkFinished
from conda_bridge.workflows.building.context import BuildContext
from conda_bridge.workflows.building.environments import (
    missing_error,
    needed_environments,
    required_names,
    spec_name,
    will_be_record,
)
from conda_bridge.workflows.building.order import Edge, Order, order_of
from conda_bridge.workflows.building.preparing import prepare
from conda_bridge.workflows.building.scheduling import run_in_order
from conda_bridge.workflows.building.siblings import namesakes, sibling_of
from conda_bridge.workflows.building.values import BuildPlan, PlannedRecipe, PreparedRecipe, Want
from conda_bridge.workflows.building.wishes import Wish, can_be_converted, satisfies, source_of

__all__ = ["make_plan"]


@dataclass(slots=True)
class _Draft:
    """A recipe of the plan while it is made."""

    source: str
    wish: Wish | None = None
    """None: the user asked for it."""
    members: tuple[str, ...] = ()
    """Of what is missing: the project of the source that gives it."""
    recipe: PreparedRecipe | None = None
    error: BridgeError | None = None
    records: tuple[PackageRecord, ...] = field(default=())
    """What its packages will be."""

    key: str = ""
    """What it is called in the plan; no two are called the same."""


def make_plan(sources: Sequence[str], context: BuildContext, scratch: Path) -> BuildPlan:
    """Return the plan of building the sources; what can't be planned is told where it stands.

    With `options.is_with_missing` it holds everything that neither the distributor nor the output channel has.
    """
    planner = _Planner(context, scratch)
    planner.add(sources)
    if context.options.is_with_missing:
        planner.close()
    planner.refuse_missing()
    planner.refuse_skipped()
    return planner.plan()


class _Planner:
    """Adds recipes until nothing is missing that could be built."""

    def __init__(self, context: BuildContext, scratch: Path) -> None:
        self._context = context
        self._scratch = scratch
        self._drafts: list[_Draft] = []
        self._tried: dict[str, Wish] = {}
        """The newest wish for each conda name."""
        self._hopeless: set[str] = set()
        """Conda names that no project has."""

    # ------------------------------------------------------------ recipes

    def add(self, sources: Sequence[str]) -> None:
        """Prepare what the user asked for."""
        self._prepare([_Draft(source=source) for source in dict.fromkeys(sources)])

    def close(self) -> None:
        """Convert what is missing, and what that is missing, until there is nothing new."""
        while wishes := self._new_wishes():
            drafts = []
            for wish in wishes:
                self._tried[wish.conda_name] = wish
                draft = self._draft_of(wish)
                if draft is not None:
                    drafts.append(draft)
                else:
                    self._hopeless.add(wish.conda_name)
            again = {draft.wish.conda_name for draft in drafts if draft.wish}
            self._drafts = [d for d in self._drafts if d.wish is None or d.wish.conda_name not in again]
            self._prepare(drafts)

    def _draft_of(self, wish: Wish) -> _Draft | None:
        names = self._context.services.recipe.names
        sibling = sibling_of(wish.conda_name, self._recipes(), names)
        if sibling is not None:
            is_good = not sibling.refusal
            return _Draft(source=sibling.source, wish=wish, members=(sibling.member,)) if is_good else None
        source = source_of(wish, names)
        return _Draft(source=source, wish=wish) if source else None

    def _recipes(self) -> tuple[PreparedRecipe, ...]:
        return tuple(draft.recipe for draft in self._drafts if draft.recipe)

    def _prepare(self, drafts: Sequence[_Draft]) -> None:
        by_number = {str(number): draft for number, draft in enumerate(drafts)}

        def attempt(number: str) -> None:
            draft = by_number[number]
            folder = self._scratch / f"{len(self._drafts)}-{number}"
            try:
                draft.recipe = prepare(draft.source, self._context_of(draft), folder)
            except BridgeError as error:
                draft.error = error
            else:
                draft.records = tuple(map(will_be_record, draft.recipe.outputs))
            if len(drafts) > 1 or self._drafts:
                self._context.reporter.report(StepStarted(subject=draft.source, step="waiting"))

        recipe = self._context.options.recipe
        # One build backend at a time uses the machine up far enough, and in this thread it can be interrupted.
        jobs = 1 if recipe.run_backend else min(recipe.jobs, max(len(drafts), 1))
        for _ in run_in_order(dict.fromkeys(by_number, ()), attempt, jobs=jobs, stop=self._context.stop):
            pass
        for draft in drafts:
            self._take(draft)

    def _context_of(self, draft: _Draft) -> BuildContext:
        """Return what a source is converted with: `--member` is said of what was asked for."""
        if draft.wish is None:
            return self._context
        options = self._context.options
        recipe = replace(options.recipe, members=draft.members)
        return replace(self._context, options=replace(options, recipe=recipe))

    def _take(self, draft: _Draft) -> None:
        """Add a draft, unless another one gives the same recipe."""
        name = draft.recipe.name if draft.recipe else ""
        same = next((d for d in self._drafts if name and d.recipe and d.recipe.name == name), None)
        if same is not None and draft.wish is not None:
            # The project's other outputs are missing, too: one recipe gives them all.
            self._context.reporter.report(WorkFinished(subject=draft.source))
            return
        if same is not None:
            message = f"{same.source!r} and {draft.source!r} both give the recipe {name}"
            hint = "build them one after the other: a channel holds several versions of a package"
            draft.error = UsageError("same-recipe", message, hint=hint)
            draft.recipe, draft.records = None, ()
        if draft.wish is not None and draft.recipe is not None:
            draft.error = _unsatisfied(draft, draft.wish, draft.recipe)
        draft.key = draft.recipe.name if draft.recipe else draft.source
        while any(other.key == draft.key for other in self._drafts):
            draft.key += "'"
        self._drafts.append(draft)

    # ------------------------------------------------------------ what is missing

    def _new_wishes(self) -> list[Wish]:
        specs: dict[str, set[str]] = {}
        for draft in self._drafts:
            for one in self._missing(draft):
                if can_be_converted(one) and self._provider(one) is None and not self._is_asked(one):
                    specs.setdefault(one.conda_name, set()).add(one.spec)
        wishes = []
        for name, found in specs.items():
            earlier = self._tried.get(name)
            wish = Wish(
                conda_name=next(
                    m.conda_name for d in self._drafts for m in self._missing(d) if m.conda_name == name
                ),
                specs=tuple(sorted({*found, *(earlier.specs if earlier else ())})),
            )
            if wish != earlier and name not in self._hopeless:
                wishes.append(wish)
        return wishes

    def _missing(self, draft: _Draft) -> tuple[MissingPackage, ...]:
        return draft.recipe.missing if draft.recipe and draft.error is None else ()

    def _provider(self, missing: MissingPackage) -> _Draft | None:
        """Return the recipe of the plan that gives what is missing."""
        return next((draft for draft in self._drafts if satisfies(draft.records, missing.spec)), None)

    def _is_asked(self, missing: MissingPackage) -> bool:
        """Tell whether the user asked for another version of it."""
        asked = (draft for draft in self._drafts if draft.wish is None)
        return any(record.conda_name == missing.conda_name for draft in asked for record in draft.records)

    def _namesake(self, missing: MissingPackage) -> _Draft | None:
        """Return what was tried for what is missing."""
        return next((d for d in self._drafts if d.wish and d.wish.conda_name == missing.conda_name), None)

    def refuse_missing(self) -> None:
        """Let what lacks something fail that no recipe of the plan gives."""
        for draft in self._drafts:
            # A recipe that was tried and failed is told as the cause, not as missing.
            lacking = [m for m in self._missing(draft) if not self._provider(m) and not self._namesake(m)]
            if lacking:
                # Without a python nothing else can be had, or would be of use.
                pythons = [one for one in lacking if one.conda_name == "python" and one.reason == "absent"]
                lacking = pythons[:1] or lacking
                from conda_bridge.workflows.building.remedies import remedy_of  # noqa: PLC0415 - only failures need it

                hint = remedy_of(lacking, self._context, self._recipes())
                draft.error = missing_error(lacking, self._context.services.distributor.name, hint)

    def refuse_skipped(self) -> None:
        """Let recipes fail that give nothing, where others need them or nothing else was asked for."""
        asked = [draft for draft in self._drafts if draft.wish is None]
        is_all = all(draft.recipe is not None and not draft.recipe.outputs for draft in asked)
        for draft in self._drafts:
            is_vital = is_all or draft.wish is not None
            if is_vital and draft.error is None and draft.recipe is not None and not draft.recipe.outputs:
                # To say why takes a reader of recipes.
                from conda_bridge.workflows.building.skipping import skipped_error  # noqa: PLC0415

                draft.error = skipped_error(draft.recipe, self._context)

    # ------------------------------------------------------------ order

    def plan(self) -> BuildPlan:
        """Return what was found, in the order in which it is built."""
        by_key = {draft.key: draft for draft in self._drafts}
        order = order_of(list(by_key), [edge for draft in self._drafts for edge in self._edges(draft)])
        circles = {circle[0]: circle for circle in order.circles}
        planned = (self._planned(by_key[key], order, circles.get(key)) for key in _near(order, by_key))
        return BuildPlan(recipes=tuple(replace(one, place=place) for place, one in enumerate(planned)))

    def _edges(self, draft: _Draft) -> Iterable[Edge]:
        if draft.recipe is None:
            return
        for one in draft.recipe.missing:
            provider = self._provider(one) or self._namesake(one)
            if provider is not None:
                yield Edge(before=provider.key, after=draft.key)
        named = required_names(draft.recipe.outputs)
        for other in self._drafts:
            if any(record.conda_name in named for record in other.records):
                yield Edge(before=other.key, after=draft.key, is_vital=False)

    def _planned(self, draft: _Draft, order: Order, circle: tuple[str, ...] | None) -> PlannedRecipe:
        error = draft.error
        if circle is not None and error is None:
            path = f"{circle[0]} needs {', which needs '.join((*circle[1:], circle[0]))}"
            error = EngineError("build-circle", f"none can be built before the others: {path}")
        diagnostics: tuple[Diagnostic, ...] = ()
        if error is None and draft.recipe is not None and not draft.recipe.outputs:
            message = f"{draft.key} skips every variant that is built here"
            diagnostics = (finding("all-skipped", message),)
        if error is None and draft.recipe is not None:
            diagnostics += self._namesakes(draft.recipe)
        return PlannedRecipe(
            key=draft.key,
            subject=draft.source,
            is_asked=draft.wish is None,
            recipe=draft.recipe,
            wants=tuple(self._wants(draft)) if draft.wish else (),
            needs=order.needs[draft.key],
            error=error,
            diagnostics=diagnostics,
        )

    def _namesakes(self, recipe: PreparedRecipe) -> tuple[Diagnostic, ...]:
        services = self._context.services
        ours = {record.conda_name for draft in self._drafts for record in draft.records}
        ours |= {record.conda_name for record in services.channel.records()}
        distributor = services.distributor.name
        return namesakes(recipe, ours, services.recipe.names, distributor=distributor)

    def _wants(self, draft: _Draft) -> Iterable[Want]:
        assert draft.wish is not None
        found: dict[tuple[str, str], Want] = {}
        for other in self._drafts:
            for one in other.recipe.missing if other.recipe else ():
                if one.conda_name == draft.wish.conda_name and other is not draft:
                    want = Want(by=other.key, spec=one.spec, section=_section(other.recipe, one))
                    found.setdefault((want.by, want.spec), want)
        return found.values()


def _near(order: Order, drafts: dict[str, _Draft]) -> Iterable[str]:
    """Yield the names so that what others need stands right before the first that needs it."""
    told: set[str] = set()

    def visit(name: str) -> Iterable[str]:
        if name not in told:
            told.add(name)
            for before in order.needs[name]:
                yield from visit(before)
            yield name

    for name in order.names:
        if drafts[name].wish is None:
            yield from visit(name)
    # What nothing needs any more: another version was found for all.
    for name in order.names:
        if name not in told and drafts[name].error is None:
            yield from visit(name)


def _section(recipe: PreparedRecipe | None, missing: MissingPackage) -> str:
    for environment in needed_environments(recipe.outputs, are_tested=True) if recipe else ():
        if any(spec_name(spec) == missing.conda_name for spec in environment.specs):
            return environment.kind
    return ""


def _unsatisfied(draft: _Draft, wish: Wish, recipe: PreparedRecipe) -> EngineError | None:
    if not recipe.outputs or all(satisfies(draft.records, spec) for spec in wish.specs):
        return None
    given = ", ".join(sorted({f"{one.conda_name} {one.version}" for one in draft.records}))
    asked = " and ".join(wish.specs)
    return EngineError(
        "wrong-version", f"the newest release that could be had is {given}, and {asked} is asked for"
    )

"""The recipes of the projects of one tree -> one recipe with an output for each, in the order in which they are built.

The recipe is called after its main project: the one at the top, or the one that has the name of the whole. Other
outputs say their version where it is another one. What a recipe says once, all outputs share: the source, the build
number, the maintainers and the lowest python.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from packaging.version import Version

from conda_bridge.errors import UsageError
from conda_bridge.infer.rules import because, rule
from conda_bridge.infer.workspace.members import Workspace
from conda_bridge.infer.workspace.moving import moved_output
from conda_bridge.infer.workspace.siblings import Sibling, pinned
from conda_bridge.infer.workspace.telling import listed, told_findings, workspace_findings
from conda_bridge.infer.workspace.views import View
from conda_bridge.model.codes import finding
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence, Inferred, address
from conda_bridge.model.names import CondaName, NameTable, conda_name, is_valid_pypi_name
from conda_bridge.model.recipe import GitSource, Output, PathSource, Recipe, Source, leaves
from conda_bridge.model.source import GitOrigin, SourceFacts, UrlOrigin

__all__ = ["Part", "merged_conversion"]

_SHORTEST_PREFIX = 3
_ONCE_A_RECIPE = ("source", "extra", "context")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One project of the tree and its recipe, as if it were alone."""

    view: View
    conversion: Conversion

    @property
    def conda_name(self) -> CondaName:
        """What its output is called."""
        return self.conversion.recipe.name

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What was found in it, with places in the tree."""
        return tuple(map(self.view.diagnostic, self.conversion.diagnostics))


def merged_conversion(facts: SourceFacts, workspace: Workspace, parts: Iterable[Part]) -> Conversion:
    """Return the recipe of a tree, which is a directory's or a repository's.

    Raises:
        UsageError: `same-output` where two projects would be one package.
    """
    known = tuple(parts)
    _refuse_twins(known)
    outputs = tuple(_output(part, known) for part in known)
    ordered = _in_order([one.value for one in outputs])
    title, python_min = _title(known, facts.label), _python_min(known)
    sources = _sources(facts, title.value.name)
    recipe = _recipe(known, title.value, ordered.value, python_min.value, sources.value)
    gathered = (*_gathered(known), *(one for output in outputs for one in output.evidence))
    main = title.value.main or known[0]
    return Conversion(
        recipe=recipe,
        evidence=tuple(_evidence((*title.evidence, *gathered, *sources.evidence), recipe)),
        diagnostics=(
            *facts.diagnostics,
            *workspace_findings(workspace, {part.view.folder: part.conda_name for part in known}),
            *told_findings([(part.conda_name, part.diagnostics) for part in known]),
            *(one for output in (*outputs, ordered, python_min) for one in output.diagnostics),
        ),
        facts=facts,
        project=main.conversion.project,
        others=tuple(part.conversion.project for part in known if part is not main),
        names=NameTable(
            hits=tuple({hit.pypi_name: hit for part in known for hit in part.conversion.names}.values())
        ),
    )


def _recipe(
    parts: tuple[Part, ...],
    title: "_Title",
    outputs: tuple[Output, ...],
    python_min: str,
    sources: tuple[Source, ...],
) -> Recipe:
    return Recipe(
        name=title.name,
        version=title.version,
        python_min=python_min,
        sources=sources,
        build_number=max(part.conversion.recipe.build_number for part in parts),
        outputs=tuple(
            replace(output, version="" if output.version == title.version else output.version)
            for output in outputs
        ),
        maintainers=tuple(dict.fromkeys(m for part in parts for m in part.conversion.recipe.maintainers)),
    )


def _refuse_twins(parts: tuple[Part, ...]) -> None:
    counts = Counter(part.conda_name for part in parts)
    name, count = counts.most_common(1)[0]
    if count > 1:
        folders = " and ".join(part.view.folder or "the top" for part in parts if part.conda_name == name)
        raise UsageError("same-output", f"the projects in {folders} would both be {name}")


# ---------------------------------------------------------------- outputs


def _output(part: Part, parts: tuple[Part, ...]) -> Inferred[Output]:
    conversion = part.conversion
    (alone,) = conversion.recipe.outputs
    version = replace(alone, version=conversion.recipe.version)
    moved = moved_output(version, part.view, conversion.evidence)
    found = pinned(moved, conversion.project, map(_sibling, parts))
    return replace(found, diagnostics=tuple(map(part.view.diagnostic, found.diagnostics)))


def _sibling(part: Part) -> Sibling:
    recipe, project = part.conversion.recipe, part.conversion.project
    return Sibling(
        pypi_name=project.pypi_name.value,
        conda_name=recipe.name,
        version=project.version.value,
        conda_version=recipe.version,
        is_noarch=recipe.outputs[0].noarch is not None,
        is_version_independent=recipe.outputs[0].is_version_independent,
        origin=part.view.origin(project.version.origin),
    )


def _in_order(outputs: list[Output]) -> Inferred[tuple[Output, ...]]:
    """Return the outputs, each behind those that its build and its tests need; the order stays where it can."""
    by_name = {output.conda_name: output for output in outputs}
    needs = {name: _needs(output, by_name) for name, output in by_name.items()}
    try:
        order = tuple(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        message = f"outputs require each other, so that none can be tested before the other: {circle}"
        return Inferred(value=tuple(outputs), diagnostics=(finding("sibling-circle", message),))
    return Inferred(value=tuple(by_name[name] for name in order))


def _needs(output: Output, siblings: Iterable[CondaName]) -> list[CondaName]:
    requirements = (*output.requirements.host, *output.requirements.run)
    required = {getattr(one.spec, "conda_name", "") for one in requirements}
    return [name for name in siblings if name in required and name != output.conda_name]


# ---------------------------------------------------------------- the recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class _Title:
    name: CondaName
    version: str
    main: Part | None


@rule("workspace.identity")
def _title(parts: tuple[Part, ...], label: str) -> Inferred[_Title]:
    """Return what the recipe is called: like its main project, else like what the names have in common."""
    label = label.removesuffix(".git").lower()
    shared = _shared_beginning([part.conda_name for part in parts])
    own = {part.conda_name: part for part in parts}
    top = next((part for part in parts if not part.view.folder), None)
    main = (
        top
        or own.get(CondaName(label))
        or own.get(CondaName(shared))
        or (parts[0] if len(parts) == 1 else None)
    )
    if main is not None:
        recipe = main.conversion.recipe
        return Inferred(value=_Title(name=recipe.name, version=recipe.version, main=main))
    is_named = not shared and is_valid_pypi_name(label)
    name = conda_name(shared or (label if is_named else parts[0].conda_name))
    note = "what the outputs' names have in common" if shared else "what the source is called"
    typical, count = _typical_version(parts)
    where = typical.view.origin(typical.conversion.project.version.origin)
    evidence = (
        because(address(name, "package", "name"), Certainty.GUESSED, label, note=note),
        because(
            address(name, "package", "version"),
            Certainty.GUESSED,
            where,
            note=f"the version of {count} of {len(parts)} outputs",
        ),
    )
    return Inferred(
        value=_Title(name=name, version=typical.conversion.recipe.version, main=None), evidence=evidence
    )


def _typical_version(parts: tuple[Part, ...]) -> tuple[Part, int]:
    """Return a project with the version that most have, the highest of several."""
    counts = Counter(part.conversion.recipe.version for part in parts)

    def rank(part: Part) -> tuple[int, Version]:
        return (counts[part.conversion.recipe.version], part.conversion.project.version.value)

    best = max(parts, key=rank)
    return best, counts[best.conversion.recipe.version]


@rule("workspace.source")
def _sources(facts: SourceFacts, name: CondaName) -> Inferred[tuple[Source, ...]]:
    assert not isinstance(facts.origin, UrlOrigin), "an sdist holds one project"
    source: Source
    if isinstance(facts.origin, GitOrigin):
        source = GitSource(url=facts.origin.url, commit=facts.origin.commit)
        place = f"git+{source.url}@{source.commit}"
    else:
        source = PathSource(path=facts.origin.path)
        place = source.path
    why = because(address(name, "source"), Certainty.DECLARED, place, note="all outputs are built from it")
    return Inferred(value=(source,), evidence=(why,))


def _shared_beginning(names: list[CondaName]) -> str:
    """Return the words that all names begin with: `acme` of `acme-core` and `acme-cli`."""
    words = [name.replace("_", "-").replace(".", "-").split("-") for name in names]
    shared: list[str] = []
    for column in zip(*words, strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    text = "-".join(shared)
    return text if len(text) >= _SHORTEST_PREFIX and text not in {"python", "lib"} else ""


def _python_min(parts: tuple[Part, ...]) -> Inferred[str]:
    """Return the lowest python on which every noarch output runs, which a recipe says once."""
    raised = {part.conda_name: part.conversion.recipe.python_min for part in parts}
    floors = {name: floor for name, floor in raised.items() if floor}
    if not floors:
        return Inferred(value="")
    highest = max(floors.values(), key=Version)
    lower = [
        part.conda_name
        for part in parts
        if part.conversion.recipe.outputs[0].noarch and raised[part.conda_name] != highest
    ]
    if not lower:
        return Inferred(value=highest)
    demanding = next(name for name, floor in floors.items() if floor == highest)
    message = f"{listed(lower)} would run on less than python {highest}, which {demanding} needs"
    return Inferred(value=highest, diagnostics=(finding("python-min-shared", message),))


def _gathered(parts: tuple[Part, ...]) -> Iterator[Evidence]:
    for part in parts:
        for one in part.conversion.evidence:
            _, section, _ = [*one.address.split("/", 2), "", ""][:3]
            if section != "source":
                yield part.view.evidence(one)


def _evidence(evidence: Iterable[Evidence], recipe: Recipe) -> Iterator[Evidence]:
    """Yield each piece of evidence once; what the recipe says once stands under its own name."""
    known = frozenset(leaves(recipe))
    seen: set[Evidence] = set()
    for one in evidence:
        _, section, key = [*one.address.split("/", 2), "", ""][:3]
        is_shared = section in _ONCE_A_RECIPE or (section, key) == ("build", "number")
        where = address(recipe.name, section, key) if is_shared else one.address
        moved = replace(one, address=where)
        is_idle = where not in known and (section in {"package", "context"} or is_shared)
        if not is_idle and moved not in seen:
            seen.add(moved)
            yield moved

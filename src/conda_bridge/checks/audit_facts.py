"""What a recipe says of its release beside requirements: version, hash, licence, commands, modules, noarch.

Only what upstream declares, or what follows from its files, is held against a recipe.
"""

from collections.abc import Callable, Iterator

from packaging.version import Version

from conda_bridge.checks.audit_sources import claimed_sources, claimed_version
from conda_bridge.checks.audit_targets import is_noarch
from conda_bridge.checks.context import CheckContext, lint
from conda_bridge.formats.document import Item, RecipeDocument
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty, Evidence
from conda_bridge.model.recipe import PythonTest, spec_key
from conda_bridge.model.source import UrlOrigin
from conda_bridge.translate.license_ids import canonical
from conda_bridge.translate.licenses import to_spdx

__all__ = ["compare_facts"]

_Comparison = Callable[[RecipeDocument, Conversion, CheckContext], Iterator[Diagnostic]]

_LICENSE_REF = "LicenseRef-"
_TOLD = frozenset({Certainty.DECLARED, Certainty.DERIVED})
_INSTALLERS = frozenset({"cmake", "meson"})
"""Programs that install what their own files say, which aren't read."""
_GLOB = frozenset("*?[]{}$<>")


def compare_facts(document: RecipeDocument, upstream: Conversion, ctx: CheckContext) -> Iterator[Diagnostic]:
    """Yield what differs, each with what says so."""
    for compare in _COMPARISONS:
        yield from compare(document, upstream, ctx)


def _version(document: RecipeDocument, upstream: Conversion, _: CheckContext) -> Iterator[Diagnostic]:
    version, line = claimed_version(document)
    known = upstream.project.version
    if version and not _is_same_version(version, known.value):
        message = f"the recipe is of version {version!r}, its source of {str(known.value)!r}; {known.origin}"
        yield lint(document, "version-differs", message, line=line)


def _is_same_version(text: str, version: Version) -> bool:
    try:
        return Version(text) == version
    except ValueError:
        # conda knows versions that PyPI doesn't, such as `2024_01`: how they were made up isn't known.
        return True


def _sha256(document: RecipeDocument, upstream: Conversion, _: CheckContext) -> Iterator[Diagnostic]:
    origin = upstream.facts.origin
    if not isinstance(origin, UrlOrigin) or not origin.sha256:
        return
    for claim in claimed_sources(document):
        if claim.filename == origin.filename and claim.sha256 not in {"", origin.sha256}:
            message = f"{origin.filename} has the sha256 {origin.sha256}, not {claim.sha256[:80]}"
            yield lint(document, "sha256-differs", message, line=claim.line)


def _license(document: RecipeDocument, upstream: Conversion, _: CheckContext) -> Iterator[Diagnostic]:
    evidence = _evidence(upstream, "about/license")
    theirs = document.items("about", "license")
    ours = upstream.recipe.outputs[0].about.license
    if evidence is None or evidence.certainty not in _TOLD or len(theirs) != 1 or not ours:
        return
    (item,) = theirs
    if not _is_settled(evidence, _canonical(item.value), _canonical(ours)):
        message = f"the licence is {item.value!r} here and {ours!r} upstream; {_reason(evidence)}"
        yield lint(document, "license-differs", message, line=item.line)


def _canonical(text: str) -> str:
    return canonical(text) or to_spdx(text) or text


def _is_settled(evidence: Evidence, recipe: str, upstream: str) -> bool:
    """Tell whether a recipe's licence is upstream's, in whatever order, or that and those of bundled parts."""
    if _LICENSE_REF in recipe or _terms(recipe) == _terms(upstream):
        return True
    is_vague = evidence.certainty is not Certainty.DECLARED or bool(evidence.note)
    if is_vague and _terms(_or_later(recipe)) == _terms(_or_later(upstream)):
        # `GPLv3` leaves open whether later versions are meant; the maintainer may have read more.
        return True
    return " OR " not in recipe and set(_terms(upstream)) <= set(_terms(recipe))


def _or_later(expression: str) -> str:
    return expression.replace("-or-later", "-only")


def _terms(expression: str) -> list[str]:
    return sorted(expression.replace("(", " ").replace(")", " ").split())


def _license_files(document: RecipeDocument, upstream: Conversion, ctx: CheckContext) -> Iterator[Diagnostic]:
    if len(claimed_sources(document)) != 1:
        # Where the files of several sources lie is not known here.
        return
    present = {*upstream.facts.paths, *(name for name, _text in ctx.files)}
    for item in document.items("about", "license_file"):
        path = item.value.removeprefix("./").rstrip("/")
        if not path or _GLOB & set(path) or _is_made_by_the_build(document, ctx, path):
            continue
        if path not in present and not any(one.startswith(f"{path}/") for one in present):
            message = f"{path[:200]!r} is neither in {upstream.facts.label} nor in the recipe's folder"
            yield lint(document, "license-file-absent", message, line=item.line)


def _is_made_by_the_build(document: RecipeDocument, ctx: CheckContext, path: str) -> bool:
    """Tell whether the recipe speaks of the file elsewhere, such as in a command that writes it."""
    name = path.rpartition("/")[2]
    return document.text.count(name) > 1 or any(
        name in text for where, text in ctx.files if where.endswith((".sh", ".bat", ".py"))
    )


def _entry_points(document: RecipeDocument, upstream: Conversion, _: CheckContext) -> Iterator[Diagnostic]:
    written = (*_in_outputs(document, "entry_points"), *_in_outputs(document, "python", "entry_points"))
    theirs = {_command(item.value): item for item in written}
    ours = {point.name: point for point in upstream.project.entry_points}
    if not is_noarch(document) and not theirs:
        # pip makes the commands of packages that are built for each platform.
        return
    for name, point in ours.items():
        if name not in theirs:
            message = f"the command {name!r} ({point.target}) has no entry point here; {point.origin}"
            yield lint(document, "entry-points-differ", message, line=document.key_line("build"))
        elif _target(theirs[name].value) != point.target.replace(" ", ""):
            message = f"{theirs[name].value!r} is {point.target!r} upstream; {point.origin}"
            yield lint(document, "entry-points-differ", message, line=theirs[name].line)
    for name in theirs.keys() - ours.keys():
        message = f"upstream has no command {name!r}"
        yield lint(document, "entry-points-differ", message, line=theirs[name].line)


def _command(entry: str) -> str:
    return entry.partition("=")[0].strip()


def _target(entry: str) -> str:
    return entry.partition("=")[2].partition("[")[0].replace(" ", "")


def _imports(document: RecipeDocument, upstream: Conversion, _: CheckContext) -> Iterator[Diagnostic]:
    found = [one for one in upstream.evidence if "/tests/imports." in one.address]
    tools = {spec_key(one.spec) for one in upstream.recipe.outputs[0].requirements.build} & _INSTALLERS
    if tools or any(one.certainty not in _TOLD for one in found):
        return
    tests = [test for test in upstream.recipe.outputs[0].tests if isinstance(test, PythonTest)]
    ours = {_top(module) for test in tests for module in test.imports}
    written = [
        *_in_outputs(document, "imports", under="test"),
        *_in_outputs(document, "python", "imports", under="tests"),
    ]
    theirs = [item for item in written if "{{" not in item.value]
    if not ours or not theirs or any(_top(item.value) in ours for item in theirs):
        return
    message = f"the tests import {theirs[0].value!r}; the release seems to install {', '.join(sorted(ours))}"
    yield lint(document, "imports-differ", message, line=theirs[0].line)


def _top(module: str) -> str:
    return module.strip().partition(".")[0].partition(" ")[0]


def _noarch(document: RecipeDocument, upstream: Conversion, _: CheckContext) -> Iterator[Diagnostic]:
    is_ours = upstream.recipe.outputs[0].noarch is not None
    if is_ours == is_noarch(document) or len(document.outputs) > 1:
        return
    key = "build/noarch" if is_ours else "build/platform"
    evidence = _evidence(upstream, key)
    if evidence is None:
        return
    lead = "nothing in the release" if is_ours else "something in the release"
    message = f"{lead} seems to need one build for each platform; {_reason(evidence)}"
    yield lint(document, "noarch-differs", message, line=document.key_line("build"))


# ---------------------------------------------------------------- helpers


def _in_outputs(document: RecipeDocument, *keys: str, under: str = "build") -> Iterator[Item]:
    nodes = dict.fromkeys((None, *(output.node for output in document.outputs if not output.is_top_level)))
    for node in nodes:
        yield from document.items(under, *keys, within=node)


def _evidence(upstream: Conversion, tail: str) -> Evidence | None:
    where = f"{upstream.recipe.name}/{tail}"
    return next((one for one in upstream.evidence if one.address == where), None)


def _reason(evidence: Evidence) -> str:
    places = ", ".join(evidence.origins)
    return f"{evidence.certainty}: {'; '.join(part for part in (evidence.note, places) if part)}"


_COMPARISONS: tuple[_Comparison, ...] = (
    _version,
    _sha256,
    _license,
    _license_files,
    _entry_points,
    _imports,
    _noarch,
)

"""Match specs of a conda package -> requirements of PyPI, and conda's pin of python -> Requires-Python.

What has no form there is refused, never weakened: a wheel that asks for less than its package does breaks where it is
installed. The other direction stands in `conda_bridge.translate.versions`.

Source: CEP 29 (match specs), CEP 43 (conditions), CEP 44 (extras); PEP 440, PEP 508; core metadata, Requires-Python.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from conda_bridge.errors import RepackError, TranslationError
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, Condition, PythonIn
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.names import CondaName, PypiName, is_valid_pypi_name, pypi_name
from conda_bridge.model.python_versions import Span
from conda_bridge.model.recipe import MatchSpec
from conda_bridge.protocols import NameSource
from conda_bridge.translate.bounds import hull
from conda_bridge.translate.conda_conditions import (
    alternatives_of,
    condition_of_when,
    python_condition_of,
    without_channel,
)
from conda_bridge.translate.markers import from_condition
from conda_bridge.translate.match_specs import keyed_spec, left_out
from conda_bridge.translate.name_lexicon import own_name
from conda_bridge.translate.python_ranges import python_exclusions
from conda_bridge.translate.untrusted import check_readable
from conda_bridge.translate.version_sets import admit_the_same

__all__ = [
    "CondaDependency",
    "dependency_from_conda",
    "is_virtual",
    "known_projects",
    "projects_of",
    "python_from_conda",
    "requirement_from_conda",
    "requires_python_from_conda",
]

_WHERE_FROM = frozenset({"channel", "fn", "md5", "namespace", "sha256", "subdir", "url"})
"""Keys that say where a package comes from, not which one it is."""
_MAX_MINORS = 50


def is_virtual(text: str) -> bool:
    """Tell whether a match spec names a virtual package, what a system has: `__unix`. Source: CEP 30."""
    return without_channel(text).startswith("__")


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaDependency:
    """A match spec that a package depends on, with where it does."""

    spec: MatchSpec
    condition: Condition
    extras: tuple[str, ...]
    """Of the optional groups that it asks for."""
    diagnostics: tuple[Diagnostic, ...]


def dependency_from_conda(text: str) -> CondaDependency:
    """Return a match spec of a package, its condition and extras read.

    Raises:
        RepackError: `build-string-spec`.
        MetadataError: `invalid-requirement`.
        TranslationError: `inexpressible-spec`, also for a key that no requirement can say.

    Source: CEP 43, CEP 44.
    """
    check_readable(text)
    keyed = keyed_spec(text)
    dropped = {key: value for key, value in keyed.keys.items() if key in _WHERE_FROM}
    if "build_number" in keyed.keys:
        raise RepackError(
            "build-string-spec", f"{text!r:.100} asks for a build; a wheel can ask for versions only"
        )
    unknown = sorted(keyed.keys.keys() - dropped.keys() - {"when", "extras"})
    if unknown:
        message = f"{text!r:.100} has the key {unknown[0]!r:.40}, which no requirement of PyPI can say"
        raise TranslationError("inexpressible-spec", message)
    return CondaDependency(
        spec=keyed.spec,
        condition=condition_of_when(keyed.keys["when"]) if "when" in keyed.keys else ALWAYS,
        extras=_extras(keyed.keys.get("extras", ""), text),
        diagnostics=left_out(text, dropped),
    )


def requirement_from_conda(
    text: str, names: NameSource, *, named: Collection[PypiName] = ()
) -> Inferred[Requirement]:
    """Return the requirement that says what a match spec says.

    Alternatives are joined where they touch: `>=1,<2|>=2,<3` is `>=1,<3`. That a project has the package's name is no
    reason to ask for it: anybody can publish one.

    Args:
        text: the match spec.
        names: which project a package is.
        named: projects that the package's own metadata ask for, which bears out that a package is the one of its name.

    Raises:
        RepackError: `non-pypi-dependency`, `build-string-spec`, `or-spec`.
        MetadataError: `invalid-requirement`.
        TranslationError: `inexpressible-spec`.
    """
    dependency = dependency_from_conda(text)
    spec = dependency.spec
    projects = projects_of(spec.conda_name, names)
    if not projects:
        message = f"{text!r:.100}: conda's {spec.conda_name} is no project of PyPI"
        raise RepackError("non-pypi-dependency", message)
    if spec.build:
        message = f"{text!r:.100} asks for the build {spec.build!r}; a wheel can ask for versions only"
        raise RepackError("build-string-spec", message)
    specifiers, diagnostics = _specifiers(spec, text)
    known = [name for name in projects if name in named] or known_projects(projects, names)
    if not known:
        message = (
            f"{text!r:.100}: no table knows which project conda's {spec.conda_name} is; what PyPI has of that "
            "name may be another"
        )
        raise RepackError("non-pypi-dependency", message)
    extras = f"[{','.join(dependency.extras)}]" if dependency.extras else ""
    requirement = Requirement(f"{known[0]}{extras}{specifiers}{_marker(dependency.condition, text)}")
    return Inferred(value=requirement, diagnostics=(*dependency.diagnostics, *diagnostics))


def known_projects(projects: Iterable[PypiName], names: NameSource) -> list[PypiName]:
    """Return those projects that a table knows, in place of those that only have a package's name."""
    asked = tuple(projects)
    return [name for name, hit in zip(asked, names.to_conda(asked), strict=True) if hit.source != "identity"]


def _marker(condition: Condition, text: str) -> str:
    try:
        marker = from_condition(condition)
    except TranslationError as error:
        message = f"{text!r:.100}: no marker says when: {error.message}"
        raise TranslationError("inexpressible-spec", message) from error
    return f"; {marker}" if marker is not None else ""


def _extras(said: str, text: str) -> tuple[str, ...]:
    found = [word.strip(" \t'\"") for word in said.split(",") if word.strip()]
    for word in found:
        if not is_valid_pypi_name(word):
            message = f"{text!r:.100}: no extra can be called {word!r:.60}"
            raise TranslationError("inexpressible-spec", message)
    return tuple(sorted({str(pypi_name(word)) for word in found}))


def _specifiers(spec: MatchSpec, text: str) -> tuple[SpecifierSet, tuple[Diagnostic, ...]]:
    alternatives, diagnostics = alternatives_of(spec)
    if len(alternatives) == 1:
        return alternatives[0], diagnostics
    joined = hull(alternatives)
    if admit_the_same(alternatives, [joined]):
        return joined, diagnostics
    message = f"{text!r:.100} has alternatives, which no requirement of PyPI can say"
    raise RepackError("or-spec", message)


def projects_of(name: CondaName, names: NameSource) -> tuple[PypiName, ...]:
    """Return the projects that a package may belong to, best first; empty for what isn't on PyPI.

    A package may be spelled in another way than the one that the tables know: `importlib_metadata`.
    """
    known = names.to_pypi(name)
    own = own_name(name)
    if known or own is None:
        return known
    hit = names.to_conda([own])[0]
    is_known = hit.chosen is not None and hit.source != "identity" and not hit.is_collision
    return (own,) if is_known and hit.chosen is not None and own_name(hit.chosen) == own else ()


# ---------------------------------------------------------------- python


def requires_python_from_conda(specs: Iterable[str]) -> Inferred[SpecifierSet]:
    """Return Requires-Python of the match specs on python; empty where they take any.

    Alternatives become the lowest bound and what lies between them: `=2.7|>=3.2` is `>=2.7,!=3.0.*,!=3.1.*`.

    Raises:
        RepackError: `or-spec` where no finite list says so.
        MetadataError: `invalid-requirement`.
        TranslationError: `inexpressible-spec`.
    """
    specifiers = SpecifierSet()
    diagnostics: list[Diagnostic] = []
    for text in specs:
        python = python_from_conda(text)
        alternatives, noticed = alternatives_of(python.spec)
        if python.spec.build:
            message = f"{text!r:.100}: the build string {python.spec.build!r} is left out"
            noticed = (*noticed, finding("build-string-dropped", message))
        diagnostics += (*python.diagnostics, *noticed)
        said = alternatives[0] if len(alternatives) == 1 else _joined_pythons(alternatives, text)
        specifiers &= said
    return Inferred(value=specifiers, diagnostics=tuple(diagnostics))


def python_from_conda(text: str) -> CondaDependency:
    """Return a match spec on python, which holds everywhere or can't be said.

    Raises:
        RepackError: `build-string-spec`.
        MetadataError: `invalid-requirement`.
        TranslationError: `inexpressible-spec`.
    """
    python = dependency_from_conda(text)
    if python.condition != ALWAYS or python.extras:
        message = f"{text!r:.100} holds in some places only, and Requires-Python for all"
        raise TranslationError("inexpressible-spec", message)
    return python


def _joined_pythons(alternatives: tuple[SpecifierSet, ...], text: str) -> SpecifierSet:
    condition = python_condition_of(alternatives)
    if condition == ALWAYS:
        return SpecifierSet()
    if not isinstance(condition, PythonIn) or not _is_listable(condition.spans):
        raise _unlistable(text)
    spans = condition.spans
    try:
        holes = python_exclusions(spans)
    except TranslationError as error:
        raise _unlistable(text) from error
    lower = (f">={spans[0].lower}",) if spans[0].lower else ()
    upper = (f"<{spans[-1].upper}",) if spans[-1].upper else ()
    return SpecifierSet(",".join((*lower, *holes, *upper)))


def _is_listable(spans: tuple[Span, ...]) -> bool:
    """Tell whether the holes between spans end: no list of minor versions leads from 3.12 to 4."""
    for left, right in pairwise(spans):
        assert left.upper is not None
        assert right.lower is not None
        (major, minor), (next_major, next_minor) = ((*v.release, 0)[:2] for v in (left.upper, right.lower))
        crosses = major != next_major and minor > 0
        if crosses or max(next_major - major, 0 if major != next_major else next_minor - minor) > _MAX_MINORS:
            return False
        if next_minor > _MAX_MINORS:
            return False
    return True


def _unlistable(text: str) -> RepackError:
    message = f"{text!r:.100} has alternatives that no Requires-Python can say"
    return RepackError("or-spec", message)

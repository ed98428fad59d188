"""Match specs of a conda package -> requirements of PyPI, and conda's pin of python -> Requires-Python.

What has no form there is refused, never weakened: a wheel that asks for less than its package does breaks where it is
installed. The other direction stands in `conda_bridge.translate.versions`.

Source: CEP 29 (match specs), PEP 440, PEP 508; core metadata, Requires-Python.
"""

from collections.abc import Iterable
from itertools import pairwise

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from conda_bridge.errors import RepackError, TranslationError
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import ALWAYS, Condition, PythonIn, any_of
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.python_versions import PyVersion, Span, union
from conda_bridge.model.recipe import MatchSpec
from conda_bridge.protocols import NameSource
from conda_bridge.translate.bounds import hull
from conda_bridge.translate.match_specs import from_conda_spec, parse_match_spec
from conda_bridge.translate.name_lexicon import own_name
from conda_bridge.translate.python_ranges import python_exclusions
from conda_bridge.translate.untrusted import check_readable
from conda_bridge.translate.version_sets import admit_the_same
from conda_bridge.translate.versions import python_condition

__all__ = [
    "alternatives_of",
    "is_virtual",
    "projects_of",
    "python_condition_of",
    "python_condition_of_conda",
    "requirement_from_conda",
    "requires_python_from_conda",
]

_LAST_MINORS = {0: 9, 1: 6, 2: 7}
"""Major version of python -> its last minor one: nothing came between them and the next major version."""
_MAX_MINORS = 50


def is_virtual(text: str) -> bool:
    """Tell whether a match spec names a virtual package, what a system has: `__unix`. Source: CEP 30."""
    return text.lstrip().startswith("__")


def requirement_from_conda(text: str, names: NameSource) -> Inferred[Requirement]:
    """Return the requirement that says what a match spec says.

    Alternatives are joined where they touch: `>=1,<2|>=2,<3` is `>=1,<3`.

    Raises:
        RepackError: `non-pypi-dependency`, `build-string-spec`, `or-spec`.
        MetadataError: `invalid-requirement`.
        TranslationError: `inexpressible-spec`.
    """
    check_readable(text)
    parsed = parse_match_spec(text)
    spec = parsed.value
    projects = projects_of(spec.conda_name, names)
    if not projects:
        message = f"{text!r:.100}: conda's {spec.conda_name} is no project of PyPI"
        raise RepackError("non-pypi-dependency", message)
    if spec.build:
        message = f"{text!r:.100} asks for the build {spec.build!r}; a wheel can ask for versions only"
        raise RepackError("build-string-spec", message)
    specifiers, diagnostics = _specifiers(spec, text)
    requirement = Requirement(f"{projects[0]}{specifiers}")
    return Inferred(value=requirement, diagnostics=(*parsed.diagnostics, *diagnostics))


def alternatives_of(spec: MatchSpec) -> tuple[tuple[SpecifierSet, ...], tuple[Diagnostic, ...]]:
    """Return the specifiers of each alternative of a constraint; any of them will do.

    Raises:
        TranslationError: `inexpressible-spec`.
    """
    found = [from_conda_spec(part) for part in (spec.version or "*").split("|")]
    diagnostics = dict.fromkeys(row for one in found for row in one.diagnostics)
    return tuple(one.value for one in found), tuple(diagnostics)


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
        check_readable(text)
        parsed = parse_match_spec(text)
        alternatives, noticed = alternatives_of(parsed.value)
        if parsed.value.build:
            message = f"{text!r:.100}: the build string {parsed.value.build!r} is left out"
            noticed = (*noticed, finding("build-string-dropped", message))
        diagnostics += (*parsed.diagnostics, *noticed)
        said = alternatives[0] if len(alternatives) == 1 else _joined_pythons(alternatives, text)
        specifiers &= said
    return Inferred(value=specifiers, diagnostics=tuple(diagnostics))


def python_condition_of_conda(spec: MatchSpec) -> Condition:
    """Return where a match spec on python holds.

    Raises:
        TranslationError: `inexpressible-spec`.
    """
    return python_condition_of(alternatives_of(spec)[0])


def python_condition_of(alternatives: Iterable[SpecifierSet]) -> Condition:
    """Return where one of several Requires-Python holds; gaps that no python is in don't count.

    Raises:
        TranslationError: `inexpressible-spec`.
    """
    return _tidied(any_of(*map(python_condition, alternatives)))


def _tidied(condition: Condition) -> Condition:
    """Let spans reach up to the next python that there is: after 2.7 came 3.0."""
    if not isinstance(condition, PythonIn):
        return condition
    spans = union(Span(span.lower, _reached(span.upper)) for span in condition.spans)
    return ALWAYS if spans == (Span(),) else PythonIn(spans)


def _reached(upper: PyVersion | None) -> PyVersion | None:
    if upper is None:
        return None
    major, minor = (*upper.release, 0)[:2]
    return PyVersion((major + 1,)) if minor > _LAST_MINORS.get(major, minor) else upper


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

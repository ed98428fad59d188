"""Conda's match specs -> a package, a version constraint, and PEP 440 specifiers.

Vocabulary: a *match spec* is `channel::name version build`, in one of its spellings; a *constraint* is its
version part: alternatives joined with `|`, each a list of clauses joined with `,`. A *fuzzy* clause (`1.2.*`,
`=1.2`) matches every version that begins so.

The way there is in `conda_bridge.translate.versions`. Source: CEP 29, match specs; CEP 43 and 44 for the keys `when` and `extras`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import TranslationError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.names import conda_name
from conda_bridge.model.recipe import MatchSpec
from conda_bridge.translate.bounds import hull

__all__ = ["KeyedSpec", "from_conda_spec", "keyed_spec", "left_out", "parse_match_spec", "specifier_sets"]

_CLAUSE = re.compile(r"(==|!=|<=|>=|~=|=|<|>)?([0-9A-Za-z_.!+-]+?)?(\.?\*)?", re.ASCII)
_RELEASE = re.compile(r"(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*", re.ASCII)
_BELOW_PRERELEASES = re.compile(r"((?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*)\.?(?:a0|alpha0?|dev0?)", re.ASCII)
"""What conda users append to an upper bound so that pre-releases of it stay out, too."""
_POST_RELEASES = re.compile(r"(.+)\.post", re.ASCII)
_LETTER = re.compile(r"[0-9][a-z]", re.ASCII | re.IGNORECASE)
_VARIANT_BUILD = re.compile(r"cuda|cpu|gpu|rocm|mpi|mpich|blas|mkl", re.IGNORECASE)

_SPEC = re.compile(
    r"(?:(?P<channel>[^\s\[\]=<>!~]+)::)?\s*+(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*+)\s*+(?P<rest>[^\[\]:]*+)"
    r"(?:\[(?P<keys>(?:[^\[\]]++|\[[^\[\]]*+\])*+)\])?",
    re.ASCII,
)
_KEY = re.compile(
    r"\s*([a-z_0-9]+)\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|\[([^\[\]]*)\]|([^'\",\s\[\]]+))\s*(?:,|$)", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedSpec:
    """A match spec with all that it says."""

    spec: MatchSpec
    keys: Mapping[str, str]
    """What it says beside the package, its version and build, such as `channel` and `when`; a list is joined with commas."""


def from_conda_spec(text: str) -> Inferred[SpecifierSet]:
    """Return the specifiers that say what a constraint (perhaps with a build string behind it) says.

    A bound that only keeps pre-releases out (`<2.0a0`) becomes the plain one, which PEP 440 reads so anyway;
    the same is true of `>1.2,!=1.2.post.*`. Alternatives are widened to the range that holds them all.

    >>> from_conda_spec(">=1.2.*,<2.0a0").value == SpecifierSet(">=1.2,<2.0")
    True

    Raises:
        TranslationError: `inexpressible-spec` for versions that PEP 440 doesn't know, such as `9e`, and for
            text that is no constraint.
    """
    found = specifier_sets(text)
    if len(found.value) == 1:
        return Inferred(value=found.value[0], diagnostics=found.diagnostics)
    widened = hull(found.value)
    message = f"{text!r} has alternatives and becomes {str(widened) or 'any version'!r}, which holds them all"
    return Inferred(value=widened, diagnostics=(*found.diagnostics, finding("union-widened", message)))


def specifier_sets(text: str) -> Inferred[tuple[SpecifierSet, ...]]:
    """Return the specifiers of each alternative of a constraint; any of them will do.

    Raises:
        TranslationError: as `from_conda_spec`.
    """
    constraint, build = _split_build(text)
    diagnostics = list(_build_findings(build))
    alternatives = constraint.split("|")
    if len(alternatives) > 1 and not all(alternatives):
        raise TranslationError("inexpressible-spec", f"{text[:80]!r} has an alternative that says nothing")
    found = tuple(
        SpecifierSet(",".join(_alternative(clauses, diagnostics, is_first=number == 0)))
        for number, clauses in enumerate(alternatives)
    )
    return Inferred(value=found, diagnostics=tuple(diagnostics))


def parse_match_spec(text: str) -> Inferred[MatchSpec]:
    """Return the package, constraint and build of a match spec; channel, subdir and other keys give a finding.

    >>> parse_match_spec("conda-forge::numpy >=1.26,<3").value
    MatchSpec(conda_name='numpy', version='>=1.26,<3', build='')

    Raises:
        TranslationError: `inexpressible-spec` for text that is no match spec.
    """
    keyed = keyed_spec(text)
    return Inferred(value=keyed.spec, diagnostics=left_out(text, keyed.keys))


def keyed_spec(text: str) -> KeyedSpec:
    """Return a match spec with its keys, for who can say what they mean elsewhere.

    Raises:
        TranslationError: `inexpressible-spec` for text that is no match spec.
    """
    found = _SPEC.fullmatch(text.strip())
    if found is None:
        raise TranslationError("inexpressible-spec", f"{text[:80]!r} is no match spec")
    pairs = tuple(_keys(found["keys"] or "", text))
    keys = dict(pairs)
    if len(keys) < len(pairs):
        raise TranslationError("inexpressible-spec", f"{text[:80]!r} has a key twice")
    version, build = _split_build(keys.pop("version", _spaced(found["rest"])))
    build = keys.pop("build", build)
    if found["channel"]:
        # What stands in brackets counts.
        keys.setdefault("channel", found["channel"])
    spec = MatchSpec(
        conda_name=conda_name(found["name"]),
        version="" if version == "*" else version,
        build="" if build == "*" else build,
    )
    return KeyedSpec(spec=spec, keys=keys)


def left_out(text: str, keys: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """Return a finding for each key of a match spec that is passed over."""
    return tuple(
        finding("channel-dropped", f"{text[:80]!r}: {key}={value} is left out")
        for key, value in sorted(keys.items())
    )


# ---------------------------------------------------------------- the parts of a match spec


def _spaced(rest: str) -> str:
    """Turn the `=version=build` and `==version=build` spellings into `==version build`."""
    found = re.fullmatch(r"==?([^=<>!~,|\s]+)=([^=\s]+)", rest.strip())
    return f"=={found[1]} {found[2]}" if found else rest


def _split_build(text: str) -> tuple[str, str]:
    """Return the constraint without blanks, and the build string."""
    joined = ",".join(part.strip() for part in text.split(","))
    joined = "|".join(part.strip() for part in joined.split("|"))
    words = re.sub(r"(?<=[=<>!~])\s+", "", joined).split()
    if len(words) > 2:
        raise TranslationError(
            "inexpressible-spec", f"{text[:80]!r} is more than a version and a build string"
        )
    constraint, build = (*words, "", "")[:2]
    if build and build[0] in "=<>!~":
        raise TranslationError(
            "inexpressible-spec", f"{text[:80]!r} has clauses without a comma between them"
        )
    return constraint, build


def _build_findings(build: str) -> Iterator[Diagnostic]:
    if build in {"", "*"}:
        return
    slug = "build-variant-dropped" if _VARIANT_BUILD.search(build) else "build-string-dropped"
    yield finding(slug, f"the build string {build!r} is left out")


def _keys(text: str, spec: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        found = _KEY.match(text, position)
        if found is None:
            raise TranslationError("inexpressible-spec", f"{spec[:80]!r} has keys that can't be read")
        yield found[1], found[2] or found[3] or found[4] or found[5] or ""
        position = found.end()


# ---------------------------------------------------------------- one alternative, one clause


def _alternative(text: str, diagnostics: list[Diagnostic], *, is_first: bool) -> list[str]:
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    if inner in {"", "*"}:
        return []
    first, *others = inner.split(",")
    if not is_first:
        first = _as_read(first)
    clauses = [first, *map(_as_read, others)]
    return [translated for clause in clauses for translated in _clause(clause, clauses, diagnostics)]


def _as_read(clause: str) -> str:
    """Return a clause that isn't the first as conda and rattler read it: `==1.2.*` is `==1.2` there."""
    return clause.removesuffix(".*") if clause.startswith("==") else clause


def _clause(text: str, siblings: list[str], diagnostics: list[Diagnostic]) -> Iterator[str]:
    """Return the PEP 440 clauses of one conda clause, which `siblings` contains."""
    found = _CLAUSE.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        raise TranslationError("inexpressible-spec", f"{text[:80]!r} is no clause of a version constraint")
    operator, version, star = found[1] or "", found[2] or "", found[3] or ""
    if not version and operator in {"", "=", "=="}:
        return
    if operator == "~=":
        yield from _compatible(version, diagnostics)
    elif operator == "=" or (star and operator in {"", "==", "!="}):
        yield from _fuzzy("!=" if operator == "!=" else "==", version, siblings, diagnostics)
    elif operator == "<" and (bound := _BELOW_PRERELEASES.fullmatch(version)):
        yield f"<{bound[1]}"
    else:
        # A star behind an ordering operator says nothing to conda.
        yield from _plain(operator or "==", version, diagnostics)


def _compatible(version: str, diagnostics: list[Diagnostic]) -> Iterator[str]:
    prefix = version.partition("+")[0].rpartition(".")[0]
    if not _RELEASE.fullmatch(prefix):
        raise TranslationError("inexpressible-spec", f"'~={version[:80]}' has no PyPI form")
    yield from _plain(">=", version, diagnostics)
    yield f"=={prefix}.*"


def _fuzzy(operator: str, version: str, siblings: list[str], diagnostics: list[Diagnostic]) -> Iterator[str]:
    if _RELEASE.fullmatch(version):
        yield f"{operator}{version}.*"
        return
    post = _POST_RELEASES.fullmatch(version)
    if operator == "==" or post is None:
        raise TranslationError("inexpressible-spec", f"'{operator}{version[:80]}.*' has no PyPI form")
    if f">{post[1]}" not in siblings:
        message = f"'!={version}.*' is left out; PyPI can't exclude the post-releases of {post[1]} alone"
        diagnostics.append(finding("clause-dropped", message))


def _plain(operator: str, version: str, diagnostics: list[Diagnostic]) -> Iterator[str]:
    text = _pep440(version)
    if "+" in text and operator not in {"==", "!="}:
        message = f"'{operator}{text}' becomes '{operator}{Version(text).public}'"
        diagnostics.append(finding("local-version-dropped", message))
        text = Version(text).public
    yield f"{operator}{text}"


def _pep440(version: str) -> str:
    """Return a version as PyPI spells it."""
    try:
        parsed = Version(version)
    except ValueError:
        parsed = None
    # `2024a` and `1.1.1a` are no alphas, but PEP 440 would read them so.
    if parsed is None or _LETTER.fullmatch(version[-2:]):
        raise TranslationError("inexpressible-spec", f"the version {version[:80]!r} has no PyPI form")
    return str(parsed)

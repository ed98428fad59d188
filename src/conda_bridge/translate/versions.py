"""PyPI's versions and specifiers -> conda's, and Requires-Python -> a condition on python.

Vocabulary: a *clause* is one operator with one version; a *final* version is neither a pre-release (development
releases count as such) nor a post-release. Styles: `exact` is for metadata that programs read, and says what
PEP 440 says as well as conda can; `recipe` is for people, who write bounds as upstream does.

The way back is in `conda_bridge.translate.match_specs`.
Source: PEP 440, version specifiers; CEP 29 (match specs) and CEP 33 (version order).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import Version

from conda_bridge.errors import TranslationError
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import Condition, all_of
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Inferred
from conda_bridge.translate.bounds import release_text
from conda_bridge.translate.python_ranges import pythons_where

__all__ = ["Style", "python_condition", "to_conda_spec", "to_conda_version"]

Style = Literal["exact", "recipe"]

_CLEAN_VERSION = re.compile(
    r"(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*(?:(?:a|b|rc)[0-9]+)?(?:\.post[0-9]+)?(?:\.dev[0-9]+)?"
)
"""Spellings that conda reads as PEP 440 does, so that they stay as upstream wrote them (`2.0.0`, `2024.01`)."""

_READING_ORDER = {">=": 0, ">": 0, "~=": 0, "==": 0, "===": 0, "<": 1, "<=": 1, "!=": 2}


def to_conda_spec(specifiers: SpecifierSet, *, style: Style) -> Inferred[str]:
    """Return the conda constraint, its clauses joined with `,`; empty for any version.

    Each clause that conda decides differently gives a finding. `release-bound` and `prerelease-order` are
    meant to be merged by their slug into one a recipe. Local parts are never emitted.

    >>> to_conda_spec(SpecifierSet("~=1.4.2,<1.4.9"), style="exact").value
    '<1.4.9a0,>=1.4.2,1.4.*'
    >>> to_conda_spec(SpecifierSet("~=1.4.2,<1.4.9"), style="recipe").value
    '>=1.4.2,1.4.*,<1.4.9'

    Raises:
        TranslationError: `inexpressible-spec` for a version that isn't one, which `===` allows.
    """
    clauses = [_read(specifier) for specifier in sorted(specifiers, key=str)]
    if style == "recipe":
        clauses.sort(key=lambda clause: (_READING_ORDER[clause.operator], clause.version))
    emitted = dict.fromkeys(text for clause in clauses for text in _emit(clause, style))
    diagnostics = dict.fromkeys(d for clause in clauses for d in _findings(clause, style))
    return Inferred(value=",".join(emitted), diagnostics=tuple(diagnostics))


def to_conda_version(version: Version) -> str:
    """Return a project's own version as conda spells it: epoch, pre-, post- and development parts stay.

    Raises:
        TranslationError: `local-version` for a version with a local part, which is no release.
    """
    if version.local:
        raise TranslationError("local-version", f"the version {str(version)!r} has a local part")
    return str(version)


def python_condition(specifiers: SpecifierSet) -> Condition:
    """Return where a `Requires-Python` holds, as a condition on final python releases.

    A pre-release of python counts as the release that it leads to: `>=3.14` holds for 3.14.0rc1, too, because
    conda's recipes speak of minor versions.

    Raises:
        TranslationError: `inexpressible-spec` for a version too long to be one.
    """
    return all_of(*map(_python_clause, sorted(specifiers, key=str)))


def _python_clause(specifier: Specifier) -> Condition:
    text = specifier.version.removesuffix(".*")
    # Arbitrary equality compares text, and no text but a release is a python's version.
    is_text = specifier.operator == "===" and not _CLEAN_VERSION.fullmatch(text)
    release = () if is_text else _parsed(text, specifier).release
    return pythons_where(
        lambda python: specifier.contains(python, prereleases=True), release=release, precision=3
    )


# ---------------------------------------------------------------- one clause


@dataclass(frozen=True, slots=True)
class _Clause:
    operator: str
    text: str
    """The version as it is written to conda: upstream's spelling where conda reads it, no local part."""
    version: Version
    is_prefix: bool
    written: str
    """The whole clause as upstream wrote it."""

    @property
    def is_final(self) -> bool:
        return not (self.version.is_prerelease or self.version.is_postrelease)


def _read(specifier: Specifier) -> _Clause:
    operator, text = specifier.operator, specifier.version
    is_prefix = operator in {"==", "!="} and text.endswith(".*")
    text = text.removesuffix(".*") if is_prefix else text
    version = _parsed(text, specifier)
    text = text if _CLEAN_VERSION.fullmatch(text) else version.public
    return _Clause(operator, text, version, is_prefix, str(specifier))


def _parsed(text: str, specifier: Specifier) -> Version:
    try:
        return Version(text)
    except ValueError as error:
        # InvalidVersion is a ValueError; so is what Python says to numbers of thousands of digits.
        message = f"{str(specifier)[:80]!r} names no version, and conda can't compare other text"
        raise TranslationError("inexpressible-spec", message) from error


def _emit(clause: _Clause, style: Style) -> Iterator[str]:
    """Return the conda clauses by the first rule that applies."""
    operator, text = clause.operator, clause.text
    if operator == "===":
        yield f"=={text}"
    elif clause.is_prefix:
        # `==1.2.*` beside another clause is read as `==1.2` by conda and by rattler.
        yield f"{text}.*" if operator == "==" else f"!={text}.*"
    elif operator == "~=":
        # Deprecated by CEP 29, and wrong for post-releases.
        yield f">={text}"
        yield f"{release_text(clause.version, length=-1)}.*"
    elif operator == "!=" and clause.version.local:
        return
    elif style == "exact" and operator == "<" and clause.is_final:
        # With trailing zeros, `<2.0a0` would let 2a1 in.
        yield f"<{_shortest(clause.version)}a0"
    elif style == "exact" and operator == ">" and clause.is_final:
        yield f">{text}"
        # Without the second dot conda and mamba take the star for a character.
        yield f"!={text}.post.*"
    else:
        yield f"{operator}{text}"


def _shortest(version: Version) -> str:
    length = len(version.release)
    while length > 1 and version.release[length - 1] == 0:
        length -= 1
    return release_text(version, length=length)


def _findings(clause: _Clause, style: Style) -> Iterator[Diagnostic]:
    written = repr(clause.written)
    if clause.operator == "===":
        message = f"{written} becomes '=={clause.text}', which other spellings of that version match, too"
        yield finding("arbitrary-equality", message)
    if clause.version.local and clause.operator == "!=":
        yield finding("local-version-dropped", f"{written} excludes a local version and is left out")
    elif clause.version.local:
        yield finding(
            "local-version-dropped", f"{written} asks for a local version and becomes '=={clause.text}'"
        )
    if clause.operator in {"==", "===", "!="}:
        return
    if not clause.is_final:
        yield finding("prerelease-order", f"{written}: conda sorts releases around {clause.text} differently")
    elif style == "recipe" and clause.operator in {"<", ">"}:
        others = "pre-releases" if clause.operator == "<" else "post-releases"
        yield finding("release-bound", f"{written} lets {others} of {clause.text} in, too")

"""What metadata and licence files say of the licence -> one SPDX expression, and how sure it is.

A valid SPDX expression stands. Else the free text counts more than the classifiers, and the licence files' texts
decide what an ambiguous name means, and between statements that disagree. Whatever was guessed, or is at odds, is
reported.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Certainty
from conda_bridge.model.project import Known, LicenseStatement
from conda_bridge.translate.license_files import license_file_findings, license_files
from conda_bridge.translate.license_ids import base_of, bases_of, canonical, ids_of, joined, with_ids
from conda_bridge.translate.license_names import LicenseName, read_classifier, read_name, says_nothing
from conda_bridge.translate.license_sources import FoundLicense, found_license, name_of_text

__all__ = ["LicenseChoice", "choose_license", "license_file_findings", "license_files", "to_spdx"]

_CLASSIFIER = "License ::"
# The first one's project may well ship the other one's text.
_AKIN = frozenset({
    ("LGPL-3.0", "GPL-3.0"), ("PSF-2.0", "Python-2.0"), ("Python-2.0", "PSF-2.0"), ("Python-2.0.1", "Python-2.0"),
    ("MIT-CMU", "HPND"), ("HPND", "MIT-CMU"),
})  # fmt: skip
# The version 2 of "LGPLv2+", also in the classifier, is mostly 2.1: the one before was the Library GPL.
_LGPL_2, _LGPL_2_1 = "LGPL-2.0", "LGPL-2.1"
_LATER = "-or-later"


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseChoice:
    """The licence of a project."""

    expression: str
    """Canonical SPDX; empty where it is unknown."""
    certainty: Certainty
    origins: tuple[str, ...]
    """Where it was read."""
    note: str
    """How it was read, in plain words; empty where it stands so in the source."""
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """One statement of the metadata, read."""

    name: LicenseName
    said: str
    """As it stands in the source, for messages."""
    origins: tuple[str, ...]
    is_spdx: bool = False
    is_final: bool = False
    """True for what PEP 639 makes the project's own word, whatever its files say."""
    is_guessed_together: bool = False
    """True where it consists of several statements, and how they combine is a guess."""
    is_confirmed: bool = False
    """True where a second statement says the same."""

    @property
    def bases(self) -> frozenset[str]:
        """All that it may mean."""
        return self.name.options or bases_of(self.name.expression)


def to_spdx(text: str) -> str | None:
    """Return the expression that a free text, a classifier or a licence's text means; None for what is ambiguous.

    >>> to_spdx("License :: OSI Approved :: MIT License")
    'MIT'
    """
    name = read_classifier(text) if text.startswith(_CLASSIFIER) else read_name(text) or name_of_text(text)
    return name.expression if name and not name.options else None


def choose_license(statement: LicenseStatement, texts: tuple[tuple[str, str], ...]) -> LicenseChoice:
    """Return the project's licence.

    Args:
        statement: what the metadata says.
        texts: path and text of the licence files in the source. REUSE's `REUSE.toml` and `.reuse/dep5` are read, too,
            and a README is asked whether later versions of a GNU licence are allowed.

    Source: PEP 639.
    """
    if statement.text is not None and _is_pasted(statement.text.value):
        # A licence's whole text in the field says no more than the licence file that it was copied from.
        texts = (*texts, (statement.text.origin, statement.text.value))
        statement = replace(statement, text=None)
    found = found_license(texts)
    findings: list[Diagnostic] = []
    claim = _stated(statement, found, findings)
    if found.restriction:
        message = f"a licence file adds {found.restriction!r} to its licence"
        findings.append(finding("license-restricted", message, origin=_first(found.paths or found.unread)))
    if claim is None:
        return _from_files(found, findings)
    claim = _with_minor_version(claim, found.bases)
    if claim.bases & found.bases or not found.name or _are_akin(claim.bases, found.bases):
        return _settled(claim, found, findings)
    if claim.bases & found.noticed_bases:
        if not claim.is_final:
            message = (
                f"{_first(found.paths)} holds the text of {found.name.expression}, too, which the recipe leaves out: "
                f"the declared {claim.said!r} is noticed in the licence files"
            )
            findings.append(finding("license-several", message, origin=_first(found.paths)))
        return _settled(claim, found, findings)
    findings.append(_mismatch(claim.said, claim.origins, found.name.expression, found.paths))
    is_firm = claim.is_final or claim.is_confirmed or claim.name.expression.startswith("LicenseRef-")
    if not is_firm and not found.is_guessed_together:
        # The text is the licence; a field that nothing confirms is but its label.
        return _from_files(_with_later_allowed(found, claim), findings)
    return _settled(claim, found, findings)


# ---------------------------------------------------------------- what the metadata says


def _stated(statement: LicenseStatement, found: FoundLicense, findings: list[Diagnostic]) -> _Claim | None:
    if statement.expression is not None:
        claim = _claim_of_text(statement.expression)
        if claim is not None:
            if not claim.is_spdx:
                message = f"the expression {claim.said!r} is not valid SPDX; read as {claim.name.expression}"
                findings.append(finding("license-not-spdx", message, origin=statement.expression.origin))
            return replace(claim, is_final=claim.is_spdx)
        findings.append(_unread(statement.expression))
    text = _claim_of_text(statement.text) if statement.text is not None else None
    if statement.text is not None and text is None and not says_nothing(statement.text.value):
        findings.append(_unread(statement.text))
    classified = _claim_of_classifiers(statement.classifiers)
    if text is None or classified is None:
        return text or classified
    return _reconciled(text, classified, found, findings)


def _is_pasted(text: str) -> bool:
    return read_name(text) is None and name_of_text(text) is not None


def _claim_of_text(known: Known[str]) -> _Claim | None:
    name = read_name(known.value)
    if name is None:
        return None
    is_spdx = canonical(known.value) is not None
    return _Claim(name=name, said=_short(known.value), origins=(known.origin,), is_spdx=is_spdx)


def _claim_of_classifiers(classifiers: Iterable[Known[str]]) -> _Claim | None:
    read = [(known, name) for known in classifiers if (name := read_classifier(known.value)) is not None]
    names = _narrowed(tuple(dict.fromkeys(name for _, name in read)))
    kept = [(known, name) for known, name in read if name in names]
    if not kept:
        return None
    said = ", ".join(known.value.rpartition(" :: ")[2] for known, _ in kept)
    origins = tuple(known.origin for known, _ in kept)
    if len(names) == 1:
        return _Claim(name=names[0], said=said, origins=origins)
    combined = LicenseName(expression=joined(tuple(name.expression for name in names), "OR"))
    return _Claim(name=combined, said=said, origins=origins, is_guessed_together=True)


def _narrowed(names: tuple[LicenseName, ...]) -> tuple[LicenseName, ...]:
    """Leave out what another name says more exactly: `BSD` beside `BSD-2-Clause`, v3 beside v3 or later."""
    exact = {base for name in names if not name.options for base in bases_of(name.expression)}
    closed = {name.expression for name in names if not name.is_version_open}

    def says_less(name: LicenseName) -> bool:
        if name.options:
            return bool(name.options & exact)
        return name.is_version_open and name.expression.replace("-only", "-or-later") in closed

    return tuple(name for name in names if not says_less(name))


def _with_minor_version(claim: _Claim, bases: frozenset[str]) -> _Claim:
    """Return a claim in which `LGPLv2+` means 2.1 or later where `bases` name 2.1 and not 2.0."""
    if claim.is_spdx or _LGPL_2_1 not in bases or _LGPL_2 in bases:
        return claim
    raised = with_ids(claim.name.expression, {f"{_LGPL_2}{_LATER}": f"{_LGPL_2_1}{_LATER}"})
    return claim if claim.name.options else replace(claim, name=replace(claim.name, expression=raised))


def _reconciled(text: _Claim, classified: _Claim, found: FoundLicense, findings: list[Diagnostic]) -> _Claim:
    """Return one claim for a free text and classifiers."""
    text = _with_minor_version(text, classified.bases)
    classified = _with_minor_version(classified, text.bases)
    if not text.bases & classified.bases:
        findings.append(_mismatch(text.said, text.origins, classified.said, classified.origins))
        is_classified = bool(classified.bases & found.bases) and not text.bases & found.bases
        return classified if is_classified else text
    if text.name.options or classified.name.options:
        better = classified if text.name.options and not classified.name.options else text
    elif text.bases == classified.bases:
        better = classified if text.name.is_version_open and not classified.name.is_version_open else text
        better = replace(
            better, is_guessed_together=text.is_guessed_together and classified.is_guessed_together
        )
    else:
        # One names more licences than the other: the files tell whether they are really there.
        wider, narrower = (text, classified) if text.bases > classified.bases else (classified, text)
        better = wider if wider is text or wider.bases <= found.bases else narrower
    return replace(better, is_confirmed=True, origins=(*text.origins, *classified.origins))


# ---------------------------------------------------------------- the result


def _settled(claim: _Claim, found: FoundLicense, findings: list[Diagnostic]) -> LicenseChoice:
    """Return a claim as the choice, its open questions answered by the files where they can."""
    expression, certainty, notes = claim.name.expression, Certainty.DERIVED, []
    origins = claim.origins
    if claim.is_spdx:
        certainty = Certainty.DECLARED
    if claim.name.options:
        told, paths = found.matching(claim.name.options)
        expression, origins = told or expression, (*origins, *paths)
        notes += [f"{claim.said!r} is told by {_first(paths)}"] if told else []
        is_open = found.name is not None and found.name.is_version_open
        if not told or (is_open and claim.name.options & found.bases):
            certainty = Certainty.GUESSED
            message = f"{claim.said!r} may mean several licences; {expression} was taken"
            findings.append(finding("license-guessed", message, origin=_first(claim.origins)))
    if claim.is_guessed_together:
        certainty = Certainty.GUESSED
        message = f"{claim.said!r} was read as {expression}"
        findings.append(finding("license-several", message, origin=_first(claim.origins)))
    later = _with_later_versions(expression, found) if claim.name.is_version_open else expression
    if later != expression:
        notes.append("a notice allows later versions")
    if not notes and claim.said != later:
        notes.append(f"{claim.said!r} means {later}")
    return LicenseChoice(
        expression=later,
        certainty=certainty,
        origins=origins,
        note="; ".join(notes),
        diagnostics=tuple(findings),
    )


def _with_later_versions(expression: str, found: FoundLicense) -> str:
    later = {f"{base_of(notice)}-only": notice for notice in found.notices if notice.endswith(_LATER)}
    return with_ids(expression, later)


def _with_later_allowed(found: FoundLicense, claim: _Claim) -> FoundLicense:
    """Return the files' licence with later versions where they leave that open and the claim allows them.

    "GPLv2+" beside the text of the GPL's third version is at odds with it on the version, not on the choice.
    """
    if found.name is None or not found.name.is_version_open:
        return found
    families = {
        _family(license_id) for license_id in ids_of(claim.name.expression) if license_id.endswith(_LATER)
    }
    chosen = {
        license_id: f"{base_of(license_id)}{_LATER}"
        for license_id in ids_of(found.name.expression)
        if license_id.endswith("-only")
        and license_id not in found.notices
        and _family(license_id) in families
    }
    if claim.name.options or not chosen:
        return found
    name = LicenseName(expression=with_ids(found.name.expression, chosen))
    return replace(found, name=name)


def _family(license_id: str) -> str:
    return base_of(license_id).rpartition("-")[0]


def _from_files(found: FoundLicense, findings: list[Diagnostic]) -> LicenseChoice:
    name = None if found.restriction else found.name
    if name is None:
        where = found.unread or found.paths
        message = (
            f"the metadata names no known licence, and {where[0]} is none that is known"
            if where
            else "neither the metadata nor a licence file names a licence"
        )
        findings.append(finding("license-unknown", message, origin=_first(where)))
        return LicenseChoice(
            expression="", certainty=Certainty.GUESSED, origins=(), note="", diagnostics=tuple(findings)
        )
    is_guess = found.is_guessed_together or name.is_version_open
    if name.is_version_open:
        message = f"{_first(found.paths)} doesn't say whether later versions are allowed; {name.expression} was taken"
        findings.append(finding("license-guessed", message, origin=_first(found.paths)))
    if found.is_guessed_together:
        message = f"{', '.join(found.paths)} hold several licences, read as {name.expression}"
        findings.append(finding("license-several", message, origin=_first(found.paths)))
    return LicenseChoice(
        expression=name.expression,
        certainty=Certainty.GUESSED if is_guess else Certainty.DERIVED,
        origins=found.paths,
        note=f"recognised by the text of {', '.join(found.paths)}",
        diagnostics=tuple(findings),
    )


def _are_akin(stated: frozenset[str], found: frozenset[str]) -> bool:
    return any((one, other) in _AKIN for one in stated for other in found)


def _mismatch(said: str, origins: tuple[str, ...], other: str, others: tuple[str, ...]) -> Diagnostic:
    message = f"{_first(origins)} says {said!r}, but {_first(others)} says {other!r}"
    return finding("license-mismatch", message, origin=_first(origins))


def _unread(known: Known[str]) -> Diagnostic:
    return finding(
        "license-name-unread", f"{_short(known.value)!r} names no known licence", origin=known.origin
    )


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _first(places: tuple[str, ...]) -> str:
    return places[0] if places else ""

"""Poetry's version constraints -> PEP 440 specifiers.

One alternative is translated clause by clause. Several (`^1.2 || ^3.0`) are united as ranges and written as
one range with holes (`>=1.2,<4.0,!=2.*`); holes that PEP 440 can't say are filled, and the caller is told.

Source: https://python-poetry.org/docs/dependency-specification/#version-constraints.
"""

import re
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

__all__ = ["Converted", "python_marker", "to_specifier"]

_ALTERNATIVES = re.compile(r"\s*\|\|?\s*")
_SPACE_AFTER_OPERATOR = re.compile(r"(?<=[\^~=<>!])\s+")
_CLAUSE_END = re.compile(r"[\s,]+")
_OPERATOR = re.compile(r"\^|~=|~|===|==|!=|<=|>=|<|>|=|")
_ANY = re.compile(r"=?=?v?[*xX](?:\.[*xX])*")
_STAR = re.compile(r"(?:\.[*xX])+")
_ZERO = Version("0")
_MAX_HOLES = 30
_MAX_CHARACTERS = 500
_AFTER_PYTHON_2 = (Version("2.8"), Version("3.0"))
_PYTHONS_3 = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A specifier, and whether it lets in versions that the constraint doesn't."""

    specifier: str
    is_widened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    """The versions between two ends; None leaves a side open. Clauses name the ends."""

    lower: Version | None = None
    upper: Version | None = None
    lower_clause: str = ""
    upper_clause: str = ""
    is_exact: bool = True
    """False where the alternative says more than its ends."""


def to_specifier(constraint: str, *, is_python: bool = False) -> Converted:
    """Return the PEP 440 text of a constraint; empty where it allows any version.

    For python, `3.8` means all of 3.8, and holes between minor versions are written one by one.

    >>> to_specifier("^1.2.3").specifier
    '>=1.2.3,<2.0.0'
    >>> to_specifier("^1.2 || ^3.0").specifier
    '>=1.2,<4.0,!=2.*'

    Raises:
        ValueError: it is no constraint.
    """
    if len(constraint) > _MAX_CHARACTERS:
        raise ValueError("it is absurdly long")
    alternatives = [_clauses(part) for part in _ALTERNATIVES.split(constraint.strip())]
    if any(not clauses for clauses in alternatives):
        return Converted(specifier="")
    if is_python:
        alternatives = [[_whole_minor(clause) for clause in clauses] for clauses in alternatives]
    if len(alternatives) == 1:
        return Converted(specifier=",".join(alternatives[0]))
    return _united(sorted(map(_range, alternatives), key=_by_lower), is_python=is_python)


def python_marker(constraint: str) -> str:
    """Return the marker of a constraint on python; empty where it allows any.

    Bounds of two parts are compared with `python_version`, finer ones with `python_full_version`.

    Raises:
        ValueError: it is no constraint.
    """
    alternatives = [_clauses(part) for part in _ALTERNATIVES.split(constraint.strip())]
    if any(not clauses for clauses in alternatives):
        return ""
    texts = [" and ".join(map(_marker_clause, clauses)) for clauses in alternatives]
    return texts[0] if len(texts) == 1 else " or ".join(f"({text})" for text in texts)


def _clauses(alternative: str) -> list[str]:
    """Return PEP 440 clauses; none where any version will do."""
    text = _SPACE_AFTER_OPERATOR.sub("", alternative.strip())
    clauses: list[str] = []
    for part in _CLAUSE_END.split(text):
        if part and not _ANY.fullmatch(part):
            clauses += _clause(part)
    try:
        SpecifierSet(",".join(clauses))
    except InvalidSpecifier as error:
        raise ValueError(str(error)) from error
    return clauses


def _clause(text: str) -> list[str]:
    operator = _OPERATOR.match(text)
    assert operator is not None
    written = text[operator.end() :].removeprefix("v")
    star = _STAR.search(written)
    version = written[: star.start()] if star else written
    match operator[0]:
        case "^":
            return [f">={version}", f"<{_next(version, _breaking_part(version))}"]
        case "~":
            return [f">={version}", f"<{_next(version, min(1, len(_release(version)) - 1))}"]
        case "" | "=" | "==" | "===":
            return [f"=={version}.*" if star else f"=={version}"]
        case "!=":
            return [f"!={version}.*" if star else f"!={version}"]
        case other:
            # `>=1.2.*` means `>=1.2`.
            return [f"{other}{version}"]


def _whole_minor(clause: str) -> str:
    return f"{clause}.*" if re.fullmatch(r"==[0-9]+(\.[0-9]+)?", clause) else clause


def _release(version: str) -> tuple[int, ...]:
    try:
        return Version(version).release
    except InvalidVersion as error:
        raise ValueError(str(error)) from error


def _breaking_part(version: str) -> int:
    """Return the index of the part that `^` lets stand: the first that isn't zero, else the last."""
    release = _release(version)
    return next((index for index, part in enumerate(release) if part), len(release) - 1)


def _next(version: str, index: int) -> str:
    """Return the version after all that share the first parts up to `index`, as long as the version given."""
    release = _release(version)
    parts = [*release[:index], release[index] + 1, *([0] * (len(release) - index - 1))]
    epoch = Version(version).epoch
    return (f"{epoch}!" if epoch else "") + ".".join(map(str, parts))


def _marker_clause(clause: str) -> str:
    operator = _OPERATOR.match(clause)
    assert operator is not None
    version = clause[operator.end() :]
    parts = _release(version.removesuffix(".*"))
    is_fine = len(parts) > 2
    if not is_fine and operator[0] in {">", "<="}:
        # `<=3.8` compares full versions: 3.8.0 is in, 3.8.1 isn't.
        return f'python_full_version {operator[0]} "{".".join(map(str, (*parts, 0, 0)[:3]))}"'
    if len(parts) == 1 and operator[0] in {"==", "!="} and not version.endswith(".*"):
        version = f"{version}.*"
    return f'{"python_full_version" if is_fine else "python_version"} {operator[0]} "{version}"'


# ---------------------------------------------------------------- unions


def _range(clauses: list[str]) -> _Range:
    """Return the hull of an alternative's clauses."""
    result = _Range()
    for clause in clauses:
        operator = _OPERATOR.match(clause)
        assert operator is not None
        text = clause[operator.end() :]
        version = text.removesuffix(".*")
        match operator[0]:
            case ">=" | ">":
                part = _Range(lower=Version(version), lower_clause=clause)
            case "<=" | "<":
                part = _Range(upper=Version(version), upper_clause=clause)
            case "==" if text == version:
                point = Version(version)
                part = _Range(
                    lower=point, upper=point, lower_clause=f">={version}", upper_clause=f"<={version}"
                )
            case "==":
                part = _prefix_range(version, len(_release(version)) - 1)
            case "~=":
                part = _prefix_range(version, len(_release(version)) - 2)
            case _:
                part = _Range(is_exact=False)
        result = _met(result, part)
    return result


def _prefix_range(version: str, index: int) -> _Range:
    upper = _next(version, index)
    return _Range(
        lower=Version(version), upper=Version(upper), lower_clause=f">={version}", upper_clause=f"<{upper}"
    )


def _met(left: _Range, right: _Range) -> _Range:
    lower = max((left, right), key=_by_lower)
    upper = min((left, right), key=_by_upper)
    return _Range(
        lower=lower.lower,
        lower_clause=lower.lower_clause,
        upper=upper.upper,
        upper_clause=upper.upper_clause,
        is_exact=left.is_exact and right.is_exact,
    )


def _by_lower(span: _Range) -> tuple[bool, Version, bool]:
    """Order ranges by where they begin: `>1` begins after `>=1`."""
    return (span.lower is not None, span.lower or _ZERO, "=" not in span.lower_clause)


def _by_upper(span: _Range) -> tuple[bool, Version, bool]:
    """Order ranges by where they end: `<=1` ends after `<1`."""
    return (span.upper is None, span.upper or _ZERO, "=" in span.upper_clause)


def _united(spans: list[_Range], *, is_python: bool) -> Converted:
    """Return one range from the first lower to the last upper end, with the holes between."""
    clauses: list[str] = []
    is_widened = not all(span.is_exact for span in spans)
    reach = spans[0]
    for span in spans[1:]:
        if reach.upper is not None and reach.upper == span.lower:
            is_open = "=" not in reach.upper_clause + span.lower_clause
            clauses += [f"!={span.lower}"] if is_open else []
        elif reach.upper is not None and span.lower is not None and span.lower > reach.upper:
            holes = _holes(reach, span, is_python=is_python)
            clauses += holes or []
            is_widened |= holes is None
        reach = max(reach, span, key=_by_upper)
    ends = [clause for clause in (spans[0].lower_clause, reach.upper_clause) if clause]
    return Converted(specifier=",".join([*ends, *clauses]), is_widened=is_widened)


def _holes(before: _Range, after: _Range, *, is_python: bool) -> list[str] | None:
    """Return the exclusions that say a gap; None where no list of them does."""
    start, end = before.upper, after.lower
    assert start is not None
    assert end is not None
    if not before.upper_clause.startswith("<") or before.upper_clause.startswith("<="):
        return None
    if not after.lower_clause.startswith(">="):
        return None
    if is_python and _AFTER_PYTHON_2[0] <= start < _AFTER_PYTHON_2[1] <= end:
        start = _AFTER_PYTHON_2[1]
    return _prefixes(start.release, end.release, is_python=is_python)


def _prefixes(start: tuple[int, ...], end: tuple[int, ...], *, is_python: bool) -> list[str] | None:
    """Return `!=X.*` clauses that cover start <= v < end, where a short list of them does."""
    length = max(len(start), len(end))
    low = [*start, *([0] * (length - len(start)))]
    high = [*end, *([0] * (length - len(end)))]
    differing = next((index for index in range(length) if low[index] != high[index]), length)
    if is_python and differing == 0:
        return None
    if differing == length or any(low[differing + 1 :]) or any(high[differing + 1 :]):
        return None
    count = high[differing] - low[differing]
    if count > (_PYTHONS_3 if is_python else _MAX_HOLES):
        return None
    prefix = ".".join(map(str, low[:differing]))
    return [f"!={prefix}{'.' if prefix else ''}{low[differing] + step}.*" for step in range(count)]

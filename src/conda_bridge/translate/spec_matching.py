"""Whether a package is one that a match spec asks for.

Vocabulary: as in `conda_bridge.translate.match_specs`; a *glob* is a build string with stars.

Source: CEP 29 (match specs), CEP 33 (version order).
"""

import re
from functools import lru_cache

from conda_bridge.errors import TranslationError
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.distributor import ChannelPackage
from conda_bridge.translate.globs import has_pieces
from conda_bridge.translate.match_specs import parse_match_spec
from conda_bridge.translate.version_order import CondaVersion

__all__ = ["matches", "matches_build", "matches_version"]

_OPERATOR = re.compile(r"(==|!=|<=|>=|~=|=|<|>)?(.+)", re.DOTALL)
_TOKENS = re.compile(r"\s*([()|,]|[^()|,]+)")
_MAX_CHARACTERS = 1_000
_MAX_DEPTH = 20


def matches(spec: str, record: PackageRecord | ChannelPackage) -> bool:
    """Return whether a package is one that a match spec asks for; channels and other keys aren't looked at.

    Raises:
        TranslationError: `inexpressible-spec`.
    """
    wanted = parse_match_spec(spec).value
    if wanted.conda_name != record.conda_name:
        return False
    return matches_version(wanted.version, record.version) and matches_build(wanted.build, record.build)


def matches_version(constraint: str, version: str) -> bool:
    """Return whether a version meets a constraint; an empty one is met by all.

    >>> matches_version(">=1.2,<2|3.*", "3.1"), matches_version("3.11", "3.11.4")
    (True, False)

    Raises:
        TranslationError: `inexpressible-spec` for what is no version or no constraint, and for regular expressions,
            which aren't evaluated.
    """
    if constraint in {"", "*"}:
        return True
    tokens = tuple(token.strip() for token in _TOKENS.findall(constraint))
    if len(constraint) > _MAX_CHARACTERS:
        raise _refused(constraint)
    is_met, end = _any(tokens, 0, _parsed(version), 0)
    if end != len(tokens):
        raise _refused(constraint)
    return is_met


def matches_build(wanted: str, build: str) -> bool:
    """Return whether a build string is the one that is wanted, or fits its glob.

    >>> matches_build("*_cpython", "h1_0_cpython")
    True

    Raises:
        TranslationError: `inexpressible-spec` for regular expressions, which aren't evaluated.
    """
    if wanted.startswith("^") or wanted.endswith("$"):
        raise _refused(wanted)
    if "*" not in wanted:
        return wanted in {"", build}
    return has_pieces(build, wanted.split("*"))


# Each takes a position and returns whether the version meets what stands there, and the position behind it. Both
# sides of an operator are always read, so that a constraint is refused whatever the version.


def _any(tokens: tuple[str, ...], position: int, version: CondaVersion, depth: int) -> tuple[bool, int]:
    is_met, position = _all(tokens, position, version, depth)
    while position < len(tokens) and tokens[position] == "|":
        other, position = _all(tokens, position + 1, version, depth)
        is_met = is_met or other
    return is_met, position


def _all(tokens: tuple[str, ...], position: int, version: CondaVersion, depth: int) -> tuple[bool, int]:
    is_met, position = _one(tokens, position, version, depth)
    while position < len(tokens) and tokens[position] == ",":
        other, position = _one(tokens, position + 1, version, depth)
        is_met = is_met and other
    return is_met, position


def _one(tokens: tuple[str, ...], position: int, version: CondaVersion, depth: int) -> tuple[bool, int]:
    token = tokens[position] if position < len(tokens) else ""
    if token == "(" and depth < _MAX_DEPTH:
        is_met, position = _any(tokens, position + 1, version, depth + 1)
        if tokens[position : position + 1] != (")",):
            raise _refused(" ".join(tokens))
        return is_met, position + 1
    if token in {"", "(", ")", "|", ","}:
        raise _refused(" ".join(tokens))
    return _clause(token, version), position + 1


def _clause(text: str, version: CondaVersion) -> bool:
    found = _OPERATOR.fullmatch(text)
    operator, wanted = (found[1] or "", found[2].strip()) if found else ("", text)
    if operator == "" and not wanted.strip("*"):
        return True
    if wanted.startswith("^") or wanted.endswith("$"):
        raise _refused(text)
    plain = wanted.rstrip("*").rstrip(".") if wanted.endswith("*") else wanted
    is_prefix = operator == "=" or (plain != wanted and operator in {"", "!="})
    bound = _bound(plain)
    match "~=" if operator == "~=" else "prefix" if is_prefix else operator:
        case "~=":
            # Its last component is free.
            return version >= bound and version.starts_with(_bound(plain.rpartition(".")[0]))
        case "prefix":
            return version.starts_with(bound) != (operator == "!=")
        case "" | "==":
            return version == bound
        case "!=":
            return version != bound
        case "<":
            return version < bound
        case "<=":
            return version <= bound
        case ">":
            return version > bound
        case _:
            return version >= bound


def _bound(text: str) -> CondaVersion:
    if "*" in text:
        # Conda makes a regular expression of stars inside a version; nobody writes them.
        raise _refused(text)
    return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> CondaVersion:
    return CondaVersion.from_text(text)


def _refused(text: str) -> TranslationError:
    return TranslationError("inexpressible-spec", f"{text[:80]!r} is no constraint that can be evaluated")

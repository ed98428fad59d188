"""SPDX expressions -> their canonical form, and the licences that they name.

Vocabulary: a *base* is a licence without its choice of versions: `GPL-3.0` for `GPL-3.0-only`, `GPL-3.0-or-later`.
"""

import re
from collections.abc import Mapping
from functools import cache

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from conda_bridge.model.tables import read_table

__all__ = ["base_of", "bases_of", "canonical", "ids_of", "joined", "with_ids"]

# Expressions that people write are far shorter; what is longer is a licence's text, or an attack on the parser.
_LONGEST = 500
_TOKEN = re.compile(r"[^\s()]+")
_VERSION_CHOICE = re.compile(r"(?:-only|-or-later|\+)\Z")
_OPERATORS = frozenset({"AND", "OR", "WITH"})


def canonical(text: str) -> str | None:
    """Return a valid SPDX expression in canonical form, with deprecated ids replaced; None where it isn't valid.

    >>> canonical("mit or gpl-3.0+")
    'MIT OR GPL-3.0-or-later'

    Source: PEP 639, SPDX License List.
    """
    if len(text) > _LONGEST:
        return None
    try:
        expression = canonicalize_license_expression(text.strip())
    except InvalidLicenseExpression:
        return None
    return with_ids(expression, _deprecated())


def with_ids(expression: str, replaced: Mapping[str, str]) -> str:
    """Return an expression in which some ids are replaced.

    >>> with_ids("GPL-3.0-only AND AGPL-3.0-only", {"GPL-3.0-only": "GPL-3.0-or-later"})
    'GPL-3.0-or-later AND AGPL-3.0-only'
    """
    return _TOKEN.sub(lambda token: replaced.get(token[0], token[0]), expression)


@cache
def _deprecated() -> dict[str, str]:
    return dict(read_table("license_ids")["deprecated"])


def ids_of(expression: str) -> tuple[str, ...]:
    """Return the licences of a canonical expression in their order, without exceptions.

    >>> ids_of("MIT AND (GPL-2.0-only WITH Classpath-exception-2.0)")
    ('MIT', 'GPL-2.0-only')
    """
    tokens = _TOKEN.findall(expression)
    pairs = zip(("", *tokens), tokens, strict=False)
    return tuple(
        dict.fromkeys(token for before, token in pairs if token not in _OPERATORS and before != "WITH")
    )


def base_of(license_id: str) -> str:
    """Return a licence without its choice of versions.

    >>> base_of("LGPL-2.1-or-later")
    'LGPL-2.1'
    """
    return _VERSION_CHOICE.sub("", license_id)


def bases_of(expression: str) -> frozenset[str]:
    """Return the bases of an expression's licences."""
    return frozenset(map(base_of, ids_of(expression)))


def joined(expressions: tuple[str, ...], operator: str) -> str:
    """Return several expressions as one; each part that is composed is put in parentheses."""
    parts = tuple(dict.fromkeys(expressions))
    if len(parts) == 1:
        return parts[0]
    return f" {operator} ".join(f"({part})" if _is_composed(part, operator) else part for part in parts)


def _is_composed(expression: str, operator: str) -> bool:
    return bool((_OPERATORS - {"WITH", operator}) & set(_TOKEN.findall(expression)))

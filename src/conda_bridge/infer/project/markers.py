"""What is left of a marker once its `extra` is decided.

`python_version < "3.11" and extra == "toml"` leaves `python_version < "3.11"` for the extra `toml`, and
nothing at all without it. The marker's tree is walked, never its text.

Source: PEP 508, environment markers; PEP 685, extra names.
"""

import re
from collections.abc import Sequence
from typing import TypeAlias

from packaging.markers import Marker

__all__ = ["and_markers", "extras_of", "has_extra", "normalized_extra", "without_extra"]

_SEPARATORS = re.compile(r"[-_.]+")
_Residue: TypeAlias = "bool | tuple[bool, str]"
"""True or False where it is decided; else (is it an `or` of several parts, the text)."""


def has_extra(marker: Marker) -> bool:
    """Tell whether a marker asks for an extra at all."""
    return "extra" in str(marker)


def extras_of(marker: Marker) -> tuple[str, ...]:
    """Return the normalised names of the extras that a marker mentions, in order, each once."""
    return tuple(dict.fromkeys(_mentioned(_tree(marker))))


def without_extra(marker: Marker, extra: str) -> str | None:
    """Return what a marker still asks where exactly this extra is active, `""` meaning none is.

    The empty text means that nothing is left to ask, None that the marker can't hold.

    >>> marker = Marker('os_name == "nt" and extra == "x"')
    >>> without_extra(marker, "x")
    'os_name == "nt"'
    >>> without_extra(marker, "") is None
    True

    Raises:
        ValueError: the marker compares an extra by an operator that has no meaning for it.
    """
    residue = _residue(_tree(marker), extra)
    if isinstance(residue, bool):
        return "" if residue else None
    return residue[1]


def and_markers(*texts: str) -> str:
    """Return the text of a marker that holds where all of these do; empty ones hold everywhere."""
    kept = [text for text in texts if text]
    if len(kept) < 2:
        return "".join(kept)
    return " and ".join(f"({text})" if " or " in text else text for text in kept)


def normalized_extra(name: str) -> str:
    """Return an extra's normalised name. Source: PEP 685."""
    return _SEPARATORS.sub("-", name).lower()


def _tree(marker: Marker) -> Sequence[object]:
    return marker._markers  # noqa: SLF001 # packaging has no public access to the parsed marker


def _mentioned(node: object) -> list[str]:
    match node:
        case tuple((left, _, right)):
            sides = {str(side) for side in (left, right) if _is_extra(side)}
            other = right if _is_extra(left) else left
            return [normalized_extra(str(other))] if sides else []
        case list(items):
            return [name for item in items for name in _mentioned(item)]
        case _:
            return []


def _is_extra(side: object) -> bool:
    # Only a variable is serialised without quotes.
    return type(side).__name__ == "Variable" and str(side) == "extra"


def _residue(node: object, extra: str) -> _Residue:
    if isinstance(node, tuple):
        return _comparison(node, extra)
    assert isinstance(node, list)
    alternatives: list[list[object]] = [[]]
    for item in node:
        if item == "or":
            alternatives.append([])
        elif item != "and":
            alternatives[-1].append(item)
    texts: list[str] = []
    for members in alternatives:
        residue = _conjunction(members, extra)
        if residue is True:
            return True
        if residue:
            texts.append(residue)
    return (len(texts) > 1, " or ".join(texts)) if texts else False


def _conjunction(members: list[object], extra: str) -> str | bool:
    texts: list[str] = []
    for member in members:
        match _residue(member, extra):
            case bool(decided):
                if not decided:
                    return False
            case (is_alternative, text):
                texts.append(f"({text})" if is_alternative else text)
    return " and ".join(texts) if texts else True


def _comparison(node: tuple[object, ...], extra: str) -> _Residue:
    left, operator, right = node
    if not _is_extra(left) and not _is_extra(right):
        return (False, f"{_text(left)} {operator} {_text(right)}")
    value = normalized_extra(str(right if _is_extra(left) else left))
    match str(operator):
        case "==" | "===":
            return extra == value
        case "!=":
            return extra != value
        case other:
            raise ValueError(f"an extra can't be compared by {other!r}")


def _text(side: object) -> str:
    if type(side).__name__ == "Variable":
        return str(side)
    quote = "'" if '"' in str(side) else '"'
    return f"{quote}{side}{quote}"

"""Conda's order of versions.

Vocabulary: a version has an epoch, *components* between dots, and perhaps a local part; a component's *atoms* are its
runs of digits and of other characters. Missing atoms and components count as 0, and letters sort before numbers, so
that 1.0rc1 comes before 1.0; `dev` comes before all letters, `post` after all numbers.

Source: CEP 33 (version order).
"""

import re
from dataclasses import dataclass
from functools import cached_property, total_ordering
from itertools import zip_longest
from typing import TypeAlias

from conda_bridge.errors import TranslationError

__all__ = ["CondaVersion"]

_Atom: TypeAlias = tuple[int, int, str]
"""Its kind (letters, a number, `post`), the number, the letters."""
_Part: TypeAlias = tuple[tuple[_Atom, ...], ...]

_LETTERS, _NUMBER, _POST = range(3)
_ZERO: _Atom = (_NUMBER, 0, "")
_MAX_CHARACTERS = 256
_VERSION = re.compile(r"(?:([0-9]+)!)?([*._0-9a-z]+)(?:\+([*._0-9a-z]+))?")
_ATOMS = re.compile(r"[0-9]+|\*+|[^0-9*]+")


@total_ordering
@dataclass(frozen=True, eq=False)
class CondaVersion:
    """A version as conda compares it."""

    version: _Part
    """The epoch and the components."""
    local: _Part = ()

    @classmethod
    def from_text(cls, text: str) -> "CondaVersion":
        """Parse a version.

        >>> CondaVersion.from_text("1.0rc1") < CondaVersion.from_text("1") == CondaVersion.from_text("1.0.0")
        True

        Raises:
            TranslationError: `inexpressible-spec` for text that conda takes for no version.
        """
        plain = text.strip().lower()
        if "-" in plain and "_" not in plain:
            plain = plain.replace("-", "_")
        found = _VERSION.fullmatch(plain) if len(plain) <= _MAX_CHARACTERS else None
        if found is None:
            raise _no_version(text)
        epoch, version, local = found.groups()
        # An underscore at the end belongs to the last component: OpenSSL's 1.0.1_ comes before 1.0.1a.
        is_marked = version.endswith("_")
        components = version.removesuffix("_").replace("_", ".").split(".")
        components[-1] += "_" if is_marked else ""
        locals_ = local.replace("_", ".").split(".") if local else []
        if not all((*components, *locals_)):
            raise _no_version(text)
        return cls(version=tuple(map(_atoms, (epoch or "0", *components))), local=tuple(map(_atoms, locals_)))

    def starts_with(self, prefix: "CondaVersion") -> bool:
        """Return whether this version is one of `prefix`.*: 1.2.3 is one of 1.2, and so is 1.2rc1 of 1.2rc."""
        if prefix.local and _stripped(self.version) != _stripped(prefix.version):
            return False
        own, other = (self.local, prefix.local) if prefix.local else (self.version, prefix.version)
        count = len(other) - 1
        if _stripped(own[:count]) != _stripped(other[:count]):
            return False
        return _component_starts(own[count] if len(own) > count else (), other[count])

    @cached_property
    def _key(self) -> _Part:
        return _stripped(self.version)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CondaVersion):
            return NotImplemented
        return self._key == other._key and _stripped(self.local) == _stripped(other.local)

    def __hash__(self) -> int:
        return hash((self._key, _stripped(self.local)))

    def __lt__(self, other: "CondaVersion") -> bool:
        pairs = ((self.version, other.version), (self.local, other.local))
        for own, others in pairs:
            for left, right in zip_longest(own, others, fillvalue=()):
                for mine, its in zip_longest(left, right, fillvalue=_ZERO):
                    if mine != its:
                        return mine < its
        return False


def _no_version(text: str) -> TranslationError:
    return TranslationError("inexpressible-spec", f"{text[:80]!r} is no version of conda's")


def _atoms(component: str) -> tuple[_Atom, ...]:
    atoms = tuple(map(_atom, _ATOMS.findall(component)))
    # Numbers and letters are kept in phase.
    return atoms if component[0].isdigit() else (_ZERO, *atoms)


def _atom(text: str) -> _Atom:
    if text.isdigit():
        return (_NUMBER, int(text), "")
    if text == "post":
        return (_POST, 0, "")
    # Upper case sorts before the underscore and all lower case.
    return (_LETTERS, 0, "DEV" if text == "dev" else text)


def _stripped(part: _Part) -> _Part:
    """Return a part without what a missing rest is equal to."""
    components = [_without_zeros(component) for component in part]
    while components and not components[-1]:
        components.pop()
    return tuple(components)


def _without_zeros(component: tuple[_Atom, ...]) -> tuple[_Atom, ...]:
    length = len(component)
    while length and component[length - 1] == _ZERO:
        length -= 1
    return component[:length]


def _component_starts(own: tuple[_Atom, ...], prefix: tuple[_Atom, ...]) -> bool:
    count = len(prefix) - 1
    if _without_zeros(own[:count]) != _without_zeros(prefix[:count]):
        return False
    mine, its = own[count] if len(own) > count else _ZERO, prefix[count]
    if its[0] == _LETTERS:
        return mine[0] == _LETTERS and mine[2].startswith(its[2])
    return mine == its

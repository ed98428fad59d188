"""Condition <-> the text of an expression, as far as selectors of v0 and the `if:` of v1 are alike.

Both are Python's way to say it: `not` binds tighter than `and`, that tighter than `or`; names of systems and
architectures are booleans, variant keys are compared with `==` and `!=`. What differs is in a `ConditionLanguage`:
how pythons are told, how values are spelled, which names are taken. Writing and reading stand side by side and are
inverses.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from conda_bridge.errors import RecipeError
from conda_bridge.model.condition import (
    ALWAYS,
    CROSS,
    NEVER,
    OPERATING_SYSTEMS,
    AllOf,
    Always,
    AnyOf,
    ArchIs,
    Condition,
    CrossBuild,
    Never,
    OsIn,
    PythonIn,
    Span,
    VariantIs,
    all_of,
    any_of,
    arch_is,
    negate,
    os_in,
    variant_is,
)

__all__ = ["ARCHS", "ConditionLanguage", "Tokens", "UnmodelledPart", "is_quoted"]

ARCHS = frozenset(
    [
        "aarch64",
        "arm64",
        "armv6l",
        "armv7l",
        "loongarch64",
        "ppc64",
        "ppc64le",
        "riscv32",
        "riscv64",
        "s390x",
        "wasm32",
        "x86",
        "x86_64",
    ]
)
"""The architectures that are variables in conda-build and in rattler-build 0.73 (measured)."""

_SYSTEMS = {
    frozenset({"linux"}): "linux",
    frozenset({"osx"}): "osx",
    frozenset({"win"}): "win",
    frozenset({"linux", "osx"}): "unix",
    frozenset({"linux", "win"}): "not osx",
    frozenset({"osx", "win"}): "not linux",
}
_NAMES: Mapping[str, Condition] = (
    {arch: arch_is(arch) for arch in ARCHS}
    | {system: os_in({system}) for system in OPERATING_SYSTEMS}
    | {"unix": os_in(OPERATING_SYSTEMS - {"win"})}
)
_RESERVED = _NAMES.keys() | {"build_platform", "host_platform", "target_platform", "noarch"}
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_MAX_DEPTH = 50

Tokens: TypeAlias = tuple[str, ...]


class UnmodelledPart(ValueError):  # noqa: N818 - whoever reads the whole text makes an error of it
    """The model can't hold a part of an expression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionLanguage:
    """How one format says conditions."""

    engine: str
    """Who reads them."""
    noun: str
    """How one is called."""
    always: str
    never: str
    names: Mapping[str, Condition]
    """Beside those that both formats have."""
    reserved: AbstractSet[str]
    """Names that no variant key can have, beside those and `names`."""
    idioms: Mapping[str, Condition]
    """Conditions that are written in a way of their own."""
    token: re.Pattern[str]
    """One token, with blanks before it."""
    write_pythons: Callable[[tuple[Span, ...]], str]
    read_pythons: Callable[[Tokens, int], tuple[Condition, int] | None]
    """Takes a position and returns a condition of pythons and the position behind it; None where there is none."""
    write_value: Callable[[str], str]
    """Of a variant key, but for `true`."""
    read_value: Callable[[str], str]
    write_group: Callable[[str], str]
    """Puts parentheses around."""

    def text(self, condition: Condition) -> str:
        """Return the expression for `condition`.

        Raises:
            RecipeError: `unrenderable-recipe` for an architecture or a variant key that the engine has no name for.
        """
        match condition:
            case Always():
                return self.always
            case Never():
                return self.never
            case OsIn(systems):
                return _SYSTEMS[systems]
            case PythonIn(spans):
                return self.write_pythons(spans)
            case CrossBuild(negated):
                return f"build_platform {'==' if negated else '!='} target_platform"
            case ArchIs() | VariantIs():
                return self._name_text(condition)
            case AllOf(members):
                return " and ".join(map(self._member_text, members))
            case AnyOf(members):
                return " or ".join(map(self.text, members))

    def parse(self, text: str) -> Condition:
        """Return the condition that `text` expresses, the inverse of `text`.

        Raises:
            RecipeError: `unmodelled-recipe` for an expression that the model can't hold.
        """
        try:
            return self._parsed(text)
        except UnmodelledPart:
            raise RecipeError(
                "unmodelled-recipe", f"the {self.noun} {text[:120]!r} isn't one that conda-bridge models"
            ) from None

    def is_key(self, name: str) -> bool:
        """Return whether a variant key of that name can be asked for."""
        is_taken = name in _RESERVED or name in self.names or name in self.reserved
        return _KEY.fullmatch(name) is not None and not is_taken

    def _parsed(self, text: str) -> Condition:
        tokens = tuple(self._tokens(text))
        idioms = tuple((tuple(self._tokens(idiom)), means) for idiom, means in self.idioms.items())
        parsed, end = _Parser(language=self, tokens=tokens, idioms=idioms).disjunction(0, 0)
        if end != len(tokens):
            raise UnmodelledPart
        return parsed

    def _member_text(self, condition: Condition) -> str:
        text = self.text(condition)
        is_choice = isinstance(condition, AnyOf) or (isinstance(condition, PythonIn) and " or " in text)
        return self.write_group(text) if is_choice else text

    def _name_text(self, condition: ArchIs | VariantIs) -> str:
        for idiom, means in self.idioms.items():
            if condition == means:
                return idiom
        match condition:
            case ArchIs(arch, negated):
                if arch not in ARCHS:
                    raise RecipeError("unrenderable-recipe", f"{self.engine} knows no architecture {arch!r}")
                return f"not {arch}" if negated else arch
            case VariantIs(key, value, negated):
                if not self.is_key(key):
                    raise RecipeError(
                        "unrenderable-recipe", f"{key!r} can't be a variant key in a {self.noun}"
                    )
                if value == "true":
                    return f"not {key}" if negated else key
                return f"{key} {'!=' if negated else '=='} {self.write_value(value)}"

    def _tokens(self, text: str) -> Iterator[str]:
        position = 0
        end = len(text.rstrip())
        while position < end:
            match = self.token.match(text, position)
            if match is None:
                raise UnmodelledPart
            position = match.end()
            yield match.group().strip()


def is_quoted(token: str) -> bool:
    """Return whether a token is a text in quotes."""
    return token[:1] in {'"', "'"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parser:
    """Recursive descent; each method takes a position and returns a condition and the position behind it."""

    language: ConditionLanguage
    tokens: Tokens
    idioms: tuple[tuple[Tokens, Condition], ...]

    def token(self, position: int) -> str:
        return self.tokens[position] if position < len(self.tokens) else ""

    def disjunction(self, position: int, depth: int) -> tuple[Condition, int]:
        parsed, position = self.conjunction(position, depth)
        members = [parsed]
        while self.token(position) == "or":
            parsed, position = self.conjunction(position + 1, depth)
            members.append(parsed)
        return any_of(*members), position

    def conjunction(self, position: int, depth: int) -> tuple[Condition, int]:
        parsed, position = self.negation(position, depth)
        members = [parsed]
        while self.token(position) == "and":
            parsed, position = self.negation(position + 1, depth)
            members.append(parsed)
        return all_of(*members), position

    def negation(self, position: int, depth: int) -> tuple[Condition, int]:
        if depth > _MAX_DEPTH:
            raise UnmodelledPart
        for idiom, means in self.idioms:
            if self.tokens[position : position + len(idiom)] == idiom:
                return means, position + len(idiom)
        match self.token(position):
            case "not":
                parsed, position = self.negation(position + 1, depth + 1)
                return negate(parsed), position
            case "(":
                parsed, position = self.disjunction(position + 1, depth + 1)
                if self.token(position) != ")":
                    raise UnmodelledPart
                return parsed, position + 1
            case _:
                return self.language.read_pythons(self.tokens, position) or self.atom(position)

    def atom(self, position: int) -> tuple[Condition, int]:
        name, sign = self.token(position), self.token(position + 1)
        if sign in {"==", "!="}:
            equal = self.equality(name, self.token(position + 2))
            return (negate(equal) if sign == "!=" else equal), position + 3
        if name in (self.language.always, self.language.never):
            return (ALWAYS if name == self.language.always else NEVER), position + 1
        means = self.language.names.get(name) or _NAMES.get(name)
        if means is None and self.language.is_key(name):
            means = variant_is(name)
        if means is None:
            raise UnmodelledPart
        return means, position + 1

    def equality(self, left: str, right: str) -> Condition:
        if left == "build_platform" and right in {"target_platform", "host_platform"}:
            return negate(CROSS)
        value = self.language.read_value(right)
        if left == "target_platform" and is_quoted(right):
            return _platform(value)
        if not self.language.is_key(left):
            raise UnmodelledPart
        return variant_is(left, value)


def _platform(subdir: str) -> Condition:
    system, _, suffix = subdir.partition("-")
    arch = {"64": "x86_64", "32": "x86"}.get(suffix, suffix)
    if system not in OPERATING_SYSTEMS or arch not in ARCHS:
        raise UnmodelledPart
    return all_of(os_in({system}), arch_is(arch))

"""Condition <-> the text of an `if:` or `skip:` of a v1 recipe.

Both directions stand side by side and are inverses. Precedence is Jinja's, `not` over `and` over `or`;
parentheses appear only where it needs them. `match(python, ...)` takes conda's version syntax, so several
spans of python are one call with `|`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

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
    PyVersion,
    Span,
    VariantIs,
    all_of,
    any_of,
    arch_is,
    negate,
    os_in,
    python_in,
    variant_is,
)

__all__ = ["condition_text", "parse_condition"]

_ARCHS = frozenset(
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
"""The architectures that are variables in rattler-build 0.73 (measured)."""

_SYSTEMS = {
    frozenset({"linux"}): "linux",
    frozenset({"osx"}): "osx",
    frozenset({"win"}): "win",
    frozenset({"linux", "osx"}): "unix",
    frozenset({"linux", "win"}): "not osx",
    frozenset({"osx", "win"}): "not linux",
}
_UNIX = OPERATING_SYSTEMS - {"win"}

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_RESERVED = (
    _ARCHS
    | OPERATING_SYSTEMS
    | frozenset(
        [
            "unix",
            "linux32",
            "linux64",
            "win32",
            "win64",
            "emscripten",
            "freebsd",
            "wasi",
            "wasm",
            "zos",
            "z",
            "noarch",
        ]
    )
    | frozenset(["build_platform", "host_platform", "target_platform"])
    | frozenset(
        [
            "and",
            "or",
            "not",
            "in",
            "is",
            "if",
            "else",
            "true",
            "false",
            "none",
            "True",
            "False",
            "None",
            "match",
        ]
    )
)
"""Names that a condition can't use for a variant key: rattler-build or Jinja gives them a meaning."""

_MAX_DEPTH = 50


# ---------------------------------------------------------------- writing


def condition_text(condition: Condition) -> str:
    """Return the expression for `condition`.

    >>> condition_text(all_of(os_in({"linux"}), arch_is("aarch64")))
    'linux and aarch64'

    Raises:
        RecipeError: `unrenderable-recipe` for an architecture or a variant key that rattler-build has no name for.

    Source: CEP 14, section on conditionals; rattler-build's documentation of selectors.
    """
    match condition:
        case Always():
            return "true"
        case Never():
            return "false"
        case OsIn(systems):
            return _SYSTEMS[systems]
        case PythonIn(spans):
            return f'match(python, "{"|".join(map(_span_text, spans))}")'
        case CrossBuild(negated):
            return f"build_platform {'==' if negated else '!='} target_platform"
        case ArchIs() | VariantIs():
            return _name_text(condition)
        case AllOf(members):
            return " and ".join(
                f"({condition_text(m)})" if isinstance(m, AnyOf) else condition_text(m) for m in members
            )
        case AnyOf(members):
            return " or ".join(map(condition_text, members))


def _span_text(span: Span) -> str:
    clauses = (span.lower and f">={span.lower}", span.upper and f"<{span.upper}")
    return ",".join(clause for clause in clauses if clause)


def _name_text(condition: ArchIs | VariantIs) -> str:
    match condition:
        case ArchIs(arch, negated):
            if arch not in _ARCHS:
                raise RecipeError("unrenderable-recipe", f"rattler-build knows no architecture {arch!r}")
            return f"not {arch}" if negated else arch
        case VariantIs(key, value, negated):
            if not _KEY.fullmatch(key) or key in _RESERVED:
                raise RecipeError("unrenderable-recipe", f"{key!r} can't be a variant key in a condition")
            if value == "true":
                return f"not {key}" if negated else key
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            # A boolean variant is never equal to a string.
            literal = value if value == "false" else f'"{escaped}"'
            return f"{key} {'!=' if negated else '=='} {literal}"


# ---------------------------------------------------------------- reading

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text> "(?:[^"\\]|\\["\\])*" | '(?:[^'\\]|\\['\\])*' )
      | (?P<name> [A-Za-z_][A-Za-z0-9_]* )
      | (?P<sign> == | != | [(),] )
    )""",
    re.VERBOSE | re.ASCII,
)


def parse_condition(text: str) -> Condition:
    """Return the condition that `text` expresses, the inverse of `condition_text`.

    >>> parse_condition('not (win and match(python, ">=3.13"))') == negate(
    ...     all_of(os_in({"win"}), python_in(Span(PyVersion((3, 13)))))
    ... )
    True

    Raises:
        RecipeError: `unmodelled-recipe` for an expression that the model can't hold.
    """
    tokens = tuple(_tokens(text))
    parsed, end = _Parser(text=text, tokens=tokens).disjunction(0, 0)
    if end != len(tokens):
        raise _unmodelled(text)
    return parsed


def _tokens(text: str) -> Iterator[str]:
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unmodelled(text)
        position = match.end()
        yield match.group().strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parser:
    """Recursive descent; each method takes a position and returns a condition and the position behind it."""

    text: str
    tokens: tuple[str, ...]

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
            raise _unmodelled(self.text)
        match self.token(position):
            case "not":
                parsed, position = self.negation(position + 1, depth + 1)
                return negate(parsed), position
            case "(":
                parsed, position = self.disjunction(position + 1, depth + 1)
                if self.token(position) != ")":
                    raise _unmodelled(self.text)
                return parsed, position + 1
            case "match":
                return self.python_match(position), position + 6
            case _ if self.token(position + 1) in {"==", "!="}:
                compared = self.comparison(position)
                return (negate(compared) if self.token(position + 1) == "!=" else compared), position + 3
            case name:
                return self.atom(name), position + 1

    def python_match(self, position: int) -> Condition:
        match self.tokens[position + 1 : position + 6]:
            case ("(", "python", ",", spec, ")") if spec[0] in "\"'":
                return python_in(*(self.span(part) for part in spec[1:-1].split("|")))
            case _:
                raise _unmodelled(self.text)

    def span(self, text: str) -> Span:
        match = re.fullmatch(r"(?:>=([0-9.]+))?(?(1)(?:,<([0-9.]+))?|<([0-9.]+))", text.replace(" ", ""))
        if match is None:
            raise _unmodelled(self.text)
        lower, upper, only_upper = match.groups()
        ends = (lower, upper or only_upper)
        try:
            return Span(*(None if end is None else PyVersion.from_text(end) for end in ends))
        except ValueError:
            raise _unmodelled(self.text) from None

    def comparison(self, position: int) -> Condition:
        left, right = self.token(position), self.token(position + 2)
        if left == "build_platform" and right in {"target_platform", "host_platform"}:
            return negate(CROSS)
        value = re.sub(r"\\(.)", r"\1", right[1:-1], flags=re.DOTALL) if right[:1] in {'"', "'"} else right
        if left == "target_platform" and value != right:
            return self.platform(value)
        if not _is_key(left) or (value == right and right not in {"true", "false"}):
            raise _unmodelled(self.text)
        return variant_is(left, value)

    def platform(self, subdir: str) -> Condition:
        system, _, suffix = subdir.partition("-")
        arch = {"64": "x86_64", "32": "x86"}.get(suffix, suffix)
        if system not in OPERATING_SYSTEMS or arch not in _ARCHS:
            raise _unmodelled(self.text)
        return all_of(os_in({system}), arch_is(arch))

    def atom(self, name: str) -> Condition:
        match name:
            case "true" | "True":
                return ALWAYS
            case "false" | "False":
                return NEVER
            case "unix":
                return os_in(_UNIX)
            case _ if name in OPERATING_SYSTEMS:
                return os_in({name})
            case _ if name in _ARCHS:
                return arch_is(name)
            case _ if _is_key(name):
                return variant_is(name)
            case _:
                raise _unmodelled(self.text)


def _is_key(name: str) -> bool:
    return _KEY.fullmatch(name) is not None and name not in _RESERVED


def _unmodelled(text: str) -> RecipeError:
    return RecipeError(
        "unmodelled-recipe", f"the condition {text[:120]!r} isn't one that conda-bridge models"
    )

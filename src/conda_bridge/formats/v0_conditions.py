"""Condition <-> the text of a `# [selector]` of a v0 recipe.

Both directions stand side by side and are inverses. A selector is a Python expression over conda-build's
namespace: `linux`, `unix`, `aarch64`, `py` (major and minor python as one number: 311), `build_platform` and
each variant key, whose numbers are numbers and whose booleans are booleans there. What that namespace can't
tell apart is settled before, by `restrict_condition`.

Source: conda-build, `get_selectors`, `eval_selector` and `sel_pat` in metadata.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conda_bridge.errors import RecipeError
from conda_bridge.formats.v0_limits import converted, minor_after, restrict_condition
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

__all__ = ["parse_selector", "selector_text"]

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

_SYSTEMS = {
    frozenset({"linux"}): "linux",
    frozenset({"osx"}): "osx",
    frozenset({"win"}): "win",
    frozenset({"linux", "osx"}): "unix",
    frozenset({"linux", "win"}): "not osx",
    frozenset({"osx", "win"}): "not linux",
}

_SUBDIRS = {
    name: all_of(os_in({name[:-2]}), arch_is("x86_64" if name.endswith("64") else "x86"))
    for name in ("linux32", "linux64", "win32", "win64")
}

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_RESERVED = (
    _ARCHS
    | OPERATING_SYSTEMS
    | _SUBDIRS.keys()
    | frozenset(["unix", "arm", "emscripten", "wasi", "freebsd", "zos", "noarch"])
    | frozenset(["build_platform", "host_platform", "target_platform"])
    | frozenset(
        ["py", "py2k", "py3k", "py26", "py27", "py33", "py34", "py35", "py36", "np", "pl", "lua", "luajit"]
    )
    | frozenset(["os", "environ", "nomkl", "and", "or", "not", "in", "is", "if", "else", "lambda"])
    | frozenset(["True", "False", "None", "int", "float", "len", "str", "list", "dict", "tuple"])
)
"""Names that conda-build or Python gives a meaning; a variant key of that name can't be asked for."""

_X86 = ("x86", "and", "not", "x86_64")
_NOT_X86 = ("(", "not", "x86", "or", "x86_64", ")")
"""conda-build's `x86` holds on 64-bit platforms as well."""

_MAX_DEPTH = 50

# ---------------------------------------------------------------- writing


def selector_text(condition: Condition) -> str:
    """Return the expression for `condition`, which `restrict_condition` leaves as it is.

    >>> selector_text(all_of(os_in({"linux"}), python_in(Span(None, PyVersion((3, 11))))))
    'linux and py<311'

    Raises:
        RecipeError: `unrenderable-recipe` for an architecture or a variant key that conda-build has no name for,
            and for what `restrict_condition` would change.
    """
    if restrict_condition(condition) != condition:
        raise RecipeError("unrenderable-recipe", "the condition is finer than a v0 selector can be")
    return _text(condition)


def _text(condition: Condition) -> str:
    match condition:
        case Always():
            return "True"
        case Never():
            return "False"
        case OsIn(systems):
            return _SYSTEMS[systems]
        case PythonIn(spans):
            return _python_text(spans)
        case CrossBuild(negated):
            return f"build_platform {'==' if negated else '!='} target_platform"
        case ArchIs() | VariantIs():
            return _name_text(condition)
        case AllOf(members):
            return " and ".join(_grouped(m) if _is_choice(m) else _text(m) for m in members)
        case AnyOf(members):
            return " or ".join(map(_text, members))


def _is_choice(condition: Condition) -> bool:
    return isinstance(condition, AnyOf) or (isinstance(condition, PythonIn) and " or " in _text(condition))


def _grouped(condition: Condition) -> str:
    text = _text(condition)
    # conda-build finds the variant keys that a recipe uses by what follows them: not by a parenthesis.
    is_key_last = re.search(r"(?<!\S)\(*[A-Za-z_]\w*$", text) is not None
    return f"({text} )" if is_key_last else f"({text})"


def _python_text(spans: tuple[Span, ...]) -> str:
    gap = _only_minor(Span(spans[0].upper, spans[-1].lower))
    if len(spans) == 2 and gap and spans[0].lower is None and spans[1].upper is None:
        return f"py!={gap}"
    return " or ".join(map(_span_text, spans))


def _span_text(span: Span) -> str:
    if minor := _only_minor(span):
        return f"py=={minor}"
    clauses = (span.lower and f"py>={_digits(span.lower)}", span.upper and f"py<{_digits(span.upper)}")
    return " and ".join(clause for clause in clauses if clause)


def _only_minor(span: Span) -> str:
    """Return the digits of the one minor version in the span; empty where there are more."""
    if span.lower is None or span.upper is None or minor_after(span.lower) != span.upper:
        return ""
    return _digits(span.lower)


def _digits(version: PyVersion) -> str:
    major, minor = (*version.release, 0)[:2]
    return f"{major}{minor}"


def _name_text(condition: ArchIs | VariantIs) -> str:
    match condition:
        case ArchIs("x86", negated):
            return "(not x86 or x86_64)" if negated else "x86 and not x86_64"
        case ArchIs(arch, negated):
            if arch not in _ARCHS:
                raise RecipeError("unrenderable-recipe", f"conda-build knows no architecture {arch!r}")
            return f"not {arch}" if negated else arch
        case VariantIs(key, value, negated):
            if not _is_key(key):
                raise RecipeError("unrenderable-recipe", f"{key!r} can't be a variant key in a selector")
            if value == "true":
                return f"not {key}" if negated else key
            return f"{key} {'!=' if negated else '=='} {_literal(value)}"


def _literal(value: str) -> str:
    if value == "false":
        return "False"
    try:
        return str(int(value))
    except ValueError:
        return f'"{_UNSAFE.sub(_escape, value)}"'


_UNSAFE = re.compile(r'["\\#\[\]{}]|[^ -~]')
"""What ends the string, the selector or the line, and what Jinja could take for its own."""


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


# ---------------------------------------------------------------- reading

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' )
      | (?P<name> [A-Za-z_][A-Za-z0-9_]* )
      | (?P<number> -?[0-9]+ )
      | (?P<sign> == | != | >= | <= | [()<>] )
    )""",
    re.VERBOSE | re.ASCII,
)
_ESCAPE = re.compile(r"""\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(["'\\]))""")
_SIGNS = frozenset(["==", "!=", ">=", "<=", "<", ">"])


def parse_selector(text: str) -> Condition:
    """Return the condition that the selector `text` expresses, the inverse of `selector_text`.

    >>> parse_selector("win or py>=38 and py<310") == any_of(
    ...     os_in({"win"}), python_in(Span(PyVersion((3, 8)), PyVersion((3, 10))))
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
        if self.tokens[position : position + 4] == _X86:
            return arch_is("x86"), position + 4
        if self.tokens[position : position + 6] == _NOT_X86:
            return arch_is("x86", negated=True), position + 6
        match self.token(position):
            case "not":
                parsed, position = self.negation(position + 1, depth + 1)
                return negate(parsed), position
            case "(":
                parsed, position = self.disjunction(position + 1, depth + 1)
                if self.token(position) != ")":
                    raise _unmodelled(self.text)
                return parsed, position + 1
            case _ if self.token(position + 1) in _SIGNS:
                return self.comparison(*self.tokens[position : position + 3]), position + 3
            case name:
                return self.atom(name), position + 1

    def comparison(self, left: str = "", sign: str = "", right: str = "") -> Condition:
        if left == "py":
            return self.python(sign, right)
        if sign not in {"==", "!="}:
            raise _unmodelled(self.text)
        equal = self.equal(left, right)
        return negate(equal) if sign == "!=" else equal

    def equal(self, left: str, right: str) -> Condition:
        if left == "build_platform" and right in {"target_platform", "host_platform"}:
            return negate(CROSS)
        value = self.value(right)
        if left == "target_platform" and right[:1] in {'"', "'"}:
            return self.platform(value)
        if not _is_key(left):
            raise _unmodelled(self.text)
        return variant_is(left, value)

    def value(self, token: str) -> str:
        if token in {"True", "False"}:
            return token.lower()
        if token[:1] in {'"', "'"}:
            value = _ESCAPE.sub(_unescape, token[1:-1])
            if converted(value) == value and value not in {"true", "false"} and not _is_number(value):
                return value
        elif _is_number(token):
            return str(int(token))
        # conda-build has made the variant's numbers and booleans something else than text.
        raise _unmodelled(self.text)

    def python(self, sign: str, digits: str) -> Condition:
        if not re.fullmatch(r"[23][0-9]{1,3}", digits):
            raise _unmodelled(self.text)
        version = PyVersion((int(digits[0]), int(digits[1:])))
        match sign:
            case "<":
                return python_in(Span(None, version))
            case ">=":
                return python_in(Span(version, None))
            case "<=":
                return python_in(Span(None, minor_after(version)))
            case ">":
                return python_in(Span(minor_after(version), None))
            case "==":
                return python_in(Span(version, minor_after(version)))
            case _:
                return negate(python_in(Span(version, minor_after(version))))

    def platform(self, subdir: str) -> Condition:
        system, _, suffix = subdir.partition("-")
        arch = {"64": "x86_64", "32": "x86"}.get(suffix, suffix)
        if system not in OPERATING_SYSTEMS or arch not in _ARCHS:
            raise _unmodelled(self.text)
        return all_of(os_in({system}), arch_is(arch))

    def atom(self, name: str) -> Condition:
        match name:
            case "True":
                return ALWAYS
            case "False":
                return NEVER
            case "unix":
                return os_in({"linux", "osx"})
            case "x86":
                return any_of(arch_is("x86"), arch_is("x86_64"))
            case _ if name in OPERATING_SYSTEMS:
                return os_in({name})
            case _ if name in _SUBDIRS:
                return _SUBDIRS[name]
            case _ if name in _ARCHS:
                return arch_is(name)
            case _ if _is_key(name):
                return variant_is(name)
            case _:
                raise _unmodelled(self.text)


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2) or match.group(3)
    return match.group(4) if code is None else chr(int(code, 16))


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+", text, re.ASCII) is not None


def _is_key(name: str) -> bool:
    return _KEY.fullmatch(name) is not None and name not in _RESERVED


def _unmodelled(text: str) -> RecipeError:
    return RecipeError("unmodelled-recipe", f"the selector {text[:120]!r} isn't one that conda-bridge models")

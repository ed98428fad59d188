"""Match specs on pythons and systems -> conditions: a pin of python, and the `when` of a dependency.

Source: CEP 29 (match specs), CEP 30 (virtual packages), CEP 43 (conditional dependencies).
"""

import re
from collections.abc import Iterable

from packaging.specifiers import SpecifierSet

from conda_bridge.errors import TranslationError
from conda_bridge.model.condition import ALWAYS, Condition, PythonIn, all_of, any_of, os_in
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.python_versions import PyVersion, Span, union
from conda_bridge.model.recipe import MatchSpec
from conda_bridge.translate.match_specs import keyed_spec, specifier_sets
from conda_bridge.translate.untrusted import check_readable
from conda_bridge.translate.versions import python_condition

__all__ = [
    "GATES",
    "alternatives_of",
    "condition_of_when",
    "gate_condition",
    "python_condition_of",
    "python_condition_of_conda",
    "without_channel",
]

GATES = {
    "__linux": ("linux",),
    "__osx": ("osx",),
    "__unix": ("linux", "osx"),
    "__win": ("win",),
}
"""Virtual package -> the systems that have it. Source: CEP 30."""
_LAST_MINORS = {0: 9, 1: 6, 2: 7}
"""Major version of python -> its last minor one: nothing came between them and the next major version."""


def alternatives_of(spec: MatchSpec) -> tuple[tuple[SpecifierSet, ...], tuple[Diagnostic, ...]]:
    """Return the specifiers of each alternative of a constraint; any of them will do.

    Raises:
        TranslationError: `inexpressible-spec`.
    """
    found = specifier_sets(spec.version or "*")
    return found.value, tuple(dict.fromkeys(found.diagnostics))


def python_condition_of_conda(spec: MatchSpec) -> Condition:
    """Return where a match spec on python holds.

    Raises:
        TranslationError: `inexpressible-spec`.
    """
    return python_condition_of(alternatives_of(spec)[0])


def python_condition_of(alternatives: Iterable[SpecifierSet]) -> Condition:
    """Return where one of several Requires-Python holds; gaps that no python is in don't count.

    Raises:
        TranslationError: `inexpressible-spec`.
    """
    return _tidied(any_of(*map(python_condition, alternatives)))


def _tidied(condition: Condition) -> Condition:
    """Let spans reach up to the next python that there is: after 2.7 came 3.0."""
    if not isinstance(condition, PythonIn):
        return condition
    spans = union(Span(span.lower, _reached(span.upper)) for span in condition.spans)
    return ALWAYS if spans == (Span(),) else PythonIn(spans)


def _reached(upper: PyVersion | None) -> PyVersion | None:
    if upper is None:
        return None
    major, minor = (*upper.release, 0)[:2]
    return PyVersion((major + 1,)) if minor > _LAST_MINORS.get(major, minor) else upper


# ---------------------------------------------------------------- conditions


def without_channel(text: str) -> str:
    """Return a match spec in lower case without the channel that it may begin with.

    >>> without_channel("conda-forge::demo[when='other::__WIN']")
    "demo[when='other::__win']"
    """
    head, bracket, keys = text.strip().lower().partition("[")
    return f"{head.rpartition('::')[2].lstrip()}{bracket}{keys}"


def gate_condition(depends: Iterable[str]) -> Condition:
    """Return on which systems all virtual packages are there that match specs name; what isn't known is everywhere.

    >>> gate_condition(["python", "__win"])
    OsIn(systems=frozenset({'win'}))
    """
    named = map(without_channel, depends)
    return all_of(*(os_in(GATES[name]) for name in named if name in GATES))


def condition_of_when(text: str) -> Condition:
    """Return what the `when` of a match spec says of pythons and systems.

    >>> condition_of_when("__win and __unix")
    Never()

    Raises:
        MetadataError: `invalid-requirement`.
        TranslationError: `inexpressible-spec`, also for one that depends on what else is installed.

    Source: CEP 43.
    """
    check_readable(text)
    tokens = _Tokens(re.findall(r"[()]|[^\s()]+", text))
    condition = _either(tokens)
    if tokens.next:
        raise _no_condition(text)
    return condition


class _Tokens:
    """The words and parentheses of a condition, from left to right."""

    def __init__(self, words: list[str]) -> None:
        self._words = words[::-1]

    @property
    def next(self) -> str:
        """The first that wasn't taken; empty at the end."""
        return self._words[-1] if self._words else ""

    def take(self) -> str:
        return self._words.pop()


def _either(tokens: _Tokens) -> Condition:
    parts = [_both(tokens)]
    while tokens.next == "or":
        tokens.take()
        parts.append(_both(tokens))
    return any_of(*parts)


def _both(tokens: _Tokens) -> Condition:
    parts = [_one(tokens)]
    while tokens.next == "and":
        tokens.take()
        parts.append(_one(tokens))
    return all_of(*parts)


def _one(tokens: _Tokens) -> Condition:
    if tokens.next == "(":
        tokens.take()
        condition = _either(tokens)
        if tokens.next != ")":
            raise _no_condition(tokens.next)
        tokens.take()
        return condition
    words: list[str] = []
    while tokens.next not in {"", "(", ")", "and", "or"}:
        words.append(tokens.take())
    return _of_spec(" ".join(words))


def _of_spec(text: str) -> Condition:
    keyed = keyed_spec(text)
    spec = keyed.spec
    if keyed.keys or spec.build:
        raise _no_condition(text)
    if spec.conda_name == "python":
        return python_condition_of_conda(spec)
    if spec.conda_name not in GATES or spec.version:
        raise _no_condition(text)
    return os_in(GATES[spec.conda_name])


def _no_condition(text: str) -> TranslationError:
    message = f"the condition {text!r:.100} is none on python or a kind of system, as markers are"
    return TranslationError("inexpressible-spec", message)

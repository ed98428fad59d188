"""Spec <-> one entry of a requirements section in a v1 recipe, both directions side by side.

| spec | written |
|---|---|
| `MatchSpec` | `name`, `name >=1,<2`, `name >=1 build*`, `name * build*` |
| `PythonMinSpec` | `python ${{ python_min }}.*` or `python >=${{ python_min }},<3.14` |
| `CompilerSpec`, `StdlibSpec` | `${{ compiler('c') }}`, `${{ stdlib('c') }}` |
| `CrossPythonSpec` | `cross-python_${{ target_platform }}` |
| `PinSpec` | `${{ pin_subpackage('name', exact=True) }}` |

Source: CEP 13, CEP 14; single quotes, because the linter's rule on Rust looks for `compiler('rust')`.
"""

import re

from conda_bridge.errors import RecipeError
from conda_bridge.formats.v1_text import decode, encode
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    CompilerSpec,
    CrossPythonSpec,
    MatchSpec,
    PinSpec,
    PythonMinSpec,
    Spec,
    StdlibSpec,
)

__all__ = ["EXACT_PYTHON_MIN", "parse_spec", "spec_text"]

_PYTHON_MIN = "${{ python_min }}"
EXACT_PYTHON_MIN = f"{_PYTHON_MIN}.*"
"""The version constraint that means the recipe's lowest python."""

_FROM_PYTHON_MIN = f">={_PYTHON_MIN}"
_CROSS_PYTHON = "cross-python_${{ target_platform }}"

_WORD = re.compile(r"[A-Za-z0-9_.!*+-]+", re.ASCII)
"""What a function's argument may hold; nothing that ends a string or an expression."""
_CALL = re.compile(r"\$\{\{ ?([a-z_]+)\((.*)\) ?\}\}")
_ARGUMENT = re.compile(
    # keyword, text in single quotes, in double quotes; or `exact=True`
    r"""(?:(lower_bound|upper_bound)=)?(?:'([\w.!*+-]+)'|"([\w.!*+-]+)")|(exact)=[Tt]rue""",
    re.ASCII,
)
_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]*", re.ASCII)


def spec_text(spec: Spec) -> str:
    """Return the entry for `spec`, before YAML quoting.

    >>> spec_text(PythonMinSpec(is_exact=False, upper="3.14"))
    'python >=${{ python_min }},<3.14'

    Raises:
        RecipeError: `unrenderable-recipe` for a spec whose parts would run into each other.
    """
    match spec:
        case MatchSpec():
            return encode(_match_text(spec))
        case PythonMinSpec(is_exact=True):
            return f"python {EXACT_PYTHON_MIN}"
        case PythonMinSpec():
            return "python " + ",".join(part for part in (_FROM_PYTHON_MIN, *_bounds(spec)) if part)
        case CompilerSpec(language=language):
            return _call("compiler", language)
        case StdlibSpec(language=language):
            return _call("stdlib", language)
        case CrossPythonSpec():
            return _CROSS_PYTHON
        case PinSpec(function=function, conda_name=name, is_exact=is_exact, lower=lower, upper=upper):
            bounds = {"lower_bound": lower, "upper_bound": upper}
            return _call(function, name, is_exact=is_exact, **{k: v for k, v in bounds.items() if v})


def _match_text(spec: MatchSpec) -> str:
    parts = (spec.conda_name, spec.version, spec.build)
    if not spec.conda_name or any(re.search(r"\s", part) for part in parts):
        raise RecipeError("unrenderable-recipe", f"{str(spec)!r} has blanks inside its parts")
    return str(spec)


def _bounds(spec: PythonMinSpec) -> tuple[str, str]:
    return (encode(f"<{spec.upper}") if spec.upper else "", encode(spec.extra))


def _call(function: str, name: str, *, is_exact: bool = False, **bounds: str) -> str:
    for word in (name, *bounds.values()):
        if not _WORD.fullmatch(word):
            raise RecipeError("unrenderable-recipe", f"{word!r} can't be an argument of {function}()")
    arguments = [
        f"'{name}'",
        *(["exact=True"] if is_exact else []),
        *(f"{k}='{v}'" for k, v in bounds.items()),
    ]
    return f"${{{{ {function}({', '.join(arguments)}) }}}}"


def parse_spec(written: str) -> Spec:
    """Return the spec that `written` is, the inverse of `spec_text`.

    Raises:
        RecipeError: `unmodelled-recipe` for anything that `spec_text` doesn't write.
    """
    if written == _CROSS_PYTHON:
        return CrossPythonSpec()
    call = _CALL.fullmatch(written)
    if call is not None:
        return _called(written, call.group(1), call.group(2))
    parts = written.split(maxsplit=1)
    if parts and parts[0] == "python" and _PYTHON_MIN in written:
        return _python_min(parts[1])
    return _match_spec(decode(written))


def _called(written: str, function: str, text: str) -> Spec:
    match function, _arguments(written, text):
        case "compiler", {"": language, **rest} if not rest:
            return CompilerSpec(language=language)
        case "stdlib", {"": language, **rest} if not rest:
            return StdlibSpec(language=language)
        case ("pin_subpackage" | "pin_compatible") as pin, {"": name, **rest} if _NAME.fullmatch(name):
            return PinSpec(
                function=pin,
                conda_name=CondaName(name),
                is_exact="exact" in rest,
                lower=rest.get("lower_bound", ""),
                upper=rest.get("upper_bound", ""),
            )
        case _:
            raise _unmodelled(written)


def _arguments(written: str, text: str) -> dict[str, str]:
    """Return a call's arguments by keyword; the positional one has none."""
    arguments: dict[str, str] = {}
    for part in text.split(", "):
        match = _ARGUMENT.fullmatch(part)
        if match is None:
            raise _unmodelled(written)
        keyword = match[1] or match[4] or ""
        if keyword in arguments:
            raise _unmodelled(written)
        arguments[keyword] = match[2] or match[3] or "true"
    return arguments


def _python_min(written: str) -> Spec:
    if written == EXACT_PYTHON_MIN:
        return PythonMinSpec(is_exact=True)
    if not written.startswith(_FROM_PYTHON_MIN):
        raise _unmodelled(f"python {written}")
    tail = decode(written.removeprefix(_FROM_PYTHON_MIN))
    clauses = tail.split(",")
    if clauses.pop(0) or re.search(r"\s", tail) or "" in clauses:
        raise _unmodelled(f"python {written}")
    has_upper = bool(clauses) and re.fullmatch(r"<[^=].*", clauses[0]) is not None
    upper = clauses.pop(0)[1:] if has_upper else ""
    return PythonMinSpec(is_exact=False, upper=upper, extra=",".join(clauses))


def _match_spec(text: str) -> MatchSpec:
    parts = text.split()
    if not 1 <= len(parts) <= 3 or not _NAME.fullmatch(parts[0]):
        raise _unmodelled(text)
    name, version, build = (*parts, "", "")[:3]
    return MatchSpec(
        conda_name=CondaName(name), version="" if build and version == "*" else version, build=build
    )


def _unmodelled(written: str) -> RecipeError:
    return RecipeError(
        "unmodelled-recipe", f"the requirement {written[:120]!r} isn't one that conda-bridge models"
    )

"""Spec <-> one entry of a requirements section in a v0 recipe, both directions side by side.

| spec | written |
|---|---|
| `MatchSpec` | `name`, `name >=1,<2`, `name >=1 build*`, `name * build*` |
| `PythonMinSpec` | `python {{ python_min }}` or `python >={{ python_min }},<3.14` |
| `CompilerSpec`, `StdlibSpec` | `{{ compiler('c') }}`, `{{ stdlib('c') }}` |
| `CrossPythonSpec` | `cross-python_{{ target_platform }}` |
| `PinSpec` | `{{ pin_compatible('name', min_pin='x.x', upper_bound='3') }}` |

What v0 says otherwise is settled before, by `restrict_spec`.

Source: conda-build's recipe documentation, `ensure_valid_spec` in utils.py, `pin_compatible` in jinja_context.py.
"""

import re
from dataclasses import replace

from conda_bridge.errors import RecipeError
from conda_bridge.formats import v1_specs
from conda_bridge.formats.v0_text import decode, encode
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import MatchSpec, PinSpec, PythonMinSpec, Spec

__all__ = ["EXACT_PYTHON_MIN", "parse_spec", "restrict_spec", "spec_text"]

_PYTHON_MIN = "{{ python_min }}"
EXACT_PYTHON_MIN = f"python {_PYTHON_MIN}"
"""The entry that means the recipe's lowest python: conda-build adds `.*`."""

_FROM_PYTHON_MIN = f"python >={_PYTHON_MIN}"
_ALSO_EXACT = frozenset({f"{EXACT_PYTHON_MIN}.*", f"python ={_PYTHON_MIN}", f"python =={_PYTHON_MIN}.*"})
_SPACED = re.compile(r"[^\s,]+ +[<>=!~][^\s,]*(?:, *[<>=!~][^\s,]*)+")

_FUZZY = re.compile(r"[\w.!+-]+", re.ASCII)
"""Versions that conda-build takes for a beginning: it adds `.*`."""
_PLACES = re.compile(r"x(?:\.x)*")

_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]*", re.ASCII)
_MACRO = re.compile(r"\{\{ (?:compiler|stdlib)\(|cross-python_\{\{")
_WORD = re.compile(r"[A-Za-z0-9_.!*+-]+", re.ASCII)
_PIN = re.compile(r"\{\{ (pin_subpackage|pin_compatible)\('([a-z0-9_][a-z0-9_.-]*)'((?:, \w+=[^,]+)*)\) \}\}")
_ARGUMENT = re.compile(r"(?:(min_pin|max_pin|lower_bound|upper_bound)='([\w.!*+-]+)'|(exact)=True)", re.ASCII)


def restrict_spec(spec: Spec) -> tuple[Spec, bool]:
    """Return the nearest spec that v0 can say, and whether it means the very same."""
    match spec:
        case MatchSpec(version=version, build="") if _FUZZY.fullmatch(version):
            return replace(spec, version=f"=={version}"), True
        case PinSpec(function="pin_subpackage", is_exact=False):
            return _restrict_pin(spec)
        case PinSpec(function="pin_compatible", is_exact=False, lower=lower, upper=upper):
            # conda-build reckons the upper places from the lower version, not from the one that it found.
            return spec, not _is_version(lower) or _is_version(upper)
        case _:
            return spec, True


def _restrict_pin(spec: PinSpec) -> tuple[Spec, bool]:
    """`pin_subpackage` takes places only; versions are said as a plain requirement."""
    lower, upper = _is_version(spec.lower), _is_version(spec.upper)
    if not lower and not upper:
        return spec, True
    clauses = [f">={spec.lower}"] * lower + [f"<{spec.upper}"] * upper
    return MatchSpec(conda_name=spec.conda_name, version=",".join(clauses)), lower and upper


def _is_version(bound: str) -> bool:
    return bool(bound) and not _PLACES.fullmatch(bound)


def spec_text(spec: Spec) -> str:
    """Return the entry for `spec`, before YAML quoting.

    >>> spec_text(PythonMinSpec(is_exact=False, upper="3.14"))
    'python >={{ python_min }},<3.14'

    Raises:
        RecipeError: `unrenderable-recipe` for a spec whose parts would run into each other, and for what
            `restrict_spec` would change.
    """
    if restrict_spec(spec)[0] != spec:
        raise RecipeError("unrenderable-recipe", f"v0 says {spec} in another way")
    match spec:
        case MatchSpec():
            parts = (spec.conda_name, spec.version, spec.build)
            if not spec.conda_name or any(re.search(r"\s", part) for part in parts):
                raise RecipeError("unrenderable-recipe", f"{str(spec)!r} has blanks inside its parts")
            return encode(str(spec))
        case PythonMinSpec(is_exact=True):
            return EXACT_PYTHON_MIN
        case PythonMinSpec(upper=upper, extra=extra):
            bounds = (f"<{upper}" if upper else "", extra)
            return ",".join((_FROM_PYTHON_MIN, *(encode(bound) for bound in bounds if bound)))
        case PinSpec():
            return _pin_text(spec)
        case _:
            return v1_specs.spec_text(spec).replace("${{", "{{")


def _pin_text(spec: PinSpec) -> str:
    bounds = {
        "lower_bound" if _is_version(spec.lower) else "min_pin": spec.lower,
        "upper_bound" if _is_version(spec.upper) else "max_pin": spec.upper,
    }
    for word in (spec.conda_name, *filter(None, bounds.values())):
        if not _WORD.fullmatch(word):
            raise RecipeError("unrenderable-recipe", f"{word!r} can't be an argument of {spec.function}()")
    arguments = [
        f"'{spec.conda_name}'",
        *(["exact=True"] if spec.is_exact else []),
        *(f"{key}='{value}'" for key, value in bounds.items() if value),
    ]
    return f"{{{{ {spec.function}({', '.join(arguments)}) }}}}"


def parse_spec(written: str) -> Spec:
    """Return the spec that `written` is, the inverse of `spec_text`; some other spellings are read, too.

    Raises:
        RecipeError: `unmodelled-recipe` for what isn't one of the table.
    """
    if "{{" not in written and _SPACED.fullmatch(written):
        return _match_spec(re.sub(r", +", ",", written))
    if written == EXACT_PYTHON_MIN or written in _ALSO_EXACT:
        return PythonMinSpec(is_exact=True)
    if written.startswith(_FROM_PYTHON_MIN):
        return _from_python_min(written)
    pin = _PIN.fullmatch(written)
    if pin is not None:
        return _parse_pin(written, pin)
    if _MACRO.match(written):
        return v1_specs.parse_spec(written.replace("{{", "${{"))
    return _match_spec(decode(written))


def _from_python_min(written: str) -> Spec:
    tail = decode(written.removeprefix(_FROM_PYTHON_MIN))
    clauses = tail.split(",")
    if clauses.pop(0) or re.search(r"\s", tail) or "" in clauses:
        raise _unmodelled(written)
    has_upper = bool(clauses) and re.fullmatch(r"<[^=].*", clauses[0]) is not None
    upper = clauses.pop(0)[1:] if has_upper else ""
    return PythonMinSpec(is_exact=False, upper=upper, extra=",".join(clauses))


def _parse_pin(written: str, pin: re.Match[str]) -> Spec:
    bounds: dict[str, str] = {}
    for argument in pin.group(3).split(", ")[1:]:
        match = _ARGUMENT.fullmatch(argument)
        if match is None or bounds.keys() & {match[1] or match[3]}:
            raise _unmodelled(written)
        bounds[match[1] or match[3]] = match[2] or "True"
    spec = PinSpec(
        function="pin_compatible" if pin.group(1) == "pin_compatible" else "pin_subpackage",
        conda_name=CondaName(pin.group(2)),
        is_exact="exact" in bounds,
        lower=bounds.get("lower_bound") or bounds.get("min_pin", ""),
        upper=bounds.get("upper_bound") or bounds.get("max_pin", ""),
    )
    if spec_text(spec).count("=") != written.count("="):
        # Both a version and places for one end.
        raise _unmodelled(written)
    return spec


def _match_spec(text: str) -> MatchSpec:
    parts = text.split()
    if not 1 <= len(parts) <= 3 or not _NAME.fullmatch(parts[0]) or parts[1:] == ["x.x"]:
        raise _unmodelled(text)
    name, version, build = (*parts, "", "")[:3]
    if build and version == "*":
        version = ""
    is_fuzzy = not build and _FUZZY.fullmatch(version)
    return MatchSpec(conda_name=CondaName(name), version=f"{version}.*" if is_fuzzy else version, build=build)


def _unmodelled(written: str) -> RecipeError:
    return RecipeError(
        "unmodelled-recipe", f"the requirement {written[:120]!r} isn't one that conda-bridge models"
    )

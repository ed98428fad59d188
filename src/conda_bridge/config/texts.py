"""Texts of a configuration file -> values that may stand in a recipe, or a complaint with file and key.

What comes from the user's file is held to the same rules as what comes from a stranger's: nothing ends a line,
nothing acts as an expression, addresses are https, paths stay in the source.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from packaging.utils import canonicalize_name

from conda_bridge.config.entries import Entry
from conda_bridge.errors import BridgeError, ConfigError
from conda_bridge.formats.v1_conditions import parse_condition
from conda_bridge.formats.v1_specs import parse_spec
from conda_bridge.infer.project.entry_points import read_entry_points
from conda_bridge.infer.project.statements import EntryPointLine
from conda_bridge.infer.project.texts import has_controls
from conda_bridge.infer.project.urls import read_urls
from conda_bridge.model.condition import Condition, PyVersion
from conda_bridge.model.names import (
    CondaName,
    PypiName,
    conda_name,
    is_github_name,
    is_valid_pypi_name,
    pypi_name,
)
from conda_bridge.model.project import Known
from conda_bridge.model.recipe import MatchSpec, PythonMinSpec, Spec, spec_key
from conda_bridge.translate.license_ids import canonical
from conda_bridge.translate.match_specs import parse_match_spec
from conda_bridge.translate.shell import shell_word

__all__ = [
    "address_of",
    "command_of",
    "conda_name_of",
    "condition_of",
    "entry_point_of",
    "extra_of",
    "github_name_of",
    "invalid",
    "key_of",
    "license_of",
    "line_of",
    "module_of",
    "path_of",
    "pypi_name_of",
    "python_of",
    "spec_of",
    "word_of",
]

T = TypeVar("T")

_CLAUSE = r"(?:==|!=|<=|>=|~=|=|<|>)?[0-9A-Za-z_.!+*-]+"
_CONSTRAINT = re.compile(rf"{_CLAUSE}(?:[,|]{_CLAUSE})*", re.ASCII)
_BUILD = re.compile(r"[0-9A-Za-z_.*+-]+", re.ASCII)
_KEY = re.compile(r"[a-z0-9_][a-z0-9_.-]*|(?:compiler|stdlib)\([a-z0-9_.-]+\)", re.ASCII)
_PYTHON = re.compile(r"3\.[0-9]{1,3}", re.ASCII)
_MAX_CHARACTERS = 2_000


def spec_of(entry: Entry) -> Spec:
    """Return a requirement: a match spec, or an expression as v1 recipes write it (`${{ compiler('c') }}`)."""
    text = line_of(entry)
    spec = _asked(entry, lambda: parse_spec(text) if "${{" in text else _match_spec(text))
    parts: tuple[tuple[re.Pattern[str], str], ...] = ()
    match spec:
        case MatchSpec(version=version, build=build):
            parts = ((_CONSTRAINT, version), (_BUILD, build))
        case PythonMinSpec(upper=upper, extra=extra):
            parts = ((_CONSTRAINT, upper), (_CONSTRAINT, extra))
        case _:
            pass
    if any(part and not pattern.fullmatch(part) for pattern, part in parts):
        raise invalid(entry, f"{text!r} is no requirement")
    return spec


def _match_spec(text: str) -> MatchSpec:
    read = parse_match_spec(text)
    if read.diagnostics:
        raise ConfigError("invalid-override", f"a recipe can't say all of {text!r}")
    return read.value


def key_of(entry: Entry, text: str | None = None) -> str:
    """Return the name under which inference knows a requirement: `numpy`, `compiler(c)`, `stdlib(c)`."""
    written = line_of(entry) if text is None else text
    if "${{" in written:
        return _asked(entry, lambda: spec_key(parse_spec(written)))
    if not _KEY.fullmatch(written.lower()):
        raise invalid(entry, f"{written[:80]!r} is no conda name, compiler(...) or stdlib(...)")
    return written.lower()


def condition_of(entry: Entry) -> Condition:
    """Return a condition in the syntax of v1 recipes."""
    text = line_of(entry)
    return _asked(entry, lambda: parse_condition(text))


def command_of(entry: Entry) -> str:
    """Return a line of a script. It is the user's own shell text; only that it stays one line is checked."""
    return line_of(entry)


def word_of(entry: Entry, text: str) -> str:
    """Return text that every platform's shell can be given as one word."""
    _asked(entry, lambda: shell_word(text))
    return text


def module_of(entry: Entry) -> str:
    """Return the name of a module to import."""
    text = line_of(entry)
    if not all(part.isidentifier() for part in text.split(".")):
        raise invalid(entry, f"{text!r} is no module")
    return text


def entry_point_of(entry: Entry, project: str) -> str:
    """Return `name = module:attribute`; `project` may have a command of its own name."""
    text = line_of(entry)
    name, mark, target = (part.strip() for part in text.partition("="))
    line = EntryPointLine(name=name, target=target, group="console_scripts", origin=entry.origin)
    points, findings = _asked(entry, lambda: read_entry_points([line], project=PypiName(project)))
    if not mark or not points or findings:
        raise invalid(entry, f"{text!r} is not `name = module:attribute`")
    return f"{points[0].name} = {points[0].target}"


def address_of(entry: Entry) -> str:
    """Return an https address without credentials; an empty one stays empty."""
    if entry.value == "":
        return ""
    text = line_of(entry)
    kept, findings = read_urls([("", Known(value=text, origin=entry.origin))])
    if findings or not kept or not text.startswith("https://"):
        raise invalid(entry, f"{text!r} is no https address without credentials")
    return text


def license_of(entry: Entry) -> str:
    """Return an SPDX expression in canonical form."""
    text = line_of(entry)
    expression = canonical(text)
    if expression is None:
        raise invalid(entry, f"{text!r} is no SPDX expression; what SPDX doesn't know is LicenseRef-<name>")
    return expression


def path_of(entry: Entry) -> str:
    """Return a path inside the source, `/` spelling."""
    text = line_of(entry)
    if any(mark in text for mark in "\\:") or any(part in {"", ".", ".."} for part in text.split("/")):
        raise invalid(entry, f"{text!r} is no path inside the source")
    return text


def python_of(entry: Entry) -> PyVersion:
    """Return a python as major.minor."""
    text = line_of(entry)
    if not _PYTHON.fullmatch(text):
        raise invalid(entry, f"{text!r} is no python such as '3.11'")
    return PyVersion.from_text(text)


def extra_of(entry: Entry) -> str:
    """Return the normalised name of an extra."""
    text = line_of(entry)
    if not is_valid_pypi_name(text):
        raise invalid(entry, f"{text!r} can't be an extra's name")
    return canonicalize_name(text)


def github_name_of(entry: Entry) -> str:
    """Return a maintainer."""
    text = line_of(entry)
    if not is_github_name(text):
        raise invalid(entry, f"{text!r} is no GitHub user and no ORGANISATION/TEAM")
    return text


def conda_name_of(entry: Entry) -> CondaName:
    """Return a conda name."""
    text = line_of(entry)
    return _asked(entry, lambda: conda_name(text))


def pypi_name_of(entry: Entry, text: str) -> PypiName:
    """Return a PyPI name, normalised; `entry` is where it stands."""
    return _asked(entry, lambda: pypi_name(text))


def invalid(entry: Entry, message: str) -> ConfigError:
    """Return the failure of a value that can't stand in a recipe."""
    return ConfigError("invalid-override", message, where=entry.where)


def line_of(entry: Entry) -> str:
    """Return a text of one line."""
    text = entry.text()
    if has_controls(text) or text != text.strip() or len(text) > _MAX_CHARACTERS:
        raise invalid(entry, f"{text[:80]!r} is not one line without blanks around it")
    return text


def _asked(entry: Entry, read: Callable[[], T]) -> T:
    try:
        return read()
    except BridgeError as error:
        raise invalid(entry, error.message) from error

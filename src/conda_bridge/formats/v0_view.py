"""Recipe -> what the template `recipe-v0/meta.yaml.j2` lays out.

Every string of the view is finished: outside text has its Jinja defused, YAML quoting is done, and selectors
stand behind it. The template gives keys, order and indentation, nothing else.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeAlias

from conda_bridge.errors import RecipeError
from conda_bridge.formats.scalars import scalar
from conda_bridge.formats.urls import split_at_version
from conda_bridge.formats.v0_limits import is_boolean
from conda_bridge.formats.v0_specs import EXACT_PYTHON_MIN, spec_text
from conda_bridge.formats.v0_tests import section_of
from conda_bridge.formats.v0_text import VERSION, encode, encode_command, line, selector_of
from conda_bridge.formats.view_values import (
    ABI3,
    build_number_text,
    check_env,
    entry_point_text,
    is_flat,
    leading_output,
)
from conda_bridge.model.condition import ALWAYS, Condition, any_of
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    PYTHON_MIN,
    SECTIONS,
    About,
    GitSource,
    MatchSpec,
    Output,
    PathSource,
    Recipe,
    RecipeTest,
    Requirement,
    Requirements,
    Script,
    Source,
    UrlSource,
)

__all__ = [
    "SECTION_KEYS",
    "SPLIT",
    "Field",
    "OutputView",
    "RecipeView",
    "Value",
    "own_requirements",
    "view_of",
]

SPLIT = "-split"
"""The end of the name of a recipe whose own name is that of an output."""

SECTION_KEYS = {"build": "build", "host": "host", "run": "run", "run_constraints": "run_constrained"}
"""How v0 calls the sections."""

_PYTHON = "${{ PYTHON }}"
_VARIABLE = re.compile(r"[A-Za-z0-9._!+~-]+", re.ASCII)
"""What `{% set %}` takes, without anything that Jinja or YAML could take for its own."""

Value: TypeAlias = str | tuple[str, ...]
"""What stands behind a key: on the key's line, or as a list below it. The empty one isn't written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A key with its value."""

    key: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputView:
    """One output."""

    name: str
    version: str
    """Empty where it is the recipe's."""
    build: tuple[Field, ...]
    requirements: tuple[Field, ...]
    test: tuple[Field, ...]
    about: tuple[Field, ...]
    """Empty where it is the recipe's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeView:
    """The whole recipe; flat if its one output is the recipe."""

    variables: tuple[Field, ...]
    is_flat: bool
    name: str
    version: str
    sources: tuple[tuple[Field, ...], ...]
    build_number: str
    requirements: tuple[Field, ...]
    """Of the recipe itself, beside its outputs."""
    outputs: tuple[OutputView, ...]
    about: tuple[Field, ...]
    maintainers: Value


def view_of(recipe: Recipe) -> RecipeView:
    """Return the view of a restricted recipe.

    Raises:
        RecipeError: `unrenderable-recipe` for what v0 can't say.
    """
    shared = _shared_about(recipe)
    variables = {"version": recipe.version, PYTHON_MIN: recipe.python_min}
    for name, value in variables.items():
        if value or name == "version":
            _check_plain(name, value)
    return RecipeView(
        variables=_fields({name: f'"{value}"' for name, value in variables.items() if value}),
        is_flat=is_flat(recipe),
        name=_name(_own_name(recipe)),
        version=VERSION if scalar(recipe.version) == recipe.version else f'"{VERSION}"',
        sources=tuple(_source(source, recipe.version) for source in recipe.sources),
        build_number=build_number_text(recipe.build_number),
        requirements=() if is_flat(recipe) else _requirements(own_requirements(recipe.outputs)),
        outputs=tuple(_output(output, recipe.version, shared) for output in recipe.outputs),
        about=_about(shared),
        maintainers=tuple(map(_text, recipe.maintainers)),
    )


def _check_plain(name: str, value: str) -> None:
    if is_boolean(value) or not _VARIABLE.fullmatch(value):
        raise RecipeError("unrenderable-recipe", f"{name} can't be {value[:80]!r}")


def own_requirements(outputs: tuple[Output, ...]) -> Requirements:
    """Return what a recipe requires beside its outputs: conda-build knows `PYTHON` in no output's script without it.

    Source: conda-build, `python_vars` in environ.py; issue 5424.
    """
    commands = (line.command for output in outputs for line in output.script.lines)
    python = Requirement(spec=MatchSpec(conda_name=CondaName("python")))
    return Requirements(host=(python,) if any(_PYTHON in command for command in commands) else ())


def _own_name(recipe: Recipe) -> str:
    """Return a name that no output has: conda-build loses the tests of an output with the recipe's own name.

    Source: conda-build, `get_output_metadata`; conda-forge's recipes of several outputs use this suffix.
    """
    names = {output.conda_name for output in recipe.outputs}
    if is_flat(recipe) or recipe.name not in names:
        return recipe.name
    if (own := f"{recipe.name}{SPLIT}") in names:
        raise RecipeError("unrenderable-recipe", f"both {recipe.name!r} and {own!r} are outputs")
    return own


def _shared_about(recipe: Recipe) -> About:
    """Return what stands in the recipe's about section, which an output without one of its own inherits whole."""
    abouts = [output.about for output in recipe.outputs]
    return About() if About() in abouts else leading_output(recipe).about


# ---------------------------------------------------------------- values


def _text(value: str) -> str:
    return line(encode(value))


def _name(name: str) -> str:
    if is_boolean(name):
        raise RecipeError("unrenderable-recipe", f"conda-build makes a boolean of the package name {name!r}")
    return _text(name)


def _optional(value: str) -> str:
    return _text(value) if value else ""


def _fields(values: Mapping[str, Value]) -> tuple[Field, ...]:
    return tuple(Field(key=key, value=value) for key, value in values.items() if value)


def _one_or_list(values: tuple[str, ...]) -> Value:
    texts = tuple(map(_text, values))
    return texts[0] if len(texts) == 1 and not is_boolean(values[0]) else texts


# ---------------------------------------------------------------- sources and about


def _source(source: Source, version: str) -> tuple[Field, ...]:
    match source:
        case UrlSource(url=url, sha256=sha256):
            *pieces, last = split_at_version(url, version)
            parts = (encode(piece, is_before_expression=True) + VERSION for piece in pieces)
            return _fields({"url": line("".join((*parts, encode(last)))), "sha256": _text(sha256)})
        case GitSource(url=url, commit=commit):
            return _fields({"git_url": _text(url), "git_rev": _text(commit)})
        case PathSource(path=path, sha256=sha256) if sha256 and path.startswith("/"):
            # conda-build unpacks archives that it gets by their URL only.
            return _fields({"url": _text(PurePosixPath(path).as_uri()), "sha256": _text(sha256)})
        case PathSource(path=path, sha256=sha256):
            return _fields({"path": _text(path), "sha256": _optional(sha256)})


def _about(about: About) -> tuple[Field, ...]:
    return _fields(
        {
            "home": _optional(about.homepage),
            "summary": _optional(about.summary),
            "description": _optional(about.description),
            "license": _optional(about.license),
            "license_file": _one_or_list(about.license_files),
            "dev_url": _optional(about.repository),
            "doc_url": _optional(about.documentation),
        }
    )


# ---------------------------------------------------------------- outputs


def _output(output: Output, version: str, shared: About) -> OutputView:
    if output.version:
        _check_plain("version", output.version)
    return OutputView(
        name=_name(output.conda_name),
        version=f'"{output.version}"' if output.version else "",
        build=_build(output, version),
        requirements=_requirements(output.requirements),
        test=_test(output.tests, is_abi3=output.is_version_independent),
        about=() if output.about == shared else _about(output.about),
    )


def _build(output: Output, version: str) -> tuple[Field, ...]:
    values: dict[str, Value] = {
        "noarch": output.noarch or "",
        # `restrict` leaves one condition at most.
        "skip": _flag(any_of(*output.skip)) if output.skip else "",
        "python_version_independent": _flag(ABI3) if output.is_version_independent else "",
        "script_env": _env(output.script, version),
        "script": _script(output.script),
        "entry_points": tuple(_text(entry_point_text(one)) for one in output.entry_points),
    }
    return _fields(values)


def _flag(condition: Condition) -> str:
    return f"true{selector_of(condition)}"


def _script(script: Script) -> Value:
    lines = tuple(line(encode_command(one.command), one.condition) for one in script.lines)
    is_plain = len(lines) == 1 and script.lines[0].condition == ALWAYS
    return lines[0] if is_plain and not is_boolean(script.lines[0].command) else lines


def _env(script: Script, version: str) -> tuple[str, ...]:
    check_env(script)
    return tuple(
        line(f"{name}={VERSION}" if value == version else f"{name}={encode(value)}")
        for name, value in script.env
    )


def _requirements(requirements: Requirements) -> tuple[Field, ...]:
    sections = {
        SECTION_KEYS[name]: tuple(
            line(spec_text(one.spec), one.condition) for one in requirements.section(name)
        )
        for name in SECTIONS
    }
    return _fields(sections)


def _test(tests: tuple[RecipeTest, ...], *, is_abi3: bool) -> tuple[Field, ...]:
    section = section_of(tests)
    requires: Iterable[str] = map(spec_text, section.requires)
    # A version-independent output runs on the lowest python only where it uses the stable ABI.
    lowest = ABI3 if is_abi3 else ALWAYS
    return _fields(
        {
            "imports": tuple(line(encode(module), condition) for module, condition in section.imports),
            "commands": tuple(line(encode_command(one.command), one.condition) for one in section.commands),
            "requires": tuple(
                line(text, lowest if text == EXACT_PYTHON_MIN else ALWAYS) for text in requires
            ),
        }
    )

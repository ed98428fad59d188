"""Recipe -> what the template `recipe-v1/recipe.yaml.j2` lays out.

Every string of the view is finished: outside text has its Jinja defused and YAML quoting is done. The
template gives keys, order and indentation, nothing else.

Requirements, script lines and tests keep the recipe's order. Neighbours under one condition share one
`if`/`then`; two neighbouring groups under opposite conditions share one `if`/`then`/`else`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import groupby
from typing import TypeAlias

from conda_bridge.errors import RecipeError
from conda_bridge.formats.scalars import quoted, scalar
from conda_bridge.formats.urls import split_at_version
from conda_bridge.formats.v1_conditions import condition_text
from conda_bridge.formats.v1_specs import EXACT_PYTHON_MIN, spec_text
from conda_bridge.formats.v1_text import VERSION, encode, encode_command, encode_path
from conda_bridge.formats.view_values import (
    ABI3,
    build_number_text,
    check_env,
    entry_point_text,
    is_flat,
    leading_output,
)
from conda_bridge.model.condition import ALWAYS, Condition, negate
from conda_bridge.model.recipe import (
    PYTHON_MIN,
    SECTIONS,
    About,
    CommandTest,
    GitSource,
    Output,
    PathSource,
    PythonTest,
    Recipe,
    RecipeTest,
    Requirement,
    Script,
    Source,
    UrlSource,
)

__all__ = [
    "WHERE_ABI3",
    "Entry",
    "Field",
    "OutputView",
    "RecipeTestView",
    "RecipeView",
    "Value",
    "view_of",
]

WHERE_ABI3 = f"${{{{ {condition_text(ABI3)} }}}}"
"""How `version_independent` is written."""

_ABOUT_FIELDS = tuple(field.name for field in fields(About))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a list: a text, or what holds under a condition and what holds otherwise."""

    text: str = ""
    condition: str = ""
    then: "Value" = ""
    otherwise: "Value" = ""


Value: TypeAlias = str | tuple[Entry, ...]
"""What stands behind a key: on the key's line, or as a list below it. The empty one isn't written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A key with its value."""

    key: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeTestView:
    """One item of `tests`: of python modules, or of commands with what they require."""

    condition: str
    python: tuple[Field, ...] = ()
    requires: Value = ()
    script: Value = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputView:
    """One output."""

    name: str
    version: str
    """Empty where it is the recipe's."""
    noarch: str
    skip: Value
    script: Value
    env: tuple[Field, ...]
    python: tuple[Field, ...]
    requirements: tuple[Field, ...]
    tests: tuple[RecipeTestView, ...]
    about: tuple[Field, ...]
    """What differs from the recipe's own about section."""

    @property
    def has_build(self) -> bool:
        """Whether anything stands in its build section."""
        return any((self.noarch, self.skip, self.script, self.env, self.python))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeView:
    """The whole recipe; flat if its one output is the recipe."""

    context: tuple[Field, ...]
    is_flat: bool
    name: str
    sources: tuple[tuple[Field, ...], ...]
    build_number: str
    outputs: tuple[OutputView, ...]
    about: tuple[Field, ...]
    maintainers: Value


def view_of(recipe: Recipe) -> RecipeView:
    """Return the view of `recipe`.

    Raises:
        RecipeError: `unrenderable-recipe` for what v1 can't say.
    """
    shared = _shared_about(recipe)
    context = {"version": recipe.version, PYTHON_MIN: recipe.python_min}
    return RecipeView(
        # Versions are always quoted: the linter's rule R-040 refuses a number anywhere.
        context=_fields({key: quoted(encode(value)) for key, value in context.items() if value}),
        is_flat=is_flat(recipe),
        name=_text(recipe.name),
        sources=tuple(_source(source, recipe.version) for source in recipe.sources),
        build_number=build_number_text(recipe.build_number),
        outputs=tuple(_output(output, recipe.version, shared) for output in recipe.outputs),
        about=_about(shared),
        maintainers=_list(recipe.maintainers),
    )


# ---------------------------------------------------------------- values


def _text(value: str) -> str:
    return scalar(encode(value))


def _fields(values: Mapping[str, Value]) -> tuple[Field, ...]:
    return tuple(Field(key=key, value=value) for key, value in values.items() if value)


def _optional(value: str) -> str:
    return _text(value) if value else ""


def _list(values: Iterable[str]) -> tuple[Entry, ...]:
    return tuple(Entry(text=_text(value)) for value in values)


def _one_or_list(texts: tuple[str, ...]) -> Value:
    """Return finished texts on the key's line if there is one, as a list if there are several."""
    return texts[0] if len(texts) == 1 else tuple(Entry(text=text) for text in texts)


def _expression(condition: Condition) -> str:
    text = condition_text(condition)
    return text if text in {"true", "false"} else scalar(text)


def _entries(items: Iterable[tuple[str, Condition]]) -> tuple[Entry, ...]:
    return tuple(_grouped(items))


def _grouped(items: Iterable[tuple[str, Condition]]) -> Iterator[Entry]:
    groups = [
        (c, tuple(scalar(text) for text, _ in group)) for c, group in groupby(items, lambda item: item[1])
    ]
    while groups:
        condition, texts = groups.pop(0)
        if condition == ALWAYS:
            yield from (Entry(text=text) for text in texts)
            continue
        has_opposite = bool(groups) and ALWAYS != groups[0][0] == negate(condition)
        otherwise = _one_or_list(groups.pop(0)[1]) if has_opposite else ""
        yield Entry(condition=_expression(condition), then=_one_or_list(texts), otherwise=otherwise)


# ---------------------------------------------------------------- sources and about


def _source(source: Source, version: str) -> tuple[Field, ...]:
    match source:
        case UrlSource(url=url, sha256=sha256):
            written = VERSION.join(map(encode, split_at_version(url, version)))
            return _fields({"url": scalar(written), "sha256": _text(sha256)})
        case GitSource(url=url, commit=commit):
            return _fields({"git": _text(url), "rev": _text(commit)})
        case PathSource(path=path, sha256=sha256):
            return _fields({"path": _text(path), "sha256": _optional(sha256)})


def _shared_about(recipe: Recipe) -> About:
    """Return what stands in the recipe's about section, which outputs inherit key by key.

    A key that some output lacks can't be inherited; else the value of the output that the recipe is about stands there.
    """
    leading = leading_output(recipe).about
    abouts = [output.about for output in recipe.outputs]
    lacking = [name for name in _ABOUT_FIELDS if not all(getattr(about, name) for about in abouts)]
    return replace(leading, **{name: type(getattr(leading, name))() for name in lacking})


def _about(about: About) -> tuple[Field, ...]:
    return _fields(
        {
            "homepage": _optional(about.homepage),
            "summary": _optional(about.summary),
            "description": _optional(about.description),
            "license": _optional(about.license),
            "license_file": _one_or_list(tuple(scalar(encode_path(path)) for path in about.license_files)),
            "repository": _optional(about.repository),
            "documentation": _optional(about.documentation),
        }
    )


def _own_about(about: About, shared: About) -> tuple[Field, ...]:
    same = [name for name in _ABOUT_FIELDS if getattr(about, name) == getattr(shared, name)]
    return _about(replace(about, **{name: type(getattr(about, name))() for name in same}))


# ---------------------------------------------------------------- outputs


def _output(output: Output, version: str, shared: About) -> OutputView:
    sections = {name: output.requirements.section(name) for name in SECTIONS}
    return OutputView(
        name=_text(output.conda_name),
        version=quoted(encode(output.version)) if output.version else "",
        noarch=output.noarch or "",
        skip=_skip(output.skip),
        script=_script(output.script),
        env=_env(output.script, version),
        python=_fields(
            {
                "entry_points": _list(map(entry_point_text, output.entry_points)),
                "version_independent": WHERE_ABI3 if output.is_version_independent else "",
            }
        ),
        requirements=_fields({name: _requirements(section) for name, section in sections.items()}),
        tests=tuple(_test(test, output) for test in output.tests),
        about=_own_about(output.about, shared),
    )


def _skip(conditions: tuple[Condition, ...]) -> Value:
    return _one_or_list(tuple(map(_expression, conditions)))


def _script(script: Script) -> Value:
    match script.lines:
        case (line,) if line.condition == ALWAYS and not script.env:
            return scalar(encode_command(line.command))
        case lines:
            return _entries((encode_command(line.command), line.condition) for line in lines)


def _env(script: Script, version: str) -> tuple[Field, ...]:
    check_env(script)
    return tuple(
        Field(key=scalar(name), value=VERSION if value == version else _text(value))
        for name, value in script.env
    )


def _requirements(requirements: tuple[Requirement, ...]) -> tuple[Entry, ...]:
    return _entries((spec_text(requirement.spec), requirement.condition) for requirement in requirements)


def _test(test: RecipeTest, output: Output) -> RecipeTestView:
    condition = "" if test.condition == ALWAYS else _expression(test.condition)
    match test:
        case PythonTest(imports=imports, pip_check=pip_check, python_versions=versions):
            values = {
                "imports": _list(imports),
                "pip_check": "true" if pip_check else "false",
                "python_version": _python_versions(versions, is_abi3=output.is_version_independent),
            }
            return RecipeTestView(condition=condition, python=_fields(values))
        case CommandTest(lines=lines, requires=requires):
            if not lines:
                raise RecipeError("unrenderable-recipe", f"a test of {output.conda_name!r} has no commands")
            return RecipeTestView(
                condition=condition,
                requires=_entries((spec_text(spec), ALWAYS) for spec in requires),
                script=_entries((encode_command(line.command), line.condition) for line in lines),
            )


def _python_versions(versions: tuple[str, ...], *, is_abi3: bool) -> Value:
    # A version-independent output runs on the lowest python only where it uses the stable ABI.
    lowest = ABI3 if is_abi3 else ALWAYS
    items = tuple(
        (EXACT_PYTHON_MIN, lowest) if version == PYTHON_MIN else (encode(version), ALWAYS)
        for version in versions
    )
    match items:
        case ():
            return ""
        case ((text, condition),) if condition == ALWAYS:
            return scalar(text)
        case _:
            return _entries(items)

"""A recipe becomes its lines, each under its address, as people read them.

The text is that of the recipe file, one line a leaf: `colorama >=0.4  if win`.
"""

from collections.abc import Iterator

from conda_bridge.formats.v1_conditions import condition_text
from conda_bridge.formats.v1_specs import spec_text
from conda_bridge.formats.view_values import is_flat
from conda_bridge.model.condition import ALWAYS, Condition, any_of
from conda_bridge.model.evidence import Address, address
from conda_bridge.model.recipe import (
    PYTHON_MIN,
    SECTIONS,
    CommandTest,
    GitSource,
    Output,
    PathSource,
    PythonTest,
    Recipe,
    ScriptLine,
    Source,
    UrlSource,
    spec_key,
)

__all__ = ["recipe_lines"]

_ABOUT = ("homepage", "summary", "description", "license", "repository", "documentation")


def recipe_lines(recipe: Recipe) -> dict[Address, str]:
    """Return what the recipe says at each address, in the order of the recipe.

    Several entries under one address, such as one package under two conditions, are joined by ` | `.

    Raises:
        RecipeError: `unrenderable-recipe`.
    """
    lines: dict[Address, str] = {}
    for where, text in _lines(recipe):
        lines[where] = f"{lines[where]} | {text}" if where in lines else text
    return lines


def _lines(recipe: Recipe) -> Iterator[tuple[Address, str]]:
    top = recipe.name
    yield address(top, "package", "name"), recipe.name
    yield address(top, "package", "version"), recipe.version
    if recipe.python_min:
        yield address(top, "context", PYTHON_MIN), recipe.python_min
    for source in recipe.sources:
        yield address(top, "source"), _source_text(source)
    yield address(top, "build", "number"), str(recipe.build_number)
    for output in recipe.outputs:
        if not is_flat(recipe):
            yield from _package_lines(output, recipe)
        yield from _build_lines(output)
        yield from _requirement_lines(output)
        yield from _test_lines(output)
        yield from _about_lines(output)
    if recipe.maintainers:
        yield address(top, "extra", "recipe-maintainers"), ", ".join(recipe.maintainers)


def _package_lines(output: Output, recipe: Recipe) -> Iterator[tuple[Address, str]]:
    if output.conda_name != recipe.name:
        yield address(output.conda_name, "package", "name"), output.conda_name
    if output.version:
        yield address(output.conda_name, "package", "version"), output.version


def _build_lines(output: Output) -> Iterator[tuple[Address, str]]:
    name = output.conda_name
    if output.noarch:
        yield address(name, "build", "noarch"), output.noarch
    if output.skip:
        yield address(name, "build", "skip"), condition_text(any_of(*output.skip))
    for line in output.script.lines:
        yield address(name, "build", "script"), _command_text(line)
    for variable, value in output.script.env:
        yield address(name, "build", f"env.{variable}"), value
    for entry in output.entry_points:
        yield address(name, "build", f"entry_points.{entry.name}"), str(entry)
    if output.is_version_independent:
        yield address(name, "build", "version_independent"), "true"


def _requirement_lines(output: Output) -> Iterator[tuple[Address, str]]:
    for section in SECTIONS:
        for requirement in output.requirements.section(section):
            where = address(output.conda_name, f"requirements.{section}", spec_key(requirement.spec))
            yield where, spec_text(requirement.spec) + _when(requirement.condition)


def _test_lines(output: Output) -> Iterator[tuple[Address, str]]:
    name = output.conda_name
    for test in output.tests:
        match test:
            case PythonTest():
                for module in test.imports:
                    yield address(name, "tests", f"imports.{module}"), f"import {module}"
                yield address(name, "tests", "pip_check"), "true" if test.pip_check else "false"
                if test.python_versions:
                    yield address(name, "tests", "python_version"), ", ".join(test.python_versions)
            case CommandTest():
                for line in test.lines:
                    yield address(name, "tests", f"script.{line.command}"), _command_text(line)
                for spec in test.requires:
                    yield address(name, "tests", f"requires.{spec_key(spec)}"), spec_text(spec)


def _about_lines(output: Output) -> Iterator[tuple[Address, str]]:
    about = output.about
    for key in _ABOUT:
        if text := getattr(about, key):
            yield address(output.conda_name, "about", key), text
    for path in about.license_files:
        yield address(output.conda_name, "about", f"license_file.{path}"), path


def _source_text(source: Source) -> str:
    match source:
        case UrlSource(url=url):
            return url
        case GitSource(url=url, commit=commit):
            return f"{url} at {commit}"
        case PathSource(path=path):
            return path


def _command_text(line: ScriptLine) -> str:
    return line.command + _when(line.condition)


def _when(condition: Condition) -> str:
    return "" if condition == ALWAYS else f"  if {condition_text(condition)}"

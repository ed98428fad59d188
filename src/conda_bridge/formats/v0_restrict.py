"""Recipe -> the recipe that v0 can say, and what is lost on the way.

The result is what `read_v0` gives back, so restricting it again changes nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace

from conda_bridge.formats.v0_limits import is_boolean, restrict_condition
from conda_bridge.formats.v0_specs import restrict_spec
from conda_bridge.formats.v0_tests import PIP, section_of, tests_of
from conda_bridge.formats.v0_view import SPLIT
from conda_bridge.model.codes import finding
from conda_bridge.model.condition import AllOf, AnyOf, Condition, PythonIn, VariantIs, any_of
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    LATEST,
    PYTHON_MIN,
    SECTIONS,
    About,
    CommandTest,
    Output,
    PythonMinSpec,
    PythonTest,
    Recipe,
    RecipeTest,
    Requirements,
    ScriptLine,
    Spec,
    spec_key,
)

__all__ = ["Restricted", "restrict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restricted:
    """A recipe in v0's terms."""

    recipe: Recipe
    diagnostics: tuple[Diagnostic, ...] = ()


def restrict(recipe: Recipe) -> Restricted:
    """Return the nearest recipe that v0 can say, with a finding for each thing that is lost.

    Tests on the lowest and the newest python become tests on the lowest, silently: so does everyone in v0, where
    the newest is tested when the lowest isn't asked for.
    """
    outputs = tuple(_output(output) for output in recipe.outputs)
    base = CondaName(recipe.name.removesuffix(SPLIT))
    name = base if any(output.conda_name == base for output in outputs) else recipe.name
    found = (one for output in recipe.outputs for one in _losses(output))
    return Restricted(
        recipe=replace(recipe, name=name, outputs=outputs), diagnostics=tuple(dict.fromkeys(found))
    )


# ---------------------------------------------------------------- what stays


def _output(output: Output) -> Output:
    sections = {
        name: tuple(
            replace(one, spec=restrict_spec(one.spec)[0], condition=restrict_condition(one.condition))
            for one in output.requirements.section(name)
        )
        for name in SECTIONS
    }
    return replace(
        output,
        # One key, one line: parsers of recipes refuse a repeated key.
        skip=(any_of(*map(restrict_condition, output.skip)),) if output.skip else (),
        script=replace(output.script, lines=_lines(output.script.lines)),
        requirements=Requirements(**sections),
        tests=tests_of(section_of(tuple(map(_test, output.tests)))),
    )


def _lines(lines: Iterable[ScriptLine]) -> tuple[ScriptLine, ...]:
    return tuple(replace(line, condition=restrict_condition(line.condition)) for line in lines)


def _test(test: RecipeTest) -> RecipeTest:
    condition = restrict_condition(test.condition)
    match test:
        case PythonTest():
            return replace(test, condition=condition)
        case CommandTest():
            specs = tuple(restrict_spec(spec)[0] for spec in test.requires)
            return replace(test, condition=condition, lines=_lines(test.lines), requires=specs)


# ---------------------------------------------------------------- what is lost


def _losses(output: Output) -> Iterator[Diagnostic]:
    for condition in _conditions(output):
        yield from _condition_losses(output, condition)
    for spec in _specs(output):
        restricted, is_same = restrict_spec(spec)
        if not is_same:
            message = (
                f"{output.conda_name}: v0 has no such pin on {spec_key(spec)}; the nearest is {restricted}"
            )
            yield finding("pin-differs", message)
    yield from _test_losses(output)
    yield from _about_losses(output)


def _conditions(output: Output) -> Iterator[Condition]:
    yield from output.skip
    yield from (line.condition for line in output.script.lines)
    yield from (one.condition for name in SECTIONS for one in output.requirements.section(name))
    for test in output.tests:
        yield test.condition
        if isinstance(test, CommandTest):
            yield from (line.condition for line in test.lines)


def _specs(output: Output) -> Iterator[Spec]:
    yield from (one.spec for name in SECTIONS for one in output.requirements.section(name))
    yield from (spec for test in output.tests if isinstance(test, CommandTest) for spec in test.requires)


def _condition_losses(output: Output, condition: Condition) -> Iterator[Diagnostic]:
    match condition:
        case AllOf(members) | AnyOf(members):
            for member in members:
                yield from _condition_losses(output, member)
        case PythonIn(spans):
            ends = [end for span in spans for end in (span.lower, span.upper) if end is not None]
            for end in ends:
                if len(end.release) > 2 and 2 <= end.release[0] <= 3:
                    message = f"{output.conda_name}: a selector can't tell {end} from the newest patch release of its minor version"
                    yield finding("selector-patch-release", message)
        case VariantIs(key, value):
            if restrict_condition(condition) != condition:
                message = f"{output.conda_name}: in a selector {key} {value!r} is a number or a boolean"
                yield finding("selector-variant-value", message)
        case _:
            return


def _test_losses(output: Output) -> Iterator[Diagnostic]:
    name = output.conda_name
    versions = {v for test in output.tests if isinstance(test, PythonTest) for v in test.python_versions}
    if others := sorted(versions - {PYTHON_MIN, LATEST}):
        yield finding("test-python-lost", f"{name}: v0 tests one python; left out: {', '.join(others)}")
    needs = [_environment(test) for test in output.tests]
    if len(set(needs)) > 1:
        specs = ", ".join(sorted({spec_key(spec) for need in needs for spec in need}))
        yield finding(
            "test-environment-shared", f"{name}: all tests run in one environment, which has {specs}"
        )
    if lost := _unused(output):
        yield finding("test-requires-lost", f"{name}: no command is left that needs {', '.join(lost)}")


def _about_losses(output: Output) -> Iterator[Diagnostic]:
    for field in fields(About):
        value = getattr(output.about, field.name)
        if isinstance(value, str) and is_boolean(value):
            message = f"{output.conda_name}: conda-build makes a boolean of the {field.name} {value!r}"
            yield finding("text-becomes-boolean", message)


def _environment(test: RecipeTest) -> frozenset[Spec]:
    match test:
        case CommandTest(requires=requires):
            return frozenset(spec for spec in requires if spec not in {PIP, PythonMinSpec(is_exact=True)})
        case _:
            return frozenset()


def _unused(output: Output) -> list[str]:
    kept = section_of(tuple(map(_test, output.tests))).requires
    needed = {restrict_spec(s)[0] for test in output.tests for s in _environment(test)}
    return sorted({spec_key(spec) for spec in needed if spec not in kept})

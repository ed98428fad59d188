"""The tests of an output <-> its one `test:` section in v0.

v0 has one environment for all tests of an output. What the section says is also what comes back: a python test
for each condition under which modules are imported or `pip check` runs, then one test with all other commands.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from conda_bridge.model.condition import ALWAYS, Condition, all_of
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    PYTHON_MIN,
    CommandTest,
    MatchSpec,
    PythonMinSpec,
    PythonTest,
    RecipeTest,
    ScriptLine,
    Spec,
)

__all__ = ["PIP", "PIP_CHECK", "RecipeTestSection", "section_of", "tests_of"]

PIP = MatchSpec(conda_name=CondaName("pip"))
PIP_CHECK = "pip check"
_LOWEST = PythonMinSpec(is_exact=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeTestSection:
    """What `test:` says."""

    imports: tuple[tuple[str, Condition], ...] = ()
    """(module, when it is imported)."""
    commands: tuple[ScriptLine, ...] = ()
    """`pip check` first."""
    requires: tuple[Spec, ...] = ()
    """pip first where `pip check` runs, then the lowest python, then the others."""


def section_of(tests: tuple[RecipeTest, ...]) -> RecipeTestSection:
    """Return the one section for all tests of an output; what it can't say is left out."""
    imports = tuple(dict.fromkeys(_imports(tests)))
    required = tuple(dict.fromkeys(_requires(tests)))
    commands = tuple(_commands(tests))
    has_pip = PIP in required
    checks = tuple(
        dict.fromkeys(line.condition for line in commands if has_pip and line.command == PIP_CHECK)
    )
    moments = tuple(dict.fromkeys((*(condition for _, condition in imports), *checks)))
    others = tuple(line for line in commands if line.condition not in checks or line.command != PIP_CHECK)
    shared = (*((PIP,) if checks else ()), *((_LOWEST,) if _LOWEST in required else ()))
    if not moments and not others:
        return RecipeTestSection()
    return RecipeTestSection(
        imports=tuple(sorted(imports, key=lambda one: moments.index(one[1]))),
        commands=(
            *(ScriptLine(command=PIP_CHECK, condition=moment) for moment in moments if moment in checks),
            *others,
        ),
        requires=(*shared, *(spec for spec in required if spec not in shared)) if others else shared,
    )


def _imports(tests: tuple[RecipeTest, ...]) -> Iterator[tuple[str, Condition]]:
    for test in tests:
        if isinstance(test, PythonTest):
            yield from ((module, test.condition) for module in test.imports)


def _requires(tests: tuple[RecipeTest, ...]) -> Iterator[Spec]:
    for test in tests:
        match test:
            case PythonTest(pip_check=pip_check, python_versions=versions):
                yield from (PIP,) if pip_check else ()
                yield from (_LOWEST,) if PYTHON_MIN in versions else ()
            case CommandTest(requires=requires):
                yield from requires


def _commands(tests: tuple[RecipeTest, ...]) -> Iterator[ScriptLine]:
    for test in tests:
        match test:
            case PythonTest(pip_check=pip_check):
                if pip_check:
                    yield ScriptLine(command=PIP_CHECK, condition=test.condition)
            case CommandTest(lines=lines):
                for line in lines:
                    yield ScriptLine(command=line.command, condition=all_of(test.condition, line.condition))


def tests_of(section: RecipeTestSection) -> tuple[RecipeTest, ...]:
    """Return the tests that a section amounts to; `section_of` of them is that section."""
    has_pip = PIP in section.requires
    checks = tuple(line.condition for line in section.commands if has_pip and line.command == PIP_CHECK)
    others = tuple(line for line in section.commands if not has_pip or line.command != PIP_CHECK)
    moments = tuple(dict.fromkeys((*(condition for _, condition in section.imports), *checks)))
    versions = (PYTHON_MIN,) if _LOWEST in section.requires else ()
    found: list[RecipeTest] = [
        PythonTest(
            imports=tuple(module for module, condition in section.imports if condition == moment),
            pip_check=moment in checks,
            python_versions=versions,
            condition=moment,
        )
        for moment in moments
    ]
    if others:
        requires = tuple(spec for spec in section.requires if spec != PIP or not checks)
        found.append(CommandTest(lines=others, requires=requires, condition=ALWAYS))
    return tuple(found)

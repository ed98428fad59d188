"""Lint of requirements, python and toolchains says something or nothing of whatever people write; it never raises."""

import re

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conda_bridge.checks import (
    abi3,
    feedstocks,
    names,
    noarch,
    pins,
    pythons,
    specs,
    toolchains,
    workflow_settings,
)
from conda_bridge.errors import RecipeError
from support.effort import examples
from support.lint_recipes import CLEAN, clean_document, context, recipe_format_of

RULES = (
    *specs.RULES,
    *pythons.RULES,
    *noarch.RULES,
    *toolchains.RULES,
    *abi3.RULES,
    *names.RULES,
    *pins.RULES,
    *feedstocks.RULES,
    *workflow_settings.RULES,
)
_KEYS = [
    "build", "host", "run", "if", "then", "else", "noarch", "skip", "python", "outputs", "package", "name", "test",
    "tests", "requirements", "run_exports", "ignore_run_exports", "from_package", "script", "requires", "context",
    "python_min", "python_version", "version_independent", "workflow_settings", "azure", "value", "os", "staging",
]  # fmt: skip
_TEXTS = [
    "python", "python >=3", "python_min", "foo>=1", "{{ compiler('c') }}", "${{ compiler('c') }}", "''", "~", "[]",
    "{}", "a, b", '"*"', "{{ pin_subpackage( }}", "${{ pin_compatible('x') }}", "foo = =", "  ", "win", "{{", "}}",
    "__osx >", "[win]", "# [win]", "xz", "|", "<", "python[version=']", "- - x", "{% set python_min = '3' %}",
]  # fmt: skip


@st.composite
def damaged_recipes(draw: st.DrawFn) -> tuple[str, str]:
    """Return the shape of a clean recipe and its text with some lines lost, doubled, moved or rewritten."""
    shape = draw(st.sampled_from(sorted(CLEAN)))
    lines = CLEAN[shape].split("\n")
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        indent = re.match(r"\s*(?:- )?", lines[at])
        lead = indent[0] if indent else ""
        match draw(st.integers(0, 4)):
            case 0:
                lines[at : at + 1] = []
            case 1:
                lines.insert(draw(st.integers(0, len(lines))), lines[at])
            case 2:
                lines[at] = f"{lead}{draw(st.sampled_from(_TEXTS))}"
            case 3:
                lines[at] = f"{lead}{draw(st.sampled_from(_KEYS))}: {draw(st.sampled_from(_TEXTS))}"
            case _:
                lines[at] += draw(st.text(alphabet="[]{}#<>=,:'\"% $-\n xp9", max_size=6))
        assume(lines)
    return shape, "\n".join(lines)


def found_lines(shape: str, text: str) -> list[int]:
    """Return the lines of all findings; none for text that is no recipe at all."""
    try:
        document = clean_document(text, recipe_format_of(shape))
    except RecipeError:
        return []
    ctx = context(files=(("conda-forge.yml", text),))
    return [one.line for rule in RULES for one in rule(document, ctx)]


@settings(max_examples=examples(30), deadline=None)
@given(damaged=damaged_recipes())
def test_no_rule_raises_on_a_damaged_recipe(damaged: tuple[str, str]) -> None:
    shape, text = damaged

    lines = found_lines(shape, text)

    assert all(0 <= line <= text.count("\n") + 1 for line in lines)


_WORDS = st.sampled_from([*_KEYS, *_TEXTS]) | st.text(alphabet="[]{}#<>=,.!|*'\"% $ xp9", max_size=12)


@settings(max_examples=examples(30), deadline=None)
@given(words=st.lists(_WORDS, max_size=8), shape=st.sampled_from(sorted(CLEAN)))
def test_no_rule_raises_on_any_requirement(words: list[str], shape: str) -> None:
    start = CLEAN[shape].index("host:\n")
    end = CLEAN[shape].index("\n", start) + 1
    indent = "        " if "outputs" in shape else "    "
    items = "".join(indent + "- '" + word.replace("'", "''") + "'\n" for word in words)
    text = CLEAN[shape][:end] + items + CLEAN[shape][end:]

    lines = found_lines(shape, text)

    assert all(0 < line <= text.count("\n") + 1 for line in lines)

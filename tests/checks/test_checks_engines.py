"""Lint of what no engine takes: one edit of a clean recipe, one finding among all rules, and rattler-build agrees."""

import pytest

from conda_bridge.workflows.linting import read_and_lint
from support.lint_cases import LintCase
from support.lint_cases_engines import BAD_ENGINES, FINE_ENGINES, LINT_ONLY
from support.lint_recipes import context, edited, line_of, recipe_format_of
from support.rattler_render import render_texts

CODES = frozenset({"CB-001", "CB-003", "CB-005", "CB-006", "CB-007", "CB-008", "R-036", "R-037"})


def case_id(case: LintCase) -> str:
    return "-".join((case.code or "fine", case.shape, case.edits[-1][1].strip()[:40]))


def found_in(case: LintCase) -> list[tuple[str, int]]:
    text = edited(case.shape, *case.edits)
    _, found = read_and_lint(text, "recipe.yaml", recipe_format_of(case.shape), context())
    return [(one.code, one.line) for one in found if one.code in CODES and one.hint]


@pytest.mark.parametrize("case", BAD_ENGINES, ids=case_id)
def test_what_no_engine_takes_is_found_where_it_is(case: LintCase) -> None:
    assert found_in(case) == [(case.code, line_of(edited(case.shape, *case.edits), case.at))]


@pytest.mark.parametrize("case", FINE_ENGINES, ids=case_id)
def test_what_engines_take_is_not_found(case: LintCase) -> None:
    assert found_in(case) == []


def test_what_a_tag_without_its_end_swallows_is_not_judged() -> None:
    text = edited("v0-noarch", ("    - tomli\n", "    - foo >={{ version\n"))

    document, found = read_and_lint(text, "meta.yaml", "v0", context())

    assert document is None
    assert [(one.code, one.line) for one in found] == [("R-036", line_of(text, "- foo"))]


def test_jinja_that_hides_all_is_found_rather_than_an_empty_file() -> None:
    text = edited("v0-noarch", ("{% set version", "{% set a b = 1 %}\n{% set version"))

    _, found = read_and_lint(text, "meta.yaml", "v0", context())

    assert [(one.code, one.line) for one in found] == [("R-036", line_of(text, "set a b"))]


@pytest.mark.parametrize("opening", ["{{ (", "{% if a %}", "{{ not "])
def test_deep_jinja_stops_nothing(opening: str) -> None:
    text = edited("v0-noarch", ("summary: One line", f"summary: a {opening * 500}"))

    _, found = read_and_lint(text, "meta.yaml", "v0", context())

    assert found


def test_an_expression_too_deep_to_be_judged_is_left_alone() -> None:
    deep = f"{{{{ {'(' * 5_000} }}}}"

    assert found_in(LintCase(shape="v0-noarch", edits=(("summary: One line", f"summary: a {deep}"),))) == []
    assert found_in(LintCase(shape="v1-noarch", edits=(("summary: One line", f"summary: a ${deep}"),))) == []


@pytest.mark.engine
def test_rattler_build_refuses_what_is_found_and_takes_the_rest() -> None:
    bad = [c for c in BAD_ENGINES if recipe_format_of(c.shape) == "v1" and c not in LINT_ONLY]
    fine = [c for c in FINE_ENGINES if recipe_format_of(c.shape) == "v1"]

    answers = render_texts([edited(c.shape, *c.edits) for c in (*bad, *fine)], ["linux-64"])

    problems = [answer["linux-64"].problem for answer in answers]
    assert [case_id(c) for c, problem in zip(bad, problems, strict=False) if not problem] == []
    assert [(case_id(c), p) for c, p in zip(fine, problems[len(bad) :], strict=True) if p] == []

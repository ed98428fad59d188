"""Lint of whole recipes: one edit of a clean recipe, one finding at its line."""

from time import process_time

import pytest

from conda_bridge.checks import (
    about,
    building,
    fields,
    files,
    layout,
    licensing,
    parsing,
    sources,
    templates,
    tested,
    text,
)
from conda_bridge.checks.parsing import not_parsable
from conda_bridge.errors import RecipeError
from support.lint_cases import LintCase
from support.lint_cases_layout import BAD_LAYOUT, FINE_LAYOUT
from support.lint_cases_package import BAD_PACKAGE, FINE_PACKAGE
from support.lint_recipes import CLEAN, clean_document, context, diagnose, edited, line_of, recipe_format_of

RULES = (
    *layout.RULES,
    *fields.RULES,
    *text.RULES,
    *parsing.RULES,
    *templates.RULES,
    *files.RULES,
    *sources.RULES,
    *building.RULES,
    *tested.RULES,
    *about.RULES,
    *licensing.RULES,
)
BAD = BAD_LAYOUT + BAD_PACKAGE
FINE = FINE_LAYOUT + FINE_PACKAGE


def case_id(case: LintCase) -> str:
    """Name a case by its rule, its recipe and what it puts in."""
    return "-".join((case.code or "fine", case.shape, case.edits[-1][1].strip()[:30]))


def found_in(recipe: str, shape: str) -> list[tuple[str, int]]:
    """Return code and line of every finding."""
    return [(one.code, one.line) for one in diagnose(recipe, recipe_format_of(shape), RULES)]


def place_of(case: LintCase, recipe: str) -> int:
    """Return the line that a case's finding is at."""
    if case.at == "\0end":
        return recipe.rstrip("\n").count("\n") + 2
    return 0 if case.at == "\0none" else line_of(recipe, case.at)


@pytest.mark.parametrize("shape", CLEAN)
def test_a_clean_recipe_has_no_findings_at_all(shape: str) -> None:
    assert found_in(CLEAN[shape], shape) == []


@pytest.mark.parametrize("case", BAD, ids=case_id)
def test_one_bad_edit_is_found_where_it_is(case: LintCase) -> None:
    recipe = edited(case.shape, *case.edits)

    found = diagnose(recipe, recipe_format_of(case.shape), RULES)

    assert [(one.code, one.line) for one in found] == [(case.code, place_of(case, recipe))]
    assert found[0].hint


@pytest.mark.parametrize("case", FINE, ids=case_id)
def test_what_merely_looks_bad_is_not_found(case: LintCase) -> None:
    assert found_in(edited(case.shape, *case.edits), case.shape) == []


# ------------------------------------------------------------------ licences and versions

LICENSES = {
    "Unknown": ["R-007", "R-044"],
    "MIT License": ["R-010", "R-044"],
    "mit": ["R-044"],
    "GPL-3.0": ["R-044"],
    "BSD 3-Clause": ["R-044"],
    "MIT/Apache-2.0": ["R-044"],
    "MIT OR": ["R-044"],
    "LicenseRef_Own": ["R-044"],
    "Apache-2.0 WITH Own-exception": ["R-045"],
    "MIT AND (Apache-2.0 with llvm-exception)": ["R-045"],
    "mit with Own": ["R-044", "R-045"],
    "MIT": [],
    "MIT OR (Apache-2.0 and BSD-3-Clause)": [],
    "Apache-2.0 WITH LLVM-exception": [],
    "LicenseRef-Own-License": [],
    "LGPL-2.1-or-later": [],
    "Unlicense": [],
    "'{{ license }}'": [],
}
UNORDERED = ("1..2", "a!1", "1!2!3", "1-2_3", "1.0+", "1+2+3", "1.0+a..b", "1 2", "1.0é", "+1", "1.")
ORDERED = (
    *("1.2.3", "1!2.0", "2026.11.01", "1.0a1.dev2", "1.0_", "1.0+abc.5", "1-2", "1.0.post1", "1.*"),
    *("${{ version }}", "1.${{ minor }}"),
)


@pytest.mark.parametrize(("license_text", "codes"), LICENSES.items())
def test_a_license_is_an_expression_of_spdx(license_text: str, codes: list[str]) -> None:
    recipe = f"about:\n  license: {license_text}\n  license_file: LICENSE\n"

    found = diagnose(recipe, "v1", licensing.RULES)

    assert [(one.code, one.line) for one in found] == [(code, 2) for code in codes]


def test_a_license_is_mended_by_its_hint() -> None:
    (found,) = diagnose("about:\n  license: mit or gpl-3.0+\n", "v0", [licensing.license_is_spdx])

    assert found.hint == "write MIT OR GPL-3.0-or-later"


@pytest.mark.parametrize("version", UNORDERED)
def test_a_version_that_conda_cannot_order_is_found(version: str) -> None:
    (found,) = diagnose(f'package:\n  version: "{version}"\n', "v1", [about.version_is_valid])

    assert (found.code, found.line) == ("R-016", 2)
    assert repr(version) in found.message


@pytest.mark.parametrize("version", ORDERED)
def test_a_version_that_conda_can_order_is_fine(version: str) -> None:
    assert diagnose(f'package:\n  version: "{version}"\n', "v1", [about.version_is_valid]) == ()


@pytest.mark.parametrize("number", ["1.10", "1e5", "-2.", ".5", "1_0.5", ".inf", ".NaN", "+1.5e-3"])
def test_a_plain_number_with_a_point_is_found(number: str) -> None:
    (found,) = diagnose(f"context:\n  a: {number}\n", "v1", [fields.floats_are_quoted])

    assert (found.code, found.line, found.hint) == ("R-040", 2, f'write "{number}"')


@pytest.mark.parametrize(
    "text", ["1", "1.2.3", '"1.10"', "1.10a", "e5", "0x1", "yes", "'.5'", "|\n    1.5", "1:2"]
)
def test_other_plain_values_are_no_numbers_with_a_point(text: str) -> None:
    assert diagnose(f"context:\n  a: {text}\n", "v1", [fields.floats_are_quoted]) == ()


# ------------------------------------------------------------------ more than one finding, and none


def test_every_place_is_found_by_line() -> None:
    recipe = edited("v0-arch", ("    - zlib\n", "    - zlib # [unix]\n    - numpy  #[win]\n"))

    assert found_in(recipe, "v0-arch") == [
        ("R0-001", line_of(recipe, "- zlib #")),
        ("R0-001", line_of(recipe, "- numpy")),
    ]


def test_every_python_in_a_line_with_selectors_is_found() -> None:
    recipe = edited("v0-arch", ("# [py<311]", "# [py36] [py311]"))

    assert sorted(code for code, _ in found_in(recipe, "v0-arch")) == ["R0-002", "R0-003"]


def test_a_test_file_beside_the_recipe_is_a_test() -> None:
    recipe = edited("v0-noarch", ("  imports:\n    - demo\n  commands:\n    - pip check\n", ""))

    with_file = context(files=(("run_test.py", "import demo\n"),))

    assert diagnose(recipe, "v0", tested.RULES, with_file) == ()


def test_outputs_without_any_test_are_one_finding() -> None:
    recipe = CLEAN["v0-outputs"].replace("    test:\n", "    about:\n")

    assert [one.code for one in diagnose(recipe, "v0", tested.RULES)] == ["R-005"]


def test_a_feedstock_is_not_asked_to_become_noarch() -> None:
    case = next(case for case in BAD if case.code == "R-041")
    recipe = edited(case.shape, *case.edits)

    found = diagnose(recipe, recipe_format_of(case.shape), building.RULES, context(is_feedstock=True))

    assert found == ()


def test_a_feedstock_may_skip_the_rule_on_backends() -> None:
    recipe = edited("v1-noarch", ("    - hatchling >=1.27\n", ""))

    assert diagnose(recipe, "v1", building.RULES, context(skip="hint_pip_no_build_backend")) == ()


@pytest.mark.parametrize("name", ["hatchling", "setuptools"])
def test_a_backend_builds_itself(name: str) -> None:
    recipe = edited(
        "v1-noarch", ("package:\n  name: demo", f"package:\n  name: {name}"), ("    - hatchling >=1.27\n", "")
    )

    assert diagnose(recipe, "v1", [building.pip_has_a_build_backend]) == ()


def test_what_bundles_licences_needs_no_other() -> None:
    recipe = edited(
        "v1-arch",
        ("package:\n  name: demo", "package:\n  name: cargo-bundle-licenses"),
        ("compiler('c')", "compiler('rust')"),
    )

    assert diagnose(recipe, "v1", building.RULES) == ()


def test_a_recipe_that_cannot_be_read_is_a_finding() -> None:
    with pytest.raises(RecipeError) as caught:
        clean_document("a: b\nc: [\n", "v1")

    found = not_parsable(caught.value, "recipe.yaml")

    assert (found.code, found.origin, found.severity) == ("R-036", "recipe.yaml", "error")
    assert found.line == 3


def test_a_repeated_key_of_recipe_yaml_cannot_be_read() -> None:
    with pytest.raises(RecipeError) as caught:
        clean_document(edited("v1-noarch", ("  number: 0\n", "  number: 0\n  number: 1\n")), "v1")

    assert not_parsable(caught.value, "recipe.yaml").line == line_of(CLEAN["v1-noarch"], "number: 0") + 1


@pytest.mark.slow
@pytest.mark.parametrize("line", ["# #[", "# [a", "  # [x] ", "'${{' ", "'{{' ", "#    ", "with ", "python "])
def test_a_long_line_costs_no_more_than_its_length(line: str) -> None:
    recipe = f"about:\n  license: MIT\n  summary: a  {line * 20_000}\n"

    start = process_time()
    for recipe_format in ("v0", "v1"):
        diagnose(recipe, recipe_format_of(recipe_format), (*text.RULES, *licensing.RULES))

    # Reading takes up to a second; work for each sign over the rest of its line would take 15 and more.
    assert process_time() - start < 5

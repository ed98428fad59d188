"""Lint of requirements, python, noarch, toolchains and names: one edit of a clean recipe, one finding at its line."""

from time import process_time

import pytest

from conda_bridge.checks import (
    abi3,
    feedstocks,
    names,
    noarch,
    pins,
    pythons,
    specs,
    strict_specs,
    toolchains,
)
from conda_bridge.checks.sections import spec_text
from conda_bridge.checks.text import selector_of
from conda_bridge.model.options import RecipeFormat
from conda_bridge.translate.name_table import curated_names
from support.lint_cases import BAD, FINE, LintCase
from support.lint_recipes import CLEAN, clean_document, context, diagnose, edited, line_of, recipe_format_of

RULES = (
    *specs.RULES,
    *pythons.RULES,
    *noarch.RULES,
    *toolchains.RULES,
    *abi3.RULES,
    *names.RULES,
    *pins.RULES,
    *feedstocks.RULES,
)
PINNED = (("../.ci_support/linux_64_.yaml", "c_compiler:\n- gcc\nzlib:\n- '1'\npython:\n- 3.12.*\n"),)


def case_id(case: LintCase) -> str:
    """Name a case by its rule, its recipe and what it puts in."""
    return "-".join((case.code or "fine", case.shape, case.edits[-1][1].strip()[:30]))


def found_in(
    text: str, shape: str, skip: str = "", noarch_platforms: tuple[str, ...] = ()
) -> list[tuple[str, int]]:
    """Return code and line of every finding."""
    ctx = context(skip=skip, noarch_platforms=noarch_platforms)
    return [(one.code, one.line) for one in diagnose(text, recipe_format_of(shape), RULES, ctx)]


@pytest.mark.parametrize("shape", CLEAN)
def test_a_clean_recipe_has_no_findings(shape: str) -> None:
    assert found_in(CLEAN[shape], shape) == []


@pytest.mark.parametrize("case", BAD, ids=case_id)
def test_one_bad_edit_is_found_at_its_line(case: LintCase) -> None:
    text = edited(case.shape, *case.edits)

    found = diagnose(text, recipe_format_of(case.shape), RULES)

    assert [(one.code, one.line) for one in found] == [(case.code, line_of(text, case.at))]
    assert all(one.hint for one in found)


@pytest.mark.parametrize("case", FINE, ids=case_id)
def test_what_only_looks_bad_is_not_found(case: LintCase) -> None:
    assert found_in(edited(case.shape, *case.edits), case.shape) == []


# ------------------------------------------------------------------ what the code says


def test_a_discouraged_package_names_its_successor() -> None:
    text = edited("v1-noarch", ("- tomli", "- matplotlib >=3"))

    (one,) = diagnose(text, "v1", names.RULES)

    assert one.severity == "warning"
    assert one.hint == "depend on matplotlib-base"


def test_a_package_without_successor_is_to_be_dropped() -> None:
    (one,) = diagnose(edited("v0-noarch", ("- tomli", "- pathlib")), "v0", names.RULES)

    assert one.hint == "drop it"


def test_no_successor_is_discouraged_itself() -> None:
    table = curated_names()
    rows = (*table.renames, *table.library_renames)

    assert not {row.conda_name for row in rows} & {row.replacement for row in rows}
    assert len({row.conda_name for row in rows}) == len(rows)
    assert all(row.reason for row in rows)


def test_every_wrong_python_of_a_noarch_recipe_has_a_finding() -> None:
    text = CLEAN["v0-noarch"].replace("{{ python_min }}", "3.10")

    assert [code for code, _ in found_in(text, "v0-noarch")] == ["R-047", "R-047", "R-047"]


def test_a_python_that_is_missing_is_found_where_it_belongs() -> None:
    text = edited("v1-noarch", ("    - python >=${{ python_min }}\n", ""))

    assert found_in(text, "v1-noarch") == [
        ("R-026", line_of(text, "- requests")),
        ("R-047", line_of(text, "- requests")),
    ]


def test_an_empty_run_section_is_found_at_noarch() -> None:
    text = edited(
        "v1-noarch",
        ("  run:\n    - python >=${{ python_min }}\n    - requests >=2.31\n    - tomli\n", ""),
    )

    assert {line for _, line in found_in(text, "v1-noarch")} == {line_of(text, "noarch: python")}


def test_a_bare_python_in_run_of_a_noarch_recipe_is_found() -> None:
    text = edited("v0-noarch", ("- python >={{ python_min }}", "- python"))

    assert [code for code, _ in found_in(text, "v0-noarch")] == ["R-026", "R-047"]


def test_an_untested_noarch_recipe_is_found_by_its_run_section() -> None:
    text = CLEAN["v0-noarch"]
    start, end = text.index("test:"), text.index("\nabout:")

    found = found_in(text[:start] + text[end:], "v0-noarch")

    assert found == [("R-047", line_of(text, "- python >="))]


# ------------------------------------------------------------------ what conda-forge.yml and other files say


@pytest.mark.parametrize(
    ("skip", "case"),
    [
        ("lint_stdlib", next(case for case in BAD if case.code == "R-033")),
        ("lint_stdlib", next(case for case in BAD if case.code == "R-034")),
        ("lint_stdlib", next(case for case in BAD if case.code == "R-035")),
        ("lint_noarch_selectors", next(case for case in BAD if case.code == "R1-002")),
        ("lint_noarch_selectors", next(case for case in BAD if case.code == "R0-004")),
        ("hint_python_min", next(case for case in BAD if case.code == "R-047")),
        ("hint_redundant_python_min", next(case for case in BAD if case.code == "R-052")),
        ("hint_noarch_python_test_latest", next(case for case in BAD if case.code == "R1-004")),
        ("hint_python_version_independent_test_latest", next(case for case in BAD if case.code == "R1-005")),
        ("hint_abi3_missing_abi3audit", next(case for case in BAD if case.code == "R-053")),
        ("hint_rattler_build_sp_dir", next(case for case in BAD if case.code == "R1-006")),
        ("hint_abi3_cross_python_run_exports", next(case for case in BAD if case.code == "R1-007")),
    ],
)
def test_a_feedstock_may_switch_a_rule_off(skip: str, case: LintCase) -> None:
    assert found_in(edited(case.shape, *case.edits), case.shape, skip=skip) == []


@pytest.mark.parametrize(
    ("shape", "edit", "count"),
    [
        ("v1-noarch", ("    - tomli\n", "    - if: not win\n      then: tomli\n"), 0),
        ("v1-noarch", ("    - tomli\n", "    - if: linux and aarch64\n      then: tomli\n"), 1),
        ("v0-noarch", ("- tomli", "- tomli  # [win or osx]"), 0),
        ("v0-noarch", ("- tomli", "- tomli  # [py<312]"), 1),
        ("v0-noarch", ("  noarch: python\n", "  noarch: python\n  skip: true  # [win]\n"), 1),
        ("v1-noarch", ("  noarch: python\n", "  noarch: python\n  skip: win\n"), 1),
    ],
)
def test_several_noarch_platforms_allow_to_ask_for_the_system(
    shape: str, edit: tuple[str, str], count: int
) -> None:
    found = found_in(edited(shape, edit), shape, noarch_platforms=("linux_64", "win_64"))

    assert len(found) == count


def test_a_selector_may_ask_for_what_the_variant_file_names() -> None:
    text = edited("v0-noarch", ("- tomli", "- tomli  # [mpi]"))
    ctx = context(files=(("conda_build_config.yaml", "mpi:\n  - nompi\n  - openmpi\n"),))

    assert diagnose(text, "v0", noarch.RULES, ctx) == ()
    assert len(diagnose(text, "v0", noarch.RULES)) == 1


@pytest.mark.parametrize(
    ("shape", "edit", "expected"),
    [
        ("v1-arch", ("    - zlib\n", "    - zlib >=1.2\n"), ["CF-006"]),
        ("v0-arch", ("    - zlib\n", "    - zlib >=1.2\n"), ["CF-006"]),
        ("v0-outputs", ("- zlib", "- zlib 1.*"), ["CF-006"]),
        ("v1-arch", ("    - zlib\n", "    - zlib\n    - zlib >=1.2\n"), []),
        ("v1-arch", ("    - zlib\n", "    - zlib ${{ zlib }}\n"), []),
        ("v1-arch", ("    - zlib\n", "    - openssl >=3\n"), []),
    ],
)
def test_a_version_of_a_pinned_package_overrides_the_pin(
    shape: str, edit: tuple[str, str], expected: list[str]
) -> None:
    text = edited(shape, edit)

    found = diagnose(text, recipe_format_of(shape), pins.RULES, context(files=PINNED, is_feedstock=True))

    assert [one.code for one in found] == expected
    assert all(one.line == line_of(text, edit[1].strip()) for one in found)


@pytest.mark.parametrize("recipe_format", ["v1", "v0"])
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ((("../conda-forge.yml", ""), *PINNED), []),
        ((("../conda-forge.yml", ""),), ["CF-003"]),
        ((), []),
        ((("conda_build_config.yaml", " \n"),), ["CF-004"]),
        ((("conda_build_config.yaml", "a: [1]"),), []),
        ((("../.github/workflows/conda-build.yml", ""),), []),
        ((("../.github/workflows/mine.yaml", ""),), ["CF-005"]),
    ],
)
def test_the_files_around_a_feedstocks_recipe(
    recipe_format: RecipeFormat, files: tuple[tuple[str, str], ...], expected: list[str]
) -> None:
    text = CLEAN[f"{recipe_format}-arch"]

    found = diagnose(text, recipe_format, feedstocks.RULES, context(files=files, is_feedstock=True))

    assert [one.code for one in found] == expected


# ------------------------------------------------------------------ pins whose names aren't plain


@pytest.mark.parametrize(
    "pin",
    ["pin_subpackage(unknown)", 'pin_subpackage(name ~ "-dev")', "pin_compatible(unknown, max_pin='x')"],
)
def test_a_pin_of_a_name_that_cannot_be_told_is_not_judged(pin: str) -> None:
    text = edited("v0-arch", ("pin_compatible('zlib')", pin))

    assert diagnose(text, "v0", pins.RULES) == ()


# ------------------------------------------------------------------ cost


def test_a_text_full_of_beginnings_costs_no_more_than_its_length() -> None:
    # A pattern that looks for an end from every beginning needs minutes for these.
    document = clean_document(CLEAN["v0-noarch"], "v0")
    braces = "{{ {" * 50_000

    assert spec_text(document, braces) == braces
    assert selector_of("- tomli " + "# [" * 50_000) is None


def test_a_requirement_full_of_calls_costs_no_more_than_its_length() -> None:
    text = CLEAN["v1-noarch"].replace("run:\n", 'run:\n    - "' + "pin_subpackage(" * 15_000 + '"\n', 1)
    started_s = process_time()

    found = diagnose(text, "v1", strict_specs.RULES)

    assert process_time() - started_s < 3
    assert {diagnostic.slug for diagnostic in found} <= {"lint-refused-spec"}

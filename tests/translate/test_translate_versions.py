import csv
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import TranslationError
from conda_bridge.model.condition import (
    ALWAYS,
    NEVER,
    Condition,
    PyVersion,
    Span,
    Target,
    evaluate,
    python_in,
)
from conda_bridge.translate.versions import Style, python_condition, to_conda_spec, to_conda_version


def spec(text: str, style: Style = "exact") -> str:
    return to_conda_spec(SpecifierSet(text), style=style).value


def slugs(text: str, style: Style = "exact") -> list[str]:
    return [d.slug for d in to_conda_spec(SpecifierSet(text), style=style).diagnostics]


# ---------------------------------------------------------------- PEP 440 -> conda, the seven rules


@pytest.mark.parametrize(
    ("specifier", "constraint"),
    [
        pytest.param("===1.0", "==1.0", id="rule-1"),
        pytest.param("==1.2.*", "1.2.*", id="rule-2"),
        pytest.param("==1!2.*", "1!2.*", id="rule-2-epoch"),
        pytest.param("!=1.2.*", "!=1.2.*", id="rule-3"),
        pytest.param("~=1.4.2", ">=1.4.2,1.4.*", id="rule-4"),
        pytest.param("~=1.2.post1", ">=1.2.post1,1.*", id="rule-4-post"),
        pytest.param("~=1.2rc1", ">=1.2rc1,1.*", id="rule-4-pre"),
        pytest.param("~=1!2.3.4", ">=1!2.3.4,1!2.3.*", id="rule-4-epoch"),
        pytest.param("<2.0", "<2a0", id="rule-5"),
        pytest.param("<2.0.0", "<2a0", id="rule-5-zeros"),
        pytest.param("<2.10", "<2.10a0", id="rule-5-keeps-ten"),
        pytest.param("<0", "<0a0", id="rule-5-one-component-stays"),
        pytest.param("<0.0", "<0a0", id="rule-5-only-zeros"),
        pytest.param("<1!1.0", "<1!1a0", id="rule-5-epoch"),
        pytest.param(">1.2", ">1.2,!=1.2.post.*", id="rule-6"),
        pytest.param(">1!1.0", ">1!1.0,!=1!1.0.post.*", id="rule-6-epoch"),
        pytest.param("<2.0rc1", "<2.0rc1", id="rule-7-pre"),
        pytest.param("<2.0.dev0", "<2.0.dev0", id="rule-7-dev"),
        pytest.param("<1.0.post1", "<1.0.post1", id="rule-7-post"),
        pytest.param(">1.0.post1", ">1.0.post1", id="rule-7-above-post"),
        pytest.param("<=2.0", "<=2.0", id="rule-7-at-most"),
        pytest.param(">=2.0.0", ">=2.0.0", id="rule-7-as-written"),
        pytest.param("==1!2.0", "==1!2.0", id="rule-7-epoch"),
        pytest.param("", "", id="any"),
    ],
)
def test_a_clause_becomes_what_the_first_rule_that_applies_says(specifier: str, constraint: str) -> None:
    assert spec(specifier) == constraint


def test_clauses_come_in_the_order_of_their_text() -> None:
    assert spec(">=1.2,<2.0,!=1.2.3") == "!=1.2.3,<2a0,>=1.2"


def test_a_clause_that_two_specifiers_give_is_written_once() -> None:
    assert spec("~=1.2,==1.*") == "1.*,>=1.2"


def test_the_order_in_which_upstream_wrote_does_not_matter() -> None:
    assert spec("<2,>=1,!=1.5") == spec("!=1.5,>=1,<2")


# ---------------------------------------------------------------- the style of recipes


@pytest.mark.parametrize(
    ("specifier", "constraint"),
    [
        ("<2.0.0", "<2.0.0"),
        (">1.2", ">1.2"),
        ("<7,>=4.2.2", ">=4.2.2,<7"),
        ("!=1.5,<2,>=1", ">=1,<2,!=1.5"),
        ("~=1.4.2", ">=1.4.2,1.4.*"),
        ("!=2.10.*,!=2.2.*,>=2.0", ">=2.0,!=2.2.*,!=2.10.*"),
        ("==1.2.*", "1.2.*"),
        ("===1.0", "==1.0"),
        ("<=1.71,>=1.56.0", ">=1.56.0,<=1.71"),
    ],
)
def test_a_recipe_says_bounds_as_people_write_them(specifier: str, constraint: str) -> None:
    assert spec(specifier, "recipe") == constraint


@pytest.mark.parametrize("style", ["exact", "recipe"])
@pytest.mark.parametrize(
    ("specifier", "constraint"),
    [
        ("==2024.01.05", "==2024.01.05"),
        ("==v1.0", "==1.0"),
        (">=1.0.RC1", ">=1.0rc1"),
        (">=1.0-1", ">=1.0.post1"),
        (">=1.0alpha2", ">=1.0a2"),
        ("==v1.0.*", "1.0.*"),
    ],
)
def test_a_version_is_respelled_only_where_conda_would_misread_it(
    specifier: str, constraint: str, style: Style
) -> None:
    assert spec(specifier, style) == constraint


# ---------------------------------------------------------------- findings


def test_a_plain_constraint_gives_no_finding() -> None:
    assert slugs(">=1.2,!=1.3.*,!=1.4,==1.2.*,<=2") == []


@pytest.mark.parametrize("specifier", ["<2.0", ">1.0"])
def test_a_bound_without_suffix_is_a_finding_of_the_recipe_style_only(specifier: str) -> None:
    assert slugs(specifier, "recipe") == ["release-bound"]
    assert slugs(specifier) == []


@pytest.mark.parametrize("specifier", [">=1.0a1", "<2.0.dev0", "<=1.0rc1", ">1.0.post1", "~=1.2rc1"])
def test_a_bound_on_a_release_that_is_not_final_is_a_finding(specifier: str) -> None:
    assert slugs(specifier) == ["prerelease-order"]
    assert slugs(specifier, "recipe") == ["prerelease-order"]


def test_arbitrary_equality_is_a_finding() -> None:
    assert slugs("===1.0") == ["arbitrary-equality"]


def test_text_that_is_no_version_cannot_be_said() -> None:
    with pytest.raises(TranslationError) as caught:
        spec("===2004-vintage")
    assert caught.value.slug == "inexpressible-spec"
    assert "===2004-vintage" in caught.value.message


def test_a_version_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(TranslationError) as caught:
        spec(">=" + "1" * 5000)
    assert caught.value.slug == "inexpressible-spec"
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("style", ["exact", "recipe"])
@pytest.mark.parametrize(
    ("specifier", "constraint"),
    [("==1.2+local", "==1.2"), ("===1.2+local", "==1.2"), ("!=1.2+local", ""), (">=1,!=1.2+local", ">=1")],
)
def test_a_local_part_is_never_emitted(specifier: str, constraint: str, style: Style) -> None:
    translated = to_conda_spec(SpecifierSet(specifier), style=style)
    assert translated.value == constraint
    assert "local-version-dropped" in {d.slug for d in translated.diagnostics}


# ---------------------------------------------------------------- a project's own version


@pytest.mark.parametrize(
    "text", ["1.0", "2024.1.5", "1!2.0", "1.0a1", "1.0rc2", "1.0.post1", "1.0.dev3", "1.0a1.post2.dev3"]
)
def test_a_version_keeps_its_normal_spelling(text: str) -> None:
    assert to_conda_version(Version(text)) == text


def test_a_version_with_a_local_part_is_refused() -> None:
    with pytest.raises(TranslationError) as caught:
        to_conda_version(Version("1.0+g1234567"))
    assert caught.value.slug == "local-version"
    assert "1.0+g1234567" in caught.value.message


# ---------------------------------------------------------------- Requires-Python


def between(lower: str, upper: str) -> Span:
    ends = [PyVersion.from_text(end) if end else None for end in (lower, upper)]
    return Span(*ends)


@pytest.mark.parametrize(
    ("specifier", "spans"),
    [
        (">=3.9", [between("3.9", "")]),
        (">=3.9,<4", [between("3.9", "4")]),
        (">3.8", [between("3.8.1", "")]),
        ("<=3.12", [between("", "3.12.1")]),
        ("<3.13", [between("", "3.13")]),
        ("~=3.8", [between("3.8", "4")]),
        ("~=3.8.2", [between("3.8.2", "3.9")]),
        ("==3.*", [between("3", "4")]),
        ("==3.11.*", [between("3.11", "3.12")]),
        ("==3.11", [between("3.11", "3.11.1")]),
        ("===3.8.1", [between("3.8.1", "3.8.2")]),
        (">=3.8,!=3.9.*", [between("3.8", "3.9"), between("3.10", "")]),
        (">=3.8,!=3.9.1", [between("3.8", "3.9.1"), between("3.9.2", "")]),
        (">=2.7,!=3.0.*,!=3.1.*", [between("2.7", "3"), between("3.2", "")]),
        (">=3.6.1.2", [between("3.6.2", "")]),
    ],
)
def test_requires_python_becomes_spans_of_releases(specifier: str, spans: list[Span]) -> None:
    assert python_condition(SpecifierSet(specifier)) == python_in(*spans)


@pytest.mark.parametrize(
    ("specifier", "condition"),
    [
        ("", ALWAYS),
        (">=0", ALWAYS),
        (">=3.9,<3.9", NEVER),
        ("===3.8", NEVER),
        ("===cpython", NEVER),
        (">=1!3", NEVER),
    ],
)
def test_requires_python_may_hold_everywhere_or_nowhere(specifier: str, condition: Condition) -> None:
    assert python_condition(SpecifierSet(specifier)) == condition


@pytest.mark.parametrize(("specifier", "holds"), [(">=3.14", True), (">=3.14.0rc2", True), ("<3.14", False)])
def test_a_python_counts_as_the_release_that_its_pre_releases_lead_to(specifier: str, holds: bool) -> None:  # noqa: FBT001
    target = Target(platform="linux-64", python=PyVersion((3, 14)))
    assert evaluate(python_condition(SpecifierSet(specifier)), target) is holds


def test_a_python_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(TranslationError):
        python_condition(SpecifierSet(">=3." + "1" * 5000))


# ---------------------------------------------------------------- the grid, judged by a conda tool

DIFFERENCES: dict[str, list[tuple[str, str]]] = {
    "conda sorts 1.0.dev1 above every 1.0 pre-release": [
        (">=1.0a1", "1.0.dev1"),
        (">=1.0rc1", "1.0.dev1"),
        (">1.0a1", "1.0.dev1"),
        ("~=1.2rc1", "1.2.dev0"),
        ("~=1.2rc1", "1.2.0.dev4"),
    ],
    "likewise, so that <2.0.dev0 doesn't end where the pre-releases begin": [
        ("<2.0.dev0", "2.0a1"),
        ("<2.0.dev0", "2.0rc1"),
        ("<2.0.dev0", "2a1"),
        ("<2.0.dev0", "2.dev1"),
    ],
    "likewise, so that 2.0.dev3 isn't below 2.0a0": [
        ("<2.0a0", "2.0.dev3"),
        ("<2.0a0", "2.0.0.dev1"),
    ],
    "conda sorts 2a1 below 2.0a0, fewer components being less": [("<2.0a0", "2a1")],
    "conda sorts 1.0.post1.dev2 above 1.0.post1": [("<1.0.post1", "1.0.post1.dev2")],
    "conda compares post with 0 in 1.2.post1 and 1.2.0.post1": [
        ("~=1.2.post1", "1.2.0.post1"),
        (">1.2", "1.2.0.post1"),
    ],
    "conda compares values, === compares text": [("===1.2", "1.2.0"), ("===1.2.0", "1.2")],
}
"""Where conda and `packaging` disagree on versions without a local part, by cause."""

LOCAL_DIFFERENCES: dict[str, list[tuple[str, str]]] = {
    "PEP 440 ignores the candidate's local part, to conda it is another version": [
        ("==1.2", "1.2+local"),
        ("==1.2.0", "1.2+local"),
        ("==1.0", "1.0+cu118"),
        ("!=1.2", "1.2+local"),
        (">=1.2,<2.0,!=1.2.3", "1.2.3+cpu"),
    ],
    "conda sorts 1.2+local below 1.2": [
        ("~=1.2", "1.2+local"),
        ("~=1.2.0", "1.2+local"),
        ("~=1.2.3", "1.2.3+cpu"),
        (">=1.2", "1.2+local"),
        (">=1,<2", "1.0+cu118"),
        (">=1,!=1.2.*", "1.0+cu118"),
        (">=1.2,<2.0,!=1.2.3", "1.2+local"),
    ],
}

DROPPED_LOCAL_PART = [("==1.2+local", "1.2"), ("==1.2+local", "1.2.0"), ("==1.2+local", "1.2+local")]
"""The specifier's local part is left out, with a finding, so that the plain release matches instead."""


@pytest.mark.engine
def test_exact_constraints_differ_from_packaging_only_where_listed(bench_dir: Path) -> None:
    rattler = pytest.importorskip("rattler")
    with (bench_dir / "specifiers.tsv").open(encoding="utf-8", newline="") as file:
        rows = [
            (r["specifier"], r["version"], r["matches"] == "1") for r in csv.DictReader(file, delimiter="\t")
        ]
    constraints = {s: rattler.VersionSpec(spec(s)) for s in {row[0] for row in rows}}
    found = {(s, v) for s, v, matches in rows if constraints[s].matches(rattler.Version(v)) != matches}

    assert len(rows) == 2254
    assert {pair for pair in found if "+" not in "".join(pair)} == set().union(*DIFFERENCES.values())
    assert {pair for pair in found if "+" in "".join(pair)} == {
        *DROPPED_LOCAL_PART,
        *(pair for pairs in LOCAL_DIFFERENCES.values() for pair in pairs),
    }
    assert sum(map(len, DIFFERENCES.values())) == 17
    assert sum(map(len, LOCAL_DIFFERENCES.values())) == 12


@pytest.mark.engine
def test_every_constraint_of_the_grid_is_a_strict_match_spec(bench_dir: Path) -> None:
    rattler = pytest.importorskip("rattler")
    with (bench_dir / "specifiers.tsv").open(encoding="utf-8", newline="") as file:
        specifiers = sorted({row["specifier"] for row in csv.DictReader(file, delimiter="\t")})
    for specifier in specifiers:
        for style in ("exact", "recipe"):
            rattler.MatchSpec(f"package {spec(specifier, style)}", strict=True)

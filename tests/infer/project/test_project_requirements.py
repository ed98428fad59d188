import pytest

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.requirements import (
    RequirementSets,
    read_build_requirements,
    read_requirements,
)
from conda_bridge.infer.project.statements import RequirementLine


def lines(*texts: str, note: str = "") -> tuple[RequirementLine, ...]:
    return tuple(
        RequirementLine(text=text, origin=f"PKG-INFO#/Requires-Dist/{index}", note=note)
        for index, text in enumerate(texts)
    )


def shown(sets: RequirementSets) -> tuple[list[str], dict[str, list[str]]]:
    return (
        [str(declared.requirement) for declared in sets.dependencies],
        {extra.name: [str(d.requirement) for d in extra.requirements] for extra in sets.extras},
    )


def slugs(sets: RequirementSets) -> list[str]:
    return [diagnostic.slug for diagnostic in sets.diagnostics]


def test_requirements_of_extras_leave_the_dependencies_and_lose_the_extra() -> None:
    sets = read_requirements(
        lines("a>=1", 'b; extra == "Dev_Tools"', 'c[x]<2; python_version < "3.11" and extra == "dev-tools"'),
        [("Dev_Tools", ()), ("empty", ())],
    )

    assert shown(sets) == (["a>=1"], {"dev-tools": ["b", 'c[x]<2; python_version < "3.11"'], "empty": []})
    assert slugs(sets) == []


def test_origins_stay_with_their_requirements() -> None:
    sets = read_requirements(lines("a", "b"), [("x", lines("c"))])

    assert [d.origin for d in sets.dependencies] == ["PKG-INFO#/Requires-Dist/0", "PKG-INFO#/Requires-Dist/1"]
    assert sets.extras[0].requirements[0].origin == "PKG-INFO#/Requires-Dist/0"


def test_a_requirement_may_belong_to_two_extras() -> None:
    sets = read_requirements(lines('a; extra == "x" or extra == "y"'), [("x", ()), ("y", ())])

    assert shown(sets) == ([], {"x": ["a"], "y": ["a"]})


def test_a_requirement_that_an_extra_switches_off_stays_a_dependency() -> None:
    sets = read_requirements(lines('a; extra != "slim"'), [("slim", ()), ("full", ())])

    assert shown(sets) == (["a"], {"slim": [], "full": []})


def test_an_extra_that_lifts_a_marker_has_the_requirement_too() -> None:
    sets = read_requirements(lines('a; os_name == "nt" or extra == "x"'), [("x", ())])

    assert shown(sets) == (['a; os_name == "nt"'], {"x": ["a"]})


def test_a_requirement_that_needs_two_extras_is_reported() -> None:
    sets = read_requirements(lines('a; extra == "x" and extra == "y"'), [("x", ()), ("y", ())])

    assert shown(sets) == ([], {"x": [], "y": []})
    assert slugs(sets) == ["combined-extras"]


def test_a_requirement_in_a_group_that_asks_for_another_extra_is_reported() -> None:
    sets = read_requirements((), [("x", lines('a; extra == "y"', 'b; extra == "x"', 'c; os_name == "nt"'))])

    assert shown(sets) == ([], {"x": ["b", 'c; os_name == "nt"']})
    assert slugs(sets) == ["combined-extras"]


def test_an_undeclared_extra_is_kept_and_reported() -> None:
    sets = read_requirements(lines('a; extra == "x"', 'b; extra == "x"'), [])

    assert shown(sets) == ([], {"x": ["a", "b"]})
    assert slugs(sets) == ["undeclared-extra"]


def test_row_35_a_number_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(MetadataError) as caught:
        read_requirements(lines(f"a>={'1' * 4400}"), [])

    assert caught.value.slug == "invalid-requirement"


def test_row_39_extras_that_collide_after_normalising_are_refused() -> None:
    with pytest.raises(MetadataError) as caught:
        read_requirements((), [("dev_tools", ()), ("Dev-Tools", ())])

    assert caught.value.slug == "extra-collision"


def test_an_extra_declared_twice_is_one() -> None:
    assert shown(read_requirements((), [("x", ()), ("x", lines("a"))])) == ([], {"x": ["a"]})


def test_an_extra_that_nobody_can_ask_for_is_left_out_with_a_finding() -> None:
    sets = read_requirements((), [(".none", lines("a"))])

    assert shown(sets) == ([], {})
    assert slugs(sets) == ["ignored-field"]


@pytest.mark.parametrize(
    "text",
    [
        "a b",
        "a => 1",
        "a = 1",
        "a >",
        "a ~= 1",
        "a >= 1.0 <2",
        "a (>=1",
        "a; foo == 'bar'",
        "a; extra",
        "-r other.txt",
        "a>1.0.*",
        "",
        "a; " + "(" * 5_000,
        "a" * 50_000,
        'a; extra in "x y"',
    ],
)
def test_row_35_a_requirement_that_does_not_parse_refuses_the_project(text: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read_requirements(lines(text), [])

    assert caught.value.slug == "invalid-requirement"
    assert caught.value.where == "PKG-INFO#/Requires-Dist/0"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a>=1.0.*", "a>=1.0"),
        ("a<2.*,>=1.*", "a<2,>=1"),
        ("pytz>dev", "pytz"),
        ("pytz (>dev) ; os_name == 'nt'", 'pytz; os_name == "nt"'),
        ("a>=1 ;", "a>=1"),
    ],
)
def test_legacy_spellings_of_certain_meaning_are_read_with_a_finding(text: str, meaning: str) -> None:
    sets = read_requirements(lines(text), [])

    assert shown(sets)[0] == [meaning]
    assert slugs(sets) == ["legacy-requirement"]


@pytest.mark.parametrize("text", ["a (>=1.0)", "a>=1,<2,", "a\n >=1", "a [x] >=1", "a>=2.7,!=3.0.*"])
def test_unusual_but_valid_spellings_need_no_finding(text: str) -> None:
    sets = read_requirements(lines(text), [])

    assert len(sets.dependencies) == 1
    assert slugs(sets) == []


@pytest.mark.parametrize(
    "text",
    ["a @ https://x.example/a.zip", "a @ file:///tmp/a", "a @ git+ssh://git@x.example/a ; os_name == 'nt'"],
)
def test_rows_27_and_37_a_dependency_by_url_is_refused(text: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read_requirements(lines(text), [])

    assert caught.value.slug == "direct-reference"


def test_a_refused_url_is_shown_without_its_credentials() -> None:
    with pytest.raises(MetadataError) as caught:
        read_requirements(lines("a @ https://me:secret@x.example/a.zip"), [])

    assert "secret" not in str(caught.value)


def test_an_optional_requirement_by_url_keeps_its_name_with_a_finding() -> None:
    sets = read_requirements(lines('a[z] @ https://x.example/a.zip ; extra == "x"'), [("x", ())])

    assert shown(sets) == ([], {"x": ["a[z]"]})
    assert slugs(sets) == ["unsupported-requirement"]


def test_a_requirement_from_a_path_is_reported() -> None:
    sets = read_requirements(lines("a", note="path '../a'"), [])

    assert shown(sets)[0] == ["a"]
    assert slugs(sets) == ["unsupported-requirement"]


def test_build_requirements_by_url_keep_their_marker() -> None:
    found, diagnostics = read_build_requirements(lines("a @ https://x.example/a.zip ; os_name == 'nt'", "b"))

    assert [str(d.requirement) for d in found] == ['a; os_name == "nt"', "b"]
    assert [d.slug for d in diagnostics] == ["unsupported-requirement"]

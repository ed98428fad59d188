"""Documents of recipes in v0: Jinja is set aside, selectors are read, lines stay."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.document import Item, RecipeDocument, document_of
from conda_bridge.formats.selectors import split_selector
from conda_bridge.formats.yaml_tree import ScalarNode


def v0(text: str) -> RecipeDocument:
    return document_of(text, path="meta.yaml", recipe_format="v0")


def run_of(text: str) -> tuple[Item, ...]:
    return v0("requirements:\n  run:\n" + text).outputs[0].section("run")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- foo  # [win]", ("- foo", "win")),
        ("- foo  # [win] why", ("- foo", "win")),
        ("- foo  # why [win and py<312]", ("- foo", "win and py<312")),
        ("- foo\t#[win]\r", ("- foo", "win")),
        ("- foo # [a] # [b]", ("- foo", "b")),
        ("- foo [win]", ("- foo", "win")),
        ('"- foo  # [win]"', ('"- foo"', "win")),
        ("- foo  # [win] (why)", ("- foo  # [win] (why)", "")),
        ("- foo  # (why) [win]", ("- foo", "win")),
        ("- foo  # why", ("- foo  # why", "")),
        ("- foo  # []", ("- foo  # []", "")),
        ("  # - foo  # [win]", ("", "")),
        ("skip: [a, b]", ("skip: [a, b]", "")),
        ("- [a]", ("- [a]", "")),
        ("url: https://x/{{ name[0] }}/y", ("url: https://x/{{ name[0] }}/y", "")),
        ("", ("", "")),
    ],
)
def test_selectors_are_read_as_conda_build_reads_them(line: str, expected: tuple[str, str]) -> None:
    assert split_selector(line) == expected


def test_entries_with_selectors_and_expressions_stay_as_written() -> None:
    items = run_of(
        "    - python\n"
        "    - lib{{ x }}   # [win]\n"
        '    - {{ pin_compatible("numpy", max_pin="x.x") }}\n'
        "    - {{ x\n         }}  # why\n"
        '    - "{{ "quoted" }}"\n'
        "    - last\n"
    )

    assert items == (
        Item(written="python", value="python", line=3),
        Item(written="lib{{ x }}", value="lib{{ x }}", line=4, conditions=("win",)),
        Item(
            written='{{ pin_compatible("numpy", max_pin="x.x") }}',
            value='{{ pin_compatible("numpy", max_pin="x.x") }}',
            line=5,
        ),
        Item(written="{{ x\n         }}", value="{{ x\n         }}", line=6),
        Item(written='{{ "quoted" }}', value="quoted", line=8),
        Item(written="last", value="last", line=9),
    )


def test_statements_go_and_their_bodies_stay_under_their_conditions() -> None:
    items = run_of(
        "{% if a %}\n    - b\n{%- elif c -%}\n    - d  # [win]\n{% else %}\n"
        "    {% for e in f %}\n    - {{ e }}\n    {% endfor %}\n{% endif %}\n"
        "    {% if g %}- h{% endif %}\n    - i{% if j %}k{% endif %}\n    - l\n"
    )

    assert [(item.written, item.line, item.conditions) for item in items] == [
        ("b", 4, ("a",)),
        ("d", 6, ("not (a)", "c", "win")),
        ("{{ e }}", 9, ("not (a)", "not (c)")),
        ("h", 12, ("g",)),
        ("i{% if j %}k{% endif %}", 13, ()),
        ("l", 14, ()),
    ]


def test_set_statements_define_variables() -> None:
    document = v0(
        '{% set name = "Foo" %}\n{% set version = "1.2.3" %}\n'
        "{% set major, minor, patch = version.split('.') %}\n"
        "{% set build = 1 %}\n{% set build = build + 100 %}\n"
        '{% set windows = "x" %}  # [win]\n'
        '{% if a %}{% set guarded = "x" %}{% endif %}\n'
        '{% set foreign = environ.get("X") %}\n'
        "{% macro m() %}\n- nothing: [\n{% endmacro %}\n{% set block %}\n  ]\n{% endset %}\n"
        "{# version: {{ #}\n"
        "package:\n  name: {{ name|lower }}\n  version: {{ version }}\n"
        "build:\n  number: {{ build }}\n"
    )

    assert dict(document.variables) == {
        "name": "Foo",
        "version": "1.2.3",
        "major": "1",
        "minor": "2",
        "patch": "3",
        "build": "101",
    }
    assert document.outputs[0].name == "foo"
    assert document.items("build", "number") == (Item(written="{{ build }}", value="101", line=20),)


def test_keys_repeat_under_selectors() -> None:
    document = v0("build:\n  script: a  # [win]\n  script:  # [unix]\n    - b\n    - c  # [osx]\n")

    assert len(document.nodes("build", "script")) == 2
    assert [(item.written, item.conditions) for item in document.items("build", "script")] == [
        ("a", ("win",)),
        ("b", ("unix",)),
        ("c", ("unix", "osx")),
    ]


def test_a_flat_list_of_an_output_is_its_host_and_run() -> None:
    document = v0(
        '{% set name = "lib" %}\n'
        "package:\n  name: {{ name }}-split\n"
        "outputs:\n"
        "  - name: {{ name }}a  # [unix]\n    requirements:\n      - b\n"
        "  - name: {{ other }}\n    requirements:\n      run_constrained: [c, d]\n"
    )

    first, second = document.outputs
    assert (first.name, second.name) == ("liba", "")
    assert (first.conditions, second.conditions) == (("unix",), ())
    assert [name for name, _ in first.requirements] == ["host", "run"]
    assert first.section("host") == first.section("run") == (Item(written="b", value="b", line=7),)
    assert [item.written for item in second.section("run_constraints")] == ["c", "d"]


def test_a_document_of_nothing_but_an_expression_is_refused() -> None:
    with pytest.raises(RecipeError) as caught:
        v0("\n{{ load() }}\n")

    assert (caught.value.slug, caught.value.where) == ("invalid-yaml", "line 2")


def test_a_selector_is_on_its_keys_and_values() -> None:
    document = v0("about:\n  summary: >  # [win]\n    a\n    b  # [osx]\n")

    assert document.nodes("about", "summary") == (
        ScalarNode(text="a b\n", line=2, is_plain=False, selector="win"),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a" * 500_001, "500001 characters"),
        ("a: " + "".join(map(chr, range(0xE000, 0xF900))), "every private character"),
        ("{% if a %}\n" * 21, "deep nesting"),
        ("{% if a %}\n" + "{% elif b %}\n" * 21, "deep nesting"),
    ],
)
def test_texts_beyond_any_recipe_are_refused(text: str, reason: str) -> None:
    with pytest.raises(RecipeError, match=reason) as caught:
        v0(text)

    assert caught.value.slug == "invalid-yaml"


def test_an_escape_may_name_the_character_of_marks() -> None:
    document = v0('about:\n  summary: "\\ue0009\\ue000 {{ x }}"\n')

    assert document.items("about", "summary")[0].written == "\ue0009\ue000 {{ x }}"


def test_a_reassignment_under_a_condition_makes_a_variable_unknown() -> None:
    document = v0("{% set a = 'x' %}\n{% if b %}{% set a = 'y' %}{% endif %}\nabout: {{ a }}\n")

    assert document.variables == ()

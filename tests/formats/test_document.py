"""Documents of recipes in v1."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.document import Item, RecipeDocument, document_of
from conda_bridge.formats.yaml_tree import ScalarNode


def v1(text: str) -> RecipeDocument:
    return document_of(text, path="recipe.yaml", recipe_format="v1")


def test_the_items_of_a_list_know_their_lines_and_conditions() -> None:
    document = v1(
        "requirements:\n"
        "  run:\n"
        "    - python\n"
        "    - if: win\n"
        "      then: colorama\n"
        "      else:\n"
        "        - if: linux\n"
        "          then: [pyudev >=1]\n"
    )

    assert document.outputs[0].section("run") == (
        Item(written="python", value="python", line=3),
        Item(written="colorama", value="colorama", line=5, conditions=("win",)),
        Item(written="pyudev >=1", value="pyudev >=1", line=8, conditions=("not (win)", "linux")),
    )


def test_context_variables_stand_for_their_values() -> None:
    document = v1(
        'context:\n  name: Foo-Bar\n  version: "1.2.3"\n  build: 4\n'
        "  major: ${{ version.split('.')[0] }}\n  plugin: lib${{ name|lower|replace('-', '_') }}\n"
        "  unknown: ${{ python_min }}\n"
        "package:\n  name: ${{ name|lower }}\n"
        "source:\n  url: https://x/${{ name[0] }}/${{ name }}-${{ version }}.tar.gz?${{ other }}\n"
    )

    assert dict(document.variables) == {
        "name": "Foo-Bar",
        "version": "1.2.3",
        "build": "4",
        "major": "1",
        "plugin": "libfoo_bar",
    }
    assert document.outputs[0].name == "foo-bar"
    assert [item.value for item in document.items("source", "url")] == [
        "https://x/F/Foo-Bar-1.2.3.tar.gz?${{ other }}"
    ]
    assert document.value_of("${{ build + 100 }} ${{ python_min }}") == "104 ${{ python_min }}"


def test_outputs_come_after_a_top_level_that_requires_something() -> None:
    text = (
        "recipe:\n  name: all\n"
        "requirements:\n  build: [make]\n"
        "outputs:\n"
        "  - staging:\n      name: built\n"
        "  - if: linux\n    then:\n      package:\n        name: lib\n      requirements:\n        run_constrained: [a]\n"
    )

    document = v1(text)

    assert [(o.name, o.is_top_level, o.conditions) for o in document.outputs] == [
        ("all", True, ()),
        ("built", False, ()),
        ("lib", False, ("linux",)),
    ]
    assert document.outputs[2].section("run_constraints")[0].written == "a"
    assert [o.name for o in v1(text.replace("requirements:\n  build: [make]\n", "")).outputs] == [
        "built",
        "lib",
    ]


def test_paths_go_through_lists_and_conditions() -> None:
    document = v1("tests:\n  - python:\n      imports: [a, b]\n  - if: unix\n    then:\n      - script: c\n")

    assert [item.written for item in document.items("tests", "python", "imports")] == ["a", "b"]
    assert document.nodes("tests", "script") == (ScalarNode(text="c", line=6),)
    assert document.items("tests", "script")[0].conditions == ("unix",)
    assert [entry.conditions for entry in document.entries("tests")] == [(), ("unix",)]
    assert (document.key_line("tests", "script"), document.key_line("nothing")) == (6, 0)


def test_a_document_has_the_recipe_or_says_why_not() -> None:
    readable = v1('context:\n  version: "1"\npackage:\n  name: a\n  version: ${{ version }}\n')
    unreadable = v1("package:\n  name: a\n  version: 1\ncache: {}\n")

    assert readable.as_recipe().name == "a"
    with pytest.raises(RecipeError) as caught:
        unreadable.as_recipe()
    assert (caught.value.slug, caught.value.where) == ("unmodelled-recipe", "line 4")


def test_variables_that_are_no_text_are_left_out() -> None:
    document = v1(
        "context:\n  flag: true\n  nothing:\n  mapping: {a: b}\n  names: [a, b]\n  mixed: [a, 1]\n"
        f"  long: {'x' * 501}\n  digits: {'1' * 16}\n  again: a\n"
        "about:\n  summary: ${{ names[1] }}${{ flag }}${{ mixed }}${{ long }}\n"
    )

    assert dict(document.variables) == {"digits": "1" * 16, "again": "a"}
    assert document.items("about", "summary")[0].value == "b${{ flag }}${{ mixed }}${{ long }}"


def test_a_context_that_is_no_mapping_defines_nothing() -> None:
    assert v1("context: a\nabout: ${{ a }}\n").variables == ()


def test_a_path_ends_where_there_is_no_mapping() -> None:
    assert v1("about:\n  - a\n").nodes("about", "summary") == ()


@pytest.mark.parametrize("text", ["- a\n", "a\n"])
def test_a_recipe_that_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(RecipeError, match="a recipe is a mapping"):
        v1(text)

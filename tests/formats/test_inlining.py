"""Variables of a v0 recipe's own give way to their values; those of v1 are tested through its reader."""

import pytest

from conda_bridge.formats.inlining import without_assignments
from conda_bridge.formats.v0_tree import V0Tree, parse_v0_tree


def test_the_values_of_known_variables_stand_in_the_texts() -> None:
    tree = parse_v0_tree(
        '{% set name = "Foo" %}\n{% set version = "1.2" %}\n{% set python_min = "3.11" %}\n'
        "package:\n"
        "  name: {{ name|lower }}\n"
        "  version: {{ version }}\n"
        "source:\n"
        "  url: https://x/{{ version[0] }}/{{ name }}-{{ version }}.zip\n"
        "requirements:\n"
        "  run:\n"
        "    - {{ name }}-core =={{ version }}  # [win]\n"
        "    - python >={{ python_min }}\n"
    )

    inlined = without_assignments(tree)

    plain = parse_v0_tree(
        '\n{% set version = "1.2" %}\n{% set python_min = "3.11" %}\n'
        "package:\n"
        "  name: foo\n"
        "  version: {{ version }}\n"
        "source:\n"
        "  url: https://x/1/Foo-{{ version }}.zip\n"
        "requirements:\n"
        "  run:\n"
        "    - Foo-core ==1.2  # [win]\n"
        "    - python >={{ python_min }}\n"
    )
    assert inlined == V0Tree(root=plain.root, assignments=plain.assignments)


@pytest.mark.parametrize(
    "assignment",
    [
        "{% set x = 'a: b' %}",
        "{% set x = '{' %}",
        "{% set x = 'a #b' %}",
        "{% set x = 'a' %}  # [win]",
        "{% set x = environ['X'] %}",
        "{% set PYTHON = 'a' %}{% set x = later %}",
    ],
)
def test_what_might_become_more_than_text_stays_as_written(assignment: str) -> None:
    tree = parse_v0_tree(f"{assignment}\nabout: {{{{ x }}}}\n")

    assert without_assignments(tree).root == tree.root

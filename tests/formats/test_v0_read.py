"""Texts of v0 that say more than the model can, and other spellings of what it can."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.v0 import read_v0
from conda_bridge.model.condition import any_of, os_in
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import MatchSpec

HEAD = """\
{% set version = "1.0" %}
package:
  name: demo
  version: "{{ version }}"
"""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("build:\n  string: abc\n", 6),
        ("build:\n  number: 0\n  number: 1\n", 7),
        ("build:\n  number: 1  # [win]\n", 6),
        ("build:\n  skip: false  # [win]\n", 6),
        ("build:\n  skip: true  # [np<2]\n", 6),
        ("build:\n  noarch: yes\n", 6),
        ("build:\n  python_version_independent: true\n", 6),
        ("build:\n  script_env:\n    - NAME\n", 7),
        ("build:\n  script_env:\n    - NAME={{ x }}\n", 7),
        ("build:\n  script:  # [win]\n    - a\n", 6),
        ("build:\n  script: {{ x }}\n", 6),
        ("build:\n  entry_points:\n    - a:b\n", 7),
        ("requirements:\n  run: {}\n", 6),
        ("requirements:\n  run:\n    {% if win %}\n    - a\n    {% endif %}\n", 8),
        ("requirements:\n  run:\n    - a >=1 b c\n", 7),
        ("test:\n  source_files:\n    - tests\n", 6),
        ("test:\n  requires:\n    - pytest  # [win]\n", 7),
        ("about:\n  license_file:\n    - A  # [win]\n", 7),
        ("source:\n  url: https://example.org/a.tar.gz\n  md5: a\n", 7),
        ("source:\n  url: https://example.org/a.tar.gz\n", 6),
        ("outputs:\n  - name: a\n    script: a.sh\n", 7),
        ("requirements:\n  host:\n    - cmake\noutputs:\n  - name: a\n", 6),
        ("extra:\n  other: a\n", 6),
        ("{% set python_min = foo() %}\n", 5),
    ],
)
def test_what_the_model_can_not_hold_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(RecipeError) as caught:
        read_v0(HEAD + text)

    assert (caught.value.slug, caught.value.where) == ("unmodelled-recipe", f"line {line}")


@pytest.mark.parametrize(
    "text",
    ["package:\n  name: demo\n  version: {{ version }}\n", HEAD.replace('"{{ version }}"', '"1.0"'), "- a\n"],
)
def test_version_stands_in_one_place(text: str) -> None:
    with pytest.raises(RecipeError) as caught:
        read_v0(text)

    assert caught.value.slug == "unmodelled-recipe"


def test_version_may_stand_without_a_variable() -> None:
    assert read_v0("package:\n  name: demo\n  version: '1.0'\n").version == "1.0"


def test_repeated_keys_under_selectors_add_up() -> None:
    text = (
        "build:\n  skip: True  # [win]\n  skip: true  # [osx]\n"
        "  script: make  # [unix]\n  script: nmake  # [win]\n"
    )

    (output,) = read_v0(HEAD + text).outputs

    assert output.skip == (any_of(os_in({"win"}), os_in({"osx"})),)
    assert [(line.command, line.condition) for line in output.script.lines] == [
        ("make", os_in({"linux", "osx"})),
        ("nmake", os_in({"win"})),
    ]


def test_indentation_comments_and_quotes_are_free() -> None:
    text = "requirements:\n  # what it needs\n  run:\n  - 'a >=1'   # [ win ]\n  - \"b\"\n"

    (output,) = read_v0(HEAD + text).outputs

    assert [(one.spec, one.condition) for one in output.requirements.run] == [
        (MatchSpec(conda_name=CondaName("a"), version=">=1"), os_in({"win"})),
        (MatchSpec(conda_name=CondaName("b")), any_of(os_in({"win"}), os_in({"linux", "osx"}))),
    ]

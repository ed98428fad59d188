"""Spellings of merged recipes on which readers and editors of recipes have failed."""

import pytest

from conda_bridge.formats.document import RecipeDocument, document_of
from conda_bridge.model.options import RecipeFormat

V0_SPELLINGS: dict[str, tuple[str, str, list[str]]] = {
    # what: (text, path of keys, its items as `line text / conditions`)
    "pairs of selectors": (
        "r:\n  - a >=1  # [win]\n  - a >=2  # [not win]\n",
        "r",
        ["2 a >=1 / win", "3 a >=2 / not win"],
    ),
    "jinja in a name": ("r:\n  - lib{{ x }}\n", "r", ["2 lib{{ x }}"]),
    "jinja in a key": ("r:\n  lib{{ x }}: a\n", "r|lib{{ x }}", ["2 a"]),
    "an expression with a colon": ("r: {{ a[1:2] }}\n", "r", ["1 {{ a[1:2] }}"]),
    "an expression of braces": ("r: {{ f({'a': 1}) }}\n", "r", ["1 {{ f({'a': 1}) }}"]),
    "pins": (
        "r:\n  - {{ pin_subpackage('a', max_pin=None) }}\n  - {{ pin_compatible('b') }} # [win]\n",
        "r",
        ["2 {{ pin_subpackage('a', max_pin=None) }}", "3 {{ pin_compatible('b') }} / win"],
    ),
    "an inline list": ("r: [a, {{ b }}, 'c']\n", "r", ["1 a", "1 {{ b }}", "1 c"]),
    "an inline list with a selector": ("r: [a, b]  # [win]\n", "r", ["1 a / win", "1 b / win"]),
    "a list at its key's indent": ("r:\n- a\n- b\ns: c\n", "r", ["2 a", "3 b"]),
    "CRLF": ("r:\r\n  - a  # [win]\r\n  - b\r\n", "r", ["2 a / win", "3 b"]),
    "tabs before a selector": ("r:\n  - a\t# [win]\n", "r", ["2 a / win"]),
    "a byte order mark": ("\ufeffr:\n  - a\n", "r", ["2 a"]),
    "a literal block": ("r: |\n  a\n  {{ b }}\ns: c\n", "r", ["1 a\n{{ b }}\n"]),
    "a folded block": ("r: >-\n  a\n  b\ns: c\n", "r", ["1 a b"]),
    "a selector in a block": ("r: |\n  a  # [win]\n  b\n", "r", ["1 a\nb\n"]),
    "a comment between": ("r:\n  # - a  # [win]\n  - b\n", "r", ["3 b"]),
    "a hash in a variable": (
        '{% set sha256 = "ab12" %}\nr:\n  sha256: {{ sha256 }}\n',
        "r|sha256",
        ["3 {{ sha256 }} = ab12"],
    ),
    "a hash by platform": (
        '{% set sha256 = "ab" %}  # [win]\n{% set sha256 = "cd" %}  # [not win]\nr: {{ sha256 }}\n',
        "r",
        ["3 {{ sha256 }}"],
    ),
    "several sources": (
        "s:\n  - url: a  # [win]\n    sha256: b  # [win]\n  - url: c  # [unix]\n",
        "s|url",
        ["2 a / win", "4 c / unix"],
    ),
    "anchors": (
        "o:\n  - t: &t\n      - a\n  - t: *t\n  - t:\n      <<: {x: y}\n",
        "o|t",
        ["3 a", "3 a"],
    ),
    "a statement of several lines": (
        '{% set v = \\\n   "1" %}\n{%- set w = "1.2" \n -%}\nr: {{ w }}\n',
        "r",
        ["5 {{ w }} = 1.2"],
    ),
    "an expression of several lines": (
        "r:\n  - {{ f(\n      'a',\n    ) }}  # [win]\n  - b\n",
        "r",
        ["2 {{ f(\n      'a',\n    ) }}", "5 b"],
    ),
    "comments of jinja": ("{# r: [ #}\n{#\n - {% if %}\n  x #}\nr: a {# b #}\n", "r", ["5 a"]),
    "what only looks like a comment of jinja": (
        "r:\n  - echo '{#TC5]..'\n  - b\n",
        "r",
        ["2 echo '{#TC5]..'", "3 b"],
    ),
    "a version that isn't the first": (
        "context:\n  version: 3\nr:\n  version: {{ version }}\n",
        "r|version",
        ["4 {{ version }}"],
    ),
    "quotes around a line with a selector": ("r:\n  - 'a  # [win]'\n", "r", ["2 a / win"]),
    "quotes in quotes": ('r: "{{ environ["A"] }}"\n', "r", ['1 {{ environ["A"] }}']),
    "a statement without its end": ("r:\n  {% if a %}\n  - b\n", "r", ["3 b / a"]),
    "an end without its statement": ("r:\n  {% endif %}\n  - b\n", "r", ["3 b"]),
    "a ternary": ('{% set x = "a" if b else "c" %}\nr: {{ x }}\n', "r", ["2 {{ x }}"]),
}

V1_SPELLINGS: dict[str, tuple[str, str, list[str]]] = {
    "a text for then": ("r:\n  - if: a\n    then: b\n", "r", ["3 b / a"]),
    "a list for then": (
        "r:\n  - if: a\n    then:\n      - b\n      - c\n    else: [d]\n",
        "r",
        ["4 b / a", "5 c / a", "6 d / not (a)"],
    ),
    "nested ifs": (
        "r:\n  - if: a\n    then:\n      - if: b\n        then: c\n        else: d\n",
        "r",
        ["5 c / a / b", "6 d / a / not (b)"],
    ),
    "a condition of several lines": ("r:\n  - if: a\n        and b\n    then: c\n", "r", ["4 c / a and b"]),
    "an empty branch": ("r:\n  - if: a\n    then:\n    else: b\n", "r", ["4 b / not (a)"]),
    "references to the context above": (
        'context:\n  a: "1"\n  b: ${{ a }}.2\n  c: ${{ later }}\n  later: x\nr: ${{ b }}${{ c }}\n',
        "r",
        ["6 ${{ b }}${{ c }} = 1.2${{ c }}"],
    ),
    "a url without a version": (
        'context:\n  version: "1"\nr:\n  url: https://x/a-1.zip\n',
        "r|url",
        ["4 https://x/a-1.zip"],
    ),
    "braces without a dollar": ("r: 'a {{ b }} {% c %}'\n", "r", ["1 a {{ b }} {% c %}"]),
    "a comment that looks like a selector": ("r:\n  - a  # [win]\n", "r", ["2 a"]),
    "CRLF": ("r:\r\n  - a\r\n", "r", ["2 a"]),
    "anchors": ("o:\n  - &a [b]\n  - *a\n", "o", ["2 b", "2 b"]),
}


def shown(document: RecipeDocument, path: str) -> list[str]:
    return [
        " / ".join(
            (
                f"{item.line} {item.written}" + (f" = {item.value}" if item.value != item.written else ""),
                *item.conditions,
            )
        )
        for item in document.items(*path.split("|"))
    ]


def check(spelling: tuple[str, str, list[str]], recipe_format: RecipeFormat) -> None:
    text, path, expected = spelling
    assert shown(document_of(text, path="x", recipe_format=recipe_format), path) == expected


@pytest.mark.parametrize("spelling", V0_SPELLINGS.values(), ids=V0_SPELLINGS)
def test_a_spelling_of_v0_is_read(spelling: tuple[str, str, list[str]]) -> None:
    check(spelling, "v0")


@pytest.mark.parametrize("spelling", V1_SPELLINGS.values(), ids=V1_SPELLINGS)
def test_a_spelling_of_v1_is_read(spelling: tuple[str, str, list[str]]) -> None:
    check(spelling, "v1")

"""Expressions of recipes, evaluated without Jinja."""

import pytest

from conda_bridge.formats.expressions import UnknownExpression, Value, evaluate, substitute

SCOPE: dict[str, Value] = {
    "name": "Foo-Bar",
    "version": "1.2.3",
    "build": 4,
    "extras": ("a", "b"),
    "long": "x" * 400,
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("name", "Foo-Bar"),
        ("name|lower", "foo-bar"),
        ("name | replace('-', '_') | upper", "FOO_BAR"),
        ('name.replace("-", "_").lower()', "foo_bar"),
        ("name[0]", "F"),
        ("name[-1]", "r"),
        ("name[:3]", "Foo"),
        ("name[1:3]", "oo"),
        ("version[2:]", "2.3"),
        ("version[:-2]", "1.2"),
        ("version.split('.')[0]", "1"),
        ("version.split('.', 1)[1]", "2.3"),
        ("version | split('.') | last", "3"),
        ("(version | split('.') | first) ~ '.x'", "1.x"),
        ("version.rsplit('.', 1)[0]", "1.2"),
        ("'.'.join(version.split('.')[:2])", "1.2"),
        ("version.split('.')[:2] | join('_')", "1_2"),
        ("version|version_to_buildstring", "12"),
        ("'v' + version", "v1.2.3"),
        ("'v' ~ build", "v4"),
        ("build + 100", 104),
        ("build * 2 - 1", 7),
        ("7 // 2 + 7 % 4", 6),
        ("'7' | int + 1", 8),
        ("build | string ~ '0'", "40"),
        ("extras | length", 2),
        ("extras + ['c']", ("a", "b", "c")),
        ("[]", ()),
        ("['a', \"b\",]", ("a", "b")),
        ("1.10", 1.1),
        ("' x ' | trim", "x"),
        ("'xax'.strip('x')", "a"),
        ("'xax'.lstrip('x') ~ 'xax'.rstrip('x')", "axxa"),
    ],
)
def test_what_recipes_compute_from_their_variables_is_known(expression: str, value: Value) -> None:
    assert evaluate(expression, SCOPE) == value


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "unknown",
        "name name",
        "name.",
        "name.upper",
        "name.__class__",
        "name.format(1)",
        "name|eval",
        "name|lower(1)",
        "name[9]",
        "name['a']",
        "name[]",
        "name[",
        "build[0]",
        "build.upper()",
        "build|first",
        "build|lower",
        "name|int",
        "'٣'|int",
        "'' | first",
        "name + 1",
        "name * 100",
        "extras ~ 'a'",
        "[1]",
        "1 // 0",
        "1 % 0",
        "999999999999999 * 999999999999999",
        "9999999999999999",
        "2 ** 9",
        "long ~ long",
        "long.replace('', long)",
        "long.replace('x', long)",
        "long.split('x') | join(long)",
        "name if build else version",
        "build == 4",
        "environ['HOME']",
        "compiler('c')",
        "{'a': 1}",
        "'a\\n'",
        "(" * 100 + "1" + ")" * 100,
        "1" + " + 1" * 200,
    ],
)
def test_everything_else_is_unknown(expression: str) -> None:
    with pytest.raises(UnknownExpression):
        evaluate(expression, SCOPE)


def test_unknown_expressions_stay_as_written() -> None:
    assert substitute("{{ name[0] }}/{{ PYTHON }}/{{ extras }}/{{ version", SCOPE, "v0") == (
        "F/{{ PYTHON }}/{{ extras }}/{{ version"
    )


def test_v1_has_expressions_behind_a_dollar_only() -> None:
    assert substitute("${{ name }} {{ name }} {% name %}", SCOPE, "v1") == "Foo-Bar {{ name }} {% name %}"


def test_a_string_may_hold_the_end_of_an_expression() -> None:
    assert substitute("{{ '}}' }}!", SCOPE, "v0") == "}}!"


def test_text_that_would_grow_without_end_stays_as_written() -> None:
    assert len(substitute("{{ long }}" * 1000, SCOPE, "v0")) < 15_000

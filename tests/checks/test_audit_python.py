import pytest

from support.auditing import audit_text, release, v1_recipe


@pytest.mark.parametrize(
    ("upstream", "recipe", "expected"),
    [
        (">=3.8", "python >=${{ python_min }}", None),
        (">=3.8,<4", "python >=3.10", None),
        (">=3.10,<3.14", "python >=${{ python_min }},<3.14", None),
        (">=3.10,<3.14", "python >=${{ python_min }}", "python-looser"),
        (">=3.12", "python >=${{ python_min }}", "python-looser"),
        (">=3.10", "python >=3.12", "python-tighter"),
        (">=3.9", "python >=3.10,<=3.13", "python-tighter"),
    ],
)
def test_pythons_of_noarch_recipes_are_compared(upstream: str, recipe: str, expected: str | None) -> None:
    audit = audit_text(v1_recipe(python=recipe), release(python=upstream))

    assert [d.slug for d in audit.diagnostics] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("upstream", "skip", "expected"),
    [
        (">=3.9", "win", []),
        (">=3.11", "match(python, '<3.11')", []),
        (">=3.12", "match(python, '<3.11')", ["the recipe is built for python 3.11, upstream needs"]),
        (">=3.10", "match(python, '<3.12')", ["the recipe skips python 3.10, 3.11, upstream allows"]),
        (">=3.12", "something(python)", []),
    ],
)
def test_skips_of_platform_recipes_are_compared(upstream: str, skip: str, expected: list[str]) -> None:
    text = v1_recipe(build=f'skip: ["{skip}"]', python="python")

    found = [
        d for d in audit_text(text, release(python=upstream)).diagnostics if d.slug.startswith("python-")
    ]

    assert [d.message.partition(" 'python")[0] for d in found] == expected
    assert all(d.line == 16 for d in found)

"""No lint rule raises, whatever a recipe and its neighbours say."""

from hypothesis import given, settings
from hypothesis import strategies as st

from conda_bridge.checks import (
    about,
    building,
    fields,
    files,
    layout,
    licensing,
    parsing,
    sources,
    tested,
    text,
)
from conda_bridge.errors import RecipeError
from conda_bridge.model.options import RecipeFormat
from support.effort import examples
from support.lint_recipes import CLEAN, clean_document, context, diagnose, recipe_format_of
from support.strategies import hostile_text

RULES = (
    *layout.RULES,
    *fields.RULES,
    *text.RULES,
    *parsing.RULES,
    *files.RULES,
    *sources.RULES,
    *building.RULES,
    *tested.RULES,
    *about.RULES,
    *licensing.RULES,
)
KEYS = sorted(
    {
        line.strip(" -").partition(":")[0]
        for recipe in CLEAN.values()
        for line in recipe.split("\n")
        if ":" in line
    }
)
FORMATS: tuple[RecipeFormat, ...] = ("v1", "v0")

trees = st.recursive(
    st.one_of(
        st.none(), hostile_text, st.sampled_from(["pip", "1.10", "a.whl", "{{ name }}", "${{ name }}"])
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS, "if", "then", "else"]), inner, max_size=4)
    ),
    max_leaves=12,
)
names = st.sampled_from(
    ["conda_build_config.yaml", "variants.yaml", "conda-forge.yml", "meta.yaml", "bld.bat"]
)


def is_readable(recipe: str, recipe_format: RecipeFormat) -> bool:
    """Tell whether a text is a recipe at all."""
    try:
        clean_document(recipe, recipe_format)
    except RecipeError:
        return False
    return True


def written(tree: object, indent: int = 0) -> str:
    """Write a tree as YAML with quotes round every text that YAML could mistake."""
    pad = "\n" + " " * indent
    match tree:
        case None:
            return "null"
        case list():
            return "".join(f"{pad}- {written(item, indent + 2)}" for item in tree) or "[]"
        case dict():
            return "".join(f"{pad}{key}: {written(item, indent + 2)}" for key, item in tree.items()) or "{}"
        case _:
            plain = str(tree)
            return plain if plain.isalnum() else "'" + plain.replace("'", "''").replace("\n", " ") + "'"


@settings(deadline=None, max_examples=examples(40))
@given(st.dictionaries(st.sampled_from(KEYS), trees, min_size=1, max_size=6), st.sampled_from(FORMATS))
def test_no_rule_raises_on_a_recipe_of_any_shape(
    tree: dict[str, object], recipe_format: RecipeFormat
) -> None:
    recipe = written(tree).lstrip("\n")
    if is_readable(recipe, recipe_format):
        for found in diagnose(recipe, recipe_format, RULES):
            assert 0 <= found.line <= len(recipe.splitlines()) + 2


@settings(deadline=None, max_examples=examples(40))
@given(st.sampled_from(sorted(CLEAN)), st.data())
def test_no_rule_raises_on_a_recipe_with_any_text_put_in(shape: str, data: st.DataObject) -> None:
    recipe = CLEAN[shape]
    place = data.draw(st.integers(0, len(recipe)))
    recipe = recipe[:place] + data.draw(hostile_text) + recipe[place:]
    if is_readable(recipe, recipe_format_of(shape)):
        diagnose(recipe, recipe_format_of(shape), RULES)


@settings(deadline=None, max_examples=examples(40))
@given(names, hostile_text | trees.map(written))
def test_no_rule_raises_on_any_file_beside_a_recipe(name: str, beside: str) -> None:
    diagnose("package:\n  name: demo\n", "v1", files.RULES, context(files=((name, beside),)))

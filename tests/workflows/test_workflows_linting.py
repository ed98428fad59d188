from pathlib import Path

from conda_bridge.model.options import RecipeOptions
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.workflows.codec import loads
from conda_bridge.workflows.documents import Report
from conda_bridge.workflows.linting import lint_rendered
from conda_bridge.workflows.recipe import render_recipe, write_recipe
from support.auditing import release, v1_recipe
from support.converting import convert_texts

OWN_BACKEND = """\
[build-system]
requires = ["sip"]
build-backend = "sipbuild.api"
[project]
name = "demo"
version = "1.0"
"""


def test_rendered_recipe_is_linted_in_both_formats(tmp_path: Path) -> None:
    conversion = convert_texts({"pyproject.toml": OWN_BACKEND, "LICENSE": "", "demo/__init__.py": ""})
    options = RecipeOptions(output_dir=str(tmp_path), formats=("v1", "v0"))

    result = write_recipe(conversion, options=options)

    found = [(one.code, one.origin) for one in result.diagnostics if one.code == "R-046"]
    assert found == [("R-046", "demo/recipe.yaml"), ("R-046", "v0/demo/meta.yaml")]
    report = loads(Path(result.report).read_text(encoding="utf-8"), Report, where="report")
    assert set(result.diagnostics) == set(report.diagnostics)


def test_well_known_project_gives_a_clean_recipe() -> None:
    conversion = release("requests>=2", scripts='demo = "demo:main"')

    result = render_recipe(conversion, options=RecipeOptions(formats=("v1", "v0")))

    assert [one for one in result.diagnostics if one.slug.startswith("lint-")] == []


def test_maintainers_are_left_to_the_user() -> None:
    text = v1_recipe("astropy").partition("extra:")[0].rstrip() + "\n"

    found = lint_rendered(
        text, path="recipe.yaml", recipe_format="v1", policy=distributor_policy("conda-forge")
    )

    assert [one.code for one in found] == ["CF-002"]

"""Where templates come from, and what happens when they are wrong."""

from pathlib import Path

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.environment import render_template, template_environment, template_root


def test_the_shipped_templates_are_found() -> None:
    assert (template_root() / "recipe-v1" / "recipe.yaml.j2").is_file()


def rendered(folder: Path, text: str, **values: object) -> str:
    (folder / "demo.j2").write_text(text, encoding="utf-8")
    return render_template(template_environment(str(folder)), "demo.j2", **values)


def test_recipes_jinja_and_selectors_pass_verbatim(tmp_path: Path) -> None:
    text = "{% set x = 1 %}\n{{ x }} ${{ y }}  # [win]\n{# kept #}\n"

    assert rendered(tmp_path, text) == text


def test_block_lines_leave_no_trace(tmp_path: Path) -> None:
    text = "a:\n  [% for item in items %]\n  - [[ item | scalar ]]\n  [% endfor %]\n[# gone #]\nend\n"

    assert rendered(tmp_path, text, items=("yes", "b")) == 'a:\n  - "yes"\n  - b\nend\n'


def test_a_template_of_the_user_wins_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "recipe-v1").mkdir()
    (tmp_path / "recipe-v1" / "recipe.yaml.j2").write_text("mine\n", encoding="utf-8")
    environment = template_environment(str(tmp_path))

    assert render_template(environment, "recipe-v1/recipe.yaml.j2") == "mine\n"
    assert render_template(template_environment(), "recipe-v1/recipe.yaml.j2", recipe=_empty()) != "mine\n"


def _empty() -> dict[str, object]:
    return {
        "context": (),
        "is_flat": False,
        "name": "",
        "sources": (),
        "build_number": "0",
        "outputs": (),
    } | {
        "about": (),
        "maintainers": (),
    }


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")

    with pytest.raises(RecipeError, match="no folder of templates") as caught:
        template_environment(missing)

    assert (caught.value.slug, caught.value.where) == ("template-error", missing)


def test_a_template_that_is_not_there_is_an_error() -> None:
    with pytest.raises(RecipeError, match=r"TemplateNotFound: nothing\.j2") as caught:
        render_template(template_environment(), "nothing.j2")

    assert caught.value.slug == "template-error"


def test_a_syntax_error_names_the_line_of_the_template(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        rendered(tmp_path, "a\n[% if %]\n")

    assert (caught.value.slug, caught.value.where) == ("template-error", "demo.j2:2")


@pytest.mark.parametrize("text", ["[[ missing ]]", "[[ 1 + 'a' ]]"])
def test_a_template_that_asks_for_the_impossible_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(RecipeError) as caught:
        rendered(tmp_path, text)

    assert (caught.value.slug, caught.value.where) == ("template-error", "demo.j2")


def test_a_template_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "demo.j2").write_bytes(b"\xff")

    with pytest.raises(RecipeError, match="UnicodeDecodeError"):
        render_template(template_environment(str(tmp_path)), "demo.j2")

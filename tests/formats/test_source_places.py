"""Where a recipe says the sources that an engine rendered of it."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.document import document_of
from conda_bridge.formats.source_places import Place, places_of
from conda_bridge.formats.yaml_tree import ScalarNode
from conda_bridge.model.build import RenderedOutput, RenderedSource
from conda_bridge.model.options import RecipeFormat
from support.staging import output_with, url_source


def _places(text: str, *outputs: RenderedOutput, recipe_format: RecipeFormat = "v1") -> tuple[Place, ...]:
    document = document_of(text, path="recipe.yaml", recipe_format=recipe_format)
    return places_of(document, outputs, recipe_dir="/recipes/demo")


def _found(places: tuple[Place, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(place.node.text, place.locations) for place in places]


def test_value_is_known_by_what_it_evaluates_to() -> None:
    text = 'context: {name: Demo, version: "1.0"}\nsource:\n  url: https://h/${{ name|lower }}-${{ version }}.tgz\n'
    [place] = _places(text, output_with(url_source("https://h/demo-1.0.tgz")))
    assert place == Place(
        node=ScalarNode(text="https://h/${{ name|lower }}-${{ version }}.tgz", line=3),
        kind="url",
        locations=("https://h/demo-1.0.tgz",),
    )


def test_value_of_another_platform_is_no_place() -> None:
    text = "source:\n  - if: win\n    then:\n      url: https://h/win.zip\n    else:\n      url: https://h/unix.tgz\n"
    places = _places(text, output_with(url_source("https://h/unix.tgz")))
    assert _found(places) == [("https://h/unix.tgz", ("https://h/unix.tgz",))]


def test_variant_and_platform_are_known() -> None:
    text = "source:\n  url: https://h/${{ target_platform }}/${{ flavour }}.tgz\n"
    output = output_with(
        url_source("https://h/linux-64/x.tgz"), subdir="linux-64", variant=(("flavour", "x"),)
    )
    assert _found(_places(text, output))[0][1] == ("https://h/linux-64/x.tgz",)


def test_unknown_expression_stands_for_anything() -> None:
    text = "source:\n  - url: https://h/${{ env.get('X') }}-a.tgz\n  - url: https://h/b.tgz\n"
    output = output_with(url_source("https://h/what-a.tgz"), url_source("https://h/b.tgz"))
    assert _found(_places(text, output)) == [
        ("https://h/${{ env.get('X') }}-a.tgz", ("https://h/what-a.tgz",)),
        ("https://h/b.tgz", ("https://h/b.tgz",)),
    ]


def test_url_as_an_engine_normalises_it_is_known() -> None:
    places = _places(
        "source: {url: 'https://HOST.org/a b.tgz'}\n", output_with(url_source("https://host.org/a%20b.tgz"))
    )
    assert len(places) == 1


def test_sources_of_outputs_and_mirrors_are_found() -> None:
    text = (
        "source:\n  url: [https://h/a, https://i/a]\n"
        "outputs:\n  - package: {name: x}\n    source:\n      url: https://h/x\n"
    )
    output = output_with(url_source("https://h/a", "https://i/a"), url_source("https://h/x"))
    assert [text for text, _ in _found(_places(text, output))] == [
        "https://h/a",
        "https://i/a",
        "https://h/x",
    ]


def test_value_that_is_several_urls_keeps_its_expressions_behind_a_common_prefix() -> None:
    text = "source:\n  url: https://h/d/v${{ cuda }}/${{ cuda }}.tgz\n"
    outputs = [
        output_with(url_source(f"https://h/d/v{cuda}/{cuda}.tgz"), variant=(("cuda", cuda),)) for cuda in ("11", "12")
    ]  # fmt: skip
    [place] = _places(text, *outputs)
    assert place.prefix == "https://h/d/"
    assert place.locations == ("https://h/d/v11/11.tgz", "https://h/d/v12/12.tgz")


@pytest.mark.parametrize("url", ["${{ cuda }}://h/a", "https://h/${{ cuda }}"])
def test_value_that_is_several_files_which_cannot_be_laid_out_is_refused(url: str) -> None:
    locations = ("https://h/a?x=1", "https://h/../b") if url[0] == "h" else ("http://h/a", "https://h/a")
    with pytest.raises(RecipeError) as caught:
        _places(f"source:\n  url: {url}\n", output_with(*map(url_source, locations)))
    assert caught.value.slug == "uneditable-recipe"


def test_source_that_the_text_does_not_say_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"https://h/b\.tgz"):
        _places("source:\n  url: https://h/a.tgz\n", output_with(url_source("https://h/b.tgz")))


def test_repositories_and_paths_are_found_in_both_formats() -> None:
    sources = (
        RenderedSource(kind="git", urls=("https://h/r.git",), revision="v1"),
        RenderedSource(kind="path", urls=("/recipes/src",)),
    )
    v1 = "source:\n  - git: https://h/r.git\n    tag: v1\n  - path: ../src\n"
    v0 = "source:\n  - git_url: https://h/r.git\n    git_rev: v1\n  - path: ../src\n"
    assert [place.kind for place in _places(v1, output_with(*sources))] == ["git", "path"]
    assert [place.kind for place in _places(v0, output_with(*sources), recipe_format="v0")] == ["git", "path"]


def test_selectors_and_jinja_of_v0_are_seen_through() -> None:
    text = (
        '{% set name = "Demo" %}\n{% set version = "1.0" %}\nsource:\n'
        "  url: https://h/{{ name[0] }}/{{ name }}-{{ version }}.zip  # [win]\n"
        "  url: https://h/{{ name[0] }}/{{ name }}-{{ version }}.tgz  # [not win]\n"
    )
    places = _places(text, output_with(url_source("https://h/D/Demo-1.0.tgz")), recipe_format="v0")
    assert [place.node.line for place in places] == [5]


def test_unknown_expressions_keep_the_text_between_them() -> None:
    text = "source:\n  url: https://h/${{ x() }}/mid/${{ y() }}.tgz\n"
    assert _places(text, output_with(url_source("https://h/1/mid/2.tgz")))
    for url in ("https://h/1/other/2.tgz", "https://h/mid.tgz", "https://h/.tgz"):
        with pytest.raises(RecipeError):
            _places(text, output_with(url_source(url)))


def test_output_that_is_no_mapping_is_passed_over() -> None:
    text = "source:\n  url: [[https://h/a], {x: y}]\noutputs: [a]\n"
    assert len(_places(text, output_with(url_source("https://h/a")))) == 1

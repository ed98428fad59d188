"""Documents of recipes that people merged."""

import tarfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.document import RecipeDocument, document_of
from conda_bridge.formats.edit import ScalarEdit, edited_text
from conda_bridge.formats.source_places import places_of
from support.staging import output_with, url_source


@pytest.fixture(scope="module")
def merged(bench_dir: Path) -> tuple[RecipeDocument, ...]:
    """The documents of the benchmark's recipes, in both formats."""
    with tarfile.open(bench_dir / "recipes_dev.tar.gz") as archive:
        return tuple(
            document_of(
                file.read().decode(),
                path=member.name,
                recipe_format="v1" if member.name.endswith("/recipe.yaml") else "v0",
            )
            for member in archive
            if member.name.endswith((".yaml", ".yml")) and (file := archive.extractfile(member)) is not None
        )


def test_every_item_of_a_merged_recipe_stands_on_its_line(merged: tuple[RecipeDocument, ...]) -> None:
    astray = [
        (document.path, item)
        for document in merged
        for output in document.outputs
        for _, items in output.requirements
        for item in items
        if item.written not in document.text.splitlines()[item.line - 1]
    ]

    assert astray == []


def test_every_output_of_a_merged_recipe_has_a_name_and_requirements(
    merged: tuple[RecipeDocument, ...],
) -> None:
    outputs = [(document.path, output) for document in merged for output in document.outputs]

    assert [path for path, output in outputs if not (output.name and output.section("run"))] == []


def test_most_merged_recipes_are_modelled(merged: tuple[RecipeDocument, ...]) -> None:
    modelled: Counter[str] = Counter()
    for document in merged:
        with suppress(RecipeError):
            document.as_recipe()
            modelled[document.format] += 1

    assert modelled["v1"] >= 66
    assert modelled["v0"] >= 48


def test_sources_of_merged_recipes_are_replaced_and_nothing_else(merged: tuple[RecipeDocument, ...]) -> None:
    changed: Counter[int] = Counter()
    for document in merged:
        urls = [document.value_of(item.written) for item in document.items("source", "url")]
        output = output_with(*map(url_source, dict.fromkeys(urls)))
        places = places_of(document, [output], recipe_dir="/recipe")
        edits = [ScalarEdit(node=place.node, text="file:///there/a.tar.gz") for place in places]
        before, after = document.text.split("\n"), edited_text(document, edits).split("\n")
        assert len(before) == len(after)
        lines = [
            index for index, pair in enumerate(zip(before, after, strict=True), start=1) if len({*pair}) > 1
        ]
        assert lines == sorted(place.node.line for place in places)
        changed[len(lines)] += 1

    assert changed[1] == len(merged)

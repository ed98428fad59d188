"""Every kind of project gives a recipe without lint, which the engine takes for every platform."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v0 import render_v0
from conda_bridge.formats.v1 import read_v1, render_v1
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.recipe import CompilerSpec, CrossPythonSpec, Recipe, UrlSource, leaves
from conda_bridge.translate.distributors import distributor_policy
from conda_bridge.workflows.linting import lint_rendered
from support.conda_forge import TARGETS, problems_of, render_everywhere
from support.converting import convert_texts, section_of
from support.kinds import KINDS, STABLE_ABI_KINDS
from support.rattler_render import Rendering

SOURCE = UrlSource(url="https://pypi.org/packages/source/d/demo/demo-1.2.3.tar.gz", sha256="0" * 64)


@pytest.fixture(scope="module")
def conversions() -> dict[str, Conversion]:
    return {kind: convert_texts(dict(texts)) for kind, texts in KINDS.items()}


def written(recipe: Recipe, recipe_format: str) -> str:
    render = render_v1 if recipe_format == "v1" else render_v0
    complete = replace(recipe, sources=(SOURCE,), maintainers=("someone",))
    return render(complete, environment=template_environment())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("recipe_format", ["v1", "v0"])
def test_recipe_has_no_lint(conversions: Mapping[str, Conversion], kind: str, recipe_format: str) -> None:
    text = written(conversions[kind].recipe, recipe_format)

    path = "recipe.yaml" if recipe_format == "v1" else "meta.yaml"
    found = lint_rendered(
        text,
        path=path,
        recipe_format="v1" if recipe_format == "v1" else "v0",
        policy=distributor_policy("conda-forge"),
    )
    assert [(one.code, one.message) for one in found if one.severity != "info"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_leaf_has_evidence(conversions: Mapping[str, Conversion], kind: str) -> None:
    conversion = conversions[kind]

    explained = {evidence.address for evidence in conversion.evidence}
    assert [leaf for leaf in leaves(conversion.recipe) if leaf not in explained] == []


@pytest.mark.parametrize("kind", KINDS)
def test_recipe_reads_back(conversions: Mapping[str, Conversion], kind: str) -> None:
    recipe = conversions[kind].recipe

    assert read_v1(render_v1(recipe, environment=template_environment())) == recipe


@pytest.mark.parametrize("kind", KINDS)
def test_only_compiled_packages_have_a_cross_stanza(conversions: Mapping[str, Conversion], kind: str) -> None:
    specs = [requirement.spec for requirement in section_of(conversions[kind], "build")]

    is_compiled = any(isinstance(spec, CompilerSpec) for spec in specs)
    assert is_compiled == (CrossPythonSpec() in specs) == (kind != "noarch")


@pytest.fixture(scope="module")
def rendered(conversions: Mapping[str, Conversion]) -> dict[str, dict[str, Rendering]]:
    texts = [written(conversion.recipe, "v1") for conversion in conversions.values()]
    return dict(zip(conversions, render_everywhere(texts), strict=True))


@pytest.mark.engine
@pytest.mark.parametrize("kind", KINDS)
def test_engine_takes_the_recipe_for_every_platform(
    rendered: Mapping[str, dict[str, Rendering]], kind: str
) -> None:
    assert problems_of(rendered[kind]) == []


@pytest.mark.engine
@pytest.mark.parametrize("kind", STABLE_ABI_KINDS)
@pytest.mark.parametrize("target", [str(target) for target in TARGETS])
def test_engine_builds_once_for_the_stable_abi(
    rendered: Mapping[str, dict[str, Rendering]], kind: str, target: str
) -> None:
    (output,) = rendered[kind][target].outputs

    assert output["build"]["python"]["version_independent"] is True
    assert "python-abi3" in output["requirements"]["host"]


@pytest.mark.engine
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"noarch", *STABLE_ABI_KINDS}])
def test_engine_builds_for_each_python(rendered: Mapping[str, dict[str, Rendering]], kind: str) -> None:
    assert [len(rendering.outputs) for rendering in rendered[kind].values()] == [5] * len(TARGETS)


@pytest.mark.engine
def test_engine_tells_meson_of_another_target_only(rendered: Mapping[str, dict[str, Rendering]]) -> None:
    for target in TARGETS:
        for output in rendered["meson-python and numpy"][str(target)].outputs:
            assert ("MESON_ARGS" in str(output["build"]["script"])) == target.is_cross

"""conda-build's own verdict on what the v0 writer writes."""

import re
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v0 import render_v0
from conda_bridge.formats.v0_limits import restrict_condition
from conda_bridge.formats.v1 import read_v1
from conda_bridge.model.condition import Condition, PyVersion, Target, evaluate, os_in
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    About,
    MatchSpec,
    Output,
    Recipe,
    Requirement,
    Requirements,
    Script,
    ScriptLine,
)
from support import rattler_render
from support.conda_build_render import PLATFORMS, Rendering, render_texts
from support.skeletons import SKELETONS
from support.strategies import hostile_text, target_conditions

pytestmark = pytest.mark.engine

DEMO = CondaName("demo")


def written(output: Output, *, version: str = "1.10") -> str:
    recipe = Recipe(name=output.conda_name, version=version, outputs=(output,))
    return render_v0(recipe, environment=template_environment())


def drawn(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """Draw from a strategy, so that one child process can render all of it."""
    found: list[Any] = []

    @settings(max_examples=count, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


@pytest.fixture(scope="module")
def rendered_kinds() -> dict[str, dict[str, Rendering]]:
    """Every kind of recipe, rendered on every platform."""
    texts = [render_v0(read_v1(text), environment=template_environment()) for text in SKELETONS.values()]
    return dict(zip(SKELETONS, render_texts(texts), strict=True))


@pytest.mark.parametrize("kind", SKELETONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_kind_is_accepted_on_every_platform(
    rendered_kinds: dict[str, dict[str, Rendering]], kind: str, platform: str
) -> None:
    rendering = rendered_kinds[kind][platform]

    assert rendering.problem == ""
    assert rendering.outputs


def test_a_noarch_recipe_means_what_the_model_says(
    rendered_kinds: dict[str, dict[str, Rendering]],
) -> None:
    (output,) = rendered_kinds["noarch"]["linux-64"].outputs

    assert output["package"] == {"name": "demo", "version": "1.2.3"}
    assert output["build"]["noarch"] == "python"
    assert output["build"]["entry_points"] == ["demo = demo.cli:main"]
    assert output["build"]["script"].endswith("python -m pip install . -vv --no-deps --no-build-isolation")
    assert output["requirements"] == {
        "host": ["python 3.10", "hatchling >=1.27", "pip"],
        "run": ["python >=3.10", "requests >=2.31"],
    }
    assert output["test"] == {
        "imports": ["demo"],
        "commands": ["pip check", "demo --help"],
        "requires": ["pip", "python 3.10"],
    }


def test_an_abi3_recipe_is_built_once(rendered_kinds: dict[str, dict[str, Rendering]]) -> None:
    (output,) = rendered_kinds["abi3-maturin"]["win-64"].outputs

    assert output["python"] == "3.10"
    assert output["build"]["python_version_independent"] is True
    assert "python-abi3" in output["requirements"]["host"]
    assert [c.split()[1] for c in output["test"]["commands"]] == ["check", "%SP_DIR%/demo/_demo.pyd"]


def test_outputs_keep_their_tests_and_abouts(rendered_kinds: dict[str, dict[str, Rendering]]) -> None:
    outputs = rendered_kinds["several-outputs"]["linux-64"].outputs

    by_name = {output["package"]["name"]: output for output in outputs}
    assert by_name["demo-core"]["about"]["summary"] == "The core"
    assert by_name["demo-suite"]["about"]["summary"] == "All of demo: the core and its friends"
    assert by_name["demo-suite"]["test"]["imports"] == ["demo", "demo.cli"]
    assert by_name["demo-suite"]["build"]["script"].endswith(
        "/bin/python -m pip install . -vv --no-deps --no-build-isolation"
    )
    assert {output["package"]["version"] for output in outputs} == {"1.10"}
    assert {int(output["build"]["number"]) for output in outputs} == {2}


def test_cross_builds_get_the_cross_block(rendered_kinds: dict[str, dict[str, Rendering]]) -> None:
    text = render_v0(read_v1(SKELETONS["c"]), environment=template_environment())

    (cross,) = render_texts([text], ["osx-arm64"], build_platform="linux-64")

    native = rendered_kinds["c"]["osx-arm64"].outputs[0]["requirements"]["build"]
    assert "cross-python_osx-arm64" in cross["osx-arm64"].outputs[0]["requirements"]["build"]
    assert not any("cross" in str(spec) for spec in native)


def test_both_formats_mean_the_same(rendered_kinds: dict[str, dict[str, Rendering]]) -> None:
    by_rattler = dict(zip(SKELETONS, rattler_render.render_texts(SKELETONS.values()), strict=True))

    assert [
        (kind, platform)
        for kind, renderings in rendered_kinds.items()
        for platform, rendering in renderings.items()
        if requirements_of(rendering.outputs) != requirements_of(by_rattler[kind][platform].outputs)
    ] == []


def requirements_of(outputs: Iterable[dict[str, Any]]) -> set[tuple[str, ...]]:
    """Return name and requirements of each output that isn't skipped; versions of compilers and python are engines' own."""
    return {
        (
            output["package"]["name"],
            *(
                f"{section}: {spec}"
                for section in ("build", "host", "run")
                for spec in sorted(map(plain, output["requirements"].get(section) or ()))
            ),
        )
        for output in outputs
        if not output.get("skip")
    }


def plain(spec: object) -> str:
    """Return a requirement without what only one engine puts in at this stage."""
    text = "demo-core" if isinstance(spec, dict) else str(spec).replace(".*", "")
    name, _, version = text.partition(" ")
    is_pinned = name in {"python", "numpy", "demo-core"} and not version.startswith(">")
    return name if is_pinned or re.search(r"_(linux|osx|win)-", name) else text


# ---------------------------------------------------------------- outside text


def test_outside_text_is_rendered_to_itself() -> None:
    texts = [
        # The model's own variables are no outside text.
        text.replace("${{ version }}", "${{ secret }}")
        for text in dict.fromkeys(drawn(hostile_text, 60))
        if {"\n", "\r", "\0"}.isdisjoint(text)
    ]
    recipes = [
        written(
            Output(
                conda_name=DEMO,
                script=Script(
                    lines=(
                        ScriptLine(command=f"echo {text}"),
                        ScriptLine(command=f"say {text}", condition=os_in({"linux", "win"})),
                    ),
                    env=(("TEXT", text),),
                ),
                about=About(summary=text, description=f"{text} # [win]", license_files=(text,)),
            )
        )
        for text in texts
    ]

    answers = render_texts(recipes, ["linux-64", "win-64"])

    assert [
        (text, one.problem or got)
        for text, answer in zip(texts, answers, strict=True)
        for one in answer.values()
        if (got := _texts_of(one))
        != (text, f"{text} # [win]", text, f"echo {text}", f"say {text}", f"TEXT={text}")
    ] == []


def _texts_of(rendering: Rendering) -> tuple[str, ...]:
    for output in rendering.outputs:
        about, build = output.get("about", {}), output["build"]
        found = (about.get(key, "") for key in ("summary", "description", "license_file"))
        return (*found, *build["script"], *build["script_env"])
    return ()


@pytest.mark.parametrize("version", ["1.10", "1e5", "0x10", "2026.11.01", "1!2.0", "3"])
def test_the_version_stays_as_it_is(version: str) -> None:
    (answer,) = render_texts([written(Output(conda_name=DEMO), version=version)], ["linux-64"])

    assert answer["linux-64"].outputs[0]["package"]["version"] == version


# ---------------------------------------------------------------- conditions


def test_conditions_hold_where_the_model_says() -> None:
    conditions: list[Condition] = [
        restrict_condition(condition) for condition in drawn(target_conditions, 60)
    ]
    there, always = (MatchSpec(conda_name=CondaName(name)) for name in ("there", "always"))
    texts = [
        written(
            Output(
                conda_name=DEMO,
                requirements=Requirements(
                    run=(Requirement(spec=there, condition=condition), Requirement(spec=always))
                ),
            )
        )
        for condition in conditions
    ]
    variants = {"python": ["3.11"], "mpi": ["nompi"], "is_abi3": ["true"], "is_free": ["false"]}
    targets = [
        Target(
            platform=platform,
            python=PyVersion((3, 11)),
            build_platform="linux-64",
            variants=(("is_abi3", "true"), ("is_free", "false"), ("mpi", "nompi")),
        )
        for platform in ("linux-64", "linux-aarch64", "osx-arm64", "win-64")
    ]

    answers = render_texts(
        texts, [target.platform for target in targets], variants, build_platform="linux-64"
    )

    expected = [
        {t.platform: ["there", "always"] if evaluate(condition, t) else ["always"] for t in targets}
        for condition in conditions
    ]
    assert [
        {platform: rendering.outputs[0]["requirements"]["run"] for platform, rendering in answer.items()}
        for answer in answers
    ] == expected

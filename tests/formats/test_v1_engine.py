"""rattler-build's own verdict on what the v1 writer writes."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v1 import read_v1, render_v1
from conda_bridge.model.condition import Condition, PyVersion, Target, evaluate
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    About,
    MatchSpec,
    Output,
    PathSource,
    Recipe,
    Requirement,
    Requirements,
    Script,
    ScriptLine,
)
from support.rattler_render import PLATFORMS, build_log, render_texts
from support.skeletons import SKELETONS
from support.strategies import hostile_text, target_conditions

pytestmark = pytest.mark.engine

DEMO = CondaName("demo")


def written(output: Output, *, version: str = "1.10") -> str:
    recipe = Recipe(name=output.conda_name, version=version, outputs=(output,))
    return render_v1(recipe, environment=template_environment())


@pytest.fixture(scope="module")
def rendered_kinds() -> dict[str, dict[str, Any]]:
    """Every kind of recipe, rendered on every platform."""
    texts = [render_v1(read_v1(text), environment=template_environment()) for text in SKELETONS.values()]
    return dict(zip(SKELETONS, render_texts(texts), strict=True))


@pytest.mark.parametrize("kind", SKELETONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_kind_is_accepted_on_every_platform(
    rendered_kinds: dict[str, dict[str, Any]], kind: str, platform: str
) -> None:
    rendering = rendered_kinds[kind][platform]

    assert rendering.problem == ""
    assert rendering.outputs


def test_a_noarch_recipe_means_what_the_model_says(rendered_kinds: dict[str, dict[str, Any]]) -> None:
    (output,) = rendered_kinds["noarch"]["linux-64"].outputs

    assert output["package"] == {"name": "demo", "version": "1.2.3"}
    assert output["build"]["noarch"] == "python"
    assert output["build"]["python"]["entry_points"] == ["demo = demo.cli:main"]
    assert output["requirements"] == {
        "host": ["python 3.10.*", "hatchling >=1.27", "pip"],
        "run": ["python >=3.10", "requests >=2.31"],
    }
    assert output["tests"][0]["python"]["python_version"] == ["3.10.*", "*"]
    assert output["tests"][1]["requirements"] == {"run": ["python 3.10.*"]}
    assert output["source"][0]["url"].endswith("/demo-1.2.3.tar.gz")


def test_outputs_get_the_recipes_about_unless_they_say_otherwise(
    rendered_kinds: dict[str, dict[str, Any]],
) -> None:
    outputs = rendered_kinds["several-outputs"]["linux-64"].outputs

    abouts = {output["package"]["name"]: output["about"] for output in outputs}
    assert abouts["demo-core"]["summary"] == "The core"
    assert abouts["demo-suite"]["summary"] == "All of demo: the core and its friends"
    assert abouts["demo-suite"]["license"] == "MIT"
    assert {output["package"]["version"] for output in outputs} == {"1.10"}
    assert {output["build"]["number"] for output in outputs} == {2}


def test_cross_builds_get_the_cross_block(rendered_kinds: dict[str, dict[str, Any]]) -> None:
    (cross,) = render_texts([SKELETONS["c"]], ["osx-arm64"], build_platform="linux-64")

    native = rendered_kinds["c"]["osx-arm64"].outputs[0]["requirements"]["build"]
    assert "cross-python_osx-arm64" in cross["osx-arm64"].outputs[0]["requirements"]["build"]
    assert not any("cross" in str(spec) for spec in native)


# ---------------------------------------------------------------- outside text


def test_outside_text_is_rendered_to_itself() -> None:
    texts: list[str] = []
    _collect(hostile_text, texts, 300)
    texts = [text for text in dict.fromkeys(texts) if {"\n", "\r", "\0"}.isdisjoint(text)]
    recipes = [
        written(
            Output(
                conda_name=DEMO,
                script=Script(lines=(ScriptLine(command="true"),), env=(("TEXT", text),)),
                about=About(summary=text, description=text, license_files=(text,)),
            )
        )
        for text in texts
    ]

    answers = render_texts(recipes, ["linux-64"])

    seen = [answer["linux-64"] for answer in answers]
    assert [(text, one.problem) for text, one in zip(texts, seen, strict=True) if one.problem] == []
    assert [
        (text, got)
        for text, one in zip(texts, seen, strict=True)
        # rattler-build strips the ends of what people read.
        if (got := _texts_of(one.outputs[0])) != (text.strip(), text.strip(), text)
    ] == []


def _texts_of(output: dict[str, Any]) -> tuple[str, ...]:
    about, script = output.get("about", {}), output["build"]["script"]
    return (
        about.get("summary", "").strip(),
        about.get("description", "").strip(),
        script.get("env", {}).get("TEXT", ""),
    )


def _collect(strategy: st.SearchStrategy[Any], found: list[Any], count: int) -> None:
    """Draw from a strategy, so that one child process can render all of it."""

    @settings(max_examples=count, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()


@pytest.mark.parametrize("version", ["1.10", "1e5", "0x10", "2026.11.01", "1!2.0", "3"])
def test_the_version_stays_as_it_is(version: str) -> None:
    (answer,) = render_texts([written(Output(conda_name=DEMO), version=version)], ["linux-64"])

    assert answer["linux-64"].outputs[0]["package"]["version"] == version


@pytest.mark.parametrize("name", ["null", "1.10", "yes", "_", "1e5"])
def test_a_name_stays_as_it_is(name: str) -> None:
    output = Output(
        conda_name=CondaName(name),
        requirements=Requirements(run=(Requirement(spec=MatchSpec(conda_name=CondaName(name))),)),
    )

    (answer,) = render_texts([written(output)], ["linux-64"])

    rendered = answer["linux-64"].outputs[0]
    assert rendered["package"]["name"] == name
    assert rendered["requirements"]["run"] == [name]


def test_outside_text_in_a_build_script_reaches_the_shell_and_a_licence_path_is_no_pattern(
    tmp_path: Path,
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("LICENSE[1]{a}*", "LICENSE1"):
        (source / name).write_text("text", encoding="utf-8")
    hostile = "{{ PREFIX }} {% raw %} {# c #} ${{ env.get('HOME') }} ${{ '${{' }} # [win]"
    no_shell = hostile.replace("$", "")  # the shell expands $ in variables, see Script.env
    output = Output(
        conda_name=DEMO,
        noarch="generic",
        script=Script(
            lines=(
                ScriptLine(command=f"echo {shlex.quote(f'line={hostile}')}"),
                ScriptLine(command='echo "variable=$TEXT"'),
                ScriptLine(command="touch $PREFIX/made"),
            ),
            env=(("TEXT", no_shell),),
        ),
        about=About(license_files=("LICENSE[1]{a}*",)),
    )
    recipe = Recipe(name=DEMO, version="1", sources=(PathSource(path=str(source)),), outputs=(output,))

    log = build_log(render_v1(recipe, environment=template_environment()), tmp_path)

    assert f"line={hostile}" in log
    assert f"variable={no_shell}" in log
    assert [line.partition("info/licenses/")[2][:15] for line in log if "info/licenses/" in line] == [
        "LICENSE[1]{a}* "
    ]


# ---------------------------------------------------------------- conditions


def test_conditions_hold_where_the_model_says() -> None:
    drawn: list[Condition] = []
    _collect(target_conditions, drawn, 250)
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
        for condition in drawn
    ]
    variants: dict[str, tuple[str | bool, ...]] = {
        "python": ("3.11.* *_cpython",),
        "mpi": ("nompi",),
        "is_abi3": (True,),
        "is_free": (False,),
    }
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
        {
            target.platform: ["there", "always"] if evaluate(condition, target) else ["always"]
            for target in targets
        }
        for condition in drawn
    ]
    assert [
        {platform: rendering.outputs[0]["requirements"]["run"] for platform, rendering in answer.items()}
        for answer in answers
    ] == expected

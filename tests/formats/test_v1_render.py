"""The texts of whole recipes."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v1 import read_v1, render_v1
from conda_bridge.model.condition import ALWAYS, CROSS, NEVER, Condition, negate, os_in, variant_is
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    LATEST,
    PYTHON_MIN,
    About,
    CommandTest,
    CompilerSpec,
    CrossPythonSpec,
    GitSource,
    MatchSpec,
    Output,
    PathSource,
    PythonMinSpec,
    PythonTest,
    Recipe,
    RecipeEntryPoint,
    Requirement,
    Requirements,
    Script,
    ScriptLine,
    StdlibSpec,
    UrlSource,
)
from support.skeletons import SKELETONS

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PIP = ScriptLine(command="${{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation")
ABOUT = About(
    homepage="https://example.org/demo",
    summary="One line, no trailing period",
    license="BSD-3-Clause",
    license_files=("LICENSE",),
    repository="https://example.org/demo.git",
    documentation="https://demo.example.org",
)
SOURCE = UrlSource(url="https://example.org/packages/source/d/demo/demo-1.2.3.tar.gz", sha256=DIGEST)


def package(name: str, version: str = "", condition: Condition = ALWAYS) -> Requirement:
    return Requirement(spec=MatchSpec(conda_name=CondaName(name), version=version), condition=condition)


def recipe(output: Output, *, version: str = "1.2.3") -> Recipe:
    return Recipe(
        name=output.conda_name,
        version=version,
        sources=(SOURCE,),
        outputs=(output,),
        maintainers=("someone",),
    )


def rendered(output: Output, *, version: str = "1.2.3") -> str:
    return render_v1(recipe(output, version=version), environment=template_environment())


def section(text: str, key: str) -> list[str]:
    """Return the lines below a top-level key."""
    _, _, rest = f"\n{text}".partition(f"\n{key}:\n")
    return rest.partition("\n\n")[0].splitlines()


def demo(
    *,
    requirements: Requirements = Requirements(),  # noqa: B008  (frozen)
    script: Script = Script(lines=(PIP,)),  # noqa: B008  (frozen)
    tests: tuple[PythonTest | CommandTest, ...] = (),
    skip: tuple[Condition, ...] = (),
    about: About = ABOUT,
) -> Output:
    return Output(
        conda_name=CondaName("demo"),
        requirements=requirements,
        script=script,
        tests=tests,
        skip=skip,
        about=about,
    )


def test_a_noarch_recipe_is_written_as_the_reviewers_like_it() -> None:
    output = Output(
        conda_name=CondaName("demo"),
        noarch="python",
        script=Script(lines=(PIP,)),
        entry_points=(RecipeEntryPoint(name="demo", target="demo.cli:main"),),
        requirements=Requirements(
            host=(
                Requirement(spec=PythonMinSpec(is_exact=True)),
                package("hatchling", ">=1.27"),
                package("pip"),
            ),
            run=(Requirement(spec=PythonMinSpec(is_exact=False)), package("requests", ">=2.31")),
        ),
        tests=(
            PythonTest(imports=("demo",), python_versions=(PYTHON_MIN, LATEST)),
            CommandTest(lines=(ScriptLine(command="demo --help"),), requires=(PythonMinSpec(is_exact=True),)),
        ),
        about=ABOUT,
    )

    assert rendered(output) == SKELETONS["noarch"]


def test_an_extension_module_gets_the_cross_block() -> None:
    output = demo(
        requirements=Requirements(
            build=(
                package("python", condition=CROSS),
                Requirement(spec=CrossPythonSpec(), condition=CROSS),
                Requirement(spec=CompilerSpec(language="c")),
                Requirement(spec=StdlibSpec()),
            ),
            host=(package("python"), package("pip"), package("setuptools", ">=61")),
            run=(package("python"),),
        ),
        tests=(PythonTest(imports=("demo",)),),
    )

    assert rendered(output) == SKELETONS["c"]


@pytest.mark.parametrize("kind", SKELETONS)
def test_every_kind_is_read_and_written_back_to_the_letter(kind: str) -> None:
    text = SKELETONS[kind]

    assert render_v1(read_v1(text), environment=template_environment()) == text


@pytest.mark.parametrize("kind", SKELETONS)
def test_a_recipe_ends_in_exactly_one_newline_and_has_no_trailing_blanks(kind: str) -> None:
    text = render_v1(read_v1(SKELETONS[kind]), environment=template_environment())

    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


def test_a_recipe_with_nothing_but_a_name_is_written() -> None:
    bare = Recipe(name=CondaName("demo"), version="1", outputs=(Output(conda_name=CondaName("demo")),))

    text = render_v1(bare, environment=template_environment())

    assert text == (
        'schema_version: 1\n\ncontext:\n  version: "1"\n\n'
        "package:\n  name: demo\n  version: ${{ version }}\n\nbuild:\n  number: 0\n"
    )
    assert read_v1(text) == bare


# ---------------------------------------------------------------- conditions


def run_section(*requirements: Requirement) -> list[str]:
    text = rendered(demo(requirements=Requirements(run=requirements)))
    return [line[4:] for line in section(text, "requirements")[1:]]


def test_neighbours_under_one_condition_share_one_if() -> None:
    win = os_in({"win"})

    lines = run_section(package("a", condition=win), package("b", condition=win), package("c"))

    assert lines == ["- if: win", "  then:", "    - a", "    - b", "- c"]


def test_a_single_entry_stands_on_the_line_of_its_then() -> None:
    assert run_section(package("a", condition=os_in({"win"}))) == ["- if: win", "  then: a"]


def test_opposite_neighbours_share_one_if_and_else() -> None:
    win = os_in({"win"})

    lines = run_section(package("a", condition=win), package("b", condition=negate(win)))

    assert lines == ["- if: win", "  then: a", "  else: b"]


def test_equal_conditions_that_are_no_neighbours_keep_their_places() -> None:
    win = os_in({"win"})

    lines = run_section(package("a", condition=win), package("b"), package("c", condition=win))

    assert lines == ["- if: win", "  then: a", "- b", "- if: win", "  then: c"]


def test_a_third_group_starts_an_if_of_its_own() -> None:
    win = os_in({"win"})

    lines = run_section(
        package("a", condition=win), package("b", condition=negate(win)), package("c", condition=win)
    )

    assert lines == ["- if: win", "  then: a", "  else: b", "- if: win", "  then: c"]


def test_what_never_holds_is_kept_and_pulls_nothing_into_its_else() -> None:
    lines = run_section(package("a", condition=NEVER), package("b"))

    assert lines == ["- if: false", "  then: a", "- b"]


@pytest.mark.parametrize(
    ("skip", "lines"),
    [
        ((ALWAYS,), ["  skip: true"]),
        ((os_in({"win"}),), ["  skip: win"]),
        ((os_in({"win"}), variant_is("is_abi3")), ["  skip:", "    - win", "    - is_abi3"]),
    ],
)
def test_skip_is_one_line_for_one_condition_and_a_list_for_several(
    skip: tuple[Condition, ...], lines: list[str]
) -> None:
    build = section(rendered(demo(script=Script(), skip=skip)), "build")

    assert build == ["  number: 0", *lines]


# ---------------------------------------------------------------- build and tests


def test_a_script_of_several_lines_is_a_list() -> None:
    script = Script(lines=(ScriptLine(command="first"), PIP))

    build = section(rendered(demo(script=script)), "build")

    assert build == ["  number: 0", "  script:", "    - first", f"    - {PIP.command}"]


def test_an_environment_makes_the_script_a_mapping_with_a_version_that_follows_the_recipes() -> None:
    script = Script(lines=(PIP,), env=(("PRETEND_VERSION", "1.10"), ("FLAGS", "-O2 -g"), ("FAST", "1")))

    build = section(rendered(demo(script=script), version="1.10"), "build")

    assert build == [
        "  number: 0",
        "  script:",
        "    env:",
        "      PRETEND_VERSION: ${{ version }}",
        '      FLAGS: "-O2 -g"',
        '      FAST: "1"',
        "    content:",
        f"      - {PIP.command}",
    ]


def test_only_known_variables_act_in_a_script() -> None:
    line = ScriptLine(command="${{ PYTHON }} -c ${{ env.get('HOME') }} {% raw %}")

    build = section(rendered(demo(script=Script(lines=(line,)))), "build")

    assert build[1] == "  script: ${{ PYTHON }} -c ${{ '${{' }} env.get('HOME') }} ${{ '{%' }} raw %}"


def test_one_version_of_python_stands_on_the_line_of_its_key() -> None:
    tests = section(rendered(demo(tests=(PythonTest(imports=(), python_versions=("3.11.*",)),))), "tests")

    assert tests == ["  - python:", "      pip_check: true", "      python_version: 3.11.*"]


# ---------------------------------------------------------------- sources and text


def test_every_kind_of_source_is_written() -> None:
    sources = (
        UrlSource(url="https://example.org/demo-1.2.3.tar.gz", sha256=DIGEST),
        GitSource(url="https://example.org/demo.git", commit="0123abc"),
        PathSource(path="../demo"),
        PathSource(path="demo.tar.gz", sha256=DIGEST),
    )
    output = demo()
    whole = Recipe(name=output.conda_name, version="1.2.3", sources=sources, outputs=(output,))

    lines = section(render_v1(whole, environment=template_environment()), "source")

    assert lines == [
        "  - url: https://example.org/demo-${{ version }}.tar.gz",
        f"    sha256: {DIGEST}",
        "  - git: https://example.org/demo.git",
        "    rev: 0123abc",
        "  - path: ../demo",
        "  - path: demo.tar.gz",
        f"    sha256: {DIGEST}",
    ]


def test_outside_text_neither_acts_as_jinja_nor_as_a_selector() -> None:
    about = About(summary="Uses ${{ env.get('HOME') }} {% if x %}", license="MIT # [win]")

    lines = section(rendered(demo(about=about)), "about")

    assert lines == [
        "  summary: Uses ${{ '${{' }} env.get('HOME') }} ${{ '{%' }} if x %}",
        '  license: "MIT \\x23 [win]"',
    ]


def test_a_licence_file_is_a_path_and_not_a_pattern() -> None:
    lines = section(rendered(demo(about=About(license_files=("LICENSE*[1]",)))), "about")

    assert lines == ['  license_file: "LICENSE[*][[]1[]]"']


def test_outputs_share_what_they_agree_on_and_say_the_rest_themselves() -> None:
    first = Output(conda_name=CondaName("a"), about=About(homepage="https://example.org", license="MIT"))
    second = Output(
        conda_name=CondaName("b"), about=About(homepage="https://example.org", summary="B", license="BSD")
    )
    both = Recipe(name=CondaName("a"), version="1", outputs=(first, second))

    text = render_v1(both, environment=template_environment())

    assert section(text, "about") == ["  homepage: https://example.org", "  license: MIT"]
    assert section(text, "outputs") == [
        "  - package:",
        "      name: a",
        "  - package:",
        "      name: b",
        "    about:",
        "      summary: B",
        "      license: BSD",
    ]


def test_one_output_of_another_name_than_the_recipe_is_written_as_an_output() -> None:
    one = Recipe(name=CondaName("demo-suite"), version="1", outputs=(demo(about=About()),))

    text = render_v1(one, environment=template_environment())

    assert section(text, "recipe") == ["  name: demo-suite", "  version: ${{ version }}"]
    assert section(text, "outputs")[:2] == ["  - package:", "      name: demo"]


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        (demo(tests=(CommandTest(lines=()),)), "no commands"),
        (demo(script=Script(env=(("A B", "1"),))), "'A B'"),
        (demo(script=Script(env=(("A", "1"), ("A", "2")))), "set once"),
        (demo(script=Script(env=(("A", "1\n2"),))), "can't hold"),
        (
            Output(
                conda_name=CondaName("demo"), entry_points=(RecipeEntryPoint(name="a = b", target="c:d"),)
            ),
            "no entry point",
        ),
        (demo(requirements=Requirements(run=(package("a", ">=1, <2"),))), "blanks"),
    ],
)
def test_what_v1_cannot_say_is_refused(output: Output, problem: str) -> None:
    with pytest.raises(RecipeError, match=problem) as caught:
        rendered(output)

    assert caught.value.slug == "unrenderable-recipe"

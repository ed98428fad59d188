"""The texts of whole v0 recipes."""

from dataclasses import replace

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v0 import read_v0, render_v0, restrict
from conda_bridge.formats.v1 import read_v1
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    About,
    GitSource,
    Output,
    PathSource,
    Recipe,
    RecipeEntryPoint,
    Script,
    ScriptLine,
    UrlSource,
)
from support.skeletons import SKELETONS

DEMO = CondaName("demo")
NOARCH = """\
{% set version = "1.2.3" %}
{% set python_min = "3.12" %}

package:
  name: demo
  version: {{ version }}

source:
  url: https://example.org/packages/source/d/demo/demo-{{ version }}.tar.gz
  sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

build:
  number: 0
  noarch: python
  script: {{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation
  entry_points:
    - demo = demo.cli:main

requirements:
  host:
    - python {{ python_min }}
    - hatchling >=1.27
    - pip
  run:
    - python >={{ python_min }},<3.15
    - requests >=2.31

test:
  imports:
    - demo
  commands:
    - pip check
    - demo --help
  requires:
    - pip
    - python {{ python_min }}

about:
  home: https://example.org/demo
  summary: One line, no trailing period
  license: BSD-3-Clause
  license_file: LICENSE
  dev_url: https://example.org/demo.git
  doc_url: https://demo.example.org

extra:
  recipe-maintainers:
    - someone
"""
ABI3 = """\
build:
  number: 0
  skip: true  # [is_abi3 and not is_python_min]
  python_version_independent: true  # [is_abi3]
  script:
    - cargo-bundle-licenses --format yaml --output THIRDPARTY.yml
    - {{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation

requirements:
  build:
    - python  # [build_platform != target_platform]
    - cross-python_{{ target_platform }}  # [build_platform != target_platform]
    - maturin >=1,<2  # [build_platform != target_platform]
    - {{ compiler('c') }}
    - {{ compiler('rust') }}
    - {{ stdlib('c') }}
    - cargo-bundle-licenses
  host:
    - python-abi3  # [is_abi3]
"""
ABI3_TEST = """\
  requires:
    - pip
    - python {{ python_min }}  # [is_abi3]
    - abi3audit
"""


def text_of(recipe: Recipe) -> str:
    return render_v0(recipe, environment=template_environment())


def recipe(output: Output, *, version: str = "1.2.3", name: CondaName = DEMO) -> Recipe:
    return Recipe(name=name, version=version, outputs=(output,))


def test_noarch_recipe_looks_as_reviewers_like_it() -> None:
    assert text_of(read_v1(SKELETONS["noarch-raised"])) == NOARCH


def test_abi3_recipe_follows_the_variant() -> None:
    text = text_of(read_v1(SKELETONS["abi3-maturin"]))

    assert ABI3 in text
    assert ABI3_TEST in text


@pytest.mark.parametrize("kind", SKELETONS)
def test_every_kind_survives_writing_and_reading(kind: str) -> None:
    original = read_v1(SKELETONS[kind])

    text = text_of(original)

    assert read_v0(text) == restrict(original).recipe
    assert text_of(read_v0(text)) == text


def test_text_ends_in_one_newline() -> None:
    for one in (recipe(Output(conda_name=DEMO)), read_v1(SKELETONS["c"])):
        assert text_of(one).rstrip("\n") + "\n" == text_of(one)


@pytest.mark.parametrize(
    ("version", "line"),
    [
        ("1.2.3", "version: {{ version }}"),
        # The linter would read a number.
        ("1.10", 'version: "{{ version }}"'),
        ("3", 'version: "{{ version }}"'),
    ],
)
def test_version_that_reads_as_a_number_is_quoted(version: str, line: str) -> None:
    text = text_of(recipe(Output(conda_name=DEMO), version=version))

    assert text.startswith(f'{{% set version = "{version}" %}}\n')
    assert f"  {line}\n" in text


def test_recipe_of_several_outputs_has_a_name_of_its_own() -> None:
    suite = read_v1(SKELETONS["several-outputs"])

    text = text_of(suite)

    assert "package:\n  name: demo-suite-split\n" in text
    assert read_v0(text).name == "demo-suite"


def test_recipe_of_several_outputs_requires_the_python_that_their_scripts_name() -> None:
    script = Script(lines=(ScriptLine(command="${{ PYTHON }} -m pip install ."),))
    one, two = (Output(conda_name=CondaName(name)) for name in ("one", "two"))

    def text_with(first: Output) -> str:
        return text_of(Recipe(name=DEMO, version="1", outputs=(first, two)))

    assert "\nrequirements:\n  host:\n    - python\n\noutputs:\n" in text_with(replace(one, script=script))
    assert "\nrequirements:" not in text_with(one)


def test_outputs_without_about_have_none_from_the_recipe() -> None:
    one = Output(conda_name=CondaName("one"), about=About(summary="One"))
    two = Output(conda_name=CondaName("two"))
    both = Recipe(name=DEMO, version="1", outputs=(one, two))

    text = text_of(both)

    assert "\nabout:" not in text
    assert read_v0(text) == both


def test_environment_of_a_script_is_written_as_assignments() -> None:
    script = Script(lines=(ScriptLine(command="make"),), env=(("VERSION", "1.2.3"), ("A", "b c")))

    text = text_of(recipe(Output(conda_name=DEMO, script=script)))

    assert "  script_env:\n    - VERSION={{ version }}\n    - A=b c\n  script: make\n" in text


def test_sources_of_each_kind_are_written() -> None:
    sources = (
        UrlSource(url="https://example.org/{demo-1.2.3.tar.gz", sha256="0" * 64),
        GitSource(url="https://example.org/demo.git", commit="abc"),
        PathSource(path="../demo"),
        PathSource(path="/my projects/demo-1.0.tar.gz", sha256="1" * 64),
    )
    one = Recipe(name=DEMO, version="1.2.3", sources=sources, outputs=(Output(conda_name=DEMO),))

    text = text_of(one)

    assert "  - git_url: https://example.org/demo.git\n    git_rev: abc\n" in text
    assert "  - url: file:///my%20projects/demo-1.0.tar.gz\n" in text
    assert read_v0(text) == one


@pytest.mark.parametrize(
    "broken",
    [
        recipe(Output(conda_name=DEMO), version='1" %}{% raw'),
        recipe(Output(conda_name=DEMO), version=""),
        recipe(Output(conda_name=DEMO, script=Script(env=(("A", "b\nc"),)))),
        recipe(Output(conda_name=DEMO, entry_points=(RecipeEntryPoint(name="a = b", target="c"),))),
        Recipe(
            name=DEMO,
            version="1",
            outputs=(Output(conda_name=DEMO), Output(conda_name=CondaName("demo-split"))),
        ),
        recipe(Output(conda_name=DEMO), version="on"),
    ],
)
def test_what_v0_can_not_say_is_refused(broken: Recipe) -> None:
    with pytest.raises(RecipeError) as caught:
        text_of(broken)

    assert caught.value.slug == "unrenderable-recipe"


@pytest.mark.parametrize("name", ["yes", "no", "on", "off", "true", "false", "y", "n"])
def test_names_that_conda_build_makes_booleans_of_are_refused(name: str) -> None:
    one, other = Output(conda_name=DEMO), Output(conda_name=CondaName(name))

    for broken in (
        Recipe(name=other.conda_name, version="1", outputs=(other,)),
        Recipe(name=other.conda_name, version="1", outputs=(one,)),
        Recipe(name=DEMO, version="1", outputs=(one, other)),
    ):
        with pytest.raises(RecipeError, match=f"makes a boolean of the package name '{name}'"):
            text_of(broken)


@pytest.mark.parametrize("name", ["null", "none", "1", "0x1f", "yes-no"])
def test_names_that_quotes_keep_are_written(name: str) -> None:
    one = Recipe(name=CondaName(name), version="1", outputs=(Output(conda_name=CondaName(name)),))

    assert read_v0(text_of(one)) == one


def test_single_values_that_would_be_booleans_are_lists() -> None:
    built = Script(lines=(ScriptLine(command="yes"),))
    one = Recipe(
        name=DEMO,
        version="1",
        outputs=(Output(conda_name=DEMO, script=built, about=About(license_files=("NO",))),),
    )

    text = text_of(one)

    assert '  script:\n    - "yes"\n' in text
    assert '  license_file:\n    - "NO"\n' in text
    assert read_v0(text) == one

"""Reading v1 recipes: other spellings, and what is refused with its line."""

import pytest

from conda_bridge.errors import RecipeError
from conda_bridge.formats.v1 import read_v1
from conda_bridge.model.condition import all_of, negate, os_in, variant_is
from conda_bridge.model.recipe import About, Script, ScriptLine, leaves
from support.skeletons import SKELETONS

NOARCH = SKELETONS["noarch"]
OUTPUTS = SKELETONS["several-outputs"]
ABI3 = SKELETONS["abi3-maturin"]


def changed(old: str, new: str, *, text: str = NOARCH) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def test_comments_and_flow_style_are_read_and_not_kept() -> None:
    text = changed("      imports:\n        - demo\n", "      imports: [demo]  # the module\n")

    assert read_v1(text) == read_v1(NOARCH)


def test_the_schema_version_the_build_number_and_pip_check_have_defaults() -> None:
    text = (
        changed("schema_version: 1\n\n", "")
        .replace("  number: 0\n", "")
        .replace("      pip_check: true\n", "")
    )

    assert read_v1(text) == read_v1(NOARCH)


def test_a_version_without_a_context_is_read() -> None:
    text = changed('context:\n  version: "1.2.3"\n\n', "").replace(
        "  version: ${{ version }}", "  version: 1.2.3"
    )

    assert read_v1(text.replace("${{ version }}", "1.2.3")) == read_v1(NOARCH)


def test_conditions_inside_conditions_are_multiplied_out() -> None:
    old = "    - requests >=2.31\n"
    new = """\
    - if: is_fast
      then:
        - if: win
          then: [a, b]
          else: c
"""
    run = read_v1(changed(old, new)).outputs[0].requirements.run[1:]

    fast, win = variant_is("is_fast"), os_in({"win"})
    assert [requirement.condition for requirement in run] == [
        all_of(fast, win),
        all_of(fast, win),
        all_of(fast, negate(win)),
    ]


def test_a_script_can_be_a_mapping_with_one_line() -> None:
    text = changed(
        "  script: ${{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation\n",
        "  script:\n    content: make\n",
    )

    assert read_v1(text).outputs[0].script == Script(lines=(ScriptLine(command="make"),))


def test_a_script_can_depend_on_the_platform_as_a_whole() -> None:
    text = changed(
        "  script: ${{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation\n",
        "  script:\n    if: win\n    then: nmake\n    else: make\n",
    )

    lines = read_v1(text).outputs[0].script.lines
    assert [(line.command, line.condition) for line in lines] == [
        ("nmake", os_in({"win"})),
        ("make", negate(os_in({"win"}))),
    ]


def test_a_script_that_only_sets_variables_is_read() -> None:
    text = changed(
        "        content:\n          - ${{ PYTHON }} -m pip install . -vv --no-deps --no-build-isolation\n",
        "",
        text=OUTPUTS,
    )

    script = read_v1(text).outputs[1].script
    assert script == Script(env=(("SETUPTOOLS_SCM_PRETEND_VERSION", "1.10"), ("DEMO_FAST", "1")))


def test_outputs_inherit_the_recipes_about_key_by_key() -> None:
    first, second = read_v1(OUTPUTS).outputs

    assert first.about == About(
        homepage="https://example.org/demo", summary="The core", license="MIT", license_files=("LICENSE",)
    )
    assert second.about == About(
        homepage="https://example.org/demo",
        summary="All of demo: the core and its friends",
        license="MIT",
        license_files=("LICENSE",),
    )


def test_what_is_read_has_the_addresses_that_evidence_uses() -> None:
    assert "demo/requirements.run/requests" in leaves(read_v1(NOARCH))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- a\n", "- a"),
        ("context: x\n", "context: x"),
        (changed("schema_version: 1", "schema_version: 2"), "schema_version: 2"),
        (
            changed('  version: "1.2.3"\n', '  version: "1.2.3"\n  name: ${{ build }}\n'),
            "  name: ${{ build }}",
        ),
        (changed('  version: "1.2.3"\n', '  version: "1.2.3"\n  PYTHON: x\n'), "  PYTHON: x"),
        (changed('  version: "1.2.3"\n', '  python_min: "3.10"\n'), "  version: ${{ version }}"),
        (changed("  version: ${{ version }}\n", "  version: 1.2.4\n"), "  version: 1.2.4"),
        (changed("  version: ${{ version }}\n", ""), "  name: demo"),
        (changed("  name: demo\n", "  name: ~\n"), "  name: ~"),
        (changed("  name: demo\n", "  name: ${{ name }}\n"), "  name: ${{ name }}"),
        (changed("  sha256: 9f86", "  md5: 9f86"), "  md5: 9f86"),
        (changed("  sha256: 9f86", "  rev: 9f86"), "  url: "),
        (changed("  number: 0\n", "  number: ${{ build }}\n"), "  number: ${{ build }}"),
        (changed("  number: 0\n", "  number: 99999999999999999999\n"), "  number: 9999"),
        (changed("  noarch: python\n", "  noarch: ruby\n"), "  noarch: ruby"),
        (changed("  noarch: python\n", "  string: x\n"), "  string: x"),
        (changed("      - demo = demo.cli:main\n", "      - demo\n"), "      - demo"),
        (
            changed("      - demo = demo.cli:main\n", "      - if: win\n        then: a = b\n"),
            "        then: a = b",
        ),
        (changed("    - requests >=2.31\n", "    - if: py < 311\n      then: a\n"), "    - if: py < 311"),
        (changed("    - requests >=2.31\n", "    - if: win\n      so: a\n"), "      so: a"),
        (changed("    - requests >=2.31\n", "    - if: win\n"), "    - if: win"),
        (
            changed("    - requests >=2.31\n", "    - pin_subpackage:\n        name: x\n"),
            "    - pin_subpackage:",
        ),
        (changed("      pip_check: true\n", "      pip_check: maybe\n"), "      pip_check: maybe"),
        (changed('        - "*"\n', '        - if: win\n          then: "*"\n'), '          then: "*"'),
        (changed("      - demo --help\n", "      - ${{ name }} --help\n"), "      - ${{ name }}"),
        (changed("    script:\n      - demo --help\n", ""), "  - requirements:"),
        (changed("  - python:\n", "  - script: x\n    python:\n"), "  - script: x"),
        (changed("  summary: One line", "  summary: ~  #"), "  summary: ~"),
        (changed("  license_file: LICENSE\n", "  license_file: LICENSE*\n"), "  license_file: LICENSE*"),
        (changed("  recipe-maintainers:\n    - someone\n", "  x: y\n"), "  x: y"),
        (changed("  name: demo-suite\n  version", "  version", text=OUTPUTS), "  version: ${{ version }}"),
        (
            changed("  - package:\n      name: demo-core\n    build:\n", "  - build:\n", text=OUTPUTS),
            "  - build:",
        ),
        (
            changed('          DEMO_FAST: "1"\n', "          DEMO_FAST: [1]\n", text=OUTPUTS),
            "          DEMO_FAST",
        ),
        (
            changed("        - if: is_abi3\n          then: $", "        - $", text=ABI3),
            "        - ${{ python_min }}.*",
        ),
        (changed("dent: ${{ is_abi3 }}", "dent: true", text=ABI3), "    version_independent: true"),
    ],
)
def test_what_the_model_cannot_hold_is_refused_with_its_line(text: str, line: str) -> None:
    with pytest.raises(RecipeError) as caught:
        read_v1(text)

    number = int((caught.value.where or "").removeprefix("line "))
    assert caught.value.slug == "unmodelled-recipe"
    assert text.splitlines()[number - 1].startswith(line)


def test_variables_of_the_recipes_own_are_put_in() -> None:
    context = '  version: "1.2.3"\n  sdist: De_Mo\n  name: ${{ sdist|lower|replace("_", "") }}\n  build: 0\n'
    text = changed('  version: "1.2.3"\n', context).replace("  name: demo\n", "  name: ${{ name }}\n")
    text = text.replace("  number: 0\n", "  number: ${{ build }}\n")
    text = text.replace(
        "    - requests >=2.31\n", "    - requests >=2.31\n    - ${{ name }}-core ==${{ version }}\n"
    )

    recipe = read_v1(text)

    plain = changed("    - requests >=2.31\n", "    - requests >=2.31\n    - demo-core ==1.2.3\n")
    assert recipe == read_v1(plain)


@pytest.mark.parametrize(
    "variable", ["  broken: ${{ '$' ~ '{' }}\n", "  broken: ${{ python_min }}\n", '  broken: "{{ x }}"\n']
)
def test_a_variable_that_could_be_anything_is_not_put_in(variable: str) -> None:
    text = changed('  version: "1.2.3"\n', '  version: "1.2.3"\n' + variable)

    with pytest.raises(RecipeError) as caught:
        read_v1(text.replace("summary: One line", "summary: ${{ broken }}{ x }}"))

    assert caught.value.slug == "unmodelled-recipe"


@pytest.mark.parametrize("place", ["    - requests >=2.31\n", "  noarch: python\n"])
def test_a_condition_on_a_variable_of_the_recipes_own_is_refused(place: str) -> None:
    text = changed('  version: "1.2.3"\n', '  version: "1.2.3"\n  gui: "qt"\n')
    condition = "    - if: gui == 'qt'\n      then: a\n" if "requests" in place else "  skip: [gui == 'qt']\n"

    with pytest.raises(RecipeError, match="variable of the recipe's own"):
        read_v1(text.replace(place, place + condition))


def test_a_script_environment_that_is_no_mapping_is_refused() -> None:
    text = OUTPUTS.replace(
        '          SETUPTOOLS_SCM_PRETEND_VERSION: ${{ version }}\n          DEMO_FAST: "1"\n',
        "          - A=1\n",
    )

    with pytest.raises(RecipeError, match="a mapping is expected here"):
        read_v1(text)

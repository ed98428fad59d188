"""What the user decides about a package takes effect in the recipe, with its place; what changes nothing is told."""

from typing import Any

import pytest

from conda_bridge.config.overrides import read_overrides
from conda_bridge.infer.overrides.selection import overrides_for
from conda_bridge.model.condition import os_in
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.evidence import Certainty, Evidence
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.model.overrides import NO_OVERRIDES
from conda_bridge.model.recipe import CommandTest, PythonTest, Requirement, Section, leaves
from support.converting import PYPROJECT, convert_texts, output_of, section_of, slugs_of, specs_of

PURE: dict[str, str | None] = {
    "pyproject.toml": PYPROJECT
    + "dependencies = ['attrs>=21', 'colorama; os_name == \"nt\"', 'strange-name']\n"
    + "[project.optional-dependencies]\ns3 = ['fsspec>=2024']\nall = ['demo[s3]', 'rich']\n"
    + "[project.scripts]\ndemo = 'demo.cli:main'\nbig = 'demo.cli:big [s3]'\n"
    + "[project.urls]\nHomepage = 'https://example.org'\n",
    "demo/__init__.py": "",
    "demo/cli.py": "",
    "LICENSE": "MIT License",
}
COMPILED: dict[str, str | None] = {
    "setup.py": "from setuptools import Extension, setup\n"
    "setup(name='demo', version='1.2.3', license='MIT', ext_modules=[Extension('demo._x', ['demo/_x.c'])])\n",
    "demo/__init__.py": "",
    "demo/_x.c": "",
    "LICENSE": "MIT License",
}
PLACE = "call#/package/demo"


def convert(table: dict[str, Any], texts: dict[str, str | None] = PURE) -> Conversion:
    (overrides,) = read_overrides({"demo": table})
    conversion = convert_texts(texts, overrides=overrides, unknown=frozenset({"strange-name"}))
    explained = {evidence.address for evidence in conversion.evidence}
    assert [leaf for leaf in leaves(conversion.recipe) if leaf not in explained] == []
    return conversion


def reason(conversion: Conversion, address: str) -> Evidence:
    (found,) = (evidence for evidence in conversion.evidence if evidence.address == f"demo/{address}")
    return found


def place_of(conversion: Conversion, address: str) -> str:
    found = reason(conversion, address)
    assert found.certainty is Certainty.OVERRIDE
    return found.origins[0].removeprefix(PLACE)


def unused_at(conversion: Conversion) -> list[str]:
    return [d.origin.removeprefix(PLACE) for d in conversion.diagnostics if d.slug == "override-unused"]


def in_section(section: Section, **changes: Any) -> dict[str, Any]:
    return {"requirements": {section: changes}}


# ---------------------------------------------------------------- requirements


def test_added_requirement_stands_last_with_its_place() -> None:
    conversion = convert(in_section("run", add=["foo >=1"]))

    assert specs_of(conversion, "run")[-1] == "foo >=1"
    assert place_of(conversion, "requirements.run/foo") == "/requirements/run/add/0"
    assert unused_at(conversion) == []


@pytest.mark.parametrize("section", ["build", "host", "run", "run_constraints"])
def test_requirement_can_be_added_to_every_section(section: Section) -> None:
    conversion = convert(in_section(section, add=["foo"]), COMPILED)

    assert specs_of(conversion, section)[-1] == "foo"


def test_added_condition_holds_in_a_package_per_platform() -> None:
    conversion = convert(in_section("run", add=[{"spec": "foo", "if": "win"}]), COMPILED)

    assert section_of(conversion, "run")[-1].condition == os_in({"win"})


def test_added_condition_is_widened_in_a_noarch_package_with_a_finding() -> None:
    conversion = convert(in_section("run", add=[{"spec": "foo", "if": "win"}]))

    assert section_of(conversion, "run")[-1] == Requirement(spec=section_of(conversion, "run")[-1].spec)
    assert "override-widened" in slugs_of(conversion)


def test_added_requirement_that_windows_alone_has_makes_a_package_per_platform() -> None:
    conversion = convert(in_section("run", add=[{"spec": "pywin32", "if": "win"}]))

    assert output_of(conversion).noarch is None


def test_added_bound_joins_the_inferred_one_and_keeps_its_origin() -> None:
    conversion = convert(in_section("run", add=["attrs <24"]))

    assert "attrs >=21,<24" in specs_of(conversion, "run")
    assert reason(conversion, "requirements.run/attrs").origins == (
        f"{PLACE}/requirements/run/add/0",
        "pyproject.toml#/project/dependencies/0",
    )


@pytest.mark.parametrize("spec", ["attrs >=21", "attrs", "python"])
def test_added_requirement_that_is_there_already_is_told(spec: str) -> None:
    conversion = convert(in_section("run", add=[spec]), COMPILED if spec == "python" else PURE)

    assert unused_at(conversion) == ["/requirements/run/add/0"]


def test_removed_requirement_is_gone_and_its_reason_says_so() -> None:
    conversion = convert(in_section("run", remove=["attrs"]))

    assert not [spec for spec in specs_of(conversion, "run") if spec.startswith("attrs")]
    found = reason(conversion, "requirements.run/attrs")
    assert found.note == "removed: attrs >=21"
    assert found.origins == (
        f"{PLACE}/requirements/run/remove/0",
        "pyproject.toml#/project/dependencies/0",
    )


def test_compiler_is_removed_by_its_name() -> None:
    conversion = convert(in_section("build", remove=["compiler(c)", "${{ stdlib('c') }}"]), COMPILED)

    assert specs_of(conversion, "build") == ["python", "<cross-python>"]
    assert place_of(conversion, "requirements.build/compiler(c)") == "/requirements/build/remove/0"


def added_compilers(*languages: str) -> dict[str, Any]:
    return in_section("build", add=[f"${{{{ compiler('{language}') }}}}" for language in languages])


def test_added_compiler_brings_what_an_inferred_one_does() -> None:
    conversion = convert(added_compilers("cxx"))

    assert specs_of(conversion, "build") == ["python", "<cross-python>", "<compiler(cxx)>", "<stdlib(c)>"]
    assert output_of(conversion).noarch is None
    assert place_of(conversion, "requirements.build/compiler(cxx)") == "/requirements/build/add/0"
    stdlib = reason(conversion, "requirements.build/stdlib(c)")
    assert (stdlib.note, stdlib.origins) == (
        "goes with every compiler",
        (f"{PLACE}/requirements/build/add/0",),
    )
    assert reason(conversion, "build/platform").note == "compiler(cxx) is configured"


@pytest.mark.parametrize(
    ("languages", "expected"),
    [(["cxx"], ["c", "cxx"]), (["c", "fortran", "cuda"], ["c", "cuda", "fortran"])],
)
def test_added_compiler_stands_with_the_others(languages: list[str], expected: list[str]) -> None:
    changed = in_section("build", add=["tool", *(f"${{{{ compiler('{one}') }}}}" for one in languages)])
    conversion = convert(changed, COMPILED)

    compilers = [f"<compiler({language})>" for language in expected]
    assert specs_of(conversion, "build")[2:] == [*compilers, "<stdlib(c)>", "tool"]
    assert unused_at(conversion) == (["/requirements/build/add/1"] if "c" in languages else [])


def test_added_stdlib_is_there_with_the_compiler() -> None:
    conversion = convert(in_section("build", add=["${{ compiler('c') }}", "${{ stdlib('c') }}"]))

    assert specs_of(conversion, "build")[2:] == ["<compiler(c)>", "<stdlib(c)>"]
    assert unused_at(conversion) == ["/requirements/build/add/1"]


def test_stdlib_that_is_removed_does_not_come_back_with_a_compiler() -> None:
    changed = {"add": ["${{ compiler('cxx') }}", "tool"], "remove": ["stdlib(c)"]}

    assert specs_of(convert(in_section("build", **changed), COMPILED), "build")[2:] == [
        "<compiler(c)>",
        "<compiler(cxx)>",
        "tool",
    ]


def test_added_rust_brings_c_and_gathers_the_licences_of_its_crates() -> None:
    conversion = convert(added_compilers("rust"))

    assert specs_of(conversion, "build")[2:] == [
        "<compiler(c)>",
        "<compiler(rust)>",
        "<stdlib(c)>",
        "cargo-bundle-licenses",
    ]
    assert reason(conversion, "requirements.build/compiler(c)").note == "Rust links with it"
    assert "cargo-bundle-licenses" in output_of(conversion).script.lines[0].command
    assert "THIRDPARTY.yml" in output_of(conversion).about.license_files


def test_compiler_in_the_place_of_another_keeps_stdlib_and_brings_what_it_needs() -> None:
    changed = in_section("build", replace={"compiler(c)": "${{ compiler('rust') }}"})

    assert specs_of(convert(changed, COMPILED), "build")[2:] == [
        "<compiler(rust)>",
        "<stdlib(c)>",
        "cargo-bundle-licenses",
    ]


def test_compiler_under_a_condition_brings_stdlib_under_the_same() -> None:
    conversion = convert(in_section("build", add=[{"spec": "${{ compiler('cxx') }}", "if": "win"}]))

    assert [(line.condition) for line in section_of(conversion, "build")[2:]] == [os_in({"win"})] * 2
    assert specs_of(conversion, "build")[2:] == ["<compiler(cxx)>", "<stdlib(c)>"]


def test_noarch_on_request_stays_so_with_an_added_compiler() -> None:
    conversion = convert({**added_compilers("c"), "noarch": True})

    assert output_of(conversion).noarch == "python"
    assert specs_of(conversion, "build") == ["<compiler(c)>", "<stdlib(c)>"]


def test_removed_build_requirement_is_not_needed_for_cross_builds_either() -> None:
    texts = {
        **COMPILED,
        "pyproject.toml": "[build-system]\nrequires = ['setuptools', 'cython']\nbuild-backend = 'setuptools.build_meta'\n",
    }
    assert "cython" in specs_of(convert({}, texts), "build")

    assert "cython" not in specs_of(convert(in_section("host", remove=["cython"]), texts), "build")


@pytest.mark.parametrize("verb", [{"remove": ["nothing"]}, {"replace": {"nothing": "something"}}])
def test_change_of_a_requirement_that_is_not_there_is_told(verb: dict[str, Any]) -> None:
    conversion = convert(in_section("host", **verb))

    (origin,) = unused_at(conversion)
    assert origin.startswith("/requirements/host/")
    assert specs_of(conversion, "host") == specs_of(convert({}), "host")


def test_removing_what_windows_alone_has_makes_the_package_noarch() -> None:
    texts = {**PURE, "pyproject.toml": PYPROJECT + "dependencies = ['pywin32; os_name == \"nt\"']\n"}
    assert output_of(convert({}, texts)).noarch is None

    assert output_of(convert(in_section("run", remove=["pywin32"]), texts)).noarch == "python"


def test_nothing_more_is_said_of_a_requirement_that_is_removed_or_replaced() -> None:
    assert {"marker-widened", "name-unmapped"} <= slugs_of(convert({}))

    conversion = convert(in_section("run", remove=["colorama"], replace={"strange-name": "known"}))

    assert not {"marker-widened", "name-unmapped"} & slugs_of(conversion)


def test_replacement_stands_in_the_same_place_under_the_same_condition() -> None:
    conversion = convert({**in_section("run", replace={"colorama": "other >=2"}), "noarch": False})

    assert specs_of(conversion, "run") == ["python", "attrs >=21", "other >=2", "strange-name"]
    assert section_of(conversion, "run")[2].condition == os_in({"win"})
    assert reason(conversion, "requirements.run/colorama").note == "replaced by other >=2: colorama"
    assert reason(conversion, "requirements.run/other").note == "instead of colorama"


def test_replacement_may_have_a_condition_of_its_own() -> None:
    changed = in_section("run", replace={"colorama": {"spec": "other", "if": "unix"}})
    conversion = convert({**changed, "noarch": False})

    assert section_of(conversion, "run")[2].condition == os_in({"linux", "osx"})


def test_replacement_by_the_very_line_is_told() -> None:
    assert unused_at(convert(in_section("run", replace={"attrs": "attrs >=21"}))) == [
        "/requirements/run/replace/attrs"
    ]


@pytest.mark.parametrize(
    ("changes", "expected", "order", "is_unused"),
    [
        ({"remove": ["attrs"], "add": ["attrs >=23"]}, ["attrs >=23"], "removed and added", False),
        (
            {"remove": ["attrs"], "replace": {"attrs": "attrs >=23"}},
            [],
            "removed and replaced",
            True,
        ),
        (
            {"replace": {"attrs": "other"}, "add": ["attrs >=23"]},
            ["other", "attrs >=23"],
            "replaced and added",
            False,
        ),
        (
            {"add": ["attrs >=23"], "remove": ["attrs"], "replace": {"attrs": "other"}},
            ["attrs >=23"],
            "removed and replaced and added",
            True,
        ),
    ],
)
def test_changes_that_disagree_are_made_in_a_fixed_order_and_told(
    changes: dict[str, Any],
    expected: list[str],
    order: str,
    is_unused: bool,  # noqa: FBT001
) -> None:
    conversion = convert(in_section("run", **changes))

    found = [spec for spec in specs_of(conversion, "run") if spec.startswith(("attrs", "other"))]
    assert found == expected
    (told,) = (d for d in conversion.diagnostics if d.slug == "override-disagrees")
    assert told.message == f"attrs is {order} in run, in this order"
    assert (unused_at(conversion) == ["/requirements/run/replace/attrs"]) == is_unused


def test_entry_of_a_list_that_is_removed_and_added_stays_and_is_told() -> None:
    conversion = convert({"entry-points": {"remove": ["demo"], "add": ["demo = demo.cli:other"]}})

    assert [(point.name, point.target) for point in output_of(conversion).entry_points] == [
        ("big", "demo.cli:big"),
        ("demo", "demo.cli:other"),
    ]
    (told,) = (d for d in conversion.diagnostics if d.slug == "override-disagrees")
    assert (told.message, told.origin) == (
        "demo is removed and added in entry_points, in this order",
        f"{PLACE}/entry-points/add/0",
    )


# ---------------------------------------------------------------- the package


def test_conda_name_renames_recipe_and_addresses() -> None:
    conversion = convert({"conda-name": "py-demo"})

    assert conversion.recipe.name == output_of(conversion).conda_name == "py-demo"
    assert all(evidence.address.startswith("py-demo/") for evidence in conversion.evidence)


def test_maintainers_and_build_number_are_taken_over() -> None:
    conversion = convert({"maintainers": ["me", "org/team"], "build-number": 3})

    assert conversion.recipe.maintainers == ("me", "org/team")
    assert conversion.recipe.build_number == 3
    assert place_of(conversion, "extra/recipe-maintainers") == "/maintainers/0"
    assert place_of(conversion, "build/number") == "/build-number"


def test_pure_package_is_built_per_platform_on_request() -> None:
    conversion = convert({"noarch": False, "entry-points": {"add": ["x = demo:x"]}})

    assert output_of(conversion).noarch is None
    assert place_of(conversion, "build/platform") == "/noarch"
    assert section_of(conversion, "run")[2].condition == os_in({"win"})
    assert unused_at(conversion) == ["/entry-points/add/0"]


def test_compiled_package_is_noarch_on_request_against_the_evidence() -> None:
    conversion = convert({"noarch": True}, COMPILED)

    assert output_of(conversion).noarch == "python"
    assert specs_of(conversion, "build") == []
    assert place_of(conversion, "build/noarch") == "/noarch"
    (found,) = (d for d in conversion.diagnostics if d.slug == "override-contradicted")
    assert "extension" in found.message
    assert found.origin == f"{PLACE}/noarch"


def test_noarch_on_request_says_which_dependency_is_not_everywhere() -> None:
    texts = {**PURE, "pyproject.toml": PYPROJECT + "dependencies = ['pywin32; os_name == \"nt\"']\n"}
    conversion = convert({"noarch": True}, texts)

    assert output_of(conversion).noarch == "python"
    assert "override-contradicted" in slugs_of(conversion)


@pytest.mark.parametrize(("lowest", "written"), [("3.12", "3.12"), ("3.9", "3.9")])
def test_lowest_python_is_the_one_that_the_user_says(lowest: str, written: str) -> None:
    conversion = convert({"python-min": lowest})

    assert conversion.recipe.python_min == written
    assert place_of(conversion, "context/python_min") == "/python-min"


def test_marker_is_reduced_over_the_pythons_that_remain() -> None:
    texts = {**PURE, "pyproject.toml": PYPROJECT + "dependencies = ['tomli; python_version < \"3.11\"']\n"}

    assert "tomli" in specs_of(convert({}, texts), "run")
    assert "tomli" not in specs_of(convert({"python-min": "3.11"}, texts), "run")


def test_package_per_platform_skips_the_pythons_below_the_lowest() -> None:
    assert output_of(convert({}, COMPILED)).skip == ()
    assert len(output_of(convert({"python-min": "3.12"}, COMPILED)).skip) == 1


def test_python_on_which_upstream_does_not_install_is_told_and_not_taken() -> None:
    texts = {**PURE, "pyproject.toml": PYPROJECT.replace(">=3.9", ">=3.12")}
    conversion = convert({"python-min": "3.11"}, texts)

    assert conversion.recipe.python_min == "3.12"
    assert "override-contradicted" in slugs_of(conversion)


def test_lowest_python_that_the_distributor_lacks_is_told_with_its_place() -> None:
    texts = {**PURE, "pyproject.toml": PYPROJECT.replace('requires-python = ">=3.9"\n', "")}
    conversion = convert({"python-min": "3.99"}, texts)

    (found,) = (d for d in conversion.diagnostics if d.slug == "python-infeasible")
    assert found.message == "python-min is configured to be 3.99, but conda-forge builds for 3.10 to 3.14"
    assert found.origin == f"{PLACE}/python-min"


def test_lowest_python_that_changes_nothing_is_told() -> None:
    assert unused_at(convert({"python-min": "3.10"})) == ["/python-min"]
    assert unused_at(convert({"python-min": "3.9"}, COMPILED)) == ["/python-min"]


@pytest.mark.parametrize("extra", ["s3", "S3", "all"])
def test_requirements_of_an_extra_become_those_of_the_package(extra: str) -> None:
    conversion = convert({"extras": [extra]})

    assert "fsspec >=2024" in specs_of(conversion, "run")
    assert ("rich" in specs_of(conversion, "run")) == (extra == "all")
    assert place_of(conversion, "requirements.run/fsspec") == "/extras/0"
    assert "self-requirement" not in slugs_of(conversion)


def test_command_that_needs_a_chosen_extra_is_tested() -> None:
    assert "demo/tests/script.big --help" not in leaves(convert({}).recipe)
    assert "demo/tests/script.big --help" in leaves(convert({"extras": ["s3"]}).recipe)


def test_extra_that_the_project_lacks_is_told() -> None:
    conversion = convert({"extras": ["s4"]})

    assert unused_at(conversion) == ["/extras/0"]


def test_dependency_is_called_as_the_package_says() -> None:
    conversion = convert({"names": {"Strange.Name": "py-strange", "nowhere": "x", "colorama": ""}})

    assert specs_of(conversion, "run")[1:] == ["attrs >=21", "py-strange"]
    found = reason(conversion, "requirements.run/py-strange")
    assert found.certainty is Certainty.OVERRIDE
    assert f"{PLACE}/names/Strange.Name" in found.origins
    assert unused_at(conversion) == ["/names/nowhere"]


# ---------------------------------------------------------------- the build


def test_settings_of_the_backend_are_words_of_the_command() -> None:
    conversion = convert(
        {"config-settings": {"a.b": ["-DX=ON", "two words; $no".replace("$", "")], "flag": True}}
    )

    (line,) = output_of(conversion).script.lines
    assert line.command.endswith('--no-build-isolation -C a.b=-DX=ON -C "a.b=two words; no" -C flag=true')
    assert place_of(conversion, "build/script") == "/config-settings/a.b/0"


def test_variables_are_set_and_the_version_is_the_recipe_s_own() -> None:
    conversion = convert({"env": {"A": "x y", "V": "${{ version }}"}})

    assert output_of(conversion).script.env == (("A", "x y"), ("V", "1.2.3"))
    assert place_of(conversion, "build/env.A") == "/env/A"


def test_script_of_the_user_stands_for_the_inferred_one() -> None:
    lines = ["make", {"run": "make install", "if": "unix"}]
    conversion = convert({"script": lines, "config-settings": {"x": "y"}})

    first, second = output_of(conversion).script.lines
    assert (first.command, second.condition) == ("make", os_in({"linux", "osx"}))
    assert place_of(conversion, "build/script") == "/script/0"
    assert unused_at(conversion) == ["/config-settings/x"]


def test_entry_point_that_is_removed_or_added_is_tested_accordingly() -> None:
    conversion = convert({"entry-points": {"add": ["more = demo.cli:more"], "remove": ["demo", "none"]}})

    assert [point.name for point in output_of(conversion).entry_points] == ["big", "more"]
    assert [line for leaf in leaves(conversion.recipe) if (line := leaf.partition("/script.")[2])] == [
        "more --help"
    ]
    assert place_of(conversion, "build/entry_points.demo") == "/entry-points/remove/0"
    assert unused_at(conversion) == ["/entry-points/remove/1"]


def test_skips_stand_beside_the_inferred_ones() -> None:
    conversion = convert({"skip": ["win", "win"], "noarch": False})

    assert output_of(conversion).skip == (os_in({"win"}),)
    assert place_of(conversion, "build/skip") == "/skip/0"
    assert unused_at(conversion) == ["/skip/1"]


def test_noarch_package_skips_nothing() -> None:
    conversion = convert({"skip": ["win"]})

    assert output_of(conversion).skip == ()
    assert unused_at(conversion) == ["/skip/0"]


# ---------------------------------------------------------------- tests and about


def both_tests(conversion: Conversion) -> tuple[PythonTest | None, CommandTest | None]:
    tests = output_of(conversion).tests
    imports = [test for test in tests if isinstance(test, PythonTest)]
    commands = [test for test in tests if isinstance(test, CommandTest)]
    return next(iter(imports), None), next(iter(commands), None)


def test_imports_are_added_removed_or_replaced() -> None:
    added, _ = both_tests(convert({"tests": {"imports": {"add": ["demo.cli"]}}}))
    replaced, _ = both_tests(convert({"tests": {"imports": ["demo.other"]}}))
    conversion = convert({"tests": {"imports": {"remove": ["demo", "nothing"]}}})
    removed, _ = both_tests(conversion)

    assert added is not None
    assert added.imports == ("demo", "demo.cli")
    assert replaced is not None
    assert replaced.imports == ("demo.other",)
    assert removed is None
    assert place_of(conversion, "tests/imports.demo") == "/tests/imports/remove/0"
    assert unused_at(conversion) == ["/tests/imports/remove/1"]


def test_commands_are_changed_and_get_what_they_require() -> None:
    lines = {"add": [{"run": "demo --version", "if": "unix"}], "remove": ["demo --help"]}
    conversion = convert({"tests": {"commands": lines, "requires": ["pytest >=8"]}})
    _, commands = both_tests(conversion)

    assert commands is not None
    assert [(line.command, line.condition) for line in commands.lines] == [
        ("demo --version", os_in({"linux", "osx"}))
    ]
    assert place_of(conversion, "tests/script.demo --help") == "/tests/commands/remove/0"
    assert place_of(conversion, "tests/requires.pytest") == "/tests/requires/0"


def test_requirement_of_tests_without_commands_is_told() -> None:
    changes = {"commands": {"remove": ["demo --help"]}, "requires": ["pytest"]}

    assert unused_at(convert({"tests": changes})) == ["/tests/requires/0"]


def test_check_with_pip_can_be_left_out() -> None:
    conversion = convert({"tests": {"pip-check": False}})
    imports, _ = both_tests(conversion)

    assert imports is not None
    assert not imports.pip_check
    assert place_of(conversion, "tests/pip_check") == "/tests/pip-check"
    assert output_of(convert({"tests": {"pip-check": False, "imports": [], "commands": []}})).tests == ()


def test_about_is_what_the_user_says() -> None:
    said = {
        "license": "mit or apache-2.0",
        "homepage": "",
        "summary": "Mine",
        "repository": "https://code.example/demo",
    }
    conversion = convert({"about": said})
    about = output_of(conversion).about

    assert (about.license, about.homepage, about.summary) == ("MIT OR Apache-2.0", "", "Mine")
    assert place_of(conversion, "about/license") == "/about/license"
    assert reason(conversion, "about/homepage").note == "removed"


def test_findings_on_a_licence_that_the_user_names_are_settled() -> None:
    texts = {**COMPILED, "setup.py": (COMPILED["setup.py"] or "").replace("'MIT'", "'BSD'"), "LICENSE": "?"}
    assert "license-guessed" in slugs_of(convert({}, texts))

    assert "license-guessed" not in slugs_of(convert({"about": {"license": "BSD-2-Clause"}}, texts))


def test_licence_file_that_the_source_lacks_is_told() -> None:
    texts = {path: text for path, text in PURE.items() if path != "LICENSE"}
    conversion = convert({"about": {"license-file": ["MINE"]}}, texts)

    assert output_of(conversion).about.license_files == ("MINE",)
    assert "override-file-missing" in slugs_of(conversion)
    assert "license-file-missing" not in slugs_of(conversion)


# ---------------------------------------------------------------- which overrides


def test_package_is_found_under_either_name_and_its_pypi_name_wins() -> None:
    overrides = read_overrides(
        {"py-opencv": {"build-number": 1, "noarch": False}, "opencv-python": {"build-number": 2}, "x": {}}
    )
    found = overrides_for(overrides, PypiName("opencv-python"), [CondaName("py-opencv")])

    assert found.build_number is not None
    assert found.build_number.value == 2
    assert found.noarch is not None
    assert overrides_for(overrides, PypiName("other"), [CondaName("other")]) == NO_OVERRIDES


def test_no_overrides_change_nothing() -> None:
    assert convert({}) == convert_texts(PURE, unknown=frozenset({"strange-name"}))

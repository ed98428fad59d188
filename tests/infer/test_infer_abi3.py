"""Where a recipe uses Python's stable ABI, and how it says so."""

import json

import pytest
from packaging.version import Version

from conda_bridge.config.overrides import read_overrides
from conda_bridge.formats.environment import template_environment
from conda_bridge.formats.v0 import render_v0
from conda_bridge.formats.v1 import read_v1, render_v1
from conda_bridge.model.condition import (
    OsIn,
    PyVersion,
    Span,
    all_of,
    negate,
    python_in,
    variant_is,
)
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.evidence import Certainty
from conda_bridge.model.names import CondaName
from conda_bridge.model.overrides import NO_OVERRIDES, PackageOverrides
from conda_bridge.model.recipe import CommandTest, MatchSpec, PythonTest, Requirement, leaves
from conda_bridge.model.source import IndexFacts
from support.converting import convert_texts, output_of, section_of, slugs_of

STABLE_ABI = variant_is("is_abi3")
LATER = variant_is("is_python_min", negated=True)


SYSTEMS = ("manylinux_2_17_x86_64", "macosx_11_0_arm64", "win_amd64")


def wheels(*tags: str) -> IndexFacts:
    """Return an index with wheels for these tags; for every system where a tag names none."""
    every = (tag if tag.count("-") == 2 else f"{tag}-{system}" for tag in tags for system in SYSTEMS)
    names = tuple(f"demo-1.2.3-{tag}.whl" for tag in dict.fromkeys(every))
    return IndexFacts(index_url="https://index.example/simple", version=Version("1.2.3"), wheels=names)


def project(backend: str, *, requires_python: str = ">=3.9", more: str = "") -> str:
    return f"""\
[build-system]
requires = ["{backend}"]
build-backend = "{backend.replace("-", "_")}{".build" if "scikit" in backend else ""}"

[project]
name = "demo"
version = "1.2.3"
description = "A demonstration"
requires-python = "{requires_python}"
license = "MIT"
{more}"""


RUST = {
    "pyproject.toml": project("maturin"),
    "Cargo.toml": '[package]\nname = "demo"\n\n[dependencies]\npyo3 = { version = "0.29", features = ["abi3-py39"] }\n',
    "LICENSE": "",
}
SETUPTOOLS = {
    "pyproject.toml": project("setuptools").replace('"setuptools"\n', '"setuptools.build_meta"\n'),
    "setup.py": (
        "from setuptools import Extension, setup\n"
        'setup(ext_modules=[Extension("demo._speed", ["demo/_speed.c"], py_limited_api=True)],\n'
        '      options={"bdist_wheel": {"py_limited_api": "cp39"}})\n'
    ),
    "demo/__init__.py": "",
    "demo/_speed.c": "",
    "LICENSE": "",
}
CMAKE = {
    "pyproject.toml": project("scikit-build-core", more='\n[tool.scikit-build]\nwheel.py-api = "cp312"\n'),
    "CMakeLists.txt": (
        "project(${SKBUILD_PROJECT_NAME} LANGUAGES CXX)\n"
        "nanobind_add_module(_core STABLE_ABI src/core.cpp)\n"
        "install(TARGETS _core LIBRARY DESTINATION ${SKBUILD_PROJECT_NAME})\n"
    ),
    "src/demo/__init__.py": "",
    "LICENSE": "",
}


def overrides(value: object) -> PackageOverrides:
    return read_overrides({"demo": {"abi3": value}})[0]


def converted(
    texts: dict[str, str], *tags: str, index: bool = True, wanted: PackageOverrides = NO_OVERRIDES
) -> Conversion:
    return convert_texts(dict(texts), index=wheels(*tags) if index else None, overrides=wanted)


def is_used(conversion: Conversion) -> bool:
    return output_of(conversion).is_version_independent


def audit_of(conversion: Conversion) -> list[str]:
    return [
        line.command
        for test in output_of(conversion).tests
        if isinstance(test, CommandTest) and test.condition == STABLE_ABI
        for line in test.lines
    ]


def test_project_that_publishes_the_stable_abi_is_built_once() -> None:
    conversion = converted(RUST, "cp39-abi3")

    output = output_of(conversion)
    assert output.is_version_independent
    assert output.skip == (all_of(STABLE_ABI, LATER),)
    package = Requirement(spec=MatchSpec(conda_name=CondaName("python-abi3")), condition=STABLE_ABI)
    assert package in section_of(conversion, "host")


def test_modules_of_the_stable_abi_are_audited_where_maturin_installs_them() -> None:
    conversion = converted(RUST, "cp39-abi3")

    end = "-s -v --assume-minimum-abi3 ${{ python_min }}"
    assert audit_of(conversion) == [
        f"abi3audit $SP_DIR/demo/demo.abi3.so {end}",
        f"abi3audit %SP_DIR%/demo/demo.pyd {end}",
    ]


def test_stable_abi_is_tested_on_the_lowest_and_the_newest_python() -> None:
    conversion = converted(RUST, "cp39-abi3")

    (test,) = (test for test in output_of(conversion).tests if isinstance(test, PythonTest))
    assert test.python_versions == ("python_min", "*")


@pytest.mark.parametrize("texts", [RUST, SETUPTOOLS])
def test_recipe_of_the_stable_abi_reads_back_in_v1_and_renders_in_v0(texts: dict[str, str]) -> None:
    recipe = converted(texts, "cp39-abi3").recipe

    assert read_v1(render_v1(recipe, environment=template_environment())) == recipe
    text = render_v0(recipe, environment=template_environment())
    assert "  python_version_independent: true  # [is_abi3]\n" in text
    assert "  skip: true  # [is_abi3 and not is_python_min]\n" in text


def test_every_line_for_the_stable_abi_has_evidence() -> None:
    conversion = converted(RUST, "cp39-abi3")

    explained = {evidence.address for evidence in conversion.evidence}
    assert [leaf for leaf in leaves(conversion.recipe) if leaf not in explained] == []


def test_wheels_for_each_python_speak_against_the_setting() -> None:
    assert not is_used(converted(RUST, "cp310-cp310", "cp311-cp311"))


def test_setting_of_the_backend_is_enough_where_there_are_no_wheels() -> None:
    assert is_used(converted(RUST, index=False))


def test_feature_that_is_not_on_is_no_evidence() -> None:
    manifest = '[package]\nname = "demo"\n\n[features]\nstable = ["pyo3/abi3-py39"]\n\n[dependencies]\npyo3 = "0.29"\n'

    assert not is_used(converted(RUST | {"Cargo.toml": manifest}, index=False))
    assert is_used(converted(RUST | {"Cargo.toml": manifest.replace("stable =", "default =")}, index=False))


def test_feature_that_maturin_chooses_is_evidence() -> None:
    manifest = '[package]\nname = "demo"\n\n[features]\nstable = ["pyo3/abi3-py39"]\n'
    pyproject = RUST["pyproject.toml"] + '\n[tool.maturin]\nfeatures = ["stable"]\n'

    assert is_used(converted(RUST | {"Cargo.toml": manifest, "pyproject.toml": pyproject}, index=False))


@pytest.mark.parametrize("root", ["", "rust/"])
def test_feature_of_the_workspaces_table_is_evidence(root: str) -> None:
    workspace = '[workspace]\nmembers = ["py"]\n\n[workspace.dependencies]\npyo3 = { features = ["abi3"] }\n'
    crate = '[package]\nname = "demo"\n\n[dependencies]\npyo3 = { workspace = true }\n'
    setting = f'\n[tool.maturin]\nmanifest-path = "{root}py/Cargo.toml"\n'
    texts = {
        "pyproject.toml": RUST["pyproject.toml"] + setting,
        f"{root}Cargo.toml": workspace,
        f"{root}py/Cargo.toml": crate,
    }

    assert is_used(converted(texts, index=False))


def test_wheels_that_nothing_in_the_source_asks_for_are_told() -> None:
    texts = SETUPTOOLS | {"setup.py": 'setup(ext_modules=[Extension("demo._speed", ["demo/_speed.c"])])\n'}

    conversion = converted(texts, "cp39-abi3")

    assert not is_used(conversion)
    assert "abi3-unused" in slugs_of(conversion)


def test_code_of_setup_py_alone_does_not_prove_the_stable_abi() -> None:
    assert not is_used(converted(SETUPTOOLS, index=False))
    assert is_used(converted(SETUPTOOLS, "cp39-abi3"))


@pytest.mark.parametrize(("options", "expected"), [("STABLE_ABI ", True), ("", False)])
def test_name_of_the_wheel_alone_builds_nothing_for_the_stable_abi(options: str, *, expected: bool) -> None:
    texts = CMAKE | {
        "pyproject.toml": CMAKE["pyproject.toml"].replace(">=3.9", ">=3.12"),
        "CMakeLists.txt": CMAKE["CMakeLists.txt"].replace("STABLE_ABI ", options),
    }

    assert is_used(converted(texts, index=False)) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('os.getenv("DEMO_LIMITED_API", "0") == "1"', (("DEMO_LIMITED_API", "1"),)),
        ("os.environ.get('USE_ABI3') == 'yes'", (("USE_ABI3", "yes"),)),
        ('"x" in os.environ["DEMO_PY_LIMITED_API"]', (("DEMO_PY_LIMITED_API", "1"),)),
        ('os.getenv("DEMO_LIMITED_API", "1") == "1"', ()),
        ('os.getenv("DEMO_DEBUG") == "1"', ()),
    ],
)
def test_variable_that_setup_py_waits_for_is_set(
    condition: str, expected: tuple[tuple[str, str], ...]
) -> None:
    texts = SETUPTOOLS | {"setup.py": f"LIMITED = {condition}\n{SETUPTOOLS['setup.py']}"}

    conversion = converted(texts, "cp39-abi3")

    assert output_of(conversion).script.env == expected
    explained = {evidence.address for evidence in conversion.evidence}
    assert [leaf for leaf in leaves(conversion.recipe) if leaf not in explained] == []


def test_variable_is_not_set_where_the_stable_abi_is_not_used() -> None:
    setup = f'LIMITED = os.getenv("DEMO_LIMITED_API", "0") == "1"\n{SETUPTOOLS["setup.py"]}'

    conversion = converted(SETUPTOOLS | {"setup.py": setup}, "cp310-cp310")

    assert output_of(conversion).script.env == ()


@pytest.mark.parametrize(
    "environment", ['{ DEMO_LIMITED_API = "cp39", OTHER = "1" }', '"DEMO_LIMITED_API=cp39 OTHER=1"']
)
def test_variable_that_upstreams_wheels_are_built_with_is_set(environment: str) -> None:
    texts = SETUPTOOLS | {
        "setup.py": 'setup(ext_modules=[Extension("demo._speed", ["demo/_speed.c"])])\n',
        "pyproject.toml": f"{SETUPTOOLS['pyproject.toml']}\n[tool.cibuildwheel]\nenvironment = {environment}\n",
    }

    conversion = converted(texts, "cp39-abi3")

    assert is_used(conversion)
    assert output_of(conversion).script.env == (("DEMO_LIMITED_API", "cp39"),)


def test_setup_cfg_is_a_setting() -> None:
    assert is_used(
        converted(SETUPTOOLS | {"setup.cfg": "[bdist_wheel]\npy_limited_api = cp39\n"}, index=False)
    )


def test_modules_of_an_ext_package_are_audited_inside_of_it() -> None:
    setup = 'setup(ext_package="demo",\n  ext_modules=[Extension("_speed", ["s.c"], py_limited_api=True)])\n'

    conversion = converted(SETUPTOOLS | {"setup.py": setup}, "cp39-abi3")

    assert any("/demo/_speed.pyd" in command for command in audit_of(conversion))


def test_stable_abi_that_begins_above_the_lowest_python_is_left_out_with_its_reason() -> None:
    conversion = converted(CMAKE, "cp310-cp310", "cp311-cp311", "cp312-abi3")

    assert not is_used(conversion)
    (told,) = (d for d in conversion.diagnostics if d.slug == "abi3-unused")
    assert "python 3.12" in told.message


def test_user_who_wants_it_gets_one_build_for_the_python_with_which_it_begins() -> None:
    conversion = converted(CMAKE, "cp311-cp311", "cp312-abi3", wanted=overrides(True))

    output = output_of(conversion)
    assert output.skip == (
        python_in(Span(None, PyVersion((3, 12)))),
        all_of(STABLE_ABI, python_in(Span(PyVersion((3, 13)), None))),
    )
    assert conversion.recipe.python_min == "3.12"
    assert "override-contradicted" in slugs_of(conversion)


def test_stable_abi_of_a_project_with_a_higher_lowest_python_is_built_for_that_one() -> None:
    texts = CMAKE | {"pyproject.toml": CMAKE["pyproject.toml"].replace(">=3.9", ">=3.12")}

    conversion = converted(texts, "cp312-abi3")

    assert is_used(conversion)
    assert conversion.recipe.python_min == "3.12"
    assert all_of(STABLE_ABI, python_in(Span(PyVersion((3, 13)), None))) in output_of(conversion).skip
    assert all_of(STABLE_ABI, LATER) not in output_of(conversion).skip


def test_hook_without_a_python_leaves_it_to_the_one_that_builds() -> None:
    texts = {
        "pyproject.toml": project("hatchling", more="\n[tool.hatch.build.hooks.custom-rust]\nabi3 = true\n")
        .replace('requires = ["hatchling"]', 'requires = ["hatchling", "setuptools-rust"]')
        .replace('"hatchling"\n', '"hatchling.build"\n')
        + 'module = "demo"\n',
        "Cargo.toml": '[package]\nname = "demo_py"\n\n[lib]\nname = "demo"\n',
        "demo/__init__.py": "",
    }

    conversion = converted(texts, "cp311-abi3")

    assert is_used(conversion)
    assert conversion.recipe.python_min == ""
    assert any("/demo/demo.pyd" in command for command in audit_of(conversion))


def test_upper_bound_on_python_speaks_against_one_build_for_all_later_ones() -> None:
    texts = RUST | {"pyproject.toml": project("maturin", requires_python=">=3.9,<3.14")}

    assert not is_used(converted(texts, "cp39-abi3"))


@pytest.mark.parametrize(("marker", "expected"), [("< '3.11'", True), (">= '3.13'", False)])
def test_dependency_of_later_pythons_only_would_be_lost(marker: str, *, expected: bool) -> None:
    more = f'dependencies = ["other; python_version {marker}"]\n'

    texts = RUST | {"pyproject.toml": project("maturin", more=more)}

    assert is_used(converted(texts, "cp39-abi3")) is expected


def test_user_can_do_without() -> None:
    conversion = converted(RUST, "cp39-abi3", wanted=overrides(False))

    assert not is_used(conversion)
    assert output_of(conversion).skip == ()


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (RUST, True),
        ({"pyproject.toml": project("maturin"), "Cargo.toml": '[package]\nname = "demo"\n'}, False),
        ({"pyproject.toml": project("flit_core").replace('"flit_core"\n', '"flit_core.buildapi"\n')}, True),
    ],
)
def test_override_that_changes_nothing_is_told(texts: dict[str, str], *, wanted: bool) -> None:
    conversion = converted(texts, index=False, wanted=overrides(wanted))

    assert "override-unused" in slugs_of(conversion)


def test_stable_abi_that_only_the_user_knows_of_is_used_on_their_word() -> None:
    texts = RUST | {"Cargo.toml": '[package]\nname = "demo"\n'}

    conversion = converted(texts, "cp310-cp310", wanted=overrides(True))

    assert is_used(conversion)
    (why,) = (e for e in conversion.evidence if e.address == "demo/build/version_independent")
    assert why.certainty is Certainty.OVERRIDE


def test_module_of_one_system_is_audited_there_only() -> None:
    conversion = converted(SETUPTOOLS, "cp39-abi3-win_amd64", "py3-none-any", wanted=NO_OVERRIDES)

    commands = audit_of(conversion)
    assert commands == [] or all("%SP_DIR%" in command for command in commands)


def test_module_of_windows_and_linux_is_audited_on_both() -> None:
    index = ("cp39-abi3-win_amd64", "cp39-abi3-manylinux_2_17_x86_64", "py3-none-any")

    conversion = converted(SETUPTOOLS, *index)

    (test,) = (t for t in output_of(conversion).tests if isinstance(t, CommandTest))
    conditions = {line.condition for line in test.lines}
    assert conditions == {OsIn(frozenset({"win"})), OsIn(frozenset({"linux"}))}
    assert negate(OsIn(frozenset({"osx"}))) not in conditions


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CFLAGS", "-DPy_LIMITED_API=0x03090000"),
        ("PATH", "/abi3/bin"),
        ("LD_PRELOAD", "abi3.so"),
        ("PIP_CONFIG_FILE", "abi3"),
        ("PIP_ABI3", "1"),
        ("PYTHONABI3", "1"),
        ("LD_ABI3", "1"),
        ("BASH_ENV", "abi3"),
        ("DEMO_ABI3", "$(id)"),
        ("DEMO_ABI3", "a b"),
        ("DÉMO_ABI3", "1"),
    ],
)
def test_variable_that_is_not_for_a_source_to_set_is_told_and_left_out(name: str, value: str) -> None:
    wheels = (
        f"[tool.cibuildwheel.environment]\n{json.dumps(name, ensure_ascii=False)} = {json.dumps(value)}\n"
    )
    texts = RUST | {"pyproject.toml": f"{RUST['pyproject.toml']}\n{wheels}"}

    conversion = converted(texts, "cp39-abi3")

    assert is_used(conversion)
    assert output_of(conversion).script.env == ()
    (told,) = (d for d in conversion.diagnostics if d.slug == "abi3-variable")
    assert told.message.isascii()


def test_variable_of_other_programs_that_setup_py_waits_for_is_told_and_left_out() -> None:
    setup = f'LIMITED = os.getenv("PYTHON_LIMITED_API") == "1"\n{SETUPTOOLS["setup.py"]}'

    conversion = converted(SETUPTOOLS | {"setup.py": setup}, "cp39-abi3")

    assert output_of(conversion).script.env == ()
    assert "abi3-variable" in slugs_of(conversion)


def test_stable_abi_is_left_out_where_upstream_excludes_a_later_python() -> None:
    texts = RUST | {"pyproject.toml": RUST["pyproject.toml"].replace(">=3.9", ">=3.9,!=3.12.*")}

    conversion = converted(texts, "cp39-abi3")

    assert not is_used(conversion)
    (told,) = (d for d in conversion.diagnostics if d.slug == "abi3-unused")
    assert "excludes some later pythons" in told.message

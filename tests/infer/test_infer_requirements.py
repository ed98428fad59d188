"""Dependencies and build requirements -> run, host and build."""

import json

import pytest

from conda_bridge.errors import MetadataError
from conda_bridge.model.condition import ALWAYS, CROSS, OsIn, PyVersion, Span, all_of, os_in, python_in
from conda_bridge.model.recipe import MatchSpec, PythonMinSpec, Requirement
from support.converting import PYPROJECT, convert_texts, section_of, slugs_of, specs_of

MODULE = {"demo/__init__.py": ""}


def with_dependencies(*texts: str) -> dict[str, str | None]:
    return {"pyproject.toml": f"{PYPROJECT}dependencies = {json.dumps(texts)}\n", **MODULE}


def test_run_lists_python_first_and_then_upstreams_order() -> None:
    conversion = convert_texts(with_dependencies("zlib-ng>=1", "attrs"))
    assert specs_of(conversion, "run") == ["<python>", "zlib-ng >=1", "attrs"]


def test_names_are_mapped() -> None:
    conversion = convert_texts(with_dependencies("torch>=2"), names={"torch": "pytorch"})
    assert specs_of(conversion, "run") == ["<python>", "pytorch >=2"]


def test_marker_that_every_feasible_python_meets_disappears() -> None:
    conversion = convert_texts(with_dependencies("attrs; python_version >= '3.8'"))
    assert specs_of(conversion, "run") == ["<python>", "attrs"]
    assert "marker-widened" not in slugs_of(conversion)


def test_marker_that_no_feasible_python_meets_drops_the_requirement_with_a_finding() -> None:
    conversion = convert_texts(with_dependencies("dataclasses; python_version < '3.7'"))
    assert specs_of(conversion, "run") == ["<python>"]
    assert "requirement-never-applies" in slugs_of(conversion)


def test_backport_under_a_python_marker_is_required_everywhere_with_a_finding() -> None:
    conversion = convert_texts(with_dependencies("tomli>=2; python_version < '3.11'"))
    assert specs_of(conversion, "run") == ["<python>", "tomli >=2"]
    assert "marker-widened" in slugs_of(conversion)


def test_two_bounds_by_python_become_the_weaker_one() -> None:
    lines = ("jax>=0.4.10; python_version < '3.13'", "jax>=0.5; python_version >= '3.13'")
    conversion = convert_texts(with_dependencies(*lines))
    assert specs_of(conversion, "run") == ["<python>", "jax >=0.4.10"]
    assert "bounds-widened" in slugs_of(conversion)


def test_two_unconditional_bounds_hold_together() -> None:
    conversion = convert_texts(with_dependencies("attrs>=1", "attrs<3"))
    assert specs_of(conversion, "run") == ["<python>", "attrs >=1,<3"]


@pytest.mark.parametrize("lines", [["attrs>=1,<1"], ["attrs>=2", "attrs<1"]])
def test_bounds_that_contradict_each_other_are_told(lines: list[str]) -> None:
    conversion = convert_texts(with_dependencies(*lines))
    (found,) = (d for d in conversion.diagnostics if d.slug == "unsatisfiable-bounds")
    assert found.message.startswith("no version of attrs meets ")
    assert found.origin == "pyproject.toml#/project/dependencies/0"


def test_bounds_that_another_one_implies_are_not_repeated() -> None:
    conversion = convert_texts(with_dependencies("attrs>=1.9,<5", "attrs>=1.10,<4,!=1.11"))
    assert specs_of(conversion, "run") == ["<python>", "attrs >=1.10,<4,!=1.11"]


@pytest.mark.parametrize("again", ["attrs>=1.9,<5", "attrs>=1.9.0,<5.0", "attrs >=1.9, <5"])
def test_bounds_that_are_told_twice_stay(again: str) -> None:
    conversion = convert_texts(with_dependencies("attrs>=1.9,<5", again))
    (_, spec) = specs_of(conversion, "run")
    assert spec.replace(".0", "") == "attrs >=1.9,<5"


def test_windows_marker_on_a_package_that_exists_everywhere_stays_noarch() -> None:
    conversion = convert_texts(with_dependencies("colorama; sys_platform == 'win32'"))
    assert conversion.recipe.outputs[0].noarch == "python"
    assert specs_of(conversion, "run") == ["<python>", "colorama"]


def test_windows_marker_on_a_windows_package_makes_a_platform_build_with_a_condition() -> None:
    conversion = convert_texts(with_dependencies("pywin32>=300; sys_platform == 'win32'"))
    assert conversion.recipe.outputs[0].noarch is None
    assert "platform-dependency" in slugs_of(conversion)
    win = Requirement(
        spec=MatchSpec(conda_name="pywin32", version=">=300"),  # type: ignore[arg-type]
        condition=os_in({"win"}),
    )
    assert win in section_of(conversion, "run")


@pytest.mark.parametrize("name", ["ptyprocess", "jeepney", "pefile", "macholib"])
def test_noarch_package_that_works_on_one_system_only_binds_nobody(name: str) -> None:
    conversion = convert_texts(with_dependencies(name))
    assert conversion.recipe.outputs[0].noarch == "python"


def test_unconditional_windows_package_skips_the_other_platforms() -> None:
    conversion = convert_texts(with_dependencies("pywin32"))
    assert conversion.recipe.outputs[0].skip == (OsIn(frozenset({"linux", "osx"})),)


def test_backport_to_newer_pythons_makes_a_platform_build() -> None:
    conversion = convert_texts(with_dependencies("audioop-lts; python_version >= '3.13'"))
    assert conversion.recipe.outputs[0].noarch is None


def test_extra_is_expanded_where_its_requirements_are_known() -> None:
    texts = with_dependencies("uvicorn[standard]>=0.30")
    conversion = convert_texts(texts, extras={"uvicorn[standard]": ("httptools>=0.6.3", "watchfiles")})
    assert specs_of(conversion, "run") == ["<python>", "uvicorn >=0.30", "httptools >=0.6.3", "watchfiles"]


def test_unknown_platform_requirement_of_an_extra_is_left_out_with_a_finding() -> None:
    texts = with_dependencies("msal[broker]>=1.33")
    only_windows = ("pymsalruntime>=0.14; platform_system == 'Windows'",)
    conversion = convert_texts(
        texts, extras={"msal[broker]": only_windows}, unknown=frozenset({"pymsalruntime"})
    )
    assert specs_of(conversion, "run") == ["<python>", "msal >=1.33"]
    assert "extra-requirement-left-out" in slugs_of(conversion)


def test_extra_that_is_not_known_is_a_finding() -> None:
    conversion = convert_texts(with_dependencies("uvicorn[standard]>=0.30"))
    assert specs_of(conversion, "run") == ["<python>", "uvicorn >=0.30"]
    assert "extra-not-expanded" in slugs_of(conversion)


def test_url_dependency_is_refused() -> None:
    with pytest.raises(MetadataError) as caught:
        convert_texts(with_dependencies("attrs @ https://example.org/attrs.tar.gz"))
    assert caught.value.slug == "direct-reference"


def test_noarch_host_has_the_lowest_python_the_backend_and_pip() -> None:
    conversion = convert_texts(with_dependencies())
    assert section_of(conversion, "host")[0].spec == PythonMinSpec(is_exact=True)
    assert specs_of(conversion, "host")[1:] == ["hatchling >=1.27", "pip"]


def test_wheel_is_left_out_of_host_with_a_finding() -> None:
    text = PYPROJECT.replace('"hatchling>=1.27"', '"hatchling>=1.27", "wheel"')
    conversion = convert_texts({"pyproject.toml": text, **MODULE})
    assert specs_of(conversion, "host")[1:] == ["hatchling >=1.27", "pip"]
    assert "build-requirement-implied" in slugs_of(conversion)


def test_source_without_build_system_needs_setuptools() -> None:
    text = "from setuptools import setup\nsetup(name='demo', version='1.2.3', packages=['demo'])\n"
    conversion = convert_texts({"setup.py": text, **MODULE})
    assert specs_of(conversion, "host")[1:] == ["setuptools", "pip"]


def test_backend_that_nobody_lists_is_added() -> None:
    text = PYPROJECT.replace('requires = ["hatchling>=1.27"]', "requires = []")
    conversion = convert_texts({"pyproject.toml": text, **MODULE})
    assert "hatchling" in specs_of(conversion, "host")


def test_requirements_of_hatch_hooks_are_host_requirements() -> None:
    hook = "\n[tool.hatch.build.hooks.jupyter-builder]\ndependencies = ['hatch-jupyter-builder>=0.5']\n"
    conversion = convert_texts({"pyproject.toml": PYPROJECT + hook, **MODULE})
    assert "hatch-jupyter-builder >=0.5" in specs_of(conversion, "host")


def test_invalid_requirement_of_a_hook_is_refused() -> None:
    hook = "\n[tool.hatch.build.hooks.custom]\ndependencies = ['not a requirement !']\n"
    with pytest.raises(MetadataError) as caught:
        convert_texts({"pyproject.toml": PYPROJECT + hook, **MODULE})
    assert caught.value.slug == "invalid-requirement"


def test_build_requirement_under_a_python_marker_counts_for_the_lowest_python() -> None:
    requires = '"hatchling>=1.27", "tomli; python_version < \'3.11\'", "x; python_version >= \'3.12\'"'
    text = PYPROJECT.replace('"hatchling>=1.27"', requires)
    conversion = convert_texts({"pyproject.toml": text, **MODULE})
    assert specs_of(conversion, "host")[1:] == ["hatchling >=1.27", "tomli", "pip"]


def test_wrapped_program_goes_to_build() -> None:
    text = PYPROJECT.replace('"hatchling>=1.27"', '"hatchling>=1.27", "cmake>=3.18"')
    conversion = convert_texts({"pyproject.toml": text, **MODULE})
    assert specs_of(conversion, "build") == ["cmake"]
    assert "cmake" not in " ".join(specs_of(conversion, "host"))


def test_bounds_of_a_wrapped_program_are_left_out_with_a_finding() -> None:
    text = PYPROJECT.replace('"hatchling>=1.27"', '"hatchling>=1.27", "cmake>=3.18", "ninja"')
    conversion = convert_texts({"pyproject.toml": text, **MODULE})
    assert [d.origin for d in conversion.diagnostics if d.slug == "tool-bounds"] == [
        "pyproject.toml#/build-system/requires/1"
    ]


def test_build_section_leaves_out_what_no_python_of_the_recipe_needs() -> None:
    requires = (
        '"scikit-build-core", "cffi; implementation_name == \'pypy\'", "swig; python_version < \'3.7\'"'
    )
    text = PYPROJECT.replace('"hatchling>=1.27"', requires).replace("hatchling", "scikit_build_core")
    build = specs_of(convert_texts({"pyproject.toml": text, **MODULE}), "build")
    assert "cmake" in build
    assert not {"cffi", "swig"} & set(build)


def test_backend_that_builds_itself_is_no_requirement() -> None:
    text = PYPROJECT.replace('["hatchling>=1.27"]', '[]\nbackend-path = ["src"]').replace(
        'name = "demo"', 'name = "hatchling"'
    )
    conversion = convert_texts({"pyproject.toml": text, "src/hatchling/__init__.py": ""})
    assert specs_of(conversion, "host")[1:] == ["pip"]


def test_cross_build_keeps_the_conditions_of_host() -> None:
    requires = '"setuptools", "cffi>=2", "cffi>=2.1; python_version >= \'3.13\'"'
    text = PYPROJECT.replace('"hatchling>=1.27"', requires).replace(
        "hatchling.build", "setuptools.build_meta"
    )
    setup = (
        "from setuptools import Extension, setup\nsetup(ext_modules=[Extension('demo._x', ['demo/_x.c'])])\n"
    )
    conversion = convert_texts({"pyproject.toml": text, "setup.py": setup, "demo/_x.c": "", **MODULE})
    conditions = {
        r.spec.version: r.condition
        for r in section_of(conversion, "build")
        if isinstance(r.spec, MatchSpec) and r.spec.conda_name == "cffi"
    }
    since = python_in(Span(PyVersion.from_text("3.13"), None))
    assert conditions == {">=2": CROSS, ">=2.1": all_of(CROSS, since)}


def test_maturin_project_gets_compilers_licences_and_the_cross_stanza() -> None:
    text = PYPROJECT.replace("hatchling>=1.27", "maturin>=1,<2").replace("hatchling.build", "maturin")
    conversion = convert_texts({"pyproject.toml": text, "Cargo.toml": "[package]\nname='demo'\n", **MODULE})
    output = conversion.recipe.outputs[0]
    assert output.noarch is None
    assert specs_of(conversion, "build") == [
        "python", "<cross-python>", "maturin >=1,<2", "<compiler(c)>", "<compiler(rust)>", "<stdlib(c)>",
        "cargo-bundle-licenses",
    ]  # fmt: skip
    assert [r.condition for r in output.requirements.build[:3]] == [CROSS] * 3
    assert specs_of(conversion, "host") == ["python", "pip", "maturin >=1,<2"]
    assert output.script.lines[0].command.startswith("cargo-bundle-licenses")
    assert "THIRDPARTY.yml" in output.about.license_files


def test_numpy_in_host_of_a_platform_build_has_no_version() -> None:
    text = PYPROJECT.replace('"hatchling>=1.27"', '"setuptools", "numpy>=2", "cython"').replace(
        "hatchling.build", "setuptools.build_meta"
    )
    setup = "from setuptools import Extension, setup\nsetup(ext_modules=[Extension('demo._x', ['demo/_x.pyx'])])\n"
    conversion = convert_texts({"pyproject.toml": text, "setup.py": setup, "demo/_x.pyx": "", **MODULE})
    assert "numpy" in specs_of(conversion, "host")


def test_conditions_with_the_same_bounds_become_one() -> None:
    requires = (
        '"meson-python", "numpy==2.0; python_version < \'3.12\'", "numpy==2.1; python_version >= \'3.12\'", '
        "\"attrs>=1; python_version < '3.11'\", \"attrs>=1; python_version == '3.11'\", \"attrs>=2; python_version >= '3.12'\""
    )
    text = PYPROJECT.replace('"hatchling>=1.27"', requires).replace("hatchling.build", "mesonpy")
    host = section_of(
        convert_texts({"pyproject.toml": text, "meson.build": "project('demo', 'c')\n", **MODULE}), "host"
    )
    found = [
        (r.spec.version, r.condition)
        for r in host
        if isinstance(r.spec, MatchSpec) and r.spec.conda_name in {"numpy", "attrs"}
    ]
    py312 = PyVersion.from_text("3.12")
    assert found == [
        ("", ALWAYS),
        (">=1", python_in(Span(None, py312))),
        (">=2", python_in(Span(py312, None))),
    ]


def test_optional_dependencies_stay_out_with_a_finding() -> None:
    text = PYPROJECT + "\n[project.optional-dependencies]\ncli = ['click']\n"
    conversion = convert_texts({"pyproject.toml": text, **MODULE})
    assert specs_of(conversion, "run") == ["<python>"]
    assert "extras-left-out" in slugs_of(conversion)


def test_extra_that_the_conda_package_includes_is_no_finding() -> None:
    text = PYPROJECT.replace('"hatchling>=1.27"', '"setuptools", "setuptools-scm[toml]>=8"').replace(
        "hatchling.build", "setuptools.build_meta"
    )
    conversion = convert_texts({"pyproject.toml": text, **MODULE})
    assert "setuptools-scm >=8" in specs_of(conversion, "host")
    assert "extra-not-expanded" not in slugs_of(conversion)


def test_hook_that_must_be_switched_on_needs_nothing() -> None:
    hook = "\n[tool.hatch.build.hooks.mypyc]\nenable-by-default = false\ndependencies = ['hatch-mypyc']\n"
    conversion = convert_texts({"pyproject.toml": PYPROJECT + hook, **MODULE})
    assert specs_of(conversion, "host")[1:] == ["hatchling >=1.27", "pip"]


def test_cross_build_repeats_only_what_host_really_has() -> None:
    requires = 'scikit-build-core", "cython>=3", "cffi; implementation_name == \'pypy\''
    text = PYPROJECT.replace("hatchling>=1.27", requires).replace(
        "hatchling.build", "scikit_build_core.build"
    )
    conversion = convert_texts({"pyproject.toml": text, **MODULE})
    crossed = [r.spec for r in section_of(conversion, "build") if r.condition == CROSS]
    assert [str(spec) for spec in crossed if isinstance(spec, MatchSpec)] == ["python", "cython >=3"]

from dataclasses import astuple

import pytest

from conda_bridge.checks.audit_entries import Audit
from support.auditing import Names, audit_text, release, v1_recipe
from support.converting import PYPROJECT, convert_texts

RUN_LINE = 25
"""Of the first requirement behind python in `v1_recipe`."""


def told(audit: Audit) -> list[tuple[str, str, str, str]]:
    """(kind, package, recipe, upstream) of each entry in run."""
    return [astuple(entry)[0:1] + astuple(entry)[2:5] for entry in audit.entries if entry.section == "run"]


def slugs(audit: Audit) -> list[str]:
    return [diagnostic.slug for diagnostic in audit.diagnostics]


@pytest.mark.parametrize(
    ("upstream", "recipe", "expected"),
    [
        ("requests>=2", "requests >=2.0", []),
        ("requests>=2", "requests >=2,<3", [("tighter", "requests", "requests >=2,<3", "requests >=2")]),
        ("requests>=2", "requests", [("looser", "requests", "requests", "requests >=2")]),
        ("requests~=2.3", "requests >=2.3,<3", []),
        (
            "requests",
            "urllib3",
            [("missing", "requests", "", "requests"), ("extra", "urllib3", "urllib3", "")],
        ),
        ("typing-extensions", "typing_extensions", []),
        ("requests>=2", "requests >=2 py*", []),
    ],
)
def test_run_requirements_are_compared(
    upstream: str, recipe: str, expected: list[tuple[str, str, str, str]]
) -> None:
    assert told(audit_text(v1_recipe(recipe), release(upstream))) == expected


def test_equal_recipe_gives_nothing() -> None:
    audit = audit_text(v1_recipe("requests >=2"), release("requests>=2"))

    assert audit == Audit()


def test_finding_says_what_differs_where_and_who_says_so() -> None:
    audit = audit_text(v1_recipe("click", "requests >=1"), release("click", "requests>=2"))

    (found,) = audit.diagnostics
    assert (found.code, found.severity, found.origin, found.line) == (
        "W521", "warning", "demo/recipe.yaml", RUN_LINE + 1,
    )  # fmt: skip
    assert found.message == (
        "run has 'requests >=1', upstream needs 'requests >=2'; "
        "declared: pyproject.toml#/project/dependencies/1"
    )


def test_missing_requirement_points_at_its_section() -> None:
    audit = audit_text(v1_recipe(), release("requests>=2"))

    (found,) = audit.diagnostics
    assert (found.slug, found.line) == ("missing-dependency", RUN_LINE - 2)


def test_package_under_another_name_is_not_missing() -> None:
    names = Names({"matplotlib-base": "matplotlib", "matplotlib": "matplotlib"})
    upstream = release("matplotlib>=3", names={"matplotlib": "matplotlib-base"})

    audit = audit_text(v1_recipe("matplotlib >=3"), upstream, names=names)

    assert told(audit) == [("renamed", "matplotlib-base", "matplotlib >=3", "matplotlib-base >=3")]


def test_marker_of_pythons_that_the_recipe_does_not_support_asks_for_nothing() -> None:
    upstream = release("tomli; python_version < '3.11'")

    audit = audit_text(v1_recipe(python="python >=3.11"), upstream)

    assert told(audit) == [("tighter", "python", "python >=3.11", "python >=3.10")]


def test_marker_is_told_with_what_is_missing() -> None:
    audit = audit_text(v1_recipe(), release("tomli; python_version < '3.11'"))

    assert [(entry.kind, entry.condition) for entry in audit.entries] == [("missing", "python 3.10")]


def test_condition_of_the_recipe_is_understood() -> None:
    text = v1_recipe("tomli").replace("- tomli", "- if: match(python, '<3.11')\n      then: tomli")

    assert told(audit_text(text, release("tomli; python_version < '3.11'"))) == []
    assert [(e.kind, e.condition) for e in audit_text(text, release("tomli")).entries] == [
        ("missing", "python 3.11, 3.12, 3.13, 3.14")
    ]


def test_condition_that_cannot_be_told_counts_as_present() -> None:
    text = v1_recipe("tomli").replace("- tomli", "- if: os.environ.get('X')\n      then: tomli")

    assert told(audit_text(text, release("tomli"))) == []


def test_bounds_that_an_expression_decides_are_not_compared() -> None:
    text = v1_recipe("${{ pin_compatible('numpy') }}", "requests ${{ wanted }}")

    audit = audit_text(text, release("numpy>=2", "requests>=2"))

    assert audit.entries == ()
    assert slugs(audit) == ["not-compared", "not-compared"]
    assert [d.line for d in audit.diagnostics] == [RUN_LINE, RUN_LINE + 1]


def test_name_that_an_expression_forms_may_be_what_is_missing() -> None:
    assert told(audit_text(v1_recipe("${{ prefix }}-core"), release("requests"))) == []


def test_extra_package_says_which_extra_of_upstream_asks_for_it() -> None:
    upstream = release(extras='all = ["rich>=13"]')

    (found,) = audit_text(v1_recipe("rich >=13"), upstream).diagnostics

    assert found.slug == "extra-dependency"
    assert "only upstream's extra 'all' asks for it: pyproject.toml#/project/optional-dependencies/all/0" in (
        found.message
    )


UNSURE = Names(not_python=["ffmpeg", "make", "unheard-of", "python-unheard-of"])


def test_package_that_may_be_a_library_or_a_program_is_told_as_such() -> None:
    text = v1_recipe("ffmpeg", "__unix", "requests", host=("python", "hatchling >=1.27", "ffmpeg", "pip"))

    audit = audit_text(text, release("requests"), names=UNSURE)

    assert [(e.kind, e.section, e.is_certain) for e in audit.entries] == [
        ("extra", "host", False),
        ("extra", "run", False),
    ]
    assert {(d.code, d.severity) for d in audit.diagnostics} == {("I550", "info")}
    assert audit.diagnostics[1].message == (
        "run has 'ffmpeg', perhaps a library or a program; upstream's metadata doesn't mention it"
    )


UNHEARD_OF = release("unheard-of>=2", unknown=frozenset({"unheard-of"}))


def test_lack_of_a_package_that_no_table_knows_is_told_by_its_name_on_pypi() -> None:
    (found,) = audit_text(v1_recipe(), UNHEARD_OF, names=UNSURE).diagnostics

    assert (found.slug, found.severity) == ("missing-dependency", "warning")
    assert found.message == (
        "run lacks 'unheard-of >=2'; declared: pyproject.toml#/project/dependencies/0 "
        "(PyPI's 'unheard-of', whose name on conda no table knows)"
    )


def test_package_that_no_table_knows_is_compared_under_its_name() -> None:
    assert [kind for kind, *_ in told(audit_text(v1_recipe("unheard-of"), UNHEARD_OF))] == ["looser"]


@pytest.mark.parametrize(
    ("run", "stand_in", "others"),
    [
        (("ffmpeg",), "ffmpeg", ["unasked-package"]),
        (("ffmpeg", "python-unheard-of"), "python-unheard-of", ["unasked-package"]),
        (("unheard-of-core", "ffmpeg"), "unheard-of-core", ["unasked-package"]),
    ],
)
def test_package_that_no_table_knows_may_be_there_under_another_name(
    run: tuple[str, ...], stand_in: str, others: list[str]
) -> None:
    audit = audit_text(v1_recipe(*run), UNHEARD_OF, names=UNSURE)

    (entry,) = [entry for entry in audit.entries if entry.kind == "missing"]
    assert (entry.recipe, entry.is_certain) == (stand_in, False)
    (found,) = [d for d in audit.diagnostics if d.slug == "perhaps-missing-dependency"]
    assert (found.code, found.severity) == ("I551", "info")
    assert found.message.startswith(f"run lacks 'unheard-of >=2', unless {stand_in!r} is it; declared")
    assert [d.slug for d in audit.diagnostics if d != found] == others


def test_host_is_judged_mildly() -> None:
    text = v1_recipe(host=("python", "hatchling", "wheel", "pip"))

    audit = audit_text(text, release())

    assert [(e.kind, e.section, e.conda_name) for e in audit.entries] == [
        ("looser", "host", "hatchling"),
        ("unused", "host", "wheel"),
    ]
    assert {d.severity for d in audit.diagnostics} == {"info"}


def test_backend_that_host_lacks_is_told() -> None:
    audit = audit_text(v1_recipe(host=("python", "flit-core", "pip")), release())

    assert [(e.kind, e.conda_name) for e in audit.entries] == [
        ("missing", "hatchling"),
        ("unused", "flit-core"),
    ]
    assert [(d.code, d.severity) for d in audit.diagnostics] == [("W530", "warning"), ("I546", "info")]


def test_declared_requirement_that_recipes_leave_out_is_not_missing() -> None:
    pyproject = PYPROJECT.replace('requires = ["', 'requires = ["wheel", "')
    upstream = convert_texts({"pyproject.toml": pyproject, "demo/__init__.py": ""})

    audit = audit_text(v1_recipe(host=("python", "pip")), upstream)

    lacking = [entry.conda_name for entry in audit.entries if entry.kind == "missing"]
    assert lacking
    assert "wheel" not in lacking


def test_what_host_exports_is_not_missing_in_run() -> None:
    text = v1_recipe(host=("python", "hatchling >=1.27", "numpy", "pip"), build="script: x", python="python")

    assert "missing" not in [kind for kind, *_ in told(audit_text(text, release("numpy>=2")))]


def test_several_outputs_are_compared_together() -> None:
    text = v1_recipe("requests", "demo-core")
    text = text[: text.index("requirements:")] + (
        "outputs:\n"
        "  - package: {name: demo-core}\n"
        "    requirements:\n      host: [python, hatchling >=1.27]\n      run: [python, requests]\n"
        "  - package: {name: demo}\n"
        "    requirements:\n      run: [python, '${{ pin_subpackage(\"demo-core\") }}', demo-core]\n"
    )

    assert told(audit_text(text, release("requests"))) == []


V0 = """\
{% set version = "1.2.3" %}
package:
  name: demo
  version: {{ version }}
build:
  skip: true  # [py<311]
requirements:
  host:
    - python
    - hatchling >=1.27
  run:
    - python
    - requests 2.3
    - colorama  # [win]
    - tomli  # [os.environ.get("X")]
"""


def test_selectors_and_fuzzy_versions_of_v0_are_understood() -> None:
    upstream = release("requests==2.3.*", "colorama", "tomli>=1", python=">=3.11")

    audit = audit_text(V0, upstream, recipe_format="v0")

    assert [(e.kind, e.conda_name, e.condition, e.line) for e in audit.entries] == [
        ("missing", "colorama", "linux, osx", 14),
        ("looser", "tomli", "", 15),
    ]


def test_requirements_of_an_extra_are_told_together_and_mildly() -> None:
    upstream = convert_texts(
        {"pyproject.toml": PYPROJECT + 'dependencies = ["plopp[all]", "rich>=9"]', "demo/__init__.py": ""},
        extras={"plopp[all]": ("ipympl>=0.8", "anywidget", "rich>=13")},
    )

    audit = audit_text(v1_recipe("plopp", "rich >=9"), upstream)

    (found,) = [d for d in audit.diagnostics if d.slug != "license-file-absent"]
    assert (found.slug, found.severity) == ("missing-extra-dependency", "info")
    assert found.message.startswith(
        "run lacks what upstream asks for as plopp[all]: ipympl, anywidget; derived"
    )
    assert [entry.via for entry in audit.entries] == ["plopp[all]", "plopp[all]"]


def test_dependencies_that_upstream_computes_are_not_compared() -> None:
    computed = PYPROJECT + 'dynamic = ["dependencies"]\n'
    upstream = convert_texts({"pyproject.toml": computed, "demo/__init__.py": "", "LICENSE": ""})

    audit = audit_text(v1_recipe("requests"), upstream)

    assert "run" not in {entry.section for entry in audit.entries if entry.conda_name != "python"}
    (found,) = [d for d in audit.diagnostics if d.slug == "not-compared"]
    assert "upstream's dependencies can't be known: " in found.message


NATIVE = {
    "setup.py": "from setuptools import Extension, setup\n"
    "setup(name='demo', version='1.2.3', ext_modules=[Extension('demo._x', ['x.c'])])\n",
    "x.c": "#include <Python.h>\n",
    "demo/__init__.py": "",
    "LICENSE": "",
}


@pytest.mark.parametrize(
    ("section", "compiler", "expected"),
    [
        ("build", "${{ compiler('c') }}", []),
        ("build", "${{ compiler('cxx') }}", []),
        ("host", "${{ compiler('c') }}", []),
        ("build", "${{ compiler('m2w64_c') }}", []),
        ("build", "${{ compiler('clangxx') }}", []),
        ("build", "cross-python_${{ target_platform }}", ["compiler(c)"]),
        ("build", "cmake", ["compiler(c)"]),
        ("build", "${{ compiler('rust') }}", ["compiler(c)"]),
    ],
)
def test_compilers_are_compared(section: str, compiler: str, expected: list[str]) -> None:
    text = v1_recipe(host=("python", "setuptools", "pip"), build="script: x", python="python")
    text = (
        text.replace("requirements:\n", f"requirements:\n  build:\n    - cmake\n    - {compiler}\n")
        if (section == "build")
        else text.replace("  host:\n", f"  host:\n    - {compiler}\n")
    )

    audit = audit_text(text, convert_texts(NATIVE))

    lacking = [e.conda_name for e in audit.entries if (e.section, e.kind) == ("build", "missing")]
    assert lacking == expected
    assert [d.severity for d in audit.diagnostics if d.slug == "missing-compiler"] == ["warning"] * len(
        expected
    )


def test_bounds_that_depend_on_the_target_may_be_tighter() -> None:
    upstream = release("numpy>=1; python_version < '3.12'", "numpy>=2; python_version >= '3.12'")

    assert told(audit_text(v1_recipe("numpy >=2"), upstream)) == []
    assert [kind for kind, *_ in told(audit_text(v1_recipe("numpy"), upstream))] == ["looser"]


def test_platforms_are_named_where_systems_do_not_tell_them_apart() -> None:
    text = v1_recipe("numpy").replace("- numpy", "- if: x86_64\n      then: numpy")

    (entry,) = audit_text(text, release("numpy")).entries

    assert entry.condition == "linux-aarch64, linux-ppc64le, osx-arm64"

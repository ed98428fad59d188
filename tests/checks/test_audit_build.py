from dataclasses import replace

import pytest

from conda_bridge.checks.audit_entries import Audit
from conda_bridge.model.conversion import Conversion
from support.auditing import CONTEXT, Names, audit_text, release, v1_recipe
from support.converting import convert_texts

TOOLS = Names(not_python=["cmake", "ninja", "make", "git", "crossenv", "cargo-bundle-licenses"])
CALLS_PIP = "script: ${{ PYTHON }} -m pip install . -vv"
CROSS_ROWS = ("python", "cross-python_${{ target_platform }}", "nanobind")
PROGRAMS = ("${{ compiler('cxx') }}", "${{ stdlib('c') }}", "cmake", "ninja")


def native(
    backend: str = "scikit_build_core.build", requires: str = '"scikit-build-core", "nanobind"'
) -> Conversion:
    pyproject = (
        f'[build-system]\nrequires = [{requires}]\nbuild-backend = "{backend}"\n'
        '[project]\nname = "demo"\nversion = "1.2.3"\nrequires-python = ">=3.10"\nlicense = "MIT"\n'
    )
    return convert_texts({"pyproject.toml": pyproject, "LICENSE": "", "src/demo/__init__.py": ""})


def recipe(programs: tuple[str, ...] = PROGRAMS, rows: tuple[str, ...] = CROSS_ROWS) -> str:
    """Return a recipe with these entries in build, the rows where it is built on another platform."""
    text = v1_recipe(
        host=("python", "pip", "scikit-build-core", "nanobind"), build=CALLS_PIP, python="python"
    )
    entries = [f"    - {one}\n" for one in programs]
    entries += [f"    - if: build_platform != target_platform\n      then: {row}\n" for row in rows]
    return text.replace("requirements:\n", f"requirements:\n  build:\n{''.join(entries)}")


def of_build(audit: Audit) -> list[tuple[str, str, str]]:
    return [(e.kind, e.conda_name, e.condition) for e in audit.entries if e.section == "build"]


def without(entries: tuple[str, ...], left_out: str) -> tuple[str, ...]:
    return tuple(entry for entry in entries if entry != left_out)


def test_equal_build_section_gives_nothing() -> None:
    assert audit_text(recipe(), native(), names=TOOLS) == Audit()


@pytest.mark.parametrize("program", ["cmake", "ninja"])
def test_program_that_build_lacks_is_told_mildly(program: str) -> None:
    audit = audit_text(recipe(without(PROGRAMS, program)), native(), names=TOOLS)

    assert of_build(audit) == [("missing", program, "")]
    assert [(d.code, d.severity) for d in audit.diagnostics] == [("I544", "info")]


def test_compiler_that_build_lacks_is_a_warning() -> None:
    found = audit_text(recipe(PROGRAMS[1:]), native(), names=TOOLS).diagnostics

    assert {(one.code, one.severity) for one in found} == {("W531", "warning")}


def test_other_program_does_the_work() -> None:
    text = recipe((*PROGRAMS[:3], "make"))

    assert audit_text(text, native(), names=TOOLS) == Audit()


@pytest.mark.parametrize(
    ("row", "name"), [("nanobind", "nanobind"), ("python", "python"), (CROSS_ROWS[1], "cross-python")]
)
def test_row_that_cross_compiling_lacks_is_told_mildly(row: str, name: str) -> None:
    audit = audit_text(recipe(rows=without(CROSS_ROWS, row)), native(), names=TOOLS)

    assert of_build(audit) == [("missing", name, "cross-compiling")]
    assert [d.severity for d in audit.diagnostics] == ["info"]


def test_recipe_that_is_not_cross_compiled_needs_no_rows() -> None:
    assert audit_text(recipe(rows=()), native(), names=TOOLS) == Audit()


def test_package_in_host_is_no_row_of_cross_compiling() -> None:
    text = recipe(rows=CROSS_ROWS[:2])

    assert of_build(audit_text(text, native(), names=TOOLS)) == [("missing", "nanobind", "cross-compiling")]


def test_what_build_has_beside_is_perhaps_a_program() -> None:
    audit = audit_text(recipe((*PROGRAMS, "git", "crossenv", "cargo-bundle-licenses")), native(), names=TOOLS)

    assert of_build(audit) == [("extra", "git", "")]
    assert [d.code for d in audit.diagnostics] == ["I550"]


def test_compiler_of_another_language_is_told() -> None:
    audit = audit_text(recipe((*PROGRAMS, "${{ compiler('fortran') }}")), native(), names=TOOLS)

    assert of_build(audit) == [("extra", "compiler(fortran)", "")]


def test_compiler_of_c_comes_with_that_of_rust() -> None:
    text = recipe(("${{ compiler('rust') }}", "cargo-bundle-licenses"), rows=())
    text = text.replace("    - scikit-build-core\n    - nanobind\n", "    - maturin\n")

    (found,) = audit_text(text, native("maturin", '"maturin"'), names=TOOLS).diagnostics

    assert found.slug == "missing-build-requirement"
    assert "compiler('c')" in found.message


def test_recipe_that_is_built_once_needs_no_compilers() -> None:
    text = v1_recipe(host=("python ${{ python_min }}.*", "pip", "scikit-build-core", "nanobind"))

    assert of_build(audit_text(text, native(), names=TOOLS)) == []


# ---------------------------------------------------------------- python and pip


@pytest.mark.parametrize(
    ("host", "build", "expected"),
    [
        (("python", "hatchling >=1.27", "pip"), CALLS_PIP, []),
        (("hatchling >=1.27", "pip"), CALLS_PIP, ["python"]),
        (("python", "hatchling >=1.27"), CALLS_PIP, ["pip"]),
        (("python", "hatchling >=1.27"), "script: [cmake ., pip3 wheel --no-deps .]", ["pip"]),
        (("python", "hatchling >=1.27"), "script: {content: [pip install .]}", ["pip"]),
        (("python", "hatchling >=1.27"), "script: uv pip install .", []),
        (("python", "hatchling >=1.27"), "script: python -m build", []),
        (("hatchling >=1.27",), "script: cargo install demo", []),
        (("${{ interpreter }}", "hatchling >=1.27"), CALLS_PIP, []),
    ],
)
def test_what_the_build_script_calls_is_in_host(
    host: tuple[str, ...], build: str, expected: list[str]
) -> None:
    audit = audit_text(v1_recipe(host=host, build=build, python="python"), release())

    found = [d for d in audit.diagnostics if d.slug == "host-without-interpreter"]
    assert [(e.conda_name, e.section) for e in audit.entries if e.kind == "missing"] == [
        (name, "host") for name in expected
    ]
    assert [(d.code, d.severity) for d in found] == [("W532", "warning")] * len(expected)


def test_script_of_a_noarch_recipe_calls_pip() -> None:
    host = ("python ${{ python_min }}.*", "hatchling >=1.27")

    (found,) = audit_text(v1_recipe(host=host, build=f"noarch: python\n  {CALLS_PIP}"), release()).diagnostics

    assert found.message == "host lacks 'pip'; the build script says 'pip install'"


@pytest.mark.parametrize(
    ("file", "expected"),
    [("build.sh", ["pip"]), ("run_test.sh", []), ("tests/build.sh", []), ("notes.txt", [])],
)
def test_script_may_be_a_file(file: str, expected: list[str]) -> None:
    ctx = replace(CONTEXT, files=((file, "#!/bin/sh\npip install .\n"),))
    text = v1_recipe(host=("python", "hatchling >=1.27"), build="number: 0", python="python")

    audit = audit_text(text.replace("  number: 0\n", "", 1), release(), ctx=ctx)

    assert [entry.conda_name for entry in audit.entries if entry.kind == "missing"] == expected


def test_packages_of_a_recipe_without_host_are_in_build() -> None:
    text = v1_recipe(host=("python", "hatchling >=1.27", "pip"), build=CALLS_PIP, python="python")

    audit = audit_text(text.replace("  host:\n", "  build:\n"), release())

    assert "host-without-interpreter" not in {d.slug for d in audit.diagnostics}

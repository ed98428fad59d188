import csv
import json
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.version import Version

from conda_bridge.errors import TranslationError
from conda_bridge.model.condition import (
    ALWAYS,
    CROSS,
    NEVER,
    Condition,
    PyVersion,
    Span,
    Target,
    all_of,
    any_of,
    arch_is,
    evaluate,
    negate,
    os_in,
    python_in,
    variant_is,
)
from conda_bridge.translate.marker_syntax import _read_group
from conda_bridge.translate.markers import from_condition, to_condition

LINUX, OSX, WIN, UNIX = os_in({"linux"}), os_in({"osx"}), os_in({"win"}), os_in({"linux", "osx"})


def condition(marker: str, *extras: str) -> Condition:
    return to_condition(Marker(marker), extras=frozenset(extras)).value


def slugs(marker: str, *extras: str) -> list[str]:
    return [d.slug for d in to_condition(Marker(marker), extras=frozenset(extras)).diagnostics]


def python(lower: str = "", upper: str = "") -> Condition:
    return python_in(Span(*(PyVersion.from_text(end) if end else None for end in (lower, upper))))


# ---------------------------------------------------------------- python


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ('python_version <= "3.8"', python("", "3.9")),
        ('python_version > "3.8"', python("3.9")),
        ('python_version == "3.8"', python("3.8", "3.9")),
        ('python_version === "3.8"', python("3.8", "3.9")),
        ('python_version != "3.8"', any_of(python("", "3.8"), python("3.9"))),
        ('python_version < "3.11"', python("", "3.11")),
        ('python_version >= "3.10"', python("3.10")),
        ('python_version ~= "3.8"', python("3.8", "4")),
        ('python_version == "3.*"', python("3", "4")),
        ('python_version > "3.8.1"', python("3.9")),
        ('python_version < "3.8.1"', python("", "3.9")),
        ('python_version < "3.11rc1"', python("", "3.11")),
        ('python_version >= "3"', python("3")),
        ('python_version == "3"', python("3.0", "3.1")),
    ],
)
def test_python_version_has_no_patch_level(marker: str, expected: Condition) -> None:
    assert condition(marker) == expected


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ('python_full_version < "3.11.3"', python("", "3.11.3")),
        ('python_full_version <= "3.11.3"', python("", "3.11.4")),
        ('python_full_version == "3.8.*"', python("3.8", "3.9")),
        ('python_full_version ~= "3.8.2"', python("3.8.2", "3.9")),
        ('python_full_version > "3.8"', python("3.8.1")),
        ('python_full_version < "3.8.1.2"', python("", "3.8.2")),
    ],
)
def test_python_full_version_compares_every_component(marker: str, expected: Condition) -> None:
    assert condition(marker) == expected


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ('"3.9" <= python_version', python("3.9")),
        ('"3.9" < python_version', python("3.10")),
        ('"3.9" > python_version', python("", "3.9")),
        ('"3.9" == python_version', python("3.9", "3.10")),
        ('"3.9" != python_version', negate(python("3.9", "3.10"))),
        ('"3.9.2" >= python_full_version', python("", "3.9.3")),
        ('"win32" == sys_platform', WIN),
        ('"win" in sys_platform', any_of(WIN, OSX)),
        ('"3.9" in python_version', python("3.9", "3.10")),
    ],
)
def test_reversed_operands_are_turned_around(marker: str, expected: Condition) -> None:
    assert condition(marker) == expected


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ('python_version in "3.10, 3.11"', python("3.10", "3.12")),
        ('python_version in "2.7 3.6"', any_of(python("2.7", "2.8"), python("3.6", "3.7"))),
        ('python_version not in "3.9, 3.10"', any_of(python("", "3.9"), python("3.11"))),
        ('python_version in "3.8.1"', python("3.8", "3.9")),
        ('python_full_version in "3.8.1, 3.9.0"', any_of(python("3.8.1", "3.8.2"), python("3.9", "3.9.1"))),
        ('python_version in "none"', NEVER),
    ],
)
def test_a_list_of_versions_is_read_version_by_version(marker: str, expected: Condition) -> None:
    assert condition(marker) == expected


# ---------------------------------------------------------------- system and machine


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ('sys_platform == "win32"', WIN),
        ('os_name == "nt"', WIN),
        ('os_name == "posix"', UNIX),
        ('os.name == "posix"', UNIX),
        ('platform_system == "Windows"', WIN),
        ('platform_system == "Darwin"', OSX),
        ('platform_system != "Linux"', any_of(OSX, WIN)),
        ('sys_platform != "win32"', UNIX),
        ('sys_platform != "darwin"', any_of(LINUX, WIN)),
        ('sys_platform == "linux2"', NEVER),
        ('sys_platform in "linux2 darwin"', UNIX),
        ('sys_platform not in "win32, cygwin"', UNIX),
        ('sys_platform == "emscripten"', NEVER),
        ('sys_platform != "emscripten"', ALWAYS),
        ('os_name == "java"', NEVER),
    ],
)
def test_a_marker_on_the_system_names_condas_systems(marker: str, expected: Condition) -> None:
    assert condition(marker) == expected
    assert slugs(marker) == []


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ('platform_machine == "aarch64"', arch_is("aarch64")),
        ('platform_machine != "aarch64"', arch_is("aarch64", negated=True)),
        ('platform_machine == "x86_64"', all_of(UNIX, arch_is("x86_64"))),
        ('platform_machine == "AMD64"', all_of(WIN, arch_is("x86_64"))),
        ('platform_machine == "x86_64" or platform_machine == "AMD64"', arch_is("x86_64")),
        ('platform_machine == "arm64"', all_of(OSX, arch_is("arm64"))),
        ('platform_machine == "ARM64"', all_of(WIN, arch_is("arm64"))),
        ('platform_machine in "ARM64 arm64"', arch_is("arm64")),
        ('platform_machine == "i686"', all_of(LINUX, arch_is("x86"))),
        ('platform_machine == "sparc"', NEVER),
        ('platform_machine != "sparc"', ALWAYS),
        ('sys_platform == "darwin" and platform_machine == "arm64"', all_of(OSX, arch_is("arm64"))),
        ('"armv" in platform_machine', any_of(arch_is("armv6l"), arch_is("armv7l"))),
    ],
)
def test_a_marker_on_the_machine_knows_each_systems_spelling(marker: str, expected: Condition) -> None:
    assert condition(marker) == expected


# ---------------------------------------------------------------- structure


def test_and_binds_closer_than_or() -> None:
    marker = 'sys_platform == "win32" or sys_platform == "darwin" and python_version >= "3.12"'
    assert condition(marker) == any_of(WIN, all_of(OSX, python("3.12")))


def test_parentheses_are_obeyed() -> None:
    marker = '(sys_platform == "win32" or sys_platform == "linux") and python_version >= "3.12"'
    assert condition(marker) == all_of(any_of(WIN, LINUX), python("3.12"))


def test_quotes_and_words_within_text_are_no_syntax() -> None:
    assert condition("""sys_platform == 'a" or ("b' or os_name == "not in and)" """) == NEVER


def test_parentheses_beyond_any_real_marker_are_refused() -> None:
    marker = 'os_name == "nt"'
    for level in range(60):
        marker = f'(os_name == "{level}" {"and" if level % 2 else "or"} {marker})'
    with pytest.raises(TranslationError) as caught:
        condition(marker)
    assert caught.value.slug == "complex-marker"


@pytest.mark.parametrize("tokens", [["os_name"], ["os_name", "=="], ["(", '"nt"', "=="]])
def test_text_that_ends_within_a_comparison_is_refused(tokens: list[str]) -> None:
    with pytest.raises(TranslationError) as caught:
        _read_group(iter(tokens), depth=0)
    assert caught.value.slug == "complex-marker"


# ---------------------------------------------------------------- extras


@pytest.mark.parametrize(
    ("marker", "extras", "expected"),
    [
        ('extra == "test"', (), NEVER),
        ('extra == "test"', ("test",), ALWAYS),
        ('extra == "Test_All"', ("test-all",), ALWAYS),
        ('"test" == extra', ("test",), ALWAYS),
        ('extra != "test"', (), ALWAYS),
        ('extra != "test"', ("test", "docs"), NEVER),
        ('extra == "test" and sys_platform == "win32"', ("test",), WIN),
        ('"test" in extras', ("test",), ALWAYS),
        ('"test" not in extras', (), ALWAYS),
        ('"test" in dependency_groups', ("test",), NEVER),
        ('"test" not in dependency_groups', (), ALWAYS),
    ],
)
def test_an_extra_is_asked_for_or_not(marker: str, extras: tuple[str, ...], expected: Condition) -> None:
    assert condition(marker, *extras) == expected
    assert slugs(marker, *extras) == []


# ---------------------------------------------------------------- what is decided or unknown


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ('implementation_name == "cpython"', ALWAYS),
        ('implementation_name == "pypy"', NEVER),
        ('platform_python_implementation != "PyPy"', ALWAYS),
        ('python_implementation == "CPython"', ALWAYS),
        ('platform_python_implementation in "Jython, IronPython"', NEVER),
        ('implementation_version < "3.8"', python("", "3.8")),
    ],
)
def test_the_implementation_is_cpython_and_that_is_a_finding(marker: str, expected: Condition) -> None:
    assert condition(marker) == expected
    assert slugs(marker) == ["implementation-marker"]


@pytest.mark.parametrize(
    "marker",
    [
        'platform_release >= "20"',
        'platform_version == "1"',
        "os_name == sys_platform",
        '"nt" == "nt"',
        'sys_platform >= "linux"',
        'sys_platform ~= "linux"',
        'platform_machine < "x"',
        'implementation_name > "a"',
        'python_version == "3.x"',
        'python_version >= "3.8.*"',
        'python_version ~= "3"',
        '"3.*" == python_version',
        '"3.8" in python_full_version',
        f'python_version >= "{"1" * 5000}"',
        'extra in "test docs"',
        '"test" == extras',
    ],
)
def test_what_a_package_cannot_know_is_taken_as_true_with_a_finding(marker: str) -> None:
    assert condition(marker) == ALWAYS
    assert slugs(marker) == ["unknown-marker"]


def test_an_unknown_comparison_never_loses_a_dependency() -> None:
    assert condition('sys_platform == "linux" and platform_release >= "5"') == LINUX
    assert condition('sys_platform == "linux" or platform_release >= "5"') == ALWAYS


def test_the_finding_names_the_comparison() -> None:
    diagnostics = to_condition(Marker('os_name == "nt" and platform_release >= "5"')).diagnostics
    assert 'platform_release >= "5"' in diagnostics[0].message


def test_a_comparison_that_stands_twice_is_one_finding() -> None:
    assert slugs('platform_release == "5" or platform_release == "5"') == ["unknown-marker"]


def test_findings_about_a_requirement_of_an_extra_come_only_with_the_extra() -> None:
    marker = 'extra == "test" and implementation_name == "cpython" and platform_release >= "5"'
    assert slugs(marker) == []
    assert slugs(marker, "test") == ["implementation-marker", "unknown-marker"]


# ---------------------------------------------------------------- condition -> marker


@pytest.mark.parametrize(
    ("condition", "marker"),
    [
        (WIN, 'sys_platform == "win32"'),
        (UNIX, 'sys_platform != "win32"'),
        (any_of(LINUX, WIN), 'sys_platform != "darwin"'),
        (python("3.9"), 'python_version >= "3.9"'),
        (python("", "3.9.2"), 'python_full_version < "3.9.2"'),
        (python("3.9", "3.12"), 'python_version >= "3.9" and python_version < "3.12"'),
        (python("3.9", "3.10"), 'python_version == "3.9"'),
        (python("3.9", "3.9.1"), 'python_full_version == "3.9.0"'),
        (python("3.9.4", "3.9.5"), 'python_full_version == "3.9.4"'),
        (python("3", "4"), 'python_version >= "3.0" and python_version < "4.0"'),
        (negate(python("3.9", "3.10")), 'python_version != "3.9"'),
        (
            all_of(python("3.8"), negate(python("3.9", "3.10")), negate(python("3.10.4", "3.10.5"))),
            'python_version >= "3.8" and python_version != "3.9" and python_full_version != "3.10.4"',
        ),
        (
            any_of(python("3.8", "3.9"), python("3.11", "3.13")),
            'python_version == "3.8" or (python_version >= "3.11" and python_version < "3.13")',
        ),
        (python("3.8.1.2", "3.8.2"), 'python_full_version >= "3.8.1.2" and python_full_version < "3.8.2"'),
        (arch_is("aarch64"), 'platform_machine == "aarch64"'),
        (arch_is("x86_64"), 'platform_machine == "x86_64" or platform_machine == "AMD64"'),
        (negate(arch_is("arm64")), 'platform_machine != "arm64" and platform_machine != "ARM64"'),
        (all_of(OSX, arch_is("arm64")), 'sys_platform == "darwin" and platform_machine == "arm64"'),
        (all_of(WIN, arch_is("x86_64")), 'sys_platform == "win32" and platform_machine == "AMD64"'),
        (all_of(WIN, arch_is("aarch64")), 'sys_platform == "win32" and platform_machine == "aarch64"'),
        (all_of(LINUX, python("", "3.11")), 'sys_platform == "linux" and python_version < "3.11"'),
        (
            any_of(WIN, all_of(OSX, python("3.12"))),
            'sys_platform == "win32" or (sys_platform == "darwin" and python_version >= "3.12")',
        ),
        (
            all_of(any_of(WIN, python("3.12")), arch_is("aarch64")),
            'platform_machine == "aarch64" and (sys_platform == "win32" or python_version >= "3.12")',
        ),
    ],
)
def test_a_condition_is_written_as_people_write_markers(condition: Condition, marker: str) -> None:
    assert str(from_condition(condition)) == marker


def test_a_condition_that_always_holds_needs_no_marker() -> None:
    assert from_condition(ALWAYS) is None


@pytest.mark.parametrize(
    "condition", [NEVER, CROSS, variant_is("cuda", "12"), all_of(LINUX, CROSS), arch_is("wasm32")]
)
def test_a_condition_that_markers_cannot_say_is_refused(condition: Condition) -> None:
    with pytest.raises(TranslationError) as caught:
        from_condition(condition)
    assert caught.value.slug == "inexpressible-condition"


# ---------------------------------------------------------------- the grid


def test_every_case_of_the_grid_holds_as_packaging_says(bench_dir: Path) -> None:
    """Pre-releases of python (3.12.0rc1) are looked up as their release, and agree nevertheless."""
    with (bench_dir / "markers.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    conditions = {text: condition(text) for text in {row["marker"] for row in rows}}
    wrong = []
    for row in rows:
        environment = json.loads(row["environment"])
        release = Version(environment["python"]).release
        target = Target(platform=environment["platform"], python=PyVersion(release))
        if evaluate(conditions[row["marker"]], target) != (row["holds"] == "1"):
            wrong.append((row["marker"], row["environment"]))
    assert len(rows) == 1035
    assert wrong == []

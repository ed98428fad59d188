"""For every system and python exactly one package of a wheel fits, and it depends on what the markers say there."""

from itertools import groupby, product

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from conda_bridge.infer.project.statements import RequirementLine, Statement
from conda_bridge.model.condition import PythonIn, Span
from conda_bridge.model.names import NameTable, PypiName
from conda_bridge.repack.to_conda.conditional import read_conditional_sets
from conda_bridge.repack.to_conda.pure_wheels import AdmittedPythons
from conda_bridge.repack.to_conda.wheel_cases import MAX_CASES, PackageCase, PackageCases, package_cases
from conda_bridge.translate.match_specs import from_conda_spec
from conda_bridge.translate.versions import python_condition
from support.cost import SECONDS, least_cpu_s
from support.effort import examples

SYSTEMS = {
    "linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "osx": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    "win": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
}
CPYTHON = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
VIRTUAL = {
    "linux": {"__unix", "__linux"},
    "osx": {"__unix", "__osx"},
    "win": {"__win"},
}
PYTHONS = (
    "2.7.18", "3.0.1", "3.5.4", "3.6.15", "3.7.0", "3.8.0", "3.8.1", "3.9.0", "3.9.1", "3.9.7", "3.9.8", "3.10.0",
    "3.10.1", "3.11.0", "3.11.1", "3.11.3", "3.11.4", "3.12.0", "3.12.1", "3.13.0", "3.27.0", "4.0.0", "4.0.1", "4.1.0",
)  # fmt: skip
"""One on each side of every place where a marker or Requires-Python below can change its mind."""

versions = st.sampled_from(["3.8", "3.9", "3.9.7", "3.10", "3.11", "3.11.3", "3.12", "4.0"])
comparisons = st.one_of(
    st.builds(
        '{} {} "{}"'.format,
        st.sampled_from(["python_version", "python_full_version"]),
        st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        versions,
    ),
    st.builds(
        '{} {} "{}"'.format,
        st.just("sys_platform"),
        st.sampled_from(["==", "!="]),
        st.sampled_from(["linux", "darwin", "win32", "emscripten"]),
    ),
    st.builds('os_name {} "{}"'.format, st.sampled_from(["==", "!="]), st.sampled_from(["posix", "nt"])),
    st.sampled_from(['platform_python_implementation == "PyPy"', 'implementation_name == "cpython"']),
)
markers = st.recursive(
    comparisons,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=4,
)
bounds = st.sampled_from(["", ">=1", ">=2,<3", "!=1.5"])
lines = st.lists(
    st.one_of(
        st.builds("{}{}; {}".format, st.sampled_from("abc"), bounds, markers),
        st.builds("{}{}".format, st.sampled_from("abc"), bounds),
    ),
    max_size=4,
)
requires = st.sampled_from(
    ["", ">=3.8", ">=3.9,<4", ">=2.7,!=3.0.*,!=3.6.*", ">=3.8,!=3.9.*,!=3.11.3", ">3.8.0,<=3.12", "<3.12"]
)


def domain_of(requires_python: str) -> AdmittedPythons:
    condition = python_condition(SpecifierSet(requires_python))
    spans = condition.spans if isinstance(condition, PythonIn) else (Span(),)
    return AdmittedPythons(spans=spans, spec="")


def packages_of(texts: list[str], requires_python: str, *, is_widened: bool = False) -> PackageCases:
    statement = Statement(
        file="METADATA",
        dependencies=tuple(
            RequirementLine(text=text, origin=f"METADATA#/Requires-Dist/{index}")
            for index, text in enumerate(texts)
        ),
    )
    sets = read_conditional_sets(statement, own_name=PypiName("demo"))
    return package_cases(sets, domain_of(requires_python), NameTable(), is_widened=is_widened)


def fits(case: PackageCase, system: str, python: str) -> bool:
    virtual = {spec for spec in case.depends if spec.startswith("__")}
    pin = SpecifierSet(case.depends[0].partition(" ")[2])
    return virtual <= VIRTUAL[system] and pin.contains(python, prereleases=True)


def holds(text: str, system: str, python: str) -> bool:
    marker = text.partition("; ")[2]
    told = {"python_full_version": python, "python_version": python.rpartition(".")[0]}
    return not marker or Marker(marker).evaluate({**SYSTEMS[system], **told, **CPYTHON, "extra": ""})


def wanted(texts: list[str], system: str, python: str) -> set[tuple[str, SpecifierSet]]:
    """Return names and bounds; a bare name says nothing beside a bound."""
    needed = (text.partition("; ")[0] for text in texts if holds(text, system, python))
    specs = {(one[0], SpecifierSet(one[1:])) for one in needed}
    bound = {name for name, specifiers in specs if specifiers}
    return {(name, specifiers) for name, specifiers in specs if specifiers or name not in bound}


def said(case: PackageCase) -> set[tuple[str, SpecifierSet]]:
    found = (spec.partition(" ") for spec in case.depends[1:] if not spec.startswith("__"))
    return {(name, from_conda_spec(text).value) for name, _, text in found}


def check_cases(texts: list[str], requires_python: str) -> None:
    found = packages_of(texts, requires_python)
    assert 1 <= len(found.cases) <= MAX_CASES
    if any(one.slug == "too-many-cases" for one in found.diagnostics):
        assert runs(texts, requires_python) > MAX_CASES
        check_one_for_all(found, texts, requires_python)
        return
    for system, python in product(SYSTEMS, PYTHONS):
        fitting = [case for case in found.cases if fits(case, system, python)]
        if not SpecifierSet(requires_python).contains(python):
            assert not fitting
        else:
            assert len(fitting) == 1
            assert said(fitting[0]) == wanted(texts, system, python)


def check_one_for_all(found: PackageCases, texts: list[str], requires_python: str) -> None:
    (case,) = found.cases
    names = {spec.partition(" ")[0] for spec in case.depends}
    for system, python in product(SYSTEMS, PYTHONS):
        if SpecifierSet(requires_python).contains(python):
            assert {name for name, _ in wanted(texts, system, python)} <= names
            assert fits(case, system, python)


def runs(texts: list[str], requires_python: str) -> int:
    """Return how many packages it takes if only neighbours among the pythons share one."""
    return sum(
        len(list(groupby(wanted(texts, system, python) for python in admitted)))
        for admitted in [[one for one in PYTHONS if SpecifierSet(requires_python).contains(one)]]
        for system in SYSTEMS
    )


@settings(deadline=None, max_examples=examples(150))
@given(lines, requires)
@example(
    [
        'a>=1; sys_platform == "linux"',
        'b>=2,<3; python_version == "3.9"',
        'a; python_version < "3.8" or python_full_version > "3.8"',
    ],
    "",
)
@example([f'{name}; python_full_version == "3.9.{patch}"' for patch, name in enumerate("abcdefghijklmn")], "")
def test_exactly_one_case_fits_and_says_what_the_markers_say(texts: list[str], requires_python: str) -> None:
    check_cases(texts, requires_python)


@settings(deadline=None, max_examples=examples(50))
@given(lines, requires)
def test_exactly_one_case_fits_a_python_that_is_not_final(texts: list[str], requires_python: str) -> None:
    # What holds for one release alone says nothing of the candidates that lead to it.
    assume(not any("python_full_version" in text for text in texts))
    cases = packages_of(texts, requires_python).cases
    said = SpecifierSet(requires_python)
    for system, minor in product(
        SYSTEMS, ("2.7", "3.0", "3.8", "3.9", "3.10", "3.11", "3.12", "3.27", "4.0")
    ):
        python = f"{minor}.0rc1"
        is_admitted = said.contains(python, prereleases=True)
        assert sum(fits(case, system, python) for case in cases) == is_admitted


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(3000))
@given(lines, requires)
def test_many_markers_make_cases_that_say_the_same(texts: list[str], requires_python: str) -> None:
    check_cases(texts, requires_python)


@settings(deadline=None, max_examples=examples(100))
@given(lines, requires)
def test_one_package_for_all_loses_no_dependency(texts: list[str], requires_python: str) -> None:
    found = packages_of(texts, requires_python, is_widened=True)
    check_one_for_all(found, texts, requires_python)


def test_pythons_apart_that_need_the_same_share_a_package() -> None:
    cases = packages_of(['a; python_version == "3.9" or python_version >= "3.12"', "b"], ">=3.8").cases
    assert [case.depends for case in cases] == [
        ("python >=3.8,<3.12a0,!=3.9.*", "b"),
        ("python >=3.9a0,!=3.10.*,!=3.11.*", "a", "b"),
    ]


def test_hundreds_of_markers_are_worked_out_at_once() -> None:
    texts = [f'a; python_full_version == "3.{2 * minor}.1"' for minor in range(400)]
    assert least_cpu_s(lambda: packages_of(texts, ""), enough_s=SECONDS) < SECONDS

"""Markers hold where `packaging` says so, and conditions survive the way to markers and back."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker

from conda_bridge.model.condition import (
    NEVER,
    OPERATING_SYSTEMS,
    Condition,
    PyVersion,
    Span,
    Target,
    all_of,
    any_of,
    arch_is,
    evaluate,
    os_in,
    python_in,
)
from conda_bridge.translate.markers import from_condition, to_condition
from support.effort import examples

ENVIRONMENTS = {
    "linux-64": {
        "sys_platform": "linux",
        "os_name": "posix",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
    },
    "linux-aarch64": {
        "sys_platform": "linux",
        "os_name": "posix",
        "platform_system": "Linux",
        "platform_machine": "aarch64",
    },
    "osx-64": {
        "sys_platform": "darwin",
        "os_name": "posix",
        "platform_system": "Darwin",
        "platform_machine": "x86_64",
    },
    "osx-arm64": {
        "sys_platform": "darwin",
        "os_name": "posix",
        "platform_system": "Darwin",
        "platform_machine": "arm64",
    },
    "win-64": {
        "sys_platform": "win32",
        "os_name": "nt",
        "platform_system": "Windows",
        "platform_machine": "AMD64",
    },
    "win-arm64": {
        "sys_platform": "win32",
        "os_name": "nt",
        "platform_system": "Windows",
        "platform_machine": "ARM64",
    },
}
PYTHONS = ("3.8.0", "3.9.0", "3.9.7", "3.10.14", "3.11.3", "3.12.0")
TARGETS = tuple(product(ENVIRONMENTS, PYTHONS))


def target(platform: str, python: str) -> Target:
    return Target(platform=platform, python=PyVersion.from_text(python))


def holds(marker: Marker, platform: str, python: str) -> bool:
    versions = {"python_full_version": python, "python_version": python.rpartition(".")[0]}
    cpython = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    return marker.evaluate({**ENVIRONMENTS[platform], **versions, **cpython, "extra": ""})


values = {
    "sys_platform": ["linux", "darwin", "win32", "cygwin"],
    "os_name": ["posix", "nt", "java"],
    "platform_system": ["Linux", "Darwin", "Windows"],
    "platform_machine": ["x86_64", "AMD64", "aarch64", "arm64", "ARM64", "sparc"],
    "implementation_name": ["cpython", "pypy"],
}
text_comparisons = st.sampled_from(sorted(values)).flatmap(
    lambda variable: st.builds(
        '{} {} "{}"'.format,
        st.just(variable),
        st.sampled_from(["==", "!=", "in", "not in"]),
        st.sampled_from(values[variable]),
    )
)
operators = st.sampled_from(["<", "<=", ">", ">=", "==", "!=", "~="])
version_variables = st.sampled_from(["python_version", "python_full_version"])
literals = st.sampled_from(["3.8", "3.9", "3.9.7", "3.10", "3.11", "3.11.3", "3.12.0"])
version_comparisons = st.one_of(
    st.builds('{} {} "{}"'.format, version_variables, operators, literals),
    st.builds('"{}" {} {}'.format, literals, operators, version_variables),
    st.builds('python_version {} "{}, {}"'.format, st.sampled_from(["in", "not in"]), literals, literals),
)
markers = st.recursive(
    st.one_of(text_comparisons, version_comparisons),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=6,
).map(Marker)


@settings(deadline=None, max_examples=examples(100))
@given(markers)
def test_a_marker_holds_where_packaging_says_so(marker: Marker) -> None:
    condition = to_condition(marker).value
    assert [evaluate(condition, target(*t)) for t in TARGETS] == [holds(marker, *t) for t in TARGETS]


ends = st.one_of(st.none(), st.sampled_from([*PYTHONS, "3.8.5", "3.10", "3.13"]).map(PyVersion.from_text))
atoms = st.one_of(
    st.lists(st.builds(Span, ends, ends), min_size=1, max_size=3).map(lambda spans: python_in(*spans)),
    st.sets(st.sampled_from(sorted(OPERATING_SYSTEMS)), min_size=1).map(os_in),
    st.builds(arch_is, st.sampled_from(["x86_64", "aarch64", "arm64"]), negated=st.booleans()),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda members: all_of(*members)),
        st.lists(inner, min_size=2, max_size=3).map(lambda members: any_of(*members)),
    ),
    max_leaves=8,
).filter(lambda condition: condition != NEVER)


@settings(deadline=None, max_examples=examples(100))
@given(conditions)
def test_a_condition_comes_back_from_its_marker_with_the_same_meaning(condition: Condition) -> None:
    marker = from_condition(condition)
    back = to_condition(marker).value if marker else all_of()
    assert [evaluate(back, target(*t)) for t in TARGETS] == [evaluate(condition, target(*t)) for t in TARGETS]


@settings(deadline=None, max_examples=examples(100))
@given(conditions)
def test_the_marker_of_a_condition_holds_where_the_condition_does(condition: Condition) -> None:
    marker = from_condition(condition)
    for platform, python in TARGETS:
        expected = evaluate(condition, target(platform, python))
        assert (marker is None or holds(marker, platform, python)) == expected

"""Match specs of a conda package as requirements of PyPI; conda's pin of python as Requires-Python."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import BridgeError, RepackError, TranslationError
from conda_bridge.model.names import CondaName, PypiName
from conda_bridge.translate.names import NameMap
from conda_bridge.translate.requirements_from_conda import (
    is_virtual,
    projects_of,
    requirement_from_conda,
    requires_python_from_conda,
)
from conda_bridge.translate.version_sets import admit_the_same

NAMES = NameMap()


@pytest.mark.parametrize(
    ("spec", "requirement"),
    [
        ("attrs", "attrs"),
        ("attrs *", "attrs"),
        ("jsondiff 1.1.1.*", "jsondiff==1.1.1.*"),
        ("demo >=2,<3", "demo<3,>=2"),
        ("demo =1.2", "demo==1.2.*"),
        ("demo 1.2", "demo==1.2"),
        ("demo ==1.2", "demo==1.2"),
        ("demo !=1.0", "demo!=1.0"),
        ("demo ~=1.4.2", "demo==1.4.*,>=1.4.2"),
        ("demo >=1!2.0", "demo>=1!2.0"),
        ("demo >=2.0a0", "demo>=2.0a0"),
        ("demo >=1,<3.0a0", "demo<3.0,>=1"),
        ("demo >=1.2.*", "demo>=1.2"),
        ("demo >=1,<2|>=2,<3", "demo<3,>=1"),
        ("conda-forge::demo >=1", "demo>=1"),
        ("matplotlib-base >=3.8", "matplotlib>=3.8"),
        ("docker-py", "docker"),
        ("ruamel.yaml >=0.17", "ruamel-yaml>=0.17"),
        ("cupy-core", "cupy"),
        ("attrs[subdir=noarch,md5=0123]", "attrs"),
        ("attrs[extras=cli]", "attrs[cli]"),
        ("attrs[extras=[cli, Dev]]", "attrs[cli,dev]"),
        ("attrs[when='__win']", 'attrs; sys_platform == "win32"'),
        ("attrs[when='__unix']", 'attrs; sys_platform != "win32"'),
        ('attrs >=1[when="python<3.9"]', 'attrs>=1; python_version < "3.9"'),
        ('attrs[when="python <3.9"]', 'attrs; python_version < "3.9"'),
        ('attrs[when="python>=3.9.1"]', 'attrs; python_full_version >= "3.9.1"'),
        ('attrs[when="python"]', "attrs"),
        (
            'attrs[when="python>=3.9 and (__win or __osx)",extras=cli]',
            'attrs[cli]; sys_platform != "linux" and python_version >= "3.9"',
        ),
    ],
)
def test_match_spec_becomes_the_requirement_that_says_the_same(spec: str, requirement: str) -> None:
    named = {PypiName("demo"), PypiName("jsondiff")}

    assert str(requirement_from_conda(spec, NAMES, named=named).value) == requirement


@pytest.mark.parametrize(
    ("spec", "slug"),
    [
        ("demo >=1,<2|>=3", "or-spec"),
        ("demo 1.0|1.2", "or-spec"),
        ("demo >=2|==1.0.*", "or-spec"),
        ("demo >=2|", "inexpressible-spec"),
        ("pytorch * cuda*", "build-string-spec"),
        ("demo 1.0 py_0", "build-string-spec"),
        ("demo=1.0=py_0", "build-string-spec"),
        ("demo[version='>=1', build=mpi_*]", "build-string-spec"),
        ("libfoo >=1", "non-pypi-dependency"),
        ("python_abi 3.10.* *_cp310", "non-pypi-dependency"),
        ("gcc_linux-64", "non-pypi-dependency"),
        ("nodejs", "non-pypi-dependency"),
        ("openssl 1.1.1w", "non-pypi-dependency"),
        ("demo", "non-pypi-dependency"),
        ("compilers", "non-pypi-dependency"),
        ("numpy-base >=1", "non-pypi-dependency"),
        ("pypy", "non-pypi-dependency"),
        ("demo[build_number=1]", "build-string-spec"),
        ("attrs[track_features=mkl]", "inexpressible-spec"),
        ("attrs[license=MIT]", "inexpressible-spec"),
        ("attrs[extras='a+b']", "inexpressible-spec"),
        ("attrs[extras=cli,when='numpy']", "inexpressible-spec"),
        ("attrs[when='__osx >=11']", "inexpressible-spec"),
        ("attrs[when='__cuda']", "inexpressible-spec"),
        ("attrs[when='__win and __unix']", "inexpressible-spec"),
        ("attrs[when='python * *_cpython']", "inexpressible-spec"),
        ("attrs[when='']", "inexpressible-spec"),
        ("attrs[when='(__win']", "inexpressible-spec"),
        ("attrs[when='__win)']", "inexpressible-spec"),
        ("attrs[when='__win or']", "inexpressible-spec"),
        ("attrs[when='__archspec[build=x86_64*]']", "inexpressible-spec"),
        (f"attrs[when='{'(' * 500}__win{')' * 500}']", "invalid-requirement"),
        ("demo 9e", "inexpressible-spec"),
        ("demo >=2024a", "inexpressible-spec"),
        ("demo 3.6@**&*&(&@!", "inexpressible-spec"),
        ("", "inexpressible-spec"),
        (f"demo >={'9' * 5000}", "invalid-requirement"),
        (f"demo {'9' * 2000}|1", "invalid-requirement"),
    ],
)
def test_match_spec_that_no_requirement_says_is_refused_with_a_code(spec: str, slug: str) -> None:
    with pytest.raises(BridgeError) as caught:
        requirement_from_conda(spec, NAMES)

    assert caught.value.slug == slug
    assert len(caught.value.message) < 400


def test_package_spelled_in_another_way_than_the_table_has_it_is_still_the_project() -> None:
    assert projects_of(CondaName("importlib_metadata"), NAMES) == ("importlib-metadata",)


def test_system_that_is_no_python_package_is_no_project() -> None:
    assert projects_of(CondaName("git"), NAMES) == ()


def test_virtual_package_is_told_from_others() -> None:
    assert is_virtual("__unix")
    assert is_virtual("conda-forge::__unix")
    assert not is_virtual("demo[when='conda-forge::__win']")
    assert not is_virtual("unix")


@pytest.mark.parametrize(
    ("specs", "requires_python"),
    [
        ((), ""),
        (("python",), ""),
        (("python >=3.7",), ">=3.7"),
        (("python >=3.7,<4.0a0",), ">=3.7,<4.0"),
        (("python 3.6.*",), "==3.6.*"),
        (("python >=3.6", "python <3.12"), ">=3.6,<3.12"),
        (("python =2.7|>=3.2",), ">=2.7,!=3.0.*,!=3.1.*"),
        (
            ("python =2.7|>=3.7",),
            ">=2.7,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,!=3.4.*,!=3.5.*,!=3.6.*",
        ),
        (("python 2.7.*|>=3.0",), ">=2.7"),
        (("python >=3.6,<3.9|>=3.10,<4",), ">=3.6,!=3.9.*,<4"),
        (("python >=3.6|>=3.8",), ">=3.6"),
        (("python <3.0|>=3.0",), ""),
    ],
)
def test_pin_of_python_becomes_requires_python(specs: tuple[str, ...], requires_python: str) -> None:
    assert requires_python_from_conda(specs).value == SpecifierSet(requires_python)


@pytest.mark.parametrize(
    "spec",
    [
        "python >=3.8,<3.12|>=4",
        "python <3.1|>=3.900",
        "python 3.6.1|3.8.2",
        "python >=3,<3.999999999|>=3.9999999999",
    ],
)
def test_pin_that_no_finite_list_says_is_refused(spec: str) -> None:
    with pytest.raises(RepackError) as caught:
        requires_python_from_conda([spec])

    assert caught.value.slug == "or-spec"


def test_pin_that_holds_in_some_places_only_is_refused() -> None:
    with pytest.raises(TranslationError) as caught:
        requires_python_from_conda(["python >=3.9[when='__win']"])

    assert caught.value.slug == "inexpressible-spec"


@given(
    new=st.integers(0, 14),
    minor=st.sampled_from([(2, 0), (2, 7), *((3, number) for number in range(16))]),
    patch=st.integers(0, 20),
)
def test_alternatives_of_pythons_admit_those_that_one_of_them_admits(
    new: int, minor: tuple[int, int], patch: int
) -> None:
    version = f"{minor[0]}.{minor[1]}.{patch}"
    joined = requires_python_from_conda([f"python =2.7|>=3.{new}"]).value

    assert joined.contains(version) == any(
        SpecifierSet(one).contains(version) for one in ("==2.7.*", f">=3.{new}")
    )


VERSIONS = st.builds(
    lambda release, end: ".".join(map(str, release)) + end,
    st.lists(st.integers(0, 3), min_size=1, max_size=3),
    st.sampled_from(["", "", "", "a1", "rc1", ".post1"]),
)
CLAUSES = st.builds(
    lambda op, version: f"{op}{version}", st.sampled_from([">=", "<", "<=", ">", "==", "!="]), VERSIONS
)
SETS = st.builds(lambda clauses: SpecifierSet(",".join(clauses)), st.lists(CLAUSES, max_size=3))


@given(left=SETS, right=SETS, version=VERSIONS)
def test_sets_said_to_be_the_same_agree_about_every_release(
    left: SpecifierSet, right: SpecifierSet, version: str
) -> None:
    one = Version(version)
    if admit_the_same([left], [right]) and not one.is_prerelease:
        assert left.contains(one) == right.contains(one)


@pytest.mark.parametrize(
    ("left", "right", "is_same"),
    [
        (">=1.0", ">=1.0.0", True),
        ("<3.0", "<3", True),
        ("==1.2.*", ">=1.2,<1.3", True),
        ("~=1.4.2", ">=1.4.2,==1.4.*", True),
        ("", "", True),
        (">=1.6.16", ">=1.6.15", False),
        ("<0.96,>=0.93", "!=0.96,>=0.93", False),
        (">1.0", ">=1.0", False),
        ("==1.2", "==1.2.*", False),
        (">=1.0", ">=1.0.post1", False),
        ("", ">=0", True),
        ("===1.0", "==1.0", False),
    ],
)
def test_bounds_are_compared_as_sets_of_versions(left: str, right: str, is_same: bool) -> None:  # noqa: FBT001 - what is expected
    assert admit_the_same([SpecifierSet(left)], [SpecifierSet(right)]) is is_same


_RELEASES = st.lists(st.integers(0, 3), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
_ENDS = st.sampled_from(["", "a1", "rc2", ".post1", ".dev3", ".post1.dev2"])


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), _RELEASES, _ENDS).map("".join),
            st.tuples(st.sampled_from(["==", "!="]), _RELEASES, st.just(".*")).map("".join),
            st.tuples(st.just("~="), _RELEASES, st.just(".1"), _ENDS).map("".join),
            st.tuples(st.sampled_from(["==", "!="]), _RELEASES, st.just("+x")).map("".join),
        ),
        min_size=1,
        max_size=4,
    ),
    st.tuples(_RELEASES, _ENDS).map("".join),
)
def test_sets_of_versions_differ_where_a_version_tells_them_apart(clauses: list[str], version: str) -> None:
    left, right = (SpecifierSet(",".join(part)) for part in (clauses[::2], clauses[1::2]))
    asked = Version(version)
    is_told_apart = left.contains(asked, prereleases=True) != right.contains(asked, prereleases=True)

    if is_told_apart and not (asked.is_prerelease or asked.is_postrelease):
        assert not admit_the_same([left], [right])


def test_more_bounds_than_anybody_writes_are_refused() -> None:
    with pytest.raises(TranslationError) as caught:
        admit_the_same([SpecifierSet(",".join(f"!={n}" for n in range(1001)))], [SpecifierSet()])

    assert caught.value.slug == "inexpressible-spec"

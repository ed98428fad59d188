import pytest
from packaging.specifiers import SpecifierSet

from conda_bridge.errors import TranslationError
from conda_bridge.translate.match_specs import from_conda_spec, parse_match_spec

# ---------------------------------------------------------------- constraint -> specifiers


@pytest.mark.parametrize(
    ("constraint", "specifiers"),
    [
        ("", ""),
        ("*", ""),
        ("==*", ""),
        ("1.2.*", "==1.2.*"),
        ("1.2*", "==1.2.*"),
        ("=1.2", "==1.2.*"),
        ("=1.2.*", "==1.2.*"),
        ("==1.2.*", "==1.2.*"),
        ("1!2.*", "==1!2.*"),
        ("1.2", "==1.2"),
        ("==1.2", "==1.2"),
        ("!=1.2", "!=1.2"),
        ("!=1.2.*", "!=1.2.*"),
        ("!=1.2*", "!=1.2.*"),
        (">=1.2.*", ">=1.2"),
        ("<1.2.*", "<1.2"),
        (">=1.2,<2", ">=1.2,<2"),
        (">=3.4, <4", ">=3.4,<4"),
        (">= 1.2", ">=1.2"),
        ("~=1.4.2", ">=1.4.2,==1.4.*"),
        ("~=1.2.post1", ">=1.2.post1,==1.2.*"),
        ("(>=1.2,<2)", ">=1.2,<2"),
    ],
)
def test_a_constraint_means_the_same_to_pypi(constraint: str, specifiers: str) -> None:
    translated = from_conda_spec(constraint)
    assert translated.value == SpecifierSet(specifiers)
    assert translated.diagnostics == ()


@pytest.mark.parametrize(
    "constraint", ["<2.0a0", "<2.0.a0", "<2.0.0a0", "<2.0dev0", "<2.0.0.dev0", "<2.0alpha0", "<2dev"]
)
def test_the_suffix_that_keeps_pre_releases_out_is_not_needed_on_pypi(constraint: str) -> None:
    assert from_conda_spec(constraint).value == SpecifierSet("<2.0")


def test_a_pre_release_as_a_lower_bound_stays() -> None:
    assert from_conda_spec(">=2.0a0").value == SpecifierSet(">=2.0a0")


@pytest.mark.parametrize("clause", ["!=1.2.post.*", "!=1.2.post*"])
def test_the_clause_that_keeps_post_releases_out_is_not_needed_on_pypi(clause: str) -> None:
    translated = from_conda_spec(f">1.2,{clause}")
    assert translated.value == SpecifierSet(">1.2")
    assert translated.diagnostics == ()


def test_post_releases_excluded_alone_are_left_out_with_a_finding() -> None:
    translated = from_conda_spec(">=1.2,!=1.2.post*")
    assert translated.value == SpecifierSet(">=1.2")
    assert [d.slug for d in translated.diagnostics] == ["clause-dropped"]


@pytest.mark.parametrize(
    ("conda", "pypi"), [("3.0.0_rc1", "3.0.0rc1"), ("1.0alpha", "1.0a0"), ("1.0.RC2", "1.0rc2")]
)
def test_a_version_that_both_know_is_respelled(conda: str, pypi: str) -> None:
    assert from_conda_spec(f"=={conda}").value == SpecifierSet(f"=={pypi}")


@pytest.mark.parametrize(
    "constraint",
    [
        "1.1.1w",
        ">=9e",
        "1.0_1",
        "r1234",
        "2024a",
        "<2024b",
        "1.1.1a",
        "=1.0a1",
        "==1.2.post*",
        "~=1",
        "!=*",
        ">=*",
        "===1.0",
        ">=1,,<2",
        ">=1 <2",
        ">=2|",
        "|",
        "|>=2",
        "1.0 py_0 extra",
        "^1.2$",
        "1.*.3",
        ">=1,(<2|>3)",
        "=" + "1" * 5000 + "a",
    ],
)
def test_what_pypi_cannot_say_is_refused(constraint: str) -> None:
    with pytest.raises(TranslationError) as caught:
        from_conda_spec(constraint)
    assert caught.value.slug == "inexpressible-spec"
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("constraint", "specifiers"),
    [
        ("==1.0.*", "==1.0.*"),
        ("==1.0.*,>=1", "==1.0.*,>=1"),
        (">=1,==1.0.*", ">=1,==1.0"),
        (">=1,=1.0.*", ">=1,==1.0.*"),
        (">=2|==1.0.*", ">=1.0"),
    ],
)
def test_a_star_behind_two_equals_signs_counts_at_the_beginning_only(
    constraint: str, specifiers: str
) -> None:
    """As conda reads it."""
    assert from_conda_spec(constraint).value == SpecifierSet(specifiers)


@pytest.mark.parametrize(
    ("constraint", "specifiers", "slug"),
    [
        ("~=1.0+abc", ">=1.0,==1.*", "local-version-dropped"),
        ("1.0+abc|<1.0rc1", "<=1.0", "union-widened"),
        ("1.0+abc|>=2", ">=1.0", "union-widened"),
    ],
)
def test_a_local_version_is_none_of_a_range(constraint: str, specifiers: str, slug: str) -> None:
    translated = from_conda_spec(constraint)
    assert translated.value == SpecifierSet(specifiers)
    assert [row.slug for row in translated.diagnostics] == [slug]


@pytest.mark.parametrize(
    ("constraint", "specifiers"),
    [
        ("2.7.*|>=3.7", ">=2.7"),
        ("1.2.*|1.4.*", ">=1.2,<1.5"),
        (">=1,<2|>=3,<3.5", ">=1,<3.5"),
        ("(>=1,<2)|(>=3,<3.5)", ">=1,<3.5"),
        ("1.2 | 1.4", ">=1.2,<=1.4"),
        ("<1|<2a0", "<2"),
        ("<1|>2", ""),
        ("1.2.*|*", ""),
    ],
)
def test_alternatives_become_the_range_that_holds_them_all(constraint: str, specifiers: str) -> None:
    translated = from_conda_spec(constraint)
    assert translated.value == SpecifierSet(specifiers)
    assert [d.slug for d in translated.diagnostics] == ["union-widened"]


@pytest.mark.parametrize(
    ("constraint", "slug"),
    [
        ("1.2.* py_0", "build-string-dropped"),
        ("1.2.* *cuda*", "build-variant-dropped"),
        ("* mpi_openmpi_*", "build-variant-dropped"),
        ("==1.2 cpu_*", "build-variant-dropped"),
    ],
)
def test_a_build_string_is_left_out_with_a_finding(constraint: str, slug: str) -> None:
    assert [d.slug for d in from_conda_spec(constraint).diagnostics] == [slug]


def test_a_build_string_that_says_nothing_gives_no_finding() -> None:
    assert from_conda_spec("1.2.* *").diagnostics == ()


def test_a_local_part_stays_where_pypi_allows_one() -> None:
    assert from_conda_spec("==1.0+cu118").value == SpecifierSet("==1.0+cu118")
    translated = from_conda_spec(">=1.0+cu118")
    assert translated.value == SpecifierSet(">=1.0")
    assert [d.slug for d in translated.diagnostics] == ["local-version-dropped"]


# ---------------------------------------------------------------- whole match specs


@pytest.mark.parametrize(
    ("text", "name", "version", "build"),
    [
        ("numpy", "numpy", "", ""),
        ("numpy *", "numpy", "", ""),
        ("NumPy >=1.26, <3", "numpy", ">=1.26,<3", ""),
        ("numpy>=1.26,<3", "numpy", ">=1.26,<3", ""),
        ("numpy =1.2", "numpy", "=1.2", ""),
        ("numpy=1.2", "numpy", "=1.2", ""),
        ("numpy=1.2=py_0", "numpy", "==1.2", "py_0"),
        ("numpy==1.2=py_0", "numpy", "==1.2", "py_0"),
        ("numpy 1.2.* py_0", "numpy", "1.2.*", "py_0"),
        ("numpy * *_mkl", "numpy", "", "*_mkl"),
        ("numpy 1.2 *", "numpy", "1.2", ""),
        ("python_abi 3.11.* *_cp311", "python_abi", "3.11.*", "*_cp311"),
        ("numpy[version='>=1, <2']", "numpy", ">=1,<2", ""),
        ('numpy[version=">=1",build="*cuda*"]', "numpy", ">=1", "*cuda*"),
        ("numpy >=1[build=py_0]", "numpy", ">=1", "py_0"),
        ("__unix", "__unix", "", ""),
    ],
)
def test_a_match_spec_has_a_name_a_constraint_and_a_build(
    text: str, name: str, version: str, build: str
) -> None:
    parsed = parse_match_spec(text)
    assert (parsed.value.conda_name, parsed.value.version, parsed.value.build) == (name, version, build)
    assert parsed.diagnostics == ()


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("conda-forge::numpy", "channel=conda-forge"),
        ("conda-forge/linux-64::numpy >=1", "channel=conda-forge/linux-64"),
        ("numpy[subdir=noarch]", "subdir=noarch"),
        ("numpy[when='python>=3.10']", "when=python>=3.10"),
        ("numpy[when='__archspec[build=x86_64*]']", "when=__archspec[build=x86_64*]"),
        ("numpy[extras=[a, b]]", "extras=a, b"),
    ],
)
def test_what_a_match_spec_says_beyond_that_is_a_finding(text: str, left_out: str) -> None:
    parsed = parse_match_spec(text)
    assert parsed.value.conda_name == "numpy"
    assert [d.slug for d in parsed.diagnostics] == ["channel-dropped"]
    assert left_out in parsed.diagnostics[0].message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "numpy[build=a,build=b]",
        "numpy[when=[a]",
        "numpy[x",
        "numpy[x=]",
        "numpy[x y]",
        "numpy 1 2 3",
        "a::",
        ">=1.2",
        "numpy::é",
    ],
)
def test_text_that_is_no_match_spec_is_refused(text: str) -> None:
    with pytest.raises(TranslationError) as caught:
        parse_match_spec(text)
    assert caught.value.slug == "inexpressible-spec"


def test_long_hostile_text_is_refused_at_once() -> None:
    with pytest.raises(TranslationError):
        parse_match_spec("a" * 50_000 + " " * 50_000 + "[")

import pytest

from conda_bridge.infer.project.poetry_versions import python_marker, to_specifier


@pytest.mark.parametrize(
    ("constraint", "specifier"),
    [
        # The tables of poetry's documentation.
        ("^1.2.3", ">=1.2.3,<2.0.0"),
        ("^1.2", ">=1.2,<2.0"),
        ("^1", ">=1,<2"),
        ("^0.2.3", ">=0.2.3,<0.3.0"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3.0"),
        ("~1.2", ">=1.2,<1.3"),
        ("~1", ">=1,<2"),
        ("*", ""),
        ("1.*", "==1.*"),
        ("1.2.*", "==1.2.*"),
        (">= 1.2.0", ">=1.2.0"),
        ("> 1", ">1"),
        ("< 2", "<2"),
        ("!= 1.2.3", "!=1.2.3"),
        (">= 1.2, < 1.5", ">=1.2,<1.5"),
        ("==1.2.3", "==1.2.3"),
        ("1.2.3", "==1.2.3"),
        # And what people write besides.
        ("v1.2", "==1.2"),
        ("=1.2", "==1.2"),
        ("~=1.4.2", "~=1.4.2"),
        (">=1.0 <2.0", ">=1.0,<2.0"),
        (" ^ 1.2 ", ">=1.2,<2.0"),
        ("^1!2.3", ">=1!2.3,<1!3.0"),
        ("^1.0rc1", ">=1.0rc1,<2.0"),
        (">=1.2.*", ">=1.2"),
        ("!=1.2.*", "!=1.2.*"),
        ("1.x", "==1.*"),
        ("==*", ""),
        ("", ""),
        ("^1.2 || *", ""),
    ],
)
def test_one_alternative_is_translated_clause_by_clause(constraint: str, specifier: str) -> None:
    converted = to_specifier(constraint)

    assert converted.specifier == specifier
    assert not converted.is_widened


@pytest.mark.parametrize(
    ("constraint", "specifier"),
    [
        ("^1.2 || ^2.0", ">=1.2,<3.0"),
        ("^2.0 | ^1.2", ">=1.2,<3.0"),
        ("^1.2 || ^3.0", ">=1.2,<4.0,!=2.*"),
        ("^1.5 || ^4.0", ">=1.5,<5.0,!=2.*,!=3.*"),
        ("~1.2 || ~1.4", ">=1.2,<1.5,!=1.3.*"),
        ("<1 || >=2", "!=1.*"),
        ("1.* || ==2.*", ">=1,<3"),
        ("~=1.4 || ~=2.1", ">=1.4,<3.0,!=2.0.*"),
        ("^1.0 || >=1.5", ">=1.0"),
        ("<3 || >3", "!=3"),
        ("<=3 || >3", ""),
    ],
)
def test_alternatives_become_one_range_with_holes(constraint: str, specifier: str) -> None:
    converted = to_specifier(constraint)

    assert converted.specifier == specifier


@pytest.mark.parametrize(
    ("constraint", "specifier"),
    [
        ("1.2 || 1.3", ">=1.2,<=1.3"),
        (">=1,<2,!=1.5 || ^4", ">=1,<5,!=2.*,!=3.*"),
        ("<=1.0 || >=2", ""),
        ("<1 || >2", ""),
        ("<1 || >=99", ""),
        ("<1.5 || >=3.2", ""),
        ("~=1.4 || ~=3.1", ">=1.4,<4.0"),
    ],
)
def test_what_pep_440_cannot_say_is_widened_and_told(constraint: str, specifier: str) -> None:
    converted = to_specifier(constraint)

    assert converted.specifier == specifier
    assert converted.is_widened


@pytest.mark.parametrize(
    ("constraint", "specifier"),
    [
        ("3.8", "==3.8.*"),
        ("3", "==3.*"),
        ("3.8.1", "==3.8.1"),
        ("^3.8", ">=3.8,<4.0"),
        ("~2.7 || ^3.5", ">=2.7,<4.0,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,!=3.4.*"),
        ("~3.8 || ~3.10", ">=3.8,<3.11,!=3.9.*"),
    ],
)
def test_for_python_a_minor_version_means_all_its_patches(constraint: str, specifier: str) -> None:
    converted = to_specifier(constraint, is_python=True)

    assert converted.specifier == specifier
    assert not converted.is_widened


def test_a_gap_between_majors_of_python_is_widened() -> None:
    assert to_specifier("<1 || >=3", is_python=True).is_widened


@pytest.mark.parametrize("constraint", ["^", "^x", ">=", "latest", "1.2.3.foo", "~>1.2", "^1,^", "1" * 600])
def test_anything_else_is_no_constraint(constraint: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        to_specifier(constraint)


@pytest.mark.parametrize(
    ("constraint", "marker"),
    [
        ("^3.8", 'python_version >= "3.8" and python_version < "4.0"'),
        ("<3.8", 'python_version < "3.8"'),
        ("3.8", 'python_version == "3.8"'),
        ("3.8.*", 'python_version == "3.8.*"'),
        ("3", 'python_version == "3.*"'),
        ("!=3", 'python_version != "3.*"'),
        ("<=3.8", 'python_full_version <= "3.8.0"'),
        (">3.7", 'python_full_version > "3.7.0"'),
        (">=3.6.1,<4", 'python_full_version >= "3.6.1" and python_version < "4"'),
        (
            "~2.7 || >=3.5",
            '(python_version >= "2.7" and python_version < "2.8") or (python_version >= "3.5")',
        ),
        ("*", ""),
    ],
)
def test_a_constraint_on_python_becomes_a_marker(constraint: str, marker: str) -> None:
    assert python_marker(constraint) == marker

"""The hull of specifier sets admits what any of them admits."""

from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.infer.bounds import hull

GRID = [
    Version(text)
    for text in ("0", "0.9", "1", "1.0.1", "1.1", "1.2", "1.2.5", "1.3", "2", "2.0.1", "2.1", "3", "10")
]
CLAUSES = st.sampled_from(
    [
        ">=1",
        ">1",
        ">=1.2",
        "<2",
        "<=2",
        "<2.1",
        "~=1.2",
        "~=1.0.1",
        "==1.2.*",
        "==2",
        "!=1.2",
        "!=1.1.*",
        "===2",
    ]
)
SETS = st.lists(CLAUSES, max_size=3).map(lambda clauses: SpecifierSet(",".join(clauses)))


@given(st.lists(SETS, min_size=1, max_size=4))
def test_hull_admits_what_any_member_admits(sets: list[SpecifierSet]):
    whole = hull(sets)
    lost = [v for v in GRID if any(v in member for member in sets) and v not in whole]
    assert lost == []


@given(SETS)
def test_hull_of_equals_is_no_wider_than_needed(member: SpecifierSet):
    assert hull([member, member]) == hull([member])

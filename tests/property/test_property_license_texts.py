import string

from hypothesis import given
from hypothesis import strategies as st

from conda_bridge.translate.license_ids import canonical
from conda_bridge.translate.license_names import read_name
from conda_bridge.translate.license_texts import recognise
from support.license_texts import EXCERPTS, SHORT

TEXTS = SHORT | EXCERPTS
GAPS = st.text(alphabet=" \t\r\n#*/-.,;\"'", min_size=1, max_size=6)


@given(license_id=st.sampled_from(sorted(TEXTS)), gap=GAPS, upper=st.booleans())
def test_wrapping_punctuation_and_case_dont_matter(license_id: str, gap: str, upper: bool) -> None:  # noqa: FBT001
    text = gap.join(TEXTS[license_id].split())

    assert recognise(text.upper() if upper else text).licenses == (license_id,)


@given(name=st.text(max_size=600))
def test_any_name_is_read_or_not_and_what_is_read_is_canonical(name: str) -> None:
    found = read_name(name)

    assert found is None or canonical(found.expression) == found.expression


@given(name=st.text(alphabet=string.ascii_lowercase[:3] + "gpl 23v.+(),/&|orand-", max_size=60))
def test_odd_mixtures_of_gnu_names_are_read_or_not(name: str) -> None:
    found = read_name(name)

    assert found is None or canonical(found.expression) == found.expression

import pytest

from conda_bridge.model.python_versions import PyVersion, Span, complement, intersect, union


def v(text: str) -> PyVersion:
    return PyVersion.from_text(text)


def span(lower: str, upper: str) -> Span:
    return Span(v(lower) if lower else None, v(upper) if upper else None)


def test_trailing_zeros_of_a_python_version_are_insignificant() -> None:
    assert v("3.11.0") == v("3.11")
    assert v("3.0") == v("3")


def test_python_versions_compare_by_number() -> None:
    assert v("3.9") < v("3.10") < v("3.10.1")
    assert v("3.10") >= v("3.10.0")


@pytest.mark.parametrize(
    ("text", "written"), [("3", "3.0"), ("3.10", "3.10"), ("3.9.0", "3.9"), ("3.9.18", "3.9.18")]
)
def test_a_python_version_is_written_with_its_minor_part(text: str, written: str) -> None:
    assert str(v(text)) == written


@pytest.mark.parametrize("text", ["", "3.", "3.12.0rc1", "3.x", "-3", "3_1", "3.１"])  # noqa: RUF001
def test_text_that_is_no_final_release_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="final python release"):
        v(text)


def test_a_span_holds_its_lower_end_but_not_its_upper_end() -> None:
    assert v("3.9") in span("3.9", "3.11")
    assert v("3.11") not in span("3.9", "3.11")
    assert v("3.10.9") in span("3.9", "3.11")


def test_open_sides_hold_everything() -> None:
    assert v("2.7") in span("", "3")
    assert v("4") in span("3", "")


def test_union_joins_spans_that_overlap_or_touch() -> None:
    assert union([span("3.10", "3.12"), span("3.8", "3.9"), span("3.9", "3.10")]) == (span("3.8", "3.12"),)


def test_union_keeps_spans_apart_that_have_a_gap() -> None:
    assert union([span("3.10", ""), span("", "3.9")]) == (span("", "3.9"), span("3.10", ""))


def test_union_drops_empty_spans() -> None:
    assert union([span("3.10", "3.10"), span("3.11", "3.9"), span("", "0")]) == ()


def test_union_of_a_span_with_one_inside_it_is_the_larger_one() -> None:
    assert union([span("3.8", ""), span("3.9", "3.10")]) == (span("3.8", ""),)


def test_a_lower_end_of_zero_is_an_open_one() -> None:
    assert union([span("0", "3.9")]) == (span("", "3.9"),)


def test_intersect_pairs_every_span_with_every_other() -> None:
    left = [span("", "3.9"), span("3.10", "")]
    right = [span("3.8", "3.11")]
    assert intersect(left, right) == (span("3.8", "3.9"), span("3.10", "3.11"))


def test_complement_of_everything_is_nothing_and_back() -> None:
    assert complement([Span()]) == ()
    assert complement([]) == (Span(),)


def test_complement_fills_the_gaps_and_both_ends() -> None:
    assert complement([span("3.8", "3.9"), span("3.10", "3.11")]) == (
        span("", "3.8"),
        span("3.9", "3.10"),
        span("3.11", ""),
    )

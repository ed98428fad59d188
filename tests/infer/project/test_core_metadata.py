import pytest

from conda_bridge.infer.project.core_metadata import read_headers, read_pkg_info, read_wheel_metadata
from conda_bridge.infer.project.statements import Statement


def values(statement: Statement) -> list[str]:
    return [line.text for line in statement.dependencies or ()]


def test_headers_keep_their_order_and_end_at_the_first_empty_line() -> None:
    headers = read_headers("Name: a\nVersion: 1\n\nName: body\n")

    assert list(headers) == [("Name", "a"), ("Version", "1")]


def test_headers_compare_without_case_and_know_their_places() -> None:
    headers = read_headers("Requires-Dist: a\nrequires-dist: b\nREQUIRES-DIST: c", file="PKG-INFO")

    assert [(k.value, k.origin) for k in headers.all("requires-dist")] == [
        ("a", "PKG-INFO#/Requires-Dist/0"),
        ("b", "PKG-INFO#/requires-dist/1"),
        ("c", "PKG-INFO#/REQUIRES-DIST/2"),
    ]


def test_folded_lines_belong_to_the_header_before_them() -> None:
    headers = read_headers("License: MIT\n        more\n\tand more\nName: a")

    assert list(headers) == [("License", "MIT\n        more\n\tand more"), ("Name", "a")]


def test_a_line_that_is_no_header_ends_the_block() -> None:
    assert list(read_headers("Name: a\nno header here\nVersion: 1")) == [("Name", "a")]


def test_a_header_without_a_name_is_skipped_with_its_continuation() -> None:
    assert list(read_headers(": x\n  y\nFrom me\n  z\nName: a")) == [("Name", "a")]


def test_a_continuation_before_any_header_is_skipped() -> None:
    assert list(read_headers("  lost\nName: a")) == [("Name", "a")]


@pytest.mark.parametrize("value", ["UNKNOWN", "", "  "])
def test_unknown_and_empty_values_are_absent(value: str) -> None:
    headers = read_headers(f"Summary: {value}\nName: a")

    assert headers.one("summary") is None


def test_old_pkg_info_declares_nothing_and_records_everything() -> None:
    firm, recorded = read_pkg_info("Metadata-Version: 2.1\nName: a\nVersion: 1\nRequires-Dist: b\n")

    assert firm == Statement(file="PKG-INFO")
    assert not recorded.is_firm
    assert values(recorded) == ["b"]


def test_old_pkg_info_without_requirements_says_nothing_of_them() -> None:
    _, recorded = read_pkg_info("Metadata-Version: 1.2\nName: a\nVersion: 1\nProvides-Extra: x\n")

    assert recorded.dependencies is None
    assert recorded.extras is None
    assert "dependencies" not in recorded.settled


def test_new_pkg_info_settles_what_is_absent() -> None:
    firm, _ = read_pkg_info("Metadata-Version: 2.2\nName: a\nVersion: 1\n")

    assert {"dependencies", "extras", "requires_python", "summary"} <= firm.settled
    assert not {"entry_points", "license_files"} & firm.settled


def test_dynamic_fields_are_recorded_but_not_declared() -> None:
    text = (
        "Metadata-Version: 2.2\nName: a\nVersion: 1\nDynamic: Requires-Dist\nDynamic: License\n"
        "Requires-Dist: b\nProvides-Extra: x\nLicense: MIT\nSummary: s\n"
    )

    firm, recorded = read_pkg_info(text)

    assert firm.dependencies is None
    assert firm.extras is None
    assert firm.license_text is None
    assert firm.summary is not None
    assert {field.field for field in firm.unknown} == {"License", "Provides-Extra", "Requires-Dist"}
    assert not {"dependencies", "extras", "license_text"} & firm.settled
    assert values(recorded) == ["b"]
    assert [name for name, _ in recorded.extras or ()] == ["x"]


def test_extras_without_requirements_are_kept() -> None:
    firm, _ = read_pkg_info("Metadata-Version: 2.4\nName: a\nVersion: 1\nProvides-Extra: empty\n")

    assert firm.extras == (("empty", ()),)


@pytest.mark.parametrize("version", ["", "x", "2.x"])
def test_an_unreadable_metadata_version_counts_as_old(version: str) -> None:
    firm, recorded = read_pkg_info(f"Metadata-Version: {version}\nName: a\nVersion: 1\n")

    assert firm.name is None
    assert recorded.name is not None


def test_licence_texts_lose_the_indentation_of_their_lines() -> None:
    _, recorded = read_pkg_info("Metadata-Version: 1.1\nName: a\nLicense: one\n        two\n       |three\n")

    assert recorded.license_text is not None
    assert recorded.license_text.value == "one\ntwo\nthree"


@pytest.mark.parametrize(
    ("text", "expected"), [("a, b c,,d", ("a", "b c", "d")), ("a b  c", ("a", "b", "c"))]
)
def test_keywords_are_separated_by_commas_or_else_by_spaces(text: str, expected: tuple[str, ...]) -> None:
    _, recorded = read_pkg_info(f"Metadata-Version: 1.1\nName: a\nKeywords: {text}\n")

    assert recorded.keywords == expected


def test_urls_of_all_three_headers_are_collected() -> None:
    _, recorded = read_pkg_info(
        "Metadata-Version: 1.2\nName: a\nHome-page: https://a.example\nDownload-URL: https://d.example\n"
        "Project-URL: Docs, https://docs.example\nProject-URL: broken\n"
    )

    assert [(label, known.value) for label, known in recorded.urls or ()] == [
        ("homepage", "https://a.example"),
        ("Docs", "https://docs.example"),
        ("download", "https://d.example"),
    ]


def test_wheel_metadata_names_the_wheel_and_has_no_licence_files_of_the_source() -> None:
    statement = read_wheel_metadata(
        "Metadata-Version: 2.4\nName: a\nVersion: 1\nLicense-File: LICENSE\nRequires-Dist: b\n",
        wheel="a-1-py3-none-any.whl",
    )

    assert statement.license_files is None
    assert statement.is_firm
    assert (statement.dependencies or ())[0].origin == "a-1-py3-none-any.whl/METADATA#/Requires-Dist/0"


def test_metadata_version_of_thousands_of_digits_is_an_old_one() -> None:
    firm, recorded = read_pkg_info(
        f"Metadata-Version: {'9' * 6000}.4\nName: a\nVersion: 1\nRequires-Dist: b\n"
    )

    assert firm == Statement(file="PKG-INFO")
    assert not recorded.is_firm

import pytest

from conda_bridge.infer.project.texts import MAX_SUMMARY, clean_line, clean_text, has_controls, read_summary
from conda_bridge.infer.project.urls import read_urls
from conda_bridge.model.project import Known
from conda_bridge.translate.url_secrets import publishable


def known(value: str) -> Known[str]:
    return Known(value=value, origin="PKG-INFO#/Summary")


def test_a_summary_is_one_line() -> None:
    summary, diagnostics = read_summary(known("  One\n   two\tthree "))

    assert summary == known("One two three")
    assert diagnostics == ()


def test_row_22_a_long_summary_is_cut_at_a_word_with_a_finding() -> None:
    summary, diagnostics = read_summary(known("word " * 200_000))

    assert summary is not None
    assert len(summary.value) <= MAX_SUMMARY
    assert summary.value.endswith("word…")
    assert [d.slug for d in diagnostics] == ["long-text"]


def test_row_22_a_long_summary_is_cut_after_a_sentence_if_there_is_one() -> None:
    summary, _ = read_summary(known(("x" * 150) + ". " + "y " * 500))

    assert summary is not None
    assert summary.value == "x" * 150 + "."


def test_row_22_a_single_endless_word_is_cut_too() -> None:
    summary, _ = read_summary(known("x" * 1_000_000))

    assert summary is not None
    assert len(summary.value) == MAX_SUMMARY
    assert summary.value.endswith("x…")


def test_row_22_much_white_space_counts_as_a_long_text() -> None:
    summary, diagnostics = read_summary(known("short" + " " * 10_000 + "end"))

    assert summary is not None
    assert summary.value == "short…"
    assert [d.slug for d in diagnostics] == ["long-text"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("a\x00b\x7fc\x9bd", "abcd"),
        ("right\u202eleft", "rightleft"),
        ("a\u2028b", "a b"),
        ("lone\ud800", "lone"),
    ],
)
def test_row_23_control_characters_are_removed_with_a_finding(text: str, clean: str) -> None:
    summary, diagnostics = read_summary(known(text))

    assert summary is not None
    assert summary.value == clean
    if "\u2028" not in text:
        assert [d.slug for d in diagnostics] == ["control-characters"]


def test_a_summary_of_control_characters_only_is_none() -> None:
    summary, _ = read_summary(known("\x00\x01"))

    assert summary is None


def test_texts_keep_their_lines_and_ordinary_letters() -> None:
    assert clean_text("a\r\nb\rc\n\td é 漢") == "a\nb\nc\n\td é 漢"
    assert clean_line("plain") == "plain"
    assert not has_controls("plain é")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ssh://git@x.example/a",
        "git+https://x.example/a",
        "www.example.org",
        "https://",
        "https://x.example/a b",
        'https://x.example/"onclick',
        "https://x.example/\x1b[31m",
        "https://[x",
        "https://x.example/" + "a" * 3_000,
        "{{ url }}",
    ],
)
def test_row_26_what_is_no_web_address_is_dropped_with_a_finding(url: str) -> None:
    kept, diagnostics = read_urls([("Homepage", known(url))])

    assert kept == ()
    assert [d.slug for d in diagnostics] == ["unsafe-url"]


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://me:secret@x.example/a", "https://x.example/a"),
        ("https://x.example/a?token=abc&b=1", "https://x.example/a?b=1"),
        ("https://x.example/?API_KEY=abc", "https://x.example/"),
        ("http://me@x.example:8080/?b#c", "http://x.example:8080/?b#c"),
    ],
)
def test_row_25_credentials_are_removed_with_a_finding(url: str, clean: str) -> None:
    kept, diagnostics = read_urls([("Docs", known(url))])

    assert [value.value for _, value in kept] == [clean]
    assert [d.slug for d in diagnostics] == ["url-credentials"]
    assert "secret" not in repr(diagnostics)


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example/?",
        "HTTPS://X.example/A",
        "https://x.example/?author=me&key=1",
        "https://x.example/@me",
    ],
)
def test_harmless_urls_stay_as_they_are(url: str) -> None:
    kept, diagnostics = read_urls([("a", known(url)), ("a", known(url)), ("b", known(url))])

    assert [(label, value.value) for label, value in kept] == [("a", url), ("b", url)]
    assert diagnostics == ()


def test_a_broken_url_is_shown_without_what_stands_before_its_at() -> None:
    assert publishable("https://me:secret@[x") == "[x"
    assert publishable("https://[x") == "https://[x"

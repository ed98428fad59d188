"""How text is quoted for YAML."""

import pytest
import yaml
from ruamel.yaml import YAML

from conda_bridge.formats.scalars import quoted, scalar


@pytest.mark.parametrize(
    "text",
    [
        "demo",
        "1.2.3",
        "requests >=2.31",
        "${{ compiler('c') }}",
        "${{ python_min }}.*",
        "python >=${{ python_min }},<3.14",
        "demo = demo.cli:main",
        'match(python, "<3.11")',
        "https://example.org/demo#readme",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "Zażółć gęślą jaźń, it's 100% fine (really)",
        "a:b",
        "C# code",
        "list[int] is a type",
    ],
)
def test_ordinary_text_is_written_as_people_write_it(text: str) -> None:
    assert scalar(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "~", "null", "Null", "true", "False", "yes", "No", "on", "OFF", "y", "n", "=", "<<"),
        *("0", "12", "1_000", "0777", "0o17", "0x1F", "0b11", "1:30", "190:20:30", "1.10", "1.", ".5", "1e5"),
        *("+12e03", "-0.0", ".inf", "-.INF", ".nan", "2026-11-01", "2026-11-01T00:00:00Z"),
        *("-", "- a", "? a", ": a", "*", "*a", "&a", "!!python/object x", "%YAML 1.1", "@a", "`a`", "|", ">"),
        *("[a]", "{a: b}", "'a'", '"a"', "#a", ",a", "---", "--- a", "...", "--help"),
        *(
            "a: b",
            "a:",
            "a #b",
            " a",
            "a ",
            "a\tb",
            "a\nb",
            "a\r\nb",
            "\ufeffa",
            "a\u2028b",
            "a\x85",
            "\xa0a",
        ),
        *("\x1b[31mred", "a\0b", "\u202eabc", "\ud800"),
    ],
)
def test_what_a_reader_would_take_for_something_else_is_quoted(text: str) -> None:
    written = scalar(text)

    assert written == quoted(text)
    assert written[0] == written[-1] == '"'
    assert yaml.safe_load(f"key: {written}") == {"key": text}
    assert YAML(typ="safe", pure=True).load(f"key: {written}") == {"key": text}


@pytest.mark.parametrize("text", ["Fast  # [win]", "a #[linux]", "see C#[1]", "#\n[x]", "reads [win]"])
def test_nothing_that_conda_build_takes_for_a_selector_stays_in_a_line(text: str) -> None:
    line = f"  summary: {scalar(text)}"

    assert "#" not in line
    assert not line.endswith("]")


def test_characters_that_cannot_be_seen_are_written_as_escapes() -> None:
    assert quoted('\x00\x7f\u2028\U000e0001"\\') == r'"\x00\x7f\u2028\U000e0001\"\\"'

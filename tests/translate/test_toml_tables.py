"""TOML of strangers: what is refused so that no file costs much time or memory."""

import pytest

from conda_bridge.translate.toml_tables import toml_tables
from support.cost import SECONDS, least_cpu_s

_MANY = "a." * 40_000


@pytest.mark.parametrize(
    "text",
    [
        f"[package]\n{_MANY}b = 1\n",
        f"[{_MANY}b]\n",
        f'x = {{y = "\\"", {_MANY}b = 1, z = "q"}}\n',
        f'x = {{y = """\nabc""", {_MANY}b = 1, z = """\n"""}}\n',
        'a."\u2028".' * 20_000 + "b = 1\n",
        "'a' . \"b\" . " * 20_000 + "b = 1\n",
    ],
    ids=["key", "heading", "escaped quote", "end of a text", "line separator", "quoted"],
)
def test_keys_of_many_parts_are_refused_at_once(text: str) -> None:
    def read() -> None:
        with pytest.raises(RecursionError, match="keys"):
            toml_tables(text)

    assert least_cpu_s(read, enough_s=SECONDS) < SECONDS


@pytest.mark.parametrize(
    "text",
    ['x = "' + "One word. " * 200 + '"\n', "x = [" + "1.5, " * 200 + "]\n", "# " + "..." * 200 + "\n"],
    ids=["text", "numbers", "comment"],
)
def test_dots_elsewhere_are_no_keys(text: str) -> None:
    assert toml_tables(f"{text}[tool]\n")["tool"] == {}


@pytest.mark.parametrize("piece", ['"\\', '\\"', "aa"])
def test_looking_for_keys_costs_little(piece: str) -> None:
    text = "." * 60 + piece * 50_000

    def read() -> None:
        with pytest.raises(ValueError, match="line 1"):
            toml_tables(text)

    assert least_cpu_s(read, enough_s=SECONDS) < SECONDS


def test_a_text_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        toml_tables("#" * 2_000_001)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert toml_tables("\ufeffa = 1\n") == {"a": 1}

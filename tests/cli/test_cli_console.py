import sys

import pytest

from conda_bridge.cli.console import Console, fit, printable, table_lines, width_of
from conda_bridge.errors import ConfigError, SourceError, UsageError
from conda_bridge.model.codes import finding
from support.terminals import Terminal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢", "plain é 漢"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("one\ntwo\tthree\r", "one two three "),
        ("\x9b31m\x07", "\\x9b31m\\x07"),
        ("abc\u202etxt.exe", "abc\\u202etxt.exe"),
        ("\u2066x\u200b", "\\u2066x\\u200b"),
    ],
)
def test_text_from_outside_can_not_steer_the_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("short", 5, "short"),
        ("longer", 5, "lo..."),
        ("漢字漢字", 7, "漢字..."),
        ("longer", 2, ".."),
        ("longer", 0, ""),
    ],
)
def test_text_is_cut_to_the_width_of_a_terminal(text: str, width: int, shown: str) -> None:
    assert fit(text, width) == shown
    assert width_of(shown) <= width


def test_combining_characters_take_no_column() -> None:
    assert width_of("e\u0301") == 1


def test_columns_are_aligned_whatever_the_width_of_characters() -> None:
    assert table_lines([("漢", "a"), ("bcd", "e")], width=None) == ["漢   a", "bcd  e"]


def test_widest_column_is_cut_first() -> None:
    (line,) = table_lines([("name", "x" * 40)], width=20)

    assert line == "name  " + "x" * 11 + "..."


def test_no_rows_give_no_lines() -> None:
    assert table_lines([], width=10) == []


def test_failure_says_what_why_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    Console().failure(
        SourceError("hash-mismatch", "sha256 is 'ab'", where="click-8.1.7.tar.gz"), source="click"
    )

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "error[E203]: click: the bytes are not those that were promised\n"
        "  why: click-8.1.7.tar.gz: sha256 is 'ab'\n"
        "  do:  try again later; if it stays, don't use this file and tell the index's operators\n"
    )


def test_wrong_command_line_is_told_in_one_line_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    Console(is_quiet=True).failure(UsageError("usage", "no such option '--x'", hint="conda-bridge --help"))

    assert capsys.readouterr().err == "error[E101]: no such option '--x'\n  do:  conda-bridge --help\n"


def test_failure_without_any_hint_ends_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    Console().failure(ConfigError("invalid-config", "is not valid TOML", hint=""))

    assert capsys.readouterr().err.splitlines()[-1] == "  why: is not valid TOML"


def test_last_words_of_a_program_keep_their_lines(capsys: pytest.CaptureFixture[str]) -> None:
    Console().failure(ConfigError("invalid-config", "failed:\n  one\n\x1b[2Jtwo", hint="wait"))
    lines = capsys.readouterr().err.splitlines()
    assert lines[1:] == ["  why: failed:", "         one", "       \\x1b[2Jtwo", "  do:  wait"]


def test_hostile_message_of_a_failure_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    Console(color="always").failure(SourceError("hash-mismatch", "\x1b]0;owned\x07"), source="\x1b[2J")

    err = capsys.readouterr().err
    assert "\\x1b]0;owned\\x07" in err
    assert "\\x1b[2J" in err


def test_findings_go_to_stderr_the_worst_first_and_remarks_are_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    remark = finding("recipe-changed", "remark")
    found = [
        remark.__class__(code="I1", slug="i", severity="info", message="mere information"),
        remark,
        remark.__class__(code="E1", slug="e", severity="error", message="worse", origin="setup.py:1"),
    ]

    Console().findings(found)

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "  error    E1    worse  setup.py:1",
        "  warning  W114  remark",
        "                 1 more finding with -v",
    ]


def test_count_of_remarks_alone_stands_below_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Console().findings([finding("packages-by-marker", "one"), finding("license-added", "two")])
    assert capsys.readouterr().err == "  2 more findings with -v\n"


@pytest.mark.parametrize(
    ("slug", "label"),
    [
        ("lint-section-order", "\x1b[31m\x1b[1m  error    R-001 "),
        ("recipe-changed", "\x1b[33m  warning  W114  "),
        ("release-bound", "\x1b[2m  note     I440  "),
    ],
)
def test_finding_is_called_and_coloured_as_bad_as_it_is(
    capsys: pytest.CaptureFixture[str], slug: str, label: str
) -> None:
    Console(color="always").finding(finding(slug, "message"))

    assert capsys.readouterr().err == f"{label}\x1b[0mmessage\n"


def test_verbose_findings_come_with_their_hint(capsys: pytest.CaptureFixture[str]) -> None:
    Console(is_verbose=True).findings([finding("two-formats", "both", origin="x/meta.yaml")])

    assert "do: keep one of the two" in capsys.readouterr().err


def test_quiet_console_writes_nothing_but_results_and_failures(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(is_quiet=True)
    console.result("result")
    console.note("note")
    console.findings([finding("two-formats", "both")])

    assert capsys.readouterr() == ("result\n", "")


@pytest.mark.parametrize(
    ("color", "text"), [("auto", "x\n"), ("never", "x\n"), ("always", "\x1b[32mx\x1b[0m\n")]
)
def test_colours_only_where_wanted(capsys: pytest.CaptureFixture[str], color: str, text: str) -> None:
    console = Console(color="always" if color == "always" else "never" if color == "never" else "auto")

    console.result("x", "good")

    assert capsys.readouterr().out == text


def test_paths_are_not_broken_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "40")
    path = f"/a/{'long/' * 10}path"

    Console().finding(finding("two-formats", f"there is {path} beside it"))

    assert path in terminal.getvalue()
    assert terminal.getvalue().count("\n") == 3

import sys
from dataclasses import replace

import pytest

from conda_bridge.cli.console import Console, width_of
from conda_bridge.cli.summary import place, print_summary, size_text, source_text
from conda_bridge.model.codes import finding
from conda_bridge.model.evidence import Address, Certainty, Evidence
from conda_bridge.model.names import CondaName
from conda_bridge.model.recipe import (
    CompilerSpec,
    MatchSpec,
    Output,
    Recipe,
    Requirement,
    Requirements,
    StdlibSpec,
)
from conda_bridge.model.source import GitOrigin, LocalOrigin, SourceOrigin, UrlOrigin
from support.samples import CONVERSION, FACTS
from support.terminals import Terminal

HOST = ("alpha >=1", "bravo >=2,<3", "charlie", "delta >=1.2.3")


def evidence(
    key: str, certainty: Certainty = Certainty.DECLARED, note: str = "", origin: str = ""
) -> Evidence:
    return Evidence(
        address=Address(f"demo/{key}"),
        rule="r",
        certainty=certainty,
        note=note,
        origins=(origin,) if origin else (),
    )


def spec(text: str) -> Requirement:
    name, _, version = text.partition(" ")
    return Requirement(spec=MatchSpec(conda_name=CondaName(name), version=version))


RECIPE = Recipe(
    name=CondaName("demo"),
    version="1.0",
    outputs=(
        Output(
            conda_name=CondaName("demo"),
            requirements=Requirements(
                build=(Requirement(spec=CompilerSpec(language="c")), Requirement(spec=StdlibSpec())),
                host=(spec("pip"), *map(spec, HOST)),
                run=(spec("guess"), spec("mine >=1")),
            ),
        ),
    ),
)
COMPILED = replace(
    CONVERSION,
    recipe=RECIPE,
    evidence=(
        evidence("build/platform", Certainty.DERIVED, "it compiles", "setup.py:12"),
        evidence("requirements.build/compiler(c)", Certainty.DERIVED, "an extension", "setup.py:12"),
        evidence("requirements.build/stdlib(c)", Certainty.CONVENTION, "goes with every compiler"),
        evidence("requirements.host/pip", Certainty.CONVENTION, "runs the backend"),
        *(
            evidence(
                f"requirements.host/{text.split()[0]}", origin=f"pyproject.toml#/build-system/requires/{n}"
            )
            for n, text in enumerate(HOST)
        ),
        evidence("requirements.run/guess", Certainty.GUESSED, "a guess", "PKG-INFO#/Requires-Dist/0"),
        evidence("requirements.run/mine", Certainty.OVERRIDE),
    ),
)


def summary(capsys: pytest.CaptureFixture[str], console: Console | None = None) -> list[str]:
    print_summary(console or Console(), COMPILED)
    return capsys.readouterr().out.splitlines()


def test_lines_with_one_reason_share_a_row_and_habits_are_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert summary(capsys) == [
        "demo 1.0   sdist from files.example, sha256 verified",
        "  platform one build for each                        it compiles; setup.py:12",
        "  build    compiler(c), stdlib(c)                    an extension; setup.py:12",
        "  host     alpha >=1, bravo >=2,<3, charlie,         pyproject.toml build-system.requires",
        "           delta >=1.2.3",
        "  run      guess                                     guessed: a guess; PKG-INFO Requires-Dist",
        "  run      mine >=1                                  as configured",
    ]


def test_verbose_summary_has_the_habits_too(capsys: pytest.CaptureFixture[str]) -> None:
    lines = summary(capsys, Console(is_verbose=True))

    assert any(line.split() == ["host", "pip", "runs", "the", "backend"] for line in lines)


def test_python_is_shown_where_upstream_declares_no_range(capsys: pytest.CaptureFixture[str]) -> None:
    python = evidence("requirements.run/python", Certainty.CONVENTION, "upstream declares no python range")
    recipe = replace(
        RECIPE,
        outputs=(
            Output(conda_name=CondaName("demo"), requirements=Requirements(run=(spec("python >=3.9"),))),
        ),
    )

    print_summary(Console(), replace(CONVERSION, recipe=recipe, evidence=(python,)))

    assert capsys.readouterr().out.splitlines()[1:] == [
        "  run      python >=3.9  upstream declares no python range"
    ]


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))

    print_summary(Console(color="never"), COMPILED)

    lines = terminal.getvalue().splitlines()[1:]
    assert max(map(width_of, lines)) <= columns
    assert all(text.split()[0] in terminal.getvalue() for text in HOST)


def test_finding_is_broken_for_the_terminal_with_its_place_last(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    found = finding(
        "two-formats", "a message that is much longer than what is left of the line", origin="x/meta.yaml"
    )

    Console(color="never", is_verbose=True).finding(found)

    lines = terminal.getvalue().splitlines()
    assert lines[0].startswith("  warning  W112  a message")
    assert all(line.startswith(" " * 17) for line in lines[1:])
    assert max(map(len, lines)) < 60


@pytest.mark.parametrize(
    ("origin", "size_bytes", "shown"),
    [
        (
            UrlOrigin(url="https://a.example/x.tar.gz", sha256="0", filename="x.tar.gz"),
            999,
            "sdist 999 B from a.example, sha256 verified",
        ),
        (
            UrlOrigin(url="https://a.example/x.tar.gz", sha256="", filename="x.tar.gz"),
            0,
            "sdist from a.example",
        ),
        (GitOrigin(url="https://g.example/x", commit="0123456789abcdef"), 0, "git commit 0123456789ab"),
        (LocalOrigin(path="/x.tar.gz", sha256="0"), 1_234_567, "sdist 1.2 MB, on this machine only"),
        (LocalOrigin(path="/x"), 0, "directory, on this machine only"),
    ],
)
def test_source_is_told_with_its_size_and_what_vouches_for_it(
    origin: SourceOrigin, size_bytes: int, shown: str
) -> None:
    assert source_text(replace(FACTS, origin=origin, size_bytes=size_bytes)) == shown


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (80_021, "80 kB"),
        (9_950_000, "9.9 MB"),
        (5 * 10**12, "5000 GB"),
    ],
)
def test_sizes_have_two_digits_that_matter(size_bytes: int, shown: str) -> None:
    assert size_text(size_bytes) == shown


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        ("PKG-INFO#/Requires-Dist/3", "PKG-INFO Requires-Dist"),
        ("pyproject.toml#/build-system/requires/0", "pyproject.toml build-system.requires"),
        ("demo-1-cp311-cp311-x.whl/METADATA#/License", "the wheel's METADATA License"),
        ("setup.py:12", "setup.py:12"),
    ],
)
def test_places_are_told_without_indexes(origin: str, shown: str) -> None:
    assert place(origin) == shown

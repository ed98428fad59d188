"""`verify` counts what is equal, lists the rest, and its exit status is the verdict."""

import json
from dataclasses import replace
from typing import Any

import pytest

from conda_bridge.cli.console import Console
from conda_bridge.cli.jsonl import write_interruption
from conda_bridge.cli.verify import exit_status
from conda_bridge.cli.verify_answers import VerifyAnswer, verify_row_of
from conda_bridge.cli.verify_summary import count_text, print_verdict
from conda_bridge.errors import BridgeError, EngineError, RepackError
from conda_bridge.model.codes import finding
from conda_bridge.model.names import pypi_name
from conda_bridge.model.repackaging import Comparison, FieldVerdict, FileVerdict, WheelMade
from conda_bridge.workflows.codec import encode
from conda_bridge.workflows.schemas import json_schema
from conda_bridge.workflows.verify import VerifyResult
from support.cli_runs import RunCli
from support.schema_check import complaints

EQUAL = FileVerdict(path="demo/__init__.py", verdict="equal")
EXPLAINED = FileVerdict(
    path="demo/.git", verdict="explained", rule="not-in-source", note="the sdist has no such file"
)
DIFFERENT = FileVerdict(path="demo/a.py", verdict="different", note="other content")


def result(
    *files: FileVerdict, fields: tuple[FieldVerdict, ...] = (), error: BridgeError | None = None
) -> VerifyResult:
    """Return what became of a source."""
    made = WheelMade(
        path="/scratch/demo-1.0-py3-none-any.whl",
        pypi_name=pypi_name("demo"),
        version="1.0",
        sha256="0" * 64,
        size_bytes=1,
        package_sha256="1" * 64,
        metadata_origin="kept",
        deflate="zlib",
        files=3,
    )
    comparison = Comparison(
        left="the conda package's wheel",
        right="the project's own build",
        files=files,
        fields=fields,
        is_metadata_identical=not fields,
    )
    return VerifyResult(
        subject="demo",
        pypi_name="demo",
        version="1.0",
        packages=("demo-1.0-py_0.conda",),
        wheels=(made,),
        comparisons=() if error else (comparison,),
        error=error,
    )


def test_equal_files_are_counted_and_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    print_verdict(Console(color="never"), result(EQUAL, EQUAL))

    assert capsys.readouterr().out == (
        "demo 1.0   demo-1.0-py_0.conda\n"
        "  the project's own build   2 files: 2 equal\n"
        "equal demo 1.0: through conda comes what the project's own build is\n"
    )


def test_what_differs_stands_before_what_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    print_verdict(Console(color="never"), result(EQUAL, EXPLAINED, DIFFERENT))

    assert capsys.readouterr().out.splitlines()[1:] == [
        "  the project's own build   3 files: 1 equal, 1 explained, 1 different",
        "    different      demo/a.py  other content",
        "    not-in-source  demo/.git  the sdist has no such file",
        "different demo 1.0: not what the project's own build has",
    ]


def test_what_runs_stands_before_what_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    data = FileVerdict(path="a.txt", verdict="different", note="other content")

    print_verdict(Console(color="never"), result(data, DIFFERENT))

    out = capsys.readouterr().out
    assert out.index("demo/a.py") < out.index("a.txt")


def test_field_that_differs_is_shown_with_what_only_one_side_says(capsys: pytest.CaptureFixture[str]) -> None:
    row = FieldVerdict(field="Requires-Dist", verdict="different", left=("a", "b"), right=("a", "c"))

    print_verdict(Console(color="never"), result(EQUAL, fields=(row,)))

    assert "    different    Requires-Dist  b | c" in capsys.readouterr().out.splitlines()


def test_value_that_is_only_written_differently_isnt_shown(capsys: pytest.CaptureFixture[str]) -> None:
    row = FieldVerdict(
        field="Requires-Dist",
        verdict="different",
        left=("a; extra == 'x'", "b"),
        right=('a ; extra == "x"',),
    )

    print_verdict(Console(color="never"), result(EQUAL, fields=(row,)))

    assert "    different    Requires-Dist  b | nothing" in capsys.readouterr().out.splitlines()


def test_verbose_shows_every_value_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    many = tuple(f"{'long' * 20}-{number}" for number in range(5))
    row = FieldVerdict(field="Requires-Dist", verdict="different", left=many, right=())

    print_verdict(Console(color="never", is_verbose=True), result(EQUAL, fields=(row,)))

    assert f"{', '.join(many)} | nothing" in capsys.readouterr().out


class Narrow(Console):
    """A terminal of 60 columns."""

    @property
    def width(self) -> int | None:
        return 60


def test_rows_are_wrapped_and_not_cut_on_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    path = "demo-1.2.0.dist-info/licenses/LICENSE"
    note = "the same file as demo-1.2.0.dist-info/LICENSE, which is where older versions put it"
    row = replace(EXPLAINED, path=path, note=note)

    print_verdict(Narrow(color="never"), result(row))

    assert capsys.readouterr().out.splitlines()[2:-1] == [
        f"    not-in-source  {path}",
        "        the same file as demo-1.2.0.dist-info/LICENSE, which",
        "        is where older versions put it",
    ]


def test_difference_says_how_to_look_at_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_verdict(Console(color="never"), result(DIFFERENT))
    told = capsys.readouterr().err

    print_verdict(Console(color="never"), replace(result(DIFFERENT), kept=("proof/demo.whl",)))

    assert "--json" in told
    assert "--keep" in told
    assert "--keep" not in capsys.readouterr().err


def test_many_rows_are_cut_unless_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    many = [replace(DIFFERENT, path=f"demo/{number}.py") for number in range(30)]

    print_verdict(Console(color="never"), result(*many))
    assert "    10 more with -v" in capsys.readouterr().out.splitlines()

    print_verdict(Console(color="never", is_verbose=True), result(*many))
    assert "more with -v" not in capsys.readouterr().out


def test_quiet_leaves_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    print_verdict(Console(color="never", is_quiet=True), result(EXPLAINED))

    assert (
        capsys.readouterr().out == "explained demo 1.0: all that differs has its reason: not-in-source (1)\n"
    )


def test_note_that_nothing_was_published_is_always_shown(capsys: pytest.CaptureFixture[str]) -> None:
    noted = replace(result(EQUAL), diagnostics=(finding("nothing-published", "there is no such wheel"),))

    print_verdict(Console(color="never"), noted)

    assert "there is no such wheel" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ([result(EQUAL), result(EXPLAINED)], 0),
        ([result(EQUAL), result(DIFFERENT)], 1),
        ([result(DIFFERENT), result(error=RepackError("platform-package", "for linux-64"))], 9),
        (
            [
                result(error=RepackError("platform-package", "for linux-64")),
                result(error=EngineError("build-failed", "no")),
            ],
            10,
        ),
    ],
)
def test_exit_status_is_the_verdict_of_all(results: list[VerifyResult], status: int) -> None:
    assert exit_status(results) == status


def test_sources_are_counted_by_their_verdicts() -> None:
    failed = result(error=EngineError("build-failed", "no"))

    text = count_text([result(EQUAL), result(EXPLAINED), result(DIFFERENT), failed])

    assert text == "4 sources: 1 equal; 1 explained; different: demo; failed: demo"


def test_answer_has_every_file_and_fits_its_schema() -> None:
    row = FieldVerdict(field="Name", verdict="equal", left=("demo",), right=("demo",))
    answer = VerifyAnswer(results=(verify_row_of(result(EQUAL, DIFFERENT, fields=(row,))),))

    document: Any = encode(answer, VerifyAnswer)

    assert complaints(document, json_schema(VerifyAnswer)) == []
    (told,) = document["results"]
    assert told["verdict"] == "different"
    assert [file["verdict"] for file in told["comparisons"][0]["files"]] == ["equal", "different"]
    assert told["wheels"][0]["filename"] == "demo-1.0-py3-none-any.whl"


def test_failure_of_a_source_is_in_the_answer(cli: RunCli) -> None:
    outcome = cli("verify", "./nowhere", "--offline", "--json")

    answer = json.loads(outcome.out)
    assert answer["schema"] == "conda-bridge.verify/1"
    assert answer["results"] == []
    assert [error["source"] for error in answer["errors"]] == ["./nowhere"]
    assert outcome.status == answer["errors"][0]["exit_status"] != 0


def test_interrupted_answer_has_the_sources_that_were_proved(capsys: pytest.CaptureFixture[str]) -> None:
    begun = VerifyAnswer(results=(verify_row_of(result(EQUAL)),))

    write_interruption(KeyboardInterrupt(begun), "interrupted by the user; not done: other", 130)

    answer = json.loads(capsys.readouterr().out)
    assert [(row["source"], row["verdict"]) for row in answer["results"]] == [("demo", "equal")]
    assert [(error["slug"], error["exit_status"]) for error in answer["errors"]] == [("interrupted", 130)]
    assert complaints(answer, json_schema(VerifyAnswer)) == []

import json
from pathlib import Path

from support.cli_runs import RunCli


def test_names_come_with_source_confidence_and_reason(cli: RunCli) -> None:
    done = cli("names", "to-conda", "torch", "No_Such.Project")

    torch, unknown = done.out.splitlines()
    assert done.status == 0
    assert torch.split()[:4] == ["torch", "pytorch", "high", "curated"]
    assert unknown.split()[:4] == ["no-such-project", "no-such-project", "low", "identity"]
    assert "also considered:" in unknown


def test_names_are_mapped_as_configured(work: Path, cli: RunCli) -> None:
    (work / "conda-bridge.toml").write_text('[names.pypi-to-conda]\ntorch = "my-torch"\nnope = ""\n')

    done = cli("names", "to-conda", "torch", "nope")

    assert "my-torch" in done.out
    assert "nope   (dropped)  certain  override" in done.out


def test_conda_names_lead_back_to_projects(cli: RunCli) -> None:
    done = cli("names", "to-pypi", "pytorch", "graphviz")

    assert done.status == 0
    assert done.out.splitlines()[0].split() == ["pytorch", "torch"]
    assert "(not a Python package)" in done.out.splitlines()[1]


def test_names_answer_in_json(cli: RunCli) -> None:
    to_conda = json.loads(cli("names", "to-conda", "torch", "--json").out)
    to_pypi = json.loads(cli("names", "to-pypi", "pytorch", "--json").out)

    assert to_conda["schema"] == "conda-bridge.names-to-conda/1"
    assert to_conda["results"][0]["candidates"][0] == "pytorch"
    assert to_pypi["results"] == [{"conda_name": "pytorch", "pypi_names": ["torch"]}]


def test_impossible_name_is_a_metadata_error(cli: RunCli) -> None:
    for direction, name in (("to-conda", "a b"), ("to-pypi", "a b")):
        done = cli("names", direction, name)
        assert (done.status, done.out) == (4, "")
        assert done.err.startswith("error[E301]")


def test_quiet_names_are_still_answered(cli: RunCli) -> None:
    for direction in ("to-conda", "to-pypi"):
        quiet, loud = cli("names", direction, "torch", "-q"), cli("names", direction, "torch")

        assert quiet.out == loud.out != ""

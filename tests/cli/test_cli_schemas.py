import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from conda_bridge.cli import answers
from conda_bridge.cli.build_answers import BuildAnswer
from conda_bridge.cli.repack_answers import CondaAnswer, WheelAnswer
from conda_bridge.cli.verify_answers import VerifyAnswer
from conda_bridge.workflows.codec import encode
from conda_bridge.workflows.documents import Report
from conda_bridge.workflows.manifest import BuildManifest
from conda_bridge.workflows.report import report_of
from conda_bridge.workflows.schemas import json_schema
from support.cli_runs import MakeSdist, RunCli
from support.noarch_packages import NoarchParts, write_noarch
from support.samples import CONVERSION
from support.schema_check import complaints
from support.wheels import WheelParts, write_wheel

FOLDER = Path(str(files("conda_bridge"))) / "data" / "schemas"
ANSWERS = [
    kind
    for name in answers.__all__
    if isinstance(kind := getattr(answers, name), type) and hasattr(kind, "schema")
]
DOCUMENTS = [Report, BuildManifest, BuildAnswer, WheelAnswer, CondaAnswer, VerifyAnswer, *ANSWERS]


def schema_file(schema: str) -> Path:
    return FOLDER / (schema.removeprefix("conda-bridge.").replace("/", "-") + ".json")


def shipped_schema(document: dict[str, Any]) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(schema_file(document["schema"]).read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.__name__)
def test_shipped_schema_is_what_the_types_say(kind: type, update_golden: bool) -> None:  # noqa: FBT001
    generated = json_schema(kind)
    path = schema_file(str(generated["title"]))
    text = json.dumps(generated, indent=2) + "\n"
    if update_golden:
        path.write_text(text, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == text


def test_no_schema_is_left_over() -> None:
    assert set(FOLDER.iterdir()) == {schema_file(str(json_schema(kind)["title"])) for kind in DOCUMENTS}


def test_report_fits_its_schema() -> None:
    document: Any = encode(report_of(CONVERSION, files=(("demo/recipe.yaml", ""),)), Report)

    assert complaints(document, shipped_schema(document)) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("recipe", "./demo-1.0.tar.gz", "./nowhere", "--offline"),
        ("recipe", "--frmat"),
        ("explain", "./demo-1.0.tar.gz", "--offline"),
        ("explain", "E203"),
        ("check", "demo", "nowhere", "--offline"),
        ("wheel", "demo-1.0-py_0.conda", "nowhere.conda", "--offline"),
        ("conda", "demo-1.0-py3-none-any.whl", "nowhere.whl", "--offline"),
        ("names", "to-conda", "torch", "unheard-of"),
        ("names", "to-pypi", "pytorch"),
        ("distributor", "list"),
        ("distributor", "show", "defaults", "--platform", "osx-arm64"),
        ("doctor", "--offline"),
        ("completion", "fish"),
    ],
    ids=" ".join,
)
def test_every_answer_fits_its_schema(
    cli: RunCli, make_sdist: MakeSdist, work: Path, arguments: tuple[str, ...]
) -> None:
    make_sdist()
    if arguments[0] in {"wheel", "conda"}:
        write_noarch(work, NoarchParts())
        write_wheel(work, WheelParts())
    if arguments[0] == "check":
        cli("recipe", "./demo-1.0.tar.gz", "--offline")

    document = json.loads(cli(*arguments, "--json").out)

    assert complaints(document, shipped_schema(document)) == []


def test_document_that_does_not_fit_is_told_apart() -> None:
    document: Any = encode(report_of(CONVERSION), Report)
    document["evidence"][0]["certainty"] = "perhaps"
    del document["version"]

    assert len(complaints(document, shipped_schema(document))) == 2

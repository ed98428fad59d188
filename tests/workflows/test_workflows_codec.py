import json
import pickle
from typing import Any

import pytest

from conda_bridge.errors import UsageError
from conda_bridge.model.condition import ALWAYS
from conda_bridge.model.source import DirectoryRef, LocalOrigin, SourceFacts
from conda_bridge.workflows.codec import dumps, encode, loads
from support.samples import CONVERSION, FACTS, PROJECT, RECIPE


@pytest.mark.parametrize("value", [FACTS, PROJECT, RECIPE, CONVERSION], ids=lambda v: type(v).__name__)
def test_model_value_survives_json(value: object) -> None:
    text = dumps(value, type(value))

    assert loads(text, type(value), where="x") == value
    assert dumps(loads(text, type(value), where="x"), type(value)) == text


@pytest.mark.parametrize("value", [FACTS, PROJECT, RECIPE, CONVERSION], ids=lambda v: type(v).__name__)
def test_model_value_survives_pickle(value: object) -> None:
    assert pickle.loads(pickle.dumps(value)) == value


def test_union_member_says_its_type_and_a_lone_class_does_not() -> None:
    encoded: Any = encode(FACTS, SourceFacts)

    assert encoded["origin"]["type"] == "UrlOrigin"
    assert "type" not in encoded["files"][0]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda doc: doc.pop("label"), "x.json#: has no 'label'"),
        (lambda doc: doc.update(label=3), "x.json#/label: needs str, not '3'"),
        (lambda doc: doc.update(size_bytes=True), "x.json#/size_bytes: needs int, not 'True'"),
        (lambda doc: doc.update(files={}), "x.json#/files: needs a list, not '{}'"),
        (lambda doc: doc["origin"].update(type="Nothing"), "x.json#/origin: needs a 'type' among"),
        (lambda doc: doc["origin"].update(type=[]), "x.json#/origin: needs a 'type' among"),
        (lambda doc: doc.update(origin=[]), "x.json#/origin: needs an object"),
        (lambda doc: doc["ref"].update(specifier="="), "x.json#/ref/specifier: Invalid specifier"),
        (lambda doc: doc["texts"].append(["a"]), "x.json#/texts/1: needs 2 items"),
        (
            lambda doc: doc["diagnostics"][0].update(severity="bad"),
            "x.json#/diagnostics/0/severity: needs one of",
        ),
    ],
)
def test_damaged_document_is_refused_with_the_path_of_the_damage(change: Any, complaint: str) -> None:
    document = json.loads(dumps(FACTS, SourceFacts))
    change(document)

    with pytest.raises(UsageError) as caught:
        loads(json.dumps(document), SourceFacts, where="x.json")

    assert caught.value.slug == "invalid-document"
    assert str(caught.value).startswith(complaint)


@pytest.mark.parametrize("text", ["{", "[]", "null", '"text"', "[" * 100_000])
def test_text_that_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"x\.json"):
        loads(text, SourceFacts, where="x.json")


def test_always_and_local_origins_survive_json() -> None:
    facts = SourceFacts(
        ref=DirectoryRef(text=".", path="/p"), origin=LocalOrigin(path="/p"), label="p", index=None
    )

    assert loads(dumps(facts, SourceFacts), SourceFacts, where="x") == facts
    assert encode(ALWAYS, type(ALWAYS)) == {}

import json
import pickle
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conda_bridge.errors import UsageError
from conda_bridge.model.condition import (
    ALWAYS,
    CROSS,
    PyVersion,
    Span,
    all_of,
    any_of,
    arch_is,
    os_in,
    python_in,
    variant_is,
)
from conda_bridge.model.conversion import Conversion
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Address, Certainty, Evidence
from conda_bridge.model.names import CondaName, NameHit, NameTable, PypiName
from conda_bridge.model.project import BuildSystem, Declared, Extra, Known, LicenseStatement, Project
from conda_bridge.model.recipe import (
    CommandTest,
    CompilerSpec,
    GitSource,
    MatchSpec,
    Output,
    PinSpec,
    PythonMinSpec,
    PythonTest,
    Recipe,
    Requirements,
    Script,
    ScriptLine,
    UrlSource,
)
from conda_bridge.model.recipe import Requirement as RecipeRequirement
from conda_bridge.model.source import (
    DirectoryRef,
    FileEntry,
    FileLink,
    IndexFacts,
    LocalOrigin,
    RequirementRef,
    Signal,
    SourceFacts,
    UrlOrigin,
)
from conda_bridge.workflows.codec import dumps, encode, loads

CONDITION = any_of(
    all_of(os_in({"linux"}), arch_is("aarch64", negated=True), CROSS),
    python_in(Span(PyVersion.from_text("3.11"), None)),
    variant_is("cuda", "12"),
)
FACTS = SourceFacts(
    ref=RequirementRef(text="demo>=1", pypi_name=PypiName("demo"), specifier=SpecifierSet(">=1")),
    origin=UrlOrigin(url="https://files.example/demo-1.tar.gz", sha256="0" * 64, filename="demo-1.tar.gz"),
    label="demo-1.tar.gz",
    files=(FileEntry(path="setup.py", size_bytes=12),),
    texts=(("setup.py", "setup()\n\x00é"),),
    signals=(Signal(kind="include", token="zlib.h", path="a.c", line=3),),
    index=IndexFacts(
        index_url="https://pypi.org/simple",
        version=Version("1.0rc1"),
        sdist=FileLink(filename="demo-1.tar.gz", url="https://files.example/demo-1.tar.gz", yanked=""),
    ),
    diagnostics=(Diagnostic(code="W1", slug="x", severity="warning", message="m"),),
)
PROJECT = Project(
    pypi_name=Known(value=PypiName("demo"), origin="PKG-INFO#/Name"),
    display_name="Demo",
    version=Known(value=Version("1.0"), origin="PKG-INFO#/Version", is_declared=False),
    build_system=BuildSystem(requires=(), backend="hatchling.build"),
    requires_python=Known(value=SpecifierSet(">=3.9"), origin="PKG-INFO#/Requires-Python"),
    dependencies=(
        Declared(
            requirement=Requirement('colorama[x]>=1; os_name == "nt"'), origin="PKG-INFO#/Requires-Dist/0"
        ),
    ),
    extras=(Extra(name="cli", requirements=()),),
    license=LicenseStatement(files=(Known(value="LICENSE", origin="PKG-INFO#/License-File/0"),)),
    urls=(("homepage", Known(value="https://demo.example", origin="PKG-INFO#/Home-page")),),
)
RECIPE = Recipe(
    name=CondaName("demo"),
    version="1.0",
    sources=(UrlSource(url="https://x.example/a", sha256="1" * 64), GitSource(url="https://g", commit="c")),
    outputs=(
        Output(
            conda_name=CondaName("demo"),
            noarch="python",
            skip=(CONDITION,),
            script=Script(lines=(ScriptLine(command="make", condition=CONDITION),), env=(("A", "1"),)),
            requirements=Requirements(
                build=(RecipeRequirement(spec=CompilerSpec(language="c")),),
                run=(
                    RecipeRequirement(spec=PythonMinSpec(is_exact=False, upper="3.14")),
                    RecipeRequirement(
                        spec=MatchSpec(conda_name=CondaName("a"), version=">=1"), condition=CONDITION
                    ),
                ),
                run_constraints=(
                    RecipeRequirement(spec=PinSpec(function="pin_compatible", conda_name=CondaName("b"))),
                ),
            ),
            tests=(PythonTest(imports=("demo",)), CommandTest(lines=(ScriptLine(command="demo"),))),
        ),
    ),
)
CONVERSION = Conversion(
    recipe=RECIPE,
    evidence=(Evidence(address=Address("demo/source"), rule="source", certainty=Certainty.DECLARED),),
    diagnostics=(),
    facts=FACTS,
    project=PROJECT,
    names=NameTable(
        hits=(NameHit(pypi_name=PypiName("a"), chosen=None, source="override", confidence="certain"),)
    ),
)


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

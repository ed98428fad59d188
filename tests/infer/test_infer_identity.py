"""What a recipe is called."""

from dataclasses import replace

from conda_bridge.infer.identity import infer_identity
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.names import CondaName, NameTable, PypiName
from conda_bridge.translate.names import NameMap
from support.converting import PYPROJECT, context_of
from support.trees import facts_of_texts


def identity_of(project: str) -> Inferred[CondaName]:
    text = PYPROJECT.replace('name = "demo"', f'name = "{project}"')
    ctx = context_of(facts_of_texts({"pyproject.toml": text}, label=f"{project}-1.2.3"))
    return infer_identity(replace(ctx, names=NameTable(hits=NameMap().to_conda((PypiName(project),)))))


def test_a_project_that_stands_for_another_one_keeps_its_own_name_with_a_finding() -> None:
    found = identity_of("sklearn")

    assert found.value == "sklearn"
    assert [one.slug for one in found.diagnostics] == ["stand-in-project"]
    assert "scikit-learn" in found.diagnostics[0].message


def test_a_renamed_project_and_one_with_a_smaller_package_beside_it_are_no_stand_ins() -> None:
    torch, dask = identity_of("torch"), identity_of("dask")

    assert (torch.value, dask.value) == ("pytorch", "dask")
    assert (*torch.diagnostics, *dask.diagnostics) == ()

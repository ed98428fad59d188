from pathlib import Path

import pytest

from conda_bridge.errors import UsageError
from conda_bridge.workflows.codec import dumps
from conda_bridge.workflows.documents import Report
from conda_bridge.workflows.explain import explain, matches
from conda_bridge.workflows.report import report_of
from support.samples import CONVERSION

TEXT = "recipe\n"


@pytest.fixture
def recipe_dir(tmp_path: Path) -> Path:
    """A recipe's folder with its report beside it."""
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(TEXT)
    report = report_of(CONVERSION, files=(("demo/recipe.yaml", TEXT),))
    (tmp_path / "demo.bridge.json").write_text(dumps(report, Report))
    return folder


def test_folder_file_and_report_all_lead_to_the_reasons(recipe_dir: Path) -> None:
    for source in (recipe_dir, recipe_dir / "recipe.yaml", recipe_dir.parent / "demo.bridge.json"):
        report = explain(str(source))
        assert len(report.evidence) == len(CONVERSION.evidence)
        assert [found.code for found in report.diagnostics] == ["W412"]


def test_folder_is_found_from_within(recipe_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(recipe_dir)

    assert explain(".").conda_name == "demo"


def test_recipe_changed_by_hand_is_told(recipe_dir: Path) -> None:
    (recipe_dir / "recipe.yaml").write_text("changed")

    report = explain(str(recipe_dir))

    assert [(found.code, found.origin) for found in report.diagnostics][1:] == [("W114", "demo/recipe.yaml")]


def test_recipe_without_report_is_refused(recipe_dir: Path) -> None:
    (recipe_dir.parent / "demo.bridge.json").unlink()

    with pytest.raises(UsageError) as caught:
        explain(str(recipe_dir))

    assert caught.value.slug == "no-report"


def test_missing_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        explain(str(tmp_path / "x.bridge.json"))

    assert caught.value.slug == "invalid-document"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("demo/requirements.run/a", 1),
        ("a", 1),
        ("run", 2),
        ("requirements", 4),
        ("demo/requirements.run", 2),
        ("requirements.run/python", 1),
        ("imports", 1),
        ("build/platform", 1),
    ],
)
def test_address_picks_lines(recipe_dir: Path, address: str, expected: int) -> None:
    assert len(explain(str(recipe_dir), address).evidence) == expected


def test_unknown_address_is_refused_with_the_nearest_ones(recipe_dir: Path) -> None:
    with pytest.raises(UsageError) as caught:
        explain(str(recipe_dir), "pyhton")

    assert caught.value.slug == "unknown-address"
    assert caught.value.hint == "did you mean 'python'?"


def test_address_like_nothing_keeps_the_hint_of_the_table(recipe_dir: Path) -> None:
    with pytest.raises(UsageError) as caught:
        explain(str(recipe_dir), "zzzzzzzz")

    assert caught.value.hint is None


@pytest.mark.parametrize(
    ("address", "asked", "expected"),
    [
        ("demo/requirements.run/a", "ab", False),
        ("demo/requirements.run/ab", "a", False),
        ("demo/about/license_file.x/LICENSE", "license_file", True),
        ("demo/about/license_file.x/LICENSE", "license", False),
        ("demo/about/license", "license", True),
        ("demo/source", "source", True),
        ("demo/source", "demo", True),
    ],
)
def test_only_whole_parts_of_an_address_match(address: str, asked: str, expected: bool) -> None:  # noqa: FBT001
    assert matches(address, asked) is expected

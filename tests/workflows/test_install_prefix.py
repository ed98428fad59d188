"""Where an environment can't be made is told before any work."""

from pathlib import Path

import pytest

from conda_bridge.errors import UsageError
from conda_bridge.workflows.building.installing import check_prefix


@pytest.mark.parametrize("sign", ["$(id)", "`id`", '"', "'", "\\", "\n"])
def test_prefix_that_shells_would_read_is_refused(tmp_path: Path, sign: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_prefix(str(tmp_path / f"env{sign}"))

    assert caught.value.slug == "unusable-prefix"


def test_prefix_is_refused_for_the_folder_above_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a$b").mkdir()
    monkeypatch.chdir(tmp_path / "a$b")

    with pytest.raises(UsageError) as caught:
        check_prefix("env")

    assert caught.value.slug == "unusable-prefix"


def test_prefix_may_have_blanks(tmp_path: Path) -> None:
    check_prefix(str(tmp_path / "my env (1)"))

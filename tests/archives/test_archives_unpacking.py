from pathlib import Path

import pytest

from conda_bridge.archives.unpacking import copy_files
from conda_bridge.errors import SourceError


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "/etc/hostname", "./a", "a//b"])
def test_path_that_leads_elsewhere_is_refused(tmp_path: Path, path: str) -> None:
    for name in ("from/a", "to"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "secret").write_text("s")

    with pytest.raises(SourceError) as caught:
        copy_files(str(tmp_path / "from"), str(tmp_path / "to"), paths=[path])

    assert caught.value.slug == "unsafe-archive"
    assert list((tmp_path / "to").iterdir()) == []

import os
import random
import zipfile
from pathlib import Path

import pytest

from conda_bridge.archives.unpacking import copy_files, unpack_archive
from conda_bridge.errors import SourceError
from support.archives import regular, write_tar_gz, write_zip


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "/etc/hostname", "./a", "a//b"])
def test_path_that_leads_elsewhere_is_refused(tmp_path: Path, path: str) -> None:
    for name in ("from/a", "to"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "secret").write_text("s")

    with pytest.raises(SourceError) as caught:
        copy_files(str(tmp_path / "from"), str(tmp_path / "to"), paths=[path])

    assert caught.value.slug == "unsafe-archive"
    assert list((tmp_path / "to").iterdir()) == []


def _zipped(name: str, mode: int) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.external_attr = (0o100000 | mode) << 16
    return info, b"x\n"


@pytest.mark.parametrize("top", ["demo-1.0/", ""])
@pytest.mark.parametrize("kind", ["tar", "zip", "directory"])
def test_what_is_executable_stays_so(tmp_path: Path, kind: str, top: str) -> None:
    modes = {"run": 0o755, "odd": 0o711, "plain": 0o644, "more/plain": 0o600}
    members = [(f"{top}{name}", mode) for name, mode in modes.items()]
    target = tmp_path / "to"
    target.mkdir()
    if kind == "tar":
        archive = write_tar_gz(tmp_path / "a.tar.gz", [regular(name, mode=mode) for name, mode in members])
        unpack_archive(str(archive), str(target), paths=modes)
    elif kind == "zip":
        archive = write_zip(tmp_path / "a.zip", [_zipped(name, mode) for name, mode in members])
        unpack_archive(str(archive), str(target), paths=modes)
    else:
        for name, mode in modes.items():
            path = tmp_path / "from" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x\n")
            path.chmod(mode)
        copy_files(str(tmp_path / "from"), str(target), paths=modes)

    found = {name for name in modes if (target / name).stat().st_mode & 0o111}

    assert found == ({"run", "odd"} if os.name != "nt" else set())


def test_files_that_are_too_much_for_the_memory_are_written_one_by_one(tmp_path: Path) -> None:
    size = 17_000_000
    names = [f"data{number}" for number in range(6)]
    piece = random.Random(0).randbytes(size)
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name in names:
            file.writestr(f"demo-1.0/{name}", piece)
    (tmp_path / "to").mkdir()

    unpack_archive(str(archive), str(tmp_path / "to"), paths=names)

    assert {path.name: path.stat().st_size for path in (tmp_path / "to").iterdir()} == dict.fromkeys(
        names, size
    )

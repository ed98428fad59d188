"""Wheels with random damage are converted or refused with a code; nothing half-made stays, and nothing lands elsewhere."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conda_bridge.errors import BridgeError
from conda_bridge.model.condition import Target
from conda_bridge.model.names import NameTable
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.repack.to_conda.wheel_to_conda import WheelTarget, wheel_to_conda
from support.wheels import WheelParts, write_wheel

TARGET = WheelTarget(target=Target(platform="linux-64", python=PyVersion((3, 11))))
PARTS = WheelParts(
    files={
        "demo/__init__.py": b"x = 1\n" * 50,
        "DATA/scripts/tool": b"#!python\n",
        "INFO/licenses/L": b"free",
    },
    metadata=("Requires-Dist: idna>=2; python_version > '3'", "Requires-Python: >=3.8"),
    entry_points="[console_scripts]\ndemo = demo:main\n",
)
LINES = st.sampled_from([
    "Requires-Dist: ", "Requires-Python: ", "Name: ", "Version: ", "License: ", "Classifier: License :: ",
    "License-Expression: ", "Provides-Extra: ", "Summary: ", "Project-URL: ", "License-File: ", " ", "",
])  # fmt: skip


def outcome(wheel: Path, folder: Path) -> str:
    out = folder / "out"
    out.mkdir(exist_ok=True)
    before = sorted(path for path in folder.rglob("*") if out not in path.parents)
    made: list[Path] = []
    with suppress(BridgeError):
        made += [Path(wheel_to_conda(str(wheel), str(out), target=TARGET, names=NameTable()).path)]
    assert list(out.iterdir()) == made
    assert sorted(path for path in folder.rglob("*") if out not in path.parents) == before
    for path in made:
        path.unlink()
    return "made" if made else "refused"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damage")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_flipped_bytes(folder: Path, data: st.DataObject) -> None:
    path = write_wheel(folder, PARTS)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    outcome(path, folder)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.tuples(LINES, st.text(max_size=30)), max_size=4), commands=st.text(max_size=40))
def test_odd_metadata(folder: Path, lines: list[tuple[str, str]], commands: str) -> None:
    texts = tuple(
        (start + text).encode("utf-8", "replace").decode().replace("\r", " ").replace("\n", " ")
        for start, text in lines
    )
    points = f"[console_scripts]\n{commands}\n".encode("utf-8", "replace").decode()
    outcome(write_wheel(folder, WheelParts(metadata=texts, entry_points=points)), folder)


def test_month_that_no_calendar_has(tmp_path: Path) -> None:
    path = write_wheel(tmp_path, PARTS)
    # Bits 5 to 8 of the date, in the directory's entry of the first member.
    content = bytearray(path.read_bytes())
    start = content.index(b"PK\x01\x02")
    content[start + 14 : start + 16] = b"\0\0"
    path.write_bytes(content)
    assert outcome(path, tmp_path) == "made"


def test_undamaged_wheel_is_converted(tmp_path: Path) -> None:
    assert outcome(write_wheel(tmp_path, PARTS), tmp_path) == "made"

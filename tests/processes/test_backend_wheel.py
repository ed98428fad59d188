"""A build backend's wheel comes out of the sandbox as bytes, and only as what it was said to be."""

import sys
import zipfile
from pathlib import Path

import pytest

from conda_bridge.errors import MetadataError
from support.sandboxes import KINDS, MakeBackend, new_backend, sandbox_of

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="Linux namespaces")]

NAME = "demo-1.0-py3-none-any.whl"
BACKEND = """\
import json, os, pathlib, zipfile
def build_wheel(folder, settings=None, metadata=None):
    name = {name!r}
    {body}
    return name
"""
ZIP = """with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("demo.py", "x = 1\\n" * 500_000)
        wheel.writestr("noise", bytes(range(256)))
"""
FORGED = """os.write(3, json.dumps({answer}).encode() + b"\\n" + {content}); os._exit(0)"""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


@pytest.fixture
def make_backend(tmp_path: Path) -> MakeBackend:
    sandbox = sandbox_of("bubblewrap")
    return lambda text: new_backend(tmp_path, sandbox, text)


@pytest.mark.parametrize("kind", KINDS)
def test_wheel_comes_out_of_every_sandbox_byte_for_byte(tmp_path: Path, target: Path, kind: str) -> None:
    backend = new_backend(tmp_path, sandbox_of(kind), BACKEND.format(name=NAME, body=ZIP))

    path = backend.wheel(target)

    assert path == target / NAME
    with zipfile.ZipFile(path) as wheel:
        assert wheel.read("noise") == bytes(range(256))
        assert len(wheel.read("demo.py")) == 3_000_000


def test_nothing_but_the_wheel_is_written(make_backend: MakeBackend, target: Path) -> None:
    body = f"{ZIP}    pathlib.Path(folder, 'more').write_text('x')\n    pathlib.Path('here').write_text('x')"
    backend = make_backend(BACKEND.format(name=NAME, body=body))

    backend.wheel(target)

    assert [path.name for path in target.iterdir()] == [NAME]
    assert sorted(path.name for path in backend.source.iterdir()) == ["own_backend.py", "pyproject.toml"]


@pytest.mark.parametrize(
    "name",
    [
        "demo.zip",
        "../demo-1.0-py3-none-any.whl",
        "/tmp/demo-1.0-py3-none-any.whl",
        "",
        "demo-1.0-py3-none-any.whl\0",
    ],
)
def test_name_that_no_wheel_has_is_a_failure(make_backend: MakeBackend, target: Path, name: str) -> None:
    answer = f"dict(wheel={name!r}, size_bytes=4)"
    body = FORGED.format(answer=answer, content="b'made'")

    with pytest.raises(MetadataError) as caught:
        make_backend(BACKEND.format(name=NAME, body=body)).wheel(target)

    assert caught.value.slug == "backend-failed"
    assert list(target.iterdir()) == []
    assert not Path(target, name.strip("\0")).is_file()


@pytest.mark.parametrize("size", ["3", "5", "'4'", "None"])
def test_wheel_of_another_size_than_was_said_is_a_failure(
    make_backend: MakeBackend, target: Path, size: str
) -> None:
    body = FORGED.format(answer=f"dict(wheel=name, size_bytes={size})", content="b'made'")

    with pytest.raises(MetadataError) as caught:
        make_backend(BACKEND.format(name=NAME, body=body)).wheel(target)

    assert caught.value.slug == "backend-failed"
    assert list(target.iterdir()) == []


def test_link_as_the_wheel_leads_nowhere_outside(make_backend: MakeBackend, target: Path) -> None:
    secret = target.parent / "secret"
    secret.write_text("secret")
    backend = make_backend(
        BACKEND.format(name=NAME, body=f"os.symlink({str(secret)!r}, f'{{folder}}/{{name}}')")
    )

    with pytest.raises(MetadataError) as caught:
        backend.wheel(target)

    assert caught.value.slug == "backend-failed"
    assert list(target.iterdir()) == []


def test_failure_of_the_backend_is_told_by_its_last_words(make_backend: MakeBackend, target: Path) -> None:
    backend = make_backend(BACKEND.format(name=NAME, body="raise RuntimeError('no such thing')"))

    with pytest.raises(MetadataError, match="no such thing") as caught:
        backend.wheel(target)

    assert caught.value.slug == "backend-failed"


def test_wheel_beyond_the_limit_of_files_is_a_failure(make_backend: MakeBackend, target: Path) -> None:
    body = "open(f'{folder}/{name}', 'wb').write(bytes(5 << 20))"

    with pytest.raises(MetadataError) as caught:
        make_backend(BACKEND.format(name=NAME, body=body)).wheel(target)

    assert caught.value.slug == "backend-failed"
    assert list(target.iterdir()) == []

"""A build backend's hooks are called as PEP 517 says, and only their answers count."""

import sys
from pathlib import Path

import pytest

from conda_bridge.errors import MetadataError, UsageError
from conda_bridge.processes.build_environments import PackageIndexes, make_environment
from conda_bridge.processes.sandbox import find_sandbox, present_sandboxes
from support.archives import wheel_bytes, write_tar_gz
from support.sandboxes import MakeBackend, backend_text, new_backend, sandbox_of

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux namespaces")


@pytest.fixture
def make_backend(tmp_path: Path) -> MakeBackend:
    sandbox = sandbox_of("bubblewrap")
    return lambda text: new_backend(tmp_path, sandbox, text)


@pytest.mark.slow
@on_linux
def test_metadata_and_entry_points_come_back_without_the_description(make_backend: MakeBackend) -> None:
    prepared = make_backend(backend_text("return 'a summary'")).metadata()
    assert prepared.metadata == "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: a summary\n"
    assert prepared.entry_points == "[console_scripts]\ndemo = demo:main\n"
    assert prepared.hook == "prepare_metadata_for_build_wheel"


@pytest.mark.slow
@on_linux
def test_requirements_come_back(make_backend: MakeBackend) -> None:
    assert make_backend(backend_text("pass", requires="return ['cffi>=1']")).requires() == ("cffi>=1",)


@pytest.mark.slow
@on_linux
def test_backend_without_hooks_for_requirements_requires_nothing(make_backend: MakeBackend) -> None:
    assert make_backend("def build_wheel(folder, settings=None, metadata=None): pass").requires() == ()


@pytest.mark.slow
@on_linux
def test_wheel_is_built_where_there_is_no_hook_for_metadata(make_backend: MakeBackend) -> None:
    text = """\
import zipfile
def build_wheel(folder, settings=None, metadata=None):
    with zipfile.ZipFile(f"{folder}/demo-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("demo-1.0.dist-info/METADATA", "Name: demo\\nVersion: 1.0\\nSummary: built\\n\\nText")
        wheel.writestr("demo/demo-1.0.dist-info/METADATA", "Name: other\\n")
    return "demo-1.0-py3-none-any.whl"
"""
    prepared = make_backend(text).metadata()
    assert prepared.hook == "build_wheel"
    assert prepared.metadata == "Name: demo\nVersion: 1.0\nSummary: built\n"


@pytest.mark.slow
@on_linux
def test_garbage_on_standard_output_is_not_the_answer(make_backend: MakeBackend) -> None:
    body = """\
print('{"files": {"METADATA": "Name: forged"}}', flush=True)
os.write(1, b'\\xff\\x00 garbage')
subprocess.run(['echo', 'more garbage'])
return 'true'
"""
    assert make_backend(backend_text(body)).summary() == "true"


@pytest.mark.slow
@on_linux
@pytest.mark.parametrize(
    "body",
    [
        "for fd in range(3, 20):\n    try: os.write(fd, b'{]')\n    except OSError: pass",
        "os._exit(0)",
        "sys.exit(3)",
        "os.kill(os.getpid(), 9)",
        "os.closerange(0, 100)",
        "raise KeyboardInterrupt",
        "sys.stdout.close(); sys.stderr.close()",
        "return 'x' * 5_000_000",
    ],
)
def test_backend_that_spoils_its_answer_has_failed(make_backend: MakeBackend, body: str) -> None:
    with pytest.raises(MetadataError) as caught:
        make_backend(backend_text(body)).metadata()
    assert caught.value.slug == "backend-failed"


@pytest.mark.slow
@on_linux
@pytest.mark.parametrize("requires", ["return 5", "return None", "raise ValueError"])
def test_requirements_that_are_none_are_a_failure(make_backend: MakeBackend, requires: str) -> None:
    with pytest.raises(MetadataError) as caught:
        make_backend(backend_text("pass", requires=requires)).requires()
    assert caught.value.slug == "backend-failed"


FORGED = """\
import json
# As where the answer of the hook would be written, past the program that calls the hook.
os.write(3, json.dumps({answer}).encode()); os._exit(0)
"""
GOOD = "Name: demo\\nVersion: 1.0\\n"


@pytest.mark.slow
@on_linux
@pytest.mark.parametrize(
    "answer",
    [
        f"dict(hook='build_wheel', files=dict(METADATA='{GOOD}Summary: \\ud800\\n'))",
        f"dict(hook='build_wheel', files={{'METADATA': '{GOOD}', 'top_level.txt': '\\ud800'}})",
        f"dict(hook='build_wheel', files={{'METADATA': '{GOOD}', 'entry_points.txt': 5}})",
        "dict(hook='build_wheel', files=dict(METADATA=['x']))",
        f"dict(hook='build_wheel', files=dict(METADATA='{GOOD}' + 'x' * 2_000_000))",
        f"dict(hook='x' * 2_000_000, files=dict(METADATA='{GOOD}'))",
        f"dict(hook='\\ud800', files=dict(METADATA='{GOOD}'))",
        "dict(error='\\ud800' * 2_000_000)",
    ],
)
def test_answer_that_is_forged_is_held_to_the_rules(make_backend: MakeBackend, answer: str) -> None:
    with pytest.raises(MetadataError) as caught:
        make_backend(backend_text(FORGED.format(answer=answer))).metadata()
    assert caught.value.slug == "backend-failed"
    assert len(caught.value.message.encode("utf-8")) < 10_000


@pytest.mark.slow
@on_linux
@pytest.mark.parametrize("lines", ["['\\ud800']", "['x' * 20_000]", "['x'] * 2_000", "[5]"])
def test_requirements_that_are_forged_are_held_to_the_rules(make_backend: MakeBackend, lines: str) -> None:
    body = f"import json; os.write(3, json.dumps(dict(requires={lines})).encode()); os._exit(0)"
    with pytest.raises(MetadataError) as caught:
        make_backend(backend_text("pass", requires=body)).requires()
    assert caught.value.slug == "backend-failed"


@pytest.mark.slow
@on_linux
def test_backend_path_that_leaves_the_source_is_refused(make_backend: MakeBackend) -> None:
    backend = make_backend(backend_text("pass"))
    moved = type(backend)(backend.source, backend.sandbox, backend.environment, backend.limits, ("../x",))
    with pytest.raises(MetadataError, match="leaves the source"):
        moved.metadata()


@pytest.mark.slow
@on_linux
def test_last_words_of_a_failing_backend_are_told(make_backend: MakeBackend) -> None:
    body = "for n in range(30): print('line', n)\nraise RuntimeError('no compiler')"
    with pytest.raises(MetadataError) as caught:
        make_backend(backend_text(body)).metadata()
    assert "own_backend failed: RuntimeError: no compiler" in caught.value.message
    assert "line 29" in caught.value.message
    assert "line 3\n" not in caught.value.message


# ---------------------------------------------------------------- no sandbox


def test_machine_without_any_sandbox_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert present_sandboxes() == ()
    with pytest.raises(UsageError) as caught:
        find_sandbox.__wrapped__()
    assert caught.value.slug == "no-sandbox"


@on_linux
def test_sandbox_that_does_not_start_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="No permissions to create new namespace"):
        find_sandbox.__wrapped__()


@on_linux
def test_machine_whose_system_calls_are_unknown_has_no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(UsageError, match="the system calls of riscv64 aren't known"):
        find_sandbox.__wrapped__()


@pytest.mark.slow
@on_linux
def test_sandbox_that_keeps_nothing_out_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A wrapper that sandboxes nothing: it answers the probe from where the files are.
    program = tmp_path / "bwrap"
    inside = Path(sys.modules["conda_bridge.processes.sandbox"].__file__ or "").with_name("inside")
    program.write_text(
        '#!/bin/sh\nHOME="$0.home"; export HOME; mkdir -p "$HOME"\n'
        f"exec {sys.executable} -I {inside}/probe.py\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="it can read"):
        find_sandbox.__wrapped__()


# ---------------------------------------------------------------- environments


@pytest.fixture
def index_url(tmp_path: Path) -> str:
    """An index in a folder: `plain` is a wheel, `reaching` a wheel that requires a source archive by its URL."""
    marker = tmp_path / "executed"
    backend = f"import pathlib\npathlib.Path({str(marker)!r}).touch()\n"
    project = "[build-system]\nrequires = []\nbuild-backend = 'own'\nbackend-path = ['.']\n"
    files = {"evil-1.0/own.py": backend, "evil-1.0/pyproject.toml": project}
    sdist = write_tar_gz(tmp_path / "evil-1.0.tar.gz", files)
    head = "Metadata-Version: 2.1\nVersion: 1.0\nName: "
    for name, metadata in (
        ("plain", f"{head}plain\n"),
        ("reaching", f"{head}reaching\nRequires-Dist: evil @ {sdist.as_uri()}\n"),
    ):
        folder = tmp_path / "simple" / name
        folder.mkdir(parents=True)
        filename = f"{name}-1.0-py3-none-any.whl"
        folder.joinpath(filename).write_bytes(_wheel(name, metadata))
        folder.joinpath("index.html").write_text(f'<a href="{filename}">{filename}</a>', encoding="utf-8")
    return (tmp_path / "simple").as_uri()


def _wheel(name: str, metadata: str) -> bytes:
    return wheel_bytes(name, "1.0", metadata=metadata)


@pytest.mark.slow
def test_wheels_are_installed_from_the_configured_index_alone(tmp_path: Path, index_url: str) -> None:
    made = make_environment(str(tmp_path / "env"), ["plain"], PackageIndexes(urls=(index_url,)))
    assert list(Path(made.folder).rglob("plain/__init__.py"))
    assert not list(Path(made.folder).rglob("*gate*"))


@pytest.mark.slow
def test_index_with_a_blank_in_its_url_is_one_index(tmp_path: Path, index_url: str) -> None:
    spaced = tmp_path / "own wheels"
    (tmp_path / "simple").rename(spaced)
    empty = tmp_path / "empty"
    empty.mkdir()
    indexes = PackageIndexes(urls=(empty.as_uri(), index_url.replace("simple", "own wheels")))
    made = make_environment(str(tmp_path / "env"), ["plain"], indexes)
    assert list(Path(made.folder).rglob("plain/__init__.py"))


@pytest.mark.slow
def test_source_archive_that_a_wheel_requires_by_url_is_not_executed(tmp_path: Path, index_url: str) -> None:
    with pytest.raises(MetadataError) as caught:
        make_environment(str(tmp_path / "env"), ["reaching"], PackageIndexes(urls=(index_url,)))
    assert caught.value.slug == "build-requirements"
    assert not (tmp_path / "executed").exists()


@pytest.mark.slow
def test_missing_wheel_is_a_failure_with_pips_words(tmp_path: Path, index_url: str) -> None:
    with pytest.raises(MetadataError, match="No matching distribution found for absent"):
        make_environment(str(tmp_path / "env"), ["absent"], PackageIndexes(urls=(index_url,)))


@pytest.mark.slow
def test_requirements_that_contradict_are_a_failure(tmp_path: Path, index_url: str) -> None:
    with pytest.raises(MetadataError) as caught:
        make_environment(
            str(tmp_path / "env"), ["plain==1.0", "plain>1.0"], PackageIndexes(urls=(index_url,))
        )
    assert caught.value.slug == "build-requirements"


def test_environment_without_requirements_needs_no_pip(tmp_path: Path) -> None:
    made = make_environment(str(tmp_path / "env"), (), PackageIndexes(urls=()))
    assert Path(made.python).exists()

"""`--run-backend` from the source to the recipe; nothing of a source runs without it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.errors import MetadataError, SourceError
from conda_bridge.infer.project import infer_project
from conda_bridge.model.events import Event, StepStarted
from conda_bridge.model.options import NetworkOptions, RecipeOptions
from conda_bridge.model.overrides import PackageOverrides, Setting
from conda_bridge.protocols import SilentReporter
from conda_bridge.workflows.backend import ask_backend, without_answer
from conda_bridge.workflows.convert import convert, read_source
from conda_bridge.workflows.doctor import examine
from conda_bridge.workflows.facts import save_facts
from conda_bridge.workflows.services import Services, name_source, services_of
from support.archives import write_tar_gz
from support.sandboxes import sandbox_of
from support.trees import facts_of_texts

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux namespaces")
slow = pytest.mark.slow

OFFLINE = RecipeOptions(network=NetworkOptions(offline=True))
RUNNING = replace(OFFLINE, run_backend=True)

PYPROJECT = """\
[build-system]
requires = [{requires}]
build-backend = "own"
backend-path = ["{path}"]

[project]
name = "demo"
license = "MIT"
dynamic = ["version", "dependencies"]
"""
STATIC = """\
[build-system]
requires = []
build-backend = "own"
backend-path = ["."]

[project]
name = "demo"
version = "3.2"
license = "MIT"
dynamic = ["dependencies"]
"""
BACKEND = """\
import os, sys, time
def prepare_metadata_for_build_wheel(folder, settings=None):
{body}
    os.mkdir(f"{{folder}}/demo.dist-info")
    with open(f"{{folder}}/demo.dist-info/METADATA", "w") as file:
        file.write("Metadata-Version: 2.1\\nName: demo\\nVersion: 3.2.1\\nRequires-Dist: attrs>=21\\n")
    return "demo.dist-info"
"""


class Listening:
    """A Reporter that remembers the steps."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def report(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            self.steps.append(event.step)


@pytest.fixture
def options(tmp_path: Path) -> RecipeOptions:
    sandbox_of("bubblewrap")
    return replace(RUNNING, network=NetworkOptions(offline=True, cache_dir=str(tmp_path / "cache")))


def _services(options: RecipeOptions) -> Services:
    services = services_of(options, SilentReporter())
    return Services(fetcher=services.fetcher, names=name_source(options))


def _files(*, requires: str = "", path: str = ".", body: str = "    pass") -> dict[str, str]:
    return {
        "demo-3.2/pyproject.toml": PYPROJECT.format(requires=requires, path=path),
        "demo-3.2/own.py": BACKEND.format(body=body),
        "demo-3.2/demo.py": "",
        "demo-3.2/LICENSE": "MIT License",
    }


def _tree(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder / "demo-3.2")


@slow
@on_linux
@pytest.mark.parametrize("kind", ["directory", "archive"])
def test_what_no_file_tells_comes_from_the_backend(tmp_path: Path, options: RecipeOptions, kind: str) -> None:
    source = (
        _tree(tmp_path, _files())
        if kind == "directory"
        else str(write_tar_gz(tmp_path / "demo-3.2.1.tar.gz", _files()))
    )
    listening = Listening()
    conversion = convert(source, options=options, reporter=listening, services=_services(options))
    assert conversion.recipe.version == "3.2.1"
    (found,) = [e for e in conversion.evidence if e.address == "demo/requirements.run/attrs"]
    assert (found.certainty, found.origins) == ("derived", ("backend#/Requires-Dist/0",))
    assert [step for step in listening.steps if "own" in step] == [
        "asking own what it requires",
        "asking own for the metadata",
    ]


def test_nothing_runs_unless_it_is_wanted(tmp_path: Path) -> None:
    source = _tree(tmp_path, _files())
    with pytest.raises(MetadataError) as caught:
        convert(source, options=OFFLINE, services=_services(OFFLINE))
    assert caught.value.slug == "unknown-version"


@slow
@on_linux
def test_saved_answers_need_neither_source_nor_sandbox(tmp_path: Path, options: RecipeOptions) -> None:
    archive = write_tar_gz(tmp_path / "demo-3.2.1.tar.gz", _files())
    facts = read_source(str(archive), options=options, services=_services(options))
    save_facts(facts, str(tmp_path / "demo.facts.json"))
    archive.unlink()
    conversion = convert(str(tmp_path / "demo.facts.json"), options=options, services=_services(options))
    assert conversion.recipe.version == "3.2.1"


@slow
@on_linux
def test_backend_is_told_the_config_settings_of_its_package(tmp_path: Path, options: RecipeOptions) -> None:
    settings = tuple(Setting(key=key, value=value) for key, value in (("a", "1"), ("b", "2"), ("b", "3")))
    overrides = PackageOverrides(name="demo", config_settings=settings)
    source = _tree(tmp_path, _files(body="    if settings: raise ValueError(settings)"))
    path = tmp_path / "demo-3.2" / "pyproject.toml"
    path.write_text(
        path.read_text().replace("name =", "version = '3.2.1'\nname =").replace('"version", ', "")
    )
    services, overridden = _services(options), replace(options, overrides=(overrides,))
    conversion = convert(source, options=overridden, services=services)
    (found,) = (d for d in conversion.diagnostics if d.slug == "backend-unheard")
    assert "ValueError: {'a': '1', 'b': ['2', '3']}" in found.message


@slow
def test_doctor_tells_the_sandbox() -> None:
    (found,) = [found for found in examine(options=OFFLINE, environment={}) if found.subject == "sandbox"]
    assert found.status in {"works", "missing"}
    assert found.status == "works" or "bubblewrap" in found.remedy


@slow
@on_linux
def test_offline_nothing_can_be_installed(tmp_path: Path, options: RecipeOptions) -> None:
    source = _tree(tmp_path, _files(requires="'setuptools'"))
    with pytest.raises(SourceError, match="setuptools") as caught:
        convert(source, options=options, services=_services(options))
    assert caught.value.slug == "offline"
    # A run before this one would not help.
    assert caught.value.hint is not None
    assert "for each run" in caught.value.hint


@slow
@on_linux
def test_requirement_that_pip_could_take_for_an_option_is_refused(
    tmp_path: Path, options: RecipeOptions
) -> None:
    hook = "\ndef get_requires_for_build_wheel(settings=None): return ['--index-url=https://evil.example']\n"
    files = _files()
    files["demo-3.2/own.py"] += hook
    with pytest.raises(MetadataError) as caught:
        convert(_tree(tmp_path, files), options=options, services=_services(options))
    assert caught.value.slug == "invalid-requirement"


@slow
@on_linux
def test_backend_outside_the_source_is_refused(tmp_path: Path, options: RecipeOptions) -> None:
    source = _tree(tmp_path, _files(path="../x"))
    with pytest.raises(MetadataError) as caught:
        convert(source, options=options, services=_services(options))
    assert caught.value.slug == "path-outside-source"


@slow
@on_linux
def test_failure_is_told_and_leaves_nothing(
    tmp_path: Path, options: RecipeOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    source = _tree(tmp_path, _files(body="    raise RuntimeError('cannot build here')"))
    with pytest.raises(MetadataError, match="cannot build here") as caught:
        convert(source, options=options, services=_services(options))
    assert caught.value.slug == "backend-failed"
    assert list(scratch.iterdir()) == []


@slow
@on_linux
def test_files_that_tell_enough_stand_in_for_a_backend_that_fails(
    tmp_path: Path, options: RecipeOptions
) -> None:
    files = _files(body="    raise RuntimeError('cannot build here')")
    files["demo-3.2/pyproject.toml"] = STATIC
    listening = Listening()

    conversion = convert(
        _tree(tmp_path, files), options=options, reporter=listening, services=_services(options)
    )

    assert conversion.recipe.version == "3.2"
    (found,) = (d for d in conversion.diagnostics if d.slug == "backend-unheard")
    assert "cannot build here" in found.message
    assert len([step for step in listening.steps if step.endswith("what it requires")]) == 1


@pytest.mark.parametrize("slug", ["backend-failed", "build-requirements", "backend-timeout"])
def test_failure_of_the_backend_becomes_a_finding_where_files_tell_enough(slug: str) -> None:
    facts = facts_of_texts({"pyproject.toml": STATIC})
    failure = MetadataError(slug, "own failed; its last words:\n  in line 1\nRuntimeError: why")

    (found,) = without_answer(facts, failure).diagnostics

    assert (found.code, found.message) == ("W347", "own failed; its last words: RuntimeError: why")


@pytest.mark.parametrize(
    ("slug", "text"),
    [("backend-failed", STATIC.replace('version = "3.2"\n', "")), ("path-outside-source", STATIC)],
)
def test_failure_stays_one_where_files_do_not_tell_enough_or_the_source_is_unsafe(
    slug: str, text: str
) -> None:
    failure = MetadataError(slug, "why")

    with pytest.raises(MetadataError) as caught:
        without_answer(facts_of_texts({"pyproject.toml": text}), failure)
    assert caught.value is failure


def test_backend_that_failed_before_the_facts_were_saved_is_not_asked_again(tmp_path: Path) -> None:
    facts = without_answer(facts_of_texts({"pyproject.toml": STATIC}), MetadataError("backend-failed", "why"))
    saved = str(tmp_path / "demo.facts.json")
    save_facts(facts, saved)
    listening = Listening()

    convert(saved, options=RUNNING, reporter=listening, services=_services(RUNNING))

    assert not [step for step in listening.steps if "own" in step]


@slow
@on_linux
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interruption_ends_the_backend_and_leaves_nothing(
    tmp_path: Path, options: RecipeOptions, number: signal.Signals, status: int
) -> None:
    del options
    source = _tree(tmp_path, _files(body="    os.execvp('sleep', ['sleep', '614.25'])"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = subprocess.Popen(
        [sys.executable, "-m", "conda_bridge", "recipe", source, "--run-backend", "--offline", "-o", "out"],
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    assert _eventually_is(running=True)
    command.send_signal(number)
    _, err = command.communicate(timeout=20)
    assert command.returncode == status
    assert b"Traceback" not in err
    assert _eventually_is(running=False)
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "out").exists()


@slow
@on_linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_installation_ends_with_us(tmp_path: Path, options: RecipeOptions, number: signal.Signals) -> None:
    # An index that never answers.
    del options
    source = _tree(tmp_path, _files(requires=f"'absent-{number.name}'"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        index = f"http://127.0.0.1:{server.getsockname()[1]}/simple"
        command = subprocess.Popen(
            [sys.executable, "-m", "conda_bridge", "recipe", source, "--run-backend", "--index-url", index],
            stderr=subprocess.DEVNULL,
            cwd=tmp_path,
            env={**os.environ, "TMPDIR": str(scratch)},
        )
        # pip starts another one, in the new environment.
        assert _eventually(lambda: len(_processes_with(number.name)) == 2)
        for folder in _processes_with(number.name):
            assert f"\0TMPDIR={scratch}/".encode() in b"\0" + folder.joinpath("environ").read_bytes()
        command.send_signal(number)
        command.wait(20)
        assert _eventually(lambda: not _processes_with(number.name))
    assert number == signal.SIGKILL or list(scratch.iterdir()) == []


def _processes_with(word: str) -> list[Path]:
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if word.encode() in folder.joinpath("cmdline").read_bytes():
                found.append(folder)
        except OSError:
            continue
    return found


def _eventually(claim: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if claim():
            return True
        time.sleep(0.05)
    return False


def _eventually_is(*, running: bool) -> bool:
    return _eventually(lambda: bool(_processes_with("614.25")) == running)


@pytest.mark.network
@on_linux
def test_real_setup_script_tells_its_requirements() -> None:
    sandbox_of("bubblewrap")
    options = RecipeOptions(network=NetworkOptions(certificates=os.environ.get("SSL_CERT_FILE", "")))
    services = _services(options)
    facts = read_source("ruamel.yaml==0.17.4", options=options, services=services)
    # As if the index had no wheel: then only records of an earlier build, and the backend, tell.
    alone = replace(facts, index=None)
    assert "derived-requirements" in {d.slug for d in infer_project(alone).diagnostics}
    answered = ask_backend(alone, fetcher=services.fetcher, options=options, reporter=SilentReporter())
    project = infer_project(answered)
    assert {d.slug for d in project.diagnostics} >= {"computed-requirements"}
    assert "ruamel-yaml-clib" in {declared.pypi_name for declared in project.dependencies}

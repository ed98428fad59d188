"""The round trip of a source is proved or not; what is compared is made by the project's own backend, in the sandbox."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from conda_bridge.errors import UsageError
from conda_bridge.model.events import Event, StepStarted, WorkFinished
from conda_bridge.workflows.verify import VerifyOptions, VerifyResult, verifications, verify
from support.archives import write_tar_gz
from support.building import FakeEngine, Workshop
from support.index_server import IndexServer
from support.sandboxes import sandbox_of
from support.wheels import WheelParts, write_wheel

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux namespaces")
slow = pytest.mark.slow

PYPROJECT = """\
[build-system]
requires = []
build-backend = "own"
backend-path = ["."]

[project]
name = "demo"
version = "1.0"
license = "MIT"
requires-python = ">=3.9"
"""
BACKEND = """\
import base64, hashlib, os, zipfile
METADATA = b"Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\nRequires-Python: >=3.9\\n"
def build_wheel(folder, settings=None, metadata=None):
    files = {
        "demo/__init__.py": open("demo/__init__.py", "rb").read(),
        "demo/seed.txt": %s,
        "demo-1.0.dist-info/METADATA": METADATA,
        "demo-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    name = "demo-1.0-py3-none-any.whl"
    record = ""
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record += f"{path},sha256={digest},{len(content)}\\n"
        wheel.writestr("demo-1.0.dist-info/RECORD", record + "demo-1.0.dist-info/RECORD,,\\n")
    return name
"""
CODE = b"x = 1\n"
SITE = "site-packages"
PACKED = {
    f"{SITE}/demo/__init__.py": CODE,
    f"{SITE}/demo/seed.txt": b"seed",
    f"{SITE}/demo-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.9\n",
    f"{SITE}/demo-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{SITE}/demo-1.0.dist-info/INSTALLER": b"conda\n",
}


class Listening:
    """A Reporter that remembers the steps, and what came last."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.last: Event | None = None

    def report(self, event: Event) -> None:
        self.last = event
        if isinstance(event, StepStarted):
            self.steps.append(event.step)


@pytest.fixture
def workshop(tmp_path: Path, index_server: IndexServer) -> Workshop:
    return Workshop(folder=tmp_path, index=index_server, engine=FakeEngine(contents=PACKED))


def _offer(shop: Workshop, *, seed: str = "b'seed'", pyproject: str = PYPROJECT) -> None:
    files = {
        "demo-1.0/PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.9\n",
        "demo-1.0/pyproject.toml": pyproject,
        "demo-1.0/own.py": BACKEND % seed,
        "demo-1.0/LICENSE": "MIT License",
        "demo-1.0/demo/__init__.py": CODE.decode(),
    }
    path = write_tar_gz(shop.folder / "demo-1.0.tar.gz", files)
    shop.index.add_file("demo", path.name, path.read_bytes())


def _publish(
    shop: Workshop,
    files: Mapping[str, bytes],
    *,
    tag: str = "py3-none-any",
    record: Mapping[str, str | None] | None = None,
) -> None:
    parts = WheelParts(files=files, metadata=("Requires-Python: >=3.9",), tag=tag, record=record or {})
    path = write_wheel(shop.folder, parts)
    shop.index.add_file("demo", path.name, path.read_bytes())


@pytest.fixture
def proof(workshop: Workshop) -> Callable[..., VerifyResult]:
    def run(
        source: str = "demo",
        *,
        seed: str = "b'seed'",
        pyproject: str = PYPROJECT,
        reporter: Listening | None = None,
        offline: bool = False,
        **chosen: object,
    ) -> VerifyResult:
        _offer(workshop, seed=seed, pyproject=pyproject)
        build = workshop.options()
        network = replace(build.recipe.network, offline=offline)
        build = replace(build, recipe=replace(build.recipe, network=network))
        options = VerifyOptions(build=build, **chosen)  # type: ignore[arg-type]
        return verify(
            source, options=options, services=workshop.services(build), reporter=reporter or Listening()
        )

    return run


Proof = Callable[..., VerifyResult]
PUBLISHED = {"demo/__init__.py": CODE, "demo/seed.txt": b"seed"}


def odd(result: VerifyResult) -> list[tuple[str, str, str, str]]:
    """Return (compared with, path, verdict, rule) of the files that aren't equal."""
    return [
        (comparison.right, row.path, row.verdict, row.rule)
        for comparison in result.comparisons
        for row in comparison.files
        if row.verdict != "equal"
    ]


def test_work_is_over_when_its_result_is_there(workshop: Workshop) -> None:
    build = workshop.options()
    listening = Listening()

    result = next(
        verifications(
            ("./gone-1.0.tar.gz",),
            options=VerifyOptions(build=build),
            services=workshop.services(build),
            reporter=listening,
        )
    )

    assert result.error is not None
    assert listening.last == WorkFinished(subject="./gone-1.0.tar.gz")


@slow
@on_linux
def test_round_trip_that_changes_nothing_is_equal(workshop: Workshop, proof: Proof) -> None:
    sandbox_of("bubblewrap")
    _publish(workshop, PUBLISHED)
    listening = Listening()

    result = proof(reporter=listening)

    assert result.error is None
    assert result.verdict == "equal"
    assert [one.right for one in result.comparisons] == ["the project's own build", "the published wheel"]
    assert all(one.is_metadata_identical for one in result.comparisons)
    assert (result.pypi_name, result.version) == ("demo", "1.0")
    assert listening.steps.count("building with the project's own backend") == 1


@slow
@on_linux
def test_changed_file_is_different_and_the_backend_is_asked_again(workshop: Workshop, proof: Proof) -> None:
    sandbox_of("bubblewrap")
    workshop.engine = replace(workshop.engine, contents={**PACKED, f"{SITE}/demo/__init__.py": b"x = 2\n"})
    listening = Listening()

    result = proof(reporter=listening, compares_published=False)

    assert result.verdict == "different"
    assert odd(result) == [("the project's own build", "demo/__init__.py", "different", "")]
    assert listening.steps.count("building with the project's own backend") == 2


@slow
@on_linux
def test_what_the_backend_writes_anew_each_time_is_explained(proof: Proof) -> None:
    sandbox_of("bubblewrap")

    result = proof(seed="os.urandom(8).hex().encode()", compares_published=False)

    assert odd(result) == [("the project's own build", "demo/seed.txt", "explained", "generated")]


@slow
@on_linux
def test_stray_file_of_the_published_wheel_is_not_in_the_source(workshop: Workshop, proof: Proof) -> None:
    sandbox_of("bubblewrap")
    _publish(workshop, {**PUBLISHED, "demo/.git": b"x"})

    result = proof()

    assert odd(result) == [("the published wheel", "demo/.git", "explained", "not-in-source")]


@slow
@on_linux
def test_published_wheel_that_its_record_does_not_tell_right_is_different(
    workshop: Workshop, proof: Proof
) -> None:
    sandbox_of("bubblewrap")
    _publish(workshop, PUBLISHED, record={"demo/seed.txt": None})

    result = proof()

    assert result.error is None
    assert [one.verdict for one in result.comparisons] == ["equal", "different"]
    (row,) = result.comparisons[1].files
    assert "demo/seed.txt" in row.note


@slow
@on_linux
@pytest.mark.parametrize("tag", ["", "cp311-cp311-linux_x86_64", "py2-none-any"])
def test_without_a_pure_published_wheel_there_is_a_note(workshop: Workshop, proof: Proof, tag: str) -> None:
    sandbox_of("bubblewrap")
    if tag:
        _publish(workshop, PUBLISHED, tag=tag)

    result = proof()

    assert result.verdict == "equal"
    assert [one.right for one in result.comparisons] == ["the project's own build"]
    assert "nothing-published" in [one.slug for one in result.diagnostics]


@slow
@on_linux
def test_source_that_is_not_the_published_one_is_not_compared_with_it(
    workshop: Workshop, proof: Proof, tmp_path: Path
) -> None:
    sandbox_of("bubblewrap")
    _publish(workshop, PUBLISHED)
    own = tmp_path / "own"
    own.mkdir()
    files = {
        "demo-1.0/pyproject.toml": PYPROJECT,
        "demo-1.0/own.py": BACKEND % "b'seed'",
        "demo-1.0/LICENSE": "MIT License",
        "demo-1.0/demo/__init__.py": CODE.decode(),
    }
    path = write_tar_gz(own / "demo-1.0.tar.gz", files)

    result = proof(str(path))

    assert result.error is None
    assert [one.right for one in result.comparisons] == ["the project's own build"]
    assert "nothing-published" in [one.slug for one in result.diagnostics]


@slow
@on_linux
def test_package_and_wheels_are_kept(workshop: Workshop, proof: Proof, tmp_path: Path) -> None:
    sandbox_of("bubblewrap")
    _publish(workshop, PUBLISHED)

    result = proof(keep_dir=str(tmp_path / "kept"))

    names = sorted(
        path.relative_to(tmp_path / "kept").as_posix() for path in (tmp_path / "kept").rglob("*.*")
    )
    wheel = "demo-1.0-py3-none-any.whl"
    assert [name for name in names if name.endswith((".whl", ".conda"))] == [
        f"demo-1.0/backend/{wheel}",
        f"demo-1.0/conda/{wheel}",
        "demo-1.0/demo-1.0-py_0.conda",
        f"demo-1.0/published/{wheel}",
    ]
    assert result.wheels[0].path == str(tmp_path / "kept" / "demo-1.0" / "conda" / wheel)
    assert sorted(result.kept) == sorted(
        str(tmp_path / "kept" / n) for n in names if n.endswith((".whl", ".conda"))
    )


def test_package_for_one_platform_is_refused(workshop: Workshop, proof: Proof) -> None:
    workshop.engine = replace(workshop.engine, noarch="")

    result = proof()

    assert result.error is not None
    assert result.error.slug == "platform-package"


def test_build_that_fails_is_told_with_the_end_of_its_log(workshop: Workshop, proof: Proof) -> None:
    workshop.engine = replace(workshop.engine, failing=frozenset({"demo"}))

    result = proof()

    assert result.error is not None
    assert result.error.slug == "build-failed"
    assert result.log_lines[-1] == "the very cause"


def test_end_of_the_log_is_told_once(workshop: Workshop, proof: Proof) -> None:
    quoted = "the script failed; the last lines of the log:\n  the very cause"
    workshop.engine = replace(workshop.engine, failing=frozenset({"demo"}), fails_with=quoted)

    result = proof()

    assert result.error is not None
    assert result.error.message == "the very cause"
    assert result.log_lines[-1] == "the very cause"


def test_source_of_two_versions_is_told_with_the_files_that_say_them(
    workshop: Workshop, proof: Proof
) -> None:
    folder = f"{SITE}/demo-1.1.dist-info"
    packed = {path.replace(f"{SITE}/demo-1.0.dist-info", folder): data for path, data in PACKED.items()}
    packed[f"{folder}/METADATA"] = packed[f"{folder}/METADATA"].replace(b"Version: 1.0", b"Version: 1.1")
    workshop.engine = replace(workshop.engine, contents=packed)

    result = proof(pyproject=PYPROJECT.replace('"1.0"', '"1.1"'))

    assert result.error is not None
    assert result.error.slug == "package-version"
    assert result.error.message.endswith(
        "METADATA says '1.1'; the recipe's version 1.0 is that of PKG-INFO, while pyproject.toml says '1.1'"
    )
    assert "one version" in (result.error.hint or "")


@slow
@on_linux
def test_finding_of_repackaging_names_no_option_that_verify_lacks(workshop: Workshop, proof: Proof) -> None:
    sandbox_of("bubblewrap")
    metadata = f"{SITE}/demo-1.0.dist-info/METADATA"
    contents = {**PACKED, metadata: PACKED[metadata] + b"Requires-Dist: other\n"}
    workshop.engine = replace(workshop.engine, contents=contents)

    result = proof(compares_published=False)

    (drift,) = (one for one in result.diagnostics if one.slug == "dependency-drift")
    assert drift.hint == "mend the recipe if it should say what METADATA says"


def test_offline_backend_with_requirements_is_refused_before_the_build(
    workshop: Workshop, proof: Proof, tmp_path: Path
) -> None:
    pyproject = PYPROJECT.replace("requires = []", 'requires = ["flit-core >=3"]')

    result = proof(str(tmp_path / "demo-1.0.tar.gz"), pyproject=pyproject, offline=True)

    assert result.error is not None
    assert result.error.slug == "offline"
    assert "flit-core" in result.error.message
    assert workshop.engine.built == []


@slow
@on_linux
def test_offline_backend_without_requirements_is_proved(proof: Proof, tmp_path: Path) -> None:
    sandbox_of("bubblewrap")

    result = proof(str(tmp_path / "demo-1.0.tar.gz"), offline=True, compares_published=False)

    assert result.error is None
    assert result.verdict == "equal"


def test_given_recipe_is_a_usage_error(workshop: Workshop, proof: Proof, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("package:\n  name: demo\n  version: '1.0'\n")

    result = proof(str(recipe))

    assert isinstance(result.error, UsageError)
    assert workshop.engine.built == []


def test_failure_of_one_source_leaves_the_others_alone(workshop: Workshop) -> None:
    _offer(workshop)
    workshop.engine = replace(workshop.engine, noarch="")
    build = workshop.options()

    results = list(
        verifications(
            ("nowhere", "demo"), options=VerifyOptions(build=build), services=workshop.services(build)
        )
    )

    assert [result.error.slug for result in results if result.error] == [
        "project-not-found",
        "platform-package",
    ]


def test_folder_that_nothing_can_be_kept_in_is_told_first(
    workshop: Workshop, proof: Proof, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError) as caught:
        proof(keep_dir=str(tmp_path / "file"))

    assert caught.value.slug == "not-writable"
    assert "--keep" in (caught.value.hint or "")
    assert workshop.engine.built == []


def test_folder_that_nothing_was_kept_in_is_not_left_behind(
    workshop: Workshop, proof: Proof, tmp_path: Path
) -> None:
    workshop.engine = replace(workshop.engine, noarch="")

    result = proof(keep_dir=str(tmp_path / "new" / "kept"), compares_published=False)

    assert result.error is not None
    assert not (tmp_path / "new").exists()


def test_package_for_one_platform_is_refused_before_it_is_built(workshop: Workshop, proof: Proof) -> None:
    workshop.engine = replace(workshop.engine, noarch="")
    listening = Listening()

    result = proof(reporter=listening, compares_published=False)

    assert result.error is not None
    assert (result.error.slug, result.packages) == ("platform-package", ())
    assert "without compiled parts" in (result.error.hint or "")

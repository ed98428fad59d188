"""Sources become installed packages with a real engine and this machine's toolchain, and no network at all."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.index_server import IndexServer, running_index_server
from support.small_index import EXTENSION, add_bundled_wheels, add_project, build_environment

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(300)]
pytest.importorskip("rattler_build", reason="py-rattler-build is not installed: pip install '.[build]'")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[IndexServer, Path]]:
    """An index with pip and setuptools, and a home whose cache keeps the host's packages."""
    home = tmp_path_factory.mktemp("home")
    with running_index_server() as index:
        if "setuptools" not in add_bundled_wheels(index):
            pytest.skip("this interpreter's ensurepip has no setuptools")
        yield index, home


def run_build(
    machine: tuple[IndexServer, Path], *arguments: str, status: int = 0, **variables: str
) -> "subprocess.CompletedProcess[str]":
    index, home = machine
    environment = build_environment(home, index.index_url, CONDA_BRIDGE_DISTRIBUTOR="host", **variables)
    done = subprocess.run(
        [sys.executable, "-m", "conda_bridge", "build", *arguments],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


def test_pure_project_is_built_tested_installed_and_imported(
    machine: tuple[IndexServer, Path], tmp_path: Path
) -> None:
    add_project(machine[0], tmp_path, "purity")

    done = run_build(machine, "purity", "-o", f"{tmp_path}/channel", "--install", f"{tmp_path}/env", "--json")

    (row,) = json.loads(done.stdout)["results"]
    assert row["packages"][0]["subdir"] == "noarch"
    assert all(result["is_passed"] for tests in row["tests"] for result in tests["results"])
    subprocess.run([f"{tmp_path}/env/bin/python", "-c", "import purity"], check=True)
    recipe = (
        tmp_path / f"channel/builds/{Path(row['packages'][0]['path']).stem}/recipe/recipe.yaml"
    ).read_text()
    assert "file://" not in recipe
    assert list(machine[1].glob(".cache/*/build-locks/packages-installed.used"))


def test_extension_module_and_what_it_needs_are_built_in_order(
    machine: tuple[IndexServer, Path], tmp_path: Path
) -> None:
    add_project(machine[0], tmp_path, "basis")
    add_project(machine[0], tmp_path, "natively", needs="basis", code=EXTENSION)

    refused = run_build(machine, "natively", "-o", f"{tmp_path}/channel", status=7)
    run_build(
        machine,
        "natively",
        "-o",
        f"{tmp_path}/channel",
        "--with-missing",
        "-j",
        "2",
        "--install",
        f"{tmp_path}/env",
    )

    assert "basis" in refused.stderr
    assert "--with-missing" in refused.stderr
    code = "import basis, natively._native as n; assert n.answer() == 42"
    subprocess.run([f"{tmp_path}/env/bin/python", "-c", code], check=True)


def test_commands_of_a_dry_run_run_by_hand(machine: tuple[IndexServer, Path], tmp_path: Path) -> None:
    add_project(machine[0], tmp_path, "byhand")

    words = ("byhand", "-o", f"{tmp_path}/channel", "--install", f"{tmp_path}/env", "--dry-run", "-q")
    script = run_build(machine, *words).stdout
    assert not (tmp_path / "channel").exists()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = build_environment(machine[1], machine[0].index_url, PATH=path)
    done = subprocess.run(
        ["bash", "-e"],
        input=script,
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list(Path(machine[1]).rglob("work/*/byhand/out/noarch/byhand-1.0-*.conda"))) == 1
    assert '"is_passed": true' in done.stdout
    document = json.loads((tmp_path / "channel/noarch/repodata.json").read_text())
    assert [name.partition("-py")[0] for name in document["packages.conda"]] == ["byhand-1.0"]
    subprocess.run([f"{tmp_path}/env/bin/python", "-c", "import byhand"], check=True)


def test_failing_build_says_why_and_where_its_log_is(
    machine: tuple[IndexServer, Path], tmp_path: Path
) -> None:
    add_project(machine[0], tmp_path, "broken", code="#include <no_such_header.h>\n")

    done = run_build(machine, "broken", "-o", f"{tmp_path}/channel", "--install", f"{tmp_path}/env", status=8)

    assert "error[E701]" in done.stderr
    assert "no_such_header.h" in done.stderr
    assert "nothing is installed" in done.stderr
    assert not (tmp_path / "env").exists()
    assert (tmp_path / "channel/builds/broken-1.0.failed/build.log").is_file()


def test_same_build_twice_gives_the_same_payload(machine: tuple[IndexServer, Path], tmp_path: Path) -> None:
    add_project(machine[0], tmp_path, "twice", code=EXTENSION)
    hashes = []
    for _ in range(2):
        done = run_build(machine, "twice", "-o", f"{tmp_path}/channel", "--json", "--no-test")
        manifest = json.loads(Path(json.loads(done.stdout)["results"][0]["manifest"]).read_text())
        hashes.append(manifest["outputs"][0]["payload_sha256"])

    assert hashes[0] == hashes[1]


def test_same_build_twice_gives_the_same_archive_where_the_time_is_said(
    machine: tuple[IndexServer, Path], tmp_path: Path
) -> None:
    add_project(machine[0], tmp_path, "timed", code=EXTENSION)
    outputs, findings = [], []
    for _ in range(2):
        done = run_build(
            machine,
            "timed",
            *("-o", f"{tmp_path}/channel", "--json", "--no-test"),
            SOURCE_DATE_EPOCH="1600000000",
        )
        (result,) = json.loads(done.stdout)["results"]
        outputs.append(json.loads(Path(result["manifest"]).read_text())["outputs"][0]["sha256"])
        findings += [one["slug"] for one in result["diagnostics"]]

    assert outputs[0] == outputs[1]
    assert "package-replaced" not in findings

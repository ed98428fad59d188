"""An environment made of nothing but this machine's own packages, and what can be done in it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from conda_bridge.archives.conda_reader import read_record
from conda_bridge.distributors.host.compilers import compiler_packages
from conda_bridge.distributors.host.facts import HostFacts
from conda_bridge.distributors.host.interpreter import abi_packages, python_package
from conda_bridge.distributors.host.machine import describe_host
from conda_bridge.errors import EngineError
from conda_bridge.processes.minimal_path import minimal_path
from conda_bridge.processes.workers import WorkerPlace, WorkerRequest, run_worker

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

DEBIANS_PYTHON = "/usr/bin/python3"
EXTENSION = """\
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "tiny", 0, -1, methods};
PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&module); }
"""
COMPILE = """\
set -eu
for script in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do . "$script"; done
include=$(python -c 'import sysconfig; print(sysconfig.get_path("include"))')
$CC $CFLAGS $CPPFLAGS -I"$include" -shared tiny.c -o tiny.so $LDFLAGS
python -c 'import tiny; print(tiny.answer())'
"""


@dataclass(frozen=True, kw_only=True)
class Environment:
    facts: HostFacts
    prefix: Path
    minimal: Path

    def run(self, *arguments: str, folder: Path, **variables: str) -> str:
        """Run a program of the environment, with nothing of ours but the basic programs of the system."""
        environment = {
            "PATH": f"{self.prefix}/bin:{self.minimal}",
            "HOME": str(folder),
            "CONDA_PREFIX": str(self.prefix),
            **variables,
        }
        done = subprocess.run(
            arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def evaluate(self, expression: str, folder: Path) -> str:
        """Return what an expression of the standard library's modules is in its interpreter."""
        code = f"import json, sys, sysconfig, site; print(json.dumps({expression}))"
        answer: str = json.loads(self.run("python", "-c", code, folder=folder))
        return answer


def facts_here(which: str) -> HostFacts:
    try:
        facts = describe_host(DEBIANS_PYTHON if which == "debian" else sys.executable)
    except EngineError as error:
        pytest.skip(f"no interpreter for this: {error}")
    if which == "debian" and facts.interpreter.layout != "debian":
        pytest.skip(f"{DEBIANS_PYTHON} isn't one of Debian's")
    if facts.is_noarch_only:
        pytest.skip("no C compiler, or no Python.h")
    return facts


@pytest.fixture(scope="module", params=["own", "debian"])
def environment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    facts = facts_here(request.param)
    root = tmp_path_factory.mktemp(request.param)
    for folder in ("channel/noarch", f"channel/{facts.subdir}", "made"):
        (root / folder).mkdir(parents=True)
    made = root / "made"
    for path in (python_package(facts, made), *abi_packages(facts, made), *compiler_packages(facts, made)):
        path.rename(root / "channel" / read_record(str(path)).subdir / path.name)
    place = WorkerPlace(writable=(str(root),), cache_dir=str(root / "cache"))
    ask = {"folder": str(root / "channel")}
    run_worker(WorkerRequest(operation="index", arguments=ask), place=place, timeout_s=120)
    run_worker(
        WorkerRequest(
            operation="install",
            arguments={
                "channels": [f"file://{root}/channel"],
                "specs": [
                    f"python {facts.interpreter.minor}.* *_cpython",
                    f"gcc_{facts.subdir}",
                    f"sysroot_{facts.subdir}",
                ],
                "subdir": facts.subdir,
                "prefix": str(root / "prefix"),
            },
        ),
        place=place,
        timeout_s=120,
    )
    return Environment(facts=facts, prefix=root / "prefix", minimal=Path(minimal_path(str(root / "minimal"))))


def test_libraries_of_the_interpreter_are_the_environments(environment: Environment, tmp_path: Path) -> None:
    said = environment.run("ldd", f"{environment.prefix}/bin/python", folder=tmp_path)

    own = [line for line in said.splitlines() if "libpython" in line]
    assert "not found" not in said
    assert all(f"=> {environment.prefix}/" in line for line in own)


def test_modules_that_link_the_machines_libraries_are_importable(
    environment: Environment, tmp_path: Path
) -> None:
    environment.run("python", "-c", "import ssl, sqlite3, ctypes, lzma, bz2, zlib, hashlib", folder=tmp_path)


def test_interpreter_lives_in_the_environment_alone(environment: Environment, tmp_path: Path) -> None:
    prefix = f"{environment.prefix}"

    assert environment.evaluate("sys.prefix", tmp_path) == prefix
    for found in (
        "list(sysconfig.get_paths().values())", "[path for path in sys.path if path]",
        "[sysconfig.get_makefile_filename(), sysconfig.get_config_h_filename(), sysconfig.get_config_var('INCLUDEPY')]",
    ):  # fmt: skip
        paths = environment.evaluate(found, tmp_path)
        assert paths
        assert [path for path in paths if not path.startswith(prefix)] == []


def test_packages_go_where_the_record_says(environment: Environment, tmp_path: Path) -> None:
    expected = f"{environment.prefix}/{environment.facts.interpreter.site_packages}"

    assert environment.evaluate("sysconfig.get_path('purelib')", tmp_path) == expected
    module = Path(expected, "bridge_was_here.py")
    module.write_text("")
    try:
        environment.run("python", "-c", "import bridge_was_here", folder=tmp_path)
    finally:
        module.unlink()


def test_old_prefix_is_forgotten(environment: Environment, tmp_path: Path) -> None:
    texts = environment.evaluate("[str(x) for x in sysconfig.get_config_vars().values()]", tmp_path)
    old = environment.facts.interpreter.prefix

    knowing = [text for text in texts if f"{old}/lib/python" in text and not text.startswith("./")]
    assert knowing == []


def test_extension_module_compiles_with_nothing_else_on_the_path(
    environment: Environment, tmp_path: Path
) -> None:
    (tmp_path / "tiny.c").write_text(EXTENSION)
    prefix = str(environment.prefix)

    said = environment.run(
        "bash", "-c", COMPILE, folder=tmp_path, CONDA_BUILD="1", BUILD_PREFIX=prefix, PREFIX=prefix
    )

    assert said == "42\n"


def test_use_adds_no_bytecode_of_the_standard_library(environment: Environment, tmp_path: Path) -> None:
    library = environment.prefix / f"lib/python{environment.facts.interpreter.minor}"
    before = set(library.rglob("*.pyc"))

    environment.run(
        "python",
        "-c",
        "import email.message, json, sysconfig, unittest; sysconfig.get_config_vars()",
        folder=tmp_path,
    )

    assert set(library.rglob("*.pyc")) == before

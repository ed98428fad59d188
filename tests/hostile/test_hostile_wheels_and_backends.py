"""Rows 40 to 52 of the list of bad inputs: wheels, backends, indexes.

As sources rows 40 to 43 have one outcome: a wheel, good or bad, is none, and what an index says of one is taken from its
verified metadata alone. What becomes of such wheels as packages of the host is asked in `tests/repack`.
"""

import json
import stat
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.archives import gz, tar_bytes, wheel_bytes, zip_bytes
from support.hostile import Laboratory, core_metadata, members_of, pyproject
from support.index_server import IndexServer, running_index_server

SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
WHEEL = "demo-1.0-py3-none-any.whl"


def bad_wheel(
    *files: tuple[str | zipfile.ZipInfo, bytes], is_pure: bool = True, record: bytes = b""
) -> bytes:
    """Return a wheel that says of itself that it fits everywhere, with further files."""
    folder = "demo-1.0.dist-info"
    wheel = f"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: {str(is_pure).lower()}\nTag: py3-none-any\n"
    return zip_bytes(
        [
            ("demo/__init__.py", b""),
            *files,
            (f"{folder}/METADATA", core_metadata().encode()),
            (f"{folder}/WHEEL", wheel.encode()),
            (f"{folder}/RECORD", record),
        ]
    )


def script_with_mode(mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("demo-1.0.data/scripts/demo")
    info.external_attr = (stat.S_IFREG | mode) << 16
    return info


BAD_WHEELS = {
    "row 40: so": bad_wheel(("demo/_demo.so", b"\x7fELF")),
    "row 40: pyd": bad_wheel(("demo/_demo.pyd", b"MZ")),
    "row 40: not pure": bad_wheel(is_pure=False),
    "row 41: wrong hash": bad_wheel(record=b"demo/__init__.py,sha256=AAAA,0\n"),
    "row 41: not in RECORD": bad_wheel(("demo/extra.py", b"x"), record=b"demo/__init__.py,,\n"),
    "row 42: pth": bad_wheel(("demo.pth", b"import os; os.system('touch evil')\n")),
    "row 42: sitecustomize": bad_wheel(("sitecustomize.py", b"raise SystemExit\n")),
    "row 43: setuid": bad_wheel((script_with_mode(0o4755), b"#!python\n")),
    "row 43: odd shebang": bad_wheel((script_with_mode(0o755), b"#!/bin/evil\n")),
}


def demand_no_source(lab: Laboratory, wheel: bytes) -> None:
    """Demand that a wheel is refused under its own name, and under that of an sdist."""
    assert "a wheel" in lab.refused(lab.raw(wheel, name=WHEEL), "unknown-source")
    lab.refused(lab.raw(wheel, name="demo-1.0.zip"), "no-build-files")


@pytest.mark.parametrize("which", [which for which in BAD_WHEELS if which.startswith("row 40")])
def test_row_40_wheel_with_native_code_is_refused_as_a_source(lab: Laboratory, which: str) -> None:
    demand_no_source(lab, BAD_WHEELS[which])


@pytest.mark.parametrize("which", [which for which in BAD_WHEELS if which.startswith("row 41")])
def test_row_41_wheel_with_a_wrong_record_is_refused_as_a_source(lab: Laboratory, which: str) -> None:
    demand_no_source(lab, BAD_WHEELS[which])


@pytest.mark.parametrize("which", [which for which in BAD_WHEELS if which.startswith("row 42")])
def test_row_42_wheel_with_start_up_code_is_refused_as_a_source(lab: Laboratory, which: str) -> None:
    demand_no_source(lab, BAD_WHEELS[which])


@pytest.mark.parametrize("which", [which for which in BAD_WHEELS if which.startswith("row 43")])
def test_row_43_wheel_with_odd_scripts_is_refused_as_a_source(lab: Laboratory, which: str) -> None:
    demand_no_source(lab, BAD_WHEELS[which])


def test_rows_40_to_43_wheel_is_refused_as_a_source_before_it_is_fetched(lab: Laboratory) -> None:
    assert "a wheel" in lab.refused(f"https://example.org/{WHEEL}", "unknown-source")


def test_row_40_wheel_beside_the_sdist_that_holds_native_code_is_not_unpacked(
    lab: Laboratory, index_server: IndexServer
) -> None:
    index_server.add_file("demo", WHEEL, BAD_WHEELS["row 40: so"])
    index_server.add_file("demo", "demo-1.0.tar.gz", gz(tar_bytes(members_of())))
    lab.serve(index_server.index_url)

    assert "noarch: python" in lab.converted("demo").recipe
    assert index_server.asked(f"/files/{WHEEL}") == []


def test_row_41_metadata_of_a_wheel_with_another_hash_than_promised_is_refused(
    lab: Laboratory, index_server: IndexServer
) -> None:
    sdist = gz(
        tar_bytes(members_of({"PKG-INFO": None, "pyproject.toml": SETUPTOOLS, "setup.py": "setup(x)"}))
    )
    wheel = wheel_bytes("demo", "1.0")
    metadata = core_metadata("Requires-Dist: evil")
    index_server.add_file("demo", WHEEL, wheel, metadata=metadata, **{"core-metadata": {"sha256": "0" * 64}})
    index_server.add_file("demo", "demo-1.0.tar.gz", sdist)
    lab.serve(index_server.index_url)
    # The sdist itself is what it should be, and so it stays in the cache.
    outcome = lab.run("demo")

    assert [error["slug"] for error in json.loads(outcome.out)["errors"]] == ["hash-mismatch"]
    assert outcome.status == 3
    assert not lab.out.exists()


# ---------------------------------------------------------------- backends


HOSTILE_SETUP = {
    "environment": "import os\nsetup(name='demo', version='1.0', description=os.environ['TOKEN'])",
    "loop": "while True:\n    pass\nsetup(name='demo', version='1.0')",
    "processes": "import subprocess, os\nsubprocess.run(['touch', 'evil'])\nos.system('touch evil')\nsetup(name='demo')",
    "network": "import socket\nsocket.create_connection(('127.0.0.1', 9))\nsetup(name='demo', version='1.0')",
    "files": "setup(name='demo', version='1.0', description=open('/etc/passwd').read(), author=open('../../x').read())",
    "writing": "open('evil', 'w').write('x')\nsetup(name='demo', version='1.0')",
    "import": "import evil\nsetup(name='demo', version=evil.version)",
    "fork": "import os\nwhile True:\n    os.fork()\nsetup(name='demo')",
    "memory": "x = 'a'\nwhile True:\n    x += x\nsetup(name=x)",
    "recursion": "def f(n):\n    return f(n + 1) + [n]\nsetup(name=f(0))",
}


@pytest.mark.parametrize("what", HOSTILE_SETUP)
def test_row_44_setup_py_is_never_executed(lab: Laboratory, what: str) -> None:
    metadata = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
    program = f"from setuptools import setup\n{HOSTILE_SETUP[what]}\n"
    evil = "open('evil', 'w')\nversion = '1.0'\n"
    texts = {"PKG-INFO": metadata, "pyproject.toml": SETUPTOOLS, "setup.py": program, "evil.py": evil}
    started = time.process_time()

    done = lab.converted(lab.sdist(texts))

    assert time.process_time() - started < 10  # far less than one, but not on a busy machine
    assert done.slugs & {"dynamic-field", "summary-missing"}
    assert "a-secret" not in done.recipe + done.told
    assert "root:" not in done.recipe + done.told
    assert not [path for path in lab.folder.rglob("evil") if path.is_file()]


@pytest.mark.parametrize("path", ["..", "../evil", "/tmp", "a/../../b", r"..\x", "C:x", "~"])
def test_row_45_backend_path_outside_the_tree_is_refused(lab: Laboratory, path: str) -> None:
    system = f'[build-system]\nrequires = []\nbuild-backend = "evil"\nbackend-path = [{json.dumps(path)}]\n'

    lab.refused(lab.sdist({"pyproject.toml": pyproject(build_system=system)}), "path-outside-source")


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000 + "]" * 5000,
        "a = " + "{a=" * 5000 + "1" + "}" * 5000,
        ".".join("a" * 5000) + " = 1",
        "[" + ".".join("a" * 5000) + "]",
        "a = 1" + "0" * 9000,
        "a = '''",
        "\x00",
    ],
    ids=["lists", "tables", "keys", "headers", "digits", "open", "nul"],
)
def test_row_46_nested_or_broken_pyproject_is_refused(lab: Laboratory, text: str) -> None:
    lab.refused(lab.sdist({"pyproject.toml": text}), "invalid-pyproject")


def test_row_46_pyproject_of_50_megabytes_is_refused_unread(lab: Laboratory) -> None:
    folder = lab.work / "demo"
    folder.mkdir()
    with (folder / "pyproject.toml").open("wb") as file:
        file.truncate(50_000_000)

    assert "too large" in lab.refused("./demo", "invalid-pyproject")


@pytest.mark.parametrize(
    "entry",
    [
        "zlib",
        "dep:",
        "dep:generic",
        "dep:generic/",
        "dep:generic/a b",
        "dep:/generic/a",
        "dep:generic//a",
        "dep:generic/../a",
        "dep:generic/a%zz",
        "dep:generic/a@",
        "dep:generic/a@one",
        "dep:generic/a@~=1.0",
        "dep:generic/a@!=1.0",
        "dep:generic/a@==1.*",
        "dep:generic/a; nonsense",
        "dep:generic/a\n",
        "dep:generic/$(id)`",
        "https://example.org/zlib",
        "dep:generic/" + "a" * 5000,
    ],
)
def test_row_47_malformed_depurl_is_refused(lab: Laboratory, entry: str) -> None:
    rest = f"[external]\nhost-requires = [{json.dumps(entry)}]\n"

    assert "no DepURL" in lab.refused(lab.sdist({"pyproject.toml": pyproject(rest=rest)}), "invalid-depurl")


@pytest.mark.parametrize(
    "key", ["build-requires", "dependencies", "optional-build-requires.x", "optional-dependencies.x"]
)
def test_row_47_malformed_depurl_is_refused_in_every_list(lab: Laboratory, key: str) -> None:
    rest = f'[external]\n{key} = ["dep:generic/zlib", "zlib"]\n'

    lab.refused(lab.sdist({"pyproject.toml": pyproject(rest=rest)}), "invalid-depurl")


def test_row_47_depurl_of_an_unknown_type_is_reported_with_a_hint(lab: Laboratory) -> None:
    rest = '[external]\nhost-requires = ["dep:genric/zlib"]\n'

    found = lab.converted(lab.sdist({"pyproject.toml": pyproject(rest=rest)})).finding("unknown-depurl-type")

    assert "'genric'" in found["message"]
    assert found["origin"] == "pyproject.toml#/external/host-requires/0"
    assert "generic" in found["hint"]


@pytest.mark.parametrize(
    "entry",
    [
        "dep:generic/zlib",
        "dep:virtual/compiler/c++",
        "virtual:compiler/c",
        "pkg:generic/gmp",
        "dep:github/Kitware/CMake@>=3.20,<4",
        "dep:pypi/numpy@1.0",
        "dep:npm/%40scope/name@1.0?a=b#sub",
        'dep:generic/libxml2; sys_platform == "linux"',
    ],
)
def test_row_47_good_depurl_is_no_finding(lab: Laboratory, entry: str) -> None:
    rest = f"[external]\nbuild-requires = [{json.dumps(entry)}]\n"

    done = lab.converted(lab.sdist({"pyproject.toml": pyproject(rest=rest)}))

    assert "unknown-depurl-type" not in done.slugs


@pytest.mark.parametrize("pattern", ["../../**", "../LICENSE", "/etc/passwd", "a/../../b", "~/x", r"..\x"])
def test_row_48_pattern_of_licence_files_outside_the_tree_is_refused(lab: Laboratory, pattern: str) -> None:
    table = pyproject(f"license-files = [{json.dumps(pattern)}]")

    lab.refused(lab.sdist({"pyproject.toml": table}), "path-outside-source")


# ---------------------------------------------------------------- indexes


@pytest.fixture
def second_server() -> Iterator[IndexServer]:
    with running_index_server() as server:
        yield server


def add_release(server: IndexServer, version: str) -> None:
    table = pyproject().replace('version = "1.0"', f'version = "{version}"')
    texts = {"PKG-INFO": core_metadata(version=version), "pyproject.toml": table}
    sdist = gz(tar_bytes(members_of(texts, top=f"demo-{version}")))
    server.add_file("demo", f"demo-{version}.tar.gz", sdist)


def test_row_49_name_on_a_second_index_is_never_merged_and_reported(
    lab: Laboratory, index_server: IndexServer, second_server: IndexServer
) -> None:
    add_release(index_server, "1.0")
    add_release(second_server, "99.0")
    lab.serve(index_server.index_url, second_server.index_url)

    done = lab.converted("demo")

    message = done.finding("several-indexes")["message"]
    assert index_server.index_url in message
    assert second_server.index_url in message
    assert done.row["version"] == "1.0"
    assert second_server.asked("/files/") == []


def test_row_50_quarantined_project_is_refused(lab: Laboratory, index_server: IndexServer) -> None:
    add_release(index_server, "1.0")
    index_server.page("demo")["project-status"] = {"status": "quarantined", "reason": "malware"}
    lab.serve(index_server.index_url)

    assert "malware" in lab.refused("demo", "quarantined")
    assert index_server.asked("/files/") == []


@pytest.mark.parametrize("status", ["archived", "deprecated"])
def test_row_50_archived_or_deprecated_project_is_reported(
    lab: Laboratory, index_server: IndexServer, status: str
) -> None:
    add_release(index_server, "1.0")
    index_server.page("demo")["project-status"] = {"status": status, "reason": "use other"}
    lab.serve(index_server.index_url)

    assert "use other" in lab.converted("demo").finding(f"{status}-project")["message"]


def test_row_51_sdist_without_pyproject_and_setup_py_is_refused(lab: Laboratory) -> None:
    lab.refused(lab.sdist({"pyproject.toml": None}), "no-build-files")


def test_row_52_name_that_could_be_mistaken_for_one_that_the_user_knows_is_reported(lab: Laboratory) -> None:
    (lab.work / "conda-bridge.toml").write_text('watched-names = ["requests", "numpy"]\n')
    lines = (
        "Requires-Dist: reqeusts",
        "Requires-Dist: nurnpy",
        "Requires-Dist: numpy",
        "Requires-Dist: other",
    )

    done = lab.converted(lab.sdist({"PKG-INFO": core_metadata(*lines)}))

    found = [d["message"] for d in done.row["diagnostics"] if d["slug"] == "name-lookalike"]
    assert found == [
        "'nurnpy' could be mistaken for 'numpy'",
        "'reqeusts' could be mistaken for 'requests'",
    ]


def test_row_52_without_a_list_no_name_is_suspicious(lab: Laboratory) -> None:
    done = lab.converted(lab.sdist({"PKG-INFO": core_metadata("Requires-Dist: reqeusts")}))

    assert "name-lookalike" not in done.slugs


def test_every_row_of_the_list_has_a_test() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))

    missing = [n for n in range(1, 53) if f"def test_row_{n:02}_" not in texts]

    assert missing == []

"""What the private package of a wheel has that others have not."""

import platform
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from conda_bridge.distributors.host.conversions import Conversion
from conda_bridge.distributors.host.facts import HostFacts
from conda_bridge.distributors.host.module_compiler import HostModuleCompiler
from conda_bridge.distributors.host.needs import Offer, needs_of_wheel
from conda_bridge.distributors.host.project_names import ProjectNames
from conda_bridge.distributors.host.target import target_of
from conda_bridge.distributors.host.wheel_index import WheelOffer
from conda_bridge.distributors.host.wheel_packages import WheelPackages
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.names import CondaName, NameTable, PypiName
from conda_bridge.model.source import FileLink
from conda_bridge.translate.names import NameMap
from support.conda_packages import info_document, package_members
from support.host_channel import FACTS
from support.wheels import WheelParts, write_wheel


@pytest.fixture
def facts() -> HostFacts:
    interpreter = replace(FACTS.interpreter, executable=sys.executable, version=platform.python_version())
    return replace(FACTS, interpreter=interpreter)


def conversion(parts: WheelParts, *required: str, extras: tuple[tuple[str, str], ...] = ()) -> Conversion:
    """Return the conversion of a wheel; `extras` are (project, a requirement of its)."""
    project = PypiName(parts.name)
    link = FileLink(filename=f"{parts.stem}-{parts.tag}.whl", url="https://index.example/x")
    return Conversion(
        wheel=WheelOffer(pypi_name=project, version=Version(parts.version), link=link),
        requires=(),
        names=NameTable(hits=NameMap().to_conda([project, *map(PypiName, required)])),
        extras=tuple((PypiName(name), (Requirement(line),)) for name, line in extras),
    )


def converted(folder: Path, facts: HostFacts, parts: WheelParts, wanted: Conversion | None = None) -> Path:
    target = folder / "packages"
    target.mkdir()
    wheel = write_wheel(folder, parts)
    return Path(WheelPackages(facts)(str(wheel), str(target), wanted or conversion(parts)).path)


def test_a_package_says_that_it_is_private(tmp_path: Path, facts: HostFacts) -> None:
    package = converted(tmp_path, facts, WheelParts())

    assert info_document(package, "index.json")["build"].endswith("_host")
    assert info_document(package, "about.json")["extra"] == {"conda-bridge": {"private": True}}


def test_modules_are_compiled_by_the_packaged_interpreter(tmp_path: Path, facts: HostFacts) -> None:
    files = {"demo/__init__.py": b"x = 1\n", "demo/broken.py": b"print 1\n"}

    members = package_members(converted(tmp_path, facts, WheelParts(files=files)))

    compiled = [path for path in members if path.endswith(".pyc")]
    assert compiled == [f"site-packages/demo/__pycache__/__init__.{sys.implementation.cache_tag}.pyc"]


def test_modules_that_no_build_imports_are_not_compiled(tmp_path: Path, facts: HostFacts) -> None:
    files = {"demo/tests/test_x.py": b"x = 1\n", "demo/__init__.py": b""}

    members = package_members(converted(tmp_path, facts, WheelParts(files=files)))

    assert [path for path in members if path.endswith(".pyc")] == []


def test_an_interpreter_that_compiles_nothing_costs_only_time(tmp_path: Path, facts: HostFacts) -> None:
    compiler = HostModuleCompiler(replace(facts.interpreter, executable="/bin/false"), str(tmp_path))

    assert compiler([("demo/a.py", b"x = 1\n")]) == [None]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("version", "exported"),
    [
        ("2.4.6", "numpy >=1.23,<3"),
        ("2.0.2", "numpy >=1.19,<3"),
        ("1.26.4", "numpy >=1.19,<2"),
        ("1.24.4", "numpy >=1.24,<2"),
        ("2.99.0", "numpy >=2.99,<3"),
    ],
)
def test_what_is_compiled_against_numpy_needs_one_that_its_headers_promise(
    tmp_path: Path, facts: HostFacts, version: str, exported: str
) -> None:
    parts = WheelParts(name="numpy", version=version, files={"numpy/__init__.py": b""})

    package = converted(tmp_path, facts, parts)

    assert info_document(package, "run_exports.json") == {"weak": [exported]}


def test_extras_are_those_of_the_versions_that_were_chosen(tmp_path: Path, facts: HostFacts) -> None:
    parts = WheelParts(metadata=("Requires-Dist: base[fast]>=1",))
    wanted = conversion(parts, "base", "speedup", extras=(("base", "speedup>=2; extra == 'fast'"),))

    package = converted(tmp_path, facts, parts, wanted)

    assert info_document(package, "index.json")["depends"][-2:] == ["base >=1", "speedup >=2"]


def test_a_wheel_for_another_python_is_refused(tmp_path: Path, facts: HostFacts) -> None:
    parts = WheelParts(tag="cp27-cp27mu-manylinux1_x86_64", is_purelib=False)

    with pytest.raises(Exception, match="cp27") as caught:
        converted(tmp_path, facts, parts)

    assert getattr(caught.value, "slug", "") == "unsuitable-wheel"


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("platform_release >= '99'", []),
        ("platform_version == 'x'", []),
        ("sys_platform > 'linux'", []),
        ("os_name > 'nt'", []),
        ("python_version in '3.110'", ["part"]),
        ("os_name == 'posix'", ["part"]),
    ],
)
def test_a_package_depends_on_what_the_resolution_counted_as_needed(
    tmp_path: Path, marker: str, expected: list[str]
) -> None:
    line = f"part; {marker}"
    parts = WheelParts(metadata=(f"Requires-Dist: {line}",))
    package = converted(tmp_path, FACTS, parts, conversion(parts, "part"))
    offer = Offer(record=PackageRecord(conda_name=CondaName("demo"), version="1.0", build=""))

    needs = needs_of_wheel(
        [Requirement(line)],
        markers=target_of(FACTS).markers,
        names=ProjectNames(NameMap()),
        offer=offer,
    )

    depends = info_document(package, "index.json")["depends"]
    assert depends[1:] == expected
    assert [need.conda_name for need in needs or ()] == expected

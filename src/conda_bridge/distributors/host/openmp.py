"""The OpenMP library of this machine's gcc -> the packages that conda has of it.

Recipes ask for `libgomp` where they link against it, and what was linked depends on `_openmp_mutex`, which lets users
choose among OpenMP libraries. Here there is one.

Source: conda-forge's packages of the GNU compilers; GCC Runtime Library Exception 3.1.
"""

from collections.abc import Mapping
from pathlib import Path

from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.distributors.host.facts import HostFacts
from conda_bridge.distributors.host.packing import PRIVATE_BUILD, pack
from conda_bridge.model.artifact import PackageRecord, RunExports
from conda_bridge.model.names import CondaName
from conda_bridge.processes.children import run_child

__all__ = ["find_openmp", "openmp_packages"]

_SONAME = "libgomp.so.1"
_TIMEOUT_S = 10.0
_LIBRARY = CondaName("libgomp")
_MUTEX = CondaName("_openmp_mutex")
_MUTEX_VERSION = "4.5"
"""Of OpenMP; conda's packages of it have had no other since."""
_LICENSE = "GPL-3.0-only WITH GCC-exception-3.1"


def find_openmp(gcc: str, environment: Mapping[str, str]) -> str:
    """Return the real path of the library that gcc links programs with OpenMP against; empty where it has none."""
    try:
        child = run_child(
            [gcc, f"-print-file-name={_SONAME}"], folder="/", environment=environment, timeout_s=_TIMEOUT_S
        )
    except OSError:
        return ""
    path = Path(child.output.strip())
    # Of what it doesn't have gcc says the bare name.
    return str(path.resolve()) if not child.exit_status and path.is_absolute() and path.is_file() else ""


def openmp_packages(facts: HostFacts, target_dir: Path) -> tuple[Path, ...]:
    """Make the packages in a folder, and return their paths; none where gcc has no such library."""
    gcc = facts.compiler("c")
    if not facts.openmp or gcc is None:
        return ()
    exported = RunExports(strong=(f"{_MUTEX} >={_MUTEX_VERSION}",))
    library = Path(facts.openmp)
    files = [PackedFile(path=f"lib/{library.name}", content=library, mode=0o755)]
    names = dict.fromkeys((_SONAME, "libgomp.so"))
    files += [PackedFile(path=f"lib/{name}", link=library.name) for name in names if name != library.name]
    summary = f"The OpenMP library of {gcc.path}"
    record = _record(_LIBRARY, gcc.version, facts, depends=("__glibc >=2.17", "__linux"))
    mutex = _record(_MUTEX, _MUTEX_VERSION, facts, depends=(str(_LIBRARY),))
    return (
        pack(target_dir, record, files, summary=summary, run_exports=exported),
        pack(target_dir, mutex, summary="Stands for the choice of an OpenMP library", run_exports=exported),
    )


def _record(name: CondaName, version: str, facts: HostFacts, *, depends: tuple[str, ...]) -> PackageRecord:
    return PackageRecord(
        conda_name=name,
        version=version,
        build=PRIVATE_BUILD,
        subdir=facts.subdir,
        depends=depends,
        license=_LICENSE,
    )

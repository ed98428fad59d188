"""The interpreter of this machine -> the package `python`, and those that conda's world expects beside it.

The files are stripped of what only debuggers read, made to work in any prefix, and compiled: an environment's python
can't write its own bytecode where packages are shared.

Source: CEP 17 (`python_site_packages_path`), PEP 552 (pycs that aren't checked); conda-forge's `python_abi`,
`cpython`, `python-gil`, `python-abi3`.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from posixpath import dirname

from conda_bridge.archives.elf import ElfError
from conda_bridge.archives.packed_files import PackedFile
from conda_bridge.distributors.host import debian
from conda_bridge.distributors.host.facts import HostFacts, Interpreter
from conda_bridge.distributors.host.interpreter_files import HostFile, interpreter_files
from conda_bridge.distributors.host.interpreters import INSIDE
from conda_bridge.distributors.host.packing import pack
from conda_bridge.distributors.host.relocation import (
    PLACEHOLDER,
    is_elf,
    knows_prefix,
    relocated_elf,
    relocated_text,
)
from conda_bridge.errors import EngineError
from conda_bridge.model.artifact import PackageRecord, RunExports
from conda_bridge.model.names import CondaName
from conda_bridge.processes.build_environments import last_lines
from conda_bridge.processes.children import ChildStreams, dying_with_us, run_child

__all__ = ["abi_packages", "python_package"]

_TIMEOUT_S = 300.0
_ABI_BUILD_NUMBER = 8
"""conda-forge's, to which `python_abi 3.11.* *_cp311` leads."""
_SYSCONFIG = frozenset({"sysconfig.py", "sysconfig/__init__.py"})
_README = b"What is installed into this environment lies here.\n"


def python_package(facts: HostFacts, target_dir: Path) -> Path:
    """Make the package `python` in a folder and return its path.

    Raises:
        EngineError: `unreadable-interpreter`.

    Cost: about three seconds, half of them for the bytecode.
    """
    interpreter = facts.interpreter
    record = PackageRecord(
        conda_name=CondaName("python"),
        version=interpreter.version,
        build="0_cpython",
        subdir=facts.subdir,
        depends=(f"__glibc >={facts.glibc}", "__linux", _abi_spec(interpreter)),
        license="Python-2.0",
        python_site_packages_path=interpreter.site_packages,
    )
    with tempfile.TemporaryDirectory(prefix=".python-", dir=target_dir) as scratch:
        files = _packed_files(facts, Path(scratch))
        return pack(
            target_dir,
            record,
            files,
            summary=f"The interpreter {interpreter.executable}",
            run_exports=RunExports(noarch=("python",), weak=(_abi_spec(interpreter),)),
        )


def _abi_spec(interpreter: Interpreter) -> str:
    return f"python_abi {interpreter.minor}.* *_{interpreter.abi}"


# ---------------------------------------------------------------- files


def _packed_files(facts: HostFacts, scratch: Path) -> tuple[PackedFile, ...]:
    interpreter = facts.interpreter
    try:
        files = interpreter_files(interpreter)
        packed = [*_relocated(files, facts, scratch)]
    except OSError as error:
        raise EngineError(
            "unreadable-interpreter", f"it can't be read: {error.strerror}", where=error.filename
        ) from error
    packed.append(PackedFile(path=f"{interpreter.site_packages}/README.txt", content=_README))
    if interpreter.layout == "debian":
        packed.extend(debian.dist_packages(interpreter))
    return (*packed, *_bytecode(interpreter, packed, scratch))


def _relocated(files: Sequence[HostFile], facts: HostFacts, scratch: Path) -> Iterator[PackedFile]:
    stripped = _stripped([file for file in files if not file.link and _has_code(file)], facts, scratch)
    libraries = {file.path.removeprefix("lib/") for file in files if file.path.count("/") == 1}
    for file in files:
        if file.link:
            yield PackedFile(path=file.path, link=file.link)
        elif file.path in stripped:
            content = _elf(stripped[file.path], file, facts.interpreter, libraries)
            yield PackedFile(path=file.path, content=content, mode=0o755)
        else:
            yield _text(file, facts.interpreter)


def _has_code(file: HostFile) -> bool:
    if not file.is_program and ".so" not in file.source.name:
        return False
    with file.source.open("rb") as opened:
        return is_elf(opened.read(4))


def _elf(source: Path, file: HostFile, interpreter: Interpreter, libraries: set[str]) -> bytes:
    try:
        return relocated_elf(source.read_bytes(), file.path, interpreter, libraries)
    except ElfError as error:
        raise EngineError(
            "unreadable-interpreter", f"it can't be moved: {error}", where=str(file.source)
        ) from error


def _text(file: HostFile, interpreter: Interpreter) -> PackedFile:
    mode = 0o755 if file.is_program else 0o644
    if interpreter.layout == "debian" and file.path.partition("/python")[2].partition("/")[2] in _SYSCONFIG:
        content = debian.patched_sysconfig(file.source.read_bytes(), where=str(file.source))
        return PackedFile(path=file.path, content=content, mode=mode)
    if knows_prefix(file.source.name):
        content = relocated_text(file.source.read_bytes(), interpreter)
        placeholder = PLACEHOLDER if PLACEHOLDER.encode() in content else ""
        return PackedFile(path=file.path, content=content, mode=mode, placeholder=placeholder)
    return PackedFile(path=file.path, content=file.source, mode=mode)


def _stripped(files: Sequence[HostFile], facts: HostFacts, scratch: Path) -> dict[str, Path]:
    """Return where copies without debugging symbols lie: half of the size, where they weren't stripped yet."""
    copies = {file.path: scratch / f"{number}.so" for number, file in enumerate(files)}
    for file in files:
        shutil.copyfile(file.source, copies[file.path])
    strip = dict(facts.binutils).get("strip")
    if strip is not None and copies:
        # What can't be stripped is left as it is, and serves as well.
        run_child(
            [strip, "-S", *map(str, copies.values())],
            folder="/",
            environment={"PATH": dirname(strip), "LC_ALL": "C.UTF-8"},
            timeout_s=_TIMEOUT_S,
        )
    return copies


# ---------------------------------------------------------------- bytecode


def _bytecode(interpreter: Interpreter, packed: Sequence[PackedFile], scratch: Path) -> Iterator[PackedFile]:
    """Yield the bytecode of the standard library; that of what the installer changes is empty.

    Then python compiles it when it is first imported, in place of the empty file: a new file, made while a package
    is built in that environment, would become a part of the package.
    """
    library = [
        file
        for file in packed
        if file.path.startswith(f"lib/python{interpreter.minor}/")
        and file.path.endswith(".py")
        and not file.link
    ]
    sources = [file for file in library if not file.placeholder]
    for number in _compiled(interpreter, sources, scratch):
        path = _bytecode_path(sources[number], interpreter)
        yield PackedFile(path=path, content=scratch / f"{number}.pyc")
    for file in library:
        if file.placeholder:
            yield PackedFile(path=_bytecode_path(file, interpreter), content=b"")


def _bytecode_path(source: PackedFile, interpreter: Interpreter) -> str:
    folder, _, name = source.path.rpartition("/")
    tag = f"cpython-{interpreter.minor.replace('.', '')}"
    return f"{folder}/__pycache__/{name.removesuffix('.py')}.{tag}.pyc"


def _compiled(interpreter: Interpreter, sources: Sequence[PackedFile], scratch: Path) -> tuple[int, ...]:
    """Compile in the interpreter itself, and return the numbers of what could be."""
    paths = []
    for number, file in enumerate(sources):
        path = file.content if isinstance(file.content, Path) else scratch / f"{number}.py"
        if isinstance(file.content, bytes):
            path.write_bytes(file.content)
        paths.append((str(path), file.path))
    child = run_child(
        # Without -I, which forbids a fixed seed: the order in sets would differ from run to run.
        dying_with_us([interpreter.executable, "-s", "-S", str(INSIDE / "bytecode.py")]),
        folder=str(scratch),
        environment={"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"},
        timeout_s=_TIMEOUT_S,
        streams=ChildStreams(given=json.dumps({"files": paths, "folder": str(scratch)})),
    )
    try:
        answer = json.loads(child.output)
    except ValueError:
        answer = None
    if not isinstance(answer, list):
        raise EngineError(
            "unreadable-interpreter",
            f"it can't compile its standard library: {last_lines(child.errors, most=3)}",
            where=interpreter.executable,
        )
    return tuple(answer)


# ---------------------------------------------------------------- packages beside it


def abi_packages(facts: HostFacts, target_dir: Path) -> tuple[Path, ...]:
    """Make the packages by which others say which pythons suit them, and return their paths."""
    interpreter = facts.interpreter
    minor, abi = interpreter.minor, interpreter.abi
    abi3 = RunExports(weak=(f"cpython >={minor}", "_python_abi3_support 1.*"))
    rows = (
        ("python_abi", minor, f"{_ABI_BUILD_NUMBER}_{abi}", (), RunExports()),
        (
            "cpython",
            interpreter.version,
            f"0_{abi}",
            (f"python {interpreter.version}.*", f"python_abi * *_{abi}"),
            RunExports(),
        ),
        (
            "python-gil",
            interpreter.version,
            "0_host",
            (f"cpython {interpreter.version}.*", f"python_abi * *_{abi}"),
            RunExports(),
        ),
        ("_python_abi3_support", "1.0", "0_host", ("cpython", "python-gil"), RunExports()),
        ("python-abi3", minor, "0_host", (), abi3),
    )
    made = []
    for name, version, build, depends, run_exports in rows:
        record = PackageRecord(
            conda_name=CondaName(name),
            version=version,
            build=build,
            build_number=_ABI_BUILD_NUMBER if name == "python_abi" else 0,
            noarch="generic",
            depends=depends,
            constrains=(f"python {minor}.* *_cpython",) if name == "python_abi" else (),
            license="BSD-3-Clause",
        )
        summary = f"Says what fits Python {minor}"
        made.append(pack(target_dir, record, summary=summary, run_exports=run_exports))
    return tuple(made)

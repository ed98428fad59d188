"""`HostFacts` -> every package that is made of this machine itself, and none of an index."""

from pathlib import Path

from conda_bridge.distributors.host.compilers import compiler_packages
from conda_bridge.distributors.host.facts import HostFacts
from conda_bridge.distributors.host.interpreter import abi_packages, python_package
from conda_bridge.distributors.host.programs import program_packages

__all__ = ["toolchain_packages"]


def toolchain_packages(facts: HostFacts, target_dir: Path) -> tuple[Path, ...]:
    """Make the interpreter, the compilers and the programs in a folder, and return their paths.

    Raises:
        EngineError: `unreadable-interpreter`.
    """
    return (
        python_package(facts, target_dir),
        *abi_packages(facts, target_dir),
        *compiler_packages(facts, target_dir),
        *program_packages(facts, target_dir),
    )

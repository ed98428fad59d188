"""What makes the packages of this machine, in one place, so that tests can make small ones instead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conda_bridge.distributors.host.conversions import Converter
from conda_bridge.distributors.host.facts import HostFacts
from conda_bridge.model.variants import VariantConfig

__all__ = ["Makers", "host_makers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Makers:
    """Functions that ask this machine and make packages of it; all but `describe` are told what it said."""

    describe: Callable[[str], HostFacts]
    """Takes the path of an interpreter; empty means the running one."""
    python: Callable[[HostFacts, str], str]
    """Makes the package `python` in a folder and returns its path; takes seconds."""
    toolchain: Callable[[HostFacts, str], Sequence[str]]
    """Makes all other packages of the machine in a folder; takes little time."""
    converter: Callable[[HostFacts], Converter]
    variants: Callable[[HostFacts], VariantConfig]


def host_makers() -> Makers:
    """Return what makes the real packages; nothing is imported or asked before it is called."""
    return Makers(
        describe=_describe, python=_python, toolchain=_toolchain, converter=_converter, variants=_variants
    )


def _describe(python: str) -> HostFacts:
    from conda_bridge.distributors.host.machine import describe_host  # noqa: PLC0415 - starts programs

    return describe_host(python)


def _python(facts: HostFacts, folder: str) -> str:
    from conda_bridge.distributors.host.interpreter import python_package  # noqa: PLC0415 - needed once

    return str(python_package(facts, Path(folder)))


def _toolchain(facts: HostFacts, folder: str) -> tuple[str, ...]:
    from conda_bridge.distributors.host.compilers import compiler_packages  # noqa: PLC0415 - needed once
    from conda_bridge.distributors.host.interpreter import abi_packages  # noqa: PLC0415
    from conda_bridge.distributors.host.openmp import openmp_packages  # noqa: PLC0415
    from conda_bridge.distributors.host.programs import program_packages  # noqa: PLC0415

    makers = (abi_packages, compiler_packages, openmp_packages, program_packages)
    return tuple(str(path) for make in makers for path in make(facts, Path(folder)))


def _variants(facts: HostFacts) -> VariantConfig:
    from conda_bridge.distributors.host.variants import host_variants  # noqa: PLC0415 - not always needed

    return host_variants(facts)


def _converter(facts: HostFacts) -> Converter:
    from conda_bridge.distributors.host.wheel_packages import WheelPackages  # noqa: PLC0415 - not always needed

    return WheelPackages(facts)

"""A need that nothing meets -> why, in words that say what to do."""

from collections.abc import Iterator
from typing import Literal, TypeAlias

from conda_bridge.distributors.host.needs import Need
from conda_bridge.distributors.host.offers import Offers, conda_version
from conda_bridge.distributors.host.programs import remedy_for
from conda_bridge.distributors.host.wheel_index import ProjectWheels, WheelOffer
from conda_bridge.model.artifact import PackageRecord
from conda_bridge.model.build import MissingPackage
from conda_bridge.model.names import CondaName, is_compiler_package

__all__ = ["absence_of", "size_reason"]

_Reason: TypeAlias = Literal["absent", "version", "no-wheel", "too-large", "not-python"]


def absence_of(need: Need, offers: Offers) -> MissingPackage:
    """Say why nothing meets a need.

    Raises:
        SourceError: what asking the index for its project raises; mostly that has been done before.
    """
    reason, detail = _reason(need, offers)
    name = need.conda_name
    return MissingPackage(
        conda_name=name, spec=_spec(need), wanted_by=need.wanted_by, reason=reason, detail=detail
    )


def _spec(need: Need) -> str:
    if not need.extra:
        return need.spec
    name, _, rest = need.spec.partition(" ")
    return f"{name}[extras=[{need.extra}]] {rest}".strip()


def _reason(need: Need, offers: Offers) -> tuple[_Reason, str]:
    name = offers.canonical(need)
    if versions := offers.fixed_versions(name):
        return "version", f"there is {', '.join(versions)} alone"
    project = need.project or offers.project_of(name)
    if project is None:
        remedy = remedy_for(name)
        return "not-python", f"this machine has none: {remedy}" if remedy else _no_python_reason(name, offers)
    found = offers.index.project(project)
    if found.newest is None:
        return "absent", f"no index has {'files of ' if found.is_there else ''}a project {project}"
    return _reason_of(need, found, offers)


def _no_python_reason(name: CondaName, offers: Offers) -> str:
    if is_compiler_package(name):
        return "of compilers, this machine's gcc, clang, gfortran and rust become packages, and no other"
    project = offers.namesake_of(name)
    if project is None:
        return "it is no Python package, and nothing here is made into it"
    return (
        "by its name it is no Python package, and no project is taken for it, since anybody may register one; "
        f'if it is the project {project}, say so in a configuration file: {project} = "{name}" in '
        "[names.pypi-to-conda]"
    )


def _reason_of(need: Need, found: ProjectWheels, offers: Offers) -> tuple[_Reason, str]:
    suitable = [wheel for wheel in found.offers if _is_met(need, wheel)]
    large = next((wheel for wheel in suitable if offers.is_too_large(wheel)), None)
    if large is not None:
        size_bytes = large.link.size_bytes or 0
        return "too-large", size_reason(large.link.filename, size_bytes, offers.max_wheel_bytes)
    place = f"python {offers.target.python} on {offers.target.subdir}"
    if suitable:
        return "no-wheel", f"what {suitable[0].link.filename} requires can't be read, or said to conda"
    for version in _met_versions(need, found):
        return "no-wheel", f"{found.pypi_name} {version} has no wheel for {place}"
    return "version", f"the newest {found.pypi_name} is {found.newest}"


def size_reason(filename: str, size_bytes: int, cap_bytes: int) -> str:
    """Say that a wheel is too large, and what raises the cap."""
    size, cap = size_bytes / 1_000_000, cap_bytes / 1_000_000
    return f"{filename} has {size:.0f} MB, the cap is {cap:.0f} MB; --max-wheel-size raises it"


def _met_versions(need: Need, found: ProjectWheels) -> Iterator[str]:
    for version in found.others:
        text = conda_version(version)
        if text and need.is_met_by(PackageRecord(conda_name=need.conda_name, version=text, build="")):
            yield text


def _is_met(need: Need, wheel: WheelOffer) -> bool:
    text = conda_version(wheel.version)
    return bool(text) and need.is_met_by(
        PackageRecord(conda_name=need.conda_name, version=text or "", build="")
    )

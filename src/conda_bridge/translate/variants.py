"""A distributor's facts -> the variants of a recipe that it builds on one platform.

Source: conda-forge's conventions for `is_python_min` (CFEP-25); conda-build's documentation of variants.
"""

from dataclasses import replace

from conda_bridge.model.distributor import DistributorPolicy, VariantFact
from conda_bridge.model.python_versions import PyVersion
from conda_bridge.model.variants import VariantConfig

__all__ = ["default_variants", "minor_of", "with_pythons"]

_PYTHON, _IS_LOWEST, _LOWEST = "python", "is_python_min", "python_min"
_UNIX = ("linux", "osx")


def default_variants(policy: DistributorPolicy, subdir: str) -> VariantConfig:
    """Return the variants that a distributor's row gives on `subdir`."""
    values: dict[str, tuple[str, ...]] = {}
    for fact in policy.variants:
        if _applies(fact.where, subdir):
            values[fact.key] = fact.values
    if any(_IS_LOWEST in group for group in policy.zip_keys) and _PYTHON in values:
        values[_IS_LOWEST] = _is_lowest(values)
    groups = (tuple(key for key in group if key in values) for group in policy.zip_keys)
    return VariantConfig(
        values=tuple(sorted(values.items())), zip_keys=tuple(group for group in groups if len(group) > 1)
    )


def with_pythons(
    policy: DistributorPolicy, pythons: tuple[PyVersion, ...], lowest: PyVersion
) -> DistributorPolicy:
    """Return the policy of a distributor that builds for other pythons; build strings stay as they are known."""
    known = {
        minor_of(value): value for fact in policy.variants if fact.key == _PYTHON for value in fact.values
    }
    values = tuple(known.get(python, f"{python}.*") for python in pythons)
    facts = (
        VariantFact(key=_PYTHON, where="", values=values),
        VariantFact(key=_LOWEST, where="", values=(str(lowest),)),
    )
    others = tuple(fact for fact in policy.variants if fact.key not in {_PYTHON, _LOWEST})
    return replace(policy, pythons=pythons, python_min=lowest, variants=(*others, *facts))


def minor_of(value: str) -> PyVersion | None:
    """Return the python of a variant's value; None where it has none.

    >>> str(minor_of("3.11.* *_cpython"))
    '3.11'
    """
    version = value.partition(" ")[0].removeprefix("=").split(".")
    if len(version) < 2 or not all(part.isascii() and part.isdigit() for part in version[:2]):
        return None
    return PyVersion((int(version[0]), int(version[1])))


def _applies(where: str, subdir: str) -> bool:
    system = subdir.partition("-")[0]
    return where in {"", system, subdir} or (where == "unix" and system in _UNIX)


def _is_lowest(values: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Mark the one python on which what is built once for all of them is built."""
    pythons = [minor_of(value) for value in values[_PYTHON]]
    lowest = minor_of(values[_LOWEST][0]) if values.get(_LOWEST) else None
    suitable = [python for python in pythons if python and (lowest is None or python >= lowest)]
    chosen = pythons.index(min(suitable)) if suitable else 0
    return tuple("true" if position == chosen else "false" for position in range(len(pythons)))

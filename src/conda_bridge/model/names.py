"""Names of projects and packages on both sides, kept apart by type.

`PypiName` is a project name normalised as PEP 503 says; `CondaName` is a lower-case conda package name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NewType

from conda_bridge.errors import MetadataError

__all__ = [
    "CondaName",
    "Confidence",
    "NameHit",
    "NameSourceId",
    "NameTable",
    "PypiName",
    "conda_name",
    "is_compiler_package",
    "is_github_name",
    "is_valid_pypi_name",
    "pypi_name",
]

PypiName = NewType("PypiName", str)
CondaName = NewType("CondaName", str)

NameSourceId = Literal["override", "workspace", "curated", "channel", "cache", "conda-pypi", "identity"]
Confidence = Literal["certain", "high", "medium", "low"]

_PYPI_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_CONDA_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]*", re.ASCII)
_GITHUB_NAME = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:_[a-z0-9]+)?(?:/[A-Za-z0-9][A-Za-z0-9._-]*)?"
)
_OF_A_PLATFORM = re.compile(
    r".+_(?:linux|osx|win|freebsd|zos|emscripten|wasi)-(?:32|64|aarch64|arm64|armv[67]l|ppc64(?:le)?|s390x|riscv(?:32|64)|wasm32|z)"
    r"|rust-std-\w+(?:-\w+)+"
)
_SEPARATORS = re.compile(r"[-_.]+")


def is_valid_pypi_name(text: str) -> bool:
    """Tell whether `text` is a project name. Source: PEP 508, names."""
    return _PYPI_NAME.fullmatch(text) is not None


def is_compiler_package(name: str) -> bool:
    """Tell whether a conda package is what `compiler()` or `stdlib()` give, or a part of it: called after what it builds for.

    Source: CEP 26, subdirs; conda-build's documentation of `compiler()`.

    >>> is_compiler_package("go-cgo_linux-64"), is_compiler_package("cuda-nvcc_win-64"), is_compiler_package("go_x")
    (True, True, False)
    >>> is_compiler_package("rust-std-wasm32-unknown-unknown")
    True
    """
    return _OF_A_PLATFORM.fullmatch(name) is not None


def is_github_name(text: str) -> bool:
    """Tell whether GitHub can have a maintainer of this name.

    Users, the managed ones of an enterprise included (`user_company`), and teams of an organisation
    (`organisation/team`).
    """
    return _GITHUB_NAME.fullmatch(text) is not None


def pypi_name(text: str) -> PypiName:
    """Return the normalised name.

    >>> pypi_name("Ruamel.YAML")
    'ruamel-yaml'

    Raises:
        MetadataError: `invalid-name` where `text` is no project name.

    Source: PEP 503, normalized names.
    """
    if not is_valid_pypi_name(text):
        raise MetadataError("invalid-name", f"{text[:80]!r} is not a valid project name")
    return PypiName(_SEPARATORS.sub("-", text).lower())


def conda_name(text: str) -> CondaName:
    """Return `text`, lower-cased, as a conda package name.

    Raises:
        MetadataError: `invalid-name` where conda would refuse it.

    Source: CEP 26, package names.
    """
    lowered = text.lower()
    if not _CONDA_NAME.fullmatch(lowered):
        raise MetadataError("invalid-name", f"{text[:80]!r} is not a valid conda package name")
    return CondaName(lowered)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameHit:
    """How one PyPI name was mapped, and what else could have been chosen."""

    pypi_name: PypiName
    chosen: CondaName | None
    """None drops the dependency: the user or the table says that conda doesn't need it."""
    own_name: CondaName | None = None
    """What the project's own recipe is called, where that isn't what others depend on: `dask`, not `dask-core`.

    The package that others depend on may also be another project's (`scikit-learn` in place of `sklearn`).
    """
    candidates: tuple[CondaName, ...] = ()
    """Everything considered, best first; includes `chosen` unless that is None."""
    source: NameSourceId
    confidence: Confidence
    data_version: str = ""
    """Which snapshot of the data answered, for instance `conda-pypi 0.13.1`."""
    reason: str = ""
    """A curated row's reason, or why the confidence is low."""
    is_collision: bool = False
    """True where the lexicon knows the chosen name as something that is no Python package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameTable:
    """The mappings that one conversion needs, resolved beforehand in one batch."""

    hits: tuple[NameHit, ...] = ()
    _by_name: dict[PypiName, NameHit] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {hit.pypi_name: hit for hit in self.hits})

    def __iter__(self) -> Iterator[NameHit]:
        return iter(self.hits)

    def get(self, name: PypiName) -> NameHit:
        """Return the hit for `name`.

        A name that was not resolved beforehand is answered by identity with low confidence.
        """
        hit = self._by_name.get(name)
        if hit is not None:
            return hit
        same = CondaName(name)
        return NameHit(pypi_name=name, chosen=same, candidates=(same,), source="identity", confidence="low")

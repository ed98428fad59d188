"""`info/index.json` and its siblings <-> values.

Source: CEP 34, contents of conda packages; CEP 12, run exports; CEP 44, dependency groups.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from conda_bridge.errors import RepackError
from conda_bridge.model.artifact import NoarchKind, PackageRecord, RunExports
from conda_bridge.model.condition import Target
from conda_bridge.model.names import CondaName
from conda_bridge.model.python_versions import PyVersion

__all__ = [
    "NO_INFO",
    "Json",
    "PackageInfo",
    "index_document",
    "json_bytes",
    "record_of",
    "run_exports_document",
    "says_private",
    "says_python_by_case",
]

Json: TypeAlias = "Mapping[str, Json] | list[Json] | str | int | float | bool | None"

_NOARCH_KINDS: tuple[NoarchKind, ...] = ("python", "generic")
_NO_EXPORTS = RunExports()
_OWN, _IS_PRIVATE, _IS_PYTHON_BY_CASE = "conda-bridge", "private", "python-by-case"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageInfo:
    """What a package says of itself beside its record."""

    about: tuple[tuple[str, str | tuple[str, ...]], ...] = ()
    """Of `about.json`: `summary`, `license`, `home`, `license_file` ...; empty values are left out."""
    run_exports: RunExports = _NO_EXPORTS
    entry_points: tuple[str, ...] = ()
    """Of a noarch python package: `name = module:attribute`, which the installer makes commands of."""
    files: tuple[tuple[str, bytes], ...] = ()
    """(path below `info/`, content) of further files: `licenses/LICENSE`, `recipe/recipe.yaml`."""
    is_private: bool = False
    """True of what works on this machine only, or is made in a way that is right here only."""
    is_python_by_case: bool = False
    """True of one of several packages of a wheel, where what the record asks of python is where the wheel's markers differ."""
    level: int = 19
    """Of zstd. It is small, and channels read it of every package; where it stays here, a tenth off it isn't worth a
    tenth of a second."""

    def documents(self, record: PackageRecord) -> Iterator[tuple[str, bytes]]:
        """Yield (path below `info/`, content) of everything but `paths.json` and `files`."""
        yield "index.json", json_bytes(index_document(record))
        about: dict[str, Json] = {}
        for key, value in self.about:
            if value:
                about[key] = value if isinstance(value, str) else list(value)
        own = {_IS_PRIVATE: self.is_private, _IS_PYTHON_BY_CASE: self.is_python_by_case}
        if any(own.values()):
            about["extra"] = {_OWN: {key: is_said for key, is_said in own.items() if is_said}}
        yield "about.json", json_bytes(about)
        run_exports = run_exports_document(self.run_exports)
        if run_exports:
            yield "run_exports.json", json_bytes(run_exports)
        if record.noarch == "python":
            noarch: dict[str, Json] = {"type": "python", "entry_points": list(self.entry_points)}
            yield "link.json", json_bytes({"noarch": noarch, "package_metadata_version": 1})
        yield from self.files


def says_private(about: bytes) -> bool:
    """Tell whether an `about.json` is that of a private package."""
    return _says(about, _IS_PRIVATE)


def says_python_by_case(about: bytes) -> bool:
    """Tell whether an `about.json` says that the project itself names no pythons."""
    return _says(about, _IS_PYTHON_BY_CASE)


def _says(about: bytes, key: str) -> bool:
    try:
        document = json.loads(about)
    except (ValueError, RecursionError):
        return False
    extra = document.get("extra") if isinstance(document, dict) else None
    own = extra.get(_OWN) if isinstance(extra, dict) else None
    return isinstance(own, dict) and own.get(key) is True


NO_INFO = PackageInfo()
"""Says nothing."""


def json_bytes(document: Json) -> bytes:
    """Return a document as text with sorted keys, always the same bytes."""
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def run_exports_document(run_exports: RunExports) -> dict[str, Json]:
    """Return `run_exports.json`; empty where nothing is exported."""
    kinds = ("weak", "strong", "noarch", "weak_constrains", "strong_constrains")
    found: dict[str, tuple[str, ...]] = {kind: getattr(run_exports, kind) for kind in kinds}
    return {kind: list(specs) for kind, specs in found.items() if specs}


# ---------------------------------------------------------------- the record


def index_document(record: PackageRecord) -> dict[str, Json]:
    """Return `info/index.json` of a record."""
    is_noarch = record.subdir == "noarch"
    target = Target(platform=record.subdir, python=PyVersion((3,)))
    document: dict[str, Json] = {
        "arch": None if is_noarch else target.arch,
        "build": record.build,
        "build_number": record.build_number,
        "constrains": list(record.constrains),
        "depends": list(record.depends),
        "name": record.conda_name,
        "platform": None if is_noarch else target.os,
        "subdir": record.subdir,
        "version": record.version,
    }
    optional: dict[str, Json] = {
        "extra_depends": {group: list(specs) for group, specs in record.extra_depends},
        "license": record.license,
        "noarch": record.noarch,
        "python_site_packages_path": record.python_site_packages_path,
        "timestamp": record.timestamp_ms,
    }
    return document | {key: value for key, value in optional.items() if value}


def record_of(data: bytes) -> PackageRecord:
    """Return the record that an `info/index.json` holds.

    Raises:
        RepackError: `invalid-package` where it is no such document.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _invalid(f"it is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise _invalid("it is no JSON object")
    return PackageRecord(
        conda_name=CondaName(_text(document, "name", is_needed=True)),
        version=_text(document, "version", is_needed=True),
        build=_text(document, "build", is_needed=True),
        build_number=_number(document, "build_number"),
        subdir=_text(document, "subdir") or "noarch",
        noarch=_noarch(document.get("noarch")),
        depends=_texts(document, "depends"),
        constrains=_texts(document, "constrains"),
        extra_depends=_groups(document.get("extra_depends")),
        license=_text(document, "license"),
        timestamp_ms=_number(document, "timestamp"),
        python_site_packages_path=_text(document, "python_site_packages_path"),
    )


def _noarch(value: object) -> NoarchKind:
    # The old boolean means what is now called generic.
    if value is True:
        return "generic"
    return next((kind for kind in _NOARCH_KINDS if value == kind), "")


def _text(document: Mapping[str, object], key: str, *, is_needed: bool = False) -> str:
    value = document.get(key)
    if value is None and not is_needed:
        return ""
    if not isinstance(value, str) or (is_needed and not value):
        raise _invalid(f"its {key!r} is no text: {value!r:.80}")
    return value


def _number(document: Mapping[str, object], key: str) -> int:
    value = document.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _invalid(f"its {key!r} is no number: {value!r:.80}")
    return value


def _texts(document: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = document.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _invalid(f"its {key!r} is no list of texts: {value!r:.80}")
    return tuple(value)


def _groups(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return dependency groups by name; what only newer clients read is left out where it is odd."""
    if not isinstance(value, dict):
        return ()
    return tuple(
        (group, tuple(specs))
        for group, specs in sorted(value.items())
        if isinstance(specs, list) and all(isinstance(spec, str) for spec in specs)
    )


def _invalid(message: str) -> RepackError:
    return RepackError("invalid-package", message, where="info/index.json")

"""The [external] table of pyproject.toml -> whether each of its entries is a DepURL.

    dep:type/namespace/name@version?qualifiers#subpath ; marker

`pkg:type/...` and `virtual:...` are the spellings of earlier drafts, which real projects use.

Source: PEP 725; PEP 804; the package URL specification.
"""

import re
from collections.abc import Iterator

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.toml_tables import Table
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import Known

__all__ = ["check_external"]

_LISTS = ("build-requires", "host-requires", "dependencies", "build-host-requires")
_GROUPS = (
    "optional-build-requires", "optional-host-requires", "optional-dependencies", "optional-build-host-requires",
)  # fmt: skip
_SEGMENT = r"(?:[A-Za-z0-9._~!$&'()*+,=:-]|%[0-9A-Fa-f]{2})+"
_DEPURL = re.compile(
    rf"""
    (?: (?:dep|pkg):(?P<type>[A-Za-z][A-Za-z0-9.+-]*)/ | virtual: )
    (?P<path>{_SEGMENT}(?:/{_SEGMENT})*)
    (?: @(?P<version>[^?#\s;]*) )?
    (?: \?(?P<qualifiers>[^#\s;]+) )?
    (?: \#(?P<subpath>[^\s;]+) )?
    """,
    re.VERBOSE | re.ASCII,
)
_OPERATORS = re.compile(r">=|<=|==|>|<")
_FORBIDDEN_IN_RANGES = re.compile(r"~=|!=|===|\*")
_MAX_CHARACTERS = 2_000
_TYPES = frozenset({
    "alpm", "apk", "bitbucket", "bitnami", "brew", "cargo", "cocoapods", "composer", "conan", "conda", "cpan", "cran",
    "deb", "docker", "gem", "generic", "github", "gitlab", "golang", "hackage", "hex", "huggingface", "julia",
    "luarocks", "maven", "mlflow", "npm", "nuget", "oci", "opam", "otp", "pub", "pypi", "qpkg", "rpm", "swid", "swift",
    "vcpkg", "virtual", "yocto",
})  # fmt: skip


def check_external(pyproject: Table) -> tuple[Diagnostic, ...]:
    """Return findings on entries of a type that is no kind of package.

    Raises:
        MetadataError: `invalid-depurl`; `invalid-field` for a value of the wrong type.
    """
    found: list[Diagnostic] = []
    for known in _entries(pyproject.table("external")):
        kind = _type_of(known)
        if kind not in _TYPES:
            message = f"{known.value!r:.120} is of the unknown type {kind!r:.40}"
            found.append(finding("unknown-depurl-type", message, origin=known.origin))
    return tuple(found)


def _entries(external: Table) -> Iterator[Known[str]]:
    for key in _LISTS:
        yield from external.strings(key) or ()
    for key in _GROUPS:
        groups = external.table(key)
        for name in groups:
            yield from groups.strings(name) or ()


def _type_of(known: Known[str]) -> str:
    """Return the type of a DepURL, lower case.

    Raises:
        MetadataError: `invalid-depurl`.
    """
    text, semicolon, marker = known.value.partition(";")
    match = _DEPURL.fullmatch(text.strip(" ")) if len(text) <= _MAX_CHARACTERS else None
    if match is None:
        raise _invalid(known, "it reads dep:type/name")
    if {".", ".."} & set(match["path"].split("/")):
        raise _invalid(known, "its path climbs")
    if match["version"] is not None and not _is_version(match["version"]):
        raise _invalid(known, "its version is one, or a range of >=, >, <, <=, == and commas")
    if semicolon and not _is_marker(marker.strip()):
        raise _invalid(known, "its marker can't be parsed")
    return (match["type"] or "virtual").lower()


def _is_version(text: str) -> bool:
    try:
        if _OPERATORS.search(text):
            return not _FORBIDDEN_IN_RANGES.search(text) and bool(SpecifierSet(text))
        Version(text)
    except (InvalidSpecifier, InvalidVersion, ValueError):
        return False
    return True


def _is_marker(text: str) -> bool:
    try:
        Marker(text)
    except (InvalidMarker, RecursionError):
        return False
    return True


def _invalid(known: Known[str], rule: str) -> MetadataError:
    return MetadataError("invalid-depurl", f"{known.value!r:.120} is no DepURL: {rule}", where=known.origin)

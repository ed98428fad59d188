"""Text <-> DepURLs, the names of dependencies of any ecosystem.

    dep:type/namespace/name@version?qualifiers#subpath

The version is one version, which means exactly that one, or a range of `>=`, `>`, `<`, `<=`, `==` and commas. Types
are lower case; namespaces and names keep theirs, because registries know `dep:github/Kitware/CMake`. `normalised`
turns the spellings of earlier drafts, which all published projects use, into those of today first.

Source: PEP 725, DepURL; PEP 804, appendix A; the package URL specification.
"""

import re
from urllib.parse import unquote_to_bytes

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from conda_bridge.errors import MetadataError
from conda_bridge.model.external import DepUrl

__all__ = ["COMPILER_ALIASES", "is_known_type", "normalised", "parse_depurl"]

COMPILER_ALIASES = {"cpp": "cxx", "c++": "cxx", "c%2b%2b": "cxx"}
"""Other spellings of languages, which the PEPs themselves use beside each other."""

_MAX_CHARACTERS = 2_000
_SEGMENT = r"(?:[A-Za-z0-9._~!$&'()*+,=:-]|%[0-9A-Fa-f]{2})+"
_DEPURL = re.compile(
    rf"""
    dep: (?P<type>[A-Za-z][A-Za-z0-9.+-]*) /
    (?P<path>{_SEGMENT}(?:/{_SEGMENT})*)
    (?: @(?P<version>[^?#\s;@]*) )?
    (?: \?(?P<qualifiers>[^?#\s;]+) )?
    (?: \#(?P<subpath>[^#\s;]+) )?
    """,
    re.VERBOSE | re.ASCII,
)
_OLD_SCHEME = re.compile(r"(virtual:|pkg:)(?=.)", re.IGNORECASE)
_COMPILER = re.compile(r"dep:virtual/compiler/([^@?#;\s/]+)", re.IGNORECASE)
_CLAUSE = re.compile(r"(?:>=|<=|==|>|<)[^<>=~,*]+")
_TYPES = frozenset({
    "alpm", "apk", "bitbucket", "bitnami", "brew", "cargo", "cocoapods", "composer", "conan", "conda", "cpan", "cran",
    "deb", "docker", "gem", "generic", "github", "gitlab", "golang", "hackage", "hex", "huggingface", "julia",
    "luarocks", "maven", "mlflow", "npm", "nuget", "oci", "opam", "otp", "pub", "pypi", "qpkg", "rpm", "swid", "swift",
    "vcpkg", "virtual", "yocto",
})  # fmt: skip


def normalised(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a DepURL, perhaps with a marker behind it, in today's spelling, and what was spelled otherwise.

    >>> normalised("virtual:compiler/cpp@>=2017")
    ('dep:virtual/compiler/cxx@>=2017', ('virtual: is dep:virtual/ today', "the compiler 'cpp' is 'cxx'"))
    """
    found = _OLD_SCHEME.match(text)
    notes: tuple[str, ...] = ()
    if found is not None:
        scheme = found[1].lower()
        today = "dep:virtual/" if scheme == "virtual:" else "dep:"
        text, notes = today + text[found.end() :], (f"{scheme} is {today} today",)
    language = _COMPILER.match(text)
    if language is not None and (name := COMPILER_ALIASES.get(language[1].lower())):
        text = f"dep:virtual/compiler/{name}{text[language.end() :]}"
        notes = (*notes, f"the compiler {language[1]!r} is {name!r}")
    return text, notes


def parse_depurl(text: str) -> DepUrl:
    """Return the parts of a DepURL in today's spelling, without a marker.

    >>> parse_depurl("dep:github/Kitware/CMake@3.31").versions
    <SpecifierSet('==3.31')>

    Raises:
        MetadataError: `invalid-depurl`.
    """
    match = _DEPURL.fullmatch(text) if len(text) <= _MAX_CHARACTERS else None
    if match is None:
        raise _invalid(text, "it reads dep:type/name")
    *namespace, name = (_decoded(segment, text) for segment in match["path"].split("/"))
    if "/" in "".join(namespace):
        raise _invalid(text, "a part of its namespace has a slash within")
    return DepUrl(
        kind=match["type"].lower(),
        namespace="/".join(namespace),
        name=name,
        versions=SpecifierSet() if match["version"] is None else _versions(match["version"], text),
        qualifiers=match["qualifiers"] or "",
        subpath=match["subpath"] or "",
    )


def is_known_type(kind: str) -> bool:
    """Tell whether a type, in lower case, is one of the package URL specification, or `virtual`."""
    return kind in _TYPES


def _decoded(segment: str, text: str) -> str:
    try:
        decoded = unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError:
        raise _invalid(text, "its percent signs encode no UTF-8") from None
    if decoded in {".", ".."}:
        raise _invalid(text, "its path climbs")
    if not decoded.isprintable():
        raise _invalid(text, "its percent signs encode what can't be printed")
    return decoded


def _versions(written: str, text: str) -> SpecifierSet:
    decoded = unquote_to_bytes(written).decode("utf-8", "replace")
    try:
        if decoded[:1] in {"<", ">", "="}:
            clauses = decoded.split(",")
            if all(map(_CLAUSE.fullmatch, clauses)):
                return SpecifierSet(decoded)
        else:
            return SpecifierSet(f"=={Version(decoded)}")
    except (InvalidSpecifier, InvalidVersion, ValueError):
        pass
    raise _invalid(text, "its version is one, or a range of >=, >, <, <=, == and commas")


def _invalid(text: str, rule: str) -> MetadataError:
    return MetadataError("invalid-depurl", f"{text!r:.120} is no DepURL: {rule}")

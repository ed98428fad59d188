"""METADATA of a wheel -> what installers and indexes would refuse in it.

Two depths: what every installer reads is always looked at; whether each field may stand beside the others is asked of
`packaging` in its strict reading, which real METADATA of old builders fails and METADATA that is written here must not.

Source: core metadata specifications; PEP 440, PEP 508, PEP 639.
"""

import re
from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from conda_bridge.archives.paths import shown
from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.core_metadata import Headers
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.names import pypi_name
from conda_bridge.translate.license_ids import canonical
from conda_bridge.translate.untrusted import check_readable, requirement_of, version_of

__all__ = ["metadata_problems", "strict_problems"]

_ONCE = ("metadata-version", "name", "version", "requires-python", "license-expression")
"""Of which the second one would be read by some and not by others; what else stands there twice is told by the strict reading."""
_READABLE = re.compile(r"[12]\.[0-9]", re.ASCII)
"""Installers take any version of the format that has a major number they know, and 2.0 was written for years."""
_MOST_TOLD = 10


def metadata_problems(headers: Headers) -> Iterator[Diagnostic]:
    """Yield what keeps installers or indexes from taking the METADATA, whatever version of the format it has.

    A Requires-Python that can't be read, such as `>=3.6.*`, is a warning: installers pass over it.
    """
    for problem in _problems(headers):
        yield finding("bad-metadata", problem, origin=headers.file)
    python = _only(headers, "requires-python")
    try:
        check_readable(python)
        SpecifierSet(python)
    except (MetadataError, InvalidSpecifier):
        message = f"its Requires-Python {shown(python)} is no version specifier"
        yield finding("lenient-metadata", message, origin=headers.file)


def strict_problems(text: str) -> tuple[str, ...]:
    """Return what `packaging` says against a METADATA as a whole, field by field.

    Its text has been found readable by `metadata_problems`: this reading has no bounds of its own.
    """
    # It brings the standard library's e-mail package, which takes longer to import than a small wheel to write.
    from packaging.metadata import InvalidMetadata, Metadata  # noqa: PLC0415

    try:
        Metadata.from_email(text, validate=True)
    except* InvalidMetadata as group:
        problems = [
            f"{error.field}: {error}" for error in group.exceptions if isinstance(error, InvalidMetadata)
        ]
    else:
        return ()
    return tuple(f"{problem:.200}" for problem in problems[:_MOST_TOLD])


def _problems(headers: Headers) -> Iterator[str]:
    for name in _ONCE:
        if len(headers.all(name)) > 1:
            yield f"it has {name} more than once"
    version = _only(headers, "metadata-version")
    if not _READABLE.fullmatch(version):
        yield f"its Metadata-Version is {shown(version)}"
    try:
        pypi_name(_only(headers, "name"))
    except MetadataError as error:
        yield f"its Name: {error.message}"
    if version_of(_only(headers, "version")) is None:
        yield f"its Version {shown(_only(headers, 'version'))} is none of PEP 440"
    yield from _requirement_problems(headers)
    expression = headers.one("license-expression")
    if expression is not None and canonical(expression.value) is None:
        yield f"its License-Expression {shown(expression.value)} is no SPDX expression"


def _requirement_problems(headers: Headers) -> Iterator[str]:
    if any(name.lower() == "requires-dist" and not value.strip() for name, value in headers):
        yield "it has an empty Requires-Dist"
    for known in headers.all("requires-dist"):
        try:
            requirement_of(known.value)
        except MetadataError as error:
            yield f"its Requires-Dist {shown(known.value)}: {error.message}"


def _only(headers: Headers, name: str) -> str:
    known = headers.one(name)
    return known.value if known is not None else ""

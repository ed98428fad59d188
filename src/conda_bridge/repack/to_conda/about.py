"""METADATA of a wheel -> what its package says to people: summary, licence, links, and the licence texts.

Source: core metadata; PEP 639 (licences), PEP 753 (well-known labels of links); CEP 34, about.json.
"""

import re
from collections.abc import Iterable

from conda_bridge.archives.paths import shown
from conda_bridge.infer.project.core_metadata import Headers, read_headers
from conda_bridge.infer.project.statements import Statement
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import LicenseStatement
from conda_bridge.repack.wheels.wheel_reading import Wheel
from conda_bridge.translate.license_files import is_license_file
from conda_bridge.translate.licenses import choose_license

__all__ = ["about_of", "license_of", "license_texts", "lost_findings"]

_LABELS = {
    "home": ("homepage", "home", "website"),
    "dev_url": ("source", "repository", "sourcecode", "github", "code"),
    "doc_url": ("documentation", "docs"),
}
"""Key of about.json -> labels, normalised, the best first."""
_NO_LETTERS = re.compile(r"[\W_]+")
_ASKING = ("requires-external", "requires")
"""Fields that ask for what is no project of an index; the latter is of PEP 314, and names modules."""
_UNREAD = frozenset({"license-name-unread", "license-not-spdx"})
_MAX_SHOWN = 5
_MAX_SUMMARY = 500
_MAX_LICENSE_TEXT = 100


def about_of(
    metadata: Statement, licence: str, license_paths: Iterable[str]
) -> tuple[tuple[str, str | tuple[str, ...]], ...]:
    """Return the fields of about.json."""
    summary = metadata.summary.value if metadata.summary else ""
    links = {
        _NO_LETTERS.sub("", label).lower(): known.value for label, known in reversed(metadata.urls or ())
    }
    chosen = {
        key: next((links[label] for label in labels if label in links), "") for key, labels in _LABELS.items()
    }
    return (
        ("summary", " ".join(summary.split())[:_MAX_SUMMARY]),
        ("license", licence),
        ("license_file", tuple(license_paths)),
        *((key, url) for key, url in chosen.items() if url.startswith(("https://", "http://"))),
    )


def license_texts(wheel: Wheel) -> tuple[tuple[str, bytes], ...]:
    """Return (path below `licenses/`, content) of the licence files in the dist-info folder."""
    folder = f"{wheel.dist_info}/"
    inner = f"{folder}licenses/"
    found: list[tuple[str, bytes]] = []
    for member in wheel.archive.files:
        if member.path.startswith(inner):
            found.append((member.path.removeprefix(inner), wheel.read(member.path)))
        elif member.path.startswith(folder) and is_license_file(member.path.removeprefix(folder)):
            found.append((member.path.removeprefix(folder), wheel.read(member.path)))
    return tuple(found)


def license_of(metadata: Statement) -> str:
    """Return the licence as an SPDX expression, else in upstream's own words; empty where it says nothing."""
    return _license(metadata)[0]


def lost_findings(wheel: Wheel) -> tuple[Diagnostic, ...]:
    """Return what METADATA says that the record and about.json don't."""
    headers = read_headers(wheel.text("METADATA"), file=f"{wheel.dist_info}/METADATA")
    asked = tuple(row for name in _ASKING if (row := _unasked(headers, name)) is not None)
    return (*asked, *_license(wheel.metadata)[1])


def _unasked(headers: Headers, name: str) -> Diagnostic | None:
    said = headers.all(name)
    if not said:
        return None
    texts = ", ".join(shown(" ".join(known.value.split())) for known in said[:_MAX_SHOWN])
    more = f" and {len(said) - _MAX_SHOWN} more" if len(said) > _MAX_SHOWN else ""
    return finding("need-untold", f"{name.title()}: {texts}{more}", origin=said[0].origin)


def _license(metadata: Statement) -> tuple[str, tuple[Diagnostic, ...]]:
    statement = LicenseStatement(
        expression=metadata.license_expression,
        text=metadata.license_text,
        classifiers=tuple(row for row in metadata.classifiers or () if row.value.startswith("License ::")),
    )
    choice = choose_license(statement, ())
    noticed = tuple(row for row in choice.diagnostics if row.slug in _UNREAD)
    said = metadata.license_expression or metadata.license_text
    if choice.expression or said is None:
        return choice.expression, noticed
    words = said.value.strip()
    return words if len(words) <= _MAX_LICENSE_TEXT and "\n" not in words else "", noticed

"""Two METADATA files -> field by field, what is equal, what only their writers put differently, and what differs.

The text of METADATA depends on the version of the backend that wrote it: the order of lines, `name (>=1)` for
`name>=1`, fields that older versions of the specification lack. What installers and people make of it doesn't, so
fields are compared by their meaning. Fields that say one thing together, such as `Home-page` and `Project-URL`, are
one group. A meaning that differs is never explained.

Source: core metadata; PEP 508, PEP 639, PEP 643, PEP 685.
"""

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from email.utils import getaddresses

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.core_metadata import read_body, read_headers
from conda_bridge.model.repackaging import FieldVerdict
from conda_bridge.repack.comparing.own_extras import expanded_requirements
from conda_bridge.repack.wheels.markers_compared import same_marker
from conda_bridge.translate.licenses import to_spdx
from conda_bridge.translate.untrusted import check_readable, requirement_of, version_of

__all__ = ["METADATA_WRITER", "Written", "compare_metadata", "only_one_side"]

METADATA_WRITER = "metadata-writer"
_UNKNOWN = "UNKNOWN"
_MAYBE_UNKNOWN = frozenset(
    {"platform", "license", "author", "author-email", "maintainer", "maintainer-email", "home-page", "download-url",
     "summary", "description", "keywords"}
)  # fmt: skip
"""Fields for which setuptools wrote that word where nothing was told; elsewhere it is a name as others are."""
_FORM = "both mean the same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A METADATA file and who wrote it."""

    text: str
    writer: str
    """`Generator` of the WHEEL beside it, such as `poetry-core 1.9.1`."""


class _Fields:
    """The values of one METADATA file by field."""

    def __init__(self, text: str) -> None:
        self._values: dict[str, list[str]] = {}
        self.names: dict[str, str] = {}
        for written, value in read_headers(text, file="METADATA"):
            self.names.setdefault(written.lower(), written)
            self._values.setdefault(written.lower(), []).append(value.strip())
        body = read_body(text)
        if body.strip():
            self.names.setdefault("description", "Description")
            self._values.setdefault("description", []).append(body)

    def all(self, *fields: str) -> tuple[str, ...]:
        return tuple(value for field in fields for value in self._values.get(field, ()))

    def said(self, *fields: str) -> tuple[str, ...]:
        """Return what the fields say: `UNKNOWN` was once written for nothing."""
        return tuple(
            value
            for field in fields
            for value in self.all(field)
            if value and not (value.strip() == _UNKNOWN and field in _MAYBE_UNKNOWN)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """The values of a group of fields on both sides."""

    left: _Fields
    right: _Fields
    fields: tuple[str, ...]

    def is_equal(self, field: str) -> bool:
        """Tell whether both have the very same values."""
        return self.left.all(field) == self.right.all(field)

    def same(self, meaning: Callable[[str], object]) -> bool:
        """Tell whether both say the same things, in any order and any number."""
        left, right = self.left.said(*self.fields), self.right.said(*self.fields)
        try:
            return frozenset(map(meaning, left)) == frozenset(map(meaning, right))
        except (MetadataError, InvalidSpecifier):
            return False

    def together(self, meaning: Callable[[_Fields], AbstractSet[object]]) -> bool:
        """Tell whether both say the same with all fields of the group together."""
        return meaning(self.left) == meaning(self.right)


def compare_metadata(left: Written, right: Written) -> tuple[FieldVerdict, ...]:
    """Return a verdict for each field that one of the two has."""
    ours, theirs = _Fields(left.text), _Fields(right.text)
    rows: list[FieldVerdict] = []
    for field, name in {**theirs.names, **ours.names}.items():
        group = next((group for group in _GROUPS if field in group), (field,))
        pair = _Pair(left=ours, right=theirs, fields=group)
        note = "" if pair.is_equal(field) else _explained(field, pair, left, right)
        rows.append(_row(field, name, pair, note))
    return tuple(rows)


def only_one_side(row: FieldVerdict) -> tuple[list[str], list[str]]:
    """Return the values of a field that only one side has by their meaning, or else by how they are written."""
    meaning = _MEANINGS.get(row.field.lower(), str)
    try:
        left = {value: meaning(value) for value in row.left}
        right = {value: meaning(value) for value in row.right}
    except (MetadataError, InvalidSpecifier):
        left, right = {value: value for value in row.left}, {value: value for value in row.right}
    ours = [value for value, meant in left.items() if meant not in right.values()]
    theirs = [value for value, meant in right.items() if meant not in left.values()]
    if ours or theirs:
        return ours, theirs
    return [one for one in row.left if one not in row.right], [
        one for one in row.right if one not in row.left
    ]


def _row(field: str, name: str, pair: _Pair, note: str) -> FieldVerdict:
    left, right = pair.left.all(field), pair.right.all(field)
    is_text = field in {"description", "license"}
    return FieldVerdict(
        field=name,
        verdict="equal" if pair.is_equal(field) else "explained" if note else "different",
        left=_sizes(left) if is_text else left,
        right=_sizes(right) if is_text else right,
        rule=METADATA_WRITER if note else "",
        note=note,
    )


def _sizes(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value if len(value) <= 100 else f"{len(value):,} characters" for value in values)


def _explained(field: str, pair: _Pair, left: Written, right: Written) -> str:
    """Return why the values of a field may differ; empty: they may not."""
    if field in _OF_THE_FORM:
        return _OF_THE_FORM[field]
    if field == "license-file":
        # Which they are is told by the files themselves.
        return "licence files are compared as files" if _same_license_files(pair) else ""
    if field == "platform":
        return "UNKNOWN says nothing" if pair.same(str) else ""
    if field in {"import-name", "import-namespace"}:
        return _of_newer_versions(field, pair)
    if _means_the_same(field, pair):
        return _FORM
    if field == "requires-dist":
        return _own_extras_told(pair, left.writer, right.writer)
    if field == "classifier":
        return _classifiers_of_versions(pair, left.writer, right.writer)
    return _told_by_one_version(field, pair, left.writer, right.writer)


def _means_the_same(field: str, pair: _Pair) -> bool:
    if field in _TOGETHER:
        return pair.together(_TOGETHER[field])
    return pair.same(_MEANINGS.get(field, str))


def _of_newer_versions(field: str, pair: _Pair) -> str:
    """Explain a field that one side lacks, whose version of the specification hasn't got it."""
    for has, lacks in ((pair.left, pair.right), (pair.right, pair.left)):
        version = version_of("".join(lacks.all("metadata-version")))
        if has.all(field) and not lacks.all(field) and version is not None and version.release < (2, 5):
            return "the older Metadata-Version has no such field"
    return ""


def _same_license_files(pair: _Pair) -> bool:
    left, right = pair.left.said("license-file"), pair.right.said("license-file")
    if not left or not right:
        return True
    return {path.rpartition("/")[2] for path in left} == {path.rpartition("/")[2] for path in right}


def _own_extras_told(pair: _Pair, left_writer: str, right_writer: str) -> str:
    """Explain requirements on the project's own extras, for which another version of the backend writes what they have."""
    if not _are_versions_of_one(left_writer, right_writer):
        return ""
    names = [canonicalize_name("".join(side.said("name"))) for side in (pair.left, pair.right)]
    try:
        ours, theirs = (
            frozenset(
                map(
                    _requirement,
                    expanded_requirements(names[0], side.said("requires-dist"), side.said("provides-extra")),
                )
            )
            for side in (pair.left, pair.right)
        )
    except MetadataError:
        return ""
    if names[0] != names[1] or ours != theirs:
        return ""
    return f"{left_writer} and {right_writer} write the project's own extras differently; they have the same"


def _classifiers_of_versions(pair: _Pair, left_writer: str, right_writer: str) -> str:
    """Explain classifiers that a backend adds by itself: of which pythons there are, and of the licence.

    Source: poetry-core, `Package.all_classifiers`.
    """
    if not _are_versions_of_one(left_writer, right_writer) or not left_writer.startswith("poetry-core "):
        return ""
    left, right = set(pair.left.said("classifier")), set(pair.right.said("classifier"))
    licences = [
        (classifier, side)
        for more, side in ((left - right, pair.left), (right - left, pair.right))
        for classifier in more
        if not classifier.startswith("Programming Language :: Python")
    ]
    if len({id(side) for _, side in licences}) > 1 or not all(_is_its_licence(*one) for one in licences):
        return ""
    return f"{left_writer} and {right_writer} add different ones by themselves"


def _is_its_licence(classifier: str, side: _Fields) -> bool:
    """Tell whether a classifier repeats what the fields of the licence say on that side."""
    said = {to_spdx(value) for value in side.said("license", "license-expression")}
    return classifier.startswith("License :: ") and said == {to_spdx(classifier)} != {None}


def _told_by_one_version(field: str, pair: _Pair, left_writer: str, right_writer: str) -> str:
    """Explain a link or a name that one version of a backend reads and another one passes over.

    Nothing that is installed depends on these fields; a value that is another one is never explained.
    """
    if field not in _FOR_PEOPLE or not _are_versions_of_one(left_writer, right_writer):
        return ""
    meaning = _TOGETHER[field]
    ours, theirs = meaning(pair.left), meaning(pair.right)
    if not (ours < theirs or theirs < ours):
        return ""
    reads, passes_over = (left_writer, right_writer) if theirs < ours else (right_writer, left_writer)
    return f"{reads} reads what {passes_over} passes over"


def _are_versions_of_one(left_writer: str, right_writer: str) -> bool:
    """Tell whether both were written by one program in two versions."""
    ours, theirs = left_writer.split(), right_writer.split()
    return len(ours) == len(theirs) == 2 and ours[0] == theirs[0] and ours != theirs


# ---------------------------------------------------------------- meanings

_FOR_PEOPLE = frozenset({"project-url", "home-page", "download-url", "keywords"})

_OF_THE_FORM = {
    "metadata-version": "a backend writes the newest version of the specification that it knows",
    "dynamic": "it says how the sdist was written and not what the wheel is",
}


def _requirement(text: str) -> object:
    requirement = requirement_of(text)
    name: str = canonicalize_name(requirement.name)
    extras = frozenset(canonicalize_name(extra) for extra in requirement.extras)
    marker = same_marker(text.partition(";")[2], str(requirement.marker)) if requirement.marker else ()
    return name, extras, requirement.specifier, requirement.url, marker


def _specifiers(text: str) -> object:
    check_readable(text)
    return SpecifierSet(text)


def _version(text: str) -> object:
    return version_of(text) or text


def _spaced(text: str) -> str:
    return " ".join(text.replace("\n|", "\n").split())


def _keywords(side: _Fields) -> AbstractSet[object]:
    found = set()
    for text in side.said("keywords"):
        found |= {part.strip() for part in (text.split(",") if "," in text else text.split())}
    return found - {""}


def _links(side: _Fields) -> AbstractSet[object]:
    """Return (label, URL) of `label, URL`, and of the older fields, whose name is the label. Source: PEP 753."""
    found = {("homepage", url) for url in side.said("home-page")}
    found |= {("download", url) for url in side.said("download-url")}
    for text in side.said("project-url"):
        label, _, url = text.partition(",")
        found.add((re.sub(r"[\W_]", "", label).lower(), url.strip()))
    return found


def _people(kind: str) -> Callable[[_Fields], AbstractSet[object]]:
    """Return a meaning of two fields: (name, address) of each person, whichever of the fields says it."""

    def people(side: _Fields) -> AbstractSet[object]:
        told = getaddresses(list(side.said(f"{kind}-email")))
        found: set[object] = {(_spaced(name), address) for name, address in told if name}
        names = [_spaced(text) for text in side.said(kind)]
        addresses = [address for name, address in told if not name]
        if len(names) == 1 and len(addresses) > 1:
            names = [name.strip() for name in names[0].split(",")]
        if len(names) == len(addresses):
            return found | set(zip(names, addresses, strict=True))
        known = {name for name, _ in told}
        return found | {(name, "") for name in names if name not in known} | {("", one) for one in addresses}

    return people


def _media_type(text: str) -> object:
    """Return a type and its parameters, without the ones that hold anyway. Source: core metadata, Description-Content-Type."""
    kind, *parameters = (part.strip().lower() for part in text.split(";"))
    pairs = {
        (name.strip(), value.strip(' "')) for name, _, value in (one.partition("=") for one in parameters)
    }
    implied = {("", ""), ("charset", "utf-8"), *([("variant", "gfm")] if kind == "text/markdown" else [])}
    return kind, frozenset(pairs - implied)


_GROUPS = (
    ("home-page", "download-url", "project-url"),
    ("author", "author-email"),
    ("maintainer", "maintainer-email"),
    ("license", "license-expression"),
)
_MEANINGS: dict[str, Callable[[str], object]] = {
    "name": canonicalize_name,
    "version": _version,
    "requires-dist": _requirement,
    "provides-extra": canonicalize_name,
    "requires-python": _specifiers,
    "summary": _spaced,
    "description": _spaced,
    "license": _spaced,
    "license-expression": _spaced,
    "description-content-type": _media_type,
}
_TOGETHER: dict[str, Callable[[_Fields], AbstractSet[object]]] = {
    "keywords": _keywords,
    "home-page": _links,
    "download-url": _links,
    "project-url": _links,
    "author": _people("author"),
    "author-email": _people("author"),
    "maintainer": _people("maintainer"),
    "maintainer-email": _people("maintainer"),
}

"""PKG-INFO and METADATA -> statements.

The reader is our own: `email.parser`, on which `packaging.metadata` stands, takes longer to import than the
rest of inference takes to run. It is exact for what core metadata uses, the header block, and property-tested
against the standard library's parser.

Source: https://packaging.python.org/en/latest/specifications/core-metadata/, PEP 643 (Dynamic), PEP 794.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from conda_bridge.errors import MetadataError
from conda_bridge.infer.project.statements import FIELD_NAMES, SILENT, RequirementLine, Statement
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import DynamicField, Known

__all__ = [
    "Headers",
    "read_body",
    "read_built_metadata",
    "read_headers",
    "read_pkg_info",
    "read_wheel_metadata",
]

_LINE_END = re.compile(r"\r\n|\r|\n")
_HEADER = re.compile(r"([!-9;-~]*):(.*)", re.DOTALL)
_MAX_DIGITS = 9
_FIRST_RELIABLE = (2, 2)
_MAX_FIELDS = 20_000
_RECORDED = frozenset({
    "summary", "license_text", "license_expression", "classifiers", "keywords", "urls", "requires_python",
})  # fmt: skip
"""What even the oldest records tell, if there is anything to tell."""


class Headers:
    """The headers of one metadata file, in order; names compare without case."""

    __slots__ = ("_by_name", "_pairs", "file")

    def __init__(self, file: str, pairs: tuple[tuple[str, str], ...]) -> None:
        self.file = file
        self._pairs = pairs
        self._by_name: dict[str, list[tuple[str, str]]] = {}
        for written, value in pairs:
            self._by_name.setdefault(written.lower(), []).append((written, value.strip()))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def all(self, name: str) -> tuple[Known[str], ...]:
        """Return every value of a header, with its place; `UNKNOWN` and empty values are absent."""
        return tuple(
            Known(value=value, origin=f"{self.file}#/{written}/{index}")
            for index, (written, value) in enumerate(self._by_name.get(name, ()))
            if value not in {"", "UNKNOWN"}
        )

    def one(self, name: str) -> Known[str] | None:
        """Return the first value of a header, without its index in the place; None where it is absent."""
        for known in self.all(name):
            return Known(value=known.value, origin=known.origin.rpartition("/")[0])
        return None


def read_headers(text: str, *, file: str = "PKG-INFO") -> Headers:
    """Return the header block of a metadata file, folded lines joined as they stand.

    A line that is neither a header nor a continuation ends the block, as in `email.parser`.

    Raises:
        MetadataError: `invalid-field` for more fields than any project has.

    Source: RFC 822, section 3; `email.feedparser`.
    """
    pairs: list[tuple[str, list[str]]] = []
    folded: list[str] | None = None
    for _, line in _lines(text.removeprefix("\ufeff")):
        if line[0] in " \t":
            if folded is not None:
                folded.append(line)
            continue
        if line.startswith("From "):
            folded = None
            continue
        found = _HEADER.fullmatch(line)
        if found is None:
            break
        # A header without a name is skipped together with its continuation lines.
        folded = [found[2].lstrip(" \t")]
        if found[1]:
            pairs.append((found[1], folded))
        if len(pairs) > _MAX_FIELDS:
            raise MetadataError("invalid-field", f"there are more than {_MAX_FIELDS:,} fields", where=file)
    return Headers(file, tuple((name, "\n".join(lines)) for name, lines in pairs))


def read_body(text: str) -> str:
    r"""Return what stands behind the header block of a metadata file, which `read_headers` reads.

    A line that ends the block without being empty is the body's first one.

    >>> read_body("Name: demo\n\nText\n"), read_body("Name: demo\nText\nVersion: 1\n")
    ('Text\n', 'Text\nVersion: 1\n')
    """
    text = text.removeprefix("\ufeff")
    end = 0
    for position, line in _lines(text):
        is_header = line[0] in " \t" or line.startswith("From ") or _HEADER.fullmatch(line)
        if not is_header:
            return text[position:]
        end = position + len(line)
    return text[end:].lstrip("\r\n")


def read_wheel_metadata(text: str, *, wheel: str) -> Statement:
    """Return what the METADATA of a wheel of this very version says; every field of it is final.

    Its licence files have their places in the wheel, not in the source.
    """
    headers = read_headers(text, file=f"{wheel}/METADATA")
    return replace(_statement(headers, dynamic=frozenset(), is_firm=True), license_files=None)


def read_built_metadata(text: str, *, file: str) -> Statement:
    """Return what the METADATA says that one build made here; what it leaves out, that build hasn't got."""
    return replace(
        _statement(read_headers(text, file=file), dynamic=frozenset(), is_firm=True),
        is_firm=False,
        license_files=None,
    )


def read_pkg_info(text: str, *, file: str = "PKG-INFO") -> tuple[Statement, Statement]:
    """Return what PKG-INFO declares for every build, and what it merely records of the sdist's own build.

    Source: PEP 643: from Metadata-Version 2.2 on, fields that are not Dynamic hold for every wheel.
    """
    headers = read_headers(text, file=file)
    dynamic = frozenset(known.value.lower() for known in headers.all("dynamic"))
    recorded = _statement(headers, dynamic=frozenset(), is_firm=False)
    recorded = replace(recorded, diagnostics=_external_findings(headers))
    if _version(headers) < _FIRST_RELIABLE:
        return Statement(file=file), recorded
    return _statement(headers, dynamic=dynamic, is_firm=True), recorded


def _external_findings(headers: Headers) -> tuple[Diagnostic, ...]:
    """Say what `Requires-External` names: text for people, which PEP 725 makes obsolete."""
    named = headers.all("requires-external")
    if not named:
        return ()
    texts = ", ".join(" ".join(known.value.split())[:60] for known in named[:10])
    message = f"PKG-INFO requires {texts} beside Python projects"
    return (finding("requires-external", message, origin=named[0].origin),)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines and where they start, up to the first empty one, without splitting a long description that follows."""
    position = 0
    while position < len(text):
        end = _LINE_END.search(text, position)
        stop, next_position = (end.start(), end.end()) if end else (len(text), len(text))
        if stop == position:
            return
        yield position, text[position:stop]
        position = next_position


def _version(headers: Headers) -> tuple[int, ...]:
    known = headers.one("metadata-version")
    parts = known.value.split(".") if known else []
    is_version = all(part.isdecimal() and len(part) <= _MAX_DIGITS for part in parts)
    return tuple(map(int, parts)) if is_version else (0,)


def _statement(headers: Headers, *, dynamic: frozenset[str], is_firm: bool) -> Statement:
    """Return a statement of the fields that aren't dynamic; a firm one settles the absent ones, too."""

    def values(name: str) -> tuple[Known[str], ...] | None:
        return None if name in dynamic else headers.all(name) or None

    def value(name: str) -> Known[str] | None:
        return None if name in dynamic else headers.one(name)

    # The lines of an extra stand in Requires-Dist: where that is dynamic, so are the extras.
    requirements = values("requires-dist")
    extras = (
        values("provides-extra") if requirements or (is_firm and "requires-dist" not in dynamic) else None
    )
    unknown = {_title(name) for name in dynamic} | (
        {"Provides-Extra"} if "requires-dist" in dynamic else set()
    )
    return Statement(
        file=headers.file,
        is_firm=is_firm,
        name=headers.one("name"),
        version=headers.one("version"),
        requires_python=value("requires-python"),
        summary=value("summary"),
        dependencies=tuple(map(_requirement_line, requirements)) if requirements else None,
        extras=tuple((extra.value, ()) for extra in extras) if extras else None,
        license_expression=value("license-expression"),
        license_text=_unfolded(value("license")),
        license_files=values("license-file"),
        classifiers=values("classifier"),
        keywords=None if "keywords" in dynamic else _keywords(headers),
        urls=None if dynamic & {"project-url", "home-page"} else _urls(headers),
        import_names=values("import-name"),
        import_namespaces=values("import-namespace"),
        settled=_settled(unknown) if is_firm else _recorded(headers),
        unknown=tuple(
            DynamicField(field=name, reason=f"{headers.file} calls it dynamic") for name in sorted(unknown)
        ),
    )


def _recorded(headers: Headers) -> frozenset[str]:
    """Return what a record of one build settles by its silence; old records never tell requirements."""
    requirements = {"dependencies", "extras"} if _version(headers) >= _FIRST_RELIABLE else set[str]()
    return _RECORDED | requirements


def _settled(unknown: set[str]) -> frozenset[str]:
    return frozenset(key for key, name in FIELD_NAMES.items() if name not in unknown) - SILENT


def _unfolded(known: Known[str] | None) -> Known[str] | None:
    """Return a text of several lines without the indentation that marks them as one header."""
    if known is None:
        return None
    lines = (line.strip().removeprefix("|") for line in known.value.split("\n"))
    return Known(value="\n".join(lines), origin=known.origin)


def _requirement_line(known: Known[str]) -> RequirementLine:
    return RequirementLine(text=known.value, origin=known.origin)


def _keywords(headers: Headers) -> tuple[str, ...] | None:
    """Return the keywords: separated by commas as the specification says, or by spaces as old files do."""
    known = headers.one("keywords")
    if known is None:
        return None
    parts = known.value.split(",") if "," in known.value else known.value.split()
    return tuple(part.strip() for part in parts if part.strip())


def _urls(headers: Headers) -> tuple[tuple[str, Known[str]], ...] | None:
    found: list[tuple[str, Known[str]]] = []
    home = headers.one("home-page")
    if home is not None:
        found.append(("homepage", home))
    for known in headers.all("project-url"):
        label, _, url = known.value.partition(",")
        if url.strip():
            found.append((label.strip(), Known(value=url.strip(), origin=known.origin)))
    download = headers.one("download-url")
    if download is not None:
        found.append(("download", download))
    return tuple(found) or None


def _title(name: str) -> str:
    """Return a header's name in core metadata's spelling: `requires-dist` is `Requires-Dist`."""
    return "-".join(part.upper() if part == "url" else part.capitalize() for part in name.split("-"))

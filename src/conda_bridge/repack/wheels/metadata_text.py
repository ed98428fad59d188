"""METADATA or PKG-INFO as text that can be changed field by field, and is byte for byte the same where it isn't.

Vocabulary: a *field* is a header with its continuation lines; the *rest* is the empty line that ends the headers, and
the body.

Source: core metadata, based on RFC 822 as `email.feedparser` reads it; PyPA, the body is the description.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from conda_bridge.errors import RepackError

__all__ = ["Field", "MetadataText", "single_line"]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_HEADER = re.compile(r"([!-9;-~]*):([^\r\n]*)")
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_ESCAPED = re.compile("[\udc80-\udcff]")
"""What bytes that aren't UTF-8 are read as. Source: PEP 383."""
_MAX_BYTES = 8 << 20
_MAX_FIELDS = 20_000
_AFTER_REQUIRES_PYTHON = frozenset({
    "description-content-type", "description", "dynamic", "license-file", "provides-extra", "requires-dist", "requires-external",
})  # fmt: skip
"""What backends write behind Requires-Python."""


def single_line(text: str, *, longest: int = 500) -> str:
    """Return text that can't be more than one field's value: one line, without characters that end or hide one."""
    return _NO_TEXT.sub("", " ".join(text.split()))[:longest].strip()


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it stands."""

    name: str
    """In lower case; empty for what readers pass over."""
    raw: str
    """Its lines with their ends."""

    @property
    def value(self) -> str:
        """The value without the blanks around it; continuation lines as they stand."""
        return self.raw.partition(":")[2].strip(" \t\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataText:
    """One metadata file."""

    fields: tuple[Field, ...]
    rest: str = ""
    newline: str = "\n"

    @classmethod
    def from_bytes(cls, data: bytes, *, where: str) -> "MetadataText":
        """Read a file, whatever its encoding: bytes that aren't UTF-8 are kept as they are.

        Raises:
            RepackError: `package-metadata` for what no reader agrees about.
        """
        if len(data) > _MAX_BYTES:
            raise RepackError("package-metadata", f"it has more than {_MAX_BYTES >> 20} MB", where=where)
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
        fields, position = _fields(text, where)
        ends = re.search(r"\r\n|\r|\n", text)
        return cls(fields=fields, rest=text[position:], newline=ends[0] if ends else "\n")

    def to_bytes(self) -> bytes:
        """Return the file's content."""
        return ("".join(field.raw for field in self.fields) + self.rest).encode("utf-8", "surrogateescape")

    @property
    def is_utf8(self) -> bool:
        """Whether all of it is UTF-8, as the specification wants it."""
        return _ESCAPED.search(self.text) is None

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(field.raw for field in self.fields) + self.rest

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value of a field that isn't empty."""
        return tuple(
            field.value
            for field in self.fields
            if field.name == name.lower() and field.value not in {"", "UNKNOWN"}
        )

    def value(self, name: str) -> str:
        """Return the first value of a field; empty where it is absent."""
        return next(iter(self.values(name)), "")

    # ------------------------------------------------------------ changes

    def without(self, drop: Callable[[Field], bool]) -> "MetadataText":
        """Return the text without the fields that `drop` takes."""
        return replace(self, fields=tuple(field for field in self.fields if not drop(field)))

    def setting(self, name: str, value: str) -> "MetadataText":
        """Return the text with one value of a field, where it stood or where backends would write it."""
        line = self._line(name, value)
        for index, field in enumerate(self.fields):
            if field.name == line.name:
                others = (f for f in self.fields[index + 1 :] if f.name != line.name)
                return replace(self, fields=(*self.fields[:index], line, *others))
        return self._inserted(self._place(line.name), [line])

    def adding(self, pairs: Iterable[tuple[str, str]]) -> "MetadataText":
        """Return the text with more fields behind all others."""
        return self._inserted(len(self.fields), [self._line(name, value) for name, value in pairs])

    def with_body(self, body: str) -> "MetadataText":
        """Return the text with another description below the headers."""
        rest = f"\n{body}".replace("\n", self.newline) if body else ""
        return replace(self._inserted(len(self.fields), []), rest=rest)

    def _line(self, name: str, value: str) -> Field:
        if re.search(r"[\r\n\x00]", value):
            raise ValueError(f"{name} must be one line")
        return Field(name.lower(), f"{name}: {value}{self.newline}")

    def _place(self, name: str) -> int:
        if name == "metadata-version":
            return 0
        later = (i for i, field in enumerate(self.fields) if field.name in _AFTER_REQUIRES_PYTHON)
        return next(later, len(self.fields))

    def _inserted(self, index: int, lines: list[Field]) -> "MetadataText":
        fields = list(self.fields)
        if fields and not fields[-1].raw.endswith(("\n", "\r")):
            fields[-1] = Field(fields[-1].name, fields[-1].raw + self.newline)
        return replace(self, fields=(*fields[:index], *lines, *fields[index:]))


def _fields(text: str, where: str) -> tuple[tuple[Field, ...], int]:
    """Return the fields, and where the rest begins."""
    found: list[tuple[str, list[str]]] = []
    position = 0
    while position < len(text):
        matched = _LINE.match(text, position)
        assert matched is not None
        line = matched[0]
        header = _HEADER.match(line)
        if line[0] in " \t":
            # Before all fields it belongs to none.
            found = found or [("", [])]
            found[-1][1].append(line)
        elif header is None and not line.startswith("From "):
            break
        else:
            found.append((header[1].lower() if header else "", [line]))
        position = matched.end()
        if len(found) > _MAX_FIELDS:
            raise RepackError("package-metadata", f"it has more than {_MAX_FIELDS:,} fields", where=where)
    if "\0" in text[:position]:
        raise RepackError("package-metadata", "it has NUL characters among its fields", where=where)
    return tuple(Field(name, "".join(lines)) for name, lines in found), position

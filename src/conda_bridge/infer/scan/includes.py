"""Sources of C, C++, Objective-C, CUDA and Cython -> the headers that they include, standard ones aside.

A token is the header as written, with the platforms on which it is included; each header counts once a file. Files
are bytes here and only what is found is decoded: sources of native packages have tens of megabytes of them.
"""

import re
from collections.abc import Collection, Iterable, Iterator

from conda_bridge.infer.scan.lines import Lines
from conda_bridge.infer.scan.platforms import Where
from conda_bridge.infer.scan.preprocessor import Conditionals
from conda_bridge.infer.scan.standard import is_standard_header
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.source import Signal

__all__ = ["header_signals", "is_foreign_header", "scan_includes", "scan_objc"]

# One literal character in front lets the search run at the speed of the C library's.
_INCLUDE = re.compile(rb"#[ \t]*(?:include|import|include_next)[ \t]*[<\"]([\w.+/-]{1,120})[>\"]")
_DIRECTIVE = re.compile(
    rb"#[ \t]*(?:(?:include|import|include_next)[ \t]*[<\"](?P<header>[\w.+/-]{1,120})[>\"]"
    rb"|(?P<keyword>if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b(?P<text>[^\n]{0,2000}))"
)
_AT_IMPORT = re.compile(rb"@import[ \t]+(\w{1,60})")
_NUMPY = b"numpy/"
# What stands in front of a directive on its line. A bound, because a file may be one line.
_MAX_INDENT = 80


def scan_includes(path: str, data: bytes) -> tuple[Signal, ...]:
    """Return the headers that a source of C or its kin includes."""
    ends = {match[1]: match.end() for match in _INCLUDE.finditer(data)}
    told = {name: end for name, end in ends.items() if is_foreign_header(name)}
    return header_signals(path, _places(data, told.keys(), max(told.values()))) if told else ()


def scan_objc(path: str, data: bytes) -> tuple[Signal, ...]:
    """Return what a source of Objective-C includes and imports; modules of macOS itself are no headers."""
    osx, lines = Where(platforms=frozenset({"osx"})), Lines(data)
    modules = ((m[1] + b"/" + m[1] + b".h", lines.at(m.start()), osx) for m in _AT_IMPORT.finditer(data))
    foreign = (module for module in modules if is_foreign_header(module[0]))
    return scan_includes(path, data) + header_signals(path, foreign)


def header_signals(path: str, places: Iterable[tuple[bytes, int, Where]]) -> tuple[Signal, ...]:
    """Return a signal for each header of (header, line, where it is included), at its first line.

    A header that is included at several places is there on the platforms of any of them.
    """
    found: dict[bytes, tuple[int, Where]] = {}
    for name, line, where in places:
        if not where.platforms:
            continue
        first, known = found.get(name, (line, where))
        if known != where:
            is_optional = known.is_optional and where.is_optional
            known = Where(platforms=known.platforms | where.platforms, is_optional=is_optional)
        found[name] = (first, known)
    return tuple(_signals(path, found))


def is_foreign_header(name: bytes) -> bool:
    """Tell whether a header may be a library's. A path that climbs or begins at the root is the project's own, or nobody's."""
    return name[0] not in b"./" and not is_standard_header(name)


def _signals(path: str, found: dict[bytes, tuple[int, Where]]) -> Iterator[Signal]:
    has_numpy = False
    for name, (line, where) in found.items():
        if name.startswith(_NUMPY) and not has_numpy:
            has_numpy = True
            yield Signal(kind="numpy-headers", token="numpy", path=path, line=line)
        token = Token(name.decode("latin-1"), where.guard, where.is_optional)
        yield Signal(kind="include", token=str(token), path=path, line=line)


def _places(data: bytes, names: Collection[bytes], end: int) -> Iterator[tuple[bytes, int, Where]]:
    """Yield every include of these headers, in order; the last of them ends at `end`."""
    conditionals, lines = Conditionals(), Lines(data)
    for match in _DIRECTIVE.finditer(data, 0, end):
        header = match["header"]
        if header is not None and header not in names:
            continue
        start = match.start()
        if data[max(0, start - _MAX_INDENT) : start].rpartition(b"\n")[2].strip(b" \t"):
            continue
        if header is None:
            conditionals.directive(match["keyword"], match["text"])
            continue
        yield header, lines.at(start), conditionals.where

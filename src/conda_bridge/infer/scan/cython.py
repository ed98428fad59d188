"""Cython and Fortran sources -> headers, and what the directives for their build name.

Source: Cython manual, "Interfacing with External C Code" and "Configuring the C-Build"; Fortran 2018, 6.4 and 14.2.2.
"""

import re
from collections.abc import Iterator

from conda_bridge.infer.scan.includes import header_signals, is_foreign_header, scan_includes
from conda_bridge.infer.scan.lines import Lines
from conda_bridge.infer.scan.platforms import ANYWHERE, Where
from conda_bridge.infer.scan.tokens import is_token_name
from conda_bridge.model.source import Signal

__all__ = ["scan_cython", "scan_fortran", "scan_pyf"]

# Words in front, so that the search runs at the speed of the C library's; what precedes them on the line is looked at after.
_EXTERN = re.compile(rb"extern[ \t]+from[ \t]+['\"]<?([\w.+/-]{1,120})>?['\"]")
_BEFORE_EXTERN = re.compile(rb"[ \t]*cdef[ \t]+(?:public[ \t]+)?")
_VERBATIM = re.compile(rb"extern[ \t]+from[ \t]+[^\n:]{0,200}:[ \t]{0,80}\r?\n?[ \t]{0,80}(?:\"\"\"|''')")
_CIMPORT = re.compile(rb"cimport[ \t]+numpy\b")
_CIMPORT_FROM = re.compile(rb"from[ \t]+numpy(?:\.\w+)*[ \t]+cimport\b")
# `from libcpp cimport bool` is C as well; its modules are C++'s library.
_LIBCPP = re.compile(rb"from[ \t]+libcpp\.\w+(?:\.\w+)?[ \t]+cimport\b|cimport[ \t]+libcpp\.\w")
_MAX_INDENT = 80
_DIRECTIVE = re.compile(rb"^#[ \t]*distutils[ \t]*:[ \t]*(\w+)[ \t]*=[ \t]*([^\n]{1,2000})", re.MULTILINE)
_ITEM = re.compile(r"[^\s,\[\]'\"]+")
_LANGUAGES = {"c++": "cxx", "c": "c"}
_FORTRAN = re.compile(
    rb"^[ \t]*(?:include[ \t]*['\"]([\w.+/-]{1,120})['\"]|use\b[ \t]{0,20}(?:,[ \t]{0,20}\w{1,20}[ \t]{0,20})?(?:::)?[ \t]{0,20}(\w{1,60}))",
    re.IGNORECASE | re.MULTILINE,
)
# Modules of libraries; the header is the one that belongs to the same library.
_MODULES = {
    b"mpi": b"mpi.h", b"mpi_f08": b"mpi.h", b"hdf5": b"hdf5.h", b"h5lt": b"hdf5.h", b"netcdf": b"netcdf.h",
    b"omp_lib": b"omp.h", b"petsc": b"petsc.h", b"openacc": b"openacc.h",
}  # fmt: skip


def scan_cython(path: str, data: bytes) -> tuple[Signal, ...]:
    """Return the headers that a Cython file declares or includes, and what its `distutils` directives say."""
    found = list(header_signals(path, _externs(data)))
    if _VERBATIM.search(data):
        known = {signal.token for signal in found}
        found += [signal for signal in scan_includes(path, data) if signal.token not in known]
    if not any(signal.kind == "numpy-headers" for signal in found):
        found += _numpy(path, data)
    lines = Lines(data)
    for match in _DIRECTIVE.finditer(data) if b"distutils" in data else ():
        value = match[2].decode("utf-8", "replace")
        found += _directive(path, lines.at(match.start()), match[1].decode("ascii", "replace"), value)
    cimport = _LIBCPP.search(data) if b"libcpp." in data else None
    if cimport is not None and not _lead(data, cimport.start()).strip(b" \t"):
        line = Lines(data).at(cimport.start())
        found.append(Signal(kind="language", token="cxx", path=path, line=line))
    return tuple(dict.fromkeys(found))


def _externs(data: bytes) -> Iterator[tuple[bytes, int, Where]]:
    lines = Lines(data)
    for match in _EXTERN.finditer(data):
        if is_foreign_header(match[1]) and _BEFORE_EXTERN.fullmatch(_lead(data, match.start())):
            yield match[1], lines.at(match.start()), ANYWHERE


def _numpy(path: str, data: bytes) -> Iterator[Signal]:
    for pattern in (_CIMPORT, _CIMPORT_FROM):
        for match in pattern.finditer(data):
            if not _lead(data, match.start()).strip(b" \t"):
                line = Lines(data).at(match.start())
                yield Signal(kind="numpy-headers", token="numpy", path=path, line=line)
                return


def _lead(data: bytes, start: int) -> bytes:
    """Return what stands on the line before a position."""
    return data[max(0, start - _MAX_INDENT) : start].rpartition(b"\n")[2]


def _directive(path: str, line: int, setting: str, value: str) -> Iterator[Signal]:
    for item in _ITEM.findall(value):
        match setting:
            case "language" if item.lower() in _LANGUAGES:
                yield Signal(kind="language", token=_LANGUAGES[item.lower()], path=path, line=line)
            case "libraries" if is_token_name(item):
                yield Signal(kind="library", token=item, path=path, line=line)
            case "sources" if is_token_name(item):
                yield Signal(kind="extension-source", token=item, path=path, line=line)
            case "extra_link_args" if item.startswith("-l") and is_token_name(item[2:]):
                yield Signal(kind="library", token=item[2:], path=path, line=line)
            case _:
                pass


def scan_fortran(path: str, data: bytes) -> tuple[Signal, ...]:
    """Return the files that a Fortran source includes, and a header for each module of a known library."""
    found = scan_includes(path, data)
    lowered = data.lower()
    if b"include" not in lowered and not any(module in lowered for module in _MODULES):
        return found
    return (*found, *header_signals(path, _fortran(data)))


def _fortran(data: bytes) -> Iterator[tuple[bytes, int, Where]]:
    lines = Lines(data)
    for match in _FORTRAN.finditer(data):
        header = match[1] or _MODULES.get(match[2].lower())
        if header and is_foreign_header(header):
            yield header, lines.at(match.start()), ANYWHERE


def scan_pyf(path: str, data: bytes) -> tuple[Signal, ...]:
    """A signature file is what f2py makes a module from."""
    return (Signal(kind="f2py", token="f2py", path=path, line=1),) if data.strip() else ()

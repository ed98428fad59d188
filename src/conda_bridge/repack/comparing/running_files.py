"""A file of a wheel -> whether it may run where it is installed.

What is known to be data isn't run; everything else is taken to be: a proof names what it can't judge.
"""

import re

from conda_bridge.repack.wheels.native_code import START_BYTES, native_kind

__all__ = ["START_BYTES", "may_run"]

_DATA = frozenset(
    {
        ".typed", ".txt", ".md", ".rst", ".adoc", ".json", ".json5", ".jsonl", ".toml", ".yaml", ".yml",
        ".cfg", ".ini", ".csv", ".tsv", ".xml", ".xsd", ".dtd", ".pyi", ".po", ".pot", ".mo", ".html",
        ".htm", ".css", ".scss", ".svg", ".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".bmp",
        ".ttf", ".otf", ".woff", ".woff2", ".eot", ".pdf", ".tex", ".bib", ".log", ".gitignore",
        ".gitattributes", ".gitkeep", ".keep", ".editorconfig", ".license", ".pem", ".crt", ".geojson",
        ".proto", ".c", ".h", ".f", ".f90", ".cpp", ".hpp", ".pxd", ".rs", ".lock", ".wav", ".mp3",
        ".ogg", ".parquet", ".arrow", ".nc", ".fits", ".graphql", ".sql", ".dat",
    }
)  # fmt: skip
"""Suffixes; those of sources are here, which nothing compiles any more once they are installed."""
_PLAIN = re.compile(
    r"\.git|py\.typed|(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|AUTHORS|README|CHANGES|CHANGELOG|NEWS|VERSION)[\w.-]*",
    re.IGNORECASE | re.ASCII,
)
_SUFFIX = re.compile(r"\.[^.]*\Z")
_RUN = re.compile(r"\.(py[a-z]?|pth|so|dll|dylib|exe|sh|bat|cmd|ps1)\Z", re.IGNORECASE)


def may_run(place: str, start: bytes = b"", *, is_executable: bool = False) -> bool:
    """Tell whether a file may run, by its place, its first bytes and its mode.

    >>> may_run("demo/py.typed"), may_run("demo/more.py"), may_run("demo-1.0.data/scripts/run.txt")
    (False, True, True)
    """
    top, _, rest = place.partition("/")
    name = place.rpartition("/")[2]
    if is_executable or start.startswith(b"#!") or native_kind(start, len(start)):
        return True
    if name == "entry_points.txt" or (top.endswith(".data") and rest.startswith("scripts/")):
        return True
    if _RUN.search(name) and not name.lower().endswith(".pyi"):
        return True
    found = _SUFFIX.search(name)
    suffix = found[0].lower() if found else ""
    return suffix not in _DATA and not _PLAIN.fullmatch(name)

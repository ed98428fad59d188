"""Build code that is no Python 3 -> signals by patterns, and the easy repairs that make Python 3 of Python 2."""

import re
from itertools import pairwise

from conda_bridge.infer.scan.found import Found
from conda_bridge.model.source import Signal

__all__ = ["mended", "scan_setup_text"]

_CALL = re.compile(
    r"\b(?P<constructor>[A-Z]?\w*Extension|cythonize|mypycify|use_scm_rust)\s*\("
    r"|\b(?P<keyword>ext_modules|ext_package|cffi_modules|rust_extensions|cmake_install_dir)\s*=(?!=)"
)
_NAME = re.compile(r"""\s*(?:name\s*=\s*)?["'](?P<name>[\w.]+)["']""")
_IMPORT_LINE = re.compile(r"^\s*(?:from|import|class|def)\b")
_LIBRARIES = re.compile(r"\blibraries\s*=\s*\[(?P<names>[^\]\[]{0,2000})\]")
_QUOTED = re.compile(r"""["']([A-Za-z_][\w.+-]{0,60})["']""")
_LINK_FLAG = re.compile(r"""["'\s]-l([A-Za-z_][\w.+-]{0,60})["'\s]""")
_CXX = re.compile(r"""\blanguage\s*=\s*["']c\+\+["']""")

_PRINT = re.compile(r"^(?P<indent>[ \t]*)print\b(?![ \t]*[(=.,]).*$")
_PRINT_BEHIND = re.compile(r"(?<=:)[ \t]*print\b(?![ \t]*[(=.,]).*$")
_EXCEPT = re.compile(
    r"^(?P<head>[ \t]*except[ \t]+[\w.()]+(?:,[ \t]*[\w.]+\))?)[ \t]*,[ \t]*(?P<name>\w+)[ \t]*:"
)
_RAISE = re.compile(r"^(?P<indent>[ \t]*)raise[ \t]+(?P<error>[\w.]+)[ \t]*,.*$")
_OCTAL = re.compile(r"(?<![\w.])0(?P<digits>[0-7]{2,})\b")


def mended(text: str) -> str:
    """Return the text with what Python 2 alone accepts rewritten, line by line: `print`, `except E, e`, `raise E, x`."""
    return "\n".join(_mended_line(line) for line in text.expandtabs(8).splitlines())


def _mended_line(line: str) -> str:
    line = _PRINT.sub(r"\g<indent>pass", line)
    line = _PRINT_BEHIND.sub(" pass", line)
    line = _EXCEPT.sub(r"\g<head> as \g<name>:", line)
    line = _RAISE.sub(r"\g<indent>raise \g<error>", line)
    return _OCTAL.sub(r"0o\g<digits>", line)


def scan_setup_text(path: str, text: str) -> tuple[Signal, ...]:
    """Find extension modules by the names that make them, and what they link; comments and imports aside."""
    found = Found(path)
    lines = [line.partition("#")[0] for line in text.splitlines()]
    for number, (code, following) in enumerate(pairwise([*lines, ""]), start=1):
        if _IMPORT_LINE.match(code) or len(code) > 2_000:
            continue
        for match in _CALL.finditer(code):
            is_wrapped = not code[match.end() :].strip()
            named = _NAME.match(following if is_wrapped else code[match.end() :])
            is_module = named is not None and match["constructor"] is not None
            kind = "extension-module" if is_module else "extension"
            token = named["name"] if is_module and named else match[0].rstrip("( =\t")
            found.add(kind, token, number)
        for name in _LINK_FLAG.findall(code):
            found.add("library", name, number)
        if _CXX.search(code):
            found.add("language", "cxx", number)
    joined = "\n".join(lines)
    for match in _LIBRARIES.finditer(joined):
        for name in _QUOTED.findall(match["names"]):
            found.add("library", name, joined.count("\n", 0, match.start()) + 1)
    return found.signals()

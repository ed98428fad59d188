"""setup.cfg -> signals: what `build_ext` links, the stable ABI of `bdist_wheel`.

Source: setuptools user guide, Configuring setuptools using setup.cfg files; distutils, build_ext's options.
"""

import re
from collections.abc import Iterator

from conda_bridge.infer.scan.found import Found
from conda_bridge.infer.scan.setup_py import api_version
from conda_bridge.model.source import Signal

__all__ = ["scan_setup_cfg"]

_SECTION = re.compile(r"\[(?P<name>[^\]\n]+)\]")
_OPTION = re.compile(r"(?P<name>[A-Za-z][\w.-]*)\s*[:=]\s*(?P<value>.*)")
_WORDS = re.compile(r"[\s,]+")
_SONAME = re.compile(r"[A-Za-z_][\w.+-]*")
_COMPILERS = {"gfortran": "fortran", "gnu95": "fortran", "gnu": "fortran", "intelem": "fortran"}


def scan_setup_cfg(path: str, text: str) -> tuple[Signal, ...]:
    """Find what the commands that build extensions are told."""
    found = Found(path)
    for section, name, value, line in _options(text):
        match section, name.replace("-", "_"):
            case "build_ext" | "build_clib", "libraries":
                for word in _WORDS.split(value):
                    if _SONAME.fullmatch(word):
                        found.add("library", word, line)
            case "build_ext", "swig_opts" | "swig" | "swig_cpp" if value:
                found.add("tool", "swig", line)
            case "bdist_wheel", "py_limited_api" if value:
                found.add("abi3", api_version(value), line)
            case "config_fc", "fcompiler":
                found.add("language", _COMPILERS.get(value, ""), line)
            case _:
                pass
    return found.signals()


def _options(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Yield section, option, value and line; an indented line goes on with the value of the one before."""
    section, name = "", ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith(("#", ";")):
            continue
        if line[0].isspace():
            if name:
                yield section, name, line.strip(), number
            continue
        heading, option = _SECTION.match(line), _OPTION.match(line)
        if heading:
            section, name = heading["name"].strip().lower(), ""
        elif option:
            name = option["name"].lower()
            yield section, name, option["value"].partition(" #")[0].strip(), number

"""What a URL says after `#` -> the hash that its file has to have.

Installers write `#sha256=...`, beside `egg` and `subdirectory`; conda's explicit lists write an md5 or a sha256 alone, or
`#sha256:...`. Who gives a hash relies on it: one that isn't understood is a problem, and isn't passed over.
"""

import re
from dataclasses import dataclass

__all__ = ["UrlHash", "url_hash"]

_PART = re.compile(r"(?:(md5|sha[0-9_]+|shake_[0-9]+|blake2[bs])(?:[=:]|$))?(.*)")
_HEXADECIMAL = re.compile(r"[0-9a-f]*")
_BARE = re.compile(r"[0-9a-f]{8,}")
"""A word of such digits is meant as a hash."""
_DIGITS = {"sha256": 64, "md5": 32}


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlHash:
    """What the file of a URL has to be."""

    sha256: str = ""
    """In lower case; empty where none was given."""
    md5: str = ""
    problem: str = ""
    """Why a hash that was given can't be checked; empty where there is none, or it can."""


def url_hash(fragment: str) -> UrlHash:
    """Return the hash in what follows a URL's `#`.

    >>> url_hash("egg=demo&md5=D41D8CD98F00B204E9800998ECF8427E").md5
    'd41d8cd98f00b204e9800998ecf8427e'
    >>> url_hash("sha256=00").problem
    'its sha256 has not 64 hexadecimal digits'
    >>> url_hash("subdirectory=lib")
    UrlHash(sha256='', md5='', problem='')

    Source: simple repository API, hashes of URLs; conda's documentation of `conda list --explicit`.
    """
    given: dict[str, str] = {}
    for part in fragment.lower().split("&"):
        found = _PART.fullmatch(part)
        algorithm, value = (found[1] or "", found[2]) if found else ("", "")
        if not algorithm and not _BARE.fullmatch(value):
            continue
        given[algorithm or _algorithm_of(value)] = value
    sha256, md5 = given.get("sha256", ""), given.get("md5", "")
    return UrlHash(sha256=sha256, md5=md5, problem=_problem(given))


def _algorithm_of(value: str) -> str:
    return next((name for name, digits in _DIGITS.items() if len(value) == digits), "")


def _problem(given: dict[str, str]) -> str:
    for name, value in given.items():
        digits = _DIGITS.get(name)
        if not name:
            return f"{value!r} is neither a sha256 nor an md5"
        if digits and (len(value) != digits or not _HEXADECIMAL.fullmatch(value)):
            return f"its {name} has not {digits} hexadecimal digits"
    other = next((name for name in given if name not in _DIGITS), "")
    return f"its {other} isn't checked" if other and "sha256" not in given else ""

r"""Raw member names -> relative paths in `/` spelling, or a refusal.

What is refused would be dangerous on any platform: a tar made on Linux may be unpacked on Windows, so
`..\x` and `C:x` are as bad as `../x`.
"""

import re
import unicodedata

from conda_bridge.errors import SourceError

__all__ = ["checked_path", "decoded_name", "folded_path", "shown"]

# Most names: plain ASCII components, none of which is empty or begins with a dot.
_ORDINARY = re.compile(r"[\w+@,=~-][\w+@,=~. -]*(?:/[\w+@,=~-][\w+@,=~. -]*)*", re.ASCII)
# C0 and C1 controls with newline and NUL, line and paragraph separators, and every mark that changes the
# direction of text (Unicode's Bidi_Control).
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# In any part: whoever cuts the top folder off joins what is left to a path of his own.
_DRIVE = re.compile(r"(?:^|[/\\])[A-Za-z]:")
_SEPARATORS = re.compile(r"[/\\]")
_LONGEST = 4096
"""Of what any system takes for a path; Linux has the highest bound."""


def shown(name: str) -> str:
    """Return a name as text that is safe to print, cut where it is long."""
    return ascii(name if len(name) <= 80 else f"{name[:77]}...")


def decoded_name(raw: bytes) -> str:
    """Return a member's name or a link's target as text.

    Raises:
        SourceError: `unsafe-archive` where it is not UTF-8.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise SourceError("unsafe-archive", f"the name {raw[:80]!r} is not UTF-8") from None


def checked_path(name: str) -> str:
    """Return a member's path, normalised; empty for the root itself.

    >>> checked_path("./click-8.1.7//setup.py")
    'click-8.1.7/setup.py'

    Raises:
        SourceError: `unsafe-archive` for names that are absolute, climb, hold control characters, or are endless.
    """
    if len(name) > _LONGEST:
        raise SourceError("unsafe-archive", f"the name {shown(name)} is longer than any path")
    if _ORDINARY.fullmatch(name):
        return name
    if _FORBIDDEN.search(name):
        raise SourceError("unsafe-archive", f"the name {shown(name)} has control or direction characters")
    if name.startswith(("/", "\\")) or _DRIVE.search(name):
        raise SourceError("unsafe-archive", f"the member {shown(name)} has an absolute path")
    if ".." in _SEPARATORS.split(name):
        raise SourceError("unsafe-archive", f"the member {shown(name)} climbs out of the archive")
    return "/".join(part for part in name.split("/") if part not in {"", "."})


def folded_path(path: str) -> str:
    """Return what is the same of two paths that Windows or macOS takes for one.

    >>> folded_path("README.txt")
    'readme.txt'
    """
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()

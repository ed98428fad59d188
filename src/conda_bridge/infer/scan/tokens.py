"""Tokens of signals that may hold for some platforms only, or that a build goes on without: read and written here.

Spelling: the name, then ` @` and the platforms where they are guarded (`@win`, `@osx`, `@linux`, `@unix`, `@!win`),
then ` ?` where the token is optional: `openssl/ssl.h @unix ?`; then ` ~` and what the build must be told for it, as
`Where.when` has it: `gmp ? ~USE_GMP,!BUNDLED`.
"""

import re
from dataclasses import dataclass

__all__ = ["GUARDS", "MAX_NAME", "Token", "is_token_name"]

GUARDS: tuple[str, ...] = ("win", "osx", "linux", "unix", "!win", "!osx", "!linux", "!unix")
"""Of which platforms a token may speak."""
MAX_NAME = 120
"""Characters; nothing that names a library, a header or a program is longer."""

_SPELLING = re.compile(
    r"(?P<name>.*?)(?: @(?P<guard>!?(?:win|osx|linux|unix)))?(?P<optional> \?)?(?: ~(?P<when>\S+))?",
    re.DOTALL,
)
_NO_NAME = re.compile(r"[\s$`\"'<>|;(){}%*\\]")


@dataclass(frozen=True, slots=True)
class Token:
    """A name that a scanner found, and where it holds."""

    name: str
    guard: str = ""
    """One of `GUARDS`; empty where it holds everywhere."""
    is_optional: bool = False
    """True where the build goes on without it."""
    when: tuple[str, ...] = ()
    """Which switches of the build it needs, all of them."""

    @classmethod
    def parse(cls, text: str) -> "Token":
        """Return what `str` of a token wrote.

        >>> Token.parse("dl @!win ?")
        Token(name='dl', guard='!win', is_optional=True, when=())
        """
        if " " not in text:
            return cls(text)
        match = _SPELLING.fullmatch(text)
        assert match is not None, "the name takes whatever is no mark"
        when = tuple(match["when"].split(",")) if match["when"] else ()
        return cls(match["name"], match["guard"] or "", match["optional"] is not None, when)

    def __str__(self) -> str:
        """Return the spelling that signals carry.

        >>> str(Token("z", guard="unix"))
        'z @unix'
        """
        guard = f" @{self.guard}" if self.guard else ""
        when = f" ~{','.join(self.when)}" if self.when else ""
        return f"{self.name}{guard}{' ?' if self.is_optional else ''}{when}"


def is_token_name(text: str) -> bool:
    """Tell whether a text can be the name in a token: short, printable, one word, no half of a template.

    >>> is_token_name("openssl/ssl.h"), is_token_name("${FOO}"), is_token_name("a b")
    (True, False, False)
    """
    return 0 < len(text) <= MAX_NAME and text.isprintable() and not _NO_NAME.search(text)

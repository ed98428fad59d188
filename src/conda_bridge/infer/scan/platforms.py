"""Conditions of build files -> the platforms on which they hold.

A condition is known as two sets of platforms: where it holds, and where its contrary does. What a condition asks
beside the platform stays unknown and limits neither set, so that `not`, `and` and `or` are set operations.
"""

from dataclasses import dataclass

__all__ = [
    "ANYWHERE",
    "CARGO",
    "EVERY_PLATFORM",
    "NEVER",
    "UNKNOWN",
    "Condition",
    "Where",
    "on_platforms",
    "platforms_named",
]

NEVER = "!"
"""In `Where.when`: what is off, whatever other files say."""
CARGO = "cargo:"
"""In `Where.when`: before the feature of a crate that its default ones don't turn on."""
_MOST_SWITCHES = 6

EVERY_PLATFORM = frozenset({"linux", "osx", "win"})
_GUARDS = {
    EVERY_PLATFORM: "",
    frozenset({"linux", "osx"}): "unix",
    frozenset({"linux", "win"}): "!osx",
    frozenset({"osx", "win"}): "!linux",
}
_WORDS = {
    "win": ("win", "win32", "win64", "windows", "cygwin", "msys", "mingw", "mingw32", "mingw64", "nt", "msvc", "uwp"),
    "osx": ("osx", "macos", "macosx", "mac", "darwin", "apple", "ios"),
    "linux": ("linux", "linux2", "linux3", "android"),
}  # fmt: skip
_BY_WORD = {word: frozenset({platform}) for platform, words in _WORDS.items() for word in words} | {
    word: EVERY_PLATFORM - {"win"} for word in ("posix", "unix")
}


@dataclass(frozen=True, slots=True)
class Where:
    """Where something of a build file holds."""

    platforms: frozenset[str] = EVERY_PLATFORM
    """Empty where nothing can reach it."""
    is_optional: bool = False
    """True where the build goes on without it."""
    switch: str = ""
    """What turns it on, where it is off unless asked for: an option of the command line, a variable, a constant."""
    when: tuple[str, ...] = ()
    """What other files may set, all of it: `X` on, `!X` off, `X=text` set to a text, `!X=text` to another one."""

    @property
    def guard(self) -> str:
        """The spelling of `tokens.GUARDS`; empty for every platform."""
        return _GUARDS[self.platforms] if len(self.platforms) > 1 else next(iter(self.platforms), "")

    def within(
        self,
        platforms: frozenset[str],
        *,
        is_optional: bool = False,
        switch: str = "",
        when: tuple[str, ...] = (),
    ) -> "Where":
        """Return the same place under one more condition; what a switch turns on is optional."""
        is_optional = is_optional or bool(switch)
        is_known = self.platforms <= platforms and self.is_optional >= is_optional
        if is_known and (self.switch or not switch) and not when:
            return self
        both = tuple(dict.fromkeys((*self.when, *when)))[:_MOST_SWITCHES]
        return Where(self.platforms & platforms, self.is_optional or is_optional, self.switch or switch, both)

    def and_at(self, other: "Where") -> "Where":
        """Return the place of what holds at both."""
        return self.within(
            other.platforms, is_optional=other.is_optional, switch=other.switch, when=other.when
        )


ANYWHERE = Where()


@dataclass(frozen=True, slots=True)
class Condition:
    """What is known of a condition."""

    then: frozenset[str] = EVERY_PLATFORM
    """Platforms on which it can hold."""
    otherwise: frozenset[str] = EVERY_PLATFORM
    """Platforms on which its contrary can hold."""
    is_chosen: bool = False
    """True where it asks what is there or what the user wants: what it guards is optional."""
    is_refused: bool = False
    """The same of its contrary."""
    switch: str = ""
    """What makes it hold, where it doesn't unless asked for."""
    refusal: str = ""
    """The same of its contrary."""
    when: tuple[str, ...] = ()
    """What it needs of what other files may set, as `Where.when` has it."""
    unless: tuple[str, ...] = ()
    """The same of its contrary."""

    def negated(self) -> "Condition":
        """Return the contrary."""
        return Condition(
            self.otherwise,
            self.then,
            self.is_refused,
            self.is_chosen,
            self.refusal,
            self.switch,
            self.unless,
            self.when,
        )

    def and_(self, other: "Condition") -> "Condition":
        """Return the condition that holds where both do."""
        return Condition(
            self.then & other.then,
            self.otherwise | other.otherwise,
            self.is_chosen or other.is_chosen,
            self.is_refused and other.is_refused,
            self.switch or other.switch,
            other.refusal and self.refusal,
            (*self.when, *other.when),
        )

    def or_(self, other: "Condition") -> "Condition":
        """Return the condition that holds where one of both does."""
        return self.negated().and_(other.negated()).negated()


UNKNOWN = Condition()


def on_platforms(platforms: frozenset[str]) -> Condition:
    """Return the condition that holds on these platforms and nowhere else."""
    return Condition(platforms, EVERY_PLATFORM - platforms)


def platforms_named(word: str) -> frozenset[str] | None:
    """Return what Python, Meson, CMake or Cargo mean by a platform's name; None where it is none.

    >>> sorted(platforms_named("nt")), platforms_named("zlib")
    (['win'], None)
    """
    return _BY_WORD.get(word.lower())

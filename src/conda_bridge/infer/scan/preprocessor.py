"""Conditions of the C preprocessor -> the platforms on which they hold.

Expressions are read as C reads them, but for everything that is no question about the platform: that stays unknown.
Macros of systems that conda has no packages for are never true. Source: ISO C23, 6.10.1; predefined macros of gcc, clang and MSVC.
"""

import re

from conda_bridge.infer.scan.platforms import (
    ANYWHERE,
    EVERY_PLATFORM,
    UNKNOWN,
    Condition,
    Where,
    on_platforms,
)

__all__ = ["Conditionals", "condition_of"]

_MACROS = {
    "win": (
        b"_WIN32 WIN32 __WIN32__ __WIN32 _WIN64 WIN64 __WIN64__ _WINDOWS WINDOWS __WINDOWS__ _MSC_VER __MINGW32__ __MINGW64__"
        b" MS_WINDOWS MS_WIN32 MS_WIN64 OS_WIN OS_WINDOWS _WIN32_WINNT Q_OS_WIN Q_OS_WIN32 BOOST_WINDOWS _WIN32_WCE"
    ),
    "osx": (
        b"__APPLE__ __APPLE_CC__ __MACH__ __DARWIN__ __darwin__ DARWIN __MACOSX__ __MACOS__ MACOSX MACOS OS_MACOSX OS_MAC OS_DARWIN"
        b" TARGET_OS_MAC TARGET_OS_OSX Q_OS_MAC Q_OS_MACOS Q_OS_DARWIN MAC_OS_X_VERSION_MIN_REQUIRED MAC_OSX"
    ),
    "linux": b"__linux__ __linux linux __gnu_linux__ LINUX OS_LINUX Q_OS_LINUX __GLIBC__",
    "unix": b"__unix__ __unix unix UNIX _POSIX_VERSION OS_POSIX Q_OS_UNIX _POSIX_C_SOURCE _POSIX_SOURCE",
    "": (
        b"__FreeBSD__ __FreeBSD_kernel__ __NetBSD__ __OpenBSD__ __DragonFly__ __bsdi__ __BSD__ BSD __sun __sun__ sun __SVR4 __svr4__ _AIX __hpux"
        b" __ANDROID__ ANDROID __EMSCRIPTEN__ EMSCRIPTEN __wasi__ __wasm__ __wasm32__ __CYGWIN__ __CYGWIN32__ __HAIKU__ __BEOS__ __VMS VMS __QNX__ __QNXNTO__"
        b" __OS2__ __MSDOS__ MSDOS __DJGPP__ __WATCOMC__ __BORLANDC__ __sgi __osf__ _SCO_DS __minix __GNU__ __hurd__ __Fuchsia__ __MVS__ __VXWORKS__"
        b" TARGET_OS_IPHONE TARGET_OS_IOS TARGET_OS_SIMULATOR _WIN32_WCE __SYMBIAN32__ __amigaos__ macintosh __MWERKS__ __PASE__ _CRAY"
    ),
}  # fmt: skip
_PLATFORMS = {
    macro: EVERY_PLATFORM - {"win"} if name == "unix" else frozenset({name} - {""})
    for name, macros in _MACROS.items()
    for macro in macros.split()
}
_FEATURE = re.compile(
    rb"(?:\w+_)?(?:HAVE|HAS|USE|USING|WITH|ENABLE|WANT|BUILD_WITH)_\w+|\w+_(?:ENABLED?|SUPPORT(?:ED)?|FOUND|AVAILABLE)|_OPENMP|_OPENACC"
)
# Configured by every build, or by the compiler: they choose nothing.
_NO_FEATURE = re.compile(rb"HAVE_(?:CONFIG|STD|SYS_|UNISTD|INTTYPES)\w*|PY_\w*|__has_\w+|__HAS_\w+")
_TOKEN = re.compile(rb"[ \t]*(?:([A-Za-z_]\w*)|(\d[\w.']*)|(&&|\|\||[=!<>]=|<<|>>|[^ \t\r\\]))")
_WORD = re.compile(rb"\w+")
_COMMENT = re.compile(rb"/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)|//.*", re.DOTALL)
_DEPTH = 30
_MAX_CONDITION = 1_000
_TRUE, _FALSE = on_platforms(EVERY_PLATFORM), on_platforms(frozenset())


def condition_of(keyword: bytes, text: bytes) -> Condition:
    """Return the condition of `#if`, `#ifdef`, `#ifndef` or an `#elif` of any kind.

    >>> sorted(condition_of(b"if", b"defined(_WIN32) && !X").then)
    ['win']
    """
    if keyword.endswith((b"ifdef", b"ifndef")) or keyword in {b"elifdef", b"elifndef"}:
        words = re.match(rb"\s*(\w{1,100})", text)
        found = _macro(words[1]) if words else UNKNOWN
        return found.negated() if keyword.endswith(b"ndef") else found
    asks = any(word in {b"0", b"1"} or _macro(word) is not UNKNOWN for word in _WORD.findall(text))
    if not asks or len(text) > _MAX_CONDITION:
        return UNKNOWN
    return _Expression(text).read()


def _macro(word: bytes) -> Condition:
    platforms = _PLATFORMS.get(word)
    if platforms is not None:
        return on_platforms(platforms)
    if word == b"__has_include" or (_FEATURE.fullmatch(word) and not _NO_FEATURE.fullmatch(word)):
        return Condition(is_chosen=True)
    return UNKNOWN


class _Expression:
    """A controlling expression, read from left to right."""

    def __init__(self, text: bytes) -> None:
        code = _COMMENT.sub(b" ", text)
        self._tokens = [match[1] or match[2] or match[3] for match in _TOKEN.finditer(code)]
        self._next = 0

    def read(self) -> Condition:
        found = self._either(0)
        return found if self._next >= len(self._tokens) else UNKNOWN

    def _peek(self) -> bytes:
        return self._tokens[self._next] if self._next < len(self._tokens) else b""

    def _take(self) -> bytes:
        token = self._peek()
        self._next += 1
        return token

    def _either(self, depth: int) -> Condition:
        found = self._both(depth)
        while self._peek() == b"||":
            self._take()
            found = found.or_(self._both(depth))
        return found

    def _both(self, depth: int) -> Condition:
        found = self._compared(depth)
        while self._peek() == b"&&":
            self._take()
            found = found.and_(self._compared(depth))
        return found

    def _compared(self, depth: int) -> Condition:
        """Read a question and what it is compared with: `_MSC_VER >= 1900` holds at most where `_MSC_VER` does."""
        found = self._one(depth)
        is_compared = False
        while self._peek() not in {b"", b"&&", b"||", b")"}:
            self._take()
            if self._peek() not in {b"", b"&&", b"||", b")"}:
                self._one(depth)
            is_compared = True
        if not is_compared:
            return found
        return Condition(then=found.then or EVERY_PLATFORM, is_chosen=found.is_chosen)

    def _one(self, depth: int) -> Condition:
        token = self._take()
        if depth > _DEPTH:
            return UNKNOWN
        match token:
            case b"!":
                return self._one(depth + 1).negated()
            case b"(":
                found = self._either(depth + 1)
                self._take()
            case b"defined":
                found = self._defined()
            case b"0" | b"1":
                found = _TRUE if token == b"1" else _FALSE
            case _:
                found = _macro(token)
                if self._peek() == b"(":
                    self._skip_arguments()
        return found

    def _defined(self) -> Condition:
        if self._peek() != b"(":
            return _macro(self._take())
        self._take()
        found = _macro(self._take())
        self._take()
        return found

    def _skip_arguments(self) -> None:
        depth = 0
        while self._next < len(self._tokens):
            depth += {b"(": 1, b")": -1}.get(self._take(), 0)
            if depth == 0:
                return


class Conditionals:
    """The conditionals that are open at one place of a file."""

    def __init__(self) -> None:
        self.where = ANYWHERE
        """Where the code at this place is compiled."""
        self._open: list[tuple[Where, Condition]] = []
        """Of each: where it stands, and the contrary of all its branches so far."""

    def directive(self, keyword: bytes, text: bytes) -> None:
        """Follow one directive of the `#if` family; an `#endif` too many is passed over."""
        if keyword.startswith(b"if"):
            found = condition_of(keyword, text)
            self._open.append((self.where, found.negated()))
            self._enter(self.where, found)
        elif self._open and keyword == b"endif":
            self.where = self._open.pop()[0]
        elif self._open:
            outside, rest = self._open[-1]
            found = UNKNOWN if keyword == b"else" else condition_of(keyword, text)
            self._enter(outside, rest if keyword == b"else" else rest.and_(found))
            self._open[-1] = (outside, rest.and_(found.negated()))

    def _enter(self, outside: Where, condition: Condition) -> None:
        is_plain = condition.then == EVERY_PLATFORM and not condition.is_chosen
        self.where = outside if is_plain else outside.within(condition.then, is_optional=condition.is_chosen)

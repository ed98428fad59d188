r"""Regular expressions of a stranger, run with a bound on their time.

Python's matcher backtracks, so a hostile pattern can run for years. Only patterns without repeated groups are
run, on single lines that contain the pattern's longest literal word, and only where the number of ways to
match, `C(length + repeats + 1, repeats + 1)`, stays small. That covers what setup.py files search for:
`^__version__\s*=\s*['"]([^'"]*)['"]` in a module's text.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import comb

__all__ = ["UnsafePatternError", "find_matches"]

_FLAGS = int(re.IGNORECASE | re.MULTILINE | re.DOTALL | re.ASCII | re.UNICODE)
_INLINE_FLAGS = re.compile(r"\(\?([aimsu]+)\)")
_MAX_PATTERN = 300
_MAX_STEPS = 20_000_000
_STEPS_A_UNIT = 200
_MIN_WORD = 3
_TOKEN = re.compile(
    r"""(?P<group>\((?:\?(?:P<\w+>|:))?)
      | (?P<close>\))
      | (?P<repeat>(?:[*+?]|\{(?:[0-9]+(?:,[0-9]*)?|,[0-9]*)\})\??)
      | (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
      | (?P<end>\$|\\Z)
      | (?P<escape>\\.)
      | (?P<either>\|)
      | (?P<plain>.)""",
    re.VERBOSE | re.DOTALL,
)


class UnsafePatternError(ValueError):
    """The pattern can't be run within the bounds, or is no pattern."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What bounds the cost of a pattern."""

    repeats: int
    choices: int
    word: str
    has_end: bool
    crosses_lines: bool
    """True where a match may contain a line's end."""


def find_matches(
    pattern: str, text: str, *, flags: int, spend: Callable[[int], None], is_anchored: bool = False
) -> Iterator[re.Match[str]]:
    """Yield the matches that lie within one line; where it is anchored, only one at the text's beginning.

    `spend` is told beforehand what a line may cost.

    Raises:
        UnsafePatternError: the pattern or the lines could take too long, or it is no pattern.
    """
    inline = _INLINE_FLAGS.match(pattern)
    for letter in inline[1] if inline else "":
        flags |= int(re.RegexFlag[letter.upper()])
    if flags & ~_FLAGS or len(pattern) > _MAX_PATTERN:
        raise UnsafePatternError(f"the pattern {pattern!r:.80} is too long or uses other flags")
    shape = _shape(pattern[inline.end() if inline else 0 :])
    if shape.has_end and not flags & re.MULTILINE and "\n" in text.rstrip("\n"):
        raise UnsafePatternError(f"the pattern {pattern!r:.80} asks for the text's end")
    try:
        compiled = re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise UnsafePatternError(f"{pattern!r:.80} is no pattern: {error}") from error
    is_found = False
    for start, end in _lines_with(shape.word, text, is_caseless=bool(flags & re.IGNORECASE)):
        steps = comb(end - start + shape.repeats + 1, shape.repeats + 1) << shape.choices
        if steps > _MAX_STEPS:
            raise UnsafePatternError(f"the pattern {pattern!r:.80} could take too long")
        spend(steps // _STEPS_A_UNIT)
        for match in _matches(compiled, text, start, end, is_anchored=is_anchored):
            is_found = True
            yield match
    is_one_line = "\n" not in text.rstrip("\n")
    if not is_found and not is_one_line and (shape.crosses_lines or flags & re.DOTALL):
        raise UnsafePatternError(f"the pattern {pattern!r:.80} may match across lines")


def _matches(
    compiled: re.Pattern[str], text: str, start: int, end: int, *, is_anchored: bool
) -> Iterator[re.Match[str]]:
    if not is_anchored:
        yield from compiled.finditer(text, start, end)
    elif start == 0 and (found := compiled.match(text, 0, end)):
        yield found


def _lines_with(word: str, text: str, *, is_caseless: bool) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each line that contains the word."""
    haystack, needle = (text.lower(), word.lower()) if is_caseless else (text, word)
    if len(haystack) != len(text):
        raise UnsafePatternError("lower case changes the text's length")
    position = haystack.find(needle)
    while position >= 0:
        start = haystack.rfind("\n", 0, position) + 1
        end = haystack.find("\n", position)
        end = len(text) if end < 0 else end
        yield start, end
        position = haystack.find(needle, end)


def _shape(pattern: str) -> _Shape:
    """Return how often the pattern repeats and chooses, and its longest literal word.

    Raises:
        UnsafePatternError: it repeats a group, looks around, or has no word that every match contains.
    """
    tokens = [(str(token.lastgroup), token[0], token.end()) for token in _TOKEN.finditer(pattern)]
    words = [""]
    repeats = choices = depth = 0
    before = ""
    for kind, text, end in tokens:
        is_optional = kind == "repeat" and text in {"?", "??"}
        if kind == "repeat" and not is_optional and before == "close":
            raise UnsafePatternError(f"the pattern {pattern!r:.80} repeats a group")
        if (kind == "group" and pattern[end : end + 1] == "?") or (kind == "either" and depth == 0):
            raise UnsafePatternError(f"the pattern {pattern!r:.80} looks around, or is several")
        repeats += kind == "repeat" and not is_optional
        choices += is_optional or kind == "either"
        depth += (kind == "group") - (kind == "close")
        _extend(words, kind if depth == 0 else "inner", text)
        before = kind
    word = max(words, key=len)
    if len(word) < _MIN_WORD:
        raise UnsafePatternError(f"the pattern {pattern!r:.80} has no literal word to look for")
    has_end = any(kind == "end" for kind, _, _ in tokens)
    crosses = any(
        (kind == "set" and (text.startswith("[^") or "\\" in text or "\n" in text))
        or (kind == "escape" and text[1] in "snrWDS")
        or text == "\n"
        for kind, text, _ in tokens
    )
    return _Shape(repeats=repeats, choices=choices, word=word, has_end=has_end, crosses_lines=crosses)


def _extend(words: list[str], kind: str, text: str) -> None:
    """Take a token into the words; a character that is repeated, maybe zero times, belongs to none."""
    if kind == "repeat":
        words[-1] = words[-1][:-1]
    if kind == "plain" and (text.isalnum() or text == "_"):
        words[-1] += text
    else:
        words.append("")

"""A text that is written anew in each build -> whether it differs in nothing but values of that build.

In a module such a value is a part of a literal or of a comment: everywhere else a word is code. A module that says in
which encoding it is read, or that has line ends of its own kind, may be another one for python than it is here.

Source: Python's reference, "Encoding declarations"; PEP 263.
"""

import ast
import io
import re
import tokenize
from collections.abc import Sequence
from itertools import takewhile

__all__ = ["is_generated", "is_read_as_it_stands", "same_but_dates"]

_CODING = re.compile(r"coding[:=][ \t]*([-\w.]+)", re.ASCII)
_LINE_END = re.compile(r"\r\n|\r|\n")
_UTF8 = frozenset({"utf-8", "utf8"})
_VALUE = re.compile(r"[\w.:+/ -]*", re.ASCII)
"""What a backend writes by chance: times, digests, numbers, names of folders; nothing that calls."""
_IN_WORD = re.compile(r"[0-9A-Za-z]")
_WORD_BEGUN = re.compile(r"[0-9A-Za-z]+\Z")
_DATES = re.compile(
    r"(?<!\d)(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +)?"
    r"(?:\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:?\d\d| ?UTC)?"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} +\d\d:\d\d:\d\d +(?:UTC +)?\d{4})(?!\d)"
)
_QUOTES = re.compile(r"([A-Za-z]*)('''|\"\"\"|'|\")")
_Tokens = Sequence[tokenize.TokenInfo]


def is_read_as_it_stands(text: str) -> bool:
    r"""Tell whether python reads a module as the UTF-8 text that it is here, in the same lines.

    >>> is_read_as_it_stands("# coding: utf-7\nx = 1\n"), is_read_as_it_stands("# -*- coding: utf-8 -*-\n")
    (False, True)
    """
    if "\r" in text.replace("\r\n", "\n"):
        return False
    named = [name for line in _LINE_END.split(text, maxsplit=2)[:2] for name in _CODING.findall(line)]
    return _UTF8.issuperset(name.lower().replace("_", "-") for name in named)


def is_generated(text: str, once: str, again: str, *, is_python: bool) -> bool:
    """Tell whether a text is what two runs wrote, but for values in the places where these two differ."""
    rows = text.split("\n"), once.split("\n"), again.split("\n")
    if len({*map(len, rows)}) > 1:
        return False
    if not all(_is_generated_line(*lines) for lines in zip(*rows, strict=True)):
        return False
    return not is_python or _is_same_code(text, once, again)


def _is_generated_line(line: str, once: str, again: str) -> bool:
    if once == again:
        return line == once
    start = _shared_start(once, again)
    shorter = min(len(once), len(again)) - len(start)
    end = _shared_start(once[::-1][:shorter], again[::-1][:shorter])[::-1]
    if len(line) < len(start) + len(end) or not (line.startswith(start) and line.endswith(end)):
        return False
    return bool(_VALUE.fullmatch(line[len(start) : len(line) - len(end)]))


def _shared_start(left: str, right: str) -> str:
    """Return what both begin with, cut back to where the word begins in which they part."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False))
    start = "".join(one for one, _ in pairs)
    nexts = left[len(start) : len(start) + 1] + right[len(start) : len(start) + 1]
    # Of two values that are chance, what they begin with alike is chance as well.
    return _WORD_BEGUN.sub("", start) if _IN_WORD.search(nexts) else start


def _is_same_code(text: str, once: str, again: str) -> bool:
    """Tell whether modules differ in literals and comments alone, and only where two runs do."""
    read = [_tokens(one) for one in (text, once, again)]
    if not all(read) or len({*map(len, read)}) > 1:
        return False
    for ours, first, second in zip(*read, strict=True):
        if first.string == second.string:
            is_same = (ours.type, ours.string) == (first.type, first.string)
        else:
            is_same = bool(_kind(ours)) and _kind(ours) == _kind(first) == _kind(second)
        if not is_same:
            return False
    return True


def _tokens(text: str) -> _Tokens:
    """Return the tokens of a module; none where it can't be read for sure."""
    if not is_read_as_it_stands(text):
        return ()
    try:
        ast.parse(text)
        return tuple(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def _kind(token: tokenize.TokenInfo) -> str:
    """Return what kind of a value a token is; empty for code, which text with braces for expressions is as well."""
    if token.type == tokenize.COMMENT:
        return "#"
    if token.type == tokenize.NUMBER:
        return "0"
    quotes = _QUOTES.match(token.string) if token.type == tokenize.STRING else None
    if quotes is None or {"f", "t"} & set(quotes[1].lower()):
        return ""
    return quotes[0]


def same_but_dates(left: str, right: str, *, is_python: bool) -> bool:
    """Tell whether two texts differ in dates alone; those of modules count where they are comments or docstrings."""
    if not is_python:
        return _DATES.sub("DATE", left) == _DATES.sub("DATE", right)
    ours, theirs = _dateless(left), _dateless(right)
    return bool(ours) and ours == theirs


def _dateless(text: str) -> list[tuple[int, str]]:
    tokens = _tokens(text)
    remarks = _remarks(text) if tokens else frozenset()
    return [
        (one.type, _DATES.sub("DATE", one.string) if _is_remark(one, remarks) else one.string)
        for one in tokens
    ]


def _is_remark(token: tokenize.TokenInfo, remarks: frozenset[tuple[int, int]]) -> bool:
    return token.type == tokenize.COMMENT or (token.type == tokenize.STRING and token.start in remarks)


def _remarks(text: str) -> frozenset[tuple[int, int]]:
    """Return where the texts stand that are statements: docstrings."""
    return frozenset(
        (node.value.lineno, node.value.col_offset)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )

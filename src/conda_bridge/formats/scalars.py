"""Text -> one YAML scalar on one line that every reader takes for that very text.

Readers disagree: YAML 1.1 (PyYAML, conda-build) reads `yes`, `1:30` and `0777` as other things than text,
YAML 1.2 (ruamel, rattler-build) `0o17`; conda-build and the v1 linter look for selectors in the raw lines
before any YAML is read. A scalar is written plain, as people write, where all of them read text; else in
double quotes.
"""

import re

__all__ = ["quoted", "scalar"]

_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`")
"""Characters that mean something to YAML at the start of a scalar. Source: YAML 1.2.2, section 5.3."""

_TYPED = re.compile(
    r"""
      ~ | null | true | false | yes | no | on | off | y | n | = | <<
    | [-+]? (?:
          0b[01_]+ | 0o?[0-7_]+ | 0x[0-9a-f_]+            # other bases
        | [0-9][0-9_]* (?: : [0-5]?[0-9] )+ (?:\.[0-9_]*)?  # sexagesimal: 1:30 is 90 in YAML 1.1
        | [0-9][0-9_]* (?:\.[0-9_]*)? (?:e[-+]?[0-9]+)?
        | \. [0-9_]+ (?:e[-+]?[0-9]+)?
        | \. (?: inf | nan )
      )
    | [0-9]{4} - [0-9]{1,2} - [0-9]{1,2} .*               # dates and times
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
"""Plain scalars that a YAML 1.1 or 1.2 reader takes for something else than text."""

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_UNSAFE = re.compile(r'["\\]|[^ -~]')


def scalar(text: str) -> str:
    """Return `text` as a YAML scalar: plain where that is safe, else in double quotes; never folded.

    >>> print(scalar("requests >=2.31"), scalar("yes"), scalar("1.10"), scalar("*"))
    requests >=2.31 "yes" "1.10" "*"

    Source: YAML 1.1 type repository; YAML 1.2.2, sections 5.7, 7.3.3 and 10.3.
    """
    return text if _is_plain(text) else quoted(text)


def quoted(text: str) -> str:
    """Return `text` as a YAML scalar in double quotes, on one line, whatever it holds.

    >>> print(quoted("1.2.3"))
    "1.2.3"
    """
    body = _UNSAFE.sub(_escape, text)
    if _could_be_selector(body):
        body = body.replace("#", "\\x23")
    return f'"{body}"'


def _is_plain(text: str) -> bool:
    return (
        text.isprintable()
        and text.strip() == text
        and text[:1] not in _INDICATORS
        and not text.endswith((":", "]"))
        and not text.startswith("...")
        and ": " not in text
        and " #" not in text
        and bool(text)
        and not _TYPED.fullmatch(text)
        and not _could_be_selector(text)
    )


def _could_be_selector(text: str) -> bool:
    """Return whether conda-build could take a part of `text` for a selector, wherever it stands in a line.

    Source: conda-build, `sel_pat` in metadata.py. It also takes a bracket at the very end of a line.
    """
    return "[" in text[text.find("#") :] if "#" in text else False


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

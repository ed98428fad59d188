"""The log of a failed build -> those of its lines that were about the failure, as short as people can read them."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

__all__ = ["error_line", "shortened", "without_noise"]

_LONGEST = 200
_NOISE = re.compile(
    r"""\s*[\u2500-\u257f]  # tables
    | subdir\ \S+\ of\ channel\ .*was\ not\ found
    | Could\ not\ find\ \S+/repodata\.json | Adding\ \d+\ packages\ to | Successfully\ added\ \d+\ packages
    | Writing\ repodata\ to | Finalized\ run\ dependencies | Starting\ build\ of | No\ sources\ to\ fetch
    | ✔\ Successfully\ updated | Testing\ commands: | Collecting\ tests\ from
    | \ \ (Platform|Channels|Specs): | \ {3}-\ (file|https?):// | \ {3}-\ \S+\ ==\S+\ \S+$
    | \s*(Created\ temporary\ directory|Created\ build\ tracker|Initialized\ build\ tracking|Entered\ build\ tracker
         |Removed\ build\ tracker|Removed\ \S+\ from\ build\ tracker|Added\ \S+\ .*to\ build\ tracker):?""",
    re.VERBOSE,
)
_TEST = "Collecting tests from "
_TEST_COMMANDS = "Testing commands:"
_PASSED = "all tests passed"
_TRACEBACK = "Traceback (most recent call last):"
_BETWEEN_TRACEBACKS = (
    "The above exception was the direct cause",
    "During handling of the above exception",
    "Exception information:",
)
_OF_PIP = re.compile(r'^\s*File "[^"]*/pip/_internal/')
_ENDED = re.compile(r"Script failed with status \d+")
_COMPLAINT = re.compile(
    r":\d+: (fatal )?error: |^\s*(fatal )?error: |^CMake Error|^ld: |: undefined reference "
)
_LAST_WORDS = re.compile(r"^\s*(E  +)?[\w.]*(Error|Exception|Interrupt|Exit)(: |$)|^ERROR|^FAILED |\berror:")


def without_noise(lines: Sequence[str]) -> list[str]:
    """Return the lines without passed tests, tables, what an engine says of its own work, and pip's tracebacks.

    Of a test that failed there is what came of its last command.
    """
    section = _failed_test(lines)
    told = [line for line in _without_pips(section) if line.strip() and not _NOISE.match(line)]
    return _last_command(told) if len(section) < len(lines) else told


def _failed_test(lines: Sequence[str]) -> Sequence[str]:
    """Return the part of the last test that didn't pass; all lines where no test was run."""
    starts = [index for index, line in enumerate(lines) if line.startswith(_TEST)]
    for start, end in reversed(list(pairwise((*starts, len(lines))))):
        part = lines[start:end]
        if not any(_PASSED in line for line in part):
            firsts = [index for index, line in enumerate(part) if line.startswith(_TEST_COMMANDS)]
            return part[firsts[-1] if firsts else 0 :]
    return lines


def _last_command(lines: list[str]) -> list[str]:
    """Return the lines from the last command that was echoed, if it said anything.

    What a program writes can overtake its echo: then all lines are wanted.
    """
    start = max((index for index, line in enumerate(lines) if line.startswith("+ ")), default=0)
    said = [line for line in lines[start + 1 :] if not _ENDED.search(line)]
    return lines[start:] if said else lines


def _without_pips(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines outside of tracebacks through pip itself, which end in what pip was told."""
    index = 0
    while index < len(lines):
        line = lines[index]
        end = _traceback_end(lines, index) if line.strip() == _TRACEBACK else index
        if end > index and any(_OF_PIP.match(one) for one in lines[index:end]):
            index = end
            continue
        yield from lines[index : max(end, index + 1)]
        index = max(end, index + 1)


def _traceback_end(lines: Sequence[str], start: int) -> int:
    """Return the index behind a traceback: behind its first line that isn't further in, and what leads to the next."""
    margin = len(lines[start]) - len(lines[start].lstrip())
    end = start + 1
    while end < len(lines) and (
        not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > margin
    ):
        end += 1
    end += 1
    while end < len(lines) and (not lines[end].strip() or lines[end].strip().startswith(_BETWEEN_TRACEBACKS)):
        end += 1
    return min(end, len(lines))


def shortened(line: str, longest: int = _LONGEST) -> str:
    """Return a line with its middle left out where it is too long: commands end in what they are about.

    >>> shortened("cc " + "-I/usr/include " * 40 + "toy.c", 40)
    'cc -I/usr/include -I ... r/include toy.c'
    """
    if len(line) <= longest:
        return line
    half = (longest - 5) // 2
    return f"{line[: longest - 5 - half + 2].rstrip()} ... {line[len(line) - half + 2 :].lstrip()}"


def error_line(lines: Sequence[str]) -> str:
    """Return the line of a log's end that says what is wrong; empty where there is none.

    Compilers say first what is wrong, and programs that fall down say it last.

    >>> error_line(["+ cc toy.c", "toy.c:1:1: error: no", "error: command cc failed", "Script failed with status 1"])
    'toy.c:1:1: error: no'
    >>> error_line(["+ exit 3", "Script failed with status 3"])
    'exit 3: Script failed with status 3'
    """
    complaint = next((line for line in lines if _COMPLAINT.search(line)), "")
    last_words = next((line for line in reversed(lines) if _LAST_WORDS.search(line)), "")
    ended = next((line for line in reversed(lines) if _ENDED.search(line)), "")
    command = next((line.removeprefix("+ ") for line in reversed(lines) if line.startswith("+ ")), "")
    said = next((line for line in reversed(lines) if line != ended and not line.startswith("+ ")), "")
    is_after = bool(said) and (not command or lines.index(f"+ {command}") < lines.index(said))
    found = complaint or last_words or (said if is_after else "")
    return (found or ": ".join(filter(None, (command, ended)))).strip()

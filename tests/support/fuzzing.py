"""Mutated inputs for readers, and a judge of what a reader makes of one.

An input is told by a seed, a reader's name and a number, so that each can be made again. The judge knows the failures
that a reader may raise on purpose, a bound on CPU time, and, through `support.watch`, what no reader may do.
"""

import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import FrameType

from conda_bridge.errors import BridgeError
from support.watch import watching

__all__ = ["SECONDS", "Reader", "Verdict", "input_of", "judge", "mutated"]

SECONDS = 2.0
"""Of CPU time for one input."""
_LONGEST = 200_000

_EVERYWHERE = (
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\r", b"\r\n", b"\n", b"\t", b" ", b"\\", b"\\\\", b"'", b'"', b"'''", b'"""',
    b"{{", b"}}", b"${{", b"{%", b"%}", b"{#", b"# [win]", b"[", b"]", b"{", b"}", b"(", b")", b"<", b">", b"|", b"&",
    b"*", b"!", b"%", b"@", b"`", b"~", b"$(id)", b"; ", b", ", b": ", b"=", b"==", b"../", b"/", b"..", b"-", b"--",
    b"0", b"-1", b"1e999", b"9" * 30, b"1" * 5000, b"0x", b"nan", b"null", b"true", b"None", b"\xe2\x80\xae",
    b"\xc2\x85", b"\xe2\x80\xa8", b"\xcc\x81", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"\xc3\xa9", b"\xef\xbc\x90",
    "\u0661\u0662".encode(), "\u2167".encode(), "\u0130".encode(), b"\x1b[31m", b"\x7f", b"a" * 3000,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Something that reads what strangers wrote."""

    name: str
    seeds: Callable[[], tuple[bytes, ...]]
    """Good inputs, and bad ones that lead far."""
    read: Callable[[bytes, Path], object]
    """Reads an input; the folder is all that it may write to."""
    tokens: tuple[bytes, ...] = ()
    """Words of the language that is read."""
    make: Callable[[Random], bytes] | None = None
    """Makes an input from scratch, where bytes alone would hardly ever get past the first check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one input."""

    outcome: str
    """`read`, or the code with which the input was refused."""
    seconds: float
    growth_bytes: int
    """By how much the process' peak of memory rose."""
    violation: str = ""
    """What must never happen; empty where all is well."""


class _TooLongError(BaseException):
    """The time is over. Not an Exception, so that no reader takes it for bad input."""


def input_of(reader: Reader, seeds: tuple[bytes, ...], *, seed: int, number: int) -> bytes:
    """Return an input of a reader; the same for the same seed and number."""
    random = Random(f"{seed}/{reader.name}/{number}")
    if reader.make is not None and random.random() < 0.6:
        made = reader.make(random)
        return made if random.random() < 0.7 else mutated(made, random, seeds, reader.tokens)
    return mutated(random.choice(seeds), random, seeds, reader.tokens)


def judge(
    reader: Reader, data: bytes, folder: Path, *, seconds: float = SECONDS, growth_bytes: int = 1 << 28
) -> Verdict:
    """Let a reader read an input and return what came of it.

    Raises:
        KeyboardInterrupt: as ever; every other exception is part of the verdict.
    """
    before, started = _peak_bytes(), time.process_time()
    outcome, problem = "read", ""
    with watching(folder) as seen:
        try:
            with _bounded(seconds):
                reader.read(data, folder)
        except BridgeError as error:
            outcome = error.slug
        except _TooLongError:
            outcome, problem = "too long", f"takes more than {seconds:g} s"
        except Exception as error:  # noqa: BLE001 - any other is what is looked for
            outcome, problem = type(error).__name__, f"{type(error).__name__}: {error!s:.300}"
    growth = _peak_bytes() - before
    if growth > growth_bytes:
        seen.append(f"takes {growth / 1e6:.0f} MB more memory")
    return Verdict(
        outcome=outcome,
        seconds=time.process_time() - started,
        growth_bytes=growth,
        violation="; ".join([problem, *seen] if problem else seen),
    )


def mutated(data: bytes, random: Random, seeds: tuple[bytes, ...], tokens: tuple[bytes, ...]) -> bytes:
    """Return `data` after a few random changes."""
    words = (*tokens, *tokens, *_EVERYWHERE)
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        data = random.choice(_CHANGES)(data, random, seeds, words)[:_LONGEST]
    return data


# ---------------------------------------------------------------- changes


def _place(data: bytes, random: Random) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.choice((0, 1, 1, 2, 4, 16, 64, 400)))


def _insert(data: bytes, random: Random, _seeds: tuple[bytes, ...], words: tuple[bytes, ...]) -> bytes:
    start, _ = _place(data, random)
    return data[:start] + random.choice(words) + data[start:]


def _replace(data: bytes, random: Random, _seeds: tuple[bytes, ...], words: tuple[bytes, ...]) -> bytes:
    start, end = _place(data, random)
    return data[:start] + random.choice(words) + data[end:]


def _delete(data: bytes, random: Random, _seeds: tuple[bytes, ...], _words: tuple[bytes, ...]) -> bytes:
    start, end = _place(data, random)
    return data[:start] + data[end:]


def _flip(data: bytes, random: Random, _seeds: tuple[bytes, ...], _words: tuple[bytes, ...]) -> bytes:
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]


def _repeat(data: bytes, random: Random, _seeds: tuple[bytes, ...], _words: tuple[bytes, ...]) -> bytes:
    start, end = _place(data, random)
    return data[:start] + data[start:end] * random.choice((2, 3, 10, 100, 1000)) + data[end:]


def _cross(data: bytes, random: Random, seeds: tuple[bytes, ...], _words: tuple[bytes, ...]) -> bytes:
    other = random.choice(seeds)
    start, _ = _place(data, random)
    begin, _ = _place(other, random)
    return data[:start] + other[begin:]


def _nest(data: bytes, random: Random, _seeds: tuple[bytes, ...], _words: tuple[bytes, ...]) -> bytes:
    start, end = _place(data, random)
    opening, closing = random.choice(
        (
            (b"(", b")"),
            (b"[", b"]"),
            (b"{", b"}"),
            (b"{a: ", b"}"),
            (b"[[", b"]]"),
            (b"not ", b""),
            (b"-", b""),
        )
    )
    depth = random.choice((3, 30, 300, 3000, 20_000))
    return data[:start] + opening * depth + data[start:end] + closing * depth + data[end:]


def _swap_lines(data: bytes, random: Random, _seeds: tuple[bytes, ...], _words: tuple[bytes, ...]) -> bytes:
    lines = data.split(b"\n")
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]
    return b"\n".join(lines)


def _duplicate_line(
    data: bytes, random: Random, _seeds: tuple[bytes, ...], _words: tuple[bytes, ...]
) -> bytes:
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    return b"\n".join((*lines[:at], *[lines[at]] * random.choice((2, 2, 50, 2000)), *lines[at + 1 :]))


def _unicode(data: bytes, random: Random, _seeds: tuple[bytes, ...], _words: tuple[bytes, ...]) -> bytes:
    start, end = _place(data, random)
    count = random.choice((1, 3, 20))
    text = "".join(
        chr(random.choice((0x7F, 0x2FF, 0x2FFF, 0xD7FF, 0x1FFFF)) - random.randrange(0x7F))
        for _ in range(count)
    )
    return data[:start] + text.encode("utf-8", "surrogatepass") + data[end:]


_CHANGES = (
    _insert, _insert, _insert, _replace, _replace, _replace, _delete, _delete, _flip, _repeat, _cross, _nest,
    _swap_lines, _duplicate_line, _unicode,
)  # fmt: skip


# ---------------------------------------------------------------- bounds


@contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """Raise when the process has worked longer than that."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise _TooLongError

    former = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, former)


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

"""`data/build_hints.toml` -> causes of failed builds: how they show in a log, and what helps."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from conda_bridge.model.tables import read_table
from conda_bridge.translate.log_lines import shortened, without_noise

__all__ = ["Cause", "CauseKind", "HintSlug", "HintTable", "HintTemplate", "hint_table", "telling_lines"]

CauseKind = Literal[
    "text", "generator", "file", "path", "requirement", "rust", "program", "language", "header", "linked", "dependency",
    "pkg-config", "cmake-package", "soname", "run", "version", "plugin", "module",
    "metadata",
]  # fmt: skip
"""What sort of name a line is about. text: none that would have to be looked up."""

HintSlug = Literal[
    "hint-compiler", "hint-file", "hint-library", "hint-network", "hint-requirement", "hint-run-requirement", "hint-tool",
    "hint-version",
]  # fmt: skip

_SLUGS: Mapping[str, HintSlug] = {slug: slug for slug in get_args(HintSlug)}
_KINDS: Mapping[str, CauseKind] = {kind: kind for kind in get_args(CauseKind)}
_LONGEST_AFTERMATH = 80
"""Lines; pip's account has about 40."""
_WORD = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """How one cause shows."""

    needle: str
    """A text that its lines have."""
    pattern: re.Pattern[str]
    """With a group `name`."""
    kind: CauseKind = "text"
    template: str = ""
    """Of a cause of kind `text`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HintTemplate:
    """What is said of a cause."""

    slug: HintSlug
    message: str
    hint: str
    section: str = ""
    """The section of requirements that lacks something; empty where nothing is to be added."""
    adds: tuple[str, ...] = ()
    """What it lacks."""

    def addition(self, words: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
        """Return the section and what is to be added to it, with these words in them."""
        section, *specs = (
            _WORD.sub(lambda match: words[match[1]], text) for text in (self.section, *self.adds)
        )
        return section, tuple(one for spec in specs for one in spec.split(", "))

    def told(self, words: Mapping[str, str]) -> tuple[str, str]:
        """Return the message and the hint with these words in them."""
        message, hint = (_WORD.sub(lambda match: words[match[1]], text) for text in (self.message, self.hint))
        return message, hint


@dataclass(frozen=True, slots=True, kw_only=True)
class HintTable:
    """The whole table."""

    causes: tuple[Cause, ...]
    """The most specific first."""
    templates: tuple[tuple[str, HintTemplate], ...]
    compilers: tuple[tuple[str, str], ...]
    """(program, language)."""
    languages: tuple[tuple[str, tuple[str, str]], ...]
    """(language, (how people call it, the variable with its compiler))."""
    programs: tuple[tuple[str, str], ...]
    """(program, conda package)."""
    plugins: tuple[tuple[str, str], ...]
    """(what a backend calls a plugin, PyPI project or nothing)."""
    modules: tuple[tuple[str, str], ...]
    """(importable module, PyPI project), where their names differ."""
    aftermath: tuple[str, ...]
    """Lines, without blanks at their ends, after which a log says nothing new."""


@cache
def hint_table() -> HintTable:
    """Return the table that ships with conda-bridge."""
    raw = read_table("build_hints")
    return HintTable(
        causes=tuple(
            Cause(
                needle=row["needle"],
                pattern=re.compile(row["pattern"]),
                kind=_KINDS[row.get("kind", "text")],
                template=row.get("template", ""),
            )
            for row in raw["cause"]
        ),
        templates=tuple(
            (
                key,
                HintTemplate(
                    slug=_SLUGS[row["slug"]],
                    message=row["message"],
                    hint=row["hint"],
                    section=row.get("section", ""),
                    adds=tuple(row.get("adds", ())),
                ),
            )
            for key, row in raw["template"].items()
        ),
        compilers=tuple(
            (program, language) for language, names in raw["compilers"].items() for program in names
        ),
        languages=tuple((key, (name, variable)) for key, (name, variable) in raw["languages"].items()),
        programs=tuple(raw["programs"].items()),
        plugins=tuple(raw["plugins"].items()),
        modules=tuple(raw["modules"].items()),
        aftermath=tuple(raw["aftermath"]),
    )


def telling_lines(log_lines: Sequence[str], count: int) -> tuple[str, ...]:
    """Return the last lines of a failed build's log that are about the failure; at most `count`.

    They end before its aftermath, such as pip's own account; see also `without_noise`.

    >>> telling_lines(["cc toy.c", "toy.c:1: error", "error: subprocess-exited-with-error", "Traceback"], 20)
    ('cc toy.c', 'toy.c:1: error')
    """
    aftermath = hint_table().aftermath
    log_lines = without_noise(log_lines) or log_lines
    # What is further away from the end belongs to a failure that the build survived.
    window = range(len(log_lines) - 1, max(-1, len(log_lines) - _LONGEST_AFTERMATH), -1)
    marks = [index for index in window if log_lines[index].strip() in aftermath]
    firsts = [index for index in marks if log_lines[index].strip() == aftermath[0]]
    end = next(iter(firsts or marks), len(log_lines))
    told = [line for line in log_lines[:end] if line.strip()]
    return tuple(map(shortened, (told or log_lines)[-count:]))

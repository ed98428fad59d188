"""Text with Jinja -> text for YAML, in which marks stand for expressions, and what the statements said.

Nothing is rendered. Lines stay where they are: a tag of several lines becomes one line and empty ones. Statements
go and their bodies stay, with the `if`s around each line noted; the bodies of macros and of `{% set %}` blocks
go too, for they aren't part of the recipe where they stand.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from conda_bridge.errors import RecipeError
from conda_bridge.formats.jinja_tags import Tag, tags_of

__all__ = ["Assignment", "MaskedText", "mask_jinja"]

_MAX_BLOCKS = 20
_ASSIGNMENT = re.compile(r"set\s+(\w+(?:\s*,\s*\w+)*)\s*=(?!=)(.*)", re.ASCII | re.DOTALL)
_BLOCKS = frozenset({"if", "for", "macro", "call", "filter", "set", "raw", "block", "with"})
_HIDING = frozenset({"macro", "set"})
_PRIVATE_USE = range(0xE000, 0xF900)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One `{% set %}`."""

    names: tuple[str, ...]
    expression: str
    line: int
    is_conditional: bool
    """Whether it stands in a block: it may not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedText:
    """What `mask_jinja` found."""

    text: str
    mark: str
    """The character around the number of a tag, which the text itself doesn't have."""
    tags: tuple[str, ...]
    """What the marks stand for, as written, by number."""
    guards: tuple[tuple[str, ...], ...]
    """The `if`s around each line, the outermost first; `not (...)` for an `else`."""
    assignments: tuple[Assignment, ...]

    def restored(self, text: str) -> str:
        """Return text with what was written in place of the marks."""
        if self.mark not in text:
            return text
        return re.sub(f"{self.mark}([0-9]{{1,7}}){self.mark}", self._written, text)

    def _written(self, match: re.Match[str]) -> str:
        # An escape of YAML can name the mark's character: then the number may be none of ours.
        number = int(match[1])
        return self.tags[number] if number < len(self.tags) else match[0]


def mask_jinja(lines: Sequence[str]) -> MaskedText:
    """Return the text for YAML of these lines.

    Raises:
        RecipeError: `invalid-yaml` where statements are nested too deeply.
    """
    text = "\n".join(lines)
    used = set(text)
    mark = next((chr(code) for code in _PRIVATE_USE if chr(code) not in used), "")
    if not mark:
        raise RecipeError("invalid-yaml", "the text has every private character there is")
    masker = _Masker(mark=mark)
    position = 0
    for tag in tags_of(text, "v0"):
        masker.add_text(text[position : tag.start])
        masker.add_tag(tag, text[tag.start : tag.end])
        position = tag.end
    masker.add_text(text[position:])
    masker.end_line()
    return MaskedText(
        text="\n".join(masker.lines) + "\n",
        mark=mark,
        tags=tuple(masker.tags),
        guards=tuple(masker.guards),
        assignments=tuple(masker.assignments),
    )


@dataclass(kw_only=True)
class _Block:
    kind: str
    guards: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    """What holds in its next `elif` or `else`."""


@dataclass(kw_only=True)
class _Masker:
    mark: str
    lines: list[str] = field(default_factory=list)
    guards: list[tuple[str, ...]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    blocks: list[_Block] = field(default_factory=list)
    parts: list[tuple[Tag | None, str]] = field(default_factory=list)
    """(tag, its text) or (None, other text) of the line so far."""

    def add_text(self, text: str) -> None:
        first, *others = text.split("\n")
        self.parts.append((None, first))
        for other in others:
            self.end_line()
            self.parts.append((None, other))

    def add_tag(self, tag: Tag, written: str) -> None:
        self.parts.append((tag, written))

    def end_line(self) -> None:
        parts, self.parts = self.parts, []
        keeps_statements = _is_inline(parts)
        masked: list[str] = []
        guards: tuple[str, ...] | None = None
        for tag, written in parts:
            if tag is not None and tag.kind == "comment":
                continue
            if tag is not None and tag.kind == "statement" and not keeps_statements:
                self.run(tag.inner)
                continue
            if any(block.kind in _HIDING for block in self.blocks):
                continue
            masked.append(written if tag is None else self.masked(written))
            if guards is None and written.strip():
                guards = self.current_guards()
        height = 1 + sum(written.count("\n") for tag, written in parts if tag is not None)
        self.lines += ["".join(masked).rstrip(), *[""] * (height - 1)]
        self.guards += [guards or ()] * height

    def masked(self, written: str) -> str:
        self.tags.append(written)
        return f"{self.mark}{len(self.tags) - 1}{self.mark}"

    def current_guards(self) -> tuple[str, ...]:
        return tuple(guard for block in self.blocks for guard in block.guards)

    def run(self, statement: str) -> None:
        """Note what a statement does to the lines after it."""
        word = _word(statement)
        assignment = _ASSIGNMENT.fullmatch(statement)
        if assignment is not None:
            self.assign(assignment)
        elif word in _BLOCKS:
            condition = statement[2:].strip()
            self.blocks.append(
                _Block(kind=word, guards=(condition,), otherwise=(f"not ({condition})",))
                if word == "if"
                else _Block(kind=word)
            )
        elif word in {"elif", "else"} and self.blocks and self.blocks[-1].kind == "if":
            block = self.blocks[-1]
            condition = statement[4:].strip()
            block.guards = (*block.otherwise, condition) if word == "elif" else block.otherwise
            block.otherwise = (*block.otherwise, f"not ({condition})")
        elif word.startswith("end"):
            self.close(word.removeprefix("end"))
        if len(self.blocks) > _MAX_BLOCKS or (self.blocks and len(self.blocks[-1].guards) > _MAX_BLOCKS):
            line = f"line {len(self.lines) + 1}"
            raise RecipeError("invalid-yaml", "deep nesting of statements is refused in a recipe", where=line)

    def assign(self, match: re.Match[str]) -> None:
        self.assignments.append(
            Assignment(
                names=tuple(name.strip() for name in match[1].split(",")),
                expression=match[2].strip(),
                line=len(self.lines) + 1,
                is_conditional=bool(self.blocks),
            )
        )

    def close(self, kind: str) -> None:
        for index in range(len(self.blocks) - 1, -1, -1):
            if self.blocks[index].kind == kind:
                del self.blocks[index:]
                return


def _word(statement: str) -> str:
    match = re.match(r"[a-z]+", statement)
    return "" if match is None else match[0]


def _is_inline(parts: Sequence[tuple[Tag | None, str]]) -> bool:
    """Return whether a line's statements are part of its text: it begins with text, and they end on it."""
    balance = 0
    has_begun = False
    for tag, written in parts:
        if tag is None or tag.kind == "expression":
            has_begun = has_begun or bool(written.strip())
        elif tag.kind == "statement":
            word = _word(tag.inner)
            if not has_begun or _ASSIGNMENT.fullmatch(tag.inner):
                return False
            balance += word in _BLOCKS
            balance -= word.startswith("end")
    return balance == 0

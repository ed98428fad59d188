"""`attr:` and `file:` of setuptools, and version files of other backends -> the text that they stand for."""

import re
from collections.abc import Iterable

from conda_bridge.infer.project.evaluator.files import SourceFiles
from conda_bridge.infer.project.evaluator.machine import Machine
from conda_bridge.infer.project.evaluator.modules import SOURCE_FOLDERS, Modules
from conda_bridge.infer.project.evaluator.operators import text_of
from conda_bridge.infer.project.evaluator.regex import UnsafePatternError, find_matches
from conda_bridge.infer.project.evaluator.values import BudgetSpentError, Unknown, Value
from conda_bridge.infer.project.pyproject import is_inside_source
from conda_bridge.model.project import Known
from conda_bridge.model.source import SourceFacts

__all__ = ["attribute_text", "file_text", "module_attribute", "module_docstring", "pattern_text"]

_MAX_SPENT = 300_000


def attribute_text(facts: SourceFacts, name: str, *, folders: Iterable[str] = ()) -> Known[str] | None:
    """Return the text of `package.module.ATTRIBUTE`; None where it can't be known.

    Source: setuptools, `attr:` directive.
    """
    module_name, _, attribute = name.strip().rpartition(".")
    known_folders = tuple(dict.fromkeys((*folders, *SOURCE_FOLDERS)))
    module = Modules(SourceFiles(facts)).find(module_name or "__init__", folders=known_folders)
    return module_attribute(facts, module.path, attribute) if module else None


def module_attribute(facts: SourceFacts, path: str, attribute: str) -> Known[str] | None:
    """Return the text of a module's name by following the module; None where it can't be known."""
    try:
        value: Value = Machine(SourceFiles(facts)).attribute(path, attribute)
    except BudgetSpentError:
        return None
    if isinstance(value, tuple | list) and value and all(isinstance(part, int | str) for part in value):
        # setuptools joins version tuples.
        value = ".".join(map(str, value))
    text = None if isinstance(value, Unknown) or value is None else text_of(value)
    return Known(value=text, origin=_place(facts, path, attribute)) if text else None


def module_docstring(facts: SourceFacts, path: str) -> Known[str] | None:
    """Return the first line of a module's docstring."""
    known = module_attribute(facts, path, "__doc__")
    lines = known.value.strip().splitlines() if known else []
    return Known(value=lines[0].strip(), origin=f"{path}:1") if lines else None


def file_text(facts: SourceFacts, paths: Iterable[str]) -> str | None:
    """Return the texts of files of the source, joined; None where one of them isn't known.

    Files that the source hasn't got are left out, as setuptools does.
    """
    texts: list[str] = []
    for path in paths:
        clean = path.strip().removeprefix("./")
        if not is_inside_source(clean):
            return None
        text = facts.text(clean)
        if text is None and facts.has(clean):
            return None
        texts += [] if text is None else [text]
    return "\n".join(texts) if texts else None


def pattern_text(facts: SourceFacts, path: str, pattern: str, *, group: str) -> Known[str] | None:
    """Return a named group of a pattern's first match in a file; None where there is none.

    Raises:
        UnsafePatternError: the pattern could take too long.
    """
    text = facts.text(path)
    if text is None:
        return None
    budget = _Budget()
    for match in find_matches(pattern, text, flags=int(re.MULTILINE), spend=budget.spend):
        line = text.count("\n", 0, match.start()) + 1
        value = match.groupdict().get(group)
        return Known(value=value, origin=f"{path}:{line}") if value else None
    return None


class _Budget:
    """Adds up what the lines of one search may cost."""

    def __init__(self) -> None:
        self._left = _MAX_SPENT

    def spend(self, cost: int) -> None:
        self._left -= cost
        if self._left < 0:
            raise UnsafePatternError("the file has too many lines to search")


def _place(facts: SourceFacts, path: str, name: str) -> str:
    """Return the line of a name's assignment, or the file."""
    for number, line in enumerate((facts.text(path) or "").splitlines(), 1):
        if line.startswith(name) and re.match(rf"{re.escape(name)}\s*[:=]", line):
            return f"{path}:{number}"
    return path

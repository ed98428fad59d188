"""The egg-info folder of an old sdist -> what one earlier build of it came out as.

It was written on the maintainer's machine, so that requirements which setup.py computes may differ elsewhere.

Source: setuptools, `egg_info` command.
"""

from conda_bridge.infer.project.setuptools_values import (
    entry_point_lines,
    ini_sections,
    requirement_texts,
    sorted_extras,
)
from conda_bridge.infer.project.statements import RequirementLine, Statement
from conda_bridge.model.project import Known
from conda_bridge.model.source import SourceFacts

__all__ = ["egg_info_folder", "read_egg_info"]

_FOLDERS = ("", "src", "lib", "python")
_SUFFIX = ".egg-info"


def egg_info_folder(facts: SourceFacts) -> str:
    """Return the one egg-info folder of the project; empty where there is none or are several."""
    folders = {path.rpartition("/")[0] for path in facts.paths if path.endswith(f"{_SUFFIX}/PKG-INFO")}
    own = [folder for folder in sorted(folders) if folder.rpartition("/")[0] in _FOLDERS]
    return own[0] if len(own) == 1 else ""


def read_egg_info(facts: SourceFacts) -> Statement:
    """Return what requires.txt, entry_points.txt and top_level.txt record; a silent statement without them.

    setuptools writes requires.txt only where there is something to require.
    """
    folder = egg_info_folder(facts)
    if not folder:
        return Statement(file=_SUFFIX, is_firm=False)
    path = f"{folder}/requires.txt"
    requires = facts.text(path)
    is_complete = facts.has(f"{folder}/SOURCES.txt") and not (facts.has(path) and requires is None)
    sections = ini_sections(requires or "")
    base, extras = sorted_extras((name, _lines(lines, path)) for name, lines in sections)
    scripts_path = f"{folder}/entry_points.txt"
    scripts = entry_point_lines(ini_sections(facts.text(scripts_path) or ""), origin=scripts_path)
    return Statement(
        file=folder,
        is_firm=False,
        dependencies=base if base or is_complete else None,
        extras=extras if extras or is_complete else None,
        entry_points=scripts if scripts or is_complete else None,
        top_levels=_top_levels(facts, folder),
    )


def _lines(lines: list[str], path: str) -> tuple[RequirementLine, ...]:
    return tuple(RequirementLine(text=text, origin=f"{path}#/{text}") for text in requirement_texts(lines))


def _top_levels(facts: SourceFacts, folder: str) -> tuple[Known[str], ...] | None:
    path = f"{folder}/top_level.txt"
    names = (facts.text(path) or "").split()
    return tuple(Known(value=name, origin=path, is_declared=False) for name in names) or None

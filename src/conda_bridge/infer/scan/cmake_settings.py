"""What one CMake file says to others: the values of options, the folders that are built, where a project begins.

Signals, which `infer.libraries.cmake_tree` puts together: `cmake-option` is `NAME=VALUE`, the value empty where it is
unknown; `cmake-folder` a folder or a `.cmake` file, relative to the file or to the project, `...` where it is unknown.
"""

import re

from conda_bridge.infer.scan.cmake_text import CMakeFile, Command
from conda_bridge.infer.scan.found import Found
from conda_bridge.infer.scan.tokens import is_token_name

__all__ = ["UNKNOWN_FOLDER", "keep_folder", "keep_option", "keep_setting"]

UNKNOWN_FOLDER = "..."
_OPTION = re.compile(r"[A-Za-z_]\w{0,80}")
_VALUE = re.compile(r"[\w.+-]{1,60}")
_TRUTHS = frozenset({"ON", "OFF", "TRUE", "FALSE", "YES", "NO", "0", "1"})
_FEW_WORDS = 2
_PLACES = re.compile(r"^\$\{[^}]*(?:SOURCE_DIR|LIST_DIR)\}/?")


def keep_option(found: Found, command: Command) -> None:
    """Keep the default of `option(X "text" ON)`, or of `cmake_dependent_option(X "text" ON "A;NOT B" OFF)`."""
    words, where = command.words, command.where
    if not _OPTION.fullmatch(words[0]):
        return
    value = words[2] if len(words) > _FEW_WORDS else "OFF"
    if command.name == "cmake_dependent_option" and len(words) > _FEW_WORDS + 1:
        when = tuple(
            f"{'!' if negation else ''}{name}"
            for negation, name in re.findall(r"(?:^|;)\s*(NOT\s+)?(\w+)(?=\s*(?:;|$))", words[3])
        )
        _keep(found, command, words[0], words[4] if len(words) > _FEW_WORDS + 2 else "OFF")
        where = where.within(where.platforms, when=when)
    text = value if _VALUE.fullmatch(value) else ""
    found.add("cmake-option", f"{words[0]}={text}", command.line, where)


def keep_setting(found: Found, known: CMakeFile, command: Command) -> None:
    """Keep what `set` makes of a variable that may be an option: a truth, a choice in the cache, an option's value."""
    words = command.words
    is_cached = "CACHE" in words
    values = words[1 : words.index("CACHE")] if is_cached else words[1:]
    values = tuple(value for value in values if value != "PARENT_SCOPE")
    is_truth = len(values) == 1 and values[0].upper() in _TRUTHS
    if (is_cached or is_truth or words[0] in known.options) and _OPTION.fullmatch(words[0]):
        _keep(found, command, words[0], values[0] if len(values) == 1 else "")


def _keep(found: Found, command: Command, name: str, value: str) -> None:
    text = value if _VALUE.fullmatch(value) else ""
    found.add("cmake-option", f"{name}={text}", command.line, command.where)


def keep_folder(found: Found, known: CMakeFile, command: Command, word: str) -> None:
    """Keep a folder that is added, or a file that is included."""
    for value in known.expanded((word,)):
        folder = _PLACES.sub("", value).strip("/")
        folder = re.sub(r"^(?:\./)+", "", folder)
        is_plain = is_token_name(folder) and "$" not in folder
        found.add("cmake-folder", folder if is_plain else UNKNOWN_FOLDER, command.line, command.where)

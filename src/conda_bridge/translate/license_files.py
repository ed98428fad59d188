"""A source's paths and the project's declared patterns -> the licence files that a recipe should name.

Vocabulary: a path is *aside* where it lies in a folder of tests, documentation or other projects' code: what it says
is not what the project says, unless the project declares it.
"""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from conda_bridge.errors import TranslationError
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.project import Known

__all__ = [
    "is_license_file",
    "is_main_license",
    "license_file_findings",
    "license_files",
    "matches_glob",
    "reuse_license",
]

_LICENSE = re.compile(
    r"(?:un)?licen[cs]e[sd]?(?:[-_. ].*)?|copying(?:[-_. ].*)?|copyright(?:[-_.](?:txt|md|rst))?|eula(?:[-_. ].*)?|"
    r"(?:mit|bsd|apache|gpl|lgpl|agpl|mpl|isc|psf|zlib)[-_. ]?licen[cs]e(?:[-_. ].*)?|"
    # The GNU texts are often kept under the names that gnu.org gives them: `lgpl.txt`, `gpl-3.0.txt`.
    r"(?:gnu[-_ ]?)?(?:[al]?gpl|fdl|gfdl)[-_. ]?(?:v?\d(?:\.\d)?)?(?:\.(?:txt|md|rst))?"
)
_PLAIN = re.compile(r"(?:(?:un)?licen[cs]e|copying)(?:\.(?:txt|md|rst))?")
_NOTICE = re.compile(r"notices?(?:[-_. ].*)?")
_THIRD_PARTY = re.compile(
    r"(?:licen[cs]es?[-_. ])?(?:third|3rd)[-_ ]?part(?:y|ies)(?:[-_. ]?(?:notices?|licen[cs]es?))?(?:\..*)?"
)
_PEOPLE = re.compile(r"(?:authors|contributors|credits|maintainers|thanks)(?:[-_. ].*)?")
# Beginnings of files, templates of headers and settings of licence checkers are called licences, too.
_NO_TEXT = re.compile(r"header|template|check|boilerplate|cheat|key(?![a-z])|\.in\Z|\.j2\Z|\.license\Z")
_CODE = frozenset({
    ".asc", ".bat", ".c", ".cc", ".cfg", ".cmake", ".cpp", ".css", ".csv", ".db", ".diff", ".gif", ".go", ".gz", ".h", ".hpp",
    ".ico", ".ini", ".ipynb", ".java", ".jinja", ".jinja2", ".jl", ".jpg", ".js", ".json", ".json5", ".jsx", ".lock", ".lua",
    ".m", ".map", ".mo", ".mustache", ".patch", ".pdf", ".png", ".po", ".pot", ".ps1", ".py", ".pyc", ".pyi", ".pyx", ".r", ".rb",
    ".rs", ".scss", ".sh", ".sha256", ".sig", ".snap", ".spdx", ".sql", ".svelte", ".svg", ".tmpl", ".toml", ".tpl", ".ts",
    ".tsv", ".tsx", ".vue", ".xml", ".yaml", ".yml", ".zip",
})  # fmt: skip
_ASIDE = (
    r"(?i)(?:tests?|testing|testsuite|test[-_]?data|fixtures?|docs?|documentation|examples?|samples?|demos?|tutorials?|benchmarks?|"
    r"vendor|vendored|_vendor|_vendored|third[-_]?party|3rd[-_]?party|extern|external|externals|deps|dependencies|"
    r"submodules?|subprojects|node_modules|site-packages|bower_components|templates?|cookiecutter.*|\{\{.*|\..+|"
    r".*\.egg-info|.*\.dist-info|build|dist|debian|rpm|packaging|assets|static|fonts?|icons|data|locale|scripts|tools|ci)"
)
_REUSE_FOLDER = "LICENSES"
_LONGEST_PATTERN = 1_000
_GLOB = r"[*?\[]"
_OUTSIDE = r"\A/|\A[A-Za-z]:|(?:\A|/)\.\.(?:/|\Z)"


def license_files(paths: Iterable[str], declared: tuple[Known[str], ...]) -> tuple[str, ...]:
    """Return the licence files among a source's paths, the main one first.

    The project's own patterns decide; where they match nothing, or there are none, the names do: first the files
    in the top folder, else those of REUSE's `LICENSES`, else the ones nearest to the top that are not aside. Lists of
    authors are left out: PEP 639's default globs have them, but they are no licences.

    Raises:
        TranslationError: `license-outside-source` for a pattern that leaves the source.

    Source: PEP 639, license-files; REUSE specification, LICENSES.
    """
    known, patterns = sorted(frozenset(paths)), _patterns(declared)
    plain, globs = frozenset(patterns), [pattern for pattern in patterns if re.search(_GLOB, pattern)]
    chosen = [path for path in known if path in plain or any(matches_glob(glob, path) for glob in globs)]
    listed = [path for path in chosen if not _PEOPLE.fullmatch(_name(path))]
    return tuple(sorted(listed or _found(known), key=_rank))


def license_file_findings(paths: Iterable[str], declared: tuple[Known[str], ...]) -> tuple[Diagnostic, ...]:
    """Return a finding for each declared licence file or pattern that matches nothing in the source."""
    known = frozenset(paths)
    return tuple(
        finding("license-file-unmatched", f"no file of the source matches {row.value!r}", origin=row.origin)
        for row, pattern in zip(declared, _patterns(declared), strict=True)
        if pattern not in known
        and not (re.search(_GLOB, pattern) and any(matches_glob(pattern, path) for path in known))
    )


def is_license_file(path: str) -> bool:
    """Tell whether a file's name says that it is a licence, a notice or a list of third parties' licences."""
    name = _name(path)
    if PurePosixPath(name).suffix in _CODE or _NO_TEXT.search(name):
        return False
    if reuse_license(path):
        return True
    return any(kind.fullmatch(name) for kind in (_LICENSE, _NOTICE, _THIRD_PARTY))


def is_main_license(path: str) -> bool:
    """Tell whether a file is a licence of the project's own: no notice, no list of other projects' licences."""
    name = _name(path)
    return is_license_file(path) and not _NOTICE.fullmatch(name) and not _THIRD_PARTY.fullmatch(name)


def reuse_license(path: str) -> str:
    """Return the licence that a file in REUSE's folder is named after; empty for any other file.

    >>> reuse_license("LICENSES/MIT.txt")
    'MIT'
    """
    folder, _, name = path.rpartition("/")
    if PurePosixPath(folder).name != _REUSE_FOLDER:
        return ""
    return name.removesuffix(".txt").removesuffix(".md")


def _patterns(declared: tuple[Known[str], ...]) -> list[str]:
    patterns = [row.value.replace("\\", "/").removeprefix("./") for row in declared]
    for row, pattern in zip(declared, patterns, strict=True):
        # A plain path outside can't match anything: only a glob could be meant to gather files there.
        if re.search(_GLOB, pattern) and re.search(_OUTSIDE, pattern):
            message = f"the licence files {row.value!r} lie outside the source"
            raise TranslationError("license-outside-source", message, where=row.origin)
    return patterns


def matches_glob(pattern: str, path: str) -> bool:
    """Tell whether a glob matches a path: `*`, `?` and `[...]` stay in a folder, `**` stands for any number of folders.

    Both are followed part by part, so that no pattern of a stranger can take long; an endless one matches nothing.
    """
    # The time of `fnmatch` grows with the square of a part's length where it has many brackets.
    if len(pattern) > _LONGEST_PATTERN:
        return False
    parts = pattern.split("/")
    if parts[-1] == "**":
        parts.append("*")
    # How many parts of the pattern may have been used up by the path so far.
    used = _past_any_folders({0}, parts)
    for name in path.split("/"):
        stayed = {n for n in used if parts[n : n + 1] == ["**"]}
        moved = {n + 1 for n in used - stayed if n < len(parts) and fnmatchcase(name, parts[n])}
        used = _past_any_folders(stayed | moved, parts)
    return len(parts) in used


def _past_any_folders(used: set[int], parts: list[str]) -> set[int]:
    """Add the places that are reached by letting each `**` stand for no folder."""
    reached = set(used)
    for place in sorted(used):
        after = place + 1
        while parts[after - 1 : after] == ["**"] and after not in reached:
            reached.add(after)
            after += 1
    return reached


def _found(known: list[str]) -> list[str]:
    """Return the licence files that the names tell."""
    named = [path for path in known if is_license_file(path)]
    top = [path for path in named if "/" not in path]
    if any(is_main_license(path) for path in top):
        return top
    reuse = [path for path in named if path.startswith(f"{_REUSE_FOLDER}/")]
    if reuse:
        return [*top, *reuse]
    nested = [path for path in named if "/" in path and not _is_aside(path)]
    nearest = min((path.count("/") for path in nested if is_main_license(path)), default=0)
    return [*top, *(path for path in nested if path.count("/") == nearest)]


def _is_aside(path: str) -> bool:
    return any(re.fullmatch(_ASIDE, folder) for folder in path.split("/")[:-1])


def _rank(path: str) -> tuple[int, int, str]:
    """Order by depth, then the main licence, other licences, notices, other projects' licences."""
    name = _name(path)
    kinds = (_PLAIN, _THIRD_PARTY, _NOTICE)
    kind = next((kind for kind in kinds if kind.fullmatch(name)), None)
    return (path.count("/"), {_PLAIN: 0, None: 1, _NOTICE: 2, _THIRD_PARTY: 3}[kind], path)


def _name(path: str) -> str:
    return path.rpartition("/")[2].lower()

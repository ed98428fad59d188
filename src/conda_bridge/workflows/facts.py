"""Facts of a source become a file, so that inference can be replayed without the source or the network.

Such a file may be a stranger's: it is held to the rules that archives are, and what it says of this machine is no
reason to read anything there.
"""

import re
from pathlib import Path

from conda_bridge.archives.paths import checked_path, shown
from conda_bridge.errors import SourceError, UsageError
from conda_bridge.model.source import GitOrigin, LocalOrigin, SourceFacts, SourceOrigin, UrlOrigin
from conda_bridge.sources.repository_licenses import LICENSE_NAMES
from conda_bridge.workflows.codec import dumps, loads
from conda_bridge.workflows.writing import write_files

__all__ = ["SUFFIX", "is_facts_file", "load_facts", "refuse_local_build", "save_facts"]

SUFFIX = ".facts.json"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SCHEMES = ("https://", "http://")


def is_facts_file(source: str) -> bool:
    """Tell whether a source, as typed, is a facts file: `<anything>.facts.json`."""
    return source.endswith(SUFFIX)


def save_facts(facts: SourceFacts, path: str) -> None:
    """Write the facts to `path`, which must end in `.facts.json` so that commands know it for what it is.

    Raises:
        UsageError: `usage` where it ends differently, `not-writable`.
    """
    if not is_facts_file(path):
        raise UsageError("usage", f"a facts file is called <anything>{SUFFIX}, not {path!r}")
    write_files({Path(path): dumps(facts, SourceFacts)})


def load_facts(path: str) -> SourceFacts:
    """Return the facts that `save_facts` wrote.

    Raises:
        UsageError: `invalid-document`.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("invalid-document", f"can't be read: {error}", where=path) from error
    facts = loads(text, SourceFacts, where=path)
    problem = _wrong_path(facts) or _wrong_file_beside(facts) or _wrong_origin(facts.origin)
    if problem:
        raise UsageError("invalid-document", problem, where=path)
    return facts


def refuse_local_build(facts: SourceFacts, path: str) -> None:
    """Refuse to run the backend of a source that a facts file says is on this machine.

    Raises:
        UsageError: `usage`.
    """
    if isinstance(facts.origin, LocalOrigin):
        message = f"--run-backend doesn't read {shown(facts.origin.path)} because a facts file names it"
        raise UsageError(
            "usage", message, where=path, hint="give the source itself, or leave --run-backend out"
        )


def _wrong_path(facts: SourceFacts) -> str:
    """Return what is wrong with a path; empty where nothing is."""
    entries = (entry.path for entry in facts.files)
    for path in (*entries, *(path for path, _ in facts.texts), *(one.path for one in facts.signals)):
        try:
            is_good = path != "" and checked_path(path) == path
        except SourceError as error:
            return error.message
        if not is_good:
            return f"the path {shown(path)} is not as short as it could be"
    return ""


def _wrong_file_beside(facts: SourceFacts) -> str:
    for name in facts.beside:
        if name not in LICENSE_NAMES:
            return f"{shown(name)} is no licence file that goes beside a recipe"
        if facts.text(name) is None or not facts.has(name):
            return f"there is no text of {name}, which goes beside the recipe"
    return ""


def _wrong_origin(origin: SourceOrigin) -> str:
    match origin:
        case UrlOrigin(url=url, sha256=sha256, filename=filename):
            if not url.startswith(_SCHEMES):
                return f"the source's address {shown(url)} is none of the web"
            if not _SHA256.fullmatch(sha256):
                return f"the source's sha256 is {shown(sha256)}"
            is_bare = filename not in {"", ".", ".."} and not set(filename) & set("/\\:\0")
            return "" if is_bare else f"the source's file name is {shown(filename)}"
        case GitOrigin(url=url, commit=commit):
            if not (url.startswith("https://") and _COMMIT.fullmatch(commit)):
                return f"{shown(commit)} of {shown(url)} is no commit of a repository that is fetched"
        case LocalOrigin():
            pass  # nothing is read there, see `refuse_local_build`
    return ""

"""Facts of a source become a file, so that inference can be replayed without the source or the network."""

from pathlib import Path

from conda_bridge.errors import UsageError
from conda_bridge.model.source import SourceFacts
from conda_bridge.workflows.codec import dumps, loads
from conda_bridge.workflows.writing import write_files

__all__ = ["SUFFIX", "is_facts_file", "load_facts", "save_facts"]

SUFFIX = ".facts.json"


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
    return loads(text, SourceFacts, where=path)

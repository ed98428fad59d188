"""Facts from a plain tree of files or from a mapping, without archives and without the network."""

from collections.abc import Mapping
from pathlib import Path

from packaging.version import Version

from conda_bridge.infer.scan import is_scanned, is_wanted_text, scan
from conda_bridge.infer.scan.aside import folders_of
from conda_bridge.model.source import (
    DirectoryRef,
    FileEntry,
    IndexFacts,
    LocalOrigin,
    Signal,
    SourceFacts,
    SourceRef,
)

__all__ = ["facts_of_texts", "facts_of_tree", "index_facts", "signals_of"]


def facts_of_tree(
    path: Path, *, label: str = "", ref: SourceRef | None = None, index: IndexFacts | None = None
) -> SourceFacts:
    """Return the facts of the directory `path`; files that aren't UTF-8 have no text."""
    texts: dict[str, str | None] = {}
    for file in sorted(path.rglob("*")):
        if file.is_file():
            try:
                texts[file.relative_to(path).as_posix()] = file.read_bytes().decode()
            except UnicodeDecodeError:
                texts[file.relative_to(path).as_posix()] = None
    return facts_of_texts(texts, label=label or path.name, ref=ref, index=index)


def facts_of_texts(
    texts: Mapping[str, str | None],
    *,
    label: str = "demo",
    ref: SourceRef | None = None,
    index: IndexFacts | None = None,
) -> SourceFacts:
    """Return the facts of a source with these files; None stands for a file without text."""
    own = folders_of(label)
    sizes = {path: len((text or "").encode()) for path, text in texts.items()}
    kept = {
        path: text
        for path, text in sorted(texts.items())
        if text is not None and is_wanted_text(path, sizes[path])
    }
    return SourceFacts(
        ref=ref or DirectoryRef(text=label, path=f"/projects/{label}"),
        origin=LocalOrigin(path=f"/projects/{label}"),
        label=label,
        files=tuple(FileEntry(path=path, size_bytes=sizes[path]) for path in sorted(texts)),
        texts=tuple(kept.items()),
        signals=tuple(
            signal
            for path, text in sorted(texts.items())
            if text and (path in kept or is_scanned(path, sizes[path], own=own))
            for signal in signals_of(path, text)
        ),
        index=index,
    )


def index_facts(version: str, *, wheel_metadata: str = "", wheel: str = "") -> IndexFacts:
    """Return what an index says of a version, perhaps with the core metadata of one wheel."""
    return IndexFacts(
        index_url="https://index.example/simple",
        version=Version(version),
        wheels=(wheel,) if wheel else (),
        wheel_metadata=wheel_metadata,
        wheel_metadata_file=wheel,
    )


def signals_of(path: str, text: str) -> tuple[Signal, ...]:
    """Return what scanners find in a file with this text."""
    return scan(path, text.encode(), text)

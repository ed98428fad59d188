"""Facts -> the files that they were read from, in a folder of ours, for the few who need more than facts."""

from pathlib import Path

from conda_bridge.archives.unpacking import copy_files, unpack_archive
from conda_bridge.errors import SourceError
from conda_bridge.model.options import NetworkOptions
from conda_bridge.model.source import FileLink, GitOrigin, GitRef, LocalOrigin, SourceFacts, UrlOrigin
from conda_bridge.protocols import Fetcher
from conda_bridge.sources.git import checkout
from conda_bridge.sources.indexes import local_path

__all__ = ["write_tree"]


def write_tree(facts: SourceFacts, folder: str, *, fetcher: Fetcher, network: NetworkOptions) -> None:
    """Write the files of a source to `folder`, which is made, and nothing beside them.

    Raises:
        SourceError: the source can't be had any more, is not what it was, or is unsafe.
    """
    Path(folder).mkdir()
    match facts.origin:
        case UrlOrigin(url=url, sha256=sha256, filename=filename):
            archive = fetcher.get_file(FileLink(filename=filename, url=url, sha256=sha256))
            unpack_archive(archive, folder, paths=facts.paths)
        case GitOrigin(url=url, commit=commit):
            subdirectory = facts.ref.subdirectory if isinstance(facts.ref, GitRef) else ""
            ref = GitRef(text=facts.ref.text, url=url, revision=commit, subdirectory=subdirectory)
            with checkout(ref, network) as tree:
                copy_files(tree.folder, folder, paths=facts.paths)
        case LocalOrigin(path=path, sha256=sha256):
            local = str(local_path(path)) if path.startswith("file:") else path
            if not Path(local).exists():
                raise SourceError("unreadable-source", "it is no longer there", where=local)
            write = unpack_archive if sha256 or Path(local).is_file() else copy_files
            write(local, folder, paths=facts.paths)

"""The user's PEP 804 documents are read beside the mapping that ships; DepURLs are explained by both."""

from collections.abc import Iterable
from pathlib import Path

from conda_bridge.errors import ConfigError
from conda_bridge.model.external import ExternalMapping
from conda_bridge.translate.external import external_mapping
from conda_bridge.translate.external_documents import combined_mappings, parse_external_document

__all__ = ["mapping_of"]

_LARGEST = 20_000_000


def mapping_of(paths: Iterable[str]) -> ExternalMapping:
    """Return the mapping that ships, with the documents at `paths` before it.

    Raises:
        ConfigError: `invalid-config` for a file that can't be read or is no such document.
    """
    return combined_mappings(external_mapping(), (_read(Path(path)) for path in paths))


def _read(path: Path) -> ExternalMapping:
    try:
        # A device or a pipe could go on for ever.
        if not path.is_file():
            raise ConfigError("invalid-config", "there is no such mapping document", where=str(path))
        if path.stat().st_size > _LARGEST:
            raise ConfigError("invalid-config", "it is too large for a mapping document", where=str(path))
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("invalid-config", f"can't be read: {error}", where=str(path)) from error
    return parse_external_document(text, where=str(path))

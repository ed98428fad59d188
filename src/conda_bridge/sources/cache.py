"""What was fetched -> what need not be fetched again: files by sha256, pages and metadata by what they are of.

Everything is written aside and renamed, so that several threads and processes share one cache and an
interrupted write leaves nothing behind. Names in the cache are digests: no URL, and so no password, is one.

    files/<2>/<62>/<file name>    by the file's sha256; metadata of wheels beside their digest
    pages/<2>/<62>                by the sha256 of the URL; one line of JSON, then the body
    tmp/                          unfinished
"""

import hashlib
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

__all__ = ["Cache", "CachedPage", "UnfinishedFile", "max_age_of"]

_DEFAULT_MAX_AGE_S = 600
_LONGEST_MAX_AGE_S = 86_400


def max_age_of(cache_control: str) -> int:
    """Return for how many seconds an answer is fresh; ten minutes where the server doesn't say.

    >>> max_age_of("public, max-age=60")
    60
    """
    directives = [part.strip().lower() for part in cache_control.split(",")]
    if "no-cache" in directives or "no-store" in directives:
        return 0
    ages = [part.partition("=")[2] for part in directives if part.startswith("max-age=")]
    age = int(ages[0]) if ages and ages[0].isdigit() else _DEFAULT_MAX_AGE_S
    return min(age, _LONGEST_MAX_AGE_S)


class UnfinishedFile(Protocol):
    """A file that is being written."""

    @property
    def name(self) -> str:
        """Its path."""
        ...

    def write(self, data: bytes, /) -> int:
        """Append bytes."""
        ...

    def close(self) -> None:
        """End the writing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedPage:
    """An answer of an index, and until when it is good."""

    url: str
    """After redirects, without credentials."""
    status: int
    """200, or 404: that a project is not there is worth remembering too."""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    fetched_at: float
    """Seconds since the epoch."""
    max_age_s: int
    body: bytes = b""

    @property
    def is_fresh(self) -> bool:
        """Whether the server need not be asked again."""
        return 0 <= time.time() - self.fetched_at < self.max_age_s

    def revalidated(self, headers: Mapping[str, str]) -> "CachedPage":
        """Return the page as the server has just confirmed it."""
        return replace(self, fetched_at=time.time(), max_age_s=max_age_of(headers.get("cache-control", "")))


class Cache:
    """A folder of things fetched. Safe to share between threads and processes."""

    def __init__(self, folder: str) -> None:
        """Keep things in `folder`; empty means the user's cache folder."""
        self._chosen = folder

    @cached_property
    def folder(self) -> Path:
        """Where things are kept."""
        if self._chosen:
            return Path(self._chosen)
        import platformdirs  # noqa: PLC0415 - not needed where nothing is fetched

        return Path(platformdirs.user_cache_dir("conda-bridge", appauthor=False))

    # ------------------------------------------------------------ files

    def find_file(self, sha256: str, filename: str) -> str | None:
        """Return the path of a file; None where it is missing or no longer what it was."""
        path = self._file(sha256, filename)
        try:
            with path.open("rb") as file:
                is_good = hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except OSError:
            return None
        return str(path) if is_good else None

    @contextmanager
    def unfinished(self) -> Iterator[UnfinishedFile]:
        """Open a file to be written and published; whatever isn't published is removed."""
        folder = self.folder / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            try:
                yield file
            finally:
                file.close()
                Path(file.name).unlink(missing_ok=True)

    def publish(self, file: UnfinishedFile, sha256: str, filename: str) -> str:
        """Give an unfinished file its place, and return its path."""
        path = self._file(sha256, filename)
        _move(file, path)
        return str(path)

    def _file(self, sha256: str, filename: str) -> Path:
        return self.folder / "files" / sha256[:2] / sha256[2:] / filename

    def find_metadata(self, wheel_sha256: str) -> str | None:
        """Return the core metadata that was kept of a wheel."""
        try:
            return self._file(wheel_sha256, "METADATA").read_text(encoding="utf-8")
        except OSError:
            return None

    def keep_metadata(self, wheel_sha256: str, text: str) -> None:
        """Keep a wheel's core metadata."""
        self._write(self._file(wheel_sha256, "METADATA"), text.encode())

    def find_links(self, wheel_sha256: str) -> str | None:
        """Return what was kept of the libraries that a wheel links."""
        try:
            return self._file(wheel_sha256, "LINKS.json").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def keep_links(self, wheel_sha256: str, text: str) -> None:
        """Keep the libraries that a wheel links."""
        self._write(self._file(wheel_sha256, "LINKS.json"), text.encode())

    # ------------------------------------------------------------ pages

    def find_page(self, url: str) -> CachedPage | None:
        """Return the answer that was kept for a URL; None where there is none that can be read."""
        try:
            head, _, body = self._page(url).read_bytes().partition(b"\n")
            return CachedPage(**json.loads(head), body=body)
        except (OSError, ValueError, TypeError):
            # A missing, cut or older entry is no failure: it is fetched again.
            return None

    def keep_page(self, url: str, page: CachedPage) -> None:
        """Keep an answer."""
        known = asdict(replace(page, body=b""))
        del known["body"]
        self._write(self._page(url), json.dumps(known).encode() + b"\n" + page.body)

    def _page(self, url: str) -> Path:
        digest = hashlib.sha256(url.encode()).hexdigest()
        return self.folder / "pages" / digest[:2] / digest[2:]

    def _write(self, path: Path, data: bytes) -> None:
        with self.unfinished() as file:
            file.write(data)
            _move(file, path)


def _move(file: UnfinishedFile, path: Path) -> None:
    file.close()  # Windows can't rename an open file
    path.parent.mkdir(parents=True, exist_ok=True)
    Path(file.name).replace(path)

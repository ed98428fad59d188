"""The digests of a project's files -> RECORD.

Source: recording installed projects, the RECORD file; binary distribution format, "The .dist-info directory".
"""

import csv
import io
from base64 import urlsafe_b64encode
from collections.abc import Iterable

__all__ = ["record_text"]


def record_text(files: Iterable[tuple[str, str, int | None]], *, own_path: str) -> str:
    """Return RECORD of (path, sha256, size) of files, sorted; without a digest where there is none.

    Paths are relative to site-packages, or in a wheel; `own_path` is that of RECORD itself.
    """
    rows = [(path, _encoded(sha256), "" if size is None else str(size)) for path, sha256, size in files]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(sorted([*rows, (own_path, "", "")]))
    return text.getvalue()


def _encoded(sha256: str) -> str:
    return f"sha256={urlsafe_b64encode(bytes.fromhex(sha256)).rstrip(b'=').decode()}" if sha256 else ""

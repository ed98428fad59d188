"""Finished wheels -> the folder where they are asked for: all of them, or none."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from shutil import copy2

__all__ = ["place_wheels"]


def place_wheels(drafts: Sequence[Path], target_dir: Path, *, scratch: Path) -> tuple[Path, ...]:
    """Rename files into a folder of the same file system, each in place of one of its name, and return where they are.

    Where one fails, those before it are taken away again, and what they replaced is there as it was.

    Raises:
        OSError: what came between.
    """
    finals = tuple(target_dir / draft.name for draft in drafts)
    with ExitStack() as undo:
        for draft, final in zip(drafts, finals, strict=True):
            earlier = scratch / f"earlier-{final.name}"
            # One alone has nothing to undo: its name is either the old file's or the new one's.
            if len(drafts) > 1 and final.exists():
                copy2(final, earlier)
            draft.replace(final)
            undo.callback(_put_back, earlier, final)
        undo.pop_all()
    return finals


def _put_back(earlier: Path, final: Path) -> None:
    if earlier.exists():
        earlier.replace(final)
    else:
        final.unlink()

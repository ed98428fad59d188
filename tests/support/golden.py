"""Comparing text with a golden file."""

from pathlib import Path

__all__ = ["assert_golden"]


def assert_golden(path: Path, text: str, *, update: bool) -> None:
    """Compare, or write where `update` asks for it; a missing golden file fails."""
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        return
    assert path.is_file(), f"{path} is missing: run pytest --update-golden and review it"
    assert text == path.read_text(encoding="utf-8")

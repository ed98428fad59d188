"""Numbers of things, as people say them."""

__all__ = ["counted"]


def counted(number: int, thing: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "package"), counted(0, "file")
    ('1 package', '0 files')
    """
    return f"{number} {thing}{'' if number == 1 else 's'}"

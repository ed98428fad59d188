"""What a child does -> shell text that does the same by hand, and leaves nothing of its own."""

from collections.abc import Sequence

__all__ = ["by_hand"]


def by_hand(variables: Sequence[str], words: Sequence[str], request: str) -> str:
    """Return the text that runs `words`, with these variables alone and folders of its own, and gives it a request.

    Both are shell text. The subshell ends as the program does.
    """
    run = ("env", "-i", 'HOME="$own/home"', 'TMPDIR="$own/tmp"', *variables, *words)
    return "\n".join(
        (
            "(",
            'own="$(mktemp -d)"',
            """trap 'rm -rf "$own"' EXIT""",
            'mkdir "$own/home" "$own/tmp"',
            f"{' '.join(run)} <<'REQUEST'",
            f"{request}REQUEST",
            ")",
        )
    )

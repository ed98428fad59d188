"""How long property tests search: a third of their full number by default, all of it in the gate."""

import os

__all__ = ["examples"]

_SHARE = float(os.environ.get("CONDA_BRIDGE_TEST_EFFORT", "0.3"))


def examples(count: int) -> int:
    """Return how many examples to try of the `count` that a full run tries."""
    return max(5, round(count * _SHARE))

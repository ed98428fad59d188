"""conda-bridge: Python source distributions become conda recipes, and noarch conda packages become wheels."""

__all__: list[str] = []

"""`python -m conda_bridge` and the `conda-bridge` command."""

from conda_bridge.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    main()

"""Conda packages that run anywhere -> wheels."""

"""Packages that change their format without being built."""

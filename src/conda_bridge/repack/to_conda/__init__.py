"""Wheels -> conda packages that any python takes, or one."""

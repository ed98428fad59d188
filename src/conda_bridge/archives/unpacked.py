"""Where rattler keeps unpacked packages, and what engines read of them: known to who makes them, and to who checks them.

`<cache>/pkgs/<name-version-build>/`, and beside it a file `....lock` that it locks by `flock`, with how often the package was
unpacked in its first eight bytes, and then the digest of the archive.
"""

__all__ = ["COUNT_BYTES", "INSTALLED_BY", "LOCK", "PACKAGES", "PATHS"]

PACKAGES = "pkgs"
LOCK = ".lock"
COUNT_BYTES = 8
PATHS = "info/paths.json"
"""The list of files, with their digests."""
INSTALLED_BY = (PATHS, "info/link.json", "info/run_exports.json")
"""What engines read of an unpacked package beside its files."""

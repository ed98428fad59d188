"""Where a source's URL repeats the recipe's version, so that a bump of the recipe is one line.

The version is taken for the release's only where the file name says so: right before the file name's
extension, or as a wheel's second part. Folders count only where the file name has it, and only for versions
with a dot: `/packages/12/34/...` are digits of a hash, whatever the version.
"""

import re

__all__ = ["split_at_version"]

_ARCHIVE = re.compile(r"\.(?:tar\.(?:gz|bz2|xz|zst)|tgz|zip)\Z")
_WHEEL = ".whl"


def split_at_version(url: str, version: str) -> tuple[str, ...]:
    """Return the pieces of `url` around each occurrence of `version`; one piece where the file name has none.

    >>> split_at_version("https://example.org/d/v1.2.3/demo-1.2.3.tar.gz", "1.2.3")
    ('https://example.org/d/v', '/demo-', '.tar.gz')

    Source: PEP 625 (file names of sdists), the binary distribution format (of wheels).
    """
    scheme, separator, rest = url.rpartition("://")
    host, slash, path = rest.partition("/")
    folder, _, name = f"/{path}".rpartition("/")
    start = _version_start(name, version) if slash and version else -1
    if start < 0:
        return (url,)
    literal = re.escape(version)
    pieces = (
        re.split(rf"(?<=/v){literal}(?=/)|(?<=/){literal}(?=/)", f"{folder}/")
        if "." in version
        else [f"{folder}/"]
    )
    pieces[0] = scheme + separator + host + pieces[0]
    pieces[-1] += name[:start]
    return (*pieces, name[start + len(version) :])


def _version_start(name: str, version: str) -> int:
    """Return where a file's name has the version of its release; -1 where it has none."""
    archive = _ARCHIVE.search(name)
    if archive is not None:
        start = archive.start() - len(version)
        is_there = start >= 0 and name.startswith(version, start) and (not start or name[start - 1] in "-_v")
        return start if is_there else -1
    if not name.endswith(_WHEEL):
        return -1
    # No search for the name's end behind each occurrence: that would take time that grows with its square.
    wheel = re.match(rf"(?:.*[-_v])?(?={re.escape(version)}-.)", name.removesuffix(_WHEEL), re.DOTALL)
    return -1 if wheel is None else wheel.end()

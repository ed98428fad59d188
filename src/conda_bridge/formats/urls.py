"""Where a source's URL repeats the recipe's version, so that a bump of the recipe is one line.

The version is taken for the release's only where the file name says so: right before the file name's
extension, or as a wheel's second part. Folders count only where the file name has it, and only for versions
with a dot: `/packages/12/34/...` are digits of a hash, whatever the version.
"""

import re

__all__ = ["split_at_version"]

_ARCHIVE = r"\.(?:tar\.(?:gz|bz2|xz|zst)|tgz|zip)"


def split_at_version(url: str, version: str) -> tuple[str, ...]:
    """Return the pieces of `url` around each occurrence of `version`; one piece where the file name has none.

    >>> split_at_version("https://example.org/d/v1.2.3/demo-1.2.3.tar.gz", "1.2.3")
    ('https://example.org/d/v', '/demo-', '.tar.gz')

    Source: PEP 625 (file names of sdists), the binary distribution format (of wheels).
    """
    scheme, separator, rest = url.rpartition("://")
    host, slash, path = rest.partition("/")
    folder, _, name = f"/{path}".rpartition("/")
    literal = re.escape(version)
    found = re.fullmatch(rf"((?:.*[-_v])?){literal}({_ARCHIVE}|-.+\.whl)", name, re.DOTALL)
    if not slash or not version or found is None:
        return (url,)
    pieces = (
        re.split(rf"(?<=/v){literal}(?=/)|(?<=/){literal}(?=/)", f"{folder}/")
        if "." in version
        else [f"{folder}/"]
    )
    pieces[0] = scheme + separator + host + pieces[0]
    pieces[-1] += found.group(1)
    return (*pieces, found.group(2))

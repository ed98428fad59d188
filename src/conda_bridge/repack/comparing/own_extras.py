"""Requirements of a project on extras of its own -> the requirements that these extras stand for.

`demo[tests]; extra == "cov"` of demo says that the extra `cov` has what `tests` has. Older backends wrote it as it
stands, newer ones write the requirements of `tests` once more for `cov`; installers make the same of both.

Source: PEP 508, PEP 685; core metadata, Provides-Extra; hatchling, `optional_dependencies`.
"""

import re
from collections.abc import Sequence

from packaging.utils import canonicalize_name

from conda_bridge.translate.untrusted import requirement_of

__all__ = ["expanded_requirements"]

_EXTRA = re.compile(r"""\bextra\s*==\s*(["'])([^"']*)\1""")
_ANY_EXTRA = re.compile(r"\bextra\b")


def expanded_requirements(name: str, lines: Sequence[str], extras: Sequence[str]) -> frozenset[str]:
    """Return the requirements of the project `name` without those on its own extras, each under every extra it is in.

    A requirement on itself that has a version, a URL or any other condition than one extra stays as it is, and so does
    what is under several extras at once.

    >>> lines = ["pytest; extra == 'tests'", "demo[tests]; extra == 'cov'"]
    >>> sorted(expanded_requirements("demo", lines, ("cov", "tests")))
    ['pytest; extra == "cov"', 'pytest; extra == "tests"']

    Raises:
        MetadataError: an invalid requirement.
    """
    known: set[str] = {canonicalize_name(extra) for extra in extras}
    links: dict[str, set[str]] = {extra: set() for extra in known}
    rest: list[str] = []
    for line in lines:
        own = _own_extras(name, line)
        if own is not None and known.issuperset((own[0], *own[1])):
            links[own[0]] |= own[1]
        else:
            rest.append(line)
    reached = {extra: _reached(extra, links) for extra in known}
    return frozenset(copy for line in rest for copy in _copies(line, reached))


def _own_extras(name: str, line: str) -> tuple[str, set[str]] | None:
    """Return the extra that has others of the same project, and these; None for any other requirement."""
    requirement = requirement_of(line)
    is_own = canonicalize_name(requirement.name) == canonicalize_name(name) and requirement.extras
    if not is_own or requirement.specifier or requirement.url or requirement.marker is None:
        return None
    found = _EXTRA.fullmatch(str(requirement.marker))
    return (
        (canonicalize_name(found[2]), {canonicalize_name(one) for one in requirement.extras})
        if found
        else None
    )


def _reached(extra: str, links: dict[str, set[str]]) -> set[str]:
    found, waiting = {extra}, [extra]
    while waiting:
        more = links[waiting.pop()] - found
        found |= more
        waiting.extend(more)
    return found


def _copies(line: str, reached: dict[str, set[str]]) -> list[str]:
    """Return a requirement under each extra that has it."""
    text = str(requirement_of(line))
    start, mark, condition = text.partition(";")
    found = _EXTRA.search(condition)
    if found is None or len(_ANY_EXTRA.findall(condition)) != 1:
        return [line]
    extra = canonicalize_name(found[2])
    if extra not in reached:
        return [line]
    return [
        f'{start}{mark}{condition[: found.start()]}extra == "{one}"{condition[found.end() :]}'
        for one, has in reached.items()
        if extra in has
    ]

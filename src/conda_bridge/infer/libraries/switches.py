"""Switches of a build: what makes it use the system's library in place of the copy that the source brings."""

import re
from collections.abc import Iterable

from conda_bridge.infer.libraries.places import Places
from conda_bridge.infer.libraries.result import Switch
from conda_bridge.infer.scan.switches import SWITCH_VALUES
from conda_bridge.infer.scan.tokens import Token
from conda_bridge.model.conversion import InferContext
from conda_bridge.model.libraries import LibraryRow, LibraryTable
from conda_bridge.translate.libraries import word_of

__all__ = ["SWITCH_FORMS", "find_switches", "named_by_switch", "switch_name"]

SWITCH_FORMS = tuple(SWITCH_VALUES)
_SUBJECT = re.compile(
    r"(?:SYSTEM|BUNDLED?|VENDORED|EXTERNAL|INTERNAL|BUILTIN|EMBED(?:DED)?)[-_]+(?!LIB(?:S|RAR(?:Y|IES))?$)(?P<rest>.+)$",
    re.IGNORECASE,
)
_PLACE = re.compile(r"(?:dirs?|path|flags|prefix|root)$", re.IGNORECASE)
"""What says where the system's library is, not that it is wanted."""
_SHORTEST_PART = 4


def switch_name(token: str) -> str:
    """Return the name in a signal's token.

    >>> switch_name("cmake:BUNDLED_ZLIB=OFF")
    'BUNDLED_ZLIB'
    """
    return token.partition(":")[2].partition("=")[0]


def find_switches(ctx: InferContext, places: Places, seen: Iterable[str] = ()) -> tuple[Switch, ...]:
    """Return the switches that the project's own build files have and that name a library, each once, best first.

    `seen` are the keys of the libraries that the source shows: a switch may call one by a part of its name.
    """
    keys = tuple(seen)
    found: dict[tuple[str, str], Switch] = {}
    for signal in ctx.facts.signals:
        # What the build scripts of crates read is theirs: they link dynamically unless told otherwise.
        if signal.kind != "switch" or places.is_aside(signal.path) or signal.path.endswith(".rs"):
            continue
        token = Token.parse(signal.token).name
        form, name = token.partition(":")[0], switch_name(token)
        value = token.partition("=")[2]
        row = named_by_switch(ctx.libraries, name, keys)
        known = next((known for known in SWITCH_FORMS if known == form), None)
        if known is None or row is None or _PLACE.search(name):
            continue
        origin = f"{signal.path}:{signal.line}" if signal.line else signal.path
        switch = Switch(
            form=known, name=name, value=value or SWITCH_VALUES[known][0], library=row.key, origin=origin
        )
        found.setdefault((form, name), switch)
    # An option of setup.py reaches it on some paths only.
    return tuple(sorted(found.values(), key=lambda switch: SWITCH_FORMS.index(switch.form)))


def named_by_switch(table: LibraryTable, name: str, seen: Iterable[str] = ()) -> LibraryRow | None:
    """Return the library that a switch speaks of.

    What follows `SYSTEM` is the library, if anything does: projects put their own name first, which may be that of
    a library, too.
    """
    match = _SUBJECT.search(name)
    rest = match["rest"] if match else ""
    row = word_of(table, rest or name)
    if row is not None or not rest:
        return row
    word = rest.lower().strip("-_")
    near = (key for key in seen if len(word) >= _SHORTEST_PART and word in key)
    return table.of_key(next(near, ""))

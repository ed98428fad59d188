"""An inferred list of texts -> the list that the user wants: modules, commands, licence files, entry points."""

from collections.abc import Callable
from dataclasses import dataclass

from conda_bridge.infer.overrides.telling import decided, disagreeing, unused
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Evidence, Inferred, address
from conda_bridge.model.names import CondaName
from conda_bridge.model.overrides import Item, ListOverrides

__all__ = ["ListPlace", "edited_list"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPlace:
    """Where a list stands in a recipe, for addresses: `<output>/<section>/<prefix>.<key>`."""

    output: CondaName
    section: str
    prefix: str
    rule: str
    key: Callable[[str], str] = str
    """What two entries can't share, of an entry's text."""

    def evidence(self, text: str, *origins: str, note: str = "") -> Evidence:
        """Return evidence for one entry."""
        where = address(self.output, self.section, f"{self.prefix}.{self.key(text)}")
        return decided(where, self.rule, *origins, note=note)


def edited_list(
    inferred: tuple[Item, ...], overrides: ListOverrides, place: ListPlace
) -> Inferred[tuple[Item, ...]]:
    """Return the list with evidence for what the user decided; the origins of inferred items explain what goes."""
    evidence: list[Evidence] = []
    diagnostics: list[Diagnostic] = []
    items = {place.key(item.text): item for item in inferred}
    if overrides.whole is not None:
        items = {place.key(item.text): item for item in overrides.whole}
        evidence += [place.evidence(item.text, item.origin) for item in items.values()]
        gone = (item for item in inferred if place.key(item.text) not in items)
        first = next((item.origin.rpartition("/")[0] for item in overrides.whole), "")
        evidence += [place.evidence(item.text, first, item.origin, note="left out") for item in gone]
    changes = [("removed", place.key(item.text), item.origin) for item in overrides.remove]
    changes += [("added", place.key(item.text), item.origin) for item in overrides.add]
    diagnostics += disagreeing(place.prefix, changes)
    for item in overrides.remove:
        removed = items.pop(place.key(item.text), None)
        if removed is None:
            diagnostics.append(unused(f"there is no {item.text!r} to remove", item.origin))
        else:
            evidence.append(place.evidence(removed.text, item.origin, removed.origin, note="removed"))
    for item in overrides.add:
        present = items.get(place.key(item.text))
        if present is not None and (present.text, present.condition) == (item.text, item.condition):
            diagnostics.append(unused(f"{item.text!r} is there without it", item.origin))
            continue
        items[place.key(item.text)] = item
        evidence.append(place.evidence(item.text, item.origin))
    return Inferred(value=tuple(items.values()), evidence=tuple(evidence), diagnostics=tuple(diagnostics))

"""A pinning and its migrations -> the pinning as packages see it that have got them.

Vocabulary: as in `conda_bridge.model.variants`; a *row* is what the keys of one group are together in one variant.

Source: CFEP-9; where that is silent, `variant_add` of conda-smithy's variant_algebra.py decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from conda_bridge.errors import ConfigError, TranslationError
from conda_bridge.model.variants import Migration, VariantConfig
from conda_bridge.translate.version_order import CondaVersion

__all__ = ["apply_migrations", "is_for_all"]

_Values = dict[str, tuple[str, ...]]
_Groups = tuple[tuple[str, ...], ...]


def is_for_all(migration: Migration) -> bool:
    """Return whether a package that nobody has chosen migrations for gets this one."""
    return migration.is_longterm and not migration.is_paused and not migration.is_selective


def apply_migrations(pinning: VariantConfig, migrations: Iterable[Migration]) -> VariantConfig:
    """Return the variants after all migrations, applied in the order of their time stamps, then of their names.

    Raises:
        ConfigError: `invalid-pinning` for a migration that the pinning has no place for.
    """
    state = _State(values=dict(pinning.values), groups=pinning.zip_keys)
    for migration in sorted(migrations, key=lambda one: (one.timestamp, one.name)):
        try:
            state = _applied(state, migration)
        except (KeyError, ValueError) as error:
            # A key that the pinning lacks, or a value that the ordering lacks.
            message = f"the migration doesn't fit the pinning: {error}"
            raise ConfigError("invalid-pinning", message, where=migration.name) from error
    return VariantConfig(values=tuple(sorted(state.values.items())), zip_keys=state.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    values: _Values = field(default_factory=dict)
    groups: _Groups = ()

    def group_of(self, key: str) -> tuple[str, ...]:
        return next((group for group in self.groups if key in group), ())


def _applied(state: _State, migration: Migration) -> _State:
    match migration.operation:
        case "merge":
            return _merged(state, migration)
        case "key_add":
            return _with_key(state, migration)
        case "key_remove":
            return _without_key(state, migration)


# ---------------------------------------------------------------- merge


def _merged(state: _State, migration: Migration) -> _State:
    said, ordering = dict(migration.values), dict(migration.ordering)
    values = {**state.values, **said}
    groups = _joined(state.groups, migration.zip_keys)
    handled: set[str] = set()
    for key in migration.primary_keys:
        if key in said and key in state.values:
            group = next((one for one in (*state.groups, *migration.zip_keys) if key in one), ())
            values |= _merged_group(state.values, said, (key, group, ordering.get(key)))
            handled |= {key, *group}
    for key in said.keys() & state.values.keys() - handled:
        values[key] = _higher(state.values[key], said[key], ordering.get(key))
    return _State(values=values, groups=groups)


def _merged_group(
    old: Mapping[str, tuple[str, ...]],
    new: Mapping[str, tuple[str, ...]],
    about: tuple[str, tuple[str, ...], tuple[str, ...] | None],
) -> _Values:
    """Return the values of a primary key, and those of its group that stand beside the chosen ones."""
    key, group, ordering = about
    chosen = _higher(old[key], new[key], ordering)
    positions = [n for n, value in enumerate((*old[key], *new[key])) if value in chosen]
    beside: _Values = {}
    for other in group:
        if other != key:
            both = (*old[other], *new[other])
            beside[other] = tuple(both[n] for n in positions if n < len(both))
    return {key: chosen, **beside}


def _higher(old: Sequence[str], new: Sequence[str], ordering: Sequence[str] | None) -> tuple[str, ...]:
    """Return the higher of each pair of values; with an ordering, the highest of all, as many as there were."""
    if ordering is None:
        pairs = zip(old, new, strict=False)
        tail = old[len(new) :] or new[len(old) :]
        return (*(right if _is_lower(left, right) else left for left, right in pairs), *tail)
    count = max(len(old), len(new))
    ranks = sorted({ordering.index(value) for value in (*old, *new)})
    if len(ranks) == 1:
        return (old[0],) * count
    if len(ranks) < count:
        raise ValueError("values that are there twice can't be put in order")
    return tuple(ordering[rank] for rank in ranks[-count:])


def _joined(old: _Groups, new: _Groups) -> _Groups:
    """Let each group of the migration take the place of one that it contains."""
    if not new or not old:
        return old or new
    left, right = list(map(frozenset, old)), []
    for group in sorted(map(frozenset, new), key=len, reverse=True):
        inner = next((one for one in sorted(left, key=len, reverse=True) if one <= group), None)
        if inner is not None:
            left.remove(inner)
        right.append(group)
    return tuple(sorted((tuple(sorted(group)) for group in (*left, *right)), key=lambda g: (len(g), g)))


# ---------------------------------------------------------------- key_add, key_remove


def _with_key(state: _State, migration: Migration) -> _State:
    said, ordering = dict(migration.values), dict(migration.ordering)
    (key,) = migration.primary_keys
    if key not in said:
        return state
    extended = _extended(state, key, migration.additional_zip_keys)
    group = extended.group_of(key) or (key,)
    rows = list(zip(*(extended.values[one] for one in group), strict=True))
    for row in zip(*(said[one] for one in group), strict=True):
        if row not in rows:
            rows = _sorted_rows([*rows, row], group.index(key), ordering.get(key))
    values = {**extended.values, **dict(zip(group, zip(*rows, strict=True), strict=True))}
    for other in ordering.keys() - set(migration.additional_zip_keys) - {key}:
        if other in said and other in state.values:
            values[other] = _higher(state.values[other], said[other], ordering[other])
    return _State(values=values, groups=extended.groups)


def _extended(state: _State, key: str, additional: tuple[str, ...]) -> _State:
    """Let more keys join the group of `key`: they have the same value in all its rows so far."""
    group = state.group_of(key) or (key,)
    added = tuple(one for one in additional if one not in group)
    if not added:
        return state
    values = dict(state.values)
    for one in added:
        if len(values[one]) != 1:
            raise ValueError(f"{one} has several values and can't join the group of {key}")
        values[one] = values[one] * len(values[key])
    groups = tuple(one for one in state.groups if one != group)
    return _State(values=values, groups=(*groups, (*group, *added)))


def _sorted_rows(
    rows: Iterable[tuple[str, ...]], position: int, ordering: Sequence[str] | None
) -> list[tuple[str, ...]]:
    # Rows with the same primary value stand in the order of their texts.
    unique = sorted(set(rows))
    if ordering is not None:
        return sorted(unique, key=lambda row: ordering.index(row[position]))
    return sorted(unique, key=lambda row: _rank(row[position]))


def _without_key(state: _State, migration: Migration) -> _State:
    said, ordering = dict(migration.values), dict(migration.ordering)
    (key,) = migration.primary_keys
    old = state.values.get(key, ())
    if key not in said or said[key][0] not in old:
        return state
    order = ordering.get(key)
    ranked = sorted(set(old), key=_rank if order is None else order.index)
    positions = [old.index(value) for value in ranked if value != said[key][0]]
    changed = {one: tuple(state.values[one][n] for n in positions) for one in (state.group_of(key) or (key,))}
    return _State(values={**state.values, **changed}, groups=state.groups)


# ---------------------------------------------------------------- order


def _is_lower(left: str, right: str) -> bool:
    return _rank(left) < _rank(right)


def _rank(value: str) -> tuple[bool, CondaVersion | str]:
    """Return where a value with perhaps a build string stands among others; what is no version comes last."""
    try:
        return False, CondaVersion.from_text(value.replace(" ", ".").replace("*", "1"))
    except TranslationError:
        return True, value

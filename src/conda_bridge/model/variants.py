"""Which variants of a recipe are built: the values that a distributor's pinning gives to its keys.

Vocabulary: a *key* is a name such as `python` or `c_compiler_version`; each *value* of a key makes a variant, and
*zipped* keys change together instead of being multiplied. Source: conda-build's documentation of variants; CEP 13.
"""

from dataclasses import dataclass
from typing import Literal

__all__ = ["NO_VARIANTS", "Migration", "VariantConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantConfig:
    """A pinning file, evaluated for one platform."""

    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(key, its values), sorted by key; values stay texts, since `3.10` is no number."""
    zip_keys: tuple[tuple[str, ...], ...] = ()
    """Keys of one group have equally many values."""

    def __post_init__(self) -> None:
        known = dict(self.values)
        for group in self.zip_keys:
            if len({len(known[key]) for key in group if key in known}) > 1:
                raise ValueError(f"the zipped keys {', '.join(group)} have different numbers of values")

    def get(self, key: str) -> tuple[str, ...]:
        """Return the values of a key; none where it has none."""
        return next((values for name, values in self.values if name == key), ())


NO_VARIANTS = VariantConfig()


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A change of a pinning that a distributor spreads over its packages one by one. Source: CFEP-9."""

    name: str
    """The file's name without its suffix."""
    timestamp: float
    """Migrations are applied in this order, seconds since the epoch; -1 where the file says none."""
    is_paused: bool = False
    is_longterm: bool = False
    """True where it is kept for years beside the pinning, as a new python is."""
    is_selective: bool = False
    """True where only listed packages get it."""
    operation: Literal["merge", "key_add", "key_remove"] = "merge"
    """merge takes the higher values; the others add and remove values of the primary key."""
    primary_keys: tuple[str, ...] = ()
    """The keys that the migration is about; those of `key_add` and `key_remove` have one."""
    ordering: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(key, its values from the lowest on) of keys whose values aren't in the order of versions."""
    additional_zip_keys: tuple[str, ...] = ()
    """Keys that join the group of the primary key."""
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    zip_keys: tuple[tuple[str, ...], ...] = ()

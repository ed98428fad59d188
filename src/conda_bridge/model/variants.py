"""Which variants of a recipe are built: the values that a distributor's pinning gives to its keys.

Vocabulary: a *key* is a name such as `python` or `c_compiler_version`; each *value* of a key makes a variant, and
*zipped* keys change together instead of being multiplied. Source: conda-build's documentation of variants; CEP 13.
"""

from dataclasses import dataclass

__all__ = ["NO_VARIANTS", "VariantConfig"]


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

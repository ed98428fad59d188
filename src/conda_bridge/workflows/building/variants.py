"""The distributor's variants, and what the user chooses of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from conda_bridge.errors import UsageError
from conda_bridge.model.variants import VariantConfig

__all__ = ["chosen_variants", "pythons_of"]

_MORE = {"python": "; with --distributor host it is the interpreter's, and --python PATH takes another"}
"""What brings other values of a key."""


def chosen_variants(variants: VariantConfig, choices: Iterable[tuple[str, str]]) -> VariantConfig:
    """Return the variants in which each chosen key has one of the values chosen for it.

    A value is chosen by its beginning, up to a point or a blank: `3.11` is `3.11.* *_cpython`. A key that the
    distributor doesn't know is a slip: keys of one's own come with a pinning file.

    Raises:
        UsageError: `usage` for a key that there isn't, and where no value of a key is meant.
    """
    asked: dict[str, list[str]] = {}
    for key, value in choices:
        asked.setdefault(key, []).append(value)
    for key, wanted in asked.items():
        variants = _with(variants, key, wanted)
    return variants


def pythons_of(variants: VariantConfig) -> tuple[str, ...]:
    """Return the minor versions that are built for.

    >>> pythons_of(VariantConfig(values=(("python", ("3.11.* *_cpython", "3.12.* *_cpython")),)))
    ('3.11', '3.12')
    """
    return tuple(dict.fromkeys(value.split(".* ")[0].rstrip(".*") for value in variants.get("python")))


def _with(variants: VariantConfig, key: str, wanted: Sequence[str]) -> VariantConfig:
    known = variants.get(key)
    if not known:
        raise _unknown(variants, key)
    kept = [n for n, value in enumerate(known) if any(_means(one, value) for one in wanted)]
    for one in wanted:
        if not any(_means(one, known[n]) for n in kept):
            hint = f"{key} is one of: {', '.join(known)}{_MORE.get(key, '')}"
            raise UsageError("usage", f"no variant has {key}={one}", hint=hint)
    group = next((group for group in variants.zip_keys if key in group), (key,))
    values = tuple(
        (name, tuple(values[n] for n in kept) if name in group else values)
        for name, values in variants.values
    )
    return replace(variants, values=values)


def _unknown(variants: VariantConfig, key: str) -> UsageError:
    near = get_close_matches(key, [name for name, _ in variants.values], n=1)
    guess = f"; did you mean {near[0]}?" if near else ""
    hint = (
        "`conda-bridge distributor show NAME --all` lists the keys; --variants FILE brings keys of your own"
    )
    return UsageError("usage", f"no variant has a key {key!r}{guess}", hint=hint)


def _means(wanted: str, value: str) -> bool:
    return value == wanted or (value.startswith(wanted) and value[len(wanted)] in ". ")

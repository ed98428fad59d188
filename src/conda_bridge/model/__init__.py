"""Frozen values that travel between the stages. They hold invariants and no I/O.

Every value is a `dataclass(frozen=True, slots=True, kw_only=True)` whose collections are tuples and
frozensets, so that it is hashable and survives pickle and JSON.
"""

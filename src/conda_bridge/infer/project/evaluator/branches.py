"""Following two ways of a program, of which it takes one, and keeping what they agree on."""

from collections.abc import Callable, Iterable

from conda_bridge.infer.project.evaluator.values import (
    OPEN_KEY,
    FactoryDict,
    LoopEnded,
    Returned,
    Scope,
    Signal,
    Unknown,
    Value,
    equal,
)

__all__ = ["Snapshot", "copied", "leave", "merged", "merged_scopes"]


class Snapshot:
    """The contents of scopes at one moment, with their lists and dicts copied as one web."""

    __slots__ = ("_contents", "_size")

    def __init__(self, scopes: Iterable[Scope]) -> None:
        self._contents, self._size = _copies((scope, scope) for scope in scopes)

    def __len__(self) -> int:
        """Return how many names and items there are, which is what copying them costs."""
        return self._size

    def restore(self) -> None:
        """Put the contents back, as often as need be."""
        for scope, names in _copies(self._contents)[0]:
            scope.clear()
            scope.update(names)


def _copies(contents: Iterable[tuple[Scope, Scope]]) -> tuple[list[tuple[Scope, Scope]], int]:
    """Return the copies, and how many names and items they hold."""
    memo: dict[int, Value] = {}
    copies = [
        (scope, {name: _copied(value, memo) for name, value in names.items()}) for scope, names in contents
    ]
    held = sum(len(value) for value in memo.values() if isinstance(value, list | dict | set | tuple))
    return copies, held + sum(len(names) for _, names in copies)


def copied(scope: Scope) -> tuple[Scope, int]:
    """Return a copy of a scope that later changes don't touch, and how many items it holds."""
    copies, size = _copies([(scope, scope)])
    return copies[0][1], size


def merged_scopes(
    first: list[tuple[Scope, Scope]],
    second: list[tuple[Scope, Scope]],
    doubt: Unknown,
    *,
    spend: Callable[[], None],
) -> None:
    """Put into each scope what both ways left there; names on which they differ get the value `doubt`.

    Each way is a list of (scope, contents at its end); each name is paid for.
    """
    memo: dict[tuple[int, int], Value] = {}
    for (scope, left), (_, right) in zip(first, second, strict=True):
        both: Scope = {}
        for name in dict.fromkeys((*left, *right)):
            spend()
            is_common = name in left and name in right
            both[name] = merged(left[name], right[name], doubt, memo) if is_common else doubt
        scope.clear()
        scope.update(both)


def leave(signals: list[Signal | None], doubt: Unknown) -> None:
    """Leave as all ways do; where only some leave, what they would return is unknown.

    Raises:
        Returned, LoopEnded: at least one way left like that.
    """
    if all(signal is None for signal in signals):
        return
    values = [signal.value for signal in signals if isinstance(signal, Returned)]
    if len(values) == len(signals):
        result = values[0]
        for value in values[1:]:
            result = merged(result, value, doubt, {})
        raise Returned(result)
    if values:
        raise Returned(doubt)
    breaks = {signal.is_break if isinstance(signal, LoopEnded) else None for signal in signals}
    raise LoopEnded(is_break=breaks != {False}, is_doubtful=breaks not in ({True}, {False}))


def merged(left: Value, right: Value, doubt: Unknown, memo: dict[tuple[int, int], Value]) -> Value:
    """Return what two values agree on: the value itself, a dict with doubtful entries, or `doubt`."""
    if left is right:
        return left
    key = (id(left), id(right))
    if key not in memo:
        memo[key] = _merged(left, right, doubt, memo)
    return memo[key]


def _merged(left: Value, right: Value, doubt: Unknown, memo: dict[tuple[int, int], Value]) -> Value:
    if equal(left, right):
        return left
    if not isinstance(left, dict) or not isinstance(right, dict):
        return doubt
    both: dict[Value, Value] = {}
    memo[id(left), id(right)] = both
    for name in dict.fromkeys((*left, *right)):
        if name in left and name in right:
            both[name] = merged(left[name], right[name], doubt, memo)
        else:
            both[name] = doubt
    if OPEN_KEY in left or OPEN_KEY in right:
        both[OPEN_KEY] = True
    return both


def _copied(value: Value, memo: dict[int, Value]) -> Value:
    """Return a copy of lists, sets, dicts and tuples that keeps shared parts shared."""
    copier = _COPIERS.get(type(value))
    if copier is None:
        return value
    known = memo.get(id(value))
    return copier(value, memo) if known is None else known


def _copied_list(value: list[Value], memo: dict[int, Value]) -> Value:
    copy: list[Value] = []
    memo[id(value)] = copy
    copy.extend(_copied(item, memo) for item in value)
    return copy


def _copied_dict(value: dict[Value, Value], memo: dict[int, Value]) -> Value:
    copy: dict[Value, Value] = FactoryDict(value.factory) if isinstance(value, FactoryDict) else {}
    memo[id(value)] = copy
    copy.update((key, _copied(item, memo)) for key, item in value.items())
    return copy


def _copied_set(value: set[Value], memo: dict[int, Value]) -> Value:
    memo[id(value)] = copy = set(value)
    return copy


def _copied_tuple(value: tuple[Value, ...], memo: dict[int, Value]) -> Value:
    memo[id(value)] = copy = tuple(_copied(item, memo) for item in value)
    return copy


_COPIERS: dict[type, Callable[..., Value]] = {
    list: _copied_list,
    dict: _copied_dict,
    FactoryDict: _copied_dict,
    set: _copied_set,
    tuple: _copied_tuple,
}

"""Methods of known values: the containers' here, and who knows those of the others."""

import reprlib
from collections.abc import Callable

from conda_bridge.infer.project.evaluator.builtin_functions import check_hashing
from conda_bridge.infer.project.evaluator.interpreter import Call
from conda_bridge.infer.project.evaluator.object_methods import OBJECT_METHODS
from conda_bridge.infer.project.evaluator.operators import MAX_SIZE
from conda_bridge.infer.project.evaluator.text_methods import check_size, text_method
from conda_bridge.infer.project.evaluator.values import (
    OPEN_KEY,
    BoundMethod,
    TextFile,
    Unknown,
    Value,
    first_unknown,
    ordered,
    weight_of,
)

__all__ = ["call_method"]

_LIST_METHODS: frozenset[str] = frozenset(
    {"append", "extend", "insert", "remove", "index", "copy", "sort", "pop", "reverse", "count", "clear"}
)
_LOOKING = frozenset({"remove", "index", "count"})
_SET_METHODS: frozenset[str] = frozenset(
    {"add", "update", "discard", "remove", "union", "difference", "intersection", "copy"}
)


def call_method(method: BoundMethod, call: Call) -> Value:
    """Return what a method of a known value returns.

    Raises:
        Raised, TypeError, ValueError, LookupError: as the method does.
    """
    for kinds, methods in _METHODS:
        if isinstance(method.receiver, kinds):
            return methods(method, call)
    return call.unknown(f"the method {method.name!r}")


def _of_list(method: BoundMethod, call: Call) -> Value:
    receiver, name = method.receiver, method.name
    assert isinstance(receiver, list)
    if name not in _LIST_METHODS:
        return call.unknown(f"the method {name!r}")
    check_size(len(receiver))
    call.machine.spend(len(receiver) >> 10)
    if name == "append":
        receiver.append(call.get(0))
        return None
    if name == "extend":
        receiver.extend(_items(call, call.get(0)))
        return None
    if name == "sort":
        # The order of requirements and classifiers means nothing, and keys may be functions.
        return None
    doubt = call.arguments.unknown() or first_unknown(receiver)
    if doubt is not None and name not in {"copy", "reverse", "clear"}:
        receiver.append(doubt)
        return doubt
    if name in _LOOKING:
        call.machine.spend(weight_of(receiver, limit=MAX_SIZE) >> 3)
    result: Value = getattr(receiver, name)(*call.arguments.positional)
    return result


def _items(call: Call, value: Value) -> list[Value]:
    """Return the items of a value; one unknown item where they aren't known."""
    if isinstance(value, TextFile):
        return list(value.rest().splitlines(keepends=True))
    if isinstance(value, dict) and OPEN_KEY in value:
        return [call.unknown("the keys of a dict")]
    if isinstance(value, list | tuple | str | dict):
        return list(value)
    if isinstance(value, set | frozenset):
        return ordered(value)
    return [first_unknown(value) or call.unknown("an iteration")]


def _of_dict(method: BoundMethod, call: Call) -> Value:
    receiver = method.receiver
    assert isinstance(receiver, dict)
    is_open = OPEN_KEY in receiver
    key = call.get(0)
    match method.name:
        case "update":
            _update(receiver, call)
            return None
        case "copy":
            return dict(receiver)
        case "keys" | "values" | "items" if not is_open:
            return list(getattr(receiver, method.name)())
        case "get" | "pop" | "setdefault" if not isinstance(key, Unknown):
            if is_open and key not in receiver:
                return call.unknown(f"the entry {reprlib.repr(key)}")
            result: Value = getattr(receiver, method.name)(*call.arguments.positional)
            return result
        case _:
            return call.unknown(f"the method {method.name!r} of a dict")


def _update(receiver: dict[Value, Value], call: Call) -> None:
    value = call.get(0, default={})
    pairs = list(value.items()) if isinstance(value, dict) else value
    is_known = isinstance(pairs, list) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs)
    if isinstance(pairs, list) and is_known:
        check_hashing(call, pairs)
        receiver.update(pairs)
    receiver.update(call.arguments.keywords)
    if not is_known or call.arguments.is_open:
        # The entries that are known may have been replaced.
        receiver.update(dict.fromkeys(receiver, call.unknown("what a dict was updated with")))
        receiver[OPEN_KEY] = True


def _of_set(method: BoundMethod, call: Call) -> Value:
    receiver = method.receiver
    assert isinstance(receiver, set)
    doubt = call.arguments.unknown()
    if method.name not in _SET_METHODS or doubt is not None:
        receiver.add(doubt or call.unknown(f"the method {method.name!r} of a set"))
        return doubt
    for value in call.arguments.positional:
        check_hashing(call, value)
    result: Value = getattr(receiver, method.name)(*call.arguments.positional)
    return result


_METHODS: tuple[tuple[type | tuple[type, ...], Callable[[BoundMethod, Call], Value]], ...] = (
    ((str, bytes), text_method),
    (list, _of_list),
    (dict, _of_dict),
    (set, _of_set),
    *OBJECT_METHODS,
)

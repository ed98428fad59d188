"""The builtin functions that are understood: a closed list, all of them pure here."""

import ast
from collections.abc import Callable
from typing import TypeAlias

from conda_bridge.infer.project.evaluator.interpreter import Call
from conda_bridge.infer.project.evaluator.object_methods import open_file
from conda_bridge.infer.project.evaluator.operators import MAX_SIZE, text_of, truth
from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.infer.project.evaluator.targets import iterate
from conda_bridge.infer.project.evaluator.values import (
    OPEN_KEY,
    Arguments,
    BudgetSpentError,
    Module,
    Raised,
    Reference,
    Stopped,
    TextFile,
    Unknown,
    Value,
    first_unknown,
    weight_of,
)

__all__ = ["BUILTINS", "Known", "chained", "check_hashing", "items_of"]

Known: TypeAlias = Callable[[Call], Value]
"""A function that is understood."""
_MAX_RANGE = 10_000


# ---------------------------------------------------------------- conversions and containers


def _str(call: Call) -> Value:
    value = call.get(0, "object", "")
    text = text_of(value)
    return call.unknown("a text form") if text is None else text


def _number(kind: type[int | float]) -> Known:
    def convert(call: Call) -> Value:
        value = call.get(0, default=0)
        if (
            isinstance(value, str | int | float)
            and len(call.arguments.positional) == 1
            and len(str(value)) < 30
        ):
            return kind(value)
        return call.unknown("a number")

    return convert


def _bool(call: Call) -> Value:
    known = truth(call.get(0, default=False))
    return call.unknown("a truth") if known is None else known


def _len(call: Call) -> Value:
    items = items_of(call, call.get(0))
    return items if isinstance(items, Unknown) else len(items)


def items_of(call: Call, value: Value) -> list[Value] | Unknown:
    """Return the items of a value, or why they aren't known."""
    return iterate(call.machine, value, call.line)


def _container(kind: Callable[[list[Value]], Value]) -> Known:
    def build(call: Call) -> Value:
        items = items_of(call, call.get(0, default=()))
        return items if isinstance(items, Unknown) else kind(items)

    return build


def _set(call: Call) -> Value:
    items = items_of(call, call.get(0, default=()))
    if isinstance(items, Unknown):
        return items
    check_hashing(call, items)
    return set(items)


def check_hashing(call: Call, items: Value) -> None:
    """Pay for the hashes of items: those of tuples take as long as the tuples are large.

    Raises:
        BudgetSpentError: they are too large, or nested too deeply.
    """
    if isinstance(items, list | tuple) and any(isinstance(item, tuple) for item in items):
        call.machine.spend(weight_of(items, limit=MAX_SIZE) >> 5)


def _dict(call: Call) -> Value:
    value = call.get(0, default={})
    found: dict[Value, Value] = {}
    if isinstance(value, dict):
        found.update(value)
    else:
        pairs = items_of(call, value)
        if isinstance(pairs, Unknown) or not all(isinstance(p, tuple | list) and len(p) == 2 for p in pairs):
            found[OPEN_KEY] = True
        else:
            check_hashing(call, pairs)
            found.update(tuple(pair) for pair in pairs if isinstance(pair, tuple | list))
    found.update(call.arguments.keywords)
    if call.arguments.is_open:
        found[OPEN_KEY] = True
    return found


def _sorted(call: Call) -> Value:
    items = items_of(call, call.get(0))
    if isinstance(items, Unknown) or first_unknown(items):
        return items if isinstance(items, Unknown) else call.unknown("an order")
    call.machine.spend(weight_of(items, limit=MAX_SIZE) >> 5)
    # The order of requirements means nothing, and keys may be functions.
    return items if call.arguments.keywords else sorted(items)  # type: ignore[type-var] # a TypeError is the program's


def _sum(call: Call) -> Value:
    items = items_of(call, call.get(0))
    start = call.get(1, "start", 0)
    if isinstance(items, Unknown) or not isinstance(start, list):
        return items if isinstance(items, Unknown) else call.unknown("a sum")
    return chained(call, [start, *items])


def _range(call: Call) -> Value:
    bounds = [value for value in call.arguments.positional if isinstance(value, int)]
    if len(bounds) != len(call.arguments.positional) or len(range(*bounds)) > _MAX_RANGE:
        return call.unknown("a range")
    return list(range(*bounds))


def _zip(call: Call) -> Value:
    columns = [items_of(call, value) for value in call.arguments.positional]
    doubt = next((column for column in columns if isinstance(column, Unknown)), None)
    return doubt or list(zip(*(c for c in columns if isinstance(c, list)), strict=False))


def _enumerate(call: Call) -> Value:
    items = items_of(call, call.get(0, "iterable"))
    return items if isinstance(items, Unknown) else list(enumerate(items))


def _quantifier(quantify: Callable[[list[bool]], bool]) -> Known:
    def decide(call: Call) -> Value:
        items = items_of(call, call.get(0))
        if isinstance(items, Unknown):
            return items
        known = [truth(item) for item in items]
        if None in known:
            return call.unknown("a condition")
        return quantify([bool(value) for value in known])

    return decide


def _filter(call: Call) -> Value:
    function, items = call.get(0), items_of(call, call.get(1))
    if isinstance(items, Unknown):
        return items
    kept: list[Value] = []
    for item in items:
        value = item if function is None else call.machine.call(function, Arguments((item,)), call.line)
        known = truth(value)
        if known is None:
            return value
        kept += [item] if known else []
    return kept


def _map(call: Call) -> Value:
    items = items_of(call, call.get(1))
    if isinstance(items, Unknown) or len(call.arguments.positional) != 2:
        return items if isinstance(items, Unknown) else call.unknown("a map")
    return [call.machine.call(call.arguments.positional[0], Arguments((item,)), call.line) for item in items]


def _next(call: Call) -> Value:
    value = call.get(0)
    if isinstance(value, TextFile):
        return value.line()
    items = items_of(call, value)
    if isinstance(items, Unknown):
        return items
    if items:
        return items[0]
    if len(call.arguments.positional) < 2:
        raise Raised(StopIteration)
    return call.arguments.positional[1]


def _same(call: Call) -> Value:
    return call.get(0)


def _nothing(_call: Call) -> Value:
    return None


def _isinstance(call: Call) -> Value:
    value, kind = call.get(0), call.get(1)
    kinds = {"builtins.str": str, "builtins.list": list, "builtins.dict": dict, "builtins.tuple": tuple}
    if isinstance(value, Unknown) or not isinstance(kind, Reference) or kind.name not in kinds:
        return call.unknown("a type")
    return isinstance(value, kinds[kind.name])


def chained(call: Call, parts: list[Value]) -> Value:
    """Return the items of all parts in one list."""
    found: list[Value] = []
    for part in parts:
        items = items_of(call, part)
        if isinstance(items, Unknown):
            return items
        found += items
        if len(found) > MAX_SIZE:
            raise BudgetSpentError("a list grows too large")
    return found


# ---------------------------------------------------------------- files, modules, code


def _open(call: Call) -> Value:
    mode = call.get(1, "mode", "r")
    if not isinstance(mode, str) or set(mode) & set("wax+"):
        return call.unknown("a file that is written")
    return open_file(call, call.get(0, "file"))


def _import_module(call: Call) -> Value:
    name = call.get(0, "name")
    if not isinstance(name, str):
        return call.unknown("a module's name")
    return call.machine.find_module(name) or Reference(name)


def _exec(call: Call) -> Value:
    text, scope, local = call.get(0, "source"), call.get(1, "globals"), call.get(2, "locals")
    scope = scope if local is None else local
    if isinstance(text, TextFile):
        text = text.rest()
    names = scope if isinstance(scope, dict) else None
    if not isinstance(text, str) or (scope is not None and names is None):
        if names is not None:
            names[OPEN_KEY] = True
        return call.unknown("code that is executed")
    if not call.machine.run_text(text, names):
        return call.unknown("code that is executed")
    return None


def _eval(call: Call) -> Value:
    text = call.get(0, "expression")
    call.machine.spend(len(text) // 5 if isinstance(text, str) else 0)
    tree = parse(text.strip()) if isinstance(text, str) and len(call.arguments.positional) == 1 else None
    if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return call.unknown("code that is evaluated")
    return call.machine.evaluate(tree.body[0].value)


def _getattr(call: Call) -> Value:
    owner, name = call.get(0), call.get(1)
    if isinstance(owner, Module) and isinstance(name, str):
        names = call.machine.names_of(owner)
        if name in names:
            return call.machine.resolve(names[name], call.line)
    return call.unknown("an attribute")


def _scope(index: int) -> Known:
    return lambda call: call.machine.visible_scopes()[index]


def _stop(_call: Call) -> Value:
    raise Stopped


BUILTINS: dict[str, Known] = {
    "str": _str,
    "unicode": _str,
    "int": _number(int),
    "float": _number(float),
    "bool": _bool,
    "len": _len,
    "list": _container(list),
    "tuple": _container(tuple),
    "set": _set,
    "frozenset": _set,
    "reversed": _container(lambda items: items[::-1]),
    "iter": _container(list),
    "dict": _dict,
    "sorted": _sorted,
    "sum": _sum,
    "range": _range,
    "zip": _zip,
    "enumerate": _enumerate,
    "any": _quantifier(any),
    "all": _quantifier(all),
    "filter": _filter,
    "map": _map,
    "next": _next,
    "isinstance": _isinstance,
    "open": _open,
    "print": _nothing,
    "exec": _exec,
    "eval": _eval,
    "compile": _same,
    "getattr": _getattr,
    "globals": _scope(0),
    "locals": _scope(-1),
    "exit": _stop,
    "quit": _stop,
    "__import__": _import_module,
}
"""By their bare names."""

"""Taking a value apart: the items of an iteration, and the targets of an assignment."""

import ast

from conda_bridge.infer.project.evaluator.interpreter import Interpreter
from conda_bridge.infer.project.evaluator.values import (
    OPEN_KEY,
    Environment,
    TextFile,
    Unknown,
    Value,
    VersionInfo,
    ordered,
)

__all__ = ["iterate", "store"]


def iterate(machine: Interpreter, value: Value, line: int) -> list[Value] | Unknown:
    """Return the items of a value, or why they aren't known."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, TextFile):
        items: list[Value] = list(value.rest().splitlines(keepends=True))
    elif isinstance(value, dict) and OPEN_KEY in value:
        return machine.unknown(line, "the keys of a dict")
    elif isinstance(value, VersionInfo) and value.is_short:
        items = [3, machine.ask(lambda world: world.minor)]
    elif isinstance(value, (str, list, tuple, dict)):
        items = list(value)
    elif isinstance(value, (set, frozenset)):
        items = ordered(value)
    elif isinstance(value, range):
        items = list(value)
    else:
        return machine.unknown(line, "an iteration")
    machine.spend(len(items) // 10)
    return items


def store(machine: Interpreter, target: ast.expr, value: Value) -> None:
    """Assign a value to a target: a name, an item, or several of them."""
    match target:
        case ast.Name(id=name):
            machine.assign(name, value)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            _store_all(machine, targets, value, target.lineno)
        case ast.Subscript():
            _store_item(machine, machine.evaluate(target.value), machine.evaluate(target.slice), value)
        case ast.Starred(value=inner):
            store(machine, inner, machine.unknown(target.lineno, "a starred target"))
        case _:
            # An attribute of an object that isn't known anyway.
            pass


def _store_all(machine: Interpreter, targets: list[ast.expr], value: Value, line: int) -> None:
    items = iterate(machine, value, line)
    is_plain = not any(isinstance(target, ast.Starred) for target in targets)
    if isinstance(items, Unknown) or not is_plain or len(items) != len(targets):
        doubt = items if isinstance(items, Unknown) else machine.unknown(line, "an unpacking")
        items = [doubt] * len(targets)
    for target, item in zip(targets, items, strict=True):
        store(machine, target, item)


def _store_item(machine: Interpreter, container: Value, key: Value, value: Value) -> None:
    if isinstance(container, dict):
        if isinstance(key, Unknown):
            container.update(dict.fromkeys(container, key))
            container[OPEN_KEY] = True
        else:
            container[key] = value
    elif isinstance(container, Environment) and isinstance(key, str):
        container.names[key] = value
    elif isinstance(container, list):
        if isinstance(key, int) and -len(container) <= key < len(container):
            container[key] = value
        else:
            container[:] = [machine.unknown(0, "an assignment to a part of a list")]

"""One function a kind of expression; each returns a value, `Unknown` where text doesn't tell it."""

import ast
from collections.abc import Callable

from conda_bridge.infer.project.evaluator.attributes import attribute_of, item_of
from conda_bridge.infer.project.evaluator.interpreter import Interpreter
from conda_bridge.infer.project.evaluator.operators import (
    MAX_SIZE,
    binary,
    compare,
    compare_python,
    text_of,
    truth,
)
from conda_bridge.infer.project.evaluator.targets import iterate, store
from conda_bridge.infer.project.evaluator.values import (
    OPEN_KEY,
    Arguments,
    BudgetSpentError,
    Function,
    Unknown,
    Value,
    VersionInfo,
    equal,
    first_unknown,
)

__all__ = ["EXPRESSIONS"]

_MAX_SPEC = 8


def _constant(_machine: Interpreter, node: ast.Constant) -> Value:
    return node.value


def _name(machine: Interpreter, node: ast.Name) -> Value:
    return machine.lookup(node.id, node.lineno)


def _members(machine: Interpreter, nodes: list[ast.expr]) -> list[Value] | Unknown:
    """Return the values of a display's members; a starred one that isn't known makes all unknown."""
    found: list[Value] = []
    for node in nodes:
        if not isinstance(node, ast.Starred):
            found.append(machine.evaluate(node))
            continue
        items = iterate(machine, machine.evaluate(node.value), node.lineno)
        if isinstance(items, Unknown):
            return items
        found += items
    return found


def _list(machine: Interpreter, node: ast.List) -> Value:
    return _members(machine, node.elts)


def _tuple(machine: Interpreter, node: ast.Tuple) -> Value:
    members = _members(machine, node.elts)
    return members if isinstance(members, Unknown) else tuple(members)


def _set(machine: Interpreter, node: ast.Set) -> Value:
    members = _members(machine, node.elts)
    return members if isinstance(members, Unknown) else set(members)


def _dict(machine: Interpreter, node: ast.Dict) -> Value:
    found: dict[Value, Value] = {}
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = machine.evaluate(value_node)
        if key_node is None:
            found.update(value if isinstance(value, dict) else {OPEN_KEY: True})
            continue
        key = machine.evaluate(key_node)
        if first_unknown(key):
            found[OPEN_KEY] = True
        else:
            found[key] = value
    return found


def _joined(machine: Interpreter, node: ast.JoinedStr) -> Value:
    parts: list[str] = []
    for part in node.values:
        value = machine.evaluate(part)
        if not isinstance(value, str):
            return value if isinstance(value, Unknown) else machine.unknown(node.lineno, "an f-string")
        parts.append(value)
    if sum(map(len, parts)) > MAX_SIZE:
        raise BudgetSpentError("an f-string grows too large")
    return "".join(parts)


def _formatted(machine: Interpreter, node: ast.FormattedValue) -> Value:
    value = machine.evaluate(node.value)
    spec = machine.evaluate(node.format_spec) if node.format_spec else ""
    if isinstance(value, Unknown):
        return value
    text = repr(value) if node.conversion == ord("r") and isinstance(value, str) else text_of(value)
    if text is None or spec:
        return _with_spec(machine, value, spec, node)
    return text


def _with_spec(machine: Interpreter, value: Value, spec: Value, node: ast.FormattedValue) -> Value:
    if isinstance(spec, str) and len(spec) <= _MAX_SPEC and isinstance(value, str | int | float):
        digits = "".join(c if c.isdigit() else " " for c in spec).split()
        if all(len(run) <= 2 for run in digits):
            return format(value, spec)
    return machine.unknown(node.lineno, "a format")


def _binary(machine: Interpreter, node: ast.BinOp) -> Value:
    """Evaluate a chain such as `a + b + c` without recursion down its left side."""
    chain: list[ast.BinOp] = []
    left_node: ast.expr = node
    while isinstance(left_node, ast.BinOp):
        chain.append(left_node)
        left_node = left_node.left
    left = machine.evaluate(left_node)
    for link in reversed(chain):
        machine.spend()
        right = machine.evaluate(link.right)
        right = _short_version(machine, right)
        unknown = first_unknown_side(left, right)
        if unknown is not None:
            left = unknown
            continue
        result = binary(type(link.op), left, right)
        known = result is not None
        left = result if known else machine.unknown(link.lineno, "an operation")
    return left


def _short_version(machine: Interpreter, value: Value) -> Value:
    """Return `sys.version_info[:2]` as the tuple that it is in this world; other values as they are."""
    if isinstance(value, VersionInfo) and value.is_short:
        return (3, machine.ask(lambda world: world.minor))
    return value


def first_unknown_side(*values: Value) -> Unknown | None:
    """Return the first value that is unknown as a whole; lists with unknown members are lists."""
    return next((value for value in values if isinstance(value, Unknown)), None)


def _boolean(machine: Interpreter, node: ast.BoolOp) -> Value:
    value: Value = None
    for operand in node.values:
        value = machine.evaluate(operand)
        known = truth(value)
        if known is None or known == isinstance(node.op, ast.Or):
            return value
    return value


def _compare(machine: Interpreter, node: ast.Compare) -> Value:
    left = machine.evaluate(node.left)
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        right = machine.evaluate(right_node)
        if isinstance(left, VersionInfo) or isinstance(right, VersionInfo):
            result = _compare_python(machine, type(operator), left, right)
        else:
            machine.spend(_length(left) + _length(right))
            result = compare(type(operator), left, right)
        if result is None:
            return first_unknown_side(left, right) or machine.unknown(node.lineno, "a comparison")
        if not result:
            return False
        left = right
    return True


def _length(value: Value) -> int:
    """Return what looking through a value costs."""
    if isinstance(value, (str, bytes)):
        return len(value) >> 10
    return len(value) >> 4 if isinstance(value, (list, tuple, dict)) else 0


def _compare_python(machine: Interpreter, kind: type[ast.cmpop], left: Value, right: Value) -> bool | None:
    return machine.ask(lambda world: compare_python(kind, left, right, world.minor))


def _unary(machine: Interpreter, node: ast.UnaryOp) -> Value:
    value = machine.evaluate(node.operand)
    if isinstance(node.op, ast.Not):
        known = truth(value)
        return value if known is None else not known
    if isinstance(node.op, ast.USub) and isinstance(value, int | float):
        return -value
    return value if isinstance(value, Unknown) else machine.unknown(node.lineno, "an operation")


def _conditional(machine: Interpreter, node: ast.IfExp) -> Value:
    test = machine.evaluate(node.test)
    known = truth(test)
    if known is not None:
        return machine.evaluate(node.body if known else node.orelse)
    left, right = machine.evaluate(node.body), machine.evaluate(node.orelse)
    return left if equal(left, right) else machine.unknown(node.lineno, "a condition")


def _attribute(machine: Interpreter, node: ast.Attribute) -> Value:
    return attribute_of(machine, machine.evaluate(node.value), node.attr, node.lineno)


def _subscript(machine: Interpreter, node: ast.Subscript) -> Value:
    value = machine.evaluate(node.value)
    key = machine.evaluate(node.slice)
    return item_of(machine, value, key, node.lineno)


def _slice(machine: Interpreter, node: ast.Slice) -> Value:
    bounds = [machine.evaluate(part) if part else None for part in (node.lower, node.upper, node.step)]
    if not all(bound is None or isinstance(bound, int) for bound in bounds):
        return first_unknown_side(*bounds) or machine.unknown(node.lineno, "a slice")
    return slice(*bounds)


def _call(machine: Interpreter, node: ast.Call) -> Value:
    function = machine.evaluate(node.func)
    positional: list[Value] = []
    is_open = False
    for argument in node.args:
        members = _members(machine, [argument])
        is_open |= isinstance(members, Unknown)
        positional += [] if isinstance(members, Unknown) else members
    keywords: dict[str, Value] = {}
    lines: dict[str, int] = {}
    for keyword in node.keywords:
        value = machine.evaluate(keyword.value)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
            lines[keyword.arg] = keyword.value.lineno
            continue
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            is_open = True
        for name, member in value.items() if isinstance(value, dict) else ():
            if isinstance(name, str):
                keywords[name] = member
                lines[name] = keyword.value.lineno
    arguments = Arguments(tuple(positional), keywords, lines, is_open)
    return machine.call(function, arguments, node.lineno)


def _lambda(machine: Interpreter, node: ast.Lambda) -> Value:
    return Function("<lambda>", node.args, node.body, machine.visible_scopes(), machine.path)


def _named(machine: Interpreter, node: ast.NamedExpr) -> Value:
    value = machine.evaluate(node.value)
    machine.assign(node.target.id, value)
    return value


# ---------------------------------------------------------------- comprehensions


def _list_comprehension(machine: Interpreter, node: ast.ListComp | ast.GeneratorExp) -> Value:
    found: list[Value] = []
    doubt = _generate(machine, node.generators, lambda: found.append(machine.evaluate(node.elt)))
    return doubt or found


def _set_comprehension(machine: Interpreter, node: ast.SetComp) -> Value:
    found: set[Value] = set()
    doubt = _generate(machine, node.generators, lambda: found.add(machine.evaluate(node.elt)))
    return doubt or found


def _dict_comprehension(machine: Interpreter, node: ast.DictComp) -> Value:
    found: dict[Value, Value] = {}

    def add() -> None:
        key = machine.evaluate(node.key)
        found[OPEN_KEY if isinstance(key, Unknown) else key] = machine.evaluate(node.value)

    doubt = _generate(machine, node.generators, add)
    return doubt or found


def _generate(
    machine: Interpreter, generators: list[ast.comprehension], emit: Callable[[], None]
) -> Unknown | None:
    """Run a comprehension's loops; return what makes the whole unknown, if anything does."""
    if not generators:
        emit()
        return None
    first, rest = generators[0], generators[1:]
    items = iterate(machine, machine.evaluate(first.iter), first.iter.lineno)
    if isinstance(items, Unknown):
        return items
    with machine.inner_scope():
        for item in items:
            machine.spend()
            store(machine, first.target, item)
            wanted = _all_true(machine, first.ifs)
            if isinstance(wanted, Unknown):
                return wanted
            doubt = _generate(machine, rest, emit) if wanted else None
            if doubt is not None:
                return doubt
    return None


def _all_true(machine: Interpreter, tests: list[ast.expr]) -> bool | Unknown:
    for test in tests:
        value = machine.evaluate(test)
        known = truth(value)
        if known is None:
            return value if isinstance(value, Unknown) else machine.unknown(test.lineno, "a condition")
        if not known:
            return False
    return True


EXPRESSIONS: dict[type[ast.expr], Callable[..., Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.JoinedStr: _joined,
    ast.FormattedValue: _formatted,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.IfExp: _conditional,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Call: _call,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named,
    ast.ListComp: _list_comprehension,
    ast.GeneratorExp: _list_comprehension,
    ast.SetComp: _set_comprehension,
    ast.DictComp: _dict_comprehension,
}

"""One function a kind of statement; what can't be followed makes the names that it binds unknown."""

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from conda_bridge.infer.project.evaluator.attributes import attribute_of
from conda_bridge.infer.project.evaluator.interpreter import Interpreter
from conda_bridge.infer.project.evaluator.operators import binary, truth
from conda_bridge.infer.project.evaluator.targets import iterate, store
from conda_bridge.infer.project.evaluator.values import (
    OPEN_KEY,
    BudgetSpentError,
    Function,
    ImportedName,
    LoopEnded,
    Module,
    Raised,
    Reference,
    Returned,
    Stopped,
    Unknown,
)

__all__ = ["STATEMENTS"]

_PYTHON_2_MODULES = frozenset({
    "ConfigParser", "StringIO", "cStringIO", "urllib2", "urlparse", "__builtin__", "commands", "httplib",
    "cPickle", "Queue", "xmlrpclib", "HTMLParser", "exceptions", "__pypy__",
})  # fmt: skip
_REMOVED_FROM_PIP = frozenset({"pip.req", "pip.download"})
_CERTAIN = frozenset({"setuptools", "pkg_resources", "distutils", "imp", "pip"}) | sys.stdlib_module_names
_CATCH_ALL = frozenset({"BaseException"})
_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError"})
_OTHER_NAMES = {
    "IOError": "OSError",
    "EnvironmentError": "OSError",
    "WindowsError": "OSError",
    "StandardError": "Exception",
}
_MAX_LOOPS = 5_000


def _expression(machine: Interpreter, node: ast.Expr) -> None:
    match node.value:
        case ast.Yield(value=value):
            machine.emit(machine.evaluate(value) if value else None)
        case ast.YieldFrom(value=value):
            items = iterate(machine, machine.evaluate(value), node.lineno)
            for item in [items] if isinstance(items, Unknown) else items:
                machine.emit(item)
        case value:
            machine.evaluate(value)


def _assign(machine: Interpreter, node: ast.Assign) -> None:
    value = machine.evaluate(node.value)
    for target in node.targets:
        store(machine, target, value)


def _annotated(machine: Interpreter, node: ast.AnnAssign) -> None:
    if node.value is not None:
        store(machine, node.target, machine.evaluate(node.value))


def _augmented(machine: Interpreter, node: ast.AugAssign) -> None:
    target = node.target
    left, right = machine.evaluate(target), machine.evaluate(node.value)
    if isinstance(left, list) and isinstance(node.op, ast.Add):
        # `+=` changes the list itself, whoever else holds it.
        items = iterate(machine, right, node.lineno)
        left.extend([items] if isinstance(items, Unknown) else items)
        return
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        store(machine, target, left if isinstance(left, Unknown) else right)
        return
    result = binary(type(node.op), left, right)
    store(machine, target, machine.unknown(node.lineno, "an operation") if result is None else result)


def _if(machine: Interpreter, node: ast.If) -> None:
    known = truth(machine.evaluate(node.test))
    if known is None:
        machine.follow(node.lineno, [lambda: machine.run(node.body), lambda: machine.run(node.orelse)])
    else:
        machine.run(node.body if known else node.orelse)


def _for(machine: Interpreter, node: ast.For) -> None:
    items = iterate(machine, machine.evaluate(node.iter), node.lineno)
    if isinstance(items, Unknown) or len(items) > _MAX_LOOPS:
        _forget(machine, [node], "a loop")
        return
    for item in items:
        machine.spend()
        store(machine, node.target, item)
        try:
            machine.run(node.body)
        except LoopEnded as ended:
            if ended.is_doubtful:
                _forget(machine, [node], "a loop")
            if ended.is_break:
                return
    machine.run(node.orelse)


def _while(machine: Interpreter, node: ast.While) -> None:
    for _ in range(_MAX_LOOPS):
        machine.spend()
        known = truth(machine.evaluate(node.test))
        if not known:
            break
        try:
            machine.run(node.body)
        except LoopEnded as ended:
            if ended.is_doubtful:
                known = None
                break
            if ended.is_break:
                return
    else:
        raise BudgetSpentError("a loop goes on for ever")
    if known is None:
        _forget(machine, [node], "a loop")
    else:
        machine.run(node.orelse)


def _forget(machine: Interpreter, body: Sequence[ast.stmt], what: str) -> None:
    """Make unknown whatever the statements may bind or change."""
    for name, line in _touched(body):
        machine.assign(name, machine.unknown(line, what))


def _touched(body: Sequence[ast.stmt]) -> Iterator[tuple[str, int]]:
    """Yield the names that statements may bind, and those of objects that they may change."""
    for statement in body:
        for node in ast.walk(statement):
            match node:
                case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                    yield name, node.lineno
                case (
                    ast.Attribute(value=ast.Name(id=name))
                    | ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del())
                    | ast.AugAssign(target=ast.Name(id=name))
                ):
                    yield name, node.lineno
                case _:
                    pass


def _with(machine: Interpreter, node: ast.With) -> None:
    for item in node.items:
        value = machine.evaluate(item.context_expr)
        if item.optional_vars is not None:
            store(machine, item.optional_vars, value)
    machine.run(node.body)


def _try(machine: Interpreter, node: ast.Try) -> None:
    """Run the body; its handlers, too, where something unknown in the body may have raised."""
    doubts, import_doubts = machine.doubts()
    before = machine.snapshot()
    try:
        machine.run(node.body)
        machine.run(node.orelse)
    except Raised as raised:
        handler = next((h for h in node.handlers if _names(h) & raised.names), None)
        if handler is None:
            machine.run(node.finalbody)
            raise
        _handle(machine, handler)
    else:
        now, imports_now = machine.doubts()
        may_raise = now > doubts
        ways = [
            partial(_handle, machine, handler)
            for handler in node.handlers
            if imports_now > import_doubts or (may_raise and not _names(handler) <= _IMPORT_ERRORS)
        ]
        if ways:
            machine.follow(node.lineno, ways, before=before)
    machine.run(node.finalbody)


def _handle(machine: Interpreter, handler: ast.ExceptHandler) -> None:
    if handler.name:
        machine.assign(handler.name, machine.unknown(handler.lineno, "an exception"))
    machine.run(handler.body)


def _names(handler: ast.ExceptHandler) -> frozenset[str]:
    """Return the names of the exceptions that a handler catches."""
    if handler.type is None:
        return _CATCH_ALL
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = (node.attr if isinstance(node, ast.Attribute) else ast.unparse(node) for node in types)
    return frozenset(_OTHER_NAMES.get(name, name) for name in names)


# ---------------------------------------------------------------- functions, classes, modules


def _function(machine: Interpreter, node: ast.FunctionDef) -> None:
    if node.decorator_list:
        machine.assign(node.name, machine.unknown(node.lineno, f"the decorated function {node.name!r}"))
        return
    is_generator = any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(node))
    scopes = machine.visible_scopes()
    machine.assign(node.name, Function(node.name, node.args, node.body, scopes, machine.path, is_generator))


def _opaque(machine: Interpreter, node: ast.ClassDef | ast.AsyncFunctionDef) -> None:
    machine.assign(node.name, machine.unknown(node.lineno, f"{node.name!r} itself"))


def _import(machine: Interpreter, node: ast.Import) -> None:
    for alias in node.names:
        name = alias.name
        _check_importable(machine, name)
        top = name.partition(".")[0]
        bound = name if alias.asname else top
        machine.assign(alias.asname or top, machine.find_module(bound) or Reference(bound))


def _import_from(machine: Interpreter, node: ast.ImportFrom) -> None:
    if node.module == "__future__":
        return
    name = node.module or ""
    module = machine.find_module(name, level=node.level)
    if module is None and not node.level:
        _check_importable(machine, name)
    for alias in node.names:
        if alias.name == "*":
            _import_all(machine, module)
        elif module is not None:
            machine.assign(alias.asname or alias.name, ImportedName(module, alias.name))
        elif node.level:
            doubt = machine.unknown(node.lineno, f"the module {name!r}")
            machine.assign(alias.asname or alias.name, doubt)
        else:
            value = attribute_of(machine, Reference(name), alias.name, node.lineno)
            machine.assign(alias.asname or alias.name, value)


def _import_all(machine: Interpreter, module: Module | None) -> None:
    if module is None:
        # Any name may come from there: those that nothing else defines are unknown anyway.
        return
    for name in list(machine.names_of(module)):
        if not name.startswith("_"):
            machine.assign(name, ImportedName(module, name))


def _check_importable(machine: Interpreter, name: str) -> None:
    """Note a doubt where an import may fail.

    Raises:
        Raised: it surely fails on python 3.
    """
    top = name.partition(".")[0]
    if top in _PYTHON_2_MODULES or name in _REMOVED_FROM_PIP:
        raise Raised(ModuleNotFoundError)
    if top not in _CERTAIN and machine.find_module(top) is None:
        machine.doubt_import()


# ---------------------------------------------------------------- the rest


def _global(machine: Interpreter, node: ast.Global) -> None:
    machine.declare_global(node.names)


def _delete(machine: Interpreter, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Subscript):
            container, key = machine.evaluate(target.value), machine.evaluate(target.slice)
            if isinstance(container, dict) and not isinstance(key, Unknown) and OPEN_KEY not in container:
                container.pop(key, None)
                continue
        _forget(machine, [node], "a deletion")


def _return(machine: Interpreter, node: ast.Return) -> None:
    raise Returned(machine.evaluate(node.value) if node.value else None)


def _raise(_machine: Interpreter, node: ast.Raise) -> None:
    kind = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    name = ast.unparse(kind).rpartition(".")[2] if kind else "Exception"
    if name == "SystemExit":
        raise Stopped
    raise Raised(name)


def _assert(machine: Interpreter, node: ast.Assert) -> None:
    if truth(machine.evaluate(node.test)) is False:
        raise Raised(AssertionError)


def _nothing(_machine: Interpreter, _node: ast.stmt) -> None:
    pass


def _break(_machine: Interpreter, node: ast.Break | ast.Continue) -> None:
    raise LoopEnded(is_break=isinstance(node, ast.Break))


def _unfollowed(machine: Interpreter, node: ast.stmt) -> None:
    _forget(machine, [node], "a statement")


STATEMENTS: dict[type[ast.stmt], Callable[..., None]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.If: _if,
    ast.For: _for,
    ast.While: _while,
    ast.With: _with,
    ast.Try: _try,
    ast.TryStar: _unfollowed,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _opaque,
    ast.ClassDef: _opaque,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _global,
    ast.Nonlocal: _nothing,
    ast.Delete: _delete,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Pass: _nothing,
    ast.Break: _break,
    ast.Continue: _break,
    ast.Match: _unfollowed,
    ast.AsyncFor: _unfollowed,
    ast.AsyncWith: _unfollowed,
}

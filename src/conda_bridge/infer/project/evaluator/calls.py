"""The arguments of a call -> the scope of the function that takes them."""

import ast
from collections.abc import Iterator

from conda_bridge.infer.project.evaluator.interpreter import Interpreter
from conda_bridge.infer.project.evaluator.values import OPEN_KEY, Arguments, Function, Scope, Unknown

__all__ = ["bound_scope", "spoil"]


def bound_scope(machine: Interpreter, function: Function, arguments: Arguments) -> Scope | None:
    """Return the scope of a call's parameters; None where it isn't known which get what."""
    parameters = function.parameters
    names = [parameter.arg for parameter in (*parameters.posonlyargs, *parameters.args)]
    if arguments.is_open or (len(arguments.positional) > len(names) and parameters.vararg is None):
        return None
    local: Scope = dict(zip(names, arguments.positional, strict=False))
    if parameters.vararg is not None:
        local[parameters.vararg.arg] = tuple(arguments.positional[len(names) :])
    every = {*names, *(parameter.arg for parameter in parameters.kwonlyargs)}
    extra = {name: value for name, value in arguments.keywords.items() if name not in every}
    if extra and parameters.kwarg is None:
        return None
    if parameters.kwarg is not None:
        local[parameters.kwarg.arg] = dict(extra)
    local.update({name: value for name, value in arguments.keywords.items() if name in every})
    for name, default in _defaults(parameters):
        if name not in local:
            local[name] = machine.evaluate(default)
    return local if every <= local.keys() else None


def spoil(arguments: Arguments, doubt: Unknown) -> None:
    """Make unknown what a function that can't be followed may have changed."""
    for value in (*arguments.positional, *arguments.keywords.values()):
        if isinstance(value, list):
            value[:] = [doubt]
        elif isinstance(value, dict):
            value.update(dict.fromkeys(value, doubt))
            value[OPEN_KEY] = True


def _defaults(parameters: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    positional = [*parameters.posonlyargs, *parameters.args]
    for parameter, default in zip(reversed(positional), reversed(parameters.defaults), strict=False):
        yield parameter.arg, default
    for parameter, keyword_default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
        if keyword_default is not None:
            yield parameter.arg, keyword_default

"""Modules behind commands -> signals of what a command's `--help` runs into.

command-import     FUNCTION:MODULE   what it imports before it does anything, perhaps by a function of its own that
                                     explains what to install; FUNCTION is empty where the module itself does
command-elsewhere  NAME:PATH         where a `__main__` has a function from, as a path without suffix
plain-arguments    FUNCTION          it takes whatever it is given for file names and the like
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from posixpath import dirname, join, normpath

from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.infer.scan.interest import is_command_module, is_package_module
from conda_bridge.model.source import Signal

__all__ = ["scan_command", "scan_plain_arguments"]

_MAX_CHARACTERS = 300_000
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*", re.ASCII)
_IMPORTER = re.compile(r"\w*(?:import|require)\w*", re.IGNORECASE)
_PARSER = re.compile(
    r"argparse|optparse|getopt|\bclick\b|docopt|typer|\bfire\b|absl|cleo|cyclopts|\bplac\b|clize|tyro|invoke|gflags"
)
"""Whoever speaks of one may understand --help."""
_HELP = re.compile(r"help|usage", re.IGNORECASE)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def scan_command(path: str, text: str) -> tuple[Signal, ...]:
    """Find what a module, by its name a command's, imports without being ready for its absence."""
    if not is_command_module(path) or len(text) > _MAX_CHARACTERS:
        return ()
    tree = parse(text)
    if tree is None:
        return ()
    found = [(f":{name}", line) for name, line in _imported(tree.body)]
    for one in tree.body:
        if isinstance(one, _Function):
            found += [(f"{one.name}:{name}", line) for name, line in _imported(one.body)]
    signals = [Signal(kind="command-import", token=token, path=path, line=line) for token, line in found]
    if path.endswith("__main__.py"):
        signals += _elsewhere(path, tree.body)
    return tuple(dict.fromkeys(signals))


def scan_plain_arguments(path: str, text: str) -> tuple[Signal, ...]:
    """Find the functions that take their arguments from `sys.argv` one by one, in a module that knows no options."""
    if not is_package_module(path) or len(text) > _MAX_CHARACTERS or _PARSER.search(text):
        return ()
    tree = parse(text)
    return tuple(
        Signal(kind="plain-arguments", token=one.name, path=path, line=one.lineno)
        for one in (tree.body if tree else ())
        if isinstance(one, _Function) and _takes_plainly(one)
    )


def _imported(statements: Iterable[ast.stmt]) -> Iterator[tuple[str, int]]:
    """Yield (module, line) of what others have and the statements themselves import, whatever happens."""
    yield from ((name, line) for name, line in _named(statements) if name not in sys.stdlib_module_names)


def _named(statements: Iterable[ast.stmt]) -> Iterator[tuple[str, int]]:
    for one in statements:
        match one:
            case ast.Import(names=names):
                yield from ((alias.name.partition(".")[0], one.lineno) for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0], one.lineno
            case (
                ast.Expr(value=ast.Call(func=func, args=[ast.Constant(value=str(name)), *_], keywords=[]))
                | ast.Assign(value=ast.Call(func=func, args=[ast.Constant(value=str(name)), *_], keywords=[]))
            ):
                if _IMPORTER.fullmatch(_called(func)) and _MODULE.fullmatch(name):
                    yield name.partition(".")[0], one.lineno
            case _:
                pass


def _called(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _elsewhere(path: str, statements: Iterable[ast.stmt]) -> Iterator[Signal]:
    for one in statements:
        if not isinstance(one, ast.ImportFrom) or one.module is None:
            continue
        folder = dirname(path)
        for _ in range(one.level - 1):
            folder = dirname(folder)
        place = one.module.replace(".", "/")
        target = normpath(join(folder, place)) if one.level else place
        for alias in one.names:
            token = f"{alias.asname or alias.name}:{target}:{alias.name}"
            yield Signal(kind="command-elsewhere", token=token, path=path, line=one.lineno)


def _takes_plainly(function: _Function) -> bool:
    """Tell whether a function looks into `sys.argv` itself, and hands it to nobody who might know better."""
    nodes = list(ast.walk(function))
    if not any(isinstance(node, ast.Attribute) and _is_argv(node) for node in nodes):
        return False
    if any(_speaks_of_help(node) for node in nodes if node not in _docstring(function)):
        return False
    calls = [node for node in nodes if isinstance(node, ast.Call) and _called(node.func) != "len"]
    return not any(_hands_on(argument) for call in calls for argument in (*call.args, *call.keywords))


def _docstring(function: _Function) -> tuple[ast.expr, ...]:
    first = function.body[0]
    return (first.value,) if isinstance(first, ast.Expr) else ()


def _speaks_of_help(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str(text)) | ast.Name(id=text) | ast.Attribute(attr=text):
            return bool(_HELP.search(text))
        case _:
            return False


def _hands_on(argument: ast.AST) -> bool:
    """Tell whether all arguments, or those from some place on, are in what a call is given."""
    nodes = list(ast.walk(argument))
    single = {
        node.value
        for node in nodes
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice)
    }
    return any(_is_argv(node) and node not in single for node in nodes)


def _is_argv(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute | ast.Name) and _called(node) == "argv"

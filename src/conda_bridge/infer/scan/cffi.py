"""Python modules that build with cffi -> the headers and libraries of their C source.

Source: cffi documentation, "Preparing and Distributing modules".
"""

import ast
from collections.abc import Iterator

from conda_bridge.infer.project.evaluator.parsing import parse
from conda_bridge.infer.scan.includes import scan_includes
from conda_bridge.infer.scan.tokens import is_token_name
from conda_bridge.model.source import Signal

__all__ = ["scan_cffi"]

_BUILDERS = frozenset({"set_source", "verify", "create_extension", "set_source_pkgconfig"})


def scan_cffi(path: str, text: str) -> tuple[Signal, ...]:
    """Return what a module says that hands C source to cffi; modules that don't use cffi have none."""
    tree = parse(text) if "cffi" in text or "FFI" in text else None
    if tree is None:
        return ()
    names = _constants(tree)
    found: list[Signal] = []
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    for call in calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in _BUILDERS:
            if _has_no_source(call):
                found.append(Signal(kind="cffi-abi", token="cffi", path=path, line=call.lineno))
            found += _libraries(path, call, names)
    # The source is a string, often put together from several: an include in any of them counts.
    if any(isinstance(node, ast.Attribute) and node.attr in _BUILDERS for node in ast.walk(tree)):
        found += _includes(path, tree)
    return tuple(dict.fromkeys(found))


def _has_no_source(call: ast.Call) -> bool:
    """Tell whether a module is one of cffi's ABI mode, which nothing compiles."""
    source = next((keyword.value for keyword in call.keywords if keyword.arg == "source"), None)
    source = source if source is not None or len(call.args) < 2 else call.args[1]
    return isinstance(source, ast.Constant) and source.value is None


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Return what names of the module stand for, where each is assigned once."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _libraries(path: str, call: ast.Call, names: dict[str, ast.expr]) -> Iterator[Signal]:
    attribute = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    for keyword in call.keywords:
        if keyword.arg == "libraries":
            yield from _strings(path, keyword.value, names, "library")
    if attribute == "set_source_pkgconfig" and len(call.args) > 1:
        yield from _strings(path, call.args[1], names, "pkg-config")


def _strings(path: str, value: ast.expr, names: dict[str, ast.expr], kind: str) -> Iterator[Signal]:
    if isinstance(value, ast.Name):
        value = names.get(value.id, value)
    items = value.elts if isinstance(value, ast.List | ast.Tuple) else ()
    for item in items:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            name = item.value.split(maxsplit=1)[0] if item.value.strip() else ""
            if is_token_name(name):
                yield Signal(kind=kind, token=name, path=path, line=item.lineno)


def _includes(path: str, tree: ast.Module) -> Iterator[Signal]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "#" in node.value:
            for signal in scan_includes(path, node.value.encode("utf-8", "replace")):
                yield Signal(
                    kind=signal.kind, token=signal.token, path=path, line=node.lineno + signal.line - 1
                )

"""Tests of Python build code -> the platforms where they hold: `sys.platform`, `os.name`, `platform.system()`."""

import ast
import re
from collections.abc import Callable

from conda_bridge.infer.scan.platforms import (
    EVERY_PLATFORM,
    UNKNOWN,
    Condition,
    on_platforms,
    platforms_named,
)

__all__ = ["condition_of", "dotted_name"]

_ASKED = re.compile(
    r"(?:sys|_sys)\.platform|platform|os\.name|(?:platform\.|get_|util\.|sysconfig\.)*(?:system|get_platform|platform)\(\)"
    r"|(?:\w+\.)*compiler_type|(?:\w+\.)*(?:plat_name|get_default_compiler\(\))|os\.uname\(\)(?:\[\]|\.sysname)"
)
_SPEAKING = re.compile(
    r"_*(?:is|on|plat|platform|host|target|building|build)?_?(?:is|on|for)?_?"
    r"(?P<word>win(?:dows|32|64)?|nt|msvc|mac(?:os|osx|osx)?|osx|darwin|apple|linux|posix|unix)_*(?:os|platform|like)?_*"
)
_LOOKING = re.compile(
    r"environ|getenv|find_|have_|has_|_found|exists|isfile|isdir|which|check_|argv|enabled|getattr|strtobool"
)
_ASKS_USER = re.compile(r"environ\.get|getenv|env\.get|get_env")
_MAX_DEPTH = 8

Lookup = Callable[[str], Condition | None]


def dotted_name(node: ast.expr) -> str:
    """Return `a.b.c` of a name or an attribute, `a.b()` of a call; what else stands before a dot is `?`."""
    parts: list[str] = []
    while True:
        match node:
            case ast.Attribute(value=value, attr=attr):
                parts.append(f".{attr}")
                node = value
            case ast.Call(func=func):
                parts.append("()")
                node = func
            case ast.Subscript(value=value):
                parts.append("[]")
                node = value
            case ast.Name(id=name):
                return name + "".join(reversed(parts))
            case _:
                return "?" + "".join(reversed(parts))


def condition_of(test: ast.expr, lookup: Lookup, depth: int = 0) -> Condition:
    """Return where a test holds; `lookup` knows the variables that hold the answer of an earlier test."""
    if depth > _MAX_DEPTH:
        return UNKNOWN
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return condition_of(operand, lookup, depth + 1).negated()
        case ast.BoolOp(op=op, values=values):
            found = condition_of(values[0], lookup, depth + 1)
            for value in values[1:]:
                other = condition_of(value, lookup, depth + 1)
                found = found.and_(other) if isinstance(op, ast.And) else found.or_(other)
            return found
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _of_comparison(left, op, right) or _of_looking(test, lookup)
        case ast.Call(func=ast.Attribute(value=value, attr="startswith" | "endswith"), args=[argument, *_]):
            return _of_words(value, argument) or _of_looking(test, lookup)
        case ast.Name() | ast.Attribute() | ast.Call():
            return _of_speaking_name(test, lookup) or _of_looking(test, lookup)
        case _:
            return _of_looking(test, lookup)


def _of_comparison(left: ast.expr, op: ast.cmpop, right: ast.expr) -> Condition | None:
    if isinstance(op, (ast.In, ast.NotIn)) and isinstance(left, ast.Constant):
        left, right = right, left
    found = _of_words(left, right) or _of_words(right, left)
    if found is not None and isinstance(op, (ast.NotEq, ast.NotIn, ast.IsNot)):
        return found.negated()
    return found


def _of_words(asked: ast.expr, words: ast.expr) -> Condition | None:
    name = dotted_name(asked).removesuffix(".lower()")
    if not _ASKED.fullmatch(name):
        return None
    texts = words.elts if isinstance(words, (ast.Tuple, ast.List, ast.Set)) else [words]
    found: frozenset[str] = frozenset()
    for text in texts:
        if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
            return None
        named = platforms_named(text.value.rstrip("-_")) or platforms_named(text.value.partition("-")[0])
        # Other systems, such as FreeBSD, are none of the platforms at hand.
        found |= named or frozenset()
    return on_platforms(found)


def _of_speaking_name(test: ast.expr, lookup: Lookup) -> Condition | None:
    name = dotted_name(test).removesuffix("()")
    known = lookup(name)
    if known is not None:
        return known
    match = _SPEAKING.fullmatch(name.rpartition(".")[2].lower())
    platforms = platforms_named(match["word"]) if match else None
    return on_platforms(platforms) if platforms else None


def _of_looking(test: ast.expr, lookup: Lookup) -> Condition:
    """A test of what is there, or of what the user wants, says that the build can go on without."""
    nodes = _nearest(test)
    if any(_is_on_by_default(node) for node in nodes):
        return UNKNOWN
    names = {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in nodes
        if isinstance(node, (ast.Name, ast.Attribute))
    }
    known = [condition for name in names if (condition := lookup(name))]
    is_chosen = any(_LOOKING.search(name.lower()) for name in names) or any(c.is_chosen for c in known)
    return Condition(EVERY_PLATFORM, EVERY_PLATFORM, is_chosen=is_chosen)


def _is_on_by_default(node: ast.AST) -> bool:
    """Tell whether a variable of the environment is asked for with a default that says yes."""
    match node:
        case ast.Call(func=func, args=[_, ast.Constant(value=value)]) if _ASKS_USER.search(dotted_name(func)):
            return bool(value) and str(value).lower() not in {"0", "no", "off", "false", "none", "n"}
        case _:
            return False


def _nearest(test: ast.expr) -> list[ast.AST]:
    found: list[ast.AST] = [test]
    for node in found:
        if len(found) > 50:
            break
        found.extend(ast.iter_child_nodes(node))
    return found

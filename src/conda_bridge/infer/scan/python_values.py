"""Expressions of Python build code -> the texts that they may stand for, with the places where they do.

Constants are folded through names, concatenations, loops over literal lists and the usual calls (`glob`, `join`,
`list`, `format`); what can't be folded stands for nothing. All folding of one file shares one budget.
"""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, product

from conda_bridge.infer.scan.platforms import Where
from conda_bridge.infer.scan.python_conditions import dotted_name
from conda_bridge.infer.scan.python_survey import Binding, Place, Survey, within

__all__ = ["Item", "Values"]

_MAX_DEPTH = 25
_MAX_ITEMS = 400
_MAX_TEXT = 1_000
_MAX_WORDS = 40
_BUDGET = 40_000
_SAME = frozenset({
    "list", "tuple", "set", "sorted", "frozenset", "str", "glob", "glob.glob", "iglob", "glob.iglob", "Path", "pathlib.Path",
    "reversed", "os.path.abspath", "abspath", "os.path.normpath", "os.fspath", "os.path.realpath", "PurePath", "convert_path",
    "shlex.split", "quote", "shlex.quote", "recursive_glob", "fnmatch.filter", "str.encode",
})  # fmt: skip
_SAME_METHODS = frozenset({
    "strip", "rstrip", "lstrip", "lower", "upper", "copy", "glob", "rglob", "as_posix", "encode", "decode", "resolve",
    "absolute", "values",
})  # fmt: skip
_JOINS = frozenset({"os.path.join", "path.join", "join", "osp.join", "pjoin", "os.sep.join"})
_DEFAULTS = frozenset({"get", "pop", "getenv", "setdefault"})
_FIELD = re.compile(r"%(?:\(\w+\))?[sdr]|\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Item:
    """One text that an expression may stand for."""

    text: str
    line: int
    where: Where


class Values:
    """Folds the expressions of one file."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._left = _BUDGET
        self._open: set[int] = set()

    def texts(self, node: ast.expr, place: Place) -> list[Item]:
        """Return every text in the value of an expression, lists flattened, in their order."""
        return self._fold(node, place, 0)

    def first(self, node: ast.expr, place: Place) -> str:
        """Return the first text; empty where there is none."""
        found = self.texts(node, place)
        return found[0].text if found else ""

    def command(self, node: ast.expr, place: Place, depth: int = 0) -> list[Item]:
        """Return the words of a command, a list or one text; none where its program isn't known."""
        match node:
            case ast.List(elts=[first, *rest]) | ast.Tuple(elts=[first, *rest]):
                program = self.texts(first, place)[:1]
                return [*program, *self._fold_all(rest, place, 0)] if program else []
            case ast.BinOp(left=left, op=ast.Add(), right=right) if self.is_list(node, place):
                words = self.command(left, place, depth + 1) if depth < _MAX_DEPTH else []
                return [*words, *self.texts(right, place)] if words else []
            case ast.Name() | ast.Attribute() if self.is_list(node, place) and depth < _MAX_DEPTH:
                bound = self._bound(node, place)
                words = self.command(bound[0].node, bound[0].place, depth + 1)
                more = [item for binding in bound[1:] for item in self.texts(binding.node, binding.place)]
                return [*words, *more] if words else []
            case _:
                return [
                    Item(word, item.line, item.where)
                    for item in self.texts(node, place)[:1]
                    for word in item.text.split()[:_MAX_WORDS]
                ]

    def is_list(self, node: ast.expr, place: Place, depth: int = 0) -> bool:
        """Tell whether an expression is surely a list, so that `+` appends to it."""
        self._left -= 1
        if depth > _MAX_DEPTH or self._left < 0:
            return False
        match node:
            case ast.List() | ast.Tuple() | ast.Set() | ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                return True
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.is_list(left, place, depth + 1) or self.is_list(right, place, depth + 1)
            case ast.Call(func=func):
                name = dotted_name(func)
                return name in _SAME - {"str", "Path", "pathlib.Path"} or name.endswith((".split", ".glob"))
            case ast.Name() | ast.Attribute() | ast.Subscript():
                found = self._bound(node, place)
                return any(self.is_list(b.node, b.place, depth + 1) for b in found if not b.is_element)
            case _:
                return False

    def _fold(self, node: ast.expr, place: Place, depth: int) -> list[Item]:
        self._left -= 1
        if depth > _MAX_DEPTH or self._left < 0:
            return []
        match node:
            case ast.Constant(value=str(text)):
                return [Item(text, node.lineno, place.where)] if len(text) <= _MAX_TEXT else []
            case (
                ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.BoolOp(values=parts)
            ):
                return self._fold_all(parts, place, depth)
            case ast.IfExp():
                return self._fold_choice(node, place, depth)
            case ast.Starred(value=inner) | ast.NamedExpr(value=inner):
                return self._fold(inner, place, depth + 1)
            case ast.ListComp(elt=inner) | ast.GeneratorExp(elt=inner) | ast.SetComp(elt=inner):
                return self._fold(inner, place, depth + 1)
            case ast.Name() | ast.Attribute() | ast.Subscript():
                return self._fold_bound(node, place, depth)
            case ast.JoinedStr() | ast.BinOp():
                return self._fold_combined(node, place, depth)
            case ast.Call():
                return self._fold_call(node, place, depth)
            case _:
                return []

    def _fold_choice(self, node: ast.IfExp, place: Place, depth: int) -> list[Item]:
        condition = self._survey.condition(node.test, place.scope)
        then = self._fold(node.body, within(place, condition), depth + 1)
        return then + self._fold(node.orelse, within(place, condition.negated()), depth + 1)

    def _fold_all(self, nodes: Iterable[ast.expr], place: Place, depth: int) -> list[Item]:
        found: list[Item] = []
        for node in nodes:
            found += self._fold(node, place, depth + 1)
            if len(found) > _MAX_ITEMS:
                break
        return found[:_MAX_ITEMS]

    def _fold_combined(self, node: ast.JoinedStr | ast.BinOp, place: Place, depth: int) -> list[Item]:
        match node:
            case ast.JoinedStr(values=parts):
                plain = [part.value if isinstance(part, ast.FormattedValue) else part for part in parts]
                return self._product(plain, place, depth)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                if self.is_list(node, place):
                    return self._fold_all([left, right], place, depth)
                return self._product([left, right], place, depth)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self._product([left, right], place, depth, between="/")
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                arguments = right.elts if isinstance(right, ast.Tuple) else [right]
                return self._formatted(left, arguments, place, depth)
            case _:
                return []

    def _fold_bound(self, node: ast.expr, place: Place, depth: int) -> list[Item]:
        found: list[Item] = []
        for binding in self._bound(node, place):
            if id(binding) in self._open or len(found) > _MAX_ITEMS:
                continue
            self._open.add(id(binding))
            items = self._fold_binding(binding, depth)
            self._open.discard(id(binding))
            found += [Item(i.text, i.line, i.where.and_at(place.where)) for i in items]
            self._left -= len(items)
        # The same text by several ways is one text; else loops over loops multiply it.
        once = {(item.text, item.where): item for item in reversed(found)}
        return list(reversed(once.values()))[:_MAX_ITEMS]

    def _fold_binding(self, binding: Binding, depth: int) -> list[Item]:
        if binding.index is None:
            return self._fold(binding.node, binding.place, depth + 1)
        parts = _parts(binding.node, binding.index, is_element=binding.is_element)
        return self._fold_all(parts, binding.place, depth)

    def _bound(self, node: ast.expr, place: Place) -> list[Binding]:
        name = dotted_name(node)
        if isinstance(node, ast.Subscript):
            key = node.slice
            if not isinstance(key, ast.Constant):
                return []
            if not isinstance(key.value, str):
                return self._survey.of(place.scope, dotted_name(node.value))
            name = f"{dotted_name(node.value)}[{key.value}]"
        return self._survey.of(place.scope, name)

    def _fold_call(self, node: ast.Call, place: Place, depth: int) -> list[Item]:
        name = dotted_name(node.func)
        last = name.rpartition(".")[2]
        returned = self._survey.of("", f"{last}()") if name.count(".") < 2 else []
        if name in _JOINS:
            return self._product(node.args, place, depth, between="/")
        if name in _SAME and node.args:
            return self._fold(node.args[0], place, depth + 1)
        if last in _DEFAULTS and len(node.args) > 1:
            return self._fold(node.args[1], place, depth + 1)
        if returned:
            return [item for binding in returned[:20] for item in self._returned(binding, depth)]
        if isinstance(node.func, ast.Attribute):
            return self._fold_method(node.func, node.args, place, depth)
        return []

    def _returned(self, binding: Binding, depth: int) -> list[Item]:
        if id(binding) in self._open:
            return []
        self._open.add(id(binding))
        items = self._fold(binding.node, binding.place, depth + 1)
        self._open.discard(id(binding))
        return items

    def _fold_method(
        self, func: ast.Attribute, arguments: list[ast.expr], place: Place, depth: int
    ) -> list[Item]:
        match func.attr:
            case "format":
                return self._formatted(func.value, arguments, place, depth)
            case "split":
                items = self._fold(func.value, place, depth + 1)
                return [Item(word, i.line, i.where) for i in items for word in i.text.split()]
            case "join" if arguments:
                return self._fold(arguments[0], place, depth + 1)
            case "joinpath":
                return self._product([func.value, *arguments], place, depth, between="/")
            case "glob" | "rglob" if arguments:
                return self._product([func.value, arguments[0]], place, depth, between="/")
            case method if method in _SAME_METHODS:
                return self._fold(func.value, place, depth + 1)
            case _:
                return []

    def _formatted(
        self, template: ast.expr, arguments: Sequence[ast.expr], place: Place, depth: int
    ) -> list[Item]:
        found = self._fold(template, place, depth + 1)
        for argument in arguments:
            values = self._fold(argument, place, depth + 1)
            found = [
                Item(_filled(item.text, value.text), item.line, item.where.and_at(value.where))
                for item, value in islice(product(found, values), _MAX_ITEMS)
                if len(item.text) <= _MAX_TEXT
            ]
        return found

    def _product(
        self, parts: Sequence[ast.expr], place: Place, depth: int, *, between: str = ""
    ) -> list[Item]:
        """Return all texts made of one text of each part; a part of unknown text makes an unknown whole."""
        found: list[Item] = []
        for index, part in enumerate(parts):
            values = self._fold(part, place, depth + 1)
            if between and not index and not values:
                # What a path begins with is of no interest.
                values = [Item("", part.lineno, place.where)]
            if index:
                values = [
                    Item(f"{item.text}{between if item.text else ''}{value.text}", item.line, item.where.and_at(value.where))
                    for item, value in islice(product(found, values), _MAX_ITEMS)
                    if len(item.text) <= _MAX_TEXT
                ]  # fmt: skip
            found = values
            if not found:
                return []
        return found


def _filled(template: str, text: str) -> str:
    """Return a template with its first field filled in."""
    match = _FIELD.search(template)
    return f"{template[: match.start()]}{text}{template[match.end() :]}" if match else template


def _parts(node: ast.expr, index: int, *, is_element: bool) -> list[ast.expr]:
    """Return what the name at a position stands for where a value, or each of its elements, is unpacked."""
    match node:
        case ast.Call(func=ast.Name(id="zip"), args=arguments) if is_element:
            return arguments[index : index + 1]
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]) if is_element and index == 1:
            return [inner]
        case ast.Call(func=ast.Attribute(value=ast.Dict(keys=keys, values=values), attr="items")) if (
            is_element
        ):
            return values if index else [key for key in keys if key is not None]
        case ast.List(elts=rows) | ast.Tuple(elts=rows) if is_element:
            return [part for row in rows for part in _parts(row, index, is_element=False)]
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return parts[index : index + 1]
        case _:
            return []

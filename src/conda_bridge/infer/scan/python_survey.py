"""A syntax tree of Python build code -> what its names may stand for, and its expressions with their places.

Nothing is evaluated: a name stands for everything that is assigned, appended or passed to it anywhere in its scope.
A *scope* is the name of a function, empty for the module; a class has its module's.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from conda_bridge.infer.scan.platforms import ANYWHERE, EVERY_PLATFORM, Condition, Where, platforms_named
from conda_bridge.infer.scan.python_conditions import condition_of, dotted_name
from conda_bridge.infer.scan.python_defaults import Default, default_of, default_of_name

__all__ = ["Binding", "Place", "Site", "Survey", "survey", "within"]

_MAX_DEPTH = 60
_MAX_SITES = 60_000
_MAX_ANSWERS = 5
_MAX_NAMES = 20
_ENDS = frozenset({"sys.exit", "exit", "quit", "os._exit", "fail", "die", "abort", "error", "sys_exit"})
_ADDING = frozenset({"append", "extend", "insert", "add", "update", "setdefault", "appendleft"})
_PROSE = frozenset({
    "classifiers", "description", "long_description", "keywords", "package_data", "data_files", "packages", "depends",
    "headers", "exclude_package_data", "install_requires", "extras_require", "tests_require", "entry_points", "scripts",
})  # fmt: skip
"""Arguments of `setup()` that say nothing of what is built, but hold words that look so."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands."""

    scope: str = ""
    where: Where = ANYWHERE


@dataclass(frozen=True, slots=True)
class Binding:
    """One of the values that a name stands for."""

    node: ast.expr
    place: Place
    is_element: bool = False
    """True where the name is an element of the value: a loop's variable, or what is appended."""
    index: int | None = None
    """Of the part that the name stands for, where elements are unpacked."""


Site = tuple[ast.expr | ast.keyword, Place]


@dataclass(slots=True)
class Survey:
    """What a program's text shows."""

    bindings: dict[tuple[str, str], list[Binding]] = field(default_factory=dict)
    """By scope and name; `f()` is what a function returns, `d[key]` an item, `self.x` an attribute of no scope."""
    sites: list[Site] = field(default_factory=list)
    parameters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each function."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Imported names, dotted."""
    imports: list[tuple[str, int]] = field(default_factory=list)
    """Imported modules and lines."""
    bases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each class."""
    shared: set[str] = field(default_factory=set)
    """Names that functions assign to in the module or in functions around them."""

    def of(self, scope: str, name: str) -> list[Binding]:
        """Return what a name may stand for in a scope."""
        return self.bindings.get((scope, name)) or self.bindings.get(("", name), [])

    def condition(self, test: ast.expr, scope: str) -> Condition:
        """Return where a test holds, as far as the text before it tells, and whether it does unless asked for."""
        condition = condition_of(test, lambda name: self._answer(scope, name))
        known: dict[str, Default | None] = {}
        default = default_of(test, lambda name: self._default(scope, name, known))
        if default is None:
            return condition
        switch = default.switch or "False"
        return replace(condition, refusal=switch) if default.value else replace(condition, switch=switch)

    def _default(self, scope: str, name: str, known: dict[str, Default | None]) -> Default | None:
        """Return the value that a variable has as long as nothing sets it to another one, all its values being known.

        `known` are those of the same question, so that none is looked for twice.
        """
        if name not in known and len(known) < _MAX_NAMES:
            known[name] = None
            known[name] = self._new_default(scope, name, known)
        return known.get(name)

    def _new_default(self, scope: str, name: str, others: dict[str, Default | None]) -> Default | None:
        found = self.of(scope, name)
        is_elsewhere = (
            name in self.shared
            or name in self.aliases
            or name in self.parameters.get(scope, ())
            or any(module.partition(".")[0] == name for module, _ in self.imports)
        )
        if not found or is_elsewhere or len(found) > _MAX_ANSWERS:
            return None
        if any(one.is_element or one.index is not None for one in found):
            return None
        values = [(one.node, one.place.where.switch) for one in found]
        return default_of_name(name, values, lambda inner: self._default(scope, inner, others))

    def _answer(self, scope: str, name: str) -> Condition | None:
        """Return the condition that a variable or a function of the file holds the answer of."""
        found = self.of(scope, name) or self.of("", f"{name}()")
        conditions = [condition_of(binding.node, lambda _: None) for binding in found[:_MAX_ANSWERS]]
        if len(conditions) == 1 and conditions[0].then != conditions[0].otherwise:
            return conditions[0]
        return next((condition for condition in conditions if condition.is_chosen), None)


def survey(tree: ast.Module) -> Survey:
    """Return what a module's text shows, in time linear in it."""
    surveyor = _Surveyor()
    surveyor.block(tree.body, Place(), 0)
    surveyor.pass_arguments()
    return surveyor.found


class _Surveyor:
    """Walks through statements; keeps what it finds."""

    def __init__(self) -> None:
        self.found = Survey()

    def block(self, statements: Sequence[ast.stmt], place: Place, depth: int) -> None:
        if depth > _MAX_DEPTH:
            return
        for statement in statements:
            place = self._statement(statement, place, depth)

    def _statement(self, statement: ast.stmt, place: Place, depth: int) -> Place:
        """Look at a statement; return the place of what follows it."""
        match statement:
            case ast.If():
                return self._branches(statement, place, depth)
            case ast.Try():
                self._attempts(statement, place, depth)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(statement, place, depth)
            case ast.ClassDef():
                self.found.bases[statement.name] = tuple(dotted_name(base) for base in statement.bases)
                self.block(statement.body, place, depth + 1)
            case ast.For() | ast.AsyncFor():
                self.expression(statement.iter, place)
                self._bind_target(statement.target, statement.iter, place, is_element=True)
                self.block([*statement.body, *statement.orelse], place, depth + 1)
            case ast.While():
                self.expression(statement.test, place)
                self.block([*statement.body, *statement.orelse], place, depth + 1)
            case ast.With() | ast.AsyncWith():
                for item in statement.items:
                    self.expression(item.context_expr, place)
                self.block(statement.body, place, depth + 1)
            case ast.Import() | ast.ImportFrom():
                self._imports(statement, place)
            case _:
                self._simple(statement, place)
        return place

    def _simple(self, statement: ast.stmt, place: Place) -> None:
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind_target(target, value, place)
                    self._sink(target, value, place)
            case (
                ast.AugAssign(target=target, value=value)
                | ast.AnnAssign(target=target, value=ast.expr() as value)
            ):
                self._bind_target(target, value, place)
                self._sink(target, value, place)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                self.found.shared.update(names)
            case ast.Return(value=ast.expr() as value):
                self._bind("", f"{place.scope}()", Binding(value, place))
            case _:
                pass
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.expr) and not isinstance(getattr(child, "ctx", None), ast.Store):
                self.expression(child, place)

    def _branches(self, statement: ast.If, place: Place, depth: int) -> Place:
        """Walk through `if` and its `elif`s, however many; return the place of what follows."""
        rest = place
        following: list[Where] = []
        while True:
            self.expression(statement.test, rest)
            condition = self.found.condition(statement.test, place.scope)
            then = within(rest, condition)
            self.block(statement.body, then, depth + 1)
            if not _ends(statement.body):
                following.append(then.where)
            rest = within(rest, condition.negated())
            match statement.orelse:
                case [ast.If() as statement]:
                    continue
                case orelse:
                    self.block(orelse, rest, depth + 1)
            if not _ends(orelse):
                following.append(rest.where)
            break
        if not following:
            return place
        reached = frozenset().union(*(where.platforms for where in following))
        switch = following[0].switch if all(where.switch for where in following) else ""
        return replace(place, where=place.where.within(reached, switch=switch))

    def _attempts(self, statement: ast.Try, place: Place, depth: int) -> None:
        is_optional = bool(statement.handlers) and not all(
            _ends(handler.body) for handler in statement.handlers
        )
        tried = replace(place, where=replace(place.where, is_optional=place.where.is_optional or is_optional))
        self.block([*statement.body, *statement.orelse], tried, depth + 1)
        for handler in statement.handlers:
            self.block(handler.body, place, depth + 1)
        self.block(statement.finalbody, place, depth + 1)

    def _function(self, function: ast.FunctionDef | ast.AsyncFunctionDef, place: Place, depth: int) -> None:
        arguments = [*function.args.posonlyargs, *function.args.args]
        names = tuple(argument.arg for argument in arguments if argument.arg not in {"self", "cls"})
        self.found.parameters[function.name] = names
        inside = Place(function.name, place.where.within(_platforms_of_name(function.name)))
        for name, default in zip(reversed(names), reversed(function.args.defaults), strict=False):
            self._bind(function.name, name, Binding(default, inside))
        self.block(function.body, inside, depth + 1)

    def _imports(self, statement: ast.Import | ast.ImportFrom, place: Place) -> None:
        module = (statement.module or "") if isinstance(statement, ast.ImportFrom) else ""
        for alias in statement.names:
            name = f"{module}.{alias.name}" if module else alias.name
            if not place.where.switch:
                self.found.imports.append((name, statement.lineno))
            if alias.asname or module:
                self.found.aliases[alias.asname or alias.name] = name

    def expression(self, root: ast.expr, place: Place) -> None:
        """Keep every call, display, string and item in an expression, with its place."""
        stack: list[tuple[ast.AST, Place]] = [(root, place)]
        while stack and len(self.found.sites) < _MAX_SITES:
            node, at = stack.pop()
            # Half of all nodes are names, which say nothing alone.
            if isinstance(node, ast.Name):
                continue
            match node:
                case ast.keyword(arg=name) if name in _PROSE:
                    continue
                case ast.IfExp():
                    stack += self._choice(node, at)
                    continue
                case ast.Call():
                    self._adding(node, at)
                case ast.comprehension(target=target, iter=iterated):
                    self._bind_target(target, iterated, at, is_element=True)
                case ast.Dict():
                    self._items("", node, at)
                case _:
                    pass
            if isinstance(
                node, (ast.Call, ast.keyword, ast.Constant, ast.List, ast.Tuple, ast.Subscript, ast.Compare)
            ):
                self.found.sites.append((node, at))
            if not isinstance(node, ast.Constant):
                stack += [(child, at) for child in _children(node)]

    def _choice(self, node: ast.IfExp, place: Place) -> Iterator[tuple[ast.AST, Place]]:
        condition = self.found.condition(node.test, place.scope)
        yield node.orelse, within(place, condition.negated())
        yield node.body, within(place, condition)
        yield node.test, place

    def _items(self, owner: str, node: ast.Dict, place: Place) -> None:
        """A string key is as good as an argument's name."""
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value not in _PROSE:
                if owner:
                    self._bind(place.scope, f"{owner}[{key.value}]", Binding(value, place))
                else:
                    self._keep_keyword(key.value, value, place)

    def _adding(self, call: ast.Call, place: Place) -> None:
        """`x.append(y)` and its like make y a part of what x stands for."""
        if isinstance(call.func, ast.Attribute) and call.func.attr in _ADDING and call.args:
            owner = _target_name(call.func.value)
            value = call.args[-1]
            if owner:
                self._bind(self._scope_of(owner, place), owner, Binding(value, place))
                self._sink(call.func.value, value, place)

    def _sink(self, target: ast.expr, value: ast.expr, place: Place) -> None:
        """A value given to something called `libraries` is as good as an argument `libraries=`."""
        name = _target_name(target)
        last = name.rpartition(".")[2].rpartition("[")[2].rstrip("]")
        if last and last not in _PROSE:
            self._keep_keyword(last, value, place)

    def _keep_keyword(self, name: str, value: ast.expr, place: Place) -> None:
        self.found.sites.append((ast.keyword(arg=name, value=value, lineno=value.lineno), place))

    def _bind_target(
        self, target: ast.expr, value: ast.expr, place: Place, *, is_element: bool = False
    ) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            for index, part in enumerate(target.elts):
                name = _target_name(part)
                self._bind(self._scope_of(name, place), name, Binding(value, place, is_element, index))
            return
        name = _target_name(target)
        self._bind(self._scope_of(name, place), name, Binding(value, place, is_element))
        if isinstance(value, ast.Dict) and name:
            self._items(name, value, place)

    def _scope_of(self, name: str, place: Place) -> str:
        return "" if "." in name else place.scope

    def _bind(self, scope: str, name: str, binding: Binding) -> None:
        if name:
            self.found.bindings.setdefault((scope, name), []).append(binding)

    def pass_arguments(self) -> None:
        """Bind the parameters of the module's functions to what they are called with."""
        for node, place in self.found.sites:
            if not isinstance(node, ast.Call):
                continue
            name = dotted_name(node.func).removeprefix("self.")
            names = self.found.parameters.get(name)
            if names is None:
                continue
            for parameter, argument in zip(names, node.args, strict=False):
                self._bind(name, parameter, Binding(argument, place))
            for keyword in node.keywords:
                if keyword.arg in names:
                    self._bind(name, keyword.arg, Binding(keyword.value, place))


def _platforms_of_name(name: str) -> frozenset[str]:
    """A function `finalize_win32` speaks of that platform; one `is_windows` asks for it."""
    words = name.strip("_").lower().split("_")
    if len(words) < 2 or words[0] in {"is", "on", "not", "check", "has"}:
        return EVERY_PLATFORM
    return platforms_named(words[-1]) or EVERY_PLATFORM


def within(place: Place, condition: Condition) -> Place:
    """Return the place of what a condition guards."""
    where = place.where.within(condition.then, is_optional=condition.is_chosen, switch=condition.switch)
    return replace(place, where=where)


def _ends(statements: Sequence[ast.stmt]) -> bool:
    """Tell whether nothing goes on behind these statements."""
    match statements[-1] if statements else None:
        case ast.Raise() | ast.Return() | ast.Continue() | ast.Break():
            return True
        case ast.Expr(value=ast.Call(func=func)):
            return dotted_name(func) in _ENDS
        case _:
            return False


def _target_name(target: ast.expr) -> str:
    """Return how bindings call a target: `x`, `self.x`, `d[key]`."""
    if isinstance(target, ast.Subscript):
        key = target.slice
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
            return ""
        return f"{dotted_name(target.value)}[{key.value}]"
    return dotted_name(target) if isinstance(target, (ast.Name, ast.Attribute)) else ""


def _children(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [
            part
            for key, value in pairs
            if not (isinstance(key, ast.Constant) and key.value in _PROSE)
            for part in (key, value)
            if part is not None
        ]
    if isinstance(node, ast.Call):
        return [node.func, *node.args, *node.keywords]
    if isinstance(node, ast.Attribute):
        return [node.value]
    return [
        child
        for child in ast.iter_child_nodes(node)
        if not isinstance(child, ast.expr_context | ast.operator)
    ]

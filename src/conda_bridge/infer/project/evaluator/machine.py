"""The interpreter: scopes, branches, calls, imports of the source's own modules, and the budget."""

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from conda_bridge.infer.project.evaluator.branches import Snapshot, copied, leave, merged_scopes
from conda_bridge.infer.project.evaluator.builtin_functions import BUILTINS
from conda_bridge.infer.project.evaluator.calls import bound_scope, spoil
from conda_bridge.infer.project.evaluator.expressions import EXPRESSIONS
from conda_bridge.infer.project.evaluator.files import ROOT, SourceFiles, relative
from conda_bridge.infer.project.evaluator.frames import Budget, Frame, SetupCall
from conda_bridge.infer.project.evaluator.functions import FUNCTIONS
from conda_bridge.infer.project.evaluator.interpreter import Call
from conda_bridge.infer.project.evaluator.methods import call_method
from conda_bridge.infer.project.evaluator.modules import Modules
from conda_bridge.infer.project.evaluator.statements import STATEMENTS
from conda_bridge.infer.project.evaluator.values import (
    Arguments,
    BoundMethod,
    BudgetSpentError,
    Environment,
    Function,
    ImportedName,
    Module,
    Raised,
    Reference,
    Returned,
    Scope,
    Signal,
    Stopped,
    Unknown,
    Value,
    weight_of,
)
from conda_bridge.infer.project.evaluator.worlds import WORLDS, World

__all__ = ["Budget", "Machine", "SetupCall"]

T = TypeVar("T")
_MAX_DEPTH = 150
_SIZED = (str, bytes, list, tuple, dict, set)
_ERRORS_OF_PROGRAMS = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""What the operations on known values raise where the program would, too."""


class Machine:
    """An interpreter for one program of the source, in worlds that don't differ for it; see `Interpreter`."""

    def __init__(
        self, files: SourceFiles, *, worlds: tuple[World, ...] = WORLDS, budget: Budget | None = None
    ) -> None:
        self.setup_calls: list[SetupCall] = []
        self.worlds = worlds
        """Those in which the program runs like this."""
        self.worlds_left: list[tuple[World, ...]] = []
        """Those in which it runs otherwise."""
        self.arguments: list[Value] = ["setup.py", "bdist_wheel"]
        """What `setuptools.build_meta` sets while it builds the wheel whose metadata counts."""
        self.environment = Environment()
        self.last_place = ""
        """The statement that was begun last."""
        self.files_read: dict[str, None] = {}
        """The files whose text was asked for, in order."""
        self._files = files
        self._budget = budget or Budget()
        self._frames: list[Frame] = [Frame([{}], "")]
        self._modules = Modules(files)
        self._depth = 0
        self._doubts = 0
        self._import_doubts = 0

    # ------------------------------------------------------------ the program

    def run_program(self, path: str, tree: ast.Module) -> None:
        """Run a parsed file of the source as the main program.

        Raises:
            BudgetSpentError: it is too long, too deep or too large to be followed.
        """
        names: Scope = {
            "__name__": "__main__",
            "__file__": f"{ROOT}/{path}",
            "__doc__": ast.get_docstring(tree),
        }
        self._frames, self._depth = [Frame([names], path)], 0
        try:
            self.run(tree.body)
        except Signal:
            # The program ended early: what `setup()` was called with until then stands.
            pass
        except (RecursionError, MemoryError):
            raise BudgetSpentError("the program is nested too deeply") from None

    def attribute(self, path: str, name: str) -> Value:
        """Return a name of a module of the source, such as `__version__`.

        Raises:
            BudgetSpentError: the module is too long, too deep or too large to be followed.
        """
        try:
            names = self.names_of(self._modules.at(path))
            return (
                self.resolve(names[name], 1) if name in names else Unknown(path, f"{name} is not set there")
            )
        except Signal as signal:
            return Unknown(path, f"{name}: {signal}")
        except (RecursionError, MemoryError):
            raise BudgetSpentError("the module is nested too deeply") from None

    # ------------------------------------------------------------ what the parts ask for

    @property
    def path(self) -> str:
        """The file that is being followed."""
        return self._frame.path

    def ask(self, question: Callable[[World], T]) -> T:
        """Return the first world's answer; the worlds with other answers are left for other runs."""
        answers = [(world, question(world)) for world in self.worlds]
        answer = answers[0][1]
        left = tuple(world for world, other in answers if other != answer)
        if left:
            self.worlds = tuple(world for world, other in answers if other == answer)
            self.worlds_left.append(left)
        return answer

    def spend(self, cost: int = 1) -> None:
        """Take from the budget."""
        self._budget.spend(cost)

    def unknown(self, line: int, reason: str) -> Unknown:
        """Return a new unknown value."""
        self._doubts += 1
        return Unknown(f"{self.path}:{line}" if line else self.path, reason)

    def doubts(self) -> tuple[int, int]:
        """Return how many unknown values, and how many imports that may fail, have come up so far."""
        return self._doubts, self._import_doubts

    def doubt_import(self) -> None:
        """Note an import that may fail."""
        self._import_doubts += 1

    def evaluate(self, node: ast.expr) -> Value:
        """Return the value of an expression."""
        evaluator = EXPRESSIONS.get(type(node))
        if evaluator is None:
            return self.unknown(node.lineno, f"`{type(node).__name__}`")
        self._enter()
        try:
            value = evaluator(self, node)
        except _ERRORS_OF_PROGRAMS as error:
            raise Raised(type(error)) from error
        finally:
            self._depth -= 1
        self._doubts += isinstance(value, Unknown)
        if isinstance(value, _SIZED) and not isinstance(node, ast.Name):
            self.spend(len(value) >> 6)
        if isinstance(value, tuple):
            # Hashing a tuple that holds another twice takes twice as long, and so on.
            self.spend(weight_of(value) >> 6)
        return value

    def run(self, body: Sequence[ast.stmt]) -> None:
        """Run statements in the current scope."""
        for statement in body:
            self._enter()
            self.last_place = f"{self.path}:{statement.lineno}"
            try:
                STATEMENTS[type(statement)](self, statement)
            except _ERRORS_OF_PROGRAMS as error:
                raise Raised(type(error)) from error
            finally:
                self._depth -= 1

    def lookup(self, name: str, line: int) -> Value:
        """Return the value of a name: of the scopes, the innermost first, then of the builtins."""
        for scope in reversed(self._frame.scopes):
            if name in scope:
                return self.resolve(scope[name], line)
        if name in BUILTINS:
            return Reference(f"builtins.{name}")
        return self.unknown(line, f"the name {name!r}")

    def resolve(self, value: Value, line: int) -> Value:
        """Return a value, looked up now if it is an imported name."""
        if not isinstance(value, ImportedName):
            return value
        names = self.names_of(value.module)
        if value.name in names:
            return self.resolve(names[value.name], line)
        inner = self.find_submodule(value.module, value.name)
        return inner or self.unknown(line, f"{value.module.path} has no known {value.name!r}")

    def assign(self, name: str, value: Value) -> None:
        """Bind a name in the innermost scope, or where `global` says."""
        frame = self._frame
        frame.scopes[0 if name in frame.globals else -1][name] = value

    def declare_global(self, names: Sequence[str]) -> None:
        """Let assignments to these names go to the module's scope."""
        self._frame.globals.update(names)

    def visible_scopes(self) -> tuple[Scope, ...]:
        """Return the scopes that names are looked up in, innermost last."""
        return tuple(self._frame.scopes)

    @contextmanager
    def inner_scope(self) -> Iterator[None]:
        """Open a scope for the variables of a comprehension."""
        scopes = self._frame.scopes
        scopes.append({})
        try:
            yield
        finally:
            scopes.pop()

    def emit(self, value: Value) -> None:
        """Take a value that the current generator yields."""
        self._frame.yields.append(value)

    # ------------------------------------------------------------ several ways

    def snapshot(self) -> Snapshot:
        """Return a copy of everything that the program's names hold now."""
        snapshot = Snapshot(self._live_scopes())
        self.spend(len(snapshot) // 10)
        return snapshot

    def follow(
        self, line: int, ways: Sequence[Callable[[], None]], *, before: Snapshot | None = None
    ) -> None:
        """Follow several ways, of which the program takes one, and keep what they agree on."""
        ends: list[tuple[list[tuple[Scope, Scope]], Signal | None]] = []
        start = self.snapshot() if before is None else before
        if before is not None:
            ends.append((self._contents(), None))
        for way in ways:
            if ends:
                self.spend(len(start) // 10)
                start.restore()
            signal: Signal | None = None
            try:
                way()
            except Signal as ended:
                signal = ended
            ends.append((self._contents(), signal))
        doubt = self.unknown(line, "a condition")
        alive = [end for end in ends if not isinstance(end[1], Raised | Stopped)]
        if not alive:
            raise Stopped
        self._settle([contents for contents, _ in alive], doubt)
        leave([signal for _, signal in alive], doubt)

    def _settle(self, states: list[list[tuple[Scope, Scope]]], doubt: Unknown) -> None:
        """Put into the scopes what all states agree on."""
        agreed = states[0]
        for scope, names in agreed:
            contents = dict(names)
            scope.clear()
            scope.update(contents)
        for state in states[1:]:
            merged_scopes(agreed, state, doubt, spend=self.spend)
            agreed = self._contents()

    def _live_scopes(self) -> list[Scope]:
        found = {id(scope): scope for frame in self._frames for scope in frame.scopes}
        return list(found.values())

    def _contents(self) -> list[tuple[Scope, Scope]]:
        return [(scope, dict(scope)) for scope in self._live_scopes()]

    # ------------------------------------------------------------ calls

    def call(self, function: Value, arguments: Arguments, line: int) -> Value:
        """Return what a function returns."""
        self.spend()
        match function:
            case Function():
                return self._call_function(function, arguments, line)
            case BoundMethod():
                return call_method(function, Call(self, arguments, line))
            case Reference(name):
                return self._call_reference(name, arguments, line)
            case Unknown():
                spoil(arguments, function)
                return function
            case _:
                return self.unknown(line, "a call")

    def _call_reference(self, name: str, arguments: Arguments, line: int) -> Value:
        if name.rpartition(".")[2] == "setup":
            keywords, size = copied(arguments.keywords)
            self.spend(size // 10)
            self.setup_calls.append(
                SetupCall(Arguments((), keywords, arguments.lines, is_open=arguments.is_open), line)
            )
            return None
        if name.startswith("builtins.str.") and arguments.positional:
            method = BoundMethod(arguments.positional[0], name.rpartition(".")[2])
            return self.call(method, Arguments(arguments.positional[1:], arguments.keywords), line)
        known = FUNCTIONS.get(name)
        return known(Call(self, arguments, line)) if known else self.unknown(line, f"`{name}()`")

    def _call_function(self, function: Function, arguments: Arguments, line: int) -> Value:
        local = bound_scope(self, function, arguments)
        if local is None:
            return self.unknown(line, f"the arguments of {function.name!r}")
        frame = Frame([*function.scopes, local], function.path)
        self._frames.append(frame)
        try:
            if isinstance(function.body, ast.expr):
                return self.evaluate(function.body)
            self.run(function.body)
        except Returned as returned:
            if not function.is_generator:
                return returned.value
        finally:
            self._frames.pop()
        return frame.yields if function.is_generator else None

    # ------------------------------------------------------------ files and modules

    def read(self, path: str) -> str | None:
        """Return the text of a file of the source."""
        inside = relative(path)
        if inside is None:
            return None
        if not self._files.has(inside):
            raise Raised(FileNotFoundError)
        text = self._files.text(inside)
        self.files_read[inside] = None
        self.spend(len(text or "") // 1000)
        return text

    def exists(self, path: str, *, kind: str = "any") -> bool | None:
        """Tell whether the source has a file or folder."""
        inside = relative(path)
        if inside is None:
            return None
        is_file = kind != "folder" and self._files.has(inside)
        return is_file or (kind != "file" and self._files.has_folder(inside))

    def names_of(self, module: Module) -> Scope:
        """Return the names of a module of the source, following it if need be."""
        if module.names is not None:
            return module.names
        module.names = {"__name__": module.path, "__file__": f"{ROOT}/{module.path}", "__doc__": None}
        text = self._files.text(module.path)
        if text is not None:
            self._frames.append(Frame([module.names], module.path))
            try:
                self.run_text(text, None)
            except (Raised, Stopped):
                # The import fails on the way; the names bound until then are what there is.
                pass
            finally:
                self._frames.pop()
        return module.names

    def run_text(self, text: str, scope: Scope | None) -> bool:
        """Run a program's text in a scope, or in the current one."""
        if not self._files.is_parsed(text):
            self.spend(len(text) // 5)
        tree = self._files.tree(text)
        if tree is None:
            return False
        self._frames.append(Frame([*self._frame.scopes] if scope is None else [scope], self.path))
        try:
            docstring = ast.get_docstring(tree, clean=False)
            if docstring is not None:
                self.assign("__doc__", docstring)
            self.run(tree.body)
        finally:
            self._frames.pop()
        return True

    def find_module(self, name: str, *, level: int = 0) -> Module | None:
        """Return the module of the source with this dotted name."""
        return self._modules.find(name, level=level, importer=self.path)

    def find_submodule(self, module: Module, name: str) -> Module | None:
        """Return a module inside a package of the source."""
        return self._modules.find_inside(module, name)

    # ------------------------------------------------------------ depth

    @property
    def _frame(self) -> Frame:
        return self._frames[-1]

    def _enter(self) -> None:
        self.spend()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise BudgetSpentError("the program is nested too deeply")

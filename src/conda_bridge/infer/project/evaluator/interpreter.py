"""What the functions that evaluate one kind of thing ask of the interpreter."""

import ast
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from conda_bridge.infer.project.evaluator.branches import Snapshot
from conda_bridge.infer.project.evaluator.values import (
    Arguments,
    Environment,
    Module,
    Scope,
    Unknown,
    Value,
)
from conda_bridge.infer.project.evaluator.worlds import World

__all__ = ["Call", "Interpreter"]

T = TypeVar("T")


class Interpreter(Protocol):
    """The interpreter as its parts see it."""

    @property
    def path(self) -> str:
        """The file that is being followed."""
        ...

    @property
    def arguments(self) -> list[Value]:
        """`sys.argv`."""
        ...

    @property
    def environment(self) -> Environment:
        """`os.environ`."""
        ...

    def ask(self, question: Callable[[World], T]) -> T:
        """Return the answer to a question about the platform or the python; other answers wait for another run."""
        ...

    def spend(self, cost: int = 1) -> None:
        """Take from the budget.

        Raises:
            BudgetSpentError: nothing is left.
        """
        ...

    def unknown(self, line: int, reason: str) -> Unknown:
        """Return a new unknown value that arose in a line of the current file."""
        ...

    def evaluate(self, node: ast.expr) -> Value:
        """Return the value of an expression."""
        ...

    def run(self, body: Sequence[ast.stmt]) -> None:
        """Run statements in the current scope."""
        ...

    def call(self, function: Value, arguments: Arguments, line: int) -> Value:
        """Return what a function returns."""
        ...

    def lookup(self, name: str, line: int) -> Value:
        """Return the value of a name."""
        ...

    def assign(self, name: str, value: Value) -> None:
        """Bind a name in the innermost scope, or where `global` says."""
        ...

    def declare_global(self, names: Sequence[str]) -> None:
        """Let assignments to these names go to the module's scope."""
        ...

    def visible_scopes(self) -> tuple[Scope, ...]:
        """Return the scopes that names are looked up in, innermost last."""
        ...

    def inner_scope(self) -> AbstractContextManager[None]:
        """Open a scope for the variables of a comprehension."""
        ...

    def emit(self, value: Value) -> None:
        """Take a value that the current generator yields."""
        ...

    def snapshot(self) -> Snapshot:
        """Return a copy of everything that the program's names hold now."""
        ...

    def follow(
        self, line: int, ways: Sequence[Callable[[], None]], *, before: Snapshot | None = None
    ) -> None:
        """Follow several ways, of which the program takes one, and keep what they agree on.

        They start from the present state; or from `before`, and then the present state is one more way.
        """
        ...

    def doubts(self) -> tuple[int, int]:
        """Return how many unknown values, and how many imports that may fail, have come up so far."""
        ...

    def doubt_import(self) -> None:
        """Note an import that may fail."""
        ...

    def names_of(self, module: Module) -> Scope:
        """Return the names of a module of the source, following it if need be."""
        ...

    def resolve(self, value: Value, line: int) -> Value:
        """Return a value, looked up now if it is an imported name."""
        ...

    def find_submodule(self, module: Module, name: str) -> Module | None:
        """Return a module inside a package of the source."""
        ...

    def find_module(self, name: str, *, level: int = 0) -> Module | None:
        """Return the module of the source with this dotted name; None where it has none.

        A level counts the dots of a relative import.
        """
        ...

    def run_text(self, text: str, scope: Scope | None) -> bool:
        """Run a program's text in a scope, or in the current one; tell whether it is Python at all."""
        ...

    def read(self, path: str) -> str | None:
        """Return the text of a file of the source; None where it isn't known.

        Raises:
            Raised: there is no such file.
        """
        ...

    def exists(self, path: str, *, kind: str = "any") -> bool | None:
        """Tell whether the source has a `file`, a `folder` or `any` of both; None outside of the source."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function or method that is understood."""

    machine: Interpreter
    arguments: Arguments
    line: int

    def get(self, position: int, keyword: str = "", default: Value = None) -> Value:
        """Return an argument that may be given by position or by keyword."""
        return self.arguments.get(position, keyword, default)

    def unknown(self, reason: str) -> Unknown:
        """Return the first unknown argument, else a new unknown value."""
        return self.arguments.unknown() or self.machine.unknown(self.line, reason)

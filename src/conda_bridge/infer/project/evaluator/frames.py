"""What the interpreter keeps: the running functions, the calls of `setup()`, and what it may still spend."""

from dataclasses import dataclass, field
from time import thread_time

from conda_bridge.infer.project.evaluator.values import Arguments, BudgetSpentError, Scope, Value

__all__ = ["Budget", "Frame", "SetupCall"]


_STEPS_BETWEEN = 8


@dataclass(slots=True)
class Budget:
    """How much work the programs of one source may still take, in expressions.

    Work counts by its size, so that a program ends at the same place everywhere; the clock is only the net
    below, for what is dearer than it looks.
    """

    left: int = 150_000
    seconds: float = 3.0
    """The processor's time; a program that ordinary people wrote takes a hundredth of it."""
    _started: float = field(default_factory=thread_time)

    def spend(self, cost: int = 1) -> None:
        """Take from the budget.

        Raises:
            BudgetSpentError: nothing is left.
        """
        self.left -= cost
        # Asking for the time takes as long as evaluating a name.
        is_due = cost > 1 or not self.left % _STEPS_BETWEEN
        if self.left < 0 or (is_due and thread_time() - self._started > self.seconds):
            raise BudgetSpentError("the program is too long to be followed")


@dataclass(frozen=True, slots=True)
class SetupCall:
    """One call of `setup()`, with the arguments as they were then."""

    arguments: Arguments
    line: int


@dataclass(slots=True)
class Frame:
    """One running function, or the module itself."""

    scopes: list[Scope]
    path: str
    globals: set[str] = field(default_factory=set)
    yields: list[Value] = field(default_factory=list)

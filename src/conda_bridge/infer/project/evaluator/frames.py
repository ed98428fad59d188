"""What the interpreter keeps: the running functions, the calls of `setup()`, and what it may still spend."""

from dataclasses import dataclass, field

from conda_bridge.infer.project.evaluator.values import Arguments, Scope, Value

__all__ = ["Budget", "Frame", "SetupCall"]


@dataclass(slots=True)
class Budget:
    """How much work the programs of one source may still take, in expressions."""

    left: int = 150_000


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

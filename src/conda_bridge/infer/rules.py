"""What makes a function a rule: an id that is fixed for ever and stamped on the evidence that it returns."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import ParamSpec, TypeVar

from conda_bridge.model.evidence import Address, Certainty, Evidence, Inferred

__all__ = ["because", "rule"]

T = TypeVar("T")
P = ParamSpec("P")


def rule(rule_id: str) -> Callable[[Callable[P, Inferred[T]]], Callable[P, Inferred[T]]]:
    """Mark a function as the rule `rule_id`; an id is never reused for another meaning."""

    def decorate(function: Callable[P, Inferred[T]]) -> Callable[P, Inferred[T]]:
        @wraps(function)
        def stamped(*args: P.args, **kwargs: P.kwargs) -> Inferred[T]:
            result = function(*args, **kwargs)
            evidence = tuple(e if e.rule else replace(e, rule=rule_id) for e in result.evidence)
            return Inferred(value=result.value, evidence=evidence, diagnostics=result.diagnostics)

        stamped.rule_id = rule_id  # type: ignore[attr-defined] # read by the test that ids are unique
        return stamped

    return decorate


def because(
    address: Address, certainty: Certainty, *origins: str, note: str = "", rule: str = ""
) -> Evidence:
    """Return evidence for `address`; the rule that returns it stamps its id, unless `rule` is another. Empty origins are left out."""
    kept = tuple(dict.fromkeys(origin for origin in origins if origin))
    return Evidence(address=address, rule=rule, certainty=certainty, origins=kept, note=note)

"""What v0 can't say: conditions that no selector tells apart, texts that conda-build makes booleans of.

Source: conda-build, `get_selectors` and `MetaData.get_value` in metadata.py.
"""

from conda_bridge.model.condition import (
    AllOf,
    AnyOf,
    Condition,
    PythonIn,
    PyVersion,
    Span,
    VariantIs,
    all_of,
    any_of,
    python_in,
    variant_is,
)

__all__ = ["converted", "is_boolean", "minor_after", "restrict_condition"]

_BOOLEANS = frozenset({"y", "on", "true", "yes", "n", "no", "false", "off"})


def restrict_condition(condition: Condition) -> Condition:
    """Return the nearest condition that a selector can say; the same one where that is itself.

    - `py` has no patch version. A build gets the newest patch release of its python, so a bound inside of a
      minor version holds as it does for that one.
    - A variant's `011` is the number 11 there, and `True` is `true`.

    No python below 2 or from 4 on exists, and `py` would put it in the wrong place: such bounds are open ends.
    """
    match condition:
        case PythonIn(spans):
            return python_in(*(span for span in map(_minor_span, spans) if span is not None))
        case VariantIs(key, value, negated):
            return variant_is(key, converted(value), negated=negated)
        case AllOf(members):
            return all_of(*map(restrict_condition, members))
        case AnyOf(members):
            return any_of(*map(restrict_condition, members))
        case _:
            return condition


def _minor_span(span: Span) -> Span | None:
    lower, upper = span.lower, span.upper
    if lower is not None and lower.release[0] > 3:
        return None
    if upper is not None and upper <= _PYTHON_2:
        return None
    return Span(
        None if lower is None or lower <= _PYTHON_2 else _minor(lower),
        None if upper is None or upper.release[0] > 3 else _minor(upper),
    )


_PYTHON_2 = PyVersion((2,))


def _minor(version: PyVersion) -> PyVersion:
    major, minor = (*version.release, 0)[:2]
    return PyVersion((3,)) if (major, minor) > (2, 9) and major < 3 else PyVersion((major, minor))


def converted(value: str) -> str:
    """Return how conda-build sees a variant's value, as text: it makes numbers and booleans of what looks like them."""
    try:
        return str(int(value))
    except ValueError:
        return value.lower() if value.lower() in {"true", "false"} else value


def minor_after(version: PyVersion) -> PyVersion:
    """Return the next minor version."""
    major, minor = (*version.release, 0)[:2]
    return PyVersion((major, minor + 1))


def is_boolean(text: str) -> bool:
    """Return whether conda-build makes a boolean of `text` where it is all that a key of a section has.

    No quotes and no expression keep it: it does so after YAML, not in it. The items of a list stay text.
    """
    return text.lower() in _BOOLEANS

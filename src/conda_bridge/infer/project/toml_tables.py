"""pyproject.toml -> tables whose values know their place and are checked where they are read."""

from collections.abc import Iterator

from conda_bridge.errors import MetadataError
from conda_bridge.infer.pyproject import parsed
from conda_bridge.model.project import Known
from conda_bridge.model.source import SourceFacts

__all__ = ["PYPROJECT", "Table", "read_pyproject"]

PYPROJECT = "pyproject.toml"


class Table:
    """One table, its place (a JSON pointer) and typed reads of it."""

    __slots__ = ("_values", "place")

    def __init__(self, place: str, values: dict[str, object]) -> None:
        self.place = place
        self._values = values

    def __bool__(self) -> bool:
        return bool(self._values)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def origin(self, key: str) -> str:
        """Return the place of a key. Source: RFC 6901, section 3."""
        return f"{self.place}/{key.replace('~', '~0').replace('/', '~1')}"

    def get(self, key: str) -> object:
        """Return the bare value; None where the key is absent."""
        return self._values.get(key)

    def table(self, key: str) -> "Table":
        """Return the table under a key; an empty one where the key is absent.

        Raises:
            MetadataError: `invalid-field` where the value is no table.
        """
        value = self._values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong_kind(key, "a table")
        return Table(self.origin(key), value)

    def dig(self, *keys: str) -> "Table":
        """Return the table at the end of a path of keys; an empty one where the path ends early.

        Raises:
            MetadataError: `invalid-field` where a value on the path is no table.
        """
        table = self
        for key in keys:
            table = table.table(key)
        return table

    def string(self, key: str) -> Known[str] | None:
        """Return the string under a key; None where it is absent or empty.

        Raises:
            MetadataError: `invalid-field` where the value is no string.
        """
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.wrong_kind(key, "a string")
        return Known(value=value.strip(), origin=self.origin(key)) if value.strip() else None

    def strings(self, key: str) -> tuple[Known[str], ...] | None:
        """Return the list of strings under a key; None where it is absent.

        Raises:
            MetadataError: `invalid-field` where the value is no list of strings.
        """
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, list):
            raise self.wrong_kind(key, "a list of strings")
        found: list[Known[str]] = []
        for index, item in enumerate(value):
            if not isinstance(item, str):
                raise self.wrong_kind(key, "a list of strings")
            found.append(Known(value=item, origin=f"{self.origin(key)}/{index}"))
        return tuple(found)

    def wrong_kind(self, key: str, wanted: str) -> MetadataError:
        """Return the error for a value that should be `wanted`."""
        value = self._values.get(key)
        return MetadataError(
            "invalid-field",
            f"{key!r} must be {wanted}, not {value!r:.80}",
            where=self.origin(key),
        )


def read_pyproject(facts: SourceFacts) -> Table:
    """Return pyproject.toml's top table; an empty one where the source has no such file.

    Raises:
        MetadataError: `invalid-pyproject` where the file is too large, too deeply nested or no TOML.
    """
    text = facts.text(PYPROJECT)
    if text is None and not facts.has(PYPROJECT):
        return Table(f"{PYPROJECT}#", {})
    if text is None:
        raise MetadataError("invalid-pyproject", "it is too large, or no text", where=PYPROJECT)
    try:
        return Table(f"{PYPROJECT}#", parsed(text))
    except RecursionError:
        raise MetadataError(
            "invalid-pyproject", "its keys or values are nested too deeply", where=PYPROJECT
        ) from None
    except ValueError as error:
        # TOMLDecodeError, or the interpreter's refusal of a number with thousands of digits.
        raise MetadataError("invalid-pyproject", f"it is no valid TOML: {error}", where=PYPROJECT) from error

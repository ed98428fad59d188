"""Typed values out of a parsed configuration file; every complaint names the file and the key.

Complaints are gathered where values are read with `attempt`, and told together by `refuse`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from conda_bridge.errors import BridgeError, ConfigError

__all__ = ["Entry"]

T = TypeVar("T")
_MOST = 20
"""So many complaints are told of one file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One value of a configuration file, and where it stands."""

    value: Any
    """As the parser returned it."""
    file: str
    """The file's path, for complaints."""
    base: str
    """How origins begin: `conda-bridge.toml#`, `pyproject.toml#/tool/conda-bridge`."""
    keys: tuple[str, ...] = ()
    complaints: list[ConfigError] = field(default_factory=list, compare=False, repr=False)
    """What was found wrong so far, one list for all values of a file."""

    @property
    def origin(self) -> str:
        """The place as evidence names it: `conda-bridge.toml#/package/demo/noarch`."""
        escaped = (key.replace("~", "~0").replace("/", "~1") for key in self.keys)
        return "/".join((self.base, *escaped))

    def below(self, key: str, value: Any) -> "Entry":
        """Return a value inside this one."""
        return replace(self, value=value, keys=(*self.keys, key))

    def attempt(self, read: "Callable[[Entry], T]") -> T | None:
        """Return what `read` makes of this value; None where it is wrong, which is noted for `refuse`."""
        try:
            return read(self)
        except ConfigError as error:
            self.complaints.append(error)
            return None

    def refuse(self) -> None:
        """Refuse the file if anything in it is wrong.

        Raises:
            ConfigError: the only complaint, or one that lists them all.
        """
        if not self.complaints:
            return
        if len(self.complaints) == 1:
            raise self.complaints[0]
        slugs = {error.slug for error in self.complaints}
        more = [f"and {len(self.complaints) - _MOST} more"] if len(self.complaints) > _MOST else []
        lines = (
            f"{len(self.complaints)} settings are wrong:",
            *map(self._line, self.complaints[:_MOST]),
            *more,
        )
        raise ConfigError(
            slugs.pop() if len(slugs) == 1 else "invalid-config",
            "\n".join(lines),
            where=self.file,
            hint="a file is used whole or not at all",
        )

    def _line(self, error: ConfigError) -> str:
        key = (error.where or "").removeprefix(self.file).removeprefix(": ")
        return ": ".join(filter(None, (key, error.message))) + (f"; {error.hint}" if error.hint else "")

    def table(self) -> "dict[str, Entry]":
        """Return the values of a table.

        Raises:
            ConfigError: `invalid-config`.
        """
        if not isinstance(self.value, dict):
            raise self.wrong("a table")
        return {key: self.below(key, value) for key, value in self.value.items()}

    def fields(self, known: Iterable[str]) -> "dict[str, Entry]":
        """Return the values of a table with known keys; others are noted for `refuse`, with the nearest known one.

        Raises:
            ConfigError: `invalid-config`.
        """
        found, names = self.table(), tuple(known)
        self.complaints.extend(self._unknown(key, names) for key in found if key not in names)
        return {key: entry for key, entry in found.items() if key in names}

    def _unknown(self, key: str, known: tuple[str, ...]) -> ConfigError:
        import difflib  # noqa: PLC0415 - only a mistyped key needs it, and it costs milliseconds

        near = difflib.get_close_matches(key, known, n=1)
        hint = (
            f"did you mean {self.below(near[0], None).dotted!r}?"
            if near
            else f"known keys: {', '.join(known)}"
        )
        message = f"{self.below(key, None).dotted!r} is no setting"
        return ConfigError("unknown-key", message, where=self.file, hint=hint)

    @property
    def dotted(self) -> str:
        """The key as people write it."""
        return ".".join(self.keys)

    def items(self) -> "tuple[Entry, ...]":
        """Return the values of a list.

        Raises:
            ConfigError: `invalid-config`.
        """
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return tuple(self.below(str(number), value) for number, value in enumerate(self.value))

    def text(self) -> str:
        """Return a text that isn't empty.

        Raises:
            ConfigError: `invalid-config`.
        """
        if not isinstance(self.value, str) or not self.value:
            raise self.wrong("a text that isn't empty")
        return self.value

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts.

        Raises:
            ConfigError: `invalid-config`.
        """
        value = self.value
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.wrong("a list of texts")
        return tuple(value)

    def flag(self) -> bool:
        """Return true or false.

        Raises:
            ConfigError: `invalid-config`.
        """
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def wrong(self, expected: str) -> ConfigError:
        """Return the failure of a value that is of another kind than `expected`."""
        return ConfigError("invalid-config", f"needs {expected}, not {self.value!r:.200}", where=self.where)

    def refused(self, error: BridgeError) -> ConfigError:
        """Return the failure of a value for which another part of conda-bridge has no use."""
        return ConfigError("invalid-config", error.message, where=self.where)

    @property
    def where(self) -> str:
        """File and key, for complaints."""
        return f"{self.file}: {self.dotted}" if self.keys else self.file

"""Switches of a build: what makes it use the system's library in place of the copy that the source brings."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["SWITCH_FORMS", "Switch", "SwitchForm"]

SwitchForm = Literal["cmake", "meson", "env", "setup.py"]
SWITCH_FORMS: tuple[SwitchForm, ...] = ("cmake", "meson", "env", "setup.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One setting that the recipe passes to the build."""

    form: SwitchForm
    """How the build is told: `-DNAME=VALUE` of CMake or Meson, an environment variable, an option of setup.py."""
    name: str
    """As the build spells it: `USE_SYSTEM_ZLIB`, `system-freetype`, `--use-system-zlib`."""
    value: str = ""
    """`ON`, `true`, `1`; empty for a bare option of setup.py, whose name is all."""
    library: str
    """The key of the library that is in host for it."""
    origin: str

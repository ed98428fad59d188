"""What the packaged interpreter can install: its wheel tags and the environment that markers are evaluated in.

Both are computed for the interpreter that is made into a package, which need not be the one that runs us.

Source: PEP 425 and 600 (tags of platforms), PEP 508 (markers).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from packaging.tags import compatible_tags, cpython_tags

from conda_bridge.distributors.host.facts import HostFacts
from conda_bridge.translate.marker_environment import CPYTHON
from conda_bridge.translate.untrusted import admits

__all__ = ["Target", "target_of"]

_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
"""Minor version of glibc -> the older name of the tag that asks for it."""
_OLDEST_GLIBC = 5
_LONGEST_NAME = 255
_MACHINES = {"linux-64": "x86_64", "linux-aarch64": "aarch64", "linux-ppc64le": "ppc64le", "linux-32": "i686"}


@dataclass(frozen=True, kw_only=True)
class Target:
    """An interpreter on a platform."""

    python: str
    """Its full version: `3.11.7`."""
    subdir: str = "linux-64"
    glibc: str = "2.17"
    """The machine's; empty where there is none, so that only pure wheels suit."""

    @property
    def minor(self) -> tuple[int, int]:
        """`(3, 11)`."""
        major, minor = self.python.split(".")[:2]
        return int(major), int(minor)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """The tags of wheels that suit, the best first."""
        platforms = list(self._platforms())
        interpreter = f"cp{self.minor[0]}{self.minor[1]}"
        found = [*cpython_tags(self.minor, abis=[interpreter], platforms=platforms)]
        found += compatible_tags(self.minor, interpreter=interpreter, platforms=platforms)
        texts = dict.fromkeys(map(str, found))
        # Without platforms, packaging takes those of the interpreter that runs.
        return tuple(text for text in texts if platforms or text.endswith("-any"))

    def _platforms(self) -> Iterator[str]:
        machine = _MACHINES.get(self.subdir)
        major, _, minor = self.glibc.partition(".")
        if machine is None or major != "2" or not minor.isdigit():
            return
        yield f"linux_{machine}"
        for level in range(int(minor), _OLDEST_GLIBC - 1, -1):
            yield f"manylinux_2_{level}_{machine}"
            if level in _LEGACY:
                yield f"{_LEGACY[level]}_{machine}"

    @cached_property
    def markers(self) -> Mapping[str, str]:
        """The variables of environment markers."""
        return {
            **CPYTHON,
            "implementation_version": self.python,
            "os_name": "posix",
            "platform_machine": _MACHINES.get(self.subdir, self.subdir),
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": self.python,
            "python_version": f"{self.minor[0]}.{self.minor[1]}",
            "sys_platform": "linux",
            "extra": "",
        }

    def rank(self, filename: str) -> int | None:
        """Return how well a wheel suits, 0 best; None where it doesn't, or has no wheel's name.

        packaging's own parser expands every tag, which takes a second for a project of thousands of files.
        """
        parts = filename.removesuffix(".whl").rsplit("-", 3)
        # Each of the three parts may list many: of a name that no file can have, more than there is time for.
        if len(parts) != 4 or not filename.endswith(".whl") or len(filename) > _LONGEST_NAME:
            return None
        ranks = self._ranks
        found = [
            ranks.get(f"{python}-{abi}-{platform}")
            for python in parts[1].split(".")
            for abi in parts[2].split(".")
            for platform in parts[3].split(".")
        ]
        return min((rank for rank in found if rank is not None), default=None)

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {tag: rank for rank, tag in enumerate(self.tags)}

    def admits(self, requires_python: str) -> bool:
        """Tell whether a `Requires-Python` holds; text that is none forbids nothing, as installers have it."""
        return admits(requires_python, self.python)


def target_of(facts: HostFacts) -> Target:
    """Return what the interpreter of a machine can install."""
    return Target(python=facts.interpreter.version, subdir=facts.subdir, glibc=facts.glibc)

"""How pure wheels become noarch packages that anybody may install."""

from dataclasses import dataclass

__all__ = ["DEFAULT_LEVEL", "FAST_LEVEL", "PackageSetting"]

DEFAULT_LEVEL = 19
"""Of zstd: what packages that many download are compressed with."""
FAST_LEVEL = 9
"""Large wheels take 6 to 8 times less, reading them included, for packages 6 to 20 % larger; small ones take as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSetting:
    """How the packages are written."""

    level: int = DEFAULT_LEVEL
    """Of zstd, for the payload."""
    is_widened: bool = False
    """True: one package, whose dependencies are those that some platform or python needs; else one for each case."""
    timestamp_ms: int = 0
    """When the packages were made; 0: when the wheel's newest file was."""
    build_number: int = 0

"""Pinning files on disk -> the variants of one platform, migrations included.

Beside a pinning file lie its migrations, in the folder `migrations` or, as the package `conda-forge-pinning` has them,
in `share/conda-forge/migrations`. Those for all packages are applied; which of the others a package gets is decided
package by package, so that they must be named. A feedstock's rendered variants (`.ci_support`) have theirs applied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conda_bridge.errors import ConfigError
from conda_bridge.formats.pinning import read_migration, read_pinning
from conda_bridge.formats.selector_values import SelectorWorld, selector_world
from conda_bridge.model.codes import finding
from conda_bridge.model.diagnostic import Diagnostic
from conda_bridge.model.evidence import Inferred
from conda_bridge.model.variants import Migration, VariantConfig
from conda_bridge.translate.migrations import apply_migrations, is_for_all

__all__ = ["MIGRATION_FOLDERS", "PINNING_FILE", "PinningQuestion", "read_variants"]

PINNING_FILE = "conda_build_config.yaml"
MIGRATION_FOLDERS = ("migrations", "share/conda-forge/migrations")
_RENDERED = ".ci_support"
_MAX_BYTES = 2_000_000
_MOST_TOLD = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PinningQuestion:
    """What is asked of a pinning file."""

    subdir: str
    build_platform: str = ""
    """Empty means the same."""
    environment: tuple[tuple[str, str], ...] = ()
    """(name, value) of variables that selectors ask for, beside those that are always known."""
    migrations: tuple[str, ...] = ()
    """Paths of migrations that are applied, too."""


def read_variants(path: Path, question: PinningQuestion) -> Inferred[VariantConfig]:
    """Return what a pinning file gives on one platform.

    Raises:
        ConfigError: `invalid-pinning`.
    """
    pinning = read_pinning(_text(path), _world(question), path=str(path))
    beside = tuple(_migration(one, question) for one in _beside(path))
    named = tuple(_migration(Path(one), question) for one in question.migrations)
    chosen = {one.name: one for one in (*filter(is_for_all, beside), *named)}
    values = dict(pinning.values)
    try:
        before = VariantConfig(
            values=tuple(sorted(values.items())), zip_keys=_known(pinning.zip_keys, values)
        )
        after = apply_migrations(before, chosen.values())
    except ValueError as error:
        hint = "give keys that go together equally many values, or leave them out of zip_keys"
        raise ConfigError("invalid-pinning", str(error), where=str(path), hint=hint) from error
    left = tuple(one for one in beside if one.name not in chosen)
    return Inferred(value=after, diagnostics=(*pinning.diagnostics, *_left_out(left, path)))


def _world(question: PinningQuestion) -> SelectorWorld:
    """Return what conda-forge's selectors ask for: without CUDA, on the newest image, unless said otherwise."""
    build_platform = question.build_platform or question.subdir
    known: Mapping[str, str] = {
        "CF_CUDA_ENABLED": "False",
        "BUILD_PLATFORM": build_platform,
        "DEFAULT_LINUX_VERSION": "alma10",
        **dict(question.environment),
    }
    return selector_world(question.subdir, build_platform=build_platform, environment=known)


def _beside(path: Path) -> tuple[Path, ...]:
    folder = path.absolute().parent
    if folder.name == _RENDERED:
        return ()
    return tuple(
        one for name in MIGRATION_FOLDERS for one in sorted((folder / name).glob("*.yaml")) if one.is_file()
    )


def _migration(path: Path, question: PinningQuestion) -> Migration:
    return read_migration(_text(path), _world(question), name=path.stem, path=str(path))


def _known(
    groups: Sequence[tuple[str, ...]], values: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, ...], ...]:
    """Return the groups without keys that have no value on this platform."""
    kept = (tuple(key for key in group if key in values) for group in groups)
    return tuple(group for group in kept if len(group) > 1)


def _left_out(migrations: Sequence[Migration], path: Path) -> tuple[Diagnostic, ...]:
    if not migrations:
        return ()
    names = [one.name for one in migrations]
    more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
    message = f"not applied: {', '.join(names[:_MOST_TOLD])}{more}"
    return (finding("migrations-left", message, origin=str(path)),)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError("invalid-pinning", f"it has more than {_MAX_BYTES:,} bytes", where=str(path))
        return path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"can't be read: {error.strerror}"
        hint = "check the path; it is relative to the folder that you are in"
        raise ConfigError("invalid-pinning", message, where=str(path), hint=hint) from error
    except UnicodeDecodeError as error:
        raise ConfigError("invalid-pinning", f"is no UTF-8: {error}", where=str(path)) from error
